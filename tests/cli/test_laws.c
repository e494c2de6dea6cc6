/* fit, predict, optimize, bound and refine: published curves and parameters
 * (tests/data/law/luo) and logs that are made here. What is refused is in
 * test_laws_refused.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "laws.h"

#define LUO TAPER_TEST_DATA "/law/luo/"

/* ----------------------------------------------------- published numbers */

static cJSON *published(void)
{
    FILE *const f = fopen(LUO "published.json", "r");
    static char text[16384];
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
    cJSON *const json = cJSON_Parse(text);
    assert_non_null(json);
    return json;
}

/* A model with nothing but the published parameters of one size. */
static const char *typed_model(const cJSON *all, const char *size)
{
    char text[1024], name[32];
    char *const parameters =
        cJSON_PrintUnformatted(member(member(all, size), "parameters"));
    (void)snprintf(text, sizeof text,
                   "{\"law\": \"multi-power\", \"clock\": 1, \"parameters\": "
                   "%s}",
                   parameters);
    cJSON_free(parameters);
    (void)snprintf(name, sizeof name, "published-%s.json", size);
    return write_file(name, text);
}

static const char *const curves[] = {"cosine_24000",      "constant_24000",
                                     "wsdcon_9",          "constant_72000",
                                     "cosine_72000",      "wsd_20000_24000",
                                     "wsdld_20000_24000", "wsdcon_3",
                                     "wsdcon_18"};
enum { CURVES = 9 };

static void curve_path(char out[256], const char *size, size_t k)
{
    (void)snprintf(out, 256, LUO "csv_%s/%s.csv", size, curves[k]);
}

/* The published parameters have nine digits, and the metrics follow from more:
 * that is what the larger models are off by. */
static void assert_published(const char *size, double tolerance)
{
    static const char *const names[][2] = {{"r2", "r2_score"},
                                           {"mae", "mae_loss"},
                                           {"rmse", "rmse_loss"},
                                           {"prede", "prede"},
                                           {"worste", "worste"}};
    cJSON *const all = published();
    char paths[CURVES][256];
    const char *args[CURVES + 6] = {"predict", "--json", "--model",
                                    typed_model(all, size), "--against"};
    for (size_t k = 0; k < CURVES; k++) {
        curve_path(paths[k], size, k);
        args[5 + k] = paths[k];
    }
    cJSON *const got = json_of(run_program(NULL, args));
    for (int k = 0; k < CURVES; k++) {
        const cJSON *const run = cJSON_GetArrayItem(member(got, "runs"), k);
        char name[64];
        (void)snprintf(name, sizeof name, "%s.csv", curves[k]);
        const cJSON *const want =
            member(member(member(all, size), "curves"), name);
        for (size_t i = 0; i < 5; i++) {
            const double value = number(want, names[i][1]);
            assert_near(number(run, names[i][0]), value, tolerance * value);
        }
    }
    cJSON_Delete(got);
    cJSON_Delete(all);
}

/* From the logs alone, which neither show the warm-up nor where between two
 * rows a decay begins. */
static void published_parameters_give_the_published_metrics(void **state)
{
    (void)state;
    assert_published("25", 1e-6);
    assert_published("400", 3e-6);
}

/* 2176 is the first step of the log; the run had warmed up at 2160. */
static void a_warm_up_can_be_said(void **state)
{
    (void)state;
    cJSON *const all = published();
    const char *const model = typed_model(all, "25");
    const cJSON *const want =
        member(member(member(all, "25"), "curves"), "constant_24000.csv");
    char path[256];
    curve_path(path, "25", 1);
    cJSON *got = json_of(TAPER("predict", "--json", "--model", model,
                               "--against", path, "--warmup", "2160"));
    assert_near(number(cJSON_GetArrayItem(member(got, "runs"), 0), "rmse"),
                number(want, "rmse_loss"), 1e-8);
    cJSON_Delete(got);
    got = json_of(TAPER("predict", "--json", "--model", model, "--against",
                        path, "--schedule", "linear(0, 3e-4, 2159) then 3e-4"));
    assert_near(number(cJSON_GetArrayItem(member(got, "runs"), 0), "rmse"),
                number(want, "rmse_loss"), 1e-8);
    cJSON_Delete(got);
    cJSON_Delete(all);
}

/* By the published parameters of 100M, as reference implementations of the law
 * rank them (section 1 of the paper's optimised schedules). */
static void schedules_are_ranked_by_their_last_loss(void **state)
{
    (void)state;
    cJSON *const all = published();
    const char *const model = typed_model(all, "100");
    cJSON *const got = json_of(
        TAPER("predict", "--json", "--model", model, "--steps", "24000",
              "--schedule",
              "cosine=linear(0, 3e-4, 2159) then hold(3e-4, 1) then "
              "cosine(3e-4, 3e-5, 21840)",
              "wsd=linear(0, 3e-4, 2159) then hold(3e-4, 17841) then "
              "exp(3e-4, 3e-5, 4000)",
              "linear=linear(0, 3e-4, 2159) then hold(3e-4, 17841) then "
              "linear(3e-4, 3e-5, 4000)"));
    static const char *const names[] = {"linear", "wsd", "cosine"};
    static const double finals[] = {2.9341, 2.9352, 2.9900};
    for (int k = 0; k < 3; k++) {
        const cJSON *const one =
            cJSON_GetArrayItem(member(got, "schedules"), k);
        assert_string_equal(member(one, "name")->valuestring, names[k]);
        assert_near(number(one, "final"), finals[k], 6e-5);
    }
    cJSON_Delete(got);
    cJSON_Delete(all);
}

/* Below both published schedules and the authors' optimised one plus 1e-4. */
static void the_optimum_of_published_parameters_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *size;
        double most;
    } rows[] = {{"25", 3.2582}, {"100", 2.9249}, {"400", 2.6893}};
    cJSON *const all = published();
    for (size_t k = 0; k < 3; k++) {
        const char *const model = typed_model(all, rows[k].size);
        cJSON *const best = json_of(
            TAPER("optimize", "--json", "--model", model, "--steps", "24000",
                  "--peak", "3e-4", "--warmup", "2160", "--family", "free"));
        if (!(number(best, "final") <= rows[k].most))
            fail_msg("%s: %g", rows[k].size, number(best, "final"));
        char *const spec = strdup(member(best, "schedule")->valuestring);
        /* The text gives what was promised for it. */
        cJSON *const again = json_of(TAPER("predict", "--json", "--model",
                                           model, "--steps", "24000", spec));
        assert_near(number(cJSON_GetArrayItem(member(again, "schedules"), 0),
                           "final"),
                    number(best, "final"), 2e-5);
        free(spec);
        cJSON_Delete(again);
        cJSON_Delete(best);
    }
    cJSON_Delete(all);
}

/* ------------------------------------------------------------- fit, files */

enum { MADE = 1000 };

/* The multi-power law with L0 = 2, A = 0.6, alpha = 0.5, B = 300, C = 1 and
 * beta = gamma = 0.5, after step t. */
static double made_loss(const double rates[MADE], int t)
{
    double sum = 0, drop = 0, later = 0;
    for (int k = 0; k <= t; k++)
        sum += rates[k];
    for (int k = t; k >= 1; k--) {
        later += rates[k];
        drop += (rates[k] - rates[k - 1]) *
                (1 - 1 / sqrt(1 + later / sqrt(rates[k])));
    }
    return 2 + 0.6 / sqrt(sum) + 300 * drop;
}

/* Writes the log of a run that follows that law. `kind` 0 holds the rate, 1
 * drops it half way, 2 decays along a line; `format` 0 is CSV, 1 TSV, 2 JSON
 * lines. */
static const char *make_log(const char *name, int kind, int format)
{
    static char text[200000];
    static const char *const headers[] = {"step,lr,loss\n", "step\tlr\tloss\n",
                                          ""};
    static const char *const rows[] = {
        "%d,%.17g,%.17g\n", "%d\t%.17g\t%.17g\n",
        "{\"step\": %d, \"lr\": %.17g, \"loss\": %.17g}\n"};
    size_t n = (size_t)sprintf(text, "%s", headers[format]);
    double rates[MADE];
    for (int t = 0; t < MADE; t++)
        rates[t] = 1e-3 * (kind == 0   ? 1.0
                           : kind == 1 ? (t < 500 ? 1.0 : 0.3)
                                       : 1.0 - 0.9 * t / MADE);
    for (int t = 0; t < MADE; t += 10)
        n += (size_t)sprintf(text + n, rows[format], t, rates[t],
                             made_loss(rates, t));
    return write_file(name, text);
}

static void a_fit_has_what_predictions_need(void **state)
{
    (void)state;
    const char *const a = make_log("a.csv", 0, 0);
    const char *const b = make_log("b.csv", 1, 0);
    const char *const model = in_folder("model.json");
    cJSON *const json =
        json_of(TAPER("fit", "--json", "--clock", "1", a, b, "-o", model));
    assert_string_equal(member(json, "law")->valuestring, "multi-power");
    assert_near(number(json, "clock"), 1, 0);
    static const char *const names[] = {"L0", "A",    "alpha", "B",
                                        "C",  "beta", "gamma"};
    for (size_t k = 0; k < 7; k++)
        assert_true(number(member(json, "parameters"), names[k]) > 0);
    assert_true(number(json, "train_huber") >= 0);
    assert_true(number(member(json, "quality"), "r2") > 0.99);
    /* The file holds the same. */
    FILE *const f = fopen(model, "r");
    static char text[65536];
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
    cJSON *const file = cJSON_Parse(text);
    assert_true(cJSON_Compare(json, file, true));
    cJSON_Delete(file);
    cJSON *const output =
        json_of(TAPER("fit", "--clock", "1", a, b, "-o", "-"));
    assert_true(cJSON_Compare(json, output, true));
    cJSON_Delete(output);
    cJSON_Delete(json);
    /* And predicts a run that it has not seen, as well as two runs allow that
     * show the loss at two rates: C and gamma are known as C rate^-gamma. */
    const char *const c = make_log("c.csv", 2, 0);
    cJSON *const got =
        json_of(TAPER("predict", "--json", "--model", model, "--against", c));
    const cJSON *const run = cJSON_GetArrayItem(member(got, "runs"), 0);
    assert_near(number(run, "final_predicted"), number(run, "final_true"),
                0.01);
    cJSON_Delete(got);
}

static void every_format_gives_the_same_fit(void **state)
{
    (void)state;
    static const char *const names[3][2] = {{"f0.csv", "g0.csv"},
                                            {"f1.tsv", "g1.tsv"},
                                            {"f2.jsonl", "g2.jsonl"}};
    cJSON *first = NULL;
    for (int format = 0; format < 3; format++) {
        const char *const a = make_log(names[format][0], 0, format);
        const char *const b = make_log(names[format][1], 1, format);
        cJSON *const json = json_of(TAPER("fit", "--json", "--no-band", a, b));
        if (!first) {
            first = json;
            continue;
        }
        assert_true(cJSON_Compare(member(first, "parameters"),
                                  member(json, "parameters"), true));
        cJSON_Delete(json);
    }
    cJSON_Delete(first);
}

/* A log without rates, and a folder that taper train left. */
static void rates_come_from_where_they_are_known(void **state)
{
    (void)state;
    const char *const rateless =
        write_file("rateless.csv", "iter,train_loss\n100,4\n200,3.5\n300,3.3\n"
                                   "400,3.2\n500,3.1\n600,3.05\n700,3.01\n"
                                   "800,2.98\n900,2.96\n999,2.94\n");
    assert_refused(TAPER("fit", rateless), 1, "no column of learning rates");
    const struct outcome *o =
        TAPER("fit", "--no-band", rateless, "--schedule", "cosine(1e-3, 0)",
              "--steps", "1000", "--json");
    cJSON *const json = json_of(o);
    const cJSON *const run = cJSON_GetArrayItem(member(json, "runs"), 0);
    assert_string_equal(member(run, "rates")->valuestring, "schedule");
    assert_near(number(run, "peak"), 1e-3, 0);
    assert_says(o->out, "one_schedule");
    cJSON_Delete(json);

    assert_int_equal(mkdir(in_folder("run"), 0777), 0);
    (void)write_file("run/run.json",
                     "{\"canonical\": \"linear(0.01, 0, 1000)\", "
                     "\"steps\": 1000, \"steps_per_epoch\": 100}");
    static char text[4096];
    size_t n = (size_t)sprintf(text, "step,epoch,lr,loss\n");
    for (int t = 49; t < 1000; t += 50)
        n += (size_t)sprintf(text + n, "%d,%d,0.5,%g\n", t, t / 100,
                             2 + 10 / sqrt(t));
    (void)write_file("run/metrics.csv", text);
    cJSON *const folder_json =
        json_of(TAPER("fit", "--no-band", in_folder("run"), "--json"));
    const cJSON *const one = cJSON_GetArrayItem(member(folder_json, "runs"), 0);
    assert_string_equal(member(one, "rates")->valuestring, "run");
    assert_near(number(one, "peak"), 0.01, 0);
    cJSON_Delete(folder_json);
}

/* What is said of a log that was resumed and has gaps, once in words. */
static void what_was_put_right_is_reported(void **state)
{
    (void)state;
    static char text[20000];
    size_t n = (size_t)sprintf(text, "step,lr,loss\n");
    for (int t = 10; t < 600; t += 10)
        if (t < 400 || t >= 500)
            n += (size_t)sprintf(text + n, "%d,0.001,%s\n", t,
                                 t == 300  ? "nan"
                                 : t < 100 ? "4"
                                           : "3");
    for (int t = 550; t < 1000; t += 10)
        n += (size_t)sprintf(text + n, "%d,0.001,2.9\n", t);
    (void)sprintf(text + n, "1000,0.001");
    const char *const log = write_file("messy.csv", text);
    const struct outcome *o = TAPER("fit", "--no-band", log);
    assert_status(o, 0);
    assert_says(o->out, "5 steps came twice: the later rows count");
    assert_says(o->out, "1 loss was NaN or infinite: left out");
    assert_says(o->out, "1 place where the steps went back");
    assert_says(o->out, "the last row was cut off");
    assert_says(o->out, "no loss for 110 steps from step 390 on");
}

/* A log with a rate at every step and a loss at every tenth is averaged as one
 * of its losses alone: one point for each stretch of steps. */
static void rows_without_a_loss_change_no_average(void **state)
{
    (void)state;
    enum { STEPS = 5000, POINTS = 100 };
    static char text[STEPS * 24];
    cJSON *first = NULL;
    for (int apart = 10; apart > 0; apart -= 9) {
        size_t n = (size_t)sprintf(text, "step,lr,loss\n");
        for (int t = 0; t < STEPS; t += apart) {
            n += (size_t)sprintf(text + n, "%d,0.001,", t);
            if (t % 10 == 0)
                n += (size_t)sprintf(text + n, "%g", 2 + 9 / sqrt(t + 1));
            n += (size_t)sprintf(text + n, "\n");
        }
        const char *const log = write_file("rates.csv", text);
        cJSON *const json = json_of(
            TAPER("fit", "--json", "--no-band", "--points", "100", log));
        const cJSON *const run = cJSON_GetArrayItem(member(json, "runs"), 0);
        assert_near(number(run, "rows"), 500, 0);
        assert_near(number(run, "points"), POINTS, 0);
        if (first)
            assert_true(cJSON_Compare(member(first, "parameters"),
                                      member(json, "parameters"), true));
        cJSON_Delete(first);
        first = json;
    }
    cJSON_Delete(first);
}

/* -------------------------------------------------------- what is asked for
 */

static const char typed[] =
    "{\"law\": \"momentum\", \"clock\": 1, \"parameters\": {\"L0\": 2, \"A\": "
    "0.5, \"alpha\": 0.5, \"C\": 1, \"lambda\": 0.99}}";

static void predictions_ask_for_what_they_need(void **state)
{
    (void)state;
    const char *const model = write_file("typed.json", typed);
    assert_refused(TAPER("predict", "--model", model), 2, "no schedule");
    assert_refused(TAPER("predict", "--model", model, "1e-3"), 2,
                   "--steps N says");
    assert_refused(TAPER("predict", "--model", model, "0", "--steps", "10"), 1,
                   "never has a rate above 0");
    assert_refused(TAPER("predict", "--model", model,
                         "linear(1e-3, -1e-3, 100)"),
                   1, "below 0 at step 51");
    /* C = 1, so a drop by 1 takes as much as 100 from the loss. */
    assert_refused(TAPER("predict", "--model", model, "linear(1, 0, 100)",
                         "1e-3", "--steps", "100"),
                   1, "'linear(1, 0, 100)': the law does not hold");
    assert_refused(TAPER("optimize", "--model", model, "--peak", "1", "--steps",
                         "1000"),
                   1, "the law does not hold at such rates: it predicts");
    assert_refused(TAPER("optimize", "--model", model, "--peak", "1e-3"), 2,
                   "--steps N says");
    assert_refused(TAPER("optimize", "--model", model, "--steps", "1000"), 2,
                   "--peak RATE says");
    assert_refused(TAPER("optimize", "--model", model, "--steps", "1000",
                         "--peak", "1e-3", "--floor", "0.1"),
                   2, "not below the peak");
    assert_refused(TAPER("optimize", "--model", model, "--steps", "1000",
                         "--peak", "1e-3", "--warmup", "999"),
                   2, "leaves none");
}

/* Two logs of one schedule say nothing of another. */
static void one_schedule_is_not_enough_to_optimise(void **state)
{
    (void)state;
    const char *const a = make_log("one.csv", 2, 0);
    const char *const model = in_folder("one.json");
    assert_status(TAPER("fit", "--no-band", a, "-o", model), 0);
    assert_refused(TAPER("optimize", "--model", model), 1, "one shape");
}

static void what_goes_beyond_the_runs_is_marked(void **state)
{
    (void)state;
    const char *const a = make_log("seen-a.csv", 0, 0);
    const char *const b = make_log("seen-b.csv", 1, 0);
    const char *const model = in_folder("seen.json");
    assert_status(TAPER("fit", "--no-band", a, b, "-o", model), 0);
    const struct outcome *o =
        TAPER("predict", "--model", model, "like=hold(1e-3, 900) then 5e-4",
              "high=2e-3", "long=hold(1e-3, 5000)", "low=linear(1e-3, 0, 990)");
    assert_status(o, 0);
    assert_says(o->out, "* high goes beyond what the model has seen: peak\n");
    assert_says(o->out, "* long goes beyond what the model has seen: length\n");
    assert_says(o->out, "* low goes beyond what the model has seen: end\n");
    assert_null(strstr(o->out, "* like"));
    assert_says(o->out, "The law is off by");
}

/* A long run is looked at in strides: twice the steps at which that begins is
 * no other law. */
static void strides_change_nothing(void **state)
{
    (void)state;
    cJSON *const all = published();
    const char *const model = typed_model(all, "100");
    double finals[2];
    static const char *const steps[] = {"262144", "262145"};
    for (int k = 0; k < 2; k++) {
        cJSON *const got = json_of(
            TAPER("predict", "--json", "--model", model, "--steps", steps[k],
                  "linear(0, 3e-4, 2160) then hold(3e-4, 200000) then "
                  "cosine(to=3e-5, over=59984)"));
        finals[k] =
            number(cJSON_GetArrayItem(member(got, "schedules"), 0), "final");
        cJSON_Delete(got);
    }
    assert_near(finals[0], finals[1], 5e-5);
    cJSON_Delete(all);
}

static void curves_can_be_had_as_a_table_and_a_picture(void **state)
{
    (void)state;
    const char *const model = write_file("typed.json", typed);
    const char *const csv = in_folder("curves.csv");
    assert_status(TAPER("predict", "--model", model, "linear(1e-3, 0, 1000)",
                        "held=1e-3", "--steps", "1000", "--csv", csv),
                  0);
    FILE *const f = fopen(csv, "r");
    char line[256];
    int rows = 0, held = 0;
    assert_true(f && fgets(line, sizeof line, f));
    assert_string_equal(line, "schedule,step,lr,loss,low,high\n");
    while (fgets(line, sizeof line, f)) {
        static const char *const names[] = {"\"linear(1e-3, 0, 1000)\",",
                                            "held,"};
        const int is_held = line[0] == 'h';
        assert_memory_equal(line, names[is_held], strlen(names[is_held]));
        held += is_held;
        rows++;
    }
    assert_int_equal(fclose(f), 0);
    assert_true(rows > 150 && held > 75 && rows - held > 75);
    assert_refused(TAPER("predict", "--model", model, "1e-3", "--steps", "10",
                         "--csv", "-"),
                   2, "--csv needs a file");
    assert_refused(TAPER("predict", "--model", model, "1e-3", "--steps", "10",
                         "--csv", "/nowhere/a.csv"),
                   1, "/nowhere/a.csv");
}

/* ---------------------------------------------------------- bound, refine */

/* The best bounds and peaks of Schaipp et al. for 4000 steps, in units of
 * 1/sqrt(T). */
static void the_bound_ranks_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double bound, peak;
    } rows[] = {{"linear", 2.0018, .9988},
                {"cosine", 2.0609, .9702},
                {"wsd", 2.1637, .5134},
                {"constant", 3.1418, .3183}};
    cJSON *const json =
        json_of(TAPER("bound", "--json", "--steps", "4000", "constant=1",
                      "cosine=cosine(1, 0)", "linear=linear(1, 0)",
                      "wsd=hold(1, 80%) then linear(to=0)"));
    for (int k = 0; k < 4; k++) {
        const cJSON *const one =
            cJSON_GetArrayItem(member(json, "schedules"), k);
        assert_string_equal(member(one, "name")->valuestring, rows[k].name);
        assert_near(number(one, "best_bound") * sqrt(4000), rows[k].bound,
                    1e-3);
        assert_near(number(one, "best_peak") * sqrt(4000), rows[k].peak, 1e-3);
    }
    cJSON_Delete(json);
}

/* Twice the horizon: a cool-down of 0.635, or 0.535 of the rate. */
static void the_bound_carries_a_rate_to_a_longer_run(void **state)
{
    (void)state;
    cJSON *const json =
        json_of(TAPER("bound", "--json", "--transfer", "8000",
                      "hold(1, 3200) then linear(to=0, over=800)"));
    const cJSON *const t =
        member(cJSON_GetArrayItem(member(json, "schedules"), 0), "transfer");
    assert_near(number(member(t, "cooldown"), "share"), .635, .01);
    assert_near(number(member(t, "stage"), "factor"), .535, .005);
    cJSON_Delete(json);
    assert_refused(TAPER("bound", "1", "--steps", "100", "--transfer", "100"),
                   2, "--transfer needs more steps");
    assert_refused(TAPER("bound", "1"), 2, "--steps N says");
    assert_refused(TAPER("bound"), 2, "no schedule");
}

static void equal_norms_refine_to_a_line(void **state)
{
    (void)state;
    static char text[20000];
    size_t n = (size_t)sprintf(text, "step,lr,grad_norm\n");
    for (int t = 0; t <= 1000; t += 10)
        n += (size_t)sprintf(text + n, "%d,0.002,0.5\n", t);
    const char *const log = write_file("norms.csv", text);
    cJSON *const json = json_of(TAPER("refine", "--json", log));
    assert_string_equal(member(json, "schedule")->valuestring,
                        "points({0: 0.002, 1000: 0})");
    cJSON_Delete(json);
    assert_refused(TAPER("refine", in_folder("a.csv")), 1,
                   "no column of gradient norms");
    assert_refused(TAPER("refine"), 2, "one run is refined, not 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_parameters_give_the_published_metrics),
        cmocka_unit_test(a_warm_up_can_be_said),
        cmocka_unit_test(schedules_are_ranked_by_their_last_loss),
        cmocka_unit_test(the_optimum_of_published_parameters_is_found),
        cmocka_unit_test(a_fit_has_what_predictions_need),
        cmocka_unit_test(every_format_gives_the_same_fit),
        cmocka_unit_test(rates_come_from_where_they_are_known),
        cmocka_unit_test(what_was_put_right_is_reported),
        cmocka_unit_test(rows_without_a_loss_change_no_average),
        cmocka_unit_test(predictions_ask_for_what_they_need),
        cmocka_unit_test(one_schedule_is_not_enough_to_optimise),
        cmocka_unit_test(what_goes_beyond_the_runs_is_marked),
        cmocka_unit_test(strides_change_nothing),
        cmocka_unit_test(curves_can_be_had_as_a_table_and_a_picture),
        cmocka_unit_test(the_bound_ranks_shapes),
        cmocka_unit_test(the_bound_carries_a_rate_to_a_longer_run),
        cmocka_unit_test(equal_norms_refine_to_a_line),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
