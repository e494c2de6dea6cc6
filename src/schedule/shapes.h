/* The names that a text can call. A family of names is one table of rows in a
 * file of its own, and shapes.c lists the families.
 *
 * A name of the language itself stands for a kind of node: its rules say what
 * goes where, for the parser and for canonical text alike. Every other name is
 * sugar: its row has a function that builds nodes of those kinds (expand.h). */
#ifndef TAPER_SCHEDULE_SHAPES_H
#define TAPER_SCHEDULE_SHAPES_H

#include "schedule/builder.h"
#include "schedule/expand.h"

enum taperi_takes {
    TAPERI_TAKES_VALUE,    /* a number */
    TAPERI_TAKES_COUNT,    /* a whole number >= 1 */
    TAPERI_TAKES_LENGTH,   /* a number that may have a unit */
    TAPERI_TAKES_SCHEDULE, /* becomes the part of the draft */
    TAPERI_TAKES_NOISE,    /* uniform or normal: 0 or 1 */
    TAPERI_TAKES_AFTER     /* hold, mirror or repeat */
};

enum taperi_if_missing {
    TAPERI_MUST_BE_GIVEN,
    TAPERI_MAY_BE_MISSING, /* `otherwise`, or for a length: the rest */
    TAPERI_OR_PREVIOUS     /* where the part before it ended */
};

/* One parameter of a kind: how the parser reads it, where it goes in the draft,
 * and when canonical text writes it. Without pointers, as there are many. */
struct taperi_rule {
    char name[12];
    uint8_t takes;   /* enum taperi_takes */
    uint8_t slot;    /* enum taperi_slot */
    uint8_t missing; /* enum taperi_if_missing */
    uint8_t only;    /* the kind that alone has it; 0: all kinds of the name */
    double otherwise;
};

/* A call of a name of the language; bit i of `given` stands for rule i. */
struct taperi_call {
    const struct taperi_name *name;
    struct taperi_draft draft;
    unsigned given;
};

/* What a name of the language stands for. */
struct taperi_form {
    uint8_t kind;       /* of the draft */
    uint8_t kind_too;   /* what `settle` may make of it; or the same kind */
    uint8_t positional; /* the first so many rules need no name in a text */
    uint8_t plain;      /* and have none in a canonical one */
    bool many;          /* takes any number of schedules, and nothing else */
    uint8_t rule_count;
    const struct taperi_rule *rules;
    /* Checks what the rules cannot say, and completes the draft. Returns what
     * is wrong, or NULL. May be NULL. */
    const char *(*settle)(struct taperi_call *call);
};

struct taperi_name {
    taper_shape shape;
    const struct taperi_form *form; /* NULL: sugar */
    taperi_expand *expand;          /* NULL: none */
};

/* A family of names: "curve", "compound", "recipe", or a peer, "torch", whose
 * names begin with it. A peer's name may be written with more in the middle,
 * as Python imports it: torch.optim.lr_scheduler.StepLR. */
struct taperi_family {
    const char *name;
    const struct taperi_name *rows; /* in the order of learning */
    size_t count;
};

/* Each at the end of the file with its rows, and listed in shapes.c. */
extern const struct taperi_family taperi_family_curve, taperi_family_compound,
    taperi_family_points, taperi_family_recipe, taperi_family_torch,
    taperi_family_paddle, taperi_family_optax, taperi_family_keras,
    taperi_family_hf, taperi_family_timm, taperi_family_fairseq,
    taperi_family_megatron, taperi_family_deepspeed, taperi_family_caffe,
    taperi_family_darknet, taperi_family_llmc;

/* The row of a name. Within a call of a peer's constructor, `family` is that
 * peer, whose names may then be written without it; else it is NULL. */
const struct taperi_name *taperi_name_find(struct taperi_slice word,
                                           const char *family);
/* Whether a word is a name, or that of a peer as Python imports it:
 * torch.optim.lr_scheduler.StepLR is torch.StepLR. */
bool taperi_name_is(struct taperi_slice word, const char *name);
/* The family of a row, which is one of those in shapes.c. */
const char *taperi_name_family(const struct taperi_name *name);
/* The row whose form makes nodes of a kind, for its canonical text; NULL for
 * constants, sequences and products, which are written without a name. */
const struct taperi_name *taperi_name_of_kind(uint32_t kind);
/* The word for a distribution of noise, enum taper_noise. */
enum { taperi_noise_count = TAPER_NOISE_NORMAL + 1 };
const char *taperi_noise_word(int kind);
/* What a misspelt name most likely meant; NULL if nothing is near. */
const char *taperi_name_suggest(struct taperi_slice word);

#endif
