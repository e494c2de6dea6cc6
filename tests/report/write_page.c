/* Writes the page of a sample study, for the tests that open it in a browser:
 *
 *   write_page KIND FILE.html
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/sample.h"

static const struct {
    const char *kind;
    size_t schedules, seeds, budgets;
} kinds[] = {
    {"usual", 4, 6, 1},    {"empty", 0, 0, 0},   {"one", 1, 5, 1},
    {"one-seed", 3, 1, 1}, {"budgets", 3, 4, 3}, {"many", 20, 5, 1},
};

/* Every trial diverged, and without tuning; names are long. */
static void write_diverged(const char *path)
{
    char name[300];
    memset(name, 'x', sizeof name);
    snprintf(name + 200, sizeof name - 200, " and on, and on, and on");
    static const double none[] = {NAN, NAN};
    struct study_store *const s = sample_store(path, false);
    sample_row(s, name, 100, none, 2);
    sample_row(s, "other", 100, none, 2);
    study_store_close(s);
}

int main(int argc, char **argv)
{
    if (!report_has_charts()) return 77;
    if (argc != 3) return 2;
    char path[4096];
    snprintf(path, sizeof path, "%s.db", argv[2]);
    if (strcmp(argv[1], "diverged") == 0) write_diverged(path);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        if (strcmp(argv[1], kinds[k].kind) == 0)
            sample_study(path, kinds[k].schedules, kinds[k].seeds,
                         kinds[k].budgets);
    struct report r;
    sample_load(path, &r);
    FILE *const out = fopen(argv[2], "w");
    const bool ok = out && report_html(&r, out);
    report_close(&r);
    return out && fclose(out) == 0 && ok ? 0 : 1;
}
