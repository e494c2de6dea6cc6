/* The texts of the statuses, and the version. */
#include <taper.h>

#define STATUS_TEXT(name, text) [name] = text,
static const char *const texts[] = {TAPER_STATUS_LIST(STATUS_TEXT)};

const char *taper_status_text(taper_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof texts / sizeof *texts ? texts[i] : "unknown status";
}

#define TEXT_OF(x) #x
#define VERSION_TEXT(major, minor, patch) \
    TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *taper_version(void)
{
    return VERSION_TEXT(TAPER_VERSION_MAJOR, TAPER_VERSION_MINOR,
                        TAPER_VERSION_PATCH);
}
