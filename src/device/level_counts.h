/* level_counts.h - how often each level of power is seen at each frequency: the counts of a persistence spectrum. Exact and
 * independent of any order of work. */
#ifndef SVI_DEVICE_LEVEL_COUNTS_H
#define SVI_DEVICE_LEVEL_COUNTS_H

#include "device/stft.h"

struct svi_level_counts;

struct svi_level_counts_request {
    uint32_t first_bin, bin_count; /* the band that is shown */
    uint32_t columns;              /* at most so many are made, never more than bins; bins are shared out as in cells.h */
    uint32_t steps;                /* of level, equally wide in dB, from low_db to high_db */
    double low_db, high_db;        /* levels of power * gain */
    double gain;                   /* see scale.h: the caller's unit */
    double least;                  /* power * gain below it counts as it: a floor, linear; 0: none */
};

bool svi_level_counts_create(struct svi_level_counts **out, struct svi_device *device,
                             const struct svi_level_counts_request *request, struct svi_error *err);
void svi_level_counts_destroy(struct svi_level_counts *counts); /* takes NULL */

struct svi_accumulator svi_level_counts_accumulator(struct svi_level_counts *counts);

/* Counts some frames of a batch, for whoever is fed by a transform itself. */
bool svi_level_counts_add(struct svi_level_counts *counts, const struct svi_power_batch *batch, uint32_t begin, uint32_t end,
                          struct svi_error *err);

uint32_t svi_level_counts_columns(const struct svi_level_counts *counts);

/* The counts on the device, uint32_t [columns][steps + 2]: place 0 counts what lay below low_db, place s + 1 what lay in step s,
 * the last place what lay at high_db and above. Each bin of a column counts once a frame. */
cl_mem svi_level_counts_memory(const struct svi_level_counts *counts);

/* The level of an edge of a step: edge 0 is low_db, edge `steps` is high_db; as a linear power, unscaled, as the device compares
 * it. */
float svi_level_counts_edge(const struct svi_level_counts_request *request, uint32_t edge);

#endif
