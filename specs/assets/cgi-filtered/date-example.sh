echo "Content-Type: text/plain"
echo
/bin/date
