/* A rank other than 0 of a study in several processes: see ranks.h. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <taper.h>
#include <time.h>

#include "study/ranks_inside.h"
#include "study/runner_slot.h"

/* Between two looks for messages, in nanoseconds: while an answer is awaited,
 * and else. */
#define AWAITING_NANOSECONDS 1000000
#define IDLE_NANOSECONDS 100000000

enum asking { ASK_NOTHING, ASK_POSTED, ASK_SENT, ASK_ANSWERED };

/* Everything but `ranks` and `r` is behind the lock. */
struct working {
    const struct study_ranks *ranks;
    const struct study_runner *r;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* for either thread: something is to be done */
    enum asking asking;
    struct study_message question; /* its trial is borrowed */
    struct study_message reply;
    bool welcome, stop, ended; /* as rank 0 said */
    bool whole;                /* with `ended` */
    bool alone;                /* rank 0 is lost */
    bool over;                 /* the runner has returned */
    enum study_status status;  /* of the first failure, which counts */
    struct study_error *err;
    double heard, beat_at; /* study_now() */
};

static void fail(struct working *w, enum study_status status, const char *why)
{
    if (w->status) return;
    w->status = study_fail(w->err, status, "%s", why);
}

/* ------------------------------------------------------- the runner's thread
 */

/* Asks rank 0 and waits for its answer, which the caller clears. False if
 * there will be none. */
static bool ask(struct working *w, struct study_message question,
                struct study_message *reply)
{
    (void)pthread_mutex_lock(&w->lock);
    w->question = question;
    w->asking = ASK_POSTED;
    (void)pthread_cond_broadcast(&w->changed);
    while (w->asking != ASK_ANSWERED && !w->alone)
        (void)pthread_cond_wait(&w->changed, &w->lock);
    const bool answered = w->asking == ASK_ANSWERED;
    *reply = w->reply;
    w->reply = (struct study_message){.kind = STUDY_ALIVE};
    w->asking = ASK_NOTHING;
    (void)pthread_mutex_unlock(&w->lock);
    return answered;
}

static enum study_status no_answer(struct study_error *err)
{
    return study_fail(err, STUDY_E_PROCESS, "rank 0 is lost");
}

static enum study_status remote_take(void *ctx, struct study_trial *out,
                                     enum study_take *answer,
                                     struct study_error *err)
{
    struct study_message reply;
    *out = (struct study_trial){0};
    *answer = STUDY_NEVER;
    if (!ask(ctx, (struct study_message){.kind = STUDY_TAKE}, &reply))
        return no_answer(err);
    if (reply.kind == STUDY_GAVE_LATER) *answer = STUDY_LATER;
    if (reply.kind == STUDY_GAVE_TRIAL) {
        *answer = STUDY_TAKEN;
        *out = reply.trial;
        reply.trial = (struct study_trial){0};
    }
    study_message_clear(&reply);
    return STUDY_OK;
}

static enum study_status remote_give(void *ctx, const struct study_trial *t,
                                     struct study_error *err)
{
    const struct study_message question = {.kind = STUDY_GIVE,
                                           .carries = true,
                                           .trial = *t};
    struct study_message reply;
    if (!ask(ctx, question, &reply)) return no_answer(err);
    enum study_status status = STUDY_OK;
    if (reply.code > STUDY_OK && reply.code <= STUDY_E_STOPPED)
        status = study_fail(err, (enum study_status)reply.code, "%s",
                            reply.text ? reply.text : "not stored");
    study_message_clear(&reply);
    return status;
}

static bool stopped(void *ctx)
{
    struct working *w = ctx;
    (void)pthread_mutex_lock(&w->lock);
    const bool stop = w->stop || w->alone || w->ended;
    (void)pthread_mutex_unlock(&w->lock);
    return stop || (w->r->stopped && w->r->stopped(w->r->ctx));
}

static void *run_here(void *ctx)
{
    struct working *w = ctx;
    struct study_error err = {STUDY_OK, ""};
    struct study_runner local = *w->r;
    local.source = (struct study_source){remote_take, remote_give, w};
    local.stopped = stopped;
    local.ctx = w;
    const enum study_status status = study_run(&local, &err);
    (void)pthread_mutex_lock(&w->lock);
    w->over = true;
    /* That rank 0 wanted it is no failure. */
    if (status && !(w->stop && status == STUDY_E_STOPPED))
        fail(w, status, err.message);
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ------------------------------------------------------ the messages' thread
 */

static bool is_answer(const struct study_message *m)
{
    return m->kind == STUDY_GAVE_TRIAL || m->kind == STUDY_GAVE_LATER ||
           m->kind == STUDY_GAVE_NEVER || m->kind == STUDY_GIVEN;
}

/* Whether this answers what was asked. An answer to something else, which
 * cannot be while both sides keep to the order, is dropped. */
static bool answers(const struct working *w, const struct study_message *m)
{
    return w->asking == ASK_SENT && is_answer(m) &&
           (w->question.kind == STUDY_GIVE) == (m->kind == STUDY_GIVEN);
}

static void hear_one(struct working *w, struct study_message *m)
{
    if (answers(w, m)) {
        w->reply = *m;
        *m = (struct study_message){.kind = STUDY_ALIVE};
        w->asking = ASK_ANSWERED;
        (void)pthread_cond_broadcast(&w->changed);
        return;
    }
    w->welcome = w->welcome || m->kind == STUDY_WELCOME;
    w->stop = w->stop || m->kind == STUDY_STOP;
    if (m->kind == STUDY_STOP && m->text) fail(w, STUDY_E_FORMAT, m->text);
    if (m->kind == STUDY_END) {
        w->ended = true;
        w->whole = m->code == 1;
    }
}

static void hear_all(struct working *w)
{
    struct study_message m;
    bool readable;
    int from;
    while (study_ranks_receive(w->ranks, &from, &m, &readable)) {
        if (from == 0 && readable) {
            w->heard = study_now();
            hear_one(w, &m);
        }
        study_message_clear(&m);
    }
}

/* Rank 0 is lost: nobody waits for it any longer. */
static void be_alone(struct working *w, const char *why)
{
    if (w->alone) return;
    w->alone = true;
    fail(w, STUDY_E_PROCESS, why);
    (void)pthread_cond_broadcast(&w->changed);
}

static void send(struct working *w, const struct study_message *m)
{
    if (!w->alone && !study_ranks_send(w->ranks, 0, m))
        be_alone(w, "rank 0 cannot be reached");
}

/* One turn, with the lock: hears, speaks, and waits a little, when the other
 * thread gets the lock. */
static void turn(struct working *w)
{
    const double now = study_now();
    hear_all(w);
    if (w->asking == ASK_POSTED) {
        w->asking = ASK_SENT;
        send(w, &w->question);
    }
    if (now >= w->beat_at) {
        w->beat_at = now + study_beat(w->ranks);
        send(w, &(struct study_message){.kind = STUDY_ALIVE});
    }
    if (now - w->heard > 2.0 * study_lost_after(w->ranks))
        be_alone(w, "rank 0 is silent");
    if (w->ended) return;
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec +=
        w->asking == ASK_SENT ? AWAITING_NANOSECONDS : IDLE_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&w->changed, &w->lock, &until);
}

static void say_hello(struct working *w)
{
    struct utsname system;
    char text[256];
    (void)snprintf(text, sizeof text, "%s\n%s", taper_version(),
                   uname(&system) < 0 ? "" : system.nodename);
    send(w, &(struct study_message){.kind = STUDY_HELLO, .text = text});
    while (!w->welcome && !w->stop && !w->ended && !w->alone)
        turn(w);
}

/* Says why, if it is an error that rank 0 does not know, and waits until all
 * others have left as well. That a person stopped it is none. */
static void leave(struct working *w, const char *why)
{
    char text[sizeof w->err->message] = "";
    if (why) (void)snprintf(text, sizeof text, "%s", why);
    send(w, &(struct study_message){.kind = STUDY_LEAVE,
                                    .text = *text ? text : NULL});
    while (!w->ended && !w->alone)
        turn(w);
}

static void work(struct working *w)
{
    pthread_t thread;
    say_hello(w);
    if (!w->welcome || w->stop || w->ended || w->alone) return;
    const int error = pthread_create(&thread, NULL, run_here, w);
    if (error) {
        char why[128];
        (void)snprintf(why, sizeof why, "cannot start a thread: %s",
                       strerror(error));
        fail(w, STUDY_E_PROCESS, why);
        return;
    }
    while (!w->over)
        turn(w);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(thread, NULL);
    (void)pthread_mutex_lock(&w->lock);
}

static enum study_status begin(struct working *w)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (!error) {
        error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        if (!error) error = pthread_cond_init(&w->changed, &attributes);
        (void)pthread_condattr_destroy(&attributes);
    }
    if (!error) {
        error = pthread_mutex_init(&w->lock, NULL);
        if (error) (void)pthread_cond_destroy(&w->changed);
    }
    return error ? study_fail(w->err, STUDY_E_PROCESS, "cannot make a lock: %s",
                              strerror(error))
                 : STUDY_OK;
}

enum study_status study_ranks_work(const struct study_ranks *ranks,
                                   const struct study_runner *r,
                                   const char *why, bool *whole,
                                   struct study_error *err)
{
    struct study_error own = {STUDY_OK, ""};
    struct working w = {.ranks = ranks, .r = r, .err = &own};
    *whole = false;
    enum study_status status = begin(&w);
    if (!status) {
        w.heard = study_now();
        (void)pthread_mutex_lock(&w.lock);
        if (r) work(&w);
        const bool own_fault =
            w.status && w.status != STUDY_E_STOPPED && !w.alone && !w.stop;
        leave(&w, !r ? why : own_fault ? own.message : NULL);
        (void)pthread_mutex_unlock(&w.lock);
        *whole = w.ended && w.whole;
        status = w.status;
        study_message_clear(&w.reply);
        (void)pthread_cond_destroy(&w.changed);
        (void)pthread_mutex_destroy(&w.lock);
    }
    if (err && status) *err = own;
    return status;
}
