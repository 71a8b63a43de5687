#include "broker_checks.h"

#include "base/stopwatch.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

void make_task(struct svi_celery_message *message, int number, size_t padding)
{
    struct svi_error err = { 0 };
    char *text = calloc(1, padding + 1);
    assert_non_null(text);
    memset(text, 'x', padding);
    json_t *body = json_pack("[[i, s, {s:s}], {}, {s:n}]", number, "token", "padding", text, "callbacks");
    assert_non_null(body);
    check_ok(svi_celery_message_init(message, body, &err), err);
    json_object_set_new(message->headers, "task", json_string("jobs.tasks.submit_job"));
    json_object_set_new(message->headers, "id", json_sprintf("task-%d", number));
    json_object_set_new(message->headers, "timelimit", json_pack("[i, n]", 900));
    json_object_set_new(message->properties, "correlation_id", json_sprintf("task-%d", number));
    json_object_set_new(message->properties, "delivery_mode", json_integer(2));
    json_decref(body);
    free(text);
}

void send_task(const struct opened *to, const char *queue, int number)
{
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    make_task(&message, number, 0);
    check_ok(to->class->send(to->broker, SVI_BROKER_TO_QUEUE, "", queue, &message, &err), err);
    svi_celery_message_clear(&message);
}

enum svi_arrival_kind await(const struct opened *at, bool room, double wait_s, struct svi_arrival *arrival)
{
    const double until_s = svi_now_s() + wait_s;
    do {
        struct svi_error err = { 0 };
        /* No longer than the service waits at a time. */
        double turn_s = svi_now_s() + 1;
        struct svi_broker_wait wait = { turn_s < until_s ? turn_s : until_s, -1, room };
        check_ok(at->class->wait(at->broker, &wait, arrival, &err), err);
    } while (arrival->kind == SVI_ARRIVED_NOTHING && svi_now_s() < until_s);
    return arrival->kind;
}

int task_number(const struct svi_celery_message *message)
{
    struct svi_error err = { 0 };
    json_t *body = svi_json_parse((struct svi_bytes){ message->body.at, message->body.count }, "The body", SVI_BAD_ANSWER, &err);
    int number = json_is_array(body) ? (int)json_integer_value(json_array_get(json_array_get(body, 0), 0)) : -1;
    json_decref(body);
    return number;
}

void await_task(const struct opened *at, int number, bool redelivered, struct svi_arrival *arrival)
{
    if (await(at, true, 10, arrival) != SVI_ARRIVED_TASK)
        fail_msg("task %d does not come", number);
    assert_int_equal(task_number(&arrival->message), number);
    assert_int_equal(arrival->redelivered, redelivered);
    assert_string_equal(arrival->message.content_type, "application/json");
    assert_string_equal(json_string_value(json_object_get(arrival->message.headers, "task")), "jobs.tasks.submit_job");
}

void await_nothing(const struct opened *at, double wait_s)
{
    struct svi_arrival arrival;
    if (await(at, true, wait_s, &arrival) != SVI_ARRIVED_NOTHING)
        fail_msg("a message came: task %d", task_number(&arrival.message));
}

void end_arrival(const struct opened *at, struct svi_arrival *arrival, enum svi_broker_end end, bool known)
{
    struct svi_error err = { 0 };
    bool was_known = !known;
    check_ok(at->class->end(at->broker, &arrival->tag, end, &was_known, &err), err);
    assert_int_equal(was_known, known);
    svi_celery_message_clear(&arrival->message);
}

void answer_call(const struct opened *at, const char *node, const char *method)
{
    struct svi_arrival call;
    struct svi_celery_message answer;
    struct svi_error err = { 0 };
    assert_int_equal(await(at, false, 20, &call), SVI_ARRIVED_CONTROL);
    json_t *request = svi_json_parse((struct svi_bytes){ call.message.body.at, call.message.body.count }, "The call",
                                     SVI_BAD_ANSWER, &err);
    assert_non_null(request);
    assert_string_equal(json_string_value(json_object_get(request, "method")), method);
    const json_t *to = json_object_get(request, "reply_to");
    json_t *says = json_pack("{s:{s:s}}", node, "ok", "pong");
    check_ok(svi_celery_message_init(&answer, says, &err), err);
    json_object_set(answer.headers, "ticket", json_object_get(request, "ticket"));
    json_object_set_new(answer.headers, "clock", json_integer(3));
    json_object_set_new(answer.properties, "delivery_mode", json_integer(1));
    check_ok(at->class->send(at->broker, SVI_BROKER_TO_REPLY, json_string_value(json_object_get(to, "exchange")),
                             json_string_value(json_object_get(to, "routing_key")), &answer, &err),
             err);
    svi_celery_message_clear(&answer);
    svi_celery_message_clear(&call.message);
    json_decref(says);
    json_decref(request);
}

pid_t start_talker(const char *says, size_t count, int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 4) == 0
                && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    pid_t child = fork();
    if (child == 0)
        for (;;) {
            char heard[100];
            int at = accept(fd, NULL, NULL);
            if (read(at, heard, sizeof heard) > 0 && write(at, says, count) > 0)
                while (read(at, heard, sizeof heard) > 0)
                    continue;
            close(at);
        }
    close(fd);
    return child;
}
