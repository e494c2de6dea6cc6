/* Numbers of logs: as trainers print them, NaN and None among them. */
#ifndef LOG_LOG_NUMBER_H
#define LOG_LOG_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_number_kind {
    LOG_NUMBER,     /* finite */
    LOG_MISSING,    /* nothing, or a word that says so: None, null, NA, - */
    LOG_NOT_FINITE, /* nan, inf, or beyond the largest double */
    LOG_NO_NUMBER
};

/* Reads a field, around which there may be blanks. *out is NaN unless it is a
 * number. Of 16 or more digits the value is off by one unit in the last place
 * at most, which is closer than any log needs and three times as fast as
 * rounding correctly. */
enum log_number_kind log_number(const char *text, size_t len, double *out);

/* Whether a number is a step: whole, and from 0 to 2^53. */
bool log_is_step(double value, int64_t *step);

#endif
