/* Processes of trials, their processors, and the words for their ends. */
#define _GNU_SOURCE /* W_EXITCODE, usleep */
#include "study/cores.h"
#include "study/process.h"
#include "study/process_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------------------------- words */

static void assert_why(int status, const char *words)
{
    char why[STUDY_WHY_SIZE];
    study_process_why(status, why);
    assert_string_equal(why, words);
}

static void ends_are_said_in_words(void **state)
{
    (void)state;
    assert_why(W_EXITCODE(0, 0), "");
    assert_why(W_EXITCODE(1, 0), "exit status 1");
    assert_why(W_EXITCODE(127, 0), "exit status 127");
    assert_why(W_EXITCODE(128, 0), "exit status 128");
    assert_why(W_EXITCODE(139, 0),
               "exit status 139 (killed by signal 11 (Segmentation fault))");
    assert_why(W_EXITCODE(137, 0),
               "exit status 137 (killed by signal 9 (out of memory?))");
    assert_why(W_EXITCODE(255, 0), "exit status 255");
    assert_why(W_EXITCODE(0, SIGTERM), "killed by signal 15 (Terminated)");
    assert_why(W_EXITCODE(0, SIGKILL), "killed by signal 9 (out of memory?)");
}

/* --------------------------------------------------------------- processors */

static struct study_cores cores_to(int count)
{
    struct study_cores cores = {.count = (size_t)count};
    for (int i = 0; i < count; i++)
        cores.cpu[i] = 10 + i;
    return cores;
}

static void jobs_that_fill_the_machine_share_it_out(void **state)
{
    (void)state;
    const struct study_cores all = cores_to(8);
    for (int jobs = 1; jobs <= 10; jobs++)
        for (int threads = 1; threads <= 10; threads++)
            for (int slot = 0; slot < jobs; slot++) {
                const struct study_cores own =
                    study_cores_of(&all, slot, jobs, threads);
                const int wanted = jobs * threads;
                if (wanted <= 4 || wanted > 8) {
                    assert_int_equal(own.count, 8);
                    continue;
                }
                assert_int_equal(own.count, threads);
                for (int i = 0; i < threads; i++)
                    assert_int_equal(own.cpu[i], 10 + slot * threads + i);
            }
}

static void allowed_processors_are_all_different(void **state)
{
    (void)state;
    const struct study_cores all = study_cores_allowed();
    assert_true(all.count >= 1 && all.count <= STUDY_CORES_MAX);
    for (size_t i = 0; i < all.count; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(all.cpu[i], all.cpu[k]);
}

/* ---------------------------------------------------------------- processes */

/* Starts a shell with this script. */
static struct study_process start(const char *script, int guard)
{
    static char shell[] = "sh", option[] = "-c", path[] = "PATH=/usr/bin:/bin";
    char text[256];
    (void)snprintf(text, sizeof text, "%s", script);
    char *const argv[] = {shell, option, text, NULL};
    char *const environment[] = {path, NULL};
    const struct study_cores any = {0};
    const struct study_launch launch = {.argv = argv,
                                        .environment = environment,
                                        .cores = &any,
                                        .guard = guard};
    struct study_process p;
    bool exec_failed = true;
    assert_int_equal(study_process_start(&p, &launch, &exec_failed), 0);
    assert_false(exec_failed);
    return p;
}

static void wait_for_end(const struct study_process *p)
{
    struct pollfd fd = {.fd = p->ended, .events = POLLIN};
    if (p->ended >= 0) assert_int_equal(poll(&fd, 1, 10000), 1);
    for (int i = 0; i < 1000 && !study_process_ended(p); i++)
        (void)usleep(10000);
    assert_true(study_process_ended(p));
}

static void a_process_is_heard_and_ended(void **state)
{
    (void)state;
    struct study_process p = start("echo out; echo err >&2; exit 5", -1);
    char out[8] = "", err[8] = "";
    wait_for_end(&p);
    assert_int_equal(read(p.out, out, sizeof out), 4);
    assert_int_equal(read(p.err, err, sizeof err), 4);
    assert_string_equal(out, "out\n");
    assert_string_equal(err, "err\n");
    assert_int_equal(WEXITSTATUS(study_process_reap(&p)), 5);
    assert_int_equal(p.pid, 0);
}

static void a_process_leads_its_own_group(void **state)
{
    (void)state;
    struct study_process p = start("sleep 100; sleep 100", -1);
    assert_false(study_process_ended(&p));
    assert_int_equal(getpgid(p.pid), p.pid);
    study_process_signal(&p, SIGTERM);
    wait_for_end(&p);
    assert_int_equal(WTERMSIG(study_process_reap(&p)), SIGTERM);
}

/* Signals that a study ignores for its own sake are not ignored by trials. */
static void a_process_has_the_usual_signals(void **state)
{
    (void)state;
    void (*const before)(int) = signal(SIGPIPE, SIG_IGN);
    struct study_process p = start("kill -PIPE $$; exit 0", -1);
    (void)signal(SIGPIPE, before);
    wait_for_end(&p);
    assert_int_equal(WTERMSIG(study_process_reap(&p)), SIGPIPE);
}

static void what_cannot_run_says_why(void **state)
{
    (void)state;
    static char name[] = "/nowhere/program";
    char *const argv[] = {name, NULL}, *const environment[] = {NULL};
    const struct study_cores any = {0};
    const struct study_launch launch = {.argv = argv,
                                        .environment = environment,
                                        .cores = &any,
                                        .guard = -1};
    struct study_process p;
    bool exec_failed = false;
    assert_int_equal(study_process_start(&p, &launch, &exec_failed), ENOENT);
    assert_true(exec_failed);
    assert_int_equal(p.pid, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left */
}

static void a_guard_kills_what_it_was_not_told_the_end_of(void **state)
{
    (void)state;
    struct study_guard g;
    assert_int_equal(study_guard_begin(&g), 0);
    struct study_process left = start("sleep 100; sleep 100", g.fd);
    struct study_process released = start("sleep 100; sleep 100", g.fd);
    study_guard_tell(g.fd, released.pid, false);
    study_guard_end(&g);
    wait_for_end(&left);
    assert_int_equal(WTERMSIG(study_process_reap(&left)), SIGKILL);
    assert_false(study_process_ended(&released));
    study_process_signal(&released, SIGKILL);
    wait_for_end(&released);
    (void)study_process_reap(&released);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_said_in_words),
        cmocka_unit_test(jobs_that_fill_the_machine_share_it_out),
        cmocka_unit_test(allowed_processors_are_all_different),
        cmocka_unit_test(a_process_is_heard_and_ended),
        cmocka_unit_test(a_process_leads_its_own_group),
        cmocka_unit_test(a_process_has_the_usual_signals),
        cmocka_unit_test(what_cannot_run_says_why),
        cmocka_unit_test(a_guard_kills_what_it_was_not_told_the_end_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
