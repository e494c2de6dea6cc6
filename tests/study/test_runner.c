/* The runner: whatever a trial's process does is a result. */
#define _GNU_SOURCE /* strcasestr, sched_getaffinity */
#include "room.h"
#include "study/cores.h"
#include "toy.h"

#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void nap(double seconds)
{
    const struct timespec t = {.tv_sec = (time_t)seconds,
                               .tv_nsec = (long)(1e9 * fmod(seconds, 1.0))};
    (void)nanosleep(&t, NULL);
}

/* Whether a process ends within five seconds. One that nobody has reaped has
 * ended all the same. */
static bool ends(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (int i = 0; i < 500; i++) {
        char state = 'Z';
        FILE *in = fopen(path, "r");
        if (!in) return true;
        if (fscanf(in, "%*d (%*[^)]) %c", &state) != 1) state = 'Z';
        (void)fclose(in);
        if (state == 'Z') return true;
        nap(0.01);
    }
    return false;
}

/* The process whose number a script has left in ROOM/pid. */
static pid_t started_in(const char *room)
{
    char *text = room_read(room, "pid");
    const pid_t pid = (pid_t)atoi(text);
    free(text);
    assert_true(pid > 1);
    return pid;
}

/* Runs one trial with this script and returns it; the caller clears it. */
static struct study_trial run_one(const char *room, struct toy *toy)
{
    struct study_store *s = room_open(room_path(room, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(1);
    struct study_trials all;
    struct study_error err = {0};
    toy->room = room;
    if (toy_run(toy, s, &plan, &err) != STUDY_OK) fail_msg("%s", err.message);
    assert_int_equal(study_store_list(s, STUDY_FULL, &all, NULL), STUDY_OK);
    assert_int_equal(all.count, 1);
    struct study_trial t = all.items[0];
    all.count = 0;
    study_trials_clear(&all);
    study_store_close(s);
    return t;
}

static void is(const char *room, const char *script, enum study_state state,
               const char *error)
{
    struct toy toy = {.script = script};
    struct study_trial t = run_one(room, &toy);
    assert_string_equal(study_state_name(t.state), study_state_name(state));
    if (error) {
        assert_non_null(t.error);
        if (!strcasestr(t.error, error))
            fail_msg("'%s' lacks '%s'", t.error, error);
    } else {
        assert_null(t.error);
    }
    assert_int_equal(toy.begun, 1);
    assert_int_equal(toy.ended, 1);
    study_trial_clear(&t);
}

/* ------------------------------------------------------------------ results */

static void the_last_line_with_the_metric_is_the_result(void **state)
{
    struct toy toy = {
        .script = "echo starting; echo '{\"step\": 0, \"loss\": 2.5}'\n"
                  "echo '{\"metric\": 0.5}'; echo '{\"other\": 1}'\n"
                  "echo '{\"step\": 9, \"loss\": 1, \"lr\": 0.1}'\n"
                  "echo '{\"metric\": 0.75, \"note\": \"x\"}'; printf done"};
    struct study_trial t = run_one(*state, &toy);
    assert_int_equal(t.state, STUDY_DONE);
    assert_true(t.metric == 0.75);
    assert_string_equal(t.summary, "{\"metric\": 0.75, \"note\": \"x\"}");
    assert_string_equal(t.curve,
                        "{\"step\":[0,9],\"loss\":[2.5,1],\"lr\":[null,0.1]}");
    assert_true(t.seconds > 0.0 && t.seconds < 60.0);
    assert_non_null(strstr(t.machine, "taper 0."));
    study_trial_clear(&t);
}

static void a_last_line_needs_no_newline(void **state)
{
    is(*state, "printf '{\"metric\": 1}'", STUDY_DONE, NULL);
}

static void a_metric_that_is_no_number_is_divergence(void **state)
{
    (void)state;
    static const char *const prints[] = {"null",      "NaN",     "Infinity",
                                         "-Infinity", "\"nan\"", "1e999"};
    for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
        void *room;
        char script[80];
        assert_int_equal(room_create(&room), 0);
        (void)snprintf(script, sizeof script, "echo '{\"metric\": %s}'",
                       prints[i]);
        is(room, script, STUDY_DIVERGED, NULL);
        assert_int_equal(room_remove(&room), 0);
    }
}

static void no_result_is_a_failure(void **state)
{
    is(*state, "echo hello; echo oh >&2", STUDY_FAILED,
       "printed no line with a JSON object that has a number \"metric\"\noh");
}

static void a_metric_in_words_is_a_failure(void **state)
{
    is(*state, "echo '{\"metric\": \"good\"}'", STUDY_FAILED, "no line");
}

static void a_failure_keeps_the_end_of_what_it_said(void **state)
{
    struct toy toy = {
        .script = "echo '{\"metric\": 1}'; i=0; while [ $i -lt 3000 ]; do "
                  "echo line $i >&2; i=$((i + 1)); done; exit 3"};
    struct study_trial t = run_one(*state, &toy);
    assert_int_equal(t.state, STUDY_FAILED);
    assert_true(isnan(t.metric));
    assert_memory_equal(t.error, "exit status 3\nline ", 19);
    assert_string_equal(t.error + strlen(t.error) - 9, "line 2999");
    assert_true(strlen(t.error) > 4000 && strlen(t.error) < 4200);
    study_trial_clear(&t);
}

static void signals_are_said_in_words(void **state)
{
    is(*state, "kill -SEGV $$", STUDY_FAILED, "killed by signal 11 (seg");
}

static void a_kill_may_be_want_of_memory(void **state)
{
    is(*state, "kill -KILL $$", STUDY_FAILED,
       "killed by signal 9 (out of memory?)");
}

static void a_shell_that_tells_of_a_signal_is_understood(void **state)
{
    is(*state, "sh -c 'kill -KILL $$'; exit $?", STUDY_FAILED,
       "exit status 137 (killed by signal 9 (out of memory?))");
}

static void stray_bytes_do_no_harm(void **state)
{
    struct toy toy = {.script = "printf '\\377\\000{\\n{\"metric\": 2}\\n'; "
                                "printf 'a\\377\\000b' >&2; exit 1"};
    struct study_trial t = run_one(*state, &toy);
    assert_string_equal(t.error, "exit status 1\na??b");
    study_trial_clear(&t);
}

static void a_time_limit_kills_all_that_a_trial_started(void **state)
{
    struct toy toy = {.script = "sleep 100 & echo $! > $ROOM/pid; wait",
                      .timeout = 0.3};
    const double began = now();
    struct study_trial t = run_one(*state, &toy);
    assert_true(now() - began < 10.0);
    assert_int_equal(t.state, STUDY_FAILED);
    assert_string_equal(t.error, "ran longer than 0.3 s");
    assert_true(ends(started_in(*state)));
    study_trial_clear(&t);
}

static void what_stays_in_the_background_is_ended(void **state)
{
    struct toy toy = {.script = "sleep 100 & echo $! > $ROOM/pid\n"
                                "echo '{\"metric\": 1}'"};
    const double began = now();
    struct study_trial t = run_one(*state, &toy);
    assert_true(now() - began < 10.0);
    assert_int_equal(t.state, STUDY_DONE);
    assert_true(ends(started_in(*state)));
    study_trial_clear(&t);
}

/* A long line, and many short ones; the memory of this
 * process does not grow with it. */
static void a_flood_of_output_takes_no_memory(void **state)
{
    struct rusage before, after;
    struct toy toy = {
        .script = "head -c 60000000 /dev/zero | tr '\\0' '{'\n"
                  "echo; yes | head -c 60000000\n"
                  "head -c 60000000 /dev/zero >&2; echo '{\"metric\": 1}'"};
    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    struct study_trial t = run_one(*state, &toy);
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    assert_int_equal(t.state, STUDY_DONE);
    assert_true(after.ru_maxrss - before.ru_maxrss < 20000); /* kB */
    study_trial_clear(&t);
}

/* ------------------------------------------------------------- surroundings */

static void a_trial_has_what_it_needs_around_it(void **state)
{
    static char loud[] = "OMP_NUM_THREADS=7";
    assert_int_equal(putenv(loud), 0); /* overruled */
    struct toy toy = {
        .script =
            "[ -d \"$FOLDER\" ] && [ -z \"$(ls \"$FOLDER\")\" ] || exit 1\n"
            "[ \"$OMP_NUM_THREADS\" = 3 ] || exit 2\n"
            "[ \"$TAPER_THREADS\" = 3 ] || exit 3\n"
            "[ \"$SEED\" = 0 ] || exit 4\n"
            "case $FOLDER in /*) ;; *) exit 5 ;; esac\n"
            "if read x; then exit 6; fi\n" /* /dev/null */
            "touch $FOLDER/file; echo '{\"metric\": 1}'",
        .threads = 3};
    struct study_trial t = run_one(*state, &toy);
    if (t.state != STUDY_DONE) fail_msg("%s", t.error);
    study_trial_clear(&t);
    /* It is gone, and the folder of the folders with it. */
    assert_int_not_equal(access(room_path(*state, "s.db.trials"), F_OK), 0);
}

static void folders_are_kept_where_asked_or_needed(void **state)
{
    struct toy toy = {.script = "touch $FOLDER/x; exit 1"};
    struct study_trial t = run_one(*state, &toy);
    assert_int_equal(access(room_path(*state, "s.db.trials/1/x"), F_OK), 0);
    study_trial_clear(&t);
    /* What another attempt left is not there for the next one. */
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_WRITE);
    assert_int_equal(study_store_retry(s, NULL, NULL), STUDY_OK);
    study_store_close(s);
    toy.script = "[ ! -e $FOLDER/x ] && mkdir $FOLDER/y && ln -s / $FOLDER/z "
                 "&& echo '{\"metric\": 1}'";
    toy.keep = true;
    t = run_one(*state, &toy);
    assert_int_equal(t.state, STUDY_DONE);
    assert_int_equal(access(room_path(*state, "s.db.trials/1/y"), F_OK), 0);
    study_trial_clear(&t);
}

/* Two jobs on a machine of two or more processors that take more than half of
 * them have their own each. */
static void jobs_get_cores_of_their_own(void **state)
{
    const struct study_cores all = study_cores_allowed();
    if (all.count < 2) skip();
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan((int64_t)all.count);
    struct toy toy = {.script = "grep Cpus_allowed_list /proc/self/status "
                                ">> $ROOM/cores; sleep 0.2\n"
                                "echo '{\"metric\": 1}'",
                      .room = *state,
                      .jobs = (int)all.count};
    assert_int_equal(toy_run(&toy, s, &plan, NULL), STUDY_OK);
    study_store_close(s);
    /* grep runs once in each slot: as many lines, all different. */
    char *text = room_read(*state, "cores"), *lines[STUDY_CORES_MAX];
    size_t count = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
        if (*line && count < STUDY_CORES_MAX) lines[count++] = line;
    assert_int_equal(count, all.count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(lines[i], lines[k]);
    free(text);
}

/* Each trial waits, for half a minute at most, until all four have begun. */
static void jobs_run_at_the_same_time(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(4);
    struct toy toy = {.script = "echo >> $ROOM/begun; i=0\n"
                                "while [ $(wc -l < $ROOM/begun) -lt 4 ]; do\n"
                                "[ $i -lt 3000 ] || exit 1\n"
                                "i=$((i + 1)); sleep 0.01; done\n"
                                "echo '{\"metric\": 1}'",
                      .room = *state,
                      .jobs = 4};
    struct study_totals n;
    assert_int_equal(toy_run(&toy, s, &plan, NULL), STUDY_OK);
    assert_int_equal(study_store_counts(s, &n, NULL), STUDY_OK);
    assert_int_equal(n.done, 4);
    study_store_close(s);
}

/* ----------------------------------------------------------------- stopping */

struct alarm_clock {
    double at;
};

static bool rings(void *ctx)
{
    const struct alarm_clock *clock = ctx;
    return now() > clock->at;
}

static void what_is_stopped_waits_and_can_go_on(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(3);
    struct alarm_clock clock = {.at = now() + 0.5};
    struct toy toy = {.script = "[ $SEED = 0 ] || sleep 100\n"
                                "echo '{\"metric\": 1}'",
                      .stopped = rings,
                      .ctx = &clock};
    struct study_error err = {0};
    struct study_totals n;
    const double began = now();
    assert_int_equal(toy_run(&toy, s, &plan, &err), STUDY_E_STOPPED);
    assert_true(now() - began < 4.0); /* SIGTERM was enough */
    assert_int_equal(study_store_counts(s, &n, NULL), STUDY_OK);
    assert_int_equal(n.done, 1);
    assert_int_equal(n.waiting, 2);
    assert_int_not_equal(access(room_path(*state, "s.db.trials"), F_OK), 0);

    toy = (struct toy){.script = "[ $SEED = 0 ] && exit 1\n"
                                 "echo '{\"metric\": 2}'"};
    assert_int_equal(toy_run(&toy, s, &plan, &err), STUDY_OK);
    assert_int_equal(toy.begun, 2);
    assert_int_equal(study_store_counts(s, &n, NULL), STUDY_OK);
    assert_int_equal(n.done, 3);
    study_store_close(s);
}

static void a_trial_that_does_not_want_to_stop_is_killed(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(1);
    struct alarm_clock clock = {.at = now() + 0.2};
    struct toy toy = {.script = "trap '' TERM; sleep 100; sleep 100",
                      .grace = 0.3,
                      .stopped = rings,
                      .ctx = &clock};
    const double began = now();
    assert_int_equal(toy_run(&toy, s, &plan, NULL), STUDY_E_STOPPED);
    assert_true(now() - began < 4.0);
    study_store_close(s);
}

/* The shell is a child of the study, what it starts is not. */
static void what_a_trial_started_dies_with_the_study(void **state)
{
    const pid_t study = fork();
    if (study == 0) {
        struct study_store *s;
        const struct study_plan plan = toy_plan(1);
        struct toy toy = {.script = "sleep 100 & echo $! > $ROOM/tmp; "
                                    "mv $ROOM/tmp $ROOM/pid; wait",
                          .room = *state};
        if (study_store_open(&s, room_path(*state, "s.db"), STUDY_CREATE, NULL))
            _exit(1);
        (void)toy_run(&toy, s, &plan, NULL);
        _exit(2);
    }
    for (int i = 0; i < 1000 && access(room_path(*state, "pid"), F_OK); i++)
        nap(0.01);
    const pid_t started = started_in(*state);
    assert_int_equal(kill(started, 0), 0);
    assert_int_equal(kill(study, SIGKILL), 0);
    assert_int_equal(waitpid(study, NULL, 0), study);
    assert_true(ends(started));
}

/* ------------------------------------------------------------------- source */

/* A source without a store: what another machine would have. */
struct list_source {
    int next, count, later, failing;
    int waiting, done;
};

static enum study_status list_take(void *ctx, struct study_trial *out,
                                   enum study_take *answer,
                                   struct study_error *err)
{
    struct list_source *l = ctx;
    (void)err;
    *out = (struct study_trial){0};
    *answer = STUDY_NEVER;
    if (l->next == l->count) return STUDY_OK;
    *answer = STUDY_LATER;
    if (l->later-- > 0) return STUDY_OK;
    struct study_trial t = room_trial("flat", l->next);
    assert_true(study_trial_copy(out, &t));
    out->id = ++l->next;
    *answer = STUDY_TAKEN;
    return STUDY_OK;
}

static enum study_status list_give(void *ctx, const struct study_trial *t,
                                   struct study_error *err)
{
    struct list_source *l = ctx;
    l->waiting += t->state == STUDY_WAITING;
    l->done += t->state == STUDY_DONE;
    if (l->failing-- > 0)
        return study_fail(err, STUDY_E_FILE, "the disk is full");
    return STUDY_OK;
}

static void any_source_will_do(void **state)
{
    struct list_source list = {.count = 3, .later = 2};
    const struct study_source source = {.take = list_take,
                                        .give = list_give,
                                        .ctx = &list};
    struct toy toy = {.script = "echo '{\"metric\": 1}'", .jobs = 2};
    assert_int_equal(toy_run_from(&toy, source, room_path(*state, "trials"),
                                  NULL),
                     STUDY_OK);
    assert_int_equal(list.done, 3);
}

static void a_result_that_cannot_be_stored_ends_the_study(void **state)
{
    struct list_source list = {.count = 5, .failing = 1};
    const struct study_source source = {.take = list_take,
                                        .give = list_give,
                                        .ctx = &list};
    struct toy toy = {.script =
                          "[ $SEED = 0 ] || sleep 100; echo '{\"metric\": 1}'",
                      .jobs = 2};
    struct study_error err = {0};
    assert_int_equal(toy_run_from(&toy, source, room_path(*state, "trials"),
                                  &err),
                     STUDY_E_FILE);
    assert_message(&err, STUDY_E_FILE, "the disk is full");
    assert_int_equal(list.waiting, 1); /* the other one was handed back */
    assert_int_equal(list.next, 2);
}

static enum study_status absent(void *ctx, const struct study_trial *t,
                                const struct study_place *place,
                                struct study_command *out,
                                struct study_error *err)
{
    (void)ctx;
    (void)place;
    out->argv = calloc(2, sizeof *out->argv);
    assert_non_null(out->argv);
    if (t->seed == 0)
        return study_fail(err, STUDY_E_USAGE, "cannot prepare that");
    out->argv[0] = strdup("/nowhere/trainer");
    return STUDY_OK;
}

static void a_command_that_cannot_run_is_a_failure(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(2);
    struct study_queue *q;
    assert_int_equal(study_queue_create(&q, s, &plan, NULL), STUDY_OK);
    const struct study_runner runner = {.source = study_queue_source(q),
                                        .task = {.prepare = absent,
                                                 .metric_key = "metric"},
                                        .jobs = 1,
                                        .threads = 1,
                                        .folder = room_path(*state, "trials")};
    assert_int_equal(study_run(&runner, NULL), STUDY_OK);
    struct study_trials all;
    assert_int_equal(study_store_list(s, STUDY_FULL, &all, NULL), STUDY_OK);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.items[0].error, "cannot prepare that");
    assert_string_equal(
        all.items[1].error,
        "cannot run /nowhere/trainer: No such file or directory");
    study_trials_clear(&all);
    study_queue_free(q);
    study_store_close(s);
}

static enum study_status full(void *ctx, const struct study_trial *t,
                              const struct study_place *place,
                              struct study_command *out,
                              struct study_error *err)
{
    (void)ctx;
    (void)t;
    (void)place;
    out->argv = calloc(2, sizeof *out->argv);
    return study_fail(err, STUDY_E_FILE, "no space for the table");
}

/* It would go through all trials within a second, and none would run again by
 * itself. */
static void a_full_disk_fails_no_trial(void **state)
{
    struct list_source list = {.count = 5};
    const struct study_runner runner = {
        .source = {.take = list_take, .give = list_give, .ctx = &list},
        .task = {.prepare = full, .metric_key = "metric"},
        .jobs = 2,
        .threads = 1,
        .folder = room_path(*state, "trials")};
    struct study_error err = {0};
    assert_int_equal(study_run(&runner, &err), STUDY_E_FILE);
    assert_message(&err, STUDY_E_FILE, "no space for the table");
    assert_int_equal(list.next, 1);
    assert_int_equal(list.waiting, 1);
}

/* Files that may be open: enough for the store and the guard, not for the three
 * pipes of a process. */
static void without_room_for_a_process_its_trial_waits(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(2);
    struct toy toy = {.script = "echo '{\"metric\": 1}'"};
    struct study_error err = {0};
    struct study_totals n;
    struct rlimit before, few;
    const int first_free = dup(0);
    assert_true(first_free >= 0);
    (void)close(first_free);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)first_free + 6;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    const enum study_status status = toy_run(&toy, s, &plan, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(status, STUDY_E_PROCESS);
    assert_message(&err, STUDY_E_PROCESS, "cannot start a process");
    assert_int_equal(study_store_counts(s, &n, NULL), STUDY_OK);
    assert_int_equal(n.waiting, 2);
    assert_int_equal(toy_run(&toy, s, &plan, &err), STUDY_OK);
    study_store_close(s);
}

/* Two studies on one file: together they run each trial once, and both end when
 * all is done. */
static void two_studies_share_a_file(void **state)
{
    enum { TRIALS = 20 };
    const struct study_plan plan = toy_plan(TRIALS);
    pid_t pids[2];
    for (int p = 0; p < 2; p++) {
        pids[p] = fork();
        if (pids[p] != 0) continue;
        struct study_store *s;
        struct toy toy = {.script = "echo x$SEED >> $ROOM/ran; sleep 0.02; "
                                    "echo '{\"metric\": 1}'",
                          .room = *state};
        if (study_store_open(&s, room_path(*state, "s.db"), STUDY_CREATE, NULL))
            _exit(1);
        /* Neither begins before the other is there. */
        room_write(*state, p ? "second" : "first", "", 0);
        for (int i = 0; i < 1000; i++)
            if (access(room_path(*state, p ? "first" : "second"), F_OK))
                nap(0.01);
        if (toy_run(&toy, s, &plan, NULL)) _exit(2);
        struct study_totals n;
        if (study_store_counts(s, &n, NULL) || n.done != TRIALS) _exit(3);
        study_store_close(s);
        _exit(toy.begun ? 0 : 4); /* neither did everything */
    }
    for (int p = 0; p < 2; p++) {
        int status;
        assert_int_equal(waitpid(pids[p], &status, 0), pids[p]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(room_lines(*state, "ran", "x"), TRIALS);
}

static void a_look_tells_how_far_the_study_is(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    const struct study_entry entries[] = {{"a", "0.1"}, {"b", "0.2"}};
    struct study_plan plan = toy_plan(2);
    plan.entries = entries;
    plan.entry_count = 2;
    struct study_queue *q;
    assert_int_equal(study_queue_create(&q, s, &plan, NULL), STUDY_OK);
    struct study_queue_state look = study_queue_look(q);
    assert_int_equal(look.total, 4);
    assert_int_equal(look.over, 0);
    assert_true(isnan(look.best));
    assert_null(look.best_name);

    const struct study_source source = study_queue_source(q);
    const double metrics[] = {3.0, 2.0, 9.0}; /* a, b, a: minimised */
    for (size_t i = 0; i < 3; i++) {
        struct study_trial t;
        enum study_take answer;
        assert_int_equal(source.take(source.ctx, &t, &answer, NULL), STUDY_OK);
        assert_int_equal(answer, STUDY_TAKEN);
        assert_int_equal(study_queue_look(q).running, 1);
        t.state = STUDY_DONE;
        t.metric = metrics[i];
        t.seconds = 4.0;
        assert_int_equal(source.give(source.ctx, &t, NULL), STUDY_OK);
        study_trial_clear(&t);
    }
    look = study_queue_look(q);
    assert_int_equal(look.over, 3);
    assert_int_equal(look.running, 0);
    assert_true(look.best == 2.0);
    assert_string_equal(look.best_name, "b");
    assert_true(look.trial_seconds == 4.0);
    study_queue_free(q);
    study_store_close(s);
}

#define IN_ROOM(test) \
    cmocka_unit_test_setup_teardown(test, room_create, room_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(the_last_line_with_the_metric_is_the_result),
        IN_ROOM(a_last_line_needs_no_newline),
        cmocka_unit_test(a_metric_that_is_no_number_is_divergence),
        IN_ROOM(no_result_is_a_failure),
        IN_ROOM(a_metric_in_words_is_a_failure),
        IN_ROOM(a_failure_keeps_the_end_of_what_it_said),
        IN_ROOM(signals_are_said_in_words),
        IN_ROOM(a_kill_may_be_want_of_memory),
        IN_ROOM(a_shell_that_tells_of_a_signal_is_understood),
        IN_ROOM(stray_bytes_do_no_harm),
        IN_ROOM(a_time_limit_kills_all_that_a_trial_started),
        IN_ROOM(what_stays_in_the_background_is_ended),
        IN_ROOM(a_flood_of_output_takes_no_memory),
        IN_ROOM(a_trial_has_what_it_needs_around_it),
        IN_ROOM(folders_are_kept_where_asked_or_needed),
        IN_ROOM(jobs_get_cores_of_their_own),
        IN_ROOM(jobs_run_at_the_same_time),
        IN_ROOM(what_is_stopped_waits_and_can_go_on),
        IN_ROOM(a_trial_that_does_not_want_to_stop_is_killed),
        IN_ROOM(what_a_trial_started_dies_with_the_study),
        IN_ROOM(any_source_will_do),
        IN_ROOM(a_result_that_cannot_be_stored_ends_the_study),
        IN_ROOM(a_full_disk_fails_no_trial),
        IN_ROOM(a_command_that_cannot_run_is_a_failure),
        IN_ROOM(without_room_for_a_process_its_trial_waits),
        IN_ROOM(two_studies_share_a_file),
        IN_ROOM(a_look_tells_how_far_the_study_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
