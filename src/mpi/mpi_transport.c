/* Messages between ranks by MPI: see study/transport.h. A module of its own,
 * loaded by a program that was started as one of several, so that nothing else
 * needs MPI.
 *
 * Nothing here waits for a rank, which may be dead: sends are started and
 * looked after later, and so is the arrival of what is announced. What was
 * meant for a dead rank stays, which is little. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "study/transport.h"

#define TAG 1             /* of all messages */
#define FLUSH_SECONDS 5.0 /* for what was sent last, at the end */

/* A message on its way, in a list. */
struct parcel {
    struct parcel *next;
    MPI_Request request;
    int from; /* of one that arrives */
    int size;
    unsigned char *bytes; /* owned */
};

struct world {
    MPI_Comm comm;
    struct parcel *leaving, *arriving;
};

static void free_parcel(struct parcel *p)
{
    if (p) free(p->bytes);
    free(p);
}

static void free_all(struct parcel *p)
{
    while (p) {
        struct parcel *const next = p->next;
        free_parcel(p);
        p = next;
    }
}

static struct parcel *new_parcel(size_t size)
{
    struct parcel *const p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->size = (int)size;
    p->bytes = malloc(size + 1);
    if (p->bytes) return p;
    free(p);
    return NULL;
}

static bool is_through(struct parcel *p)
{
    int through = 0;
    return MPI_Test(&p->request, &through, MPI_STATUS_IGNORE) != MPI_SUCCESS ||
           through;
}

/* Releases what has left. */
static void look_after(struct world *w)
{
    for (struct parcel **at = &w->leaving; *at;) {
        struct parcel *const p = *at;
        if (is_through(p)) {
            *at = p->next;
            free_parcel(p);
        } else {
            at = &p->next;
        }
    }
}

static bool mpi_send(void *ctx, int to, const void *bytes, size_t size)
{
    struct world *const w = ctx;
    struct parcel *const p = size <= 0x7fffffff ? new_parcel(size) : NULL;
    if (!p) return false;
    memcpy(p->bytes, bytes, size);
    if (MPI_Isend(p->bytes, p->size, MPI_BYTE, to, TAG, w->comm, &p->request) !=
        MPI_SUCCESS) {
        free_parcel(p);
        return false;
    }
    p->next = w->leaving;
    w->leaving = p;
    return true;
}

/* Begins to receive all that is announced. */
static void accept_all(struct world *w)
{
    for (;;) {
        int there = 0, size = 0;
        MPI_Message message;
        MPI_Status status;
        if (MPI_Improbe(MPI_ANY_SOURCE, TAG, w->comm, &there, &message,
                        &status) != MPI_SUCCESS ||
            !there || MPI_Get_count(&status, MPI_BYTE, &size) != MPI_SUCCESS)
            return;
        struct parcel *const p = new_parcel((size_t)size);
        if (!p) return; /* lost, as its sender will seem to be */
        p->from = status.MPI_SOURCE;
        if (MPI_Imrecv(p->bytes, size, MPI_BYTE, &message, &p->request) !=
            MPI_SUCCESS) {
            free_parcel(p);
            return;
        }
        struct parcel **end = &w->arriving;
        while (*end)
            end = &(*end)->next;
        *end = p;
    }
}

static bool mpi_receive(void *ctx, int *from, unsigned char **bytes,
                        size_t *size)
{
    struct world *const w = ctx;
    look_after(w);
    accept_all(w);
    for (struct parcel **at = &w->arriving; *at; at = &(*at)->next) {
        struct parcel *const p = *at;
        if (!is_through(p)) continue;
        *at = p->next;
        *from = p->from;
        *bytes = p->bytes;
        *size = (size_t)p->size;
        p->bytes = NULL;
        free_parcel(p);
        return true;
    }
    return false;
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* MPI_Finalize waits for everybody, so with a lost rank it is not called. Open
 * MPI's mpirun then waits for ever if ranks run on several hosts, unless one of
 * them aborts. */
static void mpi_end(void *ctx, bool whole, int status)
{
    struct world *const w = ctx;
    const struct timespec nap = {.tv_nsec = 1000000};
    const double until = now() + FLUSH_SECONDS;
    int rank = 0;
    (void)MPI_Comm_rank(w->comm, &rank);
    for (look_after(w); whole && w->leaving && now() < until; look_after(w))
        (void)nanosleep(&nap, NULL);
    if (whole)
        (void)MPI_Finalize();
    else if (rank == 0)
        (void)MPI_Abort(w->comm, status);
    if (!whole) return; /* MPI may still read and write what is on its way */
    free_all(w->leaving);
    free_all(w->arriving);
    free(w);
}

static bool begin(struct study_transport *out, char *why, size_t size)
{
    int provided = MPI_THREAD_SINGLE;
    struct world *const w = calloc(1, sizeof *w);
    if (!w) {
        (void)snprintf(why, size, "out of memory");
        return false;
    }
    w->comm = MPI_COMM_WORLD;
    /* Only the thread that begins uses it; another one starts processes. */
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) !=
        MPI_SUCCESS) {
        (void)snprintf(why, size, "MPI_Init failed");
        free(w);
        return false;
    }
    (void)MPI_Comm_set_errhandler(w->comm, MPI_ERRORS_RETURN);
    *out = (struct study_transport){.send = mpi_send,
                                    .receive = mpi_receive,
                                    .end = mpi_end,
                                    .ctx = w};
    if (provided >= MPI_THREAD_FUNNELED &&
        MPI_Comm_rank(w->comm, &out->rank) == MPI_SUCCESS &&
        MPI_Comm_size(w->comm, &out->size) == MPI_SUCCESS)
        return true;
    (void)snprintf(why, size, "it allows no threads");
    (void)MPI_Finalize();
    free(w);
    return false;
}

extern const struct study_transport_module taper_transport_module;
const struct study_transport_module taper_transport_module = {
    .version = STUDY_TRANSPORT_VERSION, .begin = begin};
