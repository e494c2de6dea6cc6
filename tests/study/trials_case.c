/* Trials by hand: see trials_case.h. */
#include "study/trials_case.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static char *copy(const char *text)
{
    char *out = strdup(text);
    assert_non_null(out);
    return out;
}

void add_trial(struct study_trials *trials, const char *name, double budget,
               double peak, enum study_role role, int64_t seed,
               enum study_state state, double metric)
{
    char schedule[128];
    (void)snprintf(schedule, sizeof schedule, "%g * (%s(1))", peak, name);
    struct study_trial t = {
        .id = (int64_t)trials->count + 1,
        .name = copy(name),
        .spec = copy(schedule + strlen(schedule) / 2),
        .schedule = copy(schedule),
        .peak = peak,
        .budget = budget,
        .seed = seed,
        .role = role,
        .state = state,
        .metric = metric,
        .seconds = 2.0,
    };
    assert_true(study_trials_push(trials, &t));
}

void add_scores(struct study_trials *trials, const char *name,
                const double *metrics, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add_trial(trials, name, 0, 0, STUDY_SCORE, (int64_t)i, STUDY_DONE,
                  metrics[i]);
}

struct study_analysis analysed(const struct study_trials *trials,
                               const char *metric, bool maximize,
                               double difference)
{
    const struct study_question question = {.metric = metric,
                                            .budget_unit = "epochs",
                                            .maximize = maximize,
                                            .difference = difference};
    struct study_analysis a;
    struct study_error err = {0};
    if (study_analyse(&question, trials, &a, &err) != STUDY_OK)
        fail_msg("%s", err.message);
    return a;
}

const struct study_row *row_named(const struct study_table *table,
                                  const char *name)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (strcmp(table->rows[i].name, name) == 0) return &table->rows[i];
    fail_msg("there is no row %s", name);
    return NULL;
}
