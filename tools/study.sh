#!/bin/sh
# make study: do the article's schedules suit the tasks it gives them to?
#
# usage: study.sh [BUILD [image|text|cartpole]...]
#
# On each of the three tasks the article's decays and four others, each at the
# best of several peaks, with enough seeds to say something; then the report and
# the trials as CSV. The stores stay in studies/; the same command goes on where
# it was stopped. Without the names of tasks: all three. docs/studies/ holds what
# this gave, and what it means.
#
# TREC-6 (a folder with train.tsv and test.tsv) is looked for in the data folder
# (TAPER_DATA) as text/trec; without it the texts are left out.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
taper=$build/taper
[ $# = 0 ] || shift
[ $# != 0 ] || set -- cartpole text image
trec=${TAPER_DATA:-$HOME/.local/share/taper}/text/trec

mkdir -p studies
schedules=studies/schedules.txt
cat >"$schedules" <<'END'
# the article's three decays
cosine      = cosine(1, 0, 100%)
polynomial  = poly(1, 0, 100%, power=3)
exponential = exp(1, 0.01, 100%)
# what else people use
linear      = linear(1, 0, 100%)
wsd         = wsd(1, decay=20%)
onecycle    = onecycle(1)
constant    = 1
END

# study TASK DATA OPTION...: runs or goes on with a study, then reports it.
study() {
    task=$1
    db=studies/$task.db
    shift
    echo "== $task"
    "$taper" compare "$task" --schedules "$schedules" --db "$db" "$@"
    for format in html md; do
        "$taper" report "$db" -o "studies/$task.$format"
    done
    "$taper" study export "$db" -o "studies/$task.csv"
    for figure in intervals peaks curves; do
        "$taper" report "$db" --figure "$figure" -o "studies/$task-$figure.png"
    done
}

for name; do
    case $name in
    cartpole)
        study cartpole --budget 30000,100000 --peak 3e-4,1e-3,3e-3,1e-2 \
            --peak-seeds 5 --seeds 20
        ;;
    text)
        if [ -e "$trec" ]; then
            study text --data "$trec" --peak 1e-4,3e-4,1e-3,3e-3,1e-2 --peak-seeds 3 \
                --seeds 10 --eval-every 0
        else
            echo "== text: left out, no TREC-6 in $trec" >&2
        fi
        ;;
    image)
        study image --limit 15000 --budget 2 --eval-every 0 \
            --peak 7e-4,2e-3,6e-3,1.8e-2,5.4e-2 --peak-seeds 1 --seeds 5
        ;;
    *)
        echo "study: there is no task '$name': image, text, cartpole" >&2
        exit 2
        ;;
    esac
done
