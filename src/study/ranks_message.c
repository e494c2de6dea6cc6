/* Messages between ranks as bytes: see ranks_message.h. */
#include "study/ranks_message.h"

#include <stdlib.h>
#include <string.h>

/* The first bytes of every message: "TAPR" and the version of what follows. */
#define MAGIC UINT32_C(0x52504154)
#define VERSION UINT32_C(1)

#define NO_TEXT UINT32_MAX
#define TEXT_MOST ((size_t)1 << 30)

/* ------------------------------------------------------------------ writing */

struct writer {
    unsigned char *bytes; /* NULL: only counts */
    size_t size;
};

static void put(struct writer *w, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++, w->size++)
        if (w->bytes) w->bytes[w->size] = (unsigned char)(value >> (8 * i));
}

static void put_double(struct writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(w, bits, sizeof bits);
}

static void put_text(struct writer *w, const char *text)
{
    const size_t length = text ? strlen(text) : 0;
    put(w, text ? (uint64_t)length : NO_TEXT, 4);
    if (w->bytes && text) memcpy(w->bytes + w->size, text, length);
    w->size += length;
}

enum { TEXTS = 7 };

/* The texts of a trial, in the order in which they travel. */
static void texts_of(struct study_trial *t, char **texts[TEXTS])
{
    char **const all[TEXTS] = {&t->name,  &t->spec,    &t->schedule, &t->error,
                               &t->curve, &t->summary, &t->machine};
    memcpy(texts, all, sizeof all);
}

static void put_trial(struct writer *w, const struct study_trial *t)
{
    struct study_trial copy = *t;
    char **texts[TEXTS];
    texts_of(&copy, texts);
    put(w, (uint64_t)t->id, 8);
    put(w, (uint64_t)t->seed, 8);
    put(w, (uint64_t)t->role, 1);
    put(w, (uint64_t)t->state, 1);
    put_double(w, t->peak);
    put_double(w, t->budget);
    put_double(w, t->metric);
    put_double(w, t->seconds);
    put_double(w, t->started_at);
    for (size_t i = 0; i < TEXTS; i++)
        put_text(w, *texts[i]);
}

static void put_message(struct writer *w, const struct study_message *m)
{
    put(w, MAGIC, 4);
    put(w, VERSION, 4);
    put(w, (uint64_t)m->kind, 1);
    put(w, (uint32_t)m->code, 4);
    put_text(w, m->text);
    put(w, m->carries, 1);
    if (m->carries) put_trial(w, &m->trial);
}

static bool too_long(const struct study_message *m)
{
    struct study_trial copy = m->trial;
    char **texts[TEXTS];
    texts_of(&copy, texts);
    bool any = m->text && strlen(m->text) > TEXT_MOST;
    for (size_t i = 0; i < TEXTS && m->carries; i++)
        any = any || (*texts[i] && strlen(*texts[i]) > TEXT_MOST);
    return any;
}

unsigned char *study_message_write(const struct study_message *m, size_t *size)
{
    struct writer counter = {NULL, 0}, w = {NULL, 0};
    *size = 0;
    if (too_long(m)) return NULL;
    put_message(&counter, m);
    w.bytes = malloc(counter.size);
    if (!w.bytes) return NULL;
    put_message(&w, m);
    *size = w.size;
    return w.bytes;
}

/* ------------------------------------------------------------------ reading */

struct reader {
    const unsigned char *bytes;
    size_t left;
    bool wrong; /* from here on everything reads as 0 */
};

static uint64_t get(struct reader *r, size_t size)
{
    uint64_t value = 0;
    if (r->wrong || r->left < size) {
        r->wrong = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)r->bytes[i] << (8 * i);
    r->bytes += size;
    r->left -= size;
    return value;
}

static double get_double(struct reader *r)
{
    const uint64_t bits = get(r, sizeof bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* NULL if there is none, or it is not whole. */
static char *get_text(struct reader *r)
{
    const uint64_t length = get(r, 4);
    if (r->wrong || length == NO_TEXT) return NULL;
    char *const text =
        length <= r->left && !memchr(r->bytes, '\0', (size_t)length)
            ? malloc((size_t)length + 1)
            : NULL;
    if (!text) {
        r->wrong = true;
        return NULL;
    }
    memcpy(text, r->bytes, (size_t)length);
    text[length] = '\0';
    r->bytes += length;
    r->left -= (size_t)length;
    return text;
}

static void get_trial(struct reader *r, struct study_trial *t)
{
    char **texts[TEXTS];
    texts_of(t, texts);
    t->id = (int64_t)get(r, 8);
    t->seed = (int64_t)get(r, 8);
    const uint64_t role = get(r, 1), state = get(r, 1);
    t->peak = get_double(r);
    t->budget = get_double(r);
    t->metric = get_double(r);
    t->seconds = get_double(r);
    t->started_at = get_double(r);
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = get_text(r);
    r->wrong = r->wrong || role > STUDY_SCORE || state > STUDY_HALVED ||
               !t->name || !t->spec || !t->schedule;
    if (r->wrong) return;
    t->role = (enum study_role)role;
    t->state = (enum study_state)state;
}

/* Whether a message of this kind has what it needs, and nothing else. */
static bool fits(const struct study_message *m)
{
    const bool needs = m->kind == STUDY_GIVE || m->kind == STUDY_GAVE_TRIAL;
    return m->carries == needs && (m->kind != STUDY_HELLO || m->text);
}

bool study_message_read(const unsigned char *bytes, size_t size,
                        struct study_message *out)
{
    struct reader r = {bytes, size, false};
    *out = (struct study_message){.kind = STUDY_ALIVE};
    const bool ours = get(&r, 4) == MAGIC && get(&r, 4) == VERSION;
    const uint64_t kind = get(&r, 1);
    if (r.wrong || !ours || kind >= STUDY_MESSAGE_KINDS) return false;
    out->kind = (enum study_message_kind)kind;
    out->code = (int32_t)(uint32_t)get(&r, 4);
    out->text = get_text(&r);
    const uint64_t carries = get(&r, 1);
    out->carries = carries == 1;
    if (out->carries) get_trial(&r, &out->trial);
    if (!r.wrong && carries <= 1 && r.left == 0 && fits(out)) return true;
    study_message_clear(out);
    return false;
}

void study_message_clear(struct study_message *m)
{
    free(m->text);
    study_trial_clear(&m->trial);
    *m = (struct study_message){.kind = STUDY_HELLO};
}
