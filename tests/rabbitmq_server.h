/* rabbitmq_server.h - a RabbitMQ of the test's own: on free ports of the loopback, with its data in the test's folder. It ends with
 * the test, however that ends. */
#ifndef SVI_TESTS_RABBITMQ_SERVER_H
#define SVI_TESTS_RABBITMQ_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct rabbitmq {
    pid_t pid, mapper; /* the mapper is Erlang's, of names to ports */
    int port, tls_port, node_port, mapper_port;
    char folder[600];
};

/* Starts it, with TLS on the port beside, and waits until it takes connections. False, and says why on standard error, where it is
 * not installed. */
bool rabbitmq_start(struct rabbitmq *server, const char *folder, const char *certificate, const char *key);

/* At once, as if the machine had stopped. Its data stay. */
void rabbitmq_kill(struct rabbitmq *server);
/* On the same ports, with the same data. */
void rabbitmq_restart(struct rabbitmq *server);
void rabbitmq_stop(struct rabbitmq *server);

/* Runs rabbitmqctl with these words, which end with NULL; true where it succeeds. */
bool rabbitmq_control(const struct rabbitmq *server, const char *const *words);

#endif
