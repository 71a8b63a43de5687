#include "visual/peaks.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double svi_noise_floor(const double *power, size_t bins)
{
    double *sorted = malloc(bins * sizeof *sorted);
    if (!sorted)
        return 0;
    size_t count = 0;
    for (size_t i = 0; i < bins; i++)
        if (!isnan(power[i]))
            sorted[count++] = power[i];
    qsort(sorted, count, sizeof *sorted, by_value);
    double median = !count ? NAN : count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    free(sorted);
    return median;
}

/* How far the spectrum stays above a level on one side of a bin, interpolated between bins. */
static double reach(const double *power, size_t bins, size_t from, double level, int step)
{
    size_t i = from;
    while (power[i] > level) {
        if (step < 0 ? i == 0 : i + 1 == bins)
            return fabs((double)i - (double)from) + 0.5;
        i = step < 0 ? i - 1 : i + 1;
    }
    size_t inner = step < 0 ? i + 1 : i - 1;
    double share = power[inner] > power[i] ? (power[inner] - level) / (power[inner] - power[i]) : 0;
    return fabs((double)inner - (double)from) + share;
}

static double refine(const double *power, size_t bins, size_t at)
{
    if (at == 0 || at + 1 == bins || !(power[at - 1] > 0) || !(power[at + 1] > 0))
        return (double)at;
    double left = log(power[at - 1]), middle = log(power[at]), right = log(power[at + 1]);
    double bend = left - 2 * middle + right;
    return (double)at + (bend < 0 ? 0.5 * (left - right) / bend : 0);
}

size_t svi_peaks_find(const double *power, size_t bins, double floor, struct svi_peak *peaks)
{
    bool *taken = calloc(bins, sizeof *taken);
    size_t count = 0;
    while (taken && count < SVI_MAX_PEAKS) {
        size_t best = bins;
        for (size_t i = 0; i < bins; i++)
            if (!taken[i] && power[i] > 10 * floor && (best == bins || power[i] > power[best]))
                best = i;
        if (best == bins)
            break;
        /* A hump ends where it is 20 dB down or near the floor: its shoulders are no peaks of their own. */
        double foot = fmax(power[best] * 0.01, floor * 4);
        bool shoulder = (best > 0 && taken[best - 1]) || (best + 1 < bins && taken[best + 1]);
        size_t low = best, high = best;
        while (low > 0 && power[low - 1] > foot && !taken[low - 1])
            low--;
        while (high + 1 < bins && power[high + 1] > foot && !taken[high + 1])
            high++;
        for (size_t i = low; i <= high; i++)
            taken[i] = true;
        if (shoulder)
            continue;
        peaks[count++] = (struct svi_peak){
            .bin = refine(power, bins, best),
            .power = power[best],
            .bandwidth_bins = reach(power, bins, best, power[best] / 2, -1) + reach(power, bins, best, power[best] / 2, +1),
        };
    }
    free(taken);
    return count;
}
