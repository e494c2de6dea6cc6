/* Starting and ending the process of a trial: see process.h.
 *
 * By fork rather than posix_spawn, which can neither tie a child's life to its
 * parent's nor choose its processors. Between fork and exec only calls that are
 * safe there are made; everything else is prepared before. */
#define _GNU_SOURCE /* pipe2, execvpe, sched_setaffinity, sigdescr_np */
#include "study/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "study/process_guard.h"

/* The ends of the pipes to a child. */
struct pipes {
    int out[2], err[2], failure[2]; /* read, write */
};

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0) (void)close(pair[i]);
    pair[0] = pair[1] = -1;
}

static void close_pipes(struct pipes *p)
{
    close_pair(p->out);
    close_pair(p->err);
    close_pair(p->failure);
}

static int open_pipes(struct pipes *p)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(p->out, O_CLOEXEC) == 0 && pipe2(p->err, O_CLOEXEC) == 0 &&
        pipe2(p->failure, O_CLOEXEC) == 0)
        return 0;
    const int error = errno;
    close_pipes(p);
    return error;
}

/* When memory runs out the kernel should take a trial rather than the study.
 * More may be volunteered without any right. */
static void volunteer(void)
{
    static const char score[] = "500";
    const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    const ssize_t n = write(fd, score, sizeof score - 1);
    (void)n;
    (void)close(fd);
}

/* Signals as a program expects them: those that a study ignores for itself
 * would stay ignored, and what it blocks blocked. */
static void reset_signals(void)
{
    sigset_t none;
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGXFSZ, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void choose_cores(const struct study_cores *cores)
{
    if (!cores->count) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < cores->count; i++)
        CPU_SET((size_t)cores->cpu[i], &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static void child(const struct study_launch *launch, const struct pipes *p,
                  pid_t parent)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127); /* it died before it could be tied */
    study_guard_tell(launch->guard, getpid(), true);
    volunteer();
    choose_cores(launch->cores);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dup2(null, STDIN_FILENO) == STDIN_FILENO &&
        dup2(p->out[1], STDOUT_FILENO) == STDOUT_FILENO &&
        dup2(p->err[1], STDERR_FILENO) == STDERR_FILENO) {
        reset_signals();
        (void)execvpe(launch->argv[0], launch->argv, launch->environment);
    }
    const int error = errno;
    const ssize_t n = write(p->failure[1], &error, sizeof error);
    (void)n;
    _exit(127);
}

/* The errno that the child could not run the command with, or 0: the pipe
 * closes by itself when the command runs. */
static int wait_for_exec(int fd)
{
    int error = 0;
    ssize_t n;
    do {
        n = read(fd, &error, sizeof error);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof error ? error : 0;
}

int study_process_start(struct study_process *p,
                        const struct study_launch *launch, bool *exec_failed)
{
    struct pipes pipes;
    const pid_t parent = getpid();
    *p = (struct study_process){.ended = -1, .out = -1, .err = -1};
    *exec_failed = false;
    int error = open_pipes(&pipes);
    if (error) return error;

    const pid_t pid = fork();
    if (pid == 0) child(launch, &pipes, parent);
    if (pid < 0) {
        error = errno;
        close_pipes(&pipes);
        return error;
    }
    (void)setpgid(pid, pid); /* both do it: whoever is first */
    (void)close(pipes.failure[1]);
    pipes.failure[1] = -1;
    error = wait_for_exec(pipes.failure[0]);
    if (error) {
        *exec_failed = true;
        study_guard_tell(launch->guard, pid, false);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        close_pipes(&pipes);
        return error;
    }
    (void)fcntl(pipes.out[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(pipes.err[0], F_SETFL, O_NONBLOCK);
    *p = (struct study_process){.pid = pid,
                                .ended = -1,
                                .out = pipes.out[0],
                                .err = pipes.err[0]};
    pipes.out[0] = pipes.err[0] = -1;
    close_pipes(&pipes);
#ifdef SYS_pidfd_open
    p->ended = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
    return 0;
}

bool study_process_ended(const struct study_process *p)
{
    siginfo_t info = {0};
    const int options = WEXITED | WNOHANG | WNOWAIT;
    return waitid(P_PID, (id_t)p->pid, &info, options) != 0 ||
           info.si_pid == p->pid;
}

void study_process_signal(const struct study_process *p, int signal_number)
{
    (void)kill(-p->pid, signal_number);
}

/* Not yet reaped, the command keeps the number of its group from being given
 * to another. */
int study_process_reap(struct study_process *p)
{
    int status = 0;
    study_process_signal(p, SIGKILL);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    const int fds[] = {p->out, p->err, p->ended};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0) (void)close(fds[i]);
    *p = (struct study_process){.ended = -1, .out = -1, .err = -1};
    return status;
}

void study_process_why(int status, char why[STUDY_WHY_SIZE])
{
    int number = 0;
    char code[40] = "";
    *why = '\0';
    if (WIFSIGNALED(status)) {
        number = WTERMSIG(status);
    } else if (WIFEXITED(status) && WEXITSTATUS(status)) {
        (void)snprintf(code, sizeof code, "exit status %d",
                       WEXITSTATUS(status));
        (void)snprintf(why, STUDY_WHY_SIZE, "%s", code);
        number = WEXITSTATUS(status) > 128 ? WEXITSTATUS(status) - 128 : 0;
    }
    const char *words = number == SIGKILL ? "out of memory?"
                        : number          ? sigdescr_np(number)
                                          : NULL;
    if (!number || (*code && !words)) return;
    (void)snprintf(why, STUDY_WHY_SIZE, "%s%skilled by signal %d (%s)%s", code,
                   *code ? " (" : "", number, words ? words : "unknown",
                   *code ? ")" : "");
}
