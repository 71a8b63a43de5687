/* test_glance - a first look says how far amplitudes reach: the peak, and where all but a thousandth of them end, in every
 * datatype. */
#include "capture/glance.h"

#include "base/bytes.h"
#include "base/file.h"

#include <complex.h>
#include <math.h>

#include "check.h"
#include "signals.h"

enum { SAMPLES = 2000, CHANNELS = 2 };

/* I and Q run up to 0.5 and 0.25, of either sign; `far` samples have an I of 0.9. */
static double complex sample_of(size_t i, size_t far)
{
    const double share = (double)(i % 101) / 100 * (i % 2 ? 1 : -1);
    return i % 600 == 7 && i / 600 < far ? -0.9 : CMPLX(0.5 * share, 0.25 * share);
}

static struct svi_capture *open_stored(const struct svi_datatype *datatype, struct svi_bytes bytes)
{
    const struct signal nothing = { .sample_rate_hz = 1e6, .sample_count = 1 };
    struct svi_error err = { 0 };
    char path[600];
    check_ok(signal_write_sigmf(scratch_folder(), "glance", &nothing, datatype, CHANNELS, NULL, &err), err);
    snprintf(path, sizeof path, "%s/glance.sigmf-data", scratch_folder());
    check_ok(svi_file_write(path, bytes, &err), err);
    snprintf(path, sizeof path, "%s/glance.sigmf-meta", scratch_folder());
    const struct svi_file file = { path, "glance.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

static struct svi_glance glance_at(const struct svi_datatype *datatype, size_t far)
{
    static uint8_t bytes[SAMPLES * CHANNELS * 16];
    const size_t sample_bytes = svi_datatype_bytes(datatype);
    struct svi_error err = { 0 };
    struct svi_glance glance;
    for (size_t i = 0; i < SAMPLES; i++) {
        signal_encode(bytes + CHANNELS * i * sample_bytes, datatype, 0.99); /* of a channel that is not looked at */
        signal_encode(bytes + (CHANNELS * i + 1) * sample_bytes, datatype, sample_of(i, far));
    }
    struct svi_capture *capture = open_stored(datatype, (struct svi_bytes){ bytes, SAMPLES * CHANNELS * sample_bytes });
    check_ok(svi_glance(&glance, capture, 1, &err), err);
    svi_capture_close(capture);
    return glance;
}

static void amplitudes_end_where_they_do(void **state)
{
    (void)state;
    static const struct {
        size_t far; /* of 2000 */
        double peak, usual;
    } rows[] = { { 0, 0.5, 0.5 }, { 2, 0.9, 0.5 }, { 3, 0.9, 0.9 } };
    for (const struct svi_datatype *datatype = svi_datatypes; datatype->name; datatype++)
        for (size_t i = 0; i < ROWS(rows); i++) {
            const struct svi_glance glance = glance_at(datatype, rows[i].far);
            const double step = svi_datatype_is_float(datatype) ? 1e-7 : 1 / datatype->full_scale;
            assert_int_equal(glance.samples, SAMPLES);
            check_near(glance.peak, rows[i].peak, step);
            check_near(glance.usual, rows[i].usual * (1 + 1.0 / 512), step + rows[i].usual / 512);
        }
}

/* Devices read them so: one that is too large for it is to them not finite. */
static void what_is_not_finite_in_single_precision_does_not_count(void **state)
{
    (void)state;
    static const struct {
        double number;
        bool counts;
    } rows[] = { { 3.4e38, true }, { -3.5e38, false }, { 1e300, false }, { INFINITY, false }, { NAN, false } };
    const struct svi_datatype *datatype = svi_datatype_find("cf64_le");
    for (size_t i = 0; i < ROWS(rows); i++) {
        const double numbers[][2] = { { 0.25, 0 }, { 0.25, 0.5 }, { 0, rows[i].number }, { 0, 0 } };
        struct svi_error err = { 0 };
        struct svi_glance glance;
        struct svi_capture *capture = open_stored(datatype, (struct svi_bytes){ (const uint8_t *)numbers, sizeof numbers });
        check_ok(svi_glance(&glance, capture, 0, &err), err);
        svi_capture_close(capture);
        assert_int_equal(glance.samples, rows[i].counts ? 2 : 1);
        assert_true(rows[i].counts ? glance.peak == rows[i].number : glance.peak == 0.25);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amplitudes_end_where_they_do),
        cmocka_unit_test(what_is_not_finite_in_single_precision_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
