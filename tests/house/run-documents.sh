#!/bin/sh
# Runs the commands that the documents show, and compares what they show.
#
# usage: run-documents.sh BUILD DOCUMENT...
#
# A fence that opens with ```sh run is a script; `sh run NAME...` needs these
# commands and is passed over where one is missing. A ```text fence right after
# it is what the script prints. Every document gets an empty folder of its own,
# where its scripts run one after the other with BUILD first in PATH, so a file
# that one makes is there for the next. Fences marked otherwise are for reading.
#
# Exits 1 if a script fails or prints something else, 77 if no script ran.
set -u

build=$(cd "$1" && pwd) || exit 2
shift
PATH=$build:$PATH
export PATH
# Terminal output is for a pipe of a known width, whatever called the test.
unset COLUMNS LINES TERM 2>/dev/null
LC_ALL=C.UTF-8
export LC_ALL

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
ran=0
failed=0

# Writes N.sh, N.needs, N.line and N.text for the Nth script of a document.
split_fences() {
    awk -v out="$2" '
    function finish() { if (file) close(file); file = "" }
    /^```/ {
        if (inside) {
            inside = 0
            finish()
            next
        }
        inside = 1
        file = ""
        if ($1 == "```sh" && $2 == "run") {
            n++
            needs = ""
            for (i = 3; i <= NF; i++) needs = needs " " $i
            print needs > (out "/" n ".needs")
            print FNR > (out "/" n ".line")
            file = out "/" n ".sh"
            printf "" > file
            last = FNR
            fresh = 1
        } else if ($1 == "```text" && fresh) {
            file = out "/" n ".text"
            printf "" > file
            fresh = 0
        } else {
            fresh = 0
        }
        next
    }
    inside && file { print > file; next }
    !inside && NF { fresh = 0 }
    END { if (inside) { print "a fence is not closed"; exit 1 } }
    ' "$1"
}

have_all() {
    for name; do
        command -v "$name" >/dev/null 2>&1 || return 1
    done
}

run_script() {
    document=$1 base=$2 folder=$3
    where=$document:$(cat "$base.line")
    # shellcheck disable=SC2046  # the words are names of commands
    if ! have_all $(cat "$base.needs"); then
        echo "passed over, needs$(cat "$base.needs"): $where"
        return
    fi
    ran=$((ran + 1))
    (cd "$folder" && sh -eu "$base.sh") >"$base.got" 2>"$base.err" </dev/null
    code=$?
    if [ "$code" != 0 ]; then
        echo "$where: the commands end with $code"
        cat "$base.got" "$base.err"
        failed=1
    elif [ -e "$base.text" ] && ! cmp -s "$base.text" "$base.got"; then
        echo "$where: the document shows (-) something else than they print (+)"
        diff -u "$base.text" "$base.got"
        failed=1
    fi
}

index=0
for document; do
    index=$((index + 1))
    mkdir -p "$scratch/$index/fences" "$scratch/$index/folder"
    split_fences "$document" "$scratch/$index/fences" ||
        { echo "$document: cannot be read"; failed=1; }
    i=1
    while [ -e "$scratch/$index/fences/$i.sh" ]; do
        run_script "$document" "$scratch/$index/fences/$i" \
            "$scratch/$index/folder"
        i=$((i + 1))
    done
done

[ "$failed" = 0 ] || exit 1
[ "$ran" != 0 ] || { echo "skipped: no script ran"; exit 77; }
echo "$ran scripts ran"
