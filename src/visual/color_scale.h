/* color_scale.h - how values above 0 that count something (hits, percent) spread over a colormap, and what a color bar says of it.
 * 0 and NAN stand for "never": they have no color of their own. Knows nothing of pixels. */
#ifndef SVI_VISUAL_COLOR_SCALE_H
#define SVI_VISUAL_COLOR_SCALE_H

#include "base/error.h"
#include "visual/figure.h"

#include <stddef.h>

enum svi_color_scale_kind {
    SVI_COLOR_LOG,     /* by the logarithm, from the least value to the largest, at least a decade */
    SVI_COLOR_EQ_HIST, /* by rank, as datashader's eq_hist: each color is worn by as many cells as any other */
    SVI_COLOR_LINEAR   /* from 0 to the largest value */
};

enum { SVI_COLOR_BORDERS = 257 };

struct svi_color_scale {
    enum svi_color_scale_kind kind;
    double low, high;   /* the values at share 0 and 1 */
    double start, span; /* of log and linear: the lower value, or its logarithm, and how far the upper one is from it */
    /* Of eq_hist: the values that occur, rising, and their shares; and the values at the borders of 256 colors. */
    float *values, *shares;
    size_t value_count;
    double borders[SVI_COLOR_BORDERS];
};

/* "log, eq_hist, linear", and which of them a word means; log for any other. */
void svi_color_scale_names(char *into, size_t size);
enum svi_color_scale_kind svi_color_scale_kind(const char *name);
const char *svi_color_scale_name(enum svi_color_scale_kind kind);

/* The scale for these values. Where none is above 0: from 0.1 to 1, linear from 0. eq_hist of equal values is linear.
 *
 * eq_hist: of n cells above 0, N(v) are not greater than v; the share of v is (N(v) - N(least)) / (n - N(least)). Exact: a rank for
 * each value that occurs, no histogram. Between them the borders are interpolated. (datashader.transfer_functions.eq_hist and
 * shade, which ranks by 65536 bins where values are no integers.)
 *
 * The caller ends the scale with svi_color_scale_clear, also after a failure. */
bool svi_color_scale_make(struct svi_color_scale *out, enum svi_color_scale_kind kind, const float *values, size_t count,
                          struct svi_error *err);
void svi_color_scale_clear(struct svi_color_scale *scale);

/* From 0 to this value, whatever there is. */
struct svi_color_scale svi_color_scale_linear(double high);

/* 0 … 1: color floor(256 share) of 256, the last one for 1 too. NAN for values that are not above 0. */
float svi_color_scale_share(const struct svi_color_scale *scale, float value);

/* The same of many. `shares` may be `values`. */
void svi_color_scale_shares(const struct svi_color_scale *scale, const float *values, size_t count, float *shares);

/* Fills in the bar's scale, ends and table. The table is borrowed from the scale. */
void svi_color_scale_bar(const struct svi_color_scale *scale, struct svi_figure_bar *bar);

#endif
