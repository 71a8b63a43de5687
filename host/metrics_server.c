#include "host/metrics_server.h"

#include "base/log.h"
#include "host/listen.h"
#include "host/metrics.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A scraper or two, and nobody who stays: what is silent or sends much is let go. Who says a little each second stays, but does not
 * take the places of others: a health check that got none would have the node ended. */
enum { IDLE_TIMEOUT_S = 5, CONNECTION_MEMORY_BYTES = 8 << 10, MAX_CONNECTIONS = 32, MAX_CONNECTIONS_OF_ONE = 16 };

struct svi_metrics_server {
    struct MHD_Daemon *daemon;
    char url[320];
};

struct answer {
    unsigned status;
    const char *type;
    struct svi_buffer text;
};

static const char plain[] = "text/plain; charset=utf-8";

static bool say(struct answer *answer, unsigned status, const char *text)
{
    answer->status = status;
    answer->type = plain;
    return svi_buffer_add_text(&answer->text, "%s\n", text);
}

static bool tell_metrics(struct answer *answer)
{
    answer->status = MHD_HTTP_OK;
    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    return svi_metrics_write(&answer->text);
}

static bool tell_health(struct answer *answer)
{
    return svi_metric_turned_ago_s() > SVI_METRICS_HANGS_AFTER_S ? say(answer, MHD_HTTP_SERVICE_UNAVAILABLE, "the service hangs")
                                                                 : say(answer, MHD_HTTP_OK, "ok");
}

static bool tell_ready(struct answer *answer)
{
    return svi_metric_ready()
               ? say(answer, MHD_HTTP_OK, "ready")
               : say(answer, MHD_HTTP_SERVICE_UNAVAILABLE, "no job is taken: no broker, about to stop, or in trouble of its own");
}

static bool tell(struct answer *answer, const char *path)
{
    static const struct {
        const char *path;
        bool (*tell)(struct answer *answer);
    } pages[] = { { "/metrics", tell_metrics }, { "/healthz", tell_health }, { "/readyz", tell_ready } };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (!strcmp(path, pages[i].path))
            return pages[i].tell(answer);
    return say(answer, MHD_HTTP_NOT_FOUND, "There are /metrics, /healthz and /readyz.");
}

/* The text becomes the response's. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(answer->text.count, answer->text.at, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        svi_buffer_clear(&answer->text);
        return MHD_NO;
    }
    const bool ok = MHD_add_response_header(response, "Content-Type", answer->type) == MHD_YES
                    && MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES
                    && (answer->status != MHD_HTTP_METHOD_NOT_ALLOWED
                        || MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES);
    const enum MHD_Result sent = ok ? MHD_queue_response(connection, answer->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *bytes, size_t *count, void **context)
{
    static char is_known;
    struct answer answer = { 0 };
    (void)self;
    (void)version;
    (void)bytes;
    /* The first call brings the head alone; an answer now would cost the connection its next request. */
    if (!*context) {
        *context = &is_known;
        return MHD_YES;
    }
    if (*count) {
        *count = 0;
        return MHD_YES;
    }
    svi_buffer_init(&answer.text, SVI_METRICS_MOST_BYTES);
    const bool reads = !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
    if (reads ? tell(&answer, path) : say(&answer, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD are answered."))
        return send_answer(connection, &answer);
    svi_buffer_clear(&answer.text);
    return MHD_NO;
}

bool svi_metrics_server_start(struct svi_metrics_server **out, const char *address, struct svi_error *err)
{
    int fd;
    char where[300];
    *out = NULL;
    if (!svi_listen(&fd, where, sizeof where, address, err))
        return false;
    struct svi_metrics_server *server = calloc(1, sizeof *server);
    if (server) {
        svi_format(server->url, sizeof server->url, "http://%s", where);
        server->daemon = MHD_start_daemon(
            MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
            (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
            MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS_OF_ONE, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    }
    if (server && server->daemon) {
        *out = server;
        return true; /* the socket is the daemon's now */
    }
    close(fd);
    free(server);
    return svi_fail(err, SVI_IO, "The server of metrics cannot be started.");
}

const char *svi_metrics_server_url(const struct svi_metrics_server *server)
{
    return server->url;
}

void svi_metrics_server_stop(struct svi_metrics_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}
