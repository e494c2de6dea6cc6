/* The line that a person sees while a run trains. */
#include "task/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The line after 10,000 of 20,000 steps, in 1,000 seconds so that the test's
 * own time is lost in rounding; to be freed. */
static char *line_of(double samples_per_step)
{
    char *text;
    size_t size;
    struct task_progress p = {.stream = open_memstream(&text, &size),
                              .steps = 20000,
                              .steps_per_epoch = 50,
                              .samples_per_step = samples_per_step,
                              .score = "mean return"};
    assert_non_null(p.stream);
    task_progress_begin(&p, 0);
    p.started -= 1000;
    p.shown -= 100;
    p.last = 21;
    task_progress_step(&p, 9999, 0.5, 1.25);
    assert_int_equal(fclose(p.stream), 0);
    return text;
}

static void assert_shows(double samples_per_step, const char *line)
{
    char *const text = line_of(samples_per_step);
    assert_string_equal(text, line);
    free(text);
}

static void the_line_says_how_far_and_how_fast(void **state)
{
    (void)state;
    assert_shows(64,
                 "step 10000/20000  epoch 200.00/400  rate 0.5  loss 1.2500  "
                 "mean return 21  640 samples/s  16m40s left\n");
}

/* Of PPO with many passes, an update is less than one step of the environment;
 * of REINFORCE nobody knows how many it will be. */
static void an_agents_speed_is_right_or_left_out(void **state)
{
    (void)state;
    assert_shows(0.8,
                 "step 10000/20000  epoch 200.00/400  rate 0.5  loss 1.2500  "
                 "mean return 21  8 samples/s  16m40s left\n");
    assert_shows(0,
                 "step 10000/20000  epoch 200.00/400  rate 0.5  loss 1.2500  "
                 "mean return 21  16m40s left\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_says_how_far_and_how_fast),
        cmocka_unit_test(an_agents_speed_is_right_or_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
