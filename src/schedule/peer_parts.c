/* Waves, cuts and keyword arguments, for the constructors of peers. */
#include "schedule/peer_parts.h"

#include "schedule/builder.h"
#include "schedule/maths.h"

/* ---------------------------------------------------------------- parts */

taper_node taperi_warmed(taper_builder *b, double from, double to, double steps,
                         taper_node rest)
{
    if (steps == 0.0) return rest;
    return taperi_join(b, taper_build_linear(b, from, to, taper_steps(steps)),
                       rest);
}

taper_node taperi_cosine_waves(taper_builder *b, double from, double to,
                               double over, double waves)
{
    if (waves == 0.0) return taper_build_hold(b, from, taper_steps(over));
    const double half = over / (2.0 * waves);
    if (half == over) return taper_build_cosine(b, from, to, taper_steps(over));

    const bool whole = taperi_is_whole(half, 0.0, TAPERI_LENGTH_MAX);
    taper_node node =
        taper_build_cosine(b, from, to, taper_steps(whole ? half : 1.0));
    if (half < over) taper_build_after(b, node, TAPER_AFTER_MIRROR);
    if (!whole) node = taper_build_stretch(b, node, taper_steps(half));
    return taper_build_cut(b, node, taper_steps(over));
}

/* ------------------------------------------------------------- keywords */

static bool same_text(struct taperi_slice a, struct taperi_slice b)
{
    size_t k = 0;
    while (k < a.len && k < b.len && a.text[k] == b.text[k])
        k++;
    return k == a.len && k == b.len;
}

/* The parameter of that name; x->count if there is none. */
static size_t find_parameter(const struct taperi_expansion *x,
                             struct taperi_slice name)
{
    size_t i = 0;
    while (i < x->count && !same_text(x->parameter[i].name, name))
        i++;
    return i;
}

/* Take an item of a dict as an argument. Returns false after an error. */
static bool take_item(struct taperi_expansion *x, const char *usage,
                      const struct taperi_argument *key,
                      struct taperi_expansion *sub)
{
    taper_error *const error = taperi_builder_error(x->b);
    const struct taperi_argument *value = taperi_item_after(x, key);
    const size_t i = find_parameter(sub, key->text);
    if (!value || key->type != TAPERI_TEXT)
        taperi_fail(error, TAPER_E_ARGUMENT, key->place,
                    "a dict of arguments is expected here, such as "
                    "{'name': 0.5}");
    else if (i == sub->count)
        taperi_fail(error, TAPER_E_ARGUMENT, key->place,
                    "there is no argument %q; it is %s", key->text, usage);
    else if (sub->argument[i].given)
        taperi_fail(error, TAPER_E_ARGUMENT, key->place, "%q is given twice",
                    key->text);
    else
        sub->argument[i] = *value;
    return !taperi_failed(x);
}

/* Say which argument is missing, if one is. */
static void check_missing(const struct taperi_expansion *x, const char *usage)
{
    for (size_t i = 0; i < x->count && !taperi_failed(x); i++)
        if (x->argument[i].type == TAPERI_ABSENT &&
            x->parameter[i].otherwise.len == 0)
            taperi_fail(taperi_builder_error(x->b), TAPER_E_ARGUMENT, x->place,
                        "%q must be given: it is %s", x->parameter[i].name,
                        usage);
}

bool taperi_keywords(struct taperi_expansion *x, const char *usage,
                     const struct taperi_argument *d,
                     struct taperi_expansion *sub)
{
    const struct taperi_expansion none = {.b = x->b,
                                          .run = x->run,
                                          .items = x->items,
                                          .lr = x->lr};
    *sub = none;
    sub->place = d ? d->place : x->place;
    if (taperi_failed(x) || !taperi_signature(sub, usage)) return false;
    for (size_t k = 0; k < x->count; k++) {
        const size_t i = find_parameter(sub, x->parameter[k].name);
        if (i < sub->count && taperi_has(x, (int)k))
            sub->argument[i] = x->argument[k];
    }
    const struct taperi_argument *key = d ? taperi_items_of(x, d) : NULL;
    while (key && take_item(x, usage, key, sub))
        key = taperi_item_after(x, taperi_item_after(x, key));
    check_missing(sub, usage);
    return !taperi_failed(x);
}
