/* Losses as text: they are computed in single precision, so the files of a run
 * give them the digits of a float. Doubles go through taper_format_number. */
#ifndef TAPER_TASK_NUMBER_H
#define TAPER_TASK_NUMBER_H

#define TASK_NUMBER_SIZE 32 /* bytes that hold any number and its NUL */

/* The shortest decimal that reads back to the float nearest to `x`; "nan",
 * "inf" and "-inf" for what is not finite. Returns `out`. */
const char *task_number_single(double x, char out[TASK_NUMBER_SIZE]);

#endif
