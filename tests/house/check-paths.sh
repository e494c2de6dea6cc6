#!/bin/sh
# Does a file of the project name the machine that it was made on?
#
# usage: check-paths.sh ROOT BUILD
#
# Looks for home folders of any machine and for the very folders that this
# source and this build lie in.
set -u
cd "$1" || exit 2
root=$(pwd)
build=$2

# What git would commit: tracked files, and new ones that it does not ignore.
if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files -z --cached --others --exclude-standard
else
    find . -path ./build -prune -o -type f -print0
fi >"${TMPDIR:-/tmp}/taper-files.$$"
trap 'rm -f "${TMPDIR:-/tmp}/taper-files.$$"' EXIT

# The brackets keep this file from finding itself.
found=$(xargs -0 grep -nIE \
    -e '(^|[^A-Za-z0-9_.])/([h]ome|[r]oot|[U]sers|[w]ork)/[A-Za-z.]' \
    -- /dev/null <"${TMPDIR:-/tmp}/taper-files.$$" 2>/dev/null
    # A source folder such as /src would be found in honest text.
    for folder in "$root" "$build"; do
        [ ${#folder} -gt 8 ] || continue
        xargs -0 grep -nIF -e "$folder" \
            -- /dev/null <"${TMPDIR:-/tmp}/taper-files.$$" 2>/dev/null
    done)
[ -z "$found" ] && exit 0
echo "$found"
exit 1
