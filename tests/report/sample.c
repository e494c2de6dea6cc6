/* See sample.h. */
#define _XOPEN_SOURCE 700
#include "report/sample.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "study/facts.h"

static void expect(bool ok, const char *what)
{
    if (ok) return;
    fprintf(stderr, "sample: %s\n", what);
    abort();
}

static char folder[] = "/tmp/taper-report-XXXXXX";

int sample_enter(void **state)
{
    (void)state;
    expect(mkdtemp(folder) && chdir(folder) == 0, "no folder");
    return 0;
}

static int delete (const char *path, const struct stat *s, int type,
                   struct FTW *where)
{
    (void)s;
    (void)type;
    (void)where;
    return remove(path);
}

int sample_leave(void **state)
{
    (void)state;
    expect(chdir("/") == 0, "cannot leave");
    (void)nftw(folder, delete, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

struct study_store *sample_store(const char *path, bool accuracy)
{
    struct study_store *s = NULL;
    struct study_error err = {STUDY_OK, ""};
    expect(study_store_open(&s, path, STUDY_CREATE, &err) == STUDY_OK,
           err.message);
    struct study_fact facts[] = {
        {(char[]){STUDY_FACT_TASK},
         accuracy ? (char[]){"image"} : (char[]){"exec"}, true},
        {(char[]){STUDY_FACT_METRIC},
         accuracy ? (char[]){"test_accuracy"} : (char[]){"loss"}, true},
        {(char[]){STUDY_FACT_DIRECTION},
         accuracy ? (char[]){"maximize"} : (char[]){"minimize"}, true},
        {(char[]){STUDY_FACT_UNIT},
         accuracy ? (char[]){"epochs"} : (char[]){"steps"}, true}};
    expect(study_store_identify(s, facts, 4, &err) == STUDY_OK, err.message);
    expect(study_store_set(s, STUDY_FACT_VERSION, "9.8.7", &err) == STUDY_OK,
           err.message);
    return s;
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

void sample_add(struct study_store *s, const struct sample *from)
{
    struct study_error err = {STUDY_OK, ""};
    char text[600];
    if (from->peak > 0)
        snprintf(text, sizeof text, "%g * (%s)", from->peak, from->spec);
    else
        snprintf(text, sizeof text, "%s", from->spec);
    struct study_trial t = {.name = copy(from->name),
                            .spec = copy(from->spec),
                            .schedule = copy(text),
                            .peak = from->peak,
                            .budget = from->budget,
                            .seed = from->seed,
                            .role = from->role,
                            .metric = NAN};
    expect(study_store_add(s, &t, 1, NULL, &err) == STUDY_OK, err.message);
    if (from->state != STUDY_WAITING) {
        struct study_trial ran;
        bool claimed = false;
        expect(study_store_claim(s, &t.id, 1, &ran, &claimed, &err) ==
                       STUDY_OK &&
                   claimed,
               err.message);
        ran.state = from->state;
        ran.metric = from->metric;
        ran.seconds = 2.0;
        ran.curve = copy(from->curve);
        ran.error = copy(from->error);
        ran.machine = copy("host, processor, 2 cores");
        expect(study_store_finish(s, &ran, &err) == STUDY_OK, err.message);
        study_trial_clear(&ran);
    }
    study_trial_clear(&t);
}

void sample_row(struct study_store *s, const char *name, double budget,
                const double *metrics, size_t n)
{
    char spec[600];
    snprintf(spec, sizeof spec, "file(\"%s\")", name);
    for (size_t k = 0; k < n; k++)
        sample_add(s, &(struct sample){.name = name,
                                       .spec = spec,
                                       .budget = budget,
                                       .seed = (int64_t)k,
                                       .role = STUDY_SCORE,
                                       .state = isfinite(metrics[k])
                                                    ? STUDY_DONE
                                                    : STUDY_DIVERGED,
                                       .metric = metrics[k]});
}

/* A log of 160 rows whose accuracy is measured in every twentieth. */
static char *make_curve(double peak, size_t schedule, size_t seed)
{
    enum { N = 160 };
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    expect(out != NULL, "no memory");
    fputs("{\"step\":[", out);
    for (int i = 0; i < N; i++)
        fprintf(out, "%s%d", i ? "," : "", 5 * i);
    fputs("],\"lr\":[", out);
    for (int i = 0; i < N; i++)
        fprintf(out, "%s%.6g", i ? "," : "",
                peak * pow(1.0 - (double)i / N, 0.5 + (double)schedule / 3));
    fputs("],\"loss\":[", out);
    for (int i = 0; i < N; i++)
        fprintf(out, "%s%.6g", i ? "," : "",
                0.02 + 0.01 * (double)schedule + 0.003 * (double)(seed % 5) +
                    2.3 * exp(-i / 15.0));
    fputs("],\"test_accuracy\":[", out);
    for (int i = 0; i < N; i++)
        if (i % 20 == 19)
            fprintf(out, ",%.6g",
                    0.9 - 0.02 * (double)schedule - 0.4 * exp(-i / 30.0));
        else
            fprintf(out, "%snull", i ? "," : "");
    fputs("]}", out);
    expect(fclose(out) == 0, "no memory");
    return text;
}

static void add_trial(struct study_store *s, size_t schedule, size_t seed,
                      double budget, double peak, enum study_role role)
{
    static const char *const names[] = {"cosine", "linear", "wsd",
                                        SAMPLE_HOSTILE};
    static const char *const specs[] = {"cosine(1, 0)", "linear(1, 0)",
                                        "wsd(1)", "0.1"};
    char name[80], spec[80];
    snprintf(name, sizeof name, "schedule number %zu", schedule);
    snprintf(spec, sizeof spec, "exp(1, rate=0.9%zu)", schedule);
    struct sample t = {.name = schedule < 4 ? names[schedule] : name,
                       .spec = schedule < 4 ? specs[schedule] : spec,
                       .peak = peak,
                       .budget = budget,
                       .seed = (int64_t)seed,
                       .role = role,
                       .state = STUDY_DONE};
    /* Seeds differ by a sawtooth, schedules by half a point. */
    t.metric = 0.91 - 0.005 * (double)schedule + 0.0005 * budget +
               0.001 * (double)((seed * 7 + schedule * 3) % 10) -
               0.01 * fabs(log(peak / 0.003));
    if (role == STUDY_SCORE && schedule == 2 && seed == 3)
        t.state = STUDY_DIVERGED;
    if (role == STUDY_SCORE && schedule == 1 && seed == 4) {
        t.state = STUDY_FAILED;
        t.error = "Traceback\n<script>window.hurt=3</script>\x1b[31m";
    }
    if (t.state != STUDY_DONE) t.metric = NAN;
    char *const curve = make_curve(peak, schedule, seed);
    t.curve = curve;
    sample_add(s, &t);
    free(curve);
}

void sample_study(const char *path, size_t schedules, size_t seeds,
                  size_t budgets)
{
    static const double peaks[] = {0.001, 0.003, 0.01};
    struct study_store *const s = sample_store(path, true);
    for (size_t b = 1; b <= budgets; b++)
        for (size_t k = 0; k < schedules; k++) {
            const double budget = 10.0 * (double)b;
            for (size_t p = 0; p < 3; p++)
                for (size_t i = 0; i < 2; i++)
                    add_trial(s, k, 1000 + i, budget, peaks[p], STUDY_TUNE);
            for (size_t i = 0; i < seeds; i++)
                add_trial(s, k, i, budget, 0.003, STUDY_SCORE);
        }
    study_store_close(s);
}

void sample_load(const char *path, struct report *r)
{
    struct study_error err = {STUDY_OK, ""};
    expect(report_open(path, true, 0.0, r, &err) == STUDY_OK, err.message);
}
