/* levels.h - the levels of a picture's cells in dB, on the device, and how they are distributed. */
#ifndef SVI_VISUAL_LEVELS_H
#define SVI_VISUAL_LEVELS_H

#include "device/cells.h"

/* An automatic range of colours spans at least this much: flat noise shall look flat. */
enum { SVI_LEAST_SPAN_DB = 20, SVI_LEVEL_STEPS = 8192 };

struct svi_levels {
    cl_mem level_db; /* float [rows][columns] */
    uint64_t count;  /* of cells */
    uint64_t shown;  /* of cells that have a level: that are not in a gap */
    double min_db, max_db;
    double least_db;                     /* what silence is shown as: no level is lower; -INFINITY: no such level */
    uint32_t histogram[SVI_LEVEL_STEPS]; /* equal steps from min_db to max_db */
};

/* Before the pass: levels will be measured after it. */
void svi_levels_expect(struct svi_device *device);

/* gain, least: see svi_cells_levels. The caller ends the levels with svi_levels_clear, also after a failure. */
bool svi_levels_measure(struct svi_levels *out, struct svi_device *device, struct svi_cells *cells, double gain, double least,
                        struct svi_error *err);

/* The same of the cells [first, first + count) of others, in the order of their memory. */
bool svi_levels_measure_part(struct svi_levels *out, struct svi_device *device, const struct svi_levels *whole, uint64_t first,
                             uint64_t count, struct svi_error *err);

/* Of levels in the host's memory, NAN where there is none: the host has counted them before a device would have begun. level_db of
 * `out` stays NULL. */
void svi_levels_measure_matrix(struct svi_levels *out, const float *level_db, uint64_t count);

void svi_levels_clear(struct svi_levels *levels);

/* The level that `percent` of the cells lie below, exact to a step of the histogram: (max - min) / SVI_LEVEL_STEPS. */
double svi_levels_percentile(const struct svi_levels *levels, double percent);

/* What to show where nobody said: from the 2nd to the 99.8th percentile, at least SVI_LEAST_SPAN_DB; whole: from the least to the
 * largest level, as the platform does. It does not begin below least_db: silence has the lowest color. */
void svi_levels_auto_range(const struct svi_levels *levels, bool whole, double *low_db, double *high_db);

#endif
