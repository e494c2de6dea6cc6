/* Runs a fuzz target on stored inputs, without a fuzzer: with any compiler, and
 * so in every test run. Each argument is a file or a folder of files. Fails if
 * there was nothing to run, so that a lost corpus is noticed. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exactly `size` bytes are allocated so that a sanitizer sees an overrun. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;

    int ran = 0;
    if (fseek(file, 0, SEEK_END) == 0) {
        const long size = ftell(file);
        uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
        rewind(file);
        if (bytes && size >= 0 &&
            fread(bytes, 1, (size_t)size, file) == (size_t)size) {
            LLVMFuzzerTestOneInput(bytes, (size_t)size);
            ran = 1;
        }
        free(bytes);
    }
    fclose(file);
    if (!ran) fprintf(stderr, "%s: cannot be read\n", path);
    return ran;
}

static int replay_folder(DIR *folder, const char *path)
{
    int ran = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        ran += replay_file(name);
    }
    return ran;
}

int main(int argc, char **argv)
{
    int ran = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        ran += folder ? replay_folder(folder, argv[i]) : replay_file(argv[i]);
        if (folder) closedir(folder);
    }
    printf("%d inputs replayed\n", ran);
    return ran > 0 ? 0 : 1;
}
