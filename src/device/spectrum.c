#include "device/spectrum.h"

#include "device/launch.h"
#include "device/lost_frames.h"

#include <stdlib.h>

/* SPECTRUM_BINS_AN_ITEM of kernels/merge_spectrum.cl: neighbours in memory, few enough for a near cache. */
enum { BINS_AN_ITEM_ON_CPU = 128 };

struct svi_spectrum {
    struct svi_device *device;
    uint32_t bins;
    bool begun;
    uint64_t frames; /* that touch no gap, so far */
    struct svi_lost_frames lost;
    uint32_t lost_count; /* after svi_spectrum_read */
    cl_mem memory;       /* float [4][bins], see kernels/accumulate_spectrum.cl */
};

bool svi_spectrum_create(struct svi_spectrum **out, struct svi_device *device, uint32_t bins, struct svi_error *err)
{
    const size_t bytes = 4 * (size_t)bins * sizeof(cl_float);
    struct svi_spectrum *spectrum = calloc(1, sizeof *spectrum);
    if (!spectrum)
        return svi_fail_memory(err, sizeof *spectrum);
    spectrum->device = device;
    spectrum->bins = bins;
    spectrum->lost = (struct svi_lost_frames){ .device = device, .frame_count = UINT64_MAX, .rows = 1 };
    spectrum->memory = svi_mem_create(device, CL_MEM_READ_WRITE, bytes, NULL, err);
    if (spectrum->memory) {
        *out = spectrum;
        return true;
    }
    svi_spectrum_destroy(spectrum);
    return false;
}

void svi_spectrum_destroy(struct svi_spectrum *spectrum)
{
    if (!spectrum)
        return;
    svi_lost_frames_clear(&spectrum->lost);
    svi_mem_release(spectrum->memory);
    free(spectrum);
}

static bool add(void *self, const struct svi_power_batch *batch, struct svi_error *err)
{
    struct svi_spectrum *spectrum = self;
    const bool begins = !spectrum->begun;
    spectrum->begun = true;
    for (uint32_t i = 0; i < batch->frames; i++)
        spectrum->frames += !batch->in_gap || !batch->in_gap[i];
    return svi_lost_frames_add(&spectrum->lost, batch->lost_marks, batch->first_frame, 0, batch->frames, err)
           && svi_launch(spectrum->device, "accumulate_spectrum", ((const size_t[2]){ spectrum->bins, 1 }), err,
                         SVI_MEM(batch->power), SVI_MEM(spectrum->memory), SVI_U32(batch->frames), SVI_U32(spectrum->bins),
                         SVI_U32(begins), SVI_MEM(batch->in_gap_memory));
}

static bool add_groups(void *self, const struct svi_group_batch *batch, struct svi_error *err)
{
    struct svi_spectrum *spectrum = self;
    const bool begins = !spectrum->begun;
    spectrum->begun = true;
    for (uint32_t i = 0; i < batch->frames; i++)
        spectrum->frames += !batch->in_gap || !batch->in_gap[i];
    if (!svi_lost_frames_add(&spectrum->lost, batch->lost_marks, batch->first_frame, 0, batch->frames, err))
        return false;
    const uint32_t bins_an_item = svi_device_about(spectrum->device)->type == SVI_DEVICE_CPU ? BINS_AN_ITEM_ON_CPU : 1;
    const struct svi_variant variant = { .single = bins_an_item > 1 };
    const size_t items = (spectrum->bins + bins_an_item - 1) / bins_an_item;
    return svi_launch_variant(spectrum->device, "merge_spectrum", &variant, ((const size_t[2]){ items, 1 }), err,
                              SVI_MEM(batch->groups), SVI_MEM(spectrum->memory), SVI_U32(batch->group_count),
                              SVI_U32(spectrum->bins), SVI_U32(begins));
}

struct svi_accumulator svi_spectrum_accumulator(struct svi_spectrum *spectrum)
{
    return (struct svi_accumulator){ .self = spectrum, .add = add, .add_groups = add_groups };
}

uint64_t svi_spectrum_frames(const struct svi_spectrum *spectrum)
{
    return spectrum->frames - spectrum->lost_count;
}

uint64_t svi_spectrum_lost(const struct svi_spectrum *spectrum)
{
    return spectrum->lost_count;
}

bool svi_spectrum_read(struct svi_spectrum *spectrum, struct svi_spectrum_power *out, struct svi_error *err)
{
    const size_t bins = spectrum->bins, bytes = 4 * bins * sizeof(float);
    *out = (struct svi_spectrum_power){ calloc(bins, sizeof(double)), calloc(bins, sizeof(double)), calloc(bins, sizeof(double)) };
    float *values = malloc(bytes);
    bool ok = (values && out->mean && out->max && out->min) || svi_fail_memory(err, bytes);
    ok = ok && svi_mem_read(spectrum->device, values, spectrum->memory, bytes, err)
         && svi_lost_frames_read(&spectrum->lost, &spectrum->lost_count, err);
    const double frames = (double)svi_spectrum_frames(spectrum);
    for (size_t i = 0; ok && i < bins; i++) {
        out->mean[i] = ((double)values[i] + (double)values[bins + i]) / frames;
        out->max[i] = (double)values[2 * bins + i];
        out->min[i] = (double)values[3 * bins + i];
    }
    free(values);
    if (!ok)
        svi_spectrum_power_clear(out);
    return ok;
}

void svi_spectrum_power_clear(struct svi_spectrum_power *power)
{
    free(power->mean);
    free(power->max);
    free(power->min);
    *power = (struct svi_spectrum_power){ 0 };
}
