/* Threads that wait for a generation number to change, run, and count down. */
#include "nn/team.h"
#include "nn/product.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct member {
    struct nn_team *team;
    pthread_t thread;
    int index;
};

struct nn_team {
    pthread_mutex_t lock;
    pthread_cond_t start, finished;
    unsigned long generation; /* one more for each run */
    int running;              /* threads that have not finished this run */
    bool leaving;
    nn_team_fn *fn;
    void *context;
    int size; /* threads that were started */
    struct member member[];
};

/* Waits for the run after `seen`; false when the team is being dissolved. */
static bool wait_for_run(struct nn_team *t, unsigned long seen)
{
    pthread_mutex_lock(&t->lock);
    while (t->generation == seen && !t->leaving)
        pthread_cond_wait(&t->start, &t->lock);
    const bool go = !t->leaving;
    pthread_mutex_unlock(&t->lock);
    return go;
}

static void *work(void *argument)
{
    const struct member *m = argument;
    struct nn_team *t = m->team;
    nn_device_single_thread();
    for (unsigned long seen = 0; wait_for_run(t, seen); seen++) {
        t->fn(t->context, m->index);
        pthread_mutex_lock(&t->lock);
        if (--t->running == 0) pthread_cond_signal(&t->finished);
        pthread_mutex_unlock(&t->lock);
    }
    return NULL;
}

enum nn_status nn_team_create(int threads, struct nn_team **out,
                              struct nn_error *err)
{
    *out = NULL;
    struct nn_team *t =
        calloc(1, sizeof *t + (size_t)threads * sizeof t->member[0]);
    if (!t) return nn_fail(err, NN_E_NOMEM, "out of memory");
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->start, NULL);
    pthread_cond_init(&t->finished, NULL);
    for (; t->size < threads; t->size++) {
        struct member *m = &t->member[t->size];
        m->team = t;
        m->index = t->size;
        if (pthread_create(&m->thread, NULL, work, m) != 0) {
            const int number = m->index + 1;
            nn_team_destroy(t); /* and m with it */
            return nn_fail(err, NN_E_THREAD,
                           "thread %d of %d could not be started: use fewer "
                           "with --threads",
                           number, threads);
        }
    }
    *out = t;
    return NN_OK;
}

void nn_team_destroy(struct nn_team *t)
{
    if (!t) return;
    pthread_mutex_lock(&t->lock);
    t->leaving = true;
    pthread_cond_broadcast(&t->start);
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; i < t->size; i++)
        pthread_join(t->member[i].thread, NULL);
    pthread_cond_destroy(&t->finished);
    pthread_cond_destroy(&t->start);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void nn_team_run(struct nn_team *t, nn_team_fn *fn, void *context)
{
    pthread_mutex_lock(&t->lock);
    t->fn = fn;
    t->context = context;
    t->running = t->size;
    t->generation++;
    pthread_cond_broadcast(&t->start);
    while (t->running > 0)
        pthread_cond_wait(&t->finished, &t->lock);
    pthread_mutex_unlock(&t->lock);
}
