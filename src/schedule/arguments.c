/* Reads calls: their arguments by position and by name, what was left out, and
 * for sugar what they stand for. */
#include "schedule/maths.h"
#include "schedule/parser.h"

/* The names that the arguments of a call may have. */
struct parameters {
    const struct taperi_name *name;
    struct taperi_slice names[taperi_arguments_max + 1];
    size_t count;
    size_t positional; /* the first so many need no name */
};

/* The parameter that the token names, which '=' follows; `count` if there is
 * none, and an error. */
static size_t find_parameter(struct taperi_parser *p,
                             const struct parameters *all)
{
    const struct taperi_token *token = taperi_parser_token(p);
    enum { room = 24 };
    char buffer[taperi_arguments_max + 1][room];
    const char *names[taperi_arguments_max + 1];
    for (size_t i = 0; i < all->count; i++) {
        const struct taperi_slice *s = &all->names[i];
        size_t k = 0;
        for (; k < s->len && k < room - 1; k++)
            buffer[i][k] = s->text[k];
        buffer[i][k] = '\0';
        names[i] = buffer[i];
        bool same = s->len == token->slice.len;
        for (k = 0; same && k < s->len; k++)
            same = s->text[k] == token->slice.text[k];
        if (same) return i;
    }
    const taper_shape *shape = &all->name->shape;
    const char *near =
        taper_suggest(token->slice.text, token->slice.len, names, all->count);
    if (near)
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, token->place,
                    "%s has no argument %q, did you mean '%s'?", shape->name,
                    token->slice, near);
    else
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, token->place,
                    "%s has no argument %q; it is %s", shape->name,
                    token->slice, shape->usage);
    return all->count;
}

/* Find out which parameter comes next, and go to its value. `position` is the
 * number of arguments so far as long as none was named, and past the last one
 * after that; `given` has a bit for each that has been. Returns false after an
 * error. */
static bool next_parameter(struct taperi_parser *p,
                           const struct parameters *all, size_t *position,
                           uint32_t *given, size_t *out)
{
    const struct taperi_place start = taperi_parser_token(p)->place;
    size_t i = *position;
    if (taperi_parser_token(p)->type == TAPERI_TOKEN_NAME &&
        taperi_lexer_before(&p->lexer, '=')) {
        i = find_parameter(p, all);
        *position = taperi_arguments_max + 1;
        taperi_lexer_next(&p->lexer);
        taperi_lexer_next(&p->lexer);
    } else if (i > taperi_arguments_max) {
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, start,
                    "an argument without a name cannot follow one with a name");
    } else if (i >= all->positional) {
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, start,
                    "too many arguments without a name: it is %s",
                    all->name->shape.usage);
    } else {
        ++*position;
    }
    if (taperi_parser_failed(p)) return false;
    if (*given & UINT32_C(1) << i) {
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, start,
                    "%q is given twice", all->names[i]);
        return false;
    }
    *given |= UINT32_C(1) << i;
    *out = i;
    return true;
}

/* Go past the comma after an argument. Returns false at the end of the list. */
static bool next_argument(struct taperi_parser *p)
{
    if (taperi_parser_failed(p) || !taperi_lexer_at(&p->lexer, ','))
        return false;
    taperi_lexer_next(&p->lexer);
    return true;
}

/* The same within a call of the language, where a comma at the end is a
 * mistake; Python allows it. */
static bool next_of_kind(struct taperi_parser *p)
{
    if (!next_argument(p)) return false;
    if (!taperi_lexer_at(&p->lexer, ')')) return true;
    taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX,
                taperi_parser_token(p)->place,
                "an argument is expected after ','");
    return false;
}

/* Read `after`: hold, mirror or repeat. */
static bool read_after(struct taperi_parser *p, taper_after *out)
{
    static const char *const words[] = {"hold", "mirror", "repeat"};
    const struct taperi_token *token = taperi_parser_token(p);
    for (int k = 0; k < 3; k++)
        if ((token->type == TAPERI_TOKEN_NAME ||
             token->type == TAPERI_TOKEN_TEXT) &&
            taperi_slice_is(token->slice, words[k])) {
            *out = (taper_after)k;
            taperi_lexer_next(&p->lexer);
            return true;
        }
    taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                "'after' is hold, mirror or repeat, not %q", token->slice);
    return false;
}

/* -------------------------------------------- names of the language itself */

static double read_noise(struct taperi_parser *p)
{
    const struct taperi_token *token = taperi_parser_token(p);
    if (token->type == TAPERI_TOKEN_NAME || token->type == TAPERI_TOKEN_TEXT)
        for (int k = 0; k < taperi_noise_count; k++)
            if (taperi_slice_is(token->slice, taperi_noise_word(k))) {
                taperi_lexer_next(&p->lexer);
                return k;
            }
    taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                "'kind' is uniform or normal, not %q", token->slice);
    return 0.0;
}

static void read_value(struct taperi_parser *p, struct taperi_call *call,
                       const struct taperi_rule *rule)
{
    const struct taperi_token *token = taperi_parser_token(p);
    if (token->type != TAPERI_TOKEN_NUMBER) {
        if (token->type == TAPERI_TOKEN_END)
            taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                        "the text ends where a number for '%s' is expected",
                        rule->name);
        else
            taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                        "a number is expected for '%s', not %q", rule->name,
                        token->slice);
        return;
    }
    const taper_span span = {token->number, token->unit};
    if (rule->takes == TAPERI_TAKES_LENGTH) {
        if (rule->slot == TAPERI_OVER) {
            call->draft.over = span;
        } else {
            call->draft.every = span;
            call->draft.every_slot = (enum taperi_slot)rule->slot;
        }
    } else if (span.unit != TAPER_STEPS) {
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "'%s' is no length, so it takes no unit", rule->name);
    } else if (rule->takes == TAPERI_TAKES_COUNT &&
               !taperi_is_whole(span.amount, 1.0, TAPERI_LENGTH_MAX)) {
        taperi_fail(taperi_parser_error(p), TAPER_E_RANGE, token->place,
                    "'%s' must be a whole number from 1", rule->name);
    } else {
        call->draft.given[rule->slot] = span.amount;
    }
    taperi_lexer_next(&p->lexer);
}

/* Read the value of one rule. A schedule becomes *child. */
static void read_rule(struct taperi_parser *p, struct taperi_call *call,
                      const struct taperi_rule *rule, taper_node *child)
{
    const size_t start = taperi_parser_token(p)->place.position;
    taper_after after;
    if (rule->takes == TAPERI_TAKES_SCHEDULE) {
        *child = taperi_parse_schedule(p);
    } else if (rule->takes == TAPERI_TAKES_AFTER) {
        if (read_after(p, &after))
            call->draft.after = taperi_after_of(call->draft.kind, after);
    } else if (rule->takes == TAPERI_TAKES_NOISE) {
        call->draft.given[rule->slot] = read_noise(p);
    } else {
        read_value(p, call, rule);
    }
    if (rule->slot != TAPERI_WHOLE)
        call->draft.place[rule->slot] = taperi_parser_since(p, start);
}

/* Complete what was not given, or say that it must be. */
static void fill_missing(struct taperi_parser *p, struct taperi_call *call,
                         struct taperi_place place)
{
    const struct taperi_form *form = call->name->form;
    const taper_shape *shape = &call->name->shape;
    const char *fault = form->settle ? form->settle(call) : NULL;
    if (fault) {
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, place, "%s",
                    fault);
        return;
    }
    for (size_t i = 0; i < form->rule_count; i++) {
        const struct taperi_rule *rule = &form->rules[i];
        if (call->given & 1u << i) continue;
        if (rule->missing == TAPERI_MUST_BE_GIVEN)
            taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, place,
                        "%s needs '%s': it is %s", shape->name, rule->name,
                        shape->usage);
        else if (rule->missing == TAPERI_OR_PREVIOUS)
            call->draft.previous = true;
        else if (rule->otherwise != 0.0 &&
                 (rule->only == 0 || rule->only == call->draft.kind))
            call->draft.given[rule->slot] = rule->otherwise;
    }
}

/* Go past the end of a call that began at `start`. */
static bool close_call(struct taperi_parser *p, size_t start,
                       struct taperi_place *place)
{
    p->depth--;
    if (!taperi_parser_expect(p, ')', "',' or ')'")) return false;
    *place = taperi_parser_since(p, start);
    return true;
}

/* A call that takes any number of schedules. */
static taper_node call_many(struct taperi_parser *p,
                            const struct taperi_name *name, size_t start)
{
    const struct taperi_draft start_draft = taperi_draft_make(name->form->kind);
    const taper_node node = taperi_builder_add(p->b, &start_draft);
    uint32_t after = TAPERI_AFTER_NONE;
    if (!taperi_lexer_at(&p->lexer, ')')) do {
            const struct taperi_token *token = taperi_parser_token(p);
            taper_after what;
            if (token->type == TAPERI_TOKEN_NAME &&
                taperi_slice_is(token->slice, "after") &&
                taperi_lexer_before(&p->lexer, '=')) {
                taperi_lexer_next(&p->lexer);
                taperi_lexer_next(&p->lexer);
                if (read_after(p, &what))
                    after = taperi_after_of(name->form->kind, what);
                break;
            }
            taperi_builder_append(p->b, node, taperi_parse_schedule(p));
        } while (next_of_kind(p));
    struct taperi_place place;
    if (!close_call(p, start, &place)) return TAPER_NO_NODE;
    struct taperi_draft *draft = &p->b->drafts[node];
    draft->after = after;
    draft->place[TAPERI_WHOLE] = place;
    if (draft->child != draft->last) return node;
    taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT,
                draft->place[TAPERI_WHOLE],
                "%s needs at least two schedules: it is %s", name->shape.name,
                name->shape.usage);
    return TAPER_NO_NODE;
}

static taper_node call_kind(struct taperi_parser *p,
                            const struct taperi_name *name, size_t start)
{
    const struct taperi_form *form = name->form;
    struct taperi_call call = {.name = name};
    struct parameters all = {.name = name,
                             .count = form->rule_count,
                             .positional = form->positional};
    for (size_t i = 0; i < form->rule_count; i++) {
        all.names[i].text = form->rules[i].name;
        all.names[i].len = taperi_length_of(form->rules[i].name);
    }
    call.draft = taperi_draft_make(form->kind);
    taper_node child = TAPER_NO_NODE;
    size_t position = 0, i = 0;
    if (!taperi_lexer_at(&p->lexer, ')')) do {
            if (!next_parameter(p, &all, &position, &call.given, &i))
                return TAPER_NO_NODE;
            read_rule(p, &call, &form->rules[i], &child);
        } while (next_of_kind(p));
    struct taperi_place *const place = &call.draft.place[TAPERI_WHOLE];
    if (!close_call(p, start, place)) return TAPER_NO_NODE;
    fill_missing(p, &call, *place);
    const taper_node node = taperi_builder_add(p->b, &call.draft);
    if (child != TAPER_NO_NODE) taperi_builder_append(p->b, node, child);
    return taperi_parser_failed(p) ? TAPER_NO_NODE : node;
}

/* --------------------------------------------------------------- sugar */

/* Look ahead for the rate of a constructor, which those within it take over: it
 * may stand after them. */
static void note_lr(struct taperi_parser *p)
{
    taper_error ignored = {.code = TAPER_OK};
    struct taperi_lexer ahead = p->lexer;
    ahead.error = &ignored;
    for (int depth = 1; depth > 0 && ignored.code == TAPER_OK;
         taperi_lexer_next(&ahead)) {
        const struct taperi_token *token = &ahead.token;
        if (token->type == TAPERI_TOKEN_END) return;
        if (taperi_lexer_at(&ahead, '(') || taperi_lexer_at(&ahead, '['))
            depth++;
        if (taperi_lexer_at(&ahead, ')') || taperi_lexer_at(&ahead, ']'))
            depth--;
        if (depth > 1 || token->type != TAPERI_TOKEN_NAME ||
            !taperi_slice_is(token->slice, "lr") ||
            !taperi_lexer_before(&ahead, '='))
            continue;
        taperi_lexer_next(&ahead);
        taperi_lexer_next(&ahead);
        if (token->type != TAPERI_TOKEN_NUMBER || token->unit != TAPER_STEPS)
            return;
        p->has_lr = true;
        p->lr = token->number;
        return;
    }
}

/* Read the arguments of sugar into x->argument; the bit after the last
 * parameter's stands for `after`. */
static bool read_sugar(struct taperi_parser *p, const struct taperi_name *name,
                       struct taperi_expansion *x, taper_after *after,
                       uint32_t *given)
{
    struct parameters all = {.name = name, .count = x->count + 1};
    for (size_t i = 0; i < x->count; i++) {
        all.names[i] = x->parameter[i].name;
        if (!x->parameter[i].by_name) all.positional = i + 1;
    }
    all.names[x->count].text = "after";
    all.names[x->count].len = 5;
    size_t position = 0, i = 0;
    while (!taperi_parser_failed(p) && !taperi_lexer_at(&p->lexer, ')')) {
        if (taperi_lexer_skip_optimizer(&p->lexer)) {
            if (!next_argument(p)) break;
            continue;
        }
        if (!next_parameter(p, &all, &position, given, &i)) return false;
        if (i == x->count) {
            if (!read_after(p, after)) return false;
        } else {
            x->argument[i] = taperi_parse_literal(p);
        }
        if (!next_argument(p)) break;
    }
    return !taperi_parser_failed(p);
}

/* Give `lr` what the constructor around this one has, and say what is
 * missing. */
static bool complete_sugar(struct taperi_parser *p,
                           const struct taperi_name *name,
                           struct taperi_expansion *x)
{
    for (size_t i = 0; i < x->count; i++) {
        struct taperi_argument *a = &x->argument[i];
        if (a->type != TAPERI_ABSENT) continue;
        if (taperi_slice_is(x->parameter[i].name, "lr") && x->has_lr) {
            a->type = TAPERI_NUMBER;
            a->number = x->lr;
            continue;
        }
        if (x->parameter[i].otherwise.len > 0) continue;
        taperi_fail(taperi_parser_error(p), TAPER_E_ARGUMENT, x->place,
                    "%s needs %q: it is %s", name->shape.name,
                    x->parameter[i].name, name->shape.usage);
        return false;
    }
    return true;
}

/* What was built for a call has the call's place in the text. */
static void set_places(struct taperi_parser *p, int32_t from,
                       struct taperi_place place)
{
    for (int32_t i = from; i < p->b->count; i++)
        if (p->b->drafts[i].place[TAPERI_WHOLE].length == 0)
            p->b->drafts[i].place[TAPERI_WHOLE] = place;
}

static taper_node call_sugar(struct taperi_parser *p,
                             const struct taperi_name *name, size_t start)
{
    struct taperi_expansion x = {.b = p->b, .run = p->run, .lr = 0.0};
    const char *const family = p->family;
    const bool has_lr = p->has_lr;
    const double lr = p->lr;
    taper_after after = TAPER_AFTER_HOLD;
    uint32_t given = 0;
    taperi_signature(&x, name->shape.usage);
    p->family = taperi_name_family(name);
    const int32_t before = p->b->count;
    note_lr(p);
    const bool read = read_sugar(p, name, &x, &after, &given);
    p->family = family;
    p->has_lr = has_lr;
    p->lr = lr;
    if (!read || !close_call(p, start, &x.place)) return TAPER_NO_NODE;
    x.items = p->items;
    x.has_lr = has_lr;
    x.lr = lr;
    if (!complete_sugar(p, name, &x)) return TAPER_NO_NODE;
    taper_node node = name->expand(&x);
    if (given & UINT32_C(1) << x.count) {
        /* A sequence is ruled by its last part, so `after` needs a whole to
         * belong to: a repeat of one time. */
        node = taper_build_repeat(p->b, node, 1, 1.0, 1.0);
        node = taper_build_after(p->b, node, after);
    }
    set_places(p, before, x.place);
    return taperi_parser_failed(p) ? TAPER_NO_NODE : node;
}

taper_node taperi_parse_call(struct taperi_parser *p,
                             const struct taperi_name *name)
{
    const size_t start = taperi_parser_token(p)->place.position;
    taperi_lexer_next(&p->lexer);
    if (!taperi_lexer_at(&p->lexer, '(')) {
        taperi_parser_expect(p, '(', "'('");
        return TAPER_NO_NODE;
    }
    if (!taperi_parser_deeper(p)) return TAPER_NO_NODE;
    if (!name->form) return call_sugar(p, name, start);
    return name->form->many ? call_many(p, name, start)
                            : call_kind(p, name, start);
}
