/* A signal handler can only reach the program through a global; this is the
 * one that the commands have, of the one type that is safe there. */
#include "cli/interrupt.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t interrupted;

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static struct sigaction before[NUMBERS];

/* SA_RESETHAND gave the signal its default action back before this ran, which
 * is what makes a second one end the process. */
static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void cli_interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    (void)sigemptyset(&action.sa_mask);
    interrupted = 0;
    for (int i = 0; i < NUMBERS; i++)
        if (sigaction(numbers[i], NULL, &before[i]) == 0 &&
            before[i].sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &action, NULL);
}

void cli_interrupt_remove(void)
{
    for (int i = 0; i < NUMBERS; i++)
        (void)sigaction(numbers[i], &before[i], NULL);
    interrupted = 0;
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}
