/* Sentences in the making: numbers, names, units. See words_inside.h. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <taper.h>

#include "plot/glyph.h"
#include "study/words_inside.h"

/* Names longer than this end in "...". */
#define NAME_WIDTH 60

/* Whether `text` contains `part` as a whole word of a key such as
 * "val_f1" or "test_accuracy". */
static bool has_word(const char *text, const char *part)
{
    const size_t n = strlen(part);
    for (const char *at = text; (at = strstr(at, part)); at++) {
        const bool begins = at == text || !isalnum((unsigned char)at[-1]);
        if (begins && !isalnum((unsigned char)at[n])) return true;
    }
    return false;
}

const char *study_key_words(const char *key, char *out, size_t size)
{
    (void)snprintf(out, size, "%s", key);
    for (char *c = out; *c; c++)
        if (*c == '_') *c = ' ';
    return out;
}

struct study_unit study_unit(const char *key, double largest)
{
    if (key && largest <= 1.0 &&
        (strstr(key, "accuracy") || has_word(key, "f1")))
        return (struct study_unit){100.0, " %", " points"};
    return (struct study_unit){1.0, "", ""};
}

/* The greatest magnitude of a row's results, and of the means that chose its
 * peak. */
static double largest_of(const struct study_row *row)
{
    double most = 0.0;
    for (size_t i = 0; i < row->counts.done; i++)
        most = fmax(most, fabs(row->values[i]));
    for (size_t i = 0; i < row->peak_count; i++)
        most = fmax(most, fabs(row->peaks[i].moments.mean));
    return most;
}

struct study_unit study_metric_unit(const struct study_analysis *a)
{
    double most = 0.0;
    for (size_t t = 0; t < a->table_count; t++)
        for (size_t i = 0; i < a->tables[t].row_count; i++)
            most = fmax(most, largest_of(&a->tables[t].rows[i]));
    return study_unit(a->question.metric, most);
}

/* "At 20 epochs: ", "At 1 epoch: ". */
static void say_budget(struct study_speaker *s)
{
    const double budget = s->table->budget;
    const char *unit = s->analysis->question.budget_unit;
    if (budget == 0.0) {
        study_say(s, "At the task's own budget: ");
        return;
    }
    char number[TAPER_NUMBER_SIZE];
    (void)taper_format_number(budget, number);
    study_say(s, "At %s", number);
    if (unit && unit[0]) {
        const size_t n = strlen(unit);
        const bool one = budget == 1.0 && unit[n - 1] == 's';
        study_say(s, " %.*s", (int)(one ? n - 1 : n), unit);
    }
    study_say(s, ": ");
}

bool study_begin(struct study_speaker *s)
{
    if (s->failed) return false;
    s->text = NULL;
    s->line = open_memstream(&s->text, &s->size);
    if (!s->line) {
        s->failed = true;
        return false;
    }
    if (s->analysis->table_count > 1) say_budget(s);
    return true;
}

void study_say(struct study_speaker *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vfprintf(s->line, format, arguments) < 0) s->failed = true;
    va_end(arguments);
}

void study_open(struct study_speaker *s, const char *words)
{
    const bool first = s->analysis->table_count <= 1;
    const int letter = (unsigned char)words[0];
    study_say(s, "%c%s", first ? toupper(letter) : letter, words + 1);
}

/* Keeps the sentence, whose text then belongs to the words. */
static bool keep(struct study_speaker *s, enum study_tone tone)
{
    struct study_words *w = s->out;
    struct study_sentence *more =
        realloc(w->sentences, (w->count + 1) * sizeof *more);
    if (!more) return false;
    w->sentences = more;
    more[w->count++] = (struct study_sentence){tone, s->index, s->text};
    return true;
}

void study_end(struct study_speaker *s, enum study_tone tone)
{
    study_say(s, ".");
    if (fclose(s->line) != 0) s->failed = true;
    s->line = NULL;
    if (!s->failed && keep(s, tone)) return;
    free(s->text);
    s->failed = true;
}

void study_say_count(struct study_speaker *s, size_t n, const char *what)
{
    study_say(s, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

void study_say_text(struct study_speaker *s, const char *text)
{
    char safe[8 * NAME_WIDTH];
    (void)plot_glyph_fit(text, NAME_WIDTH, false, safe, sizeof safe);
    study_say(s, "%s", safe);
}

size_t study_count_rows(const struct study_table *table, study_row_fn *has)
{
    size_t n = 0;
    for (size_t i = 0; i < table->row_count; i++)
        n += has(&table->rows[i]) ? 1 : 0;
    return n;
}

void study_say_names(struct study_speaker *s, study_row_fn *has)
{
    const size_t all = study_count_rows(s->table, has);
    size_t said = 0;
    for (size_t i = 0; i < s->table->row_count; i++) {
        if (!has(&s->table->rows[i])) continue;
        if (said > 0) study_say(s, said + 1 == all ? " and " : ", ");
        study_say_text(s, s->table->rows[i].name);
        said++;
    }
}

int study_decimals(double width)
{
    if (!(width > 0.0) || !isfinite(width)) return -1;
    const double places = 1.0 - floor(log10(width));
    return places > 6.0 ? -1 : (int)fmax(places, 0.0);
}

void study_say_number(struct study_speaker *s, double value, int decimals)
{
    if (decimals < 0 || fabs(value) >= 1e9) {
        study_say(s, "%.4g", value);
        return;
    }
    /* What rounds to nothing has no sign. */
    const double half = 0.5 * pow(10.0, -decimals);
    study_say(s, "%.*f", decimals, fabs(value) < half ? 0.0 : value);
}

void study_say_rounded(struct study_speaker *s, double value)
{
    const double unit = pow(10.0, floor(log10(value)) - 1.0);
    study_say(s, "%.12g", unit > 0.0 ? round(value / unit) * unit : value);
}

bool study_say_interval(struct study_speaker *s, const char *before,
                        struct study_interval shown, int decimals,
                        const char *unit)
{
    if (isnan(shown.low) || isnan(shown.high)) return false;
    study_say(s, " (%s", before);
    study_say_number(s, shown.low, decimals);
    study_say(s, " to ");
    study_say_number(s, shown.high, decimals);
    study_say(s, "%s", unit);
    return true;
}

void study_say_p(struct study_speaker *s, double p)
{
    if (p < 0.001)
        study_say(s, "p < 0.001");
    else
        study_say(s, "p = %.2g", p);
}
