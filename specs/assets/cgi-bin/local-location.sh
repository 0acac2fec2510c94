#!/bin/sh
# A local redirect: nothing but the path of another script beside this one (RFC 3875 section 6.2.2).

printf 'Location: %s/status.sh\n\n' "${SCRIPT_NAME%/*}"
