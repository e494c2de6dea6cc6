#!/bin/sh
# usage: test.sh KIND TAPER [PROGRAM]: runs one of the trainings in this folder
# as a small study, once more to see that nothing runs again, and fails unless
# both schedules have two trials. Status 77 where what the training needs is not
# installed. PROGRAM is the training in C.
set -eu
kind=$1
TAPER=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)

# The first Python that has a module.
python_with() {
    for python in python3 /usr/bin/python3; do
        "$python" -c "import $1" 2>/dev/null || continue
        echo "$python"
        return
    done
}

case $kind in
numpy | torch)
    python=$(python_with "$kind")
    [ "$python" ] || { echo "skipped: no Python with $kind"; exit 77; }
    command="$python '$here/train_$kind.py'"
    ;;
c) command="'$(realpath "$3")'" ;;
shell) command="'$here/train.sh'" ;;
esac

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$out"
set -- compare --exec "$command" --steps 40 --seeds 2 --db study.db \
    --schedule 'falling=cosine(0.3, 0)' --schedule level=0.3
"$TAPER" "$@" >table.txt
"$TAPER" "$@" >again.txt 2>again.err
cmp table.txt again.txt
"$TAPER" study export study.db >trials.csv
"$TAPER" study export study.db --curves >curves.csv
[ "$(grep -c ',done,' trials.csv)" = 4 ] || { cat trials.csv; exit 1; }
[ "$(wc -l <trials.csv)" = 5 ] || { cat trials.csv; exit 1; }
grep -q '^trial,role,name,peak,budget,seed,step,lr,loss' curves.csv
