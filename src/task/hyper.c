/* The table of hyperparameters, and a plan's names bound to it. */
#include "task/hyper.h"

#include "task/readers.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX /* in the place of a name's number */

/* Below 1 by as much as the setting --momentum has to be. */
#define BELOW_ONE 0.999999

/* A row is all that a hyperparameter needs; each is at least 0. A rule has
 * those options that its defaults have. */
static const struct row {
    const char *name;
    const char *setting; /* the option that it stands in for; NULL: none */
    double most;         /* without a setting; that has a range of its own */
    bool option;         /* a member of struct optim_options, */
    size_t offset;       /* a double, which is here */
    bool grouped;        /* a group may have its own */
} rows[TASK_HYPER_COUNT] = {
#define OPTION(member) \
    .option = true, .offset = offsetof(struct optim_options, member)
    [TASK_HYPER_LR] = {.name = "lr", .most = DBL_MAX, .grouped = true},
    [TASK_HYPER_MOMENTUM] = {.name = "momentum",
                             .setting = "momentum",
                             OPTION(momentum)},
    [TASK_HYPER_BETA1] = {.name = "beta1", .most = BELOW_ONE, OPTION(beta1)},
    [TASK_HYPER_BETA2] = {.name = "beta2", .most = BELOW_ONE, OPTION(beta2)},
    [TASK_HYPER_WEIGHT_DECAY] = {.name = "weight_decay",
                                 .setting = "weight-decay",
                                 .grouped = true},
    [TASK_HYPER_LABEL_SMOOTHING] = {.name = "label_smoothing",
                                    .setting = "label-smoothing"},
    [TASK_HYPER_CLIP] = {.name = "clip", .setting = "clip"},
    [TASK_HYPER_CLIP_RANGE] = {.name = "clip_range", .setting = "clip-range"},
    [TASK_HYPER_ENTROPY] = {.name = "entropy", .setting = "entropy"},
#undef OPTION
};

/* Which of the plan's values an optim_group gets; NONE: not the plan's. */
struct task_link {
    size_t lr, decay;
    double decay_over;
};

/* ---- names ---- */

/* "lr[head]" as its two parts. */
struct name {
    const char *whole;
    size_t length; /* before the bracket */
    size_t group;  /* bytes within the brackets; 0: there are none */
};

static struct name name_of(const taper_plan *plan, size_t i)
{
    const char *const text = taper_plan_name(plan, i);
    const size_t length = strcspn(text, "["), all = strlen(text);
    return (struct name){text, length, all > length ? all - length - 2 : 0};
}

static bool is(const struct name *n, const char *word)
{
    return strlen(word) == n->length && memcmp(word, n->whole, n->length) == 0;
}

static bool is_group(const struct name *n, const char *word)
{
    return strlen(word) == n->group &&
           memcmp(word, n->whole + n->length + 1, n->group) == 0;
}

/* What a plan may name: a hyperparameter of its task, its algorithm and its
 * rule. */
struct scope {
    enum task_for task;
    const struct task_settings *settings;
    const struct optim_rule *rule;
};

static bool has(const struct scope *in, const struct row *row)
{
    const struct task_setting *const setting =
        row->setting ? task_setting_find(row->setting) : NULL;
    if (setting &&
        (!(setting->tasks & in->task) ||
         task_setting_check_read(in->settings, setting, NULL) != TASK_OK))
        return false;
    double value = 1;
    if (row->option)
        memcpy(&value, (const char *)&in->rule->defaults + row->offset,
               sizeof value);
    return value > 0;
}

static enum task_status unknown(const struct name *n, const struct scope *in,
                                struct task_error *err)
{
    const char *names[TASK_HYPER_COUNT];
    size_t count = 0;
    for (size_t k = 0; k < TASK_HYPER_COUNT; k++)
        if (has(in, &rows[k])) names[count++] = rows[k].name;
    const char *const algorithm = in->settings->algorithm;
    char word[81], where[64];
    (void)snprintf(word, sizeof word, "%.*s", (int)n->length, n->whole);
    (void)snprintf(where, sizeof where, " with %s%s%s",
                   algorithm ? algorithm : "", algorithm ? " and " : "",
                   in->rule->name);
    return task_unknown("hyperparameter", word, where, names, count, err);
}

/* The row of a name, checked as far as it can be without the network. */
static enum task_status find_row(const struct name *n, const struct scope *in,
                                 size_t *out, struct task_error *err)
{
    if (is(n, "batch_size") || is(n, "batch"))
        return task_fail(err, TASK_E_USAGE,
                         "the plan names %.80s, which is fixed while a run "
                         "lasts, because its memory is planned once: give "
                         "--batch",
                         n->whole);
    for (*out = 0; *out < TASK_HYPER_COUNT; ++*out)
        if (is(n, rows[*out].name) && has(in, &rows[*out])) break;
    if (*out == TASK_HYPER_COUNT) return unknown(n, in, err);
    if (n->group == 0 || rows[*out].grouped) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "the plan names %.80s, but groups have an lr and a "
                     "weight_decay only: leave out the brackets",
                     n->whole);
}

/* ---- values ---- */

struct task_reach task_reach_of(const taper_schedule *s, int64_t steps,
                                double least, double most)
{
    enum { CHUNK = 1024 };
    const int64_t seen = INT64_C(1) << 26;
    if (steps > seen) steps = seen;
    struct task_reach r = {.largest = 0, .outside = -1};
    double values[CHUNK];
    for (int64_t first = 0; first < steps; first += CHUNK) {
        const int64_t left = steps - first;
        const size_t n = left < CHUNK ? (size_t)left : CHUNK;
        taper_fill(s, first, 1, n, values);
        for (size_t i = 0; i < n; i++) {
            if (values[i] > r.largest) r.largest = values[i];
            if (r.outside >= 0 || (values[i] >= least && values[i] <= most))
                continue;
            r.outside = first + (int64_t)i;
            r.value = values[i];
        }
    }
    return r;
}

static enum task_status check_values(struct task_hyper *h, size_t i,
                                     const struct row *row, int64_t steps,
                                     struct task_error *err)
{
    const double most =
        row->setting ? task_setting_find(row->setting)->max : row->most;
    const struct task_reach r =
        task_reach_of(taper_plan_schedule(h->plan, i), steps, 0, most);
    h->largest[i] = r.largest;
    if (r.outside < 0) return TASK_OK;
    char value[TAPER_NUMBER_SIZE], end[TAPER_NUMBER_SIZE], range[64];
    (void)taper_format_number(r.value, value);
    (void)taper_format_number(most, end);
    (void)snprintf(range, sizeof range, most < DBL_MAX ? "from 0 to %s" : "%s",
                   most < DBL_MAX ? end : "0 or more");
    return task_fail(err, TASK_E_USAGE,
                     "the plan's %.80s is %s at step %lld: it must be %s",
                     taper_plan_name(h->plan, i), value, (long long)r.outside,
                     range);
}

/* ---- opening ---- */

static enum task_status check_name(struct task_hyper *h, size_t i,
                                   enum task_for task,
                                   const struct task_settings *s, bool resumed,
                                   int64_t steps, struct task_error *err)
{
    const struct name n = name_of(h->plan, i);
    const struct scope in = {task, s, optim_rule_find(s->optimizer)};
    size_t k;
    const enum task_status status = find_row(&n, &in, &k, err);
    if (status != TASK_OK) return status;
    const char *const setting = rows[k].setting;
    if (n.group == 0 && !resumed && setting && task_settings_given(s, setting))
        return task_fail(err, TASK_E_USAGE,
                         "the plan has %s, and so has the option --%s: leave "
                         "one of them out",
                         rows[k].name, setting);
    if (n.group == 0) h->of[k] = i;
    return check_values(h, i, &rows[k], steps, err);
}

enum task_status task_hyper_open(struct task_hyper *h, taper_plan *plan,
                                 enum task_for task,
                                 const struct task_settings *s, bool resumed,
                                 int64_t steps, struct task_error *err)
{
    const size_t count = taper_plan_count(plan);
    *h = (struct task_hyper){.plan = plan};
    h->values = calloc(2 * count, sizeof *h->values);
    if (!h->values) return task_fail(err, TASK_E_MEMORY, "out of memory");
    h->largest = h->values + count;
    for (size_t k = 0; k < TASK_HYPER_COUNT; k++)
        h->of[k] = NONE;
    for (size_t i = 0; i < count; i++) {
        const enum task_status status =
            check_name(h, i, task, s, resumed, steps, err);
        if (status != TASK_OK) return status;
    }
    if (h->of[TASK_HYPER_LR] != NONE) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "the plan has no lr, without which nothing trains: add a "
                     "line such as 'lr = linear(0, 2e-3, 5%%) then "
                     "cosine(to=0)'");
}

void task_hyper_close(struct task_hyper *h)
{
    taper_plan_free(h->plan, NULL);
    free(h->values);
    free(h->links);
    *h = (struct task_hyper){0};
}

/* ---- groups ---- */

enum {
    MEMBER_GROUPS = sizeof((struct task_member *)0)->groups / sizeof(char *)
};

/* The plan's name of a hyperparameter for the first group of the member that
 * has one, and else the one without a group. */
static size_t find_for(const struct task_hyper *h,
                       const struct task_member *member,
                       enum task_hyper_kind kind, size_t otherwise)
{
    for (size_t g = 0; g < MEMBER_GROUPS && member->groups[g]; g++)
        for (size_t i = 0; i < taper_plan_count(h->plan); i++) {
            const struct name n = name_of(h->plan, i);
            if (is(&n, rows[kind].name) && is_group(&n, member->groups[g]))
                return i;
        }
    return otherwise;
}

/* Every group that the members name, once, in the order of their first. */
static size_t list_groups(const struct task_member *members, size_t count,
                          const char **names, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < count * MEMBER_GROUPS; i++) {
        const char *const name =
            members[i / MEMBER_GROUPS].groups[i % MEMBER_GROUPS];
        size_t k = 0;
        while (name && k < n && strcmp(names[k], name) != 0)
            k++;
        if (name && k == n && n < most) names[n++] = name;
    }
    return n;
}

static bool is_linked(const struct task_hyper *h, size_t i)
{
    for (size_t k = 0; k < h->link_count; k++)
        if (h->links[k].lr == i || h->links[k].decay == i) return true;
    return false;
}

/* Refuses name `i` if it is for a group, and drives none. */
static enum task_status check_group(const struct task_hyper *h, size_t i,
                                    const char *network,
                                    const struct task_member *members,
                                    struct task_error *err)
{
    const char *names[16];
    const size_t count = list_groups(members, h->link_count, names,
                                     sizeof names / sizeof names[0]);
    const struct name n = name_of(h->plan, i);
    if (n.group == 0 || is_linked(h, i)) return TASK_OK;
    for (size_t k = 0; k < count; k++)
        if (is_group(&n, names[k]))
            return task_fail(err, TASK_E_USAGE,
                             "the plan's %.80s drives nothing: all of its "
                             "parameters in %.40s are in a group that is more "
                             "specific, and that has a line as well, or keep "
                             "their norm",
                             n.whole, network);
    char word[81], where[64];
    (void)snprintf(word, sizeof word, "%.*s", (int)n.group,
                   n.whole + n.length + 1);
    (void)snprintf(where, sizeof where, " in %.40s", network);
    return task_unknown("parameter group", word, where, names, count, err);
}

enum task_status task_hyper_bind(struct task_hyper *h, const char *network,
                                 const struct task_member *members,
                                 size_t count, struct task_error *err)
{
    if (!h->plan) return TASK_OK;
    h->links = calloc(count + 1, sizeof *h->links);
    if (!h->links) return task_fail(err, TASK_E_MEMORY, "out of memory");
    h->link_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct task_member *const m = &members[i];
        const size_t decay = h->of[TASK_HYPER_WEIGHT_DECAY];
        h->links[i] =
            (struct task_link){.lr = find_for(h, m, TASK_HYPER_LR, NONE),
                               .decay =
                                   m->keeps_norm
                                       ? NONE
                                       : find_for(h, m, TASK_HYPER_WEIGHT_DECAY,
                                                  m->decays ? decay : NONE),
                               .decay_over = m->decay_over};
    }
    enum task_status status = TASK_OK;
    for (size_t i = 0; i < taper_plan_count(h->plan) && status == TASK_OK; i++)
        status = check_group(h, i, network, members, err);
    return status;
}

/* ---- one update ---- */

void task_hyper_at(struct task_hyper *h, int64_t step)
{
    if (h->plan) taper_plan_at(h->plan, step, h->values);
}

void task_hyper_largest(struct task_hyper *h)
{
    if (h->plan)
        memcpy(h->values, h->largest,
               taper_plan_count(h->plan) * sizeof *h->values);
}

double task_hyper_value(const struct task_hyper *h, enum task_hyper_kind kind,
                        double otherwise)
{
    return h->plan && h->of[kind] != NONE ? h->values[h->of[kind]] : otherwise;
}

void task_hyper_set(const struct task_hyper *h, struct task_knobs *knobs)
{
    if (!h->plan) return;
    for (size_t k = 0; k < TASK_HYPER_COUNT; k++)
        if (rows[k].option && h->of[k] != NONE)
            memcpy((char *)&knobs->options + rows[k].offset,
                   &h->values[h->of[k]], sizeof(double));
    knobs->clip = task_hyper_value(h, TASK_HYPER_CLIP, knobs->clip);
    for (size_t i = 0; i < h->link_count; i++) {
        const struct task_link *const link = &h->links[i];
        struct optim_group *const g = &knobs->groups[i];
        g->own_lr = link->lr != NONE;
        if (g->own_lr) g->lr = h->values[link->lr];
        if (link->decay != NONE)
            g->weight_decay = h->values[link->decay] / link->decay_over;
    }
}
