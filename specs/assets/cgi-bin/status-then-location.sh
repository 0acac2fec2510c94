#!/bin/sh
# The same as location-then-status.sh; the order is not significant (RFC 3875 section 6.2).

printf 'Status: 303 See Other\nLocation: http://www.example.org/elsewhere\nContent-Type: text/plain\n\nsee there\n'
