#include "capture/utc.h"

#include "base/bytes.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* Reads exactly this many digits and moves behind them. */
static bool digits(const char **at, int count, int *out)
{
    *out = 0;
    for (; count > 0; count--, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool mark(const char **at, const char *any_of)
{
    bool found = **at && strchr(any_of, **at);
    *at += found;
    return found;
}

static int days_in(int month, int year)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool date_and_time(const char **at, struct tm *out)
{
    int year, month, day, hour, minute, second;
    if (!digits(at, 4, &year) || !mark(at, "-") || !digits(at, 2, &month) || !mark(at, "-") || !digits(at, 2, &day)
        || !mark(at, "Tt ") || !digits(at, 2, &hour) || !mark(at, ":") || !digits(at, 2, &minute) || !mark(at, ":")
        || !digits(at, 2, &second))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in(month, year) || hour > 23 || minute > 59 || second > 60)
        return false;
    *out = (struct tm){
        .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second
    };
    return true;
}

/* The seconds by which local time is ahead of UTC. */
static bool zone(const char **at, int *ahead_s, bool *missing)
{
    *ahead_s = 0;
    *missing = **at == '\0';
    if (*missing || mark(at, "Zz"))
        return true;
    int sign = **at == '-' ? -1 : 1, hours, minutes;
    if (!mark(at, "+-") || !digits(at, 2, &hours) || !mark(at, ":") || !digits(at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ahead_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool svi_utc_read(char into[SVI_UTC_TEXT], const char *text, bool *zone_missing)
{
    into[0] = '\0';
    *zone_missing = false;
    struct tm moment;
    if (!date_and_time(&text, &moment))
        return false;
    const char *fraction = "";
    int fraction_length = 0;
    if (mark(&text, ".")) {
        for (fraction = text; isdigit((unsigned char)*text); text++)
            fraction_length += fraction_length < 18;
        if (!fraction_length)
            return false;
    }
    int ahead_s;
    if (!zone(&text, &ahead_s, zone_missing) || *text)
        return false;
    if (ahead_s) {
        time_t seconds = timegm(&moment) - ahead_s;
        if (!gmtime_r(&seconds, &moment) || moment.tm_year < -1900 || moment.tm_year > 9999 - 1900)
            return false;
    }
    return svi_format(into, SVI_UTC_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%s%.*sZ", moment.tm_year + 1900, moment.tm_mon + 1,
                      moment.tm_mday, moment.tm_hour, moment.tm_min, moment.tm_sec, fraction_length ? "." : "", fraction_length,
                      fraction);
}
