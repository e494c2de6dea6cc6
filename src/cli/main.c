/* taper: define a schedule, see it, apply it. The program is a table of
 * subcommands; each of them is one file of this folder. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <taper.h>

#include "cli/command.h"
#include "cli/complain.h"

static const struct cli_command *const commands[] = {
    &cli_at,       &cli_table,    &cli_plot,    &cli_explain, &cli_list,
    &cli_diff,     &cli_retarget, &cli_convert, &cli_fit,     &cli_predict,
    &cli_optimize, &cli_bound,    &cli_refine,
#ifdef TAPER_HAVE_TRAIN
    &cli_train,
#endif
#ifdef TAPER_HAVE_STUDY
    &cli_compare,  &cli_report,   &cli_study,   &cli_find,
#endif
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* The commands that a build lacks where what they need was not found: each
 * stands above as well, for the builds that have it. */
static const struct optional {
    const char *name, *summary; /* as of a cli_command */
    const char *packages;       /* what to install, by Debian's names */
} optional[] = {
    {"train", "train a network under a schedule", CLI_TRAIN_PACKAGES},
    {"compare", "find the best schedule for a task by evidence",
     "libsqlite3-dev and libgsl-dev"},
    {"report", "show what a study of compare found: table, page, figures",
     "libsqlite3-dev and libgsl-dev"},
    {"study", "list, show, merge and export the studies of compare",
     "libsqlite3-dev and libgsl-dev"},
    {"find", "find a peak rate for a task by a sweep of the rate",
     "libsqlite3-dev and libgsl-dev"},
};

#define OPTIONAL (sizeof optional / sizeof optional[0])

/* NULL if there is none of this name. */
static const struct cli_command *find_command(const char *name)
{
    for (size_t k = 0; k < COMMANDS; k++)
        if (strcmp(commands[k]->name, name) == 0) return commands[k];
    return NULL;
}

/* The row of a command that this build lacks, or NULL. */
static const struct optional *find_missing(const char *name)
{
    for (size_t k = 0; k < OPTIONAL && !find_command(name); k++)
        if (strcmp(optional[k].name, name) == 0) return &optional[k];
    return NULL;
}

static void print_help(void)
{
    printf("usage: taper COMMAND [options] ...\n\n"
           "Learning-rate schedules: define, see, apply, choose.\n\n"
           "commands:\n");
    for (size_t k = 0; k < COMMANDS; k++)
        printf("  %-10s %s\n", commands[k]->name, commands[k]->summary);
    for (size_t k = 0; k < OPTIONAL; k++)
        if (find_missing(optional[k].name))
            printf("  %-10s %s (not in this build)\n", optional[k].name,
                   optional[k].summary);
    printf(
        "\n'taper COMMAND --help' tells more. 'taper list' shows the schedules "
        "that there\nare: curves, recipes and other frameworks' "
        "constructors, joined by 'then' and '*'.\n");
    printf("\nexample:\n"
           "  taper plot 'linear(0, 0.1, 5%%) then cosine(to=0.001)' "
           "--steps 1000\n");
}

/* A command that is none, or none of this build. */
static int unknown_command(const char *name)
{
    const struct optional *const missing = find_missing(name);
    if (missing)
        return cli_failed("this build has no '%s': install %s, then build "
                          "taper again",
                          name, missing->packages);
    const char *names[COMMANDS];
    for (size_t k = 0; k < COMMANDS; k++)
        names[k] = commands[k]->name;
    const char *near = taper_suggest(name, strlen(name), names, COMMANDS);
    if (near)
        return cli_wrong("unknown command '%s', did you mean '%s'?", name,
                         near);
    return cli_wrong("unknown command '%s': 'taper --help' lists them", name);
}

/* "help" and "help COMMAND"; `topic` is NULL for the former. */
static int help(const char *topic)
{
    char option[] = "--help";
    if (!topic) {
        print_help();
        return CLI_DONE;
    }
    const struct cli_command *const command = find_command(topic);
    return command ? command->run(1, (char *[]){option, NULL})
                   : unknown_command(topic);
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) return cli_wrong("no command: 'taper --help' lists them");
    const char *name = argv[1];
    const struct cli_command *const command = find_command(name);
    if (command) return command->run(argc - 2, argv + 2);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
        strcmp(name, "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(name, "--version") == 0) {
        printf("taper %s\n", taper_version());
        return CLI_DONE;
    }
    return unknown_command(name);
}

/* Output that did not arrive is a failure. A reader that went away is not
 * worth a message: it knows. */
static int check_output(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    if (errno != EPIPE)
        cli_complain("cannot write the output: %s",
                     errno ? strerror(errno) : "an earlier write failed");
    return status == CLI_DONE ? CLI_FAILED : status;
}

/* A file opened later must not take the place of a standard stream that the
 * caller had closed. */
static void fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) != -1) continue;
        /* Opened the wrong way round, so that using it is still an error. */
        (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(int argc, char **argv)
{
    fill_standard_streams();
    /* A file that reaches the limit of `ulimit -f` is one that cannot be
     * written, which is said as of a full disk. */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A caller who ignores the ends of children hands that down, and whether
     * gnuplot or a trial succeeded could not be asked. */
    (void)signal(SIGCHLD, SIG_DFL);
    return check_output(run_command(argc, argv));
}
