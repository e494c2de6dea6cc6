/* From networks to tables: names, shapes, offsets, and how many parameters.
 * The totals are PyTorch's: sum(p.numel() for p in net.parameters()) over the
 * networks of tools/golden/network.py. */
#include "nn/parameters.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void find(const char *name, int channels, int size, int classes,
                 struct nn_architecture *a, struct nn_tables *t)
{
    char why[160];
    struct nn_error error = {0};
    if (!nn_architecture_find(name, channels, size, size, classes, a, why))
        fail_msg("%s", why);
    if (nn_tables_fill(a, t, &error)) fail_msg("%s", error.message);
}

/* Rows follow each other, each on a cache line of its own, and their names
 * differ. */
static void check_rows(const struct nn_parameter *p, size_t count, size_t size)
{
    size_t end = 0;
    for (size_t i = 0; i < count; i++) {
        size_t values = 1;
        for (int k = 0; k < p[i].dims; k++)
            values *= (size_t)p[i].dim[k];
        assert_int_equal(p[i].count, values);
        assert_int_equal(p[i].offset % 16, 0);
        assert_true(p[i].offset >= end && p[i].offset < end + 16);
        end = p[i].offset + p[i].count;
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(p[i].name, p[k].name);
    }
    assert_true(size >= end && size < end + 16);
}

static size_t total(const struct nn_tables *t)
{
    size_t sum = 0;
    for (size_t i = 0; i < t->parameters; i++)
        sum += t->parameter[i].count;
    return sum;
}

static void networks_have_as_many_parameters_as_pytorchs(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int channels, size;
        size_t rows, parameters, buffers;
    } want[] = {
        {"cnn", 1, 28, 14, 241898, 8},
        {"cnn", 3, 32, 14, 242474, 8},
        {"resnet9", 3, 32, 25, 6573120, 16},
        {"airbench94", 3, 32, 15, 1971640, 12},
        {"airbench94", 1, 28, 15, 1962152, 12},
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct nn_architecture a;
        struct nn_tables t;
        find(want[i].name, want[i].channels, want[i].size, 10, &a, &t);
        assert_int_equal(t.parameters, want[i].rows);
        assert_int_equal(total(&t), want[i].parameters);
        assert_int_equal(t.buffer_count, want[i].buffers);
        check_rows(t.parameter, t.parameters, t.size);
        check_rows(t.buffers, t.buffer_count, t.buffer_size);
    }
}

static void airbench94_has_the_published_tensors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int dims, dim[4];
        enum nn_role role;
        enum nn_start start;
    } want[] = {
        {"whiten.weight", 4, {24, 3, 2, 2}, NN_ROLE_WHITEN, NN_START_WHITEN},
        {"whiten.bias", 1, {24}, NN_ROLE_WHITEN_BIAS, NN_START_ZERO},
        {"block1.conv1.weight",
         4,
         {64, 24, 3, 3},
         NN_ROLE_WEIGHT,
         NN_START_DIRAC},
        {"block1.norm1.bias", 1, {64}, NN_ROLE_SHIFT, NN_START_ZERO},
        {"block1.conv2.weight",
         4,
         {64, 64, 3, 3},
         NN_ROLE_WEIGHT,
         NN_START_DIRAC},
        {"block1.norm2.bias", 1, {64}, NN_ROLE_SHIFT, NN_START_ZERO},
        {"block2.conv1.weight",
         4,
         {256, 64, 3, 3},
         NN_ROLE_WEIGHT,
         NN_START_DIRAC},
        {"block2.norm1.bias", 1, {256}, NN_ROLE_SHIFT, NN_START_ZERO},
        {"block2.conv2.weight",
         4,
         {256, 256, 3, 3},
         NN_ROLE_WEIGHT,
         NN_START_DIRAC},
        {"block2.norm2.bias", 1, {256}, NN_ROLE_SHIFT, NN_START_ZERO},
        {"block3.conv1.weight",
         4,
         {256, 256, 3, 3},
         NN_ROLE_WEIGHT,
         NN_START_DIRAC},
        {"block3.norm1.bias", 1, {256}, NN_ROLE_SHIFT, NN_START_ZERO},
        {"block3.conv2.weight",
         4,
         {256, 256, 3, 3},
         NN_ROLE_WEIGHT,
         NN_START_DIRAC},
        {"block3.norm2.bias", 1, {256}, NN_ROLE_SHIFT, NN_START_ZERO},
        {"head.weight", 2, {10, 256}, NN_ROLE_WEIGHT, NN_START_UNIFORM},
    };
    struct nn_architecture a;
    struct nn_tables t;
    find("airbench94", 3, 32, 10, &a, &t);
    assert_int_equal(t.parameters, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < t.parameters; i++) {
        const struct nn_parameter *p = &t.parameter[i];
        assert_string_equal(p->name, want[i].name);
        assert_int_equal(p->dims, want[i].dims);
        assert_memory_equal(p->dim, want[i].dim, sizeof p->dim);
        assert_int_equal(p->role, want[i].role);
        assert_int_equal(p->start, want[i].start);
    }
    assert_string_equal(t.buffers[0].name, "block1.norm1.running_mean");
    assert_string_equal(t.buffers[1].name, "block1.norm1.running_var");
    assert_string_equal(t.buffers[11].name, "block3.norm2.running_var");
}

static void pictures_shrink_as_the_layers_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int layer;
        struct nn_shape shape;
    } want[] = {
        {"cnn", 1, {32, 14, 14}},        /* 28 pooled by 2 */
        {"cnn", 5, {128, 7, 7}},         /* by 2 again */
        {"cnn", 8, {128, 1, 1}},         /* over the whole picture */
        {"cnn", 10, {7, 1, 1}},          /* the head's bias */
        {"airbench94", 0, {24, 27, 27}}, /* 28 - 2 + 1 */
        {"airbench94", 3, {64, 13, 13}}, /* half of it, rounded down */
        {"airbench94", 11, {256, 3, 3}}, /* 13, 6, 3 */
        {"resnet9", 9, {128, 14, 14}},   /* the first residual sum */
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct nn_architecture a;
        struct nn_tables t;
        find(want[i].name, 3, 28, 7, &a, &t);
        assert_memory_equal(&t.shape[want[i].layer], &want[i].shape,
                            sizeof want[i].shape);
    }
    struct nn_architecture a;
    struct nn_tables t;
    find("airbench94", 3, 28, 7, &a, &t);
    const struct nn_shape before = nn_shape_before(&a, &t, 0);
    assert_memory_equal(&before, (&(struct nn_shape){3, 28, 28}),
                        sizeof before);
}

/* The smallest image that a network says it takes really is enough, and one
 * pixel less is refused with both sizes in the message. */
static void the_least_image_is_the_least(void **state)
{
    (void)state;
    const char *name;
    for (int k = 0; (name = nn_architecture_name(k)) != NULL; k++) {
        struct nn_architecture a;
        struct nn_tables t;
        char why[160] = "";
        int least = 1;
        while (!nn_architecture_find(name, 3, least, least, 10, &a, why))
            least++;
        assert_in_range(least, 2, 16);
        struct nn_error error = {0};
        if (nn_tables_fill(&a, &t, &error)) fail_msg("%s", error.message);

        /* One less: the layers themselves would not fit. */
        a.height = a.width = least - 1;
        assert_int_equal(nn_tables_fill(&a, &t, &error), NN_E_ARGUMENT);
        char size[32];
        snprintf(size, sizeof size, "%d x %d", least - 1, least - 1);
        assert_non_null(strstr(error.message, size));
        assert_non_null(strstr(why, size));
    }
    assert_null(nn_architecture_name(-1));
}

static void unknown_networks_are_named_in_the_message(void **state)
{
    (void)state;
    struct nn_architecture a;
    char why[160] = "";
    assert_false(nn_architecture_find("resnet99", 3, 32, 32, 10, &a, why));
    assert_non_null(strstr(why, "'resnet99'"));
    assert_false(nn_architecture_find("cnn", 3, 32, 28, 10, &a, why));
    assert_non_null(strstr(why, "28 x 32") ? why : strstr(why, "32 x 28"));
    char name[400];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_false(nn_architecture_find(name, 3, 32, 32, 10, &a, why));
    assert_true(strlen(why) < sizeof why);
}

enum { GOOD, SENSELESS = 13 };

/* A sound network, made senseless in one of several ways. */
static struct nn_architecture spoilt(int how)
{
    struct nn_architecture a = {.name = "odd",
                                .channels = 3,
                                .height = 8,
                                .width = 8,
                                .classes = 10,
                                .count = 4,
                                .layer = {{NN_CONV, "c1", .channels = 8,
                                           .kernel = 3, .stride = 1, .pad = 1},
                                          {NN_CONV, "c2", .channels = 8,
                                           .kernel = 3, .stride = 1, .pad = 1},
                                          {NN_ADD, "add", .other = 0},
                                          {NN_DENSE, "head", .channels = 10}}};
    const struct {
        int *field, value;
    } change[SENSELESS] = {
        [GOOD] = {&a.count, 4},
        {&a.count, 0},
        {&a.count, NN_MAX_LAYERS + 1},
        {&a.channels, 0},
        {&a.height, 0},
        {&a.classes, 11},
        {&a.layer[0].kernel, 0},
        {&a.layer[0].stride, 0},
        {&a.layer[0].pad, -1},
        {&a.layer[1].kernel, 11},
        {&a.layer[2].other, 2},
        {&a.layer[2].other, -1},
        {&a.layer[1].channels, 9}, /* the sum has two shapes */
    };
    *change[how].field = change[how].value;
    return a;
}

static void senseless_networks_are_refused(void **state)
{
    (void)state;
    for (int k = GOOD; k < SENSELESS; k++) {
        const struct nn_architecture a = spoilt(k);
        struct nn_tables t;
        struct nn_error error = {0};
        const enum nn_status status = nn_tables_fill(&a, &t, &error);
        if (status != (k == GOOD ? NN_OK : NN_E_ARGUMENT))
            fail_msg("case %d ends in status %d", k, status);
        assert_int_equal(error.message[0] == '\0', k == GOOD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_have_as_many_parameters_as_pytorchs),
        cmocka_unit_test(airbench94_has_the_published_tensors),
        cmocka_unit_test(pictures_shrink_as_the_layers_say),
        cmocka_unit_test(the_least_image_is_the_least),
        cmocka_unit_test(unknown_networks_are_named_in_the_message),
        cmocka_unit_test(senseless_networks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
