/* Checkpoints: everything comes back to the bit, and nothing foreign does. */
#include "task/checkpoint.h"
#include "task/folder.h"

#include <stdlib.h>
#include <string.h>

static float a[] = {1.5F, -2.25F, 1e-38F}, b[] = {7.0F};

static struct task_part make_part(const char *name, float *values, size_t n)
{
    const struct task_part part = {
        {.name = name, .dims = 1, .dim = {(int64_t)n}, .data = values}, values};
    return part;
}

static const struct task_counters counters = {.step = 123456789012345,
                                              .metrics_size = 77,
                                              .loss_sum = 0.1 + 0.2,
                                              .loss_count = 3,
                                              .grad_norm = 1.0 / 7.0,
                                              .scored = true,
                                              .watched_sum = 0.7,
                                              .watched_count = 12,
                                              .score = {1.0 / 3.0, 2, 0, 4},
                                              .train_seconds = 12.25,
                                              .total_seconds = 1e-3};

static void save(const char *path)
{
    const struct task_part parts[] = {make_part("a", a, 3),
                                      make_part("b", b, 1)};
    struct task_error err;
    assert_int_equal(task_checkpoint_save(path, "me", parts, 2, &counters,
                                          &err),
                     TASK_OK);
}

static void everything_comes_back(void **state)
{
    const char *const path = folder_path(*state, "checkpoint");
    save(path);
    float x[3] = {0}, y[1] = {0};
    const struct task_part parts[] = {make_part("a", x, 3),
                                      make_part("b", y, 1)};
    struct task_counters c = {0};
    bool found;
    struct task_error err;
    assert_int_equal(task_checkpoint_load(path, "me", parts, 2, &c, &found,
                                          &err),
                     TASK_OK);
    assert_true(found);
    assert_memory_equal(x, a, sizeof a);
    assert_memory_equal(y, b, sizeof b);
    assert_int_equal(c.step, counters.step);
    assert_int_equal(c.metrics_size, counters.metrics_size);
    assert_int_equal(c.loss_count, counters.loss_count);
    assert_true(c.scored);
    assert_memory_equal(&c.loss_sum, &counters.loss_sum, sizeof c.loss_sum);
    assert_memory_equal(&c.grad_norm, &counters.grad_norm, 8);
    assert_memory_equal(&c.watched_sum, &counters.watched_sum, 8);
    assert_int_equal(c.watched_count, counters.watched_count);
    assert_memory_equal(c.score, counters.score, sizeof c.score);
    assert_memory_equal(&c.train_seconds, &counters.train_seconds, 8);
    assert_memory_equal(&c.total_seconds, &counters.total_seconds, 8);
}

static void none_yet_is_no_error(void **state)
{
    struct task_counters c = {0};
    bool found = true;
    struct task_error err;
    assert_int_equal(task_checkpoint_load(folder_path(*state, "none"), "me",
                                          NULL, 0, &c, &found, &err),
                     TASK_OK);
    assert_false(found);
}

static void assert_refused(const char *path, const char *identity,
                           const char *part)
{
    float x[3] = {0};
    const struct task_part parts[] = {make_part("a", x, 3)};
    struct task_counters c = {0};
    bool found;
    struct task_error err;
    assert_int_equal(task_checkpoint_load(path, identity, parts, 1, &c, &found,
                                          &err),
                     TASK_E_FORMAT);
    assert_one_line(err.message, part);
    assert_one_line(err.message, path);
}

static void another_run_is_refused(void **state)
{
    const char *const path = folder_path(*state, "checkpoint");
    save(path);
    assert_refused(path, "you", "other settings");
}

static void a_damaged_one_is_refused(void **state)
{
    const char *const path = folder_path(*state, "checkpoint");
    save(path);
    size_t size;
    char *const bytes = folder_read(*state, "checkpoint", &size);
    folder_write(*state, "checkpoint", bytes, size - 1);
    assert_refused(path, "me", "damaged");
    folder_write(*state, "checkpoint", "", 0);
    assert_refused(path, "me", "damaged");
    char *const step = strstr(bytes + 8, "123456789012345");
    assert_non_null(step);
    step[0] = '-';
    folder_write(*state, "checkpoint", bytes, size);
    assert_refused(path, "me", "step makes no sense");
    free(bytes);

    const struct task_tensor t = {.name = "a",
                                  .dims = 1,
                                  .dim = {3},
                                  .data = a};
    struct task_error err;
    assert_int_equal(task_safetensors_write(path, &t, 1, NULL, 0, &err),
                     TASK_OK);
    assert_refused(path, "me", "not a checkpoint");
}

/* Its metrics.csv may have other columns than rows have now. */
static void one_of_another_version_is_refused(void **state)
{
    static const char key[] = "\"taper_checkpoint\":\"";
    const char *const path = folder_path(*state, "checkpoint");
    save(path);
    size_t size;
    char *const bytes = folder_read(*state, "checkpoint", &size);
    char *const version = strstr(bytes + 8, key) + sizeof key - 1;
    version[0]--;
    folder_write(*state, "checkpoint", bytes, size);
    free(bytes);
    assert_refused(path, "me",
                   "not a checkpoint of this version of taper: "
                   "resume it with the one that wrote it");
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(everything_comes_back),
        TEST(none_yet_is_no_error),
        TEST(another_run_is_refused),
        TEST(a_damaged_one_is_refused),
        TEST(one_of_another_version_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
