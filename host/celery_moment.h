/* celery_moment.h - points of time as Celery's messages have them, ISO 8601, and as we do, Unix seconds. */
#ifndef SVI_HOST_CELERY_MOMENT_H
#define SVI_HOST_CELERY_MOMENT_H

#include "base/json.h"

/* "2026-11-23T19:17:03.073804+00:00", or null where it is not finite or in no calendar. NULL: no memory. */
json_t *svi_celery_moment(double unix_s);

/* A missing zone is UTC; nothing, or null, is NAN. False: it is something else, and NAN. */
bool svi_celery_moment_read(double *unix_s, const json_t *value);

#endif
