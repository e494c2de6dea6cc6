/* The text of the schedule that a trial runs: see design.h. */
#define _GNU_SOURCE /* asprintf */
#include "study/design_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/design.h"

char *study_normal_text(const char *spec)
{
    char *out = malloc(strlen(spec) + 1), *end = out;
    char quote = '\0';
    bool blank = false;
    if (!out) return NULL;
    for (; *spec; spec++) {
        if (!quote && *spec == '#') spec += strcspn(spec, "\n");
        if (!quote && (!*spec || isspace((unsigned char)*spec))) {
            blank = true;
            if (!*spec) break;
            continue;
        }
        if (blank && end != out) *end++ = ' ';
        blank = false;
        if (quote ? *spec == quote : *spec == '\'' || *spec == '"')
            quote = quote ? '\0' : *spec;
        *end++ = *spec;
    }
    *end = '\0';
    return out;
}

/* "0.003 * (SPEC)". NULL without memory. */
static char *with_peak(const char *spec, double peak)
{
    char *normal = study_normal_text(spec), *text = NULL;
    if (!normal || !(peak > 0.0)) return normal;
    char number[TAPER_NUMBER_SIZE];
    (void)taper_format_number(peak, number);
    if (asprintf(&text, "%s * (%s)", number, normal) < 0) text = NULL;
    free(normal);
    return text;
}

static char *canonical(const taper_schedule *s)
{
    const size_t length = taper_describe(s, NULL, 0);
    char *text = malloc(length + 1);
    if (text) (void)taper_describe(s, text, length + 1);
    return text;
}

enum study_status study_schedule_text(const char *spec, double peak,
                                      const taper_run *run, char **out,
                                      struct study_error *err)
{
    *out = with_peak(spec, peak);
    if (!*out) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    if (!run) return STUDY_OK;
    taper_schedule *s;
    taper_error why;
    const taper_status parsed =
        taper_parse(*out, strlen(*out), run, NULL, &s, &why);
    enum study_status status = STUDY_OK;
    if (parsed != TAPER_OK)
        status =
            study_fail(err,
                       parsed == TAPER_E_NOMEM ? STUDY_E_MEMORY : STUDY_E_USAGE,
                       "%s: %s", *out, why.message);
    free(*out);
    *out = parsed == TAPER_OK ? canonical(s) : NULL;
    taper_free(s, NULL);
    if (!status && !*out)
        status = study_fail(err, STUDY_E_MEMORY, "out of memory");
    return status;
}
