/* See train_job.h. */
#include "task/train_job.h"

#include "task/folder.h"
#include "task/stop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- the kinds ---- */

static void write_images(const char *folder, unsigned samples)
{
    folder_images(folder, samples, 30, 12);
}

static void write_texts(const char *folder, unsigned samples)
{
    folder_texts(folder, samples, 30);
}

#define IMAGE "batch=8 epochs=3 threads=2 checkpoint-every=1000 "
#define TEXT \
    "batch=8 epochs=3 threads=2 checkpoint-every=1000 dim=16 heads=2 " \
    "layers=1 length=12 schedule=linear(0.02,0) "
#define POLE "checkpoint-every=1000 hidden=16 "
#define PPO \
    POLE "envs=2 horizon=32 batch=16 update-epochs=2 env-steps=320 " \
         "eval-every=2 "

static const struct train_kind kinds[] = {
    {.trainer = &task_image,
     .variants = {IMAGE, IMAGE "optimizer=sgd schedule=0.05 lookahead=5 "
                               "flip=alternating crop=2 pad=reflect tta=yes "
                               "log-every=5 epochs=2.5"},
     .once = "epochs=0.01",
     .longer = "epochs=40",
     .diverges = "optimizer=sgd schedule=1e6 epochs=20",
     /* Three bright bands are learnt in three epochs; chance is a third. */
     .score = 0.8,
     .write = write_images,
     .samples = 96},
    {.trainer = &task_text,
     .variants = {TEXT, TEXT "tokenizer=bpe vocabulary=300 pooling=first "
                             "optimizer=sgd schedule=0.05 label-smoothing=0.1 "
                             "token-dropout=0.3 eval-every=0.5 log-every=4 "
                             "epochs=2.5"},
     .once = "epochs=0.01",
     .longer = "epochs=60",
     .diverges = "optimizer=sgd schedule=1e6 epochs=20",
     .score = 0.8,
     .file = "tokenizer.txt",
     .write = write_texts,
     .samples = 72},
    {.trainer = &task_cartpole,
     .variants = {PPO, PPO "optimizer=sgd schedule=linear(2e-3,0,300smp)",
                  PPO "schedule=linear(2e-3,1e-3,20ep) entropy=0.01",
                  POLE "algorithm=reinforce batch=2 episodes=60 eval-every=5 "
                       "schedule=linear(1e-2,0,50ep)"},
     .once = "env-steps=64 batch=64 update-epochs=1",
     .longer = "env-steps=8000",
     .diverges = "optimizer=sgd schedule=1e6 clip=0",
     /* A pole that nobody holds stays up for 8 steps and more. */
     .score = 8,
     .patient = true},
};

const struct train_kind *train_kind(const struct task_trainer *trainer)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].trainer == trainer) return &kinds[i];
    fail_msg("train_job.c has no row for %s", trainer->name);
    return NULL;
}

/* ---- a run ---- */

static bool apply(struct task_settings *s, const char *options)
{
    char name[32], value[64];
    int used;
    for (; sscanf(options, "%31[^=]=%63s %n", name, value, &used) == 2;
         options += used)
        if (task_settings_set(s, task_setting_find(name), value, true, NULL) !=
            TASK_OK)
            return false;
    return true;
}

/* A file beside the run's folder, which need not be there yet; or NULL. */
static FILE *beside(const char *out, const char *suffix, const char *mode)
{
    char path[1100];
    (void)snprintf(path, sizeof path, "%s%s", out, suffix);
    return fopen(path, mode);
}

static bool settle(struct task_settings *s, const struct train_job *job)
{
    const char *const usual = train_kind(job->trainer)->variants[job->variant];
    if (!apply(s, job->bare ? "" : usual) ||
        !apply(s, job->options ? job->options : ""))
        return false;
    s->files = job->files;
    if (job->plan && task_settings_set(s, task_setting_find("plan"), job->plan,
                                       true, NULL) != TASK_OK)
        return false;
    if (job->data && task_settings_set(s, task_setting_find("data"), job->data,
                                       true, NULL) != TASK_OK)
        return false;
    return task_settings_set(s, task_setting_find("out"), job->out, true,
                             NULL) == TASK_OK;
}

/* Runs in the child. The message, if any, goes to the file `out`.txt, notes and
 * progress to `out`.notes. */
static int train(const struct train_job *job)
{
    struct task_settings s = {0};
    struct task_error err = {0};
    struct task_progress progress = {.stream = beside(job->out, ".notes", "w")};
    char path[TASK_PATH_SIZE];
    cJSON *summary;
    if (!settle(&s, job)) return 100;
    task_stop_install();
    if (job->stop) (void)raise(SIGINT);
    if (job->file_limit) {
        const struct rlimit limit = {job->file_limit, RLIM_INFINITY};
        (void)setrlimit(RLIMIT_FSIZE, &limit);
    }
    const enum task_status status = task_train(job->trainer, &s, job->resume,
                                               &progress, path, &summary, &err);
    FILE *const f = beside(job->out, ".txt", "w");
    if (f) (void)fputs(err.message, f);
    if (f) (void)fclose(f);
    if (progress.stream) (void)fclose(progress.stream);
    cJSON_Delete(summary);
    task_settings_free(&s);
    return (int)status;
}

pid_t train_start(const struct train_job *job)
{
    (void)fflush(NULL);
    (void)train_kind(job->trainer); /* fails the test here, not in a child */
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(train(job));
    return child;
}

int train_wait(pid_t child)
{
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
}

int train_run(const struct train_job *job)
{
    return train_wait(train_start(job));
}

static const char *read_beside(const char *out, const char *suffix)
{
    static char text[2048];
    FILE *const f = beside(out, suffix, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    return text;
}

const char *train_message(const char *out)
{
    return read_beside(out, ".txt");
}

const char *train_notes(const char *out)
{
    return read_beside(out, ".notes");
}

const char *train_data(void **state, const struct task_trainer *trainer)
{
    const struct train_kind *const kind = train_kind(trainer);
    char name[32];
    (void)snprintf(name, sizeof name, "%s-data", trainer->name);
    const char *const data = folder_path(*state, name);
    if (!kind->write) return NULL;
    kind->write(data, kind->samples);
    return data;
}

/* ---- what it leaves behind ---- */

cJSON *train_json(const char *folder, const char *name)
{
    size_t n;
    char *const text = folder_read(folder, name, &n);
    assert_non_null(text);
    cJSON *const json = cJSON_Parse(text);
    assert_non_null(json);
    free(text);
    return json;
}

double train_number(const cJSON *json, const char *key)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(json, key);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

void assert_json_text(const cJSON *json, const char *key, const char *want)
{
    const char *const got =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    assert_non_null(got);
    assert_string_equal(got, want);
}

void assert_same_results(const char *a, const char *b)
{
    assert_same_file(a, b, "metrics.csv");
    assert_same_file(a, b, "model.safetensors");
    cJSON *const x = train_json(a, "summary.json");
    cJSON *const y = train_json(b, "summary.json");
    static const char *const moving[] = {"train_seconds", "total_seconds",
                                         "samples_per_second",
                                         "tokens_per_second",
                                         "solved_at_seconds"};
    for (size_t i = 0; i < sizeof moving / sizeof moving[0]; i++) {
        cJSON_DeleteItemFromObject(x, moving[i]);
        cJSON_DeleteItemFromObject(y, moving[i]);
    }
    assert_true(cJSON_Compare(x, y, true));
    cJSON_Delete(x);
    cJSON_Delete(y);
}

static cJSON *header_of(const char *file, size_t *data)
{
    uint64_t size = 0;
    for (int i = 7; i >= 0; i--)
        size = size << 8 | (unsigned char)file[i];
    *data = 8 + size;
    cJSON *const header = cJSON_ParseWithLength(file + 8, size);
    assert_non_null(header);
    return header;
}

/* Bytes of a tensor, which begin at *begin of its file's data. */
static size_t place_of(const cJSON *tensor, size_t *begin)
{
    const cJSON *const ends = cJSON_GetObjectItem(tensor, "data_offsets");
    assert_int_equal(cJSON_GetArraySize(ends), 2);
    *begin = (size_t)cJSON_GetArrayItem(ends, 0)->valuedouble;
    return (size_t)cJSON_GetArrayItem(ends, 1)->valuedouble - *begin;
}

static char *model_of(const char *out)
{
    size_t n;
    char *const bytes = folder_read(out, "model.safetensors", &n);
    assert_non_null(bytes);
    return bytes;
}

cJSON *train_moved(const char *a, const char *b)
{
    char *const x = model_of(a), *const y = model_of(b);
    size_t from, to, i, k;
    cJSON *const ours = header_of(x, &from), *const theirs = header_of(y, &to);
    cJSON *const moved = cJSON_CreateObject();
    const cJSON *tensor;
    cJSON_ArrayForEach(tensor, ours)
    {
        const char *const name = tensor->string;
        if (strcmp(name, "__metadata__") == 0) continue;
        const cJSON *const other =
            cJSON_GetObjectItemCaseSensitive(theirs, name);
        assert_non_null(other);
        const size_t size = place_of(tensor, &i);
        assert_int_equal(place_of(other, &k), size);
        cJSON_AddBoolToObject(moved, name,
                              memcmp(x + from + i, y + to + k, size) != 0);
    }
    cJSON_Delete(ours);
    cJSON_Delete(theirs);
    free(x);
    free(y);
    return moved;
}

/* ---- kills ---- */

void train_sleep(long ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* The file that is the checkpoint now: another one after each is written. */
static ino_t checkpoint_of(const char *out)
{
    char path[1100];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/checkpoint", out);
    return stat(path, &info) == 0 ? info.st_ino : 0;
}

/* Waits until the child has written another checkpoint; false if it ended. */
static bool wait_for_progress(pid_t child, const char *out, ino_t before)
{
    for (int i = 0; i < 60000; i++) {
        siginfo_t info = {.si_pid = 0};
        if (checkpoint_of(out) != before) return true;
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) ==
                0 &&
            info.si_pid == child)
            return false;
        train_sleep(1);
    }
    return false;
}

bool train_wait_for_checkpoint(pid_t child, const char *out)
{
    return wait_for_progress(child, out, 0);
}

void train_kill_until_done(const struct train_job *what, unsigned *kills)
{
    unsigned random = 12345;
    for (int attempt = 0; attempt < 200; attempt++) {
        struct train_job job = *what;
        job.resume = folder_has(job.out, "run.json");
        const ino_t before = checkpoint_of(job.out);
        const pid_t child = train_start(&job);
        random = random * 1664525u + 1013904223u;
        if (attempt % 4 == 0) {
            train_sleep((long)(random >> 8) % 200);
        } else {
            (void)wait_for_progress(child, job.out, before);
            train_sleep((long)(random >> 8) % 40);
        }
        (void)kill(child, SIGKILL);
        const int how = train_wait(child);
        if (how == TASK_OK) return;
        assert_int_equal(how, -SIGKILL);
        ++*kills;
    }
    fail_msg("the run did not end in 200 attempts");
}
