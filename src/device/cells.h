/* cells.h - power over time and frequency, added up to as many cells as a picture has: every frame enters a row, every bin a
 * column. */
#ifndef SVI_DEVICE_CELLS_H
#define SVI_DEVICE_CELLS_H

#include "device/stft.h"

/* What a cell holds of the linear power that entered it. Percentiles: see percentile.h. */
enum svi_reduction {
#define SVI_REDUCTION(id, name, percent) SVI_REDUCE_##id,
#include "device/reduction_list.h"
#undef SVI_REDUCTION
};

/* "max, mean, …", and which of them a word means; max for any other. */
void svi_reduction_names(char *into, size_t size);
enum svi_reduction svi_reduction_of(const char *name);

struct svi_cells;

struct svi_cells_request {
    uint64_t frame_count;
    uint32_t first_bin, bin_count; /* the band that is shown */
    uint32_t rows, columns;        /* at most so many are made, and never more than there are frames and bins */
    enum svi_reduction reduction;
};

/* Row r of R holds the frames from ceil(r * frame_count / R) on, column c the bins of the band likewise. */
bool svi_cells_create(struct svi_cells **out, struct svi_device *device, const struct svi_cells_request *request,
                      struct svi_error *err);
void svi_cells_destroy(struct svi_cells *cells); /* takes NULL */

struct svi_accumulator svi_cells_accumulator(struct svi_cells *cells);

uint32_t svi_cells_rows(const struct svi_cells *cells);
uint32_t svi_cells_columns(const struct svi_cells *cells);

/* How far a level may be from the exact one, in dB: 0, but for percentiles of very many values. */
double svi_cells_bound_db(const struct svi_cells *cells);

/* Levels of all cells in dB, 10 log10(max(power * gain, least)): float [rows][columns], row 0 first in time, column 0 lowest in
 * frequency, in memory that the caller made. NAN where all frames of a row touch gaps of the recording. */
bool svi_cells_levels(struct svi_cells *cells, double gain, double least, cl_mem level_db, struct svi_error *err);

#endif
