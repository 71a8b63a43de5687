#include "host/amqp_link.h"

#include "base/log.h"
#include "base/stopwatch.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { REPLY_S = 5, HEARTBEAT_S = 10, FRAME_LIMIT_BYTES = 131072, WAITING_LIMIT = 4096, DEAF_MS = 15000 };

/* A message on its way in. */
struct incoming {
    struct svi_amqp_delivery *now; /* NULL: none */
    bool has_header, returned;
    uint64_t left_bytes;
};

struct channel {
    bool open;
    struct incoming incoming;
    struct svi_amqp_delivery *first, *last; /* complete */
    size_t count;
};

struct svi_amqp_link {
    amqp_connection_state_t state;
    bool broken, blocked, stirred; /* stirred: something came that a caller may wait for */
    uint64_t settled, refused;
    struct channel channels[SVI_AMQP_CHANNELS];
};

/* ---- errors ---- */

static bool lost(struct svi_amqp_link *link, const char *why, struct svi_error *err)
{
    char clean[300];
    link->broken = true;
    svi_text_clean(clean, sizeof clean, why);
    return svi_fail(err, SVI_UNREACHABLE, "The connection to the broker is lost: %s.", clean);
}

static bool lost_by(struct svi_amqp_link *link, int status, struct svi_error *err)
{
    return lost(link, amqp_error_string2(status), err);
}

/* The text of a close, which is not ended by a zero. */
static void close_text(char *into, size_t size, amqp_bytes_t text)
{
    char whole[256];
    svi_format(whole, sizeof whole, "%.*s", (int)(text.len > 255 ? 255 : text.len), (const char *)text.bytes);
    svi_text_clean(into, size, whole);
}

static bool lost_by_close(struct svi_amqp_link *link, const amqp_connection_close_t *why, int *code, struct svi_error *err)
{
    char text[256];
    amqp_connection_close_ok_t ok = { 0 };
    close_text(text, sizeof text, why->reply_text);
    *code = why->reply_code;
    amqp_send_method(link->state, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
    return lost(link, text, err);
}

/* ---- opening ---- */

static const char *query(const struct svi_broker_url *url, const char *name)
{
    return json_string_value(json_object_get(url->query, name));
}

static bool says_no(const char *text)
{
    static const char *const words[] = { "CERT_NONE", "none", "false", "0", "no" };
    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(text, words[i]))
            return true;
    return false;
}

/* By OpenSSL itself: librabbitmq knows names in certificates, but no addresses. */
static bool expect_name(SSL_CTX *context, const char *host)
{
    X509_VERIFY_PARAM *expected = SSL_CTX_get0_param(context);
    return X509_VERIFY_PARAM_set1_ip_asc(expected, host) == 1 || X509_VERIFY_PARAM_set1_host(expected, host, 0) == 1;
}

static amqp_socket_t *tls_socket(amqp_connection_state_t state, const struct svi_broker_url *url, struct svi_error *err)
{
    const char *authorities = query(url, "ssl_ca_certs"), *own = query(url, "ssl_certfile"), *key = query(url, "ssl_keyfile");
    const bool trusts_anyone = says_no(query(url, "ssl_cert_reqs"));
    amqp_socket_t *socket = amqp_ssl_socket_new(state);
    if (!socket) {
        svi_fail_memory(err, sizeof(void *));
        return NULL;
    }
    if (trusts_anyone)
        svi_log(SVI_LOG_WARNING, "broker: the certificate of %s is not verified, as its URL says", url->host);
    amqp_ssl_socket_set_verify_peer(socket, !trusts_anyone);
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    SSL_CTX *context = amqp_ssl_socket_get_context(socket);
    ERR_clear_error();
    bool ok = trusts_anyone || says_no(query(url, "ssl_check_hostname")) || expect_name(context, url->host);
    ok = ok
         && (authorities ? amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK
                         : SSL_CTX_set_default_verify_paths(context) == 1);
    if (!ok)
        svi_fail(err, SVI_BAD_USAGE, "The certificates of authorities for the broker cannot be read.");
    else if (own && amqp_ssl_socket_set_key(socket, own, key ? key : own) != AMQP_STATUS_OK)
        ok = svi_fail(err, SVI_BAD_USAGE, "The certificate for the broker, or its key, cannot be read.");
    return ok ? socket : NULL;
}

static bool fail_connect(const struct svi_broker_url *url, int status, struct svi_error *err)
{
    bool distrusted = status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED
                      || (url->tls && ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED);
    if (distrusted)
        return svi_fail(err, SVI_BAD_USAGE, "The broker at %s:%d shows a certificate that is not trusted.", url->host, url->port)
               || svi_because(err, "%s", amqp_error_string2(status));
    /* What is no TLS at all is another protocol, but so is a broker that is just stopping. */
    return svi_fail(err, SVI_UNREACHABLE, "The broker at %s:%d cannot be reached: %s.", url->host, url->port,
                    amqp_error_string2(status))
           || (errno != EINPROGRESS && svi_because(err, "%s", strerror(errno)));
}

static bool connect_socket(struct svi_amqp_link *link, const struct svi_broker_url *url, struct svi_error *err)
{
    struct timeval patience = { REPLY_S, 0 };
    amqp_socket_t *socket = url->tls ? tls_socket(link->state, url, err) : amqp_tcp_socket_new(link->state);
    if (!socket)
        return err->status != SVI_OK ? false : svi_fail_memory(err, sizeof(void *));
    int status = amqp_socket_open_noblock(socket, url->host[0] ? url->host : "localhost", url->port, &patience);
    if (status != AMQP_STATUS_OK)
        return fail_connect(url, status, err);
    /* A broker that reads nothing, or a cable that is cut, ends a send: the library would wait for ever. */
    unsigned deaf_ms = DEAF_MS;
    setsockopt(amqp_get_sockfd(link->state), IPPROTO_TCP, TCP_USER_TIMEOUT, &deaf_ms, sizeof deaf_ms);
    return amqp_set_handshake_timeout(link->state, &patience) == AMQP_STATUS_OK
           && amqp_set_rpc_timeout(link->state, &patience) == AMQP_STATUS_OK;
}

static bool fail_login(const struct svi_broker_url *url, const char *user, amqp_rpc_reply_t reply, struct svi_error *err)
{
    const int status = reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? reply.library_error : AMQP_STATUS_OK;
    char text[256] = "";
    int code = 0;
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const amqp_connection_close_t *why = reply.reply.decoded;
        code = why->reply_code;
        close_text(text, sizeof text, why->reply_text);
    }
    if (code == AMQP_ACCESS_REFUSED)
        svi_fail(err, SVI_BAD_USAGE, "The broker at %s:%d refuses the user %s, or the password.", url->host, url->port, user);
    else if (code == AMQP_NOT_ALLOWED || code == AMQP_INVALID_PATH)
        svi_fail(err, SVI_BAD_USAGE, "The broker at %s:%d has no virtual host %s, or not for the user %s.", url->host, url->port,
                 url->virtual_host, user);
    else if (status == AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION || status == AMQP_STATUS_BAD_AMQP_DATA
             || status == AMQP_STATUS_UNKNOWN_CLASS || status == AMQP_STATUS_UNKNOWN_METHOD || status == AMQP_STATUS_WRONG_METHOD
             || status == AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD)
        svi_fail(err, SVI_BAD_USAGE, "What answers at %s:%d is no broker that speaks AMQP 0-9-1 with passwords.", url->host,
                 url->port);
    else if (status == AMQP_STATUS_TIMEOUT)
        svi_fail(err, SVI_UNREACHABLE, "The broker at %s:%d says nothing within %d s; is it one that speaks AMQP?", url->host,
                 url->port, REPLY_S);
    else
        svi_fail(err, SVI_UNREACHABLE, "The broker at %s:%d ends the connection: %s.", url->host, url->port,
                 text[0] ? text : amqp_error_string2(status));
    return svi_because(err, "code %d, %s", code, text[0] ? text : amqp_error_string2(status));
}

static bool log_in(struct svi_amqp_link *link, const struct svi_broker_url *url, const char *name, struct svi_error *err)
{
    const char *user = url->user[0] ? url->user : "guest", *password = url->password[0] ? url->password : "guest";
    const char *beat = query(url, "heartbeat");
    const long asked_s = beat ? strtol(beat, NULL, 10) : HEARTBEAT_S;
    json_t *about = json_pack("{s:s, s:s, s:{s:b, s:b, s:b}}", "product", "svi-worker", "connection_name", name, "capabilities",
                              "connection.blocked", 1, "consumer_cancel_notify", 1, "authentication_failure_close", 1);
    amqp_pool_t pool;
    amqp_table_t table;
    init_amqp_pool(&pool, 4096);
    bool ok = about ? svi_amqp_table_write(&table, about, &pool, err) : svi_fail_memory(err, 256);
    if (ok) {
        amqp_rpc_reply_t reply = amqp_login_with_properties(
            link->state, url->virtual_host[0] ? url->virtual_host : "/", 0, FRAME_LIMIT_BYTES,
            asked_s > 0 && asked_s < 3600 ? (int)asked_s : HEARTBEAT_S, &table, AMQP_SASL_METHOD_PLAIN, user, password);
        ok = reply.reply_type == AMQP_RESPONSE_NORMAL || fail_login(url, user, reply, err);
    }
    empty_amqp_pool(&pool);
    json_decref(about);
    return ok;
}

bool svi_amqp_link_open(struct svi_amqp_link **out, const struct svi_broker_url *url, const char *name, struct svi_error *err)
{
    struct svi_amqp_link *link = calloc(1, sizeof *link);
    if (!link)
        return svi_fail_memory(err, sizeof *link);
    link->broken = true;
    link->state = amqp_new_connection();
    bool ok = link->state ? connect_socket(link, url, err) && log_in(link, url, name, err) : svi_fail_memory(err, sizeof *link);
    if (ok) {
        link->broken = false;
        *out = link;
    } else {
        svi_amqp_link_close(link);
    }
    return ok;
}

void svi_amqp_link_close(struct svi_amqp_link *link)
{
    if (!link)
        return;
    if (link->state) {
        if (!link->broken)
            amqp_connection_close(link->state, AMQP_REPLY_SUCCESS);
        amqp_destroy_connection(link->state);
    }
    for (size_t i = 0; i < SVI_AMQP_CHANNELS; i++) {
        for (struct svi_amqp_delivery *delivery; (delivery = svi_amqp_link_take(link, (amqp_channel_t)i));)
            svi_amqp_delivery_free(delivery);
        svi_amqp_delivery_free(link->channels[i].incoming.now);
    }
    free(link);
}

amqp_connection_state_t svi_amqp_link_state(struct svi_amqp_link *link)
{
    return link->state;
}

/* ---- calls ---- */

bool svi_amqp_channel_is_open(const struct svi_amqp_link *link, amqp_channel_t channel)
{
    return link->channels[channel].open;
}

static void confirm_close(struct svi_amqp_link *link, amqp_channel_t channel)
{
    amqp_channel_close_ok_t ok = { 0 };
    struct channel *at = &link->channels[channel];
    svi_amqp_delivery_free(at->incoming.now);
    at->incoming = (struct incoming){ 0 };
    at->open = false;
    link->stirred = true;
    amqp_send_method(link->state, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
}

bool svi_amqp_link_check(struct svi_amqp_link *link, amqp_channel_t channel, const char *what, int *code, struct svi_error *err)
{
    const amqp_rpc_reply_t reply = amqp_get_rpc_reply(link->state);
    *code = 0;
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return true;
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION)
        return lost_by(link, reply.library_error, err);
    if (reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD)
        return lost_by_close(link, reply.reply.decoded, code, err);
    const amqp_channel_close_t *why = reply.reply.decoded;
    char text[256];
    close_text(text, sizeof text, why->reply_text);
    *code = why->reply_code;
    confirm_close(link, channel);
    return svi_fail(err, SVI_BAD_ANSWER, "The broker refuses to %s: %s.", what, text);
}

bool svi_amqp_link_sent(struct svi_amqp_link *link, int status, struct svi_error *err)
{
    if (status == AMQP_STATUS_TABLE_TOO_BIG)
        return svi_fail(err, SVI_BAD_PARAMETER, "The headers of a message are too large for the broker.");
    return status == AMQP_STATUS_OK || lost_by(link, status, err);
}

bool svi_amqp_channel_open(struct svi_amqp_link *link, amqp_channel_t channel, struct svi_error *err)
{
    int code;
    if (link->channels[channel].open)
        return true;
    amqp_channel_open(link->state, channel);
    link->channels[channel].open = svi_amqp_link_check(link, channel, "open a channel", &code, err);
    return link->channels[channel].open;
}

bool svi_amqp_confirm_open(struct svi_amqp_link *link, amqp_channel_t channel, struct svi_error *err)
{
    int code;
    if (link->channels[channel].open)
        return true;
    link->settled = link->refused = 0;
    if (!svi_amqp_channel_open(link, channel, err))
        return false;
    amqp_confirm_select(link->state, channel);
    return svi_amqp_link_check(link, channel, "confirm messages", &code, err);
}

/* ---- what comes ---- */

void svi_amqp_delivery_free(struct svi_amqp_delivery *delivery)
{
    if (!delivery)
        return;
    svi_celery_message_clear(&delivery->message);
    free(delivery);
}

static void short_text(char into[256], amqp_bytes_t text)
{
    svi_format(into, 256, "%.*s", (int)(text.len > 255 ? 255 : text.len), (const char *)text.bytes);
}

/* NULL: no memory; the frames that follow then break the connection. */
static struct svi_amqp_delivery *begin(struct svi_amqp_link *link, amqp_channel_t channel, uint64_t tag, bool redelivered,
                                       amqp_bytes_t exchange, amqp_bytes_t key)
{
    struct svi_amqp_delivery *delivery = calloc(1, sizeof *delivery);
    svi_amqp_delivery_free(link->channels[channel].incoming.now);
    link->channels[channel].incoming = (struct incoming){ .now = delivery };
    if (delivery) {
        delivery->tag = tag;
        delivery->redelivered = redelivered;
        short_text(delivery->exchange, exchange);
        short_text(delivery->key, key);
    }
    return delivery;
}

void svi_amqp_link_got(struct svi_amqp_link *link, amqp_channel_t channel, const amqp_basic_get_ok_t *got)
{
    begin(link, channel, got->delivery_tag, got->redelivered, got->exchange, got->routing_key);
}

static void complete(struct svi_amqp_link *link, struct channel *channel)
{
    struct svi_amqp_delivery *delivery = channel->incoming.now;
    bool returned = channel->incoming.returned, full = channel->count >= WAITING_LIMIT;
    channel->incoming = (struct incoming){ 0 };
    link->stirred = true;
    link->refused += returned;
    if (full)
        svi_log(SVI_LOG_ERROR, "broker: a message is dropped, %d wait already", WAITING_LIMIT);
    if (returned || full) {
        svi_amqp_delivery_free(delivery);
        return;
    }
    if (channel->last)
        channel->last->next = delivery;
    else
        channel->first = delivery;
    channel->last = delivery;
    channel->count++;
}

static void spoil(struct svi_amqp_delivery *delivery, const char *why)
{
    svi_celery_message_clear(&delivery->message);
    delivery->broken = true;
    svi_format(delivery->why, sizeof delivery->why, "%s", why);
}

/* Where a message came from stands in its delivery; kombu shows it in the properties. */
static bool add_delivery_info(struct svi_amqp_delivery *delivery, struct svi_error *err)
{
    json_t *info = json_pack("{s:s, s:s}", "exchange", delivery->exchange, "routing_key", delivery->key);
    if (delivery->redelivered && info)
        json_object_set_new(info, "redelivered", json_true());
    return (info && json_object_set_new(delivery->message.properties, "delivery_info", info) == 0)
           || svi_fail(err, SVI_BAD_ANSWER, "Its routing key is no text.");
}

static bool on_header(struct svi_amqp_link *link, struct channel *channel, const amqp_frame_t *frame, struct svi_error *err)
{
    struct incoming *incoming = &channel->incoming;
    struct svi_error why = { 0 };
    if (!incoming->now || incoming->has_header || frame->payload.properties.class_id != AMQP_BASIC_CLASS)
        return lost(link, "a header came that belongs to no message", err);
    incoming->has_header = true;
    incoming->left_bytes = frame->payload.properties.body_size;
    if (incoming->left_bytes > SVI_CELERY_MESSAGE_LIMIT_BYTES)
        spoil(incoming->now, "It is too large.");
    else if (!svi_amqp_properties_read(&incoming->now->message, frame->payload.properties.decoded, &why)
             || !add_delivery_info(incoming->now, &why))
        spoil(incoming->now, why.message);
    if (!incoming->left_bytes)
        complete(link, channel);
    return true;
}

static bool on_body(struct svi_amqp_link *link, struct channel *channel, amqp_bytes_t piece, struct svi_error *err)
{
    struct incoming *incoming = &channel->incoming;
    if (!incoming->now || !incoming->has_header || piece.len > incoming->left_bytes)
        return lost(link, "bytes came that belong to no message", err);
    if (!incoming->now->broken && !svi_buffer_add(&incoming->now->message.body, piece.bytes, piece.len))
        spoil(incoming->now, "There is not enough memory for it.");
    incoming->left_bytes -= piece.len;
    if (!incoming->left_bytes)
        complete(link, channel);
    return true;
}

static void on_settled(struct svi_amqp_link *link, uint64_t tag, bool refused)
{
    link->settled = tag > link->settled ? tag : link->settled;
    link->refused += refused;
    link->stirred = true;
}

static bool on_channel_close(struct svi_amqp_link *link, amqp_channel_t channel, const amqp_channel_close_t *why)
{
    char text[256];
    close_text(text, sizeof text, why->reply_text);
    svi_log(SVI_LOG_WARNING, "broker: it closes a channel: %s", text);
    confirm_close(link, channel);
    return true;
}

static bool on_deliver(struct svi_amqp_link *link, amqp_channel_t channel, const amqp_basic_deliver_t *it, struct svi_error *err)
{
    struct svi_amqp_delivery *now = begin(link, channel, it->delivery_tag, it->redelivered, it->exchange, it->routing_key);
    if (now)
        short_text(now->consumer, it->consumer_tag);
    return now || svi_fail_memory(err, sizeof *now);
}

static bool on_return(struct svi_amqp_link *link, amqp_channel_t channel, const amqp_basic_return_t *it, struct svi_error *err)
{
    if (!begin(link, channel, 0, false, it->exchange, it->routing_key))
        return svi_fail_memory(err, sizeof(struct svi_amqp_delivery));
    link->channels[channel].incoming.returned = true;
    return true;
}

static bool on_method(struct svi_amqp_link *link, amqp_channel_t channel, const amqp_method_t *method, struct svi_error *err)
{
    int code;
    switch (method->id) {
    case AMQP_CONNECTION_CLOSE_METHOD:
        return lost_by_close(link, method->decoded, &code, err);
    case AMQP_CONNECTION_BLOCKED_METHOD:
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
        link->blocked = method->id == AMQP_CONNECTION_BLOCKED_METHOD;
        link->stirred = true;
        svi_log(SVI_LOG_WARNING, "broker: it %s",
                link->blocked ? "is short of memory or disk and takes nothing" : "takes messages again");
        return true;
    case AMQP_CHANNEL_CLOSE_METHOD:
        return on_channel_close(link, channel, method->decoded);
    case AMQP_BASIC_CANCEL_METHOD:
        return lost(link, "a queue is gone, or moves to another node", err);
    case AMQP_BASIC_DELIVER_METHOD:
        return on_deliver(link, channel, method->decoded, err);
    case AMQP_BASIC_RETURN_METHOD:
        return on_return(link, channel, method->decoded, err);
    case AMQP_BASIC_ACK_METHOD:
        on_settled(link, ((const amqp_basic_ack_t *)method->decoded)->delivery_tag, false);
        return true;
    case AMQP_BASIC_NACK_METHOD:
        on_settled(link, ((const amqp_basic_nack_t *)method->decoded)->delivery_tag, true);
        return true;
    default:
        return true;
    }
}

static bool read_frame(struct svi_amqp_link *link, bool *got, struct svi_error *err)
{
    struct timeval none = { 0, 0 };
    amqp_frame_t frame;
    int status = amqp_simple_wait_frame_noblock(link->state, &frame, &none);
    *got = status == AMQP_STATUS_OK;
    if (status == AMQP_STATUS_TIMEOUT)
        return true;
    if (!*got)
        return lost_by(link, status, err);
    if (frame.channel >= SVI_AMQP_CHANNELS)
        return lost(link, "it speaks on a channel that was not opened", err);
    struct channel *channel = &link->channels[frame.channel];
    bool ok = true;
    if (frame.frame_type == AMQP_FRAME_METHOD)
        ok = on_method(link, frame.channel, &frame.payload.method, err);
    else if (frame.frame_type == AMQP_FRAME_HEADER)
        ok = on_header(link, channel, &frame, err);
    else if (frame.frame_type == AMQP_FRAME_BODY)
        ok = on_body(link, channel, frame.payload.body_fragment, err);
    /* All was copied out of the frame. */
    amqp_maybe_release_buffers(link->state);
    return ok;
}

static bool something_waits(const struct svi_amqp_link *link)
{
    for (size_t i = 0; i < SVI_AMQP_CHANNELS; i++)
        if (link->channels[i].first)
            return true;
    return link->stirred;
}

bool svi_amqp_link_listen(struct svi_amqp_link *link, double until_s, int wake_fd, struct svi_error *err)
{
    bool woken = false;
    for (link->stirred = false;;) {
        bool got = true;
        /* What the library has read ahead lies in it, where poll does not see it: first all of that. */
        while (got && !something_waits(link))
            if (!read_frame(link, &got, err))
                return false;
        const double left_s = until_s - svi_now_s();
        if (something_waits(link) || woken || left_s <= 0)
            return true;
        struct pollfd fds[] = { { amqp_get_sockfd(link->state), POLLIN, 0 }, { wake_fd, POLLIN, 0 } };
        /* A heartbeat may be due in between. */
        woken = poll(fds, 2, (int)fmin(ceil(left_s * 1000), 1000)) > 0 && fds[1].revents;
    }
}

struct svi_amqp_delivery *svi_amqp_link_take(struct svi_amqp_link *link, amqp_channel_t channel)
{
    struct channel *at = &link->channels[channel];
    struct svi_amqp_delivery *delivery = at->first;
    if (!delivery)
        return NULL;
    at->first = delivery->next;
    if (!at->first)
        at->last = NULL;
    at->count--;
    delivery->next = NULL;
    return delivery;
}

bool svi_amqp_link_blocked(const struct svi_amqp_link *link)
{
    return link->blocked;
}

void svi_amqp_link_confirmed(const struct svi_amqp_link *link, uint64_t *settled, uint64_t *refused)
{
    *settled = link->settled;
    *refused = link->refused;
}
