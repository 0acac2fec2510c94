#!/bin/sh
# Sets two cookies, in two fields.

printf 'Content-Type: text/plain\nSet-Cookie: first=1; Path=/\nSet-Cookie: second=2; Path=/\n\ntwo cookies\n'
