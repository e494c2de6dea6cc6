/* What is the text trainer's own, end to end on a tiny data set that words
 * decide: that it learns, what its batches hold, its tokenizer's file, its
 * unit, its groups, and what is refused. What is true of every trainer is in
 * test_every_task.c.
 *
 * The linker puts a wrapper in front of nn_engine_step (--wrap), which notes
 * what each step of a run was given on a tape that parent and child share. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "data/tokenizer.h"
#include "nn/engine.h"
#include "task/folder.h"
#include "task/metrics.h"
#include "task/safetensors.h"
#include "task/train_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the tape ---- */

enum { STEPS = 512 };

struct step {
    uint64_t tokens; /* FNV-1a over the rows' own tokens */
    uint64_t noise[2];
    double smoothing;
    size_t length;  /* of the rows */
    size_t rows;    /* of weight 1 / rows each */
    size_t classed; /* rows that begin with the class token */
    size_t words;   /* tokens behind that */
    size_t unknown; /* of the words */
};

static struct tape {
    size_t count;
    struct step steps[STEPS];
} * tape;

static int make_tape(void **state)
{
    (void)state;
    tape = mmap(NULL, sizeof *tape, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return tape == MAP_FAILED ? -1 : 0;
}

static int free_tape(void **state)
{
    (void)state;
    return munmap(tape, sizeof *tape);
}

static void note_row(struct step *s, const int32_t *tokens, int32_t length)
{
    s->classed += tokens[0] == DATA_TOKEN_CLASS;
    s->words += (size_t)length - 1;
    for (int32_t i = 0; i < length; i++) {
        s->tokens = (s->tokens ^ (uint64_t)tokens[i]) * 0x100000001b3;
        if (i > 0) s->unknown += tokens[i] == DATA_TOKEN_UNKNOWN;
    }
}

enum nn_status __real_nn_engine_step(struct nn_engine *e,
                                     const struct nn_input *in,
                                     const int32_t *labels, double smoothing,
                                     double weight, struct nn_result *result);
enum nn_status __wrap_nn_engine_step(struct nn_engine *e,
                                     const struct nn_input *in,
                                     const int32_t *labels, double smoothing,
                                     double weight, struct nn_result *result);

enum nn_status __wrap_nn_engine_step(struct nn_engine *e,
                                     const struct nn_input *in,
                                     const int32_t *labels, double smoothing,
                                     double weight, struct nn_result *result)
{
    if (tape->count < STEPS) {
        struct step *const s = &tape->steps[tape->count++];
        *s = (struct step){.noise = {in->noise[0], in->noise[1]},
                           .smoothing = smoothing,
                           .length = in->length,
                           .rows = (size_t)lround(1 / weight)};
        for (size_t i = 0; i < s->rows; i++)
            note_row(s, in->tokens + i * in->length, in->lengths[i]);
    }
    return __real_nn_engine_step(e, in, labels, smoothing, weight, result);
}

/* ---- running ---- */

/* A run on the texts that the test's folder has. */
static struct train_job job_in(void **state, const char *name)
{
    return (struct train_job){.trainer = &task_text,
                              .data = folder_path(*state, "text-data"),
                              .out = folder_path(*state, name)};
}

static void assert_ends(const struct train_job *job, enum task_status status)
{
    const int how = train_run(job);
    if (how != (int)status)
        fail_msg("%s ended as %d: %s", job->out, how, train_message(job->out));
}

/* The usual options without their schedule, which a plan would contradict. */
static const char sizes[] =
    "batch=8 epochs=3 threads=2 dim=16 heads=2 layers=1 length=12";

/* A whole run, whose steps are then those of the tape; its folder. */
static const char *trained(void **state, const char *name, const char *options,
                           const char *plan)
{
    struct train_job job = job_in(state, name);
    job.options = plan ? sizes : options;
    job.bare = plan != NULL;
    job.plan = plan;
    tape->count = 0;
    assert_ends(&job, TASK_OK);
    return job.out;
}

/* ---- learning ---- */

static double result_of(const char *out, const char *key)
{
    cJSON *const summary = train_json(out, "summary.json");
    const double value = train_number(summary, key);
    cJSON_Delete(summary);
    return value;
}

static void check_metadata(const char *out, const char *pooling)
{
    struct task_safetensors *f;
    struct task_error err;
    assert_int_equal(
        task_safetensors_open(folder_path(out, "model.safetensors"), &f, &err),
        TASK_OK);
    assert_string_equal(task_safetensors_metadata(f, "pooling"), pooling);
    assert_string_equal(task_safetensors_metadata(f, "model"), "small");
    assert_string_equal(task_safetensors_metadata(f, "heads"), "2");
    task_safetensors_close(f);
}

static void assert_other_losses(void **state, const char *a, const char *b)
{
    assert_true(result_of(folder_path(*state, a), "final_loss") !=
                result_of(folder_path(*state, b), "final_loss"));
}

static void both_tokenizers_and_poolings_learn(void **state)
{
    static const char *const cases[][2] = {{"words", "mean"},
                                           {"words", "first"},
                                           {"bpe", "mean"},
                                           {"bpe", "first"}};
    (void)train_data(state, &task_text);
    for (size_t i = 0; i < 4; i++) {
        char name[32], options[128];
        (void)snprintf(name, sizeof name, "%s-%s", cases[i][0], cases[i][1]);
        (void)snprintf(options, sizeof options,
                       "tokenizer=%s pooling=%s epochs=16 length=24",
                       cases[i][0], cases[i][1]);
        const char *const out = trained(state, name, options, NULL);
        assert_true(result_of(out, "test_accuracy") > 0.9);
        assert_true(result_of(out, "test_macro_f1") > 0.9);
        assert_true(result_of(out, "test_loss") < 0.5);
        check_metadata(out, cases[i][1]);
        cJSON *const summary = train_json(out, "summary.json");
        assert_json_text(summary, "tokenizer", cases[i][0]);
        cJSON_Delete(summary);
    }
    assert_other_losses(state, "words-mean", "words-first");
    assert_other_losses(state, "words-mean", "bpe-mean");
    size_t n = 0, m = 0;
    char *const words =
        folder_read(folder_path(*state, "words-mean"), "tokenizer.txt", &n);
    char *const pairs =
        folder_read(folder_path(*state, "bpe-mean"), "tokenizer.txt", &m);
    assert_false(n == m && memcmp(words, pairs, n) == 0);
    free(words);
    free(pairs);
}

/* The class token and the first word, which tells the class. */
static void two_tokens_of_a_text_are_enough(void **state)
{
    (void)train_data(state, &task_text);
    const char *const out =
        trained(state, "run", "length=2 epochs=10 min-count=1", NULL);
    for (size_t i = 0; i < tape->count; i++)
        assert_int_equal(tape->steps[i].words, 8);
    assert_true(result_of(out, "test_accuracy") > 0.9);
    cJSON *const record = train_json(out, "run.json");
    const cJSON *const data = cJSON_GetObjectItem(record, "data");
    assert_int_equal((int)train_number(data, "longest"), 2);
    assert_true(train_number(data, "cut") > 0);
    cJSON_Delete(record);
}

static void the_records_say_what_the_texts_are(void **state)
{
    (void)train_data(state, &task_text);
    const char *const out = trained(state, "run", "tokenizer=words", NULL);
    cJSON *const record = train_json(out, "run.json");
    const cJSON *const data = cJSON_GetObjectItem(record, "data");
    const cJSON *const classes = cJSON_GetObjectItem(data, "classes");
    assert_json_text(data, "layout", "TSV");
    assert_int_equal((int)train_number(data, "train"), 72);
    assert_int_equal((int)train_number(data, "test"), 30);
    assert_int_equal((int)train_number(classes, "animal"), 24);
    assert_int_equal((int)train_number(classes, "colour"), 24);
    assert_int_equal((int)train_number(classes, "number"), 24);
    /* 12 words that tell and 8 that do not; padding, unknown, class. */
    const int vocabulary = (int)train_number(data, "vocabulary");
    assert_int_equal(vocabulary, 12 + 8 + 3);
    /* Both embeddings (12 tokens fill rows of 16), the layer's two
     * normalisations, its attention and its two products of 16 x 64, the last
     * normalisation and the head. */
    assert_int_equal((int)train_number(record, "parameters"),
                     vocabulary * 16 + 16 * 16 + 2 * 2 * 16 +
                         (16 * 48 + 48 + 16 * 16 + 16) +
                         (16 * 64 + 64 + 64 * 16 + 16) + 2 * 16 + 16 * 3 + 3);
    cJSON_Delete(record);
}

/* ---- token dropout ---- */

static void dropout_takes_words_and_never_the_class(void **state)
{
    static const double shares[] = {0, 0.15, 0.9};
    (void)train_data(state, &task_text);
    for (size_t i = 0; i < 3; i++) {
        char name[16], options[64];
        size_t words = 0, unknown = 0;
        (void)snprintf(name, sizeof name, "run%zu", i);
        (void)snprintf(options, sizeof options,
                       "min-count=1 token-dropout=%g epochs=8", shares[i]);
        (void)trained(state, name, options, NULL);
        assert_int_equal(tape->count, 72);
        for (size_t k = 0; k < tape->count; k++) {
            const struct step *const s = &tape->steps[k];
            assert_int_equal(s->rows, 8);
            assert_int_equal(s->classed, 8);
            words += s->words;
            unknown += s->unknown;
        }
        /* Within five standard deviations of what chance gives. */
        const double n = (double)words, p = shares[i];
        assert_true(n > 2000);
        assert_true(fabs((double)unknown - n * p) <= 5 * sqrt(n * p * (1 - p)));
    }
}

/* No two steps have the same masks, also of the same texts. */
static void every_step_has_masks_of_its_own(void **state)
{
    (void)train_data(state, &task_text);
    (void)trained(state, "run", "batch=72 epochs=20", NULL);
    assert_int_equal(tape->count, 20);
    for (size_t i = 0; i < tape->count; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(tape->steps[i].noise, tape->steps[k].noise,
                                    sizeof tape->steps[i].noise);
}

static void a_resumed_run_has_the_same_steps(void **state)
{
    static struct tape whole;
    (void)train_data(state, &task_text);
    const char *const out = trained(state, "whole", NULL, NULL);
    whole = *tape;
    assert_int_equal(whole.count, 27);

    struct train_job job = job_in(state, "parts");
    tape->count = 0;
    job.stop = true;
    assert_ends(&job, TASK_E_STOPPED);
    assert_int_equal(tape->count, 1);
    job.stop = false;
    job.resume = true;
    assert_ends(&job, TASK_OK);
    assert_int_equal(tape->count, whole.count);
    assert_memory_equal(tape->steps, whole.steps,
                        whole.count * sizeof *whole.steps);
    assert_same_results(out, job.out);
}

/* ---- the tokenizer's file ---- */

/* A run that was stopped after its first update. */
static struct train_job stopped(void **state, const char *name,
                                const char *options)
{
    struct train_job job = job_in(state, name);
    job.options = options;
    job.stop = true;
    assert_ends(&job, TASK_E_STOPPED);
    job.stop = false;
    job.resume = true;
    return job;
}

static void a_lost_tokenizer_is_made_anew(void **state)
{
    static const char *const kinds[] = {"tokenizer=words", "tokenizer=bpe"};
    (void)train_data(state, &task_text);
    for (size_t i = 0; i < 2; i++) {
        const char *const out = trained(state, i ? "a1" : "a0", kinds[i], NULL);
        const struct train_job job = stopped(state, i ? "b1" : "b0", kinds[i]);
        assert_same_file(out, job.out, "tokenizer.txt");
        assert_int_equal(unlink(folder_path(job.out, "tokenizer.txt")), 0);
        assert_ends(&job, TASK_OK);
        assert_same_file(out, job.out, "tokenizer.txt");
        assert_same_results(out, job.out);
    }
}

/* It is read: another one's tokens are not those of the run, and a damaged one
 * says so. */
static void a_resumed_run_reads_its_tokenizer(void **state)
{
    (void)train_data(state, &task_text);
    const char *const other = trained(state, "other", "tokenizer=bpe", NULL);
    const struct train_job job = stopped(state, "run", NULL);
    size_t n, m;
    char *const ours = folder_read(job.out, "tokenizer.txt", &n);
    char *const theirs = folder_read(other, "tokenizer.txt", &m);
    folder_write(job.out, "tokenizer.txt", theirs, m);
    assert_ends(&job, TASK_E_DATA);
    assert_one_line(train_message(job.out), "are not those");
    folder_write(job.out, "tokenizer.txt", ours, n / 2);
    assert_ends(&job, TASK_E_FORMAT);
    assert_one_line(train_message(job.out), "tokenizer.txt");
    folder_write(job.out, "tokenizer.txt", ours, n);
    assert_ends(&job, TASK_OK);
    free(ours);
    free(theirs);
}

/* ---- classes ---- */

static void write_uneven(const char *folder, unsigned ham, unsigned spam)
{
    char text[8192];
    size_t n = 0;
    for (unsigned i = 0; i < ham + spam; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\n",
                              i < ham ? "ham\tdear friend"
                                      : "spam\tbuy this now");
    folder_write(folder, "train.tsv", text, n);
    folder_write(folder, "test.tsv", text, n);
}

static void uneven_classes_are_worth_a_note(void **state)
{
    const char *const data = train_data(state, &task_text);
    assert_null(
        strstr(train_notes(trained(state, "even", NULL, NULL)), "uneven"));
    write_uneven(data, 39, 20);
    assert_null(
        strstr(train_notes(trained(state, "nearly", NULL, NULL)), "uneven"));
    write_uneven(data, 60, 20);
    const char *const note =
        strstr(train_notes(trained(state, "uneven", NULL, NULL)), "note: ");
    assert_non_null(note);
    assert_non_null(strstr(note, "'ham' has 75.0 % of the training texts, "
                                 "'spam' 25.0 %"));
    assert_non_null(strstr(note, "test_macro_f1"));
}

/* ---- the schedule's unit ---- */

/* 1,000 tokens are as many steps as their mean number in a step says, class
 * tokens included. */
static void a_schedule_may_count_tokens(void **state)
{
    static const char text[] = "linear(0.02,0,1000tok)";
    (void)train_data(state, &task_text);
    const char *const out =
        trained(state, "run", "schedule=linear(0.02,0,1000tok)", NULL);
    double tokens = 0;
    for (size_t i = 0; i < 9; i++) /* the first epoch */
        tokens += (double)(tape->steps[i].words + tape->steps[i].rows);
    const taper_run facts = {.steps = 27, .tokens = tokens / 9};
    taper_schedule *s;
    assert_int_equal(taper_parse(text, strlen(text), &facts, NULL, &s, NULL),
                     TAPER_OK);
    struct task_table table;
    assert_int_equal(task_table_read(folder_path(out, "metrics.csv"), &table,
                                     NULL),
                     TASK_OK);
    assert_int_equal(table.count, 27);
    for (size_t i = 0; i < table.count; i++) {
        const double lr = taper_at(s, (int64_t)i);
        assert_memory_equal(&table.lr[i], &lr, sizeof lr);
    }
    /* It has ended before the run has. */
    assert_true(table.lr[10] > 0 && table.lr[26] <= 0);
    task_table_free(&table);
    taper_free(s, NULL);
}

/* ---- plans ---- */

static void smoothing_is_what_was_asked(void **state)
{
    (void)train_data(state, &task_text);
    (void)trained(state, "fixed", "label-smoothing=0.1", NULL);
    for (size_t i = 0; i < tape->count; i++)
        assert_true(fabs(tape->steps[i].smoothing - 0.1) < 1e-15);

    (void)trained(state, "driven", NULL,
                  "lr = 0.01; label_smoothing = linear(0, 0.26, 26)");
    assert_int_equal(tape->count, 27);
    for (size_t i = 0; i < tape->count; i++)
        assert_true(fabs(tape->steps[i].smoothing - 0.01 * (double)i) < 1e-15);
}

static bool is_norm(const char *name)
{
    return strstr(name, "norm") != NULL;
}

static bool is_embedding(const char *name)
{
    return strcmp(name, "token.weight") == 0 ||
           strcmp(name, "position.weight") == 0;
}

static bool is_head(const char *name)
{
    return strncmp(name, "head.", 5) == 0;
}

static bool is_bias(const char *name)
{
    return !is_norm(name) && strstr(name, "bias");
}

static bool is_weight(const char *name)
{
    return !is_norm(name) && !is_embedding(name) && strstr(name, "weight");
}

/* With a rate of 0 for all but one group, that one alone moves. */
static void a_group_is_the_parameters_that_it_says(void **state)
{
    static const struct {
        const char *plan;
        bool (*moves)(const char *name);
    } cases[] = {
        {"lr = 0; lr[embedding] = 0.01", is_embedding},
        {"lr = 0; lr[head] = 0.01", is_head},
        {"lr = 0; lr[norm] = 0.01", is_norm},
        {"lr = 0; lr[bias] = 0.01", is_bias},
        {"lr = 0; lr[weight] = 0.01", is_weight},
    };
    (void)train_data(state, &task_text);
    const char *const zero = trained(state, "zero", NULL, "lr = 0");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "run%zu", i);
        const char *const out = trained(state, name, NULL, cases[i].plan);
        cJSON *const moved = train_moved(zero, out);
        const cJSON *item;
        assert_int_equal(cJSON_GetArraySize(moved), 2 + 12 + 2 + 2);
        cJSON_ArrayForEach(item, moved)
        {
            if ((cJSON_IsTrue(item) != 0) != cases[i].moves(item->string))
                fail_msg("%s: %s", cases[i].plan, item->string);
        }
        cJSON_Delete(moved);
    }
}

/* ---- refusals ---- */

static void what_cannot_be_is_one_line(void **state)
{
    static const struct {
        const char *options, *part;
    } cases[] = {
        {"model=smal", "did you mean small?"},
        {"model=smal", "small, medium, large"},
        {"dim=16 heads=3", "--heads 3 does not divide --dim 16"},
        {"batch=73", "--batch 73 is more than the 72 training texts"},
        {"batch=8 threads=9", "--threads 9"},
        {"model=medium optimizer=sgd", "--schedule"},
        {"optimizer=muon schedule=0.1", "--optimizer muon is not for text"},
        {"monitor=mean_return controller=plateau()", "monitor"},
    };
    (void)train_data(state, &task_text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct train_job job = job_in(state, "run");
        job.bare = true; /* the usual ones have a schedule */
        job.options = cases[i].options;
        assert_ends(&job, TASK_E_USAGE);
        assert_one_line(train_message(job.out), cases[i].part);
        assert_false(folder_has(*state, "run"));
    }
    struct train_job job = job_in(state, "run");
    job.data = "spm";
    assert_ends(&job, TASK_E_USAGE);
    assert_one_line(train_message(job.out), "did you mean spam?");
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(both_tokenizers_and_poolings_learn),
        TEST(two_tokens_of_a_text_are_enough),
        TEST(the_records_say_what_the_texts_are),
        TEST(dropout_takes_words_and_never_the_class),
        TEST(every_step_has_masks_of_its_own),
        TEST(a_resumed_run_has_the_same_steps),
        TEST(a_lost_tokenizer_is_made_anew),
        TEST(a_resumed_run_reads_its_tokenizer),
        TEST(uneven_classes_are_worth_a_note),
        TEST(a_schedule_may_count_tokens),
        TEST(smoothing_is_what_was_asked),
        TEST(a_group_is_the_parameters_that_it_says),
        TEST(what_cannot_be_is_one_line),
    };
    return cmocka_run_group_tests(tests, make_tape, free_tape);
}
