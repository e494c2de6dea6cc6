/* What a container may use of the CPUs it sees. */
#ifndef TAPER_TASK_CPUS_H
#define TAPER_TASK_CPUS_H

/* Whole CPUs, >= 1, that the quotas of a control group and of all groups above
 * it leave: the smallest `cpu.max` (quota and period in microseconds, cgroup
 * v2), rounded down. INT_MAX without a quota.
 *
 *   root   where the groups are mounted: "/sys/fs/cgroup"
 *   group  path of the group below it: "/" or "/a/b" */
int task_cpu_quota(const char *root, const char *group);

#endif
