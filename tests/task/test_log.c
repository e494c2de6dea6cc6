/* Event files and JSON lines: bytes as TensorBoard's own code writes them,
 * lines that say what metrics.csv says, both cut back to a checkpoint.
 *
 * test_log FOLDER writes a log that was killed and resumed, which
 * tensorboard_reads.py reads with the real reader. */
#include "task/folder.h"
#include "task/log.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char *const series[] = {"env_steps", "episode_return"};
static const char *const scores[] = {"test_accuracy", "test_loss"};
static const struct task_columns columns = {series, scores, 2, 2, NULL};
static const struct task_columns plain = {NULL, scores, 0, 2, NULL};
static const uint64_t fresh[TASK_LOGS];

enum {
    TENSORBOARD = 1 << TASK_LOG_TENSORBOARD,
    JSONL = 1 << TASK_LOG_JSONL,
    BOTH = TENSORBOARD | JSONL
};

static void open_log(struct task_log *log, const char *folder, unsigned kinds,
                     const uint64_t sizes[TASK_LOGS])
{
    struct task_error err;
    assert_int_equal(task_log_open(log, folder, kinds, &columns, NULL, sizes,
                                   &err),
                     TASK_OK);
}

/* Row `step`: a loss of 1 / (step + 1), a norm of step / 4, scored at every
 * tenth step; no episode has ended before step 20. */
static struct task_row row_at(int64_t step)
{
    const double t = (double)step;
    return (struct task_row){.step = step,
                             .epoch = step / 4,
                             .lr = 0.25,
                             .loss = 1 / (t + 1),
                             .grad_norm = t / 4,
                             .series = {256 * (t + 1), step < 20 ? NAN : t / 2},
                             .scored = step % 10 == 9,
                             .score = {0.5, t}};
}

static void add(struct task_log *log, int64_t step)
{
    const struct task_row row = row_at(step);
    struct task_error err;
    assert_int_equal(task_log_add(log, &row, &err), TASK_OK);
}

static void close_log(struct task_log *log)
{
    struct task_error err;
    assert_int_equal(task_log_flush(log, true, &err), TASK_OK);
    task_log_close(log);
}

static void add_rows(struct task_log *log, int64_t begin, int64_t end)
{
    for (int64_t step = begin; step < end; step++)
        add(log, step);
}

/* 95 rows in all, by three processes: two that are killed further on than
 * their checkpoints count, and one that goes on to the end. */
static void write_interrupted(const char *folder)
{
    struct task_log log;
    uint64_t sizes[TASK_LOGS] = {0};
    static const struct {
        int64_t begin, counted, written;
    } processes[] = {{0, 40, 120}, {40, 60, 110}, {60, 95, 95}};
    for (size_t i = 0; i < 3; i++) {
        open_log(&log, folder, BOTH, sizes);
        add_rows(&log, processes[i].begin, processes[i].counted);
        task_log_sizes(&log, sizes);
        add_rows(&log, processes[i].counted, processes[i].written);
        close_log(&log);
    }
}

/* ---- the format ---- */

/* RFC 3720, appendix B.4, which gives the bytes lowest first. */
static void the_checksum_is_that_of_rfc_3720(void **state)
{
    (void)state;
    static const unsigned char pdu[48] = {0x01,        0xc0,        [16] = 0x14,
                                          [22] = 0x04, [27] = 0x14, [31] = 0x18,
                                          0x28,        [40] = 0x02};
    unsigned char zeros[32] = {0}, ones[32], up[32], down[32];
    memset(ones, 0xff, sizeof ones);
    for (unsigned char i = 0; i < 32; i++) {
        up[i] = i;
        down[i] = 31 - i;
    }
    assert_int_equal(task_log_crc32c(zeros, 32), 0x8a9136aau);
    assert_int_equal(task_log_crc32c(ones, 32), 0x62a8ab43u);
    assert_int_equal(task_log_crc32c(up, 32), 0x46dd794eu);
    assert_int_equal(task_log_crc32c(down, 32), 0x113fdb5cu);
    assert_int_equal(task_log_crc32c(pdu, 48), 0xd9963a56u);
    assert_int_equal(task_log_crc32c("", 0), 0);
}

static void assert_hex(const char *want, const unsigned char *got, size_t n)
{
    assert_int_equal(strlen(want), 2 * n);
    for (size_t i = 0; i < n; i++) {
        char hex[3];
        (void)snprintf(hex, sizeof hex, "%02x", got[i]);
        if (memcmp(hex, want + 2 * i, 2) != 0)
            fail_msg("byte %zu is %s, not %.2s", i, hex, want + 2 * i);
    }
}

/* The records of tools/golden/events.py. */
static void an_event_has_the_bytes_that_tensorboard_writes(void **state)
{
    (void)state;
    static const double time = 1700000000.25;
    static const struct task_row rows[] = {
        {.lr = 0.1, .loss = 2.5, .grad_norm = 1.5, .series = {256, NAN}},
        {.step = 123456789012,
         .epoch = 7,
         .lr = 1e-5,
         .loss = NAN,
         .grad_norm = INFINITY,
         .series = {512, 21.5},
         .scored = true,
         .score = {0.875, INFINITY}}};
    FILE *const f = fopen(TAPER_TEST_DATA "/task/events.txt", "r");
    assert_non_null(f);
    char line[1024];
    unsigned char out[TASK_LOG_RECORD_SIZE];
    assert_non_null(fgets(line, sizeof line, f));
    for (int i = 0; i < 3; i++) {
        assert_non_null(fgets(line, sizeof line, f));
        line[strcspn(line, "\n")] = '\0';
        const size_t n =
            i == 0 ? task_log_event_version(time, out)
                   : task_log_event(&columns, &rows[i - 1], time + i, out);
        assert_hex(line, out, n);
    }
    (void)fclose(f);
}

static void a_line_says_what_metrics_csv_says(void **state)
{
    (void)state;
    static const struct {
        const struct task_columns *columns;
        struct task_row row;
        const char *line;
    } cases[] = {
        {&plain,
         {.lr = 1.0 / 3, .loss = (double)0.1F, .grad_norm = 2.0 / 3},
         "{\"step\":0,\"epoch\":0,\"lr\":0.3333333333333333,\"loss\":0.1,"
         "\"grad_norm\":0.6666667,"
         "\"test_accuracy\":null,\"test_loss\":null}\n"},
        {&columns,
         {.step = 12,
          .epoch = 3,
          .lr = 1e-5,
          .loss = 0.25,
          .grad_norm = 7,
          .series = {123456789, NAN},
          .scored = true,
          .score = {0.5, 1.0 / 3}},
         "{\"step\":12,\"epoch\":3,\"lr\":1e-5,\"loss\":0.25,"
         "\"grad_norm\":7,"
         "\"env_steps\":123456789,\"episode_return\":null,"
         "\"test_accuracy\":0.5,\"test_loss\":0.33333334}\n"},
        {&plain,
         {.step = INT64_MAX,
          .loss = NAN,
          .grad_norm = INFINITY,
          .scored = true,
          .score = {INFINITY, 1e300}},
         "{\"step\":9223372036854775807,\"epoch\":0,\"lr\":0,\"loss\":null,"
         "\"grad_norm\":null,"
         "\"test_accuracy\":null,\"test_loss\":null}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char out[TASK_LOG_RECORD_SIZE + 1];
        const size_t n = task_log_line(cases[i].columns, &cases[i].row, 0, out);
        out[n] = '\0';
        assert_string_equal((const char *)out, cases[i].line);
    }
}

/* The longest row that is legal stays within a record. */
static void the_longest_row_fits(void **state)
{
    (void)state;
    char name[TASK_LOG_NAME_SIZE];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const char *names[TASK_SERIES > TASK_SCORES ? TASK_SERIES : TASK_SCORES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        names[i] = name;
    const struct task_columns most = {names, names, TASK_SERIES, TASK_SCORES,
                                      NULL};
    struct task_row row = {.step = INT64_MAX,
                           .epoch = INT64_MAX,
                           .lr = -2.2250738585072014e-308,
                           .loss = -1.17549435e-38,
                           .grad_norm = 1.17549435e-38,
                           .scored = true};
    for (size_t i = 0; i < TASK_SERIES; i++)
        row.series[i] = row.lr;
    for (size_t i = 0; i < TASK_SCORES; i++)
        row.score[i] = row.loss;
    /* On the heap, where a sanitizer sees its end. */
    unsigned char *const out = malloc(TASK_LOG_RECORD_SIZE);
    assert_non_null(out);
    const size_t least = (TASK_SERIES + TASK_SCORES) * (sizeof name - 1);
    assert_in_range(task_log_event(&most, &row, 1, out), least,
                    TASK_LOG_RECORD_SIZE);
    const size_t n = task_log_line(&most, &row, 1, out);
    assert_in_range(n, least, TASK_LOG_RECORD_SIZE - 1);
    assert_memory_equal(out + n - 2, "}\n", 2);
    free(out);
}

/* ---- the files ---- */

static uint64_t little(const unsigned char *p, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | p[i];
    return value;
}

/* A record of the file at *at, with both sums checked; moves on. */
static const unsigned char *next_record(const unsigned char **at, size_t *n)
{
    const unsigned char *const head = *at, *const data = head + 12;
    *n = (size_t)little(head, 8);
    const uint32_t sums[] = {task_log_crc32c(head, 8),
                             task_log_crc32c(data, *n)};
    const uint32_t stored[] = {(uint32_t)little(head + 8, 4),
                               (uint32_t)little(data + *n, 4)};
    for (int i = 0; i < 2; i++) {
        const uint32_t rotated = stored[i] - 0xa282ead8u;
        assert_int_equal(rotated << 15 | rotated >> 17, sums[i]);
    }
    *at = data + *n + 4;
    return data;
}

static double wall_time(const unsigned char *event)
{
    assert_int_equal(event[0], 1 << 3 | 1);
    const uint64_t bits = little(event + 1, 8);
    double time;
    memcpy(&time, &bits, sizeof time);
    return time;
}

static int64_t step_of(const unsigned char *event)
{
    int64_t step = 0;
    if (event[9] != (2 << 3 | 0)) return 0;
    for (int i = 0;; i++) {
        step |= (int64_t)(event[10 + i] & 127) << 7 * i;
        if (event[10 + i] < 128) return step;
    }
}

static void a_resumed_run_has_every_event_once(void **state)
{
    const double before = (double)time(NULL);
    write_interrupted(*state);
    size_t n, size;
    char *const bytes = folder_read(*state, TASK_EVENTS_FILE, &size);
    assert_non_null(bytes);
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *const end = at + size;
    const unsigned char *event = next_record(&at, &n);
    assert_int_equal(n, 9 + 2 + 13);
    assert_memory_equal(event + 11, "brain.Event:2", 13);
    for (int64_t step = 0; step < 95; step++) {
        assert_true(at < end);
        event = next_record(&at, &n);
        assert_int_equal(step_of(event), step);
        assert_true(wall_time(event) >= before);
        assert_true(wall_time(event) < before + 60);
    }
    assert_ptr_equal(at, end);
    free(bytes);
}

static void a_resumed_run_has_every_line_once(void **state)
{
    write_interrupted(*state);
    size_t size;
    char *const text = folder_read(*state, TASK_LINES_FILE, &size);
    assert_non_null(text);
    const char *line = text;
    for (int64_t step = 0; step < 95; step++) {
        char want[64];
        (void)snprintf(want, sizeof want, "{\"step\":%lld,\"epoch\":%lld,",
                       (long long)step, (long long)step / 4);
        assert_memory_equal(line, want, strlen(want));
        line = strchr(line, '\n') + 1;
    }
    assert_ptr_equal(line, text + size);
    free(text);
}

static void only_the_files_asked_for_are_there(void **state)
{
    struct task_log log;
    for (unsigned kinds = 0; kinds <= BOTH; kinds++) {
        uint64_t sizes[TASK_LOGS];
        open_log(&log, *state, kinds, fresh);
        add(&log, 0);
        task_log_sizes(&log, sizes);
        close_log(&log);
        for (unsigned k = 0; k < TASK_LOGS; k++) {
            static const char *const files[] = {TASK_EVENTS_FILE,
                                                TASK_LINES_FILE};
            const bool wanted = kinds >> k & 1;
            assert_int_equal(folder_has(*state, files[k]), wanted);
            assert_int_equal(sizes[k] > 0, wanted);
            if (wanted)
                assert_int_equal(unlink(folder_path(*state, files[k])), 0);
        }
    }
}

/* metrics.csv of rows 0 to 39; the caller need not keep the path. */
static const char *write_metrics(const char *folder)
{
    struct task_metrics m;
    struct task_error err;
    const char *const path = folder_path(folder, "metrics.csv");
    assert_int_equal(task_metrics_open(&m, path, &err), TASK_OK);
    assert_int_equal(task_metrics_begin(&m, &columns, 0, &err), TASK_OK);
    for (int64_t step = 0; step < 40; step++) {
        const struct task_row row = row_at(step);
        assert_int_equal(task_metrics_add(&m, &row, &err), TASK_OK);
    }
    assert_int_equal(task_metrics_flush(&m, true, &err), TASK_OK);
    task_metrics_close(&m);
    return path;
}

/* Asked for only when the run is resumed, or removed, or cut short. */
static void a_log_that_is_missing_is_made_up_from_metrics_csv(void **state)
{
    const char *const metrics = write_metrics(*state);
    struct task_log log;
    uint64_t want[TASK_LOGS], got[TASK_LOGS];
    open_log(&log, *state, BOTH, fresh);
    add_rows(&log, 0, 40);
    task_log_sizes(&log, want);
    close_log(&log);
    size_t n;
    char *const lines = folder_read(*state, TASK_LINES_FILE, &n);
    for (int how = 0; how < 3; how++) {
        struct task_error err;
        if (how > 0) folder_write(*state, TASK_EVENTS_FILE, "x", how == 1);
        if (how > 0) folder_write(*state, TASK_LINES_FILE, "x", how == 1);
        assert_int_equal(task_log_open(&log, *state, BOTH, &columns, metrics,
                                       how ? want : fresh, &err),
                         TASK_OK);
        task_log_sizes(&log, got);
        close_log(&log);
        assert_memory_equal(got, want, sizeof got);
        char *const again = folder_read(*state, TASK_LINES_FILE, &n);
        assert_string_equal(again, lines);
        free(again);
    }
    free(lines);
}

static void what_it_is_made_up_from_must_be_there(void **state)
{
    struct task_log log;
    struct task_error err;
    static const uint64_t sizes[TASK_LOGS] = {[TASK_LOG_JSONL] = 10};
    assert_int_equal(task_log_open(&log, *state, BOTH, &columns,
                                   folder_path(*state, "metrics.csv"), sizes,
                                   &err),
                     TASK_E_FILE);
    assert_one_line(err.message, "metrics.csv");
    assert_int_equal(log.kinds, 0);
    assert_int_equal(log.files[TASK_LOG_TENSORBOARD].fd, -1);
}

static void a_folder_that_is_not_there_is_reported(void **state)
{
    struct task_log log;
    struct task_error err;
    assert_int_equal(task_log_open(&log, folder_path(*state, "no"), JSONL,
                                   &columns, NULL, fresh, &err),
                     TASK_E_FILE);
    assert_one_line(err.message, "cannot write");
}

/* Rows beyond the buffer are in the file although nothing was flushed. */
static void a_full_buffer_goes_to_the_file(void **state)
{
    struct task_log log;
    open_log(&log, *state, JSONL, fresh);
    for (int64_t step = 0; step < 2000; step++)
        add(&log, step);
    const uint64_t size = log.files[TASK_LOG_JSONL].size;
    size_t now;
    free(folder_read(*state, TASK_LINES_FILE, &now));
    assert_in_range(now, size - sizeof log.files[0].buffer, size);
    close_log(&log);
    free(folder_read(*state, TASK_LINES_FILE, &now));
    assert_int_equal(now, size);
}

/* A reader that follows a run sees a row when the next one comes, if two
 * seconds lie between them. */
static void a_row_does_not_wait_for_a_full_buffer(void **state)
{
    struct task_log log;
    size_t size;
    open_log(&log, *state, JSONL, fresh);
    add(&log, 0);
    free(folder_read(*state, TASK_LINES_FILE, &size));
    assert_int_equal(size, 0);
    log.flushed -= 3;
    add(&log, 1);
    free(folder_read(*state, TASK_LINES_FILE, &size));
    assert_int_equal(size, log.files[TASK_LOG_JSONL].size);
    task_log_close(&log);
}

/* A limit on the size of files stands in for a disk that is full. */
static void a_full_disk_is_reported(void **state)
{
    struct task_log log;
    struct task_error err;
    struct rlimit old, small;
    open_log(&log, *state, BOTH, fresh);
    add(&log, 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 50;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const enum task_status status = task_log_flush(&log, false, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, TASK_E_FILE);
    assert_one_line(err.message, "cannot write");
    task_log_close(&log);
}

/* ---- the option ---- */

static void both_formats_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned kinds;
    } good[] = {{NULL, 0},
                {"", 0},
                {"none", 0},
                {"tensorboard", TENSORBOARD},
                {"jsonl", JSONL},
                {"tensorboard,jsonl", BOTH},
                {"jsonl,tensorboard", BOTH},
                {"jsonl,jsonl", JSONL}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        unsigned kinds = 99;
        struct task_error err;
        assert_int_equal(task_log_parse(good[i].text, &kinds, &err), TASK_OK);
        assert_int_equal(kinds, good[i].kinds);
    }
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"tensorbord", "did you mean tensorboard?"},
        {"jsonl,", "there is no log ''"},
        {",jsonl", "there is no log ''"},
        {"jsonl, tensorboard", "there is no log ' tensorboard'"},
        {"none,jsonl", "none means no log, and stands alone"},
        {"jsonl,none", "none means no log, and stands alone"},
        {"json", "there are: tensorboard, jsonl, none"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        unsigned kinds;
        struct task_error err;
        assert_int_equal(task_log_parse(bad[i][0], &kinds, &err), TASK_E_USAGE);
        assert_one_line(err.message, bad[i][1]);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        write_interrupted(argv[1]);
        return 0;
    }
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(the_checksum_is_that_of_rfc_3720),
        TEST(an_event_has_the_bytes_that_tensorboard_writes),
        TEST(a_line_says_what_metrics_csv_says),
        TEST(the_longest_row_fits),
        TEST(a_resumed_run_has_every_event_once),
        TEST(a_resumed_run_has_every_line_once),
        TEST(only_the_files_asked_for_are_there),
        TEST(a_log_that_is_missing_is_made_up_from_metrics_csv),
        TEST(what_it_is_made_up_from_must_be_there),
        TEST(a_folder_that_is_not_there_is_reported),
        TEST(a_full_buffer_goes_to_the_file),
        TEST(a_row_does_not_wait_for_a_full_buffer),
        TEST(a_full_disk_is_reported),
        TEST(both_formats_have_names),
        TEST(other_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
