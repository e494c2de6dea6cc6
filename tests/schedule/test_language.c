/* The language: what it refuses, where, and what it says. */
#include "schedule/support.h"

#include <stdlib.h>

/* Texts that are wrong without any run, with the place at fault. */
static const struct refusal {
    const char *text;
    taper_status code;
    size_t position, length;
    const char *says; /* the message contains this */
} refusals[] = {
    {"", TAPER_E_SYNTAX, 0, 0, "ends where a schedule is expected"},
    {"   ", TAPER_E_SYNTAX, 3, 0, "ends where a schedule is expected"},
    {"()", TAPER_E_SYNTAX, 1, 1, "a schedule is expected"},
    {"cosin(0.1, 0, 10)", TAPER_E_NAME, 0, 5, "did you mean 'cosine'?"},
    {"1 * lienar(0, 1, 2)", TAPER_E_NAME, 4, 6, "did you mean 'linear'?"},
    {"polynomial(0, 1, 2)", TAPER_E_NAME, 0, 10, "did you mean 'poly'?"},
    {"frob(1)", TAPER_E_NAME, 0, 4, "names are such as linear"},
    {"nan", TAPER_E_NAME, 0, 3, "unknown name 'nan'"},
    {"\u201clinear", TAPER_E_SYNTAX, 0, 3, "this character means nothing"},
    {"0.1 \xe2\x80", TAPER_E_SYNTAX, 4, 2, "byte 226 is not a character"},
    {"0.1 \xe9", TAPER_E_SYNTAX, 4, 1, "byte 233 is not a character"},
    {"inf", TAPER_E_NAME, 0, 3, "unknown name 'inf'"},
    {"1e999", TAPER_E_RANGE, 0, 5, "too large"},
    {"cosine", TAPER_E_SYNTAX, 6, 0, "'('"},
    {"cosine 3", TAPER_E_SYNTAX, 7, 1, "'('"},
    {"cosine(0.1, 0, 10", TAPER_E_SYNTAX, 17, 0, "',' or ')'"},
    {"cosine(0.1, 0, 10))", TAPER_E_SYNTAX, 18, 1, "closes nothing"},
    {"cosine(0.1 0, 10)", TAPER_E_SYNTAX, 11, 1, "',' or ')'"},
    {"cosine(0.1, 0, 10, 3, 4)", TAPER_E_ARGUMENT, 19, 1, "too many"},
    {"cosine(0.1, 0, 10, zzz=3)", TAPER_E_ARGUMENT, 19, 3, "no argument 'zzz'"},
    {"cosine(0.1, 0, ovr=10)", TAPER_E_ARGUMENT, 15, 3, "did you mean 'over'?"},
    {"cosine(0.1, 0, over=10, over=20)", TAPER_E_ARGUMENT, 24, 4, "twice"},
    {"cosine(0.1, 0, 10, from=1)", TAPER_E_ARGUMENT, 19, 4, "twice"},
    {"cosine(from=0.1, 0, 10)", TAPER_E_ARGUMENT, 17, 1, "without a name"},
    {"cosine(0.1, over=10)", TAPER_E_ARGUMENT, 0, 20, "needs 'to'"},
    {"cosine(to=0, over=10)", TAPER_E_ARGUMENT, 0, 21, "first part"},
    {"hold(over=10)", TAPER_E_ARGUMENT, 0, 13, "first part"},
    {"linear(0, 1, 5) then 2 * cosine(to=0, over=10)", TAPER_E_ARGUMENT, 25, 21,
     "factor"},
    {"cosine(0.1, 0, -5)", TAPER_E_RANGE, 15, 2, "negative"},
    {"cosine(0.1, 0, 2.5)", TAPER_E_RANGE, 15, 3, "whole"},
    {"cosine(0.1, 0, 10, )", TAPER_E_SYNTAX, 19, 1, "expected after ','"},
    {"cosine(, 0, 10)", TAPER_E_SYNTAX, 7, 1, "'from'"},
    {"cosine(linear(0, 1, 2), 0, 10)", TAPER_E_SYNTAX, 7, 6, "a number"},
    {"cosine(0.1, to, 10)", TAPER_E_SYNTAX, 12, 2, "a number"},
    {"cosine(5ep, 0, 10)", TAPER_E_SYNTAX, 7, 3, "no unit"},
    {"cosine(1e308, -1e308, 10)", TAPER_E_RANGE, 14, 6, "too far apart"},
    {"5ep", TAPER_E_SYNTAX, 0, 3, "unit belongs to a length"},
    {"hold(1, 5epochs)", TAPER_E_NAME, 9, 6, "did you mean 'ep'?"},
    {"hold(1, 5q)", TAPER_E_NAME, 9, 1, "ep, %, tok or smp"},
    {"hold(1, 99999999999999999999)", TAPER_E_RANGE, 8, 20, "2^53"},
    {"hold(1, 9007199254740994)", TAPER_E_RANGE, 8, 16, "2^53"},
    {"hold(1, 9007199254740992) then hold(1, 1)", TAPER_E_SIZE, 31, 10, "2^53"},
    {"poly(1, 0, 10)", TAPER_E_ARGUMENT, 0, 14, "needs 'power'"},
    {"poly(1, 0, 10, power=-1)", TAPER_E_RANGE, 21, 2, "above 0"},
    {"poly(1, 0, 10, power=0)", TAPER_E_RANGE, 21, 1, "above 0"},
    {"exp(0.1)", TAPER_E_ARGUMENT, 0, 8, "'to' or 'rate'"},
    {"exp(0.1, rate=0)", TAPER_E_RANGE, 14, 1, "above 0"},
    {"exp(0.1, rate=-1)", TAPER_E_RANGE, 14, 2, "above 0"},
    {"exp(0.1, 0.2, 5, rate=2)", TAPER_E_ARGUMENT, 0, 24, "not both"},
    {"exp(0.1, 0.2, 5, per=2)", TAPER_E_ARGUMENT, 0, 23, "need 'rate'"},
    {"exp(0.1, rate=1, per=2, stair=3)", TAPER_E_ARGUMENT, 0, 32, "not both"},
    {"exp(0.1, rate=1, per=0)", TAPER_E_RANGE, 21, 1, "at least one step"},
    {"exp(0.1, 0, 10)", TAPER_E_RANGE, 9, 1, "never reaches 0"},
    {"exp(0, 0.1, 10)", TAPER_E_RANGE, 4, 1, "cannot start at 0"},
    {"exp(0.1, -0.1, 10)", TAPER_E_RANGE, 9, 4, "one sign"},
    {"exp(0.1, rate=0.5, after=mirror)", TAPER_E_RANGE, 25, 6, "no end"},
    {"linear(0, 1, 5, after=miror)", TAPER_E_NAME, 22, 5, "hold, mirror"},
    {"linear(0, 1, 5, after=3)", TAPER_E_NAME, 22, 1, "hold, mirror"},
    {"repeat(0.1, times=0)", TAPER_E_RANGE, 18, 1, "whole number from 1"},
    {"repeat(hold(1, 5), times=2.5)", TAPER_E_RANGE, 25, 3, "whole number"},
    {"repeat(0.1)", TAPER_E_RANGE, 7, 3, "no end"},
    {"repeat(hold(1, 0))", TAPER_E_RANGE, 7, 10, "0 steps"},
    {"repeat(cosine(0.1, 0))", TAPER_E_ARGUMENT, 7, 14, "cannot be left out"},
    {"repeat(hold(1, 5), stretch=0)", TAPER_E_RANGE, 27, 1, "above 0"},
    {"repeat(hold(1, 5), scale=-1)", TAPER_E_RANGE, 25, 2, "negative"},
    {"repeat(hold(1, 1M), times=60, stretch=2)", TAPER_E_SIZE, 7, 11, "2^53"},
    {"stair(0.1, 0)", TAPER_E_RANGE, 11, 1, "at least one step"},
    {"stair(0.1)", TAPER_E_ARGUMENT, 0, 10, "needs 'every'"},
    {"clamp(1)", TAPER_E_ARGUMENT, 0, 8, "'min' or 'max'"},
    {"clamp(1, min=-1.7976931348623157e308)", TAPER_E_ARGUMENT, 0, 37,
     "'min' or 'max'"},
    {"clamp(1, min=2, max=1)", TAPER_E_RANGE, 13, 1, "above 'max'"},
    {"then 0.1", TAPER_E_SYNTAX, 0, 4, "before 'then'"},
    {"0.1 then", TAPER_E_SYNTAX, 8, 0, "a schedule is expected"},
    {"0.1 *", TAPER_E_SYNTAX, 5, 0, "a schedule is expected"},
    {"0.1 0.2", TAPER_E_SYNTAX, 4, 3, "'then'"},
    {"0.1 then 0.2", TAPER_E_ARGUMENT, 0, 3, "hold(0.1, 500)"},
    {"exp(1, rate=0.9) then 2", TAPER_E_ARGUMENT, 0, 16, "'over'"},
    {"repeat(hold(1, 5)) then 2", TAPER_E_ARGUMENT, 0, 18, "'times'"},
    {"(2 * 3) then 2", TAPER_E_ARGUMENT, 1, 5, "no end"},
    {"hold(1) then 2", TAPER_E_ARGUMENT, 13, 1, "no rest"},
    {"linear(0, 1) then cosine(to=0)", TAPER_E_ARGUMENT, 18, 12, "two parts"},
    {"2 * 3 # \xc3\xa9\n then 4", TAPER_E_ARGUMENT, 0, 5, "no end"},
    {"--1", TAPER_E_SYNTAX, 0, 1, "digits"},
    {"-(1)", TAPER_E_SYNTAX, 0, 1, "digits"},
    {".", TAPER_E_SYNTAX, 0, 1, "digits"},
    {"1.2.3", TAPER_E_SYNTAX, 3, 2, "'then'"},
    {"\xc3\xa9", TAPER_E_SYNTAX, 0, 2, "this character means nothing"},
    {"0.1 \x80", TAPER_E_SYNTAX, 4, 1, "byte 128"},
    {"cosine(0.1, 0, 10)\x01", TAPER_E_SYNTAX, 18, 1, "byte 1 "},
    {"0.1; 2", TAPER_E_SYNTAX, 3, 1, "';'"},
    {"1 @ 2", TAPER_E_SYNTAX, 2, 1, "'@'"},
    /* What people try who know other languages. */
    {"linear(0, 1, 5) + 1", TAPER_E_SYNTAX, 16, 1, "joined by 'then' or '*'"},
    {"linear(0, 1, 5) +1", TAPER_E_SYNTAX, 16, 2, "joined by 'then' or '*'"},
    {"1 - hold(1, 5)", TAPER_E_SYNTAX, 2, 1, "joined by 'then' or '*'"},
    {"hold(1, 5) / 2", TAPER_E_SYNTAX, 11, 1, "joined by 'then' or '*'"},
    {"/ 2", TAPER_E_SYNTAX, 0, 1, "'/' means nothing"},
    {"-cosine(1, 0, 9)", TAPER_E_SYNTAX, 0, 1, "-1 * ("},
    {"2 * -hold(1, 5)", TAPER_E_SYNTAX, 4, 1, "-1 * ("},
    {"hold(1, 5 ep)", TAPER_E_SYNTAX, 10, 2, "touches its number"},
    {"hold(1, 10 %)", TAPER_E_SYNTAX, 11, 1, "touches its number"},
    {"hold(1, 5 k)", TAPER_E_SYNTAX, 10, 1, "touches its number"},
    {"hold(1, 5ep %)", TAPER_E_SYNTAX, 12, 1, "'%' means nothing"},
    {"hold(1, 10steps)", TAPER_E_NAME, 10, 5, "leave out 'steps'"},
    {"hold(1, 10 steps)", TAPER_E_NAME, 11, 5, "leave out 'steps'"},
    {"hold(1, 1step)", TAPER_E_NAME, 9, 4, "a plain number is"},
    {"cosin\xc3\xa9(1, 0, 9)", TAPER_E_NAME, 0, 7, "did you mean 'cosine'?"},
    {"hold(1, \xc3\xbc"
     "ber=9)",
     TAPER_E_SYNTAX, 8, 2, "this character means nothing"},
    {"hold(1, \xc3", TAPER_E_SYNTAX, 8, 1, "byte 195"},
};

static void wrong_texts_are_refused_at_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        taper_schedule *s = (taper_schedule *)state;
        taper_error err = {.needs = "nothing that is known"};
        const taper_status status =
            taper_parse(r->text, strlen(r->text), NULL, NULL, &s, &err);
        if (status != r->code || err.code != r->code ||
            err.position != r->position || err.length != r->length ||
            !strstr(err.message, r->says))
            fail_msg("'%s': status %d at %zu + %zu: %s", r->text, (int)status,
                     err.position, err.length, err.message);
        assert_null(s);
        assert_null(err.needs);
        /* One sentence without a full stop. */
        assert_int_not_equal(err.message[strlen(err.message) - 1], '.');
        assert_true(strlen(err.message) + 1 < sizeof err.message);
        /* And the same without anywhere to report to. */
        assert_int_equal(taper_parse(r->text, strlen(r->text), NULL, NULL, &s,
                                     NULL),
                         r->code);
    }
}

static void a_missing_fact_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fact;
    } cases[] = {{"linear(0, 1, 5ep)", "epoch"},
                 {"linear(0, 1, 5%)", "steps"},
                 {"linear(0, 1, 5Btok)", "tokens"},
                 {"linear(0, 1, 5smp)", "batch"},
                 {"linear(0, 1)", "steps"},
                 {"stair(linear(0, 1, 9), 1ep)", "epoch"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char quoted[16];
        taper_schedule *s;
        taper_error err;
        assert_int_equal(taper_parse(cases[i].text, strlen(cases[i].text), NULL,
                                     NULL, &s, &err),
                         TAPER_E_RUN);
        assert_string_equal(err.needs, cases[i].fact);
        snprintf(quoted, sizeof quoted, "'%s'", cases[i].fact);
        assert_non_null(strstr(err.message, quoted));
        assert_true(err.length > 0);
    }
}

static void too_little_rest_is_an_error_with_numbers(void **state)
{
    (void)state;
    const char *text =
        "linear(0, 1, 900) then hold() then linear(to=0, over=20%)";
    taper_schedule *s;
    taper_error err;
    assert_int_equal(taper_parse(text, strlen(text), &full_run, NULL, &s, &err),
                     TAPER_E_RANGE);
    assert_int_equal(err.position, 23);
    assert_non_null(strstr(err.message, "1100"));
    assert_non_null(strstr(err.message, "1000"));
}

static void a_run_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const taper_run runs[] = {{.steps = -1},
                                     {.steps = TAPER_STEP_MAX + 1},
                                     {.epoch = -1},
                                     {.batch = -0.5},
                                     {.tokens = DBL_MAX * 10}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        taper_schedule *s;
        assert_int_equal(taper_parse("1", 1, &runs[i], NULL, &s, NULL),
                         TAPER_E_RUN);
    }
}

static void parentheses_nest_to_64_and_no_deeper(void **state)
{
    (void)state;
    static const char *const opens[] = {"(", "stair(", "(2 * ",
                                        "(hold(1, 3) then "};
    static const char *const closes[] = {")", ", 1)", ")", ")"};
    char text[5000];
    for (size_t k = 0; k < 4; k++)
        /* The hold( of the last one is a level of its own. */
        for (int depth = k == 3 ? 63 : 64, most = depth; depth <= most + 1;
             depth++) {
            size_t len = 0;
            for (int i = 0; i < depth; i++)
                len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                        opens[k]);
            len += (size_t)snprintf(text + len, sizeof text - len, "1");
            for (int i = 0; i < depth; i++)
                len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                        closes[k]);
            taper_schedule *s, *t;
            assert_int_equal(taper_parse(text, len, NULL, NULL, &s, NULL),
                             depth == most ? TAPER_OK : TAPER_E_SIZE);
            if (depth > most) continue;
            /* So deep as well, it can be evaluated and described. */
            double out[100];
            taper_fill(s, 0, 1, 100, out);
            for (int i = 0; i < 100; i++)
                assert_same(out[i], taper_at(s, i));
            len = taper_describe(s, text, sizeof text);
            assert_int_equal(taper_parse(text, len, NULL, NULL, &t, NULL),
                             TAPER_OK);
            taper_free(s, NULL);
            taper_free(t, NULL);
        }
}

static void a_hundred_thousand_parentheses_are_no_crash(void **state)
{
    (void)state;
    enum { n = 100000 };
    char *text = malloc(n);
    memset(text, '(', n);
    taper_schedule *s;
    assert_int_equal(taper_parse(text, n, NULL, NULL, &s, NULL), TAPER_E_SIZE);
    free(text);
}

static void a_text_needs_no_closing_nul(void **state)
{
    (void)state;
    taper_schedule *s;
    assert_int_equal(taper_parse("0.15", 3, NULL, NULL, &s, NULL), TAPER_OK);
    assert_same(taper_at(s, 0), 0.1);
    taper_free(s, NULL);
    assert_int_equal(taper_parse("0.1\0", 4, NULL, NULL, &s, NULL),
                     TAPER_E_SYNTAX);
}

static void spaces_do_not_matter(void **state)
{
    (void)state;
    assert_same(value(" linear (\n0 ,\t1,\r over = 10 )then 7 * 2 ", 11), 14);
}

static void a_byte_order_mark_is_passed_over_at_the_start_alone(void **state)
{
    (void)state;
    assert_same(value("\xef\xbb\xbfhold(3, 5)", 2), 3);
    assert_same(value("\xef\xbb\xbf 3", 2), 3);
    static const char *const not_at_the_start[] = {" \xef\xbb\xbf 3",
                                                   "\xef\xbb\xbf\xef\xbb\xbf 3",
                                                   "\xef\xbb"};
    for (size_t k = 0; k < 3; k++) {
        taper_schedule *s;
        assert_int_equal(taper_parse(not_at_the_start[k],
                                     strlen(not_at_the_start[k]), NULL, NULL,
                                     &s, NULL),
                         TAPER_E_SYNTAX);
    }
}

static void canonical_text_says_everything_in_steps(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"((0.1))", "0.1"},
        {"1.5k", "1500"},
        {"-0", "0"},
        {"hold(0.1, 5ep)", "hold(0.1, 500)"},
        {"linear(0, 0.1, 5%) then cosine(to=0)",
         "linear(0, 0.1, 50) then cosine(0.1, 0, 950)"},
        {"poly(1,0,10,2,after=mirror)",
         "poly(1, 0, 10, power=2, after=mirror)"},
        {"exp(0.1, rate=0.96, per=1)", "exp(0.1, rate=0.96)"},
        {"exp(0.1, rate=0.96, per=1ep)", "exp(0.1, rate=0.96, per=100)"},
        {"exp(0.1, over=9, rate=0.96, stair=1)",
         "exp(0.1, over=9, rate=0.96, stair=1)"},
        {"exp(over=20, to=0.001, from=0.1, after=hold)", "exp(0.1, 0.001, 20)"},
        {"2*(3*4)*(hold(1,2) then 5)", "2 * (3 * 4) * (hold(1, 2) then 5)"},
        {"(2*3)*4", "(2 * 3) * 4"},
        {"hold(1,2) then (hold(3,4) then 5)",
         "hold(1, 2) then (hold(3, 4) then 5)"},
        {"repeat((hold(1,2) then hold(2,3)), times=3, stretch=1)",
         "repeat(hold(1, 2) then hold(2, 3), times=3)"},
        {"repeat(hold(1,2), scale=0.5, stretch=2, after=hold, times=1)",
         "repeat(hold(1, 2), times=1, stretch=2, scale=0.5)"},
        {"stair(every=2, s=hold(1,2), after=hold)",
         "stair(hold(1, 2), 2, after=hold)"},
        {"clamp(1, max=2)", "clamp(1, max=2)"},
        {"clamp(1, -1, 2)", "clamp(1, min=-1, max=2)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        taper_schedule *s = parse(cases[i].text);
        taper_describe(s, text, sizeof text);
        assert_string_equal(text, cases[i].canonical);
        taper_free(s, NULL);
    }
}

static void every_name_has_an_example_that_parses(void **state)
{
    (void)state;
    assert_true(taper_shape_count() >= 8);
    assert_true(taper_shape_count() < 256); /* names_max of shapes.c */
    for (size_t i = 0; i < taper_shape_count(); i++) {
        const taper_shape *shape = taper_shape_at(i);
        taper_schedule *s = parse_in(shape->example, &full_run);
        taper_free(s, NULL);
        assert_true(strncmp(shape->usage, shape->name, strlen(shape->name)) ==
                    0);
        assert_true(strstr(shape->example, shape->name) != NULL);
        assert_true(strlen(shape->doc) > 0);
        assert_true(strlen(taper_shape_family(i)) > 0);
    }
    assert_null(taper_shape_at(taper_shape_count()));
    assert_null(taper_shape_family(taper_shape_count()));
}

static void the_names_that_a_text_calls_are_found(void **state)
{
    (void)state;
    static const char text[] = "cosine(1, 0, 5) then (0.5 * linear(1, to=0, "
                               "over=7)) * cosine(0, 1, 9)";
    const taper_shape *found[4];
    assert_int_equal(taper_shapes_in(text, strlen(text), found, 4), 2);
    assert_string_equal(found[0]->name, "cosine");
    assert_string_equal(found[1]->name, "linear");
    assert_int_equal(taper_shapes_in(text, strlen(text), NULL, 0), 2);
    assert_int_equal(taper_shapes_in(text, strlen(text), found, 1), 2);
    assert_int_equal(taper_shapes_in("wrong (", 7, NULL, 0), 0);
}

static void near_words_are_suggested_and_others_not(void **state)
{
    (void)state;
    static const char *const names[] = {"min",  "linear", "cosine",
                                        "poly", "exp",    "hold",
                                        "over", "log",    "%"};
    static const struct {
        const char *word, *near;
    } cases[] = {{"lin", "linear"},
                 {"Linear", "linear"},
                 {"cos", "cosine"},
                 {"cosien", "cosine"},
                 {"cosineannealing", "cosine"},
                 {"pol", "poly"},
                 {"exponential", "exp"},
                 {"hodl", "hold"},
                 {"ovr", "over"},
                 {"mim", "min"},
                 {"foo", NULL}, /* two of three letters from log */
                 {"x", NULL},
                 {"", NULL},
                 {"step", NULL},
                 {"abcdefgh", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = taper_suggest(cases[i].word, strlen(cases[i].word),
                                        names, sizeof names / sizeof *names);
        if (got != cases[i].near &&
            (!got || !cases[i].near || strcmp(got, cases[i].near) != 0))
            fail_msg("%s: %s", cases[i].word, got ? got : "nothing");
    }
}

static void every_status_has_a_text(void **state)
{
    (void)state;
    for (int i = 0; i <= TAPER_E_NOMEM; i++)
        assert_true(strlen(taper_status_text((taper_status)i)) > 3);
    assert_string_equal(taper_status_text((taper_status)99), "unknown status");
    assert_string_equal(taper_version(), "0.1.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_texts_are_refused_at_their_place),
        cmocka_unit_test(a_missing_fact_is_named),
        cmocka_unit_test(too_little_rest_is_an_error_with_numbers),
        cmocka_unit_test(a_run_that_makes_no_sense_is_refused),
        cmocka_unit_test(parentheses_nest_to_64_and_no_deeper),
        cmocka_unit_test(a_hundred_thousand_parentheses_are_no_crash),
        cmocka_unit_test(a_text_needs_no_closing_nul),
        cmocka_unit_test(spaces_do_not_matter),
        cmocka_unit_test(a_byte_order_mark_is_passed_over_at_the_start_alone),
        cmocka_unit_test(canonical_text_says_everything_in_steps),
        cmocka_unit_test(every_name_has_an_example_that_parses),
        cmocka_unit_test(the_names_that_a_text_calls_are_found),
        cmocka_unit_test(near_words_are_suggested_and_others_not),
        cmocka_unit_test(every_status_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
