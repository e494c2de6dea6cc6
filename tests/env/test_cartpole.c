/* CartPole-v1 against reference trajectories, and what many environments
 * promise: the bits of single ones, starts that depend on nothing else, and a
 * block that can be moved. */
#include "env/cartpole.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- One environment ----------------------------------------------------- */

struct moment {
    int step;
    struct env_cartpole state;
    bool terminated;
};

/* Gymnasium's equations in plain Python, doubles and the C library's sine. */
static const struct moment always_right[] = {
    {1, {0, 0.1951219512195122, 0, -0.29268292682926828}, false},
    {2,
     {0.0039024390243902443, 0.3902439024390244, -0.0058536585365853658,
      -0.58536585365853655},
     false},
    {9,
     {0.14065097203306187, 1.7603811257683097, -0.21518604988500967,
      -2.7778864940128138},
     true},
};
static const struct moment by_turns[] = {
    {1,
     {0.0096000000000000009, 0.17467919574755525, 0.030799999999999998,
      -0.24306871796000809},
     false},
    {2,
     {0.013093583914951107, -0.020868848948191993, 0.025938625640799837,
      0.059167999939416599},
     false},
    {10,
     {0.025170769805637132, -0.023430405247453573, 0.016253613775848191,
      0.115669558396537},
     false},
    {59,
     {0.085865043912346131, 0.13328977347149476, 0.21107831524144616,
      0.68434463596120065},
     true},
};

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.17g, not %.17g", got, want);
}

static void assert_follows(struct env_cartpole e, bool alternate,
                           const struct moment *moments, size_t count)
{
    int step = 0;
    for (size_t k = 0; k < count; k++) {
        for (; step < moments[k].step; step++) {
            assert_false(env_cartpole_terminated(&e));
            env_cartpole_step(&e, alternate ? step % 2 == 0 : 1);
        }
        const struct env_cartpole *want = &moments[k].state;
        assert_near(e.x, want->x, 1e-12);
        assert_near(e.x_dot, want->x_dot, 1e-12);
        assert_near(e.theta, want->theta, 1e-12);
        assert_near(e.theta_dot, want->theta_dot, 1e-12);
        assert_int_equal(env_cartpole_terminated(&e), moments[k].terminated);
    }
}

static void trajectories_are_those_of_the_reference(void **state)
{
    (void)state;
    assert_follows((struct env_cartpole){0, 0, 0, 0}, false, always_right,
                   sizeof always_right / sizeof *always_right);
    assert_follows((struct env_cartpole){.01, -.02, .03, .04}, true, by_turns,
                   sizeof by_turns / sizeof *by_turns);
}

/* The textbook's equations in long double, with the C library's functions. */
static void assert_exact_step(struct env_cartpole e, int action)
{
    const long double s = sinl(e.theta), c = cosl(e.theta);
    const long double w = e.theta_dot, force = action ? 10 : -10;
    const long double drive = (force + 0.05L * w * w * s) / 1.1L;
    const long double theta_acc =
        (9.8L * s - c * drive) / (0.5L * (4.0L / 3 - 0.1L * c * c / 1.1L));
    const long double x_acc = drive - 0.05L * theta_acc * c / 1.1L;
    const double x_dot = (double)(e.x_dot + 0.02L * x_acc);
    const double theta_dot = (double)(e.theta_dot + 0.02L * theta_acc);
    const double x = (double)(e.x + 0.02L * e.x_dot);
    const double theta = (double)(e.theta + 0.02L * e.theta_dot);

    env_cartpole_step(&e, action);
    assert_near(e.x, x, 5e-16);
    assert_near(e.theta, theta, 5e-17);
    assert_near(e.x_dot, x_dot, 1e-15);
    assert_near(e.theta_dot, theta_dot, 1e-15);
}

static void every_step_is_exact_but_for_rounding(void **state)
{
    (void)state;
    for (int i = -200; i <= 200; i++)
        for (int w = -2; w <= 2; w++)
            for (int action = 0; action < 2; action++)
                assert_exact_step((struct env_cartpole){0.3 * w, -0.7 * w,
                                                        0.001047 * i, w},
                                  action);
}

static void the_limits_themselves_are_inside(void **state)
{
    (void)state;
    const double degrees = 0.20943951023931953;
    struct env_cartpole e = {2.4, 0, degrees, 0};
    assert_false(env_cartpole_terminated(&e));
    e.x = -2.4, e.theta = -degrees;
    assert_false(env_cartpole_terminated(&e));
    const double outside[][2] = {{nextafter(2.4, 3), 0},
                                 {nextafter(-2.4, -3), 0},
                                 {0, nextafter(degrees, 1)},
                                 {0, nextafter(-degrees, -1)}};
    for (size_t i = 0; i < 4; i++) {
        e.x = outside[i][0], e.theta = outside[i][1];
        assert_true(env_cartpole_terminated(&e));
    }
}

static void starts_fill_their_range_evenly(void **state)
{
    (void)state;
    enum { STARTS = 20000 };
    double sum[4] = {0}, squares[4] = {0}, largest = 0;
    struct data_random r = data_stream(1, "starts", 0, 0);
    for (int i = 0; i < STARTS; i++) {
        const struct env_cartpole e = env_cartpole_reset(&r);
        const double v[4] = {e.x, e.x_dot, e.theta, e.theta_dot};
        for (int k = 0; k < 4; k++) {
            assert_true(v[k] >= -0.05 && v[k] < 0.05);
            largest = fmax(largest, fabs(v[k]));
            sum[k] += v[k];
            squares[k] += v[k] * v[k];
        }
    }
    /* A uniform value's deviation is 0.05 / sqrt 3, that of its square
     * 0.05^2 sqrt(4 / 45): five standard errors either way. */
    const double root = sqrt((double)STARTS);
    for (int k = 0; k < 4; k++) {
        assert_near(sum[k] / STARTS, 0, 5 * 0.05 / sqrt(3) / root);
        assert_near(squares[k] / STARTS, 0.0025 / 3,
                    5 * 0.0025 * sqrt(4.0 / 45) / root);
    }
    assert_true(largest > 0.0499);
}

/* ---- Many environments --------------------------------------------------- */

enum { MANY = 37, STEPS = 700 };

/* A policy that keeps some environments up for 500 steps and lets others
 * fall: environment i listens to the pole unless i is a multiple of three. */
static int action_of(size_t i, int step, const float *o)
{
    if (i % 3 == 0) return (int)((i + (size_t)step / 2) % 2);
    return o[2] + 0.5F * o[3] + 0.02F * o[0] + 0.05F * o[1] > 0;
}

struct trace {
    float reward[STEPS][MANY];
    uint8_t terminated[STEPS][MANY], truncated[STEPS][MANY];
    uint32_t length[STEPS][MANY];
    float last[STEPS][MANY][4], next[STEPS][MANY][4];
};

/* Steps n <= MANY environments from `from` to before `to`. */
static void record(struct env_cartpoles *e, int from, int to, struct trace *t)
{
    const size_t n = env_cartpoles_count(e);
    float now[MANY][4];
    int32_t actions[MANY];
    env_cartpoles_observe(e, now[0]);
    for (int step = from; step < to; step++) {
        for (size_t i = 0; i < n; i++)
            actions[i] = action_of(i, step, now[i]);
        env_cartpoles_step(
            e, actions,
            &(struct env_transitions){t->reward[step], t->terminated[step],
                                      t->truncated[step], t->length[step],
                                      t->last[step][0], t->next[step][0]});
        memcpy(now, t->next[step], sizeof now);
    }
}

static struct env_cartpoles *begin(size_t n, uint64_t seed)
{
    void *block = malloc(env_cartpoles_size(n));
    assert_non_null(block);
    return env_cartpoles_begin(block, n, seed, "test");
}

static struct trace *new_trace(void)
{
    struct trace *t = calloc(1, sizeof *t);
    assert_non_null(t);
    return t;
}

static void assert_row(const float *row, const struct env_cartpole *e)
{
    assert_true(row[0] == (float)e->x && row[1] == (float)e->x_dot &&
                row[2] == (float)e->theta && row[3] == (float)e->theta_dot);
}

/* Plays environment i of a trace again, alone. */
static void assert_alone(const struct trace *t, size_t i, uint64_t seed)
{
    uint32_t length = 0;
    uint64_t episode = 0;
    struct data_random r = data_stream(seed, "test", i, episode);
    struct env_cartpole e = env_cartpole_reset(&r);
    float now[4] = {(float)e.x, (float)e.x_dot, (float)e.theta,
                    (float)e.theta_dot};
    for (int step = 0; step < STEPS; step++) {
        env_cartpole_step(&e, action_of(i, step, now));
        const bool terminated = env_cartpole_terminated(&e);
        assert_true(t->reward[step][i] == 1.0F);
        assert_int_equal(t->length[step][i], ++length);
        assert_int_equal(t->terminated[step][i], terminated);
        assert_int_equal(t->truncated[step][i], length == 500);
        assert_row(t->last[step][i], &e);
        if (terminated || length == 500) {
            r = data_stream(seed, "test", i, ++episode);
            e = env_cartpole_reset(&r);
            length = 0;
        }
        assert_row(t->next[step][i], &e);
        memcpy(now, t->next[step][i], sizeof now);
    }
}

static void many_environments_are_single_ones_side_by_side(void **state)
{
    (void)state;
    struct trace *t = new_trace();
    struct env_cartpoles *e = begin(MANY, 7);
    record(e, 0, STEPS, t);
    for (size_t i = 0; i < MANY; i++)
        assert_alone(t, i, 7);

    /* The policy above did both: fall, and stand for 500 steps. */
    size_t fallen = 0, stood = 0;
    for (int step = 0; step < STEPS; step++)
        for (size_t i = 0; i < MANY; i++) {
            fallen += t->terminated[step][i];
            stood += t->truncated[step][i];
        }
    assert_true(fallen > 100 && stood > 10);
    free(e);
    free(t);
}

static void a_step_neither_needs_nor_changes_what_is_not_asked_for(void **state)
{
    (void)state;
    struct env_cartpoles *all = begin(3, 9), *none = begin(3, 9);
    struct trace *t = new_trace();
    record(all, 0, 100, t);
    for (int step = 0; step < 100; step++) {
        int32_t actions[3];
        float now[3][4];
        env_cartpoles_observe(none, now[0]);
        for (size_t i = 0; i < 3; i++)
            actions[i] = action_of(i, step, now[i]);
        env_cartpoles_step(none, actions, &(struct env_transitions){0});
    }
    assert_memory_equal(all, none, env_cartpoles_size(3));
    free(all);
    free(none);
    free(t);
}

static void a_start_depends_on_seed_name_and_place_alone(void **state)
{
    (void)state;
    struct env_cartpoles *few = begin(5, 3), *more = begin(MANY, 3),
                         *other = begin(5, 4);
    float a[5][4], b[MANY][4], c[5][4];
    env_cartpoles_observe(few, a[0]);
    env_cartpoles_observe(more, b[0]);
    env_cartpoles_observe(other, c[0]);
    assert_memory_equal(a, b, sizeof a);
    for (size_t i = 0; i < 5; i++) {
        assert_memory_not_equal(a[i], c[i], sizeof a[i]);
        assert_memory_not_equal(b[i], b[i + 1], sizeof a[i]);
    }
    env_cartpoles_begin(few, 5, 3, "another");
    env_cartpoles_observe(few, c[0]);
    assert_memory_not_equal(a, c, sizeof a);
    free(few);
    free(more);
    free(other);
}

/* The first half is played, the block is copied elsewhere and the original
 * overwritten: the copy goes on as if nothing had happened. */
static void a_copy_of_the_block_goes_on_with_the_same_bits(void **state)
{
    (void)state;
    struct trace *whole = new_trace(), *parts = new_trace();
    struct env_cartpoles *e = begin(MANY, 11), *first = begin(MANY, 11);
    record(e, 0, STEPS, whole);
    record(first, 0, STEPS / 2, parts);

    const size_t size = env_cartpoles_size(MANY);
    struct env_cartpoles *second = malloc(size);
    assert_non_null(second);
    memcpy(second, first, size);
    memset(first, 0xff, size);
    record(second, STEPS / 2, STEPS, parts);
    assert_memory_equal(whole, parts, sizeof *whole);
    assert_memory_equal(e, second, size);
    free(e);
    free(first);
    free(second);
    free(whole);
    free(parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trajectories_are_those_of_the_reference),
        cmocka_unit_test(every_step_is_exact_but_for_rounding),
        cmocka_unit_test(the_limits_themselves_are_inside),
        cmocka_unit_test(starts_fill_their_range_evenly),
        cmocka_unit_test(many_environments_are_single_ones_side_by_side),
        cmocka_unit_test(
            a_step_neither_needs_nor_changes_what_is_not_asked_for),
        cmocka_unit_test(a_start_depends_on_seed_name_and_place_alone),
        cmocka_unit_test(a_copy_of_the_block_goes_on_with_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
