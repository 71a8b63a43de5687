/* worker_resources.h - what a thread that works on one job after the other keeps between them: its connection to the platform, and
 * its folder for files. Knows nothing of jobs. */
#ifndef SVI_HOST_WORKER_RESOURCES_H
#define SVI_HOST_WORKER_RESOURCES_H

#include "host/http.h"
#include "host/workspace.h"

/* The caller starts it with { 0 }. Both are made when they are needed first. */
struct svi_worker_resources {
    struct svi_http_line *line;
    struct svi_workspace *workspace;
    bool untidy; /* files of a job that has ended lie there */
};

bool svi_worker_resources_need_line(struct svi_worker_resources *resources, struct svi_error *err);
bool svi_worker_resources_need_workspace(struct svi_worker_resources *resources, const char *work_folder, struct svi_error *err);

/* The files of a job may go. A folder in which something went wrong is not used again, and gone at once. */
void svi_worker_resources_end_job(struct svi_worker_resources *resources, bool all_went_well);

/* They go: to be called behind each job, when whoever waits for its end has been told. */
void svi_worker_resources_tidy(struct svi_worker_resources *resources);

void svi_worker_resources_close(struct svi_worker_resources *resources);

#endif
