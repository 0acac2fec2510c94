#!/there/is/no/such/interpreter
# Cannot be run: nothing has the name that its first line gives.

printf 'Content-Type: text/plain\n\nit ran\n'
