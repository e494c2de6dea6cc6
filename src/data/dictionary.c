/* A hash table with linear probing over strings in one block. See
 * dictionary.h. */
#include "data/dictionary.h"

#include "data/hash.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_STRINGS = 256, FIRST_BYTES = 4096 };
static const size_t MOST_STRINGS = (size_t)1 << 31;

void data_dictionary_free(struct data_dictionary *d)
{
    free(d->bytes);
    free(d->entries);
    free(d->slots);
    *d = (struct data_dictionary){0};
}

static uint32_t hash(const void *bytes, size_t size)
{
    const uint64_t h = data_hash(bytes, size, 0);
    return (uint32_t)(h ^ h >> 32);
}

/* The slot that holds the string, or the free one where it belongs. The table
 * is never full. */
static size_t slot_of(const struct data_dictionary *d, const void *bytes,
                      size_t size, uint32_t h)
{
    const size_t mask = d->slot_count - 1;
    size_t slot = h & mask;
    for (; d->slots[slot].number != 0; slot = (slot + 1) & mask) {
        if (d->slots[slot].hash != h) continue;
        const struct data_dictionary_entry *e =
            &d->entries[d->slots[slot].number - 1];
        if (e->size == size &&
            (size == 0 || memcmp(d->bytes + e->offset, bytes, size) == 0))
            break;
    }
    return slot;
}

size_t data_dictionary_find(const struct data_dictionary *d, const void *bytes,
                            size_t size)
{
    if (d->count == 0) return DATA_ABSENT;
    const size_t slot = slot_of(d, bytes, size, hash(bytes, size));
    return d->slots[slot].number == 0 ? DATA_ABSENT
                                      : (size_t)d->slots[slot].number - 1;
}

static bool make_room_for_bytes(struct data_dictionary *d, size_t size)
{
    if (d->bytes && size <= d->room - d->used) return true;
    if (size > SIZE_MAX / 4 - d->used) return false;
    size_t room = d->room > 0 ? d->room : FIRST_BYTES;
    while (room - d->used < size)
        room *= 2;
    uint8_t *bytes = realloc(d->bytes, room);
    if (!bytes) return false;
    d->bytes = bytes;
    d->room = room;
    return true;
}

static bool make_room_for_entry(struct data_dictionary *d)
{
    if (d->count < d->capacity) return true;
    const size_t capacity = d->capacity > 0 ? d->capacity * 2 : FIRST_STRINGS;
    if (capacity > MOST_STRINGS) return false;
    struct data_dictionary_entry *entries =
        realloc(d->entries, capacity * sizeof *entries);
    if (!entries) return false;
    d->entries = entries;
    d->capacity = capacity;
    return true;
}

/* Half of the slots stay free, so that probes are short. */
static bool make_room_for_slot(struct data_dictionary *d)
{
    if (d->count * 2 < d->slot_count) return true;
    const size_t slots =
        d->slot_count > 0 ? d->slot_count * 2 : (size_t)FIRST_STRINGS * 2;
    struct data_dictionary_slot *fresh = calloc(slots, sizeof *fresh);
    if (!fresh) return false;
    for (size_t i = 0; i < d->slot_count; i++) {
        if (d->slots[i].number == 0) continue;
        size_t slot = d->slots[i].hash & (slots - 1);
        while (fresh[slot].number != 0)
            slot = (slot + 1) & (slots - 1);
        fresh[slot] = d->slots[i];
    }
    free(d->slots);
    d->slots = fresh;
    d->slot_count = slots;
    return true;
}

size_t data_dictionary_add(struct data_dictionary *d, const void *bytes,
                           size_t size)
{
    if (size > UINT32_MAX || !make_room_for_slot(d)) return DATA_ABSENT;
    const uint32_t h = hash(bytes, size);
    const size_t slot = slot_of(d, bytes, size, h);
    if (d->slots[slot].number != 0) return (size_t)d->slots[slot].number - 1;

    if (!make_room_for_entry(d) || !make_room_for_bytes(d, size))
        return DATA_ABSENT;
    if (size > 0) memcpy(d->bytes + d->used, bytes, size);
    d->entries[d->count] =
        (struct data_dictionary_entry){.offset = d->used,
                                       .size = (uint32_t)size};
    d->used += size;
    d->slots[slot] = (struct data_dictionary_slot){h, (uint32_t)(d->count + 1)};
    return d->count++;
}

const uint8_t *data_dictionary_bytes(const struct data_dictionary *d,
                                     size_t number, size_t *size)
{
    *size = d->entries[number].size;
    return d->bytes + d->entries[number].offset;
}
