#include "host/task_publisher.h"

#include "host/broker.h"
#include "host/broker_request.h"
#include "host/celery_task.h"

#include <math.h>
#include <stdlib.h>

struct svi_task_publisher {
    const struct svi_broker_wish *wish;
    const struct svi_broker_class *class;
    struct svi_broker *broker; /* NULL: not connected */
};

bool svi_task_publisher_open(struct svi_task_publisher **out, const struct svi_broker_wish *wish, struct svi_error *err)
{
    struct svi_task_publisher *publisher = calloc(1, sizeof *publisher);
    if (!publisher)
        return svi_fail_memory(err, sizeof *publisher);
    publisher->wish = wish;
    *out = publisher;
    return true;
}

static void disconnect(struct svi_task_publisher *publisher)
{
    if (publisher->broker)
        publisher->class->close(publisher->broker);
    publisher->broker = NULL;
}

void svi_task_publisher_close(struct svi_task_publisher *publisher)
{
    if (!publisher)
        return;
    disconnect(publisher);
    free(publisher);
}

/* The reason of the last URL is the one that is told. */
static bool connect_broker(struct svi_task_publisher *publisher, struct svi_error *err)
{
    const struct svi_broker_urls *urls = &publisher->wish->brokers;
    for (size_t i = 0; !publisher->broker && i < urls->count; i++) {
        const struct svi_broker_settings settings = { .url = &urls->at[i],
                                                      .node = "submit@localhost",
                                                      .options = publisher->wish->broker_options };
        svi_error_clear(err);
        publisher->class = svi_broker_class_of(&urls->at[i]);
        if (!publisher->class->open(&publisher->broker, &settings, err))
            publisher->broker = NULL;
    }
    return publisher->broker != NULL;
}

static bool send(struct svi_task_publisher *publisher, const struct svi_celery_message *message, struct svi_error *err)
{
    svi_error_clear(err);
    if (publisher->class->send(publisher->broker, SVI_BROKER_TO_QUEUE, "", publisher->wish->queues.names[0], message, err))
        return true;
    disconnect(publisher);
    return false;
}

bool svi_task_publisher_put(struct svi_task_publisher *publisher, int64_t job, const char *token, bool again, struct svi_error *err)
{
    struct svi_celery_message message = { 0 };
    char id[SVI_TASK_ID_SIZE];
    struct svi_error why = { 0 };
    const struct svi_task_order order = { .job = job,
                                          .token = token,
                                          .hard_limit_s = (double)NAN,
                                          .soft_limit_s = (double)NAN,
                                          .queue = publisher->wish->queues.names[0],
                                          .again = again };
    bool kept = publisher->broker != NULL, made = svi_task_publish(&message, id, &order, &why);
    bool ok = made && (kept || connect_broker(publisher, &why)) && send(publisher, &message, &why);
    /* A connection that was kept may have died of age. */
    if (made && kept && !ok)
        ok = connect_broker(publisher, &why) && svi_broker_mark_redelivered(&message, &why) && send(publisher, &message, &why);
    svi_celery_message_clear(&message);
    return ok || svi_fail(err, why.status, "%s", why.message) || svi_because(err, "%s", why.cause);
}
