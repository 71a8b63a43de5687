/* celery_event.h - the events by which Flower and its like see a worker and its tasks, as messages for a broker. */
#ifndef SVI_HOST_CELERY_EVENT_H
#define SVI_HOST_CELERY_EVENT_H

#include "host/celery_clock.h"
#include "host/celery_result.h"

enum { SVI_CELERY_EVENTS_AT_ONCE = 24, SVI_CELERY_EVENTS_WAITING = 240 };

/* Set up by hand: node, clock; starts with `waiting` NULL, ends with svi_celery_events_clear. */
struct svi_celery_events {
    const char *node;
    struct svi_celery_clock *clock;
    bool tasks_silent; /* remote control has switched task events off */
    json_t *waiting;   /* task events that were not taken yet */
};

void svi_celery_events_clear(struct svi_celery_events *events);

enum svi_celery_node_event { SVI_CELERY_NODE_ONLINE, SVI_CELERY_NODE_HEARTBEAT, SVI_CELERY_NODE_OFFLINE };

struct svi_celery_node_state {
    double freq_s;      /* from one heartbeat to the next */
    unsigned active;    /* jobs now */
    uint64_t processed; /* jobs started so far */
};

/* A message for svi_broker.send(SVI_BROKER_TO_EVENTS, "celeryev", *key); the caller clears it. at_s: Unix time. */
bool svi_celery_node_event(struct svi_celery_events *events, enum svi_celery_node_event kind,
                           const struct svi_celery_node_state *state, double at_s, struct svi_celery_message *out, const char **key,
                           struct svi_error *err);

enum svi_celery_task_event_kind {
    SVI_CELERY_TASK_RECEIVED,
    SVI_CELERY_TASK_STARTED,
    SVI_CELERY_TASK_SUCCEEDED,
    SVI_CELERY_TASK_FAILED,
    SVI_CELERY_TASK_RETRIED,
    SVI_CELERY_TASK_REVOKED,
    SVI_CELERY_TASK_REJECTED
};

struct svi_celery_task_event {
    enum svi_celery_task_event_kind kind;
    const struct svi_task *task;
    double at_s;                                  /* Unix time */
    double runtime_s;                             /* of SUCCEEDED */
    const struct svi_celery_exception *exception; /* of FAILED and RETRIED */
    const char *traceback;                        /* or NULL */
    bool terminated, expired;                     /* of REVOKED */
    int signal;                                   /* of REVOKED, where it was terminated */
    bool requeue;                                 /* of REJECTED */
};

/* Puts an event behind those that wait. The oldest goes where more than SVI_CELERY_EVENTS_WAITING wait; no memory: it is left out.
 */
void svi_celery_task_event(struct svi_celery_events *events, const struct svi_celery_task_event *event);

/* Takes at most SVI_CELERY_EVENTS_AT_ONCE of them as one message on *key, "task.multi". *any: false where none waits; there is no
 * message then. A message that could not be sent is lost with its events: they are for eyes only. */
bool svi_celery_events_take(struct svi_celery_events *events, struct svi_celery_message *out, const char **key, bool *any,
                            struct svi_error *err);

#endif
