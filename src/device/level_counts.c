#include "device/level_counts.h"

#include "device/launch.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* On a CPU a little less than kernels/accumulate_levels.cl takes in two goes: not all shares of columns have as many bins. On a GPU
 * neighbouring work-items have neighbouring columns, in groups that any GPU fills what it runs in step with. */
enum { BINS_AN_ITEM = 256, GPU_GROUP_ITEMS = 64, GPU_FRAMES_AN_ITEM = 16 };

struct svi_level_counts {
    struct svi_device *device;
    struct svi_level_counts_request request; /* columns as they were made */
    cl_mem edges, memory;                    /* see kernels/accumulate_levels.cl */
};

float svi_level_counts_edge(const struct svi_level_counts_request *request, uint32_t edge)
{
    double level_db = request->low_db + (request->high_db - request->low_db) * edge / request->steps;
    return (float)(pow(10, level_db / 10) / request->gain);
}

bool svi_level_counts_create(struct svi_level_counts **out, struct svi_device *device,
                             const struct svi_level_counts_request *request, struct svi_error *err)
{
    struct svi_level_counts *counts = calloc(1, sizeof *counts);
    const size_t edge_count = (size_t)request->steps + 1;
    float *edges = malloc(edge_count * sizeof *edges);
    bool ok = (counts && edges) || svi_fail_memory(err, edge_count * sizeof *edges);
    if (ok) {
        counts->device = device;
        counts->request = *request;
        if (request->bin_count < request->columns)
            counts->request.columns = request->bin_count;
        for (uint32_t i = 0; i < edge_count; i++)
            edges[i] = svi_level_counts_edge(request, i);
        const size_t bytes = (edge_count + 1) * counts->request.columns * sizeof(cl_uint);
        ok = (counts->edges = svi_mem_create(device, CL_MEM_READ_ONLY, edge_count * sizeof *edges, NULL, err))
             && svi_mem_write(device, counts->edges, 0, edges, edge_count * sizeof *edges, err)
             && (counts->memory = svi_mem_create_zero(device, bytes, err));
    }
    free(edges);
    if (ok)
        *out = counts;
    else
        svi_level_counts_destroy(counts);
    return ok;
}

void svi_level_counts_destroy(struct svi_level_counts *counts)
{
    if (!counts)
        return;
    svi_mem_release(counts->edges);
    svi_mem_release(counts->memory);
    free(counts);
}

/* Steps as the kernel knows them: from a power of two that is near the first edge, so that rounding is little. */
struct scale {
    int32_t low_bits;
    float low_place, steps_per_octave, least;
};

static struct scale scale_of(const struct svi_level_counts_request *request)
{
    const double db_per_octave = 10 * log10(2), steps_per_db = request->steps / (request->high_db - request->low_db);
    const double low_octave = (request->low_db - 10 * log10(request->gain)) / db_per_octave;
    const double octave = fmin(fmax(floor(low_octave), 1 - FLT_MAX_EXP), FLT_MAX_EXP - 1);
    return (struct scale){ .low_bits = (int32_t)(octave + FLT_MAX_EXP - 1) << (FLT_MANT_DIG - 1),
                           .low_place = (float)(1 + (octave - low_octave) * db_per_octave * steps_per_db),
                           .steps_per_octave = (float)(db_per_octave * steps_per_db),
                           .least = (float)(request->least / request->gain) };
}

/* Work-items have as many columns each, of about BINS_AN_ITEM bins, and are as many for each unit of the device. */
static uint32_t columns_an_item(const struct svi_level_counts *counts)
{
    const struct svi_level_counts_request *request = &counts->request;
    const uint32_t units = svi_device_about(counts->device)->compute_units, wanted = request->bin_count / BINS_AN_ITEM;
    const uint32_t items = (wanted / units + (wanted % units != 0)) * units;
    return items && items < request->columns ? (request->columns + items - 1) / items : request->columns;
}

bool svi_level_counts_add(struct svi_level_counts *counts, const struct svi_power_batch *batch, uint32_t begin, uint32_t end,
                          struct svi_error *err)
{
    const struct svi_level_counts_request *request = &counts->request;
    const struct scale scale = scale_of(request);
    const bool cpu = svi_device_about(counts->device)->type == SVI_DEVICE_CPU;
    const uint32_t per_item = cpu ? columns_an_item(counts) : 1, items = (request->columns + per_item - 1) / per_item;
    const struct svi_variant variant = { .single = cpu, .group_items = GPU_GROUP_ITEMS };
    const size_t groups = (items + GPU_GROUP_ITEMS - 1) / GPU_GROUP_ITEMS;
    const size_t parts = (end - begin + GPU_FRAMES_AN_ITEM - 1) / GPU_FRAMES_AN_ITEM;
    const size_t on_cpu[2] = { items, 1 }, on_gpu[2] = { groups * GPU_GROUP_ITEMS, parts };
    return svi_launch_variant(counts->device, "accumulate_levels", &variant, cpu ? on_cpu : on_gpu, err, SVI_MEM(batch->power),
                              SVI_MEM(counts->memory), SVI_MEM(counts->edges), SVI_U32(begin), SVI_U32(end),
                              SVI_MEM(batch->in_gap_memory), SVI_U32(batch->bins), SVI_U32(request->first_bin),
                              SVI_U32(request->bin_count), SVI_U32(request->columns), SVI_U32(per_item), SVI_U32(request->steps),
                              SVI_I32(scale.low_bits), SVI_F32(scale.low_place), SVI_F32(scale.steps_per_octave),
                              SVI_F32(scale.least));
}

static bool add(void *self, const struct svi_power_batch *batch, struct svi_error *err)
{
    return svi_level_counts_add(self, batch, 0, batch->frames, err);
}

struct svi_accumulator svi_level_counts_accumulator(struct svi_level_counts *counts)
{
    return (struct svi_accumulator){ .self = counts, .add = add };
}

uint32_t svi_level_counts_columns(const struct svi_level_counts *counts)
{
    return counts->request.columns;
}

cl_mem svi_level_counts_memory(const struct svi_level_counts *counts)
{
    return counts->memory;
}
