/* See options.h. */
#include "cli/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"

/* Returns false if `text` is no whole number or exceeds 2^53 either way. */
static bool read_count(const char *text, int64_t *out)
{
    double value = 0.0;
    *out = 0;
    if (taper_read_number(text, strlen(text), &value) != TAPER_OK) return false;
    if (value != floor(value) || fabs(value) > (double)TAPER_STEP_MAX)
        return false;
    *out = (int64_t)value;
    return true;
}

static int wrong_number(const struct cli_option *o, const char *text)
{
    char low[TAPER_NUMBER_SIZE], high[TAPER_NUMBER_SIZE];
    const char *what = o->kind == CLI_COUNT ? "a whole number" : "a number";
    taper_format_number(o->min, low);
    taper_format_number(o->max, high);
    /* The smallest normal number stands for "above 0". */
    if (o->min == DBL_MIN && o->max >= (double)TAPER_STEP_MAX)
        return cli_wrong("--%s needs %s above 0, not '%s'", o->name, what,
                         text);
    if (o->max >= (double)TAPER_STEP_MAX)
        return cli_wrong("--%s needs %s of at least %s, not '%s'", o->name,
                         what, low, text);
    return cli_wrong("--%s needs %s from %s to %s, not '%s'", o->name, what,
                     low, high, text);
}

static int store_number(const struct cli_option *o, const char *text,
                        void *member)
{
    int64_t count = 0;
    double value = 0.0;
    bool ok = taper_read_number(text, strlen(text), &value) == TAPER_OK;
    if (o->kind == CLI_COUNT) ok = read_count(text, &count);
    if (!ok || value < o->min || value > o->max) return wrong_number(o, text);
    if (o->kind == CLI_COUNT)
        memcpy(member, &count, sizeof count);
    else
        memcpy(member, &value, sizeof value);
    return CLI_GO;
}

static int store_choice(const struct cli_option *o, const char *text,
                        void *member)
{
    char known[256] = "";
    size_t used = 0;
    for (int k = 0; o->choices[k]; k++) {
        if (strcmp(o->choices[k], text) == 0) {
            memcpy(member, &k, sizeof k);
            return CLI_GO;
        }
        const int n = snprintf(known + used, sizeof known - used, "%s%s",
                               k ? ", " : "", o->choices[k]);
        if (n > 0 && used + (size_t)n < sizeof known) used += (size_t)n;
    }
    return cli_wrong("--%s is one of %s, not '%s'", o->name, known, text);
}

static int store_another(const char *text, struct cli_texts *texts)
{
    const char **const items =
        realloc(texts->items, (texts->count + 1) * sizeof *items);
    if (!items) return cli_failed("out of memory");
    items[texts->count++] = text;
    texts->items = items;
    return CLI_GO;
}

static int store(const struct cli_option *o, const char *text, void *options)
{
    void *member = (char *)options + o->offset;
    const bool yes = true;
    switch (o->kind) {
    case CLI_FLAG:
        memcpy(member, &yes, sizeof yes);
        return CLI_GO;
    case CLI_TEXT:
        memcpy(member, &text, sizeof text);
        return CLI_GO;
    case CLI_TEXTS:
        return store_another(text, member);
    case CLI_CHOICE:
        return store_choice(o, text, member);
    case CLI_COUNT:
    case CLI_NUMBER:
        break;
    }
    return store_number(o, text, member);
}

static int unknown_option(const struct cli_command *c, const char *text,
                          size_t len)
{
    const char *names[128] = {"help"};
    size_t count = 1;
    for (size_t k = 0; k < c->option_count && count < 128; k++)
        names[count++] = c->options[k].name;
    const char *near = NULL;
    if (len > 2) near = taper_suggest(text + 2, len - 2, names, count);
    if (text[1] != '-' && memchr(text, '(', len))
        return cli_wrong("unknown option '%.*s'; the negative of a schedule is "
                         "'-1 * %.*s'",
                         (int)len, text, (int)len - 1, text + 1);
    if (near)
        return cli_wrong("unknown option '%.*s', did you mean '--%s'?",
                         (int)len, text, near);
    return cli_wrong("unknown option '%.*s': 'taper %s --help' lists them",
                     (int)len, text, c->name);
}

/* A reading of the argument list in progress. */
struct reader {
    const struct cli_command *command;
    int argc, next; /* next: index of the argument after the current one */
    char **argv;
    void *options;
};

static int take(struct reader *r, const struct cli_option *o,
                const char *attached)
{
    if (o->kind == CLI_FLAG) {
        if (attached) return cli_wrong("--%s takes no value", o->name);
        return store(o, NULL, r->options);
    }
    if (attached) return store(o, attached, r->options);
    if (r->next >= r->argc)
        return cli_wrong("--%s needs a value: --%s %s", o->name, o->name,
                         o->value);
    return store(o, r->argv[r->next++], r->options);
}

/* "--name", "--name=value". */
static int take_long(struct reader *r, const char *text)
{
    const struct cli_command *c = r->command;
    const char *equals = strchr(text, '=');
    const size_t len = equals ? (size_t)(equals - text) : strlen(text);
    for (size_t k = 0; k < c->option_count; k++)
        if (strlen(c->options[k].name) == len - 2 &&
            memcmp(c->options[k].name, text + 2, len - 2) == 0)
            return take(r, &c->options[k], equals ? equals + 1 : NULL);
    return unknown_option(c, text, len);
}

/* "-o value", "-ovalue". */
static int take_short(struct reader *r, const char *text)
{
    const struct cli_command *c = r->command;
    for (size_t k = 0; k < c->option_count; k++)
        if (c->options[k].letter == text[1])
            return take(r, &c->options[k], text[2] ? text + 2 : NULL);
    return unknown_option(c, text, strlen(text));
}

/* "-" is a word, and so are negative numbers: no option begins with a digit. */
static bool is_option(const char *text)
{
    return text[0] == '-' && text[1] && !strchr("0123456789.", text[1]);
}

int cli_parse(const struct cli_command *command, int argc, char **argv,
              void *options, struct cli_words *words)
{
    struct reader r = {command, argc, 0, argv, options};
    bool only_words = false;
    *words = (struct cli_words){argv, 0};
    while (r.next < argc) {
        char *text = argv[r.next++];
        if (only_words || !is_option(text)) {
            /* Words move forward, over arguments that have been read. */
            words->items[words->count++] = text;
            continue;
        }
        if (strcmp(text, "--") == 0) {
            only_words = true;
            continue;
        }
        if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
            cli_print_help(command);
            return CLI_DONE;
        }
        const int status =
            text[1] == '-' ? take_long(&r, text) : take_short(&r, text);
        if (status != CLI_GO) return status;
    }
    return CLI_GO;
}

bool cli_next_name(int argc, char **argv, int *i, char name[CLI_NAME])
{
    while (*i < argc && strcmp(argv[*i], "--") != 0) {
        const char *const word = argv[(*i)++];
        if (strncmp(word, "--", 2) != 0) continue;
        (void)snprintf(name, CLI_NAME, "%.*s", (int)strcspn(word + 2, "="),
                       word + 2);
        return true;
    }
    return false;
}

static void print_option(const struct cli_option *o)
{
    char left[128];
    int n = snprintf(left, sizeof left, "%s%c%s--%s%s%s", o->letter ? "-" : "",
                     o->letter ? o->letter : ' ', o->letter ? ", " : "   ",
                     o->name, o->value ? " " : "", o->value ? o->value : "");
    if (n > 25) {
        printf("  %s\n", left);
        left[0] = '\0';
    }
    printf("  %-25s %s\n", left, o->help);
}

void cli_print_help(const struct cli_command *command)
{
    printf("usage: taper %s %s\n\n", command->name, command->usage);
    printf("%c%s.\n", command->summary[0] - 'a' + 'A', command->summary + 1);
    if (command->details[0]) printf("\n%s", command->details);
    printf("\noptions:\n");
    for (size_t k = 0; k < command->option_count; k++)
        print_option(&command->options[k]);
    static const struct cli_option help = {.letter = 'h',
                                           .name = "help",
                                           .help = "print this help"};
    print_option(&help);
    printf("\nexample:\n%s", command->example);
}
