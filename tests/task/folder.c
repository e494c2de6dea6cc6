/* Folders, files and a tiny data set for the trainers' tests. */
#include "task/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

static const char *join(char out[PATH_SIZE], const char *folder,
                        const char *name)
{
    (void)snprintf(out, PATH_SIZE, "%s/%s", folder, name);
    return out;
}

int folder_create(void **state)
{
    const char *const base = getenv("TMPDIR");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/taper-task-XXXXXX",
                   base && *base ? base : "/tmp");
    if (!mkdtemp(path)) return -1;
    *state = strdup(path);
    return *state ? 0 : -1;
}

/* Removes a folder and what is in it. */
static void remove_tree(const char *path)
{
    DIR *const dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char child[1024];
        struct stat info;
        (void)snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (lstat(child, &info) == 0 && S_ISDIR(info.st_mode))
            remove_tree(child);
        else
            (void)unlink(child);
    }
    if (dir) (void)closedir(dir);
    (void)rmdir(path);
}

int folder_remove(void **state)
{
    remove_tree(*state);
    free(*state);
    return 0;
}

const char *folder_path(const char *folder, const char *name)
{
    static char buffers[64][PATH_SIZE];
    static unsigned next;
    return join(buffers[next++ % 64], folder, name);
}

void folder_write(const char *folder, const char *name, const void *bytes,
                  size_t size)
{
    char path[PATH_SIZE];
    FILE *const f = fopen(join(path, folder, name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

char *folder_read(const char *folder, const char *name, size_t *size)
{
    char path[PATH_SIZE];
    FILE *const f = fopen(join(path, folder, name), "rb");
    if (!f) return NULL;
    struct stat info;
    assert_int_equal(fstat(fileno(f), &info), 0);
    char *const bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (size_t)info.st_size, f);
    bytes[*size] = '\0';
    (void)fclose(f);
    return bytes;
}

bool folder_has(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    return access(join(path, folder, name), F_OK) == 0;
}

size_t folder_count(const char *folder)
{
    DIR *const dir = opendir(folder);
    assert_non_null(dir);
    size_t n = 0;
    while (readdir(dir))
        n++;
    (void)closedir(dir);
    return n - 2;
}

void assert_same_file(const char *a, const char *b, const char *name)
{
    size_t na = 0, nb = 0;
    char *const x = folder_read(a, name, &na);
    char *const y = folder_read(b, name, &nb);
    assert_non_null(x);
    assert_non_null(y);
    assert_int_equal(na, nb);
    assert_memory_equal(x, y, na);
    free(x);
    free(y);
}

void assert_one_line(const char *text, const char *part)
{
    assert_null(strchr(text, '\n'));
    assert_true(strlen(text) > 0);
    if (!strstr(text, part)) fail_msg("'%s' does not say '%s'", text, part);
}

static void put32(FILE *f, unsigned value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        (void)fputc((int)(value >> shift & 255), f);
}

/* One split: image i has class i % 3. */
static void write_split(const char *folder, const char *prefix, unsigned count,
                        unsigned side, unsigned seed)
{
    char name[64], path[PATH_SIZE];
    (void)snprintf(name, sizeof name, "%s-images-idx3-ubyte", prefix);
    FILE *f = fopen(join(path, folder, name), "wb");
    assert_non_null(f);
    put32(f, 0x00000803);
    put32(f, count);
    put32(f, side);
    put32(f, side);
    for (unsigned i = 0; i < count; i++)
        for (unsigned row = 0; row < side; row++)
            for (unsigned column = 0; column < side; column++) {
                seed = seed * 1664525u + 1013904223u;
                const bool bright = row * 3 / side == i % 3;
                (void)fputc((int)((bright ? 120 : 40) + (seed >> 24) / 2), f);
            }
    assert_int_equal(fclose(f), 0);

    (void)snprintf(name, sizeof name, "%s-labels-idx1-ubyte", prefix);
    f = fopen(join(path, folder, name), "wb");
    assert_non_null(f);
    put32(f, 0x00000801);
    put32(f, count);
    for (unsigned i = 0; i < count; i++)
        (void)fputc((int)(i % 3), f);
    assert_int_equal(fclose(f), 0);
}

void folder_images(const char *folder, unsigned train, unsigned test,
                   unsigned side)
{
    (void)mkdir(folder, 0777);
    write_split(folder, "train", train, side, 1);
    write_split(folder, "t10k", test, side, 2);
}

/* ---- texts ---- */

static unsigned draw(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 16) % n;
}

static void write_text(FILE *f, unsigned class, unsigned *seed)
{
    static const char *const names[] = {"animal", "colour", "number"};
    static const char *const telling[][4] = {{"cat", "dog", "horse", "cow"},
                                             {"red", "blue", "green", "grey"},
                                             {"one", "two", "three", "four"}};
    static const char *const others[] = {"the",  "a",          "is",
                                         "was",  "here",       "There",
                                         "very", "caf\xc3\xa9"};
    (void)fprintf(f, "%s\t%s", names[class], telling[class][draw(seed, 4)]);
    for (unsigned i = draw(seed, 12); i > 0; i--)
        (void)fprintf(f, " %s",
                      draw(seed, 3) ? others[draw(seed, 8)]
                                    : telling[class][draw(seed, 4)]);
    (void)fputc('\n', f);
}

void folder_texts(const char *folder, unsigned train, unsigned test)
{
    static const char *const names[] = {"train.tsv", "test.tsv"};
    const unsigned counts[] = {train, test};
    (void)mkdir(folder, 0777);
    for (unsigned k = 0; k < 2; k++) {
        char path[PATH_SIZE];
        unsigned seed = k + 1;
        FILE *const f = fopen(join(path, folder, names[k]), "w");
        assert_non_null(f);
        for (unsigned i = 0; i < counts[k]; i++)
            write_text(f, i % 3, &seed);
        assert_int_equal(fclose(f), 0);
    }
}
