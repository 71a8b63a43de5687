#include "host/server_link.h"

#include "base/stopwatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT_BYTES = 8, ONE_PIECE_BYTES = 1 << 20 };

struct svi_server_link {
    int fd;
    SSL *tls;
    SSL_CTX *context;
    char label[320];
};

/* What one attempt to move bytes came to. */
enum moved { MOVED, WANTS_INPUT, WANTS_OUTPUT, ENDED, BROKEN };

static bool fail_lost(const struct svi_server_link *stream, const char *why, struct svi_error *err)
{
    return svi_fail(err, SVI_UNREACHABLE, "%s cannot be reached.", stream->label) || svi_because(err, "%s", why);
}

/* ---- waiting ---- */

/* False where the time was over first. */
static bool wait_for(int fd, short events, double until_s)
{
    for (;;) {
        struct pollfd ready = { .fd = fd, .events = events };
        double left_s = until_s - svi_now_s();
        int count = poll(&ready, 1, (int)fmin(fmax(ceil(left_s * 1000), 0), 60000));
        if (count > 0)
            return true;
        if ((count == 0 || errno == EINTR) && svi_now_s() < until_s)
            continue;
        return count < 0 && errno != EINTR; /* then the next call on the descriptor says what is wrong */
    }
}

static bool wait_to_move(const struct svi_server_link *stream, enum moved wish, double until_s)
{
    return wait_for(stream->fd, wish == WANTS_INPUT ? POLLIN : POLLOUT, until_s);
}

/* ---- sockets ---- */

static bool connect_to(struct svi_server_link *stream, int family, int protocol, const struct sockaddr *address, socklen_t size,
                       double until_s)
{
    stream->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (stream->fd < 0)
        return false;
    if (connect(stream->fd, address, size) == 0)
        return true;
    int why = errno;
    if (why == EINPROGRESS) {
        socklen_t length = sizeof why;
        why = ETIMEDOUT;
        if (wait_for(stream->fd, POLLOUT, until_s) && getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &why, &length) == 0 && why == 0)
            return true;
    }
    close(stream->fd);
    stream->fd = -1;
    errno = why;
    return false;
}

static bool open_path(struct svi_server_link *stream, const char *path, double until_s, struct svi_error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (!svi_format(address.sun_path, sizeof address.sun_path, "%s", path))
        return svi_fail(err, SVI_BAD_USAGE, "The path of the Unix socket is longer than the system allows.");
    if (connect_to(stream, AF_UNIX, 0, (const struct sockaddr *)&address, sizeof address, until_s))
        return true;
    return fail_lost(stream, strerror(errno), err);
}

static bool open_host(struct svi_server_link *stream, const char *host, int port, double until_s, struct svi_error *err)
{
    char service[PORT_BYTES];
    svi_format(service, sizeof service, "%d", port);
    const struct addrinfo wish = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    int why = getaddrinfo(host, service, &wish, &found);
    if (why != 0)
        return fail_lost(stream, why == EAI_SYSTEM ? strerror(errno) : gai_strerror(why), err);
    bool ok = false;
    for (const struct addrinfo *at = found; at && !ok; at = at->ai_next)
        ok = connect_to(stream, at->ai_family, at->ai_protocol, at->ai_addr, at->ai_addrlen, until_s);
    int last = errno, on = 1;
    freeaddrinfo(found);
    if (!ok)
        return fail_lost(stream, strerror(last), err);
    setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(stream->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return true;
}

/* ---- TLS ---- */

static bool fail_file(const char *what, const char *path, struct svi_error *err)
{
    char why[200];
    ERR_error_string_n(ERR_get_error(), why, sizeof why);
    ERR_clear_error();
    return svi_fail(err, SVI_BAD_USAGE, "%s cannot be used.", what) || svi_because(err, "%s: %s", path, why);
}

static bool read_files(SSL_CTX *context, const struct svi_server_link_tls *tls, struct svi_error *err)
{
    if (tls->ca_file[0] ? SSL_CTX_load_verify_file(context, tls->ca_file) != 1 : SSL_CTX_set_default_verify_paths(context) != 1)
        return fail_file("The file of certificates of authorities (ssl_ca_certs)", tls->ca_file, err);
    if (!tls->own_file[0])
        return true;
    if (SSL_CTX_use_certificate_chain_file(context, tls->own_file) != 1)
        return fail_file("The certificate to be shown to the server (ssl_certfile)", tls->own_file, err);
    const char *key = tls->key_file[0] ? tls->key_file : tls->own_file;
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return fail_file("The key of the certificate to be shown to the server (ssl_keyfile)", key, err);
    return true;
}

static bool is_address(const char *host)
{
    struct in6_addr ignored;
    return inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, host, &ignored) == 1;
}

static bool name_server(SSL *tls, const char *host, bool any_name)
{
    bool address = is_address(host);
    if (!address && SSL_set_tlsext_host_name(tls, host) != 1)
        return false;
    if (any_name)
        return true;
    return address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1 : SSL_set1_host(tls, host) == 1;
}

static enum moved outcome_of(const struct svi_server_link *stream, int result)
{
    switch (SSL_get_error(stream->tls, result)) {
    case SSL_ERROR_NONE:
        return MOVED;
    case SSL_ERROR_WANT_READ:
        return WANTS_INPUT;
    case SSL_ERROR_WANT_WRITE:
        return WANTS_OUTPUT;
    case SSL_ERROR_ZERO_RETURN:
        return ENDED;
    default:
        return BROKEN;
    }
}

static bool fail_handshake(const struct svi_server_link *stream, enum moved moved, struct svi_error *err)
{
    unsigned long code = ERR_get_error();
    char why[200] = "no answer to the TLS handshake: it may be a port without TLS";
    if (code)
        ERR_error_string_n(code, why, sizeof why);
    else if (moved == BROKEN || moved == ENDED)
        svi_format(why, sizeof why, "closed in the middle of the TLS handshake");
    ERR_clear_error();
    long verdict = SSL_get_verify_result(stream->tls);
    if (verdict != X509_V_OK)
        return svi_fail(err, SVI_UNREACHABLE, "The certificate of %s cannot be verified.", stream->label)
               || svi_because(err, "%s", X509_verify_cert_error_string(verdict));
    if (ERR_GET_LIB(code) == ERR_LIB_SSL
        && (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST))
        return svi_fail(err, SVI_BAD_USAGE, "%s does not speak TLS.", stream->label) || svi_because(err, "%s", why);
    return fail_lost(stream, why, err);
}

static bool shake_hands(struct svi_server_link *stream, double until_s, struct svi_error *err)
{
    for (;;) {
        ERR_clear_error();
        int result = SSL_connect(stream->tls);
        if (result == 1)
            return true;
        enum moved moved = outcome_of(stream, result);
        if ((moved != WANTS_INPUT && moved != WANTS_OUTPUT) || !wait_to_move(stream, moved, until_s))
            return fail_handshake(stream, moved, err);
    }
}

static bool start_tls(struct svi_server_link *stream, const struct svi_server_link_settings *settings, double until_s,
                      struct svi_error *err)
{
    const struct svi_server_link_tls *tls = settings->tls;
    stream->context = SSL_CTX_new(TLS_client_method());
    if (!stream->context || SSL_CTX_set_min_proto_version(stream->context, TLS1_2_VERSION) != 1)
        return svi_fail(err, SVI_OUT_OF_MEMORY, "TLS could not be prepared.");
    SSL_CTX_set_verify(stream->context, tls->trust_anyone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(stream->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!read_files(stream->context, tls, err))
        return false;
    stream->tls = SSL_new(stream->context);
    if (!stream->tls || SSL_set_fd(stream->tls, stream->fd) != 1
        || !name_server(stream->tls, settings->host, tls->trust_any_name || tls->trust_anyone))
        return svi_fail(err, SVI_OUT_OF_MEMORY, "TLS could not be prepared.");
    return shake_hands(stream, until_s, err);
}

/* ---- opening and closing ---- */

bool svi_server_link_open(struct svi_server_link **out, const struct svi_server_link_settings *settings, struct svi_error *err)
{
    struct svi_server_link *stream = calloc(1, sizeof *stream);
    if (!stream)
        return svi_fail_memory(err, sizeof *stream);
    stream->fd = -1;
    svi_text_clean(stream->label, sizeof stream->label, settings->label);
    double until_s = svi_now_s() + settings->connect_timeout_s;
    bool ok = settings->path[0] ? open_path(stream, settings->path, until_s, err)
                                : open_host(stream, settings->host, settings->port, until_s, err);
    if (ok && (!settings->tls || start_tls(stream, settings, until_s, err))) {
        *out = stream;
        return true;
    }
    svi_server_link_close(stream);
    return false;
}

void svi_server_link_close(struct svi_server_link *stream)
{
    if (!stream)
        return;
    if (stream->tls && SSL_is_init_finished(stream->tls))
        SSL_shutdown(stream->tls); /* says good-bye and does not wait for the same */
    ERR_clear_error();
    SSL_free(stream->tls);
    SSL_CTX_free(stream->context);
    if (stream->fd >= 0)
        close(stream->fd);
    free(stream);
}

int svi_server_link_fd(const struct svi_server_link *stream)
{
    return stream->fd;
}

/* ---- moving bytes ---- */

static enum moved of_errno(enum moved wish)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? wish : BROKEN;
}

static enum moved read_some(struct svi_server_link *stream, void *into, size_t size, size_t *count)
{
    if (stream->tls) {
        ERR_clear_error();
        return outcome_of(stream, SSL_read_ex(stream->tls, into, size, count));
    }
    ssize_t got = recv(stream->fd, into, size, 0);
    if (got < 0)
        return of_errno(WANTS_INPUT);
    *count = (size_t)got;
    return got ? MOVED : ENDED;
}

static enum moved write_some(struct svi_server_link *stream, struct svi_bytes bytes, size_t *count)
{
    size_t size = bytes.count < ONE_PIECE_BYTES ? bytes.count : ONE_PIECE_BYTES;
    if (stream->tls) {
        ERR_clear_error();
        return outcome_of(stream, SSL_write_ex(stream->tls, bytes.at, size, count));
    }
    ssize_t put = send(stream->fd, bytes.at, size, MSG_NOSIGNAL);
    if (put < 0)
        return of_errno(WANTS_OUTPUT);
    *count = (size_t)put;
    return MOVED;
}

static bool fail_moving(const struct svi_server_link *stream, enum moved moved, int why, struct svi_error *err)
{
    ERR_clear_error();
    return fail_lost(stream, moved == ENDED ? "the server closed the connection" : why ? strerror(why) : "broken TLS", err);
}

bool svi_server_link_read(struct svi_server_link *stream, void *into, size_t size, double until_s, size_t *count,
                          struct svi_error *err)
{
    for (;;) {
        *count = 0;
        errno = 0;
        enum moved moved = read_some(stream, into, size, count);
        if (moved == MOVED)
            return true;
        if (moved == ENDED || moved == BROKEN)
            return fail_moving(stream, moved, errno, err);
        if (svi_now_s() >= until_s || !wait_to_move(stream, moved, until_s))
            return true;
    }
}

bool svi_server_link_write(struct svi_server_link *stream, struct svi_bytes bytes, double until_s, struct svi_error *err)
{
    while (bytes.count) {
        size_t count = 0;
        errno = 0;
        enum moved moved = write_some(stream, bytes, &count);
        if (moved == ENDED || moved == BROKEN)
            return fail_moving(stream, moved, errno, err);
        if (moved != MOVED && !wait_to_move(stream, moved, until_s))
            return fail_lost(stream, "it takes no bytes", err);
        bytes.at += count;
        bytes.count -= count;
    }
    return true;
}
