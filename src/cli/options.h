/* The option parser of every subcommand: a table says which options there are,
 * and the values go into the subcommand's own struct. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <taper.h>

struct cli_command;

/* What an option takes, and the type of the member that it goes into. */
enum cli_kind {
    CLI_FLAG,   /* nothing; bool */
    CLI_TEXT,   /* any text; const char * */
    CLI_TEXTS,  /* the same, as often as it is given; struct cli_texts */
    CLI_CHOICE, /* one of `choices`; int, the index of the word */
    CLI_COUNT,  /* a whole number, also 2k or 1.5M; int64_t */
    CLI_NUMBER  /* a number, also with k, M, B; double */
};

/* What an option that may be given often was given, in that order. The texts
 * are borrowed from argv; the caller frees `items`. */
struct cli_texts {
    const char **items; /* [count] */
    size_t count;
};

struct cli_option {
    char letter;      /* 'o' for -o; 0: none */
    const char *name; /* "format" for --format */
    enum cli_kind kind;
    size_t offset;     /* of the member in the subcommand's struct */
    const char *value; /* what the help calls the value, "N"; NULL: a flag */
    const char *help;  /* one line without a full stop */
    double min, max;   /* inclusive range of CLI_COUNT and CLI_NUMBER */
    const char *const *choices; /* NULL-terminated words of CLI_CHOICE */
};

/* The rows of the options that describe a run, for a struct whose member of
 * type taper_run is called `run`. */
#define CLI_RUN_OPTIONS(type) \
    {.name = "steps", \
     .kind = CLI_COUNT, \
     .offset = offsetof(type, run) + offsetof(taper_run, steps), \
     .value = "N", \
     .help = "updates in the whole run, for lengths such as 10%", \
     .min = 1, \
     .max = (double)TAPER_STEP_MAX}, \
        {.name = "epoch", \
         .kind = CLI_NUMBER, \
         .offset = offsetof(type, run) + offsetof(taper_run, epoch), \
         .value = "N", \
         .help = "updates in one epoch, for lengths such as 5ep", \
         .min = DBL_MIN, \
         .max = (double)TAPER_STEP_MAX}, \
        {.name = "batch", \
         .kind = CLI_NUMBER, \
         .offset = offsetof(type, run) + offsetof(taper_run, batch), \
         .value = "N", \
         .help = "samples in one update, for lengths such as 50ksmp", \
         .min = DBL_MIN, \
         .max = DBL_MAX}, \
    { \
        .name = "tokens", .kind = CLI_NUMBER, \
        .offset = offsetof(type, run) + offsetof(taper_run, tokens), \
        .value = "N", \
        .help = "tokens in one update, for lengths such as 3Btok", \
        .min = DBL_MIN, .max = DBL_MAX \
    }

/* What is left of the arguments when the options have been taken out. */
struct cli_words {
    char **items; /* borrowed from argv */
    size_t count;
};

/* cli_parse returns this, or the status to exit with at once. */
#define CLI_GO (-1)

/* Read the options of `command` into *options, which holds the defaults, and
 * leave the other arguments in *words; argv is reordered. Options and words
 * may be mixed, `--` ends the options, and a word such as -5 is no option.
 * --help prints the help and returns CLI_DONE; wrong usage prints one line and
 * returns CLI_WRONG. */
int cli_parse(const struct cli_command *command, int argc, char **argv,
              void *options, struct cli_words *words);

enum { CLI_NAME = 32 }; /* bytes of an option's name; longer ones are cut */

/* Steps through the long options of a command line before it is read: `name`
 * becomes that of the first one from argv[*i] on, "lr" of "--lr=1", and *i goes
 * behind it. False at the end, which may be "--". */
bool cli_next_name(int argc, char **argv, int *i, char name[CLI_NAME]);

/* Print the help of a subcommand to standard output. */
void cli_print_help(const struct cli_command *command);

#endif
