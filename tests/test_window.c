/* test_window - gains that stand in the literature, and values that SciPy gives. (Whole windows: test_stft.c.) */
#include "visual/window.h"

#include <math.h>

#include "check.h"

static void equivalent_noise_bandwidths_are_the_known_ones(void **state)
{
    (void)state;
    /* Periodic cosine windows: ENBW = (a0² + Σ ak² / 2) / a0², on paper. */
    static const struct {
        const char *name;
        double shape, enbw_bins, mean;
    } rows[] = {
        { "rect", 0, 1.0, 1.0 },
        { "hann", 0, 1.5, 0.5 },
        { "hamming", 0, 1.0 + 0.5 * (0.46 / 0.54) * (0.46 / 0.54), 0.54 },
        { "blackman", 0, 1.0 + 0.5 * (0.25 + 0.0064) / (0.42 * 0.42), 0.42 },
        { "blackmanharris", 0, 2.00435, 0.35875 },
        { "nuttall", 0, 1.97611, 0.3635819 },
        { "flattop", 0, 3.77025, 0.21557895 },
        { "gaussian", 100, 2.88865, 250.66 / 1024 },
        { "kaiser", 14, 2.16113, 0.33187 }, /* scipy.signal.windows.kaiser(1024, 14, sym=False) */
        { "kaiser", 0, 1.0, 1.0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        float values[1024];
        struct svi_window_gain gain;
        assert_true(svi_window_fill(rows[i].name, rows[i].shape, 1024, values, &gain));
        if (fabs(gain.enbw_bins - rows[i].enbw_bins) > 2e-4 || fabs(gain.sum / 1024 - rows[i].mean) > 2e-4)
            fail_msg("%s: ENBW %.6f, not %.6f; mean %.6f, not %.6f", rows[i].name, gain.enbw_bins, rows[i].enbw_bins,
                     gain.sum / 1024, rows[i].mean);
        double sum = 0, square_sum = 0;
        for (size_t k = 0; k < 1024; k++) {
            sum += (double)values[k];
            square_sum += (double)values[k] * (double)values[k];
        }
        check_near(sum, gain.sum, 1e-4);
        check_near(square_sum, gain.square_sum, 1e-4);
    }
}

static void an_unknown_window_is_refused_and_all_are_listed(void **state)
{
    (void)state;
    float values[16];
    struct svi_window_gain gain;
    char names[256];
    assert_false(svi_window_fill("box", 0, 16, values, &gain));
    svi_window_names(names, sizeof names);
    for (char *next = names, *name; (name = strsep(&next, ","));)
        assert_true(svi_window_fill(name + (*name == ' '), 1, 16, values, &gain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equivalent_noise_bandwidths_are_the_known_ones),
        cmocka_unit_test(an_unknown_window_is_refused_and_all_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
