/* What is true of a run of every trainer: what it leaves behind, that it ends
 * in the same bits however often it was killed, and what is refused. The rows
 * of train_job.c say what is tiny and quick for each. */
#include "task/folder.h"
#include "task/log.h"
#include "task/metrics.h"
#include "task/train_job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of a run that no other trainer and no other variant has. */
static const char *place(void **state, const struct train_job *job,
                         const char *name)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s-%zu-%s", job->trainer->name,
                   job->variant, name);
    return folder_path(*state, text);
}

/* A run of the trainer on its data, into the folder `name`. */
static struct train_job job_of(void **state, const struct task_trainer *t,
                               const char *name)
{
    struct train_job job = {.trainer = t, .data = train_data(state, t)};
    job.out = place(state, &job, name);
    return job;
}

static void assert_status(const struct train_job *job, int status)
{
    const int how = train_run(job);
    if (how != status)
        fail_msg("%s ended as %d, not %d: %s", job->out, how, status,
                 how >= 0 ? train_message(job->out) : "killed");
}

/* ---- files ---- */

static struct task_table table_of(const char *out)
{
    struct task_table table;
    struct task_error err;
    assert_int_equal(task_table_read(folder_path(out, "metrics.csv"), &table,
                                     &err),
                     TASK_OK);
    return table;
}

/* The keys of the architecture page, in its order. */
static void check_summary(const struct train_job *job)
{
    const char *const keys[] = {"task",          "data",
                                "model",         "schedule",
                                "seed",          "epochs",
                                "steps",         job->trainer->score,
                                "train_seconds", "samples_per_second",
                                "threads",       "precision",
                                "status"};
    cJSON *const summary = train_json(job->out, "summary.json");
    const cJSON *item = summary->child;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        while (item && strcmp(item->string, keys[i]) != 0)
            item = item->next;
        if (!item)
            fail_msg("%s: no %s, or out of order", job->trainer->name, keys[i]);
    }
    assert_json_text(summary, "task", job->trainer->name);
    assert_json_text(summary, "status", "done");
    assert_json_text(summary, "precision", "f32");
    assert_int_equal((int)train_number(summary, "seed"), 0);
    assert_true(train_number(summary, "epochs") > 0);
    assert_true(train_number(summary, job->trainer->score) >=
                train_kind(job->trainer)->score);
    assert_true(train_number(summary, "train_seconds") > 0);
    assert_true(train_number(summary, "samples_per_second") > 0);
    cJSON_Delete(summary);
}

static void a_run_leaves_its_files(void **state)
{
    static const char *const names[] = {"run.json", "metrics.csv",
                                        "summary.json", "checkpoint",
                                        "model.safetensors"};
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        const char *const own = train_kind(t)->file;
        const struct train_job job = job_of(state, t, "run");
        assert_status(&job, TASK_OK);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            assert_true(folder_has(job.out, names[i]));
        assert_true(!own || folder_has(job.out, own));
        /* A picture only where there is gnuplot. */
        assert_int_equal(folder_count(job.out),
                         5 + (own != NULL) + folder_has(job.out, "curves.png"));
        check_summary(&job);
    }
}

static void a_run_draws_its_curves_only_if_it_may(void **state)
{
    const struct task_trainer *const t = task_trainer_at(0);
    struct train_job job = job_of(state, t, "drawn");
    job.options = train_kind(t)->once;
    assert_status(&job, TASK_OK);
    if (!folder_has(job.out, "curves.png")) skip(); /* no gnuplot here */

    char options[512];
    (void)snprintf(options, sizeof options, "%s pictures=no",
                   train_kind(t)->once);
    job = job_of(state, t, "undrawn");
    job.options = options;
    assert_status(&job, TASK_OK);
    assert_true(folder_has(job.out, "summary.json"));
    assert_false(folder_has(job.out, "curves.png"));
}

/* Where the schedule is read in update `step`: there, or at what the rollouts
 * before that of the update have counted, when the run counts something else.
 * Every update has a row. */
static int64_t position(const struct task_table *table, const cJSON *record,
                        int64_t step)
{
    const char *const unit =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "unit"));
    if (!unit) return step;
    const int64_t epoch = (int64_t)train_number(record, "steps_per_epoch");
    const int64_t before = step / epoch * epoch;
    const double *const counts =
        task_table_column(table, strcmp(unit, "sample") == 0 ? "env_steps"
                                                             : "episodes");
    assert_non_null(counts);
    return before > 0 ? (int64_t)counts[before - 1] : 0;
}

static void check_rates(const char *out)
{
    cJSON *const record = train_json(out, "run.json");
    struct task_table table = table_of(out);
    const char *const text =
        cJSON_GetStringValue(cJSON_GetObjectItem(record, "canonical"));
    taper_schedule *s;
    assert_int_equal(taper_parse(text, strlen(text), NULL, NULL, &s, NULL),
                     TAPER_OK);
    const double last = table.step[table.count - 1];
    assert_int_equal((int64_t)last, (int64_t)train_number(record, "steps") - 1);
    for (size_t i = 0; i < table.count; i++) {
        const double lr =
            taper_at(s, position(&table, record, (int64_t)table.step[i]));
        if (memcmp(&lr, &table.lr[i], sizeof lr) != 0)
            fail_msg("%s: row %zu has rate %.17g, not %.17g", out, i,
                     table.lr[i], lr);
    }
    taper_free(s, NULL);
    task_table_free(&table);
    cJSON_Delete(record);
}

/* ---- bits ---- */

static void assert_different(const char *a, const char *b, const char *name)
{
    size_t n = 0, m = 0;
    char *const x = folder_read(a, name, &n);
    char *const y = folder_read(b, name, &m);
    assert_non_null(x);
    assert_non_null(y);
    assert_false(n == m && memcmp(x, y, n) == 0);
    free(x);
    free(y);
}

static void the_same_seed_gives_the_same_bits(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "a");
        const char *const a = job.out;
        assert_status(&job, TASK_OK);
        job.out = place(state, &job, "b");
        assert_status(&job, TASK_OK);
        assert_same_results(a, job.out);
        job.out = place(state, &job, "c");
        job.options = "seed=1";
        assert_status(&job, TASK_OK);
        assert_different(a, job.out, "metrics.csv");
        assert_different(a, job.out, "model.safetensors");
    }
}

/* And on the way, every row has the rate of the schedule. */
static void a_killed_run_ends_in_the_same_bits(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        const struct train_kind *const kind = train_kind(t);
        for (size_t v = 0; kind->variants[v]; v++) {
            struct train_job job = job_of(state, t, "whole");
            unsigned kills = 0;
            job.variant = v;
            const char *const whole = job.out = place(state, &job, "whole");
            assert_status(&job, TASK_OK);
            job.out = place(state, &job, "parts");
            job.options = "checkpoint-every=0";
            train_kill_until_done(&job, &kills);
            assert_true(kills > 0);
            assert_same_results(whole, job.out);
            check_rates(job.out);
        }
    }
}

static void ctrl_c_stops_and_resume_goes_on(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "whole");
        const char *const whole = job.out;
        char slowly[128];
        job.options = train_kind(t)->longer;
        assert_status(&job, TASK_OK);

        job.out = place(state, &job, "parts");
        (void)snprintf(slowly, sizeof slowly, "%s checkpoint-every=0",
                       job.options);
        job.options = slowly;
        const pid_t child = train_start(&job);
        assert_true(train_wait_for_checkpoint(child, job.out));
        assert_int_equal(kill(child, SIGINT), 0);
        assert_int_equal(train_wait(child), TASK_E_STOPPED);
        assert_one_line(train_message(job.out), "stopped after step");
        assert_false(folder_has(job.out, "summary.json"));
        assert_false(folder_has(job.out, "model.safetensors"));

        /* The folder alone says how to go on. */
        job.resume = true;
        job.bare = true;
        job.options = NULL;
        assert_status(&job, TASK_OK);
        assert_same_results(whole, job.out);
    }
}

/* A run of one update, so the signal is seen in the last evaluation. */
static void ctrl_c_ends_an_evaluation_or_waits_for_it(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "whole");
        const char *const whole = job.out;
        job.options = train_kind(t)->once;
        assert_status(&job, TASK_OK);
        job.out = place(state, &job, "parts");
        job.stop = true;
        assert_status(&job, train_kind(t)->patient ? TASK_OK : TASK_E_STOPPED);
        if (!train_kind(t)->patient) {
            assert_one_line(train_message(job.out),
                            "after step 1 of 1, before its evaluation");
            assert_false(folder_has(job.out, "summary.json"));
            assert_false(folder_has(job.out, "model.safetensors"));
        }
        job.resume = true;
        job.stop = false;
        assert_status(&job, TASK_OK);
        assert_same_results(whole, job.out);
    }
}

/* ---- weights ---- */

/* How many of the tensors that train are the same in both, and how many there
 * are. Statistics follow the data whatever the rate. */
static size_t same_weights(const char *a, const char *b, size_t *all)
{
    cJSON *const moved = train_moved(a, b);
    const cJSON *item;
    size_t same = 0;
    *all = 0;
    cJSON_ArrayForEach(item, moved)
    {
        if (strstr(item->string, "running_")) continue;
        same += cJSON_IsFalse(item) != 0;
        ++*all;
    }
    cJSON_Delete(moved);
    return same;
}

static void a_rate_of_zero_trains_nothing(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "one");
        const char *const one = job.out;
        char options[128];
        size_t all;
        (void)snprintf(options, sizeof options, "schedule=0 %s",
                       train_kind(t)->once);
        job.options = options;
        assert_status(&job, TASK_OK);
        job.options = "schedule=0";
        job.out = place(state, &job, "many");
        assert_status(&job, TASK_OK);
        const size_t same = same_weights(one, job.out, &all);
        assert_true(all > 4);
        assert_int_equal(same, all);
        /* Any other rate moves every tensor. */
        job.options = "schedule=1e-3";
        job.out = place(state, &job, "moved");
        assert_status(&job, TASK_OK);
        assert_int_equal(same_weights(one, job.out, &all), 0);
    }
}

static void a_diverged_run_keeps_its_folder(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "run");
        job.options = train_kind(t)->diverges;
        assert_status(&job, TASK_E_DIVERGED);
        assert_one_line(train_message(job.out), "diverged at step ");
        assert_one_line(train_message(job.out), "at rate 1000000");
        cJSON *const summary = train_json(job.out, "summary.json");
        assert_json_text(summary, "status", "diverged");
        struct task_table table = table_of(job.out);
        assert_int_equal(table.count, (size_t)train_number(summary, "steps"));
        task_table_free(&table);
        cJSON_Delete(summary);
        job.resume = true;
        assert_status(&job, TASK_E_DIVERGED);
        assert_one_line(train_message(job.out), "cannot be continued");
    }
}

/* ---- what a folder holds ---- */

static ino_t file_of(const char *out, const char *name)
{
    struct stat info;
    assert_int_equal(stat(folder_path(out, name), &info), 0);
    return info.st_ino;
}

static void a_finished_run_stays_finished(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "run");
        assert_status(&job, TASK_OK);
        const ino_t before = file_of(job.out, "summary.json");
        job.resume = true;
        assert_status(&job, TASK_OK);
        assert_int_equal(file_of(job.out, "summary.json"), before);
        job.resume = false;
        assert_status(&job, TASK_E_USAGE);
        assert_one_line(train_message(job.out), "holds a run already");
        assert_one_line(train_message(job.out), "--resume");
    }
}

/* A tokenizer of another run beside the model would be taken for its own. */
static void a_file_in_the_way_of_a_run_is_kept(void **state)
{
    static const char *const names[] = {"metrics.csv",       "checkpoint",
                                        "model.safetensors", "curves.png",
                                        "summary.json",      "tokenizer.txt",
                                        TASK_LINES_FILE,     TASK_EVENTS_FILE};
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "taken");
        assert_int_equal(mkdir(job.out, 0777), 0);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            size_t n;
            folder_write(job.out, names[i], "mine", 4);
            assert_status(&job, TASK_E_USAGE);
            assert_one_line(train_message(job.out), names[i]);
            char *const kept = folder_read(job.out, names[i], &n);
            assert_string_equal(kept, "mine");
            free(kept);
            assert_int_equal(folder_count(job.out), 1);
            assert_int_equal(unlink(folder_path(job.out, names[i])), 0);
        }
    }
}

static void a_resume_that_contradicts_is_refused(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "run");
        job.resume = true;
        assert_status(&job, TASK_E_USAGE);
        assert_one_line(train_message(job.out), "holds no run");
        job.resume = false;
        assert_status(&job, TASK_OK);
        (void)unlink(folder_path(job.out, "summary.json"));

        job.resume = true;
        job.options = "seed=5";
        assert_status(&job, TASK_E_USAGE);
        assert_one_line(train_message(job.out), "--seed differs");
        job.options = "schedule=0.123";
        assert_status(&job, TASK_E_USAGE);
        assert_one_line(train_message(job.out), "--schedule differs");
        job.options = NULL;
        if (!job.data) continue;
        /* Other data under the same name. */
        train_kind(t)->write(job.data, train_kind(t)->samples - 6);
        assert_status(&job, TASK_E_DATA);
        assert_one_line(train_message(job.out), "are not those");
    }
}

/* The fingerprint says whether it is the same data, not the folder. */
static void data_may_move_before_a_resume(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "run");
        if (!job.data) continue;
        assert_status(&job, TASK_OK);
        (void)unlink(folder_path(job.out, "summary.json"));
        const char *const moved = place(state, &job, "moved");
        assert_int_equal(rename(job.data, moved), 0);
        job.data = moved;
        job.resume = true;
        assert_status(&job, TASK_OK);
        assert_true(folder_has(job.out, "summary.json"));
    }
}

/* Other software may round otherwise, and so may another CPU. */
static void a_resume_by_other_software_says_so(void **state)
{
    static const char *const keys[] = {"taper", "onednn", "kernels", "bf16"};
    enum { KEYS = sizeof keys / sizeof keys[0] };
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "run");
        job.options = "pictures=no";
        assert_status(&job, TASK_OK);
        job.resume = true;
        for (size_t i = 0; i <= KEYS; i++) {
            cJSON *const record = train_json(job.out, "run.json");
            cJSON *const software = cJSON_GetObjectItem(record, "software");
            char *const was = cJSON_Print(record);
            if (i < KEYS)
                assert_true(
                    cJSON_ReplaceItemInObject(software, keys[i],
                                              cJSON_CreateString("another")));
            char *const text = cJSON_Print(record);
            folder_write(job.out, "run.json", text, strlen(text));
            (void)unlink(folder_path(job.out, "summary.json"));
            assert_status(&job, TASK_OK);
            assert_int_equal(strstr(train_notes(job.out), "on another CPU") !=
                                 NULL,
                             i < KEYS);
            folder_write(job.out, "run.json", was, strlen(was));
            cJSON_free(text);
            cJSON_free(was);
            cJSON_Delete(record);
        }
    }
}

static void assert_damaged(const struct train_job *job, const char *record,
                           enum task_status status, const char *part)
{
    folder_write(job->out, "run.json", record, strlen(record));
    assert_status(job, (int)status);
    assert_one_line(train_message(job->out), part);
}

static void damaged_run_files_are_one_line(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "run");
        size_t n, m;
        char text[64];
        assert_status(&job, TASK_OK);
        (void)unlink(folder_path(job.out, "summary.json"));
        job.resume = true;

        char *const checkpoint = folder_read(job.out, "checkpoint", &n);
        folder_write(job.out, "checkpoint", checkpoint, n / 2);
        assert_status(&job, TASK_E_FORMAT);
        assert_one_line(train_message(job.out), "checkpoint is damaged");
        folder_write(job.out, "checkpoint", checkpoint, n);
        free(checkpoint);

        char *const record = folder_read(job.out, "run.json", &m);
        record[m / 2] = '\0';
        assert_damaged(&job, record, TASK_E_FORMAT, "is not a JSON object");
        (void)snprintf(text, sizeof text, "{\"task\":\"%s\"}", t->name);
        assert_damaged(&job, text, TASK_E_FORMAT, "run.json");
        assert_damaged(&job, "{\"task\":\"other\"}", TASK_E_USAGE,
                       "taper train other");
        free(record);
    }
}

/* A checkpoint of which half fits. */
static void a_full_disk_leaves_no_half_file(void **state)
{
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        struct train_job job = job_of(state, t, "whole");
        const char *const whole = job.out;
        struct stat info, other;
        assert_status(&job, TASK_OK);
        assert_int_equal(stat(folder_path(whole, "checkpoint"), &info), 0);
        assert_int_equal(stat(folder_path(whole, "metrics.csv"), &other), 0);
        assert_true(other.st_size < info.st_size / 2);

        job.out = place(state, &job, "full");
        job.file_limit = (rlim_t)info.st_size / 2;
        assert_status(&job, TASK_E_FILE);
        assert_one_line(train_message(job.out), "checkpoint: File too large");
        assert_false(folder_has(job.out, "checkpoint"));
        assert_false(folder_has(job.out, "checkpoint.tmp"));
        /* With room again, the run goes on. */
        job.file_limit = 0;
        job.resume = true;
        assert_status(&job, TASK_OK);
        assert_same_results(whole, job.out);
    }
}

static void what_cannot_be_is_one_line(void **state)
{
    static const struct {
        const char *options, *plan, *part;
    } cases[] = {
        {"schedule=cosin(1,0,10)", NULL, "cosine"},
        {"schedule=linear(0.01,-0.01,10)", NULL, "a rate must be 0 or more"},
        {"controller=platau()", NULL, "did you mean 'plateau'?"},
        {"controller=cooldown schedule=0.1", NULL, "is one part"},
        {"schedule=0.1", "lr = 0.1", "--plan and --schedule exclude each"},
        {NULL, "lr = 0.1; lr[whiten] = 1", "'whiten'"},
        {NULL, "clip = 1", "the plan has no lr"},
    };
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct train_job job = job_of(state, t, "run");
            job.options = cases[i].options;
            job.plan = cases[i].plan;
            job.bare = !job.options; /* the usual ones may have a schedule */
            assert_status(&job, TASK_E_USAGE);
            assert_one_line(train_message(job.out), cases[i].part);
            assert_false(folder_has(job.out, "."));
        }
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_run_leaves_its_files),
        TEST(a_run_draws_its_curves_only_if_it_may),
        TEST(the_same_seed_gives_the_same_bits),
        TEST(a_killed_run_ends_in_the_same_bits),
        TEST(ctrl_c_stops_and_resume_goes_on),
        TEST(ctrl_c_ends_an_evaluation_or_waits_for_it),
        TEST(a_rate_of_zero_trains_nothing),
        TEST(a_diverged_run_keeps_its_folder),
        TEST(a_finished_run_stays_finished),
        TEST(a_file_in_the_way_of_a_run_is_kept),
        TEST(a_resume_that_contradicts_is_refused),
        TEST(data_may_move_before_a_resume),
        TEST(a_resume_by_other_software_says_so),
        TEST(damaged_run_files_are_one_line),
        TEST(a_full_disk_leaves_no_half_file),
        TEST(what_cannot_be_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
