/* The step loop allocates nothing: not the loop, not the loader's thread, not
 * the engine's threads.
 *
 * This program replaces the allocator by one that counts, which the dynamic
 * linker gives to every library of the process. A run of more updates must
 * then make exactly as many calls as a run of fewer.
 *
 * oneDNN is counted apart: its dnnl_primitive_execute builds a list of the
 * arguments in C++ containers each time, and its C API has no way around it.
 * These few hundred bytes a product are bounded here, so that a buffer that
 * oneDNN took in every step would be found. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "task/folder.h"
#include "task/trainer.h"

#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REPLACED_ALREADY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define REPLACED_ALREADY
#endif
#endif

#if defined(__GLIBC__) && !defined(REPLACED_ALREADY)

/* Addresses of oneDNN's code and of the C++ library that it allocates by. */
static struct range {
    uintptr_t begin, end;
} foreign[8];
static size_t foreign_count;

static int find_foreign(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    if (!strstr(info->dlpi_name, "libdnnl") &&
        !strstr(info->dlpi_name, "libstdc++"))
        return 0;
    for (unsigned i = 0; i < info->dlpi_phnum && foreign_count < 8; i++) {
        if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
        const uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        foreign[foreign_count++] =
            (struct range){begin, begin + info->dlpi_phdr[i].p_memsz};
    }
    return 0;
}

static atomic_long own_calls, foreign_bytes;

static void count(const void *caller, size_t size)
{
    for (size_t i = 0; i < foreign_count; i++)
        if ((uintptr_t)caller >= foreign[i].begin &&
            (uintptr_t)caller < foreign[i].end) {
            atomic_fetch_add(&foreign_bytes, (long)size);
            return;
        }
    atomic_fetch_add(&own_calls, 1);
}

/* glibc's own allocator under the names that it keeps for this purpose. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    count(__builtin_return_address(0), size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count(__builtin_return_address(0), number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    count(__builtin_return_address(0), size);
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count(__builtin_return_address(0), size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    count(__builtin_return_address(0), size);
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12; /* ENOMEM */
}

struct made {
    long own_calls, foreign_bytes;
};

/* Calls in a child process that trains so many of an epoch's twelve updates;
 * nothing is evaluated or saved but at the end. */
static struct made train(const char *folder, const char *model, int updates)
{
    static char file[1024];
    (void)snprintf(file, sizeof file, "%s/%s-%d", folder, model, updates);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork();
    if (child == 0) {
        struct task_settings s = {0};
        char epochs[32], data[1100];
        (void)snprintf(epochs, sizeof epochs, "%.4f", (double)updates / 12);
        (void)snprintf(data, sizeof data, "%s/data", folder);
        const char *const pairs[][2] = {
            {"epochs", epochs},
            {"data", data},
            {"out", file},
            {"model", model},
            {"batch", "8"},
            {"threads", "2"},
            {"eval-every", "0"},
            {"checkpoint-every", "1e9"},
            {"lookahead", "2"},
            {"flip", "alternating"},
            {"optimizer", "sgd"},
            {"plan", "lr = linear(0.1, 0, 100%); lr[head] = 2 * lr; "
                     "momentum = linear(0.9, 0.5, 100%); weight_decay = lr; "
                     "label_smoothing = 0.1 * momentum; clip = momentum"}};
        struct task_error err;
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
            if (task_settings_set(&s, task_setting_find(pairs[i][0]),
                                  pairs[i][1], true, &err) != TASK_OK)
                _exit(1);
        /* Without gnuplot no picture, whose size is the run's. */
        (void)setenv("PATH", "/nonexistent", 1);
        struct task_progress progress = {0};
        char path[TASK_PATH_SIZE];
        cJSON *summary;
        (void)dl_iterate_phdr(find_foreign, NULL);
        atomic_store(&own_calls, 0);
        if (task_train(&task_image, &s, false, &progress, path, &summary,
                       &err) != TASK_OK)
            _exit(1);
        const struct made made = {atomic_load(&own_calls),
                                  atomic_load(&foreign_bytes)};
        _exit(write(pipes[1], &made, sizeof made) == sizeof made ? 0 : 1);
    }
    (void)close(pipes[1]);
    struct made made = {-1, -1};
    int how = -1;
    assert_int_equal(read(pipes[0], &made, sizeof made), sizeof made);
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    return made;
}

static void more_updates_make_no_more_allocations(void **state)
{
    static const char *const models[] = {"cnn", "airbench94"};
    folder_images(folder_path(*state, "data"), 96, 30, 12);
    for (size_t i = 0; i < 2; i++) {
        const struct made few = train(*state, models[i], 4);
        const struct made many = train(*state, models[i], 11);
        assert_true(few.own_calls > 100); /* the counter counts */
        assert_int_equal(many.own_calls, few.own_calls);
        /* Seven updates more; 2 threads of at most 8 products each, and what
         * two threads that create a product at once may do twice. */
        assert_in_range(many.foreign_bytes - few.foreign_bytes + 500000, 1,
                        1000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(more_updates_make_no_more_allocations,
                                        folder_create, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    (void)fputs("skipped: the allocator cannot be replaced here\n", stderr);
    return 77;
}

#endif
