/* Logs and models that fit, predict and optimize refuse, each in one line that
 * says what is wrong with which file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "laws.h"

static void bad_logs_are_refused_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        int status;
    } rows[] = {
        {"", "is empty", 1},
        {"step,lr,loss\n", "a header and no rows", 1},
        {"step,lr,loss\n5,1e-3,3\n", "", 1},
        {"step,lr,accuracy\n5,1e-3,3\n", "it has step, lr, accuracy", 1},
        {"step,lr,loss\n1,-1e-3,3\n2,1e-3,2\n", "a rate is 0 or more", 1},
        {"step,lr,loss\n1,1e-3,nan\n2,1e-3,nan\n", "the run diverged", 1},
        {"step,lr,loss\n1,x,3\n", "line 2: the rate 'x' is no number", 1},
        {"step,lr,loss\n1,,3\n2,,2\n3,,2\n4,,2\n9000000,1e-3,\n",
         "left after the warm-up", 1},
        {"\1\2\3\4", "neither text", 1},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        assert_refused(TAPER("fit", write_file("bad.csv", rows[k].text)),
                       rows[k].status, rows[k].part);
    assert_refused(TAPER("fit", in_folder("none.csv")), 1,
                   "No such file or directory");
    assert_refused(TAPER("fit"), 2, "no log to fit");
    assert_refused(TAPER("fit", "--columns", "los=a", "x.csv"), 2,
                   "--columns is like");
    assert_refused(TAPER("fit", "--plot", "a.gif", "x.csv"), 2, ".png");
}

/* Constant, rising, and of rate 0: the law's own words. */
static void losses_that_no_law_describes_are_refused(void **state)
{
    (void)state;
    static const char *const kinds[] = {"constant", "rising", "zero rate"};
    for (int kind = 0; kind < 3; kind++) {
        static char text[20000];
        size_t n = (size_t)sprintf(text, "step,lr,loss\n");
        for (int t = 0; t < 1000; t += 10)
            n += (size_t)sprintf(text + n, "%d,%s,%g\n", t,
                                 kind == 2 ? "0" : "0.001",
                                 kind == 1 ? 2 + t * 1e-3 : 2.0);
        const struct outcome *o = TAPER("fit", write_file("flat.csv", text));
        if (o->status != 1) fail_msg("%s: %s", kinds[kind], o->out);
        assert_refused(o, 1, "flat.csv: ");
    }
}

static void bad_models_are_refused_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"", "not a JSON object"},
        {"[1]", "not a JSON object"},
        {"{\"version\": 0}", "of an older taper (version 0)"},
        {"{\"version\": 2}", "of a later taper (version 2)"},
        {"{}", "no \"law\""},
        {"{\"law\": \"magic\"}", "neither multi-power nor momentum"},
        {"{\"law\": \"momentum\"}", "no number \"clock\""},
        {"{\"law\": \"momentum\", \"clock\": 0.5}", "no number \"eta_ref\""},
        {"{\"law\": \"momentum\", \"clock\": 1}", "no \"parameters\""},
        {"{\"law\": \"momentum\", \"clock\": 1, \"parameters\": {\"L0\": 2, "
         "\"A\": 1, \"alpha\": 0.5, \"C\": 1}}",
         "no number \"lambda\""},
        {"{\"law\": \"momentum\", \"clock\": 1, \"parameters\": {\"L0\": 2, "
         "\"A\": 1, \"alpha\": 0.5, \"C\": 1, \"lambda\": 0.9, \"beta\": 1}}",
         "has no parameter \"beta\""},
        {"{\"law\": \"momentum\", \"clock\": 1, \"parameters\": {\"L0\": 2, "
         "\"A\": 1, \"alpha\": -0.5, \"C\": 1, \"lambda\": 0.9}}",
         "bad.json: "},
        {"{\"law\": \"momentum\", \"clock\": 1, \"parameters\": {\"L0\": "
         "\"2\", "
         "\"A\": 1, \"alpha\": 0.5, \"C\": 1, \"lambda\": 0.9}}",
         "no number \"L0\""},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        assert_refused(TAPER("predict", "--model",
                             write_file("bad.json", rows[k].text), "1e-3",
                             "--steps", "10"),
                       1, rows[k].part);
    assert_refused(TAPER("predict", "1e-3"), 2, "no model");
    assert_refused(TAPER("optimize", "--steps", "10"), 2, "no model");
}

/* Which of several logs it is, where it is one; else the first of them. */
static void several_logs_are_refused_by_name(void **state)
{
    (void)state;
    static const char few[] = "step,lr,loss\n1,0.1,3\n2,0.1,2\n3,0.05,1\n";
    static char falling[20000], rising[20000];
    size_t n = (size_t)sprintf(falling, "step,lr,loss\n");
    size_t m = (size_t)sprintf(rising, "step,lr,loss\n");
    for (int t = 0; t < 1000; t += 10) {
        n += (size_t)sprintf(falling + n, "%d,0.001,%g\n", t, 4 - t * 1e-3);
        m += (size_t)sprintf(rising + m, "%d,0.001,%g\n", t, 2 + t * 1e-3);
    }
    const char *const a = write_file("few.csv", few);
    const char *const b = write_file("fewer.csv", few);
    assert_refused(TAPER("fit", a), 1, "few.csv: 3 points are left");
    assert_refused(TAPER("fit", a, b), 1,
                   "few.csv and 1 more log: 6 points are left");
    assert_refused(TAPER("fit", write_file("down.csv", falling),
                         write_file("up.csv", rising)),
                   1, "up.csv: the loss of run 2 does not fall");
}

/* A run of more steps than any log may have is no run. */
static void a_model_of_impossible_runs_says_so(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\"seen\": {\"steps_high\": 9e15}",
                                        "\"seen\": {\"steps_low\": 9e15}",
                                        "\"from\": 1e300",
                                        "\"warmup\": 67108865",
                                        "\"hidden_warmup\": 67108865"};
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "{\"law\": \"momentum\", \"clock\": 1, "
                       "\"train_huber\": 0, \"parameters\": {\"L0\": 2, "
                       "\"A\": 1, \"alpha\": 0.5, \"C\": 1, \"lambda\": 0.9}, "
                       "%s}",
                       wrong[k]);
        const char *const model = write_file("bad.json", text);
        assert_refused(TAPER("predict", "--model", model, "1e-3"), 1,
                       "steps, and 67108864 is the most: fit again");
        assert_refused(TAPER("optimize", "--model", model, "--peak", "1"), 1,
                       "bad.json: its \"");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_logs_are_refused_in_one_line),
        cmocka_unit_test(losses_that_no_law_describes_are_refused),
        cmocka_unit_test(several_logs_are_refused_by_name),
        cmocka_unit_test(bad_models_are_refused_in_one_line),
        cmocka_unit_test(a_model_of_impossible_runs_says_so),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
