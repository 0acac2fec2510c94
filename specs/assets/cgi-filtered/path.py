# Answers its own name, as the interpreter was given it.

import sys

sys.stdout.write("Content-Type: text/plain\n\n" + sys.argv[0] + "\n")
