/* celery_control.h - remote control: a request that was broadcast to all nodes -> what this node answers. Knows no sockets; what
 * the node does and knows comes through a struct of functions. */
#ifndef SVI_HOST_CELERY_CONTROL_H
#define SVI_HOST_CELERY_CONTROL_H

#include "host/broker_url.h"
#include "host/celery_event.h"
#include "host/celery_revoked.h"

enum { SVI_CONTROL_MOST_PIDS = 64, SVI_CONTROL_HELLO_MOST = 1000 };

enum svi_control_task_state {
    SVI_CONTROL_RESERVED,  /* waits for room */
    SVI_CONTROL_SCHEDULED, /* waits for its eta */
    SVI_CONTROL_ACTIVE     /* from before its job is posted as running until after its last status was posted */
};

struct svi_control_task {
    const struct svi_task *task;
    enum svi_control_task_state state;
    double started_s; /* Unix time; NAN: not yet */
    bool acknowledged;
    long pid; /* 0: none works on it */
};

struct svi_control_stats {
    uint64_t started; /* tasks since the start */
    double uptime_s;
    size_t concurrency, prefetch_count;
    long pids[SVI_CONTROL_MOST_PIDS]; /* of the renderers */
    size_t pid_count;
    double soft_limit_s, hard_limit_s; /* of tasks that name none */
    const struct svi_broker_url *broker;
    const json_t *transport_options; /* or NULL */
};

/* What remote control has set; the service starts it as { .soft_limit_s = NAN, .hard_limit_s = NAN } and looks at it when a task
 * comes that names no limits. */
struct svi_control_limits {
    double soft_limit_s, hard_limit_s; /* NAN: not set */
    char rate_limit[32];               /* "10/m", only to be shown; "": none */
};

/* The node. All functions must be there, return at once, and take `of` first. */
struct svi_control_node {
    void *of;
    const char *name; /* "svi@host" */
    struct svi_celery_clock *clock;
    struct svi_celery_events *events;
    struct svi_revoked *revoked;
    struct svi_control_limits *limits;

    /* The index-th task that is here, in any order; false behind the last. */
    bool (*task)(void *of, size_t index, struct svi_control_task *out);
    /* The index-th queue that tasks are taken from; NULL behind the last. */
    const char *(*queue)(void *of, size_t index);
    void (*stats)(void *of, struct svi_control_stats *out);
    /* A new object of settings under Celery's names; need not be masked. NULL: no memory. */
    json_t *(*conf)(void *of);

    /* The id has just been put into the set. A task that waits may be dropped at once. With terminate, one that runs is to end by
     * the signal: before the function returns it is no longer `active`, its result is on its way. */
    void (*revoke)(void *of, const char *id, bool terminate, int signal);
    void (*shutdown)(void *of); /* warm */
    bool (*add_queue)(void *of, const char *queue, struct svi_error *err);
    bool (*cancel_queue)(void *of, const char *queue, struct svi_error *err);
    /* More jobs at once, or fewer where by < 0. Refused: SVI_BAD_USAGE. */
    bool (*resize)(void *of, int by, struct svi_error *err);
    void (*heartbeat)(void *of); /* an event is due now */
};

struct svi_control_reply {
    bool wanted; /* false: nothing is to be sent, nothing to clear */
    struct svi_celery_message message;
    char exchange[256], key[256]; /* for svi_broker.send(SVI_BROKER_TO_REPLY, …) */
};

/* Carries out a request and makes the reply, where one is wanted and the asker still waits at now_s (Unix time). A request for
 * other nodes does nothing. False: it is no request; one line for the log, nothing to clear. */
bool svi_control_handle(const struct svi_control_node *node, const struct svi_celery_message *request, double now_s,
                        struct svi_control_reply *reply, struct svi_error *err);

/* What the node answers to a method, without message and addressee: the value under its name. NULL: no answer is sent. */
json_t *svi_control_answer(const struct svi_control_node *node, const char *method, const json_t *arguments);

/* True where a request with these fields (null or absent: NULL) is for the node. An unknown matcher or a pattern that does not
 * compile is refused. */
bool svi_control_is_for(const char *node, const json_t *destination, const json_t *pattern, const json_t *matcher, bool *is,
                        struct svi_error *err);

#endif
