/* test_unwilling_broker - a Redis server that lets a node in and then refuses some of what it says, as one does whose user may not;
 * and in which order a node speaks with one that is willing. */
#include "base/bytes.h"
#include "base/stopwatch.h"

#include <sched.h>
#include <signal.h>

#include "broker_redis_fixture.h"
#include "check.h"
#include "program.h"
#include "redis_server.h"

/* A task waits; the platform is not there. */
static pid_t start_node(const char *const rules[3])
{
    char line[200];
    push("large_jobs", "a-task");
    redis_server_ask(&the_server, "ACL SETUSER ann reset on >secret ~* &* +@all %s %s %s", rules[0], rules[1], rules[2]);
    svi_format(line, sizeof line, "serve --broker redis://ann:secret@127.0.0.1:%d/0 --api-url http://127.0.0.1:9 --work %%s/work",
               the_server.port);
    return start_program(line, NULL, 1);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

static void what_it_hears_from_cannot_be_refused(void **state)
{
    (void)state;
    pid_t node = start_node((const char *const[]){ "-hset", "-hset", "-hset" });
    wait_for_output(node, 1, "err", "ready.");
    const double begin_s = svi_now_s();
    /* Connected anew for each try, with pauses of 0.2, 0.4, 0.8 and 1.6 s. */
    while (count_of(wait_for_output(node, 1, "err", "ready."), "ready.") < 5)
        sched_yield();
    assert_true(svi_now_s() - begin_s > 2.5);
    assert_int_equal(kill(node, SIGTERM), 0);
    check_ended(end_program(node, 1), 0);
}

static void who_is_refused_stays_connected(void **state)
{
    (void)state;
    static const struct {
        const char *rules[3];
        const char *what;
    } rows[] = {
        { { "-lpush", "-lpush", "-lpush" }, "the next attempt of a task" },
        { { "resetchannels", "&/0.celery.pidbox", "&celery-task-meta-*" }, "events" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        pid_t node = start_node(rows[i].rules);
        wait_for_output(node, 1, "err", "not everything can be told to");
        wait_for_output(node, 1, "err", "] retry in");
        assert_int_equal(kill(node, SIGTERM), 0);
        const struct said *said = end_program(node, 1);
        check_ended(said, 0);
        check_has(said->err, "does not let this user do what is needed");
        assert_int_equal(count_of(said->err, "ready."), 1);
        /* The task is not lost: it waits, or is still this node's. */
        if (redis_server_number(&the_server, "HLEN unacked") + redis_server_number(&the_server, "LLEN large_jobs") != 1)
            fail_msg("%s are refused: there is not one message", rows[i].what);
        redis_server_ask(&the_server, "FLUSHALL");
    }
}

/* The broker's answer to the end of a task may take long, and a lane has nothing to do meanwhile. */
static void a_free_lane_is_filled_before_the_broker_hears_of_an_end(void **state)
{
    (void)state;
    char line[200];
    push("large_jobs", "a-task");
    push("large_jobs", "b-task");
    redisContext *monitor = redisConnect("127.0.0.1", the_server.port);
    freeReplyObject(redisCommand(monitor, "MONITOR"));
    svi_format(line, sizeof line,
               "serve --broker redis://127.0.0.1:%d/0 --api-url http://127.0.0.1:9 --work %%s/work --concurrency 1 "
               "--result-backend none",
               the_server.port);
    pid_t node = start_program(line, NULL, 1);
    bool claimed = false, ended = false;
    while (!ended) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(monitor, &reply), REDIS_OK);
        const char *said = ((redisReply *)reply)->str;
        claimed |= strstr(said, "\"HSET\" \"unacked\" \"b-task\"") != NULL;
        ended = strstr(said, "\"HDEL\" \"unacked\" \"a-task\"") != NULL;
        freeReplyObject(reply);
    }
    assert_true(claimed);
    redisFree(monitor);
    assert_int_equal(kill(node, SIGTERM), 0);
    check_ended(end_program(node, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_it_hears_from_cannot_be_refused, start_the_server, stop_the_server),
        cmocka_unit_test_setup_teardown(who_is_refused_stays_connected, start_the_server, stop_the_server),
        cmocka_unit_test_setup_teardown(a_free_lane_is_filled_before_the_broker_hears_of_an_end, start_the_server, stop_the_server),
    };
    if (!redis_server_is_here())
        return 77;
    return cmocka_run_group_tests(tests, NULL, kill_programs);
}
