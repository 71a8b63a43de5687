/* http_client.h - between the files of the HTTP client alone: one exchange with the platform, and what to do after it. */
#ifndef SVI_HOST_HTTP_CLIENT_H
#define SVI_HOST_HTTP_CLIENT_H

#include "host/http.h"

#include <curl/curl.h>

/* What came of one try. */
enum svi_http_verdict {
    SVI_HTTP_DONE,
    SVI_HTTP_NOT_REACHED, /* the platform certainly did nothing */
    SVI_HTTP_REFUSED,     /* it answered that it cannot do it now */
    SVI_HTTP_LOST,        /* it may have done it */
    SVI_HTTP_FINAL        /* another try would end the same way */
};

/* One request and where its answer goes; the same struct serves all tries. */
struct svi_http_exchange {
    const char *method, *path;
    struct svi_bytes json;            /* body of a POST, at NULL: none */
    const struct svi_http_form *form; /* the parts of a multipart POST, or NULL */
    enum svi_http_effect effect;
    bool transfer; /* takes as long as it moves */

    /* For downloads, or NULL. start: the head of an answer came; true where the body goes to `take`, otherwise it goes into the
     * answer. Both may fail by reporting to `failure`. */
    bool (*start)(void *self, long status);
    bool (*take)(void *self, const uint8_t *bytes, size_t count);
    /* After a try that failed: may change the verdict and the request. True where the try brought so much that it is not counted.
     */
    bool (*again)(void *self, enum svi_http_verdict *verdict);
    void *self;
    const char *range;               /* "4711-": asks for a part, or NULL */
    const struct curl_slist *header; /* one more request header, whose `next` is the client's list; or NULL */

    struct svi_http_answer *answer;
    struct svi_error failure; /* of what was done with the answer while it came */

    /* The callbacks' own. */
    struct svi_http *http;
    size_t header_bytes;
    bool gone_out, gone_again; /* in this try */
    bool started, diverted;
};

struct svi_http_line {
    CURL *curl;
};

struct svi_http {
    CURL *curl;
    bool borrowed;              /* curl is of a line that outlives us */
    struct curl_slist *headers; /* the first holds the token */
    char *base_url, *ca_file;   /* base_url has no slash at its end */
    bool no_proxy;              /* whatever the environment says */
    size_t token_offset;        /* of the token in the first header */
    char user_agent[64];
    const atomic_int *stop, *stop2;
    struct svi_http_policy policy;
};

/* One try. Writes `err` unless DONE. */
enum svi_http_verdict svi_http_try(struct svi_http *http, struct svi_http_exchange *exchange, struct svi_error *err);

/* All tries, with the pauses between them. */
bool svi_http_converse(struct svi_http *http, struct svi_http_exchange *exchange, struct svi_error *err);

/* Writes text from outside in one line without the token; ends with "…" where it was cut. */
void svi_http_quote(const struct svi_http *http, char *into, size_t size, struct svi_bytes text);

/* True where the client was told to stop. */
bool svi_http_stopped(const struct svi_http *http);

/* The pause before try number `next` (1 is the first repetition): the platform's wish after the exchange just made, or jitter. */
double svi_http_backoff_s(struct svi_http *http, unsigned next);

#endif
