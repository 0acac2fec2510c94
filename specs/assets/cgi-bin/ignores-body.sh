#!/bin/sh
# Answers without reading one byte of its body (RFC 3875 section 4.2: it is not obliged to).

printf 'Content-Type: text/plain\n\nignored\n'
