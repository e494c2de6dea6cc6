#!/bin/sh
# Does run-documents.sh notice a document that does not tell the truth?
#
# usage: test-run-documents.sh ROOT
set -u

run=$1/tests/house/run-documents.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

# expect CODE TEXT: a document of that text must end with that status.
expect() {
    printf '%b' "$2" >"$scratch/page.md"
    "$run" "$scratch" "$scratch/page.md" >"$scratch/out" 2>&1
    code=$?
    [ "$code" = "$1" ] && return
    echo "status $code instead of $1 for:"
    cat "$scratch/page.md" "$scratch/out"
    status=1
}

expect 0 '```sh run\necho a\n```\n'
expect 0 '```sh run\necho a\n```\n\n```text\na\n```\n'
expect 1 '```sh run\necho a\n```\n\n```text\nb\n```\n'
expect 1 '```sh run\necho a\n```\n\n```text\n```\n'
expect 1 '```sh run\nfalse\necho a\n```\n'
expect 1 '```sh run\necho $unset\n```\n'
expect 1 '```sh run\necho a\n```\n```sh run\nfalse\n```\n'
expect 0 '```sh run\necho a > f\n```\n```sh run\ncat f\n```\n```text\na\n```\n'
expect 0 '```sh run\necho a\n```\nProse.\n```text\nb\n```\n'
expect 77 '```sh\nfalse\n```\n'
expect 77 '```sh run no-such-command\nfalse\n```\n'
expect 1 '```sh run\necho a\n'
exit $status
