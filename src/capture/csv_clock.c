#include "capture/csv_clock.h"

#include <math.h>

/* Of a mean step: what rounded times may be off, but no row that is missing among five. */
static const double most_off = 0.4;

void svi_csv_clock_add(struct svi_csv_clock *clock, double time_s, uint64_t line)
{
    const double step_s = time_s - clock->last_s;
    if (isnan(time_s))
        return;
    if (!clock->count)
        clock->first_s = time_s;
    if (clock->count == 1 || (clock->count && step_s < clock->least_step_s)) {
        clock->least_step_s = step_s;
        clock->least_line = line;
    }
    if (clock->count == 1 || (clock->count && step_s > clock->most_step_s)) {
        clock->most_step_s = step_s;
        clock->most_line = line;
    }
    clock->last_s = time_s;
    clock->count++;
}

static double in_digits(double x, int digits)
{
    const double unit = pow(10, floor(log10(x)) + 1 - digits);
    return unit >= 1 ? round(x / unit) * unit : round(x / unit) / round(1 / unit);
}

bool svi_csv_clock_rate(const struct svi_csv_clock *clock, double *rate_hz, uint64_t *line)
{
    const double span_s = clock->last_s - clock->first_s, mean_s = clock->count > 1 ? span_s / (double)(clock->count - 1) : 0;
    const bool late = clock->least_step_s > 0 && !(clock->most_step_s <= (1 + most_off) * mean_s);
    *line = late ? clock->most_line : clock->least_line;
    if (!(mean_s > 0) || late || clock->least_step_s < (1 - most_off) * mean_s)
        return false;
    /* How far the first and the last time may be off, at least by what doubles of that size lose. */
    const double loss_s = 4e-16 * fmax(fabs(clock->first_s), fabs(clock->last_s));
    const double tolerance = fmax(clock->most_step_s - clock->least_step_s, loss_s) / span_s, rate = 1 / mean_s;
    int digits = 1;
    while (digits < 15 && fabs(in_digits(rate, digits) - rate) > tolerance * rate)
        digits++;
    *rate_hz = digits < 15 ? in_digits(rate, digits) : rate;
    return true;
}
