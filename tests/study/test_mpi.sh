#!/usr/bin/env bash
# taper compare under mpirun: every trial once and to the same bits as in one
# process; a rank that is killed costs its trial; a study whose mpirun is killed
# goes on; two hosts, which are network namespaces of this machine.
#
# usage: test_mpi.sh TAPER [TEST...]
#
# Skipped (77) without mpirun; the part with two hosts is left out, with a word,
# without the right to make namespaces.
set -euo pipefail

taper=$(realpath "${1:?usage: test_mpi.sh TAPER [TEST...]}")
shift
mpirun --version 2>/dev/null | grep -q 'Open MPI' ||
    { echo 'skipped: no mpirun of Open MPI'; exit 77; }
[ -e "$(dirname "$taper")/taper-mpi.so" ] ||
    { echo 'skipped: this build has no MPI'; exit 77; }

# Tests often run as root in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Open MPI keeps memory for the life of a process, in modules that are gone when
# leaks are looked for, so that no suppression can name them.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
ranks='mpirun --oversubscribe --quiet -n 4'
# Where a rank is killed: after how long that is seen. No rank that lives may be
# silent for as long, on a machine that is busy with other things.
soon=TAPER_RANK_SECONDS=8

room=$(mktemp -d)
export ROOM=$room TMPDIR=$room
cd "$room"
hosts=()
started=

finish() {
    local name
    # shellcheck disable=SC2086  # a list of processes
    [ -z "$started" ] || kill -9 $started 2>/dev/null || true
    for name in "${hosts[@]}"; do ip netns del "$name" || true; done
    # Ranks that are being ended may still write.
    rm -rf "$room" 2>/dev/null || { sleep 1; rm -rf "$room" || true; }
}
trap finish EXIT

fail() {
    echo "FAILED: $*" >&2
    tail -n 20 "$room"/*.err >&2 || true
    exit 1
}

# A training that notes that it ran, and where. The metric depends on seed and
# schedule and needs all digits. While there is a file `hold`, all but the first
# four wait until it is gone: then each of four ranks has a trial that surely
# runs, however slow the machine is.
cat >train.sh <<'END'
echo "$TAPER_SEED $TAPER_SCHEDULE $(hostname)" >>"$ROOM/ran"
[ -z "${OMPI_COMM_WORLD_RANK:-}" ] || exit 3
if [ -e "$ROOM/hold" ] && [ "$(wc -l <"$ROOM/ran")" -gt 4 ]; then
    echo held >>"$ROOM/held"
    while [ -e "$ROOM/hold" ]; do sleep 0.05; done
fi
sleep 0.05
awk -F, -v seed="$TAPER_SEED" '
    BEGIN { srand(seed + 1); x = 1 }
    NR > 1 { x -= $2 * (x + rand() - 0.5) }
    END { printf "{\"step\": 1, \"loss\": %.17g}\n{\"metric\": %.17g}\n", x, x * x }
' "$TAPER_LR_TABLE"
END

# study FILE [PREFIX...]: runs it, perhaps by a prefix such as mpirun.
study() {
    local db=$1
    shift
    "$@" "$taper" compare --exec "sh $room/train.sh" --steps 40 --seeds 6 \
        --schedule 'cosine=cosine(0.5, 0)' --schedule constant=0.5 --db "$db" \
        >"$db.out" 2>"$db.err"
}

# What came of all trials: role, schedule, peak, budget, seed, state, metric.
results() { "$taper" study export "$1" | tail -n +2 | cut -d, -f2-8 | sort; }
trials_that_ran() { sort ran | uniq | wc -l; }
done_of() { "$taper" study list "$1" | grep -c '12 of 12'; }

# The ranks of an mpirun that was started in the background by a subshell.
ranks_of() { pgrep -P "$1" | sort -n; }

# Folders of trials are gone, those of ranks that were killed as well.
no_folder_is_left() {
    [ -z "$(find "$room" -maxdepth 1 -name 'taper-*' -print)" ] ||
        fail "$(cd "$room" && ls -d taper-*) is left"
}

# Starts the study in the background and waits until each rank holds a trial,
# which ends once `hold` is removed; $job is mpirun.
start() {
    local db=$1 i
    shift
    : >ran
    : >held
    : >hold
    # shellcheck disable=SC2086  # the words of a command
    "$@" "$taper" compare --exec "sh $room/train.sh" --steps 40 --seeds 6 \
        --schedule 'cosine=cosine(0.5, 0)' --schedule constant=0.5 --db "$db" \
        >"$db.out" 2>"$db.err" &
    job=$!
    started="$started $job"
    for ((i = 0; i < 1200; i++)); do
        [ "$(wc -l <held)" = 4 ] && return
        sleep 0.05
    done
    fail "$(wc -l <held) ranks have a trial, not 4"
}

test_ranks_give_the_bits_of_one_process() {
    : >ran
    study one.db env
    [ "$(wc -l <ran)" = 12 ] || fail 'one process did not run 12 trials'
    : >ran
    # shellcheck disable=SC2086
    study four.db $ranks || fail "mpirun ended with $?"
    [ "$(wc -l <ran)" = 12 ] || fail "$(wc -l <ran) trials ran, not 12"
    [ "$(trials_that_ran)" = 12 ] || fail 'a trial ran twice'
    results one.db >one
    results four.db >four
    [ -s one ] || fail 'there are no results'
    cmp one four || fail 'results differ'
    cmp one.db.out four.db.out ||
        fail 'what is printed differs'
    no_folder_is_left
    [ "$(wc -l <four.db.err)" = 1 ] || fail 'more than one line was said'
    # shellcheck disable=SC2086
    study four.db $ranks || fail "again: mpirun ended with $?"
    [ "$(wc -l <ran)" = 12 ] || fail 'what was done ran again'
}

test_a_wrong_option_is_said_once() {
    local status=0
    # shellcheck disable=SC2086
    $ranks "$taper" compare --exec x --steps 10 --schedule 'cosin(1)' \
        --db wrong.db >wrong.out 2>wrong.err || status=$?
    [ "$status" = 2 ] || fail "status $status, not 2"
    [ "$(grep -c "unknown name 'cosin'" wrong.err)" = 1 ] ||
        fail 'it was not said once'
    status=0
    # shellcheck disable=SC2086
    $ranks "$taper" compare --exec x --stps 10 >wrong.out 2>wrong.err ||
        status=$?
    [ "$status" = 2 ] || fail "status $status, not 2"
    [ "$(grep -c stps wrong.err)" = 1 ] || fail 'it was not said once'
}

# Slurm without PMIx: each task is alone, and would run the whole study.
test_tasks_that_cannot_meet_do_not_run() {
    local rank status
    for rank in 0 1; do
        status=0
        SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=$rank "$taper" compare \
            --exec x --steps 10 --schedule 0.1 --db alone.db >alone.out \
            2>"alone$rank.err" || status=$?
        [ "$status" = 1 ] || fail "status $status, not 1"
    done
    [ ! -e alone.db ] || fail 'a study was begun'
    grep -q 'try srun --mpi=pmix' alone0.err || fail 'nobody said what to do'
    [ "$(cat alone0.err alone1.err | wc -l)" = 1 ] || fail 'said more than once'
}

test_a_killed_rank_costs_its_trial() {
    local victim
    # shellcheck disable=SC2086
    start lost.db env "$soon" $ranks --enable-recovery
    victim=$(ranks_of "$job" | tail -n 1)
    kill -9 "$victim"
    rm hold
    wait "$job" || fail "mpirun ended with $?"
    [ "$(done_of lost.db)" = 1 ] || fail 'not all trials are done'
    [ "$(trials_that_ran)" = 12 ] || fail 'a trial never ran'
    [ "$(wc -l <ran)" = 13 ] || fail "$(wc -l <ran) trials ran, not 13"
    grep -q 'rank [1-3] on .* is lost' lost.db.err || fail 'nobody said so'
    results lost.db | cmp - one || fail 'results differ'
    # The abort that follows a lost rank may come before others have tidied up.
    # shellcheck disable=SC2086
    study lost.db $ranks || fail "again: mpirun ended with $?"
    no_folder_is_left
}

test_a_killed_mpirun_can_be_started_again() {
    local victim i
    # shellcheck disable=SC2086
    start killed.db $ranks
    victim=$(ranks_of "$job")
    kill -9 "$job"
    wait "$job" 2>/dev/null || true
    for ((i = 0; i < 600; i++)); do
        # shellcheck disable=SC2086  # a list of processes
        kill -0 $victim 2>/dev/null || break
        sleep 0.1
    done
    [ "$i" -lt 600 ] || fail 'ranks outlive mpirun'
    rm hold
    # shellcheck disable=SC2086
    study killed.db $ranks || fail "mpirun ended with $?"
    [ "$(done_of killed.db)" = 1 ] || fail 'not all trials are done'
    [ "$(wc -l <ran)" -le 16 ] || fail 'trials that were over ran again'
    results killed.db | cmp - one || fail 'results differ'
    no_folder_is_left
}

test_a_stopped_study_goes_on() {
    local status=0
    # shellcheck disable=SC2086
    start stopped.db $ranks
    kill -TERM "$job"
    wait "$job" || status=$?
    [ "$status" != 0 ] || fail 'a stopped study ended with 0'
    rm hold
    # shellcheck disable=SC2086
    study stopped.db $ranks || fail "mpirun ended with $?"
    [ "$(wc -l <ran)" -le 16 ] || fail 'trials that were over ran again'
    results stopped.db | cmp - one || fail 'results differ'
}

# ------------------------------------------------------------------- two hosts

# Two namespaces with a cable between them: 10.77.0.1 and 10.77.0.2. Nothing
# else can be reached from them.
make_hosts() {
    local a="taper-a-$$" b="taper-b-$$" name
    command -v ip >/dev/null && [ "$(id -u)" = 0 ] || return 1
    for name in "$a" "$b"; do
        ip netns add "$name" 2>/dev/null || return 1
        hosts+=("$name")
    done
    ip link add "ta$$" netns "$a" type veth peer name "tb$$" netns "$b" ||
        return 1
    ip -n "$a" addr add 10.77.0.1/24 dev "ta$$"
    ip -n "$b" addr add 10.77.0.2/24 dev "tb$$"
    for name in "$a" "$b"; do ip -n "$name" link set lo up; done
    ip -n "$a" link set "ta$$" up
    ip -n "$b" link set "tb$$" up
    # What ssh would be: runs mpirun's daemon in the other namespace.
    cat >agent <<END
#!/bin/sh
shift
exec ip netns exec $b unshare --uts sh -c \
    'hostname taper-second; exec sh -c "\$0"' "\$*"
END
    chmod +x agent
}

on_first() {
    ip netns exec "${hosts[0]}" unshare --uts sh -c \
        'hostname taper-first; exec "$@"' sh "$@"
}

two_hosts() {
    local net='--mca btl_tcp_if_include 10.77.0.0/24'
    net="$net --mca oob_tcp_if_include 10.77.0.0/24"
    echo "mpirun --quiet --mca plm_rsh_agent $room/agent $net" \
        "-H 10.77.0.1:2,10.77.0.2:2 -x ROOM -x TMPDIR"
}

test_two_hosts() {
    local victim status=0
    make_hosts || { echo '  left out: no right to make namespaces'; return; }
    # shellcheck disable=SC2046
    start hosts.db on_first $(two_hosts) -n 4
    rm hold
    wait "$job" || fail "mpirun ended with $?"
    [ "$(wc -l <ran)" = 12 ] || fail "$(wc -l <ran) trials ran, not 12"
    grep -q taper-first ran || fail 'nothing ran on the first host'
    grep -q taper-second ran || fail 'nothing ran on the second host'
    results hosts.db | cmp - one || fail 'results differ'

    # A rank on the second host is killed.
    # shellcheck disable=SC2046
    start hosts2.db on_first $(two_hosts) -n 4 -x "$soon" --enable-recovery
    victim=$(for pid in $(ip netns pids "${hosts[1]}"); do
        if grep -qz '^compare$' "/proc/$pid/cmdline" 2>/dev/null &&
            grep -qz '^OMPI_COMM_WORLD_RANK=3$' "/proc/$pid/environ"; then
            echo "$pid"
        fi
    done | sed -n 1p)
    [ -n "$victim" ] || fail 'rank 3 was not found'
    kill -9 "$victim"
    rm hold
    wait "$job" || status=$?
    [ "$status" = 0 ] || fail "mpirun ended with $status"
    [ "$(done_of hosts2.db)" = 1 ] || fail 'not all trials are done'
    grep -q 'rank 3 on taper-second is lost' hosts2.db.err ||
        fail 'nobody said that rank 3 is lost'
    results hosts2.db | cmp - one || fail 'results differ'
}

for name in ${*:-ranks_give_the_bits_of_one_process a_wrong_option_is_said_once \
    tasks_that_cannot_meet_do_not_run \
    a_killed_rank_costs_its_trial a_killed_mpirun_can_be_started_again \
    a_stopped_study_goes_on two_hosts}; do
    echo "$name"
    "test_$name"
done
