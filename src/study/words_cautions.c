/* What weakens the answers: few seeds, peaks at an edge, trials without a
 * result, schedules given up early. See words.h. */
#include <math.h>

#include "study/words_inside.h"

/* With fewer seeds than this a spread is hardly known: the 95 % interval of a
 * standard deviation from 4 normal values reaches from 0.57 to 3.7 times it. */
#define SEEDS_LEAST 5

void study_say_seeds(struct study_speaker *s)
{
    const struct study_table *t = s->table;
    size_t most = 0; /* what lost some has a caution of its own */
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].counts.done > most) most = t->rows[i].counts.done;
    if (most == 0 || most >= SEEDS_LEAST || !study_begin(s)) return;
    if (most == 1) {
        study_open(s, "one seed tells nothing of chance, so nothing can be "
                      "told apart; take 5 seeds or more");
    } else {
        study_open(s, "with ");
        study_say_count(s, most, "seed");
        study_say(s, " chance is hardly known and only large differences show; "
                     "take 5 seeds or more");
    }
    study_end(s, STUDY_CAUTION);
}

static bool varies(const struct study_row *row)
{
    return row->moments.std > 0.0;
}

static bool repeats(const struct study_row *row)
{
    return row->counts.done > 1 && !varies(row);
}

/* The usual mistake of a training of one's own is to leave its seed alone. */
void study_say_seedless(struct study_speaker *s)
{
    if (study_count_rows(s->table, varies) > 0 ||
        study_count_rows(s->table, repeats) == 0 || !study_begin(s))
        return;
    study_open(s, "seeds make no difference: either the training does not use "
                  "its seed, or the metric is at its limit");
    study_end(s, STUDY_CAUTION);
}

static bool is_lowest(const struct study_row *row)
{
    return row->edge == STUDY_EDGE_LOWEST;
}

static bool is_highest(const struct study_row *row)
{
    return row->edge == STUDY_EDGE_HIGHEST;
}

/* "the best peak of cosine (0.003) and linear (0.003) is the highest that was
 * tried: add a higher one". */
static void say_edge(struct study_speaker *s, study_row_fn *at_edge,
                     const char *end, const char *further)
{
    const size_t all = study_count_rows(s->table, at_edge);
    if (all == 0 || !study_begin(s)) return;
    study_open(s, "the best peak of ");
    size_t said = 0;
    for (size_t i = 0; i < s->table->row_count; i++) {
        const struct study_row *row = &s->table->rows[i];
        if (!at_edge(row)) continue;
        if (said > 0) study_say(s, said + 1 == all ? " and " : ", ");
        study_say_text(s, row->name);
        study_say(s, " (%.6g)", row->peak);
        said++;
    }
    study_say(s, " is the %s that was tried: add a %s one", end, further);
    study_end(s, STUDY_CAUTION);
}

void study_say_edges(struct study_speaker *s)
{
    say_edge(s, is_highest, "highest", "higher");
    say_edge(s, is_lowest, "lowest", "lower");
}

/* "cosine diverged on 2 of 10 seeds". */
static void say_diverged(struct study_speaker *s, const struct study_row *row)
{
    const struct study_counts *c = &row->counts;
    if (c->diverged == 0 || !study_begin(s)) return;
    study_say_text(s, row->name);
    if (c->done == 0) {
        study_say(s, " diverged on all of ");
        study_say_count(s, c->diverged, "seed");
        study_say(s, " and has no rank: give it a lower peak");
    } else {
        study_say(s, " diverged on %zu of ", c->diverged);
        study_say_count(s, c->diverged + c->done, "seed");
        study_say(s,
                  ": its mean is of the other %zu, and it ranks behind what "
                  "diverged on fewer",
                  c->done);
    }
    study_end(s, STUDY_CAUTION);
}

static void say_failed(struct study_speaker *s, const struct study_row *row)
{
    if (row->counts.failed == 0 || !study_begin(s)) return;
    study_say_count(s, row->counts.failed, "trial");
    study_say(s, " of ");
    study_say_text(s, row->name);
    study_say(s, " failed and count%s nowhere",
              row->counts.failed == 1 ? "s" : "");
    study_end(s, STUDY_CAUTION);
}

void study_say_lost(struct study_speaker *s)
{
    for (size_t i = 0; i < s->table->row_count; i++) {
        say_diverged(s, &s->table->rows[i]);
        say_failed(s, &s->table->rows[i]);
    }
}

static bool was_halved(const struct study_row *row)
{
    return row->counts.halved > 0;
}

void study_say_halved(struct study_speaker *s)
{
    const size_t all = study_count_rows(s->table, was_halved);
    if (all == 0 || !study_begin(s)) return;
    study_say(s, "--halving gave up ");
    study_say_names(s, was_halved);
    study_say(s,
              " early: %s from fewer seeds, and since results decided who "
              "went on, p-values and probabilities with %s promise more "
              "than they hold",
              all == 1 ? "its mean is" : "their means are",
              all == 1 ? "it" : "them");
    study_end(s, STUDY_CAUTION);
}

void study_say_waiting(struct study_speaker *s)
{
    const struct study_counts *c = &s->table->counts;
    if (c->waiting == 0 || c->done == 0 || !study_begin(s)) return;
    study_say(s, "%zu of ", c->waiting);
    study_say_count(s, c->trials - c->halved, "trial");
    study_say(s, " %s not finished: all this may change",
              c->waiting == 1 ? "has" : "have");
    study_end(s, STUDY_CAUTION);
}
