/* How a function of this folder says what went wrong. */
#ifndef LOG_LOG_STATUS_H
#define LOG_LOG_STATUS_H

enum log_status {
    LOG_OK,
    LOG_E_USAGE,  /* what was asked for does not exist or contradicts itself */
    LOG_E_FILE,   /* a file cannot be read */
    LOG_E_FORMAT, /* a file does not hold what a log holds */
    LOG_E_MEMORY
};

/* What went wrong, as one line for the user without a full stop. Filled in on
 * failure only. */
struct log_error {
    enum log_status status;
    char message[512];
};

/* Fills in *err and returns `status`, for returning at once. */
enum log_status log_fail(struct log_error *err, enum log_status status,
                         const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* log_fail for want of memory. */
enum log_status log_no_memory(struct log_error *err);

#endif
