/* frame_text.h - power of frames as text for a file: levels or watts as floats, in base64, made on the device and brought to the
 * host.
 *
 * A few rooms take turns, so that the device fills one while the host reads another. */
#ifndef SVI_DEVICE_FRAME_TEXT_H
#define SVI_DEVICE_FRAME_TEXT_H

#include "device/opencl.h"

enum { SVI_FRAME_TEXT_ROOMS = 4 };

struct svi_frame_text_request {
    uint32_t bins;
    uint32_t most_frames; /* of a room */
    bool decibels;        /* 10 log10(power + 1e-12); else (power + 1e-12) gain, from FLT_MIN to FLT_MAX */
    double gain;
};

struct svi_frame_text;

bool svi_frame_text_create(struct svi_frame_text **out, struct svi_device *device, const struct svi_frame_text_request *request,
                           struct svi_error *err);
void svi_frame_text_destroy(struct svi_frame_text *text); /* takes NULL; waits for the device; nobody may read any more */

/* Enqueues the text of so many frames and returns at once. power: float [frames][bins]. Nobody may read the room. */
bool svi_frame_text_make(struct svi_frame_text *text, size_t room, cl_mem power, uint32_t frames, struct svi_error *err);

/* What a room holds until it is filled again. */
struct svi_made_text {
    const char *at;          /* [frames][length]; no end of a string */
    size_t length;           /* of a frame's text */
    const cl_float2 *bounds; /* [frames][parts] */
    uint32_t parts;
};

/* Waits until the device has filled the room. The one call that another thread may make, while this one fills other rooms. */
bool svi_frame_text_wait(const struct svi_frame_text *text, size_t room, struct svi_made_text *out, struct svi_error *err);

/* The least and the largest power of a frame; false where one of its powers is not finite. */
bool svi_made_text_bounds(const struct svi_made_text *made, uint32_t frame, float *least, float *largest);

#endif
