#include "host/stop.h"

#include <semaphore.h>
#include <signal.h>
#include <stddef.h>

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

void svi_stop_catch(void)
{
    sem_init(&noted, 0, 0);
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
