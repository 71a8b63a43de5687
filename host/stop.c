#include "host/stop.h"

#include <math.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/time.h>

atomic_int svi_stop;

static sem_t noted;
static int time_is_up;

static void note(int number)
{
    int before = atomic_load(&svi_stop);
    if (before <= 0 && atomic_compare_exchange_strong(&svi_stop, &before, number)) {
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

static void note_time(int number)
{
    (void)number;
    int none = 0;
    if (atomic_compare_exchange_strong(&svi_stop, &none, time_is_up))
        sem_post(&noted);
}

void svi_stop_after(double seconds, int reason)
{
    time_is_up = reason;
    struct sigaction action = { .sa_handler = note_time };
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    const double whole_s = floor(seconds);
    const struct itimerval once = { .it_value = { (time_t)whole_s, (suseconds_t)((seconds - whole_s) * 1e6) } };
    setitimer(ITIMER_REAL, &once, NULL);
}

void svi_stop_wait(void)
{
    while (!atomic_load(&svi_stop))
        sem_wait(&noted);
}
