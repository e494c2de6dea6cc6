/* See room.h. A failure to write is a failure of the test. */
#define _GNU_SOURCE /* nftw */
#include "room.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int room_create(void **state)
{
    const char *tmp = getenv("TMPDIR");
    char *path = malloc(4096);
    if (!path) return -1;
    (void)snprintf(path, 4096, "%s/taper-study-XXXXXX", tmp ? tmp : "/tmp");
    *state = path;
    return mkdtemp(path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

int room_remove(void **state)
{
    const int result = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

const char *room_path(const char *folder, const char *name)
{
    static char buffers[16][4096];
    static unsigned next;
    char *out = buffers[next++ % 16];
    (void)snprintf(out, sizeof buffers[0], "%s/%s", folder, name);
    return out;
}

void room_write(const char *folder, const char *name, const void *bytes,
                size_t size)
{
    FILE *file = fopen(room_path(folder, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

char *room_read(const char *folder, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    FILE *in = fopen(room_path(folder, name), "rb");
    assert_non_null(out);
    for (int c; in && (c = getc(in)) != EOF;)
        (void)putc(c, out);
    if (in) (void)fclose(in);
    assert_int_equal(fclose(out), 0);
    return text;
}

size_t room_lines(const char *folder, const char *name, const char *part)
{
    char *text = room_read(folder, name);
    size_t count = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
        count += *line && strstr(line, part);
    free(text);
    return count;
}

struct study_trial room_trial(const char *name, int64_t seed)
{
    static char names[8][32], texts[8][40];
    size_t k = 0;
    while (names[k][0] && strcmp(names[k], name) != 0)
        assert_true(++k < 8);
    (void)snprintf(names[k], sizeof names[k], "%s", name);
    (void)snprintf(texts[k], sizeof texts[k], "%s()", name);
    return (struct study_trial){.name = names[k],
                                .spec = texts[k],
                                .schedule = texts[k],
                                .seed = seed,
                                .role = STUDY_SCORE,
                                .metric = (double)NAN};
}

struct study_store *room_open(const char *path, enum study_access access)
{
    struct study_store *s;
    struct study_error err = {0};
    if (study_store_open(&s, path, access, &err) != STUDY_OK)
        fail_msg("%s", err.message);
    return s;
}

struct study_store *room_store(const char *path, size_t count)
{
    struct study_store *s = room_open(path, STUDY_CREATE);
    static char key[] = "task", value[] = "exec";
    const struct study_fact fact = {.key = key, .value = value};
    assert_int_equal(study_store_identify(s, &fact, 1, NULL), STUDY_OK);
    for (size_t i = 0; i < count; i++) {
        struct study_trial t = room_trial("flat", (int64_t)i);
        assert_int_equal(study_store_add(s, &t, 1, NULL, NULL), STUDY_OK);
    }
    return s;
}

int64_t room_run_one(struct study_store *s, double metric)
{
    struct study_trials all;
    struct study_trial t = {0};
    bool claimed = false;
    assert_int_equal(study_store_list(s, STUDY_BRIEF, &all, NULL), STUDY_OK);
    for (size_t i = 0; i < all.count && !claimed; i++)
        assert_int_equal(study_store_claim(s, &all.items[i].id, 1, &t, &claimed,
                                           NULL),
                         STUDY_OK);
    study_trials_clear(&all);
    assert_true(claimed);
    const int64_t id = t.id;
    t.metric = metric;
    t.state = isfinite(metric) ? STUDY_DONE : STUDY_DIVERGED;
    assert_int_equal(study_store_finish(s, &t, NULL), STUDY_OK);
    study_trial_clear(&t);
    return id;
}

void assert_message(const struct study_error *err, enum study_status status,
                    const char *part)
{
    assert_int_equal(err->status, status);
    assert_null(strchr(err->message, '\n'));
    if (!strstr(err->message, part))
        fail_msg("'%s' lacks '%s'", err->message, part);
}

struct study_trials room_list(struct study_store *s)
{
    struct study_trials all;
    struct study_error err = {0};
    if (study_store_list(s, STUDY_FULL, &all, &err) != STUDY_OK)
        fail_msg("%s", err.message);
    return all;
}

struct study_totals room_totals(struct study_store *s)
{
    struct study_totals t;
    assert_int_equal(study_store_counts(s, &t, NULL), STUDY_OK);
    return t;
}
