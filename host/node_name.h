/* node_name.h - the name under which a node is known among all workers of a broker, as Celery spells it: "svi@host". */
#ifndef SVI_HOST_NODE_NAME_H
#define SVI_HOST_NODE_NAME_H

#include "base/error.h"

enum { SVI_NODE_NAME_SIZE = 200 };

/* Fills in a pattern: %h is the host, %n its part before the first dot, %d what stands behind that, %% a percent sign. A pattern
 * without @ is a name at this host. What no broker or shell would bear (blanks, slashes, control characters): SVI_BAD_USAGE. */
bool svi_node_name(char into[SVI_NODE_NAME_SIZE], const char *pattern, const char *host, struct svi_error *err);

#endif
