/* The image trainer under a plan, and under a schedule from a file: what the
 * plan drives, what is refused, and that a run can be repeated and resumed from
 * its folder alone. */
#include "task/folder.h"
#include "task/metrics.h"
#include "task/safetensors.h"
#include "task/train_job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CURVE "linear(0,5e-3,4) then cosine(to=0)"

/* A finished run into `name`; its folder. */
static const char *trained(void **state, const char *name, const char *options,
                           const char *plan)
{
    const char *const out = folder_path(*state, name);
    const struct train_job job = {.trainer = &task_image,
                                  .data = folder_path(*state, "image-data"),
                                  .out = out,
                                  .options = options,
                                  .plan = plan};
    if (train_run(&job) != TASK_OK) fail_msg("%s", train_message(out));
    return out;
}

static void assert_same_weights(const char *a, const char *b, bool same)
{
    size_t n, m;
    char *const x = folder_read(a, "model.safetensors", &n);
    char *const y = folder_read(b, "model.safetensors", &m);
    assert_int_equal(n, m);
    if ((memcmp(x, y, n) == 0) != same)
        fail_msg("%s and %s are %s", a, b, same ? "not the same" : "the same");
    free(x);
    free(y);
}

/* A plan that says what the options say changes no bit, whatever of it is for
 * groups. */
static void what_changes_nothing_changes_no_bit(void **state)
{
    static const struct {
        const char *common, *options, *plan;
    } cases[] = {
        {"optimizer=sgd ",
         "schedule=0.05 momentum=0.9 weight-decay=0.01 label-smoothing=0.1 "
         "clip=2",
         "lr = 0.05; lr[head] = lr; lr[weight] = 1 * lr; lr[norm] = lr\n"
         "momentum = 0.9; weight_decay = 0.01; label_smoothing = 0.1\n"
         "clip = 2; weight_decay[weight] = weight_decay"},
        {"optimizer=adamw shift-rate=3 decay-all=yes ",
         "schedule=0.002 weight-decay=0.05",
         "lr = 0.002; beta1 = 0.9; beta2 = 0.999; weight_decay = 0.05\n"
         "lr[norm] = lr; weight_decay[norm] = 0.05; lr[bias] = lr"},
        {"model=airbench94 batch=32 whiten-epochs=1 ",
         "schedule=0.1 weight-decay=0.01",
         "lr = 0.1; lr[whiten] = lr; weight_decay = 0.01\n"
         "weight_decay[whiten] = weight_decay"},
        /* A higher rate of all but the filters is not for their decay. */
        {"optimizer=muon decay-all=yes shift-rate=2 ",
         "schedule=0.02 weight-decay=0.25 other-rate=2",
         "lr = 0.02; lr[head] = 2 * lr; lr[norm] = 2 * lr\n"
         "weight_decay = 0.125"},
        /* The recipe has 18.4 for the rate of the others. */
        {"optimizer=muon model=airbench94 batch=32 whiten-epochs=1 "
         "shift-rate=1 ",
         "schedule=0.02 weight-decay=0.25 other-rate=36.8",
         "lr = 0.02; lr[head] = 2 * lr; lr[norm] = 2 * lr\n"
         "lr[whiten] = 2 * lr; weight_decay = 0.125"},
    };
    (void)train_data(state, &task_image);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char a[16], b[16], options[256];
        (void)snprintf(a, sizeof a, "a%zu", i);
        (void)snprintf(b, sizeof b, "b%zu", i);
        (void)snprintf(options, sizeof options, "%s%s", cases[i].common,
                       cases[i].options);
        assert_same_results(trained(state, a, options, NULL),
                            trained(state, b, cases[i].common, cases[i].plan));
    }
}

/* As long as --whiten-epochs says, and then as under a rate of zero. */
static void a_whitening_bias_stops_learning(void **state)
{
#define NETWORK "model=airbench94 batch=32 whiten-epochs="
    (void)train_data(state, &task_image);
    const char *const never =
        trained(state, "a", NETWORK "0 schedule=0.1", NULL);
    const char *const still =
        trained(state, "b", NETWORK "9", "lr = 0.1; lr[whiten] = 0");
    const char *const first =
        trained(state, "c", NETWORK "1 schedule=0.1", NULL);
    const char *const always =
        trained(state, "d", NETWORK "9 schedule=0.1", NULL);
    assert_same_weights(never, still, true);
    assert_same_weights(never, first, false);
    assert_same_weights(first, always, false);
#undef NETWORK
}

static void the_rate_alone_gives_the_bits_of_a_schedule(void **state)
{
    (void)train_data(state, &task_image);
    const char *const one =
        trained(state, "one", "schedule=linear(0,5e-3,20)", NULL);
    const char *const other =
        trained(state, "other", NULL, "lr = linear(0, 5e-3, 20)");
    assert_same_file(one, other, "metrics.csv");
    assert_same_file(one, other, "model.safetensors");
}

/* run.json and summary.json have it as they have a schedule, and the plan. */
static void the_rate_is_the_schedule_of_the_records(void **state)
{
    (void)train_data(state, &task_image);
    const char *const a = trained(state, "a", NULL, "lr = " CURVE);
    cJSON *const record = train_json(a, "run.json");
    const char *const canonical =
        cJSON_GetStringValue(cJSON_GetObjectItem(record, "canonical"));
    assert_json_text(record, "schedule", canonical);
    assert_json_text(cJSON_GetObjectItem(record, "options"), "plan",
                     "lr = " CURVE);
    char plan[200];
    (void)snprintf(plan, sizeof plan, "lr = %s", canonical);
    assert_json_text(record, "plan", plan);
    cJSON *const summary = train_json(a, "summary.json");
    assert_json_text(summary, "schedule", canonical);
    cJSON_Delete(summary);
    cJSON_Delete(record);

    struct task_table table;
    struct task_error err;
    taper_schedule *s;
    const taper_run facts = {.steps = 36, .epoch = 12};
    assert_int_equal(taper_parse(CURVE, strlen(CURVE), &facts, NULL, &s, NULL),
                     TAPER_OK);
    assert_int_equal(task_table_read(folder_path(a, "metrics.csv"), &table,
                                     &err),
                     TASK_OK);
    assert_int_equal(table.count, 36);
    for (size_t i = 0; i < table.count; i++) {
        const double lr = taper_at(s, (int64_t)i);
        assert_memory_equal(&table.lr[i], &lr, sizeof lr);
    }
    task_table_free(&table);
    taper_free(s, NULL);
}

/* Each line alone makes another network than the rate alone does. */
static void every_line_matters(void **state)
{
    static const char *const lines[][2] = {
        {"momentum = linear(0.95, 0.5)", "optimizer=sgd"},
        {"label_smoothing = linear(0, 0.2)", "optimizer=sgd"},
        {"clip = linear(0.01, 1)", "optimizer=sgd"},
        {"weight_decay = 10 * lr", "optimizer=sgd"},
        {"weight_decay[norm] = 0.1", "optimizer=sgd"},
        {"lr[head] = 0.5 * lr", "optimizer=sgd"},
        {"beta1 = linear(0.95, 0.85)", "optimizer=adamw"},
        {"beta2 = linear(0.9, 0.99)", "optimizer=adamw"},
    };
    (void)train_data(state, &task_image);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char a[16], b[16], plan[200];
        (void)snprintf(a, sizeof a, "a%zu", i);
        (void)snprintf(b, sizeof b, "b%zu", i);
        (void)snprintf(plan, sizeof plan, "lr = 0.01; %s", lines[i][0]);
        char options[64];
        (void)snprintf(options, sizeof options, "epochs=1 %s", lines[i][1]);
        assert_same_weights(trained(state, a, options, plan),
                            trained(state, b, options, "lr = 0.01"), false);
    }
}

static void read_tensor(const char *out, const char *name, int dims,
                        const int64_t dim[4], float *values)
{
    struct task_safetensors *f;
    struct task_error err;
    struct task_tensor like = {.name = name, .dims = dims};
    memcpy(like.dim, dim, (size_t)dims * sizeof *dim);
    assert_int_equal(
        task_safetensors_open(folder_path(out, "model.safetensors"), &f, &err),
        TASK_OK);
    assert_int_equal(task_safetensors_load(f, &like, values, &err), TASK_OK);
    task_safetensors_close(f);
}

/* With a rate of 0 for all but one group, that one alone moves. */
static void a_group_is_the_parameters_that_it_says(void **state)
{
    static const struct {
        const char *plan;
        bool moves[4]; /* conv2.weight, norm2.weight, head.weight, head.bias */
    } cases[] = {
        {"lr = 0; lr[weight] = 0.01", {true, false, true, false}},
        {"lr = 0; lr[norm] = 0.01", {false, true, false, false}},
        {"lr = 0; lr[bias] = 0.01", {false, false, false, true}},
        {"lr = 0; lr[head] = 0.01", {false, false, true, true}},
        {"lr = 0; lr[weight] = 0.01; lr[head] = 0",
         {true, false, false, false}},
    };
    static const struct {
        const char *name;
        int dims;
        int64_t dim[4];
    } tensors[4] = {{"conv2.weight", 4, {64, 32, 3, 3}},
                    {"norm2.weight", 1, {64}},
                    {"head.weight", 2, {3, 128}},
                    {"head.bias", 1, {3}}};
    static float still[64 * 32 * 9], moved[64 * 32 * 9];
    (void)train_data(state, &task_image);
    const char *const zero = trained(state, "zero", "epochs=1", "lr = 0");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "run%zu", i);
        const char *const out = trained(state, name, "epochs=1", cases[i].plan);
        for (int k = 0; k < 4; k++) {
            memset(still, 0, sizeof still);
            memset(moved, 0, sizeof moved);
            read_tensor(zero, tensors[k].name, tensors[k].dims, tensors[k].dim,
                        still);
            read_tensor(out, tensors[k].name, tensors[k].dims, tensors[k].dim,
                        moved);
            if ((memcmp(still, moved, sizeof still) != 0) != cases[i].moves[k])
                fail_msg("%s: %s", cases[i].plan, tensors[k].name);
        }
    }
}

/* With a controller as well, and a plan that moves everything. */
static void a_killed_run_ends_in_the_same_bits(void **state)
{
    const char *const data = train_data(state, &task_image);
    static const char options[] =
        "checkpoint-every=0 optimizer=sgd eval-every=0.25 "
        "controller=plateau(0.5,0,threshold=0.5) monitor=train_loss";
    static const char plan[] = "# moves everything\n"
                               "lr = " CURVE "\n"
                               "lr[head] = 2 * lr\n"
                               "momentum = linear(0.95, 0)\n"
                               "weight_decay = 0.1 * lr\n"
                               "weight_decay[norm] = 0.01\n"
                               "label_smoothing = linear(0, 0.1)\n"
                               "clip = linear(1, 2)\n";
    const struct train_job whole = {.trainer = &task_image,
                                    .data = data,
                                    .out = folder_path(*state, "a"),
                                    .options = options,
                                    .plan = plan};
    struct train_job parts = whole;
    parts.out = folder_path(*state, "b");
    assert_int_equal(train_run(&whole), TASK_OK);
    unsigned kills = 0;
    train_kill_until_done(&parts, &kills);
    assert_same_results(whole.out, parts.out);
    assert_true(kills > 0);
}

/* The folder alone is enough, and another plan is refused. */
static void a_resumed_run_keeps_its_plan(void **state)
{
    const char *const data = train_data(state, &task_image);
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    struct train_job job = {.trainer = &task_image,
                            .data = data,
                            .out = a,
                            .plan = "lr = 0.01\n"};
    assert_int_equal(train_run(&job), TASK_OK);
    job.out = b;
    job.stop = true;
    assert_int_equal(train_run(&job), TASK_E_STOPPED);
    job.stop = false;
    job.resume = true;

    job.plan = "lr = 0.02";
    assert_int_equal(train_run(&job), TASK_E_USAGE);
    assert_one_line(train_message(b), "--plan differs from the plan in");
    job.plan = NULL;
    job.options = "schedule=0.02";
    assert_int_equal(train_run(&job), TASK_E_USAGE);
    assert_one_line(train_message(b), "--schedule differs");
    job.options = NULL;
    assert_int_equal(train_run(&job), TASK_OK);
    assert_same_results(a, b);

    /* A run that has none. */
    job = (struct train_job){.trainer = &task_image,
                             .data = data,
                             .out = folder_path(*state, "c"),
                             .stop = true};
    assert_int_equal(train_run(&job), TASK_E_STOPPED);
    job.resume = true;
    job.plan = "lr = 0.01";
    assert_int_equal(train_run(&job), TASK_E_USAGE);
    assert_one_line(train_message(job.out), "has a schedule and no plan");
}

static void what_cannot_be_is_one_line(void **state)
{
    const char *const data = train_data(state, &task_image);
    const char *const out = folder_path(*state, "run");
    static const struct {
        const char *options, *plan, *part;
    } cases[] = {
        {"schedule=0.1", "lr = 0.1", "--plan and --schedule exclude each"},
        {"weight-decay=0.1", "lr = 0.1; weight_decay = 1", "--weight-decay"},
        {NULL, "lr = 0.1; momentum = 0.9", "'momentum' with adamw"},
        {"optimizer=muon",
         "lr = 0.1; weight_decay[weight] = 0.1; weight_decay[head] = 0",
         "or keep their norm"},
        {NULL, "lr = 0.1\nlr[whiten] = 1", "'whiten' in cnn (there are: "},
        {"model=resnet9", "lr = 0.1\nlr[bias] = 1", "'bias' in resnet9"},
        {NULL, "lr = 0.1; lr[bias] = 1; lr[head] = 1", "drives nothing"},
        {NULL, "lr = cosin(1, 0)", "did you mean 'cosine'?"},
        {NULL, "lr = hold(1, 9tok)", "no tokens (tok) in this task"},
        {NULL, "lr = 0.1; batch_size = 9", "give --batch"},
        {NULL, "lr = 0.1; label_smoothing = 1", "label_smoothing is 1 at"},
        {"controller=cooldown", "lr = 0.1", "is one part"},
        {"shift-rate=1e-305 decay-all=yes", "lr = 0.1; weight_decay = 1e6",
         "weight decay must be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct train_job job = {.trainer = &task_image,
                                      .data = data,
                                      .out = out,
                                      .options = cases[i].options,
                                      .plan = cases[i].plan};
        assert_int_equal(train_run(&job), TASK_E_USAGE);
        assert_one_line(train_message(out), cases[i].part);
        assert_false(folder_has(*state, "run"));
    }
}

/* ---- files ---- */

/* A file "rates" with these bytes, and no other. */
static const char *read_rates(void *ctx, const char *name, size_t len,
                              const char **data, size_t *size)
{
    if (!ctx || len != 5 || memcmp(name, "rates", 5) != 0) return "it is gone";
    *data = ctx;
    *size = strlen(ctx);
    return NULL;
}

/* The second time, the file says something else, or is gone. */
static void a_run_holds_what_its_file_said(void **state)
{
    const char *const data = train_data(state, &task_image);
    static const char *const texts[][2] = {
        {"schedule=file(\"rates\")", NULL},
        {NULL, "lr = file(\"rates\"); lr[head] = 2 * lr"}};
    static char first[] = "step,value\n0,0.001\n20,0.01\n36,0\n";
    static char second[] = "step,value\n0,0.1\n";
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++) {
            char names[2][16];
            (void)snprintf(names[0], sizeof names[0], "a%zu%zu", i, k);
            (void)snprintf(names[1], sizeof names[1], "b%zu%zu", i, k);
            taper_files files = {.read = read_rates, .ctx = first};
            struct train_job job = {.trainer = &task_image,
                                    .data = data,
                                    .out = folder_path(*state, names[0]),
                                    .options = texts[i][0],
                                    .plan = texts[i][1],
                                    .files = &files};
            assert_int_equal(train_run(&job), TASK_OK);
            const char *const whole = job.out;
            job.out = folder_path(*state, names[1]);
            job.stop = true;
            assert_int_equal(train_run(&job), TASK_E_STOPPED);
            job.stop = false;
            job.resume = true;
            files.ctx = second;
            if (k == 1) job.files = NULL;
            if (k == 1) job.options = job.plan = NULL;
            assert_int_equal(train_run(&job), TASK_OK);
            assert_same_results(whole, job.out);
        }
    const struct train_job none = {.trainer = &task_image,
                                   .data = data,
                                   .out = folder_path(*state, "none"),
                                   .options = "schedule=file(\"rates\")"};
    assert_int_equal(train_run(&none), TASK_E_USAGE);
}

/* A run.json whose schedule was changed is not the run any more. */
static void a_changed_record_is_refused(void **state)
{
    const char *const data = train_data(state, &task_image);
    struct train_job job = {.trainer = &task_image,
                            .data = data,
                            .out = folder_path(*state, "run"),
                            .options = "schedule=0.01",
                            .stop = true};
    assert_int_equal(train_run(&job), TASK_E_STOPPED);
    job.stop = false;
    job.resume = true;
    static const struct {
        const char *text; /* NULL: none */
        const char *part;
    } cases[] = {{"0.02", "with other settings"},
                 {"0.0x", "is damaged"},
                 {NULL, "is damaged"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cJSON *const record = train_json(job.out, "run.json");
        cJSON_DeleteItemFromObject(record, "canonical");
        if (cases[i].text)
            cJSON_AddStringToObject(record, "canonical", cases[i].text);
        char *const text = cJSON_Print(record);
        folder_write(job.out, "run.json", text, strlen(text));
        assert_int_equal(train_run(&job), TASK_E_FORMAT);
        assert_one_line(train_message(job.out), cases[i].part);
        cJSON_free(text);
        cJSON_Delete(record);
    }
}

/* A signal from outside, as `kill -USR1` sends it, ends the run early. */
static void a_signal_from_outside_ends_the_run_early(void **state)
{
    const char *const data = train_data(state, &task_image);
    const struct train_job job = {
        .trainer = &task_image,
        .data = data,
        .out = folder_path(*state, "run"),
        .options = "epochs=100 checkpoint-every=0 controller=cooldown",
        .plan = "lr = hold(1e-3, 1190) then linear(to=0, over=10)"};
    const pid_t child = train_start(&job);
    for (int i = 0; i < 10000 && !folder_has(job.out, "checkpoint"); i++)
        train_sleep(5);
    assert_int_equal(kill(child, SIGUSR1), 0);
    assert_int_equal(train_wait(child), TASK_OK);
    cJSON *const summary = train_json(job.out, "summary.json");
    assert_json_text(summary, "status", "done");
    assert_true(train_number(summary, "steps") < 1200);
    cJSON_Delete(summary);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_whitening_bias_stops_learning),
        TEST(the_rate_alone_gives_the_bits_of_a_schedule),
        TEST(the_rate_is_the_schedule_of_the_records),
        TEST(what_changes_nothing_changes_no_bit),
        TEST(every_line_matters),
        TEST(a_group_is_the_parameters_that_it_says),
        TEST(a_killed_run_ends_in_the_same_bits),
        TEST(a_resumed_run_keeps_its_plan),
        TEST(what_cannot_be_is_one_line),
        TEST(a_run_holds_what_its_file_said),
        TEST(a_changed_record_is_refused),
        TEST(a_signal_from_outside_ends_the_run_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
