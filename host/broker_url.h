/* broker_url.h - where a broker is, as Celery's users write it: redis://, rediss://, redis+socket://, amqp://, amqps://,
 * filesystem://. Knows no sockets. */
#ifndef SVI_HOST_BROKER_URL_H
#define SVI_HOST_BROKER_URL_H

#include "base/error.h"
#include "base/json.h"

enum svi_broker_transport { SVI_BROKER_REDIS, SVI_BROKER_AMQP, SVI_BROKER_FOLDER };

/* One place. All texts are decoded, and "" where the URL does not say. */
struct svi_broker_url {
    enum svi_broker_transport transport;
    bool tls;
    char *user, *password;
    char *host;         /* without the brackets of IPv6; "" for a socket or a folder */
    int port;           /* the scheme's own where the URL names none */
    char *path;         /* of a Unix socket, or of the folder */
    char *virtual_host; /* of AMQP: "/" where the URL says none */
    int database;       /* of Redis */
    json_t *query;      /* an object of texts: what stands behind the question mark */
};

/* One URL, or several with semicolons between them: each is tried in turn. */
struct svi_broker_urls {
    struct svi_broker_url *at;
    size_t count; /* at least 1 */
};

/* Anything else than such URLs: SVI_BAD_USAGE, without showing any part that may be a password. */
bool svi_broker_urls_parse(struct svi_broker_urls *out, const char *text, struct svi_error *err);
void svi_broker_urls_clear(struct svi_broker_urls *urls);

/* For people: scheme, user, host, port and the like; the password is "**". */
void svi_broker_url_show(const struct svi_broker_url *url, char *into, size_t size);

#endif
