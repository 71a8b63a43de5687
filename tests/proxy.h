/* proxy.h - stands between a client and a server on the loopback, and breaks what it carries when told. */
#ifndef SVI_TESTS_PROXY_H
#define SVI_TESTS_PROXY_H

#include <pthread.h>
#include <stdatomic.h>

enum { PROXY_MAX_PAIRS = 32 };

struct proxy {
    int to_port;
    int port;               /* where clients go instead */
    atomic_long left_bytes; /* carried, both ways together, before every connection is cut; -1: no end */
    atomic_int deaf;        /* the connection, counted from 0, whose answers are swallowed; -1: none */
    atomic_int accepted;

    int listener, wake[2];
    pthread_t thread;
};

/* With left_bytes and deaf as -1. */
void proxy_start(struct proxy *proxy, int to_port);
void proxy_stop(struct proxy *proxy);

#endif
