/* What a subcommand is, and how main finds it: each file of this folder that
 * holds one exports a single constant of type cli_command. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"

/* Exit statuses of the program. */
enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1, /* the request was fine, but could not be met */
    CLI_WRONG = 2   /* wrong usage, wrong schedule text included */
};

struct cli_command {
    const char *name;    /* "plot" */
    const char *summary; /* one line without a full stop, for `taper --help` */
    const char *usage;   /* what follows the name: "[options] SPEC..." */
    const char *details; /* paragraphs for `taper NAME --help`, wrapped by
                            hand, ended by a newline; may be "" */
    const char *example; /* lines, indented by two, ended by a newline */
    const struct cli_option *options;
    size_t option_count;
    /* Does the work. argv[0] is the first argument after the name. Returns a
     * cli_exit; main checks standard output afterwards. */
    int (*run)(int argc, char **argv);
};

/* What a build without taper train lacks, by Debian's names. */
#define CLI_TRAIN_PACKAGES "libdnnl-dev, zlib1g-dev, libjpeg-dev and libpng-dev"

extern const struct cli_command cli_at;
extern const struct cli_command cli_table;
extern const struct cli_command cli_plot;
extern const struct cli_command cli_explain;
extern const struct cli_command cli_list;
extern const struct cli_command cli_diff;
extern const struct cli_command cli_retarget;
extern const struct cli_command cli_convert;
extern const struct cli_command cli_fit;
extern const struct cli_command cli_predict;
extern const struct cli_command cli_optimize;
extern const struct cli_command cli_bound;
extern const struct cli_command cli_refine;
#ifdef TAPER_HAVE_TRAIN
extern const struct cli_command cli_train;
#endif
#ifdef TAPER_HAVE_STUDY
extern const struct cli_command cli_compare;
extern const struct cli_command cli_study;
extern const struct cli_command cli_report;
extern const struct cli_command cli_find;
#endif

#endif
