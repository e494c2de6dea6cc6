#!/bin/sh
# Do the links of the documents that point into the project lead to a file?
#
# usage: check-links.sh ROOT
set -eu
cd "$1"
status=0
for document in *.md docs/*.md; do
    folder=$(dirname "$document")
    targets=$(sed 's/](/\n](/g' "$document" |
        sed -n 's/^](\([^)#]*\)[)#].*/\1/p' | grep -v '^[a-z]*:' || :)
    for target in $targets; do
        [ -e "$folder/$target" ] && continue
        echo "$document: no file for the link $target"
        status=1
    done
done
exit $status
