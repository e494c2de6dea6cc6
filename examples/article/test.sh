#!/bin/sh
# usage: test.sh TASK TAPER: runs the script of one task on very little, and
# fails unless both runs leave a summary and the rate that the text says.
# Status 77 where the data are not installed.
set -eu
task=$1
TAPER=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
OUT=$(mktemp -d)
export TAPER OUT
trap 'rm -rf "$OUT"' EXIT

case $task in
images)
    "$TAPER" train image --limit 2 --epochs 1 --out "$OUT/probe" >/dev/null 2>&1 ||
        { echo "skipped: Fashion-MNIST is not installed"; exit 77; }
    set -- --limit 256 --epochs 2
    ;;
text)
    # A set of its own, so that the test needs none.
    DATA=$OUT/texts.tsv
    export DATA
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        printf 'good\tthe %s sun shines\nbad\tno %s rain falls\n' "$i" "$i"
    done >"$DATA"
    set -- --epochs 2 --batch 8
    ;;
cartpole)
    set -- --env-steps 2048
    ;;
esac

cd "$OUT"
"$here/$task.sh" "$@"
for run in printed better; do
    grep -q '"schedule"' "$OUT/$run/summary.json"
done
first=$(sed -n 2p "$OUT/printed/metrics.csv" | cut -d, -f3)
[ "$first" = 0.1 ] || { echo "the first rate is $first, not 0.1"; exit 1; }
