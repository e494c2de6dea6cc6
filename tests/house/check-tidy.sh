#!/bin/sh
# Runs clang-tidy, with the checks of .clang-tidy, over the sources that a
# build compiles.
#
# usage: check-tidy.sh ROOT BUILD [JOBS]
#
# Skipped (77) where clang-tidy is missing.
set -eu
cd "$1"
build=$2
jobs=${3:-2}

command -v clang-tidy >/dev/null 2>&1 ||
    { echo "skipped: clang-tidy not found"; exit 77; }
[ -r "$build/compile_commands.json" ] ||
    { echo "no $build/compile_commands.json: configure first" >&2; exit 2; }

# One file for each entry, and no tests: what ships is what is read. What a build
# generates is not there before it.
sed -n "s|^ *\"file\": \"\($(pwd -P)/src/[^\"]*\)\".*|\1|p" \
    "$build/compile_commands.json" |
    LC_ALL=C sort -u |
    xargs -P "$jobs" -n 4 clang-tidy --quiet --warnings-as-errors='*' \
        -p "$build" 2>/dev/null
