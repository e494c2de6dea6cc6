/* See log_number.h. */
#include "log/log_number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include <taper.h>

static const struct word {
    const char *text;
    enum log_number_kind kind;
} words[] = {
    {"nan", LOG_NOT_FINITE},      {"+nan", LOG_NOT_FINITE},
    {"-nan", LOG_NOT_FINITE},     {"inf", LOG_NOT_FINITE},
    {"+inf", LOG_NOT_FINITE},     {"-inf", LOG_NOT_FINITE},
    {"infinity", LOG_NOT_FINITE}, {"-infinity", LOG_NOT_FINITE},
    {"none", LOG_MISSING},        {"null", LOG_MISSING},
    {"na", LOG_MISSING},          {"n/a", LOG_MISSING},
    {"-", LOG_MISSING},
};

static enum log_number_kind read_word(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].text) == len &&
            strncasecmp(words[i].text, text, len) == 0)
            return words[i].kind;
    return LOG_NO_NUMBER;
}

/* A reading in progress. */
struct digits {
    const char *at, *end;
    uint64_t value; /* of up to 19 digits */
    int count;      /* of digits in it, leading zeros left out */
    int scale;      /* the number is value * 10^scale */
    bool any;
};

static void read_digits(struct digits *d, bool fraction)
{
    for (; d->at < d->end; d->at++) {
        const unsigned digit = (unsigned)(*d->at - '0');
        if (digit > 9) return;
        d->any = true;
        if (d->count < 19) {
            d->value = 10 * d->value + digit;
            d->count += d->value != 0;
            d->scale -= fraction;
        } else {
            d->scale += !fraction;
        }
    }
}

/* "e-5"; false if there is no such exponent. */
static bool read_exponent(struct digits *d)
{
    if (d->at == d->end) return true;
    if (*d->at != 'e' && *d->at != 'E') return false;
    d->at++;
    const bool minus = d->at < d->end && *d->at == '-';
    if (d->at < d->end && (*d->at == '-' || *d->at == '+')) d->at++;
    int exponent = 0;
    const char *const first = d->at;
    for (; d->at < d->end && (unsigned)(*d->at - '0') <= 9; d->at++)
        if (exponent < 10000) exponent = 10 * exponent + (*d->at - '0');
    d->scale += minus ? -exponent : exponent;
    return d->at > first && d->at == d->end;
}

static double scaled(const struct digits *d)
{
    static const long double power[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,
                                        1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                        1e10L, 1e11L, 1e12L, 1e13L, 1e14L,
                                        1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                        1e20L, 1e21L, 1e22L, 1e23L, 1e24L,
                                        1e25L, 1e26L, 1e27L};
    const long double value = (long double)d->value;
    /* Both are exact doubles: one operation rounds correctly. */
    if (d->value <= UINT64_C(1) << 53 && d->scale >= -22 && d->scale <= 22)
        return d->scale < 0 ? (double)value / (double)power[-d->scale]
                            : (double)value * (double)power[d->scale];
    return (double)(d->scale < 0 ? value / power[-d->scale]
                                 : value * power[d->scale]);
}

enum log_number_kind log_number(const char *text, size_t len, double *out)
{
    *out = NAN;
    while (len && (text[0] == ' ' || text[0] == '\t'))
        text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0) return LOG_MISSING;

    const bool minus = text[0] == '-';
    struct digits d = {.at = text + (minus || text[0] == '+'),
                       .end = text + len};
    read_digits(&d, false);
    if (d.at < d.end && *d.at == '.') {
        d.at++;
        read_digits(&d, true);
    }
    if (!d.any) return read_word(text, len);
    double value = 0;
    if (!read_exponent(&d)) return LOG_NO_NUMBER;
    if (d.scale >= -27 && d.scale <= 27)
        value = scaled(&d);
    else if (taper_read_number(text, len, &value) == TAPER_E_RANGE)
        return LOG_NOT_FINITE;
    else
        value = fabs(value);
    *out = minus ? -value : value;
    return LOG_NUMBER;
}

bool log_is_step(double value, int64_t *step)
{
    const bool ok = value >= 0 && value <= 0x1p53 && value == floor(value);
    *step = ok ? (int64_t)value : 0;
    return ok;
}
