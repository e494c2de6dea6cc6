#!/usr/bin/env bash
# How near the peaks that `taper find` suggests come to the best peak of a full
# sweep by `taper compare`: the table of docs/find.md.
#
#   bench/find.sh BUILD [cartpole|reinforce|text|text-sgd|image|image-sgd...]
#                                           (default: cartpole text image)
#
# The sweep trains linear(PEAK, 0) with peaks that lie a factor of 2 apart, and
# with seeds that find has not seen, as long as it says below: a quarter of an
# hour for the default on two CPUs. TREC names a folder with TREC-6 as train.tsv
# and test.tsv; the rows of texts are left out without it. The studies stay in
# the folder STUDIES, if that is given, so that another run has only to read
# them.
#
# An agent's return at the end of training is 500 over a wide range of peaks;
# what it returned in the last hundred episodes while it learnt, in a run that
# is just long enough to learn, tells peaks apart.
set -euo pipefail

build=${1:?usage: bench/find.sh BUILD [part...]}
shift
parts=${*:-cartpole text image}
taper=$(cd "$build" && pwd)/taper
studies=${STUDIES:-$(mktemp -d)}
mkdir -p "$studies"
[ -n "${STUDIES:-}" ] || trap 'rm -rf "$studies"' EXIT
met=0 missed=0

# A number of JSON that stands on a line of its own: the first of that name.
number() { sed -n 's/^[[:space:]]*"'"$1"'":[[:space:]]*\([-0-9.e]*\),*$/\1/p' | head -n 1; }

# Two rates as how many times the larger one is the smaller.
factor() { awk -v a="$1" -v b="$2" 'BEGIN {r = a / b; printf "%.2g", r < 1 ? 1 / r : r}'; }

# The rate of the rule `tenth`.
tenth() { awk '/"tenth"/ {found = 1} found && /"rate"/ {gsub(/[^-0-9.e]/, "", $2); print $2; exit}'; }

# row NAME PEAKS PEAK_SEEDS BUDGET OPTION...: the last ones are of the task, for
# both commands.
row() {
    local name=$1 peaks=$2 seeds=$3 budget=$4 found best midway ratio
    shift 4
    local metric=()
    [ "$1" = cartpole ] && metric=(--metric episode_return --maximize)
    found=$("$taper" find "$@" --json) || true
    "$taper" compare "$@" "${metric[@]}" --schedule 'linear(1, 0)' \
        --peak "$peaks" --peak-seeds "$seeds" --seeds 1 --budget "$budget" \
        --db "$studies/$name.db" --json >"$studies/$name.json"
    best=$(number best_peak <"$studies/$name.json")
    midway=$(number suggestion <<<"$found")
    ratio=$(factor "$midway" "$best")
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$name" "$midway" \
        "$best" "$ratio" "$(tenth <<<"$found")" \
        "$(factor "$(tenth <<<"$found")" "$best")" \
        "$(number seconds <<<"$found" | sed 's/\(\.[0-9]\).*/\1/')"
    if awk -v r="$ratio" 'BEGIN {exit !(r <= 3)}'; then
        met=$((met + 1))
    else
        missed=$((missed + 1))
    fi
    # What every peak came to.
    awk '/"peak":/ {p = $2 + 0} /"diverged":/ {d = $2 + 0}
        /"mean":/ {m = $2} /"best":/ {printf "    %s: %.4g%s\n", p, m,
        d ? " (" d " diverged)" : ""}' "$studies/$name.json" >&2
}

part_cartpole() {
    row cartpole 5e-4,1e-3,2e-3,4e-3,8e-3,1.6e-2,3.2e-2 8 40k cartpole
}

part_reinforce() {
    row reinforce 1e-3,2e-3,4e-3,8e-3,1.6e-2,3.2e-2,6.4e-2,0.128 5 400 \
        cartpole --algorithm reinforce
}

texts() {
    local name=$1 peaks=$2
    shift 2
    if [ -z "${TREC:-}" ]; then
        echo "$name: not measured, TREC names no folder"
        return
    fi
    row "$name" "$peaks" 3 3 text --data "$TREC" "$@"
}

part_text() { texts text 2.5e-4,5e-4,1e-3,2e-3,4e-3,8e-3,1.6e-2,3.2e-2; }
part_text-sgd() {
    texts text-sgd 5e-3,1e-2,2e-2,4e-2,8e-2,0.16,0.32 --optimizer sgd
}

part_image() {
    row image 5e-4,1e-3,2e-3,4e-3,8e-3,1.6e-2,3.2e-2 2 0.5 image
}
part_image-sgd() {
    row image-sgd 5e-3,1e-2,2e-2,4e-2,8e-2,0.16 2 0.5 image --optimizer sgd
}

printf '| %s | %s | %s | %s | %s | %s | %s |\n|---|---|---|---|---|---|---|\n' \
    task midway 'best peak' factor tenth factor 'find, s'
for part in $parts; do
    "part_$part"
done
echo
echo "within a factor of 3: $met of $((met + missed))"
[ "$missed" = 0 ]
