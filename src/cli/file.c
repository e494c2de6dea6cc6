/* See file.h. */
#include "cli/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"

/* Reads to the end of a stream. NULL, with errno set, on failure. */
static char *read_all(FILE *f, size_t *size)
{
    size_t room = 4096;
    char *text = malloc(room);
    *size = 0;
    while (text) {
        *size += fread(text + *size, 1, room - *size - 1, f);
        if (*size < room - 1) break;
        if (room > CLI_FILE_MAX) {
            errno = EFBIG;
            break;
        }
        room *= 2;
        char *more = realloc(text, room);
        if (!more) free(text);
        text = more;
    }
    if (text && !ferror(f) && feof(f)) {
        text[*size] = '\0';
        return text;
    }
    free(text);
    if (errno == 0) errno = EIO;
    return NULL;
}

bool cli_is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *cli_file_name(const char *path)
{
    return cli_is_standard(path) ? "standard input" : path;
}

const char *cli_load_file(const char *path, char **out, size_t *size)
{
    const bool standard = cli_is_standard(path);
    *out = NULL;
    *size = 0;
    errno = 0;
    FILE *f = standard ? stdin : fopen(path, "rb");
    if (!f) return strerror(errno);
    *out = read_all(f, size);
    const int error = errno;
    if (!standard) (void)fclose(f);
    return *out ? NULL : strerror(error);
}

int cli_read_file(const char *path, char **out)
{
    size_t size = 0;
    char *text;
    *out = NULL;
    const char *why = cli_load_file(path, &text, &size);
    path = cli_file_name(path);
    if (why) return cli_failed("cannot read %s: %s", path, why);
    if (strlen(text) != size) {
        free(text);
        return cli_failed("%s is no text: it holds a byte 0", path);
    }
    *out = text;
    return CLI_GO;
}
