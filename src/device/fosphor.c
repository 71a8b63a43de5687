#include "device/fosphor.h"

#include "device/launch.h"
#include "device/lost_frames.h"

#include <math.h>
#include <stdlib.h>

struct svi_fosphor {
    struct svi_device *device;
    struct svi_fosphor_request request; /* columns as they were made */
    struct svi_level_counts *counts;    /* of the group that is not complete */
    uint32_t slices;                    /* of it, without those in gaps */
    struct svi_lost_frames lost;        /* of it */
    cl_mem glow;                        /* see kernels/decay_levels.cl */
};

bool svi_fosphor_create(struct svi_fosphor **out, struct svi_device *device, const struct svi_fosphor_request *request,
                        struct svi_error *err)
{
    struct svi_fosphor *fosphor = calloc(1, sizeof *fosphor);
    if (!fosphor)
        return svi_fail_memory(err, sizeof *fosphor);
    fosphor->device = device;
    fosphor->request = *request;
    fosphor->lost = (struct svi_lost_frames){ .device = device, .frame_count = UINT64_MAX, .rows = 1 };
    bool ok = svi_level_counts_create(&fosphor->counts, device, &request->levels, err);
    if (ok) {
        fosphor->request.levels.columns = svi_level_counts_columns(fosphor->counts);
        const size_t bytes = (size_t)request->levels.steps * fosphor->request.levels.columns * sizeof(cl_float);
        ok = (fosphor->glow = svi_mem_create_zero(device, bytes, err)) != NULL;
    }
    if (ok)
        *out = fosphor;
    else
        svi_fosphor_destroy(fosphor);
    return ok;
}

void svi_fosphor_destroy(struct svi_fosphor *fosphor)
{
    if (!fosphor)
        return;
    svi_lost_frames_clear(&fosphor->lost);
    svi_mem_release(fosphor->glow);
    svi_level_counts_destroy(fosphor->counts);
    free(fosphor);
}

/* Ends a group: the screen moves on by its slices, and counts begin anew. Where all were in gaps, time stands still. */
static bool move_on(struct svi_fosphor *fosphor, struct svi_error *err)
{
    const struct svi_fosphor_request *request = &fosphor->request;
    const uint32_t slices = fosphor->slices;
    fosphor->slices = 0;
    return !slices
           || (svi_launch(fosphor->device, "decay_levels", ((const size_t[2]){ request->levels.columns, request->levels.steps }),
                          err, SVI_MEM(fosphor->glow), SVI_MEM(svi_level_counts_memory(fosphor->counts)),
                          SVI_U32(request->levels.bin_count), SVI_U32(request->levels.columns), SVI_U32(slices),
                          SVI_F32((float)(1 / request->rise_slices)), SVI_F32((float)(1 / request->decay_slices)),
                          SVI_MEM(fosphor->lost.memory))
               && svi_lost_frames_reset(&fosphor->lost, err));
}

static bool add(void *self, const struct svi_power_batch *batch, struct svi_error *err)
{
    struct svi_fosphor *fosphor = self;
    bool ok = true;
    uint32_t end;
    for (uint32_t begin = 0; ok && begin < batch->frames; begin = end) {
        const uint32_t left = SVI_FOSPHOR_GROUP - (uint32_t)((batch->first_frame + begin) % SVI_FOSPHOR_GROUP);
        end = left < batch->frames - begin ? begin + left : batch->frames;
        for (uint32_t i = begin; i < end; i++)
            fosphor->slices += !batch->in_gap || !batch->in_gap[i];
        ok = svi_lost_frames_add(&fosphor->lost, batch->lost_marks, batch->first_frame, begin, end, err)
             && svi_level_counts_add(fosphor->counts, batch, begin, end, err) && (end - begin < left || move_on(fosphor, err));
    }
    return ok;
}

struct svi_accumulator svi_fosphor_accumulator(struct svi_fosphor *fosphor)
{
    return (struct svi_accumulator){ .self = fosphor, .add = add };
}

uint32_t svi_fosphor_columns(const struct svi_fosphor *fosphor)
{
    return fosphor->request.levels.columns;
}

bool svi_fosphor_read(struct svi_fosphor *fosphor, float *out, struct svi_error *err)
{
    const struct svi_level_counts_request *levels = &fosphor->request.levels;
    return move_on(fosphor, err)
           && svi_mem_read(fosphor->device, out, fosphor->glow, (size_t)levels->steps * levels->columns * sizeof *out, err);
}
