/* redis_connection.h - one connection to a Redis server: commands out, replies in, one after the other or many at once. Knows no
 * keys and nothing of Celery. The process has to ignore SIGPIPE.
 *
 * SVI_UNREACHABLE says that the connection is of no more use; that the server is not ready to serve (loading, busy, a replica) is
 * told in the same way. */
#ifndef SVI_HOST_REDIS_CONNECTION_H
#define SVI_HOST_REDIS_CONNECTION_H

#include "host/broker_url.h"

#include <hiredis/hiredis.h>

struct svi_redis;

struct svi_redis_patience {
    double connect_s, command_s;
};

extern const struct svi_redis_patience svi_redis_standard_patience;

/* Connects, logs in, chooses the database. Wrong credentials, no such database, not Redis at all: SVI_BAD_USAGE; no message or
 * cause shows a password. The URL may go away afterwards. */
bool svi_redis_open(struct svi_redis **out, const struct svi_broker_url *url, const struct svi_redis_patience *patience,
                    struct svi_error *err);
void svi_redis_close(struct svi_redis *redis); /* takes NULL */

int svi_redis_fd(const struct svi_redis *redis);

/* A command is its words. Added commands leave with the next call that waits for a reply. */
bool svi_redis_add(struct svi_redis *redis, const struct svi_bytes *words, size_t count, struct svi_error *err);
#define svi_redis_add_texts(redis, err, ...)                                                                                       \
    svi_redis_add(redis, (const struct svi_bytes[]){ __VA_ARGS__ },                                                                \
                  sizeof((const struct svi_bytes[]){ __VA_ARGS__ }) / sizeof(struct svi_bytes), err)

/* Sends what was added, and waits for nothing. */
bool svi_redis_flush(struct svi_redis *redis, struct svi_error *err);

/* Sends what was added and waits for the first reply that is still due; it may be a refusal. For freeReplyObject. */
bool svi_redis_take(struct svi_redis *redis, redisReply **reply, struct svi_error *err);

/* The same for a reply that must not be a refusal. All other replies that are due are lost with one. */
bool svi_redis_take_good(struct svi_redis *redis, redisReply **reply, struct svi_error *err);

/* Takes all replies that are due; true if none is a refusal, inside EXEC neither. */
bool svi_redis_take_all(struct svi_redis *redis, struct svi_error *err);

/* Sends what was added, and takes a message that a subscriber did not ask for: *reply is NULL where none came until `until_s`. */
bool svi_redis_listen(struct svi_redis *redis, double until_s, redisReply **reply, struct svi_error *err);

/* Replies are views that live as long as the reply. Anything but a text is one of no bytes. */
struct svi_bytes svi_redis_bytes(const redisReply *reply);

/* Writes what a refusal means; false, always. */
bool svi_redis_fail_refused(const struct svi_redis *redis, const redisReply *refusal, struct svi_error *err);

#endif
