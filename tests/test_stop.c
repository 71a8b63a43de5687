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

static int pipe_of_child;

static void clear_up(void)
{
    if (write(pipe_of_child, "x", 1) != 1)
        abort();
}

/* What the process clears up is cleared up before. */
static void an_interrupt_is_how_a_failed_program_ends(void **state)
{
    (void)state;
    static const struct {
        int signal, exit_code, killed_by;
    } rows[] = { { SIGINT, 1, SIGINT }, { SIGINT, 0, 0 }, { SIGTERM, 1, 0 }, { 0, 1, 0 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int cleared_up[2];
        assert_int_equal(pipe(cleared_up), 0);
        const pid_t child = fork();
        if (child == 0) {
            svi_stop_catch();
            pipe_of_child = cleared_up[1];
            atexit(clear_up);
            if (rows[i].signal)
                raise(rows[i].signal);
            exit(rows[i].exit_code);
        }
        int status = 0;
        char word = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, rows[i].killed_by);
        if (!rows[i].killed_by)
            assert_int_equal(WEXITSTATUS(status), rows[i].exit_code);
        close(cleared_up[1]);
        assert_int_equal(read(cleared_up[0], &word, 1), 1);
        close(cleared_up[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_noted_and_the_second_ends),
        cmocka_unit_test(an_interrupt_is_how_a_failed_program_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
