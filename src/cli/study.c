/* taper study: what is in the files that compare keeps studies in. */
#include "cli/study.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/print.h"
#include "study/facts.h"

/* ---------------------------------------------------------------- looking */

bool cli_study_open(const char *path, struct study_store **out)
{
    struct study_error err = {STUDY_OK, ""};
    if (study_store_open(out, path, STUDY_READ, &err) == STUDY_OK) return true;
    cli_complain("%s", err.message);
    return false;
}

void cli_time(double seconds, char out[CLI_TIME])
{
    const time_t t = (time_t)seconds;
    struct tm utc;
    out[0] = '\0';
    if (seconds > 0 && gmtime_r(&t, &utc) &&
        !strftime(out, CLI_TIME, "%Y-%m-%dT%H:%M:%SZ", &utc))
        out[0] = '\0';
}

const char *cli_study_reason(const char *error, int *len)
{
    static const char mark[] = "taper: ";
    const char *best = "";
    *len = 0;
    for (const char *line = error; line && *line;) {
        const size_t n = strcspn(line, "\r\n");
        const bool ours = strncmp(line, mark, sizeof mark - 1) == 0;
        if (n > strspn(line, " ")) {
            best = ours ? line + sizeof mark - 1 : line;
            *len = (int)(n - (size_t)(best - line));
        }
        if (ours) break;
        line += n + strspn(line + n, "\r\n");
    }
    return best;
}

/* ---------------------------------------------------------------- list */

/* A listing in progress: a table for people, or an array. */
struct listing {
    struct cli_grid grid;
    cJSON *array; /* of --json; NULL: the table */
    size_t studies;
    bool failed; /* a file could not be read */
};

static void add_json(struct listing *l, const char *path,
                     const struct study_facts *facts,
                     const struct study_totals *n)
{
    const struct {
        const char *name;
        size_t count;
    } counts[] = {{"trials", n->total},    {"done", n->done},
                  {"failed", n->failed},   {"diverged", n->diverged},
                  {"waiting", n->waiting}, {"running", n->running},
                  {"halved", n->halved}};
    cJSON *const object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "file", path);
    for (size_t k = 0; k < facts->count; k++)
        cJSON_AddStringToObject(object, facts->items[k].key,
                                facts->items[k].value);
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
        cJSON_AddNumberToObject(object, counts[k].name,
                                (double)counts[k].count);
    cJSON_AddItemToArray(l->array, object);
}

static const char *fact(const struct study_facts *facts, const char *key)
{
    for (size_t k = 0; k < facts->count; k++)
        if (strcmp(facts->items[k].key, key) == 0) return facts->items[k].value;
    return "";
}

static void add_row(struct listing *l, const char *path,
                    const struct study_facts *facts,
                    const struct study_totals *n)
{
    const char *const task = fact(facts, STUDY_FACT_TASK);
    const char *const options = fact(facts, STUDY_FACT_OPTIONS);
    cli_grid_add(&l->grid, "%s", path);
    cli_grid_add(&l->grid, "%s", task);
    cli_grid_add(&l->grid, "%s", fact(facts, STUDY_FACT_METRIC));
    cli_grid_add(&l->grid, "%zu of %zu", n->done + n->failed + n->diverged,
                 n->total - n->halved);
    cli_grid_add(&l->grid, "%zu", n->failed);
    cli_grid_add(&l->grid, "%zu", n->diverged);
    cli_grid_add(&l->grid, "%.10s", fact(facts, STUDY_FACT_CREATED));
    cli_grid_add(&l->grid, "%.60s",
                 options[0] ? options : fact(facts, STUDY_FACT_COMMAND));
}

static void list_file(struct listing *l, const char *path)
{
    struct study_store *store = NULL;
    struct study_error err = {STUDY_OK, ""};
    struct study_facts facts = {NULL, 0};
    struct study_totals totals;
    if (!cli_study_open(path, &store)) {
        l->failed = true;
        return;
    }
    enum study_status status = study_store_facts(store, &facts, &err);
    if (status == STUDY_OK) status = study_store_counts(store, &totals, &err);
    if (status == STUDY_OK) {
        l->studies++;
        if (l->array)
            add_json(l, path, &facts, &totals);
        else
            add_row(l, path, &facts, &totals);
    } else {
        cli_complain("%s", err.message);
        l->failed = true;
    }
    study_facts_clear(&facts);
    study_store_close(store);
}

static int is_study(const struct dirent *entry)
{
    const size_t n = strlen(entry->d_name);
    return n > 3 && strcmp(entry->d_name + n - 3, ".db") == 0;
}

/* The studies of a folder, in the order of their names. */
static void list_folder(struct listing *l, const char *folder)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, is_study, alphasort);
    if (n < 0) {
        cli_complain("cannot read %s: %s", folder, strerror(errno));
        l->failed = true;
        return;
    }
    for (int i = 0; i < n; i++) {
        const size_t size = strlen(folder) + strlen(entries[i]->d_name) + 2;
        char *const path = malloc(size);
        if (path) {
            (void)snprintf(path, size, "%s/%s", folder, entries[i]->d_name);
            list_file(l, path);
        }
        l->failed = l->failed || !path;
        free(path);
        free(entries[i]);
    }
    free(entries);
}

static void list_place(struct listing *l, const char *place)
{
    struct stat s;
    if (stat(place, &s) == 0 && S_ISDIR(s.st_mode))
        list_folder(l, place);
    else
        list_file(l, place);
}

/* Where studies are looked for if nobody says where. */
static const char usual[] = "studies";

/* Prints what was found in some places, and releases it. */
static int print_listing(struct listing *l, const struct cli_words *places)
{
    if (l->array) {
        cJSON *const all = cJSON_CreateObject();
        cJSON_AddItemToObject(all, "studies", l->array);
        return cli_print_json(all);
    }
    if (l->studies) return cli_grid_print(&l->grid);
    cli_grid_free(&l->grid);
    return l->failed
               ? CLI_FAILED
               : cli_failed("there is no study (*.db) in %s%s: taper "
                            "compare makes one",
                            places->count ? places->items[0] : usual,
                            places->count > 1 ? " and the other places" : "");
}

int cli_study_list(const struct cli_words *words,
                   const struct cli_study_options *o)
{
    static const char *const heads[] = {"file",    "task",
                                        "metric",  "trials",
                                        "failed",  "diverged",
                                        "created", "options or command"};
    struct listing l = {.grid.columns = sizeof heads / sizeof heads[0]};
    struct stat s;
    if (o->json) l.array = cJSON_CreateArray();
    for (size_t k = 0; !o->json && k < l.grid.columns; k++)
        cli_grid_add(&l.grid, "%s", heads[k]);
    for (size_t k = 0; k < words->count; k++)
        list_place(&l, words->items[k]);
    if (!words->count && stat(usual, &s) == 0) list_place(&l, usual);
    const int status = print_listing(&l, words);
    return l.failed ? CLI_FAILED : status;
}

/* ---------------------------------------------------------------- merge */

/* Whether all of them are studies: a name that is spelt wrong should not leave
 * a new, empty study behind. */
static bool can_read(char *const *paths, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        struct study_store *store = NULL;
        if (!cli_study_open(paths[k], &store)) return false;
        study_store_close(store);
    }
    return true;
}

int cli_study_merge(const struct cli_words *words,
                    const struct cli_study_options *o)
{
    struct study_store *store = NULL;
    struct study_error err = {STUDY_OK, ""};
    (void)o;
    if (words->count < 2)
        return cli_wrong("merge what? taper study merge INTO FILE...");
    if (!can_read(words->items + 1, words->count - 1)) return CLI_FAILED;
    enum study_status status =
        study_store_open(&store, words->items[0], STUDY_CREATE, &err);
    for (size_t k = 1; k < words->count && status == STUDY_OK; k++) {
        size_t added = 0;
        status = study_store_merge(store, words->items[k], &added, &err);
        if (status == STUDY_OK)
            (void)printf("%s: %zu trial%s added from %s\n", words->items[0],
                         added, cli_plural((int64_t)added), words->items[k]);
    }
    study_store_close(store);
    if (status == STUDY_OK) return CLI_DONE;
    cli_complain("%s", err.message);
    return status == STUDY_E_USAGE ? CLI_WRONG : CLI_FAILED;
}

/* ---------------------------------------------------------------- command */

static const struct cli_option options[] = {
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXT,
     .offset = offsetof(struct cli_study_options, output),
     .value = "FILE",
     .help = "write into FILE, which is replaced when all is written (export)"},
    {.name = "curves",
     .kind = CLI_FLAG,
     .offset = offsetof(struct cli_study_options, curves),
     .help = "a row for each point of each trial's curve (export)"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(struct cli_study_options, json),
     .help = "print JSON (list, show)"},
};

static const struct part {
    const char *name;
    int (*run)(const struct cli_words *words,
               const struct cli_study_options *o);
    bool writes, prints; /* takes -o and --curves; takes --json */
} parts[] = {
    {"list", cli_study_list, false, true},
    {"show", cli_study_show, false, true},
    {"merge", cli_study_merge, false, false},
    {"export", cli_study_export, true, false},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

static const struct part *find_part(const char *name)
{
    for (size_t k = 0; k < PARTS; k++)
        if (strcmp(parts[k].name, name) == 0) return &parts[k];
    return NULL;
}

static int unknown_part(const char *name)
{
    const char *names[PARTS];
    for (size_t k = 0; k < PARTS; k++)
        names[k] = parts[k].name;
    const char *const near = taper_suggest(name, strlen(name), names, PARTS);
    return near ? cli_wrong("there is no 'study %s', did you mean '%s'?", name,
                            near)
                : cli_wrong("there is no 'study %s': there are list, show, "
                            "merge and export",
                            name);
}

static int run(int argc, char **argv)
{
    struct cli_study_options o = {.output = NULL};
    struct cli_words words;
    const int go = cli_parse(&cli_study, argc, argv, &o, &words);
    if (go != CLI_GO) return go;
    if (!words.count)
        return cli_wrong("study what? list, show, merge or export; taper study "
                         "--help says more");
    const struct part *const part = find_part(words.items[0]);
    if (!part) return unknown_part(words.items[0]);
    if (!part->writes && (o.output || o.curves))
        return cli_wrong("--%s is for export, not for %s",
                         o.output ? "output" : "curves", part->name);
    if (!part->prints && o.json)
        return cli_wrong("--json is for list and show, not for %s", part->name);
    const struct cli_words rest = {words.items + 1, words.count - 1};
    return part->run(&rest, &o);
}

const struct cli_command cli_study = {
    .name = "study",
    .summary = "list, show, merge and export the studies of compare",
    .usage = "list|show|merge|export [options] [FILE...]",
    .details =
        "  list [FILE|FOLDER...]   studies and how far they are; without a\n"
        "                          place those in the folder studies\n"
        "  show FILE [TRIAL]       what a study is and its trials; or all "
        "that\n"
        "                          is known of one, by its number\n"
        "  merge INTO FILE...      adds trials of the same study that ran\n"
        "                          elsewhere\n"
        "  export FILE [-o FILE]   CSV, a row for each trial\n",
    .example = "  taper study list\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
