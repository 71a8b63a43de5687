/* test_stop - which signals are noted as a wish to stop, and that the second one ends the process. */
#include "host/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* How a process ends that was started with SIGHUP ignored or not, catches, and gets these signals: with what it has noted, or by a
 * signal. */
static int status_after(bool hang_up_ignored, const int signals[2])
{
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGHUP, hang_up_ignored ? SIG_IGN : SIG_DFL);
        svi_stop_catch();
        for (size_t i = 0; i < 2 && signals[i]; i++)
            raise(signals[i]);
        _exit(atomic_load(&svi_stop));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void the_first_is_noted_and_the_second_ends(void **state)
{
    (void)state;
    static const struct {
        bool hang_up_ignored;
        int signals[2];
        int noted, killed_by;
    } rows[] = {
        { false, { 0 }, 0, 0 },
        { false, { SIGINT }, SIGINT, 0 },
        { false, { SIGTERM }, SIGTERM, 0 },
        { false, { SIGHUP }, SIGHUP, 0 },
        { true, { SIGHUP }, 0, 0 },
        { true, { SIGHUP, SIGTERM }, SIGTERM, 0 },
        { false, { SIGINT, SIGINT }, 0, SIGINT },
        { false, { SIGINT, SIGTERM }, 0, SIGTERM },
        { false, { SIGTERM, SIGHUP }, 0, SIGHUP },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const int status = status_after(rows[i].hang_up_ignored, rows[i].signals);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, rows[i].killed_by);
        assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : 0, rows[i].noted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_first_is_noted_and_the_second_ends) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
