/* The machine in words: see runner_machine.h. */
#define _GNU_SOURCE /* asprintf */
#include "study/runner_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <taper.h>

#include "plot/glyph.h"
#include "study/cores.h"

/* What the system calls the processor; "" if it does not say. */
static void processor(char *out, size_t size)
{
    static const char key[] = "model name";
    char line[256];
    *out = '\0';
    FILE *in = fopen("/proc/cpuinfo", "re");
    if (!in) return;
    while (!*out && fgets(line, sizeof line, in)) {
        const char *colon = strstr(line, ": ");
        if (strncmp(line, key, sizeof key - 1) != 0 || !colon) continue;
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(out, size, "%s, ", colon + 2);
    }
    (void)fclose(in);
}

char *study_machine(void)
{
    struct utsname system;
    char name[256], *text;
    if (uname(&system) < 0) memset(&system, 0, sizeof system);
    processor(name, sizeof name);
    const size_t count = study_cores_allowed().count;
    if (asprintf(&text, "%s, %s%zu processor%s, %s %s, taper %s",
                 system.nodename, name, count, count == 1 ? "" : "s",
                 system.sysname, system.release, taper_version()) < 0)
        return NULL;
    plot_glyph_clean(text);
    return text;
}
