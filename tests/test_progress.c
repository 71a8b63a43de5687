/* test_progress - the bar's text at every width, and that nothing is drawn where nobody would see it. */
#include "host/progress.h"
#include "host/stop.h"

#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include "check.h"

static void texts_fit_their_columns(void **state)
{
    (void)state;
    static const struct {
        int columns;
        double share, left_s;
        const char *text;
    } rows[] = {
        { 80, 0, -1, "waterfall [........................................]   0 % compute" },
        { 80, 0.5, 7, "waterfall [####################....................]  50 % compute, 7 s left" },
        { 80, 1, 0, "waterfall [########################################] 100 % compute, 0 s left" },
        { 80, 0.25, 150, "waterfall [##########..............................]  25 % compute, 2 min left" },
        { 41, 0.5, 7, "waterfall [##..]  50 % compute, 7 s left" },
        { 40, 0.5, 7, " 50 % compute, 7 s left" },
        { 8, 0.5, 7, " 50 % c" },
        { 1, 0.5, 7, "" },
        { 0, 0.5, 7, "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[256];
        svi_progress_bar_text(text, sizeof text, rows[i].columns, "waterfall", rows[i].share, "compute", rows[i].left_s);
        assert_string_equal(text, rows[i].text);
        assert_true((int)strlen(text) < rows[i].columns || !*text);
    }
}

struct terminal {
    int ours, theirs;
};

static int open_terminal(void **state)
{
    static struct terminal terminal;
    *state = &terminal;
    if (openpty(&terminal.ours, &terminal.theirs, NULL, NULL, &(struct winsize){ .ws_row = 24, .ws_col = 80 }) != 0)
        terminal.ours = terminal.theirs = -1;
    return 0;
}

/* Leaves the running test where the system has no pseudo-terminals: a chroot without /dev/pts. */
static struct terminal *need_terminal(struct terminal *terminal)
{
    if (terminal->theirs < 0) {
        print_message("skipped: no pseudo-terminals here\n");
        skip();
    }
    return terminal;
}

static int close_terminal(void **state)
{
    struct terminal *terminal = *state;
    close(terminal->ours);
    close(terminal->theirs);
    return 0;
}

/* What was written to the terminal since the last call. */
static const char *read_terminal(struct terminal *terminal)
{
    static char text[1000];
    /* The mark makes sure that there is something to read. */
    assert_int_equal(write(terminal->theirs, "|", 1), 1);
    size_t count = 0;
    while (!count || text[count - 1] != '|') {
        ssize_t more = read(terminal->ours, text + count, sizeof text - 1 - count);
        assert_true(more > 0);
        count += (size_t)more;
    }
    text[count - 1] = '\0';
    return text;
}

static void a_bar_comes_after_a_second_and_goes(void **state)
{
    struct terminal *terminal = need_terminal(*state);
    struct svi_progress_bar bar = svi_progress_bar_start(terminal->theirs, "waterfall", true);
    assert_true(svi_progress_bar_update(&bar, 0.1, "read"));
    assert_string_equal(read_terminal(terminal), "");
    bar.started_s -= 10; /* as if ten seconds had gone by */
    svi_progress_bar_update(&bar, 0.5, "compute");
    check_has(read_terminal(terminal), "####....................]  50 % compute, 10 s left");
    svi_progress_bar_update(&bar, 0.6, "compute");
    assert_string_equal(read_terminal(terminal), ""); /* not again so soon */
    svi_progress_bar_update(&bar, 0, "start");        /* another piece of work, whose time is counted anew */
    bar.started_s -= 3;
    bar.drawn_s -= 1;
    svi_progress_bar_update(&bar, 0.5, "read");
    check_has(read_terminal(terminal), " 50 % read, 3 s left");
    svi_progress_bar_end(&bar);
    assert_string_equal(read_terminal(terminal), "\r\x1B[K");
    svi_progress_bar_end(&bar);
    assert_string_equal(read_terminal(terminal), "");
}

static void a_bar_that_is_not_wanted_stays_away(void **state)
{
    struct terminal *terminal = need_terminal(*state);
    struct svi_progress_bar bar = svi_progress_bar_start(terminal->theirs, "waterfall", false);
    bar.started_s -= 10;
    svi_progress_bar_update(&bar, 0.5, "compute");
    svi_progress_bar_end(&bar);
    assert_string_equal(read_terminal(terminal), "");
}

static void a_pipe_gets_no_bar(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct svi_progress_bar bar = svi_progress_bar_start(ends[1], "waterfall", true);
    bar.started_s -= 10;
    svi_progress_bar_update(&bar, 0.5, "compute");
    svi_progress_bar_end(&bar);
    close(ends[1]);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

static void a_signal_ends_the_work(void **state)
{
    (void)state;
    struct svi_progress_bar bar = svi_progress_bar_start(STDERR_FILENO, "waterfall", false);
    svi_stop_catch();
    assert_true(svi_progress_bar_update(&bar, 0.5, "compute"));
    raise(SIGTERM);
    assert_int_equal(atomic_load(&svi_stop), SIGTERM);
    svi_stop_wait();
    assert_false(svi_progress_bar_update(&bar, 0.5, "compute"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_fit_their_columns),
        cmocka_unit_test_setup_teardown(a_bar_comes_after_a_second_and_goes, open_terminal, close_terminal),
        cmocka_unit_test_setup_teardown(a_bar_that_is_not_wanted_stays_away, open_terminal, close_terminal),
        cmocka_unit_test(a_pipe_gets_no_bar),
        cmocka_unit_test(a_signal_ends_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
