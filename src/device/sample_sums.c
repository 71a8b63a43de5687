#include "device/sample_sums.h"

#include "device/launch.h"
#include "device/stored_runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What kernels/sum_samples.cl keeps for each work-item. */
enum { FINITE, OTHERS, CLIPPED, PEAK, PEAK_POWER, SUM_I, SUM_Q = 7, SUM_II = 9, SUM_QQ = 11, SUM_IQ = 13, WORDS = 15 };

/* Samples that a work-item adds up side by side. */
enum { LANES_ON_CPU = 16 };

struct svi_sample_sums {
    struct svi_device *device;
    struct svi_stored_runs runs;
    struct svi_stored_share share;
    uint32_t channel;
    bool only_count;
    const struct svi_stft *relied_on; /* NULL: none */
    uint64_t known_finite;            /* samples that were not looked at */
    float scale;                      /* floats are multiplied by it on the device */
    cl_mem memory;
};

bool svi_sample_sums_create(struct svi_sample_sums **out, struct svi_device *device, const struct svi_recording *recording,
                            const struct svi_sample_sums_request *request, struct svi_error *err)
{
    struct svi_sample_sums *sums = calloc(1, sizeof *sums);
    if (!sums)
        return svi_fail_memory(err, sizeof *sums);
    int exponent = 0;
    if (request->typical > 0 && isfinite(request->typical))
        frexp(request->typical, &exponent);
    sums->device = device;
    sums->runs.recording = recording;
    sums->share = svi_stored_share_for(device);
    sums->channel = request->channel;
    sums->only_count = request->only_count;
    sums->scale = (float)ldexp(1, exponent < -120 ? 120 : exponent > 120 ? -120 : -exponent);
    const size_t bytes = sums->share.workers * WORDS * sizeof(cl_ulong);
    sums->memory = svi_mem_create_zero(device, bytes, err);
    if (sums->memory) {
        *out = sums;
        return true;
    }
    svi_sample_sums_destroy(sums);
    return false;
}

void svi_sample_sums_destroy(struct svi_sample_sums *sums)
{
    if (!sums)
        return;
    svi_mem_release(sums->memory);
    free(sums);
}

static bool sum_run(void *self, const struct svi_block *block, uint64_t first, uint64_t end, struct svi_error *err)
{
    struct svi_sample_sums *sums = self;
    const struct svi_recording *recording = sums->runs.recording;
    const bool cpu = svi_device_about(sums->device)->type == SVI_DEVICE_CPU;
    const struct svi_variant variant = { .datatype = recording->datatype,
                                         .definitions = { { "LANES", cpu ? LANES_ON_CPU : 1 } },
                                         .single = cpu };
    return svi_launch_variant(sums->device, "sum_samples", &variant, ((const size_t[2]){ sums->share.workers, 1 }), err,
                              SVI_MEM(block->samples), SVI_MEM(sums->memory), SVI_U64(block->first_sample), SVI_U64(first),
                              SVI_U64(end), SVI_U32(recording->channels), SVI_U32(sums->channel), SVI_U32(sums->share.turn),
                              SVI_F32(sums->scale), SVI_U32(sums->only_count));
}

static bool wants(void *self, uint64_t *first, uint64_t *count)
{
    return svi_stored_runs_want(&((struct svi_sample_sums *)self)->runs, first, count);
}

void svi_sample_sums_rely_on(struct svi_sample_sums *sums, const struct svi_stft *stft)
{
    sums->relied_on = stft;
}

static bool count_known(void *self, const struct svi_block *block, uint64_t first, uint64_t end, struct svi_error *err)
{
    (void)block;
    (void)err;
    ((struct svi_sample_sums *)self)->known_finite += end - first;
    return true;
}

static bool take(void *self, const struct svi_block *block, struct svi_error *err)
{
    struct svi_sample_sums *sums = self;
    uint64_t first, count, end;
    if (sums->relied_on && svi_stored_runs_want(&sums->runs, &first, &count)) {
        if (!svi_stft_finite_until(sums->relied_on, first, &end, err))
            return false;
        if (end > first)
            return svi_stored_runs_take(&sums->runs, block, end - first, count_known, sums, err);
    }
    return svi_stored_runs_take(&sums->runs, block, sums->share.most, sum_run, sums, err);
}

struct svi_taker svi_sample_sums_taker(struct svi_sample_sums *sums)
{
    return (struct svi_taker){ sums, wants, take };
}

/* ---- from what the work-items kept to one number ---- */

static long double float_part(uint64_t word, unsigned part)
{
    float pair[2];
    memcpy(pair, &word, sizeof pair);
    return pair[part];
}

/* One sum of one work-item. */
static long double sum_of(const uint64_t *words, bool floats, bool product)
{
    if (floats)
        return float_part(words[0], 0) + float_part(words[0], 1) + float_part(words[1], 0);
    if (product)
        return (long double)(int64_t)words[1] * 4294967296.0L + (long double)words[0];
    return (long double)(int64_t)words[0];
}

static double peak_of(uint64_t word, bool floats)
{
    return floats ? (double)float_part(word, 0) : (double)word;
}

/* Work-items first, so that rounding comes last. In units of the device's numbers. */
struct totals {
    uint64_t finite, others, clipped;
    double peak, peak_power;
    long double i, q, ii, qq, iq;
};

static void add_up(struct totals *to, const uint64_t *words, bool floats)
{
    to->finite += words[FINITE];
    to->others += words[OTHERS];
    to->clipped += words[CLIPPED];
    to->peak = fmax(to->peak, peak_of(words[PEAK], floats));
    to->peak_power = fmax(to->peak_power, peak_of(words[PEAK_POWER], floats));
    to->i += sum_of(words + SUM_I, floats, false);
    to->q += sum_of(words + SUM_Q, floats, false);
    to->ii += sum_of(words + SUM_II, floats, true);
    to->qq += sum_of(words + SUM_QQ, floats, true);
    to->iq += sum_of(words + SUM_IQ, floats, true);
}

static double variance(long double squares, long double mean, long double count)
{
    const long double mean_square = squares / count, about_mean = mean_square - mean * mean;
    return about_mean < 1e-15L * mean_square ? 0 : (double)about_mean;
}

static void evaluate(struct svi_sample_statistics *out, const struct totals *totals, double unit)
{
    const long double count = (long double)totals->finite, mean_i = totals->i / count, mean_q = totals->q / count;
    *out = (struct svi_sample_statistics){
        .finite = totals->finite,
        .not_finite = totals->others,
        .clipped = totals->clipped,
        .mean_i = NAN,
        .mean_q = NAN,
        .mean_power = NAN,
        .peak = NAN,
        .peak_power = NAN,
        .variance_i = NAN,
        .variance_q = NAN,
        .covariance = NAN,
    };
    if (!totals->finite)
        return;
    out->mean_i = (double)mean_i * unit;
    out->mean_q = (double)mean_q * unit;
    out->peak = totals->peak * unit;
    if (!isfinite((double)totals->ii) || !isfinite((double)totals->qq))
        return;
    out->mean_power = (double)((totals->ii + totals->qq) / count) * unit * unit;
    out->peak_power = totals->peak_power * unit * unit;
    out->variance_i = variance(totals->ii, mean_i, count) * unit * unit;
    out->variance_q = variance(totals->qq, mean_q, count) * unit * unit;
    out->covariance = (double)(totals->iq / count - mean_i * mean_q) * unit * unit;
}

bool svi_sample_sums_read(struct svi_sample_sums *sums, struct svi_sample_statistics *out, struct svi_error *err)
{
    const struct svi_datatype *datatype = sums->runs.recording->datatype;
    const bool floats = svi_datatype_is_float(datatype);
    const size_t bytes = sums->share.workers * WORDS * sizeof(uint64_t);
    struct totals totals = { .finite = sums->known_finite };
    uint64_t *words = malloc(bytes);
    bool ok = (words || svi_fail_memory(err, bytes)) && svi_mem_read(sums->device, words, sums->memory, bytes, err);
    for (size_t i = 0; ok && i < sums->share.workers; i++)
        add_up(&totals, words + i * WORDS, floats);
    if (ok)
        evaluate(out, &totals, floats ? 1 / (double)sums->scale : 1 / datatype->full_scale);
    free(words);
    return ok;
}
