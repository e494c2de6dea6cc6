/* The guard of trials' processes: see process_guard.h. */
#define _GNU_SOURCE /* SOCK_CLOEXEC, syscall */
#include "study/process_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GROUPS_MAX = 4096 };

struct word {
    pid_t group;
    int exists; /* 1 or 0 */
};

void study_guard_tell(int fd, pid_t group, bool exists)
{
    const struct word word = {.group = group, .exists = exists};
    if (fd < 0) return;
    while (send(fd, &word, sizeof word, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

static void note(pid_t groups[GROUPS_MAX], size_t *count,
                 const struct word *word)
{
    for (size_t i = 0; i < *count; i++)
        if (groups[i] == word->group) groups[i--] = groups[--*count];
    if (word->exists && *count < GROUPS_MAX) groups[(*count)++] = word->group;
}

/* Nothing that the study has open may stay open here: others wait for the end
 * of its pipes and locks. */
static void close_all_but(int fd)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)fd + 1, ~0U, 0U) == 0 &&
        (fd == 0 || syscall(SYS_close_range, 0U, (unsigned)fd - 1, 0U) == 0))
        return;
#endif
    const long most = sysconf(_SC_OPEN_MAX);
    for (int i = 0; i < (most > 0 ? most : 1024); i++)
        if (i != fd) (void)close(i);
}

/* Life of the guard: listens until the study is gone. Only calls that are safe
 * after fork. */
static void watch(int fd)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    pid_t groups[GROUPS_MAX];
    size_t count = 0;
    struct word word;
    (void)setsid(); /* no terminal, and no signal that is meant for a group */
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)signal(ignored[i], SIG_IGN);
    close_all_but(fd);
    for (;;) {
        const ssize_t n = recv(fd, &word, sizeof word, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        note(groups, &count, &word);
    }
    for (size_t i = 0; i < count; i++)
        (void)kill(-groups[i], SIGKILL);
    _exit(0);
}

int study_guard_begin(struct study_guard *g)
{
    int pair[2];
    *g = (struct study_guard){.fd = -1};
    /* Packets: a word is never torn, and the end of the study is the end. */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return errno;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(pair[0]);
        watch(pair[1]);
    }
    const int error = pid < 0 ? errno : 0;
    (void)close(pair[1]);
    if (error) {
        (void)close(pair[0]);
        return error;
    }
    *g = (struct study_guard){.pid = pid, .fd = pair[0]};
    return 0;
}

void study_guard_end(struct study_guard *g)
{
    if (!g->pid) return;
    (void)close(g->fd);
    while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    *g = (struct study_guard){.fd = -1};
}
