/* device_table.c: a schedule where there is no malloc, and as a table.
 *
 * A kernel on an accelerator, or a loop on a microcontroller, can read its rate
 * from an array. The schedule lives in a fixed arena through an allocator of
 * the program's own, fills the array in one call, and is then moved to another
 * place as plain bytes, as it would be to another process or a device. */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <taper.h>

enum { STEPS = 1000, ARENA = 64 * 1024 };

/* Hands out memory from one end; all of it is free again when the count of
 * blocks in use returns to zero. */
struct arena {
    alignas(max_align_t) unsigned char bytes[ARENA];
    size_t used;
    size_t blocks;
};

static void *arena_alloc(void *ctx, size_t size)
{
    struct arena *arena = ctx;
    const size_t unit = alignof(max_align_t);
    if (size > ARENA - arena->used) return NULL;

    void *block = arena->bytes + arena->used;
    arena->used += (size + unit - 1) / unit * unit;
    arena->blocks++;
    return block;
}

static void arena_free(void *ctx, void *block, size_t size)
{
    struct arena *arena = ctx;
    (void)block;
    (void)size;
    if (--arena->blocks == 0) arena->used = 0;
}

/* The rates of all steps in single precision, as a device wants them. */
static void fill_table(const taper_schedule *s, float table[STEPS])
{
    static double values[STEPS];
    taper_fill(s, 0, 1, STEPS, values);
    for (size_t i = 0; i < STEPS; i++)
        table[i] = (float)values[i];
}

int main(void)
{
    static const char text[] =
        "repeat(cosine(0.1, 0, 100), stretch=2, scale=0.5)";
    static struct arena arena;
    static float table[STEPS];
    static alignas(8) unsigned char elsewhere[ARENA];
    const taper_allocator allocator = {arena_alloc, arena_free, &arena};
    taper_schedule *schedule;
    const taper_schedule *moved;
    taper_error error;

    if (taper_parse(text, sizeof text - 1, NULL, &allocator, &schedule,
                    &error) != TAPER_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    fill_table(schedule, table);
    for (size_t i = 0; i < STEPS; i += 50)
        printf("%3zu %.6f\n", i, (double)table[i]);

    /* No pointer is inside, so a copy works wherever it lands. */
    const size_t size = taper_size(schedule);
    memcpy(elsewhere, schedule, size);
    taper_free(schedule, &allocator);
    memset(arena.bytes, 0, sizeof arena.bytes);
    if (taper_open(elsewhere, size, &moved, &error) != TAPER_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    size_t equal = 0;
    for (size_t i = 0; i < STEPS; i++)
        equal += (float)taper_at(moved, (int64_t)i) == table[i];
    printf("%zu of %d values are the same after the move\n", equal, STEPS);
    printf("%zu blocks were not given back\n", arena.blocks);
    return equal == STEPS && arena.blocks == 0 ? 0 : 1;
}
