/* working.h - a worker and its renderer as the options want them: what run, platform --worker and demo have in common. */
#ifndef SVI_HOST_WORKING_H
#define SVI_HOST_WORKING_H

#include "host/command.h"
#include "host/platform_server.h"
#include "host/renderer_link.h"
#include "host/worker.h"

struct svi_working {
    char cache_folder[PATH_MAX], work_folder[PATH_MAX];
    const char *arguments[12]; /* of the renderer, but for its device */
    size_t argument_count;
    struct svi_renderer_link_settings settings; /* with the device of the options */
    struct svi_renderer_link *link;
    struct svi_worker worker;
};

/* All but the link, for whoever has other renderers in mind: the worker has none yet. */
bool svi_working_plan(struct svi_working *working, const struct svi_options *options, const char *api_url, struct svi_error *err);

/* The struct must stay where it is until the close. api_url lives as long. The worker stops with svi_stop. */
bool svi_working_open(struct svi_working *working, const struct svi_options *options, const char *api_url, struct svi_error *err);
void svi_working_close(struct svi_working *working);

/* A thread that works on whatever is submitted to an embedded platform. */
struct svi_local_worker;

/* progress is called in that thread, and may be NULL. */
bool svi_local_worker_start(struct svi_local_worker **out, const struct svi_options *options, struct svi_platform *platform,
                            svi_progress *progress, void *progress_self, struct svi_error *err);

/* Has the platform offer no more jobs, and waits for the end of the one that is under way. Takes NULL. */
void svi_local_worker_stop(struct svi_local_worker *worker);

#endif
