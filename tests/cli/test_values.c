/* at, table and explain: numbers that read back exactly, and true words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include <taper.h>

#include "program.h"

static char folder[] = "/tmp/taper-cli-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static cJSON *json_of(const struct outcome *o)
{
    assert_status(o, 0);
    cJSON *object = cJSON_Parse(o->out);
    if (!object) fail_msg("no JSON:\n%.500s", o->out);
    return object;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    if (!cJSON_IsNumber(item)) fail_msg("no number '%s'", key);
    return item->valuedouble;
}

static void at_prints_what_reads_back_to_the_same_bits(void **state)
{
    (void)state;
    static const char text[] = "cosine(0.1, 0.001, 977)";
    taper_schedule *s = NULL;
    assert_int_equal(taper_parse(text, sizeof text - 1, NULL, NULL, &s, NULL),
                     TAPER_OK);
    char steps[1000][8];
    const char *args[1003] = {"at", text};
    for (size_t k = 0; k < 1000; k++) {
        snprintf(steps[k], sizeof steps[k], "%zu", k);
        args[k + 2] = steps[k];
    }
    const struct outcome *o = run_program(NULL, args);
    assert_status(o, 0);
    const char *next = o->out;
    for (int k = 0; k < 1000; k++) {
        char *end = NULL;
        assert_true(strtod(next, &end) == taper_at(s, k));
        assert_int_equal(*end, '\n');
        next = end + 1;
    }
    assert_int_equal(*next, '\0');
    taper_free(s, NULL);
}

static void at_takes_decimals_and_suffixes(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("at", "linear(1, 0, 4k)", "0.5", "2k", "1e3", "9e300");
    assert_status(o, 0);
    assert_string_equal(o->out, "0.999875\n0.5\n0.75\n0\n");
}

static void at_prints_nothing_if_any_step_is_wrong(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("at", "0.1", "1", "2", "three");
    assert_status(o, 2);
    assert_string_equal(o->out, "");
}

static void at_as_json_pairs_steps_and_values(void **state)
{
    (void)state;
    cJSON *o = json_of(TAPER("at", "--json", "linear(0, 0.3, 3)", "1", "2"));
    const cJSON *values = cJSON_GetObjectItem(o, "values");
    assert_int_equal(cJSON_GetArraySize(values), 2);
    assert_true(number(cJSON_GetArrayItem(values, 1), "step") == 2);
    /* The number in the text is exact, not merely near. */
    assert_true(number(cJSON_GetArrayItem(values, 1), "value") ==
                strtod(TAPER("at", "linear(0, 0.3, 3)", "2")->out, NULL));
    cJSON_Delete(o);
}

static void a_table_has_a_row_for_each_step(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("table", "linear(1, 0, 4)", "--steps", "5");
    assert_status(o, 0);
    assert_string_equal(o->out,
                        "step,value\n0,1\n1,0.75\n2,0.5\n3,0.25\n4,0\n");
    o = TAPER("table", "linear(1, 0, 4)", "--steps", "5", "--from", "1",
              "--every", "2");
    assert_string_equal(o->out, "step,value\n1,0.75\n3,0.25\n");
    o = TAPER("table", "linear(1, 0, 4)", "--steps", "5", "--every", "2");
    assert_string_equal(o->out, "step,value\n0,1\n2,0.5\n4,0\n");
    /* Left out, --steps is the schedule's own length. */
    o = TAPER("table", "linear(1, 0, 4)");
    assert_string_equal(o->out, "step,value\n0,1\n1,0.75\n2,0.5\n3,0.25\n");
    o = TAPER("table", "linear(1, 0, 4)", "--from", "3");
    assert_string_equal(o->out, "step,value\n3,0.25\n");
}

/* More rows than one piece holds, against the library. */
static void long_tables_do_not_slip(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("table", "linear(0, 4096, 4096)", "--steps", "3000");
    assert_status(o, 0);
    const char *line = strchr(o->out, '\n') + 1;
    for (int k = 0; k < 3000; k++) {
        char expected[32];
        const int n = snprintf(expected, sizeof expected, "%d,%d\n", k, k);
        assert_memory_equal(line, expected, (size_t)n);
        line += n;
    }
    assert_int_equal(*line, '\0');
}

static void a_json_table_is_a_list_of_rows(void **state)
{
    (void)state;
    cJSON *o = json_of(
        TAPER("table", "linear(1, 0, 4)", "--steps", "3", "--format", "json"));
    assert_int_equal(cJSON_GetArraySize(o), 3);
    assert_true(number(cJSON_GetArrayItem(o, 2), "step") == 2);
    assert_true(number(cJSON_GetArrayItem(o, 2), "value") == 0.5);
    cJSON_Delete(o);
}

/* The layout that NumPy's documentation of format 1.0 prescribes. */
static void an_npy_table_is_laid_out_as_numpy_says(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("table", "linear(1, 0, 4)", "--steps", "3", "--format", "npy");
    assert_status(o, 0);
    assert_int_equal(o->out_size, 128 + 3 * 8);
    assert_memory_equal(o->out, "\x93NUMPY\x01\x00\x76\x00", 10);
    assert_non_null(strstr(o->out + 10, "'shape': (3,)"));
    assert_int_equal(o->out[127], '\n');
    /* 0.75 is 3fe8 0000 0000 0000, the least byte first. */
    assert_memory_equal(o->out + 128 + 8, "\0\0\0\0\0\0\xe8\x3f", 8);
}

static void npy_is_refused_on_a_terminal(void **state)
{
    (void)state;
    static const char *const args[] = {"table",    "0.1", "--steps", "5",
                                       "--format", "npy", NULL};
    const struct outcome *o = run_on_terminal(args);
    assert_status(o, 2);
    assert_says(o->err, "-o FILE.npy");
    assert_int_equal(o->out_size, 0);
}

static void a_table_file_says_its_format_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *start;
    } files[] = {{"t.csv", "step"},
                 {"t.json", "["},
                 {"t.npy", "\x93NUMPY"},
                 {"t.NPY", "\x93NUMPY"},
                 {"t", "step"}};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        const struct outcome *o =
            TAPER("table", "0.1", "--steps", "5", "-o", files[k].name);
        assert_status(o, 0);
        assert_string_equal(o->out, "");
        char start[8] = "";
        FILE *f = fopen(files[k].name, "rb");
        assert_non_null(f);
        assert_true(fread(start, 1, strlen(files[k].start), f) > 0);
        fclose(f);
        assert_string_equal(start, files[k].start);
        unlink(files[k].name);
    }
    const struct outcome *o = TAPER("table", "0.1", "--steps", "1", "-o", "-");
    assert_status(o, 0);
    assert_string_equal(o->out, "step,value\n0,0.1\n");
    o = TAPER("table", "0.1", "--steps", "5", "-o", "missing/t.csv");
    assert_status(o, 1);
    assert_says(o->err, "missing/t.csv");
}

static void explain_gives_figures_that_can_be_checked_by_hand(void **state)
{
    (void)state;
    /* 0 1 2 3 4 of the warm-up, then 5 * 10 and 5 4 3 2 1 on the way down. */
    cJSON *o = json_of(TAPER("explain", "--json",
                             "linear(0, 5, 5) then hold(5, 10) then "
                             "linear(5, 0, 5)"));
    assert_true(number(o, "length") == 20);
    assert_true(number(o, "steps") == 20);
    assert_true(number(o, "first") == 0);
    assert_true(number(o, "peak") == 5);
    assert_true(number(o, "peak_step") == 5);
    assert_true(number(o, "last") == 1);
    assert_true(number(o, "end") == 0);
    assert_true(number(o, "area") == 10 + 50 + 15);
    const cJSON *segments = cJSON_GetObjectItem(o, "segments");
    assert_int_equal(cJSON_GetArraySize(segments), 3);
    assert_true(number(cJSON_GetArrayItem(segments, 2), "first") == 15);
    assert_true(number(cJSON_GetArrayItem(segments, 2), "from") == 5);
    cJSON_Delete(o);
}

static void the_area_of_many_small_values_is_right(void **state)
{
    (void)state;
    cJSON *o = json_of(TAPER("explain", "--json", "hold(0.1, 10M)"));
    assert_true(fabs(number(o, "area") - 1e6) < 1e-7);
    assert_false(cJSON_IsTrue(cJSON_GetObjectItem(o, "sampled")));
    cJSON_Delete(o);
}

static void an_endless_schedule_has_no_length(void **state)
{
    (void)state;
    cJSON *o = json_of(TAPER("explain", "--json", "exp(0.1, rate=0.5)"));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "length")));
    assert_true(number(o, "steps") == 1000);
    assert_true(fabs(number(o, "area") - 0.2) < 1e-15);
    cJSON_Delete(o);
    assert_says(TAPER("explain", "exp(0.1, rate=0.5)")->out, "without end");
}

static void explain_stays_quick_and_honest_on_huge_schedules(void **state)
{
    (void)state;
    cJSON *o =
        json_of(TAPER("explain", "--json", "linear(1, 0, 9007199254740992)"));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(o, "sampled")));
    assert_true(fabs(number(o, "area") / 4503599627370496.0 - 1) < 1e-6);
    cJSON_Delete(o);
}

static void explain_says_how_each_part_moves(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("explain", "linear(0, 1, 5) then hold(1, 5) then "
                         "repeat(linear(1, 0.5, 5), times=2) then "
                         "cosine(0.5, 0.25, 10, after=mirror)");
    assert_status(o, 0);
    assert_says(o->out, "0 to 4             linear: rises from 0 to 1\n");
    assert_says(o->out, "5 to 9             hold: stays at 1\n");
    assert_says(o->out, "repeat: moves between 0.6 and 1\n");
    assert_says(o->out, "cosine: falls from 0.5 to 0.25\n");
    assert_says(o->out,
                "from 30 on         after the end: moves between 0.25 and 0.5");
    /* What has no end does not get there. */
    o = TAPER("explain", "exp(0.1, rate=0.9)");
    assert_says(o->out, "from 0 on          exp: falls from 0.1 towards 0\n");
}

static void explain_counts_one_step_in_the_singular(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("explain", "hold(0.1, 1)");
    assert_says(o->out, " 1 step\n");
    assert_says(o->out, " 1 update\n");
    o = TAPER("explain", "hold(0.1, 2)", "--steps", "3");
    assert_says(o->out, " 2 steps\n");
    assert_says(o->out, " 3 updates\n");
    assert_says(o->out, "for 1 step after");
    o = TAPER("explain", "hold(0.1, 2)", "--steps", "1");
    assert_says(o->out, "ends 1 step before");
}

/* A part of a thousand steps and more is followed to its end, and a restart
 * that falls between samples is seen. */
static void explain_follows_long_parts(void **state)
{
    (void)state;
    const struct outcome *o =
        TAPER("explain", "1 * (linear(1, 0, 1030) then linear(0, 2, 1000))");
    assert_says(o->out, "product: moves between 0 and 1.998\n");
    o = TAPER("explain", "repeat(linear(1, 0, 4), times=1024)");
    assert_says(o->out, "repeat: moves between 0.25 and 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_prints_what_reads_back_to_the_same_bits),
        cmocka_unit_test(at_takes_decimals_and_suffixes),
        cmocka_unit_test(at_prints_nothing_if_any_step_is_wrong),
        cmocka_unit_test(at_as_json_pairs_steps_and_values),
        cmocka_unit_test(a_table_has_a_row_for_each_step),
        cmocka_unit_test(long_tables_do_not_slip),
        cmocka_unit_test(a_json_table_is_a_list_of_rows),
        cmocka_unit_test(an_npy_table_is_laid_out_as_numpy_says),
        cmocka_unit_test(npy_is_refused_on_a_terminal),
        cmocka_unit_test(a_table_file_says_its_format_by_its_name),
        cmocka_unit_test(explain_gives_figures_that_can_be_checked_by_hand),
        cmocka_unit_test(the_area_of_many_small_values_is_right),
        cmocka_unit_test(an_endless_schedule_has_no_length),
        cmocka_unit_test(explain_stays_quick_and_honest_on_huge_schedules),
        cmocka_unit_test(explain_says_how_each_part_moves),
        cmocka_unit_test(explain_counts_one_step_in_the_singular),
        cmocka_unit_test(explain_follows_long_parts),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
