#!/bin/sh
# Sets the status (RFC 3875 section 6.3.3).

printf 'Status: 402 Payment Required\nContent-Type: text/plain\n\nplease pay\n'
