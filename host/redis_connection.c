#include "host/redis_connection.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/server_link.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COMMANDS_LIMIT_BYTES = 64 << 20, REPLY_LIMIT_BYTES = 32 << 20, REPLY_LIMIT_PARTS = 1 << 20, PIECE_BYTES = 64 << 10 };

/* A server that keeps a log of what it does answers nobody while a slow disk takes it, for some seconds. */
const struct svi_redis_patience svi_redis_standard_patience = { .connect_s = 3, .command_s = 5 };

struct svi_redis {
    struct svi_server_link *stream;
    struct svi_redis_patience patience;
    redisReader *reader;
    redisReplyObjectFunctions makers; /* hiredis' own, with a bound */
    void *(*make_array)(const redisReadTask *task, int parts);
    struct svi_buffer commands; /* not sent yet */
    size_t due;                 /* replies that were asked for and not taken */
    size_t unfinished_bytes;    /* fed since the last whole reply */
    bool known;                 /* it has answered as Redis does */
    char label[320];
    char piece[PIECE_BYTES];
};

struct svi_bytes svi_redis_bytes(const redisReply *reply)
{
    bool text = reply
                && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS || reply->type == REDIS_REPLY_ERROR);
    return (struct svi_bytes){ text ? (const uint8_t *)reply->str : NULL, text ? reply->len : 0 };
}

/* ---- refusals ---- */

/* Redis 6 puts what a script stumbled over into a sentence of its own. */
static bool is_refusal(const char *text, const char *code)
{
    return !strncmp(text, code, strlen(code)) || (!strncmp(text, "ERR Error running script", 24) && strstr(text, code));
}

bool svi_redis_fail_refused(const struct svi_redis *redis, const redisReply *refusal, struct svi_error *err)
{
    static const struct {
        const char *begins;
        enum svi_status status;
        const char *means;
    } rows[] = {
        { "NOAUTH", SVI_BAD_USAGE, "wants a password" },
        { "WRONGPASS", SVI_BAD_USAGE, "refuses the user or the password" },
        { "NOPERM", SVI_BAD_USAGE, "does not let this user do what is needed" },
        { "DENIED", SVI_BAD_USAGE, "serves its own machine only (protected mode)" },
        { "LOADING", SVI_UNREACHABLE, "is still loading its data" },
        { "BUSY", SVI_UNREACHABLE, "is busy with a script" },
        { "READONLY", SVI_UNREACHABLE, "is a replica that takes no writes" },
        { "MASTERDOWN", SVI_UNREACHABLE, "is a replica that has lost its master" },
        { "NOREPLICAS", SVI_UNREACHABLE, "has too few replicas to take writes" },
        { "MISCONF", SVI_UNREACHABLE, "cannot save its data, and takes no writes" },
        { "OOM", SVI_UNREACHABLE, "is out of memory, and takes no writes" },
        { "CLUSTERDOWN", SVI_UNREACHABLE, "is part of a cluster that is down" },
        { "ERR max number of clients", SVI_UNREACHABLE, "has too many clients" },
        { "", SVI_BAD_ANSWER, "refuses a command" },
    };
    const char *text = refusal->str ? refusal->str : "";
    size_t row = 0;
    while (!is_refusal(text, rows[row].begins))
        row++;
    /* Servers quote the arguments of a command that they do not know. */
    char shown[160];
    svi_text_clean(shown, sizeof shown, text);
    char *quoted = strpbrk(shown, "`'\"");
    if (quoted)
        *quoted = '\0';
    return svi_fail(err, rows[row].status, "%s %s.", redis->label, rows[row].means) || svi_because(err, "%s", shown);
}

/* ---- moving bytes ---- */

static bool fail_lost(const struct svi_redis *redis, const char *why, struct svi_error *err)
{
    return svi_fail(err, SVI_UNREACHABLE, "%s cannot be reached.", redis->label) || svi_because(err, "%s", why);
}

static bool fail_protocol(const struct svi_redis *redis, const char *why, struct svi_error *err)
{
    if (redis->known)
        return fail_lost(redis, why, err);
    return svi_fail(err, SVI_BAD_USAGE, "%s does not answer as Redis does.", redis->label) || svi_because(err, "%s", why);
}

bool svi_redis_add(struct svi_redis *redis, const struct svi_bytes *words, size_t count, struct svi_error *err)
{
    bool ok = svi_buffer_add_text(&redis->commands, "*%zu\r\n", count);
    for (size_t i = 0; ok && i < count; i++)
        ok = svi_buffer_add_text(&redis->commands, "$%zu\r\n", words[i].count)
             && (!words[i].count || svi_buffer_add(&redis->commands, words[i].at, words[i].count))
             && svi_buffer_add(&redis->commands, "\r\n", 2);
    if (!ok) /* half of a command is in there now */
        return svi_fail(err, SVI_UNREACHABLE, "A command for %s is larger than can be sent.", redis->label);
    redis->due++;
    return true;
}

/* They may have been large, and may have held a password or a token. */
static void forget_commands(struct svi_redis *redis)
{
    if (redis->commands.at)
        explicit_bzero(redis->commands.at, redis->commands.count);
    svi_buffer_clear(&redis->commands);
}

bool svi_redis_flush(struct svi_redis *redis, struct svi_error *err)
{
    const struct svi_bytes all = { redis->commands.at, redis->commands.count };
    bool ok = svi_server_link_write(redis->stream, all, svi_now_s() + redis->patience.command_s, err);
    forget_commands(redis);
    return ok;
}

/* What is in hand, or NULL. */
static bool parse(struct svi_redis *redis, redisReply **reply, struct svi_error *err)
{
    void *parsed = NULL;
    if (redisReaderGetReply(redis->reader, &parsed) != REDIS_OK)
        return fail_protocol(redis, redis->reader->errstr, err);
    *reply = parsed;
    if (parsed)
        redis->unfinished_bytes = 0;
    return true;
}

/* The next reply; NULL where none is complete until then. */
static bool receive(struct svi_redis *redis, double until_s, redisReply **reply, struct svi_error *err)
{
    *reply = NULL;
    for (;;) {
        size_t count = 0;
        if (!parse(redis, reply, err))
            return false;
        if (*reply)
            return true;
        if (!svi_server_link_read(redis->stream, redis->piece, sizeof redis->piece, until_s, &count, err))
            return false;
        if (!count)
            return true;
        redis->unfinished_bytes += count;
        if (redis->unfinished_bytes > REPLY_LIMIT_BYTES)
            return fail_protocol(redis, "a reply is larger than is taken", err);
        if (redisReaderFeed(redis->reader, redis->piece, count) != REDIS_OK)
            return fail_protocol(redis, redis->reader->errstr, err);
    }
}

bool svi_redis_listen(struct svi_redis *redis, double until_s, redisReply **reply, struct svi_error *err)
{
    *reply = NULL;
    return svi_redis_flush(redis, err) && receive(redis, until_s, reply, err);
}

bool svi_redis_take(struct svi_redis *redis, redisReply **reply, struct svi_error *err)
{
    *reply = NULL;
    if (!redis->due)
        return svi_fail(err, SVI_BUG, "Redis was asked nothing that it could answer.");
    if (!svi_redis_flush(redis, err) || !receive(redis, svi_now_s() + redis->patience.command_s, reply, err))
        return false;
    if (!*reply)
        return fail_lost(redis, "it does not answer", err);
    redis->due--;
    redis->known = true;
    return true;
}

static void drain(struct svi_redis *redis)
{
    struct svi_error ignored = { 0 };
    redisReply *reply = NULL;
    while (redis->due && svi_redis_take(redis, &reply, &ignored))
        freeReplyObject(reply);
}

bool svi_redis_take_good(struct svi_redis *redis, redisReply **reply, struct svi_error *err)
{
    redisReply *taken = NULL;
    *reply = NULL;
    if (!svi_redis_take(redis, &taken, err))
        return false;
    if (taken->type != REDIS_REPLY_ERROR) {
        *reply = taken;
        return true;
    }
    svi_redis_fail_refused(redis, taken, err);
    freeReplyObject(taken);
    drain(redis);
    return false;
}

static bool check_inside(const struct svi_redis *redis, const redisReply *reply, struct svi_error *err)
{
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
        if (reply->element[i]->type == REDIS_REPLY_ERROR)
            return svi_redis_fail_refused(redis, reply->element[i], err);
    return true;
}

bool svi_redis_take_all(struct svi_redis *redis, struct svi_error *err)
{
    redisReply *reply = NULL;
    bool ok = true;
    while (redis->due && ok) {
        ok = svi_redis_take_good(redis, &reply, err);
        if (!ok)
            break;
        ok = check_inside(redis, reply, err);
        freeReplyObject(reply);
    }
    if (!ok)
        drain(redis);
    return ok;
}

/* ---- opening and closing ---- */

static const char *query_text(const struct svi_broker_url *url, const char *key)
{
    const char *text = json_string_value(json_object_get(url->query, key));
    return text ? text : "";
}

/* As redis-py writes such values, and as kombu does. */
static bool says_no(const char *text)
{
    static const char *const words[] = { "none", "CERT_NONE", "false", "no", "0" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(text, words[i]))
            return true;
    return false;
}

static void warn_once(const struct svi_redis *redis)
{
    static atomic_flag warned = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&warned))
        svi_log(SVI_LOG_WARNING, "the certificate of %s is not verified: ssl_cert_reqs says so", redis->label);
}

static bool connect_stream(struct svi_redis *redis, const struct svi_broker_url *url, struct svi_error *err)
{
    const struct svi_server_link_tls tls = {
        .trust_anyone = says_no(query_text(url, "ssl_cert_reqs")),
        .trust_any_name = says_no(query_text(url, "ssl_check_hostname")),
        .ca_file = query_text(url, "ssl_ca_certs"),
        .own_file = query_text(url, "ssl_certfile"),
        .key_file = query_text(url, "ssl_keyfile"),
    };
    if (url->tls && tls.trust_anyone)
        warn_once(redis);
    const struct svi_server_link_settings settings = {
        .label = redis->label,
        .host = url->host && url->host[0] ? url->host : "127.0.0.1",
        .port = url->port,
        .path = url->path ? url->path : "",
        .tls = url->tls ? &tls : NULL,
        .connect_timeout_s = redis->patience.connect_s,
    };
    return svi_server_link_open(&redis->stream, &settings, err);
}

/* An answer to AUTH or SELECT. Of what a server says about AUTH nothing is shown: old ones quote the password. */
static bool take_greeting(struct svi_redis *redis, const char *means, struct svi_error *err)
{
    redisReply *reply = NULL;
    if (!svi_redis_take(redis, &reply, err))
        return false;
    bool good = reply->type != REDIS_REPLY_ERROR;
    if (!good) {
        struct svi_error refused = { 0 };
        svi_redis_fail_refused(redis, reply, &refused);
        if (refused.status == SVI_UNREACHABLE)
            *err = refused;
        else
            svi_fail(err, SVI_BAD_USAGE, "%s %s.", redis->label, means);
    }
    freeReplyObject(reply);
    return good;
}

static bool take_pong(struct svi_redis *redis, struct svi_error *err)
{
    redisReply *reply = NULL;
    if (!svi_redis_take_good(redis, &reply, err))
        return false;
    bool good = reply->type == REDIS_REPLY_STATUS && !strcmp(reply->str, "PONG");
    freeReplyObject(reply);
    redis->known = good;
    return good || fail_protocol(redis, "it answers PING with something else", err);
}

static bool log_in(struct svi_redis *redis, const struct svi_broker_url *url, struct svi_error *err)
{
    const char *user = url->user ? url->user : "", *password = url->password ? url->password : "";
    char database[16], no_database[48];
    svi_format(database, sizeof database, "%d", url->database);
    svi_format(no_database, sizeof no_database, "has no database %d for us", url->database);
    bool named = user[0], secret = named || password[0], chosen = url->database != 0;
    const struct svi_bytes words[] = { svi_bytes_of("AUTH"), svi_bytes_of(named ? user : password), svi_bytes_of(password) };
    return (!secret || svi_redis_add(redis, words, named ? 3 : 2, err))
           && (!chosen || svi_redis_add_texts(redis, err, svi_bytes_of("SELECT"), svi_bytes_of(database)))
           && svi_redis_add_texts(redis, err, svi_bytes_of("PING"))
           && (!secret || take_greeting(redis, "refuses the user or the password", err))
           && (!chosen || take_greeting(redis, no_database, err)) && take_pong(redis, err);
}

/* hiredis makes room for as many parts as a server announces. */
static void *make_bounded_array(const redisReadTask *task, int parts)
{
    const struct svi_redis *redis = task->privdata;
    return parts <= REPLY_LIMIT_PARTS ? redis->make_array(task, parts) : NULL;
}

static bool make_reader(struct svi_redis *redis, struct svi_error *err)
{
    redis->reader = redisReaderCreate();
    if (!redis->reader)
        return svi_fail_memory(err, sizeof *redis->reader);
    redis->makers = *redis->reader->fn;
    redis->make_array = redis->makers.createArray;
    redis->makers.createArray = make_bounded_array;
    redis->reader->fn = &redis->makers;
    redis->reader->privdata = redis;
    return true;
}

bool svi_redis_open(struct svi_redis **out, const struct svi_broker_url *url, const struct svi_redis_patience *patience,
                    struct svi_error *err)
{
    struct svi_redis *redis = calloc(1, sizeof *redis);
    if (!redis)
        return svi_fail_memory(err, sizeof *redis);
    redis->patience = *patience;
    svi_buffer_init(&redis->commands, COMMANDS_LIMIT_BYTES);
    if (url->path && url->path[0])
        svi_format(redis->label, sizeof redis->label, "The Redis server at its Unix socket");
    else
        svi_format(redis->label, sizeof redis->label, "The Redis server at %.250s:%d", url->host ? url->host : "", url->port);
    if (make_reader(redis, err) && connect_stream(redis, url, err) && log_in(redis, url, err)) {
        *out = redis;
        return true;
    }
    svi_redis_close(redis);
    return false;
}

void svi_redis_close(struct svi_redis *redis)
{
    if (!redis)
        return;
    svi_server_link_close(redis->stream);
    if (redis->reader)
        redisReaderFree(redis->reader);
    forget_commands(redis);
    free(redis);
}

int svi_redis_fd(const struct svi_redis *redis)
{
    return svi_server_link_fd(redis->stream);
}
