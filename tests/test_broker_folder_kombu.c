/* test_broker_folder_kombu - kombu's own filesystem transport on the other side of the folder. */
#include "broker_checks.h"
#include "peer.h"

#include "base/file.h"
#include "base/log.h"
#include "host/broker.h"

#include <unistd.h>

#include "check.h"

static char folder[600], options[2000];
static struct opened node;

static int open_node(void **state)
{
    (void)state;
    static char none[] = "";
    static const char *const queues[] = { "large_jobs" };
    struct svi_error err = { 0 };
    struct svi_broker_url url = {
        .transport = SVI_BROKER_FOLDER, .user = none, .password = none, .host = none, .path = folder, .virtual_host = none
    };
    svi_format(folder, sizeof folder, "%s/broker", scratch_folder());
    svi_format(options, sizeof options,
               "{\"data_folder_in\": \"%s\", \"data_folder_out\": \"%s\", \"control_folder\": \"%s/control\"}", folder, folder,
               folder);
    check_ok(svi_remove_tree(folder, &err) && svi_make_folders(folder, SVI_FOLDER_SHARED, &err), err);
    node.class = &svi_broker_folder;
    check_ok(svi_broker_folder.open(&node.broker, &(struct svi_broker_settings){ &url, "svi@a", queues, 1, NULL }, &err), err);
    return 0;
}

static int close_node(void **state)
{
    (void)state;
    node.class->close(node.broker);
    return 0;
}

static void kombu_publishes_and_we_claim(void **state)
{
    (void)state;
    struct peer peer;
    start_peer(&peer, (const char *const[]){ "publish", "filesystem://", options, "large_jobs", "50", NULL });
    for (int i = 0; i < 50; i++) {
        struct svi_arrival arrival;
        await_task(&node, i, false, &arrival);
        assert_string_equal(json_string_value(json_object_get(arrival.message.properties, "correlation_id")),
                            json_string_value(json_object_get(arrival.message.headers, "id")));
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    assert_int_equal(end_peer(&peer), 0);
}

static void we_publish_and_kombu_consumes(void **state)
{
    (void)state;
    struct peer peer;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    send_task(&node, "large_jobs", 0);
    await_task(&node, 0, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_RETURNED, true);
    for (int i = 1; i < 5; i++)
        send_task(&node, "large_jobs", i);
    start_peer(&peer, (const char *const[]){ "consume", "filesystem://", options, "large_jobs", "5", NULL });
    for (int i = 0; i < 5; i++) {
        json_t *said = svi_json_parse(svi_bytes_of(read_peer(&peer)), "What kombu got", SVI_BAD_ANSWER, &err);
        char body[100], id[20];
        assert_non_null(said);
        svi_format(body, sizeof body, "[[%d,\"token\"", i);
        svi_format(id, sizeof id, "task-%d", i);
        check_has(json_string_value(json_object_get(said, "body")), body);
        assert_string_equal(json_string_value(json_object_get(said, "content_type")), "application/json");
        assert_string_equal(json_string_value(json_object_get(json_object_get(said, "headers"), "id")), id);
        assert_int_equal(json_is_true(json_object_get(said, "redelivered")), i == 0);
        json_decref(said);
    }
    assert_int_equal(end_peer(&peer), 0);
}

static void kombu_calls_and_we_answer(void **state)
{
    (void)state;
    static const char *const destinations[] = { "svi@a", NULL };
    for (size_t i = 0; i < ROWS(destinations); i++) {
        struct peer peer;
        start_peer(&peer, (const char *const[]){ "call", "filesystem://", options, "ping", "3", destinations[i], NULL });
        answer_call(&node, "svi@a", "ping");
        assert_string_equal(read_peer(&peer), "[{\"svi@a\": {\"ok\": \"pong\"}}]");
        assert_int_equal(end_peer(&peer), 0);
    }
}

static void kombu_sees_our_events(void **state)
{
    (void)state;
    struct peer peer;
    struct svi_celery_message event;
    struct svi_error err = { 0 };
    start_peer(&peer, (const char *const[]){ "event", "filesystem://", options, NULL });
    assert_string_equal(read_peer(&peer), "ready");
    json_t *body = json_pack("{s:s}", "type", "worker-heartbeat");
    check_ok(svi_celery_message_init(&event, body, &err), err);
    json_object_set_new(event.headers, "hostname", json_string("svi@a"));
    check_ok(node.class->send(node.broker, SVI_BROKER_TO_EVENTS, "", "worker.heartbeat", &event, &err), err);
    assert_string_equal(
        read_peer(&peer),
        "{\"body\": {\"type\": \"worker-heartbeat\"}, \"headers\": {\"hostname\": \"svi@a\"}, \"key\": \"worker.heartbeat\"}");
    assert_int_equal(end_peer(&peer), 0);
    svi_celery_message_clear(&event);
    json_decref(body);
}

int main(void)
{
    svi_log_to(STDERR_FILENO, SVI_LOG_ERROR, SVI_LOG_TEXT);
    if (!have_peer("memory://", "{}"))
        return 77;
    const struct CMUnitTest tasks[] = {
        cmocka_unit_test_setup_teardown(kombu_publishes_and_we_claim, open_node, close_node),
        cmocka_unit_test_setup_teardown(we_publish_and_kombu_consumes, open_node, close_node),
    };
    const struct CMUnitTest control[] = {
        cmocka_unit_test_setup_teardown(kombu_calls_and_we_answer, open_node, close_node),
        cmocka_unit_test_setup_teardown(kombu_sees_our_events, open_node, close_node),
    };
    int failed = cmocka_run_group_tests(tasks, NULL, NULL);
    /* Older versions of kombu carry tasks alone. */
    if (!failed && !have_peer("filesystem://", "{}"))
        return 77;
    return failed ? failed : cmocka_run_group_tests(control, NULL, NULL);
}
