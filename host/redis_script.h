/* redis_script.h - runs the scripts of host/redis/ on the server, by name. Each says in its first lines what it takes and answers.
 */
#ifndef SVI_HOST_REDIS_SCRIPT_H
#define SVI_HOST_REDIS_SCRIPT_H

#include "host/redis_connection.h"

struct svi_redis_call {
    const char *script; /* "claim.lua" */
    const struct svi_bytes *keys;
    size_t key_count;
    const struct svi_bytes *arguments;
    size_t argument_count;
};

/* The server gets the text where it does not have it yet. A refusal fails; the reply is for freeReplyObject. */
bool svi_redis_run(struct svi_redis *redis, const struct svi_redis_call *call, redisReply **reply, struct svi_error *err);

#endif
