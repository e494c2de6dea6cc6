/* Sugar: names that stand for something that other names can say as well, such
 * as recipes and the constructors of peers.
 *
 * A row of sugar has a signature, which is its usage, written as Python writes
 * it and read by the parser, so that there is one list of parameters:
 *
 *     "torch.StepLR(step_size, gamma=0.1, last_epoch=-1, *, lr)"
 *
 * A parameter without a default must be given; what follows a lone * must be
 * given by name. Arguments are literals of any type: numbers with or without a
 * unit, True, False, None, 'text' or a bare word, [lists], (tuples),
 * {dicts: ...} and schedules. The function of the row asks for each one by its
 * number in the signature, from 0 and not counting the *, and says by the call
 * which type it must have. After a first failure every question gives 0 and
 * every node is TAPER_NO_NODE, so that it needs no checks of its own; it may
 * ask taperi_failed before a loop. Every call of sugar also takes `after=`,
 * which is not its business. */
#ifndef TAPER_SCHEDULE_EXPAND_H
#define TAPER_SCHEDULE_EXPAND_H

#include "schedule/text.h"

enum taperi_type {
    TAPERI_ABSENT, /* not given, and without a default */
    TAPERI_NONE,
    TAPERI_FLAG,     /* number: 0 or 1 */
    TAPERI_NUMBER,   /* number and unit */
    TAPERI_TEXT,     /* text */
    TAPERI_LIST,     /* items */
    TAPERI_DICT,     /* items: key, value, key, value, ... */
    TAPERI_SCHEDULE, /* node */
};

/* What was given for a parameter, or an item of a list. */
struct taperi_argument {
    enum taperi_type type;
    bool given; /* in the text, and not the default */
    double number;
    taper_unit unit;
    struct taperi_slice text; /* without its quotes; of a schedule that begins
                                 with a name, that name */
    taper_node node;
    int32_t first, next; /* its first item, and the item after it; or -1 */
    size_t count;        /* items; of a dict keys and values */
    struct taperi_place place;
};

enum { taperi_arguments_max = 24 };

/* A parameter of a signature. */
struct taperi_parameter {
    struct taperi_slice name;
    struct taperi_slice otherwise; /* its default as the signature has it */
    bool by_name;
};

struct taperi_expansion {
    taper_builder *b;
    taper_run run;
    const char *usage;
    size_t count; /* parameters */
    struct taperi_parameter parameter[taperi_arguments_max];
    struct taperi_argument argument[taperi_arguments_max];
    const struct taperi_argument *items; /* of all lists of the text */
    struct taperi_place place;           /* of the whole call */
    /* What a constructor within this one gets for an `lr` that it needs and is
     * not given. */
    bool has_lr;
    double lr;
};

/* Builds what the call stands for. */
typedef taper_node taperi_expand(struct taperi_expansion *x);

/* Report what is wrong with argument i, or with the call if i < 0, as
 * taperi_fail does. Returns TAPER_NO_NODE. */
taper_node taperi_refuse(struct taperi_expansion *x, int i, const char *format,
                         ...);
bool taperi_failed(const struct taperi_expansion *x);

/* Whether argument i has a value: given or by default, and not None. */
bool taperi_has(const struct taperi_expansion *x, int i);
/* A number without a unit. */
double taperi_number(struct taperi_expansion *x, int i);
/* A number that must be within [min, max]. */
double taperi_number_in(struct taperi_expansion *x, int i, double min,
                        double max);
/* A number that must be above `min`. */
double taperi_number_above(struct taperi_expansion *x, int i, double min);
/* A number that is not negative: a rate, or a factor. */
double taperi_not_negative(struct taperi_expansion *x, int i);
/* A whole number from 1 that is no length: a factor of lengths. */
double taperi_count_from_1(struct taperi_expansion *x, int i);
/* A length in steps: >= 0, perhaps not whole, any unit resolved by the run. */
double taperi_steps(struct taperi_expansion *x, int i);
/* The same, which must be whole: a unit is rounded. */
double taperi_whole_steps(struct taperi_expansion *x, int i);
/* A whole number of steps, at least 1. */
double taperi_steps_from_1(struct taperi_expansion *x, int i);
/* A length in steps that need not be whole; a unit is rounded. */
double taperi_real_steps(struct taperi_expansion *x, int i);
/* The same, which must be above 0. */
double taperi_real_steps_above_0(struct taperi_expansion *x, int i);
/* A length that is left to the builder: the rest of the run if it is absent. */
taper_span taperi_span(struct taperi_expansion *x, int i);
/* True or False, or a number for it. */
bool taperi_flag(struct taperi_expansion *x, int i);
/* A text that must be one of `choices`, "cos|linear": its number from 0. */
int taperi_choice(struct taperi_expansion *x, int i, const char *choices);
/* A schedule; a number stands for the constant. */
taper_node taperi_schedule(struct taperi_expansion *x, int i);
/* Refuses argument i unless it is left out or repeats its default: `why` says
 * what to do instead. */
void taperi_default_only(struct taperi_expansion *x, int i, const char *why);

/* The items of a list, tuple or dict, which argument i must be. A number alone
 * is a list of one. Use:
 *     for (a = taperi_items(x, i); a; a = taperi_item_after(x, a)) */
const struct taperi_argument *taperi_items(struct taperi_expansion *x, int i);
/* The items of an item, which must be a list or dict. */
const struct taperi_argument *taperi_items_of(struct taperi_expansion *x,
                                              const struct taperi_argument *a);
const struct taperi_argument *
taperi_item_after(const struct taperi_expansion *x,
                  const struct taperi_argument *a);
/* How many items argument i has, a key and its value counting as two. */
size_t taperi_count(struct taperi_expansion *x, int i);
/* An item as a number without a unit, as steps, or as a schedule. */
double taperi_item_number(struct taperi_expansion *x,
                          const struct taperi_argument *a);
double taperi_item_steps(struct taperi_expansion *x,
                         const struct taperi_argument *a);
/* As a whole number of steps: a unit is rounded. */
double taperi_item_whole(struct taperi_expansion *x,
                         const struct taperi_argument *a);
taper_node taperi_item_schedule(struct taperi_expansion *x,
                                const struct taperi_argument *a);

/* Read a signature into x->parameter and set x->count; the arguments become
 * what is left out. Returns false if it is longer than there is room, which a
 * test rules out. */
bool taperi_signature(struct taperi_expansion *x, const char *usage);

/* The steps of a span, not rounded; below 0 if the run does not give the fact
 * that it needs, which *needs then names; in resolve.c. */
double taperi_span_steps(const taper_run *run, taper_span span,
                         const char **needs, const char **why);

#endif
