/* What both sides of a study in several processes need: see ranks.h. */
#ifndef TAPER_STUDY_RANKS_INSIDE_H
#define TAPER_STUDY_RANKS_INSIDE_H

#include <math.h>

#include "study/ranks.h"
#include "study/ranks_message.h"

static inline double study_lost_after(const struct study_ranks *ranks)
{
    return ranks->lost_after > 0.0 ? ranks->lost_after : STUDY_LOST_SECONDS;
}

/* Seconds between two signs of life. */
static inline double study_beat(const struct study_ranks *ranks)
{
    return fmin(1.0, study_lost_after(ranks) / 4.0);
}

/* Sends a message without waiting. False if the rank cannot be reached or
 * memory runs out. */
bool study_ranks_send(const struct study_ranks *ranks, int to,
                      const struct study_message *m);

/* The next message; false if there is none. One that cannot be read comes with
 * *readable false. The caller clears *m. */
bool study_ranks_receive(const struct study_ranks *ranks, int *from,
                         struct study_message *m, bool *readable);

#endif
