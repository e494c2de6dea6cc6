/* Files of named arrays: what is written reads back, and nothing that lies is
 * believed. */
#include "task/folder.h"
#include "task/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const float matrix[] = {1.5F, -2.0F, 0.0F, 3e-30F, 5.0F, 6.0F};
static const float scalar[] = {42.0F};
static const struct task_tensor tensors[] = {
    {.name = "layer.weight", .dims = 2, .dim = {2, 3}, .data = matrix},
    {.name = "empty", .dims = 1, .dim = {0}, .data = matrix},
    {.name = "number", .dims = 0, .data = scalar}};
static const struct task_pair metadata[] = {{"step", "12"},
                                            {"text", "a \"quoted\" line\n"}};

static void write_example(const char *path)
{
    struct task_error err;
    assert_int_equal(task_safetensors_write(path, tensors, 3, metadata, 2,
                                            &err),
                     TASK_OK);
}

static void what_is_written_reads_back(void **state)
{
    const char *const path = folder_path(*state, "a");
    write_example(path);
    struct task_safetensors *f;
    struct task_error err;
    assert_int_equal(task_safetensors_open(path, &f, &err), TASK_OK);
    assert_int_equal(task_safetensors_count(f), 3);
    assert_string_equal(task_safetensors_name(f, 0), "layer.weight");
    assert_string_equal(task_safetensors_metadata(f, "step"), "12");
    assert_string_equal(task_safetensors_metadata(f, "text"),
                        "a \"quoted\" line\n");
    assert_null(task_safetensors_metadata(f, "other"));
    float back[6], one = 0;
    assert_int_equal(task_safetensors_load(f, &tensors[0], back, &err),
                     TASK_OK);
    assert_memory_equal(back, matrix, sizeof matrix);
    assert_int_equal(task_safetensors_load(f, &tensors[2], &one, &err),
                     TASK_OK);
    assert_true(one > 41.9F && one < 42.1F);
    task_safetensors_close(f);
    assert_int_equal(folder_count(*state), 1);
}

/* The layout is the format's own: a length, JSON, then the data in order. */
/* Bytes in odd numbers, between floats: the checksum's words run over their
 * ends. */
static void tensors_of_bytes_may_stand_anywhere(void **state)
{
    const float numbers[] = {1.5F, -2.25F, 3};
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    const struct task_tensor mixed[] = {
        {.name = names[0],
         .dtype = TASK_U8,
         .dims = 1,
         .dim = {5},
         .data = "hello"},
        {.name = names[1], .dims = 1, .dim = {3}, .data = numbers},
        {.name = names[2],
         .dtype = TASK_U8,
         .dims = 1,
         .dim = {1},
         .data = "!"},
        {.name = names[3],
         .dtype = TASK_U8,
         .dims = 1,
         .dim = {9},
         .data = "good byes"},
        {.name = names[4], .dims = 1, .dim = {2}, .data = numbers}};
    enum { COUNT = sizeof mixed / sizeof mixed[0] };
    const char *const path = folder_path(*state, "mixed.safetensors");
    struct task_error err;
    assert_int_equal(task_safetensors_write(path, mixed, COUNT, NULL, 0, &err),
                     TASK_OK);
    struct task_safetensors *f;
    assert_int_equal(task_safetensors_open(path, &f, &err), TASK_OK);
    for (size_t i = 0; i < COUNT; i++) {
        const bool bytes = mixed[i].dtype == TASK_U8;
        unsigned char got[16];
        assert_int_equal(task_safetensors_load(f, &mixed[i], got, &err),
                         TASK_OK);
        assert_memory_equal(got, mixed[i].data,
                            (size_t)mixed[i].dim[0] * (bytes ? 1 : 4));
    }
    struct task_tensor other = mixed[0];
    other.dtype = TASK_F32;
    float none[5];
    assert_int_equal(task_safetensors_load(f, &other, none, &err),
                     TASK_E_FORMAT);
    task_safetensors_close(f);
}

static void the_bytes_are_as_the_format_says(void **state)
{
    write_example(folder_path(*state, "a"));
    size_t size;
    char *const bytes = folder_read(*state, "a", &size);
    uint64_t length = 0;
    for (unsigned i = 0; i < 8; i++)
        length |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    assert_int_equal(8 + length + sizeof matrix + sizeof scalar, size);
    assert_int_equal(length % 8, 0);
    assert_int_equal(bytes[8], '{');
    assert_memory_equal(bytes + 8 + length, matrix, sizeof matrix);
    assert_memory_equal(bytes + 8 + length + sizeof matrix, scalar,
                        sizeof scalar);
    free(bytes);
}

static void another_shape_or_name_is_refused(void **state)
{
    const char *const path = folder_path(*state, "a");
    write_example(path);
    struct task_safetensors *f;
    struct task_error err;
    assert_int_equal(task_safetensors_open(path, &f, &err), TASK_OK);
    float back[6] = {0};
    struct task_tensor like = tensors[0];
    like.dim[0] = 3;
    like.dim[1] = 2;
    assert_int_equal(task_safetensors_load(f, &like, back, &err),
                     TASK_E_FORMAT);
    assert_one_line(err.message, "layer.weight has another shape");
    like.name = "bias";
    assert_int_equal(task_safetensors_load(f, &like, back, &err),
                     TASK_E_FORMAT);
    assert_one_line(err.message, "has no tensor named bias");
    for (int i = 0; i < 6; i++)
        assert_true(back[i] >= 0 && back[i] <= 0);
    task_safetensors_close(f);
}

/* A file of a header and `data` bytes of zeros. */
static void write_header(const char *folder, const char *header, size_t data)
{
    const size_t length = strlen(header);
    char *const bytes = calloc(8 + length + data, 1);
    assert_non_null(bytes);
    bytes[0] = (char)(length & 255);
    bytes[1] = (char)(length >> 8);
    memcpy(bytes + 8, header, length);
    folder_write(folder, "bad", bytes, 8 + length + data);
    free(bytes);
}

static void assert_refused(const char *folder, const char *part)
{
    struct task_safetensors *f = (struct task_safetensors *)1;
    struct task_error err;
    assert_int_equal(task_safetensors_open(folder_path(folder, "bad"), &f,
                                           &err),
                     TASK_E_FORMAT);
    assert_null(f);
    assert_one_line(err.message, part);
}

#define T(name, shape, begin, end) \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape \
    ",\"data_offsets\":[" begin "," end "]}"

static void a_lying_header_is_refused(void **state)
{
    static const struct {
        const char *header;
        size_t data;
        const char *part;
    } lies[] = {
        {"[]", 0, "not JSON"},
        {"{", 0, "not JSON"},
        {"{}x", 0, "text follows"},
        {"{\"a\":1}", 0, "dtype"},
        {"{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
         "dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "outside"},
        {"{" T("a", "[1]", "0", "8") "}", 4, "outside"},
        {"{" T("a", "[1]", "4", "0") "}", 4, "outside"},
        {"{" T("a", "[1]", "-4", "0") "}", 4, "outside"},
        {"{" T("a", "[1]", "0", "4.5") "}", 4, "outside"},
        {"{" T("a", "[1]", "0", "1e300") "}", 4, "outside"},
        {"{" T("a", "[2]", "0", "4") "}", 4, "disagree"},
        {"{" T("a", "[-1]", "0", "4") "}", 4, "shape"},
        {"{" T("a", "[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4, "shape"},
        {"{" T("a", "[4294967296,4294967296,4294967296]", "0", "0") "}", 0,
         "shape"},
        {"{" T("a", "7", "0", "4") "}", 4, "shape"},
        {"{" T("a", "[1]", "0", "4") "}", 8, "bytes follow"},
        {"{" T("a", "[1]", "0", "4") "," T("b", "[1]", "0", "4") "}", 4,
         "overlap"},
        {"{" T("a", "[1]", "0", "4") "," T("b", "[1]", "8", "12") "}", 12,
         "hole"},
        {"{" T("a", "[1]", "0", "4") "," T("a", "[1]", "4", "8") "}", 8,
         "same name"},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        write_header(*state, lies[i].header, lies[i].data);
        assert_refused(*state, lies[i].part);
    }
}

static void a_lying_length_is_refused(void **state)
{
    static const unsigned char lengths[][8] = {{255, 255, 255, 255, 255, 255,
                                                255, 255},
                                               {0, 0, 0, 0, 0, 0, 0, 128},
                                               {255, 255, 255, 7},
                                               {3},
                                               {0}};
    static const char *const parts[] = {"too long", "too long", "too long",
                                        "ends inside", "not JSON"};
    for (size_t i = 0; i < 5; i++) {
        unsigned char bytes[10];
        memcpy(bytes, lengths[i], 8);
        memcpy(bytes + 8, "{}", 2);
        /* 0x07ffffff is above the format's limit of 100 MB. */
        folder_write(*state, "bad", bytes, sizeof bytes);
        assert_refused(*state, parts[i]);
    }
    folder_write(*state, "bad", "abc", 3);
    assert_refused(*state, "shorter than 8");
}

/* Every way to cut a good file short, and every flipped byte of its data. */
static void a_damaged_file_is_refused(void **state)
{
    write_example(folder_path(*state, "a"));
    size_t size;
    char *const bytes = folder_read(*state, "a", &size);
    for (size_t keep = 0; keep < size; keep++) {
        folder_write(*state, "bad", bytes, keep);
        assert_refused(*state, "bad is damaged");
    }
    for (size_t i = size - sizeof matrix - sizeof scalar; i < size; i++) {
        bytes[i] = (char)(bytes[i] ^ 16);
        folder_write(*state, "bad", bytes, size);
        assert_refused(*state, "checksum");
        bytes[i] = (char)(bytes[i] ^ 16);
    }
    free(bytes);
}

static void a_missing_file_is_named(void **state)
{
    struct task_safetensors *f;
    struct task_error err;
    assert_int_equal(task_safetensors_open(folder_path(*state, "none"), &f,
                                           &err),
                     TASK_E_FILE);
    assert_one_line(err.message, "none: No such file");
    assert_int_equal(task_safetensors_open(*state, &f, &err), TASK_E_FORMAT);
    assert_one_line(err.message, "is not a file");
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_reads_back),
        TEST(tensors_of_bytes_may_stand_anywhere),
        TEST(the_bytes_are_as_the_format_says),
        TEST(another_shape_or_name_is_refused),
        TEST(a_lying_header_is_refused),
        TEST(a_lying_length_is_refused),
        TEST(a_damaged_file_is_refused),
        TEST(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
