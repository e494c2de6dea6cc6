/* The safetensors format: https://github.com/huggingface/safetensors. The
 * format asks for unique names, data without holes or overlaps, and a header
 * of at most 100 MB; all of it is checked. */
#include "task/safetensors.h"

#include "task/whole_file.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_LIMIT ((size_t)100 * 1000 * 1000)
#define FILE_LIMIT ((size_t)1 << 36) /* 64 GiB */
#define CHECKSUM_KEY "checksum"

/* Bytes of an element, by the name the format gives the type. */
static const struct dtype {
    const char *name;
    size_t size;
} dtypes[] = {{"F64", 8},  {"I64", 8},     {"U64", 8},    {"F32", 4},
              {"I32", 4},  {"U32", 4},     {"F16", 2},    {"I16", 2},
              {"U16", 2},  {"BF16", 2},    {"I8", 1},     {"U8", 1},
              {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};

/* A tensor of a file that was read. */
struct entry {
    const char *name;          /* belongs to the parsed header */
    const struct dtype *dtype; /* of the table above */
    int dims;
    int64_t dim[TASK_TENSOR_DIMS];
    size_t begin, end; /* bytes of the data part */
};

struct task_safetensors {
    char path[TASK_PATH_SIZE];
    char *bytes; /* the file */
    cJSON *header;
    const char *data; /* inside bytes */
    size_t data_size;
    struct entry *entries; /* [count], in the header's order */
    size_t count;
};

/* FNV-1a over 32-bit words, then over the bytes that remain. It finds what
 * disks and copies do to a file; it does not resist forgery. Data may come in
 * parts of any size: a word that a part has begun waits for the next. */
struct checksum {
    uint64_t h;
    unsigned char word[4];
    size_t held; /* bytes of `word` */
};

#define CHECKSUM_START UINT64_C(0xcbf29ce484222325)

static uint64_t checksum_word(uint64_t h, const unsigned char bytes[4])
{
    uint32_t word;
    memcpy(&word, bytes, 4);
    h = (h ^ word) * UINT64_C(0x100000001b3);
    return h ^ h >> 32; /* lets high bits reach the low ones */
}

static void checksum_add(struct checksum *c, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (; n > 0 && c->held > 0; n--) {
        c->word[c->held++] = *p++;
        if (c->held < 4) continue;
        c->h = checksum_word(c->h, c->word);
        c->held = 0;
    }
    for (; n >= 4; n -= 4, p += 4)
        c->h = checksum_word(c->h, p);
    for (; n > 0; n--)
        c->word[c->held++] = *p++;
}

static uint64_t checksum_end(struct checksum *c)
{
    for (size_t i = 0; i < c->held; i++)
        c->h = (c->h ^ c->word[i]) * UINT64_C(0x100000001b3);
    c->held = 0;
    return c->h;
}

static void checksum_text(uint64_t h, char out[17])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--, h >>= 4)
        out[i] = digits[h & 15];
    out[16] = '\0';
}

/* ---- writing ---- */

static const char *const dtype_names[] = {[TASK_F32] = "F32", [TASK_U8] = "U8"};

/* Bytes of a tensor. */
static size_t tensor_size(const struct task_tensor *t)
{
    size_t n = t->dtype == TASK_F32 ? sizeof(float) : 1;
    for (int i = 0; i < t->dims; i++)
        n *= (size_t)t->dim[i];
    return n;
}

/* Adds one tensor that begins at byte *offset of the data, and moves it on. */
static bool add_tensor(cJSON *header, const struct task_tensor *t,
                       size_t *offset)
{
    cJSON *const item = cJSON_AddObjectToObject(header, t->name);
    cJSON *const shape =
        cJSON_AddStringToObject(item, "dtype", dtype_names[t->dtype])
            ? cJSON_AddArrayToObject(item, "shape")
            : NULL;
    cJSON *const offsets =
        shape ? cJSON_AddArrayToObject(item, "data_offsets") : NULL;
    if (!offsets) return false;
    for (int i = 0; i < t->dims; i++)
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)t->dim[i]));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)*offset));
    *offset += tensor_size(t);
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)*offset));
    return cJSON_GetArraySize(shape) == t->dims &&
           cJSON_GetArraySize(offsets) == 2;
}

/* The header as text, which the caller releases with cJSON_free; NULL without
 * memory. */
static char *make_header(const struct task_tensor *tensors, size_t count,
                         const struct task_pair *metadata, size_t pairs)
{
    struct checksum c = {.h = CHECKSUM_START};
    for (size_t i = 0; i < count; i++)
        checksum_add(&c, tensors[i].data, tensor_size(&tensors[i]));
    char sum[17];
    checksum_text(checksum_end(&c), sum);

    cJSON *const header = cJSON_CreateObject();
    cJSON *const meta = cJSON_AddObjectToObject(header, "__metadata__");
    bool ok = meta && cJSON_AddStringToObject(meta, CHECKSUM_KEY, sum);
    for (size_t i = 0; ok && i < pairs; i++)
        ok = cJSON_AddStringToObject(meta, metadata[i].key, metadata[i].value);
    size_t offset = 0;
    for (size_t i = 0; ok && i < count; i++)
        ok = add_tensor(header, &tensors[i], &offset);
    /* Room for every line, so that its length does not decide how often memory
     * is asked for. */
    const int room = (int)(256 * (count + pairs + 1));
    char *const text = ok ? cJSON_PrintBuffered(header, room, false) : NULL;
    cJSON_Delete(header);
    return text;
}

/* Writes the length, the header padded with spaces so that the data are
 * aligned to 8 bytes, and the data. */
static void write_parts(struct task_file *f, const char *header,
                        const struct task_tensor *tensors, size_t count)
{
    const size_t length = strlen(header);
    const size_t padded = (length + 7) / 8 * 8;
    unsigned char prefix[8];
    for (unsigned i = 0; i < 8; i++)
        prefix[i] = (unsigned char)((uint64_t)padded >> (8 * i));
    task_file_write(f, prefix, sizeof prefix);
    task_file_write(f, header, length);
    task_file_write(f, "       ", padded - length);
    for (size_t i = 0; i < count; i++)
        task_file_write(f, tensors[i].data, tensor_size(&tensors[i]));
}

enum task_status task_safetensors_write(const char *path,
                                        const struct task_tensor *tensors,
                                        size_t count,
                                        const struct task_pair *metadata,
                                        size_t pairs, struct task_error *err)
{
    char *const header = make_header(tensors, count, metadata, pairs);
    if (!header)
        return task_fail(err, TASK_E_MEMORY, "%s: no memory for its header",
                         path);
    struct task_file f;
    enum task_status status = task_file_begin(&f, path, err);
    if (status == TASK_OK) {
        write_parts(&f, header, tensors, count);
        status = task_file_commit(&f, err);
    }
    cJSON_free(header);
    return status;
}

/* ---- reading ---- */

static enum task_status bad(const struct task_safetensors *f,
                            struct task_error *err, const char *what)
{
    return task_fail(err, TASK_E_FORMAT,
                     "%s is damaged or not a safetensors file: %s", f->path,
                     what);
}

/* A whole number in [0, 2^53], or false. */
static bool whole(const cJSON *item, uint64_t *out)
{
    if (!cJSON_IsNumber(item)) return false;
    const double x = item->valuedouble;
    if (!(x >= 0 && x <= 9007199254740992.0)) return false;
    *out = (uint64_t)x;
    return !((double)*out < x);
}

/* Shape into `e`, and the number of elements it multiplies to. */
static bool read_shape(const cJSON *shape, struct entry *e, uint64_t *elements)
{
    if (!cJSON_IsArray(shape)) return false;
    e->dims = cJSON_GetArraySize(shape);
    if (e->dims > TASK_TENSOR_DIMS) return false;
    *elements = 1;
    int i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape)
    {
        uint64_t n;
        if (!whole(item, &n)) return false;
        if (n && *elements > FILE_LIMIT / n) return false;
        *elements *= n;
        e->dim[i++] = (int64_t)n;
    }
    return true;
}

static const struct dtype *find_dtype(const char *name)
{
    for (size_t i = 0; name && i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (strcmp(dtypes[i].name, name) == 0) return &dtypes[i];
    return NULL;
}

static enum task_status read_entry(const struct task_safetensors *f,
                                   const cJSON *item, struct entry *e,
                                   struct task_error *err)
{
    uint64_t elements, begin, end;
    e->name = item->string;
    e->dtype = find_dtype(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "dtype")));
    if (!e->dtype) return bad(f, err, "a tensor has no known dtype");
    if (!read_shape(cJSON_GetObjectItemCaseSensitive(item, "shape"), e,
                    &elements))
        return bad(f, err, "a tensor's shape makes no sense");
    const cJSON *const offsets =
        cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !whole(cJSON_GetArrayItem(offsets, 0), &begin) ||
        !whole(cJSON_GetArrayItem(offsets, 1), &end) || begin > end ||
        end > f->data_size)
        return bad(f, err, "a tensor's data lie outside the file");
    if (end - begin != elements * e->dtype->size)
        return bad(f, err, "a tensor's shape and its data disagree");
    e->begin = (size_t)begin;
    e->end = (size_t)end;
    return TASK_OK;
}

static int by_begin(const void *a, const void *b)
{
    const struct entry *const x = *(const struct entry *const *)a;
    const struct entry *const y = *(const struct entry *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct entry *const *)a)->name,
                  (*(const struct entry *const *)b)->name);
}

/* Names must be unique, and the tensors must cover the data exactly once. */
static enum task_status check_entries(const struct task_safetensors *f,
                                      struct task_error *err)
{
    const struct entry **const order = calloc(f->count + 1, sizeof *order);
    if (!order)
        return task_fail(err, TASK_E_MEMORY, "%s: no memory to check it",
                         f->path);
    for (size_t i = 0; i < f->count; i++)
        order[i] = &f->entries[i];
    const char *wrong = NULL;
    qsort(order, f->count, sizeof *order, by_name);
    for (size_t i = 1; i < f->count; i++)
        if (strcmp(order[i - 1]->name, order[i]->name) == 0)
            wrong = "two tensors have the same name";
    qsort(order, f->count, sizeof *order, by_begin);
    size_t at = 0;
    for (size_t i = 0; !wrong && i < f->count; i++) {
        if (order[i]->begin != at) wrong = "tensors overlap or leave a hole";
        at = order[i]->end;
    }
    if (!wrong && at != f->data_size) wrong = "bytes follow the last tensor";
    free(order);
    return wrong ? bad(f, err, wrong) : TASK_OK;
}

static enum task_status read_entries(struct task_safetensors *f,
                                     struct task_error *err)
{
    const size_t items = (size_t)cJSON_GetArraySize(f->header);
    f->entries = calloc(items + 1, sizeof *f->entries);
    if (!f->entries)
        return task_fail(err, TASK_E_MEMORY, "%s: no memory for %zu tensors",
                         f->path, items);
    const cJSON *item;
    cJSON_ArrayForEach(item, f->header)
    {
        if (strcmp(item->string, "__metadata__") == 0) continue;
        const enum task_status status =
            read_entry(f, item, &f->entries[f->count], err);
        if (status != TASK_OK) return status;
        f->count++;
    }
    return check_entries(f, err);
}

/* Finds the three parts of the file and parses the header. */
static enum task_status read_header(struct task_safetensors *f, size_t size,
                                    struct task_error *err)
{
    if (size < 8) return bad(f, err, "it is shorter than 8 bytes");
    uint64_t length = 0;
    for (unsigned i = 0; i < 8; i++)
        length |= (uint64_t)(unsigned char)f->bytes[i] << (8 * i);
    if (length > HEADER_LIMIT) return bad(f, err, "its header is too long");
    if (length > size - 8) return bad(f, err, "it ends inside its header");
    if (length == 0 || f->bytes[8] != '{' ||
        memchr(f->bytes + 8, '\0', (size_t)length))
        return bad(f, err, "its header is not JSON");
    f->data = f->bytes + 8 + length;
    f->data_size = size - 8 - (size_t)length;
    const char *end = NULL;
    f->header =
        cJSON_ParseWithLengthOpts(f->bytes + 8, (size_t)length, &end, 0);
    if (!cJSON_IsObject(f->header))
        return bad(f, err, "its header is not JSON");
    for (; end < f->data; end++)
        if (*end != ' ') return bad(f, err, "text follows its header");
    return TASK_OK;
}

static enum task_status check_sum(const struct task_safetensors *f,
                                  struct task_error *err)
{
    const char *const want = task_safetensors_metadata(f, CHECKSUM_KEY);
    if (!want) return TASK_OK; /* written by another program */
    struct checksum c = {.h = CHECKSUM_START};
    char sum[17];
    checksum_add(&c, f->data, f->data_size);
    checksum_text(checksum_end(&c), sum);
    return strcmp(want, sum) == 0
               ? TASK_OK
               : bad(f, err, "its data do not match their checksum");
}

enum task_status task_safetensors_open(const char *path,
                                       struct task_safetensors **out,
                                       struct task_error *err)
{
    *out = NULL;
    struct task_safetensors *const f = calloc(1, sizeof *f);
    if (!f) return task_fail(err, TASK_E_MEMORY, "%s: no memory", path);
    (void)snprintf(f->path, sizeof f->path, "%s", path);
    size_t size;
    enum task_status status =
        task_file_read(path, FILE_LIMIT, &f->bytes, &size, err);
    if (status == TASK_OK) status = read_header(f, size, err);
    if (status == TASK_OK) status = read_entries(f, err);
    if (status == TASK_OK) status = check_sum(f, err);
    if (status == TASK_OK)
        *out = f;
    else
        task_safetensors_close(f);
    return status;
}

void task_safetensors_close(struct task_safetensors *f)
{
    if (!f) return;
    cJSON_Delete(f->header);
    free(f->entries);
    free(f->bytes);
    free(f);
}

size_t task_safetensors_count(const struct task_safetensors *f)
{
    return f->count;
}

const char *task_safetensors_name(const struct task_safetensors *f,
                                  size_t index)
{
    return f->entries[index].name;
}

const char *task_safetensors_metadata(const struct task_safetensors *f,
                                      const char *key)
{
    const cJSON *const meta =
        cJSON_GetObjectItemCaseSensitive(f->header, "__metadata__");
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(meta, key));
}

enum task_status task_safetensors_load(const struct task_safetensors *f,
                                       const struct task_tensor *like, void *to,
                                       struct task_error *err)
{
    const struct entry *e = NULL;
    for (size_t i = 0; i < f->count && !e; i++)
        if (strcmp(f->entries[i].name, like->name) == 0) e = &f->entries[i];
    if (!e)
        return task_fail(err, TASK_E_FORMAT, "%s has no tensor named %s",
                         f->path, like->name);
    bool same = e->dims == like->dims &&
                strcmp(e->dtype->name, dtype_names[like->dtype]) == 0;
    for (int i = 0; same && i < e->dims; i++)
        same = e->dim[i] == like->dim[i];
    if (!same)
        return task_fail(err, TASK_E_FORMAT,
                         "%s: %s has another shape or type than this network",
                         f->path, like->name);
    memcpy(to, f->data + e->begin, e->end - e->begin);
    return TASK_OK;
}
