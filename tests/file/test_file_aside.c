/* Files that are whole or absent: names, rights, links, devices, several
 * writers, and a disk that refuses. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "file/file_aside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const enum file_writers all[] = {FILE_OF_MANY, FILE_OF_ONE,
                                        FILE_OF_FIRST};
enum { KINDS = sizeof all / sizeof all[0] };

/* ---- a folder of the test's own, which is the working directory ---- */

static char folder[] = "/tmp/taper-aside-XXXXXX";

static int enter(void **state)
{
    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* How many files the folder has, and removes them all. */
static size_t clear(void)
{
    size_t count = 0;
    DIR *const d = opendir(".");
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            count++;
            assert_int_equal(unlink(e->d_name), 0);
        }
    (void)closedir(d);
    return count;
}

static void assert_holds(const char *path, const char *text)
{
    char got[64];
    FILE *const f = fopen(path, "rb");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    (void)fclose(f);
    assert_string_equal(got, text);
}

/* Writes a whole file; what committing it said. */
static int write_whole(const char *path, const char *text,
                       enum file_writers writers)
{
    struct file_aside a;
    const int reason = file_aside_open(&a, path, writers);
    if (reason) return reason;
    assert_true(fputs(text, a.stream) >= 0);
    return file_aside_commit(&a);
}

/* ---- tests ---- */

static void a_name_has_the_old_content_until_the_commit(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct file_aside a;
        const bool first = all[k] == FILE_OF_FIRST;
        if (!first) assert_int_equal(write_whole("a", "old", FILE_OF_ONE), 0);
        assert_int_equal(file_aside_open(&a, "a", all[k]), 0);
        assert_true(fputs("new", a.stream) >= 0);
        assert_int_equal(fflush(a.stream), 0);
        if (first)
            assert_int_equal(access("a", F_OK), -1);
        else
            assert_holds("a", "old");
        assert_int_equal(file_aside_commit(&a), 0);
        assert_holds("a", "new");
        assert_int_equal(clear(), 1);
    }
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct file_aside a;
        assert_int_equal(file_aside_open(&a, "a", all[k]), 0);
        assert_int_equal(access(a.temporary, F_OK), 0);
        file_aside_abandon(&a);
        file_aside_abandon(&a);
        assert_int_equal(clear(), 0);
    }
}

/* A full disk is played by the limit on a file's size; the write fails in the
 * middle, or when the stream is flushed. */
static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    static const size_t sizes[] = {1 << 20, 4000};
    static char large[1 << 20];
    memset(large, 'x', sizeof large);
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = {1000, limit.rlim_max};
    for (int k = 0; k < 4; k++) {
        struct file_aside a;
        assert_int_equal(write_whole("a", "old", FILE_OF_ONE), 0);
        assert_int_equal(file_aside_open(&a, "a", all[k / 2]), 0);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        (void)fwrite(large, 1, sizes[k % 2], a.stream);
        const int reason = file_aside_commit(&a);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(reason, EFBIG);
        assert_holds("a", "old");
        assert_int_equal(clear(), 1);
    }
}

/* Of two that have begun before either is done: the child is done first. */
static void of_two_first_files_one_is_made(void **state)
{
    (void)state;
    struct file_aside a;
    assert_int_equal(file_aside_open(&a, "a", FILE_OF_FIRST), 0);
    assert_true(fputs("parent", a.stream) >= 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(write_whole("a", "child", FILE_OF_FIRST));
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    assert_int_equal(file_aside_commit(&a), EEXIST);
    assert_holds("a", "child");
    assert_int_equal(clear(), 1);
}

/* Two writers that are open at once do not share a file. */
static void of_many_the_last_one_counts(void **state)
{
    (void)state;
    struct file_aside a, b;
    assert_int_equal(file_aside_open(&a, "a", FILE_OF_MANY), 0);
    assert_int_equal(file_aside_open(&b, "a", FILE_OF_MANY), 0);
    assert_true(fputs("first", a.stream) >= 0);
    assert_true(fputs("second", b.stream) >= 0);
    assert_int_equal(file_aside_commit(&b), 0);
    assert_int_equal(file_aside_commit(&a), 0);
    assert_holds("a", "first");
    assert_int_equal(clear(), 1);
}

/* What a killed process left behind is in nobody's way. */
static void of_one_a_left_over_file_is_overwritten(void **state)
{
    (void)state;
    assert_int_equal(write_whole("a.tmp", "a half written, longer file",
                                 FILE_OF_MANY),
                     0);
    assert_int_equal(write_whole("a", "whole", FILE_OF_ONE), 0);
    assert_holds("a", "whole");
    assert_int_equal(clear(), 1);
}

static void links_are_followed_and_rights_are_kept(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct stat found;
        assert_int_equal(write_whole("real", "old", FILE_OF_MANY), 0);
        assert_int_equal(chmod("real", 0640), 0);
        assert_int_equal(symlink("real", "link"), 0);
        assert_int_equal(write_whole("link", "new", all[k]), 0);
        assert_holds("real", "new");
        assert_int_equal(stat("real", &found), 0);
        assert_int_equal(found.st_mode & 0777, 0640);
        assert_int_equal(lstat("link", &found), 0);
        assert_true(S_ISLNK(found.st_mode));
        assert_int_equal(clear(), 2);
    }
}

/* As open() makes the file where a link says that it is. */
static void a_link_to_what_is_not_there_yet_is_followed(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(symlink("target", "inner"), 0);
    assert_int_equal(symlink("./inner", "outer"), 0);
    for (int round = 0; round < 2; round++) {
        const char *const text = round ? "two" : "one";
        assert_int_equal(write_whole("outer", text, FILE_OF_MANY), 0);
        assert_holds("target", text);
    }
    assert_int_equal(lstat("outer", &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(write_whole("outer", "three", FILE_OF_FIRST), EEXIST);
    assert_int_equal(clear(), 3);
    assert_int_equal(symlink("round", "round"), 0);
    assert_int_equal(write_whole("round", "one", FILE_OF_MANY), ELOOP);
    assert_int_equal(clear(), 1);
}

/* The longest name that file systems take leaves no room for more letters; a
 * name in a script of three bytes a letter is soon that long. */
static void a_name_may_be_as_long_as_names_get(void **state)
{
    (void)state;
    enum { LONGEST = 255 };
    char name[LONGEST + 1], path[LONGEST + 3];
    memset(name, 'n', LONGEST);
    name[LONGEST] = '\0';
    (void)snprintf(path, sizeof path, "./%s", name);
    assert_int_equal(write_whole(name, "one", FILE_OF_FIRST), 0);
    assert_holds(name, "one");
    assert_int_equal(write_whole(path, "two", FILE_OF_MANY), 0);
    assert_holds(name, "two");
    assert_int_equal(clear(), 1);

    struct file_aside a;
    for (size_t i = 0; i < LONGEST; i++)
        name[i] = "\xe3\x81\x82"[i % 3];
    assert_int_equal(file_aside_open(&a, name, FILE_OF_FIRST), 0);
    const char *const end = strrchr(a.temporary, '.');
    assert_int_equal((end - a.temporary - 1) % 3, 0);
    file_aside_abandon(&a);
}

static void devices_stay_devices(void **state)
{
    (void)state;
    struct file_aside a;
    struct stat found;
    assert_int_equal(file_aside_open(&a, "/dev/null", FILE_OF_MANY), 0);
    assert_null(a.temporary);
    assert_int_equal(file_aside_commit(&a), 0);
    assert_int_equal(stat("/dev/null", &found), 0);
    assert_true(S_ISCHR(found.st_mode));
    if (access("/dev/full", W_OK) == 0)
        assert_int_equal(write_whole("/dev/full", "x", FILE_OF_MANY), ENOSPC);
}

static void what_cannot_be_opened_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int reason;
    } bad[] = {{"missing/x", ENOENT}, {".", EISDIR}, {"", ENOENT}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct file_aside a;
        assert_int_equal(file_aside_open(&a, bad[i].path, FILE_OF_MANY),
                         bad[i].reason);
        assert_null(a.stream);
        file_aside_abandon(&a);
    }
    assert_int_equal(clear(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_the_old_content_until_the_commit),
        cmocka_unit_test(an_abandoned_file_leaves_nothing),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(of_two_first_files_one_is_made),
        cmocka_unit_test(of_many_the_last_one_counts),
        cmocka_unit_test(of_one_a_left_over_file_is_overwritten),
        cmocka_unit_test(links_are_followed_and_rights_are_kept),
        cmocka_unit_test(a_link_to_what_is_not_there_yet_is_followed),
        cmocka_unit_test(a_name_may_be_as_long_as_names_get),
        cmocka_unit_test(devices_stay_devices),
        cmocka_unit_test(what_cannot_be_opened_has_its_reason),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
