/* Text from strangers, made fit for the store: its end, and valid UTF-8. */
#ifndef TAPER_STUDY_RESULT_TEXT_H
#define TAPER_STUDY_RESULT_TEXT_H

#include <stddef.h>

enum { STUDY_TAIL_BYTES = 4096 };

/* The last bytes of a stream of any length. Zeroed is empty. */
struct study_tail {
    char bytes[STUDY_TAIL_BYTES]; /* a ring */
    size_t seen;                  /* bytes in all */
};

void study_tail_take(struct study_tail *tail, const char *bytes, size_t size);

/* The end as text: valid UTF-8, without white space at its end, beginning with
 * a whole line where something was left out. `out` has STUDY_TAIL_BYTES + 1. */
void study_tail_text(const struct study_tail *tail, char *out);

/* A copy with the escape "\xNN" for each byte that is not UTF-8, so that texts
 * which differ stay different; to be freed. NULL when memory runs out. */
char *study_legible_text(const char *text);

#endif
