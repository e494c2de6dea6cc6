/* The networks for images. A row of the table at the end is a network. */
#include "nn/architecture.h"
#include <stdio.h>
#include <string.h>

static struct nn_layer *add(struct nn_architecture *a, struct nn_layer layer)
{
    struct nn_layer *l = &a->layer[a->count++];
    *l = layer;
    return l;
}

static void conv3(struct nn_architecture *a, const char *name, int channels,
                  enum nn_start start)
{
    add(a, (struct nn_layer){.op = NN_CONV,
                             .name = name,
                             .channels = channels,
                             .kernel = 3,
                             .stride = 1,
                             .pad = 1,
                             .start = start});
}

static void norm_relu(struct nn_architecture *a, const char *name, int pool)
{
    add(a, (struct nn_layer){.op = NN_NORM,
                             .name = name,
                             .pool = pool,
                             .activation = NN_RELU});
}

static void max_pool(struct nn_architecture *a, const char *name, int pool)
{
    add(a, (struct nn_layer){.op = NN_MAX_POOL, .name = name, .pool = pool});
}

static void dense(struct nn_architecture *a, const char *name, bool bias)
{
    add(a, (struct nn_layer){.op = NN_DENSE,
                             .name = name,
                             .channels = a->classes,
                             .start = NN_START_UNIFORM});
    if (bias)
        add(a,
            (struct nn_layer){.op = NN_ACTIVATE, .name = name, .bias = true});
}

/* Four convolutions: small enough to train in seconds, good enough for 93 % on
 * Fashion-MNIST. */
static void build_cnn(struct nn_architecture *a)
{
    conv3(a, "conv1", 32, NN_START_HE);
    norm_relu(a, "norm1", 2);
    conv3(a, "conv2", 64, NN_START_HE);
    norm_relu(a, "norm2", 1);
    conv3(a, "conv3", 128, NN_START_HE);
    norm_relu(a, "norm3", 2);
    conv3(a, "conv4", 128, NN_START_HE);
    norm_relu(a, "norm4", 1);
    max_pool(a, "pool", 0);
    dense(a, "head", true);
}

static void residual(struct nn_architecture *a, const char *const names[4],
                     int channels)
{
    const int input = a->count - 1;
    conv3(a, names[0], channels, NN_START_HE);
    norm_relu(a, names[1], 1);
    conv3(a, names[2], channels, NN_START_HE);
    norm_relu(a, names[3], 1);
    add(a, (struct nn_layer){.op = NN_ADD, .name = names[0], .other = input});
}

/* David Page's ResNet-9 (davidcpage/cifar10-fast): each pooling behind its
 * activation, logits times 1/8. */
static void build_resnet9(struct nn_architecture *a)
{
    static const char *const first[] = {"res1.conv1", "res1.norm1",
                                        "res1.conv2", "res1.norm2"};
    static const char *const second[] = {"res3.conv1", "res3.norm1",
                                         "res3.conv2", "res3.norm2"};
    a->logit_scale = 0.125;
    conv3(a, "prep.conv", 64, NN_START_HE);
    norm_relu(a, "prep.norm", 1);
    conv3(a, "layer1.conv", 128, NN_START_HE);
    norm_relu(a, "layer1.norm", 1);
    max_pool(a, "layer1.pool", 2);
    residual(a, first, 128);
    conv3(a, "layer2.conv", 256, NN_START_HE);
    norm_relu(a, "layer2.norm", 1);
    max_pool(a, "layer2.pool", 2);
    conv3(a, "layer3.conv", 512, NN_START_HE);
    norm_relu(a, "layer3.norm", 1);
    max_pool(a, "layer3.pool", 2);
    residual(a, second, 512);
    max_pool(a, "pool", 0);
    dense(a, "head", false);
}

static void norm_gelu(struct nn_architecture *a, const char *name, int pool)
{
    add(a, (struct nn_layer){.op = NN_NORM,
                             .name = name,
                             .pool = pool,
                             .activation = NN_GELU,
                             .no_scale = true,
                             .epsilon = 1e-12,
                             .momentum = 0.4});
}

/* airbench94 (KellerJordan/cifar10-airbench): a frozen whitening layer, three
 * groups of two convolutions, GELU, logits times 1/9. */
static void build_airbench94(struct nn_architecture *a)
{
    static const struct {
        const char *conv1, *norm1, *conv2, *norm2;
        int channels;
    } group[] = {
        {"block1.conv1", "block1.norm1", "block1.conv2", "block1.norm2", 64},
        {"block2.conv1", "block2.norm1", "block2.conv2", "block2.norm2", 256},
        {"block3.conv1", "block3.norm1", "block3.conv2", "block3.norm2", 256}};
    a->logit_scale = 1.0 / 9.0;
    add(a, (struct nn_layer){.op = NN_CONV,
                             .name = "whiten",
                             .channels = 2 * a->channels * 2 * 2,
                             .kernel = 2,
                             .stride = 1,
                             .frozen = true,
                             .start = NN_START_WHITEN});
    add(a, (struct nn_layer){.op = NN_ACTIVATE,
                             .name = "whiten",
                             .bias = true,
                             .activation = NN_GELU});
    for (size_t i = 0; i < sizeof group / sizeof group[0]; i++) {
        conv3(a, group[i].conv1, group[i].channels, NN_START_DIRAC);
        norm_gelu(a, group[i].norm1, 2);
        conv3(a, group[i].conv2, group[i].channels, NN_START_DIRAC);
        norm_gelu(a, group[i].norm2, 1);
    }
    max_pool(a, "pool", 0);
    dense(a, "head", false);
}

static const struct {
    const char *name;
    void (*build)(struct nn_architecture *a);
    int least; /* pixels of height and width */
} zoo[] = {
    {"cnn", build_cnn, 4},               /* 0.24 M parameters */
    {"resnet9", build_resnet9, 8},       /* 6.6 M */
    {"airbench94", build_airbench94, 9}, /* 2 M */
};

enum { ZOO = sizeof zoo / sizeof zoo[0] };

const char *nn_architecture_name(int index)
{
    return index >= 0 && index < ZOO ? zoo[index].name : NULL;
}

bool nn_architecture_find(const char *name, int channels, int height, int width,
                          int classes, struct nn_architecture *out, char *why)
{
    enum { WHY = 160 };
    int k = 0;
    while (k < ZOO && strcmp(zoo[k].name, name) != 0)
        k++;
    if (k == ZOO) {
        snprintf(why, WHY, "there is no network '%.40s'", name);
        return false;
    }
    if (height < zoo[k].least || width < zoo[k].least || height != width) {
        snprintf(why, WHY,
                 "network %s takes square images of at least %d x %d, "
                 "not %d x %d",
                 name, zoo[k].least, zoo[k].least, height, width);
        return false;
    }
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
    out->channels = channels;
    out->height = height;
    out->width = width;
    out->classes = classes;
    zoo[k].build(out);
    return true;
}
