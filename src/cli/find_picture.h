/* The picture of a range test: what was seen at every rate, the smooth curve,
 * and where the rules point. */
#ifndef CLI_FIND_PICTURE_H
#define CLI_FIND_PICTURE_H

#include "cli/find_result.h"

/* Draws into a file, or in the terminal if it is NULL. Returns the status to
 * exit with. The curve has points. */
int find_draw(const struct find_result *r, const char *file);

#endif
