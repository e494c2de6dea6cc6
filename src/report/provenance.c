/* Command, machines and time of a study: see provenance.h. */
#include "report/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "study/facts.h"

void report_word(FILE *out, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789"
                                "/._-+=:,@%";
    if (word[0] && !word[strspn(word, plain)]) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

/* Each schedule once, in the order of colours. */
static void write_schedules(const struct report *r, FILE *out)
{
    for (size_t slot = 0;; slot++) {
        const struct study_row *found = NULL;
        for (size_t t = 0; t < r->analysis.table_count && !found; t++)
            for (size_t k = 0; k < r->analysis.tables[t].row_count; k++)
                if (report_slot(r, r->analysis.tables[t].rows[k].name) == slot)
                    found = &r->analysis.tables[t].rows[k];
        if (!found) return;
        fputs(" --schedule ", out);
        char *word = NULL;
        size_t size = 0;
        FILE *const text = open_memstream(&word, &size);
        if (!text) return;
        const char *const spec = found->spec ? found->spec : found->schedule;
        if (strcmp(found->name, spec) != 0) fprintf(text, "%s=", found->name);
        fputs(spec, text);
        if (fclose(text) == 0) report_word(out, word);
        free(word);
    }
}

char *report_command(const struct report *r)
{
    const char *const asked = report_fact(r, STUDY_FACT_ASKED);
    if (asked && asked[0]) return strdup(asked);
    char *command = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&command, &size);
    if (!out) return NULL;
    const char *const task = report_fact(r, STUDY_FACT_TASK);
    const char *const own = report_fact(r, STUDY_FACT_COMMAND);
    fputs("taper compare ", out);
    if (own) {
        fputs("--exec ", out);
        report_word(out, own);
    } else {
        report_word(out, task ? task : "TASK");
    }
    write_schedules(r, out);
    fputs(" --db ", out);
    report_word(out, r->path);
    if (fclose(out) == 0) return command;
    free(command);
    return NULL;
}

bool report_machines(const struct report *r, struct report_machine **out,
                     size_t *count)
{
    *count = 0;
    *out = NULL;
    for (size_t k = 0; k < r->trials.count; k++) {
        const char *const words = r->trials.items[k].machine;
        if (!words) continue;
        size_t i = 0;
        while (i < *count && strcmp((*out)[i].words, words) != 0)
            i++;
        if (i == *count) {
            struct report_machine *const grown =
                realloc(*out, (*count + 1) * sizeof *grown);
            if (!grown) {
                free(*out);
                *out = NULL;
                return false;
            }
            *out = grown;
            (*out)[(*count)++] = (struct report_machine){words, 0};
        }
        (*out)[i].trials++;
    }
    return true;
}

double report_seconds(const struct report *r)
{
    double seconds = 0.0;
    for (size_t k = 0; k < r->trials.count; k++)
        if (r->trials.items[k].seconds > 0.0)
            seconds += r->trials.items[k].seconds;
    return seconds;
}

void report_duration(double seconds, char out[32])
{
    if (seconds < 60.0)
        (void)snprintf(out, 32, "%.2g s", seconds);
    else if (seconds < 3600.0)
        (void)snprintf(out, 32, "%.0f min", seconds / 60.0);
    else if (seconds < 360000.0)
        (void)snprintf(out, 32, "%.1f h", seconds / 3600.0);
    else
        (void)snprintf(out, 32, "%.1f days", seconds / 86400.0);
}
