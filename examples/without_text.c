/* without_text.c: a schedule built by C calls instead of text.
 *
 * A program that has its own settings need not print them into a string to
 * have them parsed again. The calls say the same things as the language, with
 * the same checks, and mistakes are reported once, at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <taper.h>

/* Warm up to `peak`, stay there, and anneal over the last fifth of the run. */
static taper_status build(double peak, const taper_run *run,
                          taper_schedule **out, taper_error *error)
{
    taper_builder *b = taper_builder_create(NULL);
    const taper_node parts[] = {
        taper_build_linear(b, 0.0, peak, taper_steps(50)),
        taper_build_hold(b, TAPER_PREVIOUS, taper_rest()),
        taper_build_cosine(b, TAPER_PREVIOUS, peak / 100, taper_percent(20)),
    };
    const taper_node root = taper_build_then(b, parts, 3);
    const taper_status status = taper_build(b, root, run, NULL, out, error);
    taper_builder_destroy(b);
    return status;
}

static void print_segments(const taper_schedule *s)
{
    for (size_t i = 0; i < taper_segment_count(s); i++) {
        taper_segment part;
        taper_segment_at(s, i, &part);
        printf("%-7s from step %3" PRId64 " for %3" PRId64
               " steps: %.3f to %.3f\n",
               part.shape, part.first, part.length, part.from, part.to);
    }
}

/* Do two schedules have the same bits at every step of the run and beyond? */
static bool same_values(const taper_schedule *a, const taper_schedule *b,
                        int64_t steps)
{
    for (int64_t step = -1; step <= steps + 1; step++) {
        const double x = taper_at(a, step), y = taper_at(b, step);
        if (memcmp(&x, &y, sizeof x) != 0) return false;
    }
    return true;
}

int main(void)
{
    static const char text[] =
        "linear(0, 0.3, 50) then hold() then cosine(to=0.003, over=20%)";
    const taper_run run = {.steps = 1000};
    taper_schedule *built = NULL, *parsed = NULL;
    taper_error error;
    int result = 1;

    if (build(0.3, &run, &built, &error) != TAPER_OK ||
        taper_parse(text, sizeof text - 1, &run, NULL, &parsed, &error) !=
            TAPER_OK) {
        fprintf(stderr, "%s\n", error.message);
        goto done;
    }
    print_segments(built);
    for (int64_t step = 0; step <= 1000; step += 100)
        printf("%4" PRId64 " %.6f\n", step, taper_at(built, step));
    result = !same_values(built, parsed, run.steps);
    puts(result ? "the text says something else" : "the text says the same");
done:
    taper_free(built, NULL);
    taper_free(parsed, NULL);
    return result;
}
