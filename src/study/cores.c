/* Sharing processors out: see cores.h. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "study/cores.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>

/* The lowest processor that shares a core with `cpu`; itself if the system does
 * not tell. */
static int first_of_core(int cpu)
{
    char path[96];
    int first = cpu;
    (void)snprintf(path, sizeof path,
                   "/sys/devices/system/cpu/cpu%d/topology/"
                   "thread_siblings_list",
                   cpu);
    FILE *in = fopen(path, "re");
    if (!in) return cpu;
    if (fscanf(in, "%d", &first) != 1) first = cpu;
    (void)fclose(in);
    return first;
}

struct study_cores study_cores_allowed(void)
{
    struct study_cores cores = {0};
    cpu_set_t set;
    bool second[STUDY_CORES_MAX];
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
    for (int cpu = 0; cpu < STUDY_CORES_MAX; cpu++) {
        if (!CPU_ISSET((size_t)cpu, &set)) continue;
        const int first = first_of_core(cpu);
        second[cpu] =
            first >= 0 && first < cpu && CPU_ISSET((size_t)first, &set);
        if (!second[cpu]) cores.cpu[cores.count++] = cpu;
    }
    for (int cpu = 0; cpu < STUDY_CORES_MAX; cpu++)
        if (CPU_ISSET((size_t)cpu, &set) && second[cpu])
            cores.cpu[cores.count++] = cpu;
    return cores;
}

struct study_cores study_cores_of(const struct study_cores *all, int slot,
                                  int jobs, int threads)
{
    if (jobs < 1 || threads < 1 || slot < 0 || slot >= jobs) return *all;
    const size_t wanted = (size_t)jobs * (size_t)threads;
    if (wanted > all->count || wanted <= all->count / 2) return *all;
    struct study_cores own = {.count = (size_t)threads};
    for (size_t i = 0; i < own.count; i++)
        own.cpu[i] = all->cpu[(size_t)slot * own.count + i];
    return own;
}
