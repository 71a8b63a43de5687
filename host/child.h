/* child.h - the process side of a renderer: start with a socket pair and a small environment, end without a zombie. Knows no
 * messages. */
#ifndef SVI_HOST_CHILD_H
#define SVI_HOST_CHILD_H

#include "base/error.h"

#include <signal.h>
#include <sys/types.h>

/* Starts as `{ 0 }`, which is no child. */
struct svi_child {
    pid_t pid; /* 0: none */
    int fd;    /* our end of the SOCK_SEQPACKET pair */
    int pidfd; /* readable once the child has ended */
};

struct svi_child_end {
    int exit_code, signal; /* signal 0: it ended by itself */
    const char *signal_name;
    bool by_us;
};

/* Starts `program renderer ARGUMENT...` in a process group of its own, so that a terminal's Ctrl-C does not reach it. It sees
 * standard error, /dev/null as input, its socket as SVI_RENDERER_FD, no other file, and only those variables that drivers and the C
 * library need. */
bool svi_child_start(struct svi_child *child, const char *program, const char *const *arguments, struct svi_error *err);

bool svi_child_has_ended(const struct svi_child *child);

/* Closes our end, waits for the child to go, kills it and what it started when patience runs out, and reaps it. No child: nothing.
 */
struct svi_child_end svi_child_end(struct svi_child *child, double patience_s);

#endif
