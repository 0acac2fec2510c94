#!/bin/sh
# Breaks the rules: words where the header belongs, and more of them behind a blank line.

printf 'just words\n\nand no header\n'
