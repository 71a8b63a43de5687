/* listen.h - "HOST:PORT" -> a listening socket, or a sentence that says what is wrong with it. */
#ifndef SVI_HOST_LISTEN_H
#define SVI_HOST_LISTEN_H

#include "base/error.h"

#include <stddef.h>

/* Binds and listens. The address is "HOST:PORT" or "[IPV6]:PORT"; port 0 takes any free one. *fd is the caller's to close; `where`
 * gets "127.0.0.1:8000": the numeric address under which this machine reaches it. All refusals are SVI_BAD_USAGE. */
bool svi_listen(int *fd, char *where, size_t where_size, const char *address, struct svi_error *err);

#endif
