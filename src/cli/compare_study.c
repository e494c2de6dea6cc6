/* See compare_study.h. */
#include "cli/compare_study.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "study/design.h"
#include "study/facts.h"

/* ---------------------------------------------------------------- lists */

/* Formats into memory of its own; NULL if there is none. */
static char *format_text(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *const text = n < 0 ? NULL : malloc((size_t)n + 1);
    if (text) (void)vsnprintf(text, (size_t)n + 1, format, arguments);
    return text;
}

void compare_list_add(struct compare_list *l, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *const text = format_text(format, arguments);
    va_end(arguments);
    char **const items = realloc(l->items, (l->count + 2) * sizeof *items);
    if (items) l->items = items;
    if (!items || !text) {
        free(text);
        l->no_memory = true;
        return;
    }
    items[l->count++] = text;
    items[l->count] = NULL;
}

void compare_list_free(struct compare_list *l)
{
    for (size_t k = 0; k < l->count; k++)
        free(l->items[k]);
    free(l->items);
    *l = (struct compare_list){0};
}

enum study_status compare_list_give(struct compare_list *argv,
                                    struct compare_list *environment,
                                    struct study_command *out,
                                    struct study_error *err)
{
    if (argv->no_memory || environment->no_memory) {
        compare_list_free(argv);
        compare_list_free(environment);
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    }
    out->argv = argv->items;
    out->environment = environment->items;
    return STUDY_OK;
}

/* ---------------------------------------------------------------- study */

void compare_study_free(struct compare_study *s)
{
    compare_schedules_free(&s->schedules);
    free(s->peaks.items);
    free(s->budgets.items);
    free(s->choices);
    *s = (struct compare_study){.task = NULL};
}

struct study_entry *compare_entries(const struct compare_schedules *s)
{
    struct study_entry *const entries = calloc(s->count + 1, sizeof *entries);
    for (size_t k = 0; entries && k < s->count; k++)
        entries[k] = (struct study_entry){s->items[k].name, s->items[k].spec};
    return entries;
}

int cli_study_failed(enum study_status status, const struct study_error *err)
{
    cli_complain("%s", err->message);
    return status == STUDY_E_USAGE ? CLI_WRONG : CLI_FAILED;
}

/* ---------------------------------------------------------------- file */

enum { FACTS = 5 };

/* What tells studies apart. Borrowed texts, which nobody writes to. */
static void identify(const struct compare_study *s,
                     struct study_fact facts[FACTS])
{
    const struct {
        const char *key, *value;
    } rows[FACTS] = {
        {STUDY_FACT_TASK, s->task},
        {strcmp(s->task, "exec") == 0 ? STUDY_FACT_COMMAND : STUDY_FACT_OPTIONS,
         s->choices},
        {STUDY_FACT_METRIC, s->metric},
        {STUDY_FACT_DIRECTION, s->maximize ? "maximize" : "minimize"},
        {STUDY_FACT_UNIT, s->unit},
    };
    for (size_t k = 0; k < FACTS; k++)
        facts[k] = (struct study_fact){(char *)(uintptr_t)rows[k].key,
                                       (char *)(uintptr_t)rows[k].value, true};
}

/* FNV-1a of 64 bits, of the text and the NUL behind it. */
static uint64_t hash(const char *text, uint64_t h)
{
    for (size_t k = 0;; k++) {
        h = (h ^ (unsigned char)text[k]) * UINT64_C(0x100000001b3);
        if (!text[k]) return h;
    }
}

char *compare_default_path(const struct compare_study *s)
{
    struct study_fact facts[FACTS];
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    identify(s, facts);
    for (size_t k = 0; k < FACTS; k++)
        h = hash(facts[k].value, hash(facts[k].key, h));
    char path[128];
    (void)snprintf(path, sizeof path, "studies/%s-%08" PRIx64 ".db", s->task,
                   (h ^ (h >> 32)) & UINT64_C(0xffffffff));
    return strdup(path);
}

/* Whether one of the lines of `text` is `line`, which may be several. */
static bool has_line(const char *text, const char *line)
{
    const size_t n = strlen(line);
    for (const char *at = text; (at = strstr(at, line)); at++)
        if ((at == text || at[-1] == '\n') && (!at[n] || at[n] == '\n'))
            return true;
    return false;
}

/* Notes the command beside those that added to the study before: all of them
 * are needed to repeat it. */
static enum study_status note_command(struct study_store *store,
                                      const char *told, struct study_error *err)
{
    char *before = NULL;
    enum study_status status =
        study_store_get(store, STUDY_FACT_ASKED, &before, err);
    struct compare_list all = {0};
    if (before)
        compare_list_add(&all, "%s\n%s", before, told);
    else
        compare_list_add(&all, "%s", told);
    if (status == STUDY_OK && all.no_memory)
        status = study_fail(err, STUDY_E_MEMORY, "out of memory");
    if (status == STUDY_OK && !(before && has_line(before, told)))
        status = study_store_set(store, STUDY_FACT_ASKED, all.items[0], err);
    compare_list_free(&all);
    free(before);
    return status;
}

/* Notes what informs. That schedules may be given up early stays, once said. */
static enum study_status inform(struct study_store *store,
                                const struct compare_study *s, const char *told,
                                struct study_error *err)
{
    char *before = NULL, now[32];
    const time_t seconds = time(NULL);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) ||
        !strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &utc))
        now[0] = '\0';
    enum study_status status =
        study_store_get(store, STUDY_FACT_CREATED, &before, err);
    const bool fresh = !before;
    free(before);
    if (status == STUDY_OK && fresh)
        status = study_store_set(store, STUDY_FACT_CREATED, now, err);
    if (status == STUDY_OK) status = note_command(store, told, err);
    if (status == STUDY_OK && fresh)
        status =
            study_store_set(store, STUDY_FACT_VERSION, taper_version(), err);
    if (status == STUDY_OK && s->halving)
        status = study_store_set(store, STUDY_FACT_HALVING, "yes", err);
    return status;
}

int compare_open(const struct compare_study *s, const char *path,
                 const char *told, struct study_store **out)
{
    struct study_error err = {STUDY_OK, ""};
    struct study_fact facts[FACTS];
    identify(s, facts);
    enum study_status status = study_store_open(out, path, STUDY_CREATE, &err);
    if (status == STUDY_OK)
        status = study_store_identify(*out, facts, FACTS, &err);
    if (status == STUDY_OK) status = inform(*out, s, told, &err);
    if (status == STUDY_OK) return CLI_GO;
    study_store_close(*out);
    *out = NULL;
    return cli_study_failed(status, &err);
}
