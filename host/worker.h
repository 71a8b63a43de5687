/* worker.h - one job from door to door: status, information, files, picture, results, status. The one file that knows all stages;
 * knows nothing of where jobs come from, or of how a picture is made. */
#ifndef SVI_HOST_WORKER_H
#define SVI_HOST_WORKER_H

#include "base/error.h"
#include "host/http.h"
#include "host/renderer_seam.h"

#include <stdint.h>

#define SVI_WORKER_INPUT_LIMIT_BYTES (UINT64_C(64) << 30)

struct svi_worker {
    const char *api_url;           /* see svi_http_options.base_url */
    const char *ca_file;           /* or NULL */
    struct svi_http_policy policy; /* svi_http_standard_policy */
    const char *work_folder;       /* each job gets a folder of its own below it; made where it is missing */
    uint64_t input_limit_bytes;    /* all files of a job together; 0: SVI_WORKER_INPUT_LIMIT_BYTES */
    unsigned downloads;            /* of a job side by side; 0: SVI_FETCH_SIDE_BY_SIDE */
    struct svi_renderer_seam renderer;
    svi_progress *progress; /* told how the picture gets on, in the thread of svi_worker_run; false stops the job; or NULL */
    void *progress_self;
    const atomic_int *stop; /* the number of the signal that ends the job, 0 while there is none; or NULL */
};

/* The last word that the platform has accepted about the job. */
enum svi_worker_end {
    SVI_WORKER_NOT_BEGUN, /* not even `running`: the job is as it was */
    SVI_WORKER_COMPLETED,
    SVI_WORKER_FAILED,
    SVI_WORKER_NO_END /* `running`: the terminal status was not accepted, or its answer was lost */
};

struct svi_worker_outcome {
    enum svi_worker_end end;
    int64_t results_id, json_data_id; /* of the first picture and summary that were saved; 0 for none */
};

/* Works on one job; blocks until its end. True where the job is completed. Otherwise the error says why: where the job is failed,
 * it is what the user of the platform reads; where its end was not taken, it is why (and the log has what came before). Exactly one
 * `running` and one terminal status are posted, unless the platform did not take the first (unreachable, token refused, no such
 * job), after which nothing else is asked of it. After an answer that was lost a post is repeated, so the platform may hold a
 * status twice, or a result that no job points to. May be called from several threads at once, for different jobs. The token is of
 * the job's owner. */
bool svi_worker_run(const struct svi_worker *worker, int64_t job, const char *token, struct svi_worker_outcome *outcome,
                    struct svi_error *err);

/* The exit code of a process that worked on this one job: a failed job is 1, whatever failed, since it is not to be tried again;
 * one whose end the platform does not know follows the error's status. */
int svi_worker_exit_code(const struct svi_worker_outcome *outcome, const struct svi_error *err);

#endif
