/* How many CPUs this process may use: what taskset, a container's cpuset or a
 * batch system left it, which may be fewer than the machine has. A container's
 * share of time (--cpus) is no set of CPUs and is not seen here. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "task/settings.h"

#include <sched.h>
#include <unistd.h>

int task_cpus(void)
{
#ifdef CPU_COUNT
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
#endif
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}
