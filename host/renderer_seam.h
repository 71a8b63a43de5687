/* renderer_seam.h - the seam between the worker and whoever draws: a child process in the service, a fake in the tests. */
#ifndef SVI_HOST_RENDERER_SEAM_H
#define SVI_HOST_RENDERER_SEAM_H

#include "base/error.h"
#include "base/json.h"
#include "capture/capture.h"
#include "visual/render.h"

/* The pictures of one job. All pointers belong to the caller and live until render returns. */
struct svi_render_order {
    const char *folder;           /* absolute, exists, is empty, and is the job's own: the results appear in it */
    const char *type;             /* known to the renderer; the config's key `types` may name more */
    const json_t *config;         /* the job's config: an object, or NULL */
    const struct svi_file *files; /* at least one; absolute paths outside `folder`, labels as the user knows them */
    size_t file_count;
    svi_progress *progress; /* to be called from the thread that called render; false: stop soon, with SVI_CANCELLED */
    void *progress_self;
    double hard_limit_s; /* in place of the renderer's own limits: the work is over then, whatever it takes; 0: those count */
};

/* What appeared in the order's folder, to be posted in this order: names without a slash; at least a picture and a summary. */
struct svi_render_outcome {
    struct svi_result results[SVI_MAX_RESULTS];
    size_t result_count;
};

struct svi_renderer_seam {
    void *self;
    /* True for a type that can be drawn. */
    bool (*knows)(const char *type);
    /* All types, for a message: "spectrogram, waterfall". */
    void (*types)(char *into, size_t size);
    /* Blocks until the pictures are there, or are known not to come. Limits of time are the renderer's. */
    bool (*render)(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err);
};

#endif
