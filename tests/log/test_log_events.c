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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_other_writers_are_read),
        cmocka_unit_test(a_torn_file_has_the_rows_before),
        cmocka_unit_test(a_wrong_bit_is_noticed),
        cmocka_unit_test(what_is_missing_is_said_with_the_tags),
        cmocka_unit_test(the_files_of_a_folder_are_one_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
