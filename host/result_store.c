#include "host/result_store.h"

#include "host/redis_connection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_LIMIT_BYTES = 16 << 20, KEY_SIZE = 512 };

static const struct svi_redis_patience patience = { .connect_s = 1, .command_s = 1 };

struct svi_result_store {
    const struct svi_broker_url *url;
    struct svi_redis *redis; /* NULL: not connected */
    char prefix[256];
    double expires_s;
};

bool svi_result_store_open(struct svi_result_store **out, const struct svi_result_store_settings *settings, struct svi_error *err)
{
    const json_t *wish = json_object_get(settings->options, "global_keyprefix");
    const char *prefix = json_string_value(wish);
    struct svi_result_store *store = calloc(1, sizeof *store);
    if (!store)
        return svi_fail_memory(err, sizeof *store);
    *store = (struct svi_result_store){ .url = settings->url, .expires_s = settings->expires_s };
    bool none = !wish || json_is_null(wish) || (prefix && !prefix[0]);
    if (settings->url->transport == SVI_BROKER_REDIS && settings->expires_s >= 0 && settings->expires_s < 1e9
        && (none || (prefix && svi_format(store->prefix, sizeof store->prefix, "%s_", prefix)))) {
        *out = store;
        return true;
    }
    free(store);
    return svi_fail(err, SVI_BAD_USAGE, "Results go to a Redis server, for some seconds, below a prefix of at most 254 bytes.");
}

void svi_result_store_close(struct svi_result_store *store)
{
    if (!store)
        return;
    svi_redis_close(store->redis);
    free(store);
}

/* True where the task has succeeded already: another has done it, and its word stands. */
static bool ask_succeeded(struct svi_redis *redis, const char *key, bool *succeeded, struct svi_error *err)
{
    redisReply *reply = NULL;
    if (!svi_redis_add_texts(redis, err, svi_bytes_of("GET"), svi_bytes_of(key)) || !svi_redis_take_good(redis, &reply, err))
        return false;
    struct svi_error ignored = { 0 };
    struct svi_bytes text = svi_redis_bytes(reply);
    json_t *stored = text.count ? svi_json_parse(text, "A stored result", SVI_BAD_ANSWER, &ignored) : NULL;
    const char *status = json_string_value(json_object_get(stored, "status"));
    *succeeded = status && !strcmp(status, "SUCCESS");
    json_decref(stored);
    freeReplyObject(reply);
    return true;
}

static bool write_result(const struct svi_result_store *store, const char *key, struct svi_bytes text, struct svi_error *err)
{
    struct svi_redis *redis = store->redis;
    const struct svi_bytes name = svi_bytes_of(key);
    char seconds[24];
    svi_format(seconds, sizeof seconds, "%.0f", fmax(ceil(store->expires_s), 1));
    return svi_redis_add_texts(redis, err, svi_bytes_of("MULTI"))
           && (store->expires_s > 0 ? svi_redis_add_texts(redis, err, svi_bytes_of("SETEX"), name, svi_bytes_of(seconds), text)
                                    : svi_redis_add_texts(redis, err, svi_bytes_of("SET"), name, text))
           && svi_redis_add_texts(redis, err, svi_bytes_of("PUBLISH"), name, text)
           && svi_redis_add_texts(redis, err, svi_bytes_of("EXEC")) && svi_redis_take_all(redis, err);
}

static bool put_once(struct svi_result_store *store, const char *key, struct svi_bytes text, struct svi_error *err)
{
    bool succeeded = false;
    bool ok = (store->redis || svi_redis_open(&store->redis, store->url, &patience, err))
              && ask_succeeded(store->redis, key, &succeeded, err) && (succeeded || write_result(store, key, text, err));
    if (!ok) {
        svi_redis_close(store->redis);
        store->redis = NULL;
    }
    return ok;
}

bool svi_result_store_put(struct svi_result_store *store, const char *task_id, const json_t *result, struct svi_error *err)
{
    char key[KEY_SIZE];
    struct svi_buffer buffer;
    if (!svi_format(key, sizeof key, "%scelery-task-meta-%s", store->prefix, task_id))
        return svi_fail(err, SVI_BAD_ANSWER, "The id of a task is longer than %d bytes.", KEY_SIZE - 256 - 20);
    svi_buffer_init(&buffer, RESULT_LIMIT_BYTES);
    bool ok = svi_json_write(&buffer, result, err);
    if (ok) {
        const struct svi_bytes text = { buffer.at, buffer.count };
        struct svi_error first = { 0 };
        bool old = store->redis != NULL;
        ok = put_once(store, key, text, &first);
        /* A connection that lay still may have been closed long ago. */
        if (!ok && old && first.status == SVI_UNREACHABLE)
            ok = put_once(store, key, text, err);
        else if (!ok)
            *err = first;
    }
    svi_buffer_clear(&buffer);
    return ok;
}
