#!/usr/bin/env bash
# A study by 4 ranks of MPI beside the same study by --jobs 2: seconds and CPU
# seconds, medians of ROUNDS rounds in turn, and whether the results are the same
# to the last bit.
#
#   bench/mpi.sh BUILD [option of taper compare cartpole...]
set -euo pipefail

build=$(realpath "${1:?usage: bench/mpi.sh BUILD [option...]}")
shift
rounds=${ROUNDS:-3}
if ! command -v mpirun >/dev/null || [ ! -e "$build/taper-mpi.so" ]; then
    echo 'mpi: not measured, there is no mpirun or the build has no MPI'
    exit 0
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"

median() { sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }

# measure NAME COMMAND...: adds "seconds CPU-seconds" to NAME.times.
measure() {
    local name=$1 TIMEFORMAT='%R %U %S'
    shift
    { time "$@" >"$name.out" 2>"$name.err"; } 2>"$name.time" ||
        { cat "$name.err" >&2; exit 1; }
    awk '{print $1, $2 + $3}' "$name.time" >>"$name.times"
}

compare=("$build/taper" compare cartpole --seeds 8
    --schedule 'cosine=cosine(2e-3, 0)' --schedule constant=2e-3 "$@")
# Role, schedule, peak, budget, seed, state, metric of every trial.
results() { "$build/taper" study export "$1" | cut -d, -f2-8 | sort; }

same=yes
for ((i = 0; i < rounds; i++)); do
    measure jobs "${compare[@]}" --jobs 2 --db "jobs$i.db"
    measure ranks mpirun --oversubscribe -n 4 "${compare[@]}" \
        --db "ranks$i.db"
    [ "$(results "jobs$i.db")" = "$(results "ranks$i.db")" ] || same=no
done

printf '\n| %s | %s | %s | %s |\n|---|---|---|---|\n' \
    'taper compare cartpole, 2 schedules, 8 seeds' '4 ranks' '--jobs 2' ratio
for column in 1 2; do
    a=$(awk -v c=$column '{print $c}' ranks.times | median)
    b=$(awk -v c=$column '{print $c}' jobs.times | median)
    [ $column = 1 ] && what=seconds || what='CPU seconds'
    printf '| %s | %s | %s | %s |\n' "$what" "$a" "$b" "$(ratio "$a" "$b")"
done
echo
echo "the same results to the last bit: $same"
[ "$same" = yes ]
