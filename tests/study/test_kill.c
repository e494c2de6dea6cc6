/* A study that is killed at any moment and run again has every trial exactly
 * once. TAPER_KILLS says how many times it is killed; else 10. */
#include "room.h"
#include "toy.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

/* Enough that none of the runs that are killed gets to the end of it. */
#define TRIALS_PER_KILL 12

/* A trial tells when it begins, and lasts long enough that a run of 60 ms ends
 * at most TRIALS_PER_KILL of them; its metric is its seed. */
static const char script[] = "echo seed $SEED. >> $ROOM/begun\n"
                             "sleep 0.01\n"
                             "echo \"{\\\"metric\\\": $SEED}\"";

/* A source that writes down what has been stored. A process may die between
 * the two, so that a line may be missing, but none is there twice. */
struct witness {
    struct study_source source;
    FILE *log;
};

static enum study_status take(void *ctx, struct study_trial *out,
                              enum study_take *answer, struct study_error *err)
{
    const struct witness *w = ctx;
    return w->source.take(w->source.ctx, out, answer, err);
}

static enum study_status give(void *ctx, const struct study_trial *t,
                              struct study_error *err)
{
    const struct witness *w = ctx;
    const enum study_status status = w->source.give(w->source.ctx, t, err);
    if (!status && t->state == STUDY_DONE) {
        (void)fprintf(w->log, "seed %d.\n", (int)t->seed);
        (void)fflush(w->log);
    }
    return status;
}

/* The whole life of a study's process; its exit status. */
static int study(const char *room, int64_t trials)
{
    struct study_store *s;
    struct study_queue *q;
    const struct study_plan plan = toy_plan(trials);
    struct toy toy = {.script = script, .room = room, .jobs = 2};
    struct study_error err = {0};
    if (study_store_open(&s, room_path(room, "s.db"), STUDY_CREATE, &err) ||
        study_queue_create(&q, s, &plan, &err)) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    struct witness w = {.source = study_queue_source(q),
                        .log = fopen(room_path(room, "stored"), "a")};
    if (!w.log) return 1;
    const struct study_source source = {.take = take, .give = give, .ctx = &w};
    if (toy_run_from(&toy, source, room_path(room, "s.db.trials"), &err)) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    (void)fclose(w.log);
    study_queue_free(q);
    study_store_close(s);
    return 0;
}

static uint64_t random_bits(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *state >> 33;
}

/* Lets a study run for a moment and kills it; true if it came to its end. */
static bool run_and_kill(const char *room, int64_t trials, uint64_t *random)
{
    int status;
    const pid_t pid = fork();
    if (pid == 0) _exit(study(room, trials));
    assert_true(pid > 0);
    /* Opening takes a few milliseconds, a trial as many: up to 60 meets all. */
    const struct timespec pause = {.tv_nsec =
                                       (long)(random_bits(random) % 60000000)};
    (void)nanosleep(&pause, NULL);
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

static void check_integrity(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q,
                                        NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(q, 0), "ok");
    assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* How often the trial with this seed stands in a file. */
static size_t times(const char *room, const char *file, int64_t seed)
{
    char line[40];
    (void)snprintf(line, sizeof line, "seed %d.", (int)seed);
    return room_lines(room, file, line);
}

/* After a kill: trials that were done before it have not begun again, which
 * `begun`, as it was when they were done, tells; both are brought up to date.
 */
static void check_none_again(const char *room, int64_t trials, size_t *begun)
{
    struct study_store *s;
    struct study_trials all = {0};
    const char *path = room_path(room, "s.db");
    if (access(path, F_OK) != 0) return;
    check_integrity(path);
    /* The very first process may have died before there was a study. */
    if (study_store_open(&s, path, STUDY_READ, NULL) != STUDY_OK) return;
    assert_int_equal(study_store_list(s, STUDY_BRIEF, &all, NULL), STUDY_OK);
    assert_true(all.count <= (size_t)trials);
    for (size_t i = 0; i < all.count; i++) {
        const struct study_trial *t = &all.items[i];
        const size_t now = times(room, "begun", t->seed);
        if (begun[t->seed]) assert_int_equal(now, begun[t->seed]);
        if (begun[t->seed]) assert_int_equal(t->state, STUDY_DONE);
        if (t->state == STUDY_DONE) begun[t->seed] = now;
    }
    study_trials_clear(&all);
    study_store_close(s);
}

static void a_killed_study_has_every_trial_exactly_once(void **state)
{
    const char *asked = getenv("TAPER_KILLS");
    const int kills = asked ? atoi(asked) : 10;
    const int64_t trials = (int64_t)kills * TRIALS_PER_KILL;
    uint64_t random = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
    size_t *begun = calloc((size_t)trials, sizeof *begun);
    assert_non_null(begun);
    (void)printf("kills: %d, random state: %llu\n", kills,
                 (unsigned long long)random);
    bool over = false;
    for (int i = 0; i < kills; i++) {
        over = run_and_kill(*state, trials, &random);
        check_none_again(*state, trials, begun);
    }
    assert_false(over); /* else the last kills met nothing */
    assert_int_equal(study(*state, trials), 0);

    check_integrity(room_path(*state, "s.db"));
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_READ);
    struct study_trials all;
    assert_int_equal(study_store_list(s, STUDY_FULL, &all, NULL), STUDY_OK);
    assert_int_equal(all.count, trials);
    size_t lost = 0;
    for (size_t i = 0; i < all.count; i++) {
        const struct study_trial *t = &all.items[i];
        assert_int_equal(t->state, STUDY_DONE);
        assert_true(t->metric == (double)t->seed);
        if (begun[t->seed])
            assert_int_equal(times(*state, "begun", t->seed), begun[t->seed]);
        const size_t stored = times(*state, "stored", t->seed);
        assert_true(stored <= 1);
        lost += stored == 0;
    }
    assert_true(lost <= 2 * (size_t)kills); /* jobs, each time */
    study_trials_clear(&all);
    study_store_close(s);
    free(begun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_killed_study_has_every_trial_exactly_once, room_create,
            room_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
