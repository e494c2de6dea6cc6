/* On what a trial ran, in words. */
#ifndef TAPER_STUDY_RUNNER_MACHINE_H
#define TAPER_STUDY_RUNNER_MACHINE_H

/* "host, Intel(R) Xeon(R) ..., 8 processors, Linux 6.1, taper 0.1.0". The
 * caller frees it; NULL when memory runs out. */
char *study_machine(void);

#endif
