/* Splits a text into tokens, one at a time. */
#ifndef TAPER_SCHEDULE_LEXER_H
#define TAPER_SCHEDULE_LEXER_H

#include "schedule/text.h"

enum taperi_token_type {
    TAPERI_TOKEN_END,
    TAPERI_TOKEN_NAME,
    TAPERI_TOKEN_NUMBER,
    TAPERI_TOKEN_TEXT, /* 'in quotes'; the slice is what they enclose */
    TAPERI_TOKEN_MARK, /* one of ( ) [ ] { } , : ; = * */
    TAPERI_TOKEN_ERROR /* has been reported */
};

struct taperi_token {
    enum taperi_token_type type;
    struct taperi_slice slice;
    struct taperi_place place;
    double number;
    taper_unit unit; /* TAPER_STEPS if the number has none */
};

struct taperi_lexer {
    const char *text;
    size_t len;
    size_t position;    /* after `token` */
    taper_error *error; /* takes the first error; its code is TAPER_OK before */
    struct taperi_token token;
    struct taperi_token last; /* the one before it */
};

/* Begin: reads the first token. */
void taperi_lexer_start(struct taperi_lexer *lx, const char *text, size_t len,
                        taper_error *error);
/* Read the next token. Stays at an error, and at the end. */
void taperi_lexer_next(struct taperi_lexer *lx);
/* Whether the token is this mark. */
bool taperi_lexer_at(const struct taperi_lexer *lx, char mark);
/* Read the token that follows a character, which lexer_before has found after
 * the current one. */
void taperi_lexer_next_after(struct taperi_lexer *lx, char mark);
/* Whether the next character after the token is this one, spaces aside. */
bool taperi_lexer_before(const struct taperi_lexer *lx, char mark);
/* Go past the token if it is the optimizer that a line pasted from Python hands
 * to its scheduler, by position or by name. */
bool taperi_lexer_skip_optimizer(struct taperi_lexer *lx);

#endif
