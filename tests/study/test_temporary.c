/* Folders of a run: gone after it, whichever way it ended, and nobody else's
 * with them. */
#include "room.h"

#include "study/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Temporary folders are made in the room, and rooms where they always are. */
static char usual_place[256];

static int begin(void **state)
{
    (void)snprintf(usual_place, sizeof usual_place, "%s",
                   study_temporary_place());
    const int failed = room_create(state);
    return failed ? failed : setenv("TMPDIR", *state, 1);
}

static int end(void **state)
{
    const int failed = setenv("TMPDIR", usual_place, 1);
    return failed ? failed : room_remove(state);
}

static bool exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static size_t entries(const char *folder)
{
    DIR *const d = opendir(folder);
    size_t count = 0;
    assert_non_null(d);
    while (readdir(d))
        count++;
    assert_int_equal(closedir(d), 0);
    return count - 2; /* "." and ".." */
}

static struct study_temporary make(void)
{
    struct study_temporary t;
    assert_int_equal(study_temporary_make(&t), 0);
    return t;
}

/* A process that has made a folder with a file in it, and sleeps. */
static pid_t begin_other(char path[256])
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct study_temporary t;
        char name[256] = "";
        if (study_temporary_make(&t) != 0) _exit(1);
        (void)snprintf(name, sizeof name, "%s", t.path);
        room_write(name, "lr.csv", "step\n", 5);
        if (write(pipe_ends[1], name, sizeof name) != sizeof name) _exit(1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(pipe_ends[0], path, 256), 256);
    (void)close(pipe_ends[0]);
    (void)close(pipe_ends[1]);
    assert_true(exists(room_path(path, "lr.csv")));
    return pid;
}

static void end_other(pid_t pid)
{
    int status;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void what_a_killed_process_left_is_removed_by_the_next(void **state)
{
    char path[256];
    end_other(begin_other(path));
    assert_true(exists(path));
    struct study_temporary t = make();
    assert_false(exists(path));
    assert_true(exists(t.path));
    study_temporary_remove(&t);
    assert_int_equal(entries(*state), 0);
}

/* As a rank that is left when another was killed. */
static void what_a_process_leaves_meanwhile_is_removed_at_the_end(void **state)
{
    char path[256];
    struct study_temporary t = make();
    end_other(begin_other(path));
    assert_true(exists(path));
    study_temporary_remove(&t);
    assert_int_equal(entries(*state), 0);
}

static void a_folder_in_use_stays(void **state)
{
    char path[256];
    const pid_t other = begin_other(path);
    struct study_temporary t = make(), second = make();
    assert_true(exists(room_path(path, "lr.csv")));
    assert_true(exists(t.path));
    study_temporary_remove(&second);
    study_temporary_remove(&t);
    assert_true(exists(room_path(path, "lr.csv")));
    assert_int_equal(entries(*state), 1);
    end_other(other);
}

/* Of another run of the kernel, of another program, no folder at all. */
static void what_is_not_surely_abandoned_stays(void **state)
{
    struct study_temporary t = make();
    char *const own = strdup(strrchr(t.path, '/') + 1), *name = strdup(own);
    const size_t n = strlen(own);
    study_temporary_remove(&t);
    name[8] = name[8] == '0' ? '1' : '0';
    assert_int_equal(mkdir(room_path(*state, name), 0700), 0);
    assert_int_equal(mkdir(room_path(*state, "taper-rank0-abcdef"), 0700), 0);
    assert_int_equal(mkdir(room_path(*state, "target"), 0700), 0);
    memcpy(own + n - 6, "abcdef", 6);
    room_write(*state, own, "x", 1);
    memcpy(own + n - 6, "fedcba", 6);
    assert_int_equal(symlink(room_path(*state, "target"),
                             room_path(*state, own)),
                     0);
    own[n - 1] = '\0';
    assert_int_equal(mkdir(room_path(*state, own), 0700), 0);
    t = make();
    study_temporary_remove(&t);
    assert_int_equal(entries(*state), 6);
    free(own);
    free(name);
}

/* The life of one of many processes; its exit status. */
static int come_and_go(void)
{
    for (int i = 0; i < 100; i++) {
        struct study_temporary t;
        if (study_temporary_make(&t) != 0) return 1;
        FILE *const f = fopen(room_path(t.path, "file"), "w");
        if (!f || fclose(f) != 0) return 2;
        if (!exists(room_path(t.path, "file"))) return 3;
        study_temporary_remove(&t);
    }
    return 0;
}

static void many_at_once_do_not_disturb_each_other(void **state)
{
    enum { MANY = 6 };
    for (int i = 0; i < MANY; i++) {
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) _exit(come_and_go());
    }
    for (int i = 0; i < MANY; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(entries(*state), 0);
}

static void a_place_that_is_none_is_an_error(void **state)
{
    struct study_temporary t;
    assert_int_equal(setenv("TMPDIR", room_path(*state, "missing"), 1), 0);
    assert_int_not_equal(study_temporary_make(&t), 0);
    assert_null(t.path);
    char far[600] = "";
    (void)snprintf(far, sizeof far, "%s", (const char *)*state);
    for (int i = 0; i < 2; i++) {
        const size_t n = strlen(far);
        (void)snprintf(far + n, sizeof far - n, "/%0200d", i);
        assert_int_equal(mkdir(far, 0700), 0);
    }
    assert_int_equal(setenv("TMPDIR", far, 1), 0);
    assert_int_equal(study_temporary_make(&t), ENAMETOOLONG);
    study_temporary_remove(&t);
}

/* A command that changes its folder is told of it. */
static void a_relative_place_gives_an_absolute_path(void **state)
{
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(*state), 0);
    assert_int_equal(setenv("TMPDIR", ".", 1), 0);
    struct study_temporary t = make();
    assert_int_equal(chdir(before), 0);
    assert_true(t.path[0] == '/');
    assert_true(exists(t.path));
    assert_int_equal(entries(*state), 1);
    study_temporary_remove(&t);
    assert_int_equal(entries(*state), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_killed_process_left_is_removed_by_the_next),
        TEST(what_a_process_leaves_meanwhile_is_removed_at_the_end),
        TEST(a_folder_in_use_stays),
        TEST(what_is_not_surely_abandoned_stays),
        TEST(many_at_once_do_not_disturb_each_other),
        TEST(a_place_that_is_none_is_an_error),
        TEST(a_relative_place_gives_an_absolute_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
