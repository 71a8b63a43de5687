/* stft_image.h - power over time and frequency as a figure: what spectrogram and waterfall share. Which frames there are, and where
 * time runs, is theirs. */
#ifndef SVI_VISUAL_STFT_IMAGE_H
#define SVI_VISUAL_STFT_IMAGE_H

#include "visual/visual.h"

struct svi_stft_image {
    int64_t first_sample; /* at which frame 0 begins; negative: padded with zeros */
    uint64_t frame_count;
    double begin_s, end_s; /* time axis: outer edges of the first and the last frame's pixels, from the first sample */
    bool time_on_x;        /* time to the right and frequency upwards, or frequency to the right and time downwards */
    const char *kind;      /* "Spectrogram": begins the title */
};

/* The three steps of a visualization; the image is copied, its `kind` is not. */
bool svi_stft_image_begin(struct svi_run *run, const struct svi_stft_image *image, struct svi_error *err);
bool svi_stft_image_draw(struct svi_run *run, struct svi_error *err);
void svi_stft_image_end(struct svi_run *run);

/* A place, after begin, for what else the visualization keeps; it ends that itself. */
void **svi_stft_image_beside(struct svi_run *run);

#endif
