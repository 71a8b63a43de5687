#include "capture/moment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A sample's number since 1970 times a denominator needs more than 64 bits. */
__extension__ typedef unsigned __int128 wide_count;

static const uint64_t attoseconds = UINT64_C(1000000000000000000), attoseconds_of_micro = UINT64_C(1000000000000);
static const int64_t year_10000_s = INT64_C(253402300800);

struct svi_rate svi_rate_of(double rate_hz)
{
    int exponent;
    uint64_t number = (uint64_t)ldexp(frexp(fmin(fmax(rate_hz, 1e-9), 1e18), &exponent), 53);
    for (exponent -= 53; exponent < 0 && (number % 2 == 0 || exponent < -63); exponent++)
        number /= 2;
    return exponent < 0 ? (struct svi_rate){ number, UINT64_C(1) << -exponent } : (struct svi_rate){ number << exponent, 1 };
}

/* Reads a number and what must follow it; 0: anything may. */
static bool take_number(const char **at, char after, int *number)
{
    char *end;
    const long value = strtol(*at, &end, 10);
    if (end == *at || value < 0 || value > 9999 || (after && *end != after))
        return false;
    *number = (int)value;
    *at = end + (after != 0);
    return true;
}

bool svi_moment_read(struct svi_moment *out, const char *utc)
{
    struct tm calendar = { 0 };
    char digits[24];
    const char *at = utc;
    if (!take_number(&at, '-', &calendar.tm_year) || !take_number(&at, '-', &calendar.tm_mon)
        || !take_number(&at, 'T', &calendar.tm_mday) || !take_number(&at, ':', &calendar.tm_hour)
        || !take_number(&at, ':', &calendar.tm_min) || !take_number(&at, 0, &calendar.tm_sec))
        return false;
    calendar.tm_year -= 1900;
    calendar.tm_mon -= 1;
    *out = (struct svi_moment){ .second = timegm(&calendar) };
    uint64_t unit = attoseconds;
    if (*at == '.' && sscanf(at + 1, "%18[0-9]", digits) == 1)
        for (const char *c = digits; *c; c++)
            out->attosecond += (uint64_t)(*c - '0') * (unit /= 10);
    return true;
}

bool svi_moment_after(struct svi_moment *out, struct svi_moment from, uint64_t samples, struct svi_rate rate)
{
    const wide_count ticks = (wide_count)samples * rate.denominator, seconds = ticks / rate.numerator;
    if (seconds >= (wide_count)year_10000_s)
        return false;
    *out = (struct svi_moment){ from.second + (int64_t)seconds,
                                from.attosecond + (uint64_t)(ticks % rate.numerator * attoseconds / rate.numerator) };
    if (out->attosecond >= attoseconds) {
        out->attosecond -= attoseconds;
        out->second++;
    }
    return out->second < year_10000_s;
}

/* Digits with zeros in front, and what follows them. By hand: slices of a recording have a moment each. */
static char *put_number(char *at, size_t width, int value, char after)
{
    for (size_t i = width; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    at[width] = after;
    return at + width + 1;
}

void svi_moment_write_seconds(char into[SVI_UTC_TEXT], struct svi_moment moment)
{
    const time_t second = (time_t)moment.second;
    struct tm calendar;
    into[0] = '\0';
    if (!gmtime_r(&second, &calendar))
        return;
    char *at = put_number(into, 4, calendar.tm_year + 1900, '-');
    at = put_number(at, 2, calendar.tm_mon + 1, '-');
    at = put_number(at, 2, calendar.tm_mday, 'T');
    at = put_number(at, 2, calendar.tm_hour, ':');
    at = put_number(at, 2, calendar.tm_min, ':');
    put_number(at, 2, calendar.tm_sec, '\0');
}

void svi_moment_write(char into[SVI_UTC_TEXT], struct svi_moment moment)
{
    static const char zone[] = "+00:00";
    const uint64_t micro = (moment.attosecond + attoseconds_of_micro / 2) / attoseconds_of_micro;
    moment.second += micro == 1000000;
    svi_moment_write_seconds(into, moment);
    char *at = into + strlen(into);
    *at++ = '.';
    memcpy(put_number(at, 6, (int)(micro % 1000000), '+') - 1, zone, sizeof zone);
}
