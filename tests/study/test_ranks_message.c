/* What ranks say to each other arrives as it was sent, or not at all. */
#include "study/ranks_message.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *text(const char *literal)
{
    char *const copy = literal ? strdup(literal) : NULL;
    assert_true(copy || !literal);
    return copy;
}

/* A message of the kind with all that it can carry. */
static struct study_message full(enum study_message_kind kind)
{
    struct study_message m = {.kind = kind, .code = -7};
    m.text = text("0.1.0\nhost");
    m.carries = kind == STUDY_GIVE || kind == STUDY_GAVE_TRIAL;
    if (m.carries)
        m.trial = (struct study_trial){.id = INT64_C(1) << 40,
                                       .name = text("co\xc3\xafne"),
                                       .spec = text("cosine(1, 0)"),
                                       .schedule = text("0.1 * cosine(1, 0)"),
                                       .peak = 0.1,
                                       .budget = 1e300,
                                       .seed = INT64_MIN,
                                       .role = STUDY_SCORE,
                                       .state = STUDY_DONE,
                                       .metric = 1.0 / 3.0,
                                       .seconds = 5e-324,
                                       .error = text(""),
                                       .curve = text("{\"step\": [1]}"),
                                       .machine = NULL,
                                       .started_at = 1.7e9};
    return m;
}

static void assert_texts(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a) assert_string_equal(a, b);
}

static void assert_same(const struct study_message *a,
                        const struct study_message *b)
{
    const struct study_trial *t = &a->trial, *u = &b->trial;
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->carries, b->carries);
    assert_texts(a->text, b->text);
    assert_texts(t->name, u->name);
    assert_texts(t->spec, u->spec);
    assert_texts(t->schedule, u->schedule);
    assert_texts(t->error, u->error);
    assert_texts(t->curve, u->curve);
    assert_texts(t->summary, u->summary);
    assert_texts(t->machine, u->machine);
    assert_true(t->id == u->id && t->seed == u->seed);
    assert_true(t->role == u->role && t->state == u->state);
    const double x[] = {t->peak, t->budget, t->metric, t->seconds,
                        t->started_at};
    const double y[] = {u->peak, u->budget, u->metric, u->seconds,
                        u->started_at};
    assert_memory_equal(x, y, sizeof x);
}

static void every_message_arrives_as_it_was_sent(void **state)
{
    (void)state;
    for (int kind = 0; kind < STUDY_MESSAGE_KINDS; kind++) {
        struct study_message m = full((enum study_message_kind)kind), back;
        size_t size;
        if (m.carries) m.trial.metric = (double)NAN;
        unsigned char *const bytes = study_message_write(&m, &size);
        assert_non_null(bytes);
        assert_true(study_message_read(bytes, size, &back));
        assert_same(&m, &back);
        free(bytes);
        study_message_clear(&m);
        study_message_clear(&back);
    }
}

static void a_part_of_a_message_is_none(void **state)
{
    (void)state;
    struct study_message m = full(STUDY_GIVE), back;
    size_t size;
    unsigned char *const bytes = study_message_write(&m, &size);
    assert_non_null(bytes);
    for (size_t n = 0; n < size; n++) {
        /* Memory of just this size, so that a look beyond is found out. */
        unsigned char *const part = malloc(n + !n);
        assert_non_null(part);
        memcpy(part, bytes, n);
        assert_false(study_message_read(part, n, &back));
        assert_null(back.text);
        assert_null(back.trial.name);
        free(part);
    }
    unsigned char *const more = calloc(1, size + 1);
    assert_non_null(more);
    memcpy(more, bytes, size);
    assert_false(study_message_read(more, size + 1, &back));
    free(more);
    free(bytes);
    study_message_clear(&m);
}

/* Each byte changed in each of these ways: the rest is read, or it is not. */
static void a_changed_message_does_no_harm(void **state)
{
    (void)state;
    static const unsigned char changes[] = {0x01, 0x80, 0xff};
    struct study_message m = full(STUDY_GAVE_TRIAL), back;
    size_t size, refused = 0;
    unsigned char *const bytes = study_message_write(&m, &size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        for (size_t k = 0; k < sizeof changes; k++) {
            bytes[i] ^= changes[k];
            if (study_message_read(bytes, size, &back)) {
                assert_true(back.trial.state <= STUDY_HALVED);
                assert_true(back.trial.role <= STUDY_SCORE);
                assert_true(strlen(back.trial.name) <= size);
            } else {
                refused++;
            }
            study_message_clear(&back);
            bytes[i] ^= changes[k];
        }
    assert_true(refused >= 8 * sizeof changes); /* the head at least */
    free(bytes);
    study_message_clear(&m);
}

static void another_version_is_none(void **state)
{
    (void)state;
    struct study_message m = {.kind = STUDY_ALIVE}, back;
    size_t size;
    unsigned char *const bytes = study_message_write(&m, &size);
    assert_non_null(bytes);
    assert_true(study_message_read(bytes, size, &back));
    bytes[4]++;
    assert_false(study_message_read(bytes, size, &back));
    free(bytes);
}

/* A result without a trial, a trial where none belongs. */
static void what_a_kind_needs_is_there(void **state)
{
    (void)state;
    struct study_message m = full(STUDY_GIVE), back;
    m.kind = STUDY_TAKE;
    size_t size;
    unsigned char *bytes = study_message_write(&m, &size);
    assert_non_null(bytes);
    assert_false(study_message_read(bytes, size, &back));
    free(bytes);
    m.kind = STUDY_GIVE;
    m.carries = false;
    bytes = study_message_write(&m, &size);
    assert_non_null(bytes);
    assert_false(study_message_read(bytes, size, &back));
    free(bytes);
    study_message_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_arrives_as_it_was_sent),
        cmocka_unit_test(a_part_of_a_message_is_none),
        cmocka_unit_test(a_changed_message_does_no_harm),
        cmocka_unit_test(another_version_is_none),
        cmocka_unit_test(what_a_kind_needs_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
