/* Rank 0 of a study in several processes: see ranks.h. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>
#include <time.h>

#include "study/ranks_inside.h"
#include "study/runner_slot.h"

/* Between two looks for messages, in nanoseconds: from the first after one has
 * come, doubled with each that finds none. */
#define NAP_SHORTEST 500000
#define NAP_LONGEST 16000000

#define GOODBYE_SECONDS \
    2.0 /* for the others, once this rank has stopped, \
           beyond the grace that trials have */

enum peer_state { PEER_EXPECTED, PEER_HERE, PEER_LEFT, PEER_LOST };

struct peer {
    enum peer_state state;
    double heard;             /* study_now() */
    char host[128];           /* "" until it has said hello */
    struct study_trials held; /* trials that it has */
};

/* Everything but `ranks`, `r` and `err` is behind the lock. */
struct serving {
    const struct study_ranks *ranks;
    const struct study_runner *r; /* NULL: the others are sent home */
    pthread_mutex_t lock;
    struct peer *peers;       /* [size]; the first is not used */
    bool stopping, told;      /* nothing begins any more; and they know */
    bool over;                /* the runner of this rank has returned */
    enum study_status status; /* of the first failure, which counts */
    struct study_error *err;
    double beat_at, patience; /* when; study_now() */
    double later_until; /* until then there are no trials to be had, unless one
                           is given back: looking costs rank 0 a reading of the
                           store, and many ranks may ask */
};

#define LATER_SECONDS 0.2

/* ------------------------------------------------------------------- sources
 */

static void begin_stop(struct serving *s, enum study_status status,
                       const struct study_error *why)
{
    if (status && !s->status) {
        s->status = status;
        if (s->err) *s->err = *why;
    }
    s->stopping = true;
}

/* The source of this rank's own runner: the real one, with the lock. */
static enum study_status locked_take(void *ctx, struct study_trial *out,
                                     enum study_take *answer,
                                     struct study_error *err)
{
    struct serving *s = ctx;
    const struct study_source *source = &s->r->source;
    (void)pthread_mutex_lock(&s->lock);
    const enum study_status status =
        source->take(source->ctx, out, answer, err);
    (void)pthread_mutex_unlock(&s->lock);
    return status;
}

static enum study_status locked_give(void *ctx, const struct study_trial *t,
                                     struct study_error *err)
{
    struct serving *s = ctx;
    const struct study_source *source = &s->r->source;
    (void)pthread_mutex_lock(&s->lock);
    s->later_until = 0.0;
    const enum study_status status = source->give(source->ctx, t, err);
    (void)pthread_mutex_unlock(&s->lock);
    return status;
}

static enum study_status plain_prepare(void *ctx, const struct study_trial *t,
                                       const struct study_place *place,
                                       struct study_command *out,
                                       struct study_error *err)
{
    const struct study_task *task = &((struct serving *)ctx)->r->task;
    return task->prepare(task->ctx, t, place, out, err);
}

static enum study_status plain_collect(void *ctx, struct study_trial *t,
                                       const struct study_output *output,
                                       struct study_error *err)
{
    const struct study_task *task = &((struct serving *)ctx)->r->task;
    return task->collect ? task->collect(task->ctx, t, output, err) : STUDY_OK;
}

static void tell(const struct serving *s, const struct study_trial *t)
{
    const struct study_task *task = &s->r->task;
    if (task->progress) task->progress(task->ctx, t);
}

static void locked_progress(void *ctx, const struct study_trial *t)
{
    struct serving *s = ctx;
    (void)pthread_mutex_lock(&s->lock);
    tell(s, t);
    (void)pthread_mutex_unlock(&s->lock);
}

/* Whoever asks to stop, here or by a failure, stops everybody. */
static bool locked_stopped(void *ctx)
{
    struct serving *s = ctx;
    (void)pthread_mutex_lock(&s->lock);
    if (s->r->stopped && s->r->stopped(s->r->ctx)) s->stopping = true;
    const bool stop = s->stopping;
    (void)pthread_mutex_unlock(&s->lock);
    return stop;
}

static void *run_here(void *ctx)
{
    struct serving *s = ctx;
    struct study_error err = {STUDY_OK, ""};
    struct study_runner local = *s->r;
    local.source = (struct study_source){locked_take, locked_give, s};
    local.task.prepare = plain_prepare;
    local.task.collect = plain_collect;
    local.task.progress = locked_progress;
    local.task.ctx = s;
    local.stopped = locked_stopped;
    local.ctx = s;
    const enum study_status status = study_run(&local, &err);
    (void)pthread_mutex_lock(&s->lock);
    s->over = true;
    if (status) begin_stop(s, status, &err);
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --------------------------------------------------------------------- peers
 */

__attribute__((format(printf, 3, 4))) static void
say(const struct serving *s, int rank, const char *format, ...)
{
    char what[1300], line[1500];
    const char *host = s->peers[rank].host;
    if (!s->ranks->say || !s->r) return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    (void)snprintf(line, sizeof line, "rank %d%s%s %s", rank,
                   *host ? " on " : "", host, what);
    s->ranks->say(s->ranks->ctx, line);
}

/* What a rank had waits again. That the store may refuse, where another process
 * has taken it back already, changes nothing. */
static void take_back(struct serving *s, struct peer *p)
{
    s->later_until = 0.0;
    for (size_t i = 0; i < p->held.count; i++) {
        struct study_trial *t = &p->held.items[i];
        t->state = STUDY_WAITING;
        (void)s->r->source.give(s->r->source.ctx, t, NULL);
        tell(s, t);
    }
    study_trials_clear(&p->held);
}

static void lose(struct serving *s, int rank, const char *why)
{
    struct peer *p = &s->peers[rank];
    const size_t count = p->held.count;
    if (p->state == PEER_LOST) return;
    if (p->state != PEER_LEFT)
        say(s, rank, "is lost (%s)%s", why,
            !count       ? ""
            : count == 1 ? ": its trial waits again"
                         : ": its trials wait again");
    p->state = PEER_LOST;
    take_back(s, p);
}

static void answer(struct serving *s, int rank, const struct study_message *m)
{
    if (!study_ranks_send(s->ranks, rank, m))
        lose(s, rank, "it cannot be reached");
}

/* The place of a trial among those that a rank has; their count if it is not
 * there. */
static size_t place_of(const struct peer *p, int64_t id)
{
    size_t i = 0;
    while (i < p->held.count && p->held.items[i].id != id)
        i++;
    return i;
}

static void forget(struct peer *p, size_t i)
{
    study_trial_clear(&p->held.items[i]);
    p->held.items[i] = p->held.items[--p->held.count];
    p->held.items[p->held.count] = (struct study_trial){0};
}

/* -------------------------------------------------------------- what they say
 *
 * One function for each kind of message that ranks send here. */

static void hear_hello(struct serving *s, int rank, struct study_message *m)
{
    struct peer *p = &s->peers[rank];
    char *const line = strchr(m->text, '\n');
    if (line) {
        *line = '\0';
        (void)snprintf(p->host, sizeof p->host, "%s", line + 1);
    }
    if (!s->stopping && strcmp(m->text, taper_version()) == 0) {
        answer(s, rank, &(struct study_message){.kind = STUDY_WELCOME});
        return;
    }
    char why[200] = "";
    if (!s->stopping) {
        (void)snprintf(why, sizeof why,
                       "taper %.80s here, %s on rank 0: all need the same",
                       m->text, taper_version());
        say(s, rank, "does not take part: %s", why);
    }
    answer(s, rank,
           &(struct study_message){.kind = STUDY_STOP,
                                   .text = *why ? why : NULL});
}

/* Takes a trial for a rank and notes that it has it. */
static enum study_take take_for(struct serving *s, struct peer *p,
                                struct study_trial *out)
{
    const struct study_source *source = &s->r->source;
    struct study_error err = {.message = "a trial could not be taken"};
    enum study_take got = STUDY_NEVER;
    struct study_trial copy = {0};
    const enum study_status status = source->take(source->ctx, out, &got, &err);
    if (status) {
        begin_stop(s, status, &err);
        return STUDY_NEVER;
    }
    if (got == STUDY_LATER) s->later_until = study_now() + LATER_SECONDS;
    if (got != STUDY_TAKEN) return got;
    if (study_trial_copy(&copy, out) && study_trials_push(&p->held, &copy)) {
        tell(s, out);
        return STUDY_TAKEN;
    }
    study_trial_clear(&copy);
    out->state = STUDY_WAITING;
    (void)source->give(source->ctx, out, NULL);
    return STUDY_LATER;
}

static void hear_take(struct serving *s, int rank, struct study_message *m)
{
    struct study_message reply = {.kind = STUDY_GAVE_NEVER};
    enum study_take got = STUDY_NEVER;
    (void)m;
    if (!s->stopping)
        got = study_now() < s->later_until
                  ? STUDY_LATER
                  : take_for(s, &s->peers[rank], &reply.trial);
    reply.carries = got == STUDY_TAKEN;
    if (got == STUDY_TAKEN) reply.kind = STUDY_GAVE_TRIAL;
    if (got == STUDY_LATER) reply.kind = STUDY_GAVE_LATER;
    answer(s, rank, &reply);
    study_message_clear(&reply);
}

static bool is_outcome(const struct study_trial *t)
{
    return t->state == STUDY_WAITING || t->state == STUDY_FAILED ||
           t->state == STUDY_DIVERGED ||
           (t->state == STUDY_DONE && study_metric_counts(t->metric));
}

static void hear_give(struct serving *s, int rank, struct study_message *m)
{
    struct peer *p = &s->peers[rank];
    struct study_error err = {.message = "a result could not be stored"};
    enum study_status status = STUDY_OK;
    const size_t i = place_of(p, m->trial.id);
    if (!is_outcome(&m->trial)) {
        lose(s, rank, "it gave back what is no result");
        return;
    }
    /* Without a place it was given up, and others have the trial: the result
     * is dropped. */
    if (i < p->held.count) {
        const struct study_source *source = &s->r->source;
        s->later_until = 0.0;
        status = source->give(source->ctx, &m->trial, &err);
        if (status)
            begin_stop(s, status, &err);
        else
            tell(s, &m->trial);
        forget(p, i);
    }
    answer(s, rank,
           &(struct study_message){.kind = STUDY_GIVEN,
                                   .code = (int32_t)status,
                                   .text = status ? err.message : NULL});
}

static void hear_leave(struct serving *s, int rank, struct study_message *m)
{
    struct peer *p = &s->peers[rank];
    /* While all stop, what stopped them counts. */
    if (m->text && *m->text && !s->stopping)
        say(s, rank, "has left: %s", m->text);
    take_back(s, p);
    p->state = PEER_LEFT;
}

static void hear_alive(struct serving *s, int rank, struct study_message *m)
{
    (void)s;
    (void)rank;
    (void)m;
}

/* What a rank may send; the rest is for it to hear. */
static void (*const hear[STUDY_MESSAGE_KINDS])(struct serving *s, int rank,
                                               struct study_message *m) = {
    [STUDY_HELLO] = hear_hello, [STUDY_TAKE] = hear_take,
    [STUDY_GIVE] = hear_give,   [STUDY_LEAVE] = hear_leave,
    [STUDY_ALIVE] = hear_alive,
};

static void hear_one(struct serving *s, int rank, struct study_message *m,
                     bool readable)
{
    struct peer *p = &s->peers[rank];
    p->heard = study_now();
    if (!readable || !hear[m->kind]) {
        lose(s, rank, "it speaks another language: is it the same build?");
        return;
    }
    if (p->state == PEER_LOST && m->kind != STUDY_LEAVE)
        say(s, rank, "is back");
    /* Having left it says nothing but that it is alive, and hears the end. */
    if (p->state != PEER_LEFT) p->state = PEER_HERE;
    hear[m->kind](s, rank, m);
}

/* ------------------------------------------------------------------- the loop
 */

static void send_all(struct serving *s, const struct study_message *m)
{
    for (int k = 1; k < s->ranks->transport.size; k++)
        if (s->peers[k].state != PEER_LOST) answer(s, k, m);
}

/* True if there were any. */
static bool hear_all(struct serving *s)
{
    struct study_message m;
    bool readable, any = false;
    int from;
    while (study_ranks_receive(s->ranks, &from, &m, &readable)) {
        if (from > 0 && from < s->ranks->transport.size)
            hear_one(s, from, &m, readable);
        study_message_clear(&m);
        any = true;
    }
    return any;
}

static void beat(struct serving *s, double now)
{
    if (now < s->beat_at) return;
    s->beat_at = now + study_beat(s->ranks);
    send_all(s, &(struct study_message){.kind = STUDY_ALIVE});
}

static void look_for_lost(struct serving *s, double now)
{
    const double most = study_lost_after(s->ranks);
    char why[64];
    (void)snprintf(why, sizeof why, "silent for %g s", most);
    for (int k = 1; k < s->ranks->transport.size; k++)
        if (now - s->peers[k].heard > most) lose(s, k, why);
}

/* Whether every rank has left or is lost; *whole: all have left. */
static bool all_gone(const struct serving *s, bool *whole)
{
    bool gone = true;
    *whole = true;
    for (int k = 1; k < s->ranks->transport.size; k++) {
        const enum peer_state state = s->peers[k].state;
        gone = gone && (state == PEER_LEFT || state == PEER_LOST);
        *whole = *whole && state == PEER_LEFT;
    }
    return gone;
}

/* One turn; false when all is over. */
static bool turn(struct serving *s, bool *heard, bool *whole)
{
    const double now = study_now();
    *heard = hear_all(s);
    beat(s, now);
    look_for_lost(s, now);
    if (s->stopping && !s->told)
        send_all(s, &(struct study_message){.kind = STUDY_STOP});
    s->told = s->stopping;
    const bool gone = all_gone(s, whole);
    if (!s->over) {
        const double grace =
            s->r && s->r->grace > 0.0 ? s->r->grace : STUDY_GRACE_SECONDS;
        s->patience = now + grace + GOODBYE_SECONDS;
        return true;
    }
    return !gone && !(s->stopping && now > s->patience);
}

static void serve(struct serving *s, bool *whole)
{
    struct timespec nap = {.tv_nsec = NAP_SHORTEST};
    for (bool more = true, heard; more;) {
        (void)pthread_mutex_lock(&s->lock);
        more = turn(s, &heard, whole);
        (void)pthread_mutex_unlock(&s->lock);
        if (heard)
            nap.tv_nsec = NAP_SHORTEST;
        else if (nap.tv_nsec < NAP_LONGEST)
            nap.tv_nsec *= 2;
        if (more) (void)nanosleep(&nap, NULL);
    }
    send_all(s, &(struct study_message){.kind = STUDY_END, .code = *whole});
}

static enum study_status serve_and_run(struct serving *s, bool *whole)
{
    pthread_t thread;
    struct study_error err;
    s->over = s->stopping = !s->r;
    const int error = s->r ? pthread_create(&thread, NULL, run_here, s) : 0;
    if (error) {
        s->over = true;
        begin_stop(s,
                   study_fail(&err, STUDY_E_PROCESS,
                              "cannot start a thread: %s", strerror(error)),
                   &err);
    }
    serve(s, whole);
    if (s->r && !error) (void)pthread_join(thread, NULL);
    return s->status;
}

enum study_status study_ranks_serve(const struct study_ranks *ranks,
                                    const struct study_runner *r, bool *whole,
                                    struct study_error *err)
{
    const int size = ranks->transport.size;
    struct serving s = {.ranks = ranks, .r = r, .err = err};
    *whole = false;
    s.peers = calloc((size_t)size, sizeof *s.peers);
    if (!s.peers) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    const int error = pthread_mutex_init(&s.lock, NULL);
    if (error) {
        free(s.peers);
        return study_fail(err, STUDY_E_PROCESS, "cannot make a lock: %s",
                          strerror(error));
    }
    const double now = study_now();
    for (int k = 0; k < size; k++)
        s.peers[k].heard = now;
    s.patience = now + STUDY_GRACE_SECONDS + GOODBYE_SECONDS;
    const enum study_status status = serve_and_run(&s, whole);
    for (int k = 0; k < size; k++)
        study_trials_clear(&s.peers[k].held);
    (void)pthread_mutex_destroy(&s.lock);
    free(s.peers);
    return status;
}
