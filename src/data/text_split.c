/* Splits texts by what they say and interleaves classes: every result is a pure
 * function of texts and labels. */
#include "data/text_split.h"

#include "data/hash.h"

#include <stdlib.h>
#include <string.h>

enum { FEWEST_LETTERS = 16 }; /* that a text is known by; see data/texts.h */

void data_text_order_free(struct data_text_order *order)
{
    free(order->texts);
    *order = (struct data_text_order){0};
}

bool data_text_all(const struct data_text_list *list,
                   struct data_text_order *order)
{
    order->texts = malloc(list->count * sizeof *order->texts);
    if (!order->texts) return false;
    order->count = list->count;
    for (size_t i = 0; i < list->count; i++)
        order->texts[i] = i;
    return true;
}

/* What decides a text's side of the split. */
struct key {
    uint64_t hash;
    size_t text;
    int32_t class;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->class != y->class) return x->class < y->class ? -1 : 1;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->text < y->text ? -1 : x->text > y->text;
}

/* Hash what remains when case, digits, spaces and punctuation do not count.
 * `letters` has room for the text. */
static uint64_t hash_letters(const uint8_t *text, size_t size, uint8_t *letters)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        const uint8_t lower = text[i] | 0x20;
        if (text[i] >= 0x80)
            letters[n++] = text[i];
        else if (lower >= 'a' && lower <= 'z')
            letters[n++] = lower;
    }
    return n < FEWEST_LETTERS ? data_hash(text, size, 0)
                              : data_hash(letters, n, 0);
}

static bool make_keys(const struct data_text_list *list, struct key *keys)
{
    static const uint8_t nothing[1];
    /* Of texts that are all empty there is no memory. */
    const uint8_t *const bytes =
        list->bytes.bytes ? list->bytes.bytes : nothing;
    size_t longest = 1;
    for (size_t i = 0; i < list->count; i++) {
        const size_t size = list->ends[i] - data_text_begin(list, i);
        if (size > longest) longest = size;
    }
    uint8_t *letters = malloc(longest);
    if (!letters) return false;
    for (size_t i = 0; i < list->count; i++) {
        const size_t begin = data_text_begin(list, i);
        keys[i] =
            (struct key){.hash = hash_letters(bytes + begin,
                                              list->ends[i] - begin, letters),
                         .text = i,
                         .class = list->labels[i]};
    }
    free(letters);
    return true;
}

/* Mark one class's test texts among its sorted keys: whole groups of one hash,
 * until they reach a fifth, but never the last group, which trains. */
static void mark_test(const struct key *keys, size_t count, bool *is_test)
{
    const size_t fifth = (count + 2) / 5 > 0 ? (count + 2) / 5 : 1;
    for (size_t i = 0; i < fifth;) {
        size_t next = i + 1;
        while (next < count && keys[next].hash == keys[i].hash)
            next++;
        if (next == count) return;
        for (; i < next; i++)
            is_test[keys[i].text] = true;
    }
}

static void mark_all(const struct key *keys, size_t count, bool *is_test)
{
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        while (next < count && keys[next].class == keys[i].class)
            next++;
        mark_test(keys + i, next - i, is_test);
        i = next;
    }
}

static bool split(const struct data_text_list *list, struct key *keys,
                  bool *is_test, struct data_text_order *train,
                  struct data_text_order *test)
{
    if (!keys || !is_test || !train->texts || !test->texts) return false;
    if (!make_keys(list, keys)) return false;
    qsort(keys, list->count, sizeof *keys, compare_keys);
    mark_all(keys, list->count, is_test);
    for (size_t i = 0; i < list->count; i++) {
        struct data_text_order *side = is_test[i] ? test : train;
        side->texts[side->count++] = i;
    }
    return true;
}

bool data_text_split(const struct data_text_list *list,
                     struct data_text_order *train,
                     struct data_text_order *test)
{
    struct key *keys = malloc(list->count * sizeof *keys);
    bool *is_test = calloc(list->count, sizeof *is_test);
    train->texts = malloc(list->count * sizeof *train->texts);
    test->texts = malloc(list->count * sizeof *test->texts);
    const bool done = split(list, keys, is_test, train, test);
    free(keys);
    free(is_test);
    return done;
}

/* Whether the texts of each class are neighbours. */
static bool comes_by_class(const struct data_text_list *list,
                           const struct data_text_order *order, bool *seen)
{
    for (size_t i = 0; i < order->count; i++) {
        const int32_t class = list->labels[order->texts[i]];
        if (i > 0 && class == list->labels[order->texts[i - 1]]) continue;
        if (seen[class]) return false;
        seen[class] = true;
    }
    return true;
}

/* A text's place: its number within its class, then its class. */
struct place {
    size_t turn, text;
    int32_t rank;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->turn != y->turn) return x->turn < y->turn ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static bool take_turns(const struct data_text_list *list, const int32_t *rank,
                       struct data_text_order *order)
{
    struct place *places = malloc(order->count * sizeof *places);
    if (!places) return order->count == 0;

    size_t turn = 0;
    for (size_t i = 0; i < order->count; i++) {
        const size_t text = order->texts[i];
        const int32_t class = list->labels[text];
        if (i > 0 && class != list->labels[order->texts[i - 1]]) turn = 0;
        places[i] = (struct place){turn++, text, rank[class]};
    }
    qsort(places, order->count, sizeof *places, compare_places);
    for (size_t i = 0; i < order->count; i++)
        order->texts[i] = places[i].text;
    free(places);
    return true;
}

bool data_text_interleave(const struct data_text_list *list,
                          const int32_t *rank, size_t classes,
                          struct data_text_order *order)
{
    bool *seen = calloc(classes, sizeof *seen);
    if (!seen) return false;
    const bool sorted = comes_by_class(list, order, seen);
    free(seen);
    return !sorted || take_turns(list, rank, order);
}
