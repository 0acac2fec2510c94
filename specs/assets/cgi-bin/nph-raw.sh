#!/bin/sh
# Prints a whole HTTP answer, as a script does whose header nobody parses (RFC 3875 section 5).

printf 'HTTP/1.0 299 Raw\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nraw\n'
