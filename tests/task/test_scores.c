/* Accuracy, cross-entropy and macro F1: against scikit-learn's
 * (tests/data/task/scores.txt), and by hand where the arithmetic shows why. */
#include "task/scores.h"

#include "task/golden_file.h"

#include <math.h>

enum { SAMPLES = 50, CLASSES = 10 };

/* ---- against the peer ---- */

static void check_case(FILE *f)
{
    double c[2], logits[SAMPLES * CLASSES], want[3];
    int32_t labels[SAMPLES];
    golden_doubles(f, "case", c, 2);
    const size_t n = (size_t)c[0], classes = (size_t)c[1];
    assert_true(n <= SAMPLES && classes <= CLASSES);
    golden_doubles(f, "logits", logits, n * classes);
    golden_whole(f, "labels", labels, n);
    golden_doubles(f, "scores", want, 3);

    struct task_scores s;
    assert_true(task_scores_create(&s, classes));
    for (size_t i = 0; i < n; i++)
        task_scores_add(&s, logits + i * classes, labels[i]);
    assert_int_equal(s.count, n);
    assert_close(task_scores_accuracy(&s), want[0], 1e-15);
    assert_close(task_scores_loss(&s), want[1], 1e-12 * (1 + want[1]));
    assert_close(task_scores_macro_f1(&s), want[2], 1e-15);
    task_scores_free(&s);
}

static void scores_are_those_of_scikit_learn(void **state)
{
    (void)state;
    double cases;
    FILE *const f = golden_open("task/scores.txt", &cases, 1);
    assert_true(cases >= 6);
    for (int i = 0; i < (int)cases; i++)
        check_case(f);
    (void)fclose(f);
}

/* ---- by hand ---- */

/* Adds a sample whose largest logit is that of `predicted`. */
static void add(struct task_scores *s, int32_t label, size_t predicted)
{
    double logits[CLASSES] = {0};
    logits[predicted] = 1;
    task_scores_add(s, logits, label);
}

/* Labels 0 0 0 1 2, predicted 0 0 1 1 1, of four classes.
 *   class 0: precision 2/2, recall 2/3: F1 = 2 * 2 / (3 + 2) = 4/5
 *   class 1: precision 1/3, recall 1/1: F1 = 2 * 1 / (1 + 3) = 1/2
 *   class 2: never right:               F1 = 0
 *   class 3: neither met nor predicted: left out
 * Accuracy is 3/5, and macro F1 (4/5 + 1/2 + 0) / 3 = 13/30. */
static void f1_is_the_mean_over_the_classes_that_occur(void **state)
{
    (void)state;
    static const int32_t labels[] = {0, 0, 0, 1, 2};
    static const size_t predicted[] = {0, 0, 1, 1, 1};
    struct task_scores s;
    assert_true(task_scores_create(&s, 4));
    for (size_t i = 0; i < 5; i++)
        add(&s, labels[i], predicted[i]);
    assert_close(task_scores_accuracy(&s), 0.6, 1e-15);
    assert_close(task_scores_macro_f1(&s), 13.0 / 30, 1e-15);
    task_scores_free(&s);
}

/* Of equal logits the first is predicted, and their loss is ln 3. */
static void equal_logits_predict_the_first(void **state)
{
    (void)state;
    static const double logits[] = {2, 2, 2};
    struct task_scores s;
    assert_true(task_scores_create(&s, 3));
    task_scores_add(&s, logits, 0);
    task_scores_add(&s, logits, 1);
    assert_int_equal(s.predicted[0], 2);
    assert_int_equal(s.hits, 1);
    assert_close(task_scores_loss(&s), log(3), 1e-15);
    task_scores_free(&s);
}

/* exp(1000) is no double; the loss of a sample so wrong is 1000. */
static void logits_far_apart_stay_finite(void **state)
{
    (void)state;
    static const double logits[] = {1000, 0};
    struct task_scores s;
    assert_true(task_scores_create(&s, 2));
    task_scores_add(&s, logits, 1);
    assert_close(task_scores_loss(&s), 1000, 1e-12);
    task_scores_reset(&s);
    task_scores_add(&s, logits, 0);
    assert_close(task_scores_loss(&s), 0, 0);
    task_scores_free(&s);
}

/* What diverged must not look like a score. */
static void a_logit_that_is_no_number_is_no_score(void **state)
{
    (void)state;
    const double logits[] = {NAN, 0};
    struct task_scores s;
    assert_true(task_scores_create(&s, 2));
    task_scores_add(&s, logits, 0);
    assert_true(isnan(task_scores_loss(&s)));
    task_scores_free(&s);
}

static void nothing_has_no_score_and_reset_is_nothing(void **state)
{
    (void)state;
    struct task_scores s;
    assert_true(task_scores_create(&s, 2));
    for (int i = 0; i < 2; i++) {
        assert_true(isnan(task_scores_accuracy(&s)));
        assert_true(isnan(task_scores_loss(&s)));
        assert_true(isnan(task_scores_macro_f1(&s)));
        add(&s, 1, 1);
        assert_close(task_scores_accuracy(&s), 1, 0);
        assert_close(task_scores_macro_f1(&s), 1, 0);
        task_scores_reset(&s);
    }
    task_scores_free(&s);
    task_scores_free(&s); /* zeroed is legal */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_scikit_learn),
        cmocka_unit_test(f1_is_the_mean_over_the_classes_that_occur),
        cmocka_unit_test(equal_logits_predict_the_first),
        cmocka_unit_test(logits_far_apart_stay_finite),
        cmocka_unit_test(a_logit_that_is_no_number_is_no_score),
        cmocka_unit_test(nothing_has_no_score_and_reset_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
