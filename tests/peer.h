/* peer.h - the other side of a broker in a process of its own: kombu in Python (kombu_peer.py). Only where it is installed. */
#ifndef SVI_TESTS_PEER_H
#define SVI_TESTS_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
    pid_t pid;
    int out; /* what it prints */
};

/* What kombu can do with a broker; says on standard error what is missing and why. Every kombu has a transport "memory://". */
bool have_peer(const char *url, const char *options);

/* Starts it with words that end with NULL. */
void start_peer(struct peer *peer, const char *const *words);

/* One line of what it prints, without its end; "" where there is no more. Static. */
const char *read_peer(const struct peer *peer);

/* Waits for its end, and gives its exit code. */
int end_peer(struct peer *peer);

#endif
