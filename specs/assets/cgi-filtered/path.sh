# Answers its own name, as the interpreter was given it.

printf 'Content-Type: text/plain\n\n%s\n' "$0"
