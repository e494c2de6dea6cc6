/* Runs gnuplot: commands go in through a socket, the picture comes out into a
 * file that is already open. No name and no text passes through a shell, nor
 * does gnuplot open any file itself. */
#include "plot/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plot/aside.h"

extern char **environ;

static const struct {
    const char *extension;
    enum plot_format format;
} kinds[] = {{".png", PLOT_PNG}, {".svg", PLOT_SVG}, {".pdf", PLOT_PDF}};

bool plot_file_format(const char *path, enum plot_format *out,
                      struct plot_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    for (size_t k = 0; dot && k < sizeof kinds / sizeof kinds[0]; k++)
        if (strcasecmp(dot, kinds[k].extension) == 0) {
            *out = kinds[k].format;
            return true;
        }
    return plot_fail(err, PLOT_E_FORMAT,
                     "cannot tell the kind of picture from '%s': give a name "
                     "that ends in one of " PLOT_FILE_KINDS,
                     name);
}

/* Starts gnuplot with the three descriptors as its standard streams. Returns
 * 0 or an errno. -d keeps the user's own settings out of the picture. */
static int start(int in, int out, int errors, pid_t *pid)
{
    static char name[] = "gnuplot", option[] = "-d", from_input[] = "-";
    char *const argv[] = {name, option, from_input, NULL};
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!failed)
        failed =
            posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    if (!failed)
        failed = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Sends everything, or as much as gnuplot takes: that it ended early shows in
 * its exit status. MSG_NOSIGNAL spares the caller a SIGPIPE. */
static void send_all(int fd, const char *text, size_t size)
{
    while (size) {
        const ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        text += n;
        size -= (size_t)n;
    }
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return status;
}

/* The line of gnuplot's complaints that says what happened: the one after its
 * caret, or else the first that is not empty. */
static bool report(FILE *errors, int status, struct plot_error *err)
{
    char line[256], reason[256] = "";
    rewind(errors);
    while (fgets(line, sizeof line, errors)) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = line + strspn(line, " \t^");
        if (*text && (!reason[0] || strstr(text, "line ")))
            memcpy(reason, text, strlen(text) + 1);
    }
    if (WIFSIGNALED(status))
        return plot_fail(err, PLOT_E_FAILED, "gnuplot ended by signal %d",
                         WTERMSIG(status));
    return plot_fail(err, PLOT_E_FAILED, "gnuplot failed: %s",
                     reason[0] ? reason : "it gave no reason");
}

static bool run(const char *script, size_t size, FILE *picture, FILE *errors,
                struct plot_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return plot_fail(err, PLOT_E_FAILED, "cannot open a socket: %s",
                         strerror(errno));
    pid_t pid = 0;
    const int failed = start(ends[1], fileno(picture), fileno(errors), &pid);
    close(ends[1]);
    if (!failed) send_all(ends[0], script, size);
    close(ends[0]);
    if (failed == ENOENT)
        return plot_fail(err, PLOT_E_GNUPLOT,
                         "gnuplot was not found: install gnuplot-nox, or "
                         "leave out the file for a picture in the terminal");
    if (failed)
        return plot_fail(err, PLOT_E_FAILED, "cannot start gnuplot: %s",
                         strerror(failed));
    const int status = wait_for(pid);
    if (status != 0) return report(errors, status, err);
    return true;
}

/* Runs the commands and moves the picture into place. */
static bool draw(const char *script, size_t size, const char *path,
                 struct plot_error *err)
{
    FILE *errors = tmpfile();
    /* Without room for its complaints gnuplot can still draw. */
    if (!errors) errors = fopen("/dev/null", "w+");
    if (!errors)
        return plot_fail(err, PLOT_E_FAILED, "cannot make a temporary file: %s",
                         strerror(errno));
    struct plot_aside picture;
    bool ok = plot_aside_open(&picture, path, err);
    if (ok) {
        ok = run(script, size, picture.file, errors, err);
        if (ok)
            ok = plot_aside_commit(&picture, err);
        else
            plot_aside_abandon(&picture);
    }
    fclose(errors);
    return ok;
}

bool plot_file(const struct plot_figure *f, const char *path,
               struct plot_error *err)
{
    enum plot_format format;
    if (!plot_file_format(path, &format, err)) return false;

    char *script = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&script, &size);
    bool ok = memory && plot_script(f, format, memory) == PLOT_OK;
    if (memory && fclose(memory) != 0) ok = false;
    if (ok)
        ok = draw(script, size, path, err);
    else
        plot_fail(err, PLOT_E_MEMORY, "out of memory for the picture");
    free(script);
    return ok;
}
