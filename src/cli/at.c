/* taper at: the value of a schedule at given steps. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/print.h"
#include "cli/spec.h"

struct at_options {
    taper_run run;
    bool json;
};

static const struct cli_option options[] = {
    CLI_RUN_OPTIONS(struct at_options),
    {.name = "json",
     .offset = offsetof(struct at_options, json),
     .help = "print a JSON object"},
};

/* Reads every step before anything is printed, so that a mistake in the last
 * one leaves no half of an answer. NULL, with *status set, on failure. */
static double *read_steps(const struct cli_words *words, int *status)
{
    const size_t count = words->count - 1;
    double *steps = malloc(count * sizeof *steps);
    if (!steps) {
        *status = cli_failed("out of memory");
        return NULL;
    }
    for (size_t k = 0; k < count; k++) {
        const char *text = words->items[k + 1];
        /* A step may be a decimal: a double holds every whole step that means
         * anything, and those beyond 2^53 read as 2^53 anyway. */
        if (taper_read_number(text, strlen(text), &steps[k]) == TAPER_OK)
            continue;
        *status = cli_wrong("'%s' is no step: give a number such as 100, 2k or "
                            "0.5",
                            text);
        free(steps);
        return NULL;
    }
    return steps;
}

static void print_values(const taper_schedule *s, const double *steps,
                         size_t count)
{
    for (size_t k = 0; k < count && !ferror(stdout); k++) {
        cli_print_number(stdout, taper_at_real(s, steps[k]));
        putchar('\n');
    }
}

static int print_json(const taper_schedule *s, const double *steps,
                      size_t count)
{
    char *canonical = cli_describe(s);
    if (!canonical) return CLI_FAILED;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "canonical", canonical);
    cJSON *values = cJSON_AddArrayToObject(object, "values");
    for (size_t k = 0; k < count; k++) {
        cJSON *pair = cJSON_CreateObject();
        cJSON_AddItemToObject(pair, "step", cli_json_number(steps[k]));
        cJSON_AddItemToObject(pair, "value",
                              cli_json_number(taper_at_real(s, steps[k])));
        cJSON_AddItemToArray(values, pair);
    }
    free(canonical);
    return cli_print_json(object);
}

static int run(int argc, char **argv)
{
    struct at_options o = {.json = false};
    struct cli_words words;
    int status = cli_parse(&cli_at, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (words.count < 2)
        return cli_wrong("at needs a schedule and at least one step: taper at "
                         "%s",
                         cli_at.usage);

    taper_schedule *s = NULL;
    status = cli_read_schedule(words.items[0], &o.run, &s);
    if (status != CLI_GO) return status;
    double *steps = read_steps(&words, &status);
    if (steps) {
        status = CLI_DONE;
        if (o.json)
            status = print_json(s, steps, words.count - 1);
        else
            print_values(s, steps, words.count - 1);
    }
    free(steps);
    taper_free(s, NULL);
    return status;
}

const struct cli_command cli_at = {
    .name = "at",
    .summary = "print the value of a schedule at given steps",
    .usage = "[options] SPEC STEP...",
    .details = "One value per line, as the shortest text that reads back to "
               "the same\n"
               "number. Steps count from 0 and may be decimals or carry k, M "
               "or B.\n",
    .example = "  taper at 'cosine(0.1, 0.001, 50)' 0 25 50\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
