#include "device/lost_frames.h"

#include "device/launch.h"

#include <string.h>

void svi_lost_frames_clear(struct svi_lost_frames *lost)
{
    svi_mem_release(lost->memory);
    lost->memory = NULL;
}

bool svi_lost_frames_reset(struct svi_lost_frames *lost, struct svi_error *err)
{
    const cl_uint zero = 0;
    return !lost->memory || svi_mem_fill(lost->device, lost->memory, &zero, sizeof zero, lost->rows * sizeof zero, err);
}

bool svi_lost_frames_add(struct svi_lost_frames *lost, cl_mem marks, uint64_t first_frame, uint32_t begin, uint32_t end,
                         struct svi_error *err)
{
    if (!marks)
        return true;
    if (!lost->memory) {
        lost->memory = svi_mem_create(lost->device, CL_MEM_READ_WRITE, lost->rows * sizeof(cl_uint), NULL, err);
        if (!lost->memory || !svi_lost_frames_reset(lost, err))
            return false;
    }
    /* PoCL builds a kernel for each size of work-groups that it chooses, and the number of frames is rarely the same. */
    const struct svi_variant variant = { .single = svi_device_about(lost->device)->type == SVI_DEVICE_CPU };
    return svi_launch_variant(lost->device, "count_lost", &variant, ((const size_t[2]){ end - begin, 1 }), err, SVI_MEM(marks),
                              SVI_MEM(lost->memory), SVI_U32(begin), SVI_U64(first_frame), SVI_U64(lost->frame_count),
                              SVI_U32(lost->rows));
}

bool svi_lost_frames_read(const struct svi_lost_frames *lost, uint32_t *out, struct svi_error *err)
{
    if (lost->memory)
        return svi_mem_read(lost->device, out, lost->memory, lost->rows * sizeof *out, err);
    memset(out, 0, lost->rows * sizeof *out);
    return true;
}
