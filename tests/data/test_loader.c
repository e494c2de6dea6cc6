/* Batches: each sample once an epoch, the same bits from any start. */
#include "data/loader.h"

#include "scratch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COUNT = 23, SIDE = 6, PLANE = SIDE * SIDE, BATCH = 5 };

/* Image i holds 7 i + k at pixel k, so that every view of it is its own. */
static uint8_t pixels[COUNT * PLANE];
static int32_t labels[COUNT];
static const struct data_set set = {.count = COUNT,
                                    .channels = 1,
                                    .height = SIDE,
                                    .width = SIDE,
                                    .classes = COUNT,
                                    .pixels = pixels,
                                    .labels = labels};

static int fill_set(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        labels[i] = COUNT - 1 - i;
        for (int k = 0; k < PLANE; k++)
            pixels[i * PLANE + k] = (uint8_t)(7 * i + k);
    }
    return 0;
}

/* A float is its pixel's value. */
static struct data_loader_options plain(enum data_mode mode)
{
    return (struct data_loader_options){
        .mode = mode,
        .batch = BATCH,
        .seed = 1,
        .statistics = {.deviation = {1 / 255.0, 1 / 255.0, 1 / 255.0}}};
}

static struct data_loader *create(const struct data_loader_options *options)
{
    struct data_loader *loader;
    struct data_error err;
    if (data_loader_create(&set, options, &loader, &err) != DATA_OK)
        fail_msg("%s", err.message);
    return loader;
}

static void training_shows_each_sample_at_most_once_an_epoch(void **state)
{
    (void)state;
    const struct data_loader_options options = plain(DATA_TRAINING);
    struct data_loader *loader = create(&options);
    assert_true(data_loader_batches(loader) == COUNT / BATCH);
    data_loader_start(loader, 0, 0);
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        int seen[COUNT] = {0};
        for (size_t index = 0; index < COUNT / BATCH; index++) {
            const struct data_batch *b = data_loader_next(loader);
            assert_true(b->epoch == epoch && b->index == index);
            assert_true(b->n == BATCH);
            assert_true((uintptr_t)b->images % 64 == 0);
            for (size_t i = 0; i < b->n; i++) {
                assert_int_equal(seen[b->samples[i]]++, 0);
                assert_int_equal(b->labels[i], labels[b->samples[i]]);
                for (size_t k = 0; k < PLANE; k++)
                    assert_true((int)(b->images[i * PLANE + k] + 0.5f) ==
                                pixels[b->samples[i] * PLANE + k]);
            }
        }
    }
    data_loader_destroy(loader);
}

static void evaluation_goes_once_through_in_order(void **state)
{
    (void)state;
    const struct data_loader_options options = plain(DATA_EVALUATION);
    struct data_loader *loader = create(&options);
    assert_true(data_loader_batches(loader) == 5);
    assert_null(data_loader_next(loader)); /* not started */
    for (int pass = 0; pass < 2; pass++) {
        uint32_t next = 0;
        const struct data_batch *b;
        data_loader_start(loader, 0, 0);
        while ((b = data_loader_next(loader))) {
            assert_true(b->n == (b->index < 4 ? BATCH : COUNT % BATCH));
            for (size_t i = 0; i < b->n; i++)
                assert_true(b->samples[i] == next++);
        }
        assert_true(next == COUNT);
        assert_null(data_loader_next(loader));
    }
    data_loader_start(loader, 0, 5); /* past the end */
    assert_null(data_loader_next(loader));
    data_loader_destroy(loader);
}

static void an_evaluation_batch_may_exceed_the_set(void **state)
{
    (void)state;
    struct data_loader_options options = plain(DATA_EVALUATION);
    options.batch = 1000000000; /* must not be allocated */
    struct data_loader *loader = create(&options);
    data_loader_start(loader, 0, 0);
    assert_true(data_loader_next(loader)->n == COUNT);
    assert_null(data_loader_next(loader));
    data_loader_destroy(loader);
}

/* The whole point: start anywhere, get the same bits. The first run is read
 * slowly and quickly in turn, so that the thread is ahead and behind. */
static void any_start_gives_the_bits_of_the_whole_run(void **state)
{
    (void)state;
    enum { EPOCHS = 3, PER_EPOCH = COUNT / BATCH, TOTAL = EPOCHS * PER_EPOCH };
    static float images[TOTAL][BATCH * PLANE];
    static int32_t truth[TOTAL][BATCH];
    struct data_loader_options options = plain(DATA_TRAINING);
    options.flip = DATA_FLIP_RANDOM;
    options.padding = 2;
    options.pad = DATA_PAD_REFLECT;

    struct data_loader *loader = create(&options);
    data_loader_start(loader, 0, 0);
    for (int k = 0; k < TOTAL; k++) {
        const struct timespec pause = {.tv_nsec = 3000000};
        if (k % 4 == 0) nanosleep(&pause, NULL);
        const struct data_batch *b = data_loader_next(loader);
        memcpy(images[k], b->images, sizeof images[k]);
        memcpy(truth[k], b->labels, sizeof truth[k]);
        data_loader_release(loader);
    }
    for (int k = TOTAL - 1; k >= 0; k--) {
        /* By epoch and batch, by batch alone, and on a new loader. */
        if (k % 3 == 0) {
            data_loader_destroy(loader);
            loader = create(&options);
        }
        if (k % 2)
            data_loader_start(loader, (uint64_t)(k / PER_EPOCH),
                              (size_t)(k % PER_EPOCH));
        else
            data_loader_start(loader, 0, (size_t)k);
        for (int j = k; j < k + 2 && j < TOTAL; j++) {
            const struct data_batch *b = data_loader_next(loader);
            assert_memory_equal(b->images, images[j], sizeof images[j]);
            assert_memory_equal(b->labels, truth[j], sizeof truth[j]);
        }
    }
    data_loader_destroy(loader);
}

/* Epochs and seeds differ in their order. */
static void order_depends_on_seed_and_epoch(void **state)
{
    (void)state;
    uint32_t first[3][BATCH];
    for (int k = 0; k < 3; k++) {
        struct data_loader_options options = plain(DATA_TRAINING);
        options.seed = k == 2 ? 2 : 1;
        struct data_loader *loader = create(&options);
        data_loader_start(loader, k == 1 ? 1 : 0, 0);
        memcpy(first[k], data_loader_next(loader)->samples, sizeof first[k]);
        data_loader_destroy(loader);
    }
    assert_memory_not_equal(first[0], first[1], sizeof first[0]);
    assert_memory_not_equal(first[0], first[2], sizeof first[0]);
}

/* Which samples of one epoch come mirrored. Images grow along a row, so the
 * first two pixels tell. */
static void find_mirrored(struct data_loader *loader, uint64_t epoch,
                          int mirrored[COUNT])
{
    for (int i = 0; i < COUNT; i++)
        mirrored[i] = -1;
    data_loader_start(loader, epoch, 0);
    for (size_t k = 0; k < data_loader_batches(loader); k++) {
        const struct data_batch *b = data_loader_next(loader);
        for (size_t i = 0; i < b->n; i++)
            mirrored[b->samples[i]] =
                b->images[i * PLANE] > b->images[i * PLANE + 1];
    }
}

static int count_mirrored(const int mirrored[COUNT])
{
    int count = 0;
    for (int i = 0; i < COUNT; i++)
        count += mirrored[i] == 1;
    return count;
}

static void an_alternating_flip_shows_both_sides_in_turn(void **state)
{
    (void)state;
    struct data_loader_options options = plain(DATA_TRAINING);
    options.batch = COUNT;
    options.flip = DATA_FLIP_ALTERNATING;
    struct data_loader *loader = create(&options);
    int even[COUNT], now[COUNT];
    find_mirrored(loader, 0, even);
    assert_in_range(count_mirrored(even), 3, COUNT - 3);
    for (uint64_t epoch = 1; epoch < 5; epoch++) {
        find_mirrored(loader, epoch, now);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(now[i], epoch % 2 ? !even[i] : even[i]);
    }
    data_loader_destroy(loader);
}

static void a_random_flip_is_drawn_again_each_epoch(void **state)
{
    (void)state;
    struct data_loader_options options = plain(DATA_TRAINING);
    options.batch = COUNT;
    options.flip = DATA_FLIP_RANDOM;
    struct data_loader *loader = create(&options);
    int total = 0, changed = 0, before[COUNT] = {0}, now[COUNT];
    for (uint64_t epoch = 0; epoch < 40; epoch++) {
        find_mirrored(loader, epoch, now);
        total += count_mirrored(now);
        for (int i = 0; i < COUNT; i++)
            changed += epoch > 0 && now[i] != before[i];
        memcpy(before, now, sizeof now);
    }
    /* 920 and 897 coins: five standard deviations are 76. */
    assert_in_range(total, 460 - 76, 460 + 76);
    assert_in_range(changed, 448 - 76, 448 + 76);
    data_loader_destroy(loader);
}

/* With padding 1 there are nine places to cut from. */
static void crops_reach_every_place_alike(void **state)
{
    (void)state;
    enum { EPOCHS = 100 };
    struct data_loader_options options = plain(DATA_TRAINING);
    options.batch = COUNT;
    options.padding = 1;
    struct data_loader *loader = create(&options);
    int places[3][3] = {{0}};
    data_loader_start(loader, 0, 0);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        const struct data_batch *b = data_loader_next(loader);
        for (size_t i = 0; i < b->n; i++) {
            /* Pixels count up by 1 to the right and by SIDE downwards. */
            const size_t middle = (SIDE / 2) * SIDE + SIDE / 2;
            const int shown = (int)(b->images[i * PLANE + middle] + 0.5f);
            const int moved = pixels[b->samples[i] * PLANE + middle] - shown;
            const int right = (moved + SIDE + 1) % SIDE;
            const int down = (moved + SIDE + 1) / SIDE;
            assert_in_range(right, 0, 2);
            assert_in_range(down, 0, 2);
            places[down][right]++;
        }
    }
    for (int y = 0; y < 3; y++) /* five standard deviations are 75 */
        for (int x = 0; x < 3; x++)
            assert_in_range(places[y][x], 2300 / 9 - 75, 2300 / 9 + 75);
    data_loader_destroy(loader);
}

/* The corner of the only square of zeros in which the two images differ; pixels
 * of the set are 0 nowhere else. */
static size_t corner_of(const float *cut, const float *plain_image, size_t side)
{
    size_t corner = PLANE, holes = 0;
    for (size_t k = 0; k < PLANE; k++) {
        if (cut[k] == plain_image[k]) continue;
        assert_true(cut[k] == 0.0f);
        if (corner == PLANE) corner = k;
        assert_in_range(k % SIDE - corner % SIDE, 0, side - 1);
        assert_in_range(k / SIDE - corner / SIDE, 0, side - 1);
        holes++;
    }
    assert_int_equal(holes, side * side);
    return corner;
}

/* A square of 4 has nine places in an image of 6. Everything else is as it is
 * without one. */
static void a_cutout_blanks_one_square_anywhere(void **state)
{
    (void)state;
    enum { EPOCHS = 100, CUT = 4 };
    struct data_loader_options options = plain(DATA_TRAINING);
    options.statistics.mean[0] = -1.0; /* so that no pixel is 0 */
    options.batch = COUNT;
    options.padding = 2;
    options.pad = DATA_PAD_REFLECT;
    options.flip = DATA_FLIP_RANDOM;
    struct data_loader *const whole = create(&options);
    options.cutout = CUT;
    struct data_loader *const loader = create(&options);
    int places[3][3] = {{0}};
    data_loader_start(whole, 0, 0);
    data_loader_start(loader, 0, 0);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        const struct data_batch *const a = data_loader_next(whole);
        const struct data_batch *const b = data_loader_next(loader);
        assert_memory_equal(a->samples, b->samples, a->n * sizeof *a->samples);
        for (size_t i = 0; i < b->n; i++) {
            const size_t at =
                corner_of(b->images + i * PLANE, a->images + i * PLANE, CUT);
            assert_true(at % SIDE < 3 && at / SIDE < 3);
            places[at / SIDE][at % SIDE]++;
        }
    }
    for (int y = 0; y < 3; y++) /* five standard deviations are 75 */
        for (int x = 0; x < 3; x++)
            assert_in_range(places[y][x], 2300 / 9 - 75, 2300 / 9 + 75);
    data_loader_destroy(loader);
    data_loader_destroy(whole);
}

static void an_evaluation_cuts_nothing_out(void **state)
{
    (void)state;
    struct data_loader_options options = plain(DATA_EVALUATION);
    options.cutout = SIDE;
    struct data_loader *const loader = create(&options);
    data_loader_start(loader, 0, 0);
    const struct data_batch *const b = data_loader_next(loader);
    for (size_t k = 0; k < b->n * PLANE; k++)
        assert_float_equal(b->images[k], pixels[k], 1e-4);
    data_loader_destroy(loader);
}

static void a_view_moves_every_image_alike(void **state)
{
    (void)state;
    struct data_loader_options options = plain(DATA_EVALUATION);
    options.padding = 1;
    options.pad = DATA_PAD_REFLECT;
    struct data_loader *loader = create(&options);
    const struct data_view view = {.mirror = true, .right = 9, .down = -1};
    data_loader_start_view(loader, view); /* 9 is cut to 1 */
    const struct data_batch *b = data_loader_next(loader);
    for (size_t i = 0; i < b->n; i++) {
        const uint8_t *p = pixels + b->samples[i] * PLANE;
        /* out(y, x) is row y + 1, and column x - 1 from the right. */
        assert_true((int)(b->images[i * PLANE + 1] + 0.5f) ==
                    p[SIDE + SIDE - 1]);
        assert_true((int)(b->images[i * PLANE + 2] + 0.5f) ==
                    p[SIDE + SIDE - 2]);
        assert_true((int)(b->images[i * PLANE] + 0.5f) == p[SIDE + SIDE - 2]);
    }
    data_loader_start(loader, 0, 0); /* back to the plain view */
    b = data_loader_next(loader);
    assert_true((int)(b->images[PLANE + 1] + 0.5f) == pixels[PLANE + 1]);
    data_loader_destroy(loader);
}

static void a_restart_in_mid_air_is_clean(void **state)
{
    (void)state;
    const struct data_loader_options options = plain(DATA_TRAINING);
    struct data_loader *loader = create(&options);
    for (uint64_t k = 0; k < 2000; k++) {
        data_loader_start(loader, k, (size_t)k % 4);
        if (k % 3 == 0) continue;
        const struct data_batch *b = data_loader_next(loader);
        assert_true(b->epoch == k && b->index == k % 4);
        if (k % 2) data_loader_release(loader);
        data_loader_release(loader); /* releasing twice does nothing */
    }
    data_loader_destroy(loader);
}

static volatile sig_atomic_t caught;

static void note(int signal)
{
    (void)signal;
    caught = 1;
}

/* The caller blocks the signal, so if the loader's thread took signals, the
 * handler would run there. Blocked everywhere, it stays pending. */
static void the_thread_leaves_signals_to_the_program(void **state)
{
    (void)state;
    const struct data_loader_options options = plain(DATA_TRAINING);
    struct data_loader *loader = create(&options);
    struct sigaction before, action = {.sa_handler = note};
    const struct timespec pause = {.tv_nsec = 20000000};
    sigset_t user, old, pending;

    sigemptyset(&user);
    sigaddset(&user, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &user, &old);
    sigaction(SIGUSR1, &action, &before);
    kill(getpid(), SIGUSR1);
    nanosleep(&pause, NULL);
    sigpending(&pending);
    assert_int_equal(caught, 0);
    assert_true(sigismember(&pending, SIGUSR1));
    pthread_sigmask(SIG_SETMASK, &old, NULL); /* now it is taken here */
    assert_int_equal(caught, 1);
    sigaction(SIGUSR1, &before, NULL);
    data_loader_destroy(loader);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct data_loader *loader;
    struct data_error err;
    struct data_loader_options options = plain(DATA_TRAINING);

    options.batch = 0;
    data_loader_create(&set, &options, &loader, &err);
    assert_error(&err, DATA_E_ARGUMENT, "batch", "at least one image");
    options.batch = COUNT + 1;
    data_loader_create(&set, &options, &loader, &err);
    assert_error(&err, DATA_E_ARGUMENT, "a batch of 24", "the 23 training");
    options.batch = 1;
    options.padding = SIDE;
    data_loader_create(&set, &options, &loader, &err);
    assert_error(&err, DATA_E_ARGUMENT, "a padding of 6", "6 x 6");
    options.padding = SIDE - 1;
    options.cutout = SIDE + 1;
    data_loader_create(&set, &options, &loader, &err);
    assert_error(&err, DATA_E_ARGUMENT, "a square of 7", "6 x 6");
    options.cutout = SIDE;
    options.statistics.deviation[0] = 0;
    data_loader_create(&set, &options, &loader, &err);
    assert_error(&err, DATA_E_ARGUMENT, "deviation of channel 0", "");
    assert_null(loader);
    data_loader_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_shows_each_sample_at_most_once_an_epoch),
        cmocka_unit_test(evaluation_goes_once_through_in_order),
        cmocka_unit_test(an_evaluation_batch_may_exceed_the_set),
        cmocka_unit_test(any_start_gives_the_bits_of_the_whole_run),
        cmocka_unit_test(order_depends_on_seed_and_epoch),
        cmocka_unit_test(an_alternating_flip_shows_both_sides_in_turn),
        cmocka_unit_test(a_random_flip_is_drawn_again_each_epoch),
        cmocka_unit_test(crops_reach_every_place_alike),
        cmocka_unit_test(a_cutout_blanks_one_square_anywhere),
        cmocka_unit_test(an_evaluation_cuts_nothing_out),
        cmocka_unit_test(a_view_moves_every_image_alike),
        cmocka_unit_test(a_restart_in_mid_air_is_clean),
        cmocka_unit_test(the_thread_leaves_signals_to_the_program),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, fill_set, NULL);
}
