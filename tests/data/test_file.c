/* Whole files: plain, gzip'd, damaged, and things that are not files. */
#include "data/file.h"

#include "scratch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum data_status read_file(const char *folder, const char *name,
                                  struct data_buffer *buffer, bool *truncated,
                                  struct data_error *err)
{
    return data_file_read_gzip(scratch_path(folder, name), buffer, truncated,
                               err);
}

static void plain_and_gzipped_files_read_alike(void **state)
{
    const size_t size = 300000; /* several growths of the buffer */
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * i >> 3);
    scratch_write(*state, "plain", bytes, size);
    scratch_gzip(*state, "zipped", bytes, size, SIZE_MAX);

    static const char *const names[] = {"plain", "zipped"};
    for (int i = 0; i < 2; i++) {
        struct data_buffer buffer = {0};
        bool truncated = true;
        assert_int_equal(read_file(*state, names[i], &buffer, &truncated, NULL),
                         DATA_OK);
        assert_false(truncated);
        assert_true(buffer.size == size);
        assert_memory_equal(buffer.bytes, bytes, size);
        data_buffer_free(&buffer);
    }
    free(bytes);
}

static void several_gzip_members_make_one_file(void **state)
{
    scratch_gzip(*state, "a", "one ", 4, SIZE_MAX);
    scratch_gzip(*state, "b", "two", 3, SIZE_MAX);
    size_t a, b;
    uint8_t *first = scratch_read(*state, "a", &a);
    uint8_t *second = scratch_read(*state, "b", &b);
    first = realloc(first, a + b);
    memcpy(first + a, second, b);

    struct data_buffer buffer = {0};
    bool truncated;
    assert_int_equal(data_gunzip(first, a + b, "x", &buffer, &truncated, NULL),
                     DATA_OK);
    assert_false(truncated);
    assert_true(buffer.size == 7);
    assert_memory_equal(buffer.bytes, "one two", 7);
    data_buffer_free(&buffer);
    free(first);
    free(second);
}

static void gzip_data_that_stops_is_kept_and_marked(void **state)
{
    scratch_gzip(*state, "cut.gz", "0123456789", 10, SIZE_MAX);
    size_t size;
    uint8_t *bytes = scratch_read(*state, "cut.gz", &size);
    for (size_t keep = 2; keep < size; keep++) {
        struct data_buffer buffer = {0};
        bool truncated = false;
        assert_int_equal(data_gunzip(bytes, keep, "x", &buffer, &truncated,
                                     NULL),
                         DATA_OK);
        assert_true(truncated);
        assert_true(buffer.size <= 10);
        assert_memory_equal(buffer.bytes, "0123456789", buffer.size);
        data_buffer_free(&buffer);
    }
    free(bytes);
}

static void damaged_gzip_data_is_an_error(void **state)
{
    struct data_error err;
    struct data_buffer buffer = {0};
    bool truncated;
    scratch_gzip(*state, "sum.gz", "0123456789", 10, SIZE_MAX);
    size_t size;
    uint8_t *bytes = scratch_read(*state, "sum.gz", &size);

    bytes[size - 5] ^= 1; /* the checksum */
    scratch_write(*state, "sum.gz", bytes, size);
    read_file(*state, "sum.gz", &buffer, &truncated, &err);
    assert_error(&err, DATA_E_FORMAT, "sum.gz", "corrupt gzip data");

    bytes[size - 5] ^= 1;
    scratch_write(*state, "more.gz", bytes, size);
    bytes = realloc(bytes, size + 3);
    memcpy(bytes + size, "abc", 3);
    scratch_write(*state, "more.gz", bytes, size + 3);
    read_file(*state, "more.gz", &buffer, &truncated, &err);
    assert_error(&err, DATA_E_FORMAT, "more.gz", "3 bytes after the gzip data");
    data_buffer_free(&buffer);
    free(bytes);
}

static void what_is_not_a_file_is_refused(void **state)
{
    struct data_error err;
    struct data_buffer buffer = {0};

    data_file_read(scratch_path(*state, "none"), &buffer, &err);
    assert_error(&err, DATA_E_NOT_FOUND, "none", "No such file");
    scratch_folder(*state, "folder");
    data_file_read(scratch_path(*state, "folder"), &buffer, &err);
    assert_error(&err, DATA_E_READ, "folder", "is a folder where a file");
    assert_int_equal(mkfifo(scratch_path(*state, "pipe"), 0644), 0);
    data_file_read(scratch_path(*state, "pipe"), &buffer, &err);
    assert_error(&err, DATA_E_READ, "pipe", "is not a regular file");
    data_buffer_free(&buffer);
}

/* Root reads everything, so the test steps down while it reads. */
static void a_file_without_permission_is_refused(void **state)
{
    struct data_error err;
    struct data_buffer buffer = {0};
    const bool root = geteuid() == 0;

    scratch_write(*state, "secret", "x", 1);
    assert_int_equal(chmod(scratch_path(*state, "secret"), 0), 0);
    if (root) assert_int_equal(seteuid(65534), 0);
    const enum data_status status =
        data_file_read(scratch_path(*state, "secret"), &buffer, &err);
    if (root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(status, DATA_E_READ);
    assert_error(&err, DATA_E_READ, "secret", "Permission denied");
    data_buffer_free(&buffer);
}

static void a_message_stays_one_line_and_keeps_its_reason(void **state)
{
    (void)state;
    struct data_error err;
    char path[2000];
    memset(path, 'x', sizeof path);
    memcpy(path + sizeof path - 8, "\nend\x1b[m", 8);
    data_fail(&err, DATA_E_FORMAT, path, "is %s", "bad");
    assert_error(&err, DATA_E_FORMAT, "?end?[m: ", "is bad");
    assert_memory_equal(err.message, "...xxx", 6);
    assert_int_equal(data_fail(NULL, DATA_E_READ, "a", "b"), DATA_E_READ);
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(plain_and_gzipped_files_read_alike),
        IN_SCRATCH(several_gzip_members_make_one_file),
        IN_SCRATCH(gzip_data_that_stops_is_kept_and_marked),
        IN_SCRATCH(damaged_gzip_data_is_an_error),
        IN_SCRATCH(what_is_not_a_file_is_refused),
        IN_SCRATCH(a_file_without_permission_is_refused),
        cmocka_unit_test(a_message_stays_one_line_and_keeps_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
