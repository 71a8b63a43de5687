/* table_grid.h - rows of a table into the cells of a grid over two columns, and what a cell shows of its rows. Knows nothing of
 * figures. */
#ifndef SVI_VISUAL_TABLE_GRID_H
#define SVI_VISUAL_TABLE_GRID_H

#include "capture/table.h"

enum { SVI_GRID_MOST_BINS = 2048 };

/* In place of a column: the number of the row, counted from 1; no column at all. */
#define SVI_COLUMN_ROW  (SIZE_MAX - 1)
#define SVI_COLUMN_NONE SIZE_MAX

struct svi_grid_axis {
    double low, high; /* outer edges, low < high; log: above 0 */
    bool log;
    uint32_t bins; /* equally wide, by the logarithm if log */
};

enum svi_aggregate { SVI_AGGREGATE_COUNT, SVI_AGGREGATE_MEAN, SVI_AGGREGATE_MAX, SVI_AGGREGATE_MIN, SVI_AGGREGATE_SUM };

struct svi_grid {
    struct svi_grid_axis x, y;
    enum svi_aggregate aggregate;
    double *values;   /* [y.bins][x.bins], the lowest y first; NAN, or 0 of a count, where there is no row */
    uint64_t shown;   /* rows in the grid */
    uint64_t missing; /* that lack a number */
    uint64_t outside; /* whose x or y the axes have no place for */
};

/* "count, mean, max, min, sum", and which of them a word means; count for any other. */
void svi_aggregate_names(char *into, size_t size);
enum svi_aggregate svi_aggregate_of(const char *name);
const char *svi_aggregate_name(enum svi_aggregate aggregate);

/* A number of the table; NAN: missing. */
double svi_table_number(const struct svi_table *table, size_t row, size_t column);

/* The least and the largest number of a column, above 0 if log; false where there is none. */
bool svi_table_range(const struct svi_table *table, size_t column, bool log, double *low, double *high);

/* An axis for all numbers of a column. `bins` from the least to the largest; 0: where the column has evenly spaced values, one bin
 * for each, centered on it; else as many bins as the root of the rows, 8 to 256. A constant column lies in the middle.
 * False: the column has no number that the axis has a place for. */
bool svi_grid_axis_fit(struct svi_grid_axis *out, const struct svi_table *table, size_t column, bool log, uint32_t bins);

/* From 0 to 1 between the edges. NAN: no place. */
double svi_grid_share(const struct svi_grid_axis *axis, double value);

/* Fills a grid whose axes and aggregate are set: bin floor(share × bins), the upper edge belongs to the last bin. Sums are
 * compensated (Neumaier), in the order of the rows. `value`: SVI_COLUMN_NONE for counts. The caller frees values. */
bool svi_grid_fill(struct svi_grid *grid, const struct svi_table *table, size_t x, size_t y, size_t value, struct svi_error *err);

#endif
