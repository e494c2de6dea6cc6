/* Threads that meet: every index runs once a run, on a thread of its own that
 * stays the same, and a team that cannot be had says so.
 *
 * pthread_create is wrapped by the linker, so that it can be made to fail. */
#include "nn/team.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { MOST = 64 };

/* --- a pthread_create that can be told to fail --------------------------- */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

static int threads_left = -1; /* -1: as many as wanted */

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (threads_left == 0) return EAGAIN;
    if (threads_left > 0) threads_left--;
    return __real_pthread_create(thread, attributes, start, argument);
}

/* --- tests --------------------------------------------------------------- */

struct tally {
    atomic_int calls[MOST]; /* by index */
    pthread_t thread[MOST]; /* that ran this index last */
    atomic_int moved;       /* times an index changed its thread */
    int slow;               /* index that takes its time; -1: none */
};

static void count(void *context, int index)
{
    struct tally *t = context;
    const pthread_t self = pthread_self();
    if (atomic_load(&t->calls[index]) > 0 &&
        !pthread_equal(t->thread[index], self))
        atomic_fetch_add(&t->moved, 1);
    t->thread[index] = self;
    if (index == t->slow)
        nanosleep(&(struct timespec){0, 20 * 1000 * 1000}, NULL);
    atomic_fetch_add(&t->calls[index], 1);
}

static void check_runs(int threads, int runs, int slow)
{
    struct nn_team *team;
    assert_int_equal(nn_team_create(threads, &team, NULL), NN_OK);
    struct tally t;
    memset(&t, 0, sizeof t);
    t.slow = slow;
    for (int run = 1; run <= runs; run++) {
        nn_team_run(team, count, &t);
        for (int i = 0; i < MOST; i++)
            assert_int_equal(atomic_load(&t.calls[i]), i < threads ? run : 0);
    }
    assert_int_equal(atomic_load(&t.moved), 0);
    for (int i = 0; i < threads; i++) {
        assert_false(pthread_equal(t.thread[i], pthread_self()));
        for (int k = 0; k < i; k++)
            assert_false(pthread_equal(t.thread[i], t.thread[k]));
    }
    nn_team_destroy(team);
}

static void every_index_runs_once_a_run(void **state)
{
    (void)state;
    check_runs(1, 2000, -1);
    check_runs(2, 2000, -1);
    check_runs(3, 500, -1);
}

static void more_threads_than_cores_are_legal(void **state)
{
    (void)state;
    check_runs(MOST, 50, -1);
}

static void a_run_waits_for_its_slowest_thread(void **state)
{
    (void)state;
    check_runs(3, 3, 0);
    check_runs(3, 3, 2);
}

static void add_index(void *context, int index)
{
    *(atomic_int *)context += index + 1;
}

static void two_teams_do_not_meet(void **state)
{
    (void)state;
    struct nn_team *a, *b;
    atomic_int sum_a = 0, sum_b = 0;
    assert_int_equal(nn_team_create(2, &a, NULL), NN_OK);
    assert_int_equal(nn_team_create(3, &b, NULL), NN_OK);
    for (int i = 0; i < 100; i++) {
        nn_team_run(a, add_index, &sum_a);
        nn_team_run(b, add_index, &sum_b);
    }
    assert_int_equal(sum_a, 100 * (1 + 2));
    assert_int_equal(sum_b, 100 * (1 + 2 + 3));
    nn_team_destroy(b);
    nn_team_run(a, add_index, &sum_a);
    assert_int_equal(sum_a, 101 * (1 + 2));
    nn_team_destroy(a);
}

static void a_team_may_leave_without_a_run(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct nn_team *team;
        assert_int_equal(nn_team_create(1 + i % 4, &team, NULL), NN_OK);
        nn_team_destroy(team);
    }
    nn_team_destroy(NULL);
}

/* The threads that did start are sent home, and the message counts from 1. */
static void a_thread_that_cannot_start_is_an_error(void **state)
{
    (void)state;
    for (int left = 0; left < 3; left++) {
        struct nn_error error = {0};
        int nothing;
        struct nn_team *team = (struct nn_team *)&nothing;
        threads_left = left;
        const enum nn_status status = nn_team_create(4, &team, &error);
        threads_left = -1;
        assert_int_equal(status, NN_E_THREAD);
        assert_int_equal(error.code, NN_E_THREAD);
        assert_null(team);
        const char *const expected[] = {"thread 1 of 4", "thread 2 of 4",
                                        "thread 3 of 4"};
        assert_non_null(strstr(error.message, expected[left]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_runs_once_a_run),
        cmocka_unit_test(more_threads_than_cores_are_legal),
        cmocka_unit_test(a_run_waits_for_its_slowest_thread),
        cmocka_unit_test(two_teams_do_not_meet),
        cmocka_unit_test(a_team_may_leave_without_a_run),
        cmocka_unit_test(a_thread_that_cannot_start_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
