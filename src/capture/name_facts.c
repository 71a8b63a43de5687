#include "capture/name_facts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { MOST_PARTS = 32, MOST_DIGITS = 18 };

static const double most_hz = 1e15;

/* Endings beside SigMF's own datatypes. NULL: samples, of a datatype that somebody else must say. */
static const struct {
    const char *ending, *datatype;
} endings[] = {
    { "fc32", "cf32_le" },   { "cfile", "cf32_le" }, { "fc64", "cf64_le" }, { "cs8", "ci8" },      { "sc8", "ci8" },
    { "cs16", "ci16_le" },   { "sc16", "ci16_le" },  { "cs32", "ci32_le" }, { "sc32", "ci32_le" }, { "complex16u", "cu8" },
    { "complex16s", "ci8" }, { "iq", NULL },         { "raw", NULL },       { "bin", NULL },       { "dat", NULL },
    { "data", NULL },        { "samples", NULL },    { "iqdata", NULL },    { "complex", NULL },
};

enum quantity { FREQUENCY, RATE };

/* rtl_433's units: M alone is a frequency, k alone a sample rate. */
static const struct {
    const char *unit;
    double factor;
    enum quantity quantity;
} units[] = {
    { "Hz", 1, FREQUENCY },  { "kHz", 1e3, FREQUENCY }, { "MHz", 1e6, FREQUENCY }, { "GHz", 1e9, FREQUENCY },
    { "M", 1e6, FREQUENCY }, { "G", 1e9, FREQUENCY },   { "k", 1e3, RATE },        { "sps", 1, RATE },
    { "ksps", 1e3, RATE },   { "Msps", 1e6, RATE },
};

struct parts {
    size_t count;
    struct svi_bytes at[MOST_PARTS];
};

static bool same(struct svi_bytes part, const char *word)
{
    return part.count == strlen(word) && !strncasecmp((const char *)part.at, word, part.count);
}

static bool starts(struct svi_bytes part, const char *word)
{
    return part.count >= strlen(word) && !strncasecmp((const char *)part.at, word, strlen(word));
}

/* Digits with at most one point; what is behind them is left in *rest. */
static bool read_number(struct svi_bytes part, double *number, struct svi_bytes *rest)
{
    double value = 0, scale = 1;
    size_t i = 0, digits = 0;
    bool point = false;
    for (; i < part.count && (isdigit(part.at[i]) || (part.at[i] == '.' && !point)); i++) {
        if (part.at[i] == '.') {
            point = true;
            continue;
        }
        digits++;
        value = value * 10 + (part.at[i] - '0');
        scale = point ? scale * 10 : scale;
    }
    *number = value / scale;
    *rest = (struct svi_bytes){ part.at + i, part.count - i };
    return digits && digits <= MOST_DIGITS && part.at[0] != '.' && *number > 0 && *number <= most_hz;
}

static bool is_digits(struct svi_bytes part, size_t count)
{
    for (size_t i = 0; i < part.count; i++)
        if (!isdigit(part.at[i]))
            return false;
    return part.count == count;
}

static struct svi_bytes base_of(struct svi_bytes name)
{
    for (size_t i = name.count; i-- > 0;)
        if (name.at[i] == '/')
            return (struct svi_bytes){ name.at + i + 1, name.count - i - 1 };
    return name;
}

static void read_ending(struct svi_name_facts *out, struct svi_bytes ending)
{
    char word[16];
    if (!ending.count || ending.count >= sizeof word)
        return;
    for (size_t i = 0; i < ending.count; i++)
        word[i] = (char)tolower(ending.at[i]);
    word[ending.count] = '\0';
    out->datatype = svi_datatype_find(word);
    out->samples = out->datatype != NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !out->samples; i++)
        if (!strcmp(endings[i].ending, word)) {
            out->samples = true;
            out->datatype = endings[i].datatype ? svi_datatype_find(endings[i].datatype) : NULL;
        }
}

static void split(struct parts *parts, struct svi_bytes stem)
{
    parts->count = 0;
    while (parts->count < MOST_PARTS) {
        size_t length = 0;
        while (length < stem.count && stem.at[length] != '_')
            length++;
        parts->at[parts->count++] = (struct svi_bytes){ stem.at, length };
        if (length == stem.count)
            return;
        stem = (struct svi_bytes){ stem.at + length + 1, stem.count - length - 1 };
    }
}

/* The last of several frequencies, or rates, speaks: a name may begin with anything. */
static void read_quantities(struct svi_name_facts *out, const struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        double number;
        struct svi_bytes rest;
        if (!read_number(parts->at[i], &number, &rest))
            continue;
        for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
            double value = number * units[k].factor;
            if (!same(rest, units[k].unit) || value > most_hz)
                continue;
            if (units[k].quantity == FREQUENCY)
                out->center_frequency_hz = value;
            else
                out->sample_rate_hz = value;
        }
    }
}

/* 20260102_030405Z, or the same without Z where the program is known to write UTC. */
static bool read_time(struct svi_name_facts *out, struct svi_bytes date, struct svi_bytes time, bool utc)
{
    bool zone_missing;
    char text[SVI_UTC_TEXT];
    if (time.count == 7 && (time.at[6] == 'Z' || time.at[6] == 'z')) {
        time.count = 6;
        utc = true;
    }
    if (!utc || !is_digits(date, 8) || !is_digits(time, 6))
        return false;
    const char *d = (const char *)date.at, *t = (const char *)time.at;
    return svi_format(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d, d + 4, d + 6, t, t + 2, t + 4)
           && svi_utc_read(out->start_time, text, &zone_missing);
}

static bool read_gqrx(struct svi_name_facts *out, const struct parts *parts)
{
    double frequency_hz, rate_hz;
    struct svi_bytes behind_frequency, behind_rate;
    if (parts->count != 6 || !starts(parts->at[0], "gqrx") || !same(parts->at[5], "fc")
        || !read_time(out, parts->at[1], parts->at[2], true) || !read_number(parts->at[3], &frequency_hz, &behind_frequency)
        || !read_number(parts->at[4], &rate_hz, &behind_rate) || behind_frequency.count || behind_rate.count)
        return false;
    out->center_frequency_hz = frequency_hz;
    out->sample_rate_hz = rate_hz;
    out->datatype = svi_datatype_find("cf32_le");
    out->samples = true;
    return true;
}

void svi_name_facts_read(struct svi_name_facts *out, struct svi_bytes name)
{
    *out = (struct svi_name_facts){ .center_frequency_hz = NAN };
    struct svi_bytes stem = base_of(name);
    size_t dot = stem.count;
    while (dot > 0 && stem.at[dot - 1] != '.')
        dot--;
    if (!dot)
        return;
    read_ending(out, (struct svi_bytes){ stem.at + dot, stem.count - dot });
    stem.count = dot - 1;
    struct parts parts;
    split(&parts, stem);
    if (read_gqrx(out, &parts))
        return;
    out->start_time[0] = '\0';
    read_quantities(out, &parts);
    for (size_t i = 0; i + 1 < parts.count && !out->start_time[0]; i++)
        read_time(out, parts.at[i], parts.at[i + 1], false);
}
