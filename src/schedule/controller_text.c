/* The texts of controllers: parsing, the canonical text, and the saved state.
 * The rules are the table of controller_rules.c. */
#include "schedule/controller.h"
#include "schedule/lexer.h"
#include "schedule/maths.h"
#include "schedule/shapes.h"

enum { settings_max = 16 };

/* ------------------------------------------------------ a struct's fields */

static double get_real(const taper_controller *c, size_t offset)
{
    return *(const double *)(const void *)((const char *)c + offset);
}

static int64_t get_whole(const taper_controller *c, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)c + offset);
}

static void set_real(taper_controller *c, size_t offset, double value)
{
    *(double *)(void *)((char *)c + offset) = value;
}

static void set_whole(taper_controller *c, size_t offset, double value)
{
    *(int64_t *)(void *)((char *)c + offset) = (int64_t)value;
}

static void set(taper_controller *c, const struct taperi_setting *setting,
                double value)
{
    if (setting->type == TAPERI_SETTING_REAL)
        set_real(c, setting->offset, value);
    else if (setting->type != TAPERI_SETTING_IGNORED)
        set_whole(c, setting->offset, value);
}

/* By type. */
static const char *const words[][2] = {
    {"min", "max"},
    {"rel", "abs"},
    {"False", "True"},
    {"False", "True"},
};

static bool is_number(const struct taperi_setting *setting)
{
    return setting->type >= TAPERI_SETTING_WHOLE;
}

/* --------------------------------------------------------------- parsing */

struct reader {
    struct taperi_lexer lexer;
    const struct taperi_control *rule;
    taper_controller *c;
    unsigned given; /* bit i: parameter i */
    bool named;     /* an argument had a name */
    taper_error error;
};

static bool failed(const struct reader *r)
{
    return r->error.code != TAPER_OK;
}

/* "unknown rule 'platau', did you mean 'plateau'?" */
static void refuse_rule(struct reader *r, struct taperi_slice word,
                        struct taperi_place place)
{
    const char *names[TAPER_RULE_COUNT];
    for (int i = 0; i < TAPER_RULE_COUNT; i++)
        names[i] = taperi_controls[i].shape.name;
    const char *near =
        taper_suggest(word.text, word.len, names, TAPER_RULE_COUNT);
    if (near)
        taperi_fail(&r->error, TAPER_E_NAME, place,
                    "unknown controller %q, did you mean '%s'?", word, near);
    else
        taperi_fail(&r->error, TAPER_E_NAME, place,
                    "unknown controller %q; there are plateau, greedy, "
                    "cooldown, torch.ReduceLROnPlateau and hf.GreedyLR",
                    word);
}

static void read_rule(struct reader *r)
{
    const struct taperi_token *token = &r->lexer.token;
    if (failed(r)) return;
    if (token->type != TAPERI_TOKEN_NAME) {
        taperi_fail(&r->error, TAPER_E_SYNTAX, token->place,
                    "the name of a controller is expected here");
        return;
    }
    for (int i = 0; i < TAPER_RULE_COUNT && !r->rule; i++)
        if (taperi_name_is(token->slice, taperi_controls[i].shape.name)) {
            r->rule = &taperi_controls[i];
            r->c->rule = i;
        }
    if (r->rule)
        taperi_lexer_next(&r->lexer);
    else
        refuse_rule(r, token->slice, token->place);
}

/* The parameter that the token names. */
static size_t find_parameter(struct reader *r)
{
    const struct taperi_control *rule = r->rule;
    const char *name = rule->shape.name;
    const struct taperi_token *token = &r->lexer.token;
    const char *names[settings_max];
    for (size_t i = 0; i < rule->count; i++) {
        names[i] = rule->settings[i].name;
        if (taperi_slice_is(token->slice, names[i])) return i;
    }
    const char *near =
        taper_suggest(token->slice.text, token->slice.len, names, rule->count);
    if (near)
        taperi_fail(&r->error, TAPER_E_ARGUMENT, token->place,
                    "%s has no argument %q, did you mean '%s'?", name,
                    token->slice, near);
    else
        taperi_fail(&r->error, TAPER_E_ARGUMENT, token->place,
                    "%s has no argument %q", name, token->slice);
    return rule->count;
}

static bool is_word(const struct taperi_token *token)
{
    return token->type == TAPERI_TOKEN_NAME || token->type == TAPERI_TOKEN_TEXT;
}

static void store_word(struct reader *r, const struct taperi_setting *setting,
                       const struct taperi_token *token)
{
    const char *const *choices = words[setting->type];
    for (int k = 0; k < 2; k++)
        if (is_word(token) && taperi_slice_is(token->slice, choices[k])) {
            set(r->c, setting, k);
            return;
        }
    taperi_fail(&r->error, TAPER_E_NAME, token->place, "'%s' is %s or %s",
                setting->name, choices[0], choices[1]);
}

static void store_number(struct reader *r, const struct taperi_setting *setting,
                         const struct taperi_token *token)
{
    const bool whole = setting->type == TAPERI_SETTING_WHOLE;
    const double number = token->number;
    if (!is_word(token) &&
        taperi_within(number, setting->range->least, setting->range->most) &&
        (!whole || taperi_floor(number) == number))
        set(r->c, setting, number);
    else
        taperi_fail(&r->error, is_word(token) ? TAPER_E_SYNTAX : TAPER_E_RANGE,
                    token->place, "'%s' is a %snumber %s", setting->name,
                    whole ? "whole " : "", setting->range->text);
}

/* Whether the token can be the value of a parameter; if not, says so. */
static bool is_value(struct reader *r)
{
    const struct taperi_token *token = &r->lexer.token;
    const bool number = token->type == TAPERI_TOKEN_NUMBER;
    if (failed(r)) return false;
    if (is_word(token) || (number && token->unit == TAPER_STEPS)) return true;
    if (number)
        taperi_fail(&r->error, TAPER_E_SYNTAX, token->place,
                    "numbers of a controller have no unit: counts are of the "
                    "metrics that it is fed");
    else
        taperi_fail(&r->error, TAPER_E_SYNTAX, token->place,
                    token->type == TAPERI_TOKEN_END
                        ? "the text ends where a value is expected"
                        : "a number or a word is expected here, not %q",
                    token->slice);
    return false;
}

/* Read argument number `position`. */
static void read_argument(struct reader *r, size_t position)
{
    struct taperi_lexer *lx = &r->lexer;
    const struct taperi_place place = lx->token.place;
    const bool named =
        lx->token.type == TAPERI_TOKEN_NAME && taperi_lexer_before(lx, '=');
    size_t i = position;
    if (named) {
        r->named = true;
        i = find_parameter(r);
        taperi_lexer_next(lx);
        taperi_lexer_next(lx);
    }
    if (!is_value(r)) return;
    if (!named && r->named)
        taperi_fail(&r->error, TAPER_E_ARGUMENT, place,
                    "an argument without a name cannot follow one with a name");
    else if (i >= r->rule->count)
        taperi_fail(&r->error, TAPER_E_ARGUMENT, place,
                    "too many arguments for %s", r->rule->shape.name);
    else if (r->given & 1u << i)
        taperi_fail(&r->error, TAPER_E_ARGUMENT, place, "'%s' is given twice",
                    r->rule->settings[i].name);
    if (failed(r)) return;
    r->given |= 1u << i;
    const struct taperi_setting *setting = &r->rule->settings[i];
    if (is_number(setting))
        store_number(r, setting, &lx->token);
    else
        store_word(r, setting, &lx->token);
    taperi_lexer_next(lx);
}

/* What stands between the parentheses. As everywhere, what is pasted from
 * Python may name its optimizer, and end in a comma. */
static void read_list(struct reader *r)
{
    struct taperi_lexer *lx = &r->lexer;
    const bool pasted = taperi_rule_is_peer(r->c->rule);
    size_t position = 0;
    bool more = !taperi_lexer_at(lx, ')');
    while (more && !failed(r)) {
        if (!pasted || !taperi_lexer_skip_optimizer(lx))
            read_argument(r, position++);
        more = taperi_lexer_at(lx, ',');
        if (more) taperi_lexer_next(lx);
        if (pasted && taperi_lexer_at(lx, ')')) more = false;
    }
}

/* "(...)" or nothing, then the end. */
static void read_arguments(struct reader *r)
{
    struct taperi_lexer *lx = &r->lexer;
    if (!failed(r) && taperi_lexer_at(lx, '(')) {
        taperi_lexer_next(lx);
        read_list(r);
        if (!failed(r) && !taperi_lexer_at(lx, ')'))
            taperi_fail(&r->error, TAPER_E_SYNTAX, lx->token.place,
                        lx->token.type == TAPERI_TOKEN_END
                            ? "the text ends where ',' or ')' is expected"
                            : "',' or ')' is expected here, not %q",
                        lx->token.slice);
        taperi_lexer_next(lx);
    }
    if (!failed(r) && lx->token.type != TAPERI_TOKEN_END)
        taperi_fail(&r->error, TAPER_E_SYNTAX, lx->token.place,
                    "the end is expected here, not %q", lx->token.slice);
}

static void set_defaults(taper_controller *c, const struct taperi_control *rule)
{
    c->window = 1;
    for (size_t i = 0; i < rule->count; i++)
        set(c, &rule->settings[i], rule->settings[i].otherwise);
}

/* What more than one parameter decides. */
static void settle(struct reader *r)
{
    taper_controller *c = r->c;
    const struct taperi_place all = {0, r->lexer.len};
    if (c->rule == TAPER_RULE_GREEDY) c->smooth = c->window > 1;
    if (c->rule == TAPER_RULE_HF_GREEDY && c->min > c->max)
        taperi_fail(&r->error, TAPER_E_RANGE, all,
                    "'min_lr' is above 'max_lr'");
    taperi_controller_begin(c);
}

taper_status taper_controller_parse(const char *text, size_t len,
                                    taper_controller *out, taper_error *err)
{
    const taper_controller zero = {0};
    *out = zero;
    struct reader r = {.c = out};
    taperi_lexer_start(&r.lexer, text, len, &r.error);
    read_rule(&r);
    if (!failed(&r)) {
        set_defaults(out, r.rule);
        read_arguments(&r);
    }
    if (!failed(&r)) settle(&r);
    if (failed(&r) || out->rule == TAPER_RULE_NONE) *out = zero;
    if (failed(&r) && err) *err = r.error;
    return r.error.code;
}

/* --------------------------------------------------------------- writing */

static void write_settings(struct taperi_writer *w, const taper_controller *c)
{
    const struct taperi_control *rule = &taperi_controls[c->rule];
    const char *comma = "";
    taperi_write_text(w, rule->shape.name);
    taperi_write_char(w, '(');
    for (size_t i = 0; i < rule->count; i++) {
        const struct taperi_setting *s = &rule->settings[i];
        if (s->type == TAPERI_SETTING_IGNORED) continue;
        const double value = s->type == TAPERI_SETTING_REAL
                                 ? get_real(c, s->offset)
                                 : (double)get_whole(c, s->offset);
        /* Patience that was left out. */
        if (is_number(s) && value < s->range->least) continue;
        taperi_write_text(w, comma);
        comma = ", ";
        taperi_write_text(w, rule->settings[i].name);
        taperi_write_char(w, '=');
        if (is_number(s))
            taperi_write_number(w, value);
        else
            taperi_write_text(w, words[s->type][value > 0.0]);
    }
    taperi_write_char(w, ')');
}

size_t taper_controller_describe(const taper_controller *c, char *buf,
                                 size_t cap)
{
    struct taperi_writer w = {buf, cap, 0};
    write_settings(&w, c);
    return taperi_write_end(&w);
}

/* ----------------------------------------------------------------- state */

static const char format[] = "taper-controller 1 ";

/* The state in the order in which it is written; then follow recent_sum and
 * the recent metrics, which may be any numbers, NaN too. */
#define STATE(field, whole, least, most) \
    { \
        " " #field "=", offsetof(taper_controller, field), whole, least, most \
    }
static const struct field {
    const char *name;
    size_t offset;
    bool whole;
    double least, most; /* both legal */
} fields[] = {
    STATE(scale, false, 0, DBL_MAX),
    STATE(best, false, -2.0 * DBL_MAX, 2.0 * DBL_MAX),
    STATE(bad, true, 0, TAPERI_COUNT_MAX),
    STATE(good, true, 0, TAPERI_COUNT_MAX),
    STATE(cooldown_left, true, 0, TAPERI_COUNT_MAX),
    STATE(warmup_left, true, 0, TAPERI_COUNT_MAX),
    STATE(reset_left, true, 0, TAPERI_COUNT_MAX),
    STATE(fed, true, 0, TAPERI_COUNT_MAX),
    STATE(ignored, true, 0, TAPERI_COUNT_MAX),
    STATE(changes, true, 0, TAPERI_COUNT_MAX),
    STATE(changed, true, 0, TAPERI_COUNT_MAX),
    STATE(cooling, true, 0, 1),
    STATE(cool_from, true, 0, TAPERI_COUNT_MAX),
    STATE(recent_count, true, 0, TAPER_CONTROLLER_WINDOW),
};
#undef STATE

size_t taper_controller_save(const taper_controller *c, char *buf, size_t cap)
{
    struct taperi_writer w = {buf, cap, 0};
    taperi_write_text(&w, format);
    write_settings(&w, c);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct field *f = &fields[i];
        taperi_write_text(&w, f->name);
        taperi_write_number(&w, f->whole ? (double)get_whole(c, f->offset)
                                         : get_real(c, f->offset));
    }
    taperi_write_text(&w, " recent=");
    taperi_write_number(&w, c->recent_sum);
    for (int64_t i = 0; i < c->recent_count; i++) {
        taperi_write_char(&w, ' ');
        taperi_write_number(&w, c->recent[i]);
    }
    return taperi_write_end(&w);
}

/* A text that is read from the front. */
struct cursor {
    const char *text;
    size_t len, at;
};

static bool skip_text(struct cursor *in, const char *text)
{
    size_t at = in->at;
    for (; *text != '\0'; text++, at++)
        if (at == in->len || in->text[at] != *text) return false;
    in->at = at;
    return true;
}

/* A number up to the next space, or one of the three that are none. */
static bool read_number(struct cursor *in, double *out)
{
    const double infinite = 2.0 * DBL_MAX;
    const size_t start = in->at;
    while (in->at < in->len && in->text[in->at] != ' ')
        in->at++;
    const struct taperi_slice word = {in->text + start, in->at - start};
    if (taperi_slice_is(word, "inf"))
        *out = infinite;
    else if (taperi_slice_is(word, "-inf"))
        *out = -infinite;
    else if (taperi_slice_is(word, "nan"))
        *out = infinite - infinite;
    else
        return taper_read_number(word.text, word.len, out) == TAPER_OK;
    return true;
}

static bool read_field(struct cursor *in, const struct field *f,
                       taper_controller *c)
{
    double value;
    if (!skip_text(in, f->name) || !read_number(in, &value) ||
        !(value >= f->least && value <= f->most))
        return false;
    if (!f->whole) {
        set_real(c, f->offset, value);
        return true;
    }
    set_whole(c, f->offset, value);
    return taperi_floor(value) == value;
}

static bool read_state(struct cursor *in, taper_controller *c)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!read_field(in, &fields[i], c)) return false;
    if (c->recent_count > taperi_controller_window(c) ||
        !skip_text(in, " recent=") || !read_number(in, &c->recent_sum))
        return false;
    for (int64_t i = 0; i < c->recent_count; i++)
        if (!skip_text(in, " ") || !read_number(in, &c->recent[i]))
            return false;
    return in->at == in->len;
}

/* "plateau(...)", up to the first ')': there is none inside. */
static bool read_settings(struct cursor *in, taper_controller *c)
{
    const size_t start = in->at;
    while (in->at < in->len && in->text[in->at] != ')')
        in->at++;
    if (in->at == in->len) return false;
    in->at++;
    return taper_controller_parse(in->text + start, in->at - start, c, NULL) ==
           TAPER_OK;
}

taper_status taper_controller_load(const char *text, size_t len,
                                   taper_controller *out, taper_error *err)
{
    const taper_controller zero = {0};
    struct cursor in = {text, len, 0};
    *out = zero;
    if (skip_text(&in, format) && read_settings(&in, out) &&
        read_state(&in, out)) {
        if (out->rule == TAPER_RULE_NONE) *out = zero;
        return TAPER_OK;
    }
    *out = zero;
    const struct taperi_place place = {in.at, 0};
    return taperi_fail(err, TAPER_E_BYTES, place,
                       "this is not the state of a controller that version 1 "
                       "of the format describes, from byte %g on",
                       (double)in.at);
}
