/* Runs trials, several at a time: see runner.h. One loop that waits for output,
 * ends and signals, and never for anything else. */
#include "study/runner.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "study/process_guard.h"
#include "study/runner_folder.h"
#include "study/runner_machine.h"
#include "study/runner_slot.h"

/* How long the loop sleeps at most, in seconds: while it waits for a signal;
 * for more trials; and for an end that the kernel cannot tell of. */
#define SIGNAL_SECONDS 0.1
#define LATER_SECONDS 0.2
#define BLIND_SECONDS 0.005

struct run {
    const struct study_runner *r;
    struct study_site site;
    struct study_slot *slots; /* [jobs] */
    struct pollfd *fds;       /* [3 * jobs] */
    struct study_guard guard;
    bool never;     /* the source has no more */
    double ask_at;  /* when to ask it again; study_now() */
    bool stopping;  /* begin nothing, end what runs */
    double kill_at; /* when to lose patience */
    enum study_status status;
    struct study_error *err; /* of the first failure, which counts */
};

static void tell(const struct run *run, const struct study_trial *t)
{
    const struct study_task *task = &run->r->task;
    if (task->progress) task->progress(task->ctx, t);
}

static size_t busy(const struct run *run)
{
    size_t n = 0;
    for (int i = 0; i < run->r->jobs; i++)
        n += run->slots[i].busy;
    return n;
}

/* From now on nothing begins, and what runs is asked to end. */
static void stop(struct run *run, enum study_status status)
{
    if (run->stopping) return;
    run->stopping = true;
    run->status = status;
    run->kill_at = study_now() +
                   (run->r->grace > 0.0 ? run->r->grace : STUDY_GRACE_SECONDS);
    for (int i = 0; i < run->r->jobs; i++)
        if (run->slots[i].busy)
            study_process_signal(&run->slots[i].process, SIGTERM);
}

/* Hands the trial of an idle slot back. */
static void give(struct run *run, struct study_slot *slot)
{
    const struct study_source *source = &run->r->source;
    struct study_error why = {.message = "a result could not be stored"};
    const enum study_status status =
        source->give(source->ctx, &slot->trial, &why);
    if (status && !run->stopping) {
        if (run->err) *run->err = why;
        stop(run, status);
    }
    tell(run, &slot->trial);
    study_slot_clear(slot);
    run->ask_at = 0.0;
}

/* Takes one trial into an idle slot; false if there is none now. */
static bool take(struct run *run, struct study_slot *slot)
{
    const struct study_source *source = &run->r->source;
    struct study_trial t = {0};
    enum study_take answer = STUDY_NEVER;
    enum study_status status = source->take(source->ctx, &t, &answer, run->err);
    if (status) {
        stop(run, status);
        return false;
    }
    run->never = answer == STUDY_NEVER;
    run->ask_at = study_now() + LATER_SECONDS;
    if (answer != STUDY_TAKEN) return false;
    status = study_slot_begin(slot, &run->site, &t, run->err);
    if (status) stop(run, status);
    if (slot->busy)
        tell(run, &slot->trial);
    else
        give(run, slot);
    return true;
}

static void fill(struct run *run)
{
    for (int i = 0; i < run->r->jobs; i++)
        while (!run->slots[i].busy) {
            if (run->never || run->stopping) return;
            if (study_now() < run->ask_at) return;
            if (!take(run, &run->slots[i])) return;
            run->ask_at = 0.0;
        }
}

/* Time limits and patience: what has run out is killed. */
static void limit(struct run *run, double now)
{
    const double timeout = run->r->timeout;
    for (int i = 0; i < run->r->jobs; i++) {
        struct study_slot *slot = &run->slots[i];
        if (!slot->busy) continue;
        if (timeout > 0.0 && now - slot->began >= timeout && !slot->late) {
            slot->late = true;
            study_process_signal(&slot->process, SIGKILL);
        }
        if (run->stopping && now >= run->kill_at)
            study_process_signal(&slot->process, SIGKILL);
    }
}

/* Seconds until something has to be done without being woken. */
static double patience(const struct run *run, double now)
{
    double wait = SIGNAL_SECONDS;
    if (!run->never && !run->stopping && busy(run) < (size_t)run->r->jobs)
        wait = fmin(wait, run->ask_at - now);
    for (int i = 0; i < run->r->jobs; i++) {
        const struct study_slot *slot = &run->slots[i];
        if (!slot->busy) continue;
        if (slot->process.ended < 0) wait = fmin(wait, BLIND_SECONDS);
        if (run->r->timeout > 0.0 && !slot->late)
            wait = fmin(wait, slot->began + run->r->timeout - now);
    }
    return fmax(wait, 0.0);
}

static void wait_and_hear(struct run *run)
{
    nfds_t count = 0;
    for (int i = 0; i < run->r->jobs; i++) {
        const struct study_slot *slot = &run->slots[i];
        if (!slot->busy) continue;
        const int fds[] = {slot->process.out, slot->process.err,
                           slot->process.ended};
        for (size_t k = 0; k < sizeof fds / sizeof fds[0]; k++)
            if (fds[k] >= 0)
                run->fds[count++] =
                    (struct pollfd){.fd = fds[k], .events = POLLIN};
    }
    const double wait = patience(run, study_now());
    if (poll(run->fds, count, (int)ceil(1000.0 * wait)) <= 0) return;
    for (int i = 0; i < run->r->jobs; i++)
        if (run->slots[i].busy) study_slot_hear(&run->slots[i]);
}

static void end_what_ended(struct run *run)
{
    for (int i = 0; i < run->r->jobs; i++) {
        struct study_slot *slot = &run->slots[i];
        if (!slot->busy || !study_process_ended(&slot->process)) continue;
        study_slot_end(slot, &run->site, run->stopping);
        give(run, slot);
    }
}

static void loop(struct run *run)
{
    for (;;) {
        const struct study_runner *r = run->r;
        if (!run->stopping && r->stopped && r->stopped(r->ctx)) {
            (void)study_fail(run->err, STUDY_E_STOPPED, "stopped");
            stop(run, STUDY_E_STOPPED);
        }
        fill(run);
        if (!busy(run) && (run->never || run->stopping)) return;
        wait_and_hear(run);
        limit(run, study_now());
        end_what_ended(run);
    }
}

static enum study_status run_in(struct run *run, char *folder)
{
    const struct study_cores cores = study_cores_allowed();
    char *machine = study_machine();
    const int error = study_guard_begin(&run->guard);
    if (error) {
        free(machine);
        return study_fail(run->err, STUDY_E_PROCESS,
                          "cannot start a process: %s", strerror(error));
    }
    run->site = (struct study_site){.runner = run->r,
                                    .cores = &cores,
                                    .folder = folder,
                                    .machine = machine,
                                    .guard = run->guard.fd};
    for (int i = 0; i < run->r->jobs; i++)
        run->slots[i].place =
            (struct study_place){.threads = run->r->threads, .slot = i};
    loop(run);
    study_guard_end(&run->guard);
    free(machine);
    return run->status;
}

enum study_status study_run(const struct study_runner *r,
                            struct study_error *err)
{
    const size_t jobs = (size_t)r->jobs;
    struct run run = {.r = r, .err = err};
    run.slots = calloc(jobs, sizeof *run.slots);
    run.fds = calloc(jobs, 3 * sizeof *run.fds);
    char *folder = study_folder_make(r->folder);
    const int error = errno;
    enum study_status status;
    if (!run.slots || !run.fds)
        status = study_fail(err, STUDY_E_MEMORY, "out of memory");
    else if (!folder)
        status = study_fail(err, STUDY_E_FILE, "cannot make the folder %s: %s",
                            r->folder, strerror(error));
    else
        status = run_in(&run, folder);
    if (folder) (void)rmdir(folder); /* stays if something is kept in it */
    free(folder);
    free(run.slots);
    free(run.fds);
    return status;
}
