#include "device/percentile.h"

#include "device/launch.h"

#include <stdlib.h>

/* A row that lies whole in one batch may be worked on beside others, as far as this memory lets them. */
enum { ROWS_BYTES = 1 << 20, POWER_KEYS = 1 << 14 };

struct svi_percentile {
    struct svi_device *device;
    struct svi_percentile_request request;
    uint32_t most_kept; /* 0: powers are counted */
    uint32_t slots;     /* rows that are worked on at once: row r has slot r % slots */
    cl_mem memory;      /* see kernels/accumulate_largest.cl, kernels/accumulate_power_counts.cl */
};

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* Of the largest cell's values, those from the percentile up. */
static uint64_t values_to_keep(const struct svi_percentile_request *request)
{
    const uint64_t values = divide_up(request->frame_count, request->rows) * divide_up(request->bin_count, request->columns);
    return values - divide_up(request->percent * values, 100) + 1;
}

bool svi_percentile_create(struct svi_percentile **out, struct svi_device *device, const struct svi_percentile_request *request,
                           struct svi_error *err)
{
    struct svi_percentile *percentile = calloc(1, sizeof *percentile);
    if (!percentile)
        return svi_fail_memory(err, sizeof *percentile);
    const uint64_t kept = values_to_keep(request);
    percentile->device = device;
    percentile->request = *request;
    percentile->most_kept = kept > SVI_PERCENTILE_MOST_KEPT ? 0 : (uint32_t)kept;
    const size_t row_bytes = (size_t)request->columns * 4 * (percentile->most_kept ? percentile->most_kept : POWER_KEYS);
    const size_t fitting = row_bytes < ROWS_BYTES ? ROWS_BYTES / row_bytes : 1;
    percentile->slots = !percentile->most_kept ? 1 : fitting < request->rows ? (uint32_t)fitting : request->rows;
    percentile->memory = svi_mem_create_zero(device, percentile->slots * row_bytes, err);
    if (percentile->memory) {
        *out = percentile;
        return true;
    }
    svi_percentile_destroy(percentile);
    return false;
}

void svi_percentile_destroy(struct svi_percentile *percentile)
{
    if (!percentile)
        return;
    svi_mem_release(percentile->memory);
    free(percentile);
}

bool svi_percentile_counts(const struct svi_percentile *percentile)
{
    return !percentile->most_kept;
}

static bool add_to_rows(const struct svi_percentile *percentile, const struct svi_power_batch *batch, cl_mem cells,
                        uint32_t first_row, uint32_t rows, struct svi_error *err)
{
    const struct svi_percentile_request *request = &percentile->request;
    if (!percentile->most_kept)
        return svi_launch(percentile->device, "accumulate_power_counts", ((const size_t[2]){ request->columns, rows }), err,
                          SVI_MEM(batch->power), SVI_MEM(cells), SVI_U64(batch->first_frame), SVI_U32(batch->frames),
                          SVI_U64(request->frame_count), SVI_U32(request->rows), SVI_U32(first_row), SVI_U32(batch->bins),
                          SVI_U32(request->first_bin), SVI_U32(request->bin_count), SVI_U32(request->columns),
                          SVI_U32(request->percent), SVI_MEM(batch->in_gap_memory), SVI_MEM(percentile->memory));
    return svi_launch(percentile->device, "accumulate_largest", ((const size_t[2]){ request->columns, rows }), err,
                      SVI_MEM(batch->power), SVI_MEM(cells), SVI_U64(batch->first_frame), SVI_U32(batch->frames),
                      SVI_U64(request->frame_count), SVI_U32(request->rows), SVI_U32(first_row), SVI_U32(batch->bins),
                      SVI_U32(request->first_bin), SVI_U32(request->bin_count), SVI_U32(request->columns),
                      SVI_U32(request->percent), SVI_MEM(batch->in_gap_memory), SVI_MEM(percentile->memory),
                      SVI_U32(percentile->most_kept), SVI_U32(percentile->slots));
}

bool svi_percentile_add(struct svi_percentile *percentile, const struct svi_power_batch *batch, cl_mem cells, struct svi_error *err)
{
    const struct svi_percentile_request *request = &percentile->request;
    /* The same rule as in kernels/shares.cl. */
    uint32_t row = (uint32_t)(batch->first_frame * request->rows / request->frame_count);
    const uint32_t last = (uint32_t)((batch->first_frame + batch->frames - 1) * request->rows / request->frame_count);
    bool ok = true;
    for (; ok && row <= last; row += percentile->slots) {
        const uint32_t left = last - row + 1;
        ok = add_to_rows(percentile, batch, cells, row, left < percentile->slots ? left : percentile->slots, err);
    }
    return ok;
}
