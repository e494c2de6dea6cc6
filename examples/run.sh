#!/bin/sh
# usage: run.sh PROGRAM EXPECTED: fails unless the program ends well and prints
# what the file holds.
set -u
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$1" >"$out" || { echo "$1 ends with $?"; exit 1; }
diff -u "$2" "$out"
