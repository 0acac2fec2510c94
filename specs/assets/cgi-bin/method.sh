#!/bin/sh
# Answers the method in a field, for HEAD has no body to say it in, and in its body.

printf 'Content-Type: text/plain\nX-Web60-Method: %s\n\n%s\n' "$REQUEST_METHOD" "$REQUEST_METHOD"
