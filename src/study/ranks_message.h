/* What ranks of a study say to each other, as bytes.
 *
 * A message is a fixed head and what follows from it, all numbers in the order
 * of little-endian machines, texts with their length before them. What arrives
 * is checked to the last byte: a message that is not exactly one is none. */
#ifndef TAPER_STUDY_RANKS_MESSAGE_H
#define TAPER_STUDY_RANKS_MESSAGE_H

#include "study/trial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum study_message_kind {
    /* To rank 0. */
    STUDY_HELLO, /* text: version of taper, a newline, name of the host */
    STUDY_TAKE,  /* asks for a trial: TAKEN, LATER or NEVER comes back */
    STUDY_GIVE,  /* a trial with what came of it: GIVEN comes back */
    STUDY_LEAVE, /* runs no trials any more; text: why, if it is an error */
    /* From rank 0. */
    STUDY_WELCOME,
    STUDY_GAVE_TRIAL, /* answers of struct study_source: a trial */
    STUDY_GAVE_LATER,
    STUDY_GAVE_NEVER,
    STUDY_GIVEN, /* code: enum study_status; text: message of a failure */
    STUDY_STOP,  /* begin nothing, end what runs, leave; text: why, if it is an
                    error */
    STUDY_END,   /* everybody has left; code: 1 if nobody was lost */
    /* Both ways. */
    STUDY_ALIVE,
    STUDY_MESSAGE_KINDS
};

/* Texts and trial are owned. */
struct study_message {
    enum study_message_kind kind;
    int32_t code;
    char *text;   /* or NULL */
    bool carries; /* a trial */
    struct study_trial trial;
};

/* The message as bytes, which the caller frees; NULL if memory runs out or a
 * text is longer than 2^30. */
unsigned char *study_message_write(const struct study_message *m, size_t *size);

/* Reads a message. False, with *out zeroed, if the bytes are none, or one of
 * another version, or memory runs out. */
bool study_message_read(const unsigned char *bytes, size_t size,
                        struct study_message *out);

void study_message_clear(struct study_message *m); /* zeroed is legal */

#endif
