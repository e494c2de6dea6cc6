/* TensorBoard's event files, written by hand: three messages of a few fields
 * do not warrant a protocol buffer library.
 *
 * A file is a row of TFRecords, each of them
 *     uint64 length, uint32 masked CRC-32C of it, data, uint32 masked CRC-32C
 * in little-endian order, masked(c) = rotate_right(c, 15) + 0xa282ead8.
 * The data is one Event of tensorflow/core/util/event.proto:
 *     1 double wall_time, 2 int64 step, 3 string file_version, 5 Summary
 * where a Summary (tensorflow/core/framework/summary.proto) is any number of
 *     1 Value { 1 string tag, 2 float simple_value }. */
#include "task/log_format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What begins a field: number << 3 | wire type. */
enum {
    WALL_TIME = 1 << 3 | 1, /* 64 bits */
    STEP = 2 << 3 | 0,      /* varint */
    VERSION = 3 << 3 | 2,   /* a length and as many bytes */
    SUMMARY = 5 << 3 | 2,
    VALUE = 1 << 3 | 2,
    TAG = 1 << 3 | 2,
    SIMPLE_VALUE = 2 << 3 | 5 /* 32 bits */
};

enum {
    FRAME_BEFORE = 12,
    FRAME_AFTER = 4,
    TAG_SIZE = TASK_LOG_NAME_SIZE + 8,
    /* The epoch, the rate, the loss, the norm. */
    VALUES = 4 + TASK_SERIES + TASK_SCORES,
    /* A value is its tag, a float and 7 bytes of field heads and lengths. */
    SUMMARY_SIZE = VALUES * (TAG_SIZE + 11),
    /* The time is 9 bytes, the step and the summary's head at most 11. */
    EVENT_SIZE = SUMMARY_SIZE + 9 + 11 + 11
};
_Static_assert(FRAME_BEFORE + EVENT_SIZE + FRAME_AFTER <= TASK_LOG_RECORD_SIZE,
               "a record holds every event");
_Static_assert(TAG_SIZE + 7 < 128, "the length of a value is one byte");

/* Bytes that are being put together. */
struct writer {
    unsigned char *at;
};

/* Bit by bit: a row has a few hundred bytes, which takes a microsecond or two,
 * and there is no table to check. */
uint32_t task_log_crc32c(const void *bytes, size_t n)
{
    const unsigned char *const p = bytes;
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static void put_byte(struct writer *w, unsigned value)
{
    *w->at++ = (unsigned char)value;
}

/* The low `bytes` bytes of `value`, the lowest first. */
static void put_fixed(struct writer *w, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        put_byte(w, (unsigned)(value >> 8 * i & 255));
}

static void put_varint(struct writer *w, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        put_byte(w, (unsigned)(value & 127) | 128);
    put_byte(w, (unsigned)value);
}

static void put_bytes(struct writer *w, unsigned field, const void *bytes,
                      size_t n)
{
    put_byte(w, field);
    put_varint(w, n);
    memcpy(w->at, bytes, n);
    w->at += n;
}

static void put_time(struct writer *w, double time)
{
    uint64_t bits;
    memcpy(&bits, &time, sizeof bits);
    put_byte(w, WALL_TIME);
    put_fixed(w, bits, 8);
}

/* One Value of a Summary. */
static void put_scalar(struct writer *w, const char *tag, double value)
{
    const float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    const size_t length = strlen(tag);
    put_byte(w, VALUE);
    put_varint(w, 2 + length + 5);
    put_bytes(w, TAG, tag, length);
    put_byte(w, SIMPLE_VALUE);
    put_fixed(w, bits, 4);
}

static void put_trained(struct writer *w, const char *column, double value)
{
    char tag[TAG_SIZE];
    (void)snprintf(tag, sizeof tag, "train/%.*s", TASK_LOG_NAME_SIZE - 1,
                   column);
    put_scalar(w, tag, value);
}

/* TensorBoard shows what has one prefix together. */
static void put_score(struct writer *w, const char *column, double value)
{
    static const char prefix[] = "test_";
    const size_t n = sizeof prefix - 1;
    char tag[TAG_SIZE];
    if (strncmp(column, prefix, n) == 0) column += n;
    (void)snprintf(tag, sizeof tag, "test/%.*s", TASK_LOG_NAME_SIZE - 1,
                   column);
    put_scalar(w, tag, value);
}

static void put_values(struct writer *w, const struct task_columns *columns,
                       const struct task_row *row)
{
    put_trained(w, "epoch", (double)row->epoch);
    put_trained(w, "lr", row->lr);
    put_trained(w, "loss", row->loss);
    put_trained(w, "grad_norm", row->grad_norm);
    for (size_t i = 0; i < columns->series_count; i++)
        if (!isnan(row->series[i]))
            put_trained(w, columns->series[i], row->series[i]);
    for (size_t i = 0; row->scored && i < columns->score_count; i++)
        put_score(w, columns->scores[i], row->score[i]);
}

static uint32_t masked(const unsigned char *bytes, size_t n)
{
    const uint32_t crc = task_log_crc32c(bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* Closes the record at `out` whose data ends at w. */
static size_t frame(struct writer *w, unsigned char *out)
{
    const size_t n = (size_t)(w->at - out) - FRAME_BEFORE;
    struct writer head = {out};
    put_fixed(&head, n, 8);
    put_fixed(&head, masked(out, 8), 4);
    put_fixed(w, masked(out + FRAME_BEFORE, n), 4);
    return FRAME_BEFORE + n + FRAME_AFTER;
}

size_t task_log_event_version(double time, unsigned char *out)
{
    static const char version[] = "brain.Event:2";
    struct writer w = {out + FRAME_BEFORE};
    put_time(&w, time);
    put_bytes(&w, VERSION, version, sizeof version - 1);
    return frame(&w, out);
}

size_t task_log_event(const struct task_columns *columns,
                      const struct task_row *row, double time,
                      unsigned char *out)
{
    unsigned char summary[SUMMARY_SIZE];
    struct writer values = {summary};
    put_values(&values, columns, row);
    struct writer w = {out + FRAME_BEFORE};
    put_time(&w, time);
    /* A field that is 0 is left out, as the format's own writers do. */
    if (row->step != 0) {
        put_byte(&w, STEP);
        put_varint(&w, (uint64_t)row->step);
    }
    put_bytes(&w, SUMMARY, summary, (size_t)(values.at - summary));
    return frame(&w, out);
}
