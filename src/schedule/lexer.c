/* Splits a text into tokens. Knows ASCII and nothing else: no locale, no
 * letters beyond it, no control bytes. What people write who do not know the
 * language yet is recognised here, where it would not become a token. */
#include "schedule/lexer.h"
#include "schedule/maths.h"

static const struct {
    const char *name;
    taper_unit unit;
} units[] = {
    {"ep", TAPER_EPOCHS},
    {"%", TAPER_PERCENT},
    {"tok", TAPER_TOKENS},
    {"smp", TAPER_SAMPLES},
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A byte of a character beyond ASCII. No name has one; that it belongs to the
 * word around it is for the message. */
static bool is_beyond(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_mark(char c)
{
    static const char marks[] = "()[]{},:;=*";
    for (const char *m = marks; *m != '\0'; m++)
        if (c == *m) return true;
    return false;
}

/* Go past spaces, and past comments: from # to the end of the line. */
static void skip_spaces(const struct taperi_lexer *lx, size_t *position)
{
    bool comment = false;
    for (; *position < lx->len; ++*position) {
        const char c = lx->text[*position];
        if (c == '#') comment = true;
        if (c == '\n') comment = false;
        if (!comment && !is_space(c)) return;
    }
}

static struct taperi_place token_place(const struct taperi_lexer *lx,
                                       size_t end)
{
    const size_t start = lx->token.place.position;
    const struct taperi_place place = {start, end - start};
    return place;
}

/* Close the token at `end`. */
static void take(struct taperi_lexer *lx, size_t end)
{
    lx->token.place = token_place(lx, end);
    lx->token.slice.text = lx->text + lx->token.place.position;
    lx->token.slice.len = lx->token.place.length;
    lx->position = end;
}

/* Close the token at `end` as an error, which the caller reports unless there
 * was an earlier one. */
static taper_error *refuse(struct taperi_lexer *lx, size_t end)
{
    take(lx, end);
    lx->token.type = TAPERI_TOKEN_ERROR;
    return lx->error->code == TAPER_OK ? lx->error : NULL;
}

/* Steps have no unit, whatever they are called. */
static bool means_steps(struct taperi_slice word)
{
    return taperi_slice_is(word, "step") || taperi_slice_is(word, "steps") ||
           taperi_slice_is(word, "update") || taperi_slice_is(word, "updates");
}

static void refuse_unit(struct taperi_lexer *lx, size_t start, size_t end)
{
    const struct taperi_slice word = {lx->text + start, end - start};
    const struct taperi_place place = {start, end - start};
    const char *names[sizeof units / sizeof *units];
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        names[k] = units[k].name;
    const char *near =
        taper_suggest(word.text, word.len, names, sizeof units / sizeof *units);
    taper_error *error = refuse(lx, end);
    if (means_steps(word))
        taperi_fail(error, TAPER_E_NAME, place,
                    "a plain number is a number of steps: leave out %q", word);
    else if (near)
        taperi_fail(error, TAPER_E_NAME, place,
                    "unknown unit %q, did you mean '%s'?", word, near);
    else
        taperi_fail(error, TAPER_E_NAME, place,
                    "unknown unit %q; a number may carry k, M or B, and a "
                    "length ep, %%, tok or smp",
                    word);
}

/* Whether the token before is a number that nothing is attached to, so that
 * this word may be meant as its unit. */
static bool after_plain_number(const struct taperi_lexer *lx)
{
    return lx->last.type == TAPERI_TOKEN_NUMBER && lx->last.unit == TAPER_STEPS;
}

/* Whether the token begins a line: a line of a plan begins with a name. */
static bool begins_line(const struct taperi_lexer *lx)
{
    size_t i = lx->token.place.position;
    while (i > 0 && is_space(lx->text[i - 1]))
        if (lx->text[--i] == '\n') return true;
    return false;
}

/* Refuse the word up to `end` if it is the unit of the number before it, from
 * which a space separates it. */
static bool refuse_loose_unit(struct taperi_lexer *lx, size_t end)
{
    const size_t start = lx->token.place.position;
    const struct taperi_slice word = {lx->text + start, end - start};
    if (!after_plain_number(lx) || begins_line(lx)) return false;
    bool known = taperi_slice_is(word, "k") || taperi_slice_is(word, "M") ||
                 taperi_slice_is(word, "B");
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        known = known || taperi_slice_is(word, units[k].name);
    if (means_steps(word)) {
        refuse_unit(lx, start, end);
        return true;
    }
    if (!known) return false;
    taperi_fail(refuse(lx, end), TAPER_E_SYNTAX, token_place(lx, end),
                "a unit touches its number: no space before %q", word);
    return true;
}

/* Refuse a sign of arithmetic that the language does not have. */
static void refuse_operator(struct taperi_lexer *lx, size_t end)
{
    taperi_fail(refuse(lx, end), TAPER_E_SYNTAX, token_place(lx, end),
                "there is no %q: schedules are joined by 'then' or '*'",
                lx->token.slice);
}

/* Whether the token before ends a value, so that a sign would join it to
 * what follows. */
static bool after_operand(const struct taperi_lexer *lx)
{
    return lx->last.type == TAPERI_TOKEN_NUMBER ||
           (lx->last.type == TAPERI_TOKEN_MARK &&
            lx->last.slice.text[0] == ')');
}

/* Refuse a sign or a point at `start` without a number. */
static void refuse_digitless(struct taperi_lexer *lx, size_t start)
{
    const size_t end = start + 1;
    if (lx->text[start] == '.')
        taperi_fail(refuse(lx, end), TAPER_E_SYNTAX, token_place(lx, end),
                    "a point must be followed by digits");
    else if (after_operand(lx))
        refuse_operator(lx, end);
    else
        taperi_fail(refuse(lx, end), TAPER_E_SYNTAX, token_place(lx, end),
                    "a sign must be followed by digits; the negative of a "
                    "schedule is -1 * (...)");
}

static void read_number(struct taperi_lexer *lx)
{
    const size_t start = lx->position;
    double value;
    size_t end =
        start + taperi_scan_number(lx->text + start, lx->len - start, &value);
    if (end == start) {
        refuse_digitless(lx, start);
        return;
    }
    if (!taperi_is_finite(value)) {
        taperi_fail(refuse(lx, end), TAPER_E_RANGE, token_place(lx, end),
                    "%q is too large for a number", lx->token.slice);
        return;
    }

    const size_t unit = end;
    while (end < lx->len && (is_letter(lx->text[end]) ||
                             is_digit(lx->text[end]) || lx->text[end] == '%'))
        end++;
    lx->token.unit = TAPER_STEPS;
    if (end > unit) {
        const struct taperi_slice word = {lx->text + unit, end - unit};
        size_t k = 0;
        while (k < sizeof units / sizeof *units &&
               !taperi_slice_is(word, units[k].name))
            k++;
        if (k == sizeof units / sizeof *units) {
            refuse_unit(lx, unit, end);
            return;
        }
        lx->token.unit = units[k].unit;
    }
    lx->token.type = TAPERI_TOKEN_NUMBER;
    lx->token.number = value + 0.0;
    take(lx, end);
}

/* Read a text in quotes. It has no escapes, because no text needs one. */
static void read_text(struct taperi_lexer *lx)
{
    const size_t start = lx->position;
    size_t end = start + 1;
    while (end < lx->len && lx->text[end] != lx->text[start] &&
           lx->text[end] != '\n')
        end++;
    if (end == lx->len || lx->text[end] == '\n') {
        taperi_fail(refuse(lx, end), TAPER_E_SYNTAX, token_place(lx, end),
                    "this quote is never closed");
        return;
    }
    take(lx, end + 1);
    lx->token.type = TAPERI_TOKEN_TEXT;
    lx->token.slice.text++;
    lx->token.slice.len -= 2;
}

/* The end of a name at `end`: its parts are joined by points. */
static size_t end_of_name(const struct taperi_lexer *lx, size_t end)
{
    for (;;) {
        while (end < lx->len &&
               (is_letter(lx->text[end]) || is_digit(lx->text[end]) ||
                is_beyond(lx->text[end])))
            end++;
        if (end + 1 >= lx->len || lx->text[end] != '.' ||
            !is_letter(lx->text[end + 1]))
            return end;
        end++;
    }
}

/* Whether a token of one byte and those that go on with it is a character of
 * UTF-8, by its first byte. */
static bool is_character(struct taperi_slice slice)
{
    const unsigned char first = (unsigned char)slice.text[0];
    return (slice.len == 2 && first >= 0xc2 && first < 0xe0) ||
           (slice.len == 3 && first >= 0xe0 && first < 0xf0) ||
           (slice.len == 4 && first >= 0xf0 && first < 0xf5);
}

static void read_stray(struct taperi_lexer *lx)
{
    size_t end = lx->position + 1;
    /* Show a character of UTF-8 as one: it goes on with bytes 10xxxxxx. */
    while (end < lx->len && ((unsigned char)lx->text[end] & 0xc0) == 0x80 &&
           end < lx->position + 4)
        end++;
    const unsigned char byte = (unsigned char)lx->text[lx->position];
    if (byte == '%' && refuse_loose_unit(lx, end)) return;
    if (byte == '/' && after_operand(lx)) {
        refuse_operator(lx, end);
        return;
    }
    taper_error *error = refuse(lx, end);
    if (is_character(lx->token.slice))
        taperi_fail(error, TAPER_E_SYNTAX, token_place(lx, end),
                    "this character means nothing here");
    else if (byte > ' ' && byte < 0x7f)
        taperi_fail(error, TAPER_E_SYNTAX, token_place(lx, end),
                    "%q means nothing here", lx->token.slice);
    else
        taperi_fail(error, TAPER_E_SYNTAX, token_place(lx, end),
                    "byte %g is not a character of a schedule", (double)byte);
}

void taperi_lexer_next(struct taperi_lexer *lx)
{
    if (lx->token.type == TAPERI_TOKEN_ERROR) return;
    skip_spaces(lx, &lx->position);
    lx->last = lx->token;
    lx->token.place.position = lx->position;
    lx->token.type = TAPERI_TOKEN_END;
    if (lx->position == lx->len) {
        take(lx, lx->position);
        return;
    }

    const char c = lx->text[lx->position];
    size_t end = lx->position + 1;
    if (is_letter(c)) {
        end = end_of_name(lx, end);
        if (refuse_loose_unit(lx, end)) return;
        lx->token.type = TAPERI_TOKEN_NAME;
        take(lx, end);
    } else if (is_digit(c) || c == '.' || c == '-' || c == '+') {
        read_number(lx);
    } else if (c == '\'' || c == '"') {
        read_text(lx);
    } else if (is_mark(c)) {
        lx->token.type = TAPERI_TOKEN_MARK;
        take(lx, end);
    } else {
        read_stray(lx);
    }
}

void taperi_lexer_start(struct taperi_lexer *lx, const char *text, size_t len,
                        taper_error *error)
{
    const struct taperi_lexer start = {.text = text,
                                       .len = len,
                                       .error = error};
    *lx = start;
    lx->position = taperi_mark_length(text, len);
    taperi_lexer_next(lx);
}

bool taperi_lexer_at(const struct taperi_lexer *lx, char mark)
{
    return lx->token.type == TAPERI_TOKEN_MARK &&
           lx->token.slice.text[0] == mark;
}

bool taperi_lexer_before(const struct taperi_lexer *lx, char mark)
{
    size_t position = lx->position;
    skip_spaces(lx, &position);
    return position < lx->len && lx->text[position] == mark;
}

void taperi_lexer_next_after(struct taperi_lexer *lx, char mark)
{
    skip_spaces(lx, &lx->position);
    if (lx->position < lx->len && lx->text[lx->position] == mark)
        lx->position++;
    /* Whatever the character joined, a sign now belongs to a number. */
    lx->token.type = TAPERI_TOKEN_MARK;
    lx->token.slice.text = "*";
    taperi_lexer_next(lx);
}

bool taperi_lexer_skip_optimizer(struct taperi_lexer *lx)
{
    static const char *const words[] = {"optimizer", "opt", "optim",
                                        "self.optimizer"};
    const struct taperi_token *token = &lx->token;
    if (token->type != TAPERI_TOKEN_NAME) return false;
    if (taperi_slice_is(token->slice, "optimizer") &&
        taperi_lexer_before(lx, '=')) {
        taperi_lexer_next(lx);
        taperi_lexer_next(lx);
        taperi_lexer_next(lx);
        return true;
    }
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (taperi_slice_is(token->slice, words[k]) &&
            (taperi_lexer_before(lx, ',') || taperi_lexer_before(lx, ')'))) {
            taperi_lexer_next(lx);
            return true;
        }
    return false;
}
