/* Lines of a trial's standard output: see result.h. */
#include "study/result.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plot/glyph.h"

void study_lines_begin(struct study_lines *l, const char *key)
{
    *l = (struct study_lines){.key = key};
}

void study_lines_clear(struct study_lines *l)
{
    free(l->result);
    free(l->line);
    study_curve_clear(&l->curve);
    *l = (struct study_lines){0};
}

/* ------------------------------------------------------------------ meaning */

/* The bytes of a word that JSON does not know at `text`; 0 if there is none. */
static size_t foreign_word(const char *text)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const size_t n = strlen(words[i]);
        if (strncmp(text, words[i], n) == 0) return n;
    }
    return 0;
}

/* A copy with null for every NaN and infinity outside strings; NULL without
 * memory. */
static char *plain_json(const char *text)
{
    static const char null[] = "null";
    /* The shortest such word has three letters, null four. */
    char *copy = malloc(strlen(text) / 3 * 4 + 4);
    char *out = copy;
    bool inside = false;
    while (copy && *text) {
        const size_t n = inside ? 0 : foreign_word(text);
        if (n) {
            out = (char *)memcpy(out, null, sizeof null - 1) + sizeof null - 1;
            text += n;
            continue;
        }
        if (*text == '"') inside = !inside;
        if (inside && *text == '\\' && text[1]) *out++ = *text++;
        *out++ = *text++;
    }
    if (copy) *out = '\0';
    return copy;
}

/* The JSON object in `text`, with *plain the text of it; both NULL if it is
 * none. The caller frees both. */
static cJSON *parse_object(const char *text, char **plain)
{
    *plain = NULL;
    while (isspace((unsigned char)*text))
        text++;
    if (*text != '{') return NULL;
    *plain = plain_json(text);
    cJSON *object = *plain ? cJSON_ParseWithOpts(*plain, NULL, true) : NULL;
    if (object) return object;
    free(*plain);
    *plain = NULL;
    return NULL;
}

/* Whether a text means a number that is none. */
static bool means_no_number(const char *text)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    if (*text == '-' || *text == '+') text++;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i]) == 0) return true;
    return false;
}

static enum study_verdict judge(const cJSON *object, const char *key,
                                double *metric)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    *metric = (double)NAN;
    if (cJSON_IsNumber(item) && study_metric_counts(item->valuedouble)) {
        *metric = item->valuedouble;
        return STUDY_NUMBER;
    }
    if (cJSON_IsNumber(item) || cJSON_IsNull(item) ||
        (cJSON_IsString(item) && means_no_number(item->valuestring)))
        return STUDY_NO_NUMBER;
    return STUDY_NO_RESULT;
}

enum study_verdict study_read_metric(const char *text, const char *key,
                                     double *metric)
{
    char *plain;
    cJSON *object = parse_object(text, &plain);
    const enum study_verdict verdict = judge(object, key, metric);
    cJSON_Delete(object);
    free(plain);
    return verdict;
}

/* ------------------------------------------------------------------- lines */

/* Adds the numbers of an object that has a step and a loss to the curve. */
static void add_point(struct study_lines *l, const cJSON *object)
{
    const char *names[STUDY_CURVE_COLUMNS];
    double values[STUDY_CURVE_COLUMNS];
    size_t count = 0;
    if (!cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(object, "step")) ||
        !cJSON_GetObjectItemCaseSensitive(object, "loss"))
        return;
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        if (count == STUDY_CURVE_COLUMNS) break;
        if (!cJSON_IsNumber(item) && !cJSON_IsNull(item)) continue;
        names[count] = item->string;
        values[count++] =
            cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
    }
    if (!study_curve_add(&l->curve, names, values, count)) l->no_memory = true;
}

/* One line, NUL at its end. A NUL within it ends it early, which no JSON
 * text contains. */
static void read_line(struct study_lines *l)
{
    char *plain;
    double metric;
    plot_glyph_clean(l->line);
    cJSON *object = parse_object(l->line, &plain);
    if (!object) return;
    add_point(l, object);
    if (judge(object, l->key, &metric) != STUDY_NO_RESULT) {
        free(l->result);
        l->result = plain;
        plain = NULL;
    }
    free(plain);
    cJSON_Delete(object);
}

static void end_line(struct study_lines *l)
{
    if (!l->skipping && l->used) {
        l->line[l->used] = '\0';
        read_line(l);
    }
    l->used = 0;
    l->skipping = false;
}

/* Room for `more` bytes and a NUL; else the line is skipped. */
static bool reserve(struct study_lines *l, size_t more)
{
    const size_t needed = l->used + more + 1;
    if (l->skipping || needed > STUDY_LINE_BYTES) return false;
    if (needed <= l->capacity) return true;
    const size_t capacity = needed < 4096 ? 4096 : 2 * needed;
    char *line = realloc(l->line, capacity);
    if (!line) {
        l->no_memory = true;
        return false;
    }
    l->line = line;
    l->capacity = capacity;
    return true;
}

void study_lines_take(struct study_lines *l, const char *bytes, size_t size)
{
    while (size) {
        const char *newline = memchr(bytes, '\n', size);
        const size_t n = newline ? (size_t)(newline - bytes) : size;
        if (reserve(l, n)) {
            (void)memcpy(l->line + l->used, bytes, n);
            l->used += n;
        } else {
            l->skipping = true;
        }
        if (!newline) return;
        end_line(l);
        bytes = newline + 1;
        size -= n + 1;
    }
}

void study_lines_end(struct study_lines *l)
{
    end_line(l);
}
