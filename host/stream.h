/* stream.h - bytes to and from a server, over TCP, a Unix socket or TLS, with an end to every wait. Knows no protocol above TLS.
 * The process has to ignore SIGPIPE: a TLS connection that the other side closed raises it. */
#ifndef SVI_HOST_STREAM_H
#define SVI_HOST_STREAM_H

#include "base/bytes.h"
#include "base/error.h"

/* Whom to believe, and what to show. Files are PEM; "" where there is none. */
struct svi_stream_tls {
    bool trust_anyone;    /* no certificate is asked for: an explicit wish of the operator */
    bool trust_any_name;  /* a good certificate will do, whoever it is for */
    const char *ca_file;  /* authorities; "": the system's */
    const char *own_file; /* our certificate, for servers that want one */
    const char *key_file; /* its key */
};

struct svi_stream_settings {
    const char *label; /* the server, for messages: "The Redis server at db:6379" */
    const char *host;  /* a name or an address */
    int port;
    const char *path;                 /* of a Unix socket; "": host and port count */
    const struct svi_stream_tls *tls; /* NULL: none */
    double connect_timeout_s;         /* TLS included */
};

struct svi_stream;

/* Not reached, or not to be believed: SVI_UNREACHABLE. Files that cannot be read, a server that speaks no TLS: SVI_BAD_USAGE. */
bool svi_stream_open(struct svi_stream **out, const struct svi_stream_settings *settings, struct svi_error *err);
void svi_stream_close(struct svi_stream *stream); /* takes NULL */

/* To poll with, once svi_stream_read has found nothing: TLS may have bytes in hand of which the descriptor shows nothing. */
int svi_stream_fd(const struct svi_stream *stream);

/* Waits until `until_s` (svi_now_s) for the first byte, and takes what is there. *count 0: nothing came in time. The end of the
 * stream is SVI_UNREACHABLE. */
bool svi_stream_read(struct svi_stream *stream, void *into, size_t size, double until_s, size_t *count, struct svi_error *err);

/* Writes all; not in time: SVI_UNREACHABLE. */
bool svi_stream_write(struct svi_stream *stream, struct svi_bytes bytes, double until_s, struct svi_error *err);

#endif
