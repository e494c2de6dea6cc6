/* Byte-pair encoding of one word, and the table that finds merges. */
#include "data/tokenizer_inside.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_MERGES = 1024, NO_RANK = INT32_MAX };

static uint64_t pair_of(int32_t left, int32_t right)
{
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

/* The slot of the pair, or the free one where it belongs. */
static size_t slot_of(const struct data_tokenizer *t, uint64_t pair)
{
    const size_t mask = t->slot_count - 1;
    size_t slot = (size_t)(pair * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (t->slots[slot].pair != 0 && t->slots[slot].pair != pair)
        slot = (slot + 1) & mask;
    return slot;
}

static bool make_room(struct data_tokenizer *t)
{
    if (t->merge_count < t->merge_room) return true;
    const size_t room = t->merge_room > 0 ? t->merge_room * 2 : FIRST_MERGES;
    struct merge *merges = realloc(t->merges, room * sizeof *merges);
    if (!merges) return false;
    t->merges = merges;
    t->merge_room = room;
    return true;
}

bool data_tokenizer_merge(struct data_tokenizer *t, int32_t left, int32_t right,
                          int32_t *made)
{
    const int32_t ids[] = {left, right};
    uint8_t spelling[DATA_WORD_MAX];
    size_t size = 0;
    for (int i = 0; i < 2; i++) {
        size_t part;
        const uint8_t *bytes =
            data_dictionary_bytes(&t->spellings,
                                  (size_t)ids[i] - DATA_TOKEN_FIRST, &part);
        memcpy(spelling + size, bytes, part);
        size += part;
    }
    if (!make_room(t)) return false;
    const size_t number = data_dictionary_add(&t->spellings, spelling, size);
    if (number == DATA_ABSENT) return false;
    *made = (int32_t)number + DATA_TOKEN_FIRST;
    t->merges[t->merge_count++] = (struct merge){left, right, *made};
    return true;
}

/* At most a quarter of the slots is used: most pairs of neighbours are no
 * merge, and those are found out soonest in an empty table. */
bool data_tokenizer_finish(struct data_tokenizer *t)
{
    t->slot_count = 4;
    while (t->slot_count < 4 * t->merge_count)
        t->slot_count *= 2;
    t->slots = calloc(t->slot_count, sizeof *t->slots);
    if (!t->slots) return false;
    for (size_t i = 0; i < t->merge_count; i++) {
        const struct merge *m = &t->merges[i];
        const uint64_t pair = pair_of(m->left, m->right);
        t->slots[slot_of(t, pair)] = (struct merge_slot){.pair = pair,
                                                         .rank = (int32_t)i,
                                                         .made = m->made};
    }
    return true;
}

/* The rank of two neighbours' merge and what it makes. */
static int32_t rank_of(const struct data_tokenizer *t, int32_t left,
                       int32_t right, int32_t *made)
{
    const struct merge_slot *s = &t->slots[slot_of(t, pair_of(left, right))];
    *made = s->made;
    return s->pair != 0 ? s->rank : NO_RANK;
}

/* The first of the smallest values. */
static size_t smallest(const int32_t *values, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (values[i] < values[best]) best = i;
    return best;
}

/* Merge the pair whose merge was made first, of equals the leftmost, until no
 * pair is a merge. `ranks` and `made` are kept for every pair of neighbours, so
 * that a merge looks up only the two pairs that it changes. */
size_t data_tokenizer_bpe_word(const struct data_tokenizer *t,
                               const uint8_t *word, size_t size,
                               int32_t ids[MOST_TOKENS])
{
    int32_t ranks[MOST_TOKENS], made[MOST_TOKENS];
    size_t n = size;
    for (size_t i = 0; i < n; i++)
        ids[i] = DATA_TOKEN_FIRST + word[i];
    for (size_t i = 0; i + 1 < n; i++)
        ranks[i] = rank_of(t, ids[i], ids[i + 1], &made[i]);

    while (n > 1) {
        const size_t at = smallest(ranks, n - 1);
        if (ranks[at] == NO_RANK) break;
        ids[at] = made[at];
        n--;
        const size_t tail = n - at - 1; /* tokens behind the new one */
        memmove(ids + at + 1, ids + at + 2, tail * sizeof *ids);
        memmove(ranks + at, ranks + at + 1, tail * sizeof *ranks);
        memmove(made + at, made + at + 1, tail * sizeof *made);
        if (tail > 0) ranks[at] = rank_of(t, ids[at], ids[at + 1], &made[at]);
        if (at > 0)
            ranks[at - 1] = rank_of(t, ids[at - 1], ids[at], &made[at - 1]);
    }
    return n;
}
