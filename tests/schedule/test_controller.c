/* Controllers: the rules hold to the peers that they are named after, taper's
 * own has none of their defects, and a run that is cut anywhere goes on with
 * the same decisions. Goldens: tests/data/schedule/controllers.txt, written by
 * tools/golden/controllers.py. */
#include "schedule/support.h"

#include <math.h>
#include <stdlib.h>

static taper_controller controller(const char *text)
{
    taper_controller c;
    taper_error err;
    if (taper_controller_parse(text, strlen(text), &c, &err) != TAPER_OK)
        fail_msg("%s: %s at %zu", text, err.message, err.position);
    return c;
}

/* The multiplier after each of `n` metrics, fed on a constant schedule. */
static double scale_after(const char *text, const double *metrics, size_t n)
{
    taper_schedule *s = parse("1");
    taper_controller c = controller(text);
    for (size_t i = 0; i < n; i++)
        (void)taper_controller_feed(&c, s, (int64_t)i, metrics[i]);
    taper_free(s, NULL);
    return c.scale;
}

static double scale_after_same(const char *text, double metric, size_t n)
{
    double metrics[64];
    assert_true(n <= 64);
    for (size_t i = 0; i < n; i++)
        metrics[i] = metric;
    return scale_after(text, metrics, n);
}

/* ---------------------------------------------------------- goldens */

static double read_metric(const char *text)
{
    if (strcmp(text, "nan") == 0) return NAN;
    if (strcmp(text, "inf") == 0) return INFINITY;
    double x;
    assert_int_equal(taper_read_number(text, strlen(text), &x), TAPER_OK);
    return x;
}

static void peers_make_the_same_decisions(void **state)
{
    (void)state;
    FILE *file = fopen(TAPER_TEST_DATA "/schedule/controllers.txt", "r");
    assert_non_null(file);
    char line[400], text[400] = "", metric[64], rate[64];
    taper_schedule *s = NULL;
    taper_controller c = {0};
    int64_t step = 0;
    int torch = 0, hf = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#') continue;
        if (line[0] == '=') {
            strcpy(text, line + 2);
            c = controller(text);
            step = 0;
            torch += c.rule == TAPER_RULE_TORCH_PLATEAU;
            hf += c.rule == TAPER_RULE_HF_GREEDY;
        } else if (line[0] == '@') {
            taper_free(s, NULL);
            s = parse(line + 2);
        } else {
            assert_int_equal(sscanf(line, "%63s %63s", metric, rate), 2);
            (void)taper_controller_feed(&c, s, ++step, read_metric(metric));
            const double got = taper_controller_value(&c, s, step);
            const double want = read_metric(rate);
            if (!(distance(got, want) <= 1e-12 * want + 1e-300))
                fail_msg("%s, metric %lld (%s): %.17g, not %.17g", text,
                         (long long)step, metric, got, want);
        }
    }
    fclose(file);
    taper_free(s, NULL);
    assert_true(torch >= 24 && hf >= 24);
}

/* ------------------------------------------- the defects that peers have */

/* Section E, number 9: a loss of -10 that rises to -9.9976 is worse, and
 * PyTorch takes each step of it for an improvement. */
static void
torch_plateau_e9_a_negative_metric_that_worsens_reduces(void **state)
{
    (void)state;
    double metrics[25];
    for (int i = 0; i < 25; i++)
        metrics[i] = -10.0 + 1e-4 * i;
    assert_near(scale_after("torch.ReduceLROnPlateau()", metrics, 25), 1, 0);
    assert_near(scale_after("plateau()", metrics, 25), 0.01, 1e-15);

    /* And a negative metric that improves by more than the threshold of its
     * size does not. */
    for (int i = 0; i < 25; i++)
        metrics[i] = -10.0 - 0.01 * i;
    assert_near(scale_after("plateau()", metrics, 25), 1, 0);
    for (int i = 0; i < 25; i++)
        metrics[i] = -10.0 - 1e-5 * i;
    assert_near(scale_after("plateau(patience=2)", metrics, 4), 0.1, 1e-15);
}

/* Number 10: ten NaNs with patience 2 divide PyTorch's rate by 1000. */
static void torch_plateau_e10_nan_never_moves_the_rate(void **state)
{
    (void)state;
    assert_near(scale_after_same("torch.ReduceLROnPlateau(patience=2)", NAN,
                                 10),
                1e-3, 1e-18);
    assert_near(scale_after_same("plateau(patience=2)", NAN, 60), 1, 0);
    assert_near(scale_after_same("greedy(patience=0)", NAN, 60), 1, 0);
    assert_near(scale_after_same("greedy(patience=0)", -INFINITY, 60), 1, 0);

    taper_schedule *s = parse("1");
    taper_controller c = controller("plateau(patience=2)");
    (void)taper_controller_feed(&c, s, 1, 5.0);
    (void)taper_controller_feed(&c, s, 2, 6.0);
    const taper_controller before = c;
    assert_false(taper_controller_feed(&c, s, 3, NAN));
    assert_int_equal(c.ignored, 1);
    assert_int_equal(c.fed, 3);
    c.ignored = before.ignored;
    c.fed = before.fed;
    assert_memory_equal(&c, &before, sizeof c);
    taper_free(s, NULL);
}

/* ------------------------------------------------------------ the rules */

static void plateau_counts_patience_and_cooldown(void **state)
{
    (void)state;
    /* The first metric is the best; then 3 bad ones are one too many. */
    assert_near(scale_after_same("plateau(0.5, 2)", 1, 3), 1, 0);
    assert_near(scale_after_same("plateau(0.5, 2)", 1, 4), 0.5, 0);
    assert_near(scale_after_same("plateau(0.5, 2)", 1, 7), 0.25, 0);
    /* Two metrics of cooldown do not count, then three do. */
    assert_near(scale_after_same("plateau(0.5, 2, cooldown=2)", 1, 8), 0.5, 0);
    assert_near(scale_after_same("plateau(0.5, 2, cooldown=2)", 1, 9), 0.25, 0);
    assert_near(scale_after_same("plateau(0.5, 0, min=0.2)", 1, 9), 0.2, 0);
    assert_near(scale_after_same("plateau(0, 0)", 1, 2), 0, 0);

    static const double up[] = {1, 2, 3, 4, 5};
    assert_near(scale_after("plateau(0.5, 0, mode=max)", up, 5), 1, 0);
    assert_near(scale_after("plateau(0.5, 0, mode=min)", up, 5), 0.0625, 0);
    static const double small[] = {1, 0.95, 0.91, 0.88};
    assert_near(scale_after("plateau(0.5, 2, threshold=0.1)", small, 4), 1, 0);
    assert_near(scale_after("plateau(0.5, 2, threshold=0.2)", small, 4), 0.5,
                0);
    assert_near(scale_after("plateau(0.5, 2, threshold=0.2, "
                            "threshold_mode=abs)",
                            small, 4),
                0.5, 0);
}

static void greedy_rises_and_falls(void **state)
{
    (void)state;
    double down[40], mixed[4] = {3, 1, 2, 1.9};
    for (int i = 0; i < 40; i++)
        down[i] = 100 - i;
    assert_near(scale_after("greedy(0.5, 1)", down, 2), 2, 0);
    assert_near(scale_after("greedy(0.5, 1)", down, 4), 4, 0);
    assert_near(scale_after("greedy(0.5, 1, max=3)", down, 40), 3, 0);
    assert_near(scale_after("greedy(0.5, 1, warmup=3)", down, 6), 2, 0);
    assert_near(scale_after("greedy(0.5, 1, warmup=3)", down, 7), 4, 0);
    assert_near(scale_after_same("greedy(0.5, 1)", 7, 3), 0.5, 0);
    assert_near(scale_after_same("greedy(0.5, 1, min=0.2)", 7, 40), 0.2, 0);
    /* Up with the first metric, which is the best so far; then down to the
     * floor, and after two decreases in vain afresh. */
    static const double scales[] = {2, 1, 0.5, 1, 2, 1, 0.5, 1};
    for (size_t n = 1; n <= 8; n++)
        assert_near(scale_after_same("greedy(0.5, 0, min=0.5, reset=2)", 7, n),
                    scales[n - 1], 0);
    assert_near(scale_after_same("greedy(0.5, 0, min=0.5, reset=0)", 7, 60),
                0.5, 0);
    /* Means of two: 3, 2, 1.5, 1.95: one decrease, where single metrics give
     * two. */
    assert_near(scale_after("greedy(0.5, 0, min=0, max=1, window=2)", mixed, 4),
                0.5, 0);
    assert_near(scale_after("greedy(0.5, 0, min=0, max=1)", mixed, 4), 0.25, 0);
}

/* A peer's bounds are rates: with a schedule of 0.2, a floor of 0.05 is a
 * multiplier of a quarter. */
static void bounds_of_peers_are_rates(void **state)
{
    (void)state;
    taper_schedule *s = parse("hold(0.2, 100) then hold(0.02, 10)");
    taper_controller c = controller("torch.ReduceLROnPlateau(patience=0, "
                                    "min_lr=0.05)");
    for (int step = 0; step < 5; step++)
        (void)taper_controller_feed(&c, s, step, 1.0);
    assert_near(taper_controller_value(&c, s, 5), 0.05, 1e-17);
    assert_near(c.scale, 0.25, 1e-16);
    assert_int_equal(c.changes, 1);
    /* Then the schedule goes on. */
    assert_near(taper_controller_value(&c, s, 105), 0.005, 1e-18);
    taper_free(s, NULL);
}

/* 0.11 is a floor from which the multiplier gives 0.11000000000000001 back: the
 * rate is on it all the same, and the second decrease there starts afresh. */
static void a_rate_rounded_off_its_bound_is_on_it(void **state)
{
    (void)state;
    taper_schedule *s = parse("0.14");
    taper_controller c = controller("hf.GreedyLR(factor=0.1, patience=0, "
                                    "min_lr=0.11, max_lr=0.14, eps=0, "
                                    "reset_start=2)");
    for (int step = 0; step < 2; step++)
        (void)taper_controller_feed(&c, s, step, 1.0);
    assert_true(taper_controller_value(&c, s, 2) > 0.11);
    assert_near(taper_controller_value(&c, s, 2), 0.11, 1e-16);
    (void)taper_controller_feed(&c, s, 2, 1.0);
    assert_same(taper_controller_value(&c, s, 3), 0.14);
    taper_free(s, NULL);
}

/* ------------------------------------------------------------- cool-down */

static const char wsd[] = "linear(0, 0.1, 10) then hold(0.1, 70) then "
                          "cosine(0.1, 0.001, 20)";

static void cooldown_on_command_begins_the_last_segment(void **state)
{
    (void)state;
    taper_schedule *s = parse(wsd);
    taper_controller c = controller("cooldown");
    for (int64_t step = 0; step < 120; step++)
        assert_same(taper_controller_value(&c, s, step), taper_at(s, step));
    assert_int_equal(taper_controller_length(&c, s), 100);
    for (int step = 0; step < 40; step++)
        assert_false(taper_controller_feed(&c, s, step, 1.0));

    assert_true(taper_controller_trigger(&c, s, 40));
    assert_false(taper_controller_trigger(&c, s, 41));
    assert_int_equal(taper_controller_length(&c, s), 60);
    for (int64_t step = 0; step < 40; step++)
        assert_same(taper_controller_value(&c, s, step), taper_at(s, step));
    for (int64_t step = 40; step < 120; step++)
        assert_same(taper_controller_value(&c, s, step),
                    taper_at(s, step + 40));
    assert_int_equal(c.changed, 40);
    taper_free(s, NULL);
}

static void cooldown_begins_on_a_plateau(void **state)
{
    (void)state;
    taper_schedule *s = parse(wsd);
    taper_controller c = controller("cooldown(patience=1)");
    assert_false(taper_controller_feed(&c, s, 20, 1.0));
    assert_false(taper_controller_feed(&c, s, 30, 1.0));
    assert_true(taper_controller_feed(&c, s, 40, 1.0));
    assert_false(taper_controller_feed(&c, s, 50, 1.0));
    assert_int_equal(c.cool_from, 40);
    assert_same(taper_controller_value(&c, s, 60), taper_at(s, 100));
    taper_free(s, NULL);
}

/* From a stage that falls, the cool-down leads from where it is to its own
 * end. */
static void a_cooldown_is_continuous_where_nothing_is_level(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "linear(0.2, 0.1, 80) then linear(0.1, 0.01, 20)",
        "cosine(0.05, 0.1, 80) then cosine(0.1, 0.01, 20)",
        "linear(0, 0.1, 80) then cosine(to=0.02, over=20)"};
    for (size_t k = 0; k < 3; k++)
        for (int64_t cut = 0; cut < 80; cut += 13) {
            taper_schedule *s = parse(texts[k]);
            taper_controller c = controller("cooldown()");
            const double start = taper_at(s, cut), end = taper_at(s, 100);
            assert_true(taper_controller_trigger(&c, s, cut));
            assert_same(taper_controller_value(&c, s, cut), start);
            assert_same(taper_controller_value(&c, s, cut + 20), end);
            const double low = start < end ? start : end;
            const double high = start < end ? end : start;
            double before = start;
            for (int64_t i = 1; i <= 20; i++) {
                const double v = taper_controller_value(&c, s, cut + i);
                assert_true(v >= low && v <= high);
                assert_true(distance(v, before) <= (high - low) * 0.08 + 1e-15);
                before = v;
            }
            taper_free(s, NULL);
        }
}

static void there_is_nothing_to_enter_in_the_last_segment(void **state)
{
    (void)state;
    taper_schedule *s = parse(wsd), *one = parse("cosine(0.1, 0, 50)");
    taper_schedule *zero = parse("hold(1, 5) then linear(1, 0, 5) then "
                                 "hold(3, 0)");
    taper_controller c = controller("plateau"), none = controller("none");
    assert_false(taper_controller_trigger(&c, s, 80));
    assert_false(taper_controller_trigger(&c, one, 0));
    assert_false(taper_controller_trigger(&none, s, 0));
    assert_true(taper_controller_trigger(&c, s, -5));
    assert_int_equal(c.cool_from, 0);
    c = controller("plateau");
    assert_true(taper_controller_trigger(&c, zero, 1));
    assert_int_equal(taper_controller_length(&c, zero), 6);
    taper_free(s, NULL);
    taper_free(one, NULL);
    taper_free(zero, NULL);
}

/* --------------------------------------------------------------- state */

static const char *const rules[] = {
    "none",
    "plateau(patience=1, cooldown=1)",
    "plateau(0.5, 0, mode=max, threshold_mode=abs)",
    "greedy(0.7, 0, window=5, warmup=1, reset=2, min=0.3)",
    "greedy(patience=1)",
    "cooldown(patience=2)",
    "cooldown()",
    "torch.ReduceLROnPlateau(patience=1, eps=0, min_lr=1e-3)",
    ("hf.GreedyLR(factor=0.5, patience=0, smooth=True, window_size=3, "
     "reset_start=1)"),
};
enum { RULES = sizeof rules / sizeof rules[0] };

static double random_metric(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    const unsigned r = (unsigned)(*random >> 33);
    switch (r % 16) {
    case 0:
        return NAN;
    case 1:
        return INFINITY;
    case 2:
        return -INFINITY;
    case 3:
        return -1e308;
    case 4:
        return 0.0;
    default:
        return ((double)(r >> 4) / (double)(1u << 27) - 0.4) * 10.0;
    }
}

static taper_controller reloaded(const taper_controller *c)
{
    char text[TAPER_CONTROLLER_TEXT_SIZE];
    const size_t len = taper_controller_save(c, text, sizeof text);
    assert_true(len < sizeof text);
    taper_controller again;
    taper_error err;
    if (taper_controller_load(text, len, &again, &err) != TAPER_OK)
        fail_msg("%s: %s", text, err.message);
    return again;
}

/* One run that is never interrupted, beside one that is saved and loaded
 * after every metric. */
static void a_run_cut_anywhere_makes_the_same_decisions(void **state)
{
    (void)state;
    for (size_t k = 0; k < RULES; k++)
        for (uint64_t seed = 0; seed < 40; seed++) {
            uint64_t random = seed * 977 + 5;
            taper_schedule *s = parse(wsd);
            taper_controller whole = controller(rules[k]), cut = whole;
            for (int64_t step = 0; step < 100; step += 2) {
                const double metric = random_metric(&random);
                const bool moved =
                    taper_controller_feed(&whole, s, step, metric);
                cut = reloaded(&cut);
                assert_int_equal(taper_controller_feed(&cut, s, step, metric),
                                 moved);
                if (step == 60 && seed % 3 == 0)
                    assert_int_equal(taper_controller_trigger(&whole, s, step),
                                     taper_controller_trigger(&cut, s, step));
                const double a = taper_controller_value(&whole, s, step + 1);
                const double b = taper_controller_value(&cut, s, step + 1);
                assert_same(a, b);
                assert_true(isfinite(a) && whole.scale >= 0);
            }
            assert_int_equal(whole.changes, cut.changes);
            assert_int_equal(whole.fed, cut.fed);
            taper_free(s, NULL);
        }
}

static void what_is_saved_comes_back_byte_for_byte(void **state)
{
    (void)state;
    taper_schedule *s = parse(wsd);
    for (size_t k = 0; k < RULES; k++) {
        taper_controller c = controller(rules[k]);
        for (int64_t step = 0; step < 60; step++) {
            (void)taper_controller_feed(&c, s, step, 1.0 / (double)(step + 3));
            const taper_controller again = reloaded(&c);
            assert_memory_equal(&c, &again, sizeof c);
        }
    }
    taper_free(s, NULL);
}

/* The longest state that there is fits the promised room. */
static void the_longest_state_fits(void **state)
{
    (void)state;
    taper_schedule *s = parse(wsd);
    taper_controller c =
        controller("hf.GreedyLR(mode=max, factor=0.12345678901234567, "
                   "patience=9007199254740992, "
                   "threshold=1.2345678901234567e-300, "
                   "cooldown=9007199254740992, warmup=9007199254740992, "
                   "min_lr=1.2345678901234567e-301, "
                   "max_lr=1.2345678901234567e-300, "
                   "eps=1.2345678901234567e-300, smooth=True, "
                   "window_size=100, reset_start=9007199254740992)");
    for (int i = 0; i < 200; i++)
        (void)taper_controller_feed(&c, s, i, -1.2345678901234567e-300);
    c.bad = c.good = c.cooldown_left = c.warmup_left = c.reset_left =
        TAPER_STEP_MAX;
    c.fed = c.ignored = c.changes = c.changed = c.cool_from = TAPER_STEP_MAX;
    c.scale = c.best = c.recent_sum = 1.2345678901234567e-300;
    const taper_controller again = reloaded(&c);
    assert_memory_equal(&c, &again, sizeof c);
    taper_free(s, NULL);
}

static void a_damaged_state_is_refused(void **state)
{
    (void)state;
    taper_schedule *s = parse(wsd);
    taper_controller c = controller(rules[3]);
    const taper_controller zero = {0};
    for (int64_t step = 0; step < 10; step++)
        (void)taper_controller_feed(&c, s, step, 1.0 / (double)(step + 3));
    char text[TAPER_CONTROLLER_TEXT_SIZE];
    const size_t len = taper_controller_save(&c, text, sizeof text);
    taper_controller out;
    taper_error err;
    /* Any beginning of it but for one that ends within the last number. */
    for (size_t n = 0; n + 24 < len; n++) {
        out = c;
        assert_int_equal(taper_controller_load(text, n, &out, &err),
                         TAPER_E_BYTES);
        assert_memory_equal(&out, &zero, sizeof out);
    }
    static const char *const damaged[] = {
        "",
        "taper-controller 2 none()",
        "taper-controller 1 none(",
        "taper-controller 1 plateau()",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        assert_int_equal(taper_controller_load(damaged[i], strlen(damaged[i]),
                                               &out, &err),
                         TAPER_E_BYTES);
    static const struct {
        const char *was, *is;
    } edits[] = {
        {"scale=", "scale=-"},      {" bad=", " bad=1.5"},
        {"cooling=0", "cooling=2"}, {"recent_count=5", "recent_count=6"},
        {"best=", "best=nan"},      {"fed=10", "fed=1e17"},
        {" fed", "  fed"},          {"patience=0", "patience=-1"}};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        char edited[TAPER_CONTROLLER_TEXT_SIZE + 8];
        const char *at = strstr(text, edits[i].was);
        if (!at) fail_msg("no '%s' in %s", edits[i].was, text);
        const int n =
            snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - text), text,
                     edits[i].is, at + strlen(edits[i].was));
        if (taper_controller_load(edited, (size_t)n, &out, &err) !=
            TAPER_E_BYTES)
            fail_msg("accepted: %s", edited);
    }
    taper_free(s, NULL);
}

/* ------------------------------------------------------------------ text */

static void canonical_text_reads_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < RULES; k++) {
        const taper_controller c = controller(rules[k]);
        char text[600];
        assert_true(taper_controller_describe(&c, text, sizeof text) <
                    sizeof text);
        const taper_controller again = controller(text);
        assert_memory_equal(&c, &again, sizeof c);
    }
    for (int i = 0; i < TAPER_RULE_COUNT; i++) {
        const taper_shape *shape = taper_controller_shape_at((taper_rule)i);
        assert_int_equal(controller(shape->example).rule, i);
        assert_non_null(shape->doc);
    }
    assert_null(taper_controller_shape_at(TAPER_RULE_COUNT));
    const taper_controller zero = {0}, none = controller("none");
    assert_memory_equal(&none, &zero, sizeof zero);
}

/* What a person pastes from Python. */
static void pythons_spelling_is_read(void **state)
{
    (void)state;
    const taper_controller c =
        controller("torch.ReduceLROnPlateau( 'max', 0.5, patience=3, "
                   "threshold_mode=\"abs\", verbose=True)");
    assert_int_equal(c.mode, 1);
    assert_int_equal(c.patience, 3);
    assert_int_equal(c.threshold_mode, 1);
    assert_near(c.factor, 0.5, 0);
    assert_near(c.eps, 1e-8, 0);
    assert_int_equal(controller("hf.GreedyLR(smooth=True)").smooth, 1);

    const char *const lines[] = {
        "torch.ReduceLROnPlateau('max', patience=3)",
        "torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode='max', "
        "patience=3,)",
        "lr_scheduler.ReduceLROnPlateau(\n    self.optimizer,\n    mode=\n"
        "\t'max',  # accuracy\n    patience=3,\n)",
        "torch.ReduceLROnPlateau('max', patience=3, optimizer=opt)",
    };
    const taper_controller plain = controller(lines[0]);
    for (size_t i = 1; i < sizeof lines / sizeof *lines; i++) {
        const taper_controller pasted = controller(lines[i]);
        assert_memory_equal(&pasted, &plain, sizeof plain);
    }
    assert_int_equal(controller("transformers.GreedyLR(optimizer)").rule,
                     TAPER_RULE_HF_GREEDY);
}

static void errors_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        taper_status status;
        size_t position, length;
        const char *part;
    } cases[] = {
        {"platau()", TAPER_E_NAME, 0, 6, "did you mean 'plateau'?"},
        {"torch.StepLR()", TAPER_E_NAME, 0, 12, "unknown controller"},
        {"", TAPER_E_SYNTAX, 0, 0, "name of a controller"},
        {"3", TAPER_E_SYNTAX, 0, 1, "name of a controller"},
        {"plateau(patiense=3)", TAPER_E_ARGUMENT, 8, 8, "'patience'"},
        {"plateau(patience=2.5)", TAPER_E_RANGE, 17, 3, "whole number"},
        {"plateau(patience=-1)", TAPER_E_RANGE, 17, 2, "at least 0"},
        {"plateau(factor=1)", TAPER_E_RANGE, 15, 1, "below 1"},
        {"plateau(factor=x)", TAPER_E_SYNTAX, 15, 1, "number"},
        {"plateau(patience=3ep)", TAPER_E_SYNTAX, 17, 3, "no unit"},
        {"plateau(mode=up)", TAPER_E_NAME, 13, 2, "min or max"},
        {"plateau(mode='up')", TAPER_E_NAME, 13, 4, "min or max"},
        {"plateau(mode='min)", TAPER_E_SYNTAX, 13, 5, "never closed"},
        {"plateau(mode=3)", TAPER_E_NAME, 13, 1, "min or max"},
        {"plateau(0.1, factor=0.1)", TAPER_E_ARGUMENT, 13, 6, "twice"},
        {"plateau(factor=0.1, 3)", TAPER_E_ARGUMENT, 20, 1, "without a name"},
        {"plateau(0.1, 1, 0, rel, 0, 0, min, 9)", TAPER_E_ARGUMENT, 35, 1,
         "too many"},
        {"plateau(0.1", TAPER_E_SYNTAX, 11, 0, "the text ends"},
        {"plateau(0.1,", TAPER_E_SYNTAX, 12, 0, "the text ends"},
        {"plateau(0.1,)", TAPER_E_SYNTAX, 12, 1, "a number or a word"},
        {"plateau(optimizer)", TAPER_E_SYNTAX, 8, 9, "'factor' is a number"},
        {"hf.GreedyLR(,)", TAPER_E_SYNTAX, 12, 1, "a number or a word"},
        {"optim.GreedyLR()", TAPER_E_NAME, 0, 14, "did you mean"},
        {"plateau() then 3", TAPER_E_SYNTAX, 10, 4, "the end is expected"},
        {"plateau($)", TAPER_E_SYNTAX, 8, 1, ""},
        {"greedy(window=101)", TAPER_E_RANGE, 14, 3, "from 1 to 100"},
        {"greedy(factor=0)", TAPER_E_RANGE, 14, 1, "above 0"},
        {"hf.GreedyLR(max_lr=1e-4)", TAPER_E_RANGE, 0, 24, "'min_lr'"},
        {"none(3)", TAPER_E_ARGUMENT, 5, 1, "too many"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = cases[i].text;
        taper_controller c;
        const taper_controller zero = {0};
        taper_error err = {.code = TAPER_OK};
        const taper_status status =
            taper_controller_parse(text, strlen(text), &c, &err);
        if (status != cases[i].status || err.position != cases[i].position ||
            err.length != cases[i].length ||
            !strstr(err.message, cases[i].part))
            fail_msg("%s: %d at %zu + %zu: %s", text, (int)status, err.position,
                     err.length, err.message);
        assert_memory_equal(&c, &zero, sizeof c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_make_the_same_decisions),
        cmocka_unit_test(
            torch_plateau_e9_a_negative_metric_that_worsens_reduces),
        cmocka_unit_test(torch_plateau_e10_nan_never_moves_the_rate),
        cmocka_unit_test(plateau_counts_patience_and_cooldown),
        cmocka_unit_test(greedy_rises_and_falls),
        cmocka_unit_test(bounds_of_peers_are_rates),
        cmocka_unit_test(a_rate_rounded_off_its_bound_is_on_it),
        cmocka_unit_test(cooldown_on_command_begins_the_last_segment),
        cmocka_unit_test(cooldown_begins_on_a_plateau),
        cmocka_unit_test(a_cooldown_is_continuous_where_nothing_is_level),
        cmocka_unit_test(there_is_nothing_to_enter_in_the_last_segment),
        cmocka_unit_test(a_run_cut_anywhere_makes_the_same_decisions),
        cmocka_unit_test(what_is_saved_comes_back_byte_for_byte),
        cmocka_unit_test(the_longest_state_fits),
        cmocka_unit_test(a_damaged_state_is_refused),
        cmocka_unit_test(canonical_text_reads_back),
        cmocka_unit_test(pythons_spelling_is_read),
        cmocka_unit_test(errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
