/* redis_server.h - a real Redis server for a test: on a loopback port or a Unix socket, with its data in the test's folder and
 * nothing kept on disk. It dies with the test. */
#ifndef SVI_TESTS_REDIS_SERVER_H
#define SVI_TESTS_REDIS_SERVER_H

#include "host/broker_url.h"

#include <hiredis/hiredis.h>
#include <sys/types.h>

#include "check.h"

struct redis_server {
    /* Wishes, before the first start: */
    const char *password;          /* NULL: none */
    const char *certificate, *key; /* files; then the port speaks TLS alone */
    bool on_socket;                /* a Unix socket, no port */
    const char *const *more;       /* further words of its command line, ended by NULL; or NULL */

    int port; /* 0 before the first start; stays the same over starts */
    char socket[108];
    pid_t pid; /* 0: not running */
    int output;
};

/* False where there is no redis-server on this machine: the test is to end with 77, which the function has explained. */
bool redis_server_is_here(void);

void redis_server_start(struct redis_server *server); /* returns when it answers */
void redis_server_stop(struct redis_server *server);  /* SIGTERM; does nothing where none runs */
void redis_server_kill(struct redis_server *server);  /* SIGKILL */

/* One server for each test that has these as set-up and tear-down. */
extern struct redis_server the_server;
int start_the_server(void **state);
int stop_the_server(void **state);

/* What an ordinary client gets: of a server without TLS. Replies live until the next question. */
const redisReply *redis_server_ask(struct redis_server *server, const char *format, ...);
long long redis_server_number(struct redis_server *server, const char *format, ...);

/* The server's place for the code that is tested; nothing to free. */
struct svi_broker_url redis_server_url(const struct redis_server *server);

#endif
