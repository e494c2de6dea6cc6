/* What is the image trainer's own, end to end on a tiny data set: its records,
 * its tensors, and what of its state must come back after a kill. What is true
 * of every trainer is in test_every_task.c. */
#include "task/folder.h"
#include "task/metrics.h"
#include "task/safetensors.h"
#include "task/train_job.h"

static void a_run_says_what_it_was(void **state)
{
    const char *const data = train_data(state, &task_image);
    const char *const out = folder_path(*state, "a/b/run");
    const struct train_job job = {.trainer = &task_image,
                                  .data = data,
                                  .out = out};
    assert_int_equal(train_run(&job), TASK_OK);
    cJSON *const summary = train_json(out, "summary.json");
    assert_json_text(summary, "model", "cnn");
    assert_int_equal((int)train_number(summary, "steps"), 36);
    assert_int_equal((int)train_number(summary, "threads"), 2);
    /* Three bright bands are learnt in three epochs; chance is a third. */
    assert_true(train_number(summary, "test_accuracy") > 0.8);
    assert_true(train_number(summary, "final_loss") < 1.0);
    cJSON_Delete(summary);

    cJSON *const record = train_json(out, "run.json");
    assert_json_text(record, "task", "image");
    assert_int_equal((int)train_number(record, "steps"), 36);
    assert_int_equal((int)train_number(record, "steps_per_epoch"), 12);
    /* Filters, scales and shifts of four convolutions; the head's matrix and
     * bias for three classes. */
    assert_int_equal((int)train_number(record, "parameters"),
                     (1 * 9 + 2) * 32 + (32 * 9 + 2) * 64 + (64 * 9 + 2) * 128 +
                         (128 * 9 + 2) * 128 + (128 + 1) * 3);
    const cJSON *const options =
        cJSON_GetObjectItemCaseSensitive(record, "options");
    assert_int_equal((int)train_number(options, "batch"), 8);
    cJSON_Delete(record);
}

static void the_weights_are_named_tensors(void **state)
{
    const char *const data = train_data(state, &task_image);
    const char *const out = folder_path(*state, "run");
    const struct train_job job = {.trainer = &task_image,
                                  .data = data,
                                  .out = out};
    assert_int_equal(train_run(&job), TASK_OK);
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

/* With a controller that has lowered the rate by the end. */
static void a_killed_controlled_run_ends_in_the_same_bits(void **state)
{
    static const char options[] =
        "checkpoint-every=0 schedule=0.01 eval-every=0.25 "
        "controller=plateau(0.5,0,threshold=0.5) monitor=train_loss";
    const char *const data = train_data(state, &task_image);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const struct train_job whole = {.trainer = &task_image,
                                    .data = data,
                                    .out = a,
                                    .options = options};
    assert_int_equal(train_run(&whole), TASK_OK);
    unsigned kills = 0;
    const struct train_job parts = {.trainer = &task_image,
                                    .data = data,
                                    .out = b,
                                    .options = options};
    train_kill_until_done(&parts, &kills);
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
    cJSON *const record = train_json(b, "run.json");
    const cJSON *const chosen =
        cJSON_GetObjectItemCaseSensitive(record, "options");
    assert_json_text(chosen, "controller", "plateau(0.5,0,threshold=0.5)");
    assert_json_text(chosen, "monitor", "train_loss");
    cJSON_Delete(record);
}

static void assert_killed_same(void **state, const char *options)
{
    const char *const data = train_data(state, &task_image);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const struct train_job whole = {.trainer = &task_image,
                                    .data = data,
                                    .out = a,
                                    .options = options};
    assert_int_equal(train_run(&whole), TASK_OK);
    unsigned kills = 0;
    const struct train_job parts = {.trainer = &task_image,
                                    .data = data,
                                    .out = b,
                                    .options = options};
    train_kill_until_done(&parts, &kills);
    assert_same_results(a, b);
}

/* The whitening network has more that must come back: its filters are made
 * from images, and a bias that stops learning. */
static void the_whitening_network_resumes_as_well(void **state)
{
    assert_killed_same(state, "model=airbench94 optimizer=sgd batch=32 "
                              "epochs=3 whiten-epochs=1 checkpoint-every=0");
}

/* Whichever thread steps a matrix. */
static void muon_resumes_as_well(void **state)
{
    assert_killed_same(state, "model=airbench94 optimizer=muon batch=32 "
                              "epochs=3 whiten-epochs=1 checkpoint-every=0 "
                              "threads=2");
}

static void what_cannot_be_is_one_line(void **state)
{
    const char *const data = train_data(state, &task_image);
    const char *const out = folder_path(*state, "run");
    static const struct {
        const char *options;
        enum task_status status;
        const char *part;
    } cases[] = {
        {"model=cmn", TASK_E_USAGE, "did you mean cnn?"},
        {"schedule=cosin(1,0,10)", TASK_E_USAGE, "cosine"},
        {"schedule=linear(0.01,-0.01,36)", TASK_E_USAGE, "at step 19"},
        {"schedule=hold(1,9tok)", TASK_E_USAGE, "no tokens (tok) in this task"},
        {"controller=platau()", TASK_E_USAGE, "did you mean 'plateau'?"},
        {"controller=plateau monitor=test_accuracy", TASK_E_USAGE, "mode=max"},
        {"controller=plateau(mode=max)", TASK_E_USAGE, "mode=min"},
        {"controller=cooldown schedule=0.1", TASK_E_USAGE, "is one part"},
        {"batch=97", TASK_E_USAGE, "96 training images"},
        {"threads=9", TASK_E_USAGE, "--threads 9"},
        {"crop=12", TASK_E_USAGE, "--crop 12"},
        {"cutout=13", TASK_E_USAGE, "--cutout 13"},
        {"model=airbench94 optimizer=adam", TASK_E_USAGE, "--schedule"},
        /* A decay that a tiny rate of shifts makes infinite. */
        {"decay-all=yes weight-decay=1e6 shift-rate=1e-305", TASK_E_USAGE,
         "weight decay must be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct train_job job = {.trainer = &task_image,
                                      .data = data,
                                      .out = out,
                                      .options = cases[i].options};
        assert_int_equal(train_run(&job), cases[i].status);
        assert_one_line(train_message(out), cases[i].part);
        assert_false(folder_has(*state, "run"));
    }
    const struct train_job nowhere = {.trainer = &task_image,
                                      .data = "fashion-mnits",
                                      .out = out};
    assert_int_equal(train_run(&nowhere), TASK_E_USAGE);
    assert_one_line(train_message(out), "fashion-mnist");
}

/* Normalisations of a few images each would learn worse on more CPUs. */
static void a_thread_by_default_has_16_images(void **state)
{
    const char *const data = train_data(state, &task_image);
    const char *const out = folder_path(*state, "run");
    const struct train_job job = {.trainer = &task_image,
                                  .data = data,
                                  .out = out,
                                  .options = "threads=0 batch=31 epochs=1"};
    assert_int_equal(train_run(&job), TASK_OK);
    cJSON *const summary = train_json(out, "summary.json");
    assert_int_equal((int)train_number(summary, "threads"), 1);
    cJSON_Delete(summary);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_run_says_what_it_was),
        TEST(the_weights_are_named_tensors),
        TEST(a_killed_controlled_run_ends_in_the_same_bits),
        TEST(the_whitening_network_resumes_as_well),
        TEST(muon_resumes_as_well),
        TEST(what_cannot_be_is_one_line),
        TEST(a_thread_by_default_has_16_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
