#include "host/redis_script.h"

#include "base/embedded.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_BYTES = 20 };

extern const struct svi_embedded svi_redis_scripts[];

static bool find(const char *name, struct svi_bytes *text, struct svi_error *err)
{
    for (const struct svi_embedded *one = svi_redis_scripts; one->name; one++)
        if (!strcmp(one->name, name)) {
            *text = svi_bytes_of((const char *)one->begin);
            return true;
        }
    return svi_fail(err, SVI_BUG, "There is no script %s.", name);
}

/* Redis calls a script by this. */
static bool digest_of(struct svi_bytes text, char hex[2 * DIGEST_BYTES + 1], struct svi_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(text.at, text.count, digest, &size, EVP_sha1(), NULL) != 1 || size != DIGEST_BYTES)
        return svi_fail(err, SVI_BUG, "The system computes no SHA-1.");
    for (size_t i = 0; i < size; i++)
        svi_format(hex + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static bool send(struct svi_redis *redis, const char *verb, struct svi_bytes what, const struct svi_redis_call *call,
                 redisReply **reply, struct svi_error *err)
{
    char keys[24];
    size_t count = 3 + call->key_count + call->argument_count;
    struct svi_bytes *words = calloc(count, sizeof *words);
    if (!words)
        return svi_fail_memory(err, count * sizeof *words);
    svi_format(keys, sizeof keys, "%zu", call->key_count);
    words[0] = svi_bytes_of(verb);
    words[1] = what;
    words[2] = svi_bytes_of(keys);
    for (size_t i = 0; i < call->key_count; i++)
        words[3 + i] = call->keys[i];
    for (size_t i = 0; i < call->argument_count; i++)
        words[3 + call->key_count + i] = call->arguments[i];
    bool ok = svi_redis_add(redis, words, count, err) && svi_redis_take(redis, reply, err);
    free(words);
    return ok;
}

bool svi_redis_run(struct svi_redis *redis, const struct svi_redis_call *call, redisReply **reply, struct svi_error *err)
{
    struct svi_bytes text;
    char hex[2 * DIGEST_BYTES + 1];
    *reply = NULL;
    if (!find(call->script, &text, err) || !digest_of(text, hex, err)
        || !send(redis, "EVALSHA", svi_bytes_of(hex), call, reply, err))
        return false;
    if ((*reply)->type == REDIS_REPLY_ERROR && !strncmp((*reply)->str, "NOSCRIPT", 8)) {
        freeReplyObject(*reply);
        if (!send(redis, "EVAL", text, call, reply, err))
            return false;
    }
    if ((*reply)->type != REDIS_REPLY_ERROR)
        return true;
    svi_redis_fail_refused(redis, *reply, err);
    freeReplyObject(*reply);
    *reply = NULL;
    return false;
}
