/* percentile.h - a percentile of the power that enters each cell of a picture, while the frames go by. Belongs to cells.h.
 *
 * Frames come in the order of the recording, so only one row is ever incomplete, and memory does not grow with the recording: a
 * cell keeps its largest values, as many as tell the percentile. Where that would be more than SVI_PERCENTILE_MOST_KEPT, it counts
 * how often each of 16384 powers is seen instead. */
#ifndef SVI_DEVICE_PERCENTILE_H
#define SVI_DEVICE_PERCENTILE_H

#include "device/stft.h"

enum { SVI_PERCENTILE_MOST_KEPT = 4096 };

/* How frames and bins are shared out: see cells.h. */
struct svi_percentile_request {
    uint64_t frame_count;
    uint32_t first_bin, bin_count;
    uint32_t rows, columns;
    uint32_t percent; /* 1 … 99 */
};

struct svi_percentile;

bool svi_percentile_create(struct svi_percentile **out, struct svi_device *device, const struct svi_percentile_request *request,
                           struct svi_error *err);
void svi_percentile_destroy(struct svi_percentile *percentile); /* takes NULL */

/* Adds a batch. cells: float2 [rows][columns]: .x of a row that the batch completes becomes the percentile. Of n values it is the
 * one at rank ceil(percent * n / 100), the least having rank 1: exact, or, where powers are counted, within
 * SVI_PERCENTILE_BOUND_DB. What is not a number has the least rank. */
bool svi_percentile_add(struct svi_percentile *percentile, const struct svi_power_batch *batch, cl_mem cells,
                        struct svi_error *err);

/* 64 powers an octave, and the middle of each step stands for it: 10 log10(1 + 1/128), rounded up. */
#define SVI_PERCENTILE_BOUND_DB 0.034

/* Whether cells count powers: a percentile is then known within the bound only. */
bool svi_percentile_counts(const struct svi_percentile *percentile);

#endif
