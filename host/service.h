/* service.h - a Celery worker: takes tasks from a broker, has them worked on in lanes, answers remote control, tells what became of
 * them. Knows no command line, no transport, and not how a job is worked on. */
#ifndef SVI_HOST_SERVICE_H
#define SVI_HOST_SERVICE_H

#include "host/broker_url.h"
#include "host/renderer_pool.h"
#include "host/worker.h"

struct svi_service_settings {
    const struct svi_broker_urls *brokers; /* each is tried in turn */
    const json_t *broker_options;          /* Celery's broker_transport_options, or NULL */
    const struct svi_broker_url *results;  /* where results are stored; NULL: nowhere */
    const json_t *result_options;          /* Celery's result_backend_transport_options, or NULL */
    double result_expires_s;               /* 0: never */
    const char *node;                      /* "svi@host" */
    const char *const *queues;
    size_t queue_count;
    const struct svi_worker *worker;
    struct svi_renderer_pool *renderers; /* the worker's, to be named in `stats` */
    unsigned concurrency;                /* jobs at once */
    double soft_limit_s, hard_limit_s;   /* of tasks that name none */
    bool early_acks; /* a task leaves the broker when its job begins, as is Celery's default; else when it has ended */
    bool silent;     /* no events */
};

/* Works until the process is told to stop; SIGTERM and SIGINT let the jobs end, a second one or SIGQUIT hands them back. Returns
 * false with SVI_CANCELLED where jobs were handed back, and with SVI_BAD_USAGE where another node has the same name. A broker that
 * is not there, or refuses us, is tried again for ever. */
bool svi_service_run(const struct svi_service_settings *settings, struct svi_error *err);

#endif
