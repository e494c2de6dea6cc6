#!/usr/bin/env bash
# Runs every benchmark beside its peer and prints the table of
# docs/performance.md. Each row is a ratio within one run, and each figure the
# median of ROUNDS rounds that alternate between taper and the peer, so that a
# machine that changes speed changes both.
#
#   bench/run.sh BUILD [schedule|step|encoder|threads|data|kernels|env|cartpole
#                       |study|law...]  (default: all of these)
#   bench/run.sh BUILD train        the two long training runs (20 minutes)
#   bench/run.sh BUILD recipe       airbench94's recipe in PyTorch, for comparison
#                                   with the second of these (an hour)
#   bench/run.sh BUILD texts        the accuracies on texts (20 minutes)
#   bench/run.sh BUILD agents       how many seeds solve CartPole-v1 (1 minute)
#   bench/run.sh BUILD kills        a study killed 50 times (1 minute)
#   bench/run.sh BUILD mpi          a study by 4 ranks of MPI (some minutes)
#
# PyTorch and NumPy are Debian's (python3-torch, python3-numpy); rows whose
# peer is not installed say so.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: bench/run.sh BUILD [part...]}" && pwd)
shift
parts=${*:-schedule step encoder threads data kernels env cartpole study law}
rounds=${ROUNDS:-5}
python=${PYTHON:-/usr/bin/python3}

median() { sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }
row() { printf '| %s | %s | %s | %s |\n' "$@"; }
has_torch() { "$python" -c 'import torch' 2>/dev/null; }
has_bf16() { grep -qw -e avx512_bf16 -e amx_bf16 /proc/cpuinfo; }

# The ways in which a training step is measured:
#
#   f32       both in f32
#   bf16      both in bf16, on a processor that says that it has it
#   unhidden  both in bf16, on one whose hypervisor hides it (unhide_bf16.c)
#   asked     both asked for bf16 where there is none: `taper train` says so and
#             takes f32, PyTorch imitates bf16
unhide=$build/unhide_bf16.so
# ld.so takes a path with a space or a colon for several, and only warns.
unhides() { [ -e "$unhide" ] && [ -z "$(LD_PRELOAD=$unhide sh -c : 2>&1)" ]; }
if has_bf16; then
    ways="f32 bf16"
elif unhides; then
    ways="f32 asked unhidden"
else
    ways="f32 asked"
fi
our_precision() { case $1 in f32 | asked) echo f32 ;; *) echo bf16 ;; esac; }
their_precision() { case $1 in f32) echo f32 ;; *) echo bf16 ;; esac; }

# in_way WAY COMMAND...
in_way() {
    if [ "$1" = unhidden ]; then
        LD_PRELOAD=$unhide "${@:2}"
    else
        "${@:2}"
    fi
}

head_of_table() {
    printf '\n| %s | %s | %s | %s |\n|---|---|---|---|\n' "$@"
}

part_schedule() {
    "$build/bench_schedule"
    "$python" "$here/schedule.py" "$build/bench_schedule" || true
}

# taper and PyTorch in turn: images a second of a full step.
step_row() {
    local net=$1 batch=$2 way=$3 ours=() theirs=()
    for ((i = 0; i < rounds; i++)); do
        ours+=("$(in_way "$way" "$build/bench_step" "$net" "$batch" 1 \
            "$(our_precision "$way")" 7)")
        theirs+=("$(in_way "$way" "$python" "$here/peer_step.py" "$net" \
            "$batch" 1 "$(their_precision "$way")" 5 channels_last)")
    done
    local a b
    a=$(printf '%s\n' "${ours[@]}" | median)
    b=$(printf '%s\n' "${theirs[@]}" | median)
    row "$net, batch $batch, 1 thread, $way" "$a" "$b" "$(ratio "$a" "$b")"
}

part_step() {
    if ! has_torch; then
        echo "step: not measured, PyTorch is not installed (python3-torch)"
        return
    fi
    head_of_table 'full training step, images/s' taper PyTorch ratio
    step_row airbench94 128 f32
    step_row airbench94 512 f32
    step_row cnn 128 f32
    local way
    for way in ${ways#f32 }; do
        step_row airbench94 128 "$way"
    done
}

# taper and PyTorch in turn: tokens a second of an encoder's full step. The rows
# of the first two shapes are full, those of the third padded.
encoder_row() {
    local name=$1 way=$2 ours=() theirs=()
    shift 2
    for ((i = 0; i < rounds; i++)); do
        ours+=("$(in_way "$way" "$build/bench_encoder" "$@" 0.1 1 \
            "$(our_precision "$way")" 15)")
        theirs+=("$(in_way "$way" "$python" "$here/peer_encoder.py" "$@" \
            0.1 1 "$(their_precision "$way")" 9)")
    done
    local a b
    a=$(printf '%s\n' "${ours[@]}" | median)
    b=$(printf '%s\n' "${theirs[@]}" | awk '{print $1}' | median)
    row "$name, 1 thread, $way" "$a" "$b" "$(ratio "$a" "$b")"
    blas=${theirs[0]#* }
}

# OpenBLAS 0.3.21 takes a processor newer than itself for a Prescott and is then
# a tenth as fast; PyTorch gets the kernels that fit.
part_encoder() {
    if ! has_torch; then
        echo "encoder: not measured, PyTorch is not installed (python3-torch)"
        return
    fi
    if grep -qw avx512f /proc/cpuinfo; then
        export OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-SkylakeX}
    fi
    export OPENBLAS_NUM_THREADS=1 BLIS_NUM_THREADS=1
    local blas way
    head_of_table 'training step of an encoder, tokens/s' taper PyTorch ratio
    for way in $ways; do
        encoder_row 'dim 128, 2 layers, 64 texts of 32 tokens' "$way" \
            128 4 2 512 8000 64 32 32
        encoder_row 'dim 256, 4 layers, 32 texts of 128 tokens' "$way" \
            256 4 4 1024 8000 32 128 128
        encoder_row 'dim 128, 2 layers, 64 texts of 9 to 16 tokens' \
            "$way" 128 4 2 512 8000 64 16 9
    done
    echo "PyTorch multiplied with $blas"
}

# One thread, two threads, and two threads beside a process that never rests.
part_threads() {
    local one=() two=() busy=()
    for ((i = 0; i < rounds; i++)); do
        one+=("$("$build/bench_step" airbench94 512 1 f32 4)")
        two+=("$("$build/bench_step" airbench94 1024 2 f32 4)")
        sh -c 'while :; do :; done' &
        local hog=$!
        # However this script ends, the busy process ends with it.
        trap "kill $hog 2>/dev/null || true" EXIT
        busy+=("$("$build/bench_step" airbench94 1024 2 f32 4)")
        kill "$hog"
        wait "$hog" 2>/dev/null || true
        trap - EXIT
    done
    local a b c
    a=$(printf '%s\n' "${one[@]}" | median)
    b=$(printf '%s\n' "${two[@]}" | median)
    c=$(printf '%s\n' "${busy[@]}" | median)
    head_of_table 'airbench94, f32, 512 images a thread' images/s against ratio
    row '1 thread' "$a" - -
    row '2 threads' "$b" '1 thread' "$(ratio "$b" "$a")"
    row '2 threads beside one busy process' "$c" '2 threads, quiet' \
        "$(ratio "$c" "$b")"
}

part_data() { "$build/bench_data"; }

part_kernels() { "$build/bench_kernels"; }

part_law() { "$build/bench_law"; }

# One core, random policy; GYM names a Python that has Gymnasium.
part_env() {
    local gym=${GYM:-python3} a b
    head_of_table 'CartPole-v1, steps/s' taper peer ratio
    for kind in gymnasium vector python; do
        local ours=() theirs=()
        for ((i = 0; i < rounds; i++)); do
            ours+=("$("$build/bench_env" 256)")
            b=$("$gym" "$here/peer_env.py" "$kind" 2) || break
            theirs+=("$b")
        done
        if [ ${#theirs[@]} -lt "$rounds" ]; then
            row "$kind" "$(printf '%s\n' "${ours[@]}" | median)" \
                'not measured: no Gymnasium' -
            continue
        fi
        a=$(printf '%s\n' "${ours[@]}" | median)
        b=$(printf '%s\n' "${theirs[@]}" | median)
        row "$kind" "$a" "$b" "$(ratio "$a" "$b")"
    done
}

# A number of a JSON object whose lines or fields are "name": number.
json_number() { sed -n 's/.*"'"$1"'":[[:space:]]*\([0-9.]*\).*/\1/p'; }

# Whole runs on CartPole-v1, taper's defaults and the same in PyTorch, a seed
# for each round.
part_cartpole() {
    if ! has_torch; then
        echo "cartpole: not measured, PyTorch is not installed (python3-torch)"
        return
    fi
    local out ours=() theirs=() a b
    out=$(mktemp -d)
    for ((i = 0; i < rounds; i++)); do
        "$build/taper" train cartpole --seed "$i" --out "$out/$i" >"$out/log" 2>&1
        ours+=("$(json_number train_seconds <"$out/$i/summary.json")")
        theirs+=("$("$python" "$here/peer_ppo.py" --seed "$i" | json_number wall_seconds)")
    done
    a=$(printf '%s\n' "${ours[@]}" | median)
    b=$(printf '%s\n' "${theirs[@]}" | median)
    head_of_table 'CartPole-v1, PPO, 100,000 steps' 'taper, s' 'PyTorch, s' ratio
    row '1 thread' "$a" "$b" "$(ratio "$b" "$a")"
    rm -r "$out"
}

# The accuracies that taper promises. CIFAR gives a folder with train/ and
# test/ images; without it the second run is left out.
part_train() {
    local out
    out=$(mktemp -d)
    "$build/taper" train image --out "$out/fashion-mnist"
    if [ -n "${CIFAR:-}" ]; then
        "$build/taper" train image --model airbench94 --data "$CIFAR" \
            --precision bf16 --out "$out/cifar10"
    else
        echo 'cifar10: not measured, CIFAR names no folder'
    fi
    cat "$out"/*/summary.json
}

# What the same recipe reaches in PyTorch, on the same images.
part_recipe() {
    if [ -z "${CIFAR:-}" ]; then
        echo 'recipe: not measured, CIFAR names no folder'
    elif ! has_torch || ! "$python" -c 'import PIL' 2>/dev/null; then
        echo 'recipe: not measured, PyTorch or PIL is not installed'
    else
        "$python" "$here/peer_train.py" "$CIFAR"
    fi
}

# One line a run: accuracy, macro-F1 and seconds of each seed, then the mean.
text_runs() {
    local name=$1 seeds=$2 out accuracies=()
    shift 2
    out=$(mktemp -d)
    for ((i = 0; i < seeds; i++)); do
        "$build/taper" train text --seed "$i" --out "$out/$i" "$@" \
            >"$out/log" 2>&1 || { cat "$out/log" >&2; return 1; }
        accuracies+=("$(json_number test_accuracy <"$out/$i/summary.json")")
        echo "$name, seed $i: accuracy ${accuracies[-1]}," \
            "macro-F1 $(json_number test_macro_f1 <"$out/$i/summary.json")," \
            "$(json_number total_seconds <"$out/$i/summary.json") s"
    done
    printf '%s\n' "${accuracies[@]}" |
        awk -v name="$name" '{s += $1} END {printf "%s, mean: %.4f\n", name, s / NR}'
    rm -r "$out"
}

# The accuracies that taper promises on texts, all with the defaults. TREC and
# IMDB name folders with train.tsv and test.tsv; spam is where make demo puts it.
part_texts() {
    if [ -n "${TREC:-}" ]; then
        text_runs TREC-6 5 --data "$TREC"
    else
        echo 'TREC-6: not measured, TREC names no folder'
    fi
    text_runs SpamAssassin 3 || echo 'SpamAssassin: not measured'
    if [ -n "${IMDB:-}" ]; then
        text_runs IMDB 1 --data "$IMDB"
    else
        echo 'IMDB: not measured, IMDB names no folder'
    fi
}

# Of 20 seeds of PPO with the defaults: the steps at which each was solved.
part_agents() {
    local out solved=0 at
    out=$(mktemp -d)
    for ((i = 0; i < 20; i++)); do
        "$build/taper" train cartpole --seed "$i" --out "$out/$i" >"$out/log" 2>&1
        at=$(json_number solved_at_step <"$out/$i/summary.json")
        [ -n "$at" ] && solved=$((solved + 1))
        echo "seed $i: solved at ${at:-never}, mean return" \
            "$(json_number mean_return <"$out/$i/summary.json")," \
            "$(json_number total_seconds <"$out/$i/summary.json") s"
    done
    echo "solved: $solved of 20"
    rm -r "$out"
}

# What 200 trials of a command that returns at once cost, store and all, and
# what it costs to start as many from a shell, which keeps nothing.
part_study() {
    local out direct=() shell=() loop=() both start end
    out=$(mktemp -d)
    for ((i = 0; i < rounds; i++)); do
        both=$("$build/bench_study" 200 "$out/study.db")
        direct+=("${both% *}")
        shell+=("${both#* }")
        start=$(date +%s%N)
        for ((k = 0; k < 200; k++)); do
            /bin/sh -c "echo '{\"metric\": 1}'" >>"$out/log"
        done
        end=$(date +%s%N)
        loop+=("$(awk -v ns=$((end - start)) 'BEGIN {printf "%.2f", ns / 200e6}')")
    done
    rm -r "$out"
    local a b c
    a=$(printf '%s\n' "${direct[@]}" | median)
    b=$(printf '%s\n' "${shell[@]}" | median)
    c=$(printf '%s\n' "${loop[@]}" | median)
    head_of_table 'a trial that returns at once, ms' taper 'loop in bash' ratio
    row 'a program' "$a" - -
    row 'a shell command' "$b" "$c" "$(ratio "$b" "$c")"
}

# Every trial exactly once, whenever the study is killed.
part_kills() { TAPER_KILLS=50 "$build/tests/test_study_kill"; }

# Ranks beside jobs.
part_mpi() { "$here/mpi.sh" "$build"; }

for part in $parts; do
    echo
    echo "## $part"
    "part_$part"
done
