/* platform_status.h - the five statuses of a job, and which may follow which. The contract's platform takes any after any; this one
 * does not: a status never goes back, completed does not come before submitted, and nothing follows completed or failed. */
#ifndef SVI_HOST_PLATFORM_STATUS_H
#define SVI_HOST_PLATFORM_STATUS_H

#include <stdbool.h>

/* False: there is no such status. */
bool svi_platform_is_status(const char *name);

/* True for completed and failed. */
bool svi_platform_is_end(const char *name);

/* May `next` be reported of a job that is `now`? Both are statuses. */
bool svi_platform_may_follow(const char *now, const char *next);

#endif
