/* What holds for a whole study, and putting two stores of one study together.
 * See store.h. */
#include "study/store_inside.h"

#include <stdlib.h>
#include <string.h>

static enum study_status no_memory(struct study_error *err)
{
    return study_fail(err, STUDY_E_MEMORY, "out of memory");
}

void study_facts_clear(struct study_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->items[i].key);
        free(facts->items[i].value);
    }
    free(facts->items);
    *facts = (struct study_facts){0};
}

/* Adds a row of key, value, identity. */
static bool push(struct study_facts *facts, sqlite3_stmt *q)
{
    struct study_fact *items =
        realloc(facts->items, (facts->count + 1) * sizeof *items);
    if (!items) return false;
    facts->items = items;
    struct study_fact *fact = &items[facts->count++];
    *fact = (struct study_fact){.identity = sqlite3_column_int(q, 2) != 0};
    return study_store_copy(q, 0, &fact->key) &&
           study_store_copy(q, 1, &fact->value);
}

enum study_status study_store_facts(struct study_store *s,
                                    struct study_facts *out,
                                    struct study_error *err)
{
    *out = (struct study_facts){0};
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(
        s, "SELECT key, value, identity FROM study ORDER BY key", &q, err);
    int code = SQLITE_ROW;
    while (!status && (code = sqlite3_step(q)) == SQLITE_ROW)
        if (!push(out, q)) status = no_memory(err);
    if (!status && code != SQLITE_DONE) status = study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    if (status) study_facts_clear(out);
    return status;
}

enum study_status study_store_get(struct study_store *s, const char *key,
                                  char **value, struct study_error *err)
{
    *value = NULL;
    struct study_facts facts;
    const enum study_status status = study_store_facts(s, &facts, err);
    for (size_t i = 0; i < facts.count && !*value; i++)
        if (strcmp(facts.items[i].key, key) == 0) {
            *value = facts.items[i].value;
            facts.items[i].value = NULL;
        }
    study_facts_clear(&facts);
    return status;
}

static enum study_status put(struct study_store *s, const char *key,
                             const char *value, bool identity, bool *changed,
                             struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(
        s,
        "INSERT INTO study(key, value, identity) VALUES(?1, ?2, ?3) "
        "ON CONFLICT(key) DO UPDATE SET value = ?2 "
        "WHERE identity = ?3 AND identity = 0",
        &q, err);
    if (status) return status;
    study_store_text(q, 1, key);
    study_store_text(q, 2, value);
    (void)sqlite3_bind_int(q, 3, identity);
    status = study_store_step(s, q, err);
    *changed = !status && sqlite3_changes(s->db) > 0;
    (void)sqlite3_finalize(q);
    return status;
}

enum study_status study_store_set(struct study_store *s, const char *key,
                                  const char *value, struct study_error *err)
{
    bool changed;
    const enum study_status status = put(s, key, value, false, &changed, err);
    if (status || changed) return status;
    return study_fail(err, STUDY_E_USAGE,
                      "'%s' says which study %s is and cannot change", key,
                      s->path);
}

static const char *value_of(const struct study_fact *facts, size_t count,
                            const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(facts[i].key, key) == 0) return facts[i].value;
    return NULL;
}

/* What is asked of the store does not fit: which fact, and both values. */
static enum study_status differs(const struct study_store *s, const char *key,
                                 const char *has, const char *wanted,
                                 struct study_error *err)
{
    if (!has && wanted)
        return study_fail(err, STUDY_E_USAGE,
                          "%s is a study without %s, not one with '%s': use "
                          "another --db",
                          s->path, key, wanted);
    if (has && !wanted)
        return study_fail(err, STUDY_E_USAGE,
                          "%s is a study with the %s '%s', which is not asked "
                          "for: use another --db",
                          s->path, key, has);
    return study_fail(err, STUDY_E_USAGE,
                      "%s is a study with the %s '%s', not '%s': use another "
                      "--db",
                      s->path, key, has ? has : "", wanted ? wanted : "");
}

/* Whether the facts that identify two studies are the same. */
static enum study_status same_study(const struct study_store *s,
                                    const struct study_facts *have,
                                    const struct study_fact *facts,
                                    size_t count, struct study_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(have->items, have->count, facts[i].key);
        if (!value || strcmp(value, facts[i].value) != 0)
            return differs(s, facts[i].key, value, facts[i].value, err);
    }
    for (size_t i = 0; i < have->count; i++)
        if (have->items[i].identity &&
            !value_of(facts, count, have->items[i].key))
            return differs(s, have->items[i].key, have->items[i].value, NULL,
                           err);
    return STUDY_OK;
}

/* Within a transaction: stores the identity of a store that has none, or
 * compares. */
static enum study_status identify(struct study_store *s,
                                  const struct study_fact *facts, size_t count,
                                  struct study_error *err)
{
    struct study_facts have;
    enum study_status status = study_store_facts(s, &have, err);
    bool identified = false;
    for (size_t i = 0; i < have.count; i++)
        identified = identified || have.items[i].identity;
    if (!status && identified) status = same_study(s, &have, facts, count, err);
    study_facts_clear(&have);
    for (size_t i = 0; i < count && !status && !identified; i++) {
        bool changed;
        status = put(s, facts[i].key, facts[i].value, true, &changed, err);
    }
    return status;
}

enum study_status study_store_identify(struct study_store *s,
                                       const struct study_fact *facts,
                                       size_t count, struct study_error *err)
{
    enum study_status status = study_store_begin(s, err);
    if (status) return status;
    status = identify(s, facts, count, err);
    return study_store_end(s, status, err);
}

/* ------------------------------------------------------------------ merging */

/* The facts of another store: those that identify are compared or taken over,
 * the others taken over where there are none. */
static enum study_status merge_facts(struct study_store *s,
                                     const struct study_facts *facts,
                                     struct study_error *err)
{
    struct study_fact *identity = malloc((facts->count + 1) * sizeof *identity);
    if (!identity) return no_memory(err);
    size_t count = 0;
    for (size_t i = 0; i < facts->count; i++)
        if (facts->items[i].identity) identity[count++] = facts->items[i];
    enum study_status status = identify(s, identity, count, err);
    free(identity);

    sqlite3_stmt *q = NULL;
    if (!status)
        status = study_store_prepare(s,
                                     "INSERT OR IGNORE INTO study(key, value, "
                                     "identity) VALUES(?, ?, 0)",
                                     &q, err);
    for (size_t i = 0; i < facts->count && !status; i++) {
        study_store_text(q, 1, facts->items[i].key);
        study_store_text(q, 2, facts->items[i].value);
        status = study_store_step(s, q, err);
    }
    (void)sqlite3_finalize(q);
    return status;
}

/* Leaves only trials that ended by themselves. */
static void keep_ended(struct study_trials *trials)
{
    size_t kept = 0;
    for (size_t i = 0; i < trials->count; i++) {
        struct study_trial *t = &trials->items[i];
        if (study_state_over(t->state) && t->state != STUDY_HALVED)
            trials->items[kept++] = *t;
        else
            study_trial_clear(t);
    }
    trials->count = kept;
}

static enum study_status merge_trials(struct study_store *s,
                                      const struct study_trials *trials,
                                      size_t *added, struct study_error *err)
{
    if (!trials->count) return STUDY_OK;
    struct study_trial *here = malloc(trials->count * sizeof *here);
    if (!here) return no_memory(err);
    for (size_t i = 0; i < trials->count; i++) {
        here[i] = trials->items[i]; /* texts are borrowed */
        here[i].state = STUDY_WAITING;
    }
    size_t fresh;
    enum study_status status =
        study_store_add_inside(s, here, trials->count, &fresh, err);
    for (size_t i = 0; i < trials->count && !status; i++) {
        struct study_trial outcome = trials->items[i];
        bool changed = false;
        outcome.id = here[i].id;
        status = study_store_outcome(s, &outcome, "state = 'waiting'", &changed,
                                     err);
        *added += changed;
    }
    free(here);
    return status;
}

enum study_status study_store_merge(struct study_store *s, const char *path,
                                    size_t *added, struct study_error *err)
{
    struct study_store *other;
    struct study_facts facts = {0};
    struct study_trials trials = {0};
    size_t count = 0;
    if (added) *added = 0;
    enum study_status status = study_store_open(&other, path, STUDY_READ, err);
    if (!status) status = study_store_facts(other, &facts, err);
    if (!status) status = study_store_list(other, STUDY_FULL, &trials, err);
    study_store_close(other);
    keep_ended(&trials);
    if (!status) status = study_store_begin(s, err);
    if (!status) {
        status = merge_facts(s, &facts, err);
        if (!status) status = merge_trials(s, &trials, &count, err);
        status = study_store_end(s, status, err);
    }
    if (added && !status) *added = count;
    study_facts_clear(&facts);
    study_trials_clear(&trials);
    return status;
}
