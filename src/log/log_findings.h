/* What a log is like between its rows. */
#ifndef LOG_LOG_FINDINGS_H
#define LOG_LOG_FINDINGS_H

#include "log/loss_log.h"

/* Fills in spacing, gap and gap_at of run->found, once its rows are in order.
 */
void log_find_gaps(struct log_run *run);

#endif
