/* window.h - the table of windows, and the gains that turn power into levels. Knows only numbers. */
#ifndef SVI_VISUAL_WINDOW_H
#define SVI_VISUAL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sums over the values w of a window of length N. */
struct svi_window_gain {
    double sum;        /* Σw: a full-scale complex tone in the middle of a bin has power sum² */
    double square_sum; /* Σw²: white noise of power p a sample has power p · square_sum in each bin */
    double enbw_bins;  /* equivalent noise bandwidth N Σw² / (Σw)² (F. J. Harris, Proc. IEEE 66, 1978, eq. 11) */
};

/* Fills values[length]. name: one of svi_window_names. shape: standard deviation in samples for "gaussian", beta for "kaiser", else
 * unused. The Gaussian is symmetric, as the platform's own; all others are periodic, as scipy.signal.get_window makes them.
 * false for an unknown name. */
bool svi_window_fill(const char *name, double shape, uint32_t length, float *values, struct svi_window_gain *gain);

/* "gaussian, hann, …" */
void svi_window_names(char *into, size_t size);

#endif
