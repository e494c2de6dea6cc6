/* Numbers byte strings in the order in which they are first seen, 0, 1, 2, ...
 * What counting words, finding a token's id and remembering an encoding have
 * in common. */
#ifndef TAPER_DATA_DICTIONARY_H
#define TAPER_DATA_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATA_ABSENT SIZE_MAX

struct data_dictionary_entry {
    size_t offset; /* into the dictionary's bytes */
    uint32_t size; /* bytes */
};

/* A place of the hash table. The hash lies here and not in the entry, because
 * most comparisons end on it, and the entry is another cache line. */
struct data_dictionary_slot {
    uint32_t hash;
    uint32_t number; /* 1 + the string's number; 0: free */
};

/* Zeroed is empty. */
struct data_dictionary {
    uint8_t *bytes; /* of all strings, end to end */
    size_t used, room;
    struct data_dictionary_entry *entries; /* [count] */
    size_t count, capacity;
    struct data_dictionary_slot *slots; /* [slot_count], a power of two */
    size_t slot_count;
};

void data_dictionary_free(struct data_dictionary *d);

/* The number of the string, or DATA_ABSENT. */
size_t data_dictionary_find(const struct data_dictionary *d, const void *bytes,
                            size_t size);

/* The same, the string added if it is absent: then it is the last one. Strings
 * may hold any bytes, fewer than 2^32. DATA_ABSENT without memory or past 2^31
 * strings; the dictionary is then as it was. */
size_t data_dictionary_add(struct data_dictionary *d, const void *bytes,
                           size_t size);

/* The bytes of string `number`; valid until the next one is added. */
const uint8_t *data_dictionary_bytes(const struct data_dictionary *d,
                                     size_t number, size_t *size);

#endif
