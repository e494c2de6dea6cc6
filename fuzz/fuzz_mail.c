/* Mails: any bytes are one, and give a text that is not longer than they are
 * and holds no NUL. */
#include "fuzz.h"

#include "data/mail.h"

#include <stdlib.h>
#include <string.h>

typedef bool decoder(const uint8_t *bytes, size_t size,
                     struct data_buffer *out);

static void check(decoder *decode, const uint8_t *bytes, size_t size,
                  size_t most, bool text)
{
    struct data_buffer out = {0};
    if (!decode(bytes, size, &out) || out.size > most) abort();
    if (text && out.size > 0 && memchr(out.bytes, 0, out.size)) abort();
    data_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    check(data_mail_text, bytes, size, size + 1, true);
    check(data_html_text, bytes, size, size, true);
    check(data_base64_decode, bytes, size, size, false);
    check(data_quoted_decode, bytes, size, size, false);
    check(data_words_decode, bytes, size, size, false);
    return 0;
}
