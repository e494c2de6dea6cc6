/* The layout of a schedule: one block of memory without pointers.
 *
 *     header | nodes | parts
 *
 * Nodes are a tree in post-order: the children of a node come before it, the
 * subtree of a node is the unbroken run nodes[first .. itself], and the root is
 * the last one. So a child needs no reference: the last child of a node is the
 * one before it. Sequences, products and the like have many children, and list
 * them in the table of parts, a sequence with the step at which each starts.
 *
 * Every node holds what the text gave and what is derived from that. Deriving
 * is a pure function of the given numbers and the children, and it is also the
 * check: the builder derives to lay out a schedule, and taper_open derives
 * again and compares, so that a block from anywhere can be trusted. */
#ifndef TAPER_SCHEDULE_BLOCK_H
#define TAPER_SCHEDULE_BLOCK_H

#include <taper.h>

/* The numbers are part of the format of a block: new kinds go to the end. */
enum taperi_kind {
    TAPERI_CONSTANT, /* given: value */
    TAPERI_HOLD,     /* given: value */
    TAPERI_LINEAR,   /* given: from, to */
    TAPERI_COSINE,   /* given: from, to */
    TAPERI_POLY,     /* given: from, to, power */
    TAPERI_EXP,      /* given: from, to */
    TAPERI_RATE,     /* given: from, rate, per or 0, stair or 0 (steps) */
    TAPERI_SEQUENCE,
    TAPERI_PRODUCT,
    TAPERI_REPEAT, /* given: times or 0, stretch, scale */
    TAPERI_STAIR,  /* given: every (steps) */
    TAPERI_CLAMP,  /* given: min, max */
    TAPERI_ADD,
    TAPERI_MIN,
    TAPERI_MAX,
    TAPERI_SHIFT,       /* given: by (steps, need not be whole) */
    TAPERI_STRETCH,     /* given: by */
    TAPERI_CUT,         /* given: its length */
    TAPERI_NOISE,       /* given: amount, seed, every (steps), 1 if normal */
    TAPERI_BENT_POLY,   /* given: from, to, power, k, which is not 1 */
    TAPERI_BENT_COSINE, /* given: from, to, power, k, not both 1 */
    TAPERI_SQRT,        /* given: from, to */
    TAPERI_SQUARE,      /* given: from, to */
    TAPERI_MIRRORCOS,   /* given: from, to */
    TAPERI_SINE,        /* given: from, to */
    TAPERI_LOG,         /* given: from, to */
    TAPERI_REX,         /* given: from, to, beta */
    TAPERI_HYPERBOLIC,  /* given: from, to, upper or 0 (steps) */
    TAPERI_SIGMOID,     /* given: from, to, steepness, center */
    TAPERI_TANH,        /* given: from, to, lower, upper */
    TAPERI_RECIPROCAL,  /* given: from, to */
    TAPERI_CUBIC,       /* given: from, to, slopes at both (per step) */
    TAPERI_CHEBYSHEV,   /* given: from, to */
    TAPERI_INVERSE,     /* given: from, rate, per or 0 (steps), power */
    TAPERI_LOGISTIC,    /* given: from, rate, center (steps) */
    TAPERI_KIND_COUNT
};

/* taper_after, and first what is the case when the text says nothing: a curve
 * and a repeat hold, and what has a part leaves it to the part. */
enum taperi_after {
    TAPERI_AFTER_NONE,
    TAPERI_AFTER_HOLD,
    TAPERI_AFTER_MIRROR,
    TAPERI_AFTER_REPEAT,
    TAPERI_AFTER_COUNT
};

/* Lengths are whole steps in a double: exact up to 2^53. */
#define TAPERI_ENDLESS DBL_MAX
#define TAPERI_LENGTH_MAX 0x1p53

enum {
    taperi_depth_max = 64,      /* of parentheses in the canonical text */
    taperi_nodes_max = 1 << 24, /* and so many parts: under 2 GiB of block */
    taperi_given_max = 4,
    taperi_made_max = 8,
    taperi_block_steps = 64 /* taper_fill works on so many at a time */
};

struct taperi_node {
    uint32_t kind;  /* enum taperi_kind */
    uint32_t after; /* enum taperi_after */
    uint32_t first; /* index of the first node of its subtree */
    uint32_t depth; /* of parentheses in its canonical text */
    uint32_t parts; /* index of its first part */
    uint32_t count; /* of its parts; 0 if its kind has none */
    double length;  /* steps, or TAPERI_ENDLESS */
    double end;     /* the value where it ends; if never, far out */
    double given[taperi_given_max];
    double made[taperi_made_max]; /* as the kind's derive() says */
};

struct taperi_part {
    double start;    /* step of its sequence at which it starts; else 0 */
    uint32_t node;   /* index */
    uint32_t unused; /* 0 */
};

struct taper_schedule {
    uint64_t magic; /* also tells a foreign byte order */
    uint64_t size;  /* of the block, in bytes */
    uint32_t version;
    uint32_t node_count;
    uint32_t part_count;
    uint32_t unused; /* 0 */
};

/* The numbers of a node that an error can be about. */
enum taperi_slot {
    TAPERI_GIVEN_0,
    TAPERI_GIVEN_1,
    TAPERI_GIVEN_2,
    TAPERI_GIVEN_3,
    TAPERI_OVER,  /* its length */
    TAPERI_AFTER, /* what it reads past its end */
    TAPERI_WHOLE, /* none in particular */
    TAPERI_SLOT_COUNT
};

/* What is wrong with a node; `text` is NULL if nothing is. */
struct taperi_fault {
    const char *text;
    enum taperi_slot slot;
    taper_status code;
};

static inline struct taperi_fault taperi_fault_none(void)
{
    const struct taperi_fault f = {NULL, TAPERI_WHOLE, TAPER_OK};
    return f;
}

static inline struct taperi_fault taperi_fault_in(enum taperi_slot slot,
                                                  const char *text)
{
    const struct taperi_fault f = {text, slot, TAPER_E_RANGE};
    return f;
}

static inline struct taperi_fault taperi_fault_size(const char *text)
{
    const struct taperi_fault f = {text, TAPERI_WHOLE, TAPER_E_SIZE};
    return f;
}

/* Check what node i was given and fill in `made`, and where it follows from
 * the parts, `length`. `node` may be a copy of the node in the block. */
typedef struct taperi_fault taperi_derive(const taper_schedule *s, uint32_t i,
                                          struct taperi_node *node);
/* The value of a node at its own time t in [0, 2^53]. */
typedef double taperi_at(const taper_schedule *s,
                         const struct taperi_node *node, double t);
/* The same for n <= taperi_block_steps times, which it may overwrite. */
typedef void taperi_fill(const taper_schedule *s,
                         const struct taperi_node *node, double *restrict t,
                         size_t n, double *restrict out);
/* The values at n whole steps from t on, none past the end of the node. Returns
 * how many it has set: all, or none if `fill` is no slower. */
typedef size_t taperi_run(const struct taperi_node *node, double t, size_t n,
                          double *restrict out);
/* The value where a node that ends does so, from below: a curve that starts
 * again ends low before it does. */
typedef double taperi_end(const taper_schedule *s,
                          const struct taperi_node *node);

/* What a kind does. */
struct taperi_behaviour {
    const char *name;     /* for people */
    uint32_t given_count; /* of the numbers of a node that it uses */
    taperi_derive *derive;
    taperi_at *at;
    taperi_fill *fill;
    taperi_run *run; /* NULL: there is no faster way than `fill` */
    taperi_end *end;
    const char *infix;   /* between its parts in a text; NULL: it is a call */
    bool has_child;      /* exactly one, the node before it */
    bool has_parts;      /* two or more, listed in the table of parts */
    bool may_say_after;  /* a text can give it `after` */
    bool may_hold;       /* also `after=hold`, as it else reads its parts on */
    bool monotone;       /* whatever it is given, it never turns around, but by
                            roundings of the last place */
    bool may_be_endless; /* a curve that needs no length */
};

/* Where the table in kinds.c gets its rows: curves.c, cosine.c, powers.c,
 * decays.c, sigmoid.c, cubic.c, chebyshev.c and endless.c; sequence.c,
 * combine.c, repeat.c, timing.c, clamp.c and noise.c. */
extern const struct taperi_behaviour taperi_constant, taperi_hold,
    taperi_linear, taperi_cosine, taperi_poly, taperi_exp, taperi_rate,
    taperi_sequence, taperi_product, taperi_repeat, taperi_stair, taperi_clamp,
    taperi_add, taperi_lowest, taperi_highest, taperi_shift, taperi_stretch,
    taperi_cut, taperi_noise, taperi_bent_poly, taperi_bent_cosine,
    taperi_square_root, taperi_square, taperi_mirrorcos, taperi_sine,
    taperi_log, taperi_rex, taperi_hyperbolic, taperi_sigmoid, taperi_tanh,
    taperi_reciprocal, taperi_cubic, taperi_chebyshev, taperi_inverse,
    taperi_logistic;

/* By enum taperi_kind. */
extern const struct taperi_behaviour
    *const taperi_behaviours[TAPERI_KIND_COUNT];

static inline const struct taperi_node *taperi_nodes(const taper_schedule *s)
{
    return (const struct taperi_node *)(const void *)(s + 1);
}

static inline const struct taperi_part *taperi_parts(const taper_schedule *s)
{
    return (const struct taperi_part *)(const void *)(taperi_nodes(s) +
                                                      s->node_count);
}

static inline const struct taperi_node *taperi_root(const taper_schedule *s)
{
    return taperi_nodes(s) + (s->node_count - 1);
}

/* Part k of a node that has parts. */
static inline const struct taperi_node *
taperi_part_node(const taper_schedule *s, const struct taperi_node *node,
                 uint32_t k)
{
    return taperi_nodes(s) + taperi_parts(s)[node->parts + k].node;
}

/* The value of a node, and of many times, with what `after` makes of the
 * time. In evaluate.c. */
taperi_at taperi_value;
taperi_fill taperi_values;
/* The same, but where a node ends it reads its end, as one that comes up to it
 * from below does: what starts again would begin anew there. */
taperi_at taperi_value_up_to;

/* The index of the part of a sequence that time t falls into: the last one
 * that has started. */
uint32_t taperi_part_at(const taper_schedule *s, const struct taperi_node *node,
                        double t);

/* How many times from t[0] on are in [start, stop); at least the first is. */
size_t taperi_count_within(const double *t, size_t n, double start,
                           double stop);

/* Derive all but `end` of node i into *node, a copy of it, from what it was
 * given and from the nodes before it, which must have been derived. */
taperi_derive taperi_derive_node;

/* Whether a part must be put into parentheses in a text, where it would
 * otherwise read as several parts. */
bool taperi_needs_parentheses(const struct taperi_node *node,
                              const struct taperi_node *part);

/* Whether `after=hold` says something about a kind: its part may not hold. */
bool taperi_may_hold(uint32_t kind);

/* The `end` of a node of which all else has been derived. */
taperi_end taperi_derive_end;

/* The size of a block in bytes. */
static inline size_t taperi_block_size(uint32_t nodes, uint32_t parts)
{
    return sizeof(taper_schedule) + nodes * sizeof(struct taperi_node) +
           parts * sizeof(struct taperi_part);
}

/* A block of zeros with a header, or NULL if memory runs out. */
taper_schedule *taperi_block_create(const taper_allocator *allocator,
                                    uint32_t nodes, uint32_t parts);

/* ---------------------------------------------------------- memory.c */

/* The allocator to use: NULL means malloc and free. */
const taper_allocator *taperi_allocator(const taper_allocator *allocator);

/* ---------------------------------------------------------- cycles.c */

/* The cycles of a repeat: cycle i starts at a whole step, and is about
 * length * stretch^i steps long. */
struct taperi_cycles {
    double length;  /* of cycle 0, in steps, >= 1 */
    double stretch; /* > 0 */
    double count;   /* so many cycles, or enough to pass 2^53 steps */
    double total;   /* steps in all, or TAPERI_ENDLESS; may be above 2^53 */
};

/* The step at which cycle i starts, 0 <= i <= count. */
double taperi_cycle_start(const struct taperi_cycles *c, double i);
/* The cycle in which time t falls, 0 <= t < total. */
double taperi_cycle_at(const struct taperi_cycles *c, double t);

/* --------------------------------------------------------- lengths.c */

/* Check what a repeat was given and find its cycles. */
struct taperi_fault taperi_cycles_find(const double *given, double length,
                                       struct taperi_cycles *out);

/* Check `by` of a shift or a stretch, and find its length from that of its
 * part: both in steps, or TAPERI_ENDLESS. */
struct taperi_fault taperi_timing_find(uint32_t kind, double by, double length,
                                       double *out);

#endif
