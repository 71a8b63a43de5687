#include "visual/window.h"

#include "base/bytes.h"

#include <math.h>
#include <string.h>

static double gaussian(double i, double length, double sigma)
{
    double x = (i - (length - 1) / 2) / sigma;
    return exp(-0.5 * x * x);
}

static double rect(double i, double length, double unused)
{
    (void)i;
    (void)length;
    (void)unused;
    return 1.0;
}

/* Σ a[k] cos(k · angle), angle running once around from -π: the shape of all windows below. */
static double cosines(double i, double length, const double *a, int count)
{
    double angle = 2 * M_PI * i / length - M_PI, sum = 0;
    for (int k = 0; k < count; k++)
        sum += a[k] * cos(k * angle);
    return sum;
}

/* Coefficients as in scipy.signal.windows. */
#define COSINE_WINDOW(name, ...)                                                                                                   \
    static double name(double i, double length, double unused)                                                                     \
    {                                                                                                                              \
        static const double a[] = { __VA_ARGS__ };                                                                                 \
        (void)unused;                                                                                                              \
        return cosines(i, length, a, sizeof a / sizeof *a);                                                                        \
    }

COSINE_WINDOW(hann, 0.5, 0.5)
COSINE_WINDOW(hamming, 0.54, 0.46)
COSINE_WINDOW(blackman, 0.42, 0.50, 0.08)
COSINE_WINDOW(blackmanharris, 0.35875, 0.48829, 0.14128, 0.01168)
COSINE_WINDOW(nuttall, 0.3635819, 0.4891775, 0.1365995, 0.0106411)
COSINE_WINDOW(flattop, 0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368)

/* Modified Bessel function of the first kind and order 0, by its power series; converges for every beta that is allowed. */
static double bessel_i0(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

static double kaiser(double i, double length, double beta)
{
    double x = 2 * i / length - 1;
    return bessel_i0(beta * sqrt(1 - x * x)) / bessel_i0(beta);
}

static const struct {
    const char *name;
    double (*value)(double i, double length, double shape);
} rows[] = {
    { "gaussian", gaussian },
    { "hann", hann },
    { "hamming", hamming },
    { "blackman", blackman },
    { "blackmanharris", blackmanharris },
    { "nuttall", nuttall },
    { "flattop", flattop },
    { "kaiser", kaiser },
    { "rect", rect },
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

bool svi_window_fill(const char *name, double shape, uint32_t length, float *values, struct svi_window_gain *gain)
{
    size_t row = 0;
    while (row < ROW_COUNT && strcmp(rows[row].name, name) != 0)
        row++;
    if (row == ROW_COUNT)
        return false;
    double sum = 0, square_sum = 0;
    for (uint32_t i = 0; i < length; i++) {
        double w = rows[row].value(i, length, shape);
        values[i] = (float)w;
        sum += w;
        square_sum += w * w;
    }
    *gain = (struct svi_window_gain){ sum, square_sum, length * square_sum / (sum * sum) };
    return true;
}

void svi_window_names(char *into, size_t size)
{
    into[0] = '\0';
    for (size_t i = 0, length = 0; i < ROW_COUNT && length < size; i++, length = strlen(into))
        svi_format(into + length, size - length, "%s%s", i ? ", " : "", rows[i].name);
}
