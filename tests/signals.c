#include "signals.h"

#include "base/bytes.h"
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double full_turn = 6.283185307179586476925;

double signal_noise_power(double density_dbfs_hz, double sample_rate_hz)
{
    return pow(10, density_dbfs_hz / 10) * sample_rate_hz;
}

static double complex exponential(double level_dbfs, double turns)
{
    double angle = full_turn * (turns - floor(turns));
    return pow(10, level_dbfs / 20) * (cos(angle) + I * sin(angle));
}

/* splitmix64: a good hash of a counter. */
static uint64_t scramble(uint64_t x)
{
    x += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

/* In (0, 1). */
static double uniform(uint64_t bits)
{
    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

/* Complex Gaussian, mean of |z|^2 is 1 (Box and Muller). */
static double complex gaussian(uint64_t seed, unsigned channel, uint64_t i)
{
    uint64_t stream = scramble(scramble(seed) + channel);
    uint64_t first = scramble(stream ^ scramble(i)), second = scramble(first);
    double angle = full_turn * uniform(second);
    return sqrt(-log(uniform(first))) * (cos(angle) + I * sin(angle));
}

double complex signal_sample(const struct signal *signal, unsigned channel, uint64_t i)
{
    double rate = signal->sample_rate_hz, n = (double)i;
    double complex sum = 0;
    for (size_t t = 0; t < signal->tone_count; t++)
        sum += exponential(signal->tones[t].level_dbfs,
                           (signal->tones[t].frequency_hz + channel * signal->channel_step_hz) / rate * n);
    if (signal->noise_power > 0)
        sum += sqrt(signal->noise_power) * gaussian(signal->seed, channel, i);
    if (signal->chirp.from_hz != signal->chirp.to_hz) {
        double step = (signal->chirp.to_hz - signal->chirp.from_hz) / rate / (double)signal->sample_count;
        sum += exponential(signal->chirp.level_dbfs, (signal->chirp.from_hz / rate + step * n / 2) * n);
    }
    if (i >= signal->burst.first_sample && i - signal->burst.first_sample < signal->burst.sample_count)
        sum += exponential(signal->burst.level_dbfs, signal->burst.frequency_hz / rate * (double)(i - signal->burst.first_sample));
    return sum;
}

static double float_of(uint64_t bits, size_t bytes)
{
    double wide;
    float narrow;
    uint32_t word = (uint32_t)bits;
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &word, sizeof narrow);
    return bytes == sizeof wide ? wide : (double)narrow;
}

static double decode_part(const uint8_t *from, const struct svi_datatype *datatype)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < datatype->part_bytes; i++)
        bits = bits << 8 | from[datatype->big_endian ? i : datatype->part_bytes - 1 - i];
    if (datatype->name[1] == 'f')
        return float_of(bits, datatype->part_bytes);
    double number = (double)bits;
    bool is_signed = datatype->name[1] == 'i';
    if (is_signed && number >= datatype->full_scale)
        number -= 2 * datatype->full_scale;
    return (number - datatype->middle) / datatype->full_scale;
}

void signal_encode(void *into, const struct svi_datatype *datatype, double complex sample)
{
    svi_datatype_store(datatype, creal(sample), into);
    if (datatype->parts == 2)
        svi_datatype_store(datatype, cimag(sample), (uint8_t *)into + datatype->part_bytes);
}

double complex signal_decode(const void *from, const struct svi_datatype *datatype)
{
    const uint8_t *parts = from;
    double complex sample = decode_part(parts, datatype);
    if (datatype->parts == 2)
        sample += I * decode_part(parts + datatype->part_bytes, datatype);
    return sample;
}

static bool write_data(FILE *file, const struct signal *signal, const struct svi_datatype *datatype, unsigned channels)
{
    uint8_t bytes[16];
    size_t count = svi_datatype_bytes(datatype);
    for (uint64_t i = 0; i < signal->sample_count; i++)
        for (unsigned channel = 0; channel < channels; channel++) {
            signal_encode(bytes, datatype, signal_sample(signal, channel, i));
            if (fwrite(bytes, 1, count, file) != count)
                return false;
        }
    return true;
}

bool signal_write_sigmf(const char *folder, const char *name, const struct signal *signal, const struct svi_datatype *datatype,
                        unsigned channels, const char *captures, struct svi_error *err)
{
    char path[PATH_MAX];
    struct svi_buffer meta;
    svi_buffer_init(&meta, 1 << 20);
    bool ok = svi_buffer_add_text(
                  &meta,
                  "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.2.0\", \"core:sample_rate\": %.17g, "
                  "\"core:num_channels\": %u}, \"captures\": %s, \"annotations\": []}\n",
                  datatype->name, signal->sample_rate_hz, channels, captures ? captures : "[{\"core:sample_start\": 0}]")
              && svi_format(path, sizeof path, "%s/%s.sigmf-meta", folder, name)
              && svi_file_write(path, (struct svi_bytes){ meta.at, meta.count }, err)
              && svi_format(path, sizeof path, "%s/%s.sigmf-data", folder, name);
    svi_buffer_clear(&meta);
    if (!ok)
        return svi_fail(err, SVI_BUG, "The recording %s cannot be named or described.", name);
    FILE *file = fopen(path, "wb");
    ok = file && write_data(file, signal, datatype, channels);
    if (file && fclose(file) != 0)
        ok = false;
    return ok || svi_fail(err, SVI_IO, "%s.sigmf-data cannot be written.", name)
           || svi_because(err, "%s: %s", path, strerror(errno));
}
