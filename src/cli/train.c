/* taper train TASK: trains for real. The options are the table of
 * task/settings.h; what they mean is the trainer's business. */
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/spec.h"
#include "cli/train_help.h"

#include "task/metrics.h"
#include "task/settings.h"
#include "task/stop.h"
#include "task/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `text` has a place for every setting of the table, whatever the task. */
struct train_options {
    const char *text[TASK_SETTING_COUNT]; /* NULL: not given */
    bool resume, json;
};

static const struct cli_option own[] = {
    {.name = "resume",
     .kind = CLI_FLAG,
     .offset = offsetof(struct train_options, resume),
     .help = "continue the run in --out DIR"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(struct train_options, json),
     .help = "print the summary as JSON"},
};
enum { OWN = sizeof own / sizeof own[0], HELP_SIZE = 240 };

/* `taper train TASK` as a command, with the options that the task has. */
struct task_command {
    struct cli_command command;
    char name[32];
    struct cli_option options[OWN + TASK_SETTING_COUNT];
    char help[TASK_SETTING_COUNT][HELP_SIZE];
};

/* What a row's help says, with the default that `s` holds. */
static void describe_option(const struct task_setting *row,
                            const struct task_settings *s, char out[HELP_SIZE])
{
    char value[TASK_SETTING_TEXT];
    if (task_setting_text(s, row, value))
        (void)snprintf(out, HELP_SIZE, "%s [%s]", row->doc, value);
    else
        (void)snprintf(out, HELP_SIZE, "%s", row->doc);
}

static void make_command(const struct task_trainer *trainer,
                         struct task_command *c)
{
    const struct cli_train_words *const words = cli_train_words(trainer->name);
    struct task_settings defaults = {0};
    (void)trainer->settle(&defaults, NULL);
    (void)snprintf(c->name, sizeof c->name, "train %s", trainer->name);
    size_t n = 0;
    for (; n < OWN; n++)
        c->options[n] = own[n];
    for (size_t i = 0; i < TASK_SETTING_COUNT; i++) {
        const struct task_setting *const row = task_setting_at(i);
        if (!(row->tasks & trainer->bit)) continue;
        describe_option(row, &defaults, c->help[i]);
        c->options[n++] =
            (struct cli_option){.name = row->name,
                                .kind = CLI_TEXT,
                                .offset = offsetof(struct train_options, text) +
                                          i * sizeof(const char *),
                                .value = row->value,
                                .help = c->help[i]};
    }
    task_settings_free(&defaults);
    c->command = (struct cli_command){.name = c->name,
                                      .summary = trainer->about,
                                      .usage = "[options]",
                                      .details = words->details,
                                      .example = words->example,
                                      .options = c->options,
                                      .option_count = n};
}

/* Kept out of the trainers, which know nothing of terminals. */
static void begin_progress(struct task_progress *progress)
{
    *progress = (struct task_progress){.stream = stderr,
                                       .terminal = isatty(STDERR_FILENO) != 0};
}

static double number_of(const cJSON *summary, const char *key)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(summary, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static void print_summary(const struct task_trainer *trainer,
                          const cJSON *summary, const char *path, bool json)
{
    if (json) {
        char *const text = cJSON_Print(summary);
        if (text) (void)puts(text);
        cJSON_free(text);
        return;
    }
    char score[TASK_WORDS];
    (void)printf("%s %.4g, final loss %.4f, %.0f steps in %.1f s "
                 "(%.0f samples/s): %s\n",
                 task_column_words(trainer->score, score),
                 number_of(summary, trainer->score),
                 number_of(summary, "final_loss"), number_of(summary, "steps"),
                 number_of(summary, "train_seconds"),
                 number_of(summary, "samples_per_second"), path);
}

/* A path as a shell takes it: in single quotes, unless all of it is plain. One
 * that holds a quote itself, or is too long, is left as it is. */
static void shell_word(const char *path, char *out, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789"
                                "/._-+=:,@%";
    const bool quote = path[strspn(path, plain)] && !strchr(path, '\'') &&
                       strlen(path) + sizeof "''" <= size;
    (void)snprintf(out, size, quote ? "'%s'" : "%s", path);
}

/* `plan_file` is where the plan comes from, or NULL. */
static int finish(const char *task, enum task_status status,
                  const struct task_error *err,
                  const struct task_settings *settings, const char *plan_file,
                  const char *path)
{
    if (status == TASK_OK) return CLI_DONE;
    if (err->schedule.code != TAPER_OK) {
        if (settings->plan)
            cli_complain_plan(plan_file, settings->plan, &err->schedule);
        else
            cli_complain_schedule(settings->schedule, &err->schedule);
        return CLI_WRONG;
    }
    if (status == TASK_E_USAGE) return cli_wrong("%s", err->message);
    if (status == TASK_E_STOPPED) {
        char word[TASK_PATH_SIZE];
        shell_word(path, word, sizeof word);
        return cli_failed("%s; continue with: taper train %s --resume "
                          "--out %s",
                          err->message, task, word);
    }
    if (status == TASK_E_DIVERGED && path[0])
        return cli_failed("%s (kept in %s)", err->message, path);
    return cli_failed("%s", err->message);
}

/* The text of --plan, to be freed: a file's, or the word itself if that is a
 * plan; `file` is then NULL. Returns CLI_GO, or the status to exit with. */
static int read_plan(const char *word, char **text, const char **file)
{
    const bool is_text = word && taper_is_plan(word, strlen(word));
    *text = is_text ? strdup(word) : NULL;
    *file = is_text ? NULL : word;
    if (is_text && !*text) return cli_failed("out of memory");
    return *file ? cli_read_file(*file, text) : CLI_GO;
}

static enum task_status set_options(const struct train_options *o,
                                    const char *plan,
                                    struct task_settings *settings,
                                    struct task_error *err)
{
    enum task_status status = TASK_OK;
    for (size_t i = 0; i < TASK_SETTING_COUNT && status == TASK_OK; i++) {
        const char *const text = i == TASK_SETTING_plan ? plan : o->text[i];
        if (text)
            status = task_settings_set(settings, task_setting_at(i), text, true,
                                       err);
    }
    return status;
}

static int train(const struct task_trainer *trainer,
                 const struct train_options *o)
{
    struct task_settings settings = {.files = cli_files()};
    struct task_error err = {0};
    struct task_progress progress;
    char path[TASK_PATH_SIZE] = "";
    cJSON *summary = NULL;
    char *plan;
    const char *plan_file;
    const int go = read_plan(o->text[TASK_SETTING_plan], &plan, &plan_file);
    if (go != CLI_GO) return go;
    enum task_status status = set_options(o, plan, &settings, &err);
    free(plan);
    begin_progress(&progress);
    if (status == TASK_OK) {
        task_stop_install();
        status = task_train(trainer, &settings, o->resume, &progress, path,
                            &summary, &err);
        task_stop_remove();
    }
    if (summary && (status == TASK_OK || o->json))
        print_summary(trainer, summary, path, o->json);
    cJSON_Delete(summary);
    const int code =
        finish(trainer->name, status, &err, &settings, plan_file, path);
    task_settings_free(&settings);
    return code;
}

/* What other trainers call the rate. */
static bool is_rate(const char *word)
{
    static const char *const names[] = {"--lr", "--learning-rate"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t n = strlen(names[i]);
        if (strncmp(word, names[i], n) == 0 && (!word[n] || word[n] == '='))
            return true;
    }
    return false;
}

/* The first argument that is a task; it may stand behind options. */
static const struct task_trainer *find_task(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const struct task_trainer *const t = task_trainer_find(argv[i]);
        if (t) return t;
    }
    return NULL;
}

/* Without a task: help, or what is wrong. */
static int refuse(int argc, char **argv)
{
    const char *names[8], *word = NULL;
    size_t n = 0;
    for (; n < 8 && task_trainer_at(n); n++)
        names[n] = task_trainer_at(n)->name;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            cli_print_help(&cli_train);
            return CLI_DONE;
        }
        if (!word && argv[i][0] != '-') word = argv[i];
    }
    if (!word)
        return cli_wrong("train what? e.g. taper train image; taper train "
                         "--help lists the tasks");
    const char *const near = taper_suggest(word, strlen(word), names, n);
    return near ? cli_wrong("there is no task '%s': did you mean %s?", word,
                            near)
                : cli_wrong("there is no task '%s': taper train --help lists "
                            "them",
                            word);
}

/* The names of the tasks that have a setting, with "and" between. */
static void name_tasks(const struct task_setting *row, char *out, size_t size)
{
    out[0] = '\0';
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        if (!(row->tasks & t->bit)) continue;
        const size_t used = strlen(out);
        (void)snprintf(out + used, size - used, "%s%s", used ? " and " : "",
                       t->name);
    }
}

/* An option that only other tasks have. The general message would suggest one
 * that is spelt alike and means something else. */
static int refuse_foreign(const struct task_trainer *trainer, int argc,
                          char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) != 0) continue;
        char name[32], tasks[64];
        const char *const word = argv[i] + 2;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="),
                       word);
        const struct task_setting *const row = task_setting_find(name);
        if (!row || (row->tasks & trainer->bit)) continue;
        name_tasks(row, tasks, sizeof tasks);
        return cli_wrong("--%s is for %s, not for %s: 'taper train %s --help' "
                         "lists what is",
                         name, tasks, trainer->name, trainer->name);
    }
    return CLI_GO;
}

static int run(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (is_rate(argv[i]))
            return cli_wrong("there is no option --lr: use --schedule, whose "
                             "simplest form is a number, as in --schedule "
                             "1e-3");
    const struct task_trainer *const trainer = find_task(argc, argv);
    if (!trainer) return refuse(argc, argv);
    const int foreign = refuse_foreign(trainer, argc, argv);
    if (foreign != CLI_GO) return foreign;
    struct task_command command;
    make_command(trainer, &command);
    struct train_options o = {{NULL}, false, false};
    struct cli_words words;
    const int go = cli_parse(&command.command, argc, argv, &o, &words);
    if (go != CLI_GO) return go;
    if (words.count == 0)
        return cli_wrong("train what? e.g. taper train %s", trainer->name);
    if (words.count > 1)
        return cli_wrong("'%s' is too much: options begin with --",
                         words.items[1]);
    return train(trainer, &o);
}

const struct cli_command cli_train = {
    .name = "train",
    .summary = "train a network under a schedule",
    .usage = "TASK [options]",
    .details = cli_train_details,
    .example = cli_train_example,
    .options = own,
    .option_count = OWN,
    .run = run,
};
