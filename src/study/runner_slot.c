/* One trial under way: see runner_slot.h. */
#define _GNU_SOURCE /* environ, asprintf */
#include "study/runner_slot.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "study/process_guard.h"
#include "study/runner_folder.h"

double study_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds_since_1970(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* -------------------------------------------------------------- environment */

static size_t length_of(char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* Adds "NAME=value" to a list that has room for it, in the place of an entry
 * with that name if there is one. */
static void set_variable(char **list, size_t *count, char *entry)
{
    const size_t name = strcspn(entry, "=") + 1;
    for (size_t i = 0; i < *count; i++)
        if (strncmp(list[i], entry, name) == 0) {
            list[i] = entry;
            return;
        }
    list[(*count)++] = entry;
}

/* The environment of this process, then how many threads, then the command's
 * own. The list is the caller's to free, the texts are not; NULL without
 * memory. */
static char **whole_environment(char *const *own, char *threads[2])
{
    char **list =
        malloc((length_of(environ) + length_of(own) + 3) * sizeof *list);
    size_t count = 0;
    if (!list) return NULL;
    for (; environ && environ[count]; count++)
        list[count] = environ[count];
    for (size_t i = 0; i < 2; i++)
        set_variable(list, &count, threads[i]);
    for (size_t i = 0; own && own[i]; i++)
        set_variable(list, &count, own[i]);
    list[count] = NULL;
    return list;
}

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* ---------------------------------------------------------------- beginning */

/* Starts the command; `err` is filled in with either sort of failure. */
static enum study_status launch(struct study_slot *slot,
                                const struct study_site *site,
                                const struct study_command *command,
                                bool *exec_failed, struct study_error *err)
{
    const struct study_runner *r = site->runner;
    char omp[48], own[48];
    (void)snprintf(omp, sizeof omp, "OMP_NUM_THREADS=%d", r->threads);
    (void)snprintf(own, sizeof own, "TAPER_THREADS=%d", r->threads);
    char *threads[2] = {omp, own};
    char **environment = whole_environment(command->environment, threads);
    if (!environment) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    const struct study_cores cores =
        study_cores_of(site->cores, slot->place.slot, r->jobs, r->threads);
    const struct study_launch what = {.argv = command->argv,
                                      .environment = environment,
                                      .cores = &cores,
                                      .guard = site->guard};
    const int error = study_process_start(&slot->process, &what, exec_failed);
    free(environment);
    if (!error) return STUDY_OK;
    return *exec_failed ? study_fail(err, STUDY_E_PROCESS, "cannot run %s: %s",
                                     command->argv[0], strerror(error))
                        : study_fail(err, STUDY_E_PROCESS,
                                     "cannot start a process for a trial: %s",
                                     strerror(error));
}

static void replace(char **text, const char *by)
{
    free(*text);
    *text = strdup(by);
}

static void fail(struct study_trial *t, const char *why)
{
    t->state = STUDY_FAILED;
    t->metric = (double)NAN;
    replace(&t->error, why);
}

/* Removes the folder unless it is to be kept. */
static void leave_folder(struct study_slot *slot, const struct study_site *site)
{
    const bool keep = slot->trial.state != STUDY_WAITING &&
                      (site->runner->keep || slot->trial.state == STUDY_FAILED);
    if (slot->folder && !keep) (void)study_folder_remove(slot->folder);
    free(slot->folder);
    slot->folder = NULL;
}

static enum study_status begin_in_folder(struct study_slot *slot,
                                         const struct study_site *site,
                                         struct study_error *err)
{
    const struct study_task *task = &site->runner->task;
    struct study_command command = {0};
    struct study_error why = {.message = "the command could not be prepared"};
    bool exec_failed = false;
    enum study_status status =
        task->prepare(task->ctx, &slot->trial, &slot->place, &command, &why);
    const bool prepared = status == STUDY_OK;
    if (prepared) status = launch(slot, site, &command, &exec_failed, &why);
    free_list(command.argv);
    free_list(command.environment);
    if (status == STUDY_OK) {
        slot->busy = true;
        return STUDY_OK;
    }
    /* A disk that is full and memory that is short say nothing of the trial. */
    if (prepared ? exec_failed : status == STUDY_E_USAGE) {
        fail(&slot->trial, why.message);
        leave_folder(slot, site);
        return STUDY_OK;
    }
    slot->trial.state = STUDY_WAITING;
    leave_folder(slot, site);
    if (err) *err = why;
    return status;
}

enum study_status study_slot_begin(struct study_slot *slot,
                                   const struct study_site *site,
                                   struct study_trial *trial,
                                   struct study_error *err)
{
    const struct study_task *task = &site->runner->task;
    slot->trial = *trial;
    *trial = (struct study_trial){0};
    slot->late = false;
    slot->errors.seen = 0;
    slot->folder = study_folder_fresh(site->folder, slot->trial.id);
    if (!slot->folder) {
        const int error = errno;
        slot->trial.state = STUDY_WAITING;
        return study_fail(err, STUDY_E_FILE,
                          "cannot make a folder for a trial in %s: %s",
                          site->folder, strerror(error));
    }
    slot->place.folder = slot->folder;
    slot->trial.state = STUDY_RUNNING;
    slot->trial.started_at = seconds_since_1970();
    if (site->machine) replace(&slot->trial.machine, site->machine);
    study_lines_begin(&slot->lines, task->metric_key);
    slot->began = study_now();
    return begin_in_folder(slot, site, err);
}

/* ------------------------------------------------------------------ hearing */

/* Reads up to `most` bytes of *fd; true if there may be more. */
static bool hear(int *fd, size_t most, struct study_lines *lines,
                 struct study_tail *tail)
{
    char bytes[1 << 16];
    while (*fd >= 0 && most) {
        const ssize_t n = read(*fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (n <= 0) {
            (void)close(*fd);
            *fd = -1;
            return false;
        }
        if (lines) study_lines_take(lines, bytes, (size_t)n);
        if (tail) study_tail_take(tail, bytes, (size_t)n);
        most -= (size_t)n < most ? (size_t)n : most;
    }
    return *fd >= 0;
}

void study_slot_hear(struct study_slot *slot)
{
    const size_t turn = (size_t)1 << 18;
    (void)hear(&slot->process.out, turn, &slot->lines, NULL);
    (void)hear(&slot->process.err, turn, NULL, &slot->errors);
}

/* ------------------------------------------------------------------- ending */

enum study_status study_collect_lines(struct study_trial *t,
                                      const struct study_output *output,
                                      struct study_error *err)
{
    const char *key = output->lines->key;
    double metric = (double)NAN;
    char *text = NULL;
    if (output->lines->no_memory)
        return study_fail(err, STUDY_E_MEMORY,
                          "out of memory while the trial was printing");
    const enum study_verdict verdict =
        output->lines->result
            ? study_read_metric(output->lines->result, key, &metric)
            : STUDY_NO_RESULT;
    t->metric = metric;
    t->state = output->why                  ? STUDY_FAILED
               : verdict == STUDY_NUMBER    ? STUDY_DONE
               : verdict == STUDY_NO_NUMBER ? STUDY_DIVERGED
                                            : STUDY_FAILED;
    if (output->lines->result) replace(&t->summary, output->lines->result);
    bool empty;
    free(t->curve);
    t->curve = study_curve_json(&output->lines->curve, &empty);
    if (t->state != STUDY_FAILED) return STUDY_OK;

    t->metric = (double)NAN;
    char missing[200];
    (void)snprintf(missing, sizeof missing,
                   "printed no line with a JSON object that has a number "
                   "\"%s\"",
                   key);
    if (asprintf(&text, "%s%s%s", output->why ? output->why : missing,
                 *output->errors ? "\n" : "", output->errors) < 0)
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    free(t->error);
    t->error = text;
    return STUDY_OK;
}

/* A result that the store would refuse is a failure as well. */
static void settle(struct study_trial *t)
{
    if (t->state == STUDY_DONE && !study_metric_counts(t->metric))
        t->state = STUDY_DIVERGED;
    if (t->state != STUDY_DONE) t->metric = (double)NAN;
    if (!study_state_over(t->state) || t->state == STUDY_HALVED)
        fail(t, "what came of it is not known");
    if (t->state == STUDY_FAILED && !t->error) fail(t, "failed");
}

static void collect(struct study_slot *slot, const struct study_site *site,
                    int status)
{
    const struct study_task *task = &site->runner->task;
    char why[STUDY_WHY_SIZE], errors[STUDY_TAIL_BYTES + 1];
    study_process_why(status, why);
    if (slot->late)
        (void)snprintf(why, sizeof why, "ran longer than %g s",
                       site->runner->timeout);
    study_tail_text(&slot->errors, errors);
    const struct study_output output = {
        .place = &slot->place,
        .exit_status = slot->late || (status & 0x7f) ? -1 : status >> 8 & 0xff,
        .why = *why ? why : NULL,
        .errors = errors,
        .lines = &slot->lines,
        .seconds = slot->trial.seconds,
    };
    struct study_error err = {.message = "its result could not be read"};
    enum study_status failed = study_collect_lines(&slot->trial, &output, &err);
    if (!failed && task->collect)
        failed = task->collect(task->ctx, &slot->trial, &output, &err);
    if (failed) fail(&slot->trial, err.message);
    settle(&slot->trial);
}

void study_slot_end(struct study_slot *slot, const struct study_site *site,
                    bool stopped)
{
    /* What a pipe can still hold when nobody writes any more; what got away
     * from the group may write for ever. */
    const size_t rest = (size_t)1 << 20;
    study_process_signal(&slot->process, SIGKILL);
    (void)hear(&slot->process.out, rest, &slot->lines, NULL);
    (void)hear(&slot->process.err, rest, NULL, &slot->errors);
    study_lines_end(&slot->lines);
    study_guard_tell(site->guard, slot->process.pid, false);
    const int status = study_process_reap(&slot->process);
    slot->trial.seconds = study_now() - slot->began;
    if (stopped)
        slot->trial.state = STUDY_WAITING;
    else
        collect(slot, site, status);
    leave_folder(slot, site);
    study_lines_clear(&slot->lines);
    slot->busy = false;
}

void study_slot_clear(struct study_slot *slot)
{
    study_trial_clear(&slot->trial);
    study_lines_clear(&slot->lines);
    free(slot->folder);
    slot->folder = NULL;
}
