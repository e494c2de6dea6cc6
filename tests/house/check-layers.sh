#!/bin/sh
# Checks every #include below src/, include/ and examples/ against layers.txt,
# the table of docs/architecture.md in a form that a program can read.
#
# usage: check-layers.sh ROOT [TABLE]
#
# Prints file:line and what is not allowed; exits 1 if there was anything, 2 if
# it could not be checked.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
table=${2:-"$here/layers.txt"}
cd "$1"
[ -r "$table" ] || { echo "check-layers: cannot read $table" >&2; exit 2; }

files=$(find include src examples -name '*.[ch]' 2>/dev/null | LC_ALL=C sort)
[ -n "$files" ] || { echo "check-layers: no sources in $(pwd)" >&2; exit 2; }

# shellcheck disable=SC2086  # no source file has a space in its name
awk '
function complain(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    bad = 1
}

# The folder of the table that a file lives in: "src/nn", "include".
function folder_of(path,    parts, n) {
    n = split(path, parts, "/")
    return parts[1] == "src" && n > 2 ? parts[1] "/" parts[2] : parts[1]
}

# Does one of the sets of `folder` hold `header`? "sys/*" stands for a folder.
function holds(folder, header,    names, n, i, dir) {
    dir = header
    sub(/\/[^\/]*$/, "/*", dir)
    n = split(sets[folder], names, " ")
    for (i = 1; i <= n; i++)
        if ((names[i], header) in member || (names[i], dir) in member)
            return 1
    return 0
}

function check_system(folder, header) {
    if (holds(folder, header)) return
    if ((folder, header) in only) {
        if (only[folder, header] == "") only[folder, header] = FILENAME
        if (only[folder, header] == FILENAME) return
        complain("<" header "> is for one file of " folder ", and " \
            only[folder, header] " is the one")
        return
    }
    complain(folder " may not include <" header ">")
}

function check_own(folder, header,    target) {
    if (header !~ /\// || header ~ /\.\./) {
        complain("\"" header "\" is not written as folder/file.h below src/")
        return
    }
    target = header
    sub(/\/.*/, "", target)
    target = "src/" target
    if (target != folder && !((folder, target) in allowed))
        complain(folder " may not include " target ": \"" header "\"")
}

FILENAME == ARGV[1] {
    if ($1 == "set") {
        for (i = 3; i <= NF; i++) member[$2, $i] = 1
    } else if ($1 == "only") {
        only[$2, $3] = ""
    } else if ($1 == "layer") {
        split($0, column, "|")
        sets[$2] = column[3]
        n = split(column[2], names, " ")
        for (i = 1; i <= n; i++) allowed[$2, names[i]] = 1
    }
    next
}

FNR == 1 {
    folder = folder_of(FILENAME)
    if (!(folder in sets)) complain(folder " is not in the table of layers")
}

folder in sets && /^[ \t]*#[ \t]*include/ {
    name = $0
    if (name ~ /</) {
        sub(/^[^<]*</, "", name)
        sub(/>.*/, "", name)
        check_system(folder, name)
    } else if (name ~ /"/) {
        sub(/^[^"]*"/, "", name)
        sub(/".*/, "", name)
        check_own(folder, name)
    } else {
        complain("an include that is a macro cannot be checked")
    }
}

END { exit bad }
' "$table" $files
