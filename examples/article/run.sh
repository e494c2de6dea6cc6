# Shared by the scripts of this folder: two runs of one task, first under the
# schedule as the article prints it, then under a better one.
#
#   TAPER   the program (taper)
#   OUT     where the runs go (runs/article-TASK)
#
# Further words go to both runs: --epochs 1 --limit 1000 for a quick look.
set -eu
taper=${TAPER:-taper}

# both TASK PRINTED BETTER OPTION...: a run that diverges is a result, not an
# end.
both() {
    task=$1 printed=$2 better=$3
    shift 3
    out=${OUT:-runs/article-$task}
    one "as printed: adam, $printed" "$out/printed" --optimizer adam \
        --schedule "$printed" "$@"
    one "better: $better" "$out/better" --schedule "$better" "$@"
    echo "pictures: $out/printed/curves.png $out/better/curves.png"
}

one() {
    echo "== $1"
    folder=$2
    shift 2
    status=0
    "$taper" train "$task" --out "$folder" "$@" || status=$?
    [ "$status" -le 1 ] || exit "$status"
    [ -s "$folder/summary.json" ] || exit 1
}
