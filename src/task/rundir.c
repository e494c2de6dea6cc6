/* Making, refusing and opening the folders of runs. */
#include "task/rundir.h"

#include "task/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A schedule that came from a file is in run.json as a whole. */
#define JSON_LIMIT ((size_t)256 << 20)

/* Makes every folder above the last component of `path`. */
static enum task_status make_parents(const char *path, struct task_error *err)
{
    char copy[TASK_PATH_SIZE];
    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            return task_fail(err, TASK_E_FILE, "cannot make the folder %s: %s",
                             copy, strerror(errno));
        *slash = '/';
    }
    return TASK_OK;
}

/* runs/TASK-DATE-TIME, with a number if two runs begin in one second. */
static enum task_status make_named(struct task_rundir *d, const char *task,
                                   struct task_error *err)
{
    char stamp[32] = "";
    const time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local))
        (void)strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
    for (int i = 1; i < 1000; i++) {
        if (i == 1)
            (void)snprintf(d->path, sizeof d->path, "runs/%s-%s", task, stamp);
        else
            (void)snprintf(d->path, sizeof d->path, "runs/%s-%s-%d", task,
                           stamp, i);
        const enum task_status status = make_parents(d->path, err);
        if (status != TASK_OK) return status;
        if (mkdir(d->path, 0777) == 0) return TASK_OK;
        if (errno != EEXIST) break;
    }
    return task_fail(err, TASK_E_FILE, "cannot make the folder %s: %s", d->path,
                     strerror(errno));
}

static enum task_status set_path(struct task_rundir *d, const char *out,
                                 struct task_error *err)
{
    size_t n = strlen(out);
    while (n > 1 && out[n - 1] == '/')
        n--;
    if (n >= sizeof d->path - 64)
        return task_fail(err, TASK_E_USAGE, "--out is too long a path");
    memcpy(d->path, out, n);
    d->path[n] = '\0';
    return TASK_OK;
}

/* Refuses a folder that holds any file that a run would write. */
static enum task_status check_free(const struct task_rundir *d,
                                   struct task_error *err)
{
    static const char *const names[] = {TASK_RUN_FILE,        TASK_METRICS_FILE,
                                        TASK_CHECKPOINT_FILE, TASK_MODEL_FILE,
                                        TASK_CURVES_FILE,     TASK_SUMMARY_FILE,
                                        TASK_TOKENIZER_FILE,  TASK_EVENTS_FILE,
                                        TASK_LINES_FILE};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[TASK_PATH_SIZE];
        const enum task_status status = task_path(path, d->path, names[i], err);
        if (status != TASK_OK) return status;
        if (access(path, F_OK) != 0) continue;
        return task_fail(
            err, TASK_E_USAGE,
            i == 0 ? "%s holds a run already (%s): add --resume to continue "
                     "it, or choose another --out"
                   : "%s holds a %s already: choose another --out",
            d->path, names[i]);
    }
    return TASK_OK;
}

enum task_status task_rundir_create(struct task_rundir *d, const char *task,
                                    const char *out, struct task_error *err)
{
    *d = (struct task_rundir){0};
    if (!out) return make_named(d, task, err);
    enum task_status status = set_path(d, out, err);
    if (status == TASK_OK) status = make_parents(d->path, err);
    if (status != TASK_OK) return status;
    struct stat info;
    if (mkdir(d->path, 0777) != 0 &&
        (errno != EEXIST || stat(d->path, &info) != 0 ||
         !S_ISDIR(info.st_mode)))
        return task_fail(err, TASK_E_FILE, "cannot make the folder %s: %s",
                         d->path, strerror(errno));
    return check_free(d, err);
}

/* A JSON object from a file; *found is false if there is no such file. */
static enum task_status read_json(const struct task_rundir *d, const char *name,
                                  cJSON **json, bool *found,
                                  struct task_error *err)
{
    char path[TASK_PATH_SIZE];
    enum task_status status = task_path(path, d->path, name, err);
    if (status != TASK_OK) return status;
    *found = access(path, F_OK) == 0;
    if (!*found) return TASK_OK;
    char *text;
    size_t size;
    status = task_file_read(path, JSON_LIMIT, &text, &size, err);
    if (status != TASK_OK) return status;
    *json = cJSON_ParseWithOpts(text, NULL, true);
    free(text);
    return cJSON_IsObject(*json)
               ? TASK_OK
               : task_fail(err, TASK_E_FORMAT, "%s is not a JSON object", path);
}

enum task_status task_rundir_open(struct task_rundir *d, const char *task,
                                  const char *out, struct task_error *err)
{
    *d = (struct task_rundir){0};
    if (!out)
        return task_fail(err, TASK_E_USAGE,
                         "--resume needs --out DIR: the folder of the run");
    bool found;
    enum task_status status = set_path(d, out, err);
    if (status == TASK_OK)
        status = read_json(d, TASK_RUN_FILE, &d->run, &found, err);
    if (status != TASK_OK) return status;
    if (!found)
        return task_fail(err, TASK_E_USAGE,
                         "%s holds no run (no " TASK_RUN_FILE
                         "): leave out --resume to begin one",
                         d->path);
    const char *const kind =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(d->run, "task"));
    if (!kind)
        return task_fail(err, TASK_E_FORMAT, "%s/%s does not name its task",
                         d->path, TASK_RUN_FILE);
    if (strcmp(kind, task) != 0)
        return task_fail(err, TASK_E_USAGE,
                         "%s is a run of '%.40s': continue it with taper train "
                         "%.40s",
                         d->path, kind, kind);
    return read_json(d, TASK_SUMMARY_FILE, &d->summary, &found, err);
}

void task_rundir_close(struct task_rundir *d)
{
    cJSON_Delete(d->run);
    cJSON_Delete(d->summary);
    d->run = d->summary = NULL;
}

/* Bytes that run.json and summary.json fit in as a rule: longer ones cost an
 * allocation, so that shorter ones cost the same whatever is in them. */
enum { ROOM = 1 << 14 };

enum task_status task_rundir_write(const struct task_rundir *d,
                                   const char *name, const cJSON *json,
                                   struct task_error *err)
{
    char path[TASK_PATH_SIZE];
    enum task_status status = task_path(path, d->path, name, err);
    if (status != TASK_OK) return status;
    char *const text = json ? cJSON_PrintBuffered(json, ROOM, true) : NULL;
    if (!text) return task_fail(err, TASK_E_MEMORY, "%s: out of memory", path);
    struct task_file f;
    const bool fresh = strcmp(name, TASK_RUN_FILE) == 0;
    status = fresh ? task_file_begin_fresh(&f, path, err)
                   : task_file_begin(&f, path, err);
    if (status == TASK_OK) {
        task_file_write(&f, text, strlen(text));
        task_file_write(&f, "\n", 1);
        status = task_file_commit(&f, err);
    }
    cJSON_free(text);
    if (status == TASK_OK || !fresh || access(path, F_OK) != 0) return status;
    return task_fail(err, TASK_E_USAGE,
                     "another run has just begun in %s: choose another --out",
                     d->path);
}
