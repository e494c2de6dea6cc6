/* Opening and closing a store, its schema, and its transactions: see store.h.
 *
 * The file is in write-ahead mode: readers and a writer do not wait for each
 * other, and a commit costs no wait for the disk. Only a result waits for it.
 */
#include "study/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* In the header of the file, so that `file` and we know a study: "TAPR". */
#define APPLICATION_ID 1413566546
#define SCHEMA_VERSION 1
/* Changes are short; who does not get through in this time meets a program
 * that holds the file open in a transaction. */
#define BUSY_MILLISECONDS 20000
#define QUOTED(x) QUOTED_(x)
#define QUOTED_(x) #x

/* STRICT and the checks are for whoever writes to the file by other means. The
 * names of columns are those of struct study_trial. */
static const char schema[] =
    "CREATE TABLE study("
    " key TEXT NOT NULL PRIMARY KEY,"
    " value TEXT NOT NULL,"
    " identity INTEGER NOT NULL CHECK(identity IN (0, 1))"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE trial("
    " id INTEGER PRIMARY KEY,"
    " role TEXT NOT NULL CHECK(role IN ('tune', 'score')),"
    " name TEXT NOT NULL CHECK(name <> ''),"
    " spec TEXT NOT NULL,"
    " schedule TEXT NOT NULL,"
    " peak REAL NOT NULL CHECK(peak >= 0),"
    " budget REAL NOT NULL CHECK(budget >= 0),"
    " seed INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK(state IN ('waiting', 'running', 'done',"
    "  'failed', 'diverged', 'halved')),"
    " metric REAL,"
    " seconds REAL NOT NULL DEFAULT 0 CHECK(seconds >= 0),"
    " error TEXT,"
    " curve TEXT,"
    " summary TEXT,"
    " machine TEXT,"
    " started_at REAL NOT NULL DEFAULT 0,"
    " owner INTEGER,"
    " UNIQUE(schedule, peak, budget, seed, role),"
    " CHECK(state <> 'done' OR metric IS NOT NULL),"
    " CHECK((state = 'running') = (owner IS NOT NULL))"
    ") STRICT;"
    "CREATE INDEX trial_state ON trial(state);"
    "PRAGMA application_id = " QUOTED(
        APPLICATION_ID) ";"
                        "PRAGMA user_version = " QUOTED(SCHEMA_VERSION) ";";

/* ------------------------------------------------------------------- errors */

/* What the system's own error says better than SQLite's. */
static enum study_status system_fail(const struct study_store *s, int error,
                                     struct study_error *err)
{
    if (error == ENOSPC || error == EDQUOT)
        return study_fail(err, STUDY_E_FILE,
                          "no space left on the disk with %s: free some and "
                          "run the same command again",
                          s->path);
    /* SQLite writes on after a write that failed, so that a limit reads as a
     * plain EIO. */
    struct rlimit limit;
    if ((error == EIO || error == EFBIG) &&
        getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        return study_fail(err, STUDY_E_FILE,
                          "cannot use %s: %s; a file may have at most %llu "
                          "bytes here (ulimit -f)",
                          s->path, strerror(error),
                          (unsigned long long)limit.rlim_cur);
    return study_fail(err, STUDY_E_FILE, "cannot use %s: %s", s->path,
                      strerror(error));
}

enum study_status study_store_fail(const struct study_store *s, int code,
                                   struct study_error *err)
{
    const int error = s->db ? sqlite3_system_errno(s->db) : 0;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    case SQLITE_FULL:
        return system_fail(s, ENOSPC, err);
    case SQLITE_NOTADB:
        return study_fail(err, STUDY_E_FORMAT,
                          "%s is no study: it is not a SQLite file", s->path);
    case SQLITE_READONLY:
        return study_fail(err, STUDY_E_FILE,
                          "%s is write-protected: make it and its folder "
                          "writable, or work on a copy",
                          s->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return study_fail(err, STUDY_E_FILE,
                          "another program holds %s locked: try again when it "
                          "is done",
                          s->path);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return system_fail(s, error ? error : EIO, err);
    default: /* SQLITE_CORRUPT, a missing table, a broken check, ... */
        return study_fail(err, STUDY_E_FORMAT,
                          "%s is damaged (%s): go on with a copy of it or "
                          "another --db",
                          s->path, sqlite3_errmsg(s->db));
    }
}

/* --------------------------------------------------------------- statements */

enum study_status study_store_do(struct study_store *s, const char *sql,
                                 struct study_error *err)
{
    const int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STUDY_OK : study_store_fail(s, code, err);
}

enum study_status study_store_prepare(struct study_store *s, const char *sql,
                                      sqlite3_stmt **out,
                                      struct study_error *err)
{
    const int code = sqlite3_prepare_v2(s->db, sql, -1, out, NULL);
    return code == SQLITE_OK ? STUDY_OK : study_store_fail(s, code, err);
}

enum study_status study_store_step(struct study_store *s, sqlite3_stmt *q,
                                   struct study_error *err)
{
    const int code = sqlite3_step(q);
    const enum study_status status =
        code == SQLITE_DONE ? STUDY_OK : study_store_fail(s, code, err);
    (void)sqlite3_reset(q);
    return status;
}

enum study_status study_store_begin(struct study_store *s,
                                    struct study_error *err)
{
    return study_store_do(s, "BEGIN IMMEDIATE", err);
}

enum study_status study_store_end(struct study_store *s,
                                  enum study_status status,
                                  struct study_error *err)
{
    if (status == STUDY_OK) status = study_store_do(s, "COMMIT", err);
    /* A commit that failed for want of space leaves the transaction open. */
    if (status != STUDY_OK && !sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

void study_store_text(sqlite3_stmt *q, int index, const char *text)
{
    if (text)
        (void)sqlite3_bind_text(q, index, text, -1, SQLITE_STATIC);
    else
        (void)sqlite3_bind_null(q, index);
}

bool study_store_copy(sqlite3_stmt *q, int column, char **out)
{
    const unsigned char *text = sqlite3_column_text(q, column);
    *out = text ? strdup((const char *)text) : NULL;
    return *out || sqlite3_column_type(q, column) == SQLITE_NULL;
}

/* One whole number that a statement gives. */
static enum study_status number(struct study_store *s, const char *sql,
                                int64_t *out, struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status = study_store_prepare(s, sql, &q, err);
    *out = 0;
    if (status) return status;
    const int code = sqlite3_step(q);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(q, 0);
    else
        status = study_store_fail(s, code, err);
    (void)sqlite3_finalize(q);
    return status;
}

enum study_status study_store_version(struct study_store *s, int64_t *out,
                                      struct study_error *err)
{
    return number(s, "PRAGMA data_version", out, err);
}

/* ------------------------------------------------------------------ opening */

/* Whether the file is ours. A file without a table and without another
 * program's mark is *fresh. Within a transaction: a file that is being made has
 * all three marks or none. */
static enum study_status recognise(struct study_store *s, bool *fresh,
                                   struct study_error *err)
{
    int64_t id, version, tables;
    enum study_status status = number(s, "PRAGMA application_id", &id, err);
    if (!status) status = number(s, "PRAGMA user_version", &version, err);
    if (!status)
        status = number(s, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status) return status;
    *fresh = id == 0 && version == 0 && tables == 0;
    if (*fresh || (id == APPLICATION_ID && version == SCHEMA_VERSION))
        return STUDY_OK;
    if (id == APPLICATION_ID && version > SCHEMA_VERSION)
        return study_fail(err, STUDY_E_FORMAT,
                          "%s is a study of a newer taper (format %lld, this "
                          "one knows %d): update taper",
                          s->path, (long long)version, SCHEMA_VERSION);
    return study_fail(err, STUDY_E_FORMAT,
                      "%s is no study: it is another program's SQLite file",
                      s->path);
}

/* Damage shows now rather than after an hour of training. A whole study is a
 * few megabytes, which is read in milliseconds. */
static enum study_status check_whole(struct study_store *s,
                                     struct study_error *err)
{
    sqlite3_stmt *q;
    enum study_status status =
        study_store_prepare(s, "PRAGMA quick_check(1)", &q, err);
    if (status) return status;
    const int code = sqlite3_step(q);
    const char *says =
        code == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
    if (code != SQLITE_ROW)
        status = study_store_fail(s, code, err);
    else if (!says || strcmp(says, "ok") != 0)
        status = study_fail(err, STUDY_E_FORMAT,
                            "%s is damaged: go on with a copy of it or "
                            "another --db",
                            s->path);
    (void)sqlite3_finalize(q);
    return status;
}

/* Two processes may get here at once with the same new file: the second one
 * finds it made. */
static enum study_status make_schema(struct study_store *s,
                                     struct study_error *err)
{
    enum study_status status = study_store_begin(s, err);
    if (status) return status;
    bool fresh = false;
    status = recognise(s, &fresh, err);
    if (!status && fresh) status = study_store_do(s, schema, err);
    return study_store_end(s, status, err);
}

/* Changing the mode does not wait for others as statements do. A file system
 * that cannot share memory keeps the mode that it has, which is as safe. */
static void write_ahead(struct study_store *s)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    for (int i = 0; i < BUSY_MILLISECONDS / 5; i++) {
        const int code =
            sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((code & 0xff) != SQLITE_BUSY) return;
        (void)nanosleep(&pause, NULL);
    }
}

static enum study_status prepare_writing(struct study_store *s,
                                         enum study_access access, bool fresh,
                                         struct study_error *err)
{
    if (fresh && access != STUDY_CREATE)
        return study_fail(err, STUDY_E_FORMAT, "%s is empty: it is no study",
                          s->path);
    enum study_status status = STUDY_OK;
    if (fresh) status = make_schema(s, err);
    if (!status) write_ahead(s);
    if (!status) status = study_store_do(s, "PRAGMA synchronous = NORMAL", err);
    if (!status) status = study_store_reclaim(s, NULL, err);
    return status;
}

static enum study_status begin_use(struct study_store *s,
                                   enum study_access access,
                                   struct study_error *err)
{
    bool fresh = false;
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_busy_timeout(s->db, BUSY_MILLISECONDS);
    if (access != STUDY_READ && sqlite3_db_readonly(s->db, "main") == 1)
        return study_store_fail(s, SQLITE_READONLY, err);
    enum study_status status =
        study_store_do(s,
                       access == STUDY_READ ? "PRAGMA query_only = ON; BEGIN"
                                            : "BEGIN",
                       err);
    if (status) return status;
    status = recognise(s, &fresh, err);
    if (!status && !fresh) status = check_whole(s, err);
    status = study_store_end(s, status, err);
    if (status) return status;
    if (access != STUDY_READ) return prepare_writing(s, access, fresh, err);
    if (fresh)
        return study_fail(err, STUDY_E_FORMAT, "%s is empty: it is no study",
                          s->path);
    return STUDY_OK;
}

/* The name of the file as a URI that says it does not change. NULL: no
 * memory. */
static char *unchanging(const char *path)
{
    static const char scheme[] = "file:", query[] = "?immutable=1";
    char *uri = malloc(sizeof scheme + 3 * strlen(path) + sizeof query);
    if (!uri) return NULL;
    char *end = uri + sprintf(uri, "%s", scheme);
    for (; *path; path++)
        end += strchr("?#%", *path)
                   ? sprintf(end, "%%%02X", (unsigned char)*path)
                   : sprintf(end, "%c", *path);
    (void)strcpy(end, query);
    return uri;
}

static bool beside(const char *path, const char *suffix)
{
    char *name = malloc(strlen(path) + strlen(suffix) + 1);
    struct stat info;
    const bool there =
        name && stat(strcat(strcpy(name, path), suffix), &info) == 0;
    free(name);
    return there;
}

/* A file in write-ahead mode wants a second file beside it even for reading.
 * Where that cannot be made, and nobody has left one, nobody writes either. */
static enum study_status open_unchanging(struct study_store *s,
                                         struct study_error *err)
{
    char *uri = unchanging(s->path);
    if (!uri) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    (void)sqlite3_close(s->db);
    s->db = NULL;
    const int code =
        sqlite3_open_v2(uri, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                        NULL);
    free(uri);
    if (code != SQLITE_OK) return study_store_fail(s, code, err);
    return begin_use(s, STUDY_READ, err);
}

/* Readers too may write, if they are permitted to: the files beside the store
 * are removed by the last one who closes it and may. */
static enum study_status open_file(struct study_store *s,
                                   enum study_access access,
                                   struct study_error *err)
{
    const int flags = SQLITE_OPEN_READWRITE |
                      (access == STUDY_CREATE ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (code != SQLITE_OK) return study_store_fail(s, code, err);
    const enum study_status status = begin_use(s, access, err);
    if (status != STUDY_E_FILE || access != STUDY_READ) return status;
    if (beside(s->path, "-wal")) return status;
    return open_unchanging(s, err);
}

/* Makes the folders that lead to `path`. */
static enum study_status make_folders(char *path, struct study_error *err)
{
    for (char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const int error = mkdir(path, 0777) == 0 ? 0 : errno;
        if (error && error != EEXIST) {
            (void)study_fail(err, STUDY_E_FILE, "cannot make the folder %s: %s",
                             path, strerror(error));
            *slash = '/';
            return STUDY_E_FILE;
        }
        *slash = '/';
    }
    return STUDY_OK;
}

/* What the system tells about the name more clearly than SQLite. */
static enum study_status look_at(struct study_store *s,
                                 enum study_access access,
                                 struct study_error *err)
{
    struct stat info;
    if (stat(s->path, &info) == 0) {
        if (S_ISREG(info.st_mode)) return STUDY_OK;
        return study_fail(err, STUDY_E_FILE, "%s is a %s, not a study", s->path,
                          S_ISDIR(info.st_mode) ? "folder" : "special file");
    }
    if (errno != ENOENT) return system_fail(s, errno, err);
    if (access != STUDY_CREATE)
        return study_fail(err, STUDY_E_FILE, "there is no study %s", s->path);
    const enum study_status status = make_folders(s->path, err);
    if (status) return status;
    const int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return system_fail(s, errno, err);
    (void)close(fd);
    return STUDY_OK;
}

enum study_status study_store_open(struct study_store **out, const char *path,
                                   enum study_access access,
                                   struct study_error *err)
{
    *out = NULL;
    if (!*path)
        return study_fail(err, STUDY_E_USAGE, "a study needs a file name");
    struct study_store *s = calloc(1, sizeof *s);
    /* SQLite reads a name with a colon in front as something else. */
    char *name = malloc(strlen(path) + sizeof "./");
    if (!s || !name) {
        free(s);
        free(name);
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    }
    s->path = strcat(strcpy(name, *path == ':' ? "./" : ""), path);
    enum study_status status = look_at(s, access, err);
    if (!status) status = open_file(s, access, err);
    if (status)
        study_store_close(s);
    else
        *out = s;
    return status;
}

void study_store_close(struct study_store *s)
{
    if (!s) return;
    if (s->owner.number) {
        sqlite3_stmt *q;
        static const char sql[] =
            "UPDATE trial SET state = 'waiting', owner = NULL, started_at = 0 "
            "WHERE state = 'running' AND owner = ?";
        if (study_store_prepare(s, sql, &q, NULL) == STUDY_OK) {
            (void)sqlite3_bind_int64(q, 1, s->owner.number);
            (void)study_store_step(s, q, NULL);
        }
        (void)sqlite3_finalize(q);
    }
    (void)sqlite3_close(s->db);
    study_owner_end(&s->owner, s->path);
    free(s->path);
    free(s);
}

const char *study_store_path(const struct study_store *s)
{
    return s->path;
}
