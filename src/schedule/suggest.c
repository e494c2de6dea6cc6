/* What a person most likely meant by a misspelt word. */
#include "schedule/text.h"

/* Longer words are no misspelling of any name. */
enum { word_max = 32 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be added, left out, changed or swapped with their
 * neighbour to make one word of the other (optimal string alignment). */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][word_max + 1]; /* the last three rows of the table */
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + !same);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], second[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

/* Whether the shorter of two words, of at least two letters, begins the other.
 */
static bool share_beginning(const char *a, size_t a_len, const char *b,
                            size_t b_len)
{
    const size_t len = least(a_len, b_len);
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i])) return false;
    return len >= 2;
}

const char *taper_suggest(const char *word, size_t len,
                          const char *const *names, size_t count)
{
    if (len == 0 || len > word_max) return NULL;
    const char *best = NULL;
    /* In halves, as a shared beginning is between one slip and two. */
    size_t best_distance = 2 * (len / 3 + 2); /* nearer than this */
    for (size_t i = 0; i < count; i++) {
        const size_t name_len = taperi_length_of(names[i]);
        if (name_len > word_max) continue;
        size_t d = 2 * distance(word, len, names[i], name_len);
        /* cos, or cosineannealing, mean cosine although they are far. */
        if (share_beginning(word, len, names[i], name_len)) d = least(d, 3);
        /* Nothing left of the word is no similarity. */
        if (d >= 2 * least(len, name_len) || d >= best_distance) continue;
        best = names[i];
        best_distance = d;
    }
    return best;
}
