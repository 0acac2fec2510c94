#!/bin/sh
# Answers `variables`, and then those that it was given, one NAME=value a line.
#
# Only what RFC 3875 section 4.1 defines, and three that are usual besides: the rest of the environment is the
# server's own affair, and may hold secrets.

printf 'Content-Type: text/plain\n\nvariables\n'
env | LC_ALL=C sed -n \
    -e '/^AUTH_TYPE=/p' \
    -e '/^CONTENT_[LT]/p' \
    -e '/^GATEWAY_INTERFACE=/p' \
    -e '/^HTTP_/p' \
    -e '/^HTTPS=/p' \
    -e '/^PATH_[IT]/p' \
    -e '/^QUERY_STRING=/p' \
    -e '/^REMOTE_/p' \
    -e '/^REQUEST_METHOD=/p' \
    -e '/^REQUEST_URI=/p' \
    -e '/^SCRIPT_FILENAME=/p' \
    -e '/^SCRIPT_NAME=/p' \
    -e '/^SERVER_/p'
