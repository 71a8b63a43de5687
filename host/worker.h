/* worker.h - one job from door to door: status, information, files, picture, results, status. The one file that knows all stages;
 * knows nothing of where jobs come from, or of how a picture is made. */
#ifndef SVI_HOST_WORKER_H
#define SVI_HOST_WORKER_H

#include "base/error.h"
#include "host/http.h"
#include "host/renderer_seam.h"
#include "host/worker_resources.h"

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
    const atomic_int *stop;                 /* enum svi_worker_stop, or the number of the signal that ends the job; or NULL */
    struct svi_worker_resources *resources; /* of the thread that works; NULL: nothing is kept for its next job */
};

/* Why a job is told to stop; numbers of signals are positive. */
enum svi_worker_stop {
    SVI_WORKER_GO_ON = 0,
    SVI_WORKER_STOP_SOFT = -1,  /* its soft limit of time has passed */
    SVI_WORKER_STOP_HARD = -2,  /* its hard limit has */
    SVI_WORKER_STOP_RETURN = -3 /* it is to be as if nobody had worked on it: no status is posted */
};

/* What is to be done. */
struct svi_assignment {
    int64_t job;
    const char *token;    /* of the job's owner */
    bool repeated;        /* it may have been worked on before: one that is completed is left alone */
    bool failed_is_final; /* of a repeated one: so is one that is failed */
    bool may_repeat;      /* the caller comes back: the platform is not told of a failure that may pass */
    double soft_limit_s;  /* for the words of a failure alone: whoever sets `stop` watches the time; or 0 */
    double hard_limit_s;  /* from now; the renderer's work ends then at the latest; 0: the renderer's own limits count */
};

/* The last word that the platform has accepted about the job. */
enum svi_worker_end {
    SVI_WORKER_NOT_BEGUN, /* not even `running`: the job is as it was */
    SVI_WORKER_COMPLETED,
    SVI_WORKER_FAILED,
    SVI_WORKER_NO_END,     /* `running`: the terminal status was not accepted, or its answer was lost; or stopped, to be returned */
    SVI_WORKER_LEFT_ALONE, /* an end that it had before, or that another worker gave it meanwhile */
    SVI_WORKER_TO_REPEAT   /* `running`, for another attempt: the failure may pass */
};

struct svi_worker_outcome {
    enum svi_worker_end end;
    int64_t results_id, json_data_id; /* of the first picture and summary that were saved; 0 for none */
};

/* Works on one job; blocks until its end. True where the job is completed, now or before. Otherwise the error says why: where the
 * job is failed, it is what the user of the platform reads; where its end was not taken, it is why (and the log has what came
 * before). At most one `running` and one terminal status are posted, unless an answer is lost: then a post is repeated, so the
 * platform may hold a status twice, or a result that no job points to. Where the platform does not take `running` (unreachable,
 * token refused, no such job) nothing else is asked of it.
 *
 * Results that are finished lie in the outbox of the work folder until the platform has taken the job's end: a repeated attempt, of
 * this process or another, only posts what is missing. A job that is repeated, or took long, is looked at once more before its end,
 * which another worker may have reached meanwhile. May be called from several threads at once, for different jobs. */
bool svi_worker_run(const struct svi_worker *worker, const struct svi_assignment *assignment, struct svi_worker_outcome *outcome,
                    struct svi_error *err);

/* Posts `failed` for a job that nobody will work on; `why` is what the user reads. A repeated one that has its end keeps it. */
bool svi_worker_refuse(const struct svi_worker *worker, const struct svi_assignment *assignment, const struct svi_error *why,
                       struct svi_worker_outcome *outcome, struct svi_error *err);

/* The exit code of a process that worked on this one job: a failed job is 1, whatever failed, since it is not to be tried again;
 * one whose end the platform does not know follows the error's status. */
int svi_worker_exit_code(const struct svi_worker_outcome *outcome, const struct svi_error *err);

#endif
