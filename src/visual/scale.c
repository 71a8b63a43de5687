#include "visual/scale.h"

#include <math.h>
#include <string.h>

/* The platform's own floor is -40 dB; ours is far below any receiver. */
static const double least_compat = 1e-4, least_calibrated = 1e-20;

static double gain_dbfs(const struct svi_run *run, const struct svi_window_gain *window)
{
    (void)run;
    return 1 / (window->sum * window->sum);
}

static double gain_dbfs_hz(const struct svi_run *run, const struct svi_window_gain *window)
{
    return 1 / (run->recording->sample_rate_hz * window->square_sum);
}

static double gain_dbm(const struct svi_run *run, const struct svi_window_gain *window)
{
    return gain_dbfs(run, window) * pow(10, run->values.at[SVI_PARAM_CALIBRATION].number / 10);
}

static double gain_compat(const struct svi_run *run, const struct svi_window_gain *window)
{
    (void)run;
    (void)window;
    return 1;
}

static const struct {
    const char *name, *label, *unit;
    double (*gain)(const struct svi_run *run, const struct svi_window_gain *window);
} rows[] = {
    { "dbfs", "Power", "dBFS", gain_dbfs },
    { "dbfs_hz", "Power density", "dBFS/Hz", gain_dbfs_hz },
    { "dbm", "Power", "dBm", gain_dbm },
    { "compat", "Power |S|²", "dB", gain_compat },
};

bool svi_run_compat(const struct svi_run *run)
{
    return !strcmp(run->values.at[SVI_PARAM_UNITS].text, "compat");
}

bool svi_scale_of(struct svi_scale *out, const struct svi_run *run, const struct svi_window_gain *window, struct svi_error *err)
{
    const char *units = run->values.at[SVI_PARAM_UNITS].text;
    if (!strcmp(units, "dbm") && !run->values.at[SVI_PARAM_CALIBRATION].given)
        return svi_fail(
            err, SVI_BAD_PARAMETER,
            "units=dbm needs the parameter calibration: the level in dBm of full scale. The recording does not state it.");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, units)) {
            double gain = rows[i].gain(run, window);
            *out = (struct svi_scale){ rows[i].label, rows[i].unit, gain, svi_run_compat(run) ? least_compat : least_calibrated };
            return true;
        }
    return svi_fail(err, SVI_BUG, "The unit \"%s\" is listed but unknown.", units);
}

double svi_scale_db(const struct svi_scale *scale, double power)
{
    return isnan(power) ? NAN : 10 * log10(fmax(power * scale->gain, scale->least));
}
