/* The grammar, by recursive descent over the lexer's tokens.
 *
 * Every function returns TAPER_NO_NODE after an error. The builder keeps the
 * first error, so none of them checks more than it needs to stop. */
#include "schedule/lexer.h"
#include "schedule/maths.h"
#include "schedule/shapes.h"

struct parser {
    struct taperi_lexer lexer;
    taper_builder *b;
    int depth; /* of open parentheses */
};

static taper_node parse_schedule(struct parser *p);

static bool failed(const struct parser *p)
{
    return p->b->error.code != TAPER_OK;
}

static taper_error *error_of(struct parser *p)
{
    return taperi_builder_error(p->b);
}

static const struct taperi_token *token_of(struct parser *p)
{
    return &p->lexer.token;
}

static bool at_then(struct parser *p)
{
    return token_of(p)->type == TAPERI_TOKEN_NAME &&
           taperi_slice_is(token_of(p)->slice, "then");
}

/* From `start` to the end of the last token that was read; `end` is where the
 * token after it begins. */
static struct taperi_place place_since(struct parser *p, size_t start)
{
    size_t end = token_of(p)->place.position;
    while (end > start && p->lexer.text[end - 1] <= ' ')
        end--;
    const struct taperi_place place = {start, end - start};
    return place;
}

static void set_place(struct parser *p, taper_node node, size_t start)
{
    if (!failed(p))
        p->b->drafts[node].place[TAPERI_WHOLE] = place_since(p, start);
}

/* Go past a mark; `what` says what was expected here. */
static bool expect(struct parser *p, char mark, const char *what)
{
    if (taperi_lexer_at(&p->lexer, mark)) {
        taperi_lexer_next(&p->lexer);
        return !failed(p);
    }
    const struct taperi_token *token = token_of(p);
    if (token->type == TAPERI_TOKEN_END)
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "the text ends where %s is expected", what);
    else
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "%s is expected here, not %q", what, token->slice);
    return false;
}

/* ----------------------------------------------------------- arguments */

static void read_value(struct parser *p, struct taperi_call *call, size_t i)
{
    const struct taperi_rule *rule = &call->name->rules[i];
    const char *name = call->name->shape.parameters[i].name;
    const struct taperi_token *token = token_of(p);
    if (token->type != TAPERI_TOKEN_NUMBER) {
        if (token->type == TAPERI_TOKEN_END)
            taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                        "the text ends where a number for '%s' is expected",
                        name);
        else
            taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                        "a number is expected for '%s', not %q", name,
                        token->slice);
        return;
    }
    const taper_span span = {token->number, token->unit};
    if (rule->takes == TAPERI_TAKES_LENGTH) {
        if (rule->slot == TAPERI_OVER) {
            call->draft.over = span;
        } else {
            call->draft.every = span;
            call->draft.every_slot = rule->slot;
        }
    } else if (span.unit != TAPER_STEPS) {
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "'%s' is no length, so it takes no unit", name);
    } else if (rule->takes == TAPERI_TAKES_COUNT &&
               !(span.amount >= 1.0 && span.amount <= TAPERI_LENGTH_MAX &&
                 taperi_floor(span.amount) == span.amount)) {
        taperi_fail(error_of(p), TAPER_E_RANGE, token->place,
                    "'%s' must be a whole number from 1", name);
    } else {
        call->draft.given[rule->slot] = span.amount;
    }
    taperi_lexer_next(&p->lexer);
}

static void read_after(struct parser *p, struct taperi_call *call)
{
    static const char *const words[] = {"hold", "mirror", "repeat"};
    const struct taperi_token *token = token_of(p);
    for (int k = 0; k < 3; k++)
        if (token->type == TAPERI_TOKEN_NAME &&
            taperi_slice_is(token->slice, words[k])) {
            call->draft.after =
                taperi_after_of(call->draft.kind, (taper_after)k);
            taperi_lexer_next(&p->lexer);
            return;
        }
    taperi_fail(error_of(p), TAPER_E_NAME, token->place,
                "'after' is hold, mirror or repeat, not %q", token->slice);
}

/* The parameter that the token names, which '=' follows. */
static size_t find_parameter(struct parser *p, const struct taperi_call *call)
{
    const taper_shape *shape = &call->name->shape;
    const struct taperi_token *token = token_of(p);
    const char *names[taperi_arguments_max];
    for (size_t i = 0; i < shape->parameter_count; i++) {
        names[i] = shape->parameters[i].name;
        if (taperi_slice_is(token->slice, names[i])) return i;
    }
    const char *near = taper_suggest(token->slice.text, token->slice.len, names,
                                     shape->parameter_count);
    if (near)
        taperi_fail(error_of(p), TAPER_E_ARGUMENT, token->place,
                    "%s has no argument %q, did you mean '%s'?", shape->name,
                    token->slice, near);
    else
        taperi_fail(error_of(p), TAPER_E_ARGUMENT, token->place,
                    "%s has no argument %q; it is %s", shape->name,
                    token->slice, shape->usage);
    return shape->parameter_count;
}

/* Read one argument. `position` is its number as long as none was named, and
 * past the last one after that. A schedule becomes *child. */
static void read_argument(struct parser *p, struct taperi_call *call,
                          size_t *position, taper_node *child)
{
    const struct taperi_name *name = call->name;
    const struct taperi_place start = token_of(p)->place;
    size_t i = *position;
    if (taperi_lexer_at(&p->lexer, ')')) {
        taperi_fail(error_of(p), TAPER_E_SYNTAX, start,
                    "an argument is expected after ','");
    } else if (token_of(p)->type == TAPERI_TOKEN_NAME &&
               taperi_lexer_before(&p->lexer, '=')) {
        i = find_parameter(p, call);
        *position = taperi_arguments_max;
        taperi_lexer_next(&p->lexer);
        taperi_lexer_next(&p->lexer);
    } else if (i == taperi_arguments_max) {
        taperi_fail(error_of(p), TAPER_E_ARGUMENT, start,
                    "an argument without a name cannot follow one with a name");
    } else if (i >= name->positional) {
        taperi_fail(error_of(p), TAPER_E_ARGUMENT, start,
                    "too many arguments without a name: it is %s",
                    name->shape.usage);
    } else {
        ++*position;
    }
    if (failed(p)) return;
    if (call->given & 1u << i) {
        taperi_fail(error_of(p), TAPER_E_ARGUMENT, start, "'%s' is given twice",
                    name->shape.parameters[i].name);
        return;
    }
    call->given |= 1u << i;

    const struct taperi_rule *rule = &name->rules[i];
    const size_t value = token_of(p)->place.position;
    if (rule->takes == TAPERI_TAKES_SCHEDULE)
        *child = parse_schedule(p);
    else if (rule->takes == TAPERI_TAKES_AFTER)
        read_after(p, call);
    else
        read_value(p, call, i);
    if (rule->slot != TAPERI_WHOLE)
        call->draft.place[rule->slot] = place_since(p, value);
}

/* Complete what was not given, or say that it must be. */
static void fill_missing(struct parser *p, struct taperi_call *call,
                         struct taperi_place place)
{
    const struct taperi_name *name = call->name;
    const char *fault = name->settle ? name->settle(call) : NULL;
    if (fault) {
        taperi_fail(error_of(p), TAPER_E_ARGUMENT, place, "%s", fault);
        return;
    }
    for (size_t i = 0; i < name->shape.parameter_count; i++) {
        const struct taperi_rule *rule = &name->rules[i];
        if (call->given & 1u << i) continue;
        if (rule->missing == TAPERI_MUST_BE_GIVEN)
            taperi_fail(error_of(p), TAPER_E_ARGUMENT, place,
                        "%s needs '%s': it is %s", name->shape.name,
                        name->shape.parameters[i].name, name->shape.usage);
        else if (rule->missing == TAPERI_OR_PREVIOUS)
            call->draft.previous = true;
        else if (rule->otherwise != 0.0)
            call->draft.given[rule->slot] = rule->otherwise;
    }
}

/* ------------------------------------------------------------- factors */

/* Enter a parenthesis. */
static bool go_deeper(struct parser *p)
{
    if (p->depth < taperi_depth_max) {
        p->depth++;
        taperi_lexer_next(&p->lexer);
        return !failed(p);
    }
    taperi_fail(error_of(p), TAPER_E_SIZE, token_of(p)->place,
                "parentheses nest more than 64 deep");
    return false;
}

/* "hold, linear and cosine": every name there is, as far as `cap` reaches. */
static void list_names(char *buf, size_t cap)
{
    struct taperi_writer w = {buf, cap, 0};
    const size_t count = taper_shape_count();
    for (size_t i = 0; i < count; i++) {
        if (i > 0) taperi_write_text(&w, i + 1 < count ? ", " : " and ");
        taperi_write_text(&w, taper_shape_at(i)->name);
    }
    taperi_write_end(&w);
}

static taper_node refuse_name(struct parser *p)
{
    char names[sizeof p->b->error.message];
    const struct taperi_token *token = token_of(p);
    const char *near = taperi_name_suggest(token->slice);
    if (at_then(p))
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "a schedule is expected before 'then'");
    else if (near)
        taperi_fail(error_of(p), TAPER_E_NAME, token->place,
                    "unknown name %q, did you mean '%s'?", token->slice, near);
    else {
        list_names(names, sizeof names);
        taperi_fail(error_of(p), TAPER_E_NAME, token->place,
                    "unknown name %q; the names are %s", token->slice, names);
    }
    return TAPER_NO_NODE;
}

static taper_node parse_call(struct parser *p)
{
    const struct taperi_place start = token_of(p)->place;
    struct taperi_call call = {.name = taperi_name_find(token_of(p)->slice)};
    if (!call.name) return refuse_name(p);
    call.draft = taperi_draft_make(call.name->kind);

    taperi_lexer_next(&p->lexer);
    if (!taperi_lexer_at(&p->lexer, '(')) {
        expect(p, '(', "'('");
        return TAPER_NO_NODE;
    }
    if (!go_deeper(p)) return TAPER_NO_NODE;
    taper_node child = TAPER_NO_NODE;
    size_t position = 0;
    if (!taperi_lexer_at(&p->lexer, ')'))
        for (;;) {
            read_argument(p, &call, &position, &child);
            if (failed(p)) return TAPER_NO_NODE;
            if (!taperi_lexer_at(&p->lexer, ',')) break;
            taperi_lexer_next(&p->lexer);
        }
    p->depth--;
    if (!expect(p, ')', "',' or ')'")) return TAPER_NO_NODE;

    call.draft.place[TAPERI_WHOLE] = place_since(p, start.position);
    fill_missing(p, &call, call.draft.place[TAPERI_WHOLE]);
    const taper_node node = taperi_builder_add(p->b, &call.draft);
    if (child != TAPER_NO_NODE) taperi_builder_append(p->b, node, child);
    return failed(p) ? TAPER_NO_NODE : node;
}

static taper_node parse_number(struct parser *p)
{
    const struct taperi_token *token = token_of(p);
    if (token->unit != TAPER_STEPS) {
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "a unit belongs to a length; this is a value");
        return TAPER_NO_NODE;
    }
    struct taperi_draft draft = taperi_draft_make(TAPERI_CONSTANT);
    draft.given[0] = token->number;
    draft.place[TAPERI_WHOLE] = token->place;
    taperi_lexer_next(&p->lexer);
    return taperi_builder_add(p->b, &draft);
}

static taper_node parse_factor(struct parser *p)
{
    const struct taperi_token *token = token_of(p);
    if (token->type == TAPERI_TOKEN_NUMBER) return parse_number(p);
    if (token->type == TAPERI_TOKEN_NAME) return parse_call(p);
    if (!taperi_lexer_at(&p->lexer, '(')) {
        expect(p, '(', "a schedule");
        return TAPER_NO_NODE;
    }
    if (!go_deeper(p)) return TAPER_NO_NODE;
    const taper_node node = parse_schedule(p);
    p->depth--;
    if (failed(p)) return TAPER_NO_NODE;
    return expect(p, ')', "')', 'then' or '*'") ? node : TAPER_NO_NODE;
}

/* ------------------------------------------------ products, sequences */

/* The draft that collects the parts of a list: made when a second part shows
 * that there is one. */
static taper_node collect(struct parser *p, uint32_t kind, taper_node group,
                          taper_node first)
{
    if (group != TAPER_NO_NODE) return group;
    const struct taperi_draft draft = taperi_draft_make(kind);
    group = taperi_builder_add(p->b, &draft);
    taperi_builder_append(p->b, group, first);
    return group;
}

static taper_node parse_product(struct parser *p)
{
    const size_t start = token_of(p)->place.position;
    const taper_node first = parse_factor(p);
    taper_node group = TAPER_NO_NODE;
    while (!failed(p) && taperi_lexer_at(&p->lexer, '*')) {
        taperi_lexer_next(&p->lexer);
        group = collect(p, TAPERI_PRODUCT, group, first);
        taperi_builder_append(p->b, group, parse_factor(p));
    }
    if (failed(p)) return TAPER_NO_NODE;
    if (group == TAPER_NO_NODE) return first;
    set_place(p, group, start);
    return group;
}

static taper_node parse_schedule(struct parser *p)
{
    const size_t start = token_of(p)->place.position;
    const taper_node first = parse_product(p);
    taper_node group = TAPER_NO_NODE;
    while (!failed(p) && at_then(p)) {
        taperi_lexer_next(&p->lexer);
        group = collect(p, TAPERI_SEQUENCE, group, first);
        taperi_builder_append(p->b, group, parse_product(p));
    }
    if (failed(p)) return TAPER_NO_NODE;
    if (group == TAPER_NO_NODE) return first;
    set_place(p, group, start);
    return group;
}

static taper_node parse_text(struct parser *p)
{
    const taper_node root = parse_schedule(p);
    const struct taperi_token *token = token_of(p);
    if (failed(p) || token->type == TAPERI_TOKEN_END) return root;
    if (taperi_lexer_at(&p->lexer, ')'))
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "this ')' closes nothing");
    else if (token->slice.text[0] == '+' || token->slice.text[0] == '-')
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "schedules are joined by 'then' or '*', not by a sign");
    else
        taperi_fail(error_of(p), TAPER_E_SYNTAX, token->place,
                    "'then', '*' or the end is expected here, not %q",
                    token->slice);
    return TAPER_NO_NODE;
}

taper_status taper_parse(const char *text, size_t len, const taper_run *run,
                         const taper_allocator *allocator, taper_schedule **out,
                         taper_error *err)
{
    struct parser p = {.b = taper_builder_create(allocator)};
    taper_node root = TAPER_NO_NODE;
    if (p.b) {
        taperi_lexer_start(&p.lexer, text, len, &p.b->error);
        root = parse_text(&p);
    }
    const taper_status status =
        taper_build(p.b, root, run, allocator, out, err);
    taper_builder_destroy(p.b);
    return status;
}
