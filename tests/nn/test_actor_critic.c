/* The policy and value networks: against PyTorch, against finite differences,
 * how they start, and what they refuse. tests/data/nn/actor_critic.txt holds
 * what PyTorch computed; tools/golden/actor_critic.py recorded it. */
#include "nn/actor_critic.h"
#include "nn/golden_case.h"

enum { LINE = 512, MOST = 256 * 8 };

static struct nn_actor_critic *create(struct nn_actor_critic_shape shape)
{
    struct nn_actor_critic *a;
    struct nn_error err;
    if (nn_actor_critic_create(&shape, &a, &err) != NN_OK)
        fail_msg("%s", err.message);
    return a;
}

/* Weights as tools/golden/actor_critic.py has them. */
static void fill(struct nn_actor_critic *a)
{
    size_t count;
    const struct nn_parameter *p = nn_actor_critic_parameters(a, &count);
    for (size_t i = 0; i < count; i++)
        stream(p[i].name, p[i].count, nn_actor_critic_weights(a) + p[i].offset,
               p[i].dims > 1 ? sqrt(3.0 / p[i].dim[1]) : 0.2);
}

/* ---- Against PyTorch ----------------------------------------------------- */

struct run {
    struct nn_actor_critic *a;
    size_t n;
    float observations[MOST], logits[MOST], values[MOST];
    float dlogits[MOST], dvalues[MOST];
};

/* Runs both ways on what a line "case ..." describes, in a network that has
 * room for more rows. */
static void start(struct run *r, const char *line)
{
    struct nn_actor_critic_shape s = {0};
    int used, n;
    assert_int_equal(sscanf(line, "%d %d %d %d%n", &s.observations, &s.actions,
                            &n, &s.layers, &used),
                     4);
    for (int i = 0; i < s.layers; i++) {
        int more;
        line += used;
        assert_int_equal(sscanf(line, "%d%n", &s.hidden[i], &more), 1);
        used = more;
    }
    s.batch = n + 70;
    nn_actor_critic_destroy(r->a);
    r->a = create(s);
    r->n = (size_t)n;
    fill(r->a);
    stream("observations", r->n * (size_t)s.observations, r->observations, 1.0);
    stream("dlogits", r->n * (size_t)s.actions, r->dlogits, 1.0);
    stream("dvalues", r->n, r->dvalues, 1.0);
    assert_int_equal(nn_actor_critic_forward(r->a, r->observations, r->n,
                                             r->logits, r->values),
                     NN_OK);
    assert_int_equal(nn_actor_critic_backward(r->a, r->dlogits, r->dvalues),
                     NN_OK);
}

static size_t check_line(struct run *r, const char *line)
{
    char name[64];
    int used;
    if (strncmp(line, "case ", 5) == 0) {
        start(r, line + 5);
        return 0;
    }
    const double tolerance = 2e-6;
    if (strncmp(line, "logits ", 7) == 0) {
        assert_tensor("logits", line + 7, r->logits, tolerance);
    } else if (strncmp(line, "values ", 7) == 0) {
        assert_tensor("values", line + 7, r->values, tolerance);
    } else {
        size_t count;
        const struct nn_parameter *p = nn_actor_critic_parameters(r->a, &count);
        assert_int_equal(sscanf(line, "gradient %63s%n", name, &used), 1);
        assert_tensor(name, line + used,
                      named(p, count, nn_actor_critic_gradients(r->a), name),
                      tolerance);
    }
    return 1;
}

static void outputs_and_gradients_are_pytorchs(void **state)
{
    (void)state;
    char line[LINE];
    size_t checked = 0;
    static struct run r;
    FILE *f = fopen(TAPER_TEST_DATA "/nn/actor_critic.txt", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (line[0] != '#') checked += check_line(&r, line);
    fclose(f);
    nn_actor_critic_destroy(r.a);
    assert_int_equal(checked, 5 * 2 + 2 * (6 + 6 + 8 + 4 + 2));
}

/* ---- By themselves ------------------------------------------------------- */

static struct nn_actor_critic_shape small(int batch)
{
    return (struct nn_actor_critic_shape){.observations = 3,
                                          .actions = 2,
                                          .layers = 2,
                                          .hidden = {6, 5},
                                          .batch = batch};
}

/* sum(dlogits * logits) + sum(dvalues * values) */
static double objective(struct nn_actor_critic *a, const struct run *r)
{
    float logits[MOST], values[MOST];
    double sum = 0.0;
    assert_int_equal(nn_actor_critic_forward(a, r->observations, r->n, logits,
                                             values),
                     NN_OK);
    for (size_t i = 0; i < 2 * r->n; i++)
        sum += (double)logits[i] * (double)r->dlogits[i];
    for (size_t i = 0; i < r->n; i++)
        sum += (double)values[i] * (double)r->dvalues[i];
    return sum;
}

/* Central differences: their own error is of order h^2, and that of f32 over h.
 */
static void every_gradient_is_the_slope_of_the_objective(void **state)
{
    (void)state;
    struct run r = {.a = create(small(70)), .n = 70};
    fill(r.a);
    stream("observations", 3 * r.n, r.observations, 1.0);
    stream("dlogits", 2 * r.n, r.dlogits, 1.0);
    stream("dvalues", r.n, r.dvalues, 1.0);
    objective(r.a, &r);
    nn_actor_critic_backward(r.a, r.dlogits, r.dvalues);

    size_t count;
    const float h = 0.0078125F;
    const struct nn_parameter *p = nn_actor_critic_parameters(r.a, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < p[i].count; k++) {
            float *w = nn_actor_critic_weights(r.a) + p[i].offset + k;
            const double g =
                (double)nn_actor_critic_gradients(r.a)[p[i].offset + k];
            const float kept = *w;
            *w = kept + h;
            const double up = objective(r.a, &r);
            *w = kept - h;
            const double down = objective(r.a, &r);
            *w = kept;
            const double slope = (up - down) / (2.0 * (double)h);
            if (!(fabs(slope - g) <= 2e-3 + 1e-3 * fabs(g)))
                fail_msg("%s[%zu]: gradient %.6g, slope %.6g", p[i].name, k, g,
                         slope);
        }
    nn_actor_critic_destroy(r.a);
}

static void rows_have_the_same_bits_in_any_company(void **state)
{
    (void)state;
    struct nn_actor_critic *a = create(nn_actor_critic_defaults(4, 2, 200));
    float observations[800], logits[400], values[200];
    fill(a);
    stream("observations", 800, observations, 1.0);
    assert_int_equal(nn_actor_critic_forward(a, observations, 200, logits,
                                             values),
                     NN_OK);
    for (size_t n = 1; n <= 199; n += n < 20 ? 1 : 37)
        for (size_t first = 0; first + n <= 200; first += 41) {
            float some_logits[400], some_values[200];
            nn_actor_critic_forward(a, observations + 4 * first, n, some_logits,
                                    some_values);
            assert_memory_equal(some_logits, logits + 2 * first,
                                2 * n * sizeof(float));
            assert_memory_equal(some_values, values + first, n * sizeof(float));
        }
    nn_actor_critic_destroy(a);
}

static void one_network_may_be_left_out(void **state)
{
    (void)state;
    struct nn_actor_critic *a = create(nn_actor_critic_defaults(4, 2, 16));
    float observations[64], both[32], logits[32], values[16], dvalues[16];
    size_t count;
    const struct nn_parameter *p = nn_actor_critic_parameters(a, &count);
    fill(a);
    stream("observations", 64, observations, 1.0);
    stream("dvalues", 16, dvalues, 1.0);
    assert_int_equal(nn_actor_critic_backward(a, logits, values),
                     NN_E_ARGUMENT);
    nn_actor_critic_forward(a, observations, 16, both, values);
    assert_int_equal(nn_actor_critic_forward(a, observations, 16, logits, NULL),
                     NN_OK);
    assert_memory_equal(logits, both, sizeof logits);
    assert_int_equal(nn_actor_critic_backward(a, logits, dvalues),
                     NN_E_ARGUMENT);

    /* Half of what was there before becomes zero, the other half is new. */
    assert_int_equal(nn_actor_critic_backward(a, logits, NULL), NN_OK);
    const float *g = nn_actor_critic_gradients(a);
    assert_true(g[p[0].offset] != 0.0F);
    nn_actor_critic_forward(a, observations, 16, NULL, values);
    assert_int_equal(nn_actor_critic_backward(a, NULL, dvalues), NN_OK);
    for (size_t k = 0; k < p[count / 2].offset; k++)
        assert_true(g[k] == 0.0F);
    assert_true(g[p[count / 2].offset] != 0.0F);
    nn_actor_critic_destroy(a);
}

static void parameters_are_named_as_in_a_state_dict(void **state)
{
    (void)state;
    static const char *const names[] = {"policy.0.weight", "policy.0.bias",
                                        "policy.2.weight", "policy.2.bias",
                                        "policy.4.weight", "policy.4.bias",
                                        "value.0.weight",  "value.0.bias",
                                        "value.2.weight",  "value.2.bias",
                                        "value.4.weight",  "value.4.bias"};
    struct nn_actor_critic *a = create(nn_actor_critic_defaults(4, 2, 8));
    size_t count, values = 0, end = 0;
    const struct nn_parameter *p = nn_actor_critic_parameters(a, &count);
    assert_int_equal(count, sizeof names / sizeof *names);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(p[i].name, names[i]);
        assert_int_equal(p[i].offset % 16, 0);
        assert_true(p[i].offset >= end);
        end = p[i].offset + p[i].count;
        values += p[i].count;
    }
    assert_int_equal(values, 9155); /* 4-64-64-2 and 4-64-64-1 */
    assert_true(end <= nn_actor_critic_size(a));
    nn_actor_critic_destroy(a);
}

/* ---- How they start ------------------------------------------------------ */

static double uniform(void *context)
{
    uint64_t *state = context;
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Inner product of two rows, or of two columns where those are fewer. */
static double inner(const float *w, const struct nn_parameter *p, int i, int j)
{
    const int out = p->dim[0], in = p->dim[1];
    double sum = 0.0;
    if (out <= in)
        for (int k = 0; k < in; k++)
            sum += (double)w[i * in + k] * (double)w[j * in + k];
    else
        for (int k = 0; k < out; k++)
            sum += (double)w[k * in + i] * (double)w[k * in + j];
    return sum;
}

static void weights_start_orthogonal_with_their_gains(void **state)
{
    (void)state;
    static const double gains[] = {1.4142135623730951, 1.4142135623730951, 0.01,
                                   1.4142135623730951, 1.4142135623730951, 1.0};
    struct nn_actor_critic *a = create(nn_actor_critic_defaults(4, 2, 8));
    uint64_t seed = 1;
    size_t count;
    const struct nn_parameter *p = nn_actor_critic_parameters(a, &count);
    nn_actor_critic_initialise(a, uniform, &seed);
    for (size_t k = 0; k < count; k++) {
        const float *w = nn_actor_critic_weights(a) + p[k].offset;
        if (p[k].dims == 1) {
            for (size_t i = 0; i < p[k].count; i++)
                assert_true(w[i] == 0.0F);
            continue;
        }
        const double square = gains[k / 2] * gains[k / 2];
        const int fewer = p[k].dim[0] < p[k].dim[1] ? p[k].dim[0] : p[k].dim[1];
        for (int i = 0; i < fewer; i++)
            for (int j = 0; j <= i; j++)
                assert_true(fabs(inner(w, &p[k], i, j) - square * (i == j)) <=
                            1e-6 * square);
    }
    nn_actor_critic_destroy(a);
}

static void a_start_depends_on_the_numbers_drawn_alone(void **state)
{
    (void)state;
    struct nn_actor_critic *a = create(nn_actor_critic_defaults(4, 2, 8)),
                           *b = create(nn_actor_critic_defaults(4, 2, 64));
    const size_t bytes = nn_actor_critic_size(a) * sizeof(float);
    uint64_t seed = 5;
    nn_actor_critic_initialise(a, uniform, &seed);
    seed = 5;
    nn_actor_critic_initialise(b, uniform, &seed);
    assert_memory_equal(nn_actor_critic_weights(a), nn_actor_critic_weights(b),
                        bytes);
    nn_actor_critic_initialise(b, uniform, &seed);
    assert_memory_not_equal(nn_actor_critic_weights(a),
                            nn_actor_critic_weights(b), bytes);
    nn_actor_critic_destroy(a);
    nn_actor_critic_destroy(b);
}

/* ---- What they refuse ---------------------------------------------------- */

static void more_rows_than_planned_are_refused(void **state)
{
    (void)state;
    struct nn_actor_critic *a = create(small(8));
    float observations[27] = {0}, logits[18] = {7}, values[9] = {7};
    assert_int_equal(nn_actor_critic_forward(a, observations, 9, logits,
                                             values),
                     NN_E_ARGUMENT);
    assert_int_equal(nn_actor_critic_forward(a, observations, 0, logits,
                                             values),
                     NN_E_ARGUMENT);
    assert_true(logits[0] == 7 && values[0] == 7);
    assert_int_equal(nn_actor_critic_forward(a, observations, 8, logits,
                                             values),
                     NN_OK);
    nn_actor_critic_destroy(a);
}

static void shapes_out_of_range_are_refused(void **state)
{
    (void)state;
    struct nn_actor_critic_shape bad[8];
    for (size_t i = 0; i < 8; i++)
        bad[i] = small(8);
    bad[0].observations = 0;
    bad[1].actions = 0;
    bad[2].layers = NN_ACTOR_CRITIC_HIDDEN + 1;
    bad[3].layers = -1;
    bad[4].hidden[1] = 0;
    bad[5].hidden[0] = 4097;
    bad[6].batch = 0;
    bad[7].batch = 1 << 21;
    for (size_t i = 0; i < 8; i++) {
        struct nn_actor_critic *a = (void *)&bad;
        struct nn_error err = {0};
        assert_int_equal(nn_actor_critic_create(&bad[i], &a, &err),
                         NN_E_ARGUMENT);
        assert_null(a);
        assert_non_null(strstr(err.message, "possible"));
    }
    nn_actor_critic_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_and_gradients_are_pytorchs),
        cmocka_unit_test(every_gradient_is_the_slope_of_the_objective),
        cmocka_unit_test(rows_have_the_same_bits_in_any_company),
        cmocka_unit_test(one_network_may_be_left_out),
        cmocka_unit_test(parameters_are_named_as_in_a_state_dict),
        cmocka_unit_test(weights_start_orthogonal_with_their_gains),
        cmocka_unit_test(a_start_depends_on_the_numbers_drawn_alone),
        cmocka_unit_test(more_rows_than_planned_are_refused),
        cmocka_unit_test(shapes_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
