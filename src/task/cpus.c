/* How many CPUs this process may use, which may be fewer than the machine has:
 * what taskset, a container's cpuset or a batch system left it, and the share
 * of time that a container got (docker --cpus, a Kubernetes limit). More
 * threads than that wait for each other at every step. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "task/cpus.h"
#include "task/settings.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GROUP_SIZE = 4096 }; /* bytes of a path */

/* The quota of one group; "max" instead of a number is none. */
static int quota_of(const char *root, const char *group)
{
    char path[GROUP_SIZE * 2];
    (void)snprintf(path, sizeof path, "%s%s/cpu.max", root, group);
    FILE *const f = fopen(path, "r");
    if (!f) return INT_MAX;
    long long quota = 0, period = 0;
    const int found = fscanf(f, "%18lld %18lld", &quota, &period);
    (void)fclose(f);
    if (found != 2 || quota <= 0 || period <= 0) return INT_MAX;
    const long long cpus = quota / period;
    return cpus < 1 ? 1 : cpus < INT_MAX ? (int)cpus : INT_MAX;
}

int task_cpu_quota(const char *root, const char *group)
{
    char at[GROUP_SIZE];
    (void)snprintf(at, sizeof at, "%s", group);
    int least = INT_MAX;
    for (;;) {
        const int cpus = quota_of(root, at);
        if (cpus < least) least = cpus;
        char *const slash = strrchr(at, '/');
        if (!slash) return least;
        *slash = '\0';
    }
}

/* The line "0::/path" names the group in cgroup v2. */
static void find_group(char out[GROUP_SIZE])
{
    out[0] = '\0';
    FILE *const f = fopen("/proc/self/cgroup", "r");
    if (!f) return;
    char line[GROUP_SIZE];
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "0::", 3) == 0) {
            memcpy(out, line + 3, strlen(line + 3) + 1);
            break;
        }
    }
    (void)fclose(f);
}

static int allowed(void)
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

int task_cpus(void)
{
    char group[GROUP_SIZE];
    find_group(group);
    const int cpus = allowed(), quota = task_cpu_quota("/sys/fs/cgroup", group);
    return quota < cpus ? quota : cpus;
}
