#!/bin/sh
# A client redirect with a document and a status of its own (RFC 3875 section 6.2.4).

printf 'Location: http://www.example.org/elsewhere\nStatus: 303 See Other\nContent-Type: text/plain\n\nsee there\n'
