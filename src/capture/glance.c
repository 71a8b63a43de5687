#include "capture/glance.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Amplitudes are counted by the sign-free exponent and the first 8 bits of the fraction of a float. */
enum { DROPPED_BITS = 15, SIZES = 1 << 16, NUMBERS = 1 << 16 };

struct sizes {
    const struct svi_datatype *datatype;
    uint64_t samples;
    double peak;
    uint32_t counts[2][SIZES];    /* of |I|, of |Q| */
    uint32_t numbers[2][NUMBERS]; /* of integers of up to two bytes, which are few: how often each occurs, as it is stored */
};

static uint32_t size_of(double amplitude)
{
    const float narrow = (float)amplitude;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    return bits >> DROPPED_BITS;
}

/* The upper edge of a size; 0 stays 0. */
static double edge_of(uint32_t size)
{
    const uint32_t bits = size ? (size + 1) << DROPPED_BITS : 0;
    float edge;
    memcpy(&edge, &bits, sizeof edge);
    return (double)edge;
}

static void add_part(struct sizes *sizes, unsigned part, double number, uint32_t count)
{
    const double amplitude = fabs(number);
    if (amplitude > sizes->peak)
        sizes->peak = amplitude;
    sizes->counts[part][size_of(amplitude)] += count;
}

static bool are_few(const struct svi_datatype *datatype)
{
    return !svi_datatype_is_float(datatype) && datatype->part_bytes <= 2;
}

/* Of integers, all of which are finite. */
static void tally(struct sizes *sizes, const uint8_t *sample)
{
    const size_t part_bytes = sizes->datatype->part_bytes;
    for (unsigned part = 0; part < sizes->datatype->parts; part++) {
        uint16_t number = sample[part * part_bytes];
        if (part_bytes == 2)
            memcpy(&number, sample + 2 * part, 2);
        sizes->numbers[part][number]++;
    }
    sizes->samples++;
}

static void add_tallies(struct sizes *sizes)
{
    const struct svi_datatype *datatype = sizes->datatype;
    for (unsigned part = 0; part < datatype->parts; part++)
        for (size_t i = 0; i < NUMBERS; i++) {
            const uint16_t wide = (uint16_t)i;
            const uint8_t narrow = (uint8_t)i;
            if (sizes->numbers[part][i])
                add_part(sizes, part, svi_datatype_load(datatype, datatype->part_bytes == 2 ? (const uint8_t *)&wide : &narrow),
                         sizes->numbers[part][i]);
        }
    if (datatype->parts == 1)
        sizes->counts[1][0] += (uint32_t)sizes->samples;
}

static void look_at(struct sizes *sizes, const uint8_t *sample)
{
    const struct svi_datatype *datatype = sizes->datatype;
    if (are_few(datatype)) {
        tally(sizes, sample);
        return;
    }
    double parts[2] = { 0, 0 };
    for (unsigned part = 0; part < datatype->parts; part++)
        parts[part] = svi_datatype_load(datatype, sample + part * datatype->part_bytes);
    if (!(fabs(parts[0]) <= FLT_MAX && fabs(parts[1]) <= FLT_MAX))
        return;
    sizes->samples++;
    for (unsigned part = 0; part < 2; part++)
        add_part(sizes, part, parts[part], 1);
}

static bool in_gap(const struct svi_recording *recording, uint64_t sample, size_t *next_gap)
{
    while (*next_gap < recording->gap_count
           && recording->gaps[*next_gap].first_sample + recording->gaps[*next_gap].sample_count <= sample)
        ++*next_gap;
    return *next_gap < recording->gap_count && recording->gaps[*next_gap].first_sample <= sample;
}

static double usual_of(const struct sizes *sizes, unsigned part)
{
    uint64_t above = 0;
    for (uint32_t size = SIZES; size-- > 0;) {
        above += sizes->counts[part][size];
        if (above * 1000 > sizes->samples)
            return fmin(edge_of(size), sizes->peak);
    }
    return 0;
}

bool svi_glance(struct svi_glance *out, struct svi_capture *capture, uint32_t channel, struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    const size_t sample_bytes = svi_datatype_bytes(recording->datatype);
    const uint64_t all = recording->sample_count, runs = all > SVI_GLANCE_SAMPLES ? SVI_GLANCE_RUNS : 1;
    const uint64_t run_samples = runs > 1 ? SVI_GLANCE_RUN_SAMPLES : all;
    struct sizes *sizes = calloc(1, sizeof *sizes);
    if (!sizes)
        return svi_fail_memory(err, sizeof *sizes);
    sizes->datatype = recording->datatype;
    size_t next_gap = 0;
    bool ok = true;
    for (uint64_t run = 0; ok && run < runs; run++) {
        /* From the first sample to the last; in two steps, so that no product is too large. */
        const uint64_t room = all - run_samples, steps = runs > 1 ? runs - 1 : 1;
        const uint64_t first = room / steps * run + room % steps * run / steps;
        struct svi_bytes view;
        ok = svi_capture_view(capture, first, run_samples, &view, err);
        for (uint64_t i = 0; ok && i < run_samples; i++)
            if (!in_gap(recording, first + i, &next_gap))
                look_at(sizes, view.at + (i * recording->channels + channel) * sample_bytes);
        svi_capture_forget_run(capture, first + run_samples);
    }
    svi_capture_forget(capture, all);
    if (are_few(sizes->datatype))
        add_tallies(sizes);
    if (ok)
        *out = (struct svi_glance){ sizes->samples, sizes->peak, fmax(usual_of(sizes, 0), usual_of(sizes, 1)) };
    free(sizes);
    return ok;
}
