/* The values that peers compute for the same schedules, from
 * tests/data/schedule/peers.csv; tools/golden/schedules.py wrote it. */
#include "schedule/support.h"

#include <stdlib.h>

/* The recursive forms of PyTorch lose digits on the way, most of all those of
 * a cosine after its turning point. */
static const double relative = 1e-11, absolute = 1e-15;

static void peers_give_the_same_values(void **state)
{
    (void)state;
    FILE *file = fopen(TAPER_TEST_DATA "/schedule/peers.csv", "r");
    assert_non_null(file);
    char line[200], text[200] = "";
    taper_schedule *s = NULL;
    int64_t step = 0;
    int schedules = 0, values = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#') continue;
        if (strncmp(line, "schedule: ", 10) == 0) {
            taper_free(s, NULL);
            strcpy(text, line + 10);
            s = parse_in(text, NULL);
            step = 0;
            schedules++;
            continue;
        }
        double want;
        assert_int_equal(taper_read_number(line, strlen(line), &want),
                         TAPER_OK);
        const double got = taper_at(s, step);
        if (!(distance(got, want) <= absolute + relative * want))
            fail_msg("%s at %lld: %.17g, not %.17g", text, (long long)step, got,
                     want);
        step++;
        values++;
    }
    fclose(file);
    taper_free(s, NULL);
    assert_int_equal(schedules, 12);
    assert_true(values > 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_give_the_same_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
