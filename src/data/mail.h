/* What a mail says: its subject and the text of its body, and nothing of its
 * other headers, which tell spam from ham by where a mail came from. */
#ifndef TAPER_DATA_MAIL_H
#define TAPER_DATA_MAIL_H

#include "data/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Append the subject, a newline and the body's text of a mail (RFC 5322, MIME
 * as of RFC 2045 to 2047) to `out`.
 *
 *   subject    folded lines are joined, encoded words decoded
 *   body       parts of type text, quoted-printable and base64 decoded. Of
 *              multipart/alternative the plain text, or else the first part
 *              that says anything; of other multiparts every part; of an
 *              enclosed mail the subject and body. Attachments, pictures and
 *              signatures are left out.
 *   HTML       tags, comments, styles and scripts are dropped, entities
 *              decoded: what a reader would see
 *
 * Character sets are not converted: bytes past ASCII stay what they were,
 * except numeric entities, which become UTF-8. NUL bytes are dropped, CRLF
 * becomes LF. Any bytes are taken for a mail: what is malformed is read as it
 * stands. Not more than size + 1 bytes are appended. Returns false without
 * memory. */
bool data_mail_text(const uint8_t *mail, size_t size, struct data_buffer *out);

/* The same of a text of HTML that is a part of its own. */
bool data_html_text(const uint8_t *html, size_t size, struct data_buffer *out);

/* Append the decoded bytes of a base64 or of a quoted-printable text. What is
 * not of the alphabet, or no escape, is passed over or kept as it stands. */
bool data_base64_decode(const uint8_t *text, size_t size,
                        struct data_buffer *out);
bool data_quoted_decode(const uint8_t *text, size_t size,
                        struct data_buffer *out);

/* Append a header's value, its encoded words decoded (RFC 2047), its folded
 * lines joined. */
bool data_words_decode(const uint8_t *value, size_t size,
                       struct data_buffer *out);

#endif
