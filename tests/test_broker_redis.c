/* test_broker_redis - how the Redis transport takes tasks, holds them and gives them back, on a real server, whose keys are
 * compared with what kombu writes there. */
#include <signal.h>
#include <time.h>

#include "broker_redis_fixture.h"

/* ---- taking ---- */

static void tasks_come_by_priority_then_age_and_queues_take_turns(void **state)
{
    (void)state;
    static const struct {
        const char *list, *tag;
    } pushed[] = {
        { "a" SEPARATOR "9", "a9" },
        { "a" SEPARATOR "6", "a6" },
        { "a", "a0" },
        { "a" SEPARATOR "3", "a3" },
        { "a", "a1" },
        { "a", "a2" },
        { "b" SEPARATOR "3", "b3" },
        { "b", "b0" },
        { "b", "b1" },
        { "c", "c0" },
    };
    static const char *const expected[] = { "a0", "b0", "c0", "a1", "b1", "a2", "b3", "a3", "a6", "a9" };
    static const char *const queues[] = { "a", "b", "c" };
    for (size_t i = 0; i < ROWS(pushed); i++)
        push(pushed[i].list, pushed[i].tag);
    struct svi_broker *broker = open_as(NODE, NULL, 3, queues);
    struct svi_error err = { 0 };
    uint64_t count = 0;
    check_ok(svi_broker_redis.waiting(broker, &count, &err), err);
    assert_int_equal(count, ROWS(pushed));
    for (size_t i = 0; i < ROWS(expected); i++) {
        struct svi_broker_tag tag = expect_task(broker, expected[i], false);
        assert_true(end_task(broker, &tag, SVI_BROKER_DONE));
    }
    expect_nothing(broker, 0.3, true);
    expect_nothing_held();
    svi_broker_redis.close(broker);
}

static void a_claim_is_noted_byte_by_byte_as_kombu_notes_it(void **state)
{
    (void)state;
    char expected[4096];
    push("large_jobs", "tag-1");
    struct svi_broker *broker = open_usual(NULL);
    expect_nothing(broker, 0.3, false); /* no room */
    assert_int_equal(redis_server_number(&the_server, "LLEN large_jobs"), 1);
    struct svi_broker_tag tag = expect_task(broker, "tag-1", false);
    assert_string_equal(tag.text, "tag-1");
    svi_format(expected, sizeof expected, "[%s, \"\", \"large_jobs\"]", message_text("tag-1", "large_jobs"));
    assert_string_equal(redis_server_ask(&the_server, "HGET unacked tag-1")->str, expected);
    double score_s = strtod(redis_server_ask(&the_server, "ZSCORE unacked_index tag-1")->str, NULL);
    check_near(score_s, (double)time(NULL), 3);
    assert_int_equal(redis_server_number(&the_server, "SISMEMBER _svi.held." NODE " tag-1"), 1);
    assert_int_equal(redis_server_number(&the_server, "LLEN large_jobs"), 0);
    assert_true(end_task(broker, &tag, SVI_BROKER_DONE));
    expect_nothing_held();
    assert_false(end_task(broker, &tag, SVI_BROKER_DONE));
    svi_broker_redis.close(broker);
}

static void what_is_no_message_is_removed_and_the_next_one_comes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size; /* 0: of the text */
    } rows[] = {
        { "", 0 },
        { "no JSON", 0 },
        { "{\"body\": ", 0 },
        { "[1, 2]", 0 },
        { "{\"a\": 1, \"a\": 2}", 0 },
        { "\"text\"", 0 },
        { "null", 0 },
        { "17", 0 },
        { "\xff\xfe\0\x01", 4 },
        { "{\"body\": 1, \"properties\": 2, \"headers\": 3}", 0 },
        { "{\"body\": \"%%%\", \"properties\": {\"body_encoding\": \"base64\", \"delivery_tag\": \"x\"}}", 0 },
        { "{\"body\": \"\\ud800\", \"properties\": {\"delivery_tag\": 7}}", 0 },
        { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]",
          0 },
    };
    struct svi_broker *broker = open_usual(NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t size = rows[i].size ? rows[i].size : strlen(rows[i].text);
        redis_server_number(&the_server, "LPUSH large_jobs %b", rows[i].text, size);
        push("large_jobs", "good");
        double begin_s = svi_now_s();
        struct svi_broker_tag tag = expect_task(broker, "good", false);
        assert_true(svi_now_s() - begin_s < 3);
        end_task(broker, &tag, SVI_BROKER_DONE);
        expect_nothing_held();
    }
    /* Larger than any message may be. */
    enum { LARGE = SVI_CELERY_MESSAGE_LIMIT_BYTES + 1 };
    char *large = malloc(LARGE);
    assert_non_null(large);
    memset(large, ' ', LARGE);
    redis_server_number(&the_server, "LPUSH large_jobs %b", large, (size_t)LARGE);
    free(large);
    push("large_jobs", "good");
    expect_task(broker, "good", false);
    assert_int_equal(redis_server_number(&the_server, "HLEN unacked"), 1);
    svi_broker_redis.close(broker);
}

static void messages_that_kombu_did_not_write_are_taken_too(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"headers\": {\"task\": \"t\", \"id\": \"bare\"}, \"body\": \"x\"}",
        "{\"headers\": {\"id\": \"bare\"}, \"properties\": {\"delivery_tag\": null, \"delivery_info\": []}}",
        "{\"headers\": {\"id\": \"bare\"}, \"properties\": {\"delivery_tag\": \"with blanks \\n\"}}",
        "{\"headers\": {\"id\": \"bare\"}, \"properties\": {\"delivery_tag\": "
        "\"0123456789012345678901234567890123456789012345678901234567890123456789\"}}",
    };
    struct svi_broker *broker = open_usual(NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        redis_server_number(&the_server, "LPUSH large_jobs %s", rows[i]);
        struct svi_broker_tag tag = expect_task(broker, "bare", false);
        assert_int_equal(strlen(tag.text), 36);
        assert_true(end_task(broker, &tag, SVI_BROKER_RETURNED));
        tag = expect_task(broker, "bare", true);
        assert_true(end_task(broker, &tag, SVI_BROKER_DONE));
        expect_nothing_held();
    }
    svi_broker_redis.close(broker);
}

static void queues_are_added_and_left_while_it_runs(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_broker *broker = open_usual(NULL);
    push("extra", "x1");
    expect_nothing(broker, 0.3, true);
    check_ok(svi_broker_redis.add_queue(broker, "extra", &err), err);
    expect_task(broker, "x1", false);
    assert_int_equal(
        redis_server_number(&the_server, "SISMEMBER _kombu.binding.extra %b", "extra" SEPARATOR SEPARATOR "extra", (size_t)14), 1);
    check_ok(svi_broker_redis.cancel_queue(broker, "extra", &err), err);
    push("extra", "x2");
    push("large_jobs", "l1");
    expect_task(broker, "l1", false);
    expect_nothing(broker, 0.3, true);
    redis_server_ask(&the_server, "SET text 1");
    assert_false(svi_broker_redis.add_queue(broker, "text", &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    svi_broker_redis.close(broker);
}

/* ---- giving back, leases, the sweep ---- */

/* What kombu would have put there: the message with its two marks. */
static void check_marked(const char *list, const char *tag)
{
    json_t *is = stored_message(list), *should = json_loads(message_text(tag, "large_jobs"), 0, NULL);
    json_object_set_new(json_object_get(should, "headers"), "redelivered", json_true());
    json_object_set_new(json_object_get(json_object_get(should, "properties"), "delivery_info"), "redelivered", json_true());
    if (!json_equal(is, should))
        fail_msg("restored as %s", json_dumps(is, 0));
    json_decref(is);
    json_decref(should);
}

static void a_task_that_is_given_back_is_the_next_to_be_taken(void **state)
{
    (void)state;
    struct svi_broker *broker = open_usual(NULL);
    push("large_jobs", "t1");
    push("large_jobs", "t2");
    struct svi_broker_tag tag = expect_task(broker, "t1", false);
    assert_true(end_task(broker, &tag, SVI_BROKER_RETURNED));
    expect_nothing_held();
    check_marked("large_jobs", "t1");
    assert_false(end_task(broker, &tag, SVI_BROKER_RETURNED));
    assert_int_equal(redis_server_number(&the_server, "LLEN large_jobs"), 2);
    expect_task(broker, "t1", true);
    expect_task(broker, "t2", false);
    svi_broker_redis.close(broker);
}

/* What another worker has noted, `age_s` ago. */
static void note_as_held(const char *tag, const char *exchange, const char *key, int priority, double age_s)
{
    char record[4096], score[32];
    json_t *message = json_loads(message_text(tag, "large_jobs"), 0, NULL);
    json_object_set_new(json_object_get(message, "properties"), "priority", json_integer(priority));
    char *text = json_dumps(message, 0);
    svi_format(record, sizeof record, "[%s, \"%s\", \"%s\"]", text, exchange, key);
    svi_format(score, sizeof score, "%.6f", (double)time(NULL) - age_s);
    redis_server_number(&the_server, "HSET unacked %s %s", tag, record);
    redis_server_number(&the_server, "ZADD unacked_index %s %s", score, tag);
    free(text);
    json_decref(message);
}

static void what_others_let_fall_goes_back_where_kombu_would_put_it(void **state)
{
    (void)state;
    static const struct {
        const char *exchange, *key;
        int priority;
        const char *list;
    } rows[] = {
        { "", "large_jobs", 0, "large_jobs" },
        { "", "large_jobs", 2, "large_jobs" },
        { "", "large_jobs", 3, "large_jobs" SEPARATOR "3" },
        { "", "large_jobs", 8, "large_jobs" SEPARATOR "6" },
        { "", "large_jobs", 12, "large_jobs" SEPARATOR "9" },
        { "", "large_jobs", -5, "large_jobs" },
        { "", "other", 0, "other" },
        { "ex", "key", 0, "bound" },
        { "ex", "unbound", 0, "unbound" },
    };
    redis_server_number(&the_server, "SADD _kombu.binding.ex %b", "key" SEPARATOR SEPARATOR "bound", (size_t)12);
    redis_server_number(&the_server, "SADD _kombu.binding.ex %b", "keyb" SEPARATOR SEPARATOR "wrong", (size_t)13);
    json_t *options = json_pack("{s:f}", "visibility_timeout", 50.0);
    for (size_t i = 0; i < ROWS(rows); i++) {
        note_as_held("fallen", rows[i].exchange, rows[i].key, rows[i].priority, 60);
        note_as_held("fresh", "", "large_jobs", 0, 40);
        struct svi_broker *broker = open_usual(options);
        expect_nothing(broker, 0, false);
        if (redis_server_number(&the_server, "LLEN %b", rows[i].list, strlen(rows[i].list)) != 1)
            fail_msg("row %zu: not in %s", i, rows[i].list);
        assert_int_equal(redis_server_number(&the_server, "HLEN unacked"), 1);
        assert_int_equal(redis_server_number(&the_server, "ZCARD unacked_index"), 1);
        assert_int_equal(redis_server_number(&the_server, "EXISTS unacked_mutex"), 0);
        svi_broker_redis.close(broker);
        redis_server_ask(&the_server, "DEL %b", rows[i].list, strlen(rows[i].list));
    }
    /* Not while another sweeps. What cannot be read or is in the index alone goes. The oldest is taken first. */
    redis_server_ask(&the_server, "DEL unacked unacked_index");
    note_as_held("old", "", "large_jobs", 0, 100);
    note_as_held("older", "", "large_jobs", 0, 200);
    redis_server_ask(&the_server, "HSET unacked broken no-JSON");
    redis_server_ask(&the_server, "ZADD unacked_index 1 broken 2 alone");
    redis_server_ask(&the_server, "SET unacked_mutex somebody");
    struct svi_broker *broker = open_usual(options);
    expect_nothing(broker, 0.3, true);
    svi_broker_redis.close(broker);
    assert_string_equal(redis_server_ask(&the_server, "GET unacked_mutex")->str, "somebody");
    redis_server_ask(&the_server, "DEL unacked_mutex");
    broker = open_usual(options);
    expect_task(broker, "older", true);
    expect_task(broker, "old", true);
    assert_int_equal(redis_server_number(&the_server, "HLEN unacked"), 2);
    assert_int_equal(redis_server_number(&the_server, "ZCARD unacked_index"), 2);
    svi_broker_redis.close(broker);
    json_decref(options);
}

static void a_long_queue_of_fallen_tasks_is_restored_without_a_pause(void **state)
{
    (void)state;
    enum { MANY = 200 };
    char tag[16];
    for (int i = 0; i < MANY; i++) {
        svi_format(tag, sizeof tag, "f%03d", i);
        note_as_held(tag, "", "large_jobs", 0, 10000 - i);
    }
    struct svi_broker *broker = open_usual(NULL);
    expect_nothing(broker, 0.5, false);
    assert_int_equal(redis_server_number(&the_server, "LLEN large_jobs"), MANY);
    svi_broker_redis.close(broker);
}

static void a_lease_that_is_renewed_outlives_the_sweeps_of_others(void **state)
{
    (void)state;
    static const char *const queues[] = { "large_jobs" };
    json_t *options = json_pack("{s:f}", "visibility_timeout", 1.5);
    push("large_jobs", "kept");
    struct svi_broker *keeper = open_usual(options), *other = open_as("svi@other", options, 1, queues);
    struct svi_broker_tag tag = expect_task(keeper, "kept", false);
    double begin_s = svi_now_s();
    while (svi_now_s() - begin_s < 5) {
        expect_nothing(keeper, 0.1, false);
        expect_nothing(other, 0.1, true);
    }
    assert_true(end_task(keeper, &tag, SVI_BROKER_DONE));
    /* The same without renewal. */
    push("large_jobs", "lost");
    tag = expect_task(keeper, "lost", false);
    begin_s = svi_now_s();
    expect_task(other, "lost", true);
    assert_true(svi_now_s() - begin_s > 0.5);
    svi_broker_redis.close(other);
    svi_broker_redis.close(keeper);
    json_decref(options);
}

static void a_node_that_comes_back_goes_on_with_what_it_held(void **state)
{
    (void)state;
    static const char *const queues[] = { "large_jobs" };
    static const char *const tags[] = { "one", "two", "three" };
    struct svi_broker *broker = open_usual(NULL);
    for (size_t i = 0; i < ROWS(tags); i++) {
        push("large_jobs", tags[i]);
        expect_task(broker, tags[i], false);
    }
    svi_broker_redis.close(broker); /* nothing is given back */
    /* Meanwhile another has restored and finished one of them. */
    redis_server_ask(&the_server, "HDEL unacked two");
    redis_server_ask(&the_server, "ZREM unacked_index two");
    redis_server_ask(&the_server, "ZADD unacked_index 5 one");
    struct svi_broker *stranger = open_as("svi@stranger", NULL, 0, NULL);
    svi_broker_redis.close(stranger);
    push("large_jobs", "new");
    broker = open_usual(NULL);
    /* Renewed at once, even where there is no room for it yet. */
    expect_nothing(broker, 0, false);
    assert_true(strtod(redis_server_ask(&the_server, "ZSCORE unacked_index one")->str, NULL) > 1e9);
    unsigned seen = 0;
    struct svi_broker_tag tag;
    for (int i = 0; i < 2; i++) {
        struct svi_arrival arrival = wait_s(broker, 5, true);
        assert_int_equal(arrival.kind, SVI_ARRIVED_TASK);
        assert_true(arrival.redelivered);
        assert_string_equal(arrival.queue, "large_jobs");
        seen |= !strcmp(arrival.tag.text, "one") ? 1 : !strcmp(arrival.tag.text, "three") ? 2 : 4;
        tag = arrival.tag;
        svi_celery_message_clear(&arrival.message);
        assert_true(end_task(broker, &tag, SVI_BROKER_DONE));
    }
    assert_int_equal(seen, 3);
    tag = expect_task(broker, "new", false);
    assert_true(end_task(broker, &tag, SVI_BROKER_DONE));
    expect_nothing_held();
    svi_broker_redis.close(broker);

    /* Another node does not. */
    push("large_jobs", "mine");
    broker = open_usual(NULL);
    tag = expect_task(broker, "mine", false);
    svi_broker_redis.close(broker);
    broker = open_as("svi@other", NULL, 1, queues);
    expect_nothing(broker, 0.3, true);
    svi_broker_redis.close(broker);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!redis_server_is_here())
        return 77;
    const struct CMUnitTest tests[] = {
        with_server(tasks_come_by_priority_then_age_and_queues_take_turns),
        with_server(a_claim_is_noted_byte_by_byte_as_kombu_notes_it),
        with_server(what_is_no_message_is_removed_and_the_next_one_comes),
        with_server(messages_that_kombu_did_not_write_are_taken_too),
        with_server(queues_are_added_and_left_while_it_runs),
        with_server(a_task_that_is_given_back_is_the_next_to_be_taken),
        with_server(what_others_let_fall_goes_back_where_kombu_would_put_it),
        with_server(a_long_queue_of_fallen_tasks_is_restored_without_a_pause),
        with_server(a_lease_that_is_renewed_outlives_the_sweeps_of_others),
        with_server(a_node_that_comes_back_goes_on_with_what_it_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
