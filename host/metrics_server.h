/* metrics_server.h - a port on which others see how the service is: GET /metrics for Prometheus, /healthz for whoever restarts what
 * hangs, /readyz for whoever waits until jobs are taken. */
#ifndef SVI_HOST_METRICS_SERVER_H
#define SVI_HOST_METRICS_SERVER_H

#include "base/error.h"

/* The loop turns once a second; where it has not for so long, something hangs. */
#define SVI_METRICS_HANGS_AFTER_S 60

struct svi_metrics_server;

/* Answers until it is stopped, in a thread of its own. The address as of svi_listen. */
bool svi_metrics_server_start(struct svi_metrics_server **out, const char *address, struct svi_error *err);

/* "http://127.0.0.1:9464" */
const char *svi_metrics_server_url(const struct svi_metrics_server *server);

/* Takes NULL. */
void svi_metrics_server_stop(struct svi_metrics_server *server);

#endif
