/* celery_task.h - a task as the platform queues it, read from a message; and the messages that put one into a queue. Knows no
 * sockets, and not how a task is worked on. */
#ifndef SVI_HOST_CELERY_TASK_H
#define SVI_HOST_CELERY_TASK_H

#include "host/celery_message.h"
#include "host/token.h"

#include <stdint.h>

#define SVI_TASK_NAME  "jobs.tasks.submit_job"
#define SVI_TASK_QUEUE "large_jobs"

enum { SVI_TASK_ID_SIZE = 256, SVI_TASK_MOST_RETRIES = 2 };

/* Canvas of Celery: what a task says of others, and we leave undone. */
enum {
    SVI_TASK_IN_GROUP = 1,
    SVI_TASK_HAS_CALLBACKS = 2,
    SVI_TASK_HAS_ERRBACKS = 4,
    SVI_TASK_HAS_CHAIN = 8,
    SVI_TASK_HAS_CHORD = 16
};

/* Starts as { 0 }, ends with svi_task_clear, which wipes the token. */
struct svi_task {
    char id[SVI_TASK_ID_SIZE], name[SVI_TASK_ID_SIZE];
    char shadow[SVI_TASK_ID_SIZE];                                  /* another name to be shown under, or "" */
    char root_id[SVI_TASK_ID_SIZE], parent_id[SVI_TASK_ID_SIZE];    /* or "" */
    char exchange[SVI_TASK_ID_SIZE], routing_key[SVI_TASK_ID_SIZE]; /* how it came */
    int64_t job;                                                    /* > 0 */
    char token[SVI_TOKEN_SIZE];                                     /* of the job's owner; never to be shown */
    json_t *config;                                                 /* an object, or NULL */
    int retries;                                                    /* attempts before this one */
    double eta_s, expires_s;                                        /* Unix time; NAN: none */
    double hard_limit_s, soft_limit_s;                              /* NAN: none is said; soft is never above hard */
    int priority;                                                   /* 0 to 255 */
    bool ignore_result, redelivered;
    unsigned canvas; /* SVI_TASK_HAS_… */
    /* For events, results and `active`: the token is masked. */
    json_t *args, *kwargs; /* an array and an object */
    char *args_repr, *kwargs_repr;
    json_t *stamps; /* an object, or NULL */
};

enum svi_task_verdict {
    SVI_TASK_READY,
    SVI_TASK_DROPPED, /* no task of ours to answer for: one log line, refused for good. Nothing to clear. No memory comes as this,
                         too, with SVI_OUT_OF_MEMORY: such a message may be handed back. */
    SVI_TASK_UNKNOWN, /* a task of another name: a result NotRegistered under its id. To be cleared; only names, ids and texts are
                         filled in. */
    SVI_TASK_WRONG,   /* our task with arguments that cannot be: a result TypeError or ValueError (svi_celery_exception_of the
                         error's status). To be cleared, like UNKNOWN. */
};

/* `queue`: where it came from, for messages that do not say it. `err` tells why it is not ready, in one line without a byte of the
 * body: its message can go into logs and results as it is. */
enum svi_task_verdict svi_task_read(struct svi_task *out, const struct svi_celery_message *message, const char *queue,
                                    struct svi_error *err);
void svi_task_clear(struct svi_task *task);

/* The next attempt of the task that came as `message`, as Celery publishes it: everything stays but retries, parent_id, eta (Unix
 * time; NAN: at once) and the delivery. The caller clears *out. */
bool svi_task_retry(struct svi_celery_message *out, const struct svi_task *task, const struct svi_celery_message *message,
                    double eta_s, struct svi_error *err);

/* Seconds until the next attempt, as the platform's task draws them: whole ones, 0 to 2^retries. */
double svi_task_countdown_s(int retries);

/* A task as the platform publishes it. */
struct svi_task_order {
    int64_t job;
    const char *token;
    const json_t *config;              /* an object, or NULL */
    double hard_limit_s, soft_limit_s; /* NAN: none */
    const char *queue;                 /* NULL: SVI_TASK_QUEUE */
    int priority;
    bool again; /* the job may be queued already, or done: it is to be looked up first */
};

/* *id: where the result will stand. The caller clears *out. */
bool svi_task_publish(struct svi_celery_message *out, char id[SVI_TASK_ID_SIZE], const struct svi_task_order *order,
                      struct svi_error *err);

#endif
