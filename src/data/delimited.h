/* Labels and texts in lines: TSV, and CSV as RFC 4180 describes it. What is
 * read of a line is said in data/texts.h. */
#ifndef TAPER_DATA_DELIMITED_H
#define TAPER_DATA_DELIMITED_H

#include "data/text_list.h"

/* Add the texts of a file's bytes to `list` and their labels to `labels`.
 *
 *   separator  '\t': quotes mean nothing; ',': they do
 *   path       names the file in errors, which also say the line
 *
 * Lines end in LF or CRLF; empty ones are passed over. Fails with
 * DATA_E_FORMAT on a line without a label or with another number of columns
 * than the first, on a quote that is never closed, and on a text that is too
 * long. What was added before stays. */
enum data_status data_delimited_parse(const uint8_t *bytes, size_t size,
                                      char separator, const char *path,
                                      struct data_labels *labels,
                                      struct data_text_list *list,
                                      struct data_error *err);

#endif
