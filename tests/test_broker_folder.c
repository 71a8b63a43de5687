/* test_broker_folder - a folder as a broker: claims, leases, what a dead node held, remote control, and messages that are none. */
#include "broker_checks.h"

#include "base/file.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "host/broker.h"
#include "host/folder_exchange.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static char folder[600];
static const char *const queues[] = { "large_jobs", "other" };

static struct svi_broker_url place(void)
{
    static char none[] = "";
    return (struct svi_broker_url){
        .transport = SVI_BROKER_FOLDER, .user = none, .password = none, .host = none, .path = folder, .virtual_host = none
    };
}

static int fresh_folder(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    svi_format(folder, sizeof folder, "%s/broker", scratch_folder());
    check_ok(svi_remove_tree(folder, &err) && svi_make_folders(folder, SVI_FOLDER_SHARED, &err), err);
    return 0;
}

static bool try_open(struct opened *out, const char *node, const json_t *options, struct svi_error *err)
{
    struct svi_broker_url url = place();
    struct svi_broker_settings settings = { &url, node, queues, node ? ROWS(queues) : 0, options };
    out->class = &svi_broker_folder;
    return svi_broker_folder.open(&out->broker, &settings, err);
}

static struct opened open_node(const char *node)
{
    struct opened out;
    struct svi_error err = { 0 };
    json_t *options = json_pack("{s:f}", "visibility_timeout", 1.5);
    check_ok(try_open(&out, node, options, &err), err);
    json_decref(options);
    return out;
}

static void shut(struct opened *at)
{
    at->class->close(at->broker);
    at->broker = NULL;
}

/* How many files below the folder end so. */
static int count_files(const char *path, const char *ending)
{
    DIR *at = opendir(path);
    int count = 0;
    for (struct dirent *entry; at && (entry = readdir(at));) {
        char inner[900];
        if (entry->d_name[0] == '.' && strchr("./", entry->d_name[1] ? entry->d_name[1] : '.'))
            continue;
        svi_format(inner, sizeof inner, "%s/%s", path, entry->d_name);
        count += entry->d_type == DT_DIR ? count_files(inner, ending) : svi_ends_with(entry->d_name, ending);
    }
    if (at)
        closedir(at);
    return count;
}

static void write_file(const char *name, const char *bytes, size_t count)
{
    char path[900];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/%s", folder, name);
    check_ok(svi_file_write(path, (struct svi_bytes){ (const uint8_t *)bytes, count }, &err), err);
}

static void tasks_come_in_their_order_and_end(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a"), publisher = open_node(NULL);
    struct svi_arrival arrival;
    uint64_t waiting;
    struct svi_error err = { 0 };
    for (int i = 1; i <= 3; i++)
        send_task(&publisher, i == 2 ? "other" : "large_jobs", i);
    check_ok(node.class->waiting(node.broker, &waiting, &err), err);
    assert_int_equal(waiting, 3);
    for (int i = 1; i <= 3; i++) {
        await_task(&node, i, false, &arrival);
        assert_string_equal(arrival.queue, i == 2 ? "other" : "large_jobs");
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(arrival.message.properties, "delivery_info"), "routing_key")),
            arrival.queue);
        end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    }
    await_nothing(&node, 0.1);
    assert_int_equal(count_files(folder, ".msg"), 0);
    shut(&node);
    shut(&publisher);
}

static void nothing_is_claimed_without_room(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    send_task(&node, "large_jobs", 1);
    assert_int_equal(await(&node, false, 0.2, &arrival), SVI_ARRIVED_NOTHING);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    shut(&node);
}

static void an_arrival_is_noticed_at_once(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    await_nothing(&node, 0.05);
    pid_t child = fork();
    if (child == 0) {
        struct opened publisher = open_node(NULL);
        send_task(&publisher, "large_jobs", 7);
        _exit(0);
    }
    const double begun_s = svi_now_s();
    await_task(&node, 7, false, &arrival);
    assert_true(svi_now_s() - begun_s < 1.5); /* the folder is looked through every 2 s */
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    waitpid(child, NULL, 0);
    shut(&node);
}

static void what_is_returned_comes_first_and_marked(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a");
    struct svi_arrival first, again;
    for (int i = 1; i <= 3; i++)
        send_task(&node, "large_jobs", i);
    await_task(&node, 1, false, &first);
    end_arrival(&node, &first, SVI_BROKER_RETURNED, true);
    await_task(&node, 1, true, &again);
    assert_true(json_is_true(json_object_get(again.message.headers, "redelivered")));
    end_arrival(&node, &again, SVI_BROKER_DONE, true);
    end_arrival(&node, &again, SVI_BROKER_DONE, false);
    await_task(&node, 2, false, &again);
    end_arrival(&node, &again, SVI_BROKER_DONE, true);
    shut(&node);
}

static void a_restarted_node_goes_on_with_its_own(void **state)
{
    (void)state;
    struct svi_arrival arrival;
    pid_t child = fork();
    if (child == 0) {
        struct opened node = open_node("svi@a%b c");
        send_task(&node, "large_jobs", 1);
        send_task(&node, "large_jobs", 2);
        await_task(&node, 1, false, &arrival);
        _exit(9); /* as if killed: nothing is closed */
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 9);
    struct opened node = open_node("svi@a%b c");
    await_task(&node, 1, true, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    await_task(&node, 2, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    shut(&node);
}

static void a_lease_that_is_renewed_holds(void **state)
{
    (void)state;
    struct opened a = open_node("svi@a"), b = open_node("svi@b");
    struct svi_arrival held, other;
    send_task(&a, "large_jobs", 1);
    await_task(&a, 1, false, &held);
    /* Twice as long as a lease lasts, in which both go on waiting. */
    for (const double until_s = svi_now_s() + 3; svi_now_s() < until_s;) {
        assert_int_equal(await(&a, false, 0.1, &other), SVI_ARRIVED_NOTHING);
        await_nothing(&b, 0.1);
    }
    /* Now it no longer waits, as if its machine had stopped. */
    await_task(&b, 1, true, &other);
    end_arrival(&a, &held, SVI_BROKER_DONE, false);
    end_arrival(&b, &other, SVI_BROKER_DONE, true);
    shut(&a);
    shut(&b);
}

static void no_two_nodes_have_one_name(void **state)
{
    (void)state;
    struct opened first = open_node("svi@a"), second;
    struct svi_error err = { 0 };
    assert_false(try_open(&second, "svi@a", NULL, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    check_has(err.message, "svi@a works on this broker's folder already");
    shut(&first);
    first = open_node("svi@a");
    shut(&first);
}

static void two_nodes_share_a_queue(void **state)
{
    (void)state;
    enum { TASKS = 300 };
    struct opened nodes[] = { open_node("svi@a"), open_node("svi@b") };
    int seen[TASKS] = { 0 }, of[2] = { 0 };
    for (int i = 0; i < TASKS; i++)
        send_task(&nodes[0], "large_jobs", i);
    for (int i = 0; i < TASKS; i++) {
        struct svi_arrival arrival;
        int who = i % 2;
        assert_int_equal(await(&nodes[who], true, 10, &arrival), SVI_ARRIVED_TASK);
        seen[task_number(&arrival.message)]++;
        of[who]++;
        end_arrival(&nodes[who], &arrival, SVI_BROKER_DONE, true);
    }
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(seen[i], 1);
    assert_int_equal(of[0] + of[1], TASKS);
    await_nothing(&nodes[0], 0.05);
    shut(&nodes[0]);
    shut(&nodes[1]);
}

static void what_is_no_message_is_removed_and_blocks_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *file, *bytes;
        size_t count;
    } rows[] = {
        { "1_a.large_jobs.msg", "not JSON", 8 },
        { "1_b.large_jobs.msg", "[1, 2]", 6 },
        { "1_c.large_jobs.msg", "{\"body\": 3}", 11 },
        { "1_d.large_jobs.msg", "{\"body\": \"\0\"}", 13 },
        { "1_e.svi@a.celery.pidbox.msg", "}", 1 },
        { "an-id-that-is-so-long-that-no-tag-of-a-delivery-could-ever-hold-all-of-its-characters.large_jobs.msg", "{", 1 },
    };
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    for (size_t i = 0; i < ROWS(rows); i++)
        write_file(rows[i].file, rows[i].bytes, rows[i].count);
    send_task(&node, "large_jobs", 1);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    await_nothing(&node, 0.05);
    assert_int_equal(count_files(folder, ".msg"), 0);
    shut(&node);
}

static void a_message_that_is_too_large_is_removed(void **state)
{
    (void)state;
    char path[900];
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    svi_format(path, sizeof path, "%s/1_a.large_jobs.msg", folder);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_int_equal(ftruncate(fd, 100 << 20), 0);
    close(fd);
    send_task(&node, "large_jobs", 1);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    assert_int_equal(count_files(folder, ".msg"), 0);
    shut(&node);
}

static void a_message_that_is_being_written_is_left_alone(void **state)
{
    (void)state;
    char path[900];
    struct svi_arrival arrival;
    static const char text[] =
        "{\"body\": \"[[5], {}, {}]\", \"content-type\": \"application/json\", \"content-encoding\": \"utf-8\", "
        "\"headers\": {\"task\": \"jobs.tasks.submit_job\"}, \"properties\": {}}";
    struct opened node = open_node("svi@a");
    svi_format(path, sizeof path, "%s/1_a.large_jobs.msg", folder);
    /* As kombu does: under its name from the beginning, and under a lock. */
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    await_nothing(&node, 0.1);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(write(fd, text, 20), 20);
    await_nothing(&node, 0.1);
    assert_int_equal(write(fd, text + 20, sizeof text - 21), sizeof text - 21);
    flock(fd, LOCK_UN);
    close(fd);
    await_task(&node, 5, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    shut(&node);
}

static void places_that_are_no_broker_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path, *message;
    } rows[] = {
        { "missing", "No such file or directory" },
        { "file", "is no folder" },
        { "", "none is named" },
    };
    write_file("file", "x", 1);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char path[900];
        struct svi_error err = { 0 };
        struct svi_broker *broker = NULL;
        struct svi_broker_url url = place();
        svi_format(path, sizeof path, "%s/%s", folder, rows[i].path);
        url.path = *rows[i].path ? path : url.user;
        assert_false(svi_broker_folder.open(&broker, &(struct svi_broker_settings){ .url = &url, .node = "svi@a" }, &err));
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, rows[i].message);
        assert_null(strstr(err.message, folder));
    }
}

static void a_folder_that_may_not_be_written_is_refused(void **state)
{
    (void)state;
    if (geteuid() == 0)
        return; /* root may write anywhere */
    struct opened node;
    struct svi_error err = { 0 };
    assert_int_equal(chmod(folder, 0555), 0);
    assert_false(try_open(&node, "svi@a", NULL, &err));
    chmod(folder, 0755);
    assert_int_equal(err.status, SVI_BAD_USAGE);
    check_has(err.message, "cannot be written");
}

static void a_folder_that_goes_away_breaks_the_connection(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    check_ok(svi_remove_tree(folder, &err), err);
    bool ok = true;
    for (const double until_s = svi_now_s() + 10; ok && svi_now_s() < until_s;)
        ok = node.class->wait(node.broker, &(struct svi_broker_wait){ svi_now_s() + 0.5, -1, true }, &arrival, &err);
    assert_false(ok);
    assert_int_equal(err.status, SVI_UNREACHABLE);
    shut(&node);
}

static void a_descriptor_ends_the_wait(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    const double begun_s = svi_now_s();
    check_ok(node.class->wait(node.broker, &(struct svi_broker_wait){ begun_s + 5, ends[0], true }, &arrival, &err), err);
    assert_int_equal(arrival.kind, SVI_ARRIVED_NOTHING);
    assert_true(svi_now_s() - begun_s < 2);
    close(ends[0]);
    close(ends[1]);
    shut(&node);
}

/* In a process of its own, which must not end as a test does. */
static bool ask_ping(const char *node)
{
    struct opened asker;
    struct svi_error err = { 0 };
    json_t *replies = NULL;
    bool ok = try_open(&asker, NULL, NULL, &err) && asker.class->ask(asker.broker, "ping", NULL, node, 1, 10, &replies, &err)
              && !strcmp(json_string_value(json_object_get(json_object_get(replies, node), "ok")), "pong");
    if (!ok)
        fprintf(stderr, "ask: %s\n", err.message);
    return ok;
}

static void nodes_answer_questions(void **state)
{
    (void)state;
    struct opened node = open_node("svi@b");
    struct svi_error err = { 0 };
    json_t *replies = NULL;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(ask_ping("svi@b") ? 0 : 1);
    answer_call(&node, "svi@b", "ping");
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    /* Nobody there: an empty object, after the time given. */
    check_ok(node.class->ask(node.broker, "ping", NULL, "svi@c", 1, 0.1, &replies, &err), err);
    assert_int_equal(json_object_size(replies), 0);
    json_decref(replies);
    shut(&node);
}

static void orders_to_nobody_are_not_kept(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a"), asker = open_node(NULL);
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    json_t *replies = NULL;
    shut(&node);
    check_ok(svi_folder_bind(folder, "unused", "", "unused", &err), err);
    char control[700];
    svi_format(control, sizeof control, "%s/control", folder);
    check_ok(svi_folder_bind(control, "celery.pidbox", "", "svi@a.celery.pidbox", &err), err); /* as after a crash */
    check_ok(asker.class->ask(asker.broker, "shutdown", NULL, NULL, 1, 0.05, &replies, &err), err);
    json_decref(replies);
    assert_int_equal(count_files(folder, ".msg"), 1);
    node = open_node("svi@a");
    assert_int_equal(await(&node, true, 0.1, &arrival), SVI_ARRIVED_NOTHING);
    shut(&node);
    shut(&asker);
}

static void events_are_heard_once_somebody_listens(void **state)
{
    (void)state;
    struct opened node = open_node("svi@one");
    struct svi_error err = { 0 };
    char control[700];
    svi_format(control, sizeof control, "%s/control", folder);
    assert_false(node.class->heard(node.broker));
    check_ok(svi_folder_bind(control, "celeryev", "task.#", "celeryev.listener", &err), err);
    assert_true(node.class->heard(node.broker));
    shut(&node);
}

static void queues_come_and_go(void **state)
{
    (void)state;
    struct opened node = open_node("svi@a");
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    send_task(&node, "third", 1);
    await_nothing(&node, 0.05);
    check_ok(node.class->add_queue(node.broker, "third", &err), err);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    check_ok(node.class->cancel_queue(node.broker, "third", &err), err);
    send_task(&node, "third", 2);
    await_nothing(&node, 0.05);
    assert_false(node.class->add_queue(node.broker, "../third", &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
    shut(&node);
}

static void done_messages_are_kept_where_that_is_wished(void **state)
{
    (void)state;
    struct opened node;
    struct svi_arrival arrival;
    struct svi_error err = { 0 };
    char processed[700];
    svi_format(processed, sizeof processed, "%s/processed", folder);
    json_t *options = json_pack("{s:b}", "store_processed", 1);
    check_ok(try_open(&node, "svi@a", options, &err), err);
    send_task(&node, "large_jobs", 1);
    await_task(&node, 1, false, &arrival);
    end_arrival(&node, &arrival, SVI_BROKER_DONE, true);
    assert_int_equal(count_files(processed, ".large_jobs.msg"), 1);
    json_decref(options);
    shut(&node);
}

static void a_lease_lasts_a_number_of_seconds(void **state)
{
    (void)state;
    static const char *const wrong[] = { "\"1h\"", "0", "-1", "true" };
    for (size_t i = 0; i < ROWS(wrong); i++) {
        struct opened node;
        struct svi_error err = { 0 };
        json_t *options = json_object();
        json_object_set_new(options, "visibility_timeout", json_loads(wrong[i], JSON_DECODE_ANY, NULL));
        assert_false(try_open(&node, "svi@a", options, &err));
        assert_int_equal(err.status, SVI_BAD_USAGE);
        assert_string_equal(err.message, "The broker's option visibility_timeout must be a number of seconds above 0.");
        json_decref(options);
    }
}

static void topics_match_as_in_amqp(void **state)
{
    (void)state;
    static const struct {
        const char *bound, *key;
        bool matches;
    } rows[] = {
        { "#", "worker.heartbeat", true },
        { "#", "", true },
        { "*", "worker", true },
        { "*", "worker.heartbeat", false },
        { "worker.*", "worker.heartbeat", true },
        { "worker.#", "worker.heartbeat", true },
        { "worker.#", "worker", true },
        { "worker.#", "workers.heartbeat", false },
        { "#.heartbeat", "a.b.heartbeat", true },
        { "#.heartbeat", "a.b.heartbeats", false },
        { "*.b.#", "a.b", true },
        { "#.b.#.d", "a.b.c.b.d", true },
        { "#.b.#.d", "a.c.d", false },
        { "task.multi", "task.multi", true },
        { "task.multi", "task", false },
        { "task", "task.multi", false },
        { "", "", true },
        { "", "a", false },
        { "#.#.#.#.#.#.#.#.x", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        if (svi_folder_topic_matches(rows[i].bound, rows[i].key) != rows[i].matches)
            fail_msg("\"%s\" and \"%s\"", rows[i].bound, rows[i].key);
}

static void a_broken_table_is_an_empty_one(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    write_file("e.exchange", "[[\"k\", \"\", \"q", 13);
    json_t *queues_bound = svi_folder_bound(folder, "e", SVI_FOLDER_DIRECT, "k", &err);
    assert_int_equal(json_array_size(queues_bound), 0);
    json_decref(queues_bound);
    check_ok(svi_folder_bind(folder, "e", "k", "q", &err) && svi_folder_bind(folder, "e", "k", "../q", &err)
                 && svi_folder_bind(folder, "e", "other", "r", &err) && svi_folder_bind(folder, "e", "k", "q", &err),
             err);
    queues_bound = svi_folder_bound(folder, "e", SVI_FOLDER_DIRECT, "k", &err);
    assert_int_equal(json_array_size(queues_bound), 1); /* never one outside of the folder */
    assert_string_equal(json_string_value(json_array_get(queues_bound, 0)), "q");
    json_decref(queues_bound);
    check_ok(svi_folder_unbind(folder, "e", "q", &err), err);
    queues_bound = svi_folder_bound(folder, "e", SVI_FOLDER_FANOUT, "", &err);
    assert_int_equal(json_array_size(queues_bound), 1);
    json_decref(queues_bound);
    assert_null(svi_folder_bound(folder, "../e", SVI_FOLDER_FANOUT, "", &err));
}

int main(void)
{
    svi_log_to(STDERR_FILENO, SVI_LOG_ERROR, SVI_LOG_TEXT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tasks_come_in_their_order_and_end, fresh_folder),
        cmocka_unit_test_setup(nothing_is_claimed_without_room, fresh_folder),
        cmocka_unit_test_setup(an_arrival_is_noticed_at_once, fresh_folder),
        cmocka_unit_test_setup(what_is_returned_comes_first_and_marked, fresh_folder),
        cmocka_unit_test_setup(a_restarted_node_goes_on_with_its_own, fresh_folder),
        cmocka_unit_test_setup(a_lease_that_is_renewed_holds, fresh_folder),
        cmocka_unit_test_setup(no_two_nodes_have_one_name, fresh_folder),
        cmocka_unit_test_setup(two_nodes_share_a_queue, fresh_folder),
        cmocka_unit_test_setup(what_is_no_message_is_removed_and_blocks_nothing, fresh_folder),
        cmocka_unit_test_setup(a_message_that_is_too_large_is_removed, fresh_folder),
        cmocka_unit_test_setup(a_message_that_is_being_written_is_left_alone, fresh_folder),
        cmocka_unit_test_setup(places_that_are_no_broker_are_refused, fresh_folder),
        cmocka_unit_test_setup(a_folder_that_may_not_be_written_is_refused, fresh_folder),
        cmocka_unit_test_setup(a_folder_that_goes_away_breaks_the_connection, fresh_folder),
        cmocka_unit_test_setup(a_descriptor_ends_the_wait, fresh_folder),
        cmocka_unit_test_setup(nodes_answer_questions, fresh_folder),
        cmocka_unit_test_setup(orders_to_nobody_are_not_kept, fresh_folder),
        cmocka_unit_test_setup(events_are_heard_once_somebody_listens, fresh_folder),
        cmocka_unit_test_setup(queues_come_and_go, fresh_folder),
        cmocka_unit_test_setup(done_messages_are_kept_where_that_is_wished, fresh_folder),
        cmocka_unit_test_setup(a_lease_lasts_a_number_of_seconds, fresh_folder),
        cmocka_unit_test(topics_match_as_in_amqp),
        cmocka_unit_test_setup(a_broken_table_is_an_empty_one, fresh_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
