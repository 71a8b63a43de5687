#include "device/density.h"

#include "device/launch.h"
#include "device/stored_runs.h"

#include <math.h>
#include <stdlib.h>

/* On a CPU each work-item counts in memory of its own: work-items are few, and their memory shall be little. */
enum { ITEMS_PER_UNIT = 2, MOST_ITEMS = 16, CELLS_AN_ITEM = 256 };

#ifndef MOST_IN_COUNTS /* a test fills them sooner */
#define MOST_IN_COUNTS UINT32_MAX
#endif

struct svi_density {
    struct svi_device *device;
    struct svi_density_request request;
    struct svi_stored_runs runs;
    struct svi_stored_share share;
    cl_mem counts;         /* uint [grids][cells][cells], see kernels/count_points.cl */
    cl_mem tiles;          /* uchar [workers][cells][cells] on a CPU, else NULL */
    cl_mem apart;          /* ulong [workers][2] */
    uint64_t in_counts;    /* samples since they were put away */
    uint64_t *before;      /* [grids][cells][cells]: what was put away; NULL: nothing was */
    const uint32_t *shown; /* the counts, from svi_density_finish on */
};

static size_t cells_of_grid(const struct svi_density *density)
{
    return (size_t)density->request.cells * density->request.cells;
}

static size_t cells_of(const struct svi_density *density)
{
    return density->request.grids * cells_of_grid(density);
}

static bool on_cpu(const struct svi_density *density)
{
    return svi_device_about(density->device)->type == SVI_DEVICE_CPU;
}

static bool make_tiles(struct svi_density *density, struct svi_error *err)
{
    struct svi_stored_share *share = &density->share;
    if (!on_cpu(density))
        return true;
    const uint32_t items = svi_device_about(density->device)->compute_units * ITEMS_PER_UNIT;
    share->workers = items < 1 ? 1 : items > MOST_ITEMS ? MOST_ITEMS : items;
    const size_t bytes = share->workers * cells_of_grid(density);
    return (density->tiles = svi_mem_create_zero(density->device, bytes, err)) != NULL;
}

static const struct svi_variant merging = { .single = true };

bool svi_density_create(struct svi_density **out, struct svi_device *device, const struct svi_recording *recording,
                        const struct svi_density_request *request, struct svi_error *err)
{
    if (recording->datatype->parts != 2 || request->channel >= recording->channels || request->cells < 2 || request->cells % 2
        || request->cells > SVI_DENSITY_MOST_CELLS || !request->grids || request->grids > SVI_DENSITY_MOST_GRIDS
        || !(request->cell_width > 0))
        return svi_fail(err, SVI_BUG, "Samples were to be counted in an impossible way.");
    struct svi_density *density = calloc(1, sizeof *density);
    if (!density)
        return svi_fail_memory(err, sizeof *density);
    density->device = device;
    density->request = *request;
    density->runs.recording = recording;
    density->share = svi_stored_share_for(device);
    if (density->share.most > MOST_IN_COUNTS)
        density->share.most = MOST_IN_COUNTS;
    bool ok = make_tiles(density, err);
    const size_t bytes = cells_of(density) * sizeof(cl_uint), apart_bytes = density->share.workers * 2 * sizeof(cl_ulong);
    ok = ok && (density->counts = svi_mem_create_zero(device, bytes, err))
         && (density->apart = svi_mem_create_zero(device, apart_bytes, err));
    if (ok && density->tiles)
        svi_program_expect(device, "merge_points", &merging);
    if (ok)
        *out = density;
    else
        svi_density_destroy(density);
    return ok;
}

void svi_density_destroy(struct svi_density *density)
{
    if (!density)
        return;
    svi_mem_give_back(density->device, density->counts, density->shown);
    svi_mem_release(density->counts);
    svi_mem_release(density->tiles);
    svi_mem_release(density->apart);
    free(density->before);
    free(density);
}

/* The device's counts, which have 32 bits, to be given back; NULL where they cannot be had. */
static const uint32_t *show_counts(struct svi_density *density, struct svi_error *err)
{
    const size_t cells = cells_of_grid(density), items = (cells + CELLS_AN_ITEM - 1) / CELLS_AN_ITEM;
    const bool merged = !density->tiles
                        || svi_launch_variant(density->device, "merge_points", &merging, ((const size_t[2]){ items, 1 }), err,
                                              SVI_MEM(density->counts), SVI_MEM(density->tiles), SVI_U32(density->share.workers),
                                              SVI_U64(cells));
    return merged ? svi_mem_show(density->device, density->counts, cells_of(density) * sizeof(uint32_t), err) : NULL;
}

/* Puts the device's counts away before they are full. */
static bool begin_anew(struct svi_density *density, struct svi_error *err)
{
    const size_t cells = cells_of(density);
    const cl_uint zero = 0;
    if (!density->before && !(density->before = calloc(cells, sizeof *density->before)))
        return svi_fail_memory(err, cells * sizeof *density->before);
    const uint32_t *counts = show_counts(density, err);
    if (!counts)
        return false;
    for (size_t i = 0; i < cells; i++)
        density->before[i] += counts[i];
    svi_mem_give_back(density->device, density->counts, counts);
    density->in_counts = 0;
    return svi_mem_fill(density->device, density->counts, &zero, sizeof zero, cells * sizeof zero, err);
}

static bool count_run(void *self, const struct svi_block *block, uint64_t first, uint64_t end, struct svi_error *err)
{
    struct svi_density *density = self;
    const struct svi_density_request *request = &density->request;
    const struct svi_recording *recording = density->runs.recording;
    const bool floats = svi_datatype_is_float(recording->datatype);
    const struct svi_variant variant = { .datatype = recording->datatype,
                                         .definitions = { { "OWN_TILES", on_cpu(density) } },
                                         .single = on_cpu(density) };
    if (density->in_counts + (end - first) > MOST_IN_COUNTS && !begin_anew(density, err))
        return false;
    density->in_counts += end - first;
    const uint64_t two_to_63 = UINT64_C(1) << 63, width = floats ? 1 : (uint64_t)request->cell_width;
    return svi_launch_variant(density->device, "count_points", &variant, ((const size_t[2]){ density->share.workers, 1 }), err,
                              SVI_MEM(block->samples), SVI_MEM(density->counts), SVI_MEM(density->apart),
                              SVI_U64(block->first_sample), SVI_U64(first), SVI_U64(end), SVI_U32(recording->channels),
                              SVI_U32(request->channel), SVI_U32(density->share.turn), SVI_U32(request->cells),
                              SVI_U32(request->grids), SVI_MEM(density->tiles), SVI_U64((two_to_63 + width - 1) / width),
                              SVI_F32((float)(1 / request->cell_width)));
}

static bool wants(void *self, uint64_t *first, uint64_t *count)
{
    return svi_stored_runs_want(&((struct svi_density *)self)->runs, first, count);
}

static bool take(void *self, const struct svi_block *block, struct svi_error *err)
{
    struct svi_density *density = self;
    return svi_stored_runs_take(&density->runs, block, density->share.most, count_run, density, err);
}

struct svi_taker svi_density_taker(struct svi_density *density)
{
    return (struct svi_taker){ density, wants, take };
}

static uint64_t count_at(const struct svi_density *density, size_t cell)
{
    return density->shown[cell] + (density->before ? density->before[cell] : 0);
}

static uint64_t samples_of_grid(const struct svi_density *density, uint32_t grid)
{
    const size_t cells = cells_of_grid(density);
    uint64_t sum = 0;
    for (size_t i = grid * cells; i < (grid + 1) * cells; i++)
        sum += count_at(density, i);
    return sum;
}

bool svi_density_finish(struct svi_density *density, struct svi_density_totals *out, struct svi_error *err)
{
    const size_t workers = density->share.workers, bytes = workers * 2 * sizeof(uint64_t);
    *out = (struct svi_density_totals){ .beyond = 0 };
    uint64_t *apart = malloc(bytes);
    bool ok = (apart || svi_fail_memory(err, bytes)) && svi_mem_read(density->device, apart, density->apart, bytes, err)
              && (density->shown = show_counts(density, err));
    for (size_t i = 0; ok && i < workers; i++) {
        out->beyond += apart[2 * i];
        out->not_finite += apart[2 * i + 1];
    }
    for (uint32_t grid = 0; ok && grid < density->request.grids; grid++)
        out->within[grid] = samples_of_grid(density, grid) + (grid ? out->within[grid - 1] : 0);
    free(apart);
    return ok;
}

/* floor(cell / 2), counted from the middle. */
static size_t covering(size_t cell, size_t half)
{
    return (cell + half % 2) / 2 + half / 2;
}

bool svi_density_counts(const struct svi_density *density, uint32_t grid, uint64_t **out, struct svi_error *err)
{
    const size_t cells = density->request.cells, grid_cells = cells * cells, half = cells / 2;
    uint64_t *counts = malloc(grid_cells * sizeof *counts), *wider = calloc(grid_cells, sizeof *wider);
    bool ok = (counts && wider) || svi_fail_memory(err, 2 * grid_cells * sizeof *counts);
    for (size_t i = 0; ok && i < grid_cells; i++)
        counts[i] = count_at(density, i);
    for (uint32_t g = 1; ok && g <= grid; g++) {
        for (size_t i = 0; i < grid_cells; i++)
            wider[i] = count_at(density, g * grid_cells + i);
        for (size_t i = 0; i < grid_cells; i++)
            if (counts[i])
                wider[covering(i / cells, half) * cells + covering(i % cells, half)] += counts[i];
        uint64_t *was = counts;
        counts = wider;
        wider = was;
    }
    free(wider);
    if (!ok)
        free(counts);
    *out = ok ? counts : NULL;
    return ok;
}
