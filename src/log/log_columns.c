/* See log_columns.h. */
#include "log/log_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taper.h>

/* ----------------------------------------------------------------- names */

/* As much of a name as is kept. */
static size_t kept_length(const char *name, size_t len)
{
    return strnlen(name, len < LOG_NAME_SIZE ? len : LOG_NAME_SIZE - 1);
}

bool log_list_add(struct log_list *list, const char *name, size_t len)
{
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 16;
        char(*const more)[LOG_NAME_SIZE] =
            realloc(list->names, room * sizeof *more);
        if (!more) return false;
        list->names = more;
        list->room = room;
    }
    const size_t kept = kept_length(name, len);
    char *const to = list->names[list->count++];
    memcpy(to, name, kept);
    to[kept] = '\0';
    return true;
}

size_t log_list_find(struct log_list *list, const char *name, size_t len)
{
    const size_t kept = kept_length(name, len);
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->names[i], name, kept) == 0 &&
            list->names[i][kept] == '\0')
            return i;
    if (list->count == LOG_NAMES_MAX || !log_list_add(list, name, len))
        return LOG_NONE;
    return list->count - 1;
}

void log_list_free(struct log_list *list)
{
    free(list->names);
    *list = (struct log_list){.names = NULL};
}

/* ---------------------------------------------------------- usual names */

/* What columns are called by trainers and logging services, the likeliest
 * first; in lower case, with '_' for whatever else separates words. */
static const char *const usual_steps[] = {"step",
                                          "global_step",
                                          "train_global_step",
                                          "trainer_global_step",
                                          "steps",
                                          "iter",
                                          "iteration",
                                          "iterations",
                                          "iters",
                                          "it",
                                          "update",
                                          "updates",
                                          "num_updates",
                                          "train_step",
                                          "train_iter",
                                          "_step",
                                          "batch",
                                          NULL};
static const char *const usual_rates[] = {
    "lr",           "learning_rate", "train_lr",   "train_learning_rate",
    "lr_train",     "current_lr",    "lr_adamw",   "lr_adam",
    "lr_sgd",       "lr_0",          "lr_group_0", "optim_lr",
    "optimizer_lr", "rate",          "eta",        NULL};
static const char *const usual_losses[] = {"loss",
                                           "train_loss",
                                           "loss_train",
                                           "training_loss",
                                           "trainloss",
                                           "loss_training",
                                           "train_loss_step",
                                           "train_lm_loss",
                                           "lm_loss",
                                           "cross_entropy",
                                           "train_cross_entropy",
                                           "ce_loss",
                                           "nll_loss",
                                           "nll",
                                           "val_loss",
                                           "valid_loss",
                                           "validation_loss",
                                           "loss_val",
                                           "loss_valid",
                                           "loss_validation",
                                           "eval_loss",
                                           "loss_eval",
                                           "dev_loss",
                                           "test_loss",
                                           "loss_test",
                                           NULL};
static const char *const usual_norms[] = {"grad_norm",
                                          "train_grad_norm",
                                          "gradient_norm",
                                          "train_gradient_norm",
                                          "gradnorm",
                                          "gnorm",
                                          "total_norm",
                                          "grad_norm_total",
                                          "grad_2_0_norm_total",
                                          "norm",
                                          NULL};

static const struct column {
    const char *option; /* its word in --columns */
    const char *words;  /* for messages: "no column of ..." */
    const char *const *usual;
} columns[LOG_COLUMNS] = {
    [LOG_STEP] = {"step", "steps", usual_steps},
    [LOG_RATE] = {"lr", "learning rates", usual_rates},
    [LOG_LOSS] = {"loss", "losses", usual_losses},
    [LOG_NORM] = {"norm", "gradient norms", usual_norms},
};

/* A name as the tables above have it. */
static void normalise(const char *name, char out[LOG_NAME_SIZE])
{
    size_t n = 0;
    for (; *name && n < LOG_NAME_SIZE - 1; name++) {
        const char c = *name;
        const bool upper = c >= 'A' && c <= 'Z';
        const bool plain =
            upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out[n++] = upper ? (char)(c - 'A' + 'a') : plain ? c : '_';
    }
    out[n] = '\0';
}

/* The first column of a list whose name is a usual one, of those from `from`
 * on in the table; *row is where in the table it stands. */
static size_t find_usual(const struct log_list *list, size_t column,
                         size_t from, size_t *row)
{
    char name[LOG_NAME_SIZE];
    for (size_t k = from; columns[column].usual[k]; k++)
        for (size_t i = 0; i < list->count; i++) {
            normalise(list->names[i], name);
            *row = k;
            if (strcmp(name, columns[column].usual[k]) == 0) return i;
        }
    return LOG_NONE;
}

/* --------------------------------------------------------------- choosing */

/* "a, b, c", as much of it as there is room for. */
static void list_names(const struct log_list *list, char *out, size_t size)
{
    static const char more[] = ", ...";
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const size_t need = strlen(list->names[i]) + 2;
        if (used + need + sizeof more > size) {
            memcpy(out + used, more, sizeof more);
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "",
                                 list->names[i]);
    }
}

/* The index of the name that was asked for, or LOG_NONE. */
static size_t find_asked(const struct log_list *list,
                         const struct log_source *source, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], name) == 0) return i;
    double number = 0;
    if (!source->numbered ||
        taper_read_number(name, strlen(name), &number) != TAPER_OK)
        return LOG_NONE;
    return number >= 1 && number <= (double)list->count ? (size_t)number - 1
                                                        : LOG_NONE;
}

static enum log_status refuse_asked(const struct log_list *list,
                                    const struct log_source *source,
                                    const char *name, struct log_error *err)
{
    char known[240];
    const char *names[LOG_NAMES_MAX];
    for (size_t i = 0; i < list->count; i++)
        names[i] = list->names[i];
    list_names(list, known, sizeof known);
    const char *const near =
        taper_suggest(name, strlen(name), names, list->count);
    if (near)
        return log_fail(err, LOG_E_USAGE,
                        "%s has no %s '%s', did you mean '%s'?", source->file,
                        source->what, name, near);
    return log_fail(err, LOG_E_USAGE, "%s has no %s '%s'; it has %s",
                    source->file, source->what, name, known);
}

static enum log_status refuse_absent(const struct log_list *list,
                                     const struct log_source *source,
                                     size_t column, struct log_error *err)
{
    char known[240];
    list_names(list, known, sizeof known);
    return log_fail(err, LOG_E_FORMAT,
                    "%s has no %s of %s by a usual name; it has %s: --columns "
                    "%s=NAME says which it is",
                    source->file, source->what, columns[column].words,
                    list->count ? known : "none at all",
                    columns[column].option);
}

enum log_status log_choose(const struct log_list *list,
                           const struct log_source *source,
                           const struct log_names *asked,
                           enum log_column wanted, struct log_choice *out,
                           struct log_error *err)
{
    out->other_loss = LOG_NONE;
    for (size_t c = 0; c < LOG_COLUMNS; c++) {
        const char *const name = asked ? asked->name[c] : "";
        size_t row = 0;
        out->of[c] = LOG_NONE;
        if (c == LOG_STEP && source->has_step) continue;
        if (c > LOG_RATE && c != (size_t)wanted) continue;
        if (name[0]) {
            out->of[c] = find_asked(list, source, name);
            if (out->of[c] == LOG_NONE)
                return refuse_asked(list, source, name, err);
            continue;
        }
        out->of[c] = find_usual(list, c, 0, &row);
        if (c == LOG_LOSS && out->of[c] != LOG_NONE)
            out->other_loss = find_usual(list, c, row + 1, &row);
        if (out->of[c] == LOG_NONE && (c == LOG_STEP || c == (size_t)wanted))
            return refuse_absent(list, source, c, err);
    }
    return LOG_OK;
}

void log_keep_names(const struct log_list *list,
                    const struct log_choice *choice, struct log_run *run)
{
    for (size_t c = 0; c < LOG_COLUMNS; c++)
        if (choice->of[c] != LOG_NONE)
            memcpy(run->names.name[c], list->names[choice->of[c]],
                   LOG_NAME_SIZE);
    if (choice->other_loss != LOG_NONE)
        memcpy(run->other_loss, list->names[choice->other_loss], LOG_NAME_SIZE);
}

/* --------------------------------------------------------------- --columns */

static enum log_status parse_one(const char *text, size_t len,
                                 struct log_names *out, struct log_error *err)
{
    const char *const equals = memchr(text, '=', len);
    const size_t before = equals ? (size_t)(equals - text) : len;
    const size_t after = equals ? len - before - 1 : 0;
    for (size_t c = 0; c < LOG_COLUMNS; c++) {
        if (strlen(columns[c].option) != before ||
            memcmp(columns[c].option, text, before) != 0)
            continue;
        if (after == 0 || after >= LOG_NAME_SIZE) break;
        memcpy(out->name[c], equals + 1, after);
        out->name[c][after] = '\0';
        return LOG_OK;
    }
    return log_fail(err, LOG_E_USAGE,
                    "--columns is like step=NAME,lr=NAME,loss=NAME,norm=NAME, "
                    "any of them left out, not '%.*s'",
                    len > 100 ? 100 : (int)len, text);
}

enum log_status log_names_parse(const char *text, struct log_names *out,
                                struct log_error *err)
{
    *out = (struct log_names){.name = {""}};
    while (text && *text) {
        const size_t len = strcspn(text, ",");
        const enum log_status status = parse_one(text, len, out, err);
        if (status != LOG_OK) return status;
        text += len + (text[len] == ',');
    }
    return LOG_OK;
}
