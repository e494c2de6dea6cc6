/* The image trainer end to end on a tiny data set: what a run leaves behind,
 * and that it ends in the same bits however often it was killed. */
#include "task/folder.h"
#include "task/image_job.h"
#include "task/metrics.h"
#include "task/safetensors.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <taper.h>
#include <unistd.h>

static void a_run_leaves_its_files(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "a/b/run");
    const struct image_job job = {.data = data, .out = out};
    assert_int_equal(image_run(&job), TASK_OK);
    static const char *const names[] = {"run.json", "metrics.csv",
                                        "summary.json", "checkpoint",
                                        "model.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(folder_has(out, names[i]));
    assert_int_equal(folder_count(out), 5 + folder_has(out, "curves.png"));

    cJSON *const summary = image_json(out, "summary.json");
    assert_json_text(summary, "task", "image");
    assert_json_text(summary, "model", "cnn");
    assert_json_text(summary, "status", "done");
    assert_json_text(summary, "precision", "f32");
    assert_int_equal((int)image_number(summary, "steps"), 36);
    assert_int_equal((int)image_number(summary, "threads"), 2);
    /* Three bright bands are learnt in three epochs; chance is a third. */
    assert_true(image_number(summary, "test_accuracy") > 0.8);
    assert_true(image_number(summary, "final_loss") < 1.0);
    assert_true(image_number(summary, "train_seconds") > 0);
    assert_true(image_number(summary, "samples_per_second") > 0);
    cJSON_Delete(summary);

    cJSON *const record = image_json(out, "run.json");
    assert_json_text(record, "task", "image");
    assert_int_equal((int)image_number(record, "steps"), 36);
    assert_int_equal((int)image_number(record, "steps_per_epoch"), 12);
    /* Filters, scales and shifts of four convolutions; the head's matrix and
     * bias for three classes. */
    assert_int_equal((int)image_number(record, "parameters"),
                     (1 * 9 + 2) * 32 + (32 * 9 + 2) * 64 + (64 * 9 + 2) * 128 +
                         (128 * 9 + 2) * 128 + (128 + 1) * 3);
    const cJSON *const options =
        cJSON_GetObjectItemCaseSensitive(record, "options");
    assert_int_equal((int)image_number(options, "batch"), 8);
    const char *const canonical =
        cJSON_GetStringValue(cJSON_GetObjectItem(record, "canonical"));
    taper_schedule *s;
    assert_int_equal(taper_parse(canonical, strlen(canonical), NULL, NULL, &s,
                                 NULL),
                     TAPER_OK);
    struct task_table table;
    struct task_error err;
    assert_int_equal(task_table_read(folder_path(out, "metrics.csv"), &table,
                                     &err),
                     TASK_OK);
    assert_int_equal(table.count, 36);
    for (size_t i = 0; i < table.count; i++) {
        const double lr = taper_at(s, (int64_t)i);
        assert_memory_equal(&lr, &table.lr[i], sizeof lr);
    }
    task_table_free(&table);
    taper_free(s, NULL);
    cJSON_Delete(record);
}

static void the_weights_are_named_tensors(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    const struct image_job job = {.data = data, .out = out};
    assert_int_equal(image_run(&job), TASK_OK);
    struct task_safetensors *f;
    struct task_error err;
    assert_int_equal(
        task_safetensors_open(folder_path(out, "model.safetensors"), &f, &err),
        TASK_OK);
    float filters[32 * 9];
    const struct task_tensor like = {.name = "conv1.weight",
                                     .dims = 4,
                                     .dim = {32, 1, 3, 3}};
    assert_int_equal(task_safetensors_load(f, &like, filters, &err), TASK_OK);
    float mean[32];
    const struct task_tensor running = {.name = "norm1.running_mean",
                                        .dims = 1,
                                        .dim = {32}};
    assert_int_equal(task_safetensors_load(f, &running, mean, &err), TASK_OK);
    assert_string_equal(task_safetensors_metadata(f, "model"), "cnn");
    task_safetensors_close(f);
}

static void the_same_seed_gives_the_same_bits(void **state)
{
    const char *const data = image_data(state);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const char *const c = folder_path(*state, "c");
    const struct image_job first = {.data = data, .out = a};
    const struct image_job second = {.data = data, .out = b};
    const struct image_job other = {.data = data,
                                    .out = c,
                                    .options = "seed=1"};
    assert_int_equal(image_run(&first), TASK_OK);
    assert_int_equal(image_run(&second), TASK_OK);
    assert_int_equal(image_run(&other), TASK_OK);
    assert_same_results(a, b);
    size_t n, m;
    char *const x = folder_read(a, "metrics.csv", &n);
    char *const y = folder_read(c, "metrics.csv", &m);
    assert_string_not_equal(x, y);
    free(x);
    free(y);
}

static void a_killed_run_ends_in_the_same_bits(void **state)
{
    static const char *const options[] = {
        "checkpoint-every=0",
        "checkpoint-every=0 optimizer=sgd schedule=0.05 lookahead=5 "
        "flip=alternating crop=2 pad=reflect tta=yes log-every=5 epochs=2.5"};
    const char *const data = image_data(state);
    for (size_t i = 0; i < 2; i++) {
        const char *const a = folder_path(*state, i ? "a1" : "a0");
        const char *const b = folder_path(*state, i ? "b1" : "b0");
        const struct image_job whole = {.data = data,
                                        .out = a,
                                        .options = options[i]};
        assert_int_equal(image_run(&whole), TASK_OK);
        unsigned kills = 0;
        const struct image_job parts = {.data = data,
                                        .out = b,
                                        .options = options[i]};
        image_kill_until_done(&parts, &kills);
        assert_same_results(a, b);
        assert_true(kills > 0);
    }
}

/* With a controller that has lowered the rate by the end. */
static void a_killed_controlled_run_ends_in_the_same_bits(void **state)
{
    static const char options[] =
        "checkpoint-every=0 schedule=0.01 eval-every=0.25 "
        "controller=plateau(0.5,0,threshold=0.5) monitor=train_loss";
    const char *const data = image_data(state);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const struct image_job whole = {.data = data, .out = a, .options = options};
    assert_int_equal(image_run(&whole), TASK_OK);
    unsigned kills = 0;
    const struct image_job parts = {.data = data, .out = b, .options = options};
    image_kill_until_done(&parts, &kills);
    assert_same_results(a, b);
    assert_true(kills > 0);

    struct task_table table;
    struct task_error err;
    assert_int_equal(task_table_read(folder_path(b, "metrics.csv"), &table,
                                     &err),
                     TASK_OK);
    assert_true(table.lr[0] >= 0.01 && table.lr[0] <= 0.01);
    assert_true(table.lr[table.count - 1] < 0.006);
    task_table_free(&table);
    cJSON *const record = image_json(b, "run.json");
    const cJSON *const chosen =
        cJSON_GetObjectItemCaseSensitive(record, "options");
    assert_json_text(chosen, "controller", "plateau(0.5,0,threshold=0.5)");
    assert_json_text(chosen, "monitor", "train_loss");
    cJSON_Delete(record);
}

/* The whitening network has more that must come back: its filters are made
 * from images, and a bias that stops learning. */
static void the_whitening_network_resumes_as_well(void **state)
{
    const char *const data = image_data(state);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    static const char options[] = "model=airbench94 batch=32 epochs=3 "
                                  "whiten-epochs=1 checkpoint-every=0";
    const struct image_job whole = {.data = data, .out = a, .options = options};
    assert_int_equal(image_run(&whole), TASK_OK);
    unsigned kills = 0;
    const struct image_job parts = {.data = data, .out = b, .options = options};
    image_kill_until_done(&parts, &kills);
    assert_same_results(a, b);
}

static void ctrl_c_stops_and_resume_goes_on(void **state)
{
    const char *const data = image_data(state);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    static const char options[] = "epochs=40";
    const struct image_job whole = {.data = data, .out = a, .options = options};
    struct image_job parts = {.data = data, .out = b, .options = options};
    assert_int_equal(image_run(&whole), TASK_OK);
    const pid_t child = image_start(&parts);
    for (int i = 0; i < 10000 && !folder_has(b, "checkpoint"); i++)
        image_sleep(5);
    assert_int_equal(kill(child, SIGINT), 0);
    assert_int_equal(image_wait(child), TASK_E_STOPPED);
    assert_one_line(image_message(b), "stopped after step");
    assert_false(folder_has(b, "summary.json"));
    parts.resume = true;
    assert_int_equal(image_run(&parts), TASK_OK);
    assert_same_results(a, b);
}

/* A run of one update, so the signal is seen in the last evaluation. */
static void ctrl_c_ends_an_evaluation(void **state)
{
    const char *const data = image_data(state);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    static const char options[] = "batch=96 epochs=1 tta=yes";
    const struct image_job whole = {.data = data, .out = a, .options = options};
    struct image_job parts = {.data = data,
                              .out = b,
                              .options = options,
                              .stop = true};
    assert_int_equal(image_run(&whole), TASK_OK);
    assert_int_equal(image_run(&parts), TASK_E_STOPPED);
    assert_one_line(image_message(b),
                    "after step 1 of 1, before its evaluation");
    assert_false(folder_has(b, "summary.json"));
    assert_false(folder_has(b, "model.safetensors"));
    parts.resume = true;
    parts.stop = false;
    assert_int_equal(image_run(&parts), TASK_OK);
    assert_same_results(a, b);
}

static void a_finished_run_stays_finished(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    struct image_job job = {.data = data, .out = out};
    assert_int_equal(image_run(&job), TASK_OK);
    struct stat before, after;
    assert_int_equal(stat(folder_path(out, "summary.json"), &before), 0);
    job.resume = true;
    assert_int_equal(image_run(&job), TASK_OK);
    assert_int_equal(stat(folder_path(out, "summary.json"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);

    job.resume = false;
    assert_int_equal(image_run(&job), TASK_E_USAGE);
    assert_one_line(image_message(out), "holds a run already");
    assert_one_line(image_message(out), "--resume");
}

static void a_diverged_run_keeps_its_folder(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    struct image_job job = {.data = data,
                            .out = out,
                            .options = "optimizer=sgd schedule=1e6 epochs=20"};
    assert_int_equal(image_run(&job), TASK_E_DIVERGED);
    assert_one_line(image_message(out), "diverged at step ");
    assert_one_line(image_message(out), "at rate 1000000");
    cJSON *const summary = image_json(out, "summary.json");
    assert_json_text(summary, "status", "diverged");
    struct task_table table;
    struct task_error err;
    assert_int_equal(task_table_read(folder_path(out, "metrics.csv"), &table,
                                     &err),
                     TASK_OK);
    assert_int_equal(table.count, (size_t)image_number(summary, "steps"));
    task_table_free(&table);
    cJSON_Delete(summary);
    job.resume = true;
    assert_int_equal(image_run(&job), TASK_E_DIVERGED);
    assert_one_line(image_message(out), "cannot be continued");
}

static void a_rate_of_zero_trains_nothing(void **state)
{
    const char *const data = image_data(state);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const struct image_job one = {.data = data,
                                  .out = a,
                                  .options = "schedule=0 epochs=0.01"};
    const struct image_job many = {.data = data,
                                   .out = b,
                                   .options = "schedule=0"};
    assert_int_equal(image_run(&one), TASK_OK);
    assert_int_equal(image_run(&many), TASK_OK);
    struct task_safetensors *x, *y;
    struct task_error err;
    assert_int_equal(task_safetensors_open(folder_path(a, "model.safetensors"),
                                           &x, &err),
                     TASK_OK);
    assert_int_equal(task_safetensors_open(folder_path(b, "model.safetensors"),
                                           &y, &err),
                     TASK_OK);
    static float p[64 * 32 * 9], q[64 * 32 * 9];
    const struct task_tensor like = {.name = "conv2.weight",
                                     .dims = 4,
                                     .dim = {64, 32, 3, 3}};
    assert_int_equal(task_safetensors_load(x, &like, p, &err), TASK_OK);
    assert_int_equal(task_safetensors_load(y, &like, q, &err), TASK_OK);
    assert_memory_equal(p, q, sizeof p);
    task_safetensors_close(x);
    task_safetensors_close(y);
}

static void what_cannot_be_is_one_line(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    static const struct {
        const char *options;
        enum task_status status;
        const char *part;
    } cases[] = {
        {"model=cmn", TASK_E_USAGE, "did you mean cnn?"},
        {"schedule=cosin(1,0,10)", TASK_E_USAGE, "cosine"},
        {"schedule=linear(0.01,-0.01,36)", TASK_E_USAGE, "at step 19"},
        {"schedule=hold(1,9tok)", TASK_E_USAGE, "this task has no tokens"},
        {"controller=platau()", TASK_E_USAGE, "did you mean 'plateau'?"},
        {"controller=plateau monitor=test_accuracy", TASK_E_USAGE, "mode=max"},
        {"controller=plateau(mode=max)", TASK_E_USAGE, "mode=min"},
        {"controller=cooldown schedule=0.1", TASK_E_USAGE, "is one part"},
        {"batch=97", TASK_E_USAGE, "96 training images"},
        {"threads=9", TASK_E_USAGE, "--threads 9"},
        {"crop=12", TASK_E_USAGE, "--crop 12"},
        {"model=airbench94 optimizer=adam", TASK_E_USAGE, "--schedule"},
        /* A decay that a tiny rate of shifts makes infinite. */
        {"decay-all=yes weight-decay=1e6 shift-rate=1e-305", TASK_E_USAGE,
         "weight decay must be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct image_job job = {.data = data,
                                      .out = out,
                                      .options = cases[i].options};
        assert_int_equal(image_run(&job), cases[i].status);
        assert_one_line(image_message(out), cases[i].part);
        assert_false(folder_has(*state, "run"));
    }
    const struct image_job nowhere = {.data = "fashion-mnits", .out = out};
    assert_int_equal(image_run(&nowhere), TASK_E_USAGE);
    assert_one_line(image_message(out), "fashion-mnist");
}

static void a_resume_that_contradicts_is_refused(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    struct image_job job = {.data = data, .out = out, .resume = true};
    assert_int_equal(image_run(&job), TASK_E_USAGE);
    assert_one_line(image_message(out), "holds no run");
    job.resume = false;
    assert_int_equal(image_run(&job), TASK_OK);
    (void)unlink(folder_path(out, "summary.json"));

    job.resume = true;
    job.options = "seed=5";
    assert_int_equal(image_run(&job), TASK_E_USAGE);
    assert_one_line(image_message(out), "--seed differs");

    /* Other data under the same name. */
    job.options = NULL;
    folder_images(data, 90, 30, 12);
    assert_int_equal(image_run(&job), TASK_E_DATA);
    assert_one_line(image_message(out), "are not those");
}

static void damaged_run_files_are_one_line(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    struct image_job job = {.data = data, .out = out};
    assert_int_equal(image_run(&job), TASK_OK);
    (void)unlink(folder_path(out, "summary.json"));
    job.resume = true;

    size_t n, m;
    char *const checkpoint = folder_read(out, "checkpoint", &n);
    folder_write(out, "checkpoint", checkpoint, n / 2);
    assert_int_equal(image_run(&job), TASK_E_FORMAT);
    assert_one_line(image_message(out), "checkpoint is damaged");
    folder_write(out, "checkpoint", checkpoint, n);
    free(checkpoint);

    char *const record = folder_read(out, "run.json", &m);
    folder_write(out, "run.json", record, m / 2);
    assert_int_equal(image_run(&job), TASK_E_FORMAT);
    assert_one_line(image_message(out), "run.json is not a JSON object");
    folder_write(out, "run.json", "{\"task\":\"image\"}", 16);
    assert_int_equal(image_run(&job), TASK_E_FORMAT);
    assert_one_line(image_message(out), "run.json");
    folder_write(out, "run.json", "{\"task\":\"text\"}", 15);
    assert_int_equal(image_run(&job), TASK_E_USAGE);
    assert_one_line(image_message(out), "taper train text");
    folder_write(out, "run.json", record, m);
    free(record);

    /* Whole again, it only writes its summary anew. */
    assert_int_equal(image_run(&job), TASK_OK);
    assert_true(folder_has(out, "summary.json"));
}

/* The fingerprint says whether it is the same data, not the folder. */
static void data_may_move_before_a_resume(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    const char *const moved = folder_path(*state, "moved");
    struct image_job job = {.data = data, .out = out};
    assert_int_equal(image_run(&job), TASK_OK);
    (void)unlink(folder_path(out, "summary.json"));
    assert_int_equal(rename(data, moved), 0);
    job.data = moved;
    job.resume = true;
    assert_int_equal(image_run(&job), TASK_OK);
    assert_true(folder_has(out, "summary.json"));
}

/* Normalisations of a few images each would learn worse on more CPUs. */
static void a_thread_by_default_has_16_images(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    const struct image_job job = {.data = data,
                                  .out = out,
                                  .options = "threads=0 batch=31 epochs=1"};
    assert_int_equal(image_run(&job), TASK_OK);
    cJSON *const summary = image_json(out, "summary.json");
    assert_int_equal((int)image_number(summary, "threads"), 1);
    cJSON_Delete(summary);
}

/* A disk that is full at the first checkpoint. */
static void a_full_disk_leaves_no_half_file(void **state)
{
    const char *const data = image_data(state);
    const char *const out = folder_path(*state, "run");
    struct image_job job = {.data = data, .out = out, .file_limit = 100000};
    assert_int_equal(image_run(&job), TASK_E_FILE);
    assert_one_line(image_message(out), "checkpoint: File too large");
    assert_false(folder_has(out, "checkpoint"));
    assert_false(folder_has(out, "checkpoint.tmp"));
    /* With room again, the run goes on. */
    job.file_limit = 0;
    job.resume = true;
    assert_int_equal(image_run(&job), TASK_OK);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_run_leaves_its_files),
        TEST(the_weights_are_named_tensors),
        TEST(the_same_seed_gives_the_same_bits),
        TEST(a_killed_run_ends_in_the_same_bits),
        TEST(a_killed_controlled_run_ends_in_the_same_bits),
        TEST(the_whitening_network_resumes_as_well),
        TEST(ctrl_c_stops_and_resume_goes_on),
        TEST(ctrl_c_ends_an_evaluation),
        TEST(a_finished_run_stays_finished),
        TEST(a_diverged_run_keeps_its_folder),
        TEST(a_rate_of_zero_trains_nothing),
        TEST(what_cannot_be_is_one_line),
        TEST(a_resume_that_contradicts_is_refused),
        TEST(damaged_run_files_are_one_line),
        TEST(data_may_move_before_a_resume),
        TEST(a_thread_by_default_has_16_images),
        TEST(a_full_disk_leaves_no_half_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
