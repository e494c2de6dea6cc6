/* The step loop of every trainer allocates nothing: not the loop, not the
 * loader's thread, not the engine's threads, not an agent that plays.
 *
 * This program replaces the allocator by one that counts, which the dynamic
 * linker gives to every library of the process. A run of more updates must
 * then make exactly as many calls as a run of fewer.
 *
 * oneDNN is counted apart: its dnnl_primitive_execute builds a list of the
 * arguments in C++ containers each time, and its C API has no way around it;
 * its dnnl_sgemm packs matrices into room that it takes and gives back each
 * time. These bytes are bounded here, so that a buffer that oneDNN took besides
 * in every step would be found. */
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

/* What is trained; nothing is evaluated or saved but at the end. */
struct work {
    const struct task_trainer *trainer;
    const char *options, *plan;
    const char *length; /* the setting that says how long the run is, */
    double updates;     /* and how many updates one of it has */
    long foreign;       /* bytes that oneDNN takes in an update at most */
};

#define SAID "eval-every=0 checkpoint-every=1e9 "
#define IMAGE \
    SAID "batch=8 threads=2 lookahead=2 flip=alternating optimizer=sgd "
#define IMAGE_PLAN \
    "lr = linear(0.1, 0, 100%); lr[head] = 2 * lr; " \
    "momentum = linear(0.9, 0.5, 100%); weight_decay = lr; " \
    "label_smoothing = 0.1 * momentum; clip = momentum"
/* An epoch has 12 updates, as one of images: its end may write a checkpoint
 * where the machine is slow. */
#define TEXT SAID "batch=8 threads=2 dim=16 heads=2 layers=2 length=12 "
#define TEXT_PLAN \
    "lr = linear(0.01, 0, 100%); lr[embedding] = 2 * lr; " \
    "beta1 = linear(0.9, 0.5, 100%); weight_decay = lr; " \
    "label_smoothing = 0.1 * beta1; clip = beta1"
#define POLE SAID "hidden=16 "
#define POLE_PLAN \
    "lr = linear(0.01, 0.001, 100); lr[value] = 2 * lr; clip = 1; " \
    "entropy = linear(0.01, 0, 100)"

#define MUON "optimizer=muon nesterov=yes model=cnn"

/* 2 threads of at most 20 products each. */
#define LISTS 20000
/* 2 threads of at most 30 products each, for which dnnl_sgemm takes room of its
 * own: it has no other way. */
#define ROOMS (2L * 30 * 80000)

/* And for the three turns, of three products each, of four filters. */
#define TURNS (4L * 9 * 160000)

/* What two threads that create a product at once may do twice: up to 900 kB
 * were seen. */
#define TWICE 1500000

static const struct work works[] = {
    {&task_image, IMAGE "model=cnn", IMAGE_PLAN, "epochs", 12, LISTS},
    {&task_image, IMAGE "model=airbench94", IMAGE_PLAN, "epochs", 12, LISTS},
    {&task_image, IMAGE MUON, IMAGE_PLAN, "epochs", 12, LISTS + TURNS},
    {&task_text, TEXT "tokenizer=words pooling=mean", TEXT_PLAN, "epochs", 12,
     ROOMS},
    {&task_text, TEXT "tokenizer=bpe pooling=first", TEXT_PLAN, "epochs", 12,
     ROOMS},
    {&task_cartpole, POLE "envs=2 horizon=32 batch=16 update-epochs=2",
     POLE_PLAN, "env-steps", 0.125, 0},
    {&task_cartpole, POLE "algorithm=reinforce batch=2", POLE_PLAN, "episodes",
     0.5, 0},
};

static bool set(struct task_settings *s, const char *name, const char *value)
{
    return task_settings_set(s, task_setting_find(name), value, true, NULL) ==
           TASK_OK;
}

static bool settle(struct task_settings *s, const struct work *w,
                   const char *folder, int updates)
{
    char name[32], value[64], text[1100];
    int used;
    for (const char *rest = w->options;
         sscanf(rest, "%31[^=]=%63s %n", name, value, &used) == 2; rest += used)
        if (!set(s, name, value)) return false;
    (void)snprintf(value, sizeof value, "%.6g", (double)updates / w->updates);
    if (!set(s, w->length, value) || !set(s, "plan", w->plan)) return false;
    (void)snprintf(text, sizeof text, "%s/%td-%d", folder, w - works, updates);
    if (!set(s, "out", text)) return false;
    (void)snprintf(text, sizeof text, "%s/%s", folder, w->trainer->name);
    return w->trainer == &task_cartpole || set(s, "data", text);
}

/* Trains in a child process, which sends its counts. */
static int train(const struct work *w, const char *folder, int updates, int to)
{
    struct task_settings s = {0};
    struct task_progress progress = {0};
    struct task_error err;
    char path[TASK_PATH_SIZE];
    cJSON *summary;
    if (!settle(&s, w, folder, updates)) return 1;
    /* Without gnuplot no picture, whose size is the run's. */
    (void)setenv("PATH", "/nonexistent", 1);
    (void)dl_iterate_phdr(find_foreign, NULL);
    atomic_store(&own_calls, 0);
    if (task_train(w->trainer, &s, false, &progress, path, &summary, &err) !=
        TASK_OK)
        return 1;
    const struct made made = {atomic_load(&own_calls),
                              atomic_load(&foreign_bytes)};
    return write(to, &made, sizeof made) == sizeof made ? 0 : 1;
}

static struct made count_calls(const struct work *w, const char *folder,
                               int updates)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork();
    if (child == 0) _exit(train(w, folder, updates, pipes[1]));
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
    folder_images(folder_path(*state, "image"), 96, 30, 12);
    folder_texts(folder_path(*state, "text"), 96, 30);
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        const struct made few = count_calls(&works[i], *state, 4);
        const struct made many = count_calls(&works[i], *state, 11);
        assert_true(few.own_calls > 100); /* the counter counts */
        if (many.own_calls != few.own_calls)
            fail_msg("%s, %s: %ld allocations more", works[i].trainer->name,
                     works[i].options, many.own_calls - few.own_calls);
        if (many.foreign_bytes - few.foreign_bytes >
            TWICE + 7 * works[i].foreign)
            fail_msg("%s, %s: oneDNN took %ld bytes more",
                     works[i].trainer->name, works[i].options,
                     many.foreign_bytes - few.foreign_bytes);
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
