/* A report from a store. */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "study/facts.h"
#include "study/store.h"

const char *report_fact(const struct report *r, const char *key)
{
    for (size_t k = 0; k < r->fact_count; k++)
        if (strcmp(r->facts[k].key, key) == 0) return r->facts[k].value;
    return NULL;
}

/* Takes over the texts of `facts`, which is cleared. */
static enum study_status take_facts(struct report *r, struct study_facts *facts,
                                    struct study_error *err)
{
    r->facts = calloc(facts->count ? facts->count : 1, sizeof *r->facts);
    if (!r->facts) {
        study_facts_clear(facts);
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    }
    for (size_t k = 0; k < facts->count; k++) {
        struct study_fact *const f = &facts->items[k];
        r->facts[k] = (struct report_fact){f->key, f->value, f->identity};
        f->key = f->value = NULL;
    }
    r->fact_count = facts->count;
    study_facts_clear(facts);
    return STUDY_OK;
}

static enum study_status analyse(struct report *r, double difference,
                                 struct study_error *err)
{
    const char *const direction = report_fact(r, STUDY_FACT_DIRECTION);
    const char *const metric = report_fact(r, STUDY_FACT_METRIC);
    const struct study_question question = {
        .metric = metric ? metric : "metric",
        .budget_unit = report_fact(r, STUDY_FACT_UNIT),
        .maximize = direction && strcmp(direction, "maximize") == 0,
        .difference = difference,
    };
    const enum study_status status =
        study_analyse(&question, &r->trials, &r->analysis, err);
    if (status != STUDY_OK) return status;
    return study_words(&r->analysis, &r->words, err);
}

enum study_status report_load(struct study_store *store, bool curves,
                              double difference, struct report *out,
                              struct study_error *err)
{
    *out = (struct report){0};
    struct study_facts facts = {0};
    enum study_status status = STUDY_OK;
    out->path = strdup(study_store_path(store));
    if (!out->path) status = study_fail(err, STUDY_E_MEMORY, "out of memory");
    if (status == STUDY_OK) status = study_store_facts(store, &facts, err);
    if (status == STUDY_OK) status = take_facts(out, &facts, err);
    if (status == STUDY_OK)
        status = study_store_list(store, curves ? STUDY_FULL : STUDY_BRIEF,
                                  &out->trials, err);
    if (status == STUDY_OK) status = analyse(out, difference, err);
    if (status != STUDY_OK) report_close(out);
    return status;
}

enum study_status report_open(const char *path, bool curves, double difference,
                              struct report *out, struct study_error *err)
{
    *out = (struct report){0};
    struct study_store *store = NULL;
    enum study_status status = study_store_open(&store, path, STUDY_READ, err);
    if (status == STUDY_OK)
        status = report_load(store, curves, difference, out, err);
    study_store_close(store);
    return status;
}

void report_close(struct report *r)
{
    study_words_free(&r->words);
    study_analysis_free(&r->analysis);
    study_trials_clear(&r->trials);
    for (size_t k = 0; k < r->fact_count; k++) {
        free(r->facts[k].key);
        free(r->facts[k].value);
    }
    free(r->facts);
    free(r->path);
    *r = (struct report){0};
}
