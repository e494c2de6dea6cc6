/* One study in several processes: every trial once, whoever is lost. The ranks
 * are processes that reach each other by sockets (fake_ranks.h). */
#define _GNU_SOURCE /* asprintf */
#include "study/ranks.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>
#include <time.h>
#include <unistd.h>

#include "fake_ranks.h"
#include "room.h"
#include "study/ranks_launch.h"
#include "study/ranks_message.h"
#include "toy.h"

#define LOST_SECONDS 0.6

static void nap(double seconds)
{
    const struct timespec t = {.tv_sec = (time_t)seconds,
                               .tv_nsec = (long)(1e9 * fmod(seconds, 1.0))};
    (void)nanosleep(&t, NULL);
}

/* ------------------------------------------------------------------- helpers
 */

/* What ranks other than 0 do: work with a toy. */
struct crew {
    const char *room, *script;
    const char *folder; /* of their trials; NULL: in the room */
};

static int work(struct fake_ranks *f, void *ctx)
{
    const struct crew *crew = ctx;
    struct toy toy = {.script = crew->script, .room = crew->room, .grace = 0.2};
    const struct study_ranks ranks = {.transport = fake_transport(f),
                                      .lost_after = LOST_SECONDS};
    char name[32];
    bool whole;
    (void)snprintf(name, sizeof name, "trials-%d", f->rank);
    const struct study_runner runner =
        toy_runner(&toy, (struct study_source){NULL, NULL, NULL},
                   crew->folder ? crew->folder : room_path(crew->room, name));
    const enum study_status status =
        study_ranks_work(&ranks, &runner, NULL, &whole, NULL);
    return (int)status * 2 + whole;
}
enum { WHOLE = STUDY_OK * 2 + 1 }; /* what a rank exits with when all is well */

/* Rank 0, with all that it says. */
struct served {
    enum study_status status;
    bool whole;
    char said[2000];
    struct study_error err;
    struct study_trials trials;
};

static void keep(void *ctx, const char *line)
{
    struct served *s = ctx;
    const size_t n = strlen(s->said);
    (void)snprintf(s->said + n, sizeof s->said - n, "%s\n", line);
}

static struct served serve(struct fake_ranks *f, struct toy *toy, int64_t seeds)
{
    struct served s = {.whole = false};
    struct study_ranks ranks = {.transport = fake_transport(f),
                                .lost_after = LOST_SECONDS,
                                .say = keep,
                                .ctx = &s};
    struct study_store *store =
        room_open(room_path(toy->room, "s.db"), STUDY_CREATE);
    const struct study_plan plan = toy_plan(seeds);
    struct study_queue *queue;
    assert_int_equal(study_queue_create(&queue, store, &plan, NULL), STUDY_OK);
    const struct study_runner runner =
        toy_runner(toy, study_queue_source(queue),
                   room_path(toy->room, "trials-0"));
    s.status = study_ranks_serve(&ranks, &runner, &s.whole, &s.err);
    study_queue_free(queue);
    assert_int_equal(study_store_list(store, STUDY_FULL, &s.trials, NULL),
                     STUDY_OK);
    study_store_close(store);
    return s;
}

static size_t count_of(const struct served *s, enum study_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < s->trials.count; i++)
        n += s->trials.items[i].state == state;
    return n;
}

/* Waits until a file of the room has a line with `part`. */
static void await(const char *room, const char *name, const char *part)
{
    for (int i = 0; i < 1000 && !room_lines(room, name, part); i++)
        nap(0.01);
}

/* Starts a process that waits for a line of `ran`, then does something to the
 * process `to`. */
static pid_t do_later(const char *room, const char *line, pid_t to,
                      void (*act)(const char *room, pid_t to))
{
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid) return pid;
    await(room, "ran", line);
    act(room, to);
    _exit(0);
}

static void kill_it(const char *room, pid_t pid)
{
    (void)room;
    (void)kill(pid, SIGKILL);
}

/* Longer than it takes to be given up. */
static void suspend_it(const char *room, pid_t pid)
{
    (void)kill(pid, SIGSTOP);
    nap(2.5 * LOST_SECONDS);
    (void)kill(pid, SIGCONT);
    room_write(room, "resumed", "", 0);
}

/* -------------------------------------------------------------------- trials
 */

static void every_trial_runs_once(void **state)
{
    enum { TRIALS = 24, RANKS = 4 };
    struct crew crew = {.room = *state,
                        .script = "echo x$SEED other >> $ROOM/ran; sleep 0.02; "
                                  "echo '{\"metric\": 0.'$SEED'}'"};
    struct toy toy = {.room = *state,
                      .script = "echo x$SEED zero >> $ROOM/ran; sleep 0.02; "
                                "echo '{\"metric\": 0.'$SEED'}'"};
    struct fake_ranks f;
    fake_ranks_start(&f, RANKS, work, &crew);
    struct served s = serve(&f, &toy, TRIALS);
    assert_int_equal(s.status, STUDY_OK);
    assert_true(s.whole);
    assert_string_equal(s.said, "");
    for (int k = 1; k < RANKS; k++)
        assert_int_equal(fake_ranks_wait(&f, k), WHOLE);
    assert_int_equal(room_lines(*state, "ran", "x"), TRIALS);
    assert_true(room_lines(*state, "ran", "other") > 0);
    assert_true(room_lines(*state, "ran", "zero") > 0);
    assert_int_equal(count_of(&s, STUDY_DONE), TRIALS);
    for (size_t i = 0; i < s.trials.count; i++) {
        char metric[32];
        (void)snprintf(metric, sizeof metric, "0.%d",
                       (int)s.trials.items[i].seed);
        assert_true(s.trials.items[i].metric == strtod(metric, NULL));
    }
    /* Rank 0 is told of all trials, and not of its own only. */
    assert_int_equal(toy.begun, TRIALS);
    assert_int_equal(toy.ended, TRIALS);
    study_trials_clear(&s.trials);
    fake_ranks_close(&f);
}

/* On other ranks the first trial runs long; on rank 0 the first one waits until
 * that has begun. */
static const char first_is_long[] =
    "mkdir $ROOM/first 2>/dev/null; was_there=$?; "
    "echo x$SEED other >> $ROOM/ran; "
    "[ $was_there != 0 ] || sleep ${LONG:-30}; "
    "echo '{\"metric\": 1}'";
static const char waits_for_others[] =
    "echo x$SEED zero >> $ROOM/ran; "
    "while ! [ -d $ROOM/first ]; do sleep 0.01; done; "
    "echo '{\"metric\": 1}'";

static void lose_a_rank(const char *room, bool numb)
{
    enum { TRIALS = 6 };
    struct crew crew = {.room = room, .script = first_is_long};
    struct toy toy = {.room = room, .script = waits_for_others};
    struct fake_ranks f;
    fake_ranks_start(&f, 2, work, &crew);
    f.numb = numb;
    (void)do_later(room, "other", f.pids[1], kill_it);
    struct served s = serve(&f, &toy, TRIALS);
    assert_int_equal(s.status, STUDY_OK);
    assert_false(s.whole);
    assert_int_equal(fake_ranks_wait(&f, 1), -1);
    assert_int_equal(count_of(&s, STUDY_DONE), TRIALS);
    assert_int_equal(room_lines(room, "ran", "x"), TRIALS + 1);
    assert_non_null(strstr(s.said, "rank 1 on "));
    assert_non_null(strstr(s.said, numb ? " is lost (silent for 0.6 s): its "
                                          "trial waits again"
                                        : " is lost (it cannot be reached): "
                                          "its trial waits again"));
    study_trials_clear(&s.trials);
    fake_ranks_close(&f);
}

static void a_rank_that_dies_costs_its_trial(void **state)
{
    lose_a_rank(*state, false);
}

/* As with MPI, where a message to a dead process just does not arrive. */
static void a_rank_that_falls_silent_costs_its_trial(void **state)
{
    lose_a_rank(*state, true);
}

static void a_rank_that_was_suspended_comes_back(void **state)
{
    enum { TRIALS = 6 };
    struct crew crew = {.room = *state, .script = first_is_long};
    struct toy toy = {.room = *state,
                      .script = "echo x$SEED zero >> $ROOM/ran; "
                                "while ! [ -d $ROOM/first ]; do sleep 0.01; "
                                "done; while [ $SEED -gt 2 ] && ! [ -e "
                                "$ROOM/resumed ]; do sleep 0.01; done; "
                                "echo '{\"metric\": 1}'"};
    struct fake_ranks f;
    (void)setenv("LONG", "0.1", 1);
    fake_ranks_start(&f, 2, work, &crew);
    (void)unsetenv("LONG");
    (void)do_later(*state, "other", f.pids[1], suspend_it);
    struct served s = serve(&f, &toy, TRIALS);
    assert_int_equal(s.status, STUDY_OK);
    assert_true(s.whole);
    assert_int_equal(fake_ranks_wait(&f, 1), WHOLE);
    assert_int_equal(count_of(&s, STUDY_DONE), TRIALS);
    assert_int_equal(room_lines(*state, "ran", "x"), TRIALS + 1);
    assert_non_null(strstr(s.said, " is lost (silent"));
    assert_non_null(strstr(s.said, " is back"));
    study_trials_clear(&s.trials);
    fake_ranks_close(&f);
}

/* ------------------------------------------------------------------ stopping
 */

static bool others_work(void *ctx)
{
    return room_lines(ctx, "ran", "other") > 0;
}

static void all_ranks_stop_together(void **state)
{
    enum { TRIALS = 8, RANKS = 3 };
    struct crew crew = {.room = *state,
                        .script = "echo x$SEED other >> $ROOM/ran; sleep 30"};
    struct toy toy = {.room = *state,
                      .script = "echo x$SEED zero >> $ROOM/ran; sleep 30",
                      .stopped = others_work,
                      .ctx = *state,
                      .grace = 0.2};
    struct fake_ranks f;
    fake_ranks_start(&f, RANKS, work, &crew);
    struct served s = serve(&f, &toy, TRIALS);
    assert_int_equal(s.status, STUDY_E_STOPPED);
    assert_true(s.whole);
    for (int k = 1; k < RANKS; k++)
        assert_int_equal(fake_ranks_wait(&f, k), WHOLE);
    assert_int_equal(count_of(&s, STUDY_WAITING), TRIALS);
    study_trials_clear(&s.trials);
    fake_ranks_close(&f);
}

static void a_rank_that_cannot_work_says_why_and_leaves(void **state)
{
    enum { TRIALS = 3 };
    struct crew crew = {.room = *state,
                        .script = first_is_long,
                        .folder = "/nowhere/trials"};
    struct toy toy = {.room = *state,
                      .script = "sleep 0.3; echo '{\"metric\": 1}'"};
    struct fake_ranks f;
    fake_ranks_start(&f, 2, work, &crew);
    struct served s = serve(&f, &toy, TRIALS);
    assert_int_equal(s.status, STUDY_OK);
    assert_true(s.whole);
    assert_int_equal(fake_ranks_wait(&f, 1), STUDY_E_FILE * 2 + 1);
    assert_non_null(
        strstr(s.said, " has left: cannot make the folder /nowhere/trials"));
    assert_int_equal(count_of(&s, STUDY_DONE), TRIALS);
    study_trials_clear(&s.trials);
    fake_ranks_close(&f);
}

/* A source whose results cannot be stored. */
static enum study_status take_any(void *ctx, struct study_trial *out,
                                  enum study_take *answer,
                                  struct study_error *err)
{
    int64_t *next = ctx;
    struct study_trial t = room_trial("flat", *next);
    (void)err;
    assert_true(study_trial_copy(out, &t));
    out->id = ++*next;
    *answer = STUDY_TAKEN;
    return STUDY_OK;
}

static enum study_status disk_is_full(void *ctx, const struct study_trial *t,
                                      struct study_error *err)
{
    (void)ctx;
    return t->state == STUDY_WAITING
               ? STUDY_OK
               : study_fail(err, STUDY_E_FILE, "the disk is full");
}

static void a_result_that_cannot_be_stored_stops_all(void **state)
{
    struct crew crew = {.room = *state,
                        .script = "echo x$SEED other >> $ROOM/ran; "
                                  "echo '{\"metric\": 1}'"};
    struct toy toy = {.room = *state, .script = "sleep 30", .grace = 0.2};
    struct study_error err = {STUDY_OK, ""};
    struct fake_ranks f;
    int64_t next = 0;
    bool whole;
    fake_ranks_start(&f, 2, work, &crew);
    const struct study_ranks ranks = {.transport = fake_transport(&f),
                                      .lost_after = LOST_SECONDS};
    const struct study_runner runner =
        toy_runner(&toy, (struct study_source){take_any, disk_is_full, &next},
                   room_path(*state, "trials"));
    assert_int_equal(study_ranks_serve(&ranks, &runner, &whole, &err),
                     STUDY_E_FILE);
    assert_message(&err, STUDY_E_FILE, "the disk is full");
    assert_true(whole);
    assert_int_equal(room_lines(*state, "ran", "x"), 1);
    (void)fake_ranks_wait(&f, 1);
    fake_ranks_close(&f);
}

/* --------------------------------------------------------------- single words
 *
 * What a rank says is there before rank 0 listens; what it answered is read
 * afterwards. */

static void utter(struct fake_ranks *one, const struct study_message *m)
{
    const struct study_transport t = fake_transport(one);
    size_t size;
    unsigned char *const bytes = study_message_write(m, &size);
    assert_non_null(bytes);
    assert_true(t.send(t.ctx, 0, bytes, size));
    free(bytes);
}

/* The first message of this kind that rank 0 has sent. */
static bool answered(struct fake_ranks *one, enum study_message_kind kind,
                     struct study_message *m)
{
    const struct study_transport t = fake_transport(one);
    unsigned char *bytes;
    size_t size;
    int from;
    while (t.receive(t.ctx, &from, &bytes, &size)) {
        const bool ok = study_message_read(bytes, size, m);
        free(bytes);
        assert_true(ok);
        if (m->kind == kind) return true;
        study_message_clear(m);
    }
    return false;
}

static struct study_message hello(void)
{
    static char text[64];
    (void)snprintf(text, sizeof text, "%s\nelsewhere", taper_version());
    return (struct study_message){.kind = STUDY_HELLO, .text = text};
}

/* Serves with three short trials while rank 1 has said its words. */
static struct served serve_pair(struct fake_ranks *zero, const char *room)
{
    struct toy toy = {.room = room, .script = "echo '{\"metric\": 1}'"};
    struct served s = serve(zero, &toy, 3);
    assert_int_equal(s.status, STUDY_OK);
    assert_int_equal(count_of(&s, STUDY_DONE), 3);
    study_trials_clear(&s.trials);
    return s;
}

static void another_version_of_taper_does_not_take_part(void **state)
{
    struct fake_ranks zero, one;
    struct study_message m;
    fake_ranks_pair(&zero, &one);
    utter(&one, &(struct study_message){.kind = STUDY_HELLO,
                                        .text = (char[]){"0.0.0\nold"}});
    utter(&one, &(struct study_message){.kind = STUDY_LEAVE});
    const struct served s = serve_pair(&zero, *state);
    assert_true(s.whole);
    assert_non_null(
        strstr(s.said, "rank 1 on old does not take part: taper 0.0.0 here"));
    assert_true(answered(&one, STUDY_STOP, &m));
    assert_non_null(strstr(m.text, "taper 0.0.0"));
    study_message_clear(&m);
    fake_ranks_close(&zero);
    fake_ranks_close(&one);
}

static void a_trial_that_a_rank_keeps_runs_elsewhere(void **state)
{
    struct fake_ranks zero, one;
    struct study_message m = hello();
    fake_ranks_pair(&zero, &one);
    utter(&one, &m);
    utter(&one, &(struct study_message){.kind = STUDY_TAKE});
    utter(&one, &(struct study_message){.kind = STUDY_LEAVE});
    assert_true(serve_pair(&zero, *state).whole);
    assert_true(answered(&one, STUDY_GAVE_TRIAL, &m));
    assert_string_equal(m.trial.name, "flat");
    study_message_clear(&m);
    assert_true(answered(&one, STUDY_END, &m));
    assert_int_equal(m.code, 1);
    fake_ranks_close(&zero);
    fake_ranks_close(&one);
}

static void a_result_of_a_trial_that_others_have_is_dropped(void **state)
{
    struct fake_ranks zero, one;
    struct study_message m = hello();
    struct study_trial t = room_trial("flat", 77);
    fake_ranks_pair(&zero, &one);
    utter(&one, &m);
    t.id = 1;
    t.state = STUDY_DONE;
    t.metric = 99.0;
    utter(&one, &(struct study_message){.kind = STUDY_GIVE,
                                        .carries = true,
                                        .trial = t});
    utter(&one, &(struct study_message){.kind = STUDY_LEAVE});
    assert_true(serve_pair(&zero, *state).whole);
    assert_true(answered(&one, STUDY_GIVEN, &m));
    assert_int_equal(m.code, STUDY_OK);
    struct study_store *store =
        room_open(room_path(*state, "s.db"), STUDY_READ);
    struct study_trials all;
    assert_int_equal(study_store_list(store, STUDY_BRIEF, &all, NULL),
                     STUDY_OK);
    assert_true(all.items[0].metric == 1.0);
    study_trials_clear(&all);
    study_store_close(store);
    fake_ranks_close(&zero);
    fake_ranks_close(&one);
}

static void who_speaks_another_language_is_lost(void **state)
{
    struct fake_ranks zero, one;
    fake_ranks_pair(&zero, &one);
    const struct study_transport t = fake_transport(&one);
    assert_true(t.send(t.ctx, 0, "good morning", 12));
    const struct served s = serve_pair(&zero, *state);
    assert_false(s.whole);
    assert_non_null(strstr(s.said, "another language"));
    fake_ranks_close(&zero);
    fake_ranks_close(&one);
}

static void without_a_study_the_others_are_sent_home(void **state)
{
    struct fake_ranks zero, one;
    struct study_message m = hello();
    bool whole = false;
    (void)state;
    fake_ranks_pair(&zero, &one);
    utter(&one, &m);
    utter(&one, &(struct study_message){.kind = STUDY_LEAVE,
                                        .text = (char[]){"wrong option"}});
    const struct study_ranks ranks = {.transport = fake_transport(&zero),
                                      .lost_after = LOST_SECONDS};
    assert_int_equal(study_ranks_serve(&ranks, NULL, &whole, NULL), STUDY_OK);
    assert_true(whole);
    assert_true(answered(&one, STUDY_STOP, &m));
    assert_null(m.text);
    assert_true(answered(&one, STUDY_END, &m));
    fake_ranks_close(&zero);
    fake_ranks_close(&one);
}

static void without_rank_0_a_rank_ends(void **state)
{
    struct toy toy = {.room = *state, .script = "exit 1"};
    const struct study_runner runner =
        toy_runner(&toy, (struct study_source){NULL, NULL, NULL},
                   room_path(*state, "trials"));
    for (int dead = 0; dead < 2; dead++) {
        struct fake_ranks zero, one;
        struct study_error err = {STUDY_OK, ""};
        bool whole = true;
        fake_ranks_pair(&zero, &one);
        if (dead) fake_ranks_close(&zero);
        const struct study_ranks ranks = {.transport = fake_transport(&one),
                                          .lost_after = 0.1};
        assert_int_equal(study_ranks_work(&ranks, &runner, NULL, &whole, &err),
                         STUDY_E_PROCESS);
        assert_message(&err, STUDY_E_PROCESS,
                       dead ? "rank 0 cannot be reached" : "rank 0 is silent");
        assert_false(whole);
        fake_ranks_close(&zero);
        fake_ranks_close(&one);
    }
}

/* ------------------------------------------------------------------ launching
 */

static void the_environment_tells_who_started_it(void **state)
{
    (void)state;
    assert_int_equal(study_launched_as().size, 1);
    (void)setenv("SLURM_STEP_NUM_TASKS", "8", 1);
    (void)setenv("SLURM_PROCID", "5", 1);
    struct study_launched l = study_launched_as();
    assert_int_equal(l.size, 8);
    assert_int_equal(l.rank, 5);
    assert_string_equal(l.program, "srun");
    /* mpirun within Slurm: its daemons are Slurm's tasks. */
    (void)setenv("OMPI_COMM_WORLD_SIZE", "4", 1);
    (void)setenv("OMPI_COMM_WORLD_RANK", "2", 1);
    l = study_launched_as();
    assert_int_equal(l.size, 4);
    assert_int_equal(l.rank, 2);
    assert_string_equal(l.program, "mpirun");
    (void)setenv("OMPI_COMM_WORLD_RANK", "many", 1);
    assert_int_equal(study_launched_as().size, 8);
}

static void a_trial_does_not_take_itself_for_a_rank(void **state)
{
    (void)state;
    static const char *const gone[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK",
                                       "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS"};
    static const char *const stay[] = {"SLURM_JOB_ID", "OMPI_MCA_btl", "PATH",
                                       "OMP_NUM_THREADS"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        (void)setenv(gone[i], "4", 1);
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++)
        (void)setenv(stay[i], "1", 0);
    study_ranks_hide();
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        assert_null(getenv(gone[i]));
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++)
        assert_non_null(getenv(stay[i]));
    assert_int_equal(study_launched_as().size, 1);
}

#define IN_ROOM(test) \
    cmocka_unit_test_setup_teardown(test, room_create, room_remove)

int main(void)
{
    study_ranks_hide(); /* whoever runs the tests may be a task of Slurm */
    const struct CMUnitTest tests[] = {
        IN_ROOM(every_trial_runs_once),
        IN_ROOM(a_rank_that_dies_costs_its_trial),
        IN_ROOM(a_rank_that_falls_silent_costs_its_trial),
        IN_ROOM(a_rank_that_was_suspended_comes_back),
        IN_ROOM(all_ranks_stop_together),
        IN_ROOM(a_rank_that_cannot_work_says_why_and_leaves),
        IN_ROOM(a_result_that_cannot_be_stored_stops_all),
        IN_ROOM(another_version_of_taper_does_not_take_part),
        IN_ROOM(a_trial_that_a_rank_keeps_runs_elsewhere),
        IN_ROOM(a_result_of_a_trial_that_others_have_is_dropped),
        IN_ROOM(who_speaks_another_language_is_lost),
        IN_ROOM(without_a_study_the_others_are_sent_home),
        IN_ROOM(without_rank_0_a_rank_ends),
        cmocka_unit_test(the_environment_tells_who_started_it),
        cmocka_unit_test(a_trial_does_not_take_itself_for_a_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
