/* The store: what is kept, who gets which trial, and merging. What is refused
 * is in test_store_refused.c. */
#include "room.h"
#include "study/store.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------------------------ keeping */

static void a_trial_comes_back_as_it_was_stored(void **state)
{
    char *path = strdup(room_path(*state, "s.db"));
    struct study_store *s = room_open(path, STUDY_CREATE);
    struct study_trial t = room_trial("cosine", 7), claimed;
    t.peak = 0.1 + 0.2;
    t.budget = 1e15 + 1;
    t.role = STUDY_TUNE;
    bool got;
    size_t added;
    assert_int_equal(study_store_add(s, &t, 1, &added, NULL), STUDY_OK);
    assert_int_equal(added, 1);
    assert_int_equal(study_store_claim(s, &t.id, 1, &claimed, &got, NULL),
                     STUDY_OK);
    assert_true(got);
    assert_int_equal(claimed.state, STUDY_RUNNING);
    /* Within this century: seconds since 1970, not since Julius Caesar. */
    assert_true(claimed.started_at > 1.6e9 && claimed.started_at < 4.1e9);
    claimed.state = STUDY_DONE;
    claimed.metric = 1.0 / 3.0;
    claimed.seconds = 2.5;
    claimed.started_at = 1.7e9;
    claimed.curve = strdup("{\"step\":[1]}");
    claimed.summary = strdup("{\"metric\":0.3}");
    claimed.machine = strdup("host \xc3\xa9");
    assert_int_equal(study_store_finish(s, &claimed, NULL), STUDY_OK);
    study_store_close(s);

    s = room_open(path, STUDY_READ);
    struct study_trials all = room_list(s);
    assert_int_equal(all.count, 1);
    const struct study_trial *r = &all.items[0];
    assert_true(study_trial_same(r, &claimed));
    assert_string_equal(r->name, "cosine");
    assert_string_equal(r->spec, "cosine()");
    assert_memory_equal(&r->peak, &t.peak, sizeof r->peak);
    assert_int_equal(r->state, STUDY_DONE);
    assert_memory_equal(&r->metric, &claimed.metric, sizeof r->metric);
    assert_memory_equal(&r->seconds, &claimed.seconds, sizeof r->seconds);
    assert_memory_equal(&r->started_at, &claimed.started_at, sizeof(double));
    assert_string_equal(r->curve, claimed.curve);
    assert_string_equal(r->summary, claimed.summary);
    assert_string_equal(r->machine, claimed.machine);
    assert_null(r->error);
    study_trials_clear(&all);
    study_trial_clear(&claimed);
    study_store_close(s);
    free(path);
}

static void a_trial_is_stored_once(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    struct study_trial pair[2] = {room_trial("a", 1), room_trial("a", 1)};
    size_t added;
    assert_int_equal(study_store_add(s, pair, 2, &added, NULL), STUDY_OK);
    assert_int_equal(added, 1);
    assert_int_equal(pair[0].id, pair[1].id);
    const int64_t id = room_run_one(s, 1.0);
    struct study_trial again = room_trial("a", 1);
    assert_int_equal(study_store_add(s, &again, 1, &added, NULL), STUDY_OK);
    assert_int_equal(added, 0);
    assert_int_equal(again.id, id);
    assert_int_equal(again.state, STUDY_DONE); /* and stays so */
    /* Every part of its identity makes another trial. */
    struct study_trial other[4];
    for (size_t i = 0; i < 4; i++)
        other[i] = room_trial("a", 1);
    other[0].seed = 2;
    other[1].peak = 0.5;
    other[2].budget = 3;
    other[3].role = STUDY_TUNE;
    assert_int_equal(study_store_add(s, other, 4, &added, NULL), STUDY_OK);
    assert_int_equal(added, 4);
    study_store_close(s);
}

static void what_was_given_up_can_be_wanted_again(void **state)
{
    struct study_store *s = room_store(room_path(*state, "s.db"), 1);
    struct study_trial t = room_trial("flat", 0);
    t.state = STUDY_HALVED;
    assert_int_equal(study_store_add(s, &t, 1, NULL, NULL), STUDY_OK);
    assert_int_equal(room_totals(s).halved, 1);
    t.state = STUDY_WAITING;
    assert_int_equal(study_store_add(s, &t, 1, NULL, NULL), STUDY_OK);
    assert_int_equal(room_totals(s).waiting, 1);
    (void)room_run_one(s, 1.0);
    t.state = STUDY_HALVED; /* what has run is not given up */
    assert_int_equal(study_store_add(s, &t, 1, NULL, NULL), STUDY_OK);
    assert_int_equal(t.state, STUDY_DONE);
    assert_int_equal(room_totals(s).done, 1);
    study_store_close(s);
}

static void a_name_stands_for_one_schedule(void **state)
{
    struct study_store *s = room_store(room_path(*state, "s.db"), 1);
    struct study_error err = {0};
    struct study_trial t[2] = {room_trial("fine", 0), room_trial("flat", 0)};
    static char other[] = "other()", wrong[] = "wrong";
    t[1].spec = t[1].schedule = other;
    assert_int_equal(study_store_add(s, t, 2, NULL, &err), STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "the name 'flat' stands for flat()");
    assert_int_equal(room_totals(s).total, 1); /* not even the fine one */
    t[1] = room_trial("flat", 0);
    t[1].name = wrong;
    assert_int_equal(study_store_add(s, &t[1], 1, NULL, &err), STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "is called 'flat'");
    study_store_close(s);
}

static void a_failure_can_be_tried_again(void **state)
{
    struct study_store *s = room_store(room_path(*state, "s.db"), 2);
    struct study_trials all = room_list(s);
    struct study_trial t;
    bool got;
    assert_int_equal(study_store_claim(s, &all.items[1].id, 1, &t, &got, NULL),
                     STUDY_OK);
    t.state = STUDY_FAILED;
    t.error = strdup("exit status 1");
    assert_int_equal(study_store_finish(s, &t, NULL), STUDY_OK);
    study_trial_clear(&t);
    study_trials_clear(&all);
    (void)room_run_one(s, 4.0);

    size_t count;
    assert_int_equal(study_store_retry(s, &count, NULL), STUDY_OK);
    assert_int_equal(count, 1);
    all = room_list(s);
    assert_int_equal(all.items[0].state, STUDY_DONE);
    assert_int_equal(all.items[1].state, STUDY_WAITING);
    assert_null(all.items[1].error);
    study_trials_clear(&all);
    study_store_close(s);
}

static void totals_add_up(void **state)
{
    struct study_store *s = room_store(room_path(*state, "s.db"), 5);
    (void)room_run_one(s, 1.0);
    (void)room_run_one(s, (double)NAN);
    struct study_trial t = room_trial("flat", 4), claimed;
    t.state = STUDY_HALVED;
    assert_int_equal(study_store_add(s, &t, 1, NULL, NULL), STUDY_OK);
    struct study_trials all = room_list(s);
    bool got;
    assert_int_equal(study_store_claim(s, &all.items[2].id, 1, &claimed, &got,
                                       NULL),
                     STUDY_OK);
    const struct study_totals n = room_totals(s);
    assert_int_equal(n.total, 5);
    assert_int_equal(n.done, 1);
    assert_int_equal(n.diverged, 1);
    assert_int_equal(n.running, 1);
    assert_int_equal(n.waiting, 1);
    assert_int_equal(n.halved, 1);
    assert_int_equal(n.failed, 0);
    study_trial_clear(&claimed);
    study_trials_clear(&all);
    study_store_close(s);
}

/* ------------------------------------------------------------------- facts */

static void a_store_is_of_one_study(void **state)
{
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_CREATE);
    static char task[] = "task", image[] = "image", text[] = "text",
                options[] = "options", some[] = "--epochs 3";
    struct study_error err = {0};
    const struct study_fact first[] = {{.key = task, .value = image}};
    const struct study_fact other[] = {{.key = task, .value = text}};
    const struct study_fact more[] = {{.key = task, .value = image},
                                      {.key = options, .value = some}};
    assert_int_equal(study_store_identify(s, first, 1, &err), STUDY_OK);
    assert_int_equal(study_store_identify(s, first, 1, &err), STUDY_OK);
    assert_int_equal(study_store_identify(s, other, 1, &err), STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "with the task 'image', not 'text'");
    assert_int_equal(study_store_identify(s, more, 2, &err), STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "without options");
    assert_int_equal(study_store_identify(s, first, 0, &err), STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "the task 'image', which is not asked");

    assert_int_equal(study_store_set(s, "asked", "a", &err), STUDY_OK);
    assert_int_equal(study_store_set(s, "asked", "b", &err), STUDY_OK);
    assert_int_equal(study_store_set(s, "task", "b", &err), STUDY_E_USAGE);
    char *value;
    assert_int_equal(study_store_get(s, "asked", &value, &err), STUDY_OK);
    assert_string_equal(value, "b");
    free(value);
    assert_int_equal(study_store_get(s, "task", &value, &err), STUDY_OK);
    assert_string_equal(value, "image");
    free(value);
    assert_int_equal(study_store_get(s, "nothing", &value, &err), STUDY_OK);
    assert_null(value);
    study_store_close(s);
}

/* ----------------------------------------------------------------- claiming */

static void a_trial_is_claimed_by_one(void **state)
{
    const char *path = room_path(*state, "s.db");
    struct study_store *a = room_store(path, 3);
    struct study_store *b = room_open(path, STUDY_WRITE);
    struct study_trials all = room_list(a);
    const int64_t ids[] = {all.items[0].id, all.items[1].id, all.items[2].id};
    struct study_trial mine, yours;
    bool got;
    assert_int_equal(study_store_claim(a, ids, 3, &mine, &got, NULL), STUDY_OK);
    assert_true(got);
    assert_int_equal(mine.id, ids[0]);
    assert_int_equal(study_store_claim(b, ids, 3, &yours, &got, NULL),
                     STUDY_OK);
    assert_true(got);
    assert_int_equal(yours.id, ids[1]);

    /* The result of another's trial is refused, and so is a second one. */
    struct study_error err = {0};
    mine.state = STUDY_DONE;
    mine.metric = 1.0;
    assert_int_equal(study_store_finish(b, &mine, &err), STUDY_E_USAGE);
    assert_int_equal(study_store_finish(a, &mine, &err), STUDY_OK);
    mine.metric = 2.0;
    assert_int_equal(study_store_finish(a, &mine, &err), STUDY_E_USAGE);

    /* A living process keeps its claim; what it gives back waits. */
    size_t count;
    assert_int_equal(study_store_reclaim(a, &count, NULL), STUDY_OK);
    assert_int_equal(count, 0);
    yours.state = STUDY_WAITING;
    assert_int_equal(study_store_finish(b, &yours, &err), STUDY_OK);
    assert_int_equal(room_totals(a).waiting, 2);
    assert_int_equal(room_totals(a).done, 1);
    study_trial_clear(&mine);
    study_trial_clear(&yours);
    study_trials_clear(&all);
    study_store_close(a);
    study_store_close(b);
}

static void closing_gives_claims_back_and_leaves_one_file(void **state)
{
    char *path = strdup(room_path(*state, "s.db"));
    struct study_store *s = room_store(path, 1);
    struct study_trials all = room_list(s);
    struct study_trial t;
    bool got;
    assert_int_equal(study_store_claim(s, &all.items[0].id, 1, &t, &got, NULL),
                     STUDY_OK);
    assert_int_equal(access(room_path(*state, "s.db-lock"), F_OK), 0);
    study_trial_clear(&t);
    study_trials_clear(&all);
    study_store_close(s);
    assert_int_not_equal(access(room_path(*state, "s.db-lock"), F_OK), 0);
    assert_int_not_equal(access(room_path(*state, "s.db-wal"), F_OK), 0);
    s = room_open(path, STUDY_READ);
    assert_int_equal(room_totals(s).waiting, 1);
    study_store_close(s);
    assert_int_not_equal(access(room_path(*state, "s.db-wal"), F_OK), 0);
    assert_int_not_equal(access(room_path(*state, "s.db-shm"), F_OK), 0);
    free(path);
}

/* In a process of its own: claims a trial, says so, and waits to be killed. */
static pid_t claim_and_wait(const char *path, int *ready)
{
    int said[2];
    assert_int_equal(pipe(said), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        struct study_store *s;
        struct study_trials all;
        struct study_trial t;
        bool got = false;
        if (study_store_open(&s, path, STUDY_WRITE, NULL) ||
            study_store_list(s, STUDY_BRIEF, &all, NULL) ||
            study_store_claim(s, &all.items[0].id, 1, &t, &got, NULL) || !got)
            _exit(1);
        if (write(said[1], "x", 1) != 1) _exit(1);
        for (;;)
            (void)pause();
    }
    (void)close(said[1]);
    *ready = said[0];
    return pid;
}

static void claims_of_the_dead_are_taken_back(void **state)
{
    const char *path = room_path(*state, "s.db");
    study_store_close(room_store(path, 1));
    int ready;
    char x;
    const pid_t pid = claim_and_wait(path, &ready);
    assert_int_equal(read(ready, &x, 1), 1);
    struct study_store *s = room_open(path, STUDY_WRITE);
    assert_int_equal(room_totals(s).running, 1); /* alive */
    size_t count;
    assert_int_equal(study_store_reclaim(s, &count, NULL), STUDY_OK);
    assert_int_equal(count, 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(study_store_reclaim(s, &count, NULL), STUDY_OK);
    assert_int_equal(count, 1);
    assert_int_equal(room_totals(s).waiting, 1);
    study_store_close(s);
    (void)close(ready);
}

/* Several processes run one store: each trial has one result. */
static void processes_share_a_store(void **state)
{
    enum { PROCESSES = 4, TRIALS = 60 };
    const char *path = room_path(*state, "s.db");
    const char *log = room_path(*state, "log");
    pid_t pids[PROCESSES];
    for (int p = 0; p < PROCESSES; p++) {
        pids[p] = fork();
        if (pids[p] != 0) continue;
        struct study_store *s;
        struct study_trial t[TRIALS];
        int64_t ids[TRIALS];
        /* All of them make the file and its trials. */
        if (study_store_open(&s, path, STUDY_CREATE, NULL)) _exit(1);
        for (int i = 0; i < TRIALS; i++)
            t[i] = room_trial("flat", i);
        if (study_store_add(s, t, TRIALS, NULL, NULL)) _exit(2);
        for (int i = 0; i < TRIALS; i++)
            ids[i] = t[i].id;
        const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
        bool got = true;
        for (int n = 0; got && n <= TRIALS; n++) {
            struct study_trial one;
            if (study_store_claim(s, ids, TRIALS, &one, &got, NULL)) _exit(3);
            if (!got) break;
            one.state = STUDY_DONE;
            one.metric = p;
            if (study_store_finish(s, &one, NULL)) _exit(4);
            if (dprintf(fd, "%d.\n", (int)one.seed) < 0) _exit(5);
            study_trial_clear(&one);
        }
        study_store_close(s);
        _exit(0);
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        assert_int_equal(waitpid(pids[p], &status, 0), pids[p]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(room_lines(*state, "log", "."), TRIALS);
    struct study_store *s = room_open(path, STUDY_READ);
    assert_int_equal(room_totals(s).done, TRIALS);
    assert_int_equal(room_totals(s).total, TRIALS);
    study_store_close(s);
}

/* Who comes while another makes the file finds nothing or all of it. */
static void a_new_file_may_be_opened_by_many_at_once(void **state)
{
    enum { ROUNDS = 20, PROCESSES = 4 };
    for (int round = 0; round < ROUNDS; round++) {
        pid_t pids[PROCESSES];
        char name[32];
        (void)snprintf(name, sizeof name, "%d.db", round);
        for (int p = 0; p < PROCESSES; p++) {
            pids[p] = fork();
            if (pids[p] != 0) continue;
            struct study_store *s;
            struct study_error err = {0};
            if (study_store_open(&s, room_path(*state, name), STUDY_CREATE,
                                 &err)) {
                (void)fprintf(stderr, "%s\n", err.message);
                _exit(1);
            }
            study_store_close(s);
            _exit(0);
        }
        for (int p = 0; p < PROCESSES; p++) {
            int status;
            assert_int_equal(waitpid(pids[p], &status, 0), pids[p]);
            assert_int_equal(status, 0);
        }
    }
}

/* ------------------------------------------------------------------ merging */

static void merging_adds_what_is_missing(void **state)
{
    const char *ours = room_path(*state, "a.db");
    const char *theirs = room_path(*state, "b.db");
    struct study_store *a = room_store(ours, 3), *b = room_store(theirs, 4);
    const int64_t first = room_run_one(a, 10.0);
    for (int i = 0; i < 3; i++)
        (void)room_run_one(b, 20.0 + i);
    assert_int_equal(study_store_set(b, "asked", "taper", NULL), STUDY_OK);
    study_store_close(b);

    size_t added;
    struct study_error err = {0};
    assert_int_equal(study_store_merge(a, theirs, &added, &err), STUDY_OK);
    assert_int_equal(added, 2); /* seeds 1 and 2; 0 is here, 3 never ran */
    assert_int_equal(study_store_merge(a, theirs, &added, &err), STUDY_OK);
    assert_int_equal(added, 0);
    struct study_trials all = room_list(a);
    assert_int_equal(all.count, 3);
    for (size_t i = 0; i < all.count; i++) {
        assert_int_equal(all.items[i].state, STUDY_DONE);
        assert_true(all.items[i].metric ==
                    (all.items[i].id == first
                         ? 10.0
                         : 20.0 + (double)all.items[i].seed));
    }
    char *value;
    assert_int_equal(study_store_get(a, "asked", &value, NULL), STUDY_OK);
    assert_string_equal(value, "taper");
    free(value);
    study_trials_clear(&all);
    study_store_close(a);
}

static void a_new_store_takes_over_what_is_merged(void **state)
{
    const char *theirs = room_path(*state, "b.db");
    struct study_store *b = room_store(theirs, 2);
    (void)room_run_one(b, 1.0);
    (void)room_run_one(b, (double)NAN);
    study_store_close(b);
    struct study_store *a = room_open(room_path(*state, "a.db"), STUDY_CREATE);
    size_t added;
    assert_int_equal(study_store_merge(a, theirs, &added, NULL), STUDY_OK);
    assert_int_equal(added, 2);
    assert_int_equal(room_totals(a).diverged, 1);
    struct study_error err = {0};
    static char key[] = "task", value[] = "text";
    const struct study_fact fact = {.key = key, .value = value};
    assert_int_equal(study_store_identify(a, &fact, 1, &err), STUDY_E_USAGE);
    study_store_close(a);

    /* A store of another study is not mixed in. */
    a = room_open(room_path(*state, "c.db"), STUDY_CREATE);
    assert_int_equal(study_store_identify(a, &fact, 1, NULL), STUDY_OK);
    assert_int_equal(study_store_merge(a, theirs, &added, &err), STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "'text', not 'exec'");
    assert_int_equal(room_totals(a).total, 0);
    study_store_close(a);
}

static void a_colon_is_a_letter_like_others(void **state)
{
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(*state), 0);
    study_store_close(room_store(":memory:", 1));
    assert_int_equal(access(":memory:", F_OK), 0);
    assert_int_equal(chdir(before), 0);
}

#define IN_ROOM(test) \
    cmocka_unit_test_setup_teardown(test, room_create, room_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(a_trial_comes_back_as_it_was_stored),
        IN_ROOM(a_trial_is_stored_once),
        IN_ROOM(what_was_given_up_can_be_wanted_again),
        IN_ROOM(a_name_stands_for_one_schedule),
        IN_ROOM(a_failure_can_be_tried_again),
        IN_ROOM(totals_add_up),
        IN_ROOM(a_store_is_of_one_study),
        IN_ROOM(a_trial_is_claimed_by_one),
        IN_ROOM(closing_gives_claims_back_and_leaves_one_file),
        IN_ROOM(claims_of_the_dead_are_taken_back),
        IN_ROOM(processes_share_a_store),
        IN_ROOM(a_new_file_may_be_opened_by_many_at_once),
        IN_ROOM(merging_adds_what_is_missing),
        IN_ROOM(a_new_store_takes_over_what_is_merged),
        IN_ROOM(a_colon_is_a_letter_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
