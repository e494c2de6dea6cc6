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

/* Whether the first word, of at least so many letters, begins the second. */
static bool begins(const char *a, size_t a_len, const char *b, size_t b_len,
                   size_t letters)
{
    if (a_len < letters || a_len > b_len) return false;
    for (size_t i = 0; i < a_len; i++)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

/* How far a word is from a name, in half letters: lin means linear, although it
 * is a letter away from min; cosineannealing means cosine if no name is as
 * near.
 */
static size_t half_letters(const char *word, size_t len, const char *name,
                           size_t name_len)
{
    const size_t d = 2 * distance(word, len, name, name_len);
    if (begins(word, len, name, name_len, 3)) return least(d, 1);
    if (begins(word, len, name, name_len, 2) ||
        begins(name, name_len, word, len, 2))
        return least(d, 3);
    return d;
}

const char *taper_suggest(const char *word, size_t len,
                          const char *const *names, size_t count)
{
    if (len == 0 || len > word_max) return NULL;
    const char *best = NULL;
    size_t best_distance = 2 * ((len + 2) / 3) + 2; /* nearer than this */
    for (size_t i = 0; i < count; i++) {
        const size_t name_len = taperi_length_of(names[i]);
        if (name_len > word_max) continue;
        const size_t d = half_letters(word, len, names[i], name_len);
        /* Nothing left of the word is no similarity. */
        if (d >= 2 * least(len, name_len) || d >= best_distance) continue;
        best = names[i];
        best_distance = d;
    }
    return best;
}
