/* From drafts to a schedule: lengths become steps, what was left out is filled
 * in, and the tree is laid out as one block.
 *
 * First every draft is measured, from its parts up: a part that takes the rest
 * of the run can only be known once its neighbours are. Then they are laid out
 * from the first to the last, each told how many steps are left for it and
 * where the one before it ended. Both walks recurse, over a tree whose height
 * the builder limits. */
#include "schedule/builder.h"
#include "schedule/expand.h"
#include "schedule/maths.h"

struct resolver {
    taper_builder *b;
    taper_run run; /* checked; 0 where a fact is not known */
    taper_error *err;
    size_t nodes, parts; /* that the block needs */
    taper_schedule *s;
    uint32_t next_node, next_part; /* laid out so far */
};

/* What a part knows of its surroundings when it is laid out. */
struct place_in_run {
    double rest;         /* steps left for it, if it takes the rest; below 0:
                            not known */
    double previous;     /* the value where the part before it ended */
    const char *missing; /* why there is none before it; NULL: there is */
};

static taper_status fail_at(struct resolver *r,
                            const struct taperi_draft *draft,
                            enum taperi_slot slot, taper_status code,
                            const char *text)
{
    struct taperi_place place = draft->place[slot];
    if (place.length == 0) place = draft->place[TAPERI_WHOLE];
    return taperi_fail(r->err, code, place, "%s", text);
}

/* --------------------------------------------------------------- spans */

/* One row for each unit that needs a fact: a member of taper_run. */
static const struct unit_row {
    taper_unit unit;
    const char *needs, *why;
} unit_rows[] = {
    {TAPER_EPOCHS, "epoch",
     "a length in epochs (ep) needs 'epoch', the number of steps in one epoch"},
    {TAPER_PERCENT, "steps",
     "a length in per cent (%) needs 'steps', the number of steps in the whole "
     "run"},
    {TAPER_TOKENS, "tokens",
     "a length in tokens (tok) needs 'tokens', the number of tokens in one "
     "step"},
    {TAPER_SAMPLES, "batch",
     "a length in samples (smp) needs 'batch', the number of samples in one "
     "step"},
    {TAPER_REST, "steps",
     "'over' was left out, so it needs 'steps', the number of steps in the "
     "whole run"},
};

static const struct unit_row *find_unit(taper_unit unit)
{
    for (size_t k = 0; k < sizeof unit_rows / sizeof *unit_rows; k++)
        if (unit_rows[k].unit == unit) return &unit_rows[k];
    return NULL;
}

static taper_status fail_unit(struct resolver *r,
                              const struct taperi_draft *draft,
                              enum taperi_slot slot, taper_unit unit)
{
    const struct unit_row *row = find_unit(unit);
    if (!row)
        return fail_at(r, draft, slot, TAPER_E_ARGUMENT,
                       "a length has no unit");
    (void)fail_at(r, draft, slot, TAPER_E_RUN, row->why);
    if (r->err) r->err->needs = row->needs;
    return TAPER_E_RUN;
}

/* The steps of a span, not rounded; below 0 if the run does not tell. */
static double steps_of(const taper_run *run, taper_span span)
{
    switch (span.unit) {
    case TAPER_STEPS:
        return span.amount;
    case TAPER_EPOCHS:
        return run->epoch > 0.0 ? span.amount * run->epoch : -1.0;
    case TAPER_PERCENT:
        return run->steps > 0 ? span.amount * (double)run->steps / 100.0 : -1.0;
    case TAPER_TOKENS:
        return run->tokens > 0.0 ? span.amount / run->tokens : -1.0;
    case TAPER_SAMPLES:
        return run->batch > 0.0 ? span.amount / run->batch : -1.0;
    default:
        return -1.0;
    }
}

double taperi_span_steps(const taper_run *run, taper_span span,
                         const char **needs, const char **why)
{
    *needs = NULL;
    *why = "a length must not be negative";
    for (size_t k = 0; k < sizeof unit_rows / sizeof *unit_rows; k++)
        if (unit_rows[k].unit == span.unit) {
            *needs = unit_rows[k].needs;
            *why = unit_rows[k].why;
        }
    return steps_of(run, span);
}

/* The steps of a span, which need not be whole. */
static taper_status resolve_real(struct resolver *r,
                                 const struct taperi_draft *draft,
                                 enum taperi_slot slot, taper_span span,
                                 double *out)
{
    if (!(span.amount >= 0.0))
        return fail_at(r, draft, slot, TAPER_E_RANGE,
                       "a length must not be negative");
    const double steps = steps_of(&r->run, span);
    if (steps < 0.0) return fail_unit(r, draft, slot, span.unit);
    if (steps > TAPERI_LENGTH_MAX)
        return fail_at(r, draft, slot, TAPER_E_RANGE,
                       "a length must be at most 2^53 steps");
    *out = steps;
    return TAPER_OK;
}

static taper_status resolve_span(struct resolver *r,
                                 const struct taperi_draft *draft,
                                 enum taperi_slot slot, taper_span span,
                                 double *out)
{
    const taper_status status = resolve_real(r, draft, slot, span, out);
    if (status != TAPER_OK) return status;
    *out = taperi_round(*out);
    if (span.unit == TAPER_STEPS && *out != span.amount)
        return fail_at(r, draft, slot, TAPER_E_RANGE,
                       "a length in steps must be a whole number");
    return TAPER_OK;
}

/* ----------------------------------------------------------- measuring */

static taper_status measure(struct resolver *r, taper_node node);

static taper_status measure_curve(struct resolver *r,
                                  struct taperi_draft *draft)
{
    draft->rest = false;
    draft->length = TAPERI_ENDLESS;
    if (draft->kind == TAPERI_CONSTANT) return TAPER_OK;
    if (draft->over.unit == TAPER_FOREVER) {
        if (taperi_behaviours[draft->kind]->may_be_endless) return TAPER_OK;
        return fail_at(r, draft, TAPERI_OVER, TAPER_E_ARGUMENT,
                       "only what has a rate may go on for ever");
    }
    draft->rest = draft->over.unit == TAPER_REST;
    if (draft->rest) return TAPER_OK;
    return resolve_span(r, draft, TAPERI_OVER, draft->over, &draft->length);
}

/* A part that others follow has no end. */
static taper_status fail_endless(struct resolver *r,
                                 const struct taperi_draft *part)
{
    const struct taperi_place place = part->place[TAPERI_WHOLE];
    if (part->kind == TAPERI_CONSTANT)
        return taperi_fail(r->err, TAPER_E_ARGUMENT, place,
                           "a constant has no end, so nothing can come after "
                           "it; give it a length, as in hold(%g, 500)",
                           part->given[0]);
    return taperi_fail(r->err, TAPER_E_ARGUMENT, place,
                       "this has no end, so nothing can come after it; %s",
                       taperi_behaviours[part->kind]->may_be_endless
                           ? "give it a length with "
                             "'over'"
                       : part->kind == TAPERI_REPEAT
                           ? "say how often with 'times'"
                           : "give one of its parts a length");
}

/* Add part `part` to the length of a sequence. */
static taper_status measure_next(struct resolver *r, struct taperi_draft *whole,
                                 const struct taperi_draft *part)
{
    if (part->rest && whole->rest)
        return fail_at(r, part, TAPERI_WHOLE, TAPER_E_ARGUMENT,
                       "two parts of one sequence leave 'over' out; one of "
                       "them must say it");
    whole->rest = whole->rest || part->rest;
    if (part->rest) return TAPER_OK;
    if (part->length != TAPERI_ENDLESS) {
        if (part->length > TAPERI_LENGTH_MAX - whole->length)
            return fail_at(r, part, TAPERI_WHOLE, TAPER_E_SIZE,
                           "the sequence is longer than 2^53 steps");
        whole->length += part->length;
        return TAPER_OK;
    }
    if (part->next != TAPER_NO_NODE) return fail_endless(r, part);
    if (whole->rest)
        return fail_at(r, part, TAPERI_WHOLE, TAPER_E_ARGUMENT,
                       "a part before this one leaves 'over' out, but this one "
                       "has no end, so there is no rest to take");
    whole->length = TAPERI_ENDLESS;
    return TAPER_OK;
}

static taper_status measure_parts(struct resolver *r,
                                  struct taperi_draft *whole)
{
    const bool sequence = whole->kind == TAPERI_SEQUENCE;
    whole->rest = false;
    whole->length = sequence ? 0.0 : -1.0;
    for (taper_node i = whole->child; i != TAPER_NO_NODE;
         i = r->b->drafts[i].next) {
        taper_status status = measure(r, i);
        if (status != TAPER_OK) return status;
        const struct taperi_draft *part = &r->b->drafts[i];
        r->parts++;
        if (sequence) {
            status = measure_next(r, whole, part);
            if (status != TAPER_OK) return status;
            continue;
        }
        whole->rest = whole->rest || part->rest;
        if (!part->rest && part->length != TAPERI_ENDLESS)
            whole->length = taperi_max(whole->length, part->length);
    }
    if (whole->length < 0.0) whole->length = TAPERI_ENDLESS;
    return TAPER_OK;
}

/* A cut has the length that it says, and a part of it that takes the rest
 * takes all of that. */
static taper_status measure_cut(struct resolver *r, struct taperi_draft *draft)
{
    draft->rest = draft->over.unit == TAPER_REST;
    if (draft->over.unit == TAPER_FOREVER)
        return fail_at(r, draft, TAPERI_OVER, TAPER_E_ARGUMENT,
                       "what is cut has an end");
    if (draft->rest) return TAPER_OK;
    return resolve_span(r, draft, TAPERI_OVER, draft->over, &draft->length);
}

static taper_status measure_repeat(struct resolver *r,
                                   struct taperi_draft *draft,
                                   const struct taperi_draft *child)
{
    struct taperi_cycles cycles;
    const struct taperi_fault fault =
        taperi_cycles_find(draft->given, child->length, &cycles);
    if (fault.text)
        return fail_at(r, fault.slot == TAPERI_WHOLE ? child : draft,
                       fault.slot, fault.code, fault.text);
    draft->length = cycles.total;
    return TAPER_OK;
}

static taper_status measure_timing(struct resolver *r,
                                   struct taperi_draft *draft,
                                   const struct taperi_draft *child)
{
    const double by =
        draft->every_slot == TAPERI_WHOLE ? draft->given[0] : draft->width;
    const struct taperi_fault fault =
        taperi_timing_find(draft->kind, by, child->length, &draft->length);
    return fault.text ? fail_at(r, draft, fault.slot, fault.code, fault.text)
                      : TAPER_OK;
}

/* Why the part of a node cannot take the rest of the run; NULL: it can, as a
 * cycle that is not repeated can, and what is moved by whole steps. */
static const char *refuses_rest(const struct taperi_draft *draft)
{
    const double given = draft->given[0];
    if (draft->kind == TAPERI_REPEAT && given != 1.0)
        return "a cycle that is repeated must say its length: 'over' cannot "
               "be left out";
    if (draft->kind == TAPERI_SHIFT &&
        !(given >= -TAPERI_LENGTH_MAX && given <= TAPERI_LENGTH_MAX &&
          taperi_floor(given) == given))
        return "what is shifted by part of a step must say its length: 'over' "
               "cannot be left out";
    if (draft->kind == TAPERI_STRETCH)
        return "what is stretched must say its length: 'over' cannot be left "
               "out";
    return NULL;
}

/* The length of a node whose length is not that of its part. */
static taper_status measure_changed(struct resolver *r,
                                    struct taperi_draft *draft,
                                    const struct taperi_draft *child)
{
    if (draft->kind == TAPERI_REPEAT) return measure_repeat(r, draft, child);
    if (draft->kind == TAPERI_SHIFT || draft->kind == TAPERI_STRETCH)
        return measure_timing(r, draft, child);
    return TAPER_OK;
}

static taper_status measure_around(struct resolver *r,
                                   struct taperi_draft *draft)
{
    const taper_status status = measure(r, draft->child);
    if (status != TAPER_OK) return status;
    const struct taperi_draft *child = &r->b->drafts[draft->child];
    if (draft->kind == TAPERI_CUT) return measure_cut(r, draft);
    draft->rest = child->rest;
    draft->length = child->length;
    if (!child->rest) return measure_changed(r, draft, child);
    const char *refused = refuses_rest(draft);
    if (!refused) return TAPER_OK;
    return fail_at(r, child, TAPERI_WHOLE, TAPER_E_ARGUMENT, refused);
}

static taper_status measure_width(struct resolver *r,
                                  struct taperi_draft *draft)
{
    const enum taperi_slot slot = draft->every_slot;
    if (slot == TAPERI_WHOLE) return TAPER_OK;
    if (draft->kind == TAPERI_STRETCH)
        return resolve_real(r, draft, slot, draft->every, &draft->width);
    const taper_status status =
        resolve_span(r, draft, slot, draft->every, &draft->width);
    if (status == TAPER_OK && draft->width < 1.0)
        return fail_at(r, draft, slot, TAPER_E_RANGE,
                       "this must be at least one step");
    return status;
}

static taper_status measure(struct resolver *r, taper_node node)
{
    struct taperi_draft *draft = &r->b->drafts[node];
    const struct taperi_behaviour *kind = taperi_behaviours[draft->kind];
    r->nodes++;
    const taper_status status = measure_width(r, draft);
    if (status != TAPER_OK) return status;
    if (kind->has_parts) return measure_parts(r, draft);
    if (kind->has_child) return measure_around(r, draft);
    return measure_curve(r, draft);
}

/* ---------------------------------------------------------- laying out */

static taper_status lay_out(struct resolver *r, taper_node node,
                            struct place_in_run in);

/* The nodes that have been laid out; the block is ours until it is done. */
static struct taperi_node *nodes_of(struct resolver *r)
{
    return (struct taperi_node *)(void *)(r->s + 1);
}

/* Fill the table of parts for the node to come, from the last part back. */
static void list_parts(struct resolver *r, struct taperi_node *node)
{
    struct taperi_part *parts =
        (struct taperi_part *)(void *)(nodes_of(r) + r->s->node_count) +
        node->parts;
    uint32_t end = r->next_node;
    for (uint32_t k = node->count; k-- > 0;) {
        parts[k].node = end - 1;
        end = nodes_of(r)[end - 1].first;
    }
    double start = 0.0;
    for (uint32_t k = 0; k < node->count; k++) {
        parts[k].start = node->kind == TAPERI_SEQUENCE ? start : 0.0;
        start += nodes_of(r)[parts[k].node].length;
    }
}

/* A rate `per` one step is what a rate is anyway. */
static double given_width(const struct taperi_draft *draft)
{
    const bool per =
        (draft->kind == TAPERI_RATE || draft->kind == TAPERI_INVERSE) &&
        draft->every_slot == TAPERI_GIVEN_2;
    return per && draft->width == 1.0 ? 0.0 : draft->width;
}

/* Lay out the node of a draft whose `count` parts have been laid out. */
static taper_status lay_node(struct resolver *r,
                             const struct taperi_draft *draft, uint32_t count,
                             struct place_in_run in)
{
    const uint32_t i = r->next_node;
    struct taperi_node *node = nodes_of(r) + i;
    node->kind = draft->kind;
    node->after = draft->after;
    node->count = count;
    node->parts = r->next_part;
    node->length = draft->rest ? in.rest : draft->length;
    for (int k = 0; k < taperi_given_max; k++)
        node->given[k] = draft->given[k];
    if (draft->previous) node->given[0] = in.previous;
    if (draft->every_slot != TAPERI_WHOLE)
        node->given[draft->every_slot] = given_width(draft);
    list_parts(r, node);
    const struct taperi_fault fault = taperi_derive_node(r->s, i, node);
    if (fault.text)
        return fail_at(r, draft, fault.slot, fault.code, fault.text);
    node->end = taperi_derive_end(r->s, node);
    r->next_node++;
    r->next_part += count;
    return TAPER_OK;
}

/* The steps that the parts of a sequence leave for the one that takes them. */
static taper_status find_rest(struct resolver *r,
                              const struct taperi_draft *whole, double *rest)
{
    if (!whole->rest || *rest < 0.0) return TAPER_OK;
    *rest -= whole->length;
    if (*rest >= 0.0) return TAPER_OK;

    taper_node i = whole->child;
    while (!r->b->drafts[i].rest)
        i = r->b->drafts[i].next;
    return taperi_fail(r->err, TAPER_E_RANGE,
                       r->b->drafts[i].place[TAPERI_WHOLE],
                       "nothing is left for this part: the others take %g of "
                       "%g steps",
                       whole->length, *rest + whole->length);
}

static taper_status lay_parts(struct resolver *r,
                              const struct taperi_draft *draft,
                              struct place_in_run in)
{
    const bool sequence = draft->kind == TAPERI_SEQUENCE;
    struct place_in_run inside = in;
    taper_status status = TAPER_OK;
    if (sequence) status = find_rest(r, draft, &inside.rest);
    if (!sequence)
        inside.missing =
            draft->kind == TAPERI_PRODUCT
                ? "a factor has no part before it; give its first value"
                : "a part that is read beside others has no part before it; "
                  "give its first value";

    uint32_t count = 0;
    for (taper_node i = draft->child; i != TAPER_NO_NODE && status == TAPER_OK;
         i = r->b->drafts[i].next) {
        status = lay_out(r, i, inside);
        count++;
        if (status != TAPER_OK || !sequence) continue;
        inside.missing = NULL;
        inside.previous = nodes_of(r)[r->next_node - 1].end;
    }
    return status == TAPER_OK ? lay_node(r, draft, count, in) : status;
}

static taper_status lay_out(struct resolver *r, taper_node node,
                            struct place_in_run in)
{
    const struct taperi_draft *draft = &r->b->drafts[node];
    const struct taperi_behaviour *kind = taperi_behaviours[draft->kind];
    if (kind->has_parts) return lay_parts(r, draft, in);
    if (draft->previous && in.missing)
        return fail_at(r, draft, TAPERI_WHOLE, TAPER_E_ARGUMENT, in.missing);
    const bool says_length = !kind->has_child || draft->kind == TAPERI_CUT;
    if (says_length && draft->rest && in.rest < 0.0)
        return fail_unit(r, draft, TAPERI_WHOLE, TAPER_REST);
    if (!kind->has_child) return lay_node(r, draft, 0, in);

    struct place_in_run inside = in;
    if (draft->kind == TAPERI_CUT && !draft->rest) inside.rest = draft->length;
    if (draft->kind == TAPERI_SHIFT && draft->rest && in.rest >= 0.0) {
        inside.rest += draft->given[0];
        if (inside.rest > TAPERI_LENGTH_MAX)
            return fail_at(r, draft, TAPERI_WHOLE, TAPER_E_SIZE,
                           "what is shifted is longer than 2^53 steps");
        if (inside.rest < 0.0)
            return fail_at(r, draft, TAPERI_WHOLE, TAPER_E_RANGE,
                           "nothing is left for this part: it begins after "
                           "the run");
    }
    const taper_status status = lay_out(r, draft->child, inside);
    return status == TAPER_OK ? lay_node(r, draft, 0, in) : status;
}

/* ------------------------------------------------------------ building */

static bool is_fact(double x)
{
    return x >= 0.0 && x <= DBL_MAX;
}

static taper_status resolve(struct resolver *r, taper_node root,
                            const taper_allocator *allocator)
{
    const struct taperi_place nowhere = {0, 0};
    if (root < 0 || root >= r->b->count || r->b->drafts[root].used)
        return taperi_fail(r->err, TAPER_E_ARGUMENT, nowhere,
                           "the root is not a node of this builder, or is a "
                           "part of another");
    if (r->run.steps < 0 || r->run.steps > TAPER_STEP_MAX ||
        !is_fact(r->run.epoch) || !is_fact(r->run.batch) ||
        !is_fact(r->run.tokens))
        return taperi_fail(r->err, TAPER_E_RUN, nowhere,
                           "the numbers of the run must be positive, and its "
                           "steps at most 2^53");

    const taper_status status = measure(r, root);
    if (status != TAPER_OK) return status;
    r->s =
        taperi_block_create(allocator, (uint32_t)r->nodes, (uint32_t)r->parts);
    if (!r->s)
        return taperi_fail(r->err, TAPER_E_NOMEM, nowhere, "%s",
                           taper_status_text(TAPER_E_NOMEM));
    const struct place_in_run whole = {
        r->run.steps > 0 ? (double)r->run.steps : -1.0, 0.0,
        "the first part has no part before it; give its first value"};
    return lay_out(r, root, whole);
}

taper_status taper_build(taper_builder *b, taper_node root,
                         const taper_run *run, const taper_allocator *allocator,
                         taper_schedule **out, taper_error *err)
{
    const struct taperi_place nowhere = {0, 0};
    *out = NULL;
    if (!b)
        return taperi_fail(err, TAPER_E_NOMEM, nowhere, "%s",
                           taper_status_text(TAPER_E_NOMEM));
    if (b->error.code != TAPER_OK) {
        if (err) *err = b->error;
        return b->error.code;
    }
    struct resolver r = {.b = b, .err = err};
    if (run) r.run = *run;

    const taper_status status = resolve(&r, root, allocator);
    if (status == TAPER_OK)
        *out = r.s;
    else
        taper_free(r.s, allocator);
    return status;
}
