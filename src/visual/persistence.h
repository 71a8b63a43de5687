/* persistence.h - the matrix of a persistence spectrum: frequency and level to how often it was seen, or how it glows, and which
 * levels are shown. Knows nothing of figures. */
#ifndef SVI_VISUAL_PERSISTENCE_H
#define SVI_VISUAL_PERSISTENCE_H

#include "device/fosphor.h"
#include "device/level_counts.h"
#include "visual/analysis.h"

struct svi_persistence {
    const struct svi_analysis *analysis;
    struct svi_level_counts_request request;
    struct svi_level_counts *device_counts;
    struct svi_fosphor *fosphor; /* of persistence=exact NULL */
    const uint32_t *counts;      /* [columns][steps + 2], see level_counts.h: the device's, while it shows them, or these: */
    uint32_t *own_counts;
    float *glow;                        /* [steps][columns]; of persistence=exact NULL */
    uint64_t *hits;                     /* [steps + 2]: of all columns */
    uint64_t *levels;                   /* [columns], where levels were added one by one: how many each column has; else NULL */
    uint32_t first_step, merge;         /* the matrix begins at this step, and `merge` steps make a row */
    uint32_t rows, columns;             /* of the matrix */
    float *matrix;                      /* [rows][columns], lowest level first: percent, or 0 … 1 of fosphor; 0: never seen */
    double low_db, high_db;             /* its outer edges */
    double under_percent, over_percent; /* of all bins of all slices, what lies beside the matrix */
    struct svi_level_range range;
};

/* Feeds on the transform of the analysis, which must outlive it, for at most this many columns. */
bool svi_persistence_begin(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns, struct svi_error *err);

/* Without a transform: levels are added one by one, then it is finished like any other. */
bool svi_persistence_begin_levels(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns,
                                  struct svi_error *err);
void svi_persistence_add_level(struct svi_persistence *persistence, uint32_t column, double level_db);

/* After the pass: what the device has of it. */
bool svi_persistence_fetch(struct svi_persistence *persistence, struct svi_error *err);

/* After that and svi_analysis_finish, without the device: fills in everything, and the values vmin and vmax where they were not
 * given. */
bool svi_persistence_finish(struct svi_persistence *persistence, struct svi_error *err);

void svi_persistence_end(struct svi_persistence *persistence); /* one that is all zero, too */

#endif
