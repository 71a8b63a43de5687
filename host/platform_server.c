#include "host/platform_server.h"

#include "base/bytes.h"
#include "base/log.h"
#include "host/listen.h"
#include "host/platform_api.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* DRAIN_LIMIT_BYTES: a refused client is listened to this long, so that it reads the refusal instead of a broken connection. */
enum {
    THREAD_STACK_BYTES = 1 << 20,
    IDLE_TIMEOUT_S = 60,
    CONNECTION_MEMORY_BYTES = 64 << 10,
    MAX_CONNECTIONS = 512,
    DRAIN_LIMIT_BYTES = 64 << 20
};

struct svi_platform {
    struct svi_platform_store *store;
    struct MHD_Daemon *daemon;
    uint64_t max_upload_bytes;
    char url[320];
};

/* One request and what becomes of it. */
struct exchange {
    struct svi_platform *platform;
    bool started;
    struct svi_platform_head head;
    struct svi_platform_call call;
    struct svi_platform_body *body;
    struct svi_platform_answer answer; /* status 0 until it is decided */
    uint64_t drained_bytes;
    char raw_query[512];
};

/* --- sending --- */

/* Takes over the bytes. */
static struct MHD_Response *response_of_bytes(struct svi_platform_answer *answer)
{
    if (answer->first)
        memmove(answer->bytes, answer->bytes + answer->first, answer->count);
    struct MHD_Response *response = MHD_create_response_from_buffer(answer->count, answer->bytes, MHD_RESPMEM_MUST_FREE);
    if (response)
        answer->bytes = NULL;
    return response;
}

static struct MHD_Response *make_response(struct svi_platform_answer *answer)
{
    if (answer->bytes && answer->count)
        return response_of_bytes(answer);
    if (answer->fd >= 0 && answer->count) {
        struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(answer->count, answer->fd, answer->first);
        if (response)
            answer->fd = -1;
        return response;
    }
    char *text = answer->body ? json_dumps(answer->body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (answer->body && !text)
        return NULL;
    struct MHD_Response *response = MHD_create_response_from_buffer(text ? strlen(text) : 0, text, MHD_RESPMEM_MUST_FREE);
    if (!response)
        free(text);
    return response;
}

static bool add_headers(struct MHD_Response *response, const struct svi_platform_answer *answer)
{
    const struct {
        const char *name, *value;
    } headers[] = {
        { "Content-Type", answer->body ? "application/json" : answer->content_type },
        { "Content-Disposition", answer->disposition },
        { "Content-Range", answer->content_range },
        { "Accept-Ranges", answer->body ? "" : "bytes" },
        { "Location", answer->location },
        { "Allow", answer->allow ? answer->allow : "" },
        { "WWW-Authenticate", answer->status == 401 ? "Token" : "" },
        { "Cache-Control", "no-store" },
        { "X-Content-Type-Options", "nosniff" },
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (headers[i].value[0] && MHD_add_response_header(response, headers[i].name, headers[i].value) != MHD_YES)
            return false;
    return true;
}

static enum MHD_Result reply(struct exchange *exchange, struct MHD_Connection *connection)
{
    struct MHD_Response *response = make_response(&exchange->answer);
    if (!response)
        return MHD_NO;
    enum MHD_Result sent = add_headers(response, &exchange->answer)
                               ? MHD_queue_response(connection, exchange->answer.status, response)
                               : MHD_NO;
    MHD_destroy_response(response);
    svi_log(SVI_LOG_DEBUG, "platform: %s %s %u", exchange->head.method, exchange->head.path, exchange->answer.status);
    return sent;
}

/* --- receiving --- */

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *query(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

/* The length that the client announces; 0 where it does not. */
static uint64_t announced_bytes(struct MHD_Connection *connection)
{
    const char *text = header(connection, "Content-Length");
    return text ? strtoull(text, NULL, 10) : 0;
}

/* What the body says against itself becomes the answer. */
static void take_refusal(struct exchange *exchange)
{
    const char *message;
    unsigned status = svi_platform_body_refused(exchange->body, &message);
    if (status && !exchange->answer.status)
        svi_platform_answer_error(&exchange->answer, status, message);
}

static void decide_at_head(struct exchange *exchange, struct MHD_Connection *connection)
{
    struct svi_platform *platform = exchange->platform;
    struct svi_error err = { 0 };
    if (!svi_platform_api_begin(&exchange->call, platform->store, &exchange->head, &exchange->answer))
        return;
    if (announced_bytes(connection) > platform->max_upload_bytes) {
        svi_platform_answer_error(&exchange->answer, 413, "The request is larger than this platform takes.");
    } else if (!svi_platform_body_open(&exchange->body, connection, svi_platform_store_files(platform->store),
                                       platform->max_upload_bytes, &err)) {
        svi_platform_answer_result(&exchange->answer, SVI_PLATFORM_BROKEN, &err);
    } else {
        take_refusal(exchange);
    }
}

/* Who waits for "100 Continue", or has more to send than is worth reading, is answered at once; the connection then ends. */
static bool answers_at_once(const struct exchange *exchange, struct MHD_Connection *connection)
{
    const char *expect = header(connection, "Expect");
    return exchange->answer.status
           && ((expect && !strcasecmp(expect, "100-continue")) || announced_bytes(connection) > DRAIN_LIMIT_BYTES);
}

static enum MHD_Result start(struct exchange *exchange, struct MHD_Connection *connection, const char *method, const char *path)
{
    exchange->started = true;
    exchange->head = (struct svi_platform_head){
        .method = method,
        .path = path,
        .raw_query = exchange->raw_query,
        .authorization = header(connection, "Authorization"),
        /* No validators are given out, so none that is asked for can match. */
        .range = header(connection, "If-Range") ? NULL : header(connection, "Range"),
        .file_type = query(connection, "file_type"),
        .download = query(connection, "download"),
        .source = query(connection, "source"),
    };
    decide_at_head(exchange, connection);
    return answers_at_once(exchange, connection) ? reply(exchange, connection) : MHD_YES;
}

static enum MHD_Result take(struct exchange *exchange, const char *bytes, size_t count)
{
    if (!exchange->answer.status) {
        svi_platform_body_add(exchange->body, bytes, count);
        take_refusal(exchange);
        return MHD_YES;
    }
    exchange->drained_bytes += count;
    return exchange->drained_bytes <= DRAIN_LIMIT_BYTES ? MHD_YES : MHD_NO;
}

static enum MHD_Result finish(struct exchange *exchange, struct MHD_Connection *connection)
{
    if (!exchange->answer.status) {
        svi_platform_body_end(exchange->body);
        take_refusal(exchange);
    }
    if (!exchange->answer.status)
        svi_platform_api_finish(&exchange->call, exchange->body, &exchange->answer);
    /* Before the answer, so that who has read a refusal finds nothing left of what was refused. */
    svi_platform_body_close(exchange->body);
    exchange->body = NULL;
    return reply(exchange, connection);
}

/* The first that is known of a request: its target, before anything is decoded. What is returned comes back as *context. */
static void *on_target(void *self, const char *target, struct MHD_Connection *connection)
{
    (void)connection;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->platform = self;
    exchange->answer = SVI_PLATFORM_NO_ANSWER;
    const char *question = strchr(target, '?');
    if (question && !svi_format(exchange->raw_query, sizeof exchange->raw_query, "%s", question))
        exchange->raw_query[0] = '\0';
    return exchange;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *bytes, size_t *count, void **context)
{
    (void)self;
    (void)version;
    struct exchange *exchange = *context;
    if (!exchange)
        return MHD_NO;
    if (!exchange->started)
        return start(exchange, connection, method, path);
    if (!*count)
        return finish(exchange, connection);
    size_t taken = *count;
    *count = 0;
    return take(exchange, bytes, taken);
}

/* However it ended: a connection that broke off takes its half uploads with it. */
static void on_end(void *self, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode why)
{
    (void)self;
    (void)connection;
    (void)why;
    struct exchange *exchange = *context;
    *context = NULL;
    if (!exchange)
        return;
    svi_platform_body_close(exchange->body);
    svi_platform_answer_clear(&exchange->answer);
    free(exchange);
}

static void on_log(void *self, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
static void on_log(void *self, const char *format, va_list arguments)
{
    (void)self;
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    svi_log(SVI_LOG_DEBUG, "platform: %s", text);
}

/* --- life --- */

static bool start_daemon(struct svi_platform *platform, const char *address, struct svi_error *err)
{
    int fd;
    char where[300];
    if (!svi_listen(&fd, where, sizeof where, address, err))
        return false;
    svi_format(platform->url, sizeof platform->url, "http://%s", where);
    /* A thread for each connection: of a few that share them, one often has them all, and each waits for the disk on behalf of the
     * others. poll, not epoll: edge-triggered as libmicrohttpd uses it, that misses an end that comes together with the last
     * bytes. */
    platform->daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, platform,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, platform,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
    if (platform->daemon)
        return true; /* the socket is the daemon's now */
    close(fd);
    return svi_fail(err, SVI_IO, "The platform's server cannot be started.");
}

bool svi_platform_start(struct svi_platform **out, const struct svi_platform_options *options, struct svi_error *err)
{
    *out = NULL;
    struct svi_platform *platform = calloc(1, sizeof *platform);
    if (!platform)
        return svi_fail_memory(err, sizeof *platform);
    platform->max_upload_bytes = options->max_upload_bytes ? options->max_upload_bytes : SVI_PLATFORM_DEFAULT_MAX_UPLOAD_BYTES;
    bool ok = svi_platform_store_open(&platform->store, options->folder, SVI_PLATFORM_SERVER, err)
              && start_daemon(platform, options->listen ? options->listen : SVI_PLATFORM_DEFAULT_LISTEN, err);
    if (!ok) {
        svi_platform_stop(platform);
        return false;
    }
    svi_log(SVI_LOG_INFO, "platform: serves %s", platform->url);
    *out = platform;
    return true;
}

const char *svi_platform_url(const struct svi_platform *platform)
{
    return platform->url;
}

bool svi_platform_take(struct svi_platform *platform, struct svi_platform_ticket *out, struct svi_error *err)
{
    return svi_platform_store_take(platform->store, out, err);
}

bool svi_platform_pause(struct svi_platform *platform, double seconds)
{
    return svi_platform_store_pause(platform->store, seconds);
}

void svi_platform_stop_waiting(struct svi_platform *platform)
{
    svi_platform_store_stop_waiting(platform->store);
}

void svi_platform_stop(struct svi_platform *platform)
{
    if (!platform)
        return;
    if (platform->daemon)
        MHD_stop_daemon(platform->daemon);
    svi_platform_store_close(platform->store);
    free(platform);
}

bool svi_platform_add_user(const char *folder, const char *name, char token[SVI_PLATFORM_TOKEN_DIGITS + 1], struct svi_error *err)
{
    struct svi_platform_store *store;
    bool ok = svi_platform_store_open(&store, folder, SVI_PLATFORM_GUEST, err)
              && svi_platform_store_add_user(store, name, token, err) == SVI_PLATFORM_DONE;
    svi_platform_store_close(store);
    return ok;
}
