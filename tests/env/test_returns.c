/* What fixed policies earn, against the means of 20,000 to 200,000 episodes of
 * another implementation with another generator. A mean may be off by 4.5
 * standard errors of the difference, which chance alone exceeds once in 150,000
 * times; and the seeds are fixed, so that it happens never or always. */
#include "env/cartpole.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef int policy_fn(const float *o, struct data_random *r);

static int random_action(const float *o, struct data_random *r)
{
    (void)o;
    return (int)data_random_below(r, 2);
}

static int right(const float *o, struct data_random *r)
{
    (void)o, (void)r;
    return 1;
}

static int under_the_pole(const float *o, struct data_random *r)
{
    (void)r;
    return o[2] > 0;
}

static int ahead_of_the_pole(const float *o, struct data_random *r)
{
    (void)r;
    return o[2] + o[3] > 0;
}

static int by_all_four(const float *o, struct data_random *r)
{
    (void)r;
    return o[2] + 0.5F * o[3] + 0.02F * o[0] + 0.05F * o[1] > 0;
}

/* What the reference measured, and how many episodes the test plays. */
static const struct known {
    const char *name;
    policy_fn *policy;
    double mean, deviation;
    uint32_t shortest, longest; /* possible, or nearly so */
    double episodes;            /* the reference's */
    size_t rounds;              /* the test's, times ENVIRONMENTS */
} known[] = {
    {"random", random_action, 22.23, 11.86, 8, 500, 200000, 200},
    {"right", right, 9.35, 0.75, 8, 11, 200000, 200},
    {"under the pole", under_the_pole, 42.11, 8.83, 24, 72, 200000, 200},
    {"ahead of the pole", ahead_of_the_pole, 484.9, 47.8, 150, 500, 50000, 20},
    {"all four", by_all_four, 500, 0, 500, 500, 20000, 5},
};

enum { ENVIRONMENTS = 100 };

struct tally {
    size_t count[ENVIRONMENTS]; /* episodes of each environment */
    double sum;
    uint32_t shortest, longest;
};

/* Counts the first `rounds` episodes of each environment: to count whichever
 * end first would favour short ones. Returns how many are still missing. */
static size_t count(struct tally *t, const struct env_transitions *out,
                    size_t rounds)
{
    size_t missing = 0;
    for (size_t i = 0; i < ENVIRONMENTS; i++) {
        const uint32_t length = out->length[i];
        if ((out->terminated[i] || out->truncated[i]) && t->count[i] < rounds) {
            t->count[i]++;
            t->sum += length;
            t->shortest = length < t->shortest ? length : t->shortest;
            t->longest = length > t->longest ? length : t->longest;
        }
        missing += rounds - t->count[i];
    }
    return missing;
}

static struct tally play(const struct known *k)
{
    static uint8_t terminated[ENVIRONMENTS], truncated[ENVIRONMENTS];
    static uint32_t length[ENVIRONMENTS];
    float now[ENVIRONMENTS][4];
    int32_t actions[ENVIRONMENTS];
    const struct env_transitions out = {
        .terminated = terminated,
        .truncated = truncated,
        .length = length,
        .next = now[0],
    };
    struct tally t = {.shortest = 1000};
    struct data_random r = data_stream(5, k->name, 0, 0);
    struct env_cartpoles *e = malloc(env_cartpoles_size(ENVIRONMENTS));
    assert_non_null(e);
    env_cartpoles_begin(e, ENVIRONMENTS, 5, k->name);
    env_cartpoles_observe(e, now[0]);
    do {
        for (size_t i = 0; i < ENVIRONMENTS; i++)
            actions[i] = k->policy(now[i], &r);
        env_cartpoles_step(e, actions, &out);
    } while (count(&t, &out, k->rounds) > 0);
    free(e);
    return t;
}

static void fixed_policies_earn_what_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct known *k = &known[i];
        const struct tally t = play(k);
        const double episodes = (double)(k->rounds * ENVIRONMENTS);
        const double mean = t.sum / episodes;
        /* 0.005: the reference's means are rounded. */
        const double bound =
            4.5 * k->deviation * sqrt(1 / episodes + 1 / k->episodes) +
            (k->mean > 100 ? 0.05 : 0.005);
        if (!(fabs(mean - k->mean) <= bound))
            fail_msg("%s: mean %.3f, not %.2f +- %.3f", k->name, mean, k->mean,
                     bound);
        assert_true(t.shortest >= k->shortest && t.longest <= k->longest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_policies_earn_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
