/* http.h - one request, one bounded answer. Timeouts, retries, and the handling of the token live here; knows nothing of jobs.
 *
 * Redirects are not followed: an answer 3xx is an error. TLS is always verified. The token is sent to the base URL's host alone, on
 * the way through the proxy that the environment names, but for a platform on this machine. It appears in no message, cause or log
 * line, even where the other side sends it back. The process has to ignore SIGPIPE: a TLS connection that the other side closed
 * raises it. */
#ifndef SVI_HOST_HTTP_H
#define SVI_HOST_HTTP_H

#include "base/bytes.h"
#include "base/error.h"

#include <stdatomic.h>

/* How patient a client is. Tests take milliseconds where the service takes seconds. */
struct svi_http_policy {
    unsigned tries;           /* of one request, the first included */
    double backoff_s;         /* the pause before retry k = 0, 1, … is random between 0 and backoff_s * 2^k */
    double longest_pause_s;   /* no pause is longer, whatever the backoff or the platform's Retry-After says */
    double connect_timeout_s; /* name, connection and TLS */
    double total_timeout_s;   /* of a call. Transfers of files may take longer, as long as they move. */
    double stall_timeout_s;   /* of transfers of files, in whole seconds: given up after that long below stall_speed */
    unsigned stall_speed;     /* bytes a second */
    double lookup_pause_s;    /* the first pause of a look-up that is tried again because the object may not be there yet */
    size_t answer_limit_bytes;
};

extern const struct svi_http_policy svi_http_standard_policy;

/* A connection that is kept from one client to the next of the same thread: it knows no token. */
struct svi_http_line;

bool svi_http_line_open(struct svi_http_line **out, struct svi_error *err);
void svi_http_line_close(struct svi_http_line *line); /* takes NULL */

struct svi_http_options {
    const char *base_url;   /* "http://django:8000"; http or https, with or without a path, no user, query or fragment */
    const char *token;      /* of the user who submitted the job */
    const char *ca_file;    /* certificates of authorities, PEM; NULL: the system's */
    const atomic_int *stop; /* where it is not 0, every wait ends with SVI_CANCELLED within about a second; or NULL */
    struct svi_http_policy policy;
    struct svi_http_line *line; /* of one client at a time; NULL: the client has its own */
};

/* A client keeps its connection between requests. One client is for one thread at a time; threads may each have their own. */
struct svi_http;

/* Does not connect. A bad URL or token: SVI_BAD_USAGE, without showing either. The options may go away afterwards, but for `stop`
 * and `line`. */
bool svi_http_open(struct svi_http **out, const struct svi_http_options *options, struct svi_error *err);

/* Wipes the token. Takes NULL. */
void svi_http_close(struct svi_http *http);

/* From now on `stop` ends waits too, as the one in the options does; NULL: no longer. It must live until then. */
void svi_http_stop_also(struct svi_http *http, const atomic_int *stop);

/* From now on nothing stops a request but its timeouts: for the last word about a job that was told to stop. */
void svi_http_ignore_stop(struct svi_http *http);

const struct svi_http_policy *svi_http_policy_of(const struct svi_http *http);

/* An answer. The caller starts it with { 0 } and ends it with svi_http_answer_clear; it may be used again for the next request.
 * After a failure it still holds the last answer that came, if any: status 0 where none did. */
struct svi_http_answer {
    long status;            /* 200, 404, … */
    struct svi_buffer body; /* at most answer_limit_bytes */
};

void svi_http_answer_clear(struct svi_http_answer *answer);

/* What a request does when it is sent twice. Both kinds are repeated where the platform was not reached, and on 429, 500, 502, 503
 * and 504. */
enum svi_http_effect {
    SVI_HTTP_IDEMPOTENT, /* nothing more: also repeated whenever an answer is lost */
    SVI_HTTP_ADDS        /* another record: an answer that is lost on the way is asked for once more, not oftener */
};

/* `path` begins with a slash and is added to the base URL. True for an answer 2xx that is complete; otherwise, after all retries:
 *   SVI_UNREACHABLE   no connection, no answer in time, cut off, 429 or 5xx
 *   SVI_UNAUTHORIZED  401, 403
 *   SVI_NOT_FOUND     404
 *   SVI_BAD_ANSWER    not HTTP, too large, 3xx, any other status
 *   SVI_CANCELLED     stopped
 * The cause names method, path and what happened, with the beginning of the answer's body. */
bool svi_http_get(struct svi_http *http, const char *path, struct svi_http_answer *answer, struct svi_error *err);

bool svi_http_post_json(struct svi_http *http, const char *path, struct svi_bytes json, enum svi_http_effect effect,
                        struct svi_http_answer *answer, struct svi_error *err);

/* One part of multipart form data, read from a file while it is sent. */
struct svi_http_file {
    const char *path;         /* on this machine */
    const char *name;         /* of the field, and the file's name for the platform: no quotes, no control characters */
    const char *content_type; /* "image/png" */
};

/* A text part. */
struct svi_http_field {
    const char *name, *text;
};

struct svi_http_form {
    const struct svi_http_field *fields;
    size_t field_count;
    const struct svi_http_file *files;
    size_t file_count;
};

/* A file that cannot be read: SVI_IO. */
bool svi_http_post_form(struct svi_http *http, const char *path, const struct svi_http_form *form, enum svi_http_effect effect,
                        struct svi_http_answer *answer, struct svi_error *err);
bool svi_http_post_file(struct svi_http *http, const char *path, const struct svi_http_file *file, enum svi_http_effect effect,
                        struct svi_http_answer *answer, struct svi_error *err);

/* Writes the body of the answer to a file from its beginning. A transfer that was cut goes on where it ended if the platform
 * honours Range, and begins anew if not; tries are counted from the last mebibyte that came. Larger than limit_bytes:
 * SVI_BAD_ANSWER; not written: SVI_IO. After a failure the file's content is undefined. */
bool svi_http_download(struct svi_http *http, const char *path, int fd, uint64_t limit_bytes, uint64_t *received_bytes,
                       struct svi_error *err);

/* The room that several files share while they arrive side by side: what of it is used is what lies on the disk. */
struct svi_http_room {
    uint64_t limit_bytes;
    _Atomic uint64_t used_bytes;
};

/* The same, into what is left of the room; a file that failed, or that is thrown away, stays counted. */
bool svi_http_download_into(struct svi_http *http, const char *path, int fd, struct svi_http_room *room, uint64_t *received_bytes,
                            struct svi_error *err);

/* Waits; false where the client was told to stop. */
bool svi_http_pause(struct svi_http *http, double seconds, struct svi_error *err);

#endif
