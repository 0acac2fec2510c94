#!/bin/sh
# Ends its header lines with CRLF, and then has an LF pair in its body.

printf 'Content-Type: text/plain\r\nX-Web60: crlf\r\n\r\nabove\n\nbelow\n'
