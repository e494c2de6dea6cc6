/* See image_job.h. */
#include "task/image_job.h"

#include "task/folder.h"
#include "task/stop.h"
#include "task/trainer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Settings of every test unless its options say otherwise. */
static const char usual[] = "batch=8 epochs=3 threads=2 checkpoint-every=1000 ";

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

/* Runs in the child. The message, if any, goes to the file `out`.txt. */
static int train(const struct image_job *job)
{
    struct task_settings s = {0};
    char text[256];
    (void)snprintf(text, sizeof text, "%s%s", usual,
                   job->options ? job->options : "");
    if (!apply(&s, text)) return 100;
    s.files = job->files;
    if (job->plan && task_settings_set(&s, task_setting_find("plan"), job->plan,
                                       true, NULL) != TASK_OK)
        return 100;
    s.data = strdup(job->data);
    s.out = strdup(job->out);
    s.given |= UINT64_C(1) << (task_setting_find("data") - task_setting_at(0));
    struct task_progress progress = {0};
    struct task_error err = {0};
    char path[TASK_PATH_SIZE];
    cJSON *summary;
    task_stop_install();
    if (job->stop) (void)raise(SIGINT);
    if (job->file_limit) {
        const struct rlimit limit = {job->file_limit, RLIM_INFINITY};
        (void)setrlimit(RLIMIT_FSIZE, &limit);
    }
    const enum task_status status = task_train(&task_image, &s, job->resume,
                                               &progress, path, &summary, &err);
    (void)snprintf(text, sizeof text, "%s.txt", job->out);
    FILE *const f = fopen(text, "w");
    if (f) {
        (void)fputs(err.message, f);
        (void)fclose(f);
    }
    cJSON_Delete(summary);
    task_settings_free(&s);
    return (int)status;
}

pid_t image_start(const struct image_job *job)
{
    (void)fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(train(job));
    return child;
}

int image_wait(pid_t child)
{
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
}

int image_run(const struct image_job *job)
{
    return image_wait(image_start(job));
}

const char *image_message(const char *out)
{
    static char text[2048];
    char path[1100];
    (void)snprintf(path, sizeof path, "%s.txt", out);
    FILE *const f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    return text;
}

const char *image_data(void **state)
{
    const char *const data = folder_path(*state, "data");
    folder_images(data, 96, 30, 12);
    return data;
}

cJSON *image_json(const char *folder, const char *name)
{
    size_t n;
    char *const text = folder_read(folder, name, &n);
    assert_non_null(text);
    cJSON *const json = cJSON_Parse(text);
    assert_non_null(json);
    free(text);
    return json;
}

double image_number(const cJSON *json, const char *key)
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
    cJSON *const x = image_json(a, "summary.json");
    cJSON *const y = image_json(b, "summary.json");
    static const char *const moving[] = {"train_seconds", "total_seconds",
                                         "samples_per_second"};
    for (size_t i = 0; i < sizeof moving / sizeof moving[0]; i++) {
        cJSON_DeleteItemFromObject(x, moving[i]);
        cJSON_DeleteItemFromObject(y, moving[i]);
    }
    assert_true(cJSON_Compare(x, y, true));
    cJSON_Delete(x);
    cJSON_Delete(y);
}

void image_sleep(long ms)
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

/* Waits until the child has written a checkpoint or ended. */
static void wait_for_progress(pid_t child, const char *out, ino_t before)
{
    for (int i = 0; i < 60000 && checkpoint_of(out) == before; i++) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) ==
                0 &&
            info.si_pid == child)
            return;
        image_sleep(1);
    }
}

void image_kill_until_done(const struct image_job *what, unsigned *kills)
{
    unsigned random = 12345;
    for (int attempt = 0; attempt < 200; attempt++) {
        struct image_job job = *what;
        job.resume = folder_has(job.out, "run.json");
        const ino_t before = checkpoint_of(job.out);
        const pid_t child = image_start(&job);
        random = random * 1664525u + 1013904223u;
        if (attempt % 4 == 0) {
            image_sleep((long)(random >> 8) % 200);
        } else {
            wait_for_progress(child, job.out, before);
            image_sleep((long)(random >> 8) % 40);
        }
        (void)kill(child, SIGKILL);
        const int how = image_wait(child);
        if (how == TASK_OK) return;
        assert_int_equal(how, -SIGKILL);
        ++*kills;
    }
    fail_msg("the run did not end in 200 attempts");
}
