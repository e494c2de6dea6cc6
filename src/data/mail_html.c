/* What a reader sees of HTML in a mail: one pass over the bytes, no tree. */
#include "data/mail.h"

#include <string.h>
#include <strings.h>

/* Tags that do not part words; all others begin a new line. */
static const char *const inline_tags[] = {
    "a",      "abbr", "acronym", "b",   "big", "blink", "cite", "code",
    "em",     "font", "i",       "kbd", "s",   "small", "span", "strike",
    "strong", "sub",  "sup",     "tt",  "u",   "var"};
enum { INLINE_TAGS = sizeof inline_tags / sizeof inline_tags[0] };

/* Tags whose content is no text. */
static const char *const hidden_tags[] = {"script", "style"};
enum { HIDDEN_TAGS = sizeof hidden_tags / sizeof hidden_tags[0] };

static const struct entity {
    const char *name; /* with its semicolon */
    const char *text; /* shorter than the name with its ampersand */
} entities[] = {{"amp;", "&"},    {"lt;", "<"},   {"gt;", ">"},
                {"quot;", "\""},  {"apos;", "'"}, {"nbsp;", " "},
                {"copy;", "(c)"}, {"reg;", "(r)"}};
enum { ENTITIES = sizeof entities / sizeof entities[0] };

struct html {
    const uint8_t *at, *end;
    struct data_buffer *out;
    size_t begin;  /* of this text in `out` */
    char pending;  /* ' ' or '\n' before the next character, or 0 */
    bool complete; /* memory was there for all */
};

static void put(struct html *h, const void *bytes, size_t size)
{
    /* What parts words is written with the next word, so that none ends the
     * text or is written twice; none begins it. */
    if (h->pending && h->out->size > h->begin)
        h->complete = h->complete && data_buffer_append(h->out, &h->pending, 1);
    h->pending = 0;
    h->complete = h->complete && data_buffer_append(h->out, bytes, size);
}

static void part(struct html *h, char with)
{
    if (h->pending != '\n') h->pending = with;
}

static bool is_letter(uint8_t c)
{
    const uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'z';
}

static bool is_name(const uint8_t *name, size_t size, const char *const *names,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == size &&
            strncasecmp(names[i], (const char *)name, size) == 0)
            return true;
    return false;
}

/* Step past the next occurrence of `c`, or to the end. */
static const uint8_t *after(const uint8_t *at, const uint8_t *end, char c)
{
    const uint8_t *found = memchr(at, c, (size_t)(end - at));
    return found ? found + 1 : end;
}

/* Step over the content of a tag and what closes it; never closed: to the
 * end. */
static const uint8_t *skip_hidden(const uint8_t *at, const uint8_t *end,
                                  const uint8_t *name, size_t size)
{
    while (at < end) {
        at = after(at, end, '<');
        if ((size_t)(end - at) > size && *at == '/' &&
            strncasecmp((const char *)at + 1, (const char *)name, size) == 0)
            return after(at, end, '>');
    }
    return end;
}

static const uint8_t *skip_comment(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const text = at;
    while (at < end) {
        at = after(at, end, '>');
        if (at - text >= 3 && at[-1] == '>' && at[-2] == '-' && at[-3] == '-')
            return at;
    }
    return end;
}

/* Read what begins with '<': a tag, a comment, or the character itself. */
static void read_tag(struct html *h)
{
    const uint8_t *at = h->at + 1, *const end = h->end;
    if (end - at >= 3 && memcmp(at, "!--", 3) == 0) {
        h->at = skip_comment(at + 3, end);
        return;
    }
    const bool closes = at < end && *at == '/';
    at += closes;
    if (at == end || !(is_letter(*at) || *at == '!' || *at == '?')) {
        put(h, h->at, 1);
        h->at++;
        return;
    }
    const uint8_t *const name = at;
    while (at < end && (is_letter(*at) || (*at >= '0' && *at <= '9')))
        at++;
    const size_t size = (size_t)(at - name);
    /* The tag "!" of a document type has no name and parts words, too. */
    if (!is_name(name, size, inline_tags, INLINE_TAGS)) part(h, '\n');
    h->at = after(at, end, '>');
    if (!closes && is_name(name, size, hidden_tags, HIDDEN_TAGS))
        h->at = skip_hidden(h->at, end, name, size);
}

/* UTF-8 of a code point; returns its length, never more than the digits that
 * named it and the three characters around them. */
static size_t encode(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

/* Read the decimal digits of &#65; behind the number sign. Returns how many
 * bytes they take with the semicolon, or 0. */
static size_t read_number(const uint8_t *at, const uint8_t *end, uint32_t *code)
{
    size_t n = 0;
    *code = 0;
    for (; n < 7 && at + n < end && at[n] >= '0' && at[n] <= '9'; n++)
        *code = 10 * *code + (uint32_t)(at[n] - '0');
    if (n == 0 || at + n == end || at[n] != ';') return 0;
    const bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code == 0 || *code > 0x10ffff || surrogate ? 0 : n + 1;
}

/* Read what begins with '&': an entity, or the character itself. */
static void read_entity(struct html *h)
{
    const uint8_t *const at = h->at + 1;
    const size_t left = (size_t)(h->end - at);
    uint32_t code;
    const size_t number =
        left > 0 && *at == '#' ? read_number(at + 1, h->end, &code) : 0;
    if (number > 0) {
        uint8_t bytes[4];
        if (code == ' ' || code == 160)
            part(h, ' ');
        else
            put(h, bytes, encode(code, bytes));
        h->at = at + 1 + number;
        return;
    }
    for (size_t i = 0; i < ENTITIES; i++) {
        const size_t size = strlen(entities[i].name);
        if (size > left || memcmp(entities[i].name, at, size) != 0) continue;
        if (entities[i].text[0] == ' ')
            part(h, ' ');
        else
            put(h, entities[i].text, strlen(entities[i].text));
        h->at = at + size;
        return;
    }
    put(h, h->at, 1);
    h->at++;
}

/* Copy bytes up to the next that means something. */
static void read_text(struct html *h)
{
    const uint8_t *at = h->at;
    while (at != h->end && *at > ' ' && *at != '<' && *at != '&')
        at++;
    if (at > h->at) {
        put(h, h->at, (size_t)(at - h->at));
        h->at = at;
    } else { /* a space or a control character */
        part(h, ' ');
        h->at++;
    }
}

bool data_html_text(const uint8_t *html, size_t size, struct data_buffer *out)
{
    if (size == 0) return true; /* `html` may be NULL */
    struct html h = {.at = html,
                     .end = html + size,
                     .out = out,
                     .begin = out->size,
                     .complete = true};
    while (h.at < h.end && h.complete) {
        if (*h.at == '<')
            read_tag(&h);
        else if (*h.at == '&')
            read_entity(&h);
        else
            read_text(&h);
    }
    return h.complete;
}
