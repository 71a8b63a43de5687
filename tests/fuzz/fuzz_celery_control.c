/* fuzz_celery_control - any bytes as a request of remote control: refused with one line, or done, with an answer that is JSON and
 * under the node's name. */
#include "host/celery_control.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static struct svi_task task;
static struct svi_broker_urls urls;

static bool task_at(void *of, size_t index, struct svi_control_task *out)
{
    (void)of;
    *out = (struct svi_control_task){ .task = &task, .state = (enum svi_control_task_state)(index % 3), .started_s = NAN };
    return index < 3;
}

static const char *queue_at(void *of, size_t index)
{
    (void)of;
    return index ? NULL : "large_jobs";
}

static void stats(void *of, struct svi_control_stats *out)
{
    (void)of;
    *out = (struct svi_control_stats){ .broker = &urls.at[0], .soft_limit_s = NAN, .hard_limit_s = NAN };
}

static json_t *conf(void *of)
{
    (void)of;
    return json_object();
}

static void revoke_task(void *of, const char *id, bool terminate, int signal)
{
    (void)of;
    must(strcmp(id, task.id) == 0 && (terminate ? signal > 0 && signal < 65 : signal == 0));
}

static void nothing(void *of)
{
    (void)of;
}

static bool change_queue(void *of, const char *queue, struct svi_error *err)
{
    (void)of;
    must(*queue && strlen(queue) < 256);
    return strlen(queue) < 9 || svi_fail(err, SVI_UNREACHABLE, "No broker for \"%.20s\".", queue);
}

static bool resize(void *of, int by, struct svi_error *err)
{
    (void)of, (void)err;
    must(by >= -1000 && by <= 1000);
    return true;
}

/* What lasts from one input to the next changes no answer. */
static void set_up(void)
{
    static const char text[] = "{\"content-type\": \"application/json\", \"headers\": {\"task\": \"" SVI_TASK_NAME
                               "\", \"id\": \"e7f4\", \"stamps\": {\"a\": \"b\"}}, \"body\": \"[[7, \\\"t\\\"], {}, {}]\"}";
    struct svi_celery_message message;
    struct svi_error err = { 0 };
    must(svi_celery_envelope_read(&message, svi_bytes_of(text), &err));
    must(svi_task_read(&task, &message, "q", &err) == SVI_TASK_READY);
    must(svi_broker_urls_parse(&urls, "redis://", &err));
    svi_celery_message_clear(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!urls.count)
        set_up();
    struct svi_celery_clock clock = { 0 };
    struct svi_celery_events events = { .node = "svi@host1", .clock = &clock };
    struct svi_control_limits limits = { .soft_limit_s = NAN, .hard_limit_s = NAN };
    struct svi_control_node node = { .name = "svi@host1",
                                     .clock = &clock,
                                     .events = &events,
                                     .limits = &limits,
                                     .task = task_at,
                                     .queue = queue_at,
                                     .stats = stats,
                                     .conf = conf,
                                     .revoke = revoke_task,
                                     .shutdown = nothing,
                                     .resize = resize,
                                     .heartbeat = nothing,
                                     .add_queue = change_queue,
                                     .cancel_queue = change_queue };
    struct svi_error err = { 0 };
    struct svi_celery_message request;
    struct svi_control_reply reply;
    must(svi_revoked_create(&node.revoked, &err));
    must(svi_celery_envelope_read(&request, svi_bytes_of("{\"content-type\": \"application/json\"}"), &err));
    if (svi_buffer_add(&request.body, data, size)) {
        if (!svi_control_handle(&node, &request, 0, &reply, &err))
            must(err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)) && !reply.wanted);
        if (reply.wanted) {
            json_t *body = svi_celery_message_json(&reply.message, &err);
            must(json_object_size(body) == 1 && json_object_get(body, "svi@host1"));
            json_decref(body);
            svi_celery_message_clear(&reply.message);
        }
    }
    svi_celery_message_clear(&request);
    svi_revoked_destroy(node.revoked);
    return 0;
}
