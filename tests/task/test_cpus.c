/* The quotas of control groups, read from a folder that looks like theirs. */
#include "task/cpus.h"
#include "task/folder.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static void set(const char *folder, const char *name, const char *text)
{
    folder_write(folder, name, text, strlen(text));
}

static void a_quota_is_rounded_down_to_whole_cpus(void **state)
{
    static const struct {
        const char *text;
        int cpus;
    } cases[] = {{"max 100000\n", INT_MAX}, {"200000 100000\n", 2},
                 {"150000 100000\n", 1},    {"50000 100000\n", 1},
                 {"6400000 100000\n", 64},  {"", INT_MAX},
                 {"-1 100000\n", INT_MAX},  {"100000 0\n", INT_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(*state, "cpu.max", cases[i].text);
        assert_int_equal(task_cpu_quota(*state, "/"), cases[i].cpus);
    }
}

static void the_smallest_quota_above_counts(void **state)
{
    assert_int_equal(mkdir(folder_path(*state, "a"), 0777), 0);
    assert_int_equal(mkdir(folder_path(*state, "a/b"), 0777), 0);
    assert_int_equal(task_cpu_quota(*state, "/a/b"), INT_MAX);
    set(*state, "a/b/cpu.max", "400000 100000\n");
    assert_int_equal(task_cpu_quota(*state, "/a/b"), 4);
    assert_int_equal(task_cpu_quota(*state, "/a"), INT_MAX);
    set(*state, "a/cpu.max", "300000 100000\n");
    assert_int_equal(task_cpu_quota(*state, "/a/b"), 3);
    set(*state, "cpu.max", "200000 100000\n");
    assert_int_equal(task_cpu_quota(*state, "/a/b"), 2);
    assert_int_equal(task_cpu_quota(*state, ""), 2);
    /* A group that is not mounted here leaves those above it. */
    assert_int_equal(task_cpu_quota(*state, "/x/y"), 2);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_quota_is_rounded_down_to_whole_cpus),
        TEST(the_smallest_quota_above_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
