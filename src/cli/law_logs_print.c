/* What was read of logs and put right in them, in words and as JSON. */
#include <math.h>
#include <stdio.h>

#include "cli/law_logs.h"
#include "cli/print.h"

cJSON *cli_json_finite(double value)
{
    return isfinite(value) ? cli_json_number(value) : cJSON_CreateNull();
}

/* One line of what was put right; nothing where there is nothing to say. */
static void note_count(size_t count, const char *one, const char *many)
{
    if (count > 0) printf("    %zu %s\n", count, count == 1 ? one : many);
}

static void print_findings(const struct log_findings *f)
{
    note_count(f->duplicates, "step came twice: the later row counts",
               "steps came twice: the later rows count");
    note_count(f->backwards, "place where the steps went back: put in order",
               "places where the steps went back: put in order");
    note_count(f->not_finite, "loss was NaN or infinite: left out",
               "losses were NaN or infinite: left out");
    note_count(f->not_positive, "loss was 0 or less: left out",
               "losses were 0 or less: left out");
    note_count(f->without_step, "row had no step: left out",
               "rows had no step: left out");
    note_count(f->headers, "header came again: passed over",
               "headers came again: passed over");
    if (f->torn) puts("    the last row was cut off: left out");
    if (f->damaged)
        puts("    the file is damaged: what follows the damage is left out");
    if (f->diverged) puts("    the run ended in losses that are no numbers");
    if (f->gap > 0)
        printf("    no loss for %lld steps from step %lld on\n",
               (long long)f->gap, (long long)f->gap_at);
}

static void print_log(const struct cli_law_log *l)
{
    static const char *const sources[] = {"rates as logged",
                                          "rates of the run's schedule",
                                          "rates of --schedule"};
    printf("  %s\n    %s of %zu rows, steps %lld to %lld; %s, peak ", l->path,
           l->names.name[LOG_LOSS], l->rows, (long long)l->first,
           (long long)l->last, sources[l->source]);
    cli_print_number(stdout, l->peak);
    putchar('\n');
    if (l->bin > 1)
        printf("    averaged over %lld steps each: %zu points\n",
               (long long)l->bin, l->points);
    if (l->other_loss[0])
        printf("    it also has %s: --columns loss=%s takes that\n",
               l->other_loss, l->other_loss);
    if (l->hidden)
        printf("    it begins after the warm-up: a line from 0 over %lld steps "
               "is assumed\n",
               (long long)l->warmup);
    else if (l->warmup > 0)
        printf("    warm-up of %lld steps\n", (long long)l->warmup);
    print_findings(&l->found);
}

void cli_law_logs_print(const struct cli_law_logs *logs)
{
    for (size_t k = 0; k < logs->count; k++)
        print_log(&logs->items[k]);
}

static void add_count(cJSON *o, const char *name, size_t count)
{
    if (count > 0) cJSON_AddNumberToObject(o, name, (double)count);
}

static cJSON *log_json(const struct cli_law_log *l)
{
    static const char *const sources[] = {"logged", "run", "schedule"};
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "file", l->path);
    cJSON_AddStringToObject(o, "loss", l->names.name[LOG_LOSS]);
    cJSON_AddStringToObject(o, "rates", sources[l->source]);
    cJSON_AddNumberToObject(o, "rows", (double)l->rows);
    cJSON_AddNumberToObject(o, "points", (double)l->points);
    cJSON_AddNumberToObject(o, "first", (double)l->first);
    cJSON_AddNumberToObject(o, "last", (double)l->last);
    cJSON_AddItemToObject(o, "peak", cli_json_finite(l->peak));
    cJSON_AddNumberToObject(o, "warmup", (double)l->warmup);
    if (l->hidden) cJSON_AddBoolToObject(o, "warmup_assumed", true);
    add_count(o, "averaged_over", l->bin > 1 ? (size_t)l->bin : 0);
    add_count(o, "duplicates", l->found.duplicates);
    add_count(o, "backwards", l->found.backwards);
    add_count(o, "not_finite", l->found.not_finite);
    add_count(o, "not_positive", l->found.not_positive);
    add_count(o, "without_step", l->found.without_step);
    add_count(o, "gap", (size_t)l->found.gap);
    if (l->found.torn) cJSON_AddBoolToObject(o, "torn", true);
    if (l->found.damaged) cJSON_AddBoolToObject(o, "damaged", true);
    if (l->found.diverged) cJSON_AddBoolToObject(o, "diverged", true);
    return o;
}

cJSON *cli_law_logs_json(const struct cli_law_logs *logs)
{
    cJSON *const all = cJSON_CreateArray();
    for (size_t k = 0; k < logs->count; k++)
        cJSON_AddItemToArray(all, log_json(&logs->items[k]));
    return all;
}
