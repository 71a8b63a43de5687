/* broker_checks.h - what tests of any broker need: tasks with a number, and arrivals that are waited for. */
#ifndef SVI_TESTS_BROKER_CHECKS_H
#define SVI_TESTS_BROKER_CHECKS_H

#include "host/broker.h"

#include <sys/types.h>

/* A broker that is open, and its class. */
struct opened {
    const struct svi_broker_class *class;
    struct svi_broker *broker;
};

/* A task as Celery writes it whose first argument is the number, with so many bytes of padding. */
void make_task(struct svi_celery_message *message, int number, size_t padding);
void send_task(const struct opened *to, const char *queue, int number);

/* The next arrival within so many seconds, for the caller to clear. */
enum svi_arrival_kind await(const struct opened *at, bool room, double wait_s, struct svi_arrival *arrival);
/* The next task, which must come within ten seconds and have this number. */
void await_task(const struct opened *at, int number, bool redelivered, struct svi_arrival *arrival);
/* No task comes within this time. */
void await_nothing(const struct opened *at, double wait_s);
int task_number(const struct svi_celery_message *message);

/* Ends the delivery, which must be known or not as said, and clears the arrival. */
void end_arrival(const struct opened *at, struct svi_arrival *arrival, enum svi_broker_end end, bool known);

/* Waits for a request through remote control with this method and answers it as `node` would. The answer is "pong". */
void answer_call(const struct opened *at, const char *node, const char *method);

/* A server on a port of its own that says one thing to whoever speaks to it; the caller kills it. */
pid_t start_talker(const char *says, size_t count, int *port);

#endif
