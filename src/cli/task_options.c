/* See task_options.h. */
#include "cli/task_options.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"

/* What a row's help says, with the default that `s` holds. */
static void describe_option(const struct task_setting *row,
                            const struct task_settings *s,
                            char out[CLI_TASK_HELP])
{
    char value[TASK_SETTING_TEXT];
    if (task_setting_text(s, row, value))
        (void)snprintf(out, CLI_TASK_HELP, "%s [%s]", row->doc, value);
    else
        (void)snprintf(out, CLI_TASK_HELP, "%s", row->doc);
}

void cli_task_options(const struct task_trainer *trainer, size_t offset,
                      struct cli_task_options *out)
{
    struct task_settings defaults = {0};
    (void)trainer->settle(&defaults, NULL);
    out->count = 0;
    for (size_t i = 0; i < TASK_SETTING_COUNT; i++) {
        const struct task_setting *const row = task_setting_at(i);
        if (!(row->tasks & trainer->bit)) continue;
        describe_option(row, &defaults, out->help[i]);
        task_setting_value(row, trainer->bit, out->value[i]);
        out->rows[out->count++] =
            (struct cli_option){.name = row->name,
                                .kind = CLI_TEXT,
                                .offset = offset + i * sizeof(const char *),
                                .value = out->value[i],
                                .help = out->help[i]};
    }
    task_settings_free(&defaults);
}

const struct task_trainer *cli_find_task(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const struct task_trainer *const t = task_trainer_find(argv[i]);
        if (t) return t;
    }
    return NULL;
}

int cli_no_task(const struct cli_command *command, const char *example,
                int argc, char **argv)
{
    const char *names[8], *word = NULL, *near = NULL;
    size_t n = 0;
    for (; n < 8 && task_trainer_at(n); n++)
        names[n] = task_trainer_at(n)->name;
    /* Words may be values of options: one that is nearly a task is meant. */
    for (int i = 0; i < argc && !near; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            cli_print_help(command);
            return CLI_DONE;
        }
        if (argv[i][0] == '-') continue;
        near = taper_suggest(argv[i], strlen(argv[i]), names, n);
        if (!word || near) word = argv[i];
    }
    if (!word)
        return cli_wrong("%s what? e.g. taper %s; taper %s --help lists the "
                         "tasks",
                         command->name, example, command->name);
    return near ? cli_wrong("there is no task '%s': did you mean %s?", word,
                            near)
                : cli_wrong("there is no task '%s': taper %s --help lists "
                            "them",
                            word, command->name);
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

static bool has_option(const struct cli_command *command, const char *name)
{
    for (size_t k = 0; k < command->option_count; k++)
        if (strcmp(command->options[k].name, name) == 0) return true;
    return false;
}

int cli_refuse_foreign(const struct cli_command *command,
                       const struct task_trainer *trainer, int argc,
                       char **argv)
{
    char name[CLI_NAME], tasks[64];
    for (int i = 0; cli_next_name(argc, argv, &i, name);) {
        /* What other trainers call the rate. */
        if (strcmp(name, "lr") == 0 || strcmp(name, "learning-rate") == 0)
            return cli_wrong("there is no option --lr: use --schedule, whose "
                             "simplest form is a number, as in --schedule "
                             "1e-3");
        const struct task_setting *const row = task_setting_find(name);
        if (!row || (row->tasks & trainer->bit) || has_option(command, name))
            continue;
        name_tasks(row, tasks, sizeof tasks);
        return cli_wrong("--%s is for %s, not for %s: 'taper train %s --help' "
                         "lists what is",
                         name, tasks, trainer->name, trainer->name);
    }
    return CLI_GO;
}

enum task_status cli_task_set(const struct task_trainer *trainer,
                              const struct cli_task_texts *given,
                              const char *plan, struct task_settings *settings,
                              struct task_error *err)
{
    enum task_status status = TASK_OK;
    settings->task = trainer->bit;
    for (size_t i = 0; i < TASK_SETTING_COUNT && status == TASK_OK; i++) {
        const char *const text = i == TASK_SETTING_plan ? plan : given->text[i];
        if (text)
            status = task_settings_set(settings, task_setting_at(i), text, true,
                                       err);
    }
    return status;
}
