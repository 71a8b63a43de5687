#include "visual/slices.h"

#include <math.h>

/* Rounds up, also below zero. */
static int64_t divide_up(int64_t a, int64_t b)
{
    return a > 0 ? (a + b - 1) / b : -(-a / b);
}

bool svi_slices_of(uint64_t sample_count, uint32_t fft_size, uint32_t hop_samples, uint32_t zeros, struct svi_slices *out)
{
    const int64_t n = (int64_t)sample_count, middle = fft_size / 2, hop = hop_samples;
    if (n < fft_size - middle)
        return false;
    int64_t first = hop >= fft_size - middle ? 0 : 1 - divide_up(fft_size - middle, hop);
    int64_t by_length = n / hop + 1, by_window = divide_up(n + middle - zeros, hop);
    *out = (struct svi_slices){ first, by_length > by_window ? by_length : by_window };
    return true;
}

uint32_t svi_gaussian_zeros(uint32_t fft_size, double sigma_samples)
{
    uint32_t zeros = 0;
    for (; zeros < fft_size; zeros++) {
        double x = (zeros - (fft_size - 1) / 2.0) / sigma_samples;
        double w = exp(-0.5 * x * x);
        if (w * w > 0)
            break;
    }
    return zeros;
}
