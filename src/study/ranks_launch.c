/* How this process was started, and the others: see ranks_launch.h. */
#define _GNU_SOURCE /* environ, asprintf */
#include "study/ranks_launch.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What says that a process is one of several, by who says it. Slurm sets its
 * variables for each task of srun; the programs that Open MPI starts by it are
 * its own, so Open MPI comes first. */
static const struct launcher {
    const char *size, *rank, *program;
} launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun"},
    {"PMI_SIZE", "PMI_RANK", "mpirun"},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun"},
};

/* Variables that begin with these are of a rank. */
static const char *const marks[] = {
    "OMPI_COMM_WORLD_",
    "OMPI_APP_CTX_NUM_PROCS=",
    "OMPI_ARGV=",
    "OMPI_COMMAND=",
    "OMPI_FILE_LOCATION=",
    "OMPI_FIRST_RANKS=",
    "OMPI_MCA_ess",
    "OMPI_MCA_initial_wdir=",
    "OMPI_MCA_mpi_oversubscribe=",
    "OMPI_MCA_orte_",
    "OMPI_MCA_pmix=",
    "OMPI_MCA_shmem_RUNTIME_QUERY_hint=",
    "OMPI_NUM_APP_CTX=",
    "OMPI_UNIVERSE_SIZE=",
    "PMI_",
    "PMIX_",
    "SLURM_LOCALID=",
    "SLURM_NODEID=",
    "SLURM_NPROCS=",
    "SLURM_NTASKS=",
    "SLURM_PROCID=",
    "SLURM_STEP_",
};

/* A whole number of the environment, `none` if there is none. */
static int number(const char *name, int none)
{
    const char *const text = getenv(name);
    char *end;
    if (!text || !*text) return none;
    const long value = strtol(text, &end, 10);
    return *end || value < 0 || value > 1000000 ? none : (int)value;
}

struct study_launched study_launched_as(void)
{
    for (size_t i = 0; i < sizeof launchers / sizeof launchers[0]; i++) {
        const int size = number(launchers[i].size, 0);
        const int rank = number(launchers[i].rank, -1);
        if (size < 1 || rank < 0 || rank >= size) continue;
        return (struct study_launched){rank, size,
                                       size > 1 ? launchers[i].program : NULL};
    }
    return (struct study_launched){0, 1, NULL};
}

void study_ranks_hide(void)
{
    for (size_t i = 0; environ && environ[i];) {
        char name[256];
        bool found = false;
        for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++)
            found = found || !strncmp(environ[i], marks[k], strlen(marks[k]));
        const size_t length = strcspn(environ[i], "=");
        if (!found || length >= sizeof name) {
            i++;
            continue;
        }
        memcpy(name, environ[i], length);
        name[length] = '\0';
        (void)unsetenv(name); /* the next one moves to i */
    }
}

/* ------------------------------------------------------------------- joining
 */

#ifdef TAPER_HAVE_MPI

/* The module beside the program, as it is after building, or where it is
 * installed. NULL, with what the loader says in `why`, if neither is there. */
static void *open_module(char *why, size_t size)
{
    static const char *const places[] = {"", TAPER_MODULE_FOLDER "/"};
    char program[4096], *path;
    const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    void *module = NULL;
    program[n > 0 ? n : 0] = '\0';
    char *const slash = strrchr(program, '/');
    if (slash) slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0] && !module; i++) {
        if (asprintf(&path, "%s%staper-mpi.so", program, places[i]) < 0)
            return NULL;
        /* Global, as MPI loads parts of its own that look for it. */
        if (access(path, R_OK) == 0) {
            module = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
            if (!module) (void)snprintf(why, size, "%s", dlerror());
        }
        free(path);
    }
    return module;
}

static enum study_status join(struct study_transport *out,
                              struct study_error *err)
{
    char why[512] = "taper-mpi.so is not where taper was installed";
    void *const module = open_module(why, sizeof why);
    if (!module)
        return study_fail(err, STUDY_E_PROCESS,
                          "cannot load MPI (%s): install openmpi-bin", why);
    const struct study_transport_module *const m =
        dlsym(module, STUDY_TRANSPORT_SYMBOL);
    if (!m || m->version != STUDY_TRANSPORT_VERSION)
        return study_fail(err, STUDY_E_PROCESS,
                          "taper-mpi.so is of another version of taper: "
                          "install both anew");
    if (!m->begin(out, why, sizeof why))
        return study_fail(err, STUDY_E_PROCESS, "MPI cannot start: %s", why);
    return STUDY_OK; /* it stays loaded for good */
}

#else

static enum study_status join(struct study_transport *out,
                              struct study_error *err)
{
    (void)out;
    return study_fail(err, STUDY_E_PROCESS,
                      "this build has no MPI: install libopenmpi-dev and "
                      "openmpi-bin and build taper again, or start it once "
                      "instead");
}

#endif

enum study_status study_ranks_join(const struct study_launched *launched,
                                   struct study_transport *out,
                                   struct study_error *err)
{
    *out = (struct study_transport){.size = 1};
    const enum study_status status = join(out, err);
    if (status || out->size == launched->size) return status;
    out->end(out->ctx, true, 0);
    return study_fail(err, STUDY_E_PROCESS,
                      "%s started %d processes, but MPI knows of %d: %s",
                      launched->program, launched->size, out->size,
                      strcmp(launched->program, "srun") == 0
                          ? "try srun --mpi=pmix ('srun --mpi=list' says what "
                            "there is)"
                          : "use the mpirun of the MPI that taper was built "
                            "with");
}
