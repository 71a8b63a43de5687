/* test_unwilling_broker - a Redis server that lets a node in and then refuses its events, as one does whose user may not publish.
 */
#include "base/bytes.h"
#include "base/stopwatch.h"

#include <sched.h>
#include <signal.h>

#include "check.h"
#include "program.h"
#include "redis_server.h"

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    while ((text = strstr(text, word))) {
        count++;
        text += strlen(word);
    }
    return count;
}

static void it_is_asked_less_and_less_often(void **state)
{
    (void)state;
    char line[200];
    redis_server_ask(&the_server, "ACL SETUSER ann on >secret ~* resetchannels &/0.celery.pidbox +@all");
    svi_format(line, sizeof line, "serve --broker redis://ann:secret@127.0.0.1:%d/0 --api-url http://127.0.0.1:9 --work %%s/work",
               the_server.port);
    pid_t node = start_program(line, NULL, 1);
    wait_for_output(node, 1, "err", "ready.");
    const double begin_s = svi_now_s();
    /* Pauses of 0.2, 0.4, 0.8 and 1.6 s. */
    while (count_of(wait_for_output(node, 1, "err", "ready."), "ready.") < 5)
        sched_yield();
    assert_true(svi_now_s() - begin_s > 2.5);
    assert_int_equal(kill(node, SIGTERM), 0);
    const struct said *said = end_program(node, 1);
    check_ended(said, 0);
    check_has(said->err, "does not let this user do what is needed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_asked_less_and_less_often, start_the_server, stop_the_server),
    };
    if (!redis_server_is_here())
        return 77;
    return cmocka_run_group_tests(tests, NULL, kill_programs);
}
