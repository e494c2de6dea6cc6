/* Trials in the store: adding, claiming, finishing, listing. See store.h. */
#include "study/store_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum study_status no_memory(struct study_error *err)
{
    return study_fail(err, STUDY_E_MEMORY, "out of memory");
}

static enum study_status cannot_lock(const struct study_store *s, int error,
                                     struct study_error *err)
{
    return study_fail(err, STUDY_E_FILE, "cannot lock %s-lock: %s", s->path,
                      strerror(error));
}

/* ------------------------------------------------------------------- adding */

/* What identifies a trial, as parameters 1 to 5. */
#define SAME_TRIAL \
    "schedule = ?1 AND peak = ?2 AND budget = ?3 AND seed = ?4 AND role = ?5"

static void bind_identity(sqlite3_stmt *q, const struct study_trial *t)
{
    study_store_text(q, 1, t->schedule);
    (void)sqlite3_bind_double(q, 2, t->peak);
    (void)sqlite3_bind_double(q, 3, t->budget);
    (void)sqlite3_bind_int64(q, 4, t->seed);
    study_store_text(q, 5, study_role_name(t->role));
}

struct adding {
    sqlite3_stmt *insert, *find, *change;
};

static enum study_status prepare_adding(struct study_store *s, struct adding *a,
                                        struct study_error *err)
{
    enum study_status status = study_store_prepare(
        s,
        "INSERT INTO trial(schedule, peak, budget, seed, role, name, spec, "
        "state) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
        "ON CONFLICT(schedule, peak, budget, seed, role) DO NOTHING",
        &a->insert, err);
    if (!status)
        status = study_store_prepare(
            s, "SELECT id, state, name FROM trial WHERE " SAME_TRIAL, &a->find,
            err);
    if (!status)
        status =
            study_store_prepare(s, "UPDATE trial SET state = ?2 WHERE id = ?1",
                                &a->change, err);
    return status;
}

/* Reads the id and the state of the trial that is there now. */
static enum study_status find_trial(struct study_store *s, sqlite3_stmt *q,
                                    struct study_trial *t,
                                    enum study_state *state,
                                    struct study_error *err)
{
    enum study_status status = STUDY_OK;
    bind_identity(q, t);
    const int code = sqlite3_step(q);
    if (code != SQLITE_ROW) {
        status = study_store_fail(s, code, err);
    } else {
        const char *word = (const char *)sqlite3_column_text(q, 1);
        const char *name = (const char *)sqlite3_column_text(q, 2);
        t->id = sqlite3_column_int64(q, 0);
        if (!word || !name || !study_state_read(word, state))
            status = study_store_fail(s, SQLITE_CORRUPT, err);
        else if (strcmp(name, t->name) != 0)
            status = study_fail(err, STUDY_E_USAGE,
                                "the schedule %s is called '%s' in %s, not "
                                "'%s': call it so, or use another --db",
                                t->spec, name, s->path, t->name);
    }
    (void)sqlite3_reset(q);
    return status;
}

static enum study_status add_one(struct study_store *s, struct adding *a,
                                 struct study_trial *t, size_t *added,
                                 struct study_error *err)
{
    const enum study_state wanted =
        t->state == STUDY_HALVED ? STUDY_HALVED : STUDY_WAITING;
    bind_identity(a->insert, t);
    study_store_text(a->insert, 6, t->name);
    study_store_text(a->insert, 7, t->spec);
    study_store_text(a->insert, 8, study_state_name(wanted));
    enum study_status status = study_store_step(s, a->insert, err);
    if (status) return status;
    *added += (size_t)sqlite3_changes(s->db);
    status = find_trial(s, a->find, t, &t->state, err);
    if (status || t->state == wanted) return status;
    if (t->state != STUDY_WAITING && t->state != STUDY_HALVED) return status;
    t->state = wanted;
    (void)sqlite3_bind_int64(a->change, 1, t->id);
    study_store_text(a->change, 2, study_state_name(wanted));
    return study_store_step(s, a->change, err);
}

/* After an addition: no name may stand for two schedules. */
static enum study_status check_names(struct study_store *s,
                                     struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(
        s,
        "SELECT name, min(spec), max(spec) FROM trial GROUP BY name "
        "HAVING min(spec) <> max(spec) LIMIT 1",
        &q, err);
    if (status) return status;
    const int code = sqlite3_step(q);
    if (code == SQLITE_ROW)
        status = study_fail(
            err, STUDY_E_USAGE,
            "the name '%s' stands for %s and for %s in %s: give one of them "
            "another name, or use another --db",
            (const char *)sqlite3_column_text(q, 0),
            (const char *)sqlite3_column_text(q, 1),
            (const char *)sqlite3_column_text(q, 2), s->path);
    else if (code != SQLITE_DONE)
        status = study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    return status;
}

enum study_status study_store_add_inside(struct study_store *s,
                                         struct study_trial *trials,
                                         size_t count, size_t *added,
                                         struct study_error *err)
{
    struct adding a = {0};
    *added = 0;
    enum study_status status = prepare_adding(s, &a, err);
    for (size_t i = 0; i < count && !status; i++)
        status = add_one(s, &a, &trials[i], added, err);
    (void)sqlite3_finalize(a.insert);
    (void)sqlite3_finalize(a.find);
    (void)sqlite3_finalize(a.change);
    if (!status && *added) status = check_names(s, err);
    return status;
}

enum study_status study_store_add(struct study_store *s,
                                  struct study_trial *trials, size_t count,
                                  size_t *added, struct study_error *err)
{
    size_t new_ones = 0;
    enum study_status status = study_store_begin(s, err);
    if (!status) {
        status = study_store_add_inside(s, trials, count, &new_ones, err);
        status = study_store_end(s, status, err);
    }
    if (added) *added = status ? 0 : new_ones;
    return status;
}

/* ------------------------------------------------------------------ reading */

#define BRIEF_COLUMNS \
    "id, name, spec, schedule, peak, budget, seed, role, state, metric, " \
    "seconds, started_at, error, machine"
#define FULL_COLUMNS BRIEF_COLUMNS ", curve, summary"

/* Fills in *t from a row of FULL_COLUMNS or BRIEF_COLUMNS; on failure, which
 * is want of memory or an unknown state, *t is to be cleared all the same. */
static enum study_status read_row(struct study_store *s, sqlite3_stmt *q,
                                  struct study_trial *t,
                                  struct study_error *err)
{
    const bool full = sqlite3_column_count(q) > 14;
    const char *role = (const char *)sqlite3_column_text(q, 7);
    const char *state = (const char *)sqlite3_column_text(q, 8);
    *t = (struct study_trial){
        .id = sqlite3_column_int64(q, 0),
        .peak = sqlite3_column_double(q, 4),
        .budget = sqlite3_column_double(q, 5),
        .seed = sqlite3_column_int64(q, 6),
        .metric = sqlite3_column_type(q, 9) == SQLITE_NULL
                      ? (double)NAN
                      : sqlite3_column_double(q, 9),
        .seconds = sqlite3_column_double(q, 10),
        .started_at = sqlite3_column_double(q, 11),
    };
    if (!role || !state || !study_state_read(state, &t->state))
        return study_store_fail(s, SQLITE_CORRUPT, err);
    t->role = strcmp(role, "tune") == 0 ? STUDY_TUNE : STUDY_SCORE;
    if (!study_store_copy(q, 1, &t->name) ||
        !study_store_copy(q, 2, &t->spec) ||
        !study_store_copy(q, 3, &t->schedule) ||
        !study_store_copy(q, 12, &t->error) ||
        !study_store_copy(q, 13, &t->machine) ||
        (full && (!study_store_copy(q, 14, &t->curve) ||
                  !study_store_copy(q, 15, &t->summary))))
        return no_memory(err);
    return STUDY_OK;
}

enum study_status study_store_list(struct study_store *s,
                                   enum study_detail detail,
                                   struct study_trials *out,
                                   struct study_error *err)
{
    *out = (struct study_trials){0};
    sqlite3_stmt *q;
    enum study_status status =
        study_store_prepare(s,
                            detail == STUDY_FULL ? "SELECT " FULL_COLUMNS
                                                   " FROM trial ORDER BY id"
                                                 : "SELECT " BRIEF_COLUMNS
                                                   " FROM trial ORDER BY id",
                            &q, err);
    int code = SQLITE_ROW;
    while (!status && (code = sqlite3_step(q)) == SQLITE_ROW) {
        struct study_trial t;
        status = read_row(s, q, &t, err);
        if (!status && !study_trials_push(out, &t)) status = no_memory(err);
        study_trial_clear(&t);
    }
    if (!status && code != SQLITE_DONE) status = study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    if (status) study_trials_clear(out);
    return status;
}

enum study_status study_store_counts(struct study_store *s,
                                     struct study_totals *out,
                                     struct study_error *err)
{
    *out = (struct study_totals){0};
    size_t *const of_state[] = {
        [STUDY_WAITING] = &out->waiting,   [STUDY_RUNNING] = &out->running,
        [STUDY_DONE] = &out->done,         [STUDY_FAILED] = &out->failed,
        [STUDY_DIVERGED] = &out->diverged, [STUDY_HALVED] = &out->halved};
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(
        s, "SELECT state, count(*), sum(seconds) FROM trial GROUP BY state", &q,
        err);
    int code = SQLITE_ROW;
    while (!status && (code = sqlite3_step(q)) == SQLITE_ROW) {
        enum study_state state;
        const char *name = (const char *)sqlite3_column_text(q, 0);
        if (!name || !study_state_read(name, &state)) {
            code = SQLITE_CORRUPT;
            break;
        }
        *of_state[state] = (size_t)sqlite3_column_int64(q, 1);
        out->total += *of_state[state];
        out->seconds += sqlite3_column_double(q, 2);
    }
    if (!status && code != SQLITE_DONE) status = study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    return status;
}

/* ----------------------------------------------------------------- claiming */

static enum study_status read_trial(struct study_store *s, int64_t id,
                                    struct study_trial *out,
                                    struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status =
        study_store_prepare(s,
                            "SELECT " FULL_COLUMNS " FROM trial WHERE id = ?",
                            &q, err);
    if (status) return status;
    (void)sqlite3_bind_int64(q, 1, id);
    const int code = sqlite3_step(q);
    status = code == SQLITE_ROW ? read_row(s, q, out, err)
                                : study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    if (status) study_trial_clear(out);
    return status;
}

/* *id becomes the first of `ids` that this process could claim, or 0. */
static enum study_status claim_first(struct study_store *s, const int64_t *ids,
                                     size_t count, int64_t *id,
                                     struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(
        s,
        "UPDATE trial SET state = 'running', owner = ?2, "
        "started_at = (julianday('now') - 2440587.5) * 86400.0 "
        "WHERE id = ?1 AND state = 'waiting'",
        &q, err);
    *id = 0;
    for (size_t i = 0; i < count && !status && !*id; i++) {
        (void)sqlite3_bind_int64(q, 1, ids[i]);
        (void)sqlite3_bind_int64(q, 2, s->owner.number);
        status = study_store_step(s, q, err);
        if (!status && sqlite3_changes(s->db) > 0) *id = ids[i];
    }
    (void)sqlite3_finalize(q);
    return status;
}

enum study_status study_store_claim(struct study_store *s, const int64_t *ids,
                                    size_t count, struct study_trial *out,
                                    bool *claimed, struct study_error *err)
{
    *out = (struct study_trial){0};
    *claimed = false;
    const int error = study_owner_begin(&s->owner, s->path);
    if (error) return cannot_lock(s, error, err);
    enum study_status status = study_store_begin(s, err);
    if (status) return status;
    int64_t id;
    status = claim_first(s, ids, count, &id, err);
    if (!status && id) status = read_trial(s, id, out, err);
    status = study_store_end(s, status, err);
    if (status)
        study_trial_clear(out);
    else
        *claimed = id != 0;
    return status;
}

/* ---------------------------------------------------------------- finishing */

enum study_status study_store_outcome(struct study_store *s,
                                      const struct study_trial *t,
                                      const char *when, bool *changed,
                                      struct study_error *err)
{
    static const char sql[] =
        "UPDATE trial SET state = ?2, metric = ?3, seconds = ?4, error = ?5, "
        "curve = ?6, summary = ?7, machine = ?8, started_at = ?9, owner = NULL "
        "WHERE id = ?1 AND ";
    char *text = malloc(sizeof sql + strlen(when));
    sqlite3_stmt *q = NULL;
    if (!text) return no_memory(err);
    enum study_status status =
        study_store_prepare(s, strcat(strcpy(text, sql), when), &q, err);
    free(text);
    if (!status) {
        (void)sqlite3_bind_int64(q, 1, t->id);
        study_store_text(q, 2, study_state_name(t->state));
        if (t->state == STUDY_DONE)
            (void)sqlite3_bind_double(q, 3, t->metric); /* NaN becomes NULL */
        (void)sqlite3_bind_double(q, 4, t->seconds);
        study_store_text(q, 5, t->error);
        study_store_text(q, 6, t->curve);
        study_store_text(q, 7, t->summary);
        study_store_text(q, 8, t->machine);
        (void)sqlite3_bind_double(q, 9, t->started_at);
        status = study_store_step(s, q, err);
        *changed = sqlite3_changes(s->db) > 0;
    }
    (void)sqlite3_finalize(q);
    return status;
}

/* The only change that waits for the disk: it is what cost the time. */
enum study_status study_store_finish(struct study_store *s,
                                     const struct study_trial *t,
                                     struct study_error *err)
{
    static const struct study_trial fresh = {.state = STUDY_WAITING};
    struct study_trial outcome = t->state == STUDY_WAITING ? fresh : *t;
    outcome.id = t->id;
    const bool lasting = t->state != STUDY_WAITING;
    bool changed = false;
    enum study_status status = STUDY_OK;
    if (lasting) status = study_store_do(s, "PRAGMA synchronous = FULL", err);
    if (!status) status = study_store_begin(s, err);
    if (status) return status;

    char mine[64];
    (void)sqlite3_snprintf(sizeof mine, mine, "owner = %lld",
                           (long long)s->owner.number);
    status = study_store_outcome(s, &outcome, mine, &changed, err);
    if (!status && !changed)
        status = study_fail(err, STUDY_E_USAGE,
                            "trial %lld of %s is claimed by another process by "
                            "now: its result was dropped",
                            (long long)t->id, s->path);
    status = study_store_end(s, status, err);
    if (lasting && !status)
        status = study_store_do(s, "PRAGMA synchronous = NORMAL", err);
    return status;
}

/* --------------------------------------------------------------- taking back
 */

enum study_status study_store_retry(struct study_store *s, size_t *count,
                                    struct study_error *err)
{
    if (count) *count = 0;
    enum study_status status = study_store_do(
        s,
        "UPDATE trial SET state = 'waiting', metric = NULL, seconds = 0, "
        "error = NULL, curve = NULL, summary = NULL, machine = NULL, "
        "started_at = 0 WHERE state = 'failed'",
        err);
    if (!status && count) *count = (size_t)sqlite3_changes(s->db);
    return status;
}

/* Fills `dead` with up to `cap` owners of claims that are not alive. */
static enum study_status find_dead(struct study_store *s, int64_t *dead,
                                   size_t cap, size_t *count,
                                   struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(
        s, "SELECT DISTINCT owner FROM trial WHERE state = 'running'", &q, err);
    int code = SQLITE_DONE;
    *count = 0;
    while (!status && *count < cap && (code = sqlite3_step(q)) == SQLITE_ROW) {
        const int64_t owner = sqlite3_column_int64(q, 0);
        if (!study_owner_alive(&s->owner, s->path, owner))
            dead[(*count)++] = owner;
    }
    if (!status && code != SQLITE_DONE && code != SQLITE_ROW)
        status = study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    return status;
}

/* A process that is found dead stays dead, so looking needs no transaction;
 * most of the time there is nobody to find, and nothing is written. */
enum study_status study_store_reclaim(struct study_store *s, size_t *count,
                                      struct study_error *err)
{
    int64_t dead[64];
    size_t found = 0, freed = 0;
    enum study_status status =
        find_dead(s, dead, sizeof dead / sizeof dead[0], &found, err);
    if (count) *count = 0;
    if (status || !found) return status;
    sqlite3_stmt *q;
    status = study_store_prepare(
        s,
        "UPDATE trial SET state = 'waiting', owner = NULL, started_at = 0 "
        "WHERE state = 'running' AND owner = ?",
        &q, err);
    for (size_t i = 0; i < found && !status; i++) {
        (void)sqlite3_bind_int64(q, 1, dead[i]);
        status = study_store_step(s, q, err);
        freed += (size_t)sqlite3_changes(s->db);
    }
    (void)sqlite3_finalize(q);
    if (count) *count = freed;
    return status;
}
