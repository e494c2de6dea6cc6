/* See find_result.h. */
#include "cli/find_result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/find_picture.h"
#include "cli/print.h"
#include "plot/aside.h"
#include "plot/gnuplot.h"

/* ---- judging ---- */

/* The lowest and highest suggestion of all sweeps but one, in turn: how much of
 * it hangs on a single one. `some` has room for them. */
static bool leave_out(struct find_result *r, struct study_sweep *some)
{
    const struct find_test *const t = r->test;
    for (size_t i = 0; i < t->count; i++) {
        struct study_range_curve c;
        size_t n = 0;
        for (size_t k = 0; k < t->count; k++)
            if (k != i) some[n++] = t->all[k];
        if (!study_range_pool(some, n, &c)) return false;
        const struct study_range_verdict v = study_range_judge(&c);
        const double rate = v.rate[STUDY_RANGE_MIDWAY];
        study_range_clear(&c);
        if (v.outcome != STUDY_RANGE_FOUND) continue;
        if (r->low == 0.0 || rate < r->low) r->low = rate;
        if (rate > r->high) r->high = rate;
    }
    return true;
}

bool find_result_make(const struct find_test *t, struct find_result *out)
{
    *out = (struct find_result){.test = t};
    if (!study_range_pool(t->all, t->count, &out->curve)) return false;
    out->verdict = study_range_judge(&out->curve);
    if (t->count == 1) return true;
    struct study_sweep *const some = calloc(t->count, sizeof *some);
    const bool judged = some && leave_out(out, some);
    free(some);
    return judged;
}

void find_result_clear(struct find_result *r)
{
    study_range_clear(&r->curve);
}

/* ---- words ---- */

enum { WORDS = 320 };

/* Why a rule names its rate. */
static void reason(const struct find_result *r, enum study_range_rule rule,
                   char out[WORDS])
{
    const struct study_range_verdict *const v = &r->verdict;
    const char *const change = r->test->maximize ? "rise" : "fall";
    const char *const best = r->test->maximize ? "highest" : "lowest";
    if (rule == STUDY_RANGE_TENTH)
        (void)snprintf(out, WORDS, "a tenth of %g, the rate of the %s %s",
                       find_round(v->best_rate), best, r->test->value);
    else
        (void)snprintf(out, WORDS,
                       "half way between %g, where half of the %s in %s was "
                       "made, and %g, the middle of its best rates, %g to %g",
                       find_round(v->half_rate), change, r->test->value,
                       find_round(sqrt(v->floor_from) * sqrt(v->floor_to)),
                       find_round(v->floor_from), find_round(v->floor_to));
}

/* What makes the suggestion doubtful, or NULL past the last such thing. */
static const char *doubt(const struct find_result *r, size_t index)
{
    const struct study_range_verdict *const v = &r->verdict;
    const bool wide = r->low > 0.0 && r->high > 3.0 * r->low;
    const double apart = v->rate[0] / v->rate[1];
    const struct {
        bool holds;
        const char *words;
    } doubts[] = {
        {v->early, "it learns at the first rate already: begin lower, with "
                   "--from"},
        {v->open, "nothing was lost at the last rate: end higher, with --to"},
        {wide,
         "without a single one of the sweeps it would be another rate, by "
         "more than a factor of 3: make more with --sweeps"},
        {apart > 10.0 || apart < 0.1,
         "the two rules disagree by more than a factor of 10: look at the "
         "curve"},
    };
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++)
        if (doubts[i].holds && index-- == 0) return doubts[i].words;
    return NULL;
}

/* Why there is no suggestion, with what to do. */
static void no_reason(const struct find_result *r, char out[WORDS])
{
    const struct study_range_verdict *const v = &r->verdict;
    const struct find_test *const t = r->test;
    const bool cut = t->all[0].state == STUDY_SWEEP_DIVERGED;
    if (v->outcome == STUDY_RANGE_TOO_FEW)
        (void)snprintf(out, WORDS,
                       "no rate to suggest: %zu value%s of the %s %s, and it "
                       "takes %d; %s",
                       r->curve.count, cli_plural((int64_t)r->curve.count),
                       t->value, cut ? "came before it diverged" : "came",
                       STUDY_RANGE_LEAST,
                       cut          ? "begin lower with --from, or take more "
                                      "--steps"
                       : t->command ? "print one for every step"
                                    : "take more --steps");
    else
        (void)snprintf(
            out, WORDS,
            "no rate to suggest: the %s went from %.4g to %.4g at "
            "best, which may be no more than noise; take more --steps, "
            "or other rates with --from and --to",
            t->value, v->start, v->best);
}

/* ---- files ---- */

bool find_is_table(const char *path)
{
    const size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".csv") == 0;
}

int find_check_files(const struct cli_texts *files)
{
    enum plot_format format;
    struct plot_error err;
    for (size_t i = 0; i < files->count; i++)
        if (!find_is_table(files->items[i]) &&
            !plot_file_format(files->items[i], &format, &err))
            return cli_wrong("the end of '%s' names no format: the picture "
                             "goes into " PLOT_FILE_KINDS ", the points into "
                             ".csv",
                             files->items[i]);
    return CLI_GO;
}

static void write_points(const struct find_result *r, FILE *out)
{
    const struct find_test *const t = r->test;
    (void)fprintf(out, "seed,step,rate,%s,smoothed\n", t->value);
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 0; k < t->all[i].count; k++) {
            const struct study_range_point *const p = &t->all[i].points[k];
            (void)fprintf(out, "%" PRId64 ",%" PRId64 ",", t->seed + (int64_t)i,
                          p->step);
            cli_print_number(out, p->rate);
            (void)fputc(',', out);
            cli_print_number(out, p->value);
            (void)fprintf(out, ",%.6g\n", study_range_at(&r->curve, p->rate));
        }
}

static int write_table(const struct find_result *r, const char *path)
{
    struct plot_aside file;
    struct plot_error err;
    if (!plot_aside_open(&file, path, &err))
        return cli_failed("%s", err.message);
    write_points(r, file.file);
    return plot_aside_commit(&file, &err) ? CLI_GO
                                          : cli_failed("%s", err.message);
}

int find_write_files(const struct find_result *r, const struct cli_texts *files)
{
    int status = CLI_GO;
    for (size_t i = 0; i < files->count && status == CLI_GO; i++) {
        const char *const path = files->items[i];
        if (find_is_table(path))
            status = write_table(r, path);
        else if (r->curve.count > 0)
            status = find_draw(r, path) == CLI_DONE ? CLI_GO : CLI_FAILED;
    }
    return status;
}

/* ---- printing ---- */

/* What was done: "5 sweeps of 3000 steps from 1e-05 to 10, seeds 0 to 4". */
static void print_deed(const struct find_test *t)
{
    size_t diverged = 0;
    double last = 0.0;
    for (size_t i = 0; i < t->count; i++) {
        const struct study_sweep *const s = &t->all[i];
        diverged += s->state == STUDY_SWEEP_DIVERGED;
        if (s->count) last = fmax(last, s->points[s->count - 1].rate);
    }
    if (t->count == 1)
        (void)printf("1 sweep of at most %" PRId64 " steps from %g to %g, "
                     "seed %" PRId64 ": ",
                     t->steps, t->from, t->to, t->seed);
    else
        (void)printf("%zu sweeps of at most %" PRId64 " steps from %g to %g, "
                     "seeds %" PRId64 " to %" PRId64 ": ",
                     t->count, t->steps, t->from, t->to, t->seed,
                     t->seed + (int64_t)t->count - 1);
    if (diverged && last > 0.0)
        (void)printf("%zu of %zu diverged, the last at %g; %.1f s\n", diverged,
                     t->count, find_round(last), t->seconds);
    else if (diverged)
        (void)printf("diverged at once; %.1f s\n", t->seconds);
    else
        (void)printf("none diverged; %.1f s\n", t->seconds);
}

static void print_rules(const struct find_result *r)
{
    char words[WORDS];
    for (int i = 0; i < STUDY_RANGE_RULES; i++) {
        const enum study_range_rule rule = (enum study_range_rule)i;
        reason(r, rule, words);
        (void)printf("%-7s %-8g %s\n", study_range_rule_name(rule),
                     find_round(r->verdict.rate[i]), words);
    }
}

int find_print(const struct find_result *r, bool picture)
{
    const struct study_range_verdict *const v = &r->verdict;
    if (picture && r->curve.count > 0) (void)find_draw(r, NULL);
    print_deed(r->test);
    if (v->outcome != STUDY_RANGE_FOUND) {
        char words[WORDS];
        no_reason(r, words);
        return cli_failed("%s", words);
    }
    print_rules(r);
    const double peak = find_round(v->rate[0]);
    (void)printf("\nsuggested peak: %g", peak);
    if (r->low > 0.0)
        (void)printf(" (%g to %g with one sweep left out)", find_round(r->low),
                     find_round(r->high));
    (void)printf(", as in linear(%g, 0)\n", peak);
    const char *words;
    for (size_t i = 0; (words = doubt(r, i)); i++)
        cli_complain("note: %s", words);
    return CLI_DONE;
}

/* ---- JSON ---- */

/* A rate or a value; null where it is not known. */
static void add_number(cJSON *o, const char *key, bool known, double value)
{
    cJSON_AddItemToObject(o, key,
                          known && isfinite(value) ? cli_json_number(value)
                                                   : cJSON_CreateNull());
}

static cJSON *json_rules(const struct find_result *r)
{
    cJSON *const list = cJSON_CreateArray();
    char words[WORDS];
    for (int i = 0; i < STUDY_RANGE_RULES; i++) {
        const enum study_range_rule rule = (enum study_range_rule)i;
        cJSON *const o = cJSON_CreateObject();
        reason(r, rule, words);
        cJSON_AddStringToObject(o, "name", study_range_rule_name(rule));
        add_number(o, "rate", true, find_round(r->verdict.rate[i]));
        cJSON_AddStringToObject(o, "reason", words);
        cJSON_AddItemToArray(list, o);
    }
    return list;
}

static cJSON *json_sweeps(const struct find_test *t)
{
    cJSON *const list = cJSON_CreateArray();
    for (size_t i = 0; i < t->count; i++) {
        const struct study_sweep *const s = &t->all[i];
        cJSON *const o = cJSON_CreateObject();
        add_number(o, "seed", true, (double)(t->seed + (int64_t)i));
        add_number(o, "values", true, (double)s->count);
        add_number(o, "last_rate", s->count > 0,
                   s->count ? s->points[s->count - 1].rate : 0.0);
        cJSON_AddBoolToObject(o, "diverged", s->state == STUDY_SWEEP_DIVERGED);
        cJSON_AddItemToArray(list, o);
    }
    return list;
}

/* Why to doubt the suggestion, or why there is none. */
static cJSON *json_notes(const struct find_result *r)
{
    cJSON *const list = cJSON_CreateArray();
    char none[WORDS];
    if (r->verdict.outcome != STUDY_RANGE_FOUND) {
        no_reason(r, none);
        cJSON_AddItemToArray(list, cJSON_CreateString(none));
        return list;
    }
    const char *words;
    for (size_t i = 0; (words = doubt(r, i)); i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(words));
    return list;
}

int find_print_json(const struct find_result *r)
{
    const struct find_test *const t = r->test;
    const struct study_range_verdict *const v = &r->verdict;
    const bool found = v->outcome == STUDY_RANGE_FOUND;
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "task", t->subject);
    cJSON_AddStringToObject(o, "value", t->value);
    cJSON_AddBoolToObject(o, "maximize", t->maximize);
    add_number(o, "from", true, t->from);
    add_number(o, "to", true, t->to);
    add_number(o, "steps", true, (double)t->steps);
    add_number(o, "suggestion", found, find_round(v->rate[0]));
    cJSON_AddItemToObject(o, "rules",
                          found ? json_rules(r) : cJSON_CreateArray());
    add_number(o, "start", true, v->start);
    add_number(o, "best", true, v->best);
    add_number(o, "best_rate", found, v->best_rate);
    add_number(o, "half_rate", found, v->half_rate);
    add_number(o, "floor_from", found, v->floor_from);
    add_number(o, "floor_to", found, v->floor_to);
    add_number(o, "lowest_but_one", r->low > 0.0, find_round(r->low));
    add_number(o, "highest_but_one", r->low > 0.0, find_round(r->high));
    cJSON_AddItemToObject(o, "sweeps", json_sweeps(t));
    cJSON_AddItemToObject(o, "notes", json_notes(r));
    add_number(o, "seconds", true, t->seconds);
    const int status = cli_print_json(o);
    if (status != CLI_DONE || found) return status;
    char words[WORDS];
    no_reason(r, words);
    return cli_failed("%s", words);
}
