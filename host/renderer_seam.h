/* renderer_seam.h - the seam between the worker and whoever draws: a child process in the service, a fake in the tests. */
#ifndef SVI_HOST_RENDERER_SEAM_H
#define SVI_HOST_RENDERER_SEAM_H

#include "base/error.h"
#include "base/json.h"
#include "capture/capture.h"
#include "visual/render.h"

/* One picture to make. All pointers belong to the caller and live until render returns. */
struct svi_render_order {
    const char *folder;           /* absolute, exists, is empty, and is the job's own: the results appear in it */
    const char *type;             /* one of the renderer's types */
    const json_t *config;         /* the job's config: an object, or NULL */
    const struct svi_file *files; /* at least one; absolute paths outside `folder`, labels as the user knows them */
    size_t file_count;
    svi_progress *progress; /* to be called from the thread that called render; false: stop soon, with SVI_CANCELLED */
    void *progress_self;
};

/* What appeared in the order's folder: names without a slash. */
struct svi_render_outcome {
    char picture[128]; /* "waterfall.png" */
    char summary[128]; /* "waterfall.json", a JSON object */
};

struct svi_renderer_seam {
    void *self;
    /* The i-th type that can be drawn, NULL past the end. */
    const char *(*type)(size_t i);
    /* Blocks until the picture is there, or is known not to come. Limits of time are the renderer's. */
    bool (*render)(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err);
};

#endif
