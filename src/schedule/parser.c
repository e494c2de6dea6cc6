/* The grammar, by recursive descent over the lexer's tokens. */
#include "schedule/parser.h"

#include "schedule/plan.h"

bool taperi_parser_failed(const struct taperi_parser *p)
{
    return p->b->error.code != TAPER_OK;
}

taper_error *taperi_parser_error(struct taperi_parser *p)
{
    return taperi_builder_error(p->b);
}

const struct taperi_token *taperi_parser_token(struct taperi_parser *p)
{
    return &p->lexer.token;
}

static bool at_then(struct taperi_parser *p)
{
    return taperi_parser_token(p)->type == TAPERI_TOKEN_NAME &&
           taperi_slice_is(taperi_parser_token(p)->slice, "then");
}

struct taperi_place taperi_parser_since(struct taperi_parser *p, size_t start)
{
    const struct taperi_place last = p->lexer.last.place;
    const size_t end = last.position + last.length;
    const struct taperi_place place = {start, end > start ? end - start : 0};
    return place;
}

static void set_place(struct taperi_parser *p, taper_node node, size_t start)
{
    if (!taperi_parser_failed(p))
        p->b->drafts[node].place[TAPERI_WHOLE] = taperi_parser_since(p, start);
}

bool taperi_parser_expect(struct taperi_parser *p, char mark, const char *what)
{
    if (taperi_lexer_at(&p->lexer, mark)) {
        taperi_lexer_next(&p->lexer);
        return !taperi_parser_failed(p);
    }
    const struct taperi_token *token = taperi_parser_token(p);
    if (token->type == TAPERI_TOKEN_END)
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "the text ends where %s is expected", what);
    else
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "%s is expected here, not %q", what, token->slice);
    return false;
}

/* ------------------------------------------------------------- factors */

bool taperi_parser_deeper(struct taperi_parser *p)
{
    if (p->depth < taperi_depth_max) {
        p->depth++;
        taperi_lexer_next(&p->lexer);
        return !taperi_parser_failed(p);
    }
    taperi_fail(taperi_parser_error(p), TAPER_E_SIZE,
                taperi_parser_token(p)->place,
                "parentheses nest more than 64 deep");
    return false;
}

/* Schedulers of peers that are no schedule, and why, by the last part of their
 * name. */
static const struct {
    const char *name, *why;
} no_schedules[] = {
#define CONTROLLER "it reacts to a metric, so it is a controller"
    {"ReduceLROnPlateau", CONTROLLER},
    {"ReduceOnPlateau", CONTROLLER},
    {"PlateauLRScheduler", CONTROLLER},
    {"reduce_on_plateau", CONTROLLER},
    {"get_reduce_on_plateau_schedule", CONTROLLER},
    {"GreedyLR", CONTROLLER},
    {"plateau", CONTROLLER},
    {"greedy", CONTROLLER},
    {"cooldown", CONTROLLER},
#undef CONTROLLER
#define CODE "it runs code; write the curve that it follows, or points({...})"
    {"LambdaLR", CODE},
    {"MultiplicativeLR", CODE},
    {"LambdaDecay", CODE},
    {"MultiplicativeDecay", CODE},
#undef CODE
};

static const char *why_no_schedule(struct taperi_slice word)
{
    size_t last = word.len;
    while (last > 0 && word.text[last - 1] != '.')
        last--;
    const struct taperi_slice tail = {word.text + last, word.len - last};
    for (size_t k = 0; k < sizeof no_schedules / sizeof *no_schedules; k++)
        if (taperi_slice_is(tail, no_schedules[k].name))
            return no_schedules[k].why;
    return NULL;
}

static taper_node refuse_name(struct taperi_parser *p)
{
    const struct taperi_token *token = taperi_parser_token(p);
    const char *why = why_no_schedule(token->slice);
    const struct taperi_slice above = taperi_plan_suggest(p, token->slice);
    const char *near = taperi_name_suggest(token->slice);
    if (at_then(p))
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "a schedule is expected before 'then'");
    else if (why && taperi_lexer_before(&p->lexer, '('))
        taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                    "%q is no schedule: %s", token->slice, why);
    else if (above.len > 0 && !taperi_lexer_before(&p->lexer, '('))
        taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                    "unknown name %q, did you mean %q?", token->slice, above);
    else if (p->names && !taperi_lexer_before(&p->lexer, '('))
        taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                    "unknown name %q: a plan's name is known in the lines "
                    "below its own",
                    token->slice);
    else if (near)
        taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                    "unknown name %q, did you mean '%s'?", token->slice, near);
    else
        taperi_fail(taperi_parser_error(p), TAPER_E_NAME, token->place,
                    "unknown name %q; names are such as linear, cosine, exp "
                    "and wsd, or torch.StepLR",
                    token->slice);
    return TAPER_NO_NODE;
}

static taper_node parse_name(struct taperi_parser *p)
{
    const taper_node named = taperi_plan_refer(p);
    if (named != TAPER_NO_NODE || taperi_parser_failed(p)) return named;
    const struct taperi_name *name =
        taperi_name_find(taperi_parser_token(p)->slice, p->family);
    return name ? taperi_parse_call(p, name) : refuse_name(p);
}

static taper_node parse_number(struct taperi_parser *p)
{
    const struct taperi_token *token = taperi_parser_token(p);
    if (token->unit != TAPER_STEPS) {
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "a unit belongs to a length; this is a value");
        return TAPER_NO_NODE;
    }
    struct taperi_draft draft = taperi_draft_make(TAPERI_CONSTANT);
    draft.given[0] = token->number;
    draft.place[TAPERI_WHOLE] = token->place;
    taperi_lexer_next(&p->lexer);
    return taperi_builder_add(p->b, &draft);
}

static taper_node parse_factor(struct taperi_parser *p)
{
    const struct taperi_token *token = taperi_parser_token(p);
    if (token->type == TAPERI_TOKEN_NUMBER) return parse_number(p);
    if (token->type == TAPERI_TOKEN_NAME) return parse_name(p);
    if (!taperi_lexer_at(&p->lexer, '(')) {
        taperi_parser_expect(p, '(', "a schedule");
        return TAPER_NO_NODE;
    }
    if (!taperi_parser_deeper(p)) return TAPER_NO_NODE;
    const taper_node node = taperi_parse_schedule(p);
    p->depth--;
    if (taperi_parser_failed(p)) return TAPER_NO_NODE;
    return taperi_parser_expect(p, ')', "')', 'then' or '*'") ? node
                                                              : TAPER_NO_NODE;
}

/* ------------------------------------------------ products, sequences */

/* The draft that collects the parts of a list: made when a second part shows
 * that there is one. */
static taper_node collect(struct taperi_parser *p, uint32_t kind,
                          taper_node group, taper_node first)
{
    if (group != TAPER_NO_NODE) return group;
    const struct taperi_draft draft = taperi_draft_make(kind);
    group = taperi_builder_add(p->b, &draft);
    taperi_builder_append(p->b, group, first);
    return group;
}

static taper_node parse_product(struct taperi_parser *p)
{
    const size_t start = taperi_parser_token(p)->place.position;
    const taper_node first = parse_factor(p);
    taper_node group = TAPER_NO_NODE;
    while (!taperi_parser_failed(p) && taperi_lexer_at(&p->lexer, '*')) {
        taperi_lexer_next(&p->lexer);
        group = collect(p, TAPERI_PRODUCT, group, first);
        taperi_builder_append(p->b, group, parse_factor(p));
    }
    if (taperi_parser_failed(p)) return TAPER_NO_NODE;
    if (group == TAPER_NO_NODE) return first;
    set_place(p, group, start);
    return group;
}

taper_node taperi_parse_schedule(struct taperi_parser *p)
{
    const size_t start = taperi_parser_token(p)->place.position;
    const taper_node first = parse_product(p);
    taper_node group = TAPER_NO_NODE;
    while (!taperi_parser_failed(p) && at_then(p)) {
        taperi_lexer_next(&p->lexer);
        group = collect(p, TAPERI_SEQUENCE, group, first);
        taperi_builder_append(p->b, group, parse_product(p));
    }
    if (taperi_parser_failed(p)) return TAPER_NO_NODE;
    if (group == TAPER_NO_NODE) return first;
    set_place(p, group, start);
    return group;
}

static taper_node parse_text(struct taperi_parser *p)
{
    const taper_node root = taperi_parse_schedule(p);
    const struct taperi_token *token = taperi_parser_token(p);
    if (taperi_parser_failed(p) || token->type == TAPERI_TOKEN_END) return root;
    if (taperi_lexer_at(&p->lexer, ')'))
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "this ')' closes nothing");
    else if (token->slice.text[0] == '+' || token->slice.text[0] == '-')
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "schedules are joined by 'then' or '*', not by a sign");
    else
        taperi_fail(taperi_parser_error(p), TAPER_E_SYNTAX, token->place,
                    "'then', '*' or the end is expected here, not %q",
                    token->slice);
    return TAPER_NO_NODE;
}

taper_status taper_parse(const char *text, size_t len, const taper_run *run,
                         const taper_allocator *allocator, taper_schedule **out,
                         taper_error *err)
{
    struct taperi_parser p = {.b = taper_builder_create(allocator)};
    taper_node root = TAPER_NO_NODE;
    if (run) p.run = *run;
    if (p.b) {
        taperi_lexer_start(&p.lexer, text, len, &p.b->error);
        root = parse_text(&p);
        taperi_parser_clear(&p);
    }
    const taper_status status =
        taper_build(p.b, root, run, allocator, out, err);
    taper_builder_destroy(p.b);
    return status;
}
