/* density.h - how often complex samples lie in each cell of the plane of I and Q. Every stored sample counts once, exactly.
 *
 * How far samples reach is not known before they are all seen, so they are counted in a nest of grids around 0, each twice as wide
 * as the one before: afterwards any of them can be shown, with counts as exact as if it alone had been made. */
#ifndef SVI_DEVICE_DENSITY_H
#define SVI_DEVICE_DENSITY_H

#include "device/pass.h"

enum { SVI_DENSITY_MOST_CELLS = 1024, SVI_DENSITY_MOST_GRIDS = 20 };

struct svi_density_request {
    uint32_t channel;
    uint32_t cells;    /* along each edge of a grid: even, 2 … SVI_DENSITY_MOST_CELLS */
    uint32_t grids;    /* 1 … SVI_DENSITY_MOST_GRIDS */
    double cell_width; /* of the first grid. Integers: in numbers, whole, below 2^31; floats: in amplitude */
};

struct svi_density;

/* The recording, of complex samples, and the device must outlive it. Cell c of an edge of grid g holds the amplitudes (integers:
 * numbers less the middle of their type) from (c - cells / 2) w to below (c + 1 - cells / 2) w, w = cell_width 2^g; that of a float
 * is told in single precision, as floor(amplitude (1 / w)). */
bool svi_density_create(struct svi_density **out, struct svi_device *device, const struct svi_recording *recording,
                        const struct svi_density_request *request, struct svi_error *err);
void svi_density_destroy(struct svi_density *density); /* takes NULL */

struct svi_taker svi_density_taker(struct svi_density *density);

struct svi_density_totals {
    uint64_t within[SVI_DENSITY_MOST_GRIDS]; /* samples that lie in a grid, those of the grids before it included */
    uint64_t beyond;                         /* all grids */
    uint64_t not_finite;
};

/* Waits for the counts; to be called once, after the pass. */
bool svi_density_finish(struct svi_density *density, struct svi_density_totals *out, struct svi_error *err);

/* The counts of one grid, [cells][cells] with the lowest Q first, after svi_density_finish. The caller frees them. */
bool svi_density_counts(const struct svi_density *density, uint32_t grid, uint64_t **out, struct svi_error *err);

#endif
