/* A trial's curve, thinned while it arrives: see curve.h. */
#define _GNU_SOURCE /* getline is POSIX; strchrnul is not */
#include "study/curve.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>

#include "study/trial.h"

enum { KEPT = 2 * STUDY_CURVE_POINTS };

/* The column of that name, made if there is room for one; -1 if there is
 * none, -2 if memory ran out. */
static int column_of(struct study_curve *c, const char *name)
{
    for (size_t k = 0; k < c->columns; k++)
        if (strcmp(c->names[k], name) == 0) return (int)k;
    if (c->columns == STUDY_CURVE_COLUMNS) return -1;
    double *values = malloc((KEPT + 1) * sizeof *values);
    char *copy = strdup(name);
    if (!values || !copy) {
        free(values);
        free(copy);
        return -2;
    }
    for (size_t i = 0; i <= KEPT; i++)
        values[i] = (double)NAN;
    c->names[c->columns] = copy;
    c->values[c->columns] = values;
    return (int)c->columns++;
}

/* The first of the values from `from` to before `to` that is a number: what
 * few rows have, such as a score after each epoch, must not fall out with the
 * row that has it. */
static double first_of(const double *values, size_t from, size_t to)
{
    while (from + 1 < to && isnan(values[from]))
        from++;
    return values[from];
}

/* Keeps every second row, and from now on half as many. */
static void halve(struct study_curve *c)
{
    for (size_t k = 0; k < c->columns; k++)
        for (size_t i = 0; i < KEPT; i++)
            c->values[k][i] = i < KEPT / 2
                                  ? first_of(c->values[k], 2 * i, 2 * i + 2)
                                  : (double)NAN;
    c->rows = KEPT / 2;
    c->stride *= 2;
}

bool study_curve_add(struct study_curve *c, const char *const *names,
                     const double *values, size_t count)
{
    int columns[STUDY_CURVE_COLUMNS];
    if (count > STUDY_CURVE_COLUMNS) count = STUDY_CURVE_COLUMNS;
    for (size_t i = 0; i < count; i++) {
        columns[i] = column_of(c, names[i]);
        if (columns[i] == -2) return false;
    }
    if (!c->stride) c->stride = 1;
    for (size_t k = 0; c->tail && k < c->columns; k++)
        c->values[k][c->rows - 1] =
            first_of(c->values[k], c->rows - 1, c->rows + 1);
    if (c->rows == KEPT && c->seen % c->stride == 0) halve(c);
    for (size_t k = 0; k < c->columns; k++)
        c->values[k][c->rows] = (double)NAN;
    for (size_t i = 0; i < count; i++)
        if (columns[i] >= 0 && isfinite(values[i]))
            c->values[columns[i]][c->rows] = values[i];
    c->tail = c->seen % c->stride != 0;
    if (!c->tail) c->rows++;
    c->seen++;
    return true;
}

/* Row number `i` of `count` that are shown of `total`: the first, the last and
 * evenly between. */
static size_t shown(size_t i, size_t count, size_t total)
{
    return count == total ? i : i * (total - 1) / (count - 1);
}

static void print_column(FILE *out, const double *values, size_t count,
                         size_t total)
{
    for (size_t i = 0; i < count; i++) {
        const size_t next = i + 1 < count ? shown(i + 1, count, total) : total;
        const double v = first_of(values, shown(i, count, total), next);
        char number[TAPER_NUMBER_SIZE];
        if (isfinite(v))
            (void)taper_format_number(v, number);
        else
            (void)strcpy(number, "null");
        (void)fprintf(out, "%s%s", i ? "," : "", number);
    }
}

/* A name as JSON writes it, with its quotes; false without memory. */
static bool print_name(FILE *out, const char *name)
{
    cJSON *text = cJSON_CreateStringReference(name);
    char *quoted = text ? cJSON_PrintUnformatted(text) : NULL;
    if (quoted) (void)fputs(quoted, out);
    cJSON_free(quoted);
    cJSON_Delete(text);
    return quoted != NULL;
}

char *study_curve_json(const struct study_curve *c, bool *empty)
{
    const size_t total = c->rows + c->tail;
    const size_t count =
        total < STUDY_CURVE_POINTS ? total : STUDY_CURVE_POINTS;
    char *text = NULL;
    size_t size;
    *empty = total == 0;
    FILE *out = *empty ? NULL : open_memstream(&text, &size);
    if (!out) return NULL;
    bool fine = true;
    for (size_t k = 0; k < c->columns && fine; k++) {
        (void)fputc(k ? ',' : '{', out);
        fine = print_name(out, c->names[k]);
        (void)fputs(":[", out);
        print_column(out, c->values[k], count, total);
        (void)fputc(']', out);
    }
    (void)fputc('}', out);
    fine = !ferror(out) && fine;
    if (fclose(out) == 0 && fine) return text;
    free(text);
    return NULL;
}

/* Splits a line at its commas, in place; returns how many fields there are, at
 * most STUDY_CURVE_COLUMNS of which are set. */
static size_t split(char *line, const char *fields[STUDY_CURVE_COLUMNS])
{
    size_t count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *rest = line; rest && count < STUDY_CURVE_COLUMNS;) {
        char *end = strchrnul(rest, ',');
        fields[count++] = rest;
        rest = *end ? end + 1 : NULL;
        *end = '\0';
    }
    return count;
}

static bool read_rows(struct study_curve *c, FILE *in, char **line,
                      size_t *capacity, const char *const *names, size_t count)
{
    while (getline(line, capacity, in) > 0) {
        const char *fields[STUDY_CURVE_COLUMNS];
        double values[STUDY_CURVE_COLUMNS];
        if (split(*line, fields) < count) continue; /* cut off at the end */
        for (size_t k = 0; k < count; k++)
            if (taper_read_number(fields[k], strlen(fields[k]), &values[k]))
                values[k] = (double)NAN;
        if (!study_curve_add(c, names, values, count)) return false;
    }
    return !ferror(in);
}

bool study_curve_read(struct study_curve *c, const char *path)
{
    FILE *in = fopen(path, "re");
    if (!in) return false;
    char *header = NULL, *line = NULL;
    size_t room = 0, capacity = 0;
    const char *names[STUDY_CURVE_COLUMNS];
    bool fine = getline(&header, &room, in) > 0;
    if (fine) {
        const size_t count = split(header, names);
        fine = read_rows(c, in, &line, &capacity, names, count);
    }
    free(header);
    free(line);
    (void)fclose(in);
    return fine;
}

void study_curve_clear(struct study_curve *c)
{
    for (size_t k = 0; k < c->columns; k++) {
        free(c->names[k]);
        free(c->values[k]);
    }
    *c = (struct study_curve){0};
}
