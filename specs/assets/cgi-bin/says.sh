#!/bin/sh
# Does what the query asks for, one thing after the other: say=OCTAL, three digits for a byte; dots=N, so many dots;
# wait=SECONDS; close=, its output; kill=N, itself by that signal; exit=N.

IFS='&'
set -f
for thing in $QUERY_STRING; do
    value=${thing#*=}
    case $thing in
        say=*) printf '%b' "$(printf '%s\n' "$value" | sed 's/.../\\0&/g')" ;;
        dots=*) dd if=/dev/zero bs="$value" count=1 2>/dev/null | tr '\000' . ;;
        wait=*) sleep "$value" ;;
        close=*) exec >&- ;;
        kill=*) kill "-$value" $$ ;;
        exit=*) exit "$value" ;;
    esac
done
