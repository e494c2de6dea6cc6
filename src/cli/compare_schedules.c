/* See compare_schedules.h. */
#include "cli/compare_schedules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/spec.h"
#include "plot/glyph.h"
#include "study/design_text.h"

/* Where a schedule was read: a piece of a file, or a word. */
struct place {
    const char *file;  /* NULL: the command line */
    const char *text;  /* all of the file, or of the word */
    size_t start, end; /* of the piece, in bytes */
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---------------------------------------------------------------- one */

/* A piece of a text as a study keeps it; NULL if memory runs out. */
static char *tidy(const char *text, size_t len)
{
    char *const piece = strndup(text, len);
    char *const out = piece ? study_normal_text(piece) : NULL;
    free(piece);
    return out;
}

static int refuse_text(const struct place *p, size_t spec, taper_error *err)
{
    if (err->code == TAPER_E_NOMEM) return cli_failed("%s", err->message);
    char *const word = strndup(p->text, p->end);
    if (!word) return cli_failed("out of memory");
    if (p->file) {
        err->position += spec;
        cli_complain_plan(p->file, word, err);
    } else {
        cli_complain_schedule(word + spec, err);
    }
    free(word);
    return CLI_WRONG;
}

/* The canonical texts of the schedule at byte `spec` of a place. */
static int describe(const struct place *p, size_t spec, const taper_run *runs,
                    size_t count, char **text)
{
    for (size_t r = 0; r < count; r++) {
        taper_schedule *s = NULL;
        taper_error err;
        taper_run facts = runs[r];
        facts.files = cli_files();
        if (taper_parse(p->text + spec, p->end - spec, &facts, NULL, &s,
                        &err) != TAPER_OK)
            return refuse_text(p, spec, &err);
        text[r] = cli_describe(s);
        taper_free(s, NULL);
        if (!text[r]) return CLI_FAILED;
    }
    return CLI_GO;
}

static void clear(struct compare_schedule *s, size_t runs)
{
    for (size_t r = 0; s->text && r < runs; r++)
        free(s->text[r]);
    free(s->text);
    free(s->spec);
    free(s->name);
    *s = (struct compare_schedule){0};
}

int compare_check_letters(const char *what, const char *text)
{
    for (const char *c = text; *c;) {
        const struct plot_glyph g = plot_glyph_first(c, strlen(c), false);
        if (g.text[0] == '\\' && *c != '\\')
            return cli_wrong("the %s '%s' holds a byte that is no letter in "
                             "UTF-8",
                             what, text);
        c += g.bytes;
    }
    return CLI_GO;
}

static int check_name(const struct place *p, const char *name)
{
    if (!name[0])
        return cli_wrong("'%.*s' has no name before the '='",
                         (int)(p->end - p->start), p->text + p->start);
    return compare_check_letters("name", name);
}

static int read_one(const struct place *p, const taper_run *runs, size_t count,
                    struct compare_schedule *out)
{
    /* An equals sign within a schedule stands after a parenthesis, so one
     * before any parenthesis ends a name. */
    const char *const piece = p->text + p->start;
    const size_t len = p->end - p->start;
    size_t before = 0;
    while (before < len && !strchr("=(#", piece[before]))
        before++;
    const bool named = before < len && piece[before] == '=';
    const size_t spec = p->start + (named ? before + 1 : 0);
    out->spec = tidy(p->text + spec, p->end - spec);
    out->name = named ? tidy(piece, before) : tidy(piece, len);
    out->text = calloc(count, sizeof *out->text);
    if (!out->spec || !out->name || !out->text)
        return cli_failed("out of memory");
    const int status = named ? check_name(p, out->name) : CLI_GO;
    return status == CLI_GO ? describe(p, spec, runs, count, out->text)
                            : status;
}

/* ---------------------------------------------------------------- all */

/* Whether another schedule has this one's name, or is the same one. */
static int check_unlike(const struct compare_schedule *a,
                        const struct compare_schedule *b, const taper_run *runs,
                        size_t count)
{
    for (size_t r = 0; r < count; r++)
        if (strcmp(a->text[r], b->text[r]) == 0)
            return count == 1
                       ? cli_wrong("'%s' and '%s' are the same "
                                   "schedule: leave one of them out",
                                   a->name, b->name)
                       : cli_wrong("'%s' and '%s' are the same schedule "
                                   "in a run of %lld updates: leave one "
                                   "of them out",
                                   a->name, b->name, (long long)runs[r].steps);
    if (strcmp(a->name, b->name) == 0)
        return cli_wrong("two schedules are called '%s': give each a name of "
                         "its own, as in NAME=%s",
                         a->name, b->spec);
    return CLI_GO;
}

static int add(struct compare_schedules *s, const struct place *p,
               const taper_run *runs)
{
    struct compare_schedule *const items =
        realloc(s->items, (s->count + 1) * sizeof *items);
    if (!items) return cli_failed("out of memory");
    s->items = items;
    struct compare_schedule *const item = &items[s->count++];
    *item = (struct compare_schedule){0};
    int status = read_one(p, runs, s->runs, item);
    for (size_t k = 0; k + 1 < s->count && status == CLI_GO; k++)
        status = check_unlike(&items[k], item, runs, s->runs);
    return status;
}

static int add_lines(struct compare_schedules *s, const char *file,
                     const taper_run *runs)
{
    char *text = NULL;
    int status = cli_read_file(file, &text);
    const size_t before = s->count;
    for (size_t at = 0; status == CLI_GO && text[at];) {
        struct place p = {file, text, at, at + strcspn(text + at, "\r\n")};
        at = p.end + (text[p.end] != '\0');
        while (p.start < p.end && is_space(text[p.start]))
            p.start++;
        if (p.start < p.end && text[p.start] != '#') status = add(s, &p, runs);
    }
    free(text);
    if (status == CLI_GO && s->count == before)
        return cli_wrong("%s holds no schedule: write one [NAME=]SPEC a line",
                         file);
    return status;
}

int compare_read_schedules(const struct cli_texts *given, const char *file,
                           const taper_run *runs, size_t count,
                           struct compare_schedules *out)
{
    int status = CLI_GO;
    *out = (struct compare_schedules){.runs = count};
    for (size_t k = 0; k < given->count && status == CLI_GO; k++) {
        const char *const word = given->items[k];
        status = add(out, &(struct place){NULL, word, 0, strlen(word)}, runs);
    }
    if (file && status == CLI_GO) status = add_lines(out, file, runs);
    if (status != CLI_GO) compare_schedules_free(out);
    return status;
}

void compare_schedules_free(struct compare_schedules *s)
{
    for (size_t k = 0; k < s->count; k++)
        clear(&s->items[k], s->runs);
    free(s->items);
    *s = (struct compare_schedules){0};
}
