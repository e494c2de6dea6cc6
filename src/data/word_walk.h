/* Cuts a text into the words that a tokenizer works on, and makes letters
 * small.
 *
 * Every byte of the text is in exactly one word, in order, so the words end to
 * end are the text again. A space is thought before the text, so that its first
 * word is the same as in the middle. A word is
 *
 *   a run of letters, of digits or of other characters, with the one space
 *   before it if there is one, or
 *   a run of white space (ASCII's), less the last space if a word follows.
 *
 * It is GPT-2's rule (Radford et al. 2019) but for apostrophes: one between two
 * letters is a letter ("don't" is one word), and so is one that begins an
 * English contraction of its own (" 's", " 'll"), as treebanks write them.
 *
 * Letters are ASCII's and all characters of UTF-8 past it but for the
 * punctuation of Latin-1, General Punctuation and that of CJK. Bytes that are
 * no UTF-8 count as other characters. No character is ever cut in two: not by
 * a word's end, nor where a word ends because it is DATA_WORD_MAX bytes long.
 */
#ifndef TAPER_DATA_WORD_WALK_H
#define TAPER_DATA_WORD_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes, the space before it included. English has hardly any past 30; the
 * limit bounds the time that a file of rubbish takes. */
enum { DATA_WORD_MAX = 128 };

enum data_character_kind {
    DATA_CHARACTER_OTHER, /* punctuation, controls, bytes that are no UTF-8 */
    DATA_CHARACTER_LETTER,
    DATA_CHARACTER_DIGIT,
    DATA_CHARACTER_SPACE
};

/* A place in a text. Plain data: copying it copies the place. */
struct data_word_walk {
    const uint8_t *at, *end;
    bool lowercase;
    bool space_before; /* the space that is thought is still to come */
};

struct data_word_walk data_word_walk(const void *text, size_t size,
                                     bool lowercase);

/* The next word's bytes and their number; 0 at the end. An empty text has no
 * words, and so no space before it either. */
size_t data_word_next(struct data_word_walk *walk, uint8_t word[DATA_WORD_MAX]);

/* The length in bytes of the character at `at` < `end` and what it is; a byte
 * that begins no valid UTF-8 has length 1. */
size_t data_character(const uint8_t *at, const uint8_t *end,
                      enum data_character_kind *kind);

/* Copy one character of `size` bytes and make it small: ASCII, Latin-1, Latin
 * Extended-A, Greek and Cyrillic capitals, whose small letters are as many
 * bytes long. Capitals with accents of their own code in Greek, and I with a
 * dot, stay. */
void data_character_lower(const uint8_t *from, size_t size, uint8_t *to);

#endif
