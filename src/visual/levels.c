#include "visual/levels.h"

#include "device/launch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RANGE_ITEMS = 256, SHARED_ITEMS = 4096, MOST_ROWS = 64 };

void svi_levels_expect(struct svi_device *device)
{
    svi_program_expect(device, "value_histogram", &(const struct svi_variant){ 0 });
    svi_program_expect(device, "value_range", &(const struct svi_variant){ 0 });
}

static bool find_extremes(struct svi_levels *levels, struct svi_device *device, struct svi_error *err)
{
    cl_float2 pairs[RANGE_ITEMS];
    cl_mem memory = svi_mem_create(device, CL_MEM_WRITE_ONLY, sizeof pairs, NULL, err);
    bool ok = memory
              && svi_launch(device, "value_range", ((const size_t[2]){ RANGE_ITEMS, 1 }), err, SVI_MEM(levels->level_db),
                            SVI_MEM(memory), SVI_U64(levels->count))
              && svi_mem_read(device, pairs, memory, sizeof pairs, err);
    levels->min_db = INFINITY;
    levels->max_db = -INFINITY;
    for (size_t i = 0; ok && i < RANGE_ITEMS; i++) {
        levels->min_db = fmin(levels->min_db, (double)pairs[i].s[0]);
        levels->max_db = fmax(levels->max_db, (double)pairs[i].s[1]);
    }
    if (!(levels->min_db <= levels->max_db)) /* nothing but gaps */
        levels->min_db = levels->max_db = 0;
    svi_mem_release(memory);
    return ok;
}

static bool count_rows(uint32_t *counts, uint32_t rows, uint32_t items, const struct svi_levels *levels, struct svi_device *device,
                       struct svi_error *err)
{
    const size_t bytes = (size_t)rows * sizeof levels->histogram;
    cl_mem memory = svi_mem_create_zero(device, bytes, err);
    bool ok = memory
              && svi_launch(device, "value_histogram", ((const size_t[2]){ items, 1 }), err, SVI_MEM(levels->level_db),
                            SVI_MEM(memory), SVI_U64(levels->count), SVI_U32(rows), SVI_U32(SVI_LEVEL_STEPS),
                            SVI_F32((float)levels->min_db), SVI_F32((float)levels->max_db))
              && svi_mem_read(device, counts, memory, bytes, err);
    svi_mem_release(memory);
    return ok;
}

/* The cores of a CPU count for themselves, since atomics cost them dear; a GPU has too many items for that. */
static bool count_levels(struct svi_levels *levels, struct svi_device *device, struct svi_error *err)
{
    const struct svi_device_info *about = svi_device_about(device);
    const bool alone = about->type == SVI_DEVICE_CPU;
    const uint32_t rows = !alone ? 1 : about->compute_units < MOST_ROWS ? about->compute_units : MOST_ROWS;
    uint32_t *counts = malloc(rows * sizeof levels->histogram);
    if (!counts)
        return svi_fail_memory(err, rows * sizeof levels->histogram);
    bool ok = count_rows(counts, rows, alone ? rows : SHARED_ITEMS, levels, device, err);
    levels->shown = 0;
    memset(levels->histogram, 0, sizeof levels->histogram);
    for (size_t row = 0; ok && row < rows; row++)
        for (size_t i = 0; i < SVI_LEVEL_STEPS; i++) {
            levels->histogram[i] += counts[row * SVI_LEVEL_STEPS + i];
            levels->shown += counts[row * SVI_LEVEL_STEPS + i];
        }
    free(counts);
    return ok;
}

bool svi_levels_measure(struct svi_levels *out, struct svi_device *device, struct svi_cells *cells, double gain, double least,
                        struct svi_error *err)
{
    *out = (struct svi_levels){ .count = (uint64_t)svi_cells_rows(cells) * svi_cells_columns(cells),
                                .least_db = 10 * log10(least) };
    out->level_db = svi_mem_create(device, CL_MEM_READ_WRITE, out->count * sizeof(cl_float), NULL, err);
    return out->level_db && svi_cells_levels(cells, gain, least, out->level_db, err) && find_extremes(out, device, err)
           && count_levels(out, device, err);
}

bool svi_levels_measure_part(struct svi_levels *out, struct svi_device *device, const struct svi_levels *whole, uint64_t first,
                             uint64_t count, struct svi_error *err)
{
    const size_t level_bytes = sizeof(cl_float);
    *out = (struct svi_levels){ .count = count, .least_db = whole->least_db };
    out->level_db = svi_mem_create(device, CL_MEM_READ_WRITE, count * level_bytes, NULL, err);
    return out->level_db && svi_mem_copy(device, out->level_db, 0, whole->level_db, first * level_bytes, count * level_bytes, err)
           && find_extremes(out, device, err) && count_levels(out, device, err);
}

static void find_extremes_here(struct svi_levels *levels, const float *level_db)
{
    float least = INFINITY, largest = -INFINITY;
    for (uint64_t i = 0; i < levels->count; i++) { /* false where it is NAN */
        least = level_db[i] < least ? level_db[i] : least;
        largest = level_db[i] > largest ? level_db[i] : largest;
    }
    const bool any = least <= largest;
    levels->min_db = any ? (double)least : 0;
    levels->max_db = any ? (double)largest : 0;
}

static void count_levels_here(struct svi_levels *levels, const float *level_db)
{
    const double span_db = levels->max_db - levels->min_db, steps_a_db = span_db > 0 ? SVI_LEVEL_STEPS / span_db : 0;
    for (uint64_t i = 0; i < levels->count; i++) {
        if (isnan(level_db[i]))
            continue;
        const size_t step = (size_t)(((double)level_db[i] - levels->min_db) * steps_a_db);
        levels->histogram[step < SVI_LEVEL_STEPS ? step : SVI_LEVEL_STEPS - 1]++;
        levels->shown++;
    }
}

void svi_levels_measure_matrix(struct svi_levels *out, const float *level_db, uint64_t count)
{
    *out = (struct svi_levels){ .count = count, .least_db = -INFINITY };
    find_extremes_here(out, level_db);
    count_levels_here(out, level_db);
}

void svi_levels_clear(struct svi_levels *levels)
{
    svi_mem_release(levels->level_db);
    levels->level_db = NULL;
}

double svi_levels_percentile(const struct svi_levels *levels, double percent)
{
    double wanted = percent / 100 * (double)levels->shown;
    double step = (levels->max_db - levels->min_db) / SVI_LEVEL_STEPS;
    uint64_t passed = 0;
    for (size_t i = 0; i < SVI_LEVEL_STEPS; i++) {
        const uint64_t here = levels->histogram[i];
        if (here && (double)(passed + here) >= wanted)
            return levels->min_db + step * ((double)i + fmax(0, wanted - (double)passed) / (double)here);
        passed += here;
    }
    return levels->max_db;
}

void svi_levels_auto_range(const struct svi_levels *levels, bool whole, double *low_db, double *high_db)
{
    if (whole && levels->min_db < levels->max_db) {
        *low_db = levels->min_db;
        *high_db = levels->max_db;
        return;
    }
    *low_db = svi_levels_percentile(levels, 2);
    *high_db = svi_levels_percentile(levels, 99.8);
    double missing = SVI_LEAST_SPAN_DB - (*high_db - *low_db);
    if (missing > 0) {
        *low_db = fmax(*low_db - missing / 2, levels->least_db);
        *high_db = *low_db + SVI_LEAST_SPAN_DB;
    }
}
