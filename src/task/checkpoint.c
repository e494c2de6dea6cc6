/* Counters travel in the header's metadata as text that reads back to the
 * same bits. */
#include "task/checkpoint.h"

#include "task/whole_file.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>
#include <unistd.h>

#define VERSION "4"

/* One row for each counter: adding one means adding a field and a row. */
enum kind { INTEGER, REAL };
static const struct field {
    const char *key;
    enum kind kind; /* int64_t (or as wide), or double */
    size_t offset;
} fields[] = {
#define FIELD(kind, name) \
    { \
#name, kind, offsetof(struct task_counters, name) \
    }
    FIELD(INTEGER, step),        FIELD(INTEGER, metrics_size),
    FIELD(INTEGER, log_size[0]), FIELD(INTEGER, log_size[1]),
    FIELD(INTEGER, position),    FIELD(REAL, loss_sum),
    FIELD(INTEGER, loss_count),  FIELD(REAL, grad_norm),
    FIELD(REAL, watched_sum),    FIELD(INTEGER, watched_count),
    FIELD(REAL, score[0]),       FIELD(REAL, score[1]),
    FIELD(REAL, score[2]),       FIELD(REAL, score[3]),
    FIELD(REAL, train_seconds),  FIELD(REAL, total_seconds),
#undef FIELD
};
enum { FIELDS = sizeof fields / sizeof fields[0], FIXED = 5 };

static void print_field(const struct field *f, const struct task_counters *c,
                        char out[TAPER_NUMBER_SIZE])
{
    const char *const at = (const char *)c + f->offset;
    if (f->kind == REAL) {
        double x;
        memcpy(&x, at, sizeof x);
        (void)taper_format_number(x, out);
    } else {
        int64_t n;
        memcpy(&n, at, sizeof n);
        (void)snprintf(out, TAPER_NUMBER_SIZE, "%lld", (long long)n);
    }
}

static bool read_field(const struct field *f, const char *text,
                       struct task_counters *c)
{
    double x;
    if (!text || taper_read_number(text, strlen(text), &x) != TAPER_OK)
        return false;
    char *const at = (char *)c + f->offset;
    if (f->kind == REAL) {
        memcpy(at, &x, sizeof x);
        return true;
    }
    if (!(x >= 0 && x <= (double)TAPER_STEP_MAX)) return false;
    const int64_t n = (int64_t)x;
    memcpy(at, &n, sizeof n);
    return true;
}

enum task_status task_checkpoint_save(const char *path, const char *identity,
                                      const struct task_part *parts,
                                      size_t count,
                                      const struct task_counters *counters,
                                      struct task_error *err)
{
    char numbers[FIELDS][TAPER_NUMBER_SIZE];
    char controller[TAPER_CONTROLLER_TEXT_SIZE];
    (void)taper_controller_save(&counters->controller, controller,
                                sizeof controller);
    struct task_pair pairs[FIELDS + FIXED] = {{"taper_checkpoint", VERSION},
                                              {"identity", identity},
                                              {"controller", controller},
                                              {"scored",
                                               counters->scored ? "1" : "0"},
                                              {"pending",
                                               counters->pending ? "1" : "0"}};
    for (size_t i = 0; i < FIELDS; i++) {
        print_field(&fields[i], counters, numbers[i]);
        pairs[FIXED + i] = (struct task_pair){fields[i].key, numbers[i]};
    }
    struct task_tensor *const tensors = calloc(count + 1, sizeof *tensors);
    if (!tensors)
        return task_fail(err, TASK_E_MEMORY, "%s: no memory to write it", path);
    for (size_t i = 0; i < count; i++)
        tensors[i] = parts[i].tensor;
    const enum task_status status =
        task_safetensors_write(path, tensors, count, pairs, FIELDS + FIXED,
                               err);
    free(tensors);
    return status;
}

static bool is_set(const struct task_safetensors *f, const char *key)
{
    const char *const text = task_safetensors_metadata(f, key);
    return text && text[0] == '1';
}

static enum task_status load(const char *path, const char *identity,
                             const struct task_safetensors *f,
                             const struct task_part *parts, size_t count,
                             struct task_counters *counters,
                             struct task_error *err)
{
    const char *const version =
        task_safetensors_metadata(f, "taper_checkpoint");
    if (!version || strcmp(version, VERSION) != 0)
        return task_fail(err, TASK_E_FORMAT,
                         "%s is not a checkpoint of this version of taper: "
                         "resume it with the one that wrote it, or train anew "
                         "in another folder",
                         path);
    const char *const owner = task_safetensors_metadata(f, "identity");
    if (!owner || strcmp(owner, identity) != 0)
        return task_fail(err, TASK_E_FORMAT,
                         "%s belongs to a run with other settings than the "
                         "run.json beside it",
                         path);
    for (size_t i = 0; i < FIELDS; i++)
        if (!read_field(&fields[i], task_safetensors_metadata(f, fields[i].key),
                        counters))
            return task_fail(err, TASK_E_FORMAT, "%s: %s makes no sense", path,
                             fields[i].key);
    const char *const controller = task_safetensors_metadata(f, "controller");
    if (!controller ||
        taper_controller_load(controller, strlen(controller),
                              &counters->controller, NULL) != TAPER_OK)
        return task_fail(err, TASK_E_FORMAT, "%s: controller makes no sense",
                         path);
    counters->scored = is_set(f, "scored");
    counters->pending = is_set(f, "pending");
    for (size_t i = 0; i < count; i++) {
        const enum task_status status =
            task_safetensors_load(f, &parts[i].tensor, parts[i].values, err);
        if (status != TASK_OK) return status;
    }
    return TASK_OK;
}

enum task_status task_checkpoint_load(const char *path, const char *identity,
                                      const struct task_part *parts,
                                      size_t count,
                                      struct task_counters *counters,
                                      bool *found, struct task_error *err)
{
    *found = access(path, F_OK) == 0;
    if (!*found) return TASK_OK;
    struct task_safetensors *f;
    enum task_status status = task_safetensors_open(path, &f, err);
    if (status == TASK_OK)
        status = load(path, identity, f, parts, count, counters, err);
    task_safetensors_close(f);
    return status;
}
