/* The store where the file is none, is damaged or protected, or cannot grow. */
#include "room.h"
#include "study/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

/* Runs SQL on a file as another program would. */
static void outside(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void refused(const char *path, enum study_access access,
                    enum study_status status, const char *part)
{
    struct study_store *s;
    struct study_error err = {0};
    assert_int_equal(study_store_open(&s, path, access, &err), status);
    assert_null(s);
    assert_message(&err, status, part);
}

static void what_is_no_study_is_refused_with_a_line(void **state)
{
    const char *room = *state;
    refused(room_path(room, "none.db"), STUDY_READ, STUDY_E_FILE,
            "there is no study");
    refused(room_path(room, "none.db"), STUDY_WRITE, STUDY_E_FILE,
            "there is no study");
    refused(room, STUDY_CREATE, STUDY_E_FILE, "is a folder");
    refused("/dev/null", STUDY_CREATE, STUDY_E_FILE, "is a special file");
    refused("", STUDY_CREATE, STUDY_E_USAGE, "needs a file name");

    char text[4096];
    memset(text, 'x', sizeof text);
    room_write(room, "text", text, sizeof text);
    refused(room_path(room, "text"), STUDY_CREATE, STUDY_E_FORMAT,
            "not a SQLite file");
    outside(room_path(room, "other.db"), "CREATE TABLE t(x)");
    refused(room_path(room, "other.db"), STUDY_CREATE, STUDY_E_FORMAT,
            "another program's");
    room_write(room, "empty.db", "", 0);
    refused(room_path(room, "empty.db"), STUDY_READ, STUDY_E_FORMAT,
            "is empty");
    refused(room_path(room, "text/s.db"), STUDY_CREATE, STUDY_E_FILE,
            "Not a directory");
    /* Nothing of all this was changed. */
    char *after = room_read(room, "text");
    assert_memory_equal(after, text, sizeof text);
    free(after);
}

static void an_empty_file_becomes_a_study(void **state)
{
    room_write(*state, "s.db", "", 0);
    study_store_close(room_store(room_path(*state, "s.db"), 1));
    struct study_store *s = room_open(room_path(*state, "s.db"), STUDY_READ);
    assert_int_equal(room_totals(s).total, 1);
    study_store_close(s);
}

static void folders_on_the_way_are_made(void **state)
{
    const char *path = room_path(*state, "studies/deep/s.db");
    study_store_close(room_store(path, 1));
    assert_int_equal(access(path, F_OK), 0);
}

static void a_newer_study_is_refused(void **state)
{
    const char *path = room_path(*state, "s.db");
    study_store_close(room_store(path, 1));
    outside(path, "PRAGMA user_version = 2");
    refused(path, STUDY_READ, STUDY_E_FORMAT, "newer taper");
    refused(path, STUDY_CREATE, STUDY_E_FORMAT, "update taper");
}

/* Overwrites bytes in the middle of every page but the first. */
static void a_damaged_study_is_refused(void **state)
{
    const char *path = room_path(*state, "s.db");
    study_store_close(room_store(path, 200));
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    const int fd = open(path, O_WRONLY);
    char noise[512];
    memset(noise, 0xa5, sizeof noise);
    for (off_t at = 4096; at + 512 < info.st_size; at += 4096)
        assert_int_equal(pwrite(fd, noise, sizeof noise, at), sizeof noise);
    (void)close(fd);
    refused(path, STUDY_READ, STUDY_E_FORMAT, "is damaged");
    refused(path, STUDY_WRITE, STUDY_E_FORMAT, "is damaged");
    assert_int_equal(truncate(path, 5000), 0);
    refused(path, STUDY_READ, STUDY_E_FORMAT, "is damaged");
}

/* Rights do not bind root, so this looks as somebody else. */
static int as_nobody(void (*look)(const char *room), const char *room)
{
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && setuid(65534) != 0) _exit(77);
        look(room);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void look_at_protected(const char *room)
{
    struct study_store *s;
    struct study_error err = {0};
    struct study_totals n;
    const char *path = room_path(room, "s.db");
    if (study_store_open(&s, path, STUDY_WRITE, &err) != STUDY_E_FILE ||
        !strstr(err.message, "is write-protected"))
        _exit(1);
    if (study_store_open(&s, path, STUDY_READ, &err) != STUDY_OK) _exit(2);
    if (study_store_counts(s, &n, &err) != STUDY_OK || n.done != 1) _exit(3);
    study_store_close(s);
    if (study_store_open(&s, room_path(room, "new.db"), STUDY_CREATE, &err) !=
            STUDY_E_FILE ||
        !strstr(err.message, "ermission denied"))
        _exit(4);
}

static void a_protected_study_can_be_read_only(void **state)
{
    const char *path = room_path(*state, "s.db");
    struct study_store *s = room_store(path, 1);
    (void)room_run_one(s, 1.0);
    study_store_close(s);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(*state, 0555), 0);
    const int status = as_nobody(look_at_protected, *state);
    assert_int_equal(chmod(*state, 0755), 0);
    assert_int_equal(status, 0);
}

/* A limit on the size of files stands for a disk that is full. */
static void a_full_disk_is_said_and_loses_nothing(void **state)
{
    const char *path = room_path(*state, "s.db");
    struct study_store *s = room_store(path, 2);
    (void)room_run_one(s, 1.0);
    struct study_trials all = room_list(s);
    struct study_trial t;
    bool got;
    assert_int_equal(study_store_claim(s, &all.items[1].id, 1, &t, &got, NULL),
                     STUDY_OK);
    t.state = STUDY_DONE;
    t.metric = 2.0;
    t.summary = calloc(1, 4 << 20);
    assert_non_null(t.summary);
    memset(t.summary, 'x', (4 << 20) - 1);

    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1 << 20;
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct study_error err = {0};
    assert_int_equal(study_store_finish(s, &t, &err), STUDY_E_FILE);
    assert_message(&err, STUDY_E_FILE, path);
    assert_message(&err, STUDY_E_FILE, "at most 1048576 bytes here");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);

    /* With space again the same handle goes on. */
    assert_int_equal(study_store_finish(s, &t, &err), STUDY_OK);
    assert_int_equal(room_totals(s).done, 2);
    study_trial_clear(&t);
    study_trials_clear(&all);
    study_store_close(s);
}

#define IN_ROOM(test) \
    cmocka_unit_test_setup_teardown(test, room_create, room_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(what_is_no_study_is_refused_with_a_line),
        IN_ROOM(an_empty_file_becomes_a_study),
        IN_ROOM(folders_on_the_way_are_made),
        IN_ROOM(a_newer_study_is_refused),
        IN_ROOM(a_damaged_study_is_refused),
        IN_ROOM(a_protected_study_can_be_read_only),
        IN_ROOM(a_full_disk_is_said_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
