/* Sentences about a study: see words.h. One function for each thing there is
 * to say; each says it or nothing. */
#include "study/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/words_inside.h"

typedef void say_fn(struct study_speaker *s);

/* In the order in which a table's sentences stand. */
static say_fn *const things[] = {
    study_say_best,  study_say_better, study_say_level,    study_say_further,
    study_say_power, study_say_seeds,  study_say_seedless, study_say_edges,
    study_say_lost,  study_say_halved, study_say_waiting,
};

enum study_status study_words(const struct study_analysis *a,
                              struct study_words *out, struct study_error *err)
{
    *out = (struct study_words){0};
    struct study_speaker s = {
        .analysis = a,
        .unit = study_metric_unit(a),
        .out = out,
    };
    for (s.index = 0; s.index < a->table_count; s.index++) {
        s.table = &a->tables[s.index];
        for (size_t k = 0; k < sizeof things / sizeof things[0]; k++)
            things[k](&s);
    }
    if (!s.failed) return STUDY_OK;
    study_words_free(out);
    return study_fail(err, STUDY_E_MEMORY,
                      "there is no memory left to word the study");
}

void study_words_free(struct study_words *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->sentences[i].text);
    free(w->sentences);
    *w = (struct study_words){0};
}
