/* See compare_ranks.h. */
#define _GNU_SOURCE /* memfd_create */
#include "cli/compare_ranks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/interrupt.h"
#include "study/cores.h"
#include "study/ranks_launch.h"
#include "study/temporary.h"

/* Between asking trials to end and killing them: mpirun kills ranks a second
 * after it asked them. */
#define GRACE_SECONDS 0.5

/* ---------------------------------------------------------------- words */

/* What every rank would say (help, a wrong option) rank 0 says alone. What the
 * others say is kept for the case that it is theirs alone. */
static void mute(struct compare_ranks *r)
{
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    r->words = memfd_create("words", MFD_CLOEXEC);
    r->errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (null >= 0) (void)dup2(null, STDOUT_FILENO);
    if (null >= 0) (void)dup2(r->words >= 0 ? r->words : null, STDERR_FILENO);
    if (null >= 0) (void)close(null);
}

/* From now on complaints are this rank's own. */
static void unmute(struct compare_ranks *r)
{
    (void)fflush(stderr);
    if (r->errors >= 0) {
        (void)dup2(r->errors, STDERR_FILENO);
        (void)close(r->errors);
    }
    if (r->words >= 0) (void)close(r->words);
    r->words = r->errors = -1;
}

/* The first line that was said, without the program's name. */
static void first_words(const struct compare_ranks *r, char *out, size_t size)
{
    static const char name[] = "taper: ";
    (void)fflush(stderr);
    const ssize_t n =
        r->words >= 0 ? pread(r->words, out, size - 1, 0) : (ssize_t)0;
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    if (strncmp(out, name, sizeof name - 1) == 0)
        (void)memmove(out, out + sizeof name - 1,
                      strlen(out) - sizeof name + 2);
}

/* ---------------------------------------------------------------- begin */

/* What TAPER_RANK_SECONDS says, in seconds; 0: nothing that makes sense. */
static double lost_after(void)
{
    const char *const text = getenv("TAPER_RANK_SECONDS");
    double seconds = 0;
    if (!text || taper_read_number(text, strlen(text), &seconds) != TAPER_OK)
        return 0;
    return seconds >= 3 && seconds <= 86400 ? seconds : 0;
}

int compare_ranks_begin(struct compare_ranks *r)
{
    const struct study_launched launched = study_launched_as();
    struct study_error err = {STUDY_OK, ""};
    *r = (struct compare_ranks){.size = launched.size,
                                .rank = launched.rank,
                                .parent = getppid(),
                                .words = -1,
                                .errors = -1};
    if (r->size == 1) return CLI_GO;
    const enum study_status status =
        study_ranks_join(&launched, &r->how.transport, &err);
    if (status != STUDY_OK) {
        if (r->rank == 0) cli_complain("%s", err.message);
        return CLI_FAILED;
    }
    r->rank = r->how.transport.rank;
    r->how.lost_after = lost_after();
    study_ranks_hide();
    if (r->rank != 0) mute(r);
    return CLI_GO;
}

bool compare_ranks_is_worker(const struct compare_ranks *r)
{
    return r->size > 1 && r->rank != 0;
}

int compare_ranks_folder(struct compare_ranks *r,
                         const struct compare_options *o, const char **folder)
{
    *folder = NULL;
    if (o->keep) return CLI_GO;
    const int error = study_temporary_make(&r->folder);
    if (error)
        return cli_failed("cannot make a folder in %s: %s; set TMPDIR to one",
                          study_temporary_place(), strerror(error));
    *folder = r->folder.path;
    return CLI_GO;
}

/* ---------------------------------------------------------------- work */

/* The runner of a rank, with one more reason to stop. */
struct watched_runner {
    const struct compare_ranks *r;
    bool (*stopped)(void *ctx);
    void *ctx;
};

/* Whoever started the ranks ends them with it; if it was killed, it cannot. */
static bool stopped(void *ctx)
{
    const struct watched_runner *const w = ctx;
    const bool asked = w->stopped ? w->stopped(w->ctx) : cli_interrupted();
    return asked || getppid() != w->r->parent;
}

/* The folder of trials of a rank that is not rank 0. */
static int folder_of_worker(struct compare_ranks *r,
                            const struct compare_study *s,
                            const struct compare_options *o,
                            struct compare_list *path)
{
    const char *own;
    const int status = compare_ranks_folder(r, o, &own);
    if (status != CLI_GO) return status;
    if (own) {
        compare_list_add(path, "%s", own);
    } else {
        char *const db = o->db ? strdup(o->db) : compare_default_path(s);
        if (db) compare_list_add(path, "%s.trials", db);
        free(db);
    }
    return path->items && !path->no_memory ? CLI_GO
                                           : cli_failed("out of memory");
}

int compare_ranks_work(struct compare_ranks *r, const struct compare_study *s,
                       const struct compare_options *o)
{
    struct compare_list folder = {0};
    struct study_error err = {STUDY_OK, ""};
    struct watched_runner watched = {.r = r};
    if (folder_of_worker(r, s, o, &folder) != CLI_GO) {
        compare_list_free(&folder);
        return CLI_FAILED; /* rank 0 is told when this rank leaves */
    }
    unmute(r);
    const struct study_runner runner = {.task = s->hooks,
                                        .jobs = o->jobs ? (int)o->jobs : 1,
                                        .threads = (int)o->threads,
                                        .timeout = o->timeout,
                                        .grace = GRACE_SECONDS,
                                        .folder = folder.items[0],
                                        .keep = o->keep,
                                        .stopped = stopped,
                                        .ctx = &watched};
    cli_interrupt_install();
    r->met = true;
    const enum study_status status =
        study_ranks_work(&r->how, &runner, NULL, &r->whole, &err);
    cli_interrupt_remove();
    compare_list_free(&folder);
    if (r->whole) return CLI_DONE; /* what went wrong rank 0 has told */
    if (status != STUDY_OK && status != STUDY_E_STOPPED)
        cli_complain("rank %d: %s", r->rank, err.message);
    return CLI_FAILED;
}

/* ---------------------------------------------------------------- serve */

/* A rank that may use fewer processors than its trials have threads was bound
 * to them by mistake. */
static void look_at_cores(int threads)
{
    const size_t cpus = study_cores_allowed().count;
    if (cpus == 0 || cpus >= (size_t)threads) return;
    cli_complain("rank 0 may use %zu processor%s, and each trial has %d "
                 "threads: mpirun --map-by slot:PE=%d, or srun "
                 "--cpus-per-task=%d, gives each rank as many",
                 cpus, cpus == 1 ? "" : "s", threads, threads, threads);
}

enum study_status compare_ranks_serve(struct compare_ranks *r,
                                      const struct study_runner *runner,
                                      void (*say)(void *ctx, const char *line),
                                      void *ctx, struct study_error *err)
{
    struct watched_runner watched = {.r = r,
                                     .stopped = runner->stopped,
                                     .ctx = runner->ctx};
    struct study_runner mine = *runner;
    mine.stopped = stopped;
    mine.ctx = &watched;
    mine.grace = GRACE_SECONDS;
    r->how.say = say;
    r->how.ctx = ctx;
    r->met = true;
    look_at_cores(runner->threads);
    return study_ranks_serve(&r->how, &mine, &r->whole, err);
}

/* ---------------------------------------------------------------- end */

/* Without having taken part: a wrong option, help, a file that cannot be
 * opened. */
static void meet(struct compare_ranks *r)
{
    char words[1024];
    first_words(r, words, sizeof words);
    (void)(r->rank == 0
               ? study_ranks_serve(&r->how, NULL, &r->whole, NULL)
               : study_ranks_work(&r->how, NULL, words, &r->whole, NULL));
}

int compare_ranks_end(struct compare_ranks *r, int status)
{
    if (r->size == 1) return status;
    if (!r->met) meet(r);
    if (r->rank != 0) unmute(r);
    study_temporary_remove(&r->folder);
    (void)fflush(stdout);
    (void)fflush(stderr);
    r->how.transport.end(r->how.transport.ctx, r->whole, status);
    return status;
}
