/* Learns the merges of byte-pair encoding from the counts of words.
 *
 * Counting all pairs anew for each merge would take hours for a large text.
 * Here a merge costs what it changes: every pair knows its count and the words
 * it was seen in, and only those words are rewritten. A heap gives the most
 * frequent pair. Its entries are not moved when a count falls; an entry whose
 * count is no longer its pair's is put right when it comes to the top. */
#include "data/tokenizer_inside.h"

#include <stdlib.h>

enum { FIRST_PAIRS = 4096 };
#define NOWHERE UINT32_MAX /* no pair, no place */

struct pair {
    int32_t left, right;
    bool risen;     /* since the last merge: needs a new entry in the heap */
    uint32_t where; /* the newest of its places, or NOWHERE */
    uint64_t count; /* occurrences in the texts */
};

/* A word that held the pair when the place was made. */
struct place {
    uint32_t word, next;
};

struct pair_slot {
    uint64_t key;    /* of the pair; 0 is free */
    uint32_t number; /* of the pair */
};

struct entry {
    uint64_t count; /* of the pair when the entry was made */
    uint32_t pair;
};

struct learner {
    const struct word_counts *words;
    uint64_t min_count;
    int32_t *tokens; /* of all words, each where its bytes begin */
    uint8_t *sizes;  /* [words], tokens in each */

    struct pair *pairs;
    size_t pair_count, pair_room;
    struct pair_slot *slots; /* [slot_count], a power of two */
    size_t slot_count;
    struct place *places;
    size_t place_count, place_room;
    struct entry *heap; /* [heap_count], the first is the next merge */
    size_t heap_count, heap_room;
    uint32_t *risen; /* [risen_count], pairs */
    size_t risen_count, risen_room;
};

/* An array of `room` values, `count` of them used, with room for one more: the
 * same, or one of twice the size, but of no more than 32 bits can number. NULL
 * without memory: the old one is then as it was. */
static void *grown(void *array, size_t size, size_t count, size_t *room)
{
    if (count < *room) return array;
    const size_t more = *room > 0 ? *room * 2 : FIRST_PAIRS;
    if (more > UINT32_MAX || more > SIZE_MAX / size) return NULL;
    void *moved = realloc(array, more * size);
    if (moved) *room = more;
    return moved;
}

static uint64_t key_of(int32_t left, int32_t right)
{
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

static size_t slot_of(const struct learner *l, uint64_t key)
{
    const size_t mask = l->slot_count - 1;
    size_t slot = (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (l->slots[slot].key != 0 && l->slots[slot].key != key)
        slot = (slot + 1) & mask;
    return slot;
}

static bool grow_slots(struct learner *l)
{
    if (l->pair_count * 2 < l->slot_count) return true;
    struct pair_slot *old = l->slots;
    const size_t count = l->slot_count;
    const size_t more = count > 0 ? count * 2 : (size_t)FIRST_PAIRS * 2;
    struct pair_slot *fresh = calloc(more, sizeof *fresh);
    if (!fresh) return false;
    l->slots = fresh;
    l->slot_count = more;
    for (size_t i = 0; i < count; i++)
        if (old[i].key != 0) l->slots[slot_of(l, old[i].key)] = old[i];
    free(old);
    return true;
}

/* The number of the pair, which is added if it is new; NOWHERE without memory.
 */
static uint32_t pair_number(struct learner *l, int32_t left, int32_t right)
{
    const uint64_t key = key_of(left, right);
    if (!grow_slots(l)) return NOWHERE;
    struct pair_slot *slot = &l->slots[slot_of(l, key)];
    if (slot->key != 0) return slot->number;

    struct pair *pairs =
        grown(l->pairs, sizeof *pairs, l->pair_count, &l->pair_room);
    if (!pairs) return NOWHERE;
    l->pairs = pairs;
    l->pairs[l->pair_count] =
        (struct pair){.left = left, .right = right, .where = NOWHERE};
    *slot = (struct pair_slot){key, (uint32_t)l->pair_count};
    return (uint32_t)l->pair_count++;
}

/* The word's next place of the pair; one is enough for each word. */
static bool add_place(struct learner *l, struct pair *p, uint32_t word)
{
    if (p->where != NOWHERE && l->places[p->where].word == word) return true;
    struct place *places =
        grown(l->places, sizeof *places, l->place_count, &l->place_room);
    if (!places) return false;
    l->places = places;
    l->places[l->place_count] = (struct place){word, p->where};
    p->where = (uint32_t)l->place_count++;
    return true;
}

static bool mark_risen(struct learner *l, uint32_t number)
{
    if (l->pairs[number].risen) return true;
    uint32_t *risen =
        grown(l->risen, sizeof *risen, l->risen_count, &l->risen_room);
    if (!risen) return false;
    l->risen = risen;
    l->risen[l->risen_count++] = number;
    l->pairs[number].risen = true;
    return true;
}

/* The pair occurs once more in the word, and so in all of its occurrences. */
static bool gain(struct learner *l, int32_t left, int32_t right, uint32_t word)
{
    const uint32_t number = pair_number(l, left, right);
    if (number == NOWHERE) return false;
    l->pairs[number].count += l->words->counts[word];
    return add_place(l, &l->pairs[number], word) && mark_risen(l, number);
}

/* Once less. The pair is known, because it was gained. */
static void lose(struct learner *l, int32_t left, int32_t right, uint32_t word)
{
    const struct pair_slot *slot = &l->slots[slot_of(l, key_of(left, right))];
    l->pairs[slot->number].count -= l->words->counts[word];
}

/* Whether a is merged before b. */
static bool before(const struct learner *l, struct entry a, struct entry b)
{
    if (a.count != b.count) return a.count > b.count;
    const struct pair *p = &l->pairs[a.pair], *q = &l->pairs[b.pair];
    return p->left != q->left ? p->left < q->left : p->right < q->right;
}

static bool heap_push(struct learner *l, struct entry e)
{
    struct entry *heap =
        grown(l->heap, sizeof *heap, l->heap_count, &l->heap_room);
    if (!heap) return false;
    l->heap = heap;
    size_t at = l->heap_count++;
    for (; at > 0 && before(l, e, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = e;
    return true;
}

/* Let an entry sink from the top. */
static void heap_sink(struct learner *l, struct entry e)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= l->heap_count) break;
        if (child + 1 < l->heap_count &&
            before(l, l->heap[child + 1], l->heap[child]))
            child++;
        if (!before(l, l->heap[child], e)) break;
        l->heap[at] = l->heap[child];
        at = child;
    }
    l->heap[at] = e;
}

static void heap_pop(struct learner *l)
{
    l->heap_count--;
    if (l->heap_count > 0) heap_sink(l, l->heap[l->heap_count]);
}

/* Give every pair whose count rose an entry, unless it is too rare. */
static bool push_risen(struct learner *l)
{
    for (size_t i = 0; i < l->risen_count; i++) {
        struct pair *p = &l->pairs[l->risen[i]];
        p->risen = false;
        if (p->count < l->min_count) continue;
        if (!heap_push(l, (struct entry){p->count, l->risen[i]})) return false;
    }
    l->risen_count = 0;
    return true;
}

/* The most frequent pair, or NOWHERE if none is frequent enough. Every pair
 * that is has an entry of at least its count, so the first whose count is
 * right is the answer. */
static uint32_t next_pair(struct learner *l)
{
    while (l->heap_count > 0) {
        const struct entry top = l->heap[0];
        const uint64_t count = l->pairs[top.pair].count;
        if (count == top.count) {
            heap_pop(l);
            return top.pair;
        }
        /* A count that rose since has a newer entry. */
        if (count > top.count || count < l->min_count)
            heap_pop(l);
        else
            heap_sink(l, (struct entry){count, top.pair});
    }
    return NOWHERE;
}

static int32_t *tokens_of(const struct learner *l, uint32_t word)
{
    return l->tokens + l->words->words.entries[word].offset;
}

/* Write one word anew with every occurrence of the pair merged, from the left
 * to the right. */
static bool merge_word(struct learner *l, uint32_t word, int32_t left,
                       int32_t right, int32_t made)
{
    int32_t *tokens = tokens_of(l, word);
    const size_t size = l->sizes[word];
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (i + 1 == size || tokens[i] != left || tokens[i + 1] != right) {
            tokens[n++] = tokens[i];
            continue;
        }
        lose(l, left, right, word);
        if (n > 0) {
            lose(l, tokens[n - 1], left, word);
            if (!gain(l, tokens[n - 1], made, word)) return false;
        }
        i++;
        if (i + 1 < size) {
            lose(l, right, tokens[i + 1], word);
            if (!gain(l, made, tokens[i + 1], word)) return false;
        }
        tokens[n++] = made;
    }
    l->sizes[word] = (uint8_t)n;
    return true;
}

static bool merge_everywhere(struct learner *l, const struct pair p,
                             int32_t made)
{
    for (uint32_t at = p.where; at != NOWHERE; at = l->places[at].next)
        if (!merge_word(l, l->places[at].word, p.left, p.right, made))
            return false;
    return push_risen(l);
}

/* Every word as its bytes, every pair of bytes counted. */
static bool begin(struct learner *l)
{
    const struct data_dictionary *d = &l->words->words;
    l->tokens = malloc((d->used + 1) * sizeof *l->tokens);
    l->sizes = malloc(d->count + 1);
    if (!l->tokens || !l->sizes) return false;
    for (uint32_t word = 0; word < d->count; word++) {
        size_t size;
        const uint8_t *bytes = data_dictionary_bytes(d, word, &size);
        int32_t *tokens = tokens_of(l, word);
        l->sizes[word] = (uint8_t)size;
        for (size_t i = 0; i < size; i++) {
            tokens[i] = DATA_TOKEN_FIRST + bytes[i];
            if (i > 0 && !gain(l, tokens[i - 1], tokens[i], word)) return false;
        }
    }
    return push_risen(l);
}

static bool learn(struct learner *l, struct data_tokenizer *t, size_t size)
{
    while (data_tokenizer_size(t) < size) {
        const uint32_t number = next_pair(l);
        if (number == NOWHERE) break;
        const struct pair p = l->pairs[number];
        int32_t made;
        if (!data_tokenizer_merge(t, p.left, p.right, &made) ||
            !merge_everywhere(l, p, made))
            return false;
    }
    return true;
}

bool data_tokenizer_learn_bpe(struct data_tokenizer *t,
                              const struct word_counts *w, size_t size,
                              uint64_t min_count)
{
    struct learner l = {.words = w, .min_count = min_count};
    const bool done = begin(&l) && learn(&l, t, size);
    free(l.tokens);
    free(l.sizes);
    free(l.pairs);
    free(l.slots);
    free(l.places);
    free(l.heap);
    free(l.risen);
    return done;
}
