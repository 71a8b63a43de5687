/* fetch.h - the files of a job, brought into its workspace, several side by side. Knows nothing of what is in them but how the
 * files of a capture begin. */
#ifndef SVI_HOST_FETCH_H
#define SVI_HOST_FETCH_H

#include "capture/capture.h"
#include "host/http.h"
#include "host/job.h"
#include "host/workspace.h"

struct svi_fetch {
    const struct svi_job *job; /* its files, at least one */
    struct svi_workspace *workspace;
    struct svi_http *http;                  /* the caller's client, which fetches too */
    const struct svi_http_options *options; /* of that client: each further thread has one of its own */
    unsigned side_by_side;                  /* downloads at once; 0: SVI_FETCH_SIDE_BY_SIDE */
    uint64_t limit_bytes;                   /* of all files together */
};

enum { SVI_FETCH_SIDE_BY_SIDE = 4, SVI_FETCH_MOST_SIDE_BY_SIDE = 64 };

/* Fetches all. files[i] becomes the job's i-th file: job->file_count zeroed elements, whose paths are the caller's to free, also
 * after a failure; labels are the job's. The first failure ends the other downloads. A file of a capture that does not begin as it
 * should, such as an error page of the data system, is asked for again as often as one that does not come. */
bool svi_fetch_files(const struct svi_fetch *fetch, struct svi_file *files, uint64_t *received_bytes, struct svi_error *err);

#endif
