/* celery_control_inside.h - what the files of celery_control share. */
#ifndef SVI_HOST_CELERY_CONTROL_INSIDE_H
#define SVI_HOST_CELERY_CONTROL_INSIDE_H

#include "host/celery_control.h"

enum { SVI_CONTROL_TEXT_BYTES = 1 << 20 };

/* {"ok": …}, {"error": …}. NULL: no memory. */
json_t *svi_control_ok(const char *format, ...) __attribute__((format(printf, 1, 2)));
json_t *svi_control_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* {"error": "KeyError('frobnicate')"} */
json_t *svi_control_raise(const char *type, const char *text);

/* A command's function. Returns the answer: JSON's null is one, NULL means that none is sent. */
typedef json_t *svi_control_function(const struct svi_control_node *node, const json_t *arguments);

svi_control_function svi_control_active, svi_control_reserved, svi_control_scheduled, svi_control_query_task;
svi_control_function svi_control_stats_now, svi_control_active_queues, svi_control_conf, svi_control_report;
svi_control_function svi_control_revoke, svi_control_revoke_by_stamps, svi_control_terminate, svi_control_revoked;

/* True for JSON values that Python takes for true. */
bool svi_control_truth(const json_t *value);

#endif
