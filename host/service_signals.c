#include "host/service_signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

static atomic_int shutdown_wish, hang_ups, waking = -1;

static void wake(void)
{
    const uint64_t one = 1;
    ssize_t written = write(atomic_load(&waking), &one, sizeof one);
    (void)written;
}

static void note(int number)
{
    if (number == SIGHUP) {
        atomic_fetch_add(&hang_ups, 1);
    } else {
        int wish = atomic_load(&shutdown_wish);
        if (wish == SVI_SHUTDOWN_COLD) {
            signal(number, SIG_DFL);
            raise(number);
            return;
        }
        atomic_store(&shutdown_wish, wish == SVI_SHUTDOWN_WARM || number == SIGQUIT ? SVI_SHUTDOWN_COLD : SVI_SHUTDOWN_WARM);
    }
    wake();
}

void svi_service_signals_catch(int wake_fd)
{
    static const int numbers[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };
    struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
    atomic_store(&waking, wake_fd);
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

enum svi_shutdown svi_service_signals_shutdown(void)
{
    return (enum svi_shutdown)atomic_load(&shutdown_wish);
}

bool svi_service_signals_hung_up(void)
{
    return atomic_exchange(&hang_ups, 0) > 0;
}
