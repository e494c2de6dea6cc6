/* taper train TASK: trains for real. The options are the table of
 * task/settings.h; what they mean is the trainer's business. */
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/spec.h"
#include "cli/task_options.h"
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

struct train_options {
    struct cli_task_texts given;
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
enum { OWN = sizeof own / sizeof own[0] };

/* `taper train TASK` as a command, with the options that the task has. */
struct task_command {
    struct cli_command command;
    char name[32];
    struct cli_option options[OWN + TASK_SETTING_COUNT];
    struct cli_task_options tasks;
};

static void make_command(const struct task_trainer *trainer,
                         struct task_command *c)
{
    const struct cli_train_words *const words = cli_train_words(trainer->name);
    (void)snprintf(c->name, sizeof c->name, "train %s", trainer->name);
    cli_task_options(trainer, offsetof(struct train_options, given), &c->tasks);
    memcpy(c->options, own, sizeof own);
    memcpy(c->options + OWN, c->tasks.rows,
           c->tasks.count * sizeof *c->tasks.rows);
    c->command = (struct cli_command){.name = c->name,
                                      .summary = trainer->about,
                                      .usage = "[options]",
                                      .details = words->details,
                                      .example = words->example,
                                      .options = c->options,
                                      .option_count = OWN + c->tasks.count};
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

/* A number that prints as 0 to four digits prints without a sign. */
static double to_four_digits(double x)
{
    return fabs(x) < 5e-5 ? 0 : x;
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
                 to_four_digits(number_of(summary, "final_loss")),
                 number_of(summary, "steps"),
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
    const int go =
        read_plan(o->given.text[TASK_SETTING_plan], &plan, &plan_file);
    if (go != CLI_GO) return go;
    enum task_status status =
        cli_task_set(trainer, &o->given, plan, &settings, &err);
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

static int run(int argc, char **argv)
{
    const struct task_trainer *const trainer = cli_find_task(argc, argv);
    if (!trainer) return cli_no_task(&cli_train, "train image", argc, argv);
    struct task_command command;
    make_command(trainer, &command);
    const int foreign =
        cli_refuse_foreign(&command.command, trainer, argc, argv);
    if (foreign != CLI_GO) return foreign;
    struct train_options o = {{{NULL}}, false, false};
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
