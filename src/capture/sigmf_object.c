#include "capture/sigmf_object.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const double svi_sigmf_most_hz = 1e15;

bool svi_sigmf_refuse(const struct svi_sigmf_object *object, const char *key, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return svi_fail(object->err, SVI_BAD_RECORDING, "%s: %s in %s %s", object->file, key, object->name, text);
}

json_t *svi_sigmf_value_of(const struct svi_sigmf_object *object, const char *key)
{
    json_t *value = json_object_get(object->json, key);
    return json_is_null(value) ? NULL : value;
}

bool svi_sigmf_read_text(const struct svi_sigmf_object *object, const char *key, const char **out)
{
    json_t *value = svi_sigmf_value_of(object, key);
    if (value && !json_is_string(value))
        return svi_sigmf_refuse(object, key, "must be a string, not %s.", svi_json_kind(value));
    if (value)
        *out = json_string_value(value);
    return true;
}

bool svi_sigmf_read_flag(const struct svi_sigmf_object *object, const char *key, bool *out)
{
    json_t *value = svi_sigmf_value_of(object, key);
    if (value && !json_is_boolean(value))
        return svi_sigmf_refuse(object, key, "must be true or false, not %s.", svi_json_kind(value));
    if (value)
        *out = json_is_true(value);
    return true;
}

bool svi_sigmf_read_hertz(const struct svi_sigmf_object *object, const char *key, double least, double *out)
{
    json_t *value = svi_sigmf_value_of(object, key);
    if (!value)
        return true;
    if (!json_is_number(value))
        return svi_sigmf_refuse(object, key, "must be a number of hertz, not %s.", svi_json_kind(value));
    double hertz = json_number_value(value);
    if (!(hertz >= least && hertz <= svi_sigmf_most_hz))
        return svi_sigmf_refuse(object, key, "is %g Hz; from %g to %g Hz can be drawn.", hertz, least, svi_sigmf_most_hz);
    *out = hertz;
    return true;
}

bool svi_sigmf_read_count(const struct svi_sigmf_object *object, const char *key, uint64_t *out, bool *present)
{
    static const double first_inexact = 9007199254740992.0;
    json_t *value = svi_sigmf_value_of(object, key);
    *present = value != NULL;
    if (!value)
        return true;
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        return true;
    }
    double real = json_number_value(value);
    if (json_is_real(value) && real >= 0 && real < first_inexact && floor(real) == real) {
        *out = (uint64_t)real;
        return true;
    }
    if (json_is_number(value))
        return svi_sigmf_refuse(object, key, "is %.17g; it must be a whole number from 0.", real);
    return svi_sigmf_refuse(object, key, "must be a whole number, not %s.", svi_json_kind(value));
}
