/* Saved tokenizers and texts to encode: whatever the bytes, reading ends in a
 * value, every id lies in the vocabulary and byte pairs give the text back.
 *
 * An input is the lines of a tokenizer's file without the last, which is
 * computed here so that not every change stops at the hash; then, after a NUL,
 * a text to encode, which is also what a tokenizer is learned from. */
#include "fuzz.h"

#include "data/hash.h"
#include "data/tokens.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool promise)
{
    if (!promise) abort();
}

static void encode(const struct data_tokenizer *t, const uint8_t *text,
                   size_t size)
{
    const size_t n = data_tokenizer_encode(t, text, size, NULL, 0);
    int32_t *ids = malloc(n * sizeof *ids);
    uint8_t *back = malloc(size + 1);
    require(ids && back);
    require(data_tokenizer_encode(t, text, size, ids, n) == n);
    require(ids[0] == DATA_TOKEN_CLASS);
    for (size_t i = 1; i < n; i++)
        require(ids[i] == DATA_TOKEN_UNKNOWN ||
                (ids[i] >= DATA_TOKEN_FIRST &&
                 (size_t)ids[i] < data_tokenizer_size(t)));
    if (data_tokenizer_kind(t) == DATA_TOKENIZER_BPE) {
        require(data_tokenizer_decode(t, ids, n, back, size) == size);
        if (data_tokenizer_keeps_case(t))
            require(size == 0 || memcmp(back, text, size) == 0);
    }
    free(ids);
    free(back);
}

/* What is read is written again and read again. */
static void come_back(const struct data_tokenizer *t)
{
    struct data_buffer text = {0};
    struct data_tokenizer *again;
    struct data_error err;
    require(data_tokenizer_write(t, &text, &err) == DATA_OK);
    require(data_tokenizer_read(text.bytes, text.size, "fuzz", &again, &err) ==
            DATA_OK);
    require(data_tokenizer_fingerprint(t) == data_tokenizer_fingerprint(again));
    data_tokenizer_destroy(again);
    data_buffer_free(&text);
}

static void read_lines(const uint8_t *lines, size_t size, const uint8_t *text,
                       size_t text_size)
{
    struct data_tokenizer *t;
    struct data_error err;
    char hash[32];
    const int n = snprintf(hash, sizeof hash, "hash %016" PRIx64 "\n",
                           data_hash(lines, size, 0));
    uint8_t *whole = malloc(size + (size_t)n);
    require(whole);
    if (size > 0) memcpy(whole, lines, size);
    memcpy(whole + size, hash, (size_t)n);
    if (data_tokenizer_read(whole, size + (size_t)n, "fuzz", &t, &err) ==
        DATA_OK) {
        encode(t, text, text_size);
        come_back(t);
        data_tokenizer_destroy(t);
    }
    free(whole);
}

static void learn(const uint8_t *text, size_t size)
{
    size_t offsets[] = {0, size / 2, size};
    int32_t labels[] = {0, 1};
    const struct data_texts texts = {.count = 2,
                                     .bytes = (char *)(uintptr_t)text,
                                     .offsets = offsets,
                                     .labels = labels,
                                     .classes = 2};
    for (int k = 0; k < 4; k++) {
        const struct data_tokenizer_options options = {
            .kind = k % 2 ? DATA_TOKENIZER_WORDS : DATA_TOKENIZER_BPE,
            .size = 300,
            .keep_case = k / 2};
        struct data_tokenizer *t;
        struct data_tokens tokens;
        require(data_tokenizer_train(&texts, &options, &t, NULL) == DATA_OK);
        require(data_tokens_create(&texts, t, 16, &tokens, NULL) == DATA_OK);
        encode(t, text, size);
        come_back(t);
        data_tokens_free(&tokens);
        data_tokenizer_destroy(t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct data_tokenizer *t;
    const uint8_t *nul = size > 0 ? memchr(bytes, '\0', size) : NULL;
    const size_t lines = nul ? (size_t)(nul - bytes) : size;
    const uint8_t *text = nul ? nul + 1 : bytes;
    const size_t text_size = nul ? size - lines - 1 : size;

    if (data_tokenizer_read(bytes, size, "fuzz", &t, NULL) == DATA_OK)
        data_tokenizer_destroy(t);
    read_lines(bytes, lines, text, text_size);
    learn(text, text_size);
    return 0;
}
