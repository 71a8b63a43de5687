/* fake_service.h - a stand-in for the platform on a loopback port, in threads, that misbehaves as it is told and remembers what it
 * was asked. It keeps no jobs: any job may be given any status. */
#ifndef SVI_TESTS_FAKE_SERVICE_H
#define SVI_TESTS_FAKE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is done in place of the proper answer, after the request was read. */
enum fake_fault {
    FAKE_NONE,
    FAKE_STATUS,     /* answers `number`, with the request's own headers in the body */
    FAKE_RETRY,      /* 503 with "Retry-After: <number>" */
    FAKE_NO_JOB,     /* 400, the job does not exist */
    FAKE_NO_RESULT,  /* 400, a result that the status names does not exist */
    FAKE_REDIRECT,   /* `number`, to another port, the token in the URL */
    FAKE_NO_HTTP,    /* bytes that are no HTTP */
    FAKE_NO_JSON,    /* a proper answer whose body is a page, with the request's own headers in it */
    FAKE_WRONG_JSON, /* {"status": "success", "data": []} */
    FAKE_NOT_SAVED,  /* {"status": "success", "data": {ids that are 0, for another job}} */
    FAKE_SHORT,      /* announces 50 bytes more than it sends */
    FAKE_LONG,       /* announces 5 bytes less than it sends */
    FAKE_HUGE,       /* announces `number` MiB, and sends zeros until nobody listens */
    FAKE_HEADERS,    /* header lines until nobody listens */
    FAKE_CUT,        /* closes without an answer */
    FAKE_CUT_BODY,   /* closes after `number` bytes of the body */
    FAKE_HANG,       /* says nothing until the other side goes away */
    FAKE_DRIP,       /* sends the answer byte by byte, 20 a second */
    FAKE_OTHER_PART, /* 206 with bytes from the beginning, whatever was asked for */
    FAKE_NO_RANGE,   /* 416 */
    FAKE_RAW         /* sends `raw` of the settings, head and all, and closes */
};

/* Applies to requests whose line begins with `call`: "POST /api/jobs/save-job-data/". */
struct fake_rule {
    const char *call;
    enum fake_fault fault;
    int number;
    unsigned times; /* 0: always */
    unsigned after; /* that many requests are answered properly first */
    bool multipart; /* only to a multipart body */
    bool json;      /* only to a JSON body */
};

struct fake_settings {
    const char *token;
    const char *metadata; /* the answer of job-metadata */
    const char *later;    /* the answer of job-metadata from its second request on; NULL: the same */
    const char *captures; /* the answer of captures/list */
    const void *file;     /* the answer of job-file, and of files/ID/content, for every id */
    size_t file_bytes;
    bool no_ranges, no_length;
    const char *etag; /* or NULL */
    const void *raw;
    size_t raw_bytes;
    const struct fake_rule *rules;
    size_t rule_count;
};

struct fake_service;

/* Ends the test where it cannot be started. The settings must live until the stop. */
struct fake_service *fake_service_start(const struct fake_settings *settings);
void fake_service_stop(struct fake_service *service);

/* "http://127.0.0.1:40123" */
const char *fake_service_url(const struct fake_service *service);

/* What was asked so far, in order, separated by spaces: "running", "metadata", "file:12", "file:12+4096" (a range from there),
 * "captures", "content:1b2c",
 * "picture", "summary", "completed", "failed"; anything else as method and path. "!" behind it: without the right token. */
const char *fake_service_story(struct fake_service *service);

/* The body of the request whose place in the story this is, with a zero byte behind it; NULL past the end. */
const char *fake_service_body(struct fake_service *service, size_t i, size_t *count);

/* The head of that request. */
const char *fake_service_head(struct fake_service *service, size_t i);

size_t fake_service_requests(struct fake_service *service);
size_t fake_service_connections(struct fake_service *service);

/* Blocks until that many requests have come in. */
void fake_service_wait(struct fake_service *service, size_t requests);

#endif
