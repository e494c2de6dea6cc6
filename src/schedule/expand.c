/* What the functions of sugar ask for: the signature, and the arguments as the
 * types that they must have. */
#include "schedule/expand.h"

#include <stdarg.h>

#include "schedule/builder.h"
#include "schedule/lexer.h"
#include "schedule/maths.h"

/* ----------------------------------------------------------- signatures */

/* The value of a default: a number, a text or a constant of Python. */
static struct taperi_argument read_default(const struct taperi_token *token)
{
    struct taperi_argument a = {.node = TAPER_NO_NODE, .first = -1, .next = -1};
    if (token->type == TAPERI_TOKEN_NUMBER) {
        a.type = TAPERI_NUMBER;
        a.number = token->number;
        a.unit = token->unit;
    } else if (token->type == TAPERI_TOKEN_TEXT) {
        a.type = TAPERI_TEXT;
        a.text = token->slice;
    } else if (taperi_slice_is(token->slice, "None")) {
        a.type = TAPERI_NONE;
    } else {
        a.type = TAPERI_FLAG;
        a.number = taperi_slice_is(token->slice, "True");
    }
    return a;
}

bool taperi_signature(struct taperi_expansion *x, const char *usage)
{
    taper_error error = {.code = TAPER_OK};
    struct taperi_lexer lexer;
    bool by_name = false;
    x->usage = usage;
    x->count = 0;
    taperi_lexer_start(&lexer, usage, taperi_length_of(usage), &error);
    for (taperi_lexer_next(&lexer); error.code == TAPER_OK;
         taperi_lexer_next(&lexer)) {
        if (taperi_lexer_at(&lexer, '*')) by_name = true;
        if (lexer.token.type == TAPERI_TOKEN_END) return true;
        if (lexer.token.type != TAPERI_TOKEN_NAME) continue;
        if (x->count == taperi_arguments_max) return false;
        struct taperi_parameter *parameter = &x->parameter[x->count];
        struct taperi_argument *argument = &x->argument[x->count++];
        parameter->name = lexer.token.slice;
        parameter->by_name = by_name;
        if (!taperi_lexer_before(&lexer, '=')) continue;
        taperi_lexer_next(&lexer);
        taperi_lexer_next(&lexer);
        parameter->otherwise = lexer.token.slice;
        *argument = read_default(&lexer.token);
    }
    return false;
}

/* -------------------------------------------------------------- errors */

bool taperi_failed(const struct taperi_expansion *x)
{
    return x->b->error.code != TAPER_OK;
}

/* Where argument i is in the text; the whole call if it is not given. */
static struct taperi_place place_of(const struct taperi_expansion *x, int i)
{
    return i >= 0 && x->argument[i].given ? x->argument[i].place : x->place;
}

taper_node taperi_refuse(struct taperi_expansion *x, int i, const char *format,
                         ...)
{
    va_list args;
    va_start(args, format);
    taperi_fail_list(taperi_builder_error(x->b), TAPER_E_ARGUMENT,
                     place_of(x, i), format, args);
    va_end(args);
    return TAPER_NO_NODE;
}

/* Says that argument i is not what it must be: "a number". */
static void refuse_type(struct taperi_expansion *x, int i, const char *what)
{
    const struct taperi_argument *a = &x->argument[i];
    if (a->type == TAPERI_ABSENT || a->type == TAPERI_NONE)
        taperi_refuse(x, i, "%q must be given: %s", x->parameter[i].name, what);
    else
        taperi_refuse(x, i, "%q must be %s", x->parameter[i].name, what);
}

static void refuse_item(struct taperi_expansion *x,
                        const struct taperi_argument *a, const char *what)
{
    taperi_fail(taperi_builder_error(x->b), TAPER_E_ARGUMENT, a->place,
                "%s is expected here", what);
}

/* ------------------------------------------------------------- numbers */

bool taperi_has(const struct taperi_expansion *x, int i)
{
    return x->argument[i].type != TAPERI_ABSENT &&
           x->argument[i].type != TAPERI_NONE;
}

double taperi_number(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = &x->argument[i];
    if (a->type == TAPERI_NUMBER && a->unit == TAPER_STEPS) return a->number;
    refuse_type(x, i, "a number without a unit");
    return 0.0;
}

double taperi_number_in(struct taperi_expansion *x, int i, double min,
                        double max)
{
    const double value = taperi_number(x, i);
    if (value >= min && value <= max) return value;
    taperi_refuse(x, i, "%q must be from %g to %g", x->parameter[i].name, min,
                  max);
    return min;
}

double taperi_number_above(struct taperi_expansion *x, int i, double min)
{
    const double value = taperi_number(x, i);
    if (value > min) return value;
    taperi_refuse(x, i, "%q must be above %g", x->parameter[i].name, min);
    return min + 1.0;
}

double taperi_not_negative(struct taperi_expansion *x, int i)
{
    const double value = taperi_number(x, i);
    if (value >= 0.0) return value;
    taperi_refuse(x, i, "%q must not be negative", x->parameter[i].name);
    return 0.0;
}

double taperi_count_from_1(struct taperi_expansion *x, int i)
{
    const double value = taperi_number(x, i);
    if (taperi_is_whole(value, 1.0, TAPERI_LENGTH_MAX)) return value;
    taperi_refuse(x, i, "%q must be a whole number from 1",
                  x->parameter[i].name);
    return 1.0;
}

bool taperi_flag(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = &x->argument[i];
    if (a->type == TAPERI_FLAG || a->type == TAPERI_NUMBER)
        return a->number != 0.0;
    if (a->type != TAPERI_NONE && a->type != TAPERI_ABSENT)
        refuse_type(x, i, "True or False");
    return false;
}

/* ------------------------------------------------------------- lengths */

/* A length as steps; fails at `place`. */
static double steps_at(struct taperi_expansion *x,
                       const struct taperi_argument *a,
                       struct taperi_place place)
{
    const char *needs = NULL, *why = NULL;
    const taper_span span = {a->number, a->unit};
    taper_error *error = taperi_builder_error(x->b);
    const double steps = taperi_span_steps(&x->run, span, &needs, &why);
    if (a->number < 0.0) {
        taperi_fail(error, TAPER_E_RANGE, place,
                    "a length must not be negative");
    } else if (steps < 0.0) {
        taperi_fail(error, TAPER_E_RUN, place, "%s", why);
        if (error) error->needs = needs;
    } else if (steps > TAPERI_LENGTH_MAX) {
        taperi_fail(error, TAPER_E_RANGE, place,
                    "a length must be at most 2^53 steps");
    } else {
        return steps;
    }
    return 0.0;
}

double taperi_steps(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = &x->argument[i];
    if (a->type == TAPERI_NUMBER) return steps_at(x, a, place_of(x, i));
    refuse_type(x, i, "a length: a number of steps, or one with a unit");
    return 0.0;
}

double taperi_whole_steps(struct taperi_expansion *x, int i)
{
    const double steps = taperi_steps(x, i), whole = taperi_round(steps);
    if (x->argument[i].unit == TAPER_STEPS && whole != steps)
        taperi_refuse(x, i, "%q must be a whole number of steps",
                      x->parameter[i].name);
    return whole;
}

double taperi_steps_from_1(struct taperi_expansion *x, int i)
{
    const double steps = taperi_whole_steps(x, i);
    if (steps >= 1.0) return steps;
    taperi_refuse(x, i, "%q must be at least one step", x->parameter[i].name);
    return 1.0;
}

double taperi_real_steps(struct taperi_expansion *x, int i)
{
    const double steps = taperi_steps(x, i);
    return x->argument[i].unit == TAPER_STEPS ? steps : taperi_round(steps);
}

double taperi_real_steps_above_0(struct taperi_expansion *x, int i)
{
    const double steps = taperi_real_steps(x, i);
    if (steps > 0.0) return steps;
    taperi_refuse(x, i, "%q must be above 0", x->parameter[i].name);
    return 1.0;
}

taper_span taperi_span(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = &x->argument[i];
    const taper_span span = {a->number, a->unit};
    if (!taperi_has(x, i)) return taper_rest();
    if (a->type == TAPERI_NUMBER) return span;
    refuse_type(x, i, "a length: a number of steps, or one with a unit");
    return taper_rest();
}

/* -------------------------------------------------- texts and schedules */

/* The number of a word in a list that bars divide, or -1. */
static int find_word(const char *list, struct taperi_slice word)
{
    int number = 0;
    for (const char *start = list;; number++) {
        const char *end = start;
        while (*end != '\0' && *end != '|')
            end++;
        const size_t len = (size_t)(end - start);
        size_t k = 0;
        while (k < len && k < word.len && start[k] == word.text[k])
            k++;
        if (k == len && k == word.len) return number;
        if (*end == '\0') return -1;
        start = end + 1;
    }
}

/* The word of such a list that another one most likely means; NULL if none is
 * near. `copy` takes the words, each with a NUL. */
enum { words_max = 16, words_room = 256 };
static const char *near_word(const char *list, struct taperi_slice word,
                             char copy[words_room])
{
    const char *names[words_max] = {copy};
    size_t count = 1, k = 0;
    for (; k + 1 < words_room && list[k] != '\0'; k++) {
        copy[k] = list[k];
        if (list[k] != '|' || count == words_max) continue;
        copy[k] = '\0';
        names[count++] = copy + k + 1;
    }
    copy[k] = '\0';
    return taper_suggest(word.text, word.len, names, count);
}

int taperi_choice(struct taperi_expansion *x, int i, const char *choices)
{
    const struct taperi_argument *a = &x->argument[i];
    const struct taperi_slice name = x->parameter[i].name;
    const int k = a->text.len > 0 ? find_word(choices, a->text) : -1;
    if (k >= 0) return k;
    char copy[words_room];
    const char *near = near_word(choices, a->text, copy);
    if (near)
        taperi_refuse(x, i, "%q cannot be %q, did you mean '%s'?", name,
                      a->text, near);
    else
        taperi_refuse(x, i, "%q must be one of %s", name, choices);
    return 0;
}

static taper_node schedule_of(struct taperi_expansion *x,
                              const struct taperi_argument *a)
{
    if (a->type == TAPERI_SCHEDULE) return a->node;
    if (a->type == TAPERI_NUMBER && a->unit == TAPER_STEPS)
        return taper_build_constant(x->b, a->number);
    return TAPER_NO_NODE;
}

taper_node taperi_schedule(struct taperi_expansion *x, int i)
{
    const taper_node node = schedule_of(x, &x->argument[i]);
    if (node == TAPER_NO_NODE) refuse_type(x, i, "a schedule or a number");
    return node;
}

void taperi_default_only(struct taperi_expansion *x, int i, const char *why)
{
    struct taperi_lexer lexer;
    taper_error error = {.code = TAPER_OK};
    const struct taperi_argument *a = &x->argument[i];
    const struct taperi_slice *text = &x->parameter[i].otherwise;
    if (!a->given || a->type == TAPERI_NONE) return;
    taperi_lexer_start(&lexer, text->text, text->len, &error);
    const struct taperi_argument d = read_default(&lexer.token);
    if (a->type == d.type && a->type != TAPERI_TEXT && a->number == d.number)
        return;
    taperi_refuse(x, i, "%q is not supported: %s", x->parameter[i].name, why);
}

/* --------------------------------------------------------------- lists */

static const struct taperi_argument *first_of(const struct taperi_expansion *x,
                                              const struct taperi_argument *a)
{
    return a->first < 0 ? NULL : &x->items[a->first];
}

const struct taperi_argument *taperi_items(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = &x->argument[i];
    if (a->type == TAPERI_LIST || a->type == TAPERI_DICT) return first_of(x, a);
    if (a->type == TAPERI_NUMBER || a->type == TAPERI_SCHEDULE) return a;
    refuse_type(x, i, "a list");
    return NULL;
}

const struct taperi_argument *taperi_items_of(struct taperi_expansion *x,
                                              const struct taperi_argument *a)
{
    if (a->type == TAPERI_LIST || a->type == TAPERI_DICT) return first_of(x, a);
    refuse_item(x, a, "a list or a dict");
    return NULL;
}

const struct taperi_argument *
taperi_item_after(const struct taperi_expansion *x,
                  const struct taperi_argument *a)
{
    return a->next < 0 || taperi_failed(x) ? NULL : &x->items[a->next];
}

size_t taperi_count(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = &x->argument[i];
    if (a->type == TAPERI_LIST || a->type == TAPERI_DICT) return a->count;
    return taperi_has(x, i) ? 1 : 0;
}

double taperi_item_number(struct taperi_expansion *x,
                          const struct taperi_argument *a)
{
    if (a->type == TAPERI_NUMBER && a->unit == TAPER_STEPS) return a->number;
    refuse_item(x, a, "a number without a unit");
    return 0.0;
}

double taperi_item_steps(struct taperi_expansion *x,
                         const struct taperi_argument *a)
{
    if (a->type == TAPERI_NUMBER) return steps_at(x, a, a->place);
    refuse_item(x, a, "a length: a number of steps, or one with a unit");
    return 0.0;
}

double taperi_item_whole(struct taperi_expansion *x,
                         const struct taperi_argument *a)
{
    const double steps = taperi_item_steps(x, a), whole = taperi_round(steps);
    if (a->unit == TAPER_STEPS && whole != steps)
        taperi_fail(taperi_builder_error(x->b), TAPER_E_RANGE, a->place,
                    "a whole number of steps is expected here");
    return whole;
}

taper_node taperi_item_schedule(struct taperi_expansion *x,
                                const struct taperi_argument *a)
{
    const taper_node node = schedule_of(x, a);
    if (node == TAPER_NO_NODE) refuse_item(x, a, "a schedule or a number");
    return node;
}
