/* Rows as text, and reading them back. */
#include "task/metrics.h"

#include "task/number.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>

enum {
    COLUMNS = 5,
    /* A number of full precision is the longest field. */
    ROW_SIZE = (COLUMNS + TASK_EXTRAS) * TAPER_NUMBER_SIZE
};

#define FILE_LIMIT ((size_t)1 << 30)

/* What every header begins with. */
static const char fixed[] = "step,epoch,lr,loss,grad_norm";

const char *task_column_words(const char *name, char out[TASK_WORDS])
{
    (void)snprintf(out, TASK_WORDS, "%s", name);
    for (char *p = out; *p; p++)
        if (*p == '_') *p = ' ';
    return out;
}

/* One process at a time: the lock goes with the process, however it ends. */
static enum task_status lock(const struct task_metrics *m,
                             struct task_error *err)
{
    const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(m->file.fd, F_SETLK, &whole) == 0) return TASK_OK;
    if (errno != EACCES && errno != EAGAIN)
        return task_log_file_fail(&m->file, errno, err);
    return task_fail(err, TASK_E_FILE,
                     "another process is writing %s: wait for that run to end",
                     m->file.path);
}

/* ",NAME" for each name, behind the `used` bytes of `text`. */
static size_t add_names(char *text, size_t used, const char *const *names,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, TASK_HEADER_SIZE - used, ",%s",
                                 names[i]);
    return used;
}

static enum task_status add_header(struct task_metrics *m,
                                   const struct task_columns *c,
                                   struct task_error *err)
{
    char text[TASK_HEADER_SIZE];
    size_t n = sizeof fixed - 1;
    memcpy(text, fixed, sizeof fixed);
    n = add_names(text, n, c->series, c->series_count);
    n = add_names(text, n, c->scores, c->score_count);
    text[n++] = '\n';
    return task_log_file_append(&m->file, text, n, err);
}

enum task_status task_metrics_open(struct task_metrics *m, const char *path,
                                   struct task_error *err)
{
    enum task_status status = task_log_file_open(&m->file, path, err);
    if (status != TASK_OK) return status;
    status = lock(m, err);
    if (status != TASK_OK) task_metrics_close(m);
    return status;
}

enum task_status task_metrics_begin(struct task_metrics *m,
                                    const struct task_columns *columns,
                                    uint64_t size, struct task_error *err)
{
    m->series = columns->series_count;
    m->scores = columns->score_count;
    const enum task_status status = task_log_file_keep(&m->file, size, err);
    return status == TASK_OK && size == 0 ? add_header(m, columns, err)
                                          : status;
}

enum task_status task_metrics_flush(struct task_metrics *m, bool durable,
                                    struct task_error *err)
{
    return task_log_file_flush(&m->file, durable, err);
}

enum task_status task_metrics_add(struct task_metrics *m,
                                  const struct task_row *row,
                                  struct task_error *err)
{
    char text[ROW_SIZE], number[TAPER_NUMBER_SIZE], loss[TASK_NUMBER_SIZE],
        norm[TASK_NUMBER_SIZE];
    (void)taper_format_number(row->lr, number);
    int n = snprintf(text, sizeof text, "%lld,%lld,%s,%s,%s",
                     (long long)row->step, (long long)row->epoch, number,
                     task_number_single(row->loss, loss),
                     task_number_single(row->grad_norm, norm));
    for (size_t i = 0; i < m->series; i++) {
        number[0] = '\0';
        if (!isnan(row->series[i]))
            (void)taper_format_number(row->series[i], number);
        n += snprintf(text + n, sizeof text - (size_t)n, ",%s", number);
    }
    for (size_t i = 0; i < m->scores; i++) {
        const char *const score =
            row->scored ? task_number_single(row->score[i], loss) : "";
        n += snprintf(text + n, sizeof text - (size_t)n, ",%s", score);
    }
    text[n++] = '\n';
    return task_log_file_append(&m->file, text, (size_t)n, err);
}

void task_metrics_close(struct task_metrics *m)
{
    task_log_file_close(&m->file);
}

/* ---- reading ---- */

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        n++;
    return n;
}

static bool table_alloc(struct task_table *t, size_t rows)
{
    t->block = malloc((COLUMNS + TASK_EXTRAS) * (rows + 1) * sizeof(double));
    if (!t->block) return false;
    t->step = t->block;
    t->epoch = t->step + rows;
    t->lr = t->epoch + rows;
    t->loss = t->lr + rows;
    t->grad_norm = t->loss + rows;
    for (size_t i = 0; i < TASK_EXTRAS; i++)
        t->extra[i] = t->grad_norm + (i + 1) * rows;
    return true;
}

/* One field up to `end`; empty is NaN. Returns false for what is no number. */
static bool read_field(const char *text, size_t n, double *out)
{
    *out = NAN;
    if (n == 0 || (n == 3 && memcmp(text, "nan", 3) == 0)) return true;
    if (n == 3 && memcmp(text, "inf", 3) == 0) {
        *out = INFINITY;
        return true;
    }
    return taper_read_number(text, n, out) == TAPER_OK;
}

/* Fields of one line into row `r`; false unless the fixed ones are there and
 * all are numbers. */
static bool read_row(struct task_table *t, size_t r, const char *line,
                     const char *end)
{
    double value[COLUMNS + TASK_EXTRAS];
    size_t n = 0;
    for (; n < COLUMNS + TASK_EXTRAS; n++) {
        const size_t left = (size_t)(end - line);
        const char *const comma = memchr(line, ',', left);
        const size_t length = comma ? (size_t)(comma - line) : left;
        if (!read_field(line, length, &value[n])) return false;
        if (!comma) break;
        line = comma + 1;
    }
    if (n + 1 < COLUMNS) return false;
    t->step[r] = value[0];
    t->epoch[r] = value[1];
    t->lr[r] = value[2];
    t->loss[r] = value[3];
    t->grad_norm[r] = value[4];
    for (size_t i = 0; i < TASK_EXTRAS; i++)
        t->extra[i][r] = COLUMNS + i <= n ? value[COLUMNS + i] : NAN;
    return true;
}

static enum task_status parse_table(const char *path, const char *text,
                                    struct task_table *out,
                                    struct task_error *err)
{
    const size_t lines = count_lines(text);
    const char *const end_of_names = strchr(text, '\n');
    const size_t names = end_of_names ? (size_t)(end_of_names - text) : 0;
    if (strncmp(text, fixed, sizeof fixed - 1) != 0 ||
        names >= sizeof out->header)
        return task_fail(err, TASK_E_FORMAT, "%s does not begin with %s", path,
                         fixed);
    memcpy(out->header, text, names);
    if (!table_alloc(out, lines))
        return task_fail(err, TASK_E_MEMORY, "%s: no memory for %zu rows", path,
                         lines);
    const char *line = strchr(text, '\n') + 1;
    for (; out->count + 1 < lines; out->count++) {
        const char *const end = strchr(line, '\n');
        if (!read_row(out, out->count, line, end))
            return task_fail(err, TASK_E_FORMAT, "%s: line %zu makes no sense",
                             path, out->count + 2);
        line = end + 1;
    }
    return TASK_OK;
}

enum task_status task_table_read(const char *path, struct task_table *out,
                                 struct task_error *err)
{
    *out = (struct task_table){0};
    char *text;
    size_t size;
    enum task_status status =
        task_file_read(path, FILE_LIMIT, &text, &size, err);
    if (status != TASK_OK) return status;
    status = parse_table(path, text, out, err);
    free(text);
    if (status != TASK_OK) task_table_free(out);
    return status;
}

void task_table_free(struct task_table *t)
{
    free(t->block);
    *t = (struct task_table){0};
}

const double *task_table_column(const struct task_table *t, const char *name)
{
    const double *const known[] = {t->step, t->epoch, t->lr, t->loss,
                                   t->grad_norm};
    const size_t length = strlen(name);
    const char *p = t->header;
    for (size_t i = 0; i < COLUMNS + TASK_EXTRAS; i++) {
        const size_t n = strcspn(p, ",");
        if (n == length && memcmp(p, name, n) == 0)
            return i < COLUMNS ? known[i] : t->extra[i - COLUMNS];
        if (!p[n]) break;
        p += n + 1;
    }
    return NULL;
}
