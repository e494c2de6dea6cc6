/* A folder of its own for each test of the trainers, and what is done in it. */
#ifndef TAPER_TESTS_FOLDER_H
#define TAPER_TESTS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka fixtures: *state becomes the folder's path. */
int folder_create(void **state);
int folder_remove(void **state);

/* "folder/name" in one of 64 static buffers, which are used in turn. */
const char *folder_path(const char *folder, const char *name);

void folder_write(const char *folder, const char *name, const void *bytes,
                  size_t size);

/* The whole file with a NUL behind it; the caller frees. NULL if there is no
 * such file. */
char *folder_read(const char *folder, const char *name, size_t *size);

bool folder_has(const char *folder, const char *name);

/* How many entries there are, besides "." and "..". */
size_t folder_count(const char *folder);

/* Both files exist and hold the same bytes. */
void assert_same_file(const char *a, const char *b, const char *name);

/* The text is one line that holds `part`. */
void assert_one_line(const char *text, const char *part);

/* Writes images as a folder in the IDX layout: `train` and `test` grey images
 * of side x side, in 3 classes that a small network tells apart quickly (which
 * third of the rows is bright), with noise of a fixed generator. */
void folder_images(const char *folder, unsigned train, unsigned test,
                   unsigned side);

/* Writes texts of 1 to 12 words as a folder in the TSV layout, text i of class
 * i % 3. The first word tells the class, as does about every third of the
 * others; the rest say nothing. */
void folder_texts(const char *folder, unsigned train, unsigned test);

#endif
