/* test_density - samples counted in the plane and added up, to the count and to the last digits, against the same in plain C. */
#include "device/density.h"
#include "device/sample_sums.h"

#include "base/bytes.h"
#include "base/file.h"
#include "capture/glance.h"

#include <math.h>

#include "check.h"
#include "signals.h"
#include "with_device.h"

/* A recording of one test: bytes as stored, [sample][channel][part]. */
struct stored {
    const struct svi_datatype *datatype;
    unsigned channels;
    size_t count;
    uint8_t *bytes;
    const char *captures; /* JSON, see signal_write_sigmf */
};

static struct stored make_stored(const char *datatype, unsigned channels, size_t count)
{
    struct stored stored = { .datatype = svi_datatype_find(datatype), .channels = channels, .count = count };
    assert_non_null(stored.datatype);
    stored.bytes = calloc(count, svi_datatype_bytes(stored.datatype) * channels);
    assert_non_null(stored.bytes);
    return stored;
}

static uint8_t *sample_at(const struct stored *stored, size_t i, unsigned channel)
{
    return stored->bytes + (i * stored->channels + channel) * svi_datatype_bytes(stored->datatype);
}

static struct svi_capture *open_stored(const struct stored *stored)
{
    struct svi_error err = { 0 };
    char path[600], meta[400];
    const size_t bytes = stored->count * stored->channels * svi_datatype_bytes(stored->datatype);
    snprintf(meta, sizeof meta,
             "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.2.0\", \"core:sample_rate\": 1e6, "
             "\"core:num_channels\": %u}, \"captures\": %s, \"annotations\": []}",
             stored->datatype->name, stored->channels, stored->captures ? stored->captures : "[{\"core:sample_start\": 0}]");
    snprintf(path, sizeof path, "%s/points.sigmf-data", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ stored->bytes, bytes }, &err), err);
    snprintf(path, sizeof path, "%s/points.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of(meta), &err), err);
    const struct svi_file file = { path, "points.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

/* A number of I or Q as the device is to see it: integers in numbers without the middle, floats in single precision. */
static double number_at(const struct stored *stored, size_t i, unsigned channel, unsigned part)
{
    const double complex sample = signal_decode(sample_at(stored, i, channel), stored->datatype);
    const double amplitude = part ? cimag(sample) : creal(sample);
    return stored->datatype->name[1] == 'f' ? (double)(float)amplitude : amplitude * stored->datatype->full_scale;
}

static bool is_stored(const struct svi_recording *recording, uint64_t sample)
{
    for (size_t g = 0; g < recording->gap_count; g++)
        if (sample >= recording->gaps[g].first_sample && sample < recording->gaps[g].first_sample + recording->gaps[g].sample_count)
            return false;
    return true;
}

/* ---- counts ---- */

/* The twin: one grid, straight from the definition. */
static void count_slowly(const struct stored *stored, const struct svi_recording *recording,
                         const struct svi_density_request *request, uint32_t grid, uint64_t *counts, uint64_t *within,
                         uint64_t *not_finite)
{
    const int64_t half = request->cells / 2;
    const bool floats = stored->datatype->name[1] == 'f';
    uint64_t index = 0; /* of stored samples */
    *within = *not_finite = 0;
    for (uint64_t i = 0; i < recording->sample_count; i++) {
        if (!is_stored(recording, i))
            continue;
        int64_t cell[2];
        bool finite = true, inside = true;
        for (unsigned part = 0; part < 2; part++) {
            const double number = number_at(stored, index, request->channel, part);
            finite = finite && isfinite(number);
            const float narrow = (float)number * (float)(1 / request->cell_width);
            const double place = floats ? floor((double)narrow) : floor(number / request->cell_width);
            const double wide = floor(place / ldexp(1, (int)grid));
            inside = inside && wide >= (double)-half && wide < (double)half;
            cell[part] = inside ? (int64_t)wide + half : 0;
        }
        index++;
        *not_finite += !finite;
        if (!finite || !inside)
            continue;
        counts[cell[1] * request->cells + cell[0]]++;
        ++*within;
    }
}

static void check_density(const struct stored *stored, const struct svi_density_request *request, const char *what)
{
    struct svi_error err = { 0 };
    struct svi_capture *capture = open_stored(stored);
    const struct svi_recording *recording = svi_capture_recording(capture);
    struct svi_density *density;
    struct svi_density_totals totals;
    struct svi_pass_cost cost;
    check_ok(svi_density_create(&density, device, recording, request, &err), err);
    const struct svi_taker taker = svi_density_taker(density);
    check_ok(svi_pass_run(device, capture, &taker, 1, NULL, NULL, &cost, &err), err);
    check_ok(svi_density_finish(density, &totals, &err), err);
    const size_t bytes = (size_t)request->cells * request->cells * sizeof(uint64_t);
    for (uint32_t grid = 0; grid < request->grids; grid++) {
        uint64_t *expected = calloc(1, bytes), *counts, within, not_finite;
        assert_non_null(expected);
        count_slowly(stored, recording, request, grid, expected, &within, &not_finite);
        check_ok(svi_density_counts(density, grid, &counts, &err), err);
        if (totals.within[grid] != within || totals.not_finite != not_finite || memcmp(counts, expected, bytes) != 0)
            fail_msg("%s, grid %u: %llu within, not %llu; %llu not finite, not %llu", what, grid,
                     (unsigned long long)totals.within[grid], (unsigned long long)within, (unsigned long long)totals.not_finite,
                     (unsigned long long)not_finite);
        free(expected);
        free(counts);
    }
    assert_int_equal(totals.within[request->grids - 1] + totals.beyond + totals.not_finite, stored->count);
    svi_density_destroy(density);
    svi_capture_close(capture);
}

/* Noise with a strong sample now and then, an offset, and corners of the type's range. */
static void fill_with_noise(struct stored *stored, double amplitude)
{
    const struct signal noise = { .sample_rate_hz = 1, .noise_power = amplitude * amplitude, .seed = 7 };
    for (size_t i = 0; i < stored->count; i++)
        for (unsigned channel = 0; channel < stored->channels; channel++) {
            double complex sample = signal_sample(&noise, channel, i) + amplitude / 3;
            if (i % 97 == 0)
                sample *= 9;
            if (i % 1009 == 0)
                sample = i % 2 ? -1 - I : 1 - I;
            signal_encode(sample_at(stored, i, channel), stored->datatype, sample);
        }
}

static void every_sample_counts_once(void **state)
{
    (void)state;
    static const struct {
        const char *datatype;
        unsigned channels;
        double amplitude;
        struct svi_density_request request;
    } cases[] = {
        { "ci8", 1, 0.2, { 0, 256, 1, 1 } },
        { "cu8", 2, 0.05, { 1, 32, 4, 1 } },
        { "cu8", 1, 0.2, { 0, 6, 7, 3 } },
        { "ci16_le", 1, 0.01, { 0, 700, 7, 1 } },
        { "ci16_be", 3, 0.1, { 2, 700, 3, 17 } },
        { "cu16_le", 1, 0.3, { 0, 100, 2, 655 } },
        { "cu16_be", 1, 0.3, { 0, 2, 1, 32768 } },
        { "ci32_le", 1, 0.3, { 0, 1024, 5, 2000003 } },
        { "ci32_be", 1, 1e-4, { 0, 512, 14, 1 } },
        { "cu32_le", 2, 0.3, { 0, 2, 2, 2147483647 } },
        { "cu32_be", 1, 0.02, { 0, 202, 8, 32767 } },
        { "cf32_le", 1, 0.1, { 0, 500, 5, 0.0007 } },
        { "cf32_be", 2, 1e-9, { 1, 256, 20, 1e-11 } },
        { "cf64_le", 1, 0.1, { 0, 64, 4, 1.0 / 128 } },
        { "cf64_be", 1, 1e6, { 0, 1024, 2, 1000 } },
    };
    for (size_t i = 0; i < ROWS(cases); i++) {
        struct stored stored = make_stored(cases[i].datatype, cases[i].channels, 20011);
        fill_with_noise(&stored, cases[i].amplitude);
        check_density(&stored, &cases[i].request, cases[i].datatype);
        free(stored.bytes);
    }
}

static void equal_and_clipped_and_single_samples_count_too(void **state)
{
    (void)state;
    static const struct {
        const char *datatype;
        size_t count;
        double complex sample;
    } cases[] = {
        { "ci16_le", 100000, 0.25 - 0.5 * I },
        { "cu8", 300000, 1 + I },
        { "cu8", 300000, -1 - I },
        { "ci32_le", 5000, -1 + I },
        { "ci8", 1, 0 },
        { "cf32_le", 1, 1e-3 * I },
        { "cf32_le", 70000, 0 },
        { "cf64_be", 9999, 1 - I },
    };
    for (size_t i = 0; i < ROWS(cases); i++) {
        struct stored stored = make_stored(cases[i].datatype, 1, cases[i].count);
        for (size_t k = 0; k < stored.count; k++)
            signal_encode(sample_at(&stored, k, 0), stored.datatype, cases[i].sample);
        const bool floats = cases[i].datatype[1] == 'f';
        const struct svi_density_request request = { 0, 64, 6, floats ? 1.0 / 64 : fmax(1, stored.datatype->full_scale / 64) };
        check_density(&stored, &request, cases[i].datatype);
        free(stored.bytes);
    }
}

static void samples_in_gaps_do_not_count(void **state)
{
    (void)state;
    struct stored stored = make_stored("ci16_le", 1, 9000);
    stored.captures = "[{\"core:sample_start\": 0, \"core:global_index\": 0}, {\"core:sample_start\": 5000, \"core:global_index\": "
                      "12345}, {\"core:sample_start\": 5001, \"core:global_index\": 12350}]";
    fill_with_noise(&stored, 0.2);
    const struct svi_density_request request = { 0, 128, 3, 256 };
    check_density(&stored, &request, "gaps");
    struct svi_capture *capture = open_stored(&stored);
    assert_int_equal(svi_capture_recording(capture)->gap_count, 2);
    svi_capture_close(capture);
    free(stored.bytes);
}

static void what_is_not_finite_is_counted_apart(void **state)
{
    (void)state;
    static const char *const datatypes[] = { "cf32_le", "cf32_be", "cf64_le", "cf64_be" };
    for (size_t i = 0; i < ROWS(datatypes); i++) {
        struct stored stored = make_stored(datatypes[i], 1, 5000);
        fill_with_noise(&stored, 0.2);
        signal_encode(sample_at(&stored, 0, 0), stored.datatype, CMPLX(NAN, 0));
        signal_encode(sample_at(&stored, 1234, 0), stored.datatype, CMPLX(0, INFINITY));
        signal_encode(sample_at(&stored, 4999, 0), stored.datatype, CMPLX(-INFINITY, NAN));
        signal_encode(sample_at(&stored, 77, 0), stored.datatype, 3e38);
        const struct svi_density_request request = { 0, 64, 2, 0.01 };
        check_density(&stored, &request, datatypes[i]);
        free(stored.bytes);
    }
}

/* ---- sums ---- */

static struct svi_sample_statistics statistics_with(const struct stored *stored, unsigned channel, bool only_count)
{
    struct svi_error err = { 0 };
    struct svi_capture *capture = open_stored(stored);
    struct svi_glance glance;
    struct svi_sample_sums *sums;
    struct svi_sample_statistics made;
    struct svi_pass_cost cost;
    check_ok(svi_glance(&glance, capture, channel, &err), err);
    const struct svi_sample_sums_request request = { .channel = channel, .typical = glance.peak, .only_count = only_count };
    check_ok(svi_sample_sums_create(&sums, device, svi_capture_recording(capture), &request, &err), err);
    const struct svi_taker taker = svi_sample_sums_taker(sums);
    check_ok(svi_pass_run(device, capture, &taker, 1, NULL, NULL, &cost, &err), err);
    check_ok(svi_sample_sums_read(sums, &made, &err), err);
    svi_sample_sums_destroy(sums);
    svi_capture_close(capture);
    return made;
}

static struct svi_sample_statistics statistics_of(const struct stored *stored, unsigned channel)
{
    return statistics_with(stored, channel, false);
}

/* The twin: means first, then what is about them, in long doubles. */
static struct svi_sample_statistics statistics_slowly(const struct stored *stored, unsigned channel)
{
    const bool floats = stored->datatype->name[1] == 'f';
    const double unit = floats ? 1 : stored->datatype->full_scale;
    struct svi_sample_statistics made = { 0 };
    long double mean[2] = { 0, 0 }, power = 0, variance[2] = { 0, 0 }, covariance = 0;
    for (int round = 0; round < 2; round++) {
        for (size_t k = 0; k < stored->count; k++) {
            const double i = number_at(stored, k, channel, 0) / unit, q = number_at(stored, k, channel, 1) / unit;
            if (!isfinite(i) || !isfinite(q)) {
                made.not_finite += round == 1;
                continue;
            }
            if (round) {
                variance[0] += (i - mean[0]) * (i - mean[0]);
                variance[1] += (q - mean[1]) * (q - mean[1]);
                covariance += (i - mean[0]) * (q - mean[1]);
                continue;
            }
            const double top = floats ? 1 : 1 - 1 / unit;
            const bool both = stored->datatype->parts == 2;
            made.finite++;
            made.clipped += i >= top || i <= -1 || (both && (q >= top || q <= -1));
            made.peak = fmax(made.peak, fmax(fabs(i), fabs(q)));
            made.peak_power = fmax(made.peak_power, i * i + q * q);
            mean[0] += i;
            mean[1] += q;
            power += (long double)i * i + (long double)q * q;
        }
        const long double count = (long double)made.finite;
        if (round == 0) {
            mean[0] /= count;
            mean[1] /= count;
        } else {
            made.mean_i = (double)mean[0];
            made.mean_q = (double)mean[1];
            made.mean_power = (double)(power / count);
            made.variance_i = (double)(variance[0] / count);
            made.variance_q = (double)(variance[1] / count);
            made.covariance = (double)(covariance / count);
        }
    }
    return made;
}

static void check_statistics(const struct stored *stored, unsigned channel)
{
    const struct svi_sample_statistics made = statistics_of(stored, channel), expected = statistics_slowly(stored, channel);
    const double power = expected.mean_power, amplitude = sqrt(power);
    assert_int_equal(made.finite, expected.finite);
    assert_int_equal(made.not_finite, expected.not_finite);
    assert_int_equal(made.clipped, expected.clipped);
    const struct svi_sample_statistics counted = statistics_with(stored, channel, true);
    assert_int_equal(counted.finite, expected.finite);
    assert_int_equal(counted.not_finite, expected.not_finite);
    assert_int_equal(counted.clipped, expected.clipped);
    check_near(made.peak, expected.peak, 0);
    check_near(made.peak_power, expected.peak_power, 1e-6 * expected.peak_power);
    check_near(made.mean_i, expected.mean_i, 1e-12 * amplitude);
    check_near(made.mean_q, expected.mean_q, 1e-12 * amplitude);
    check_near(made.mean_power, power, 1e-12 * power);
    check_near(made.variance_i, expected.variance_i, 1e-12 * power);
    check_near(made.variance_q, expected.variance_q, 1e-12 * power);
    check_near(made.covariance, expected.covariance, 1e-12 * power);
}

static void sums_agree_with_long_doubles(void **state)
{
    (void)state;
    for (const struct svi_datatype *datatype = svi_datatypes; datatype->name; datatype++) {
        struct stored stored = make_stored(datatype->name, 2, 30011);
        fill_with_noise(&stored, datatype->name[1] == 'f' ? 1e-7 : 0.2);
        check_statistics(&stored, 1);
        free(stored.bytes);
    }
    /* Scales that squares of floats do not survive. */
    static const double amplitudes[] = { 1e-30, 1e-15, 1e15, 1e30 };
    for (size_t i = 0; i < ROWS(amplitudes); i++) {
        struct stored stored = make_stored("cf32_le", 1, 5000);
        for (size_t k = 0; k < stored.count; k++)
            signal_encode(sample_at(&stored, k, 0), stored.datatype,
                          amplitudes[i] * (sin((double)(k * k)) + 2 + I * cos((double)(7 * k))));
        check_statistics(&stored, 0);
        free(stored.bytes);
    }
}

/* QPSK of amplitude A, its Q arm by `gain` stronger and leaning by `lean`, on an offset: all known on paper. Each of the four
 * points equally often: var I = A²/2, var Q = g² A²/2, cov = g A²/2 sin(lean). */
static void qpsk_reads_what_was_put_in(void **state)
{
    (void)state;
    const double amplitude = 0.4, gain = 1.25, lean = 0.07, offset_i = 0.125, offset_q = -0.0625;
    struct stored stored = make_stored("cf64_le", 1, 40000);
    for (size_t k = 0; k < stored.count; k++) {
        const double i = amplitude * M_SQRT1_2 * (k & 1 ? 1 : -1), q = amplitude * M_SQRT1_2 * (k & 2 ? 1 : -1);
        signal_encode(sample_at(&stored, k, 0), stored.datatype,
                      CMPLX(i + offset_i, gain * (q * cos(lean) + i * sin(lean)) + offset_q));
    }
    const struct svi_sample_statistics made = statistics_of(&stored, 0);
    check_near(made.mean_i, offset_i, 1e-8);
    check_near(made.mean_q, offset_q, 1e-8);
    check_near(10 * log10(made.variance_i / made.variance_q), -20 * log10(gain), 1e-6);
    check_near(asin(made.covariance / sqrt(made.variance_i * made.variance_q)), lean, 1e-7);
    check_near(made.mean_power, amplitude * amplitude * (1 + gain * gain) / 2 + offset_i * offset_i + offset_q * offset_q, 1e-8);
    assert_int_equal(made.clipped, 0);
    free(stored.bytes);
}

static void what_is_constant_has_no_variance(void **state)
{
    (void)state;
    static const char *const datatypes[] = { "cu8", "ci16_le", "ci32_be", "cf32_le", "cf64_be" };
    for (size_t i = 0; i < ROWS(datatypes); i++) {
        struct stored stored = make_stored(datatypes[i], 1, 70001);
        for (size_t k = 0; k < stored.count; k++)
            signal_encode(sample_at(&stored, k, 0), stored.datatype, 1 - 0.3 * I);
        const struct svi_sample_statistics made = statistics_of(&stored, 0);
        assert_true(made.variance_i == 0 && made.variance_q == 0);
        assert_int_equal(made.clipped, stored.count);
        free(stored.bytes);
    }
    struct stored some = make_stored("rf64_be", 1, 20000);
    for (size_t k = 0; k < some.count; k++)
        signal_encode(sample_at(&some, k, 0), some.datatype, k % 77 == 5 ? (double)NAN : k % 77 == 6 ? (double)-INFINITY : 0.1);
    check_statistics(&some, 0);
    assert_int_equal(statistics_of(&some, 0).not_finite, 2 * 260);
    free(some.bytes);
    struct stored lost = make_stored("cf32_le", 1, 100);
    for (size_t k = 0; k < lost.count; k++)
        signal_encode(sample_at(&lost, k, 0), lost.datatype, CMPLX(NAN, 0));
    const struct svi_sample_statistics made = statistics_of(&lost, 0);
    assert_int_equal(made.finite, 0);
    assert_int_equal(made.not_finite, 100);
    assert_true(isnan(made.mean_power) && isnan(made.mean_i));
    free(lost.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_counts_once),         cmocka_unit_test(equal_and_clipped_and_single_samples_count_too),
        cmocka_unit_test(samples_in_gaps_do_not_count),     cmocka_unit_test(what_is_not_finite_is_counted_apart),
        cmocka_unit_test(sums_agree_with_long_doubles),     cmocka_unit_test(qpsk_reads_what_was_put_in),
        cmocka_unit_test(what_is_constant_has_no_variance),
    };
    const int failed = cmocka_run_group_tests(tests, open_device, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", tests, open_as_gpu, close_device);
}
