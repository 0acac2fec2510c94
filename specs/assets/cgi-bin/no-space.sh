#!/bin/sh
# Has no whitespace behind its colons: it is permitted there, not demanded (RFC 3875 section 6.3).

printf 'Status:402 Payment Required\nContent-Type:text/plain\nX-Web60:tight\n\ntight\n'
