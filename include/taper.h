/* taper.h: learning-rate schedules.
 *
 * A schedule is a value: text goes in once, and a number comes out for any
 * step, the same bits on every machine.
 *
 *     taper_schedule *s;
 *     taper_error err;
 *     const char text[] = "linear(0, 0.1, 500) then cosine(to=0, over=9500)";
 *
 *     if (taper_parse(text, sizeof text - 1, NULL, NULL, &s, &err) != TAPER_OK)
 *         return complain(err.message);
 *     for (int64_t step = 0; step < 10000; step++)
 *         update(weights, taper_at(s, step));
 *     taper_free(s, NULL);
 *
 * The header is written to be read from top to bottom: errors and the run,
 * then text to schedule, then values, then looking at a schedule, then numbers,
 * then blocks of bytes, then building without text, then another end for a run,
 * then controllers, then plans, which are several schedules under names.
 *
 * Every function may be called from any thread. Nothing here keeps state,
 * prints, exits, reads the locale or the environment, or changes the floating
 * point environment. A schedule is never written to after it has been built,
 * so any number of threads may read one. */
#ifndef TAPER_H
#define TAPER_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TAPER_API
#if defined(__GNUC__)
#define TAPER_API __attribute__((visibility("default")))
#else
#define TAPER_API
#endif
#endif

/* The version of this header. Until 1.0 every minor version may change what
 * is declared here, and the structs may grow: only the soname of the shared
 * library, which carries the minor version as well, keeps a program from
 * meeting a library with other structs than it was compiled with. */
#define TAPER_VERSION_MAJOR 0
#define TAPER_VERSION_MINOR 1
#define TAPER_VERSION_PATCH 0

/* The version of the library that is linked, "0.1.0". */
TAPER_API const char *taper_version(void);

/* ------------------------------------------------------------------ errors */

/* Everything that can go wrong, and the text that taper_status_text gives. */
#define TAPER_STATUS_LIST(X) \
    X(TAPER_OK, "no error") \
    X(TAPER_E_SYNTAX, "the text is not a schedule") \
    X(TAPER_E_NAME, "a name is not known here") \
    X(TAPER_E_ARGUMENT, "an argument is missing, unknown or given twice") \
    X(TAPER_E_RANGE, "a number is out of its range") \
    X(TAPER_E_RUN, "the text needs a fact that the run does not give") \
    X(TAPER_E_SIZE, "the schedule is too long, too large or too deep") \
    X(TAPER_E_BYTES, "the bytes are not a schedule of this version") \
    X(TAPER_E_NOMEM, "out of memory")

#define TAPER_STATUS_ENUM(name, text) name,
typedef enum taper_status { TAPER_STATUS_LIST(TAPER_STATUS_ENUM) } taper_status;
#undef TAPER_STATUS_ENUM

/* The fixed text of a status; never NULL, whatever the number. */
TAPER_API const char *taper_status_text(taper_status status);

/* What went wrong, and where. Functions that take a taper_error fill it in on
 * failure only, and accept NULL for it. */
typedef struct taper_error {
    taper_status code;
    size_t position;   /* of the first byte at fault in the text, from 0 */
    size_t length;     /* bytes at fault from there on; 0: at that place */
    const char *needs; /* the member of taper_run that the text needs and the
                          run does not give, with TAPER_E_RUN: "steps",
                          "epoch", "batch" or "tokens", static; else NULL */
    char message[200]; /* one sentence without a full stop: what is wrong and,
                          where it is known, what to write instead */
} taper_error;

/* --------------------------------------------------------------- the run */

/* Lengths and steps are exact up to this many steps: 2^53. A longer length is
 * an error, and a step beyond it reads as this one. */
#define TAPER_STEP_MAX INT64_C(9007199254740992)

/* The length of a schedule that has no end. */
#define TAPER_ENDLESS INT64_MAX

/* How a text gets at a file, for file("lr.csv"): this library itself does no
 * input. */
typedef struct taper_files {
    /* Find the bytes of the file with this name, of `len` bytes without a NUL.
     * Returns NULL with *data and *size set, which stay as they are until
     * `done`, or why it cannot be read, as a text that lives until the next
     * call. */
    const char *(*read)(void *ctx, const char *name, size_t len,
                        const char **data, size_t *size);
    /* Told once that data that `read` gave is not used any more; may be
     * NULL. */
    void (*done)(void *ctx, const char *data, size_t size);
    void *ctx;
} taper_files;

/* The facts about a training run that a text may refer to; 0 where a fact is
 * not known. They are used once, while parsing: the schedule itself holds
 * nothing but steps. */
typedef struct taper_run {
    int64_t steps; /* updates in the whole run: `10%`, and an omitted `over` */
    double epoch;  /* updates in one epoch, need not be whole: `5ep` */
    double batch;  /* samples in one update: `50ksmp` */
    double tokens; /* tokens in one update: `3Btok` */
    const taper_files *files; /* NULL: file() is an error */
} taper_run;

/* Where memory comes from. Every block is aligned for any type. `free` gets
 * the size that `alloc` was asked for, and never NULL. NULL for a pointer to
 * this struct means malloc and free. */
typedef struct taper_allocator {
    void *(*alloc)(void *ctx, size_t size); /* NULL: out of memory */
    void (*free)(void *ctx, void *block, size_t size);
    void *ctx;
} taper_allocator;

/* ------------------------------------------------------- text to schedule */

typedef struct taper_schedule taper_schedule;

/* Parse `len` bytes of `text` into a schedule.
 *
 *   text       need not end in NUL, is not kept
 *   run        the facts that `text` may refer to; NULL: none is known
 *   allocator  NULL: malloc and free
 *   out        set to the new schedule, or to NULL on failure
 *   err        filled in on failure; may be NULL
 *
 * Returns TAPER_OK or any other status but TAPER_E_BYTES. The caller owns *out
 * and gives it back with taper_free and the same allocator.
 *
 * THE LANGUAGE
 *
 *   schedule = product { "then" product }
 *   product  = factor { "*" factor }
 *   factor   = number | call | "(" schedule ")"
 *   call     = name "(" [ argument { "," argument } ] ")"
 *   argument = [ name "=" ] ( quantity | word | schedule )
 *   quantity = number [ "ep" | "%" | "tok" | "smp" ]
 *
 *   0.1                              the same for ever
 *   hold(value, over)                the same for `over`
 *   linear(from, to, over)           a straight line
 *   cosine(from, to, over)           to + (from - to) (1 + cos(pi t/T)) / 2
 *   poly(from, to, over, power=)     to + (from - to) (1 - t/T)^power
 *   inverse(from, rate=, power=)     from (1 + rate t)^-power, without an end
 *   sqrt, square, mirrorcos, sine, log, rex, hyperbolic, sigmoid, tanh, inverse
 *   and chebyshev(from, to, over), cubic, logistic: see taper_shape_at
 *   exp(from, rate=)                 from rate^t, without an end
 *   exp(from, rate=, per=K)          from rate^(t/K)
 *   exp(from, rate=, stair=K)        from rate^floor(t/K)
 *   exp(from, to, over)              from (to/from)^(t/T)
 *   s then s then ...                one after the other
 *   s * s * ...                      the product
 *   repeat(s, times=, stretch=, scale=)    warm restarts
 *   stair(s, every)                  changes only every so many steps
 *   clamp(s, min=, max=)             kept within bounds
 *   add(a, b, ...)                   the sum; and min, max: the lowest, the
 *                                    highest of several at each step
 *   shift(s, by)                     s at t + by; below 0: delayed
 *   stretch(s, by)                   s at t / by
 *   cut(s, over)                     the first steps of s
 *   points({step: value, ...}, between=linear | nearest | cubic)
 *   file("lr.csv", between=)         points from lines step,value; needs a run
 *                                    with `files`
 *   noise(s, amount=, seed=, every=, kind=uniform | normal)
 *                                    s (1 + amount z), z random
 *   wsd(peak, warmup=, decay=), onecycle(peak), ...
 *                                    recipes, and
 *   torch.StepLR(lr=0.1, step_size=30), optax..., keras..., hf..., ...
 *                                    constructors of other libraries, with the
 *                                    numbers of those: see taper_shape_at
 *
 * Recipes and constructors stand for schedules made of the others, which
 * taper_describe shows. They take literals as Python writes them: True, None,
 * 'cos', [30, 60], {30: 0.1}, dict(a=1). A rate that such a library takes from
 * its optimizer is given as `lr=`. From # to the end of a line is a comment.
 *
 * Arguments are given by position, then by name, as in Python. Every call also
 * takes `after=`: what a schedule reads past its end, `hold` (its last value),
 * `mirror` (back the way it came, then forward again) or `repeat` (from the
 * start again).
 *
 * Numbers are decimal, `0.1` or `1e-3`, and may carry k, M or B (1e3, 1e6,
 * 1e9): `1.5k` is 1500. A _ may stand between digits: `100_000`. A length is a
 * number of whole steps, or a number with a unit, which is rounded to the
 * nearest step: `5ep` epochs, `10%` of the run, `3Btok` tokens, `50ksmp`
 * samples.
 *
 * WHAT IT MEANS
 *
 * Steps count from 0, and the value at step t is the one to use for update t.
 * Each part of a sequence, and each cycle of a repeat, sees its own time from
 * 0. `linear(0, 1, 10)` is 0 at step 0 and exactly 1 from step 10 on.
 *
 * `from` (and the value of `hold`) may be left out: it is the value at which
 * the part before it ended. The first part must say it, and so must a part
 * that is a factor of a product.
 *
 * `over` may be left out: it is what the other parts of the sequence leave of
 * the run, so `linear(0, 1, 500) then hold(1) then linear(to=0, over=20%)`
 * needs to know the steps of the run, and nothing else. Within parentheses,
 * factors, stair and clamp it is the rest from where that part starts. Two
 * parts of one sequence that leave it out are an error, as is a repeat whose
 * cycle does. Nothing left is a part of length 0; less than nothing, an error.
 *
 * A part of length 0 takes no step: what counts is where it ends, as the start
 * of the part that follows, or as the last value of all.
 *
 * A constant, an `exp(rate=)` without `over` and a repeat without `times` have
 * no end, so nothing can come after them. A product ends with its longest
 * factor that ends. A `times` that is left out repeats for ever, unless
 * `stretch` makes the cycles shorter: they stop before one would be shorter
 * than one step. Cycles start on whole steps.
 *
 * A stair also reads its end at its end, so that a run ends on the value that
 * was asked for even if the last stair is a short one.
 *
 * Values may be negative if the text asks for it. A value that grows beyond
 * what a double holds stays at the largest one, so nothing is ever infinite.
 *
 * Parentheses and calls nest up to 64 deep. */
TAPER_API taper_status taper_parse(const char *text, size_t len,
                                   const taper_run *run,
                                   const taper_allocator *allocator,
                                   taper_schedule **out, taper_error *err);

/* Give a schedule back to the allocator that it came from; NULL is legal. */
TAPER_API void taper_free(taper_schedule *s, const taper_allocator *allocator);

/* ---------------------------------------------------------------- values */

/* The value at `step`.
 *
 * Finite for every step: one before 0 reads as step 0, one past the end as
 * `after=` says. Pure, without allocation, and the same bits with every
 * compiler and machine that computes in IEEE double. */
TAPER_API double taper_at(const taper_schedule *s, int64_t step);

/* The value between steps, where `step` need not be whole. NaN reads as step
 * 0. For a whole step the bits of taper_at. */
TAPER_API double taper_at_real(const taper_schedule *s, double step);

/* Set out[i] to the value at step `first + i * stride` for i in [0, n), bit
 * for bit what taper_at gives, several times faster. `stride` may be zero or
 * negative; steps that leave the range of int64_t read as its nearest end.
 * Does not allocate; optimised, it uses up to 192 KiB of stack in the worst
 * nesting, and under 4 KiB for the schedules that people write. */
TAPER_API void taper_fill(const taper_schedule *s, int64_t first,
                          int64_t stride, size_t n, double *out);

/* ------------------------------------------------------ looking at one */

/* The number of steps until the schedule has reached its end, where
 * `after=` begins; TAPER_ENDLESS if it has none. In [0, TAPER_STEP_MAX]
 * otherwise. */
TAPER_API int64_t taper_length(const taper_schedule *s);

/* Write the canonical text of a schedule into `buf`.
 *
 * Works like snprintf: writes at most `cap` bytes including a closing NUL, and
 * returns the length of the whole text without it, so that a result >= cap
 * means that it did not fit. `buf` may be NULL if `cap` is 0.
 *
 * Canonical text says everything in steps and leaves nothing out. Parsed again
 * with any run it gives the same schedule, bit for bit: the same block. */
TAPER_API size_t taper_describe(const taper_schedule *s, char *buf, size_t cap);

/* One part of the sequence that a schedule is; a schedule that is no sequence
 * is one segment. */
typedef struct taper_segment {
    int64_t first;     /* its first step */
    int64_t length;    /* in steps, or TAPER_ENDLESS; may be 0 */
    double from;       /* the value where it starts */
    double to;         /* the value where it ends; of an endless one, the
                          value at TAPER_STEP_MAX */
    const char *shape; /* "cosine", "repeat", ..., "constant", "product" or
                          "sequence"; static text */
} taper_segment;

/* The number of segments; at least 1. */
TAPER_API size_t taper_segment_count(const taper_schedule *s);

/* Segment `i`, in order of time. Returns false, with *out zeroed, if there is
 * no such segment. */
TAPER_API bool taper_segment_at(const taper_schedule *s, size_t i,
                                taper_segment *out);

/* The canonical text of segment `i`, as taper_describe; empty if there is no
 * such segment. */
TAPER_API size_t taper_segment_describe(const taper_schedule *s, size_t i,
                                        char *buf, size_t cap);

/* One name that a text can call. All text is static. */
typedef struct taper_shape {
    const char *name;    /* "cosine", "torch.StepLR" */
    const char *usage;   /* "cosine(from, to, over)"; of a recipe and a peer's
                            constructor a signature as Python writes it */
    const char *doc;     /* one line: what it does, with its formula */
    const char *example; /* a text that parses in a run of 1000 steps; that of
                            "file" if there is a file lr.csv */
    const char *source;  /* the paper or peer that it comes from; or NULL */
    const char *note;    /* what differs from the peer of that name, such as a
                            defect that is not reproduced; or NULL */
} taper_shape;

/* The names that a text can call, family by family and in the order of
 * learning: for help texts and for completion in an editor. NULL if `i` >=
 * taper_shape_count(). */
TAPER_API size_t taper_shape_count(void);
TAPER_API const taper_shape *taper_shape_at(size_t i);

/* The family of name `i`: "curve", "compound", "recipe", or the peer whose
 * constructor it is, such as "torch"; NULL if there is no such name. */
TAPER_API const char *taper_shape_family(size_t i);

/* The names that a text calls, each once and in the order of first use, as far
 * as the text can be read. Sets at most `cap` pointers, and returns how many
 * names there are. `out` may be NULL if `cap` is 0. */
TAPER_API size_t taper_shapes_in(const char *text, size_t len,
                                 const taper_shape **out, size_t cap);

/* Of `count` names the one that a person most likely meant by `word`, by edit
 * distance and shared beginnings; NULL if none is near. Error messages use it,
 * and programs may for their own words. */
TAPER_API const char *taper_suggest(const char *word, size_t len,
                                    const char *const *names, size_t count);

/* --------------------------------------------------------------- numbers */

/* Room for any number that taper_format_number writes, with its NUL. */
#define TAPER_NUMBER_SIZE 32

/* Write the shortest decimal text that reads back to exactly `value`, such as
 * "0.1", "1500" or "1e-5". Returns its length. NaN and infinities, which no
 * schedule gives, become "nan", "inf" and "-inf". */
TAPER_API size_t taper_format_number(double value, char buf[TAPER_NUMBER_SIZE]);

/* Read a number as the language writes it: a sign, digits, a point, an
 * exponent, then k, M or B, whatever the locale, correctly rounded. All of
 * the text must be the number. On failure *out is 0.
 *
 * Returns TAPER_OK, TAPER_E_SYNTAX, or TAPER_E_RANGE if it is too large for a
 * double. */
TAPER_API taper_status taper_read_number(const char *text, size_t len,
                                         double *out);

/* ------------------------------------------------------- blocks of bytes */

/* A schedule is one block of memory without pointers in it, aligned to 8. It
 * can be copied with memcpy, written to a file, mapped, shared between
 * processes and sent to any machine with the same byte order. This is its
 * size in bytes. */
TAPER_API size_t taper_size(const taper_schedule *s);

/* Use `size` bytes that came from elsewhere as a schedule, in place.
 *
 * Any bytes are safe to pass: they are checked so thoroughly that every
 * function here keeps its promises on what is accepted. *out points into
 * `bytes`, which must outlive it, stay unchanged and not be given to
 * taper_free; `bytes` must be aligned to 8. On failure *out is NULL.
 *
 * Returns TAPER_OK, or TAPER_E_BYTES with a message. */
TAPER_API taper_status taper_open(const void *bytes, size_t size,
                                  const taper_schedule **out, taper_error *err);

/* A copy of a schedule. The caller owns *out, which is NULL on failure.
 * Returns TAPER_OK or TAPER_E_NOMEM. */
TAPER_API taper_status taper_copy(const taper_schedule *s,
                                  const taper_allocator *allocator,
                                  taper_schedule **out);

/* ------------------------------------------------- building without text
 *
 * The parser builds with these same functions, so text and C can say exactly
 * the same schedules, with the same checks.
 *
 *     taper_builder *b = taper_builder_create(NULL);
 *     taper_node warm = taper_build_linear(b, 0, 0.1, taper_steps(500));
 *     taper_node cool = taper_build_cosine(b, TAPER_PREVIOUS, 0, taper_rest());
 *     taper_node both[] = {warm, cool};
 *     taper_node root = taper_build_then(b, both, 2);
 *     taper_status status = taper_build(b, root, &run, NULL, &s, &err);
 *     taper_builder_destroy(b);
 *
 * No call needs a check of its own. The first node that is misused is
 * remembered, makes its call and all later ones return TAPER_NO_NODE, and is
 * what taper_build reports; numbers and lengths are checked by taper_build. A
 * builder that is NULL for want of memory is reported as well. A builder is
 * for one thread at a time. */

typedef struct taper_builder taper_builder;

/* A part under construction. It belongs to its builder and goes into exactly
 * one other part, or is the root. */
typedef int32_t taper_node;
#define TAPER_NO_NODE (-1)

/* For `from` and the value of a hold: where the part before it ended. */
#define TAPER_PREVIOUS (-DBL_MAX)

/* What a length is measured in. */
typedef enum taper_unit {
    TAPER_STEPS,   /* whole */
    TAPER_EPOCHS,  /* this and the next three: rounded to the nearest step */
    TAPER_PERCENT, /* of the steps of the run */
    TAPER_TOKENS,
    TAPER_SAMPLES,
    TAPER_REST,   /* what the other parts leave of the run */
    TAPER_FOREVER /* no end: exp, inverse and logistic, with a rate, only */
} taper_unit;

/* A length that is resolved when the schedule is built. */
typedef struct taper_span {
    double amount; /* in units; >= 0 */
    taper_unit unit;
} taper_span;

static inline taper_span taper_steps(double count)
{
    const taper_span span = {count, TAPER_STEPS};
    return span;
}

static inline taper_span taper_epochs(double count)
{
    const taper_span span = {count, TAPER_EPOCHS};
    return span;
}

static inline taper_span taper_percent(double percent)
{
    const taper_span span = {percent, TAPER_PERCENT};
    return span;
}

static inline taper_span taper_tokens(double count)
{
    const taper_span span = {count, TAPER_TOKENS};
    return span;
}

static inline taper_span taper_samples(double count)
{
    const taper_span span = {count, TAPER_SAMPLES};
    return span;
}

static inline taper_span taper_rest(void)
{
    const taper_span span = {0, TAPER_REST};
    return span;
}

static inline taper_span taper_forever(void)
{
    const taper_span span = {0, TAPER_FOREVER};
    return span;
}

/* What a schedule reads past its end. */
typedef enum taper_after {
    TAPER_AFTER_HOLD,
    TAPER_AFTER_MIRROR,
    TAPER_AFTER_REPEAT
} taper_after;

/* A builder, or NULL if memory runs out, which is legal to pass on. */
TAPER_API taper_builder *taper_builder_create(const taper_allocator *allocator);

/* Give back a builder and its parts; NULL is legal. Schedules that it built
 * live on. */
TAPER_API void taper_builder_destroy(taper_builder *b);

/* The parts, as in the language. All numbers must be finite. */
TAPER_API taper_node taper_build_constant(taper_builder *b, double value);
TAPER_API taper_node taper_build_hold(taper_builder *b, double value,
                                      taper_span over);
TAPER_API taper_node taper_build_linear(taper_builder *b, double from,
                                        double to, taper_span over);
TAPER_API taper_node taper_build_cosine(taper_builder *b, double from,
                                        double to, taper_span over);
/* `power` > 0. */
TAPER_API taper_node taper_build_poly(taper_builder *b, double from, double to,
                                      taper_span over, double power);
/* Geometric: `from` and `to` of one sign, neither 0. */
TAPER_API taper_node taper_build_exp(taper_builder *b, double from, double to,
                                     taper_span over);
/* from rate^(t/per), or from rate^floor(t/per) if `stairs`. `rate` > 0, `per`
 * at least one step. */
TAPER_API taper_node taper_build_exp_rate(taper_builder *b, double from,
                                          double rate, taper_span per,
                                          bool stairs, taper_span over);

/* More curves, with the formulas of the names of the language (taper_shape_at).
 * Those with a length only, of the same arguments as taper_build_linear. Of a
 * reciprocal, 1/value is a straight line; it and chebyshev lead between values
 * of one sign that are not 0, and the length of a chebyshev is a power of 2. */
TAPER_API taper_node taper_build_sqrt(taper_builder *b, double from, double to,
                                      taper_span over);
TAPER_API taper_node taper_build_square(taper_builder *b, double from,
                                        double to, taper_span over);
TAPER_API taper_node taper_build_mirrorcos(taper_builder *b, double from,
                                           double to, taper_span over);
TAPER_API taper_node taper_build_sine(taper_builder *b, double from, double to,
                                      taper_span over);
TAPER_API taper_node taper_build_log(taper_builder *b, double from, double to,
                                     taper_span over);
TAPER_API taper_node taper_build_reciprocal(taper_builder *b, double from,
                                            double to, taper_span over);
TAPER_API taper_node taper_build_chebyshev(taper_builder *b, double from,
                                           double to, taper_span over);

/* poly and cosine with the time bent, u^k in the place of u = t/T, and the
 * cosine also raised to a power. Both above 0. */
TAPER_API taper_node taper_build_bent_poly(taper_builder *b, double from,
                                           double to, taper_span over,
                                           double power, double k);
TAPER_API taper_node taper_build_bent_cosine(taper_builder *b, double from,
                                             double to, taper_span over,
                                             double power, double k);
/* `beta` < 1. */
TAPER_API taper_node taper_build_rex(taper_builder *b, double from, double to,
                                     taper_span over, double beta);
/* `upper` at least as long as `over`. */
TAPER_API taper_node taper_build_hyperbolic(taper_builder *b, double from,
                                            double to, taper_span over,
                                            taper_span upper);
/* `steepness` in [0.001, 700], `center` in [0, 1]. */
TAPER_API taper_node taper_build_sigmoid(taper_builder *b, double from,
                                         double to, taper_span over,
                                         double steepness, double center);
/* -300 <= `lower` < `upper` <= 300. */
TAPER_API taper_node taper_build_tanh(taper_builder *b, double from, double to,
                                      taper_span over, double lower,
                                      double upper);
/* The slopes are changes of the value in one step. */
TAPER_API taper_node taper_build_cubic(taper_builder *b, double from, double to,
                                       taper_span over, double slope_from,
                                       double slope_to);
/* from (1 + rate t/per)^-power. `rate` and `power` > 0, `per` at least one
 * step. */
TAPER_API taper_node taper_build_inverse(taper_builder *b, double from,
                                         double rate, double power,
                                         taper_span per, taper_span over);
/* from / (1 + e^(rate (t - center))). `rate` not 0; `center` in steps, need not
 * be whole. */
TAPER_API taper_node taper_build_logistic(taper_builder *b, double from,
                                          double rate, double center,
                                          taper_span over);

/* `count` >= 1 parts, one after the other or multiplied. */
TAPER_API taper_node taper_build_then(taper_builder *b, const taper_node *parts,
                                      size_t count);
TAPER_API taper_node taper_build_product(taper_builder *b,
                                         const taper_node *factors,
                                         size_t count);

/* `count` >= 1 parts, all read at the same time: their sum, the lowest or the
 * highest of them. */
TAPER_API taper_node taper_build_add(taper_builder *b, const taper_node *parts,
                                     size_t count);
TAPER_API taper_node taper_build_min(taper_builder *b, const taper_node *parts,
                                     size_t count);
TAPER_API taper_node taper_build_max(taper_builder *b, const taper_node *parts,
                                     size_t count);

/* Cycle i is stretch^i times longer and scale^i times higher. `times` >= 1, or
 * 0 for ever; `stretch` > 0; `scale` >= 0. */
TAPER_API taper_node taper_build_repeat(taper_builder *b, taper_node cycle,
                                        int64_t times, double stretch,
                                        double scale);
/* `every` at least one step. */
TAPER_API taper_node taper_build_stair(taper_builder *b, taper_node part,
                                       taper_span every);
/* Reads the part at t + by, which need not be whole: by > 0 leaves out its
 * beginning, by < 0 delays it, where a time before 0 reads as 0. */
TAPER_API taper_node taper_build_shift(taper_builder *b, taper_node part,
                                       double by);
/* Reads the part at t / by; `by` > 0. A number of steps need not be whole and a
 * unit is not rounded: a part of length 1, stretched by one epoch, takes as
 * long as that. */
TAPER_API taper_node taper_build_stretch(taper_builder *b, taper_node part,
                                         taper_span by);
/* The first `over` steps of a part, which ends on what the part reads there,
 * and may be without an end itself. If the part takes the rest, that is
 * `over`. */
TAPER_API taper_node taper_build_cut(taper_builder *b, taper_node part,
                                     taper_span over);
/* `min` <= `max`; -DBL_MAX or DBL_MAX stands for no bound, not both at once. */
TAPER_API taper_node taper_build_clamp(taper_builder *b, taper_node part,
                                       double min, double max);
/* The distribution of noise. */
typedef enum taper_noise {
    TAPER_NOISE_UNIFORM, /* even over [-1, 1] */
    TAPER_NOISE_NORMAL   /* standard normal, without what is beyond +-3 */
} taper_noise;

/* Reads the part times 1 + amount z, or times 0 where that is negative: a
 * normal z can make it so from an amount of 1/3 on. z changes every `every`
 * steps, at least one, and is a function of `seed` and of floor(t / every)
 * alone. `amount` in [0, 1), `seed` in [0, 2^53]. */
TAPER_API taper_node taper_build_noise(taper_builder *b, taper_node part,
                                       double amount, int64_t seed,
                                       taper_span every, taper_noise kind);
/* Says what a part reads past its end; the part must have one. Not for a
 * constant, a sequence or a product: these are ruled by their parts. Returns
 * `part` itself. */
TAPER_API taper_node taper_build_after(taper_builder *b, taper_node part,
                                       taper_after after);

/* Resolve all units against `run` (NULL: nothing is known) and lay out the
 * schedule under `root`. The parts stay in the builder, so that one builder
 * can be resolved against several runs. Otherwise as taper_parse; `position`
 * and `length` of the error are 0. */
TAPER_API taper_status taper_build(taper_builder *b, taper_node root,
                                   const taper_run *run,
                                   const taper_allocator *allocator,
                                   taper_schedule **out, taper_error *err);

/* A finished schedule as a part of another: a node that stands for a copy of
 * it, for any builder. */
TAPER_API taper_node taper_build_schedule(taper_builder *b,
                                          const taper_schedule *s);

/* ----------------------------------------------------------- another end
 *
 * A run that is under way gets another end: more steps, fewer, or a cool-down
 * that begins now. The values before step `at` keep their bits, there is no
 * jump, and the new schedule ends at step `steps` (stretched lengths beyond
 * 2^50 steps may miss it by one or two). With a run of 1000 steps of `linear(1,
 * 0, 1000)`, seen at step 400, where it is 0.6:
 *
 *   stretched to 1600    half as steep from step 400 on: 0.3 at step 1000
 *   cooling down to 0    over 200 steps, at 1600: follows the old schedule to
 *                        step 1400, where it has long been 0
 *   holding              over 200 steps, at 1600: 0.6 to step 1400, then a
 *                        line to 0
 */

typedef enum taper_retarget_policy {
    TAPER_RETARGET_STRETCH,  /* what is left takes longer, or shorter */
    TAPER_RETARGET_COOLDOWN, /* the old schedule, and a cool-down at the end */
    TAPER_RETARGET_HOLD      /* the value at `at`, then a cool-down */
} taper_retarget_policy;

/* The shape of a cool-down. */
typedef enum taper_cooldown_shape {
    TAPER_COOL_LINEAR,
    TAPER_COOL_COSINE,
    TAPER_COOL_SQRT /* 1 - sqrt: fast at first */
} taper_cooldown_shape;

typedef struct taper_retargeting {
    int64_t at;    /* where the run is: the first step that may change */
    int64_t steps; /* the new end of the run, >= at */
    taper_retarget_policy policy;
    int64_t cooldown; /* its length in steps, 0 to steps - at */
    double floor;     /* the value that the cool-down ends on */
    taper_cooldown_shape shape;
} taper_retargeting;

/* Stretches; no cool-down, which would be a line to 0. */
TAPER_API taper_retargeting taper_retarget_default(int64_t at, int64_t steps);

/* The schedule with its new end. It is built of the old one, so a resumed run
 * can be retargeted again. The caller owns *out, which is NULL on failure.
 *
 * Returns TAPER_OK, TAPER_E_RANGE with a message, TAPER_E_SIZE after about 60
 * retargetings of retargetings, or TAPER_E_NOMEM. */
TAPER_API taper_status taper_retarget(const taper_schedule *s,
                                      const taper_retargeting *how,
                                      const taper_allocator *allocator,
                                      taper_schedule **out, taper_error *err);

/* ------------------------------------------------------------ controllers
 *
 * What reacts to a metric is no schedule: it is a controller, a small struct
 * of plain numbers that multiplies one.
 *
 *     taper_controller c;
 *     taper_controller_parse("plateau(patience=3)", 19, &c, &err);
 *     for (int64_t step = 0; step < steps; step++) {
 *         update(weights, taper_controller_value(&c, s, step));
 *         if ((step + 1) % 100 == 0)
 *             taper_controller_feed(&c, s, step + 1, test_loss(weights));
 *     }
 *
 * All state is in the struct, so a copy of it, or its text from
 * taper_controller_save, continues a run with the same decisions. */

/* The rules, in the order of learning; taper_controller_shape_at has their
 * signatures. A struct of zeros has the first. */
typedef enum taper_rule {
    TAPER_RULE_NONE,
    TAPER_RULE_PLATEAU,
    TAPER_RULE_GREEDY,
    TAPER_RULE_COOLDOWN,
    TAPER_RULE_TORCH_PLATEAU,
    TAPER_RULE_HF_GREEDY,
    TAPER_RULE_COUNT
} taper_rule;

/* The most metrics that a rule averages. */
#define TAPER_CONTROLLER_WINDOW 100

/* Room for any text that taper_controller_save writes, with its NUL. */
#define TAPER_CONTROLLER_TEXT_SIZE 4096

/* A controller. It may be copied and compared with memcpy and memcmp, and
 * everything in it may be read; the functions below are what writes to it. */
typedef struct taper_controller {
    /* What the text said. */
    int64_t rule;           /* taper_rule */
    int64_t mode;           /* 0: smaller metrics are better, 1: larger */
    int64_t threshold_mode; /* 0: of the best metric, 1: absolute */
    int64_t patience;       /* metrics; -1: it never acts by itself */
    int64_t cooldown;       /* metrics it waits after a decrease */
    int64_t warmup;         /* metrics it waits after an increase */
    int64_t smooth;         /* 1: average the last `window` metrics */
    int64_t window;         /* 1 ... TAPER_CONTROLLER_WINDOW */
    int64_t reset;          /* decreases in vain before it starts afresh */
    double factor;          /* of a decrease, [0, 1) */
    double threshold;       /* >= 0 */
    double min, max;        /* of the multiplier; of the rate in peers' rules */
    double eps;             /* changes of the rate up to this are not made */

    /* What has happened. */
    double scale; /* the multiplier now, finite and >= 0 */
    double best;  /* infinite before the first metric */
    int64_t bad;  /* metrics without an improvement, in a row */
    int64_t good; /* metrics with one, in a row */
    int64_t cooldown_left, warmup_left, reset_left;
    int64_t fed;       /* metrics in all, up to 2^53 as are the next two */
    int64_t ignored;   /* of these, how many were no finite numbers */
    int64_t changes;   /* how often the multiplier or the time changed */
    int64_t changed;   /* the step of the latest change */
    int64_t cooling;   /* 1: in the early cool-down */
    int64_t cool_from; /* the step at which that began */
    int64_t recent_count;
    double recent_sum;
    double recent[TAPER_CONTROLLER_WINDOW]; /* metrics, the oldest first */
} taper_controller;

/* Parse `len` bytes of `text`, a rule with its parameters.
 *
 *   none                  changes nothing; so does a struct of zeros
 *   plateau(...)          times `factor` after more than `patience` metrics
 *                         without an improvement
 *   greedy(...)           as plateau, and divided by `factor` after more than
 *                         `patience` improvements in a row
 *   cooldown(...)         enters the early cool-down, see below: on command,
 *                         or after more than `patience` metrics without an
 *                         improvement if the text gives it
 *   torch.ReduceLROnPlateau(...)   PyTorch's rule, to the letter
 *   hf.GreedyLR(...)      the rule of Hugging Face transformers, to the letter
 *
 * Parameters are given by position, then by name. Words and True and False
 * are written as in Python, words also without quotes. A name without
 * parentheses takes every default. A peer's rule is read as it is pasted from
 * Python, with the path to its name and with its optimizer.
 *
 *   factor=          0.1 (plateau), 0.95 (greedy)
 *   patience=10      metrics that change nothing
 *   threshold=       1e-4; 1e-6 (greedy). An improvement is more than this
 *   threshold_mode=  rel: times the size of the best metric, also of a
 *                    negative one; abs. rel; abs (greedy)
 *   cooldown=0       metrics after a decrease that are not counted
 *   warmup=0         metrics after an increase that are not counted (greedy)
 *   min=             the least multiplier: 0; 0.01 (greedy)
 *   max=10           the largest multiplier (greedy)
 *   window=1         metrics that are averaged, 1 ... 100 (greedy)
 *   reset=500        decreases in vain at `min`, after which the multiplier
 *                    is 1 again and the best metric forgotten; 0: never
 *                    (greedy)
 *   mode=min         min: smaller metrics are better; max: larger ones
 *
 * A metric that is NaN or infinite is no measurement: the rules without a
 * peer's name count it in `ignored` and do nothing else. The peers' rules
 * compare it as the peer does: in PyTorch NaN is "not better", so that NaNs
 * alone reduce the rate.
 *
 * The peers' rules have the peer's parameter names, order and defaults. Their
 * `min_lr`, `max_lr` and `eps` are rates: they are compared with the rate in
 * use at the step that is fed, the schedule's value times the multiplier, and
 * a change sets the multiplier so that the rate becomes what the peer would
 * set. After that the schedule goes on, above or below the bound. One number
 * bounds all groups, `verbose` is accepted and has no effect, and
 * `window_size` is at most 100. greedy has those bounds of the peer that it
 * has for a rate of 0.1.
 *
 * `*out` is zeroed on failure. Returns TAPER_OK, TAPER_E_SYNTAX, TAPER_E_NAME,
 * TAPER_E_ARGUMENT or TAPER_E_RANGE.
 * Sources: PyTorch 1.13 ReduceLROnPlateau; transformers 5.23 GreedyLR, arXiv
 * 2512.14527; WSD's branches, arXiv 2405.18392. */
TAPER_API taper_status taper_controller_parse(const char *text, size_t len,
                                              taper_controller *out,
                                              taper_error *err);

/* Tell the controller of a metric that was measured before update `step`, and
 * let it change what holds from that step on. Whether it did: of the steps
 * before, taper_controller_value then tells no more what they used.
 *
 * `s` is the schedule that it multiplies, the same in every call. */
TAPER_API bool taper_controller_feed(taper_controller *c,
                                     const taper_schedule *s, int64_t step,
                                     double metric);

/* Enter the early cool-down at `step`, whatever the metrics: the schedule's
 * last segment (of those that take a step) begins now instead of at its own
 * first step, which is the cool-down of a warm-up, hold and cool-down. The
 * value is continuous: where the schedule is not level until that segment,
 * the segment is scaled so that it leads from the value at `step` to its own
 * end, and is kept between the two. Where it cannot be scaled, as it ends on
 * the value that it began with, it is taken as it is.
 *
 * For every rule but none. Returns whether it did: not if it has been entered
 * already, if `step` is in the last segment, or if there is only one. */
TAPER_API bool taper_controller_trigger(taper_controller *c,
                                        const taper_schedule *s, int64_t step);

/* The value at `step` of the schedule under this controller: finite for every
 * step, with rule none and without a change the bits of taper_at. */
TAPER_API double taper_controller_value(const taper_controller *c,
                                        const taper_schedule *s, int64_t step);

/* taper_length of the schedule under this controller: in an early cool-down,
 * the step at which that ends. */
TAPER_API int64_t taper_controller_length(const taper_controller *c,
                                          const taper_schedule *s);

/* Write the canonical text of what was parsed, without the state; works like
 * snprintf, as taper_describe does. */
TAPER_API size_t taper_controller_describe(const taper_controller *c, char *buf,
                                           size_t cap);

/* Write settings and state as one line of ASCII text, which begins with the
 * version of its format; works like snprintf. */
TAPER_API size_t taper_controller_save(const taper_controller *c, char *buf,
                                       size_t cap);

/* Read what taper_controller_save wrote: the same struct, byte for byte, but
 * for the bits of a NaN. Any bytes are safe to pass: what is accepted keeps
 * every promise made here. On failure `*out` is zeroed.
 *
 * Returns TAPER_OK or TAPER_E_BYTES. */
TAPER_API taper_status taper_controller_load(const char *text, size_t len,
                                             taper_controller *out,
                                             taper_error *err);

/* What there is to say about a rule, for help texts: `usage` is its signature
 * with the defaults, and `example` parses as a controller. NULL if there is no
 * such rule. */
TAPER_API const taper_shape *taper_controller_shape_at(taper_rule rule);

/* ----------------------------------------------------------------- plans
 *
 * A plan is several schedules under names: for parameter groups, and for other
 * hyperparameters than the learning rate.
 *
 *     # warm up, then down to nothing
 *     lr = linear(0, 0.1, 5%) then cosine(to=0)
 *     lr[head] = 10 * lr
 *     momentum = 0.9
 *     weight_decay = 0.01 * lr
 *
 * One line for each name; a semicolon ends a line as well, and a schedule may
 * go on in the next one. A name is a word, or a word and a parameter group in
 * brackets. A schedule may use the names above it, as a factor or a part. From
 * # to the end of the line is a comment, as it is in any schedule. */

typedef struct taper_plan taper_plan;

/* Parse a plan, as taper_parse. Up to 256 names. Returns any status that
 * taper_parse returns. The caller owns *out, which is NULL on failure, and
 * gives it back with taper_plan_free and the same allocator. */
TAPER_API taper_status taper_plan_parse(const char *text, size_t len,
                                        const taper_run *run,
                                        const taper_allocator *allocator,
                                        taper_plan **out, taper_error *err);

/* Give a plan back to the allocator that it came from; NULL is legal. */
TAPER_API void taper_plan_free(taper_plan *p, const taper_allocator *allocator);

/* Whether a text begins as a plan does, with `name =` or `name[`, so that it
 * is one if it is anything. */
TAPER_API bool taper_is_plan(const char *text, size_t len);

/* The number of names; at least 1. */
TAPER_API size_t taper_plan_count(const taper_plan *p);

/* Name `i` in the order of the text, such as "lr[head]", and its schedule. They
 * belong to the plan. NULL if there is no such name. */
TAPER_API const char *taper_plan_name(const taper_plan *p, size_t i);
TAPER_API const taper_schedule *taper_plan_schedule(const taper_plan *p,
                                                    size_t i);

/* The number of a name; taper_plan_count if the plan does not have it. */
TAPER_API size_t taper_plan_find(const taper_plan *p, const char *name);

/* Set out[i] to the value of name i at `step`, for every name: what taper_at
 * gives, and as pure. */
TAPER_API void taper_plan_at(const taper_plan *p, int64_t step, double *out);

/* The canonical text, one line for each name, as taper_describe. It has no
 * references left, and parsed again gives the same plan, bit for bit. */
TAPER_API size_t taper_plan_describe(const taper_plan *p, char *buf,
                                     size_t cap);

/* A plan is one block of memory without pointers, as a schedule is: its size
 * in bytes, and the use of bytes that came from elsewhere. As taper_size and
 * taper_open. */
TAPER_API size_t taper_plan_size(const taper_plan *p);
TAPER_API taper_status taper_plan_open(const void *bytes, size_t size,
                                       const taper_plan **out,
                                       taper_error *err);

#ifdef __cplusplus
}
#endif

#endif
