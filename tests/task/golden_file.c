/* See golden_file.h. */
#include "task/golden_file.h"

#include <math.h>
#include <string.h>

FILE *golden_open(const char *name, double *counts, size_t n)
{
    char path[1024], line[256];
    (void)snprintf(path, sizeof path, "%s/%s", TAPER_TEST_DATA, name);
    FILE *const f = fopen(path, "r");
    assert_non_null(f);
    for (int i = 0; i < 2; i++) {
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(line[0], '#');
    }
    golden_doubles(f, "cases", counts, n);
    return f;
}

static void read_numbers(FILE *f, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fscanf(f, "%lf", &out[i]), 1);
}

void golden_doubles(FILE *f, const char *word, double *out, size_t n)
{
    char got[32] = "";
    assert_int_equal(fscanf(f, "%31s", got), 1);
    assert_string_equal(got, word);
    read_numbers(f, out, n);
}

void golden_floats(FILE *f, const char *word, float *out, size_t n)
{
    golden_doubles(f, word, NULL, 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fscanf(f, "%f", &out[i]), 1);
}

void golden_whole(FILE *f, const char *word, int32_t *out, size_t n)
{
    int value;
    golden_doubles(f, word, NULL, 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(fscanf(f, "%d", &value), 1);
        out[i] = value;
    }
}

void golden_find(FILE *f, const char *word, double *out, size_t n)
{
    char got[32];
    do
        assert_int_equal(fscanf(f, "%31s", got), 1);
    while (strcmp(got, word) != 0);
    read_numbers(f, out, n);
}

void assert_close(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.9g instead of %.9g", got, want);
}

void assert_near(const char *what, const float *got, const double *want,
                 size_t n, double tolerance)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - want[i]) <= tolerance * largest + 1e-12))
            fail_msg("%s: value %zu is %.9g instead of %.9g", what, i,
                     (double)got[i], want[i]);
}
