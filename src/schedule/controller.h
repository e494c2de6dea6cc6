/* What the files of controllers share: the table of rules, in
 * controller_rules.c, and what a fresh controller is, in controller.c. */
#ifndef TAPER_SCHEDULE_CONTROLLER_H
#define TAPER_SCHEDULE_CONTROLLER_H

#include <taper.h>

/* Counters go up to this, 2^53, which a double holds exactly. */
#define TAPERI_COUNT_MAX 0x1p53

/* What a parameter takes. The words come first: they index a table. */
enum taperi_setting_type {
    TAPERI_SETTING_MODE,      /* min or max; into an int64_t */
    TAPERI_SETTING_THRESHOLD, /* rel or abs; into an int64_t */
    TAPERI_SETTING_FLAG,      /* True or False; into an int64_t */
    TAPERI_SETTING_IGNORED,   /* True or False, into nothing */
    TAPERI_SETTING_WHOLE,     /* into an int64_t */
    TAPERI_SETTING_REAL       /* into a double */
};

/* What a number may be: both bounds are legal, and `text` says them. */
struct taperi_range {
    double least, most;
    const char *text; /* "from 0 to below 1" */
};

/* One parameter of a rule: how its text is read and where it goes. */
struct taperi_setting {
    char name[16];
    uint8_t type;                     /* enum taperi_setting_type */
    uint16_t offset;                  /* in taper_controller */
    double otherwise;                 /* the default */
    const struct taperi_range *range; /* of a number; NULL: of a word */
};

struct taperi_control {
    taper_shape shape;
    const struct taperi_setting *settings; /* in the order of position */
    size_t count;
};

/* By enum taper_rule; the name of the first is "none". */
extern const struct taperi_control taperi_controls[TAPER_RULE_COUNT];

/* Whether the rule is a peer's, which is followed to the letter: bounds are
 * rates, and a metric that is no number goes through the peer's comparisons. */
bool taperi_rule_is_peer(int64_t rule);

/* Set the state of a controller, whose settings are complete, to that before
 * the first metric. */
void taperi_controller_begin(taper_controller *c);

/* The most metrics that the rule averages; at least 1. */
int64_t taperi_controller_window(const taper_controller *c);

#endif
