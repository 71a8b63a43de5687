/* submit.h - gives a job to a platform, waits for its end if asked to, and fetches its results.
 *
 * Knows the calls of a platform from the user's side; knows nothing of how a job is worked on. */
#ifndef SVI_HOST_SUBMIT_H
#define SVI_HOST_SUBMIT_H

#include "base/error.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct svi_submission {
    const char *api_url;      /* "http://127.0.0.1:8000" */
    const char *ca_file;      /* see svi_http_options; or NULL */
    const char *token;        /* never in a message or a log */
    const char *type;         /* "spectrogram" */
    const char *config;       /* JSON text of an object, or NULL */
    const char *const *files; /* paths of local files that are uploaded with the job */
    size_t file_count;
    bool (*accepted)(void *self, int64_t job, struct svi_error *err); /* called before the wait; false ends it; or NULL */
    void *accepted_self;
    bool wait;                  /* until the job is completed or failed, or nothing is heard of it for a minute */
    double poll_interval_s;     /* 0: half a second */
    double time_limit_s;        /* of the wait; 0: none */
    const char *results_folder; /* where the results go; NULL: not fetched. Needs wait. */
    const atomic_int *stop;     /* where not 0 (set by a signal handler), all waits end with SVI_CANCELLED; or NULL */
};

enum { SVI_SUBMIT_MOST_FURTHER = 64 };

struct svi_submission_outcome {
    int64_t job;                               /* 0 where it was not accepted */
    char status[16];                           /* the last one seen: "submitted", "running", "completed", "failed" */
    int64_t picture_id, summary_id;            /* ids of the results; 0 for none */
    char picture[256], summary[256];           /* file names in results_folder; "" for none */
    char further[SVI_SUBMIT_MOST_FURTHER][64]; /* of further results, where the platform tells of them */
    size_t further_count;
};

/* False: not accepted, or the job failed (the message is the job's own error), or its results could not be fetched. The outcome is
 * filled as far as it went. */
bool svi_submit(const struct svi_submission *submission, struct svi_submission_outcome *outcome, struct svi_error *err);

#endif
