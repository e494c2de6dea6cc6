/* JSON lines: objects whose keys differ, what Python adds to JSON, and what is
 * wrong with them. */
#include "scratch_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_columns.h"

static void keys_may_differ_from_line_to_line(void **state)
{
    (void)state;
    struct log_run run =
        log_of("{\"loss\": 2.5, \"learning_rate\": 1e-3, \"step\": 10}\n"
               "\n"
               "{\"eval_loss\": 9, \"step\": 10, \"nested\": {\"loss\": [1, "
               "\"}\"]}}\n"
               " { \"step\" : 20 , \"loss\" : \"1.5\" , \"ok\" : true } \r\n",
               NULL);
    assert_int_equal(run.count, 2);
    assert_int_equal(run.step[1], 20);
    assert_true(run.value[0] == 2.5 && run.value[1] == 1.5);
    assert_true(run.rate[0] == 1e-3 && isnan(run.rate[1]));
    assert_string_equal(run.other_loss, "eval_loss");
    log_run_free(&run);
}

static void nan_and_null_are_told_apart(void **state)
{
    (void)state;
    struct log_run run = log_of("{\"step\":1,\"loss\":2}\n"
                                "{\"step\":2,\"loss\":null}\n"
                                "{\"step\":3,\"loss\":NaN}\n"
                                "{\"step\":4,\"loss\":Infinity}\n",
                                NULL);
    assert_int_equal(run.count, 1);
    assert_int_equal(run.found.not_finite, 2);
    assert_true(run.found.diverged);
    log_run_free(&run);
}

/* The first thousand lines are looked at twice, the others once. */
static void many_lines_are_read_once_each(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    char *const text = test_malloc(ROWS * 40);
    size_t n = 0;
    for (int i = 0; i < ROWS; i++)
        n += (size_t)sprintf(text + n, "{\"step\":%d,\"loss\":%d}\n", i, i + 1);
    struct log_run run = log_of(text, NULL);
    test_free(text);
    assert_int_equal(run.count, ROWS);
    assert_int_equal(run.found.rows, ROWS);
    assert_int_equal(run.found.duplicates, 0);
    assert_true(run.value[ROWS - 1] == ROWS);
    log_run_free(&run);
}

static void a_torn_last_line_is_passed_over(void **state)
{
    (void)state;
    struct log_run run =
        log_of("{\"step\":1,\"loss\":2}\n{\"step\":2,\"lo", NULL);
    assert_int_equal(run.count, 1);
    assert_true(run.found.torn);
    log_run_free(&run);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *columns, *part;
        enum log_status status;
    } bad[] = {
        {"{\"step\":1,\"loss\":2}\n{\"step\":2,\n", NULL, "line 2: one JSON",
         LOG_E_FORMAT},
        {"{\"step\":1,\"loss\":2}\n[1]\n", NULL, "line 2: one JSON",
         LOG_E_FORMAT},
        {"{\"step\":1,\"loss\":\"a\"}\n", NULL, "line 1: a step, rate, loss",
         LOG_E_FORMAT},
        {"{\"step\":1.5,\"loss\":2}\n", NULL, "line 1: the step is no whole",
         LOG_E_FORMAT},
        {"{\"step\":1,\"accuracy\":2}\n", NULL, "no key of losses",
         LOG_E_FORMAT},
        {"{\"step\":1,\"loss\":2}\n", "lr=rate", "no key 'rate'", LOG_E_USAGE},
        {"{}\n", NULL, "it has none at all", LOG_E_FORMAT},
        {"{\"step\":1,\"train\":{\"loss\":2}}\n", NULL,
         "is nested: its \"train\" is an object", LOG_E_FORMAT},
        {"{\"train\":{\"step\":1,\"loss\":2}}\n", "step=train.step",
         "no key 'train.step'", LOG_E_USAGE},
        {"[{\"step\":1,\"loss\":2},\n{\"step\":2,\"loss\":1}]\n", NULL,
         "is one array of JSON", LOG_E_FORMAT},
        {" [\n  {\n  \"step\": 1\n}]\n", NULL, "is one array of JSON",
         LOG_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i].text, bad[i].columns, bad[i].status, bad[i].part);
}

/* Longer than what is read at first; and longer than any log's. */
static void long_lines_are_read_up_to_a_limit(void **state)
{
    (void)state;
    static const struct {
        size_t letters;
        enum log_status status;
    } lines[] = {{1 << 18, LOG_OK}, {1 << 20, LOG_OK}, {1 << 24, LOG_E_FORMAT}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const size_t letters = lines[i].letters;
        char *const text = malloc(letters + 128);
        assert_non_null(text);
        size_t n = (size_t)sprintf(text, "{\"step\":1,\"loss\":2,\"note\":\"");
        memset(text + n, 'x', letters);
        n += letters;
        n += (size_t)sprintf(text + n, "\"}\n{\"step\":2,\"loss\":3}\n");
        struct log_run run;
        struct log_error err;
        assert_int_equal(log_read(scratch_log(text, n), NULL, LOG_LOSS, &run,
                                  &err),
                         lines[i].status);
        free(text);
        if (lines[i].status == LOG_OK)
            assert_true(run.count == 2 && run.value[1] == 3);
        else
            assert_non_null(strstr(err.message, "longer than 16 MB"));
        log_run_free(&run);
    }
}

/* Far enough into the file that it is not taken for a binary one. */
static void a_byte_0_within_a_line_is_no_json(void **state)
{
    (void)state;
    static const char line[] = "{\"step\":1,\"loss\":2}\n";
    static const char bad[] = "{\"step\":2,\"loss\0x\":3}\n";
    enum { LINES = 1200, SIZE = LINES * (sizeof line - 1) };
    char *const text = test_malloc(SIZE + sizeof bad);
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line - 1);
    memcpy(text + SIZE, bad, sizeof bad);
    struct log_run run;
    struct log_error err;
    const char *const path = scratch_log(text, SIZE + sizeof bad - 1);
    assert_int_equal(log_read(path, NULL, LOG_LOSS, &run, &err), LOG_E_FORMAT);
    assert_non_null(strstr(err.message, "line 1201: one JSON object"));
    test_free(text);
}

/* The list has room that was never written to: what is compared must not be
 * what happens to lie there. */
static void names_end_at_a_byte_0(void **state)
{
    (void)state;
    struct log_list list = {.room = 16};
    list.names = malloc(list.room * sizeof *list.names);
    assert_non_null(list.names);
    memset(list.names, 'z', list.room * sizeof *list.names);
    assert_int_equal(log_list_find(&list, "loss", 4), 0);
    assert_int_equal(log_list_find(&list, "loss\0x", 6), 0);
    assert_int_equal(log_list_find(&list, "los", 3), 1);
    assert_true(log_list_add(&list, "lr\0lr", 5));
    assert_string_equal(list.names[2], "lr");
    log_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_may_differ_from_line_to_line),
        cmocka_unit_test(nan_and_null_are_told_apart),
        cmocka_unit_test(many_lines_are_read_once_each),
        cmocka_unit_test(a_torn_last_line_is_passed_over),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(long_lines_are_read_up_to_a_limit),
        cmocka_unit_test(a_byte_0_within_a_line_is_no_json),
        cmocka_unit_test(names_end_at_a_byte_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
