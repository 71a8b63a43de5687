#include "host/celery_moment.h"

#include "capture/moment.h"

#include <math.h>

static const double years_9999_s = 253370764800.0;

json_t *svi_celery_moment(double unix_s)
{
    char text[SVI_UTC_TEXT];
    if (!isfinite(unix_s) || fabs(unix_s) > years_9999_s)
        return json_null();
    double second = floor(unix_s);
    svi_moment_write(text, (struct svi_moment){ (int64_t)second, (uint64_t)((unix_s - second) * 1e18) });
    return json_string(text);
}

bool svi_celery_moment_read(double *unix_s, const json_t *value)
{
    char utc[SVI_UTC_TEXT];
    bool zone_missing;
    struct svi_moment moment;
    *unix_s = NAN;
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value) || !svi_utc_read(utc, json_string_value(value), &zone_missing) || !svi_moment_read(&moment, utc))
        return false;
    *unix_s = (double)moment.second + 1e-18 * (double)moment.attosecond;
    return true;
}
