/* render.h - one recording in, pictures and summaries out. What the renderer process and `svi-worker render` call.
 *
 * All pictures of one request come from one pass over the samples. */
#ifndef SVI_VISUAL_RENDER_H
#define SVI_VISUAL_RENDER_H

#include "base/error.h"
#include "base/json.h"
#include "capture/capture.h"
#include "device/device.h"

#include <linux/limits.h>

/* Called from time to time while work goes on, with a share in 0…1 and the stage's name ("read", "compute", "figure", …).
 * Returning false ends the job with SVI_CANCELLED at the next block. */
typedef bool svi_progress(void *self, double share, const char *stage);

enum {
    SVI_MAX_TYPES = 16,
    SVI_MAX_RUN_RESULTS = 5, /* of one type: picture, thumbnail, summary, slices, data */
    SVI_MAX_RESULTS = SVI_MAX_TYPES * SVI_MAX_RUN_RESULTS,
    SVI_RESULT_NAME_SIZE = 64,
    SVI_RESULT_PATH_SIZE = PATH_MAX
};

struct svi_render_request {
    /* What to draw, by name or alias; the config's key `types` may name more. None in either: all types that the recording suits.
     */
    const char *const *types;
    size_t type_count;
    const json_t *config; /* the job's config: an object, JSON null or NULL */
    struct svi_capture_request capture;
    const char *folder;  /* where TYPE.png and TYPE.json appear, all of them or none */
    bool folder_is_ours; /* nobody looks into it before the end: files are written in place, into empty ones where there are any */
    bool save_data;      /* also TYPE.npy */
    const char *stft;    /* engine: NULL chooses */
    const char *notice;  /* a warning that the summaries are to have; or NULL */
    svi_progress *progress;
    void *progress_self;
};

enum svi_result_kind {
    SVI_RESULT_PICTURE, /* TYPE.png */
    SVI_RESULT_SUMMARY, /* TYPE.json: a JSON object */
    SVI_RESULT_FILE,    /* a further result for whoever asked for the picture */
    SVI_RESULT_LOCAL,   /* one for the folder alone, not to be posted */
};

/* A file in the request's folder. */
struct svi_result {
    enum svi_result_kind kind;
    char name[SVI_RESULT_NAME_SIZE];
};

struct svi_rendering {
    struct svi_result results[SVI_MAX_RESULTS]; /* in the order of the types; of each, its picture and then its summary come last */
    size_t result_count;
    json_t *summaries; /* an array: what the files of kind SVI_RESULT_SUMMARY hold */
};

/* Draws. A failure leaves no file of this request behind, and nothing to clear. Where the device is still being opened, the
 * recording is looked at meanwhile. */
bool svi_render(struct svi_device *device, const struct svi_render_request *request, struct svi_rendering *out,
                struct svi_error *err);
void svi_rendering_clear(struct svi_rendering *rendering);

/* "spectrogram, waterfall": for messages and help. */
void svi_render_types(char *into, size_t size);

/* The i-th type's name, NULL past the end. */
const char *svi_render_type(size_t i);

/* True where the name is a type's, or an alias of one. */
bool svi_render_knows(const char *type);

#endif
