#include "device/cells.h"

#include "device/launch.h"
#include "device/lost_frames.h"
#include "device/percentile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t percent;
} reductions[] = {
#define SVI_REDUCTION(id, name, percent) { name, percent },
#include "device/reduction_list.h"
#undef SVI_REDUCTION
};

enum { REDUCTION_COUNT = sizeof reductions / sizeof *reductions };

void svi_reduction_names(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, length = 0; i < REDUCTION_COUNT && length < size; i++, length = strlen(into))
        svi_format(into + length, size - length, "%s%s", i ? ", " : "", reductions[i].name);
}

enum svi_reduction svi_reduction_of(const char *name)
{
    size_t i = 0;
    while (i < REDUCTION_COUNT && strcmp(reductions[i].name, name) != 0)
        i++;
    return i < REDUCTION_COUNT ? (enum svi_reduction)i : SVI_REDUCE_MAX;
}

struct svi_cells {
    struct svi_device *device;
    struct svi_cells_request request; /* rows and columns as they were made */
    uint64_t *entered;                /* [rows]: frames of each that touch no gap */
    struct svi_lost_frames lost;
    cl_mem entered_memory;
    cl_mem memory;                     /* float2 [rows][columns], see kernels/accumulate_cells.cl */
    struct svi_percentile *percentile; /* of other reductions NULL */
};

static bool create_percentile(struct svi_cells *cells, struct svi_error *err)
{
    const struct svi_cells_request *request = &cells->request;
    const struct svi_percentile_request wanted = {
        .frame_count = request->frame_count,
        .first_bin = request->first_bin,
        .bin_count = request->bin_count,
        .rows = request->rows,
        .columns = request->columns,
        .percent = reductions[request->reduction].percent,
    };
    return !wanted.percent || svi_percentile_create(&cells->percentile, cells->device, &wanted, err);
}

/* A work-item of a CPU goes through a whole row. */
static size_t items_a_row(const struct svi_cells *cells)
{
    return svi_device_about(cells->device)->type == SVI_DEVICE_CPU ? 1 : cells->request.columns;
}

static struct svi_variant to_db(const struct svi_cells *cells)
{
    return (struct svi_variant){ .in_front = "decibels.cl", .single = items_a_row(cells) == 1 };
}

/* Cells that no frame has entered. */
static cl_mem create_empty(struct svi_device *device, enum svi_reduction reduction, size_t bytes, struct svi_error *err)
{
    const cl_float2 nothing_yet = { { INFINITY, 0.0f } };
    if (reduction != SVI_REDUCE_MIN)
        return svi_mem_create_zero(device, bytes, err);
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_WRITE, bytes, NULL, err);
    if (!memory || svi_mem_fill(device, memory, &nothing_yet, sizeof nothing_yet, bytes, err))
        return memory;
    svi_mem_release(memory);
    return NULL;
}

bool svi_cells_create(struct svi_cells **out, struct svi_device *device, const struct svi_cells_request *request,
                      struct svi_error *err)
{
    struct svi_cells *cells = calloc(1, sizeof *cells);
    if (!cells)
        return svi_fail_memory(err, sizeof *cells);
    cells->device = device;
    cells->request = *request;
    if (request->frame_count < request->rows)
        cells->request.rows = (uint32_t)request->frame_count;
    if (request->bin_count < request->columns)
        cells->request.columns = request->bin_count;
    const size_t bytes = (size_t)cells->request.rows * cells->request.columns * sizeof(cl_float2);
    cells->lost = (struct svi_lost_frames){ .device = device, .frame_count = request->frame_count, .rows = cells->request.rows };
    cells->entered = calloc(cells->request.rows, sizeof *cells->entered);
    if (!cells->entered)
        svi_fail_memory(err, cells->request.rows * sizeof *cells->entered);
    else if ((cells->memory = create_empty(device, request->reduction, bytes, err)))
        cells->entered_memory = svi_mem_create(device, CL_MEM_READ_ONLY, cells->request.rows * sizeof(cl_float), NULL, err);
    if (cells->entered_memory && create_percentile(cells, err)) {
        const struct svi_variant variant = to_db(cells);
        svi_program_expect(device, "cells_to_db", &variant);
        *out = cells;
        return true;
    }
    svi_cells_destroy(cells);
    return false;
}

void svi_cells_destroy(struct svi_cells *cells)
{
    if (!cells)
        return;
    svi_percentile_destroy(cells->percentile);
    svi_lost_frames_clear(&cells->lost);
    svi_mem_release(cells->entered_memory);
    svi_mem_release(cells->memory);
    free(cells->entered);
    free(cells);
}

/* The row that a frame enters; the same rule as in kernels/shares.cl. */
static uint32_t row_of(const struct svi_cells *cells, uint64_t frame)
{
    return (uint32_t)(frame * cells->request.rows / cells->request.frame_count);
}

static void count_entered(struct svi_cells *cells, uint64_t first_frame, uint32_t frames, const uint8_t *in_gap)
{
    for (uint32_t i = 0; i < frames; i++)
        if (!in_gap || !in_gap[i])
            cells->entered[row_of(cells, first_frame + i)]++;
}

static bool add(void *self, const struct svi_power_batch *batch, struct svi_error *err)
{
    struct svi_cells *cells = self;
    const struct svi_cells_request *request = &cells->request;
    count_entered(cells, batch->first_frame, batch->frames, batch->in_gap);
    if (!svi_lost_frames_add(&cells->lost, batch->lost_marks, batch->first_frame, 0, batch->frames, err))
        return false;
    if (cells->percentile)
        return svi_percentile_add(cells->percentile, batch, cells->memory, err);
    uint32_t first_row = row_of(cells, batch->first_frame), last_row = row_of(cells, batch->first_frame + batch->frames - 1);
    return svi_launch(cells->device, "accumulate_cells", ((const size_t[2]){ request->columns, last_row - first_row + 1 }), err,
                      SVI_MEM(batch->power), SVI_MEM(cells->memory), SVI_U64(batch->first_frame), SVI_U32(batch->frames),
                      SVI_U64(request->frame_count), SVI_U32(request->rows), SVI_U32(first_row), SVI_U32(batch->bins),
                      SVI_U32(request->first_bin), SVI_U32(request->bin_count), SVI_U32(request->columns),
                      SVI_U32((cl_uint)request->reduction), SVI_MEM(batch->in_gap_memory));
}

static bool add_groups(void *self, const struct svi_group_batch *batch, struct svi_error *err)
{
    struct svi_cells *cells = self;
    const struct svi_cells_request *request = &cells->request;
    count_entered(cells, batch->first_frame, batch->frames, batch->in_gap);
    if (!svi_lost_frames_add(&cells->lost, batch->lost_marks, batch->first_frame, 0, batch->frames, err))
        return false;
    uint32_t first_row = row_of(cells, batch->first_frame), last_row = row_of(cells, batch->first_frame + batch->frames - 1);
    const struct svi_variant variant = { .single = items_a_row(cells) == 1 };
    return svi_launch_variant(cells->device, "merge_cells", &variant,
                              ((const size_t[2]){ items_a_row(cells), last_row - first_row + 1 }), err, SVI_MEM(batch->groups),
                              SVI_MEM(cells->memory), SVI_MEM(batch->group_frames), SVI_U32(batch->group_count),
                              SVI_U64(batch->first_frame), SVI_U64(request->frame_count), SVI_U32(request->rows),
                              SVI_U32(first_row), SVI_U32(batch->bins), SVI_U32(request->first_bin), SVI_U32(request->bin_count),
                              SVI_U32(request->columns), SVI_U32((cl_uint)request->reduction));
}

/* The next row begins there; the same rule as in kernels/shares.cl. */
static uint64_t border(void *self, uint64_t frame)
{
    const struct svi_cells *cells = self;
    const uint64_t rows = cells->request.rows;
    return ((row_of(cells, frame) + (uint64_t)1) * cells->request.frame_count + rows - 1) / rows;
}

struct svi_accumulator svi_cells_accumulator(struct svi_cells *cells)
{
    return (
        struct svi_accumulator){ .self = cells, .add = add, .add_groups = cells->percentile ? NULL : add_groups, .border = border };
}

uint32_t svi_cells_rows(const struct svi_cells *cells)
{
    return cells->request.rows;
}

uint32_t svi_cells_columns(const struct svi_cells *cells)
{
    return cells->request.columns;
}

double svi_cells_bound_db(const struct svi_cells *cells)
{
    return cells->percentile && svi_percentile_counts(cells->percentile) ? SVI_PERCENTILE_BOUND_DB : 0;
}

/* Tells the device how many frames entered each row. */
static bool write_entered(struct svi_cells *cells, struct svi_error *err)
{
    const size_t rows = cells->request.rows;
    uint32_t *lost = malloc(rows * sizeof *lost);
    float *entered = malloc(rows * sizeof *entered);
    bool ok = ((lost && entered) || svi_fail_memory(err, rows * (sizeof *lost + sizeof *entered)))
              && svi_lost_frames_read(&cells->lost, lost, err);
    for (size_t row = 0; ok && row < rows; row++)
        entered[row] = (float)(cells->entered[row] - lost[row]);
    ok = ok && svi_mem_write(cells->device, cells->entered_memory, 0, entered, rows * sizeof *entered, err);
    free(entered);
    free(lost);
    return ok;
}

bool svi_cells_levels(struct svi_cells *cells, double gain, double least, cl_mem level_db, struct svi_error *err)
{
    const struct svi_cells_request *request = &cells->request;
    const struct svi_variant variant = to_db(cells);
    return write_entered(cells, err)
           && svi_launch_variant(cells->device, "cells_to_db", &variant, ((const size_t[2]){ items_a_row(cells), request->rows }),
                                 err, SVI_MEM(cells->memory), SVI_MEM(level_db), SVI_MEM(cells->entered_memory),
                                 SVI_U32(request->bin_count), SVI_U32(request->columns), SVI_U32((cl_uint)request->reduction),
                                 SVI_F32((float)gain), SVI_F32((float)least));
}
