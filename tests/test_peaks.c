/* test_peaks - lines of a spectrum whose places are known. */
#include "visual/peaks.h"

#include <math.h>

#include "check.h"

enum { BINS = 1000 };

static double spectrum[BINS];

static void fill(double floor)
{
    for (size_t i = 0; i < BINS; i++)
        spectrum[i] = floor;
}

/* A hump of Gaussian shape: in dB a parabola, so its middle can be told exactly. */
static void add_hump(double middle, double power, double sigma)
{
    for (size_t i = 0; i < BINS; i++) {
        double x = ((double)i - middle) / sigma;
        spectrum[i] = fmax(spectrum[i], power * exp(-0.5 * x * x));
    }
}

static void humps_are_found_in_order_of_power(void **state)
{
    (void)state;
    fill(1e-9);
    add_hump(100.3, 1e-3, 3);
    add_hump(700.0, 1e-1, 5);
    add_hump(300.75, 1e-2, 2);
    struct svi_peak peaks[SVI_MAX_PEAKS];
    double floor = svi_noise_floor(spectrum, BINS);
    check_near(floor, 1e-9, 1e-15);
    assert_int_equal(svi_peaks_find(spectrum, BINS, floor, peaks), 3);
    static const struct {
        double bin, power, sigma;
    } expected[] = { { 700, 1e-1, 5 }, { 300.75, 1e-2, 2 }, { 100.3, 1e-3, 3 } };
    for (size_t i = 0; i < ROWS(expected); i++) {
        check_near(peaks[i].bin, expected[i].bin, 0.01);
        check_near(10 * log10(peaks[i].power / expected[i].power), 0, 0.2);
        check_near(peaks[i].bandwidth_bins, 2 * sqrt(2 * log(2)) * expected[i].sigma, 0.4);
    }
}

static void edges_flat_spectra_and_nothing(void **state)
{
    (void)state;
    struct svi_peak peaks[SVI_MAX_PEAKS];
    fill(1);
    assert_int_equal(svi_peaks_find(spectrum, BINS, 1, peaks), 0);
    spectrum[0] = 1000;
    spectrum[BINS - 1] = 2000;
    assert_int_equal(svi_peaks_find(spectrum, BINS, 1, peaks), 2);
    check_near(peaks[0].bin, BINS - 1, 0);
    check_near(peaks[1].bin, 0, 0);
    fill(0);
    assert_int_equal(svi_peaks_find(spectrum, BINS, 0, peaks), 0);
    assert_int_equal(svi_peaks_find(spectrum, 1, 0, peaks), 0);
    for (size_t i = 0; i < BINS; i += 2)
        spectrum[i] = 100;
    assert_int_equal(svi_peaks_find(spectrum, BINS, 1, peaks), SVI_MAX_PEAKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(humps_are_found_in_order_of_power),
        cmocka_unit_test(edges_flat_spectra_and_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
