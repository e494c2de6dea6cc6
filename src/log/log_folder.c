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

/* Lists the *count event files of a folder, which the caller frees whatever is
 * returned, in the order of their names, in which there is their time. */
static enum log_status find_events(const char *folder, char *paths[FILES_MAX],
                                   size_t *count, struct log_error *err)
{
    enum log_status status = LOG_OK;
    *count = 0;
    DIR *const d = opendir(folder);
    if (!d) return LOG_OK;
    for (struct dirent *entry; status == LOG_OK && (entry = readdir(d));) {
        char path[PATH_SIZE];
        if (!is_event_file(entry) || !join(path, folder, entry->d_name))
            continue;
        if (*count == FILES_MAX) {
            status = log_fail(err, LOG_E_FORMAT,
                              "%s has more than %d event files: name the one "
                              "to read",
                              folder, FILES_MAX);
            break;
        }
        paths[*count] = strdup(path);
        if (paths[*count])
            ++*count;
        else
            status = log_no_memory(err);
    }
    (void)closedir(d);
    if (*count > 0) qsort(paths, *count, sizeof paths[0], compare_names);
    return status;
}

/* ---------------------------------------------------------------- folder */

/* Reads the event files of a folder, or what else is in it. */
static enum log_status read_found(const char *path, char *const *events,
                                  size_t count,
                                  const struct log_request *request,
                                  struct log_run *out, struct log_error *err)
{
    char name[PATH_SIZE];
    if (count > 0) return log_read_events(events, count, request, out, err);
    if (has(name, path, "log.jsonl"))
        return log_read_file(name, request, out, err);
    return log_fail(err, LOG_E_FORMAT,
                    "%s is a folder without a log: no metrics.csv, event file "
                    "or log.jsonl is in it",
                    path);
}

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
    size_t count;
    enum log_status status = find_events(path, paths, &count, err);
    if (status == LOG_OK)
        status = read_found(path, paths, count, request, out, err);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    return status;
}
