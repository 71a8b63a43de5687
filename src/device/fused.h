/* fused.h - short-time Fourier transform by kernels of our own: converts, windows, transforms and adds up the power of neighbouring
 * frames in one go. On CPU devices inside the cache, frames in the lanes of vectors (kernels/transform_frames.cl); on others in
 * registers and local memory, a work-group a frame or several (kernels/transform_frames_group.cl).
 *
 * Frames come in groups: what is made of power is told the sum, the largest and the least of each group, and need not look at every
 * frame. */
#ifndef SVI_DEVICE_FUSED_H
#define SVI_DEVICE_FUSED_H

#include "capture/datatype.h"
#include "device/opencl.h"

enum { SVI_FUSED_LEAST = 16, SVI_FUSED_MOST = 16384 };

/* True for powers of two within the limits, if they fit into the device's local memory where it is not a CPU. */
bool svi_fused_supports(const struct svi_device *device, uint32_t length);

struct svi_fused;

/* window: `length` values, copied. scale: of a number as stored; its silence: middle. */
struct svi_fused_request {
    uint32_t length;
    uint32_t hop_samples;
    const float *window;
    const struct svi_datatype *datatype;
    uint32_t channels, channel; /* interleaved, and which one */
    bool one_sided;             /* bins 0 … length / 2, those with a mirror image doubled; else all, lowest frequency first */
    bool raw;                   /* numbers as they are; else amplitudes at full scale 1 */
};

bool svi_fused_create(struct svi_fused **out, struct svi_device *device, const struct svi_fused_request *request,
                      struct svi_error *err);
void svi_fused_destroy(struct svi_fused *fused); /* takes NULL */

/* Some frames of a buffer. */
struct svi_fused_frames {
    cl_mem samples;
    int32_t first;          /* sample of the buffer at which frame 0 begins; outside [0, held) samples are 0 */
    int32_t held;           /* samples in the buffer, per channel */
    const uint32_t *groups; /* [group_count + 1]: group g holds frames groups[g] … groups[g + 1] - 1; groups[0] is 0 */
    uint32_t group_count;   /* at least 1 */
    cl_mem in_gap; /* uchar [frames]: not 0 is left out of groups, and 0 becomes 2 where power of floats is not finite; NULL:
                      none is left out */
    cl_mem lost;   /* uint: becomes 1 where a 2 was put into in_gap; NULL where datatypes are integers */
    bool wants_power, wants_groups;
};

/* Enqueues a launch. What it makes is the transform's, and holds until the next launch. */
bool svi_fused_launch(struct svi_fused *fused, const struct svi_fused_frames *frames, struct svi_error *err);

cl_mem svi_fused_power(const struct svi_fused *fused);        /* float [frames][bins], where wanted */
cl_mem svi_fused_groups(const struct svi_fused *fused);       /* float [3][groups][bins]: sum, largest, least, where wanted */
cl_mem svi_fused_group_frames(const struct svi_fused *fused); /* uint [groups + 1]: as in the launch */

#endif
