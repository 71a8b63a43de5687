#include "visual/peaks.h"

#include "visual/select.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The one in the middle, or the mean of the two there. */
static double median_of(double *values, size_t count)
{
    const size_t middle = count / 2;
    svi_select(values, count, middle);
    if (count % 2)
        return values[middle];
    double below = values[0];
    for (size_t i = 1; i < middle; i++)
        below = fmax(below, values[i]);
    return (below + values[middle]) / 2;
}

double svi_noise_floor(const double *power, size_t bins)
{
    double *known = malloc(bins * sizeof *known);
    if (!known)
        return 0;
    size_t count = 0;
    for (size_t i = 0; i < bins; i++)
        if (!isnan(power[i]))
            known[count++] = power[i];
    const double median = count ? median_of(known, count) : NAN;
    free(known);
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

/* The highest bin that stands out and that no hump has taken; `bins`: none is left. */
static size_t highest_left(const double *power, size_t bins, double least, const bool *taken)
{
    size_t best = bins;
    for (size_t i = 0; i < bins; i++)
        if (!taken[i] && power[i] > least && (best == bins || power[i] > power[best]))
            best = i;
    return best;
}

/* The hump around a bin, as far down as its foot, is taken. False: it is the shoulder of one that was taken before. */
static bool take_hump(const double *power, size_t bins, size_t top, double foot, bool *taken)
{
    const bool shoulder = (top > 0 && taken[top - 1]) || (top + 1 < bins && taken[top + 1]);
    size_t low = top, high = top;
    while (low > 0 && power[low - 1] > foot && !taken[low - 1])
        low--;
    while (high + 1 < bins && power[high + 1] > foot && !taken[high + 1])
        high++;
    for (size_t i = low; i <= high; i++)
        taken[i] = true;
    return !shoulder;
}

size_t svi_peaks_find(const double *power, size_t bins, double floor, struct svi_peak *peaks)
{
    bool *taken = calloc(bins, sizeof *taken);
    size_t count = 0;
    while (taken && count < SVI_MAX_PEAKS) {
        const size_t best = highest_left(power, bins, 10 * floor, taken);
        if (best == bins)
            break;
        /* A hump ends where it is 20 dB down or near the floor: its shoulders are no peaks of their own. */
        if (!take_hump(power, bins, best, fmax(power[best] * 0.01, floor * 4), taken))
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
