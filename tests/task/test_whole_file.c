/* Files that are whole or absent, also when the disk refuses to take them. */
#include "task/folder.h"
#include "task/stop.h"
#include "task/whole_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void set_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    const char *const path = folder_path(*state, "a");
    struct task_error err;
    assert_int_equal(task_file_replace(path, "old", 3, &err), TASK_OK);
    assert_int_equal(task_file_replace(path, "newer", 5, &err), TASK_OK);
    size_t size;
    char *const bytes = folder_read(*state, "a", &size);
    assert_string_equal(bytes, "newer");
    free(bytes);
    assert_int_equal(folder_count(*state), 1);
}

/* A full disk is played by the limit on a file's size. */
static void a_failed_write_leaves_the_old_file(void **state)
{
    const char *const path = folder_path(*state, "a");
    struct task_error err;
    assert_int_equal(task_file_replace(path, "old", 3, &err), TASK_OK);
    static char large[1 << 20];
    memset(large, 'x', sizeof large);
    task_stop_install();
    set_limit(4096);
    const enum task_status status =
        task_file_replace(path, large, sizeof large, &err);
    set_limit(RLIM_INFINITY);
    task_stop_remove();
    assert_int_equal(status, TASK_E_FILE);
    assert_one_line(err.message, "a: File too large");
    size_t size;
    char *const bytes = folder_read(*state, "a", &size);
    assert_string_equal(bytes, "old");
    free(bytes);
    assert_int_equal(folder_count(*state), 1);
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    struct task_file f;
    struct task_error err;
    assert_int_equal(task_file_begin(&f, folder_path(*state, "a"), &err),
                     TASK_OK);
    task_file_write(&f, "half", 4);
    task_file_abandon(&f);
    task_file_abandon(&f);
    assert_int_equal(folder_count(*state), 0);
}

static void a_missing_folder_is_named(void **state)
{
    struct task_error err;
    assert_int_equal(task_file_replace(folder_path(*state, "no/a"), "x", 1,
                                       &err),
                     TASK_E_FILE);
    assert_one_line(err.message, "no/a: No such file or directory");
}

static void reading_is_bounded(void **state)
{
    folder_write(*state, "a", "12345", 5);
    char *bytes;
    size_t size;
    struct task_error err;
    assert_int_equal(task_file_read(folder_path(*state, "a"), 4, &bytes, &size,
                                    &err),
                     TASK_E_FORMAT);
    assert_one_line(err.message, "too large");
    assert_null(bytes);
    assert_int_equal(task_file_read(folder_path(*state, "a"), 5, &bytes, &size,
                                    &err),
                     TASK_OK);
    assert_string_equal(bytes, "12345");
    free(bytes);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_replaced_as_a_whole),
        TEST(a_failed_write_leaves_the_old_file),
        TEST(an_abandoned_file_leaves_nothing),
        TEST(a_missing_folder_is_named),
        TEST(reading_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
