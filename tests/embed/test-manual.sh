#!/bin/sh
# Are the pages of the manual without a fault that mandoc or man finds, and has
# every task of taper train its section, and every name of taper.h its place?
#
# usage: test-manual.sh ROOT FOLDER CC
#
# FOLDER holds taper.3, and taper.1 where there is a program. Skipped (77)
# without mandoc and man.
set -eu

root=$1
folder=$2
cc=$3
checked=0
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT

for page in "$folder"/taper.[13]; do
    [ -r "$page" ] || continue
    # Pages have a version and no date.
    if command -v mandoc >/dev/null 2>&1; then
        checked=$((checked + 1))
        mandoc -T lint -W warning "$page" | grep -v 'missing date' \
            >"$scratch" || :
        [ ! -s "$scratch" ] || { cat "$scratch"; exit 1; }
    fi
    if man --version 2>/dev/null | grep -q '^man 2'; then
        checked=$((checked + 1))
        LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" \
            >/dev/null 2>"$scratch" || :
        [ ! -s "$scratch" ] || { cat "$scratch"; exit 1; }
    fi
done
[ "$checked" -gt 0 ] || { echo "skipped: neither mandoc nor man"; exit 77; }

# A build without taper train says so under its name, and has no tasks.
if grep -q '^.B taper train TASK' "$folder/taper.1" 2>/dev/null; then
    for task in image text cartpole; do
        grep -q "^[.]SS train $task\$" "$folder/taper.1" ||
            { echo "taper.1 does not tell of train $task"; exit 1; }
    done
fi

"$cc" -E -P -std=c11 -DTAPER_API=TAPER_EXPORTED "$root/include/taper.h" |
    awk 'BEGIN { RS = ";" } /TAPER_EXPORTED/ {
        sub(/.*TAPER_EXPORTED/, ""); sub(/[ \n]*\(.*/, "")
        sub(/.*[ \n*]/, ""); print }' >"$scratch"
[ -s "$scratch" ]
while read -r name; do
    grep -q "[ *]$name(" "$folder/taper.3" ||
        { echo "taper.3 does not tell of $name"; exit 1; }
done <"$scratch"
echo "$checked checks, $(wc -l <"$scratch") names"
