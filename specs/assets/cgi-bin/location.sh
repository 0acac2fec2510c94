#!/bin/sh
# A client redirect: nothing but an absolute Location (RFC 3875 section 6.2.3).

printf 'Location: http://www.example.org/elsewhere\n\n'
