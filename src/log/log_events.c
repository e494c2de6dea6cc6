/* TensorBoard's event files, read by hand: of a few messages a few fields are
 * wanted, which warrants no protocol buffer library.
 *
 * A file is a row of TFRecords, each of them
 *     uint64 length, uint32 masked CRC-32C of it, data, uint32 masked CRC-32C
 * in little-endian order, masked(c) = rotate_right(c, 15) + 0xa282ead8. The
 * data is one Event of tensorflow/core/util/event.proto; read are 2 int64 step,
 * 5 Summary { 1 Value { 1 string tag, 2 float simple_value, 8 TensorProto { 1
 * dtype, 4 tensor_content, 5 float_val, 6 double_val } } } where a tensor
 * counts if it is one float or double. Records that are too large to hold
 * scalars alone, pictures or a graph, are passed over. The first reading learns
 * the tags, the second takes the values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_columns.h"
#include "log/log_open.h"
#include "log/log_rows.h"

enum { HEAD = 12, TAIL = 4, FLOAT_TYPE = 1, DOUBLE_TYPE = 2 };

/* ----------------------------------------------------------------- bytes */

static uint64_t fixed(const unsigned char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static double to_float(const unsigned char *bytes)
{
    const uint32_t bits = (uint32_t)fixed(bytes, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double to_double(const unsigned char *bytes)
{
    const uint64_t bits = fixed(bytes, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* CRC-32C (RFC 3720, section 12.1), a byte at a time. */
struct crc {
    uint32_t of[256];
};

static void make_crc(struct crc *table)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1u)));
        table->of[i] = crc;
    }
}

static uint32_t masked_crc(const struct crc *table, const unsigned char *bytes,
                           size_t n)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < n; i++)
        crc = crc >> 8 ^ table->of[(crc ^ bytes[i]) & 255];
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

bool log_is_events(const char *bytes, size_t n)
{
    struct crc table;
    unsigned char head[HEAD];
    if (n < HEAD) return false;
    memcpy(head, bytes, HEAD);
    make_crc(&table);
    return masked_crc(&table, head, 8) == fixed(head + 8, 4);
}

/* -------------------------------------------------------------- messages */

/* What is left of a message. */
struct message {
    const unsigned char *at, *end;
};

/* One field of it. */
struct proto_field {
    uint64_t number, value; /* the value of a varint */
    struct message bytes;   /* of a fixed number or of what has a length */
};

static bool take_varint(struct message *m, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && m->at < m->end; shift += 7) {
        const unsigned char byte = *m->at++;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return true;
    }
    return false;
}

/* Takes the next field. Returns false at the end, and where bytes are none. */
static bool take_field(struct message *m, struct proto_field *f)
{
    enum { VARINT = 0, EIGHT = 1, LENGTH = 2, FOUR = 5 };
    uint64_t key, size = 0;
    if (!take_varint(m, &key)) return false;
    f->number = key >> 3;
    f->bytes = (struct message){m->at, m->at};
    f->value = 0;
    const unsigned wire = key & 7;
    if (wire == VARINT) return take_varint(m, &f->value);
    if (wire == LENGTH && !take_varint(m, &size)) return false;
    if (wire == EIGHT) size = 8;
    if (wire == FOUR) size = 4;
    if ((wire != LENGTH && size == 0) || size > (uint64_t)(m->end - m->at))
        return false;
    f->bytes = (struct message){m->at, m->at + size};
    m->at += size;
    return true;
}

/* A tensor of one float or double; NaN if it is none, and *ok says so. */
static double tensor_value(struct message m, bool *ok)
{
    struct proto_field f;
    struct message content = {NULL, NULL};
    uint64_t type = 0;
    while (take_field(&m, &f)) {
        if (f.number == 1) type = f.value;
        if (f.number >= 4 && f.number <= 6 && f.bytes.end > f.bytes.at)
            content = f.bytes;
    }
    const size_t size = content.at ? (size_t)(content.end - content.at) : 0;
    *ok =
        (type == FLOAT_TYPE && size == 4) || (type == DOUBLE_TYPE && size == 8);
    if (!*ok) return NAN;
    return size == 4 ? to_float(content.at) : to_double(content.at);
}

/* One value of a summary. */
struct scalar {
    const char *tag; /* NULL: the value is no scalar */
    size_t tag_len;
    double value;
};

static struct scalar read_scalar(struct message m)
{
    struct scalar s = {NULL, 0, NAN};
    struct message tag = {NULL, NULL};
    struct proto_field f;
    bool any = false;
    while (take_field(&m, &f)) {
        const size_t size = (size_t)(f.bytes.end - f.bytes.at);
        if (f.number == 1) tag = f.bytes;
        if (f.number == 2 && size == 4) {
            s.value = to_float(f.bytes.at);
            any = true;
        }
        if (f.number == 8 && size > 0) s.value = tensor_value(f.bytes, &any);
    }
    if (!any || !tag.at) return s;
    s.tag = (const char *)tag.at;
    s.tag_len = (size_t)(tag.end - tag.at);
    return s;
}

/* ----------------------------------------------------------------- reading */

struct reader {
    struct crc crc;
    struct log_list tags;
    struct log_choice choice;
    bool second; /* the reading that takes values */
    struct log_rows rows;
    struct log_row row; /* of the step that is being read */
    bool open;          /* there is such a row */
    bool not_finite;    /* its loss is there and not finite */
};

static enum log_status close_row(struct reader *r, struct log_error *err)
{
    if (!r->open) return LOG_OK;
    r->open = false;
    if (r->not_finite) log_rows_not_finite(&r->rows);
    return log_rows_add(&r->rows, &r->row, err);
}

/* Events of one step that follow on each other are one row. */
static enum log_status add_scalar(struct reader *r, int64_t step,
                                  const struct scalar *s, struct log_error *err)
{
    const size_t tag = log_list_find(&r->tags, s->tag, s->tag_len);
    if (!r->second || tag == LOG_NONE) return LOG_OK;
    for (size_t c = LOG_RATE; c < LOG_COLUMNS; c++) {
        if (r->choice.of[c] != tag) continue;
        const bool again = r->open && (!isnan(r->row.value[c]) ||
                                       (c != LOG_RATE && r->not_finite));
        if (r->open && (r->row.step != step || again)) {
            const enum log_status status = close_row(r, err);
            if (status != LOG_OK) return status;
        }
        if (!r->open) {
            r->row = (struct log_row){step, {NAN, NAN, NAN, NAN}};
            r->open = true;
            r->not_finite = false;
        }
        if (isfinite(s->value)) r->row.value[c] = s->value;
        if (c != LOG_RATE) r->not_finite = !isfinite(s->value);
    }
    return LOG_OK;
}

static enum log_status read_event(struct reader *r, struct message event,
                                  struct log_error *err)
{
    struct proto_field f;
    struct message summary = {NULL, NULL};
    uint64_t step = 0;
    while (take_field(&event, &f)) {
        if (f.number == 2) step = f.value;
        if (f.number == 5) summary = f.bytes;
    }
    if (!summary.at || step > UINT64_C(1) << 53) return LOG_OK;
    while (take_field(&summary, &f)) {
        if (f.number != 1) continue;
        const struct scalar s = read_scalar(f.bytes);
        if (!s.tag) continue;
        const enum log_status status = add_scalar(r, (int64_t)step, &s, err);
        if (status != LOG_OK) return status;
    }
    return LOG_OK;
}

/* How the next record of a file is. */
enum record {
    RECORD_WHOLE,
    RECORD_LARGE, /* passed over */
    RECORD_END,
    RECORD_TORN,
    RECORD_DAMAGED
};

/* Passes over so many bytes. *is becomes RECORD_TORN if there are fewer. */
static enum log_status pass_over(struct log_stream *s, uint64_t bytes,
                                 enum record *is, struct log_error *err)
{
    enum { PIECE = 1 << 16 };
    *is = RECORD_LARGE;
    while (bytes > 0) {
        const enum log_status status = log_stream_fill(s, PIECE, err);
        if (status != LOG_OK) return status;
        const size_t left = log_stream_left(s);
        const size_t taken = left < bytes ? left : (size_t)bytes;
        if (taken == 0) {
            *is = RECORD_TORN;
            return LOG_OK;
        }
        log_stream_take(s, taken);
        bytes -= taken;
    }
    return LOG_OK;
}

/* Brings the next record into the buffer; *size is that of its data. */
static enum log_status next_record(const struct reader *r, struct log_stream *s,
                                   enum record *is, size_t *size,
                                   struct log_error *err)
{
    enum log_status status = log_stream_fill(s, HEAD, err);
    if (status != LOG_OK) return status;
    const unsigned char *bytes = (const unsigned char *)log_stream_bytes(s);
    *is = log_stream_left(s) == 0 ? RECORD_END : RECORD_TORN;
    if (log_stream_left(s) < HEAD) return LOG_OK;
    const uint64_t length = fixed(bytes, 8);
    *is = RECORD_DAMAGED;
    if (masked_crc(&r->crc, bytes, 8) != fixed(bytes + 8, 4) ||
        length > INT64_MAX)
        return LOG_OK;
    if (length > LOG_PIECE_MAX - HEAD - TAIL)
        return pass_over(s, HEAD + length + TAIL, is, err);
    *size = (size_t)length;
    status = log_stream_fill(s, HEAD + *size + TAIL, err);
    if (status != LOG_OK) return status;
    bytes = (const unsigned char *)log_stream_bytes(s);
    *is = RECORD_TORN;
    if (log_stream_left(s) < HEAD + *size + TAIL) return LOG_OK;
    const bool same = masked_crc(&r->crc, bytes + HEAD, *size) ==
                      fixed(bytes + HEAD + *size, 4);
    *is = same ? RECORD_WHOLE : RECORD_DAMAGED;
    return LOG_OK;
}

static enum log_status read_records(struct reader *r, struct log_stream *s,
                                    struct log_run *out, struct log_error *err)
{
    for (;;) {
        enum record is = RECORD_END;
        size_t size = 0;
        enum log_status status = next_record(r, s, &is, &size, err);
        if (status != LOG_OK) return status;
        if (is == RECORD_LARGE) continue;
        if (is != RECORD_WHOLE) {
            if (is == RECORD_TORN) out->found.torn = true;
            if (is == RECORD_DAMAGED) out->found.damaged = true;
            return LOG_OK;
        }
        const unsigned char *const data =
            (const unsigned char *)log_stream_bytes(s) + HEAD;
        status = read_event(r, (struct message){data, data + size}, err);
        if (status != LOG_OK) return status;
        log_stream_take(s, HEAD + size + TAIL);
    }
}

static enum log_status read_files(struct reader *r, char *const *paths,
                                  size_t count, struct log_run *out,
                                  struct log_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct log_stream s;
        enum log_status status = log_stream_open(&s, paths[i], err);
        if (status != LOG_OK) return status;
        status = read_records(r, &s, out, err);
        log_stream_close(&s);
        if (status != LOG_OK) return status;
    }
    return r->second ? close_row(r, err) : LOG_OK;
}

enum log_status log_read_events(char *const *paths, size_t count,
                                const struct log_request *request,
                                struct log_run *out, struct log_error *err)
{
    struct reader r = {.open = false};
    const struct log_source source = {paths[0], "tag", true, false};
    make_crc(&r.crc);
    enum log_status status = read_files(&r, paths, count, out, err);
    if (status == LOG_OK && r.tags.count == 0)
        status = log_fail(err, LOG_E_FORMAT,
                          out->found.damaged
                              ? "%s is damaged, and has no scalar before that"
                              : "%s is an event file without a scalar",
                          paths[0]);
    if (status == LOG_OK)
        status = log_choose(&r.tags, &source, request->names, request->wanted,
                            &r.choice, err);
    if (status == LOG_OK) {
        log_keep_names(&r.tags, &r.choice, out);
        log_rows_begin(&r.rows, out, r.choice.of[LOG_RATE] != LOG_NONE,
                       request->wanted);
        r.second = true;
        status = read_files(&r, paths, count, out, err);
    }
    if (status == LOG_OK) status = log_rows_end(&r.rows, paths[0], err);
    log_list_free(&r.tags);
    return status;
}
