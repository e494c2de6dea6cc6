/* Numbers below the normal range cost a hundred times a normal product and
 * carry nothing that a network needs. Threads of a team flush them to zero for
 * good (nn_device_single_thread); a thread that is not nn's own does so around
 * its work, because what else it computes must keep its bits. */
#ifndef TAPER_NN_DENORMALS_H
#define TAPER_NN_DENORMALS_H

/* Flushes them on the calling thread; returns what to restore. */
unsigned nn_denormals_flush(void);
void nn_denormals_restore(unsigned mode);

#endif
