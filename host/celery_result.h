/* celery_result.h - what became of a task, as Celery's clients read it: results, and exceptions under Python's names. Knows no
 * store. */
#ifndef SVI_HOST_CELERY_RESULT_H
#define SVI_HOST_CELERY_RESULT_H

#include "host/celery_task.h"

enum svi_celery_exception_kind {
    SVI_CELERY_RUNTIME_ERROR,
    SVI_CELERY_VALUE_ERROR,
    SVI_CELERY_TYPE_ERROR,
    SVI_CELERY_LOOKUP_ERROR,
    SVI_CELERY_MEMORY_ERROR,
    SVI_CELERY_OS_ERROR,
    SVI_CELERY_PERMISSION_ERROR,
    SVI_CELERY_CONNECTION_ERROR,
    SVI_CELERY_NOT_REGISTERED,
    SVI_CELERY_REVOKED,
    SVI_CELERY_SOFT_TIME_LIMIT,
    SVI_CELERY_HARD_TIME_LIMIT,
    SVI_CELERY_WORKER_LOST,
    SVI_CELERY_EXCEPTION_KINDS
};

struct svi_celery_exception {
    enum svi_celery_exception_kind kind;
    const char *text; /* its one argument: a sentence; of NOT_REGISTERED the task's name, of REVOKED "terminated", "revoked" or
                         "expired". NULL: none */
    double limit_s;   /* of HARD_TIME_LIMIT alone, whose argument it is */
};

/* What Python would have raised where we failed with a status. */
enum svi_celery_exception_kind svi_celery_exception_of(enum svi_status status);

/* Appends "ValueError('boom')". */
bool svi_celery_exception_repr(struct svi_buffer *out, const struct svi_celery_exception *exception);

enum svi_celery_state { SVI_CELERY_STARTED, SVI_CELERY_SUCCESS, SVI_CELERY_FAILURE, SVI_CELERY_RETRY, SVI_CELERY_STATE_REVOKED };

struct svi_celery_outcome {
    enum svi_celery_state state;
    const struct svi_task *task; /* of an UNKNOWN one its id alone is told */
    const char *node;
    double at_s;                                  /* Unix time */
    const struct svi_celery_exception *exception; /* of FAILURE, RETRY and REVOKED */
    const char *traceback;                        /* or NULL */
    long pid;                                     /* of STARTED */
};

/* The result with the extended fields, masked, for svi_result_store_put; the caller ends it. NULL: no memory. Nothing is to be
 * stored of a task that says ignore_result. */
json_t *svi_celery_result(const struct svi_celery_outcome *outcome, struct svi_error *err);

#endif
