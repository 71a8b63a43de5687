/* render.h - one recording in, pictures and summaries out. What the renderer process and `svi-worker render` call. */
#ifndef SVI_VISUAL_RENDER_H
#define SVI_VISUAL_RENDER_H

#include "base/error.h"
#include "base/json.h"
#include "capture/capture.h"
#include "device/device.h"

/* Called from time to time while work goes on, with a share in 0…1 and the stage's name ("read", "compute", "figure", …).
 * Returning false ends the job with SVI_CANCELLED at the next block. */
typedef bool svi_progress(void *self, double share, const char *stage);

struct svi_render_request {
    const char *type;     /* "spectrogram", "waterfall" */
    const json_t *config; /* the job's config: an object, JSON null or NULL */
    struct svi_capture_request capture;
    const char *folder; /* where TYPE.png and TYPE.json appear, whole or not at all */
    bool save_data;     /* also TYPE.npy */
    const char *stft;   /* engine: NULL chooses */
    svi_progress *progress;
    void *progress_self;
};

/* Writes the files of one visualization. `summary`: the tree that TYPE.json holds; the caller ends it with json_decref. A
 * failure leaves no file of this type behind. */
bool svi_render(struct svi_device *device, const struct svi_render_request *request, json_t **summary, struct svi_error *err);

/* "spectrogram, waterfall": for messages and help. */
void svi_render_types(char *into, size_t size);

/* The i-th type's name, NULL past the end. */
const char *svi_render_type(size_t i);

/* True where the name is a type's. */
bool svi_render_knows(const char *type);

#endif
