/* The answers: who is best, who is worse, who cannot be told apart, and what
 * would tell. See words.h. */
#include <math.h>

#include "study/words_inside.h"

/* Pairs that are said one by one; the rest share a sentence. */
#define LEVEL_MOST 4
/* Pairs without the best that are named. */
#define FURTHER_MOST 4

static bool is_ranked(const struct study_row *row)
{
    return row->rank > 0;
}

static bool is_first(const struct study_row *row)
{
    return row->rank == 1;
}

static double half_width(struct study_interval i)
{
    return (i.high - i.low) / 2.0;
}

static struct study_interval scaled(struct study_interval i, double by)
{
    /* A negative factor turns the interval round. */
    const double low = i.low * by, high = i.high * by;
    return (struct study_interval){fmin(low, high), fmax(low, high)};
}

/* "test_accuracy of 91.23 % on average over 10 seeds (95 % interval ...)". */
static void say_mean(struct study_speaker *s, const struct study_row *row)
{
    const struct study_interval shown = scaled(row->ci95, s->unit.scale);
    const int decimals = study_decimals(half_width(shown));
    const double mean = row->moments.mean * s->unit.scale;
    study_say_number(s, mean, decimals);
    if (row->counts.done == 1) {
        study_say(s, "%s on 1 seed", s->unit.value);
        return;
    }
    study_say(s, "%s on average over ", s->unit.value);
    study_say_count(s, row->counts.done, "seed");
    if (study_say_interval(s, "95 % interval ", shown, decimals, s->unit.value))
        study_say(s, ")");
}

/* "; the probability that it is the best of 7 schedules is 83 %". */
static void say_probability(struct study_speaker *s, double p)
{
    if (isnan(p)) return;
    study_say(s, "; the probability that it is the best of ");
    study_say_count(s, study_count_rows(s->table, is_ranked), "schedule");
    if (p > 0.995)
        study_say(s, " is over 99 %%");
    else
        study_say(s, " is %.0f %%", 100.0 * p);
}

/* When no row has a value. */
static void say_none(struct study_speaker *s)
{
    const struct study_counts *c = &s->table->counts;
    const size_t over = c->diverged + c->failed;
    if (over == 0) {
        study_open(s, "no trial has finished yet");
        return;
    }
    study_open(s, "no schedule has a result: of ");
    study_say_count(s, c->trials, "trial");
    study_say(s, " %zu diverged and %zu failed", c->diverged, c->failed);
}

void study_say_best(struct study_speaker *s)
{
    if (!study_begin(s)) return;
    const struct study_row *best = s->table->rows;
    const size_t ranked = study_count_rows(s->table, is_ranked);
    const size_t first = study_count_rows(s->table, is_first);
    if (ranked == 0) {
        say_none(s);
        study_end(s, STUDY_FINDING);
        return;
    }
    study_say_names(s, is_first);
    if (ranked == 1)
        study_say(s, " reached a ");
    else
        study_say(s, first > 1 ? " share the best " : " has the best ");
    char metric[80];
    study_say_text(s, study_key_words(s->analysis->question.metric, metric,
                                      sizeof metric));
    study_say(s, ranked == 1 ? " of " : ", ");
    say_mean(s, best);
    if (first == 1 && ranked > 1) say_probability(s, best->probability_best);
    study_end(s, STUDY_FINDING);
}

/* By how much the pair's a is better than its b, as shown. */
static double advantage(const struct study_speaker *s)
{
    return s->analysis->question.maximize ? s->unit.scale : -s->unit.scale;
}

static void say_difference(struct study_speaker *s, double shown, int decimals)
{
    study_say_number(s, shown, decimals);
    study_say(s, "%s", s->unit.difference);
}

/* "exp by 1.2 points (95 % interval 0.8 to 1.6 points, p = 0.003)". */
static void say_lead(struct study_speaker *s, const struct study_pair *pair,
                     const struct study_row *behind, double by)
{
    const struct study_interval shown = scaled(pair->paired.interval, by);
    const int decimals = study_decimals(half_width(shown));
    study_say_text(s, behind->name);
    study_say(s, " by ");
    say_difference(s, pair->paired.difference.mean * by, decimals);
    if (!study_say_interval(s, "95 % interval ", shown, decimals, ""))
        study_say(s, " (");
    study_say(s, ", ");
    study_say_p(s, pair->p_holm);
    study_say(s, ")");
}

static bool is_behind(const struct study_row *row)
{
    return row->told_from_best;
}

static const struct study_pair *pair_with_best(const struct study_table *table,
                                               size_t row)
{
    return &table->pairs[study_pair_index(table, 0, row)];
}

void study_say_better(struct study_speaker *s)
{
    const struct study_table *t = s->table;
    const size_t all = study_count_rows(t, is_behind);
    if (all == 0 || !study_begin(s)) return;
    study_say_text(s, t->rows[0].name);
    study_say(s, " is better than ");
    size_t said = 0;
    for (size_t i = 1; i < t->row_count; i++) {
        if (!is_behind(&t->rows[i])) continue;
        if (said > 0) study_say(s, said + 1 == all ? " and than " : ", than ");
        say_lead(s, pair_with_best(t, i), &t->rows[i], advantage(s));
        said++;
    }
    if (t->comparisons > 1)
        study_say(s, "; p-values are corrected for %zu comparisons (Holm)",
                  t->comparisons);
    study_end(s, STUDY_FINDING);
}

/* About so many: two digits are more than a plan deserves beyond 100. */
static double about(double seeds)
{
    if (seeds < 100.0) return seeds;
    const double unit = pow(10.0, floor(log10(seeds)) - 1.0);
    return ceil(seeds / unit) * unit;
}

/* "; about 34 seeds would be needed to see 0.2 points". */
static void say_needed(struct study_speaker *s, const struct study_pair *pair)
{
    if (isnan(pair->needed) || isnan(pair->sought)) return;
    const double sought = pair->sought * s->unit.scale;
    const char *const what = s->unit.difference[0] ? "" : "a difference of ";
    if (pair->needed <= (double)pair->n) {
        study_say(s, "; a difference of ");
        study_say_rounded(s, sought);
        study_say(s, "%s would probably have been seen", s->unit.difference);
        return;
    }
    if (isinf(pair->needed))
        study_say(s, "; more than %d", STUDY_SEEDS_MOST);
    else
        study_say(s, "; about %.0f", about(pair->needed));
    study_say(s, " seeds would be needed to see %s", what);
    study_say_rounded(s, sought);
    study_say(s, "%s", s->unit.difference);
}

/* Two schedules without a difference on any seed. */
static bool are_same(const struct study_pair *pair)
{
    return pair->paired.difference.std == 0.0 &&
           pair->paired.difference.mean == 0.0;
}

/* " differ by 0.1 on each of 5 seeds, too few to tell them apart (p = 0.062)":
 * no interval, as nothing varies. */
static void say_constant(struct study_speaker *s, const struct study_pair *pair)
{
    study_say(s, " differ by ");
    say_difference(s, fabs(pair->paired.difference.mean) * s->unit.scale, -1);
    study_say(s, " on each of ");
    study_say_count(s, pair->n, "seed");
    study_say(s, ", too few to tell them apart (");
    study_say_p(s, pair->p_holm);
    if (s->table->comparisons > 1)
        study_say(s, " as one of %zu comparisons", s->table->comparisons);
    study_say(s, ")");
}

/* The best and another that cannot be told apart. */
static void say_level_pair(struct study_speaker *s,
                           const struct study_pair *pair)
{
    const double by = s->unit.scale;
    const struct study_interval shown = scaled(pair->paired.interval, by);
    study_say_text(s, s->table->rows[pair->a].name);
    study_say(s, " and ");
    study_say_text(s, s->table->rows[pair->b].name);
    if (are_same(pair)) {
        study_say(s, " gave the same result on each of ");
        study_say_count(s, pair->n, "seed");
        return;
    }
    if (pair->paired.difference.std == 0.0) {
        say_constant(s, pair);
        return;
    }
    study_say(s, " cannot be told apart at ");
    study_say_count(s, pair->n, "seed");
    const int decimals = study_decimals(half_width(shown));
    if (study_say_interval(s, "95 % interval of the difference ", shown,
                           decimals, s->unit.difference)) {
        study_say(s, ", ");
        study_say_p(s, pair->p_holm);
        /* What would look like a contradiction is the correction. */
        if (shown.low > 0.0 || shown.high < 0.0)
            study_say(s, " as one of %zu comparisons", s->table->comparisons);
        study_say(s, ")");
    }
    say_needed(s, pair);
}

/* What ranks behind for another reason and is better where both have a
 * result. */
static void say_turned(struct study_speaker *s, const struct study_pair *pair)
{
    study_open(s, "on the seeds that both finished ");
    study_say_text(s, s->table->rows[pair->b].name);
    study_say(s, " is better than ");
    say_lead(s, pair, &s->table->rows[pair->a], -advantage(s));
    study_say(s, ", although it ranks behind");
}

/* Says one pair with the best, if there is something to say. */
static void say_pair(struct study_speaker *s, const struct study_pair *pair)
{
    if (!study_begin(s)) return;
    if (pair->apart)
        say_turned(s, pair);
    else
        say_level_pair(s, pair);
    study_end(s, STUDY_FINDING);
}

/* The rows from `first` on that the best cannot be told apart from. */
static void say_rest(struct study_speaker *s, size_t first)
{
    const struct study_table *t = s->table;
    if (!study_begin(s)) return;
    study_open(s, "nor can ");
    study_say_text(s, t->rows[0].name);
    study_say(s, " be told apart from ");
    size_t left = 0, said = 0;
    for (size_t i = first; i < t->row_count; i++)
        left += !isnan(pair_with_best(t, i)->p_holm) && !is_behind(&t->rows[i]);
    for (size_t i = first; i < t->row_count; i++) {
        if (isnan(pair_with_best(t, i)->p_holm) || is_behind(&t->rows[i]))
            continue;
        if (said > 0) study_say(s, said + 1 == left ? " and " : ", ");
        study_say_text(s, t->rows[i].name);
        said++;
    }
    study_end(s, STUDY_FINDING);
}

void study_say_level(struct study_speaker *s)
{
    const struct study_table *t = s->table;
    if (t->row_count == 0 || !is_first(&t->rows[0])) return;
    size_t said = 0;
    for (size_t i = 1; i < t->row_count; i++) {
        const struct study_pair *pair = pair_with_best(t, i);
        if (isnan(pair->p_holm) || is_behind(&t->rows[i])) continue;
        if (said++ == LEVEL_MOST) {
            say_rest(s, i);
            return;
        }
        say_pair(s, pair);
    }
}

/* Whether a pair without the best is told apart. */
static bool is_further(const struct study_pair *pair)
{
    return pair->apart && pair->a > 0;
}

/* "linear is better than exp" of the first such pair, then "wsd than exp". */
static void say_further_pair(struct study_speaker *s,
                             const struct study_pair *pair, bool first)
{
    const bool turned = pair->paired.difference.mean * advantage(s) < 0.0;
    const struct study_row *const rows = s->table->rows;
    study_say_text(s, rows[turned ? pair->b : pair->a].name);
    study_say(s, first ? " is better than " : " than ");
    study_say_text(s, rows[turned ? pair->a : pair->b].name);
}

void study_say_further(struct study_speaker *s)
{
    const struct study_table *t = s->table;
    size_t all = 0, said = 0;
    for (size_t k = 0; k < t->pair_count; k++)
        all += is_further(&t->pairs[k]);
    if (all == 0 || !study_begin(s)) return;
    study_say_count(s, all, "further pair");
    study_say(s, all == 1 ? " is told apart: " : " are told apart: ");
    const size_t named = all > FURTHER_MOST ? FURTHER_MOST : all;
    for (size_t k = 0; said < named; k++) {
        if (!is_further(&t->pairs[k])) continue;
        if (said > 0)
            study_say(s, said + 1 == named && named == all ? " and " : ", ");
        say_further_pair(s, &t->pairs[k], said == 0);
        said++;
    }
    if (all > named)
        study_say(s, " and %zu more, which taper report shows", all - named);
    study_end(s, STUDY_FINDING);
}

/* The largest difference that a pair with the best needs to be seen, of the
 * pairs that all of the best's seeds are in. */
static double most_detectable(const struct study_table *t)
{
    double most = NAN;
    for (size_t i = 1; i < t->row_count; i++) {
        const struct study_pair *pair = pair_with_best(t, i);
        if (pair->n == t->rows[0].counts.done)
            most = fmax(most, pair->detectable);
    }
    return most;
}

void study_say_power(struct study_speaker *s)
{
    const struct study_table *t = s->table;
    if (t->row_count == 0 || !is_first(&t->rows[0])) return;
    const double most = most_detectable(t);
    if (isnan(most) || !study_begin(s)) return;
    study_open(s, "with ");
    study_say_count(s, t->rows[0].counts.done, "seed");
    study_say(s, ", a schedule that is ");
    study_say_rounded(s, most * s->unit.scale);
    study_say(s,
              "%s worse than the best is told apart from it with a "
              "probability of %.0f %% or more; smaller differences mostly "
              "stay unseen",
              s->unit.difference, 100.0 * STUDY_POWER);
    study_end(s, STUDY_PLAN);
}
