/* See model_json.h. */
#include "cli/model_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taper.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/law_logs.h"
#include "cli/print.h"
#include "plot/aside.h"

/* What is written today. */
#define VERSION 1

const char *const cli_model_flags[CLI_MODEL_FLAGS] = {
    "one_schedule",    "kernel_free", "at_bound",
    "ill_conditioned", "one_peak",    "poor"};

/* ---------------------------------------------------------------- scaling */

/* S is in steps times rates; a momentum forgets by lambda^stride in a stride,
 * and its sum over time stays the same. */
static void scale_params(taper_law_params *p, double stride)
{
    p->A *= pow(stride, -p->alpha);
    if (p->kind == TAPER_LAW_MULTI_POWER) {
        p->C *= stride;
        return;
    }
    const double lambda = pow(p->lambda, stride);
    if (p->lambda < 1) p->C *= (1 - lambda) / (1 - p->lambda);
    p->lambda = lambda;
}

/* The ranges of A and C go with them. */
static void scale_estimates(taper_law_fit *fit, double stride)
{
    taper_law_params unit = fit->params;
    taper_law_estimate *const A = &fit->estimates[TAPER_LAW_A];
    taper_law_estimate *const C = &fit->estimates[TAPER_LAW_C];
    taper_law_estimate *const lambda = &fit->estimates[TAPER_LAW_LAMBDA];
    unit.A = unit.C = 1;
    scale_params(&unit, stride);
    A->low *= unit.A;
    A->high *= unit.A;
    C->low *= unit.C;
    C->high *= unit.C;
    lambda->low = pow(lambda->low, stride);
    lambda->high = pow(lambda->high, stride);
}

static size_t scale_steps(size_t steps, double stride)
{
    return (size_t)ceil((double)steps / stride);
}

void cli_model_scale(struct cli_model *m, double stride)
{
    if (stride == 1) return;
    taper_law_seen *const seen = &m->fit.seen;
    scale_estimates(&m->fit, stride);
    scale_params(&m->fit.params, stride);
    for (size_t i = 0; i < m->spread.members; i++)
        scale_params(&m->spread.member[i], stride);
    seen->steps_low = scale_steps(seen->steps_low, stride);
    seen->steps_high = scale_steps(seen->steps_high, stride);
    m->from = (int64_t)scale_steps((size_t)m->from, stride);
    m->warmup = (int64_t)scale_steps((size_t)m->warmup, stride);
    m->hidden = (int64_t)scale_steps((size_t)m->hidden, stride);
}

/* ---------------------------------------------------------------- writing */

static void add(cJSON *o, const char *name, double value)
{
    cJSON_AddItemToObject(o, name, cli_json_finite(value));
}

static cJSON *parameters_json(const taper_law_params *p)
{
    cJSON *const o = cJSON_CreateObject();
    for (taper_law_param k = 0; k < TAPER_LAW_CLOCK; k++)
        if (taper_law_param_used(p->kind, k))
            add(o, taper_law_param_name(k), taper_law_param_get(p, k));
    return o;
}

static cJSON *quality_json(const taper_law_quality *q)
{
    cJSON *const o = cJSON_CreateObject();
    add(o, "r2", q->r2);
    add(o, "mae", q->mae);
    add(o, "rmse", q->rmse);
    add(o, "prede", q->prede);
    add(o, "worste", q->worste);
    return o;
}

static cJSON *estimates_json(const taper_law_fit *fit)
{
    cJSON *const o = cJSON_CreateObject();
    for (taper_law_param k = 0; k < TAPER_LAW_PARAMS; k++) {
        const taper_law_estimate *const e = &fit->estimates[k];
        if (!e->fitted) continue;
        cJSON *const one = cJSON_CreateObject();
        add(one, "low", e->low);
        add(one, "high", e->high);
        add(one, "deviation", e->deviation);
        if (e->at_low) cJSON_AddStringToObject(one, "at_bound", "low");
        if (e->at_high) cJSON_AddStringToObject(one, "at_bound", "high");
        cJSON_AddItemToObject(o, taper_law_param_name(k), one);
    }
    return o;
}

static cJSON *flags_json(unsigned flags)
{
    cJSON *const a = cJSON_CreateArray();
    for (unsigned k = 0; k < CLI_MODEL_FLAGS; k++)
        if (flags >> k & 1)
            cJSON_AddItemToArray(a, cJSON_CreateString(cli_model_flags[k]));
    return a;
}

static cJSON *seen_json(const taper_law_seen *s)
{
    cJSON *const o = cJSON_CreateObject();
    add(o, "peak_low", s->peak_low);
    add(o, "peak_high", s->peak_high);
    add(o, "end_low", s->end_low);
    add(o, "steps_low", (double)s->steps_low);
    add(o, "steps_high", (double)s->steps_high);
    return o;
}

/* Each member is its parameters in the order of taper_law_param, the clock at
 * the end. */
static cJSON *spread_json(const taper_law_spread *s)
{
    cJSON *const o = cJSON_CreateObject();
    cJSON *const members = cJSON_CreateArray();
    add(o, "error", s->error);
    for (size_t i = 0; i < s->members; i++) {
        cJSON *const one = cJSON_CreateArray();
        for (taper_law_param k = 0; k < TAPER_LAW_PARAMS; k++)
            if (taper_law_param_used(s->member[i].kind, k))
                cJSON_AddItemToArray(one, cli_json_finite(
                                              taper_law_param_get(&s->member[i],
                                                                  k)));
        cJSON_AddItemToArray(members, one);
    }
    cJSON_AddItemToObject(o, "members", members);
    return o;
}

static cJSON *hold_out_json(const struct cli_hold_out *h)
{
    cJSON *const o = cJSON_CreateObject();
    add(o, "runs", (double)h->runs);
    add(o, "final", h->final);
    add(o, "mae", h->mae);
    return o;
}

static void add_fit(cJSON *o, const struct cli_model *m)
{
    const taper_law_fit *const fit = &m->fit;
    add(o, "train_huber", fit->cost);
    add(o, "huber_delta", m->huber);
    cJSON_AddItemToObject(o, "quality", quality_json(&fit->quality));
    add(o, "points", (double)fit->used);
    add(o, "left_out", (double)fit->dropped);
    add(o, "from", (double)m->from);
    add(o, "warmup", (double)m->warmup);
    add(o, "hidden_warmup", (double)m->hidden);
    add(o, "starts", (double)fit->starts);
    add(o, "equal_starts", (double)fit->equal);
    add(o, "condition", fit->condition);
    cJSON_AddItemToObject(o, "flags", flags_json(fit->flags));
    cJSON_AddItemToObject(o, "estimates", estimates_json(fit));
    cJSON_AddItemToObject(o, "seen", seen_json(&fit->seen));
    if (m->hold_out.runs > 0)
        cJSON_AddItemToObject(o, "hold_out", hold_out_json(&m->hold_out));
    if (m->spread.members > 0)
        cJSON_AddItemToObject(o, "spread", spread_json(&m->spread));
    cJSON_AddItemToObject(o, "runs",
                          m->runs ? cJSON_Duplicate(m->runs, true)
                                  : cJSON_CreateArray());
}

cJSON *cli_model_to_json(const struct cli_model *m)
{
    cJSON *const o = cJSON_CreateObject();
    const taper_law_params *const p = &m->fit.params;
    add(o, "version", VERSION);
    cJSON_AddStringToObject(o, "law", taper_law_kind_name(p->kind));
    add(o, "clock", p->clock);
    add(o, "eta_ref", p->eta_ref);
    cJSON_AddItemToObject(o, "parameters", parameters_json(p));
    if (m->fitted) add_fit(o, m);
    return o;
}

int cli_model_write(const cJSON *json, const char *path)
{
    struct plot_error err;
    struct plot_aside a;
    char *const text = cli_json_text(json);
    if (!text) return cli_failed("out of memory");
    bool ok = plot_aside_open(&a, path, &err);
    if (ok) {
        fputs(text, a.file);
        fputc('\n', a.file);
        ok = plot_aside_commit(&a, &err);
    }
    cJSON_free(text);
    return ok ? CLI_GO : cli_failed("%s", err.message);
}

/* ---------------------------------------------------------------- reading */

/* A member that is a number; `otherwise` if there is none. */
static double number_or(const cJSON *o, const char *name, double otherwise)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

/* A count, which is 0 where the file has none that makes sense. */
static size_t count_of(const cJSON *o, const char *name)
{
    const double value = number_or(o, name, 0);
    return value > 0 && value <= 0x1p53 ? (size_t)value : 0;
}

static int read_parameters(const cJSON *json, const char *path,
                           taper_law_params *p)
{
    const cJSON *const o = cJSON_GetObjectItemCaseSensitive(json, "parameters");
    if (!cJSON_IsObject(o))
        return cli_failed("%s is no model: it has no \"parameters\"", path);
    for (taper_law_param k = 0; k < TAPER_LAW_CLOCK; k++) {
        const char *const name = taper_law_param_name(k);
        if (!taper_law_param_used(p->kind, k)) continue;
        const double value = number_or(o, name, NAN);
        if (isnan(value))
            return cli_failed("%s has no number \"%s\" in its \"parameters\", "
                              "which the %s law needs",
                              path, name, taper_law_kind_name(p->kind));
        taper_law_param_set(p, k, value);
    }
    for (const cJSON *item = o->child; item; item = item->next) {
        taper_law_param k = 0;
        while (k < TAPER_LAW_CLOCK &&
               !(taper_law_param_used(p->kind, k) &&
                 strcmp(taper_law_param_name(k), item->string) == 0))
            k++;
        if (k == TAPER_LAW_CLOCK)
            return cli_failed("%s: the %s law has no parameter \"%s\"", path,
                              taper_law_kind_name(p->kind), item->string);
    }
    return CLI_GO;
}

/* What must be there: the law, its clock and its parameters. */
static int read_law(const cJSON *json, const char *path, taper_law_params *p)
{
    const char *const law =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "law"));
    taper_law_error err;
    if (!law)
        return cli_failed("%s is no model: it has no \"law\"; 'taper fit' "
                          "writes one",
                          path);
    if (!taper_law_kind_find(law, &p->kind))
        return cli_failed("%s: the law \"%s\" is neither multi-power nor "
                          "momentum",
                          path, law);
    p->clock = number_or(json, "clock", NAN);
    if (isnan(p->clock))
        return cli_failed("%s has no number \"clock\": 1 is the clock of the "
                          "published laws",
                          path);
    p->eta_ref = number_or(json, "eta_ref", NAN);
    if (isnan(p->eta_ref) && p->clock != 1)
        return cli_failed("%s has no number \"eta_ref\", which a clock other "
                          "than 1 needs: the peak rate of its runs",
                          path);
    if (isnan(p->eta_ref)) p->eta_ref = 1;
    const int status = read_parameters(json, path, p);
    if (status != CLI_GO) return status;
    if (taper_law_params_check(p, &err) != TAPER_LAW_OK)
        return cli_failed("%s: %s", path, err.message);
    return CLI_GO;
}

static void read_estimates(const cJSON *json, taper_law_fit *fit)
{
    const cJSON *const o = cJSON_GetObjectItemCaseSensitive(json, "estimates");
    for (taper_law_param k = 0; k < TAPER_LAW_PARAMS; k++) {
        const cJSON *const one =
            cJSON_GetObjectItemCaseSensitive(o, taper_law_param_name(k));
        taper_law_estimate *const e = &fit->estimates[k];
        e->fitted = one != NULL;
        if (!e->fitted) continue;
        const char *const bound = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(one, "at_bound"));
        e->low = number_or(one, "low", NAN);
        e->high = number_or(one, "high", NAN);
        e->deviation = number_or(one, "deviation", INFINITY);
        e->at_low = bound && strcmp(bound, "low") == 0;
        e->at_high = bound && strcmp(bound, "high") == 0;
    }
}

static void read_quality(const cJSON *json, taper_law_quality *q)
{
    const cJSON *const o = cJSON_GetObjectItemCaseSensitive(json, "quality");
    q->r2 = number_or(o, "r2", NAN);
    q->mae = number_or(o, "mae", NAN);
    q->rmse = number_or(o, "rmse", NAN);
    q->prede = number_or(o, "prede", NAN);
    q->worste = number_or(o, "worste", NAN);
}

/* Steps of runs are no more than a log may have; of anything else there would
 * be no memory, which says less. */
static int check_steps(const cJSON *json, const char *path)
{
    static const char *const names[] = {"from", "warmup", "hidden_warmup",
                                        "steps_low", "steps_high"};
    const cJSON *const seen = cJSON_GetObjectItemCaseSensitive(json, "seen");
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        const double steps = number_or(k < 3 ? json : seen, names[k], 0);
        if (steps > (double)CLI_LAW_STEPS)
            return cli_failed("%s: its \"%s\" is %.17g steps, and %lld is the "
                              "most: fit again",
                              path, names[k], steps, (long long)CLI_LAW_STEPS);
    }
    return CLI_GO;
}

static void read_seen(const cJSON *json, taper_law_seen *s)
{
    const cJSON *const o = cJSON_GetObjectItemCaseSensitive(json, "seen");
    s->peak_low = number_or(o, "peak_low", 0);
    s->peak_high = number_or(o, "peak_high", 0);
    s->end_low = number_or(o, "end_low", 0);
    s->steps_low = count_of(o, "steps_low");
    s->steps_high = count_of(o, "steps_high");
}

static unsigned read_flags(const cJSON *json)
{
    unsigned flags = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "flags"))
    {
        const char *const name = cJSON_GetStringValue(item);
        for (unsigned k = 0; name && k < CLI_MODEL_FLAGS; k++)
            if (strcmp(name, cli_model_flags[k]) == 0) flags |= 1u << k;
    }
    return flags;
}

/* One member of the spread; false if it is none. */
static bool read_member(const cJSON *array, const taper_law_params *like,
                        taper_law_params *out)
{
    const cJSON *item = cJSON_IsArray(array) ? array->child : NULL;
    *out = *like;
    for (taper_law_param k = 0; k < TAPER_LAW_PARAMS; k++) {
        if (!taper_law_param_used(like->kind, k)) continue;
        if (!cJSON_IsNumber(item)) return false;
        taper_law_param_set(out, k, item->valuedouble);
        item = item->next;
    }
    return taper_law_params_check(out, NULL) == TAPER_LAW_OK;
}

static int read_spread(const cJSON *json, const char *path,
                       const taper_law_params *p, taper_law_spread *s)
{
    const cJSON *const o = cJSON_GetObjectItemCaseSensitive(json, "spread");
    const cJSON *item;
    if (!o) return CLI_GO;
    s->error = number_or(o, "error", 0);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(o, "members"))
    {
        if (s->members == TAPER_LAW_MEMBERS) break;
        if (!read_member(item, p, &s->member[s->members]))
            return cli_failed("%s: member %zu of its \"spread\" is no set of "
                              "parameters: fit again",
                              path, s->members + 1);
        s->members++;
    }
    return CLI_GO;
}

static int read_fit(const cJSON *json, const char *path, struct cli_model *m)
{
    const cJSON *const hold =
        cJSON_GetObjectItemCaseSensitive(json, "hold_out");
    m->fit.cost = number_or(json, "train_huber", NAN);
    m->huber = number_or(json, "huber_delta", NAN);
    m->fit.used = count_of(json, "points");
    m->fit.dropped = count_of(json, "left_out");
    m->from = (int64_t)count_of(json, "from");
    m->warmup = (int64_t)count_of(json, "warmup");
    m->hidden = (int64_t)count_of(json, "hidden_warmup");
    m->fit.starts = (int)fmin((double)count_of(json, "starts"), 64);
    m->fit.equal = (int)fmin((double)count_of(json, "equal_starts"), 64);
    m->fit.condition = number_or(json, "condition", INFINITY);
    m->fit.flags = read_flags(json);
    m->hold_out.runs = count_of(hold, "runs");
    m->hold_out.final = number_or(hold, "final", NAN);
    m->hold_out.mae = number_or(hold, "mae", NAN);
    read_quality(json, &m->fit.quality);
    read_estimates(json, &m->fit);
    read_seen(json, &m->fit.seen);
    const cJSON *const runs = cJSON_GetObjectItemCaseSensitive(json, "runs");
    m->fit.runs = (size_t)cJSON_GetArraySize(runs);
    m->runs = cJSON_Duplicate(runs, true);
    return read_spread(json, path, &m->fit.params, &m->spread);
}

static int read_model(const cJSON *json, const char *path, struct cli_model *m)
{
    if (!cJSON_IsObject(json))
        return cli_failed("%s is no model: it is not a JSON object", path);
    /* One that is typed in need not say. */
    const double version = number_or(json, "version", VERSION);
    if (version > VERSION)
        return cli_failed("%s is a model of a later taper (version %g): "
                          "install that, or fit again",
                          path, version);
    if (version < VERSION)
        return cli_failed("%s is a model of an older taper (version %g), which "
                          "this one does not read: fit again",
                          path, version);
    m->fitted = cJSON_GetObjectItemCaseSensitive(json, "train_huber") != NULL;
    int status = read_law(json, path, &m->fit.params);
    if (status == CLI_GO) status = check_steps(json, path);
    return status == CLI_GO && m->fitted ? read_fit(json, path, m) : status;
}

int cli_model_read(const char *path, struct cli_model *out)
{
    char *text;
    *out = (struct cli_model){.fitted = false};
    int status = cli_read_file(path, &text);
    if (status != CLI_GO) return status;
    cJSON *const json = cJSON_ParseWithOpts(text, NULL, true);
    free(text);
    status = read_model(json, cli_file_name(path), out);
    cJSON_Delete(json);
    if (status != CLI_GO) cli_model_free(out);
    return status;
}

void cli_model_free(struct cli_model *m)
{
    cJSON_Delete(m->runs);
    *m = (struct cli_model){.fitted = false};
}
