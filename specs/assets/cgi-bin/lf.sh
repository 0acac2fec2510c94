#!/bin/sh
# Ends its header lines with LF, and then has a CRLF pair in its body.

printf 'Content-Type: text/plain\nX-Web60: lf\n\nabove\r\n\r\nbelow\n'
