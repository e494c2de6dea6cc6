/* What trials say: lines, curves, the end of a stream. */
#include "study/curve.h"
#include "study/result.h"
#include "study/result_text.h"

#include "room.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/trial.h"

/* ------------------------------------------------------------------- curves */

/* Adds rows 0 ... n - 1 with step i and loss 2 i. */
static void add_rows(struct study_curve *c, size_t n)
{
    static const char *const names[] = {"step", "loss"};
    for (size_t i = 0; i < n; i++) {
        const double values[] = {(double)i, 2.0 * (double)i};
        assert_true(study_curve_add(c, names, values, 2));
    }
}

static void a_curve_of_any_length_is_thinned_evenly(void **state)
{
    (void)state;
    static const size_t lengths[] = {1,   2,   399,  400,  401,   799,
                                     800, 801, 1600, 1601, 12345, 100000};
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        const size_t n = lengths[k];
        struct study_curve c = {0};
        bool empty = true;
        add_rows(&c, n);
        char *text = study_curve_json(&c, &empty);
        assert_false(empty);
        cJSON *json = cJSON_Parse(text);
        const cJSON *steps = cJSON_GetObjectItem(json, "step");
        const cJSON *losses = cJSON_GetObjectItem(json, "loss");
        const int points = cJSON_GetArraySize(steps);
        assert_int_equal(points, cJSON_GetArraySize(losses));
        assert_int_equal(points,
                         n < STUDY_CURVE_POINTS ? (int)n : STUDY_CURVE_POINTS);
        double before = -1.0;
        /* Twice as far as an even spacing would be, and a stride's worth. */
        const double most = 4.0 * (double)n / STUDY_CURVE_POINTS + 2.0;
        for (int i = 0; i < points; i++) {
            const double step = cJSON_GetArrayItem(steps, i)->valuedouble;
            assert_true(cJSON_GetArrayItem(losses, i)->valuedouble ==
                        2.0 * step);
            assert_true(step > before && step - before <= most);
            before = step;
        }
        assert_true(cJSON_GetArrayItem(steps, 0)->valuedouble == 0.0);
        assert_true(before == (double)n - 1.0);
        cJSON_Delete(json);
        free(text);
        study_curve_clear(&c);
    }
}

static void rows_may_have_different_numbers(void **state)
{
    (void)state;
    struct study_curve c = {0};
    const char *const first[] = {"step", "a\"b"}, *const second[] = {"lr"};
    const double one[] = {1, (double)NAN}, two[] = {0.5};
    bool empty;
    assert_true(study_curve_add(&c, first, one, 2));
    assert_true(study_curve_add(&c, second, two, 1));
    char *text = study_curve_json(&c, &empty);
    assert_string_equal(
        text, "{\"step\":[1,null],\"a\\\"b\":[null,null],\"lr\":[null,0.5]}");
    free(text);
    study_curve_clear(&c);
    assert_null(study_curve_json(&c, &empty));
    assert_true(empty);
}

static void columns_beyond_the_limit_are_left_out(void **state)
{
    (void)state;
    struct study_curve c = {0};
    char names[STUDY_CURVE_COLUMNS + 4][8];
    for (size_t i = 0; i < STUDY_CURVE_COLUMNS + 4; i++) {
        (void)snprintf(names[i], sizeof names[i], "c%zu", i);
        const char *const name[] = {names[i]};
        const double value = (double)i;
        assert_true(study_curve_add(&c, name, &value, 1));
    }
    assert_int_equal(c.columns, STUDY_CURVE_COLUMNS);
    study_curve_clear(&c);
}

static void a_log_becomes_a_curve(void **state)
{
    static const char log[] = "step,epoch,lr,loss,test_accuracy\n"
                              "0,0,0.1,2.5,\n"
                              "10,0,0.05,nan,0.5\n"
                              "20,1,0.0"; /* cut off */
    room_write(*state, "metrics.csv", log, sizeof log - 1);
    struct study_curve c = {0};
    bool empty;
    assert_true(study_curve_read(&c, room_path(*state, "metrics.csv")));
    char *text = study_curve_json(&c, &empty);
    assert_string_equal(text,
                        "{\"step\":[0,10],\"epoch\":[0,0],\"lr\":[0.1,0.05],"
                        "\"loss\":[2.5,null],\"test_accuracy\":[null,0.5]}");
    free(text);
    assert_false(study_curve_read(&c, room_path(*state, "none.csv")));
    study_curve_clear(&c);
}

/* -------------------------------------------------------------------- lines */

/* Feeds a text in pieces of `piece` bytes. */
static struct study_lines feed(const char *text, size_t piece)
{
    struct study_lines l;
    const size_t size = strlen(text);
    study_lines_begin(&l, "metric");
    for (size_t at = 0; at < size; at += piece)
        study_lines_take(&l, text + at, size - at < piece ? size - at : piece);
    study_lines_end(&l);
    return l;
}

static void lines_do_not_depend_on_how_they_arrive(void **state)
{
    (void)state;
    static const char text[] =
        "{\"step\": 1, \"loss\": 3, \"metric\": 1}\r\n\n{\"metric\": 2}\n"
        "  {\"metric\": 3}  \n{\"metric\": 4} x\n[{\"metric\": 5}]\n"
        "{\"step\": 2, \"loss\": null}\n{\"step\": 3, \"Loss\": 1}\n"
        "{\"step\": \"4\", \"loss\": 1}\n{\"metric\": 6\n{\"Metric\": 7}";
    for (size_t piece = 1; piece <= sizeof text; piece++) {
        struct study_lines l = feed(text, piece);
        bool empty;
        assert_string_equal(l.result, "{\"metric\": 3}  ");
        char *curve = study_curve_json(&l.curve, &empty);
        assert_string_equal(curve, "{\"step\":[1,2],\"loss\":[3,null],"
                                   "\"metric\":[1,null]}");
        free(curve);
        study_lines_clear(&l);
    }
}

static void what_python_prints_is_stored_as_json(void **state)
{
    (void)state;
    struct study_lines l = feed(
        "{\"metric\": NaN, \"a\": [Infinity, -Infinity], \"b\": \"NaN\\\"\"}",
        7);
    assert_string_equal(
        l.result,
        "{\"metric\": null, \"a\": [null, null], \"b\": \"NaN\\\"\"}");
    study_lines_clear(&l);
}

static void what_is_stored_is_utf8(void **state)
{
    (void)state;
    struct study_lines l = feed("{\"metric\": 1, \"who\": \"\xe9\"}", 3);
    assert_string_equal(l.result, "{\"metric\": 1, \"who\": \"?\"}");
    study_lines_clear(&l);
}

static void a_line_that_is_too_long_is_skipped(void **state)
{
    (void)state;
    struct study_lines l;
    char *padding = malloc(STUDY_LINE_BYTES);
    assert_non_null(padding);
    memset(padding, ' ', STUDY_LINE_BYTES);
    study_lines_begin(&l, "metric");
    study_lines_take(&l, "{\"metric\": 1}\n{", 15);
    study_lines_take(&l, padding, STUDY_LINE_BYTES);
    study_lines_take(&l, "\"metric\": 2}\n{\"x\": 1}", 22);
    study_lines_end(&l);
    assert_string_equal(l.result, "{\"metric\": 1}");
    assert_true(l.capacity <= 2 * STUDY_LINE_BYTES);
    free(padding);
    study_lines_clear(&l);
}

static void a_metric_is_a_number_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum study_verdict verdict;
    } rows[] = {{"{\"m\": 1.5}", STUDY_NUMBER},
                {" {\"m\": -1e-3}", STUDY_NUMBER},
                {"{\"m\": null}", STUDY_NO_NUMBER},
                {"{\"m\": NaN}", STUDY_NO_NUMBER},
                {"{\"m\": -Infinity}", STUDY_NO_NUMBER},
                {"{\"m\": 1e400}", STUDY_NO_NUMBER},
                {"{\"m\": \"-Inf\"}", STUDY_NO_NUMBER},
                {"{\"m\": \"1\"}", STUDY_NO_RESULT},
                {"{\"m\": true}", STUDY_NO_RESULT},
                {"{\"m\": [1]}", STUDY_NO_RESULT},
                {"{\"M\": 1}", STUDY_NO_RESULT},
                {"[1]", STUDY_NO_RESULT},
                {"{\"m\": -1e150}", STUDY_NUMBER},
                {"{\"m\": 1.1e150}", STUDY_NO_NUMBER}, /* its square */
                {"", STUDY_NO_RESULT},
                {"{\"m\": 1", STUDY_NO_RESULT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double metric = 7.0;
        assert_int_equal(study_read_metric(rows[i].text, "m", &metric),
                         rows[i].verdict);
        assert_int_equal(isfinite(metric), rows[i].verdict == STUDY_NUMBER);
    }
}

/* --------------------------------------------------------------------- text */

static void texts_that_differ_stay_different_in_the_store(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"plain\n\x01", "plain\n\x01"},
        {"\xc3\xa9\xe2\x82\xac",
         "\xc3\xa9\xe2\x82\xac"}, /* \u00e9, euro sign */
        {"caf\xe9", "caf\\xe9"},
        {"caf\xe8", "caf\\xe8"},
        {"\xe2\x82", "\\xe2\\x82"}}; /* cut off */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = study_legible_text(rows[i][0]);
        assert_non_null(text);
        assert_string_equal(text, rows[i][1]);
        free(text);
    }
}

static void the_end_of_a_stream_is_kept(void **state)
{
    (void)state;
    char out[STUDY_TAIL_BYTES + 1], all[3 * STUDY_TAIL_BYTES];
    struct study_tail tail = {0};
    study_tail_text(&tail, out);
    assert_string_equal(out, "");
    study_tail_take(&tail, "one\ntwo \n\n", 10);
    study_tail_text(&tail, out);
    assert_string_equal(out, "one\ntwo");
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = i % 10 == 9 ? '\n' : (char)('0' + i / 10 % 10);
    for (size_t piece = 1; piece < sizeof all; piece = 3 * piece + 1) {
        tail = (struct study_tail){0};
        for (size_t at = 0; at < sizeof all; at += piece)
            study_tail_take(&tail, all + at,
                            sizeof all - at < piece ? sizeof all - at : piece);
        study_tail_text(&tail, out);
        const size_t length = strlen(out);
        assert_true(length > STUDY_TAIL_BYTES - 20);
        assert_memory_equal(out + length - 100, all + sizeof all - 100, 100);
        assert_true(out[0] == out[8]); /* begins with a whole line */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_of_any_length_is_thinned_evenly),
        cmocka_unit_test(rows_may_have_different_numbers),
        cmocka_unit_test(columns_beyond_the_limit_are_left_out),
        cmocka_unit_test_setup_teardown(a_log_becomes_a_curve, room_create,
                                        room_remove),
        cmocka_unit_test(lines_do_not_depend_on_how_they_arrive),
        cmocka_unit_test(what_python_prints_is_stored_as_json),
        cmocka_unit_test(what_is_stored_is_utf8),
        cmocka_unit_test(a_line_that_is_too_long_is_skipped),
        cmocka_unit_test(a_metric_is_a_number_or_none),
        cmocka_unit_test(texts_that_differ_stay_different_in_the_store),
        cmocka_unit_test(the_end_of_a_stream_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
