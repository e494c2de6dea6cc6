/* Which texts are for training and which for testing, and in what order. */
#ifndef TAPER_DATA_TEXT_SPLIT_H
#define TAPER_DATA_TEXT_SPLIT_H

#include "data/text_list.h"

/* Some texts of a list, in an order. Zeroed is empty. */
struct data_text_order {
    size_t *texts; /* [count] their numbers in the list */
    size_t count;
};

void data_text_order_free(struct data_text_order *order);

/* All texts, in the list's order. Returns false without memory. */
bool data_text_all(const struct data_text_list *list,
                   struct data_text_order *order);

/* Set a fifth of each class aside as data/texts.h says; both orders are the
 * list's. The test order is empty if no class has two different texts. Returns
 * false without memory. */
bool data_text_split(const struct data_text_list *list,
                     struct data_text_order *train,
                     struct data_text_order *test);

/* If the texts come class by class, take one of each class in turn instead,
 * the classes by `rank`, and pass over those that have run out. Returns false
 * without memory.
 *
 *   rank  [classes] a class's place by its number in list->labels */
bool data_text_interleave(const struct data_text_list *list,
                          const int32_t *rank, size_t classes,
                          struct data_text_order *order);

#endif
