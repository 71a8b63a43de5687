/* server_link.h - bytes to and from a server, over TCP, a Unix socket or TLS, with an end to every wait. Knows no protocol above
 * TLS. The process has to ignore SIGPIPE: a TLS connection that the other side closed raises it. */
#ifndef SVI_HOST_SERVER_LINK_H
#define SVI_HOST_SERVER_LINK_H

#include "base/bytes.h"
#include "base/error.h"

/* Whom to believe, and what to show. Files are PEM; "" where there is none. */
struct svi_server_link_tls {
    bool trust_anyone;    /* no certificate is asked for: an explicit wish of the operator */
    bool trust_any_name;  /* a good certificate will do, whoever it is for */
    const char *ca_file;  /* authorities; "": the system's */
    const char *own_file; /* our certificate, for servers that want one */
    const char *key_file; /* its key */
};

struct svi_server_link_settings {
    const char *label; /* the server, for messages: "The Redis server at db:6379" */
    const char *host;  /* a name or an address */
    int port;
    const char *path;                      /* of a Unix socket; "": host and port count */
    const struct svi_server_link_tls *tls; /* NULL: none */
    double connect_timeout_s;              /* TLS included */
};

struct svi_server_link;

/* Not reached, or not to be believed: SVI_UNREACHABLE. Files that cannot be read, a server that speaks no TLS: SVI_BAD_USAGE. */
bool svi_server_link_open(struct svi_server_link **out, const struct svi_server_link_settings *settings, struct svi_error *err);
void svi_server_link_close(struct svi_server_link *stream); /* takes NULL */

/* To poll with, once svi_server_link_read has found nothing: TLS may have bytes in hand of which the descriptor shows nothing. */
int svi_server_link_fd(const struct svi_server_link *stream);

/* Waits until `until_s` (svi_now_s) for the first byte, and takes what is there. *count 0: nothing came in time. The end of the
 * stream is SVI_UNREACHABLE. */
bool svi_server_link_read(struct svi_server_link *stream, void *into, size_t size, double until_s, size_t *count,
                          struct svi_error *err);

/* Writes all; not in time: SVI_UNREACHABLE. */
bool svi_server_link_write(struct svi_server_link *stream, struct svi_bytes bytes, double until_s, struct svi_error *err);

#endif
