/* Event files: those of the writers that trainers use (tests/data/log), taper's
 * own, and damaged ones. */
#include "scratch_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOLDEN(name) TAPER_TEST_DATA "/log/" name ".tfevents"

/* The run of tools/golden/event_logs.py; event files hold floats unless a
 * tensor is of doubles. */
static void assert_recorded(const char *path, const char *columns, double above)
{
    struct log_run run;
    struct log_error err;
    struct log_names names;
    assert_int_equal(log_names_parse(columns, &names, &err), LOG_OK);
    if (log_read(path, &names, LOG_LOSS, &run, &err) != LOG_OK)
        fail_msg("%s", err.message);
    assert_int_equal(run.count, 20);
    assert_int_equal(run.found.duplicates, 0);
    for (size_t i = 0; i < 20; i++) {
        const double step = 50 * (double)i, loss = 2 + 8 / (step + 2);
        assert_int_equal(run.step[i], 50 * (int)i);
        assert_true(fabs(run.rate[i] - 0.001 * (1 - step / 1000)) < 1e-10);
        if (above > 0 && i % 2 == 1)
            assert_true(isnan(run.value[i]));
        else
            assert_true(fabs(run.value[i] - loss - above) < 1e-6);
    }
    log_run_free(&run);
}

static void files_of_other_writers_are_read(void **state)
{
    (void)state;
    assert_recorded(GOLDEN("tensorboard"), NULL, 0);
    assert_recorded(GOLDEN("tensorboard"), "loss=Loss/val", 1);
    assert_recorded(GOLDEN("tensors"), NULL, 0);
    assert_recorded(GOLDEN("tensors"), "loss=val_loss", 1);
    assert_recorded(GOLDEN("tensorboardx"), NULL, 0);
    assert_recorded(GOLDEN("tensorboardx"), "loss=eval/loss", 1);
}

static unsigned char *load(const char *path, size_t *size)
{
    FILE *const f = fopen(path, "rb");
    unsigned char *const bytes = malloc(1 << 16);
    assert_true(f && bytes);
    *size = fread(bytes, 1, 1 << 16, f);
    assert_int_equal(fclose(f), 0);
    return bytes;
}

/* A file that is cut anywhere has the rows before the cut. */
static void a_torn_file_has_the_rows_before(void **state)
{
    (void)state;
    size_t size, before = 0;
    unsigned char *const bytes = load(GOLDEN("tensorboard"), &size);
    for (size_t cut = 200; cut < size; cut += 97) {
        struct log_run run;
        struct log_error err;
        if (log_read(scratch_log(bytes, cut), NULL, LOG_LOSS, &run, &err) !=
            LOG_OK)
            fail_msg("cut at %zu: %s", cut, err.message);
        assert_true(run.count >= before && run.count <= 20);
        assert_true(run.count > 0 && run.value[0] == 6);
        before = run.count;
        log_run_free(&run);
    }
    assert_true(before >= 18);
    free(bytes);
}

/* One bit that is wrong makes a record's checksum wrong, whatever it holds. */
static void a_wrong_bit_is_noticed(void **state)
{
    (void)state;
    size_t size;
    unsigned char *const bytes = load(GOLDEN("tensorboard"), &size);
    for (size_t at = size / 2; at < size / 2 + 80; at++) {
        struct log_run run;
        struct log_error err;
        bytes[at] ^= 16;
        assert_int_equal(log_read(scratch_log(bytes, size), NULL, LOG_LOSS,
                                  &run, &err),
                         LOG_OK);
        assert_true(run.found.damaged);
        assert_true(run.count > 5 && run.count < 15);
        log_run_free(&run);
        bytes[at] ^= 16;
    }
    free(bytes);
}

static void what_is_missing_is_said_with_the_tags(void **state)
{
    (void)state;
    struct log_run run;
    struct log_error err;
    struct log_names names;
    assert_int_equal(log_names_parse("loss=loss/val", &names, &err), LOG_OK);
    assert_int_equal(log_read(GOLDEN("tensorboard"), &names, LOG_LOSS, &run,
                              &err),
                     LOG_E_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'Loss/val'?"));
    size_t size;
    unsigned char *const bytes = load(GOLDEN("tensorboard"), &size);
    assert_int_equal(log_read(scratch_log(bytes, 40), NULL, LOG_LOSS, &run,
                              &err),
                     LOG_E_FORMAT);
    assert_non_null(strstr(err.message, "without a scalar"));
    free(bytes);
}

/* Two files of a run that was stopped and resumed, found in its folder. */
static void the_files_of_a_folder_are_one_log(void **state)
{
    (void)state;
    char folder[] = "/tmp/taper-log-XXXXXX", first[96], second[96];
    size_t size;
    unsigned char *const bytes = load(GOLDEN("tensorboard"), &size);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(first, sizeof first, "%s/events.out.tfevents.1.h", folder);
    (void)snprintf(second, sizeof second, "%s/events.out.tfevents.2.h", folder);
    FILE *f = fopen(first, "wb");
    assert_true(f && fwrite(bytes, 1, size / 2, f) == size / 2);
    assert_int_equal(fclose(f), 0);
    f = fopen(second, "wb");
    assert_true(f && fwrite(bytes, 1, size, f) == size);
    assert_int_equal(fclose(f), 0);
    free(bytes);
    struct log_run run;
    struct log_error err;
    if (log_read(folder, NULL, LOG_LOSS, &run, &err) != LOG_OK)
        fail_msg("%s", err.message);
    assert_int_equal(run.count, 20);
    assert_int_equal(run.found.backwards, 1);
    assert_true(run.found.duplicates > 5);
    log_run_free(&run);
    unlink(first), unlink(second), rmdir(folder);
}

/* CRC-32C by its definition (RFC 3720, appendix B.4), a bit at a time, and
 * TFRecord's masking of it. */
static uint32_t masked_crc(const unsigned char *bytes, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

static void put_little_endian(unsigned char *to, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

/* A summary of pictures may be larger than anything that a scalar needs: the
 * scalars behind it count. The checksum of what is not read is not looked at.
 */
static void a_record_too_large_to_keep_is_passed_over(void **state)
{
    (void)state;
    enum { HEAD = 12, TAIL = 4, LARGE = (16 << 20) + 5 };
    size_t size;
    unsigned char *const golden = load(GOLDEN("tensorboard"), &size);
    /* The first record of the file, which has the version. */
    const size_t first = HEAD + golden[0] + TAIL;
    const size_t whole = size + HEAD + LARGE + TAIL;
    unsigned char *const bytes = calloc(whole, 1);
    assert_non_null(bytes);
    memcpy(bytes, golden, first);
    put_little_endian(bytes + first, LARGE, 8);
    put_little_endian(bytes + first + 8, masked_crc(bytes + first, 8), 4);
    memcpy(bytes + first + HEAD + LARGE + TAIL, golden + first, size - first);
    for (int cut = 0; cut < 2; cut++) {
        struct log_run run;
        struct log_error err;
        const size_t n = cut ? first + HEAD + LARGE / 2 : whole;
        const enum log_status status =
            log_read(scratch_log(bytes, n), NULL, LOG_LOSS, &run, &err);
        assert_int_equal(status, cut ? LOG_E_FORMAT : LOG_OK);
        if (cut) {
            assert_non_null(strstr(err.message, "without a scalar"));
            continue;
        }
        assert_int_equal(run.count, 20);
        assert_false(run.found.damaged || run.found.torn);
        log_run_free(&run);
    }
    free(golden);
    free(bytes);
}

/* It is read twice, which a pipe cannot be. */
static void an_event_file_from_a_pipe_is_refused(void **state)
{
    (void)state;
    int ends[2];
    size_t size;
    unsigned char *const bytes = load(GOLDEN("tensorboard"), &size);
    assert_int_equal(pipe(ends), 0);
    assert_true(write(ends[1], bytes, size) == (ssize_t)size);
    assert_int_equal(close(ends[1]), 0);
    char path[32];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    struct log_run run;
    struct log_error err;
    assert_int_equal(log_read(path, NULL, LOG_LOSS, &run, &err), LOG_E_USAGE);
    assert_non_null(strstr(err.message, "is read twice"));
    assert_int_equal(close(ends[0]), 0);
    free(bytes);
}

/* Which of them a folder's first names are would depend on the file system. */
static void a_folder_of_too_many_event_files_is_refused(void **state)
{
    (void)state;
    enum { FILES = 1025 };
    char folder[] = "/tmp/taper-log-XXXXXX", name[96];
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "%s/e.tfevents.%d", folder, i);
        FILE *const f = fopen(name, "wb");
        assert_true(f && fclose(f) == 0);
    }
    struct log_run run;
    struct log_error err;
    assert_int_equal(log_read(folder, NULL, LOG_LOSS, &run, &err),
                     LOG_E_FORMAT);
    assert_non_null(strstr(err.message, "more than 1024 event files"));
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "%s/e.tfevents.%d", folder, i);
        (void)unlink(name);
    }
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_other_writers_are_read),
        cmocka_unit_test(a_torn_file_has_the_rows_before),
        cmocka_unit_test(a_wrong_bit_is_noticed),
        cmocka_unit_test(what_is_missing_is_said_with_the_tags),
        cmocka_unit_test(the_files_of_a_folder_are_one_log),
        cmocka_unit_test(a_record_too_large_to_keep_is_passed_over),
        cmocka_unit_test(an_event_file_from_a_pipe_is_refused),
        cmocka_unit_test(a_folder_of_too_many_event_files_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
