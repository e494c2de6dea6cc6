/* See find_exec.h. */
#define _POSIX_C_SOURCE 200809L
#include "cli/find_exec.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/compare_exec.h"
#include "cli/complain.h"
#include "cli/interrupt.h"
#include "study/process.h"
#include "study/process_guard.h"
#include "study/result.h"

extern char **environ;

/* Seconds that a command has to end by itself once it has been asked to. */
#define GRACE 3.0

enum { SAID = 512, LINE = 65536 };

/* A command under way. */
struct listener {
    struct find_test *test;
    size_t sweep;
    const taper_schedule *rates;
    int64_t last_step; /* of the points so far; -1: none */
    bool enough;       /* the sweep is over */
    char line[LINE];   /* of standard output, so far */
    size_t used;
    bool skipping;   /* it is too long for a point */
    char said[SAID]; /* the end of standard error, with a NUL */
    size_t said_size;
};

/* ---- what it prints ---- */

/* A line that is a point: a JSON object with a step and a value, which is no
 * number where the training diverged. */
static void take_line(struct listener *l)
{
    struct find_test *const t = l->test;
    double step, value;
    l->line[l->used] = '\0';
    if (l->line[strspn(l->line, " \t")] != '{' ||
        study_read_metric(l->line, "step", &step) != STUDY_NUMBER ||
        study_read_metric(l->line, t->value, &value) == STUDY_NO_RESULT)
        return;
    if (!(step > (double)l->last_step && step <= (double)t->steps)) return;
    l->last_step = (int64_t)step;
    const double rate = taper_at(l->rates, l->last_step);
    l->enough = !find_add(t, l->sweep, rate, value, 1.0, l->last_step);
}

static void take_output(struct listener *l, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && !l->enough; i++) {
        if (bytes[i] == '\n') {
            if (!l->skipping) take_line(l);
            l->used = 0;
            l->skipping = false;
        } else if (l->used + 1 < LINE) {
            l->line[l->used++] = bytes[i];
        } else {
            l->skipping = true;
        }
    }
}

static void take_errors(struct listener *l, const char *bytes, size_t n)
{
    const size_t room = SAID - 1;
    const size_t fresh = n < room ? n : room;
    const size_t old =
        l->said_size + fresh > room ? room - fresh : l->said_size;
    memmove(l->said, l->said + l->said_size - old, old);
    memcpy(l->said + old, bytes + n - fresh, fresh);
    l->said_size = old + fresh;
    l->said[l->said_size] = '\0';
}

/* Its last line, which is where interpreters say what went wrong. */
static const char *last_words(struct listener *l)
{
    size_t end = l->said_size;
    while (end > 0 && strchr("\n\r \t", l->said[end - 1]))
        end--;
    l->said[end] = '\0';
    if (end == 0) return "it wrote nothing to standard error";
    const char *const newline = strrchr(l->said, '\n');
    return newline ? newline + 1 : l->said;
}

/* ---- hearing it ---- */

typedef void take_fn(struct listener *l, const char *bytes, size_t n);

/* Reads what is there; closes the descriptor at its end. */
static void drain(struct listener *l, int *fd, take_fn *take)
{
    char bytes[4096];
    ssize_t n;
    while (*fd >= 0 && (n = read(*fd, bytes, sizeof bytes)) != 0) {
        if (n > 0) take(l, bytes, (size_t)n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return; /* nothing more for now */
    }
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Until it has ended, which it is asked to as soon as the sweep is over. */
static void listen_to(struct listener *l, struct study_process *p)
{
    double asked = 0.0;
    bool ended = false;
    while (!ended) {
        struct pollfd fds[3] = {{p->out, POLLIN, 0},
                                {p->err, POLLIN, 0},
                                {p->ended, POLLIN, 0}};
        (void)poll(fds, 3, 100);
        ended = study_process_ended(p);
        drain(l, &p->out, take_output);
        drain(l, &p->err, take_errors);
        if (cli_interrupted()) l->enough = true;
        if (ended || !l->enough) continue;
        if (asked == 0.0) {
            asked = seconds();
            study_process_signal(p, SIGTERM);
        } else if (seconds() - asked > GRACE) {
            study_process_signal(p, SIGKILL);
        }
    }
    /* A last line may lack its newline. */
    take_output(l, "\n", 1);
}

/* ---- judging its end ---- */

static int judge_end(struct listener *l, int status)
{
    const struct find_test *const t = l->test;
    struct study_sweep *const s = &t->all[l->sweep];
    char why[STUDY_WHY_SIZE];
    study_process_why(status, why);
    if (cli_interrupted()) return cli_failed("stopped: nothing is kept");
    if (s->state == STUDY_SWEEP_NO_MEMORY) return cli_failed("out of memory");
    if (l->enough) return CLI_GO;
    if (s->count >= STUDY_RANGE_LEAST && why[0]) {
        /* Many a training gives up with an error where its loss is no number.
         */
        cli_complain("note: the command failed (%s) after step %lld, and "
                     "counts as diverged there: %s",
                     why, (long long)l->last_step, last_words(l));
        s->state = STUDY_SWEEP_DIVERGED;
        return CLI_GO;
    }
    if (why[0])
        return cli_failed("the command failed (%s): %s", why, last_words(l));
    if (s->count == 0)
        return cli_failed("the command printed no line such as {\"step\": 0, "
                          "\"%s\": 2.3}, of which it takes one for each step",
                          t->value);
    return CLI_GO;
}

/* ---- starting it ---- */

/* As study_command has it, with the variables as arguments of env: those of the
 * same name that this process was given must not come first. */
static char **make_argv(const struct study_command *c)
{
    size_t n = 0, m = 0;
    while (c->argv[n])
        n++;
    while (c->environment[m])
        m++;
    char **const argv = calloc(n + m + 2, sizeof *argv);
    if (!argv) return NULL;
    static char env[] = "env";
    argv[0] = env;
    memcpy(argv + 1, c->environment, m * sizeof *argv);
    memcpy(argv + 1 + m, c->argv, n * sizeof *argv);
    return argv;
}

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

static int start(const struct study_command *c, int guard,
                 struct study_process *p)
{
    const struct study_cores any = {.count = 0};
    char **const argv = make_argv(c);
    bool exec_failed = false;
    if (!argv) return cli_failed("out of memory");
    const struct study_launch launch = {.argv = argv,
                                        .environment = environ,
                                        .cores = &any,
                                        .guard = guard};
    const int error = study_process_start(p, &launch, &exec_failed);
    free(argv);
    return error ? cli_failed("cannot start the command: %s", strerror(error))
                 : CLI_GO;
}

/* Makes the sweep's folder, what stands in it, and the command's texts. */
static int prepare(const char *folder, const struct find_test *t, size_t sweep,
                   struct study_command *c)
{
    char place_path[TAPER_NUMBER_SIZE + 1024], schedule[FIND_SCHEDULE_SIZE];
    struct study_error err = {STUDY_OK, ""};
    find_schedule(t, schedule);
    (void)snprintf(place_path, sizeof place_path, "%s/%zu", folder, sweep);
    if (mkdir(place_path, 0700) != 0)
        return cli_failed("cannot make %s: %s", place_path, strerror(errno));
    const size_t cores = study_cores_allowed().count;
    const struct study_place place = {.folder = place_path,
                                      .threads = cores ? (int)cores : 1};
    const struct study_trial trial = {.schedule = schedule,
                                      .budget = (double)t->steps,
                                      .seed = t->seed + (int64_t)sweep};
    char *const command = strdup(t->subject);
    if (!command) return cli_failed("out of memory");
    const enum study_status status =
        compare_exec_prepare(command, &trial, &place, c, &err);
    free(command);
    return status == STUDY_OK ? CLI_GO : cli_failed("%s", err.message);
}

static int run_sweep(const char *folder, int guard, struct listener *l)
{
    struct study_command c = {NULL, NULL};
    struct study_process p;
    int status = prepare(folder, l->test, l->sweep, &c);
    if (status == CLI_GO) status = start(&c, guard, &p);
    if (status == CLI_GO) {
        listen_to(l, &p);
        study_guard_tell(guard, p.pid, false);
        status = judge_end(l, study_process_reap(&p));
    }
    free_list(c.argv);
    free_list(c.environment);
    return status;
}

static int run_sweeps(const char *folder, struct find_test *t,
                      const taper_schedule *rates)
{
    struct study_guard guard = {0, -1};
    struct listener *const l = malloc(sizeof *l);
    if (!l) return cli_failed("out of memory");
    int status = CLI_GO;
    (void)study_guard_begin(&guard);
    cli_interrupt_install();
    for (size_t i = 0; i < t->count && status == CLI_GO; i++) {
        *l = (struct listener){.test = t,
                               .sweep = i,
                               .rates = rates,
                               .last_step = -1};
        status = run_sweep(folder, guard.fd, l);
    }
    cli_interrupt_remove();
    study_guard_end(&guard);
    free(l);
    return status;
}

int find_exec_run(const char *folder, struct find_test *t)
{
    char schedule[FIND_SCHEDULE_SIZE];
    taper_schedule *rates = NULL;
    taper_error err;
    find_schedule(t, schedule);
    if (taper_parse(schedule, strlen(schedule), NULL, NULL, &rates, &err) !=
        TAPER_OK)
        return cli_failed("%s", err.message);
    const int status = run_sweeps(folder, t, rates);
    taper_free(rates, NULL);
    return status;
}
