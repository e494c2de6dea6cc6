/* taper compare, from the command line to the result: trainings are lines of
 * shell, and very short runs of taper's own tasks. */
#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "studies.h"

/* A training that notes that it ran, and whose metric its seed decides. */
#define NOTES \
    "echo \"$TAPER_SCHEDULE $TAPER_SEED\" >>\"$HERE/log\"; " \
    "echo \"{\\\"metric\\\": 0.$TAPER_SEED}\""

/* Sleeps until a file of the folder has so many lines; fails after a while. */
static void wait_for_lines(const char *name, size_t lines)
{
    const struct timespec pause = {0, 5000000};
    for (int i = 0; i < 4000; i++) {
        if (count_lines(name) >= lines) return;
        (void)nanosleep(&pause, NULL);
    }
    fail_msg("%s never had %zu lines", name, lines);
}

/* ---------------------------------------------------------------- running */

static void every_trial_runs_exactly_once(void **state)
{
    (void)state;
    const struct outcome *o = COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "3");
    assert_status(o, 0);
    assert_says(o->out, "falling");
    assert_says(o->out, "level");
    assert_int_equal(count_lines("log"), 6);
    assert_int_equal(count_state("done"), 6);

    o = COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "3");
    assert_status(o, 0);
    assert_says(o->err, "all 6 trials are there");
    assert_int_equal(count_lines("log"), 6);
}

static void more_seeds_and_schedules_add_to_a_study(void **state)
{
    (void)state;
    assert_status(COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "2"), 0);
    assert_status(COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "3", "--schedule",
                          "linear(0.1, 0)"),
                  0);
    assert_int_equal(count_lines("log"), 9);
    assert_int_equal(count_state("done"), 9);
    /* Who repeats the study needs both commands, and each of them once. */
    assert_status(COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "2"), 0);
    cJSON *const all = show_study();
    const cJSON *const study = cJSON_GetObjectItem(all, "study");
    const char *const asked =
        cJSON_GetStringValue(cJSON_GetObjectItem(study, "asked"));
    assert_non_null(asked);
    const char *const second = strstr(asked, "\ntaper compare");
    assert_non_null(second);
    assert_non_null(strstr(second, "linear(0.1, 0)"));
    assert_null(strstr(second + 1, "\ntaper compare"));
    cJSON_Delete(all);
    assert_int_equal(system(
                         "cd \"$HERE\" && [ \"$(sort log | uniq -d | wc -l)\""
                         " -eq 0 ]"),
                     0);
}

static void a_killed_study_goes_on_with_what_is_missing(void **state)
{
    (void)state;
    static const char slow[] = "sleep 0.05; " NOTES;
    static const char *const more[] = {TWO_SCHEDULES, "--seeds", "4",
                                       "--jobs",      "2",       NULL};
    const pid_t pid = begin_compare(slow, more);
    wait_for_lines("log", 3);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(count_state("done") < 8);

    assert_status(compare_exec(slow, more), 0);
    assert_int_equal(count_state("done"), 8);
    /* Those that ran when it died have run twice at most. */
    assert_in_range(count_lines("log"), 8, 10);
}

static void a_stopped_study_says_how_to_go_on(void **state)
{
    (void)state;
    static const char slow[] = NOTES "; sleep 20";
    static const char *const more[] = {TWO_SCHEDULES, "--jobs", "1", NULL};
    int status = 0;
    const pid_t pid = begin_compare(slow, more);
    wait_for_lines("log", 1);
    assert_int_equal(kill(pid, SIGINT), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_equal(
        system("grep -q 'run the same command again' \"$HERE/stderr\""), 0);
    assert_int_equal(count_state("done"), 0);
    assert_int_equal(count_state("waiting"), 10);
}

static void two_commands_on_one_file_share_the_work(void **state)
{
    (void)state;
    static const char slow[] = NOTES "; sleep 0.1";
    static const char *const more[] = {TWO_SCHEDULES, "--seeds", "4",
                                       "--jobs",      "1",       NULL};
    int status = 0;
    const pid_t pid = begin_compare(slow, more);
    wait_for_lines("log", 1);
    assert_status(compare_exec(slow, more), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(count_state("done"), 8);
    assert_int_equal(count_lines("log"), 8);
}

static void the_environment_tells_a_trial_what_to_do(void **state)
{
    (void)state;
    static const char command[] =
        "[ -d \"$TAPER_OUT\" ] && [ -z \"$TAPER_PEAK\" ] && "
        "echo \"$TAPER_SCHEDULE $TAPER_STEPS $TAPER_THREADS $OMP_NUM_THREADS\" "
        ">>\"$HERE/log\"; cp \"$TAPER_LR_TABLE\" \"$HERE/table.csv\"; "
        "echo '{\"metric\": 1}'";
    assert_status(COMPARE(command, "--schedule", "linear(1, 0)", "--seeds", "1",
                          "--threads", "2", "--jobs", "1"),
                  0);
    char text[128] = "";
    FILE *f = fopen(in_folder("log"), "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_string_equal(text, "linear(1, 0, 10) 10 2 2\n");

    static const char *const lines[] = {"step,value\n", "0,1\n", "1,0.9\n"};
    f = fopen(in_folder("table.csv"), "r");
    assert_non_null(f);
    for (size_t k = 0; k < 3; k++) {
        assert_non_null(fgets(text, sizeof text, f));
        assert_string_equal(text, lines[k]);
    }
    fclose(f);
    assert_int_equal(count_lines("table.csv"), 11);
}

/* ---------------------------------------------------------------- endings */

static void a_trial_that_fails_keeps_its_errors(void **state)
{
    (void)state;
    static const char command[] =
        "if [ $TAPER_SEED = 1 ] && [ ! -e \"$HERE/mended\" ]; then "
        "echo 'no such cheese' >&2; exit 3; fi; " NOTES;
    const struct outcome *o = COMPARE(command, TWO_SCHEDULES, "--seeds", "2");
    assert_status(o, 0);
    assert_says(o->err, "failed");
    assert_says(o->err, "no such cheese");
    assert_says(o->err, "--retry");
    assert_int_equal(count_state("done"), 2);
    assert_int_equal(count_state("failed"), 2);
    o = TAPER("study", "show", in_folder("study.db"));
    assert_says(o->out, "no such cheese");

    /* They are not run again unless that is asked for. */
    write_file("mended", "");
    assert_status(COMPARE(command, TWO_SCHEDULES, "--seeds", "2"), 0);
    assert_int_equal(count_lines("log"), 2);
    assert_status(COMPARE(command, TWO_SCHEDULES, "--seeds", "2", "--retry"),
                  0);
    assert_int_equal(count_lines("log"), 4);
    assert_int_equal(count_state("done"), 4);
}

static void a_study_of_failures_has_failed(void **state)
{
    (void)state;
    const struct outcome *const o = COMPARE("exit 1", TWO_SCHEDULES);
    assert_status(o, 1);
    assert_says(o->err, "failed");
}

/* A store that reaches the limit of ulimit -f ends the study with a line that
 * says so, and with what was stored. */
static void a_store_that_reaches_the_limit_says_so(void **state)
{
    (void)state;
    char line[1024], text[1024] = "";
    (void)snprintf(line, sizeof line,
                   "ulimit -f 512; exec " TAPER_PROGRAM
                   " compare --exec 'echo \"{\\\"metric\\\": 1}\"' --steps 10 "
                   "--schedule 1 --schedule 2 --seeds 99 --db %s 2>&1 "
                   "| tail -n 1",
                   in_folder("study.db"));
    FILE *const pipe = popen(line, "r");
    assert_non_null(pipe);
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    pclose(pipe);
    assert_says(text, "taper: cannot use ");
    assert_says(text, "bytes here (ulimit -f)");
    const size_t done = count_state("done");
    assert_in_range(done, 1, 197);
}

static void no_number_is_a_divergence(void **state)
{
    (void)state;
    assert_status(COMPARE("if [ $TAPER_SEED = 0 ]; then "
                          "echo '{\"metric\": NaN}'; else "
                          "echo '{\"metric\": 2}'; fi",
                          TWO_SCHEDULES, "--seeds", "2"),
                  0);
    assert_int_equal(count_state("diverged"), 2);
    assert_int_equal(count_state("done"), 2);
}

static void a_trial_out_of_time_has_failed(void **state)
{
    (void)state;
    const struct outcome *const o =
        COMPARE("[ $TAPER_SEED = 0 ] && sleep 30; echo '{\"metric\": 2}'",
                TWO_SCHEDULES, "--seeds", "2", "--timeout", "2");
    assert_status(o, 0);
    assert_int_equal(count_state("failed"), 2);
    assert_says(TAPER("study", "show", in_folder("study.db"))->out,
                "ran longer than");
}

/* ---------------------------------------------------------------- peaks */

/* The training likes a peak of 0.3 best. */
static void peaks_are_tuned_by_seeds_of_their_own(void **state)
{
    (void)state;
    static const char command[] =
        "echo \"$TAPER_PEAK $TAPER_SEED\" >>\"$HERE/log\"; "
        "awk -v p=\"$TAPER_PEAK\" 'BEGIN { "
        "printf \"{\\\"metric\\\": %.6g}\\n\", (p - 0.3)^2 }'";
    const struct outcome *const o =
        COMPARE(command, "--schedule", "falling=cosine(1, 0)", "--schedule",
                "level=1", "--peak", "1,0.1,0.3", "--peak-seeds", "2",
                "--seeds", "3");
    assert_status(o, 0);
    assert_int_equal(count_lines("log"), 2 * (3 * 2 + 3));
    cJSON *const study = show_study();
    const cJSON *trial;
    cJSON_ArrayForEach(trial, cJSON_GetObjectItem(study, "trials"))
    {
        const cJSON *const role = cJSON_GetObjectItem(trial, "role");
        const double peak = cJSON_GetObjectItem(trial, "peak")->valuedouble;
        const int seed = cJSON_GetObjectItem(trial, "seed")->valueint;
        if (strcmp(cJSON_GetStringValue(role), "tune") == 0) {
            assert_in_range(seed, 1000, 1001);
        } else {
            assert_in_range(seed, 0, 2);
            assert_true(peak > 0.29 && peak < 0.31);
        }
    }
    cJSON_Delete(study);
}

static void budgets_are_compared_on_their_own(void **state)
{
    (void)state;
    const struct outcome *const o =
        TAPER("compare", "--exec",
              "echo $TAPER_STEPS \"$TAPER_SCHEDULE\" >>\"$HERE/log\"; "
              "echo \"{\\\"metric\\\": $TAPER_SEED}\"",
              "--budget", "20,5", "--db", in_folder("study.db"), "--schedule",
              "cosine(1, 0)", "--seeds", "2", "--json");
    assert_status(o, 0);
    cJSON *const json = cJSON_Parse(o->out);
    const cJSON *const rows = cJSON_GetObjectItem(json, "schedules");
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    cJSON_Delete(json);
    assert_int_equal(system("grep -qx '5 cosine(1, 0, 5)' \"$HERE/log\" && "
                            "grep -qx '20 cosine(1, 0, 20)' \"$HERE/log\""),
                     0);
}

/* Of four schedules one is far worse than the others, whatever the seed. */
static void halving_gives_up_what_is_clearly_worse(void **state)
{
    (void)state;
    const struct outcome *const o =
        COMPARE("awk -v s=\"$TAPER_SEED\" -v t=\"$TAPER_SCHEDULE\" 'BEGIN { "
                "printf \"{\\\"metric\\\": %d.%d}\\n\", "
                "t == \"0.4\" ? 90 : 1, s * 7 % 5 }'",
                "--schedule", "0.1", "--schedule", "0.2", "--schedule", "0.3",
                "--schedule", "hopeless=0.4", "--seeds", "12", "--halving");
    assert_status(o, 0);
    assert_says(o->out, "gave up hopeless");
    const size_t given_up = count_state("halved");
    assert_in_range(given_up, 1, 11);
    assert_int_equal(count_state("done"), 48 - given_up);
}

/* ---------------------------------------------------------------- output */

/* Standard error is the terminal of run_on_terminal only if the shell says so,
 * so the test runs the program through one. The second trial runs for so long
 * that the line is written anew meanwhile, wherever the first one ended. */
static void a_terminal_sees_how_far_it_is(void **state)
{
    (void)state;
    if (system("command -v script >/dev/null") != 0) skip();
    char command[2048];
    (void)snprintf(
        command, sizeof command,
        "script -qec \"%s compare --exec 'sleep 1.6; echo {\\\\\\\"metric"
        "\\\\\\\": 1}' --steps 5 --seeds 1 --jobs 1 --schedule a=1 --schedule "
        "b=2 "
        "--db '%s'\" /dev/null >\"$HERE/seen\" </dev/null",
        TAPER_PROGRAM, in_folder("study.db"));
    assert_int_equal(system(command), 0);
    assert_int_equal(system("grep -q '/2 trials  1 running  best 1 by [ab]  "
                            "[0-9]*s left' \"$HERE/seen\""),
                     0);
}

static void json_holds_the_result_and_nothing_else(void **state)
{
    (void)state;
    const struct outcome *const o =
        COMPARE("echo noise; echo \"{\\\"metric\\\": $TAPER_SEED}\"",
                TWO_SCHEDULES, "--seeds", "3", "--json");
    assert_status(o, 0);
    cJSON *const json = cJSON_Parse(o->out);
    assert_non_null(json);
    const cJSON *const rows = cJSON_GetObjectItem(json, "schedules");
    const cJSON *row;
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    cJSON_ArrayForEach(row, rows)
    {
        assert_non_null(cJSON_GetObjectItem(row, "name"));
        assert_int_equal(cJSON_GetObjectItem(row, "trials")->valueint, 3);
        /* Of 0, 1 and 2. */
        assert_true(cJSON_GetObjectItem(row, "mean")->valuedouble == 1.0);
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(row, "ci95")),
                         2);
    }
    cJSON_Delete(json);
}

/* ---------------------------------------------------------------- usage */

static void schedules_come_from_a_file_too(void **state)
{
    (void)state;
    write_file("schedules", "# what we compare\n\nfalling = cosine(0.1, 0)\n"
                            "  0.1   # level\n"
                            "it's \"x\" = linear(0.1, 0)\n");
    assert_status(COMPARE(NOTES, "--schedules", in_folder("schedules"),
                          "--seeds", "1"),
                  0);
    assert_int_equal(count_lines("log"), 3);
    cJSON *const study = show_study();
    const cJSON *const trials = cJSON_GetObjectItem(study, "trials");
    assert_string_equal(cJSON_GetStringValue(
                            cJSON_GetObjectItem(cJSON_GetArrayItem(trials, 0),
                                                "name")),
                        "falling");
    assert_string_equal(cJSON_GetStringValue(
                            cJSON_GetObjectItem(cJSON_GetArrayItem(trials, 1),
                                                "spec")),
                        "0.1");
    cJSON_Delete(study);

    /* JSON and pages hold names as they are. */
    write_file("schedules", "caf\xe9 = 0.1\n");
    const struct outcome *const latin =
        COMPARE(NOTES, "--schedules", in_folder("schedules"));
    assert_status(latin, 2);
    assert_says(latin->err, "UTF-8");

    write_file("schedules", "a = 0.1\nb = cosin(0.1, 0)\n");
    const struct outcome *const o =
        COMPARE(NOTES, "--schedules", in_folder("schedules"));
    assert_status(o, 2);
    assert_says(o->err, "line 2");
    assert_says(o->err, "did you mean 'cosine'");
    assert_says(o->err, "      ^~~~~");
}

static void a_wrong_schedule_shows_before_anything_runs(void **state)
{
    (void)state;
    const struct outcome *const o =
        COMPARE(NOTES, "--schedule", "0.1", "--schedule", "x=cosine(0.1 0)");
    assert_status(o, 2);
    assert_says(o->err, "cosine(0.1 0)\n");
    assert_says(o->err, "^");
    assert_int_equal(count_lines("log"), 0);
    assert_int_not_equal(access(in_folder("study.db"), F_OK), 0);
}

/* Lines that are wrong, and what is said of them. */
static void wrong_usage_is_refused_with_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *args[8], *says;
    } rows[] = {
        {{"--seed", "3"}, "--seeds N"},
        {{"--plan", "x"}, "--schedule"},
        {{"--out", "x"}, "--db"},
        {{"--resume"}, "runs again"},
        {{"--seeds", "0", TWO_SCHEDULES}, "--seeds needs"},
        {{"--shedule", "0.1"}, "did you mean '--schedule'"},
        {{"--seeds", "3"}, "give two schedules or more"},
        {{"--schedule", "0.1", "--schedule", "0.1"}, "the same schedule"},
        {{"--schedule", "a=0.1", "--schedule", "b=0.10"}, "the same schedule"},
        {{"--schedule", "a=0.1", "--schedule", "a=0.2"}, "called 'a'"},
        {{"--schedule", "=0.1"}, "no name before the '='"},
        {{TWO_SCHEDULES, "--peak", "0.1,x"}, "'x' is none"},
        {{TWO_SCHEDULES, "--peak", "0.1,0.1"}, "twice"},
        {{TWO_SCHEDULES, "--peak", "-1"}, "above 0"},
        {{TWO_SCHEDULES, "--budget", "5"}, "--steps"},
        {{TWO_SCHEDULES, "--peak-seeds", "2"}, "--peak"},
        {{TWO_SCHEDULES, "--maximize", "--minimize"}, "exclude each other"},
        {{TWO_SCHEDULES, "image"}, "'image' is too much"},
        {{TWO_SCHEDULES, "--metric", "m\xff"},
         "holds a byte that is no letter"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const struct outcome *const o = compare_exec(NOTES, rows[k].args);
        if (o->status != 2) print_message("row %zu\n", k);
        assert_status(o, 2);
        assert_says(o->err, rows[k].says);
        assert_int_equal(count_lines("log"), 0);
    }
    assert_status(TAPER("compare"), 2);
    assert_status(TAPER("compare", "--exec", "true", TWO_SCHEDULES), 2);
    assert_status(TAPER("compare", "--help"), 0);
}

/* As a shell would run them with taper in its path. */
static void the_examples_of_the_help_run(void **state)
{
    (void)state;
    if (TAPER("train", "cartpole", "--help")->status == 1) skip();
    const struct outcome *const o = TAPER("compare", "--help");
    assert_status(o, 0);
    char *const help = strdup(strstr(o->out, "example:\n") + 9);
    size_t count = 0;
    for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n")) {
        char command[1024];
        assert_memory_equal(line, "  taper ", 8);
        (void)snprintf(command, sizeof command,
                       "cd \"$HERE\" && %s %s >/dev/null 2>&1", TAPER_PROGRAM,
                       line + 8);
        if (system(command) != 0) fail_msg("this fails: %s", line);
        count++;
    }
    assert_int_equal(count, 2);
    free(help);
    /* Each is kept where the program said. */
    assert_int_equal(system(
                         "[ \"$(ls \"$HERE\"/studies/*.db | wc -l)\" -eq 2 ]"),
                     0);
}

/* The command runs with its bytes; the file and JSON hold UTF-8. */
static void a_command_of_other_bytes_is_told_in_utf8(void **state)
{
    (void)state;
    static const char command[] = "[ '\xe9' = \"$(printf '\\351')\" ] && "
                                  "echo '{\"metric\": 1}'";
    const struct outcome *o =
        COMPARE(command, TWO_SCHEDULES, "--seeds", "1", "--json");
    assert_status(o, 0);
    assert_int_equal(count_state("done"), 2);
    o = TAPER("report", in_folder("study.db"), "--json");
    assert_says(o->out, "[ '\\\\xe9' = ");
    assert_null(strchr(o->out, '\xe9'));

    o = COMPARE("[ '\xe8' = \"$(printf '\\351')\" ] && "
                "echo '{\"metric\": 1}'",
                TWO_SCHEDULES, "--seeds", "1");
    assert_status(o, 2);
    assert_says(o->err, "use another --db");

    assert_int_equal(rename(in_folder("study.db"), in_folder("\xe9.db")), 0);
    o = TAPER("study", "list", in_folder("\xe9.db"), "--json");
    assert_status(o, 0);
    assert_says(o->out, "?.db");
    assert_null(strchr(o->out, '\xe9'));
}

static void another_study_in_the_file_is_refused(void **state)
{
    (void)state;
    assert_status(COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "1"), 0);
    const struct outcome *o =
        COMPARE("echo '{\"metric\": 1}'", TWO_SCHEDULES, "--seeds", "1");
    assert_status(o, 2);
    assert_says(o->err, "command");
    o = COMPARE(NOTES, TWO_SCHEDULES, "--seeds", "1", "--maximize");
    assert_status(o, 2);
    assert_says(o->err, "direction");
    assert_int_equal(count_lines("log"), 2);
}

/* ---------------------------------------------------------------- tasks */

/* Skips the test where taper was built without trainers. */
static void need_trainers(void)
{
    if (TAPER("train", "cartpole", "--help")->status == 1) skip();
}

static void agents_are_compared(void **state)
{
    (void)state;
    need_trainers();
    const struct outcome *o =
        TAPER("compare", "cartpole", "--env-steps", "1k", "--seeds", "2",
              "--db", in_folder("study.db"), TWO_SCHEDULES);
    assert_status(o, 0);
    assert_int_equal(count_state("done"), 4);
    o = TAPER("study", "show", in_folder("study.db"), "1", "--json");
    cJSON *const trial = cJSON_Parse(o->out);
    const cJSON *const summary = cJSON_GetObjectItem(trial, "summary");
    const cJSON *const curve = cJSON_GetObjectItem(trial, "curve");
    assert_true(cJSON_GetObjectItem(trial, "metric")->valuedouble ==
                cJSON_GetObjectItem(summary, "mean_return")->valuedouble);
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(curve, "lr")) > 1);
    cJSON_Delete(trial);
}

static void texts_are_compared_and_a_divergence_is_a_result(void **state)
{
    (void)state;
    need_trainers();
    char text[4096] = "";
    for (int i = 0; i < 20; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       "good\tthe %d sun shines\nbad\tno %d rain falls\n", i,
                       i);
    write_file("texts.tsv", text);
    const struct outcome *const o =
        TAPER("compare", "text", "--data", in_folder("texts.tsv"), "--epochs",
              "2", "--batch", "8", "--seeds", "1", "--db",
              in_folder("study.db"), "--schedule", "1e-3", "--schedule",
              "1e30");
    assert_status(o, 0);
    assert_int_equal(count_state("done"), 1);
    assert_int_equal(count_state("diverged"), 1);
}

/* An agent knows no tokens, which shows when its trial begins; the complaint
 * is not the last line of what the trial said. */
static void a_schedule_that_a_task_refuses_fails_with_the_reason(void **state)
{
    (void)state;
    need_trainers();
    const struct outcome *const o =
        TAPER("compare", "cartpole", "--env-steps", "1k", "--seeds", "1",
              "--db", in_folder("study.db"), "--schedule",
              "cosine(1e-3, 0, 3Btok)");
    assert_status(o, 1);
    assert_says(o->err, "failed: there are no tokens (tok) in this task");
    assert_says(TAPER("study", "show", in_folder("study.db"))->out,
                "there are no tokens");
}

static void options_of_a_task_are_checked_before_anything_runs(void **state)
{
    (void)state;
    need_trainers();
    static const struct {
        const char *args[6], *says;
    } rows[] = {
        {{"image", "--env-steps", "3"}, "is for cartpole"},
        {{"image", "--lr", "3"}, "use --schedule"},
        {{"image", "--optimizer", "adan"}, "did you mean adam"},
        {{"image", "--batch", "-3"}, "--batch must be"},
        {{"image", "--epochs", "3", "--budget", "4"}, "leave one of the two"},
        {{"image", "--metric", "test_acuracy"}, "did you mean 'test_accuracy'"},
        {{"cartpole", "--budget", "2.5"}, "whole numbers"},
        {{"cartpole", "--momentum", "0.5"}, "with --optimizer sgd only"},
        {{"cartpole", "--episodes", "9"}, "with --algorithm reinforce only"},
        {{"text", "--optimizer", "muon"}, "is not for text"},
        {{"cartpol"}, "did you mean cartpole"},
        {{"image", "--steps", "3"}, "unknown option '--steps'"},
        {{"--exec", "x", "--limit", "3"}, "within --exec"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const char *args[16] = {"compare", "--db", in_folder("study.db"),
                                TWO_SCHEDULES};
        size_t n = 7;
        for (size_t i = 0; i < 6 && rows[k].args[i]; i++)
            args[n++] = rows[k].args[i];
        const struct outcome *const o = run_program(NULL, args);
        assert_status(o, 2);
        assert_says(o->err, rows[k].says);
    }
    assert_int_not_equal(access(in_folder("study.db"), F_OK), 0);
    assert_says(TAPER("compare", "image", "--help")->out, "--label-smoothing");
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_trial_runs_exactly_once),
        IN_FOLDER(more_seeds_and_schedules_add_to_a_study),
        IN_FOLDER(a_killed_study_goes_on_with_what_is_missing),
        IN_FOLDER(a_stopped_study_says_how_to_go_on),
        IN_FOLDER(two_commands_on_one_file_share_the_work),
        IN_FOLDER(the_environment_tells_a_trial_what_to_do),
        IN_FOLDER(a_trial_that_fails_keeps_its_errors),
        IN_FOLDER(a_study_of_failures_has_failed),
        IN_FOLDER(a_store_that_reaches_the_limit_says_so),
        IN_FOLDER(no_number_is_a_divergence),
        IN_FOLDER(a_trial_out_of_time_has_failed),
        IN_FOLDER(peaks_are_tuned_by_seeds_of_their_own),
        IN_FOLDER(budgets_are_compared_on_their_own),
        IN_FOLDER(halving_gives_up_what_is_clearly_worse),
        IN_FOLDER(a_terminal_sees_how_far_it_is),
        IN_FOLDER(json_holds_the_result_and_nothing_else),
        IN_FOLDER(schedules_come_from_a_file_too),
        IN_FOLDER(a_wrong_schedule_shows_before_anything_runs),
        IN_FOLDER(wrong_usage_is_refused_with_what_to_do),
        IN_FOLDER(a_command_of_other_bytes_is_told_in_utf8),
        IN_FOLDER(another_study_in_the_file_is_refused),
        IN_FOLDER(the_examples_of_the_help_run),
        IN_FOLDER(agents_are_compared),
        IN_FOLDER(texts_are_compared_and_a_divergence_is_a_result),
        IN_FOLDER(a_schedule_that_a_task_refuses_fails_with_the_reason),
        IN_FOLDER(options_of_a_task_are_checked_before_anything_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
