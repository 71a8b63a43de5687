#include "host/stop.h"

#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

atomic_int svi_stop;

static sem_t noted;

static void note(int number)
{
    int none = 0;
    if (atomic_compare_exchange_strong(&svi_stop, &none, number)) {
        sem_post(&noted);
        return;
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* A shell goes on with a loop whose program only says that it failed; of one that ^C has ended, it ends the loop. */
static void end_by_interrupt(int exit_code, void *unused)
{
    (void)unused;
    if (exit_code && atomic_load(&svi_stop) == SIGINT) {
        signal(SIGINT, SIG_DFL);
        raise(SIGINT);
    }
}

void svi_stop_catch(void)
{
    sem_init(&noted, 0, 0);
    on_exit(end_by_interrupt, NULL); /* after what is registered later: it is the end */
    /* No SA_RESTART: a call that waits is to come back and look at the number. */
    struct sigaction action = { .sa_handler = note };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* What nohup started outlives its terminal. */
    struct sigaction before;
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

void svi_stop_wait(void)
{
    while (!atomic_load(&svi_stop))
        sem_wait(&noted);
}
