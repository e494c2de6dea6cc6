/* See fake_ranks.h. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "fake_ranks.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void begin(struct fake_ranks *f, int rank, int size)
{
    *f = (struct fake_ranks){.rank = rank, .size = size};
    for (int k = 0; k < FAKE_MOST; k++)
        f->fds[k] = -1;
}

void fake_ranks_start(struct fake_ranks *f, int size,
                      int (*body)(struct fake_ranks *f, void *ctx), void *ctx)
{
    begin(f, 0, size);
    for (int k = 1; k < size; k++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
                                    pair),
                         0);
        f->pids[k] = fork();
        assert_true(f->pids[k] >= 0);
        if (f->pids[k] == 0) {
            struct fake_ranks mine;
            begin(&mine, k, size);
            mine.fds[0] = pair[1];
            (void)close(pair[0]);
            fake_ranks_close(f); /* to ranks that were started before */
            _exit(body(&mine, ctx));
        }
        (void)close(pair[1]);
        f->fds[k] = pair[0];
    }
}

void fake_ranks_pair(struct fake_ranks *zero, struct fake_ranks *one)
{
    int pair[2];
    begin(zero, 0, 2);
    begin(one, 1, 2);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
                                pair),
                     0);
    zero->fds[1] = pair[0];
    one->fds[0] = pair[1];
}

static bool fake_send(void *ctx, int to, const void *bytes, size_t size)
{
    const struct fake_ranks *f = ctx;
    return send(f->fds[to], bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
               (ssize_t)size ||
           f->numb;
}

static bool fake_receive(void *ctx, int *from, unsigned char **bytes,
                         size_t *size)
{
    const struct fake_ranks *f = ctx;
    static const size_t most = (size_t)1 << 20;
    for (int k = 0; k < f->size; k++) {
        if (f->fds[k] < 0) continue;
        unsigned char *const room = malloc(most);
        if (!room) return false;
        const ssize_t n = recv(f->fds[k], room, most, MSG_DONTWAIT);
        if (n > 0) {
            *from = k;
            *bytes = room;
            *size = (size_t)n;
            return true;
        }
        free(room);
    }
    return false;
}

/* The tests look at what the study says of the end, not at the end. */
static void fake_end(void *ctx, bool whole, int status)
{
    (void)ctx;
    (void)whole;
    (void)status;
}

struct study_transport fake_transport(struct fake_ranks *f)
{
    return (struct study_transport){.rank = f->rank,
                                    .size = f->size,
                                    .send = fake_send,
                                    .receive = fake_receive,
                                    .end = fake_end,
                                    .ctx = f};
}

int fake_ranks_wait(struct fake_ranks *f, int rank)
{
    int status;
    while (waitpid(f->pids[rank], &status, 0) < 0)
        if (errno != EINTR) return -2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void fake_ranks_close(struct fake_ranks *f)
{
    for (int k = 0; k < FAKE_MOST; k++) {
        if (f->fds[k] >= 0) (void)close(f->fds[k]);
        f->fds[k] = -1;
    }
}
