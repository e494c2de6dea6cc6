/* Folders of runs. taper's own has metrics.csv, and in run.json the schedule
 * that it followed and how long it was; other trainers leave TensorBoard's
 * event files or log.jsonl. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "log/log_open.h"

enum { PATH_SIZE = 4096, FILES_MAX = 1024 };

/* "FOLDER/NAME"; false if it does not fit. */
static bool join(char out[PATH_SIZE], const char *folder, const char *name)
{
    const int n = snprintf(out, PATH_SIZE, "%s/%s", folder, name);
    return n > 0 && n < PATH_SIZE;
}

static bool has(char out[PATH_SIZE], const char *folder, const char *name)
{
    return join(out, folder, name) && access(out, F_OK) == 0;
}

/* ------------------------------------------------------------- run.json */

/* The object that a file holds, or NULL: of a run folder of another program
 * nothing is known, and nothing needed. */
static cJSON *load_json(const char *path)
{
    struct log_error err;
    struct log_stream s;
    cJSON *json = NULL;
    if (log_stream_open(&s, path, &err) != LOG_OK) return NULL;
    if (log_stream_fill(&s, LOG_PIECE_MAX, &err) == LOG_OK && s.ended)
        json = cJSON_ParseWithLength(log_stream_bytes(&s), log_stream_left(&s));
    log_stream_close(&s);
    return json;
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) && item->valuedouble > 0 &&
                   item->valuedouble <= 0x1p53
               ? item->valuedouble
               : 0;
}

/* What run.json says of the rates. A plan has several of them, and one that
 * counts something else than updates is no function of the step: of these, what
 * was logged is used. */
static enum log_status read_record(const char *path, struct log_run *out,
                                   struct log_error *err)
{
    cJSON *const json = load_json(path);
    const char *const text = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(json, "canonical"));
    out->steps = (int64_t)number_of(json, "steps");
    out->epoch = number_of(json, "steps_per_epoch");
    enum log_status status = LOG_OK;
    if (text && !cJSON_HasObjectItem(json, "plan") &&
        !cJSON_HasObjectItem(json, "unit")) {
        out->schedule = strdup(text);
        if (!out->schedule) status = log_no_memory(err);
    }
    cJSON_Delete(json);
    return status;
}

/* ------------------------------------------------------------ event files */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_event_file(const struct dirent *entry)
{
    return strstr(entry->d_name, ".tfevents.") != NULL;
}

/* The event files of a folder, in the order of their names, in which there is
 * their time. Returns how many, or SIZE_MAX without memory. */
static size_t find_events(const char *folder, char *paths[FILES_MAX])
{
    size_t n = 0;
    DIR *const d = opendir(folder);
    if (!d) return 0;
    for (struct dirent *entry; n < FILES_MAX && (entry = readdir(d));) {
        char path[PATH_SIZE];
        if (!is_event_file(entry) || !join(path, folder, entry->d_name))
            continue;
        paths[n] = strdup(path);
        if (!paths[n]) break;
        n++;
    }
    (void)closedir(d);
    qsort(paths, n, sizeof paths[0], compare_names);
    return n;
}

/* ---------------------------------------------------------------- folder */

enum log_status log_read_folder(const char *path,
                                const struct log_request *request,
                                struct log_run *out, struct log_error *err)
{
    char name[PATH_SIZE], *paths[FILES_MAX];
    if (has(name, path, "run.json")) {
        const enum log_status status = read_record(name, out, err);
        if (status != LOG_OK) return status;
    }
    if (has(name, path, "metrics.csv"))
        return log_read_file(name, request, out, err);
    const size_t count = find_events(path, paths);
    enum log_status status = LOG_OK;
    if (count > 0)
        status = log_read_events(paths, count, request, out, err);
    else if (has(name, path, "log.jsonl"))
        status = log_read_file(name, request, out, err);
    else
        status = log_fail(err, LOG_E_FORMAT,
                          "%s is a folder without a log: no metrics.csv, event "
                          "file or log.jsonl is in it",
                          path);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    return status;
}
