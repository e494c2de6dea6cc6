/* Holds a whole network to PyTorch: a file of lines says what PyTorch has got
 * at once (logits, loss, gradients, buffers) and behind ten steps of SGD with
 * Nesterov momentum (weights, logits), and the engine goes through the same. */
#ifndef TAPER_TESTS_GOLDEN_NETWORK_H
#define TAPER_TESTS_GOLDEN_NETWORK_H

#include "nn/golden_case.h"
#include "optim/optim.h"

enum {
    GOLDEN_STEPS = 10,
    GOLDEN_LINE = 512,
    GOLDEN_LOGITS = 128, /* rows times classes at most */
    GOLDEN_GROUPS = 128
};

/* What a test makes of a line that names a network. */
struct golden_network {
    struct nn_engine *e;
    struct nn_input in; /* of `rows` rows, borrowed like the labels */
    const int32_t *labels;
    size_t rows;
    double rate; /* of SGD, as the recorder has it */
    /* How far the engine may be from PyTorch: relative to a tensor's norm, at
     * once and behind the steps. */
    double near, far;
    /* Its own. */
    float *momentum;
    int step;     /* updates made */
    bool pending; /* gradients are there, and not yet used */
};

/* The networks of a file. */
struct golden_file {
    const char *path, *word; /* "/nn/network.txt", "network" */
    int networks;
    void (*begin)(void *self, const char *line, struct golden_network *n);
    void (*end)(void *self); /* also before the first; after the engine */
};

/* Weights by name; scales of normalisations lie around 1. `spread` is the bound
 * of a matrix. */
static inline void golden_fill(struct nn_engine *e,
                               double (*spread)(const struct nn_parameter *p))
{
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++) {
        float *w = nn_engine_weights(e) + p[i].offset;
        stream(p[i].name, p[i].count, w, p[i].dims > 1 ? spread(&p[i]) : 0.2);
        for (size_t k = 0; k < p[i].count && p[i].role == NN_ROLE_SCALE; k++)
            w[k] = (float)(1.0 + (double)w[k]);
    }
}

static inline void golden_descend(struct golden_network *n)
{
    size_t count, groups = 0;
    const struct nn_parameter *p = nn_engine_parameters(n->e, &count);
    struct optim_group group[GOLDEN_GROUPS];
    assert_true(count <= GOLDEN_GROUPS);
    for (size_t i = 0; i < count; i++)
        if (p[i].role != NN_ROLE_WHITEN)
            group[groups++] = (struct optim_group){.offset = p[i].offset,
                                                   .count = p[i].count,
                                                   .lr_scale = 1.0};
    const struct optim_rule *sgd = optim_rule_find("sgd");
    struct optim_options options = sgd->defaults;
    options.momentum = 0.9;
    options.nesterov = true;
    const struct optim_block block = {.count = nn_engine_size(n->e),
                                      .weights = nn_engine_weights(n->e),
                                      .gradients = nn_engine_gradients(n->e),
                                      .moments = {n->momentum}};
    const struct optim_update update = {.lr = n->rate,
                                        .step = n->step++,
                                        .gradient_scale = 1.0};
    optim_step(sgd, &options, &block, group, groups, &update);
    n->pending = false;
}

static inline double golden_train(struct golden_network *n)
{
    struct nn_result result;
    assert_int_equal(nn_engine_step(n->e, &n->in, n->labels, 0.1,
                                    1.0 / (double)n->rows, &result),
                     NN_OK);
    n->pending = true;
    return result.loss / (double)n->rows;
}

static inline void golden_check(struct golden_network *n, const char *kind,
                                const char *rest)
{
    char name[64];
    int used = 0;
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(n->e, &count);
    const double tolerance = n->step ? n->far : n->near;
    if (strcmp(kind, "infer") == 0) {
        float logits[GOLDEN_LOGITS];
        assert_int_equal(nn_engine_infer(n->e, &n->in, n->rows, logits), NN_OK);
        assert_tensor("logits", rest, logits, tolerance);
        return;
    }
    const float *block = nn_engine_gradients(n->e);
    if (strcmp(kind, "weight") == 0) block = nn_engine_weights(n->e);
    if (strcmp(kind, "buffer") == 0) {
        block = nn_engine_buffers(n->e);
        p = nn_engine_buffer_table(n->e, &count);
    }
    assert_int_equal(sscanf(rest, "%63s %n", name, &used), 1);
    assert_tensor(name, rest + used, named(p, count, block, name), tolerance);
}

static inline void golden_release(const struct golden_file *file, void *self,
                                  struct golden_network *n)
{
    nn_engine_destroy(n->e);
    free(n->momentum);
    file->end(self);
    *n = (struct golden_network){0};
}

static inline void golden_line(struct golden_network *n, const char *kind,
                               const char *rest)
{
    /* An update waits until its gradients have been compared. */
    const bool loss = strcmp(kind, "loss") == 0;
    if (n->pending && (loss || strcmp(kind, "weight") == 0)) golden_descend(n);
    if (!loss) {
        golden_check(n, kind, rest);
        return;
    }
    const double want = strtod(rest, NULL);
    const double tolerance = want * (n->step ? n->far : n->near);
    assert_true(close_to(golden_train(n), want, tolerance, "loss", "step"));
}

static inline void golden_compare(const struct golden_file *file, void *self)
{
    char line[GOLDEN_LINE], kind[16];
    (void)snprintf(line, sizeof line, "%s%s", TAPER_TEST_DATA, file->path);
    FILE *f = fopen(line, "r");
    assert_non_null(f);
    struct golden_network n = {0};
    int networks = 0;
    while (fgets(line, sizeof line, f)) {
        int used = 0;
        assert_int_equal(sscanf(line, "%15s %n", kind, &used), 1);
        if (strcmp(kind, "#") == 0) continue;
        if (strcmp(kind, file->word) != 0) {
            golden_line(&n, kind, line + used);
            continue;
        }
        golden_release(file, self, &n);
        file->begin(self, line + used, &n);
        n.momentum = calloc(nn_engine_size(n.e), sizeof *n.momentum);
        assert_non_null(n.momentum);
        networks++;
    }
    assert_int_equal(n.step, GOLDEN_STEPS);
    golden_release(file, self, &n);
    fclose(f);
    assert_int_equal(networks, file->networks);
}

#endif
