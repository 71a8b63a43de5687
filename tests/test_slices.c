/* test_slices - the range of slices, against SciPy. */
#include "visual/slices.h"

#include "check.h"

static void every_range_is_scipys(void **state)
{
    (void)state;
    static const struct {
        uint64_t samples;
        uint32_t fft_size, hop;
        double sigma;
        uint32_t zeros;
        int64_t p_min, p_max;
    } rows[] = {
#define STFT_RANGE(samples, fft_size, hop, sigma, zeros, p_min, p_max) { samples, fft_size, hop, sigma, zeros, p_min, p_max },
#include "data/stft/ranges.h"
#undef STFT_RANGE
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_slices slices;
        uint32_t zeros = svi_gaussian_zeros(rows[i].fft_size, rows[i].sigma);
        assert_int_equal(zeros, rows[i].zeros);
        assert_true(svi_slices_of(rows[i].samples, rows[i].fft_size, rows[i].hop, zeros, &slices));
        if (slices.first != rows[i].p_min || slices.end != rows[i].p_max)
            fail_msg("row %zu: %lld…%lld, not %lld…%lld", i, (long long)slices.first, (long long)slices.end,
                     (long long)rows[i].p_min, (long long)rows[i].p_max);
    }
}

static void less_than_half_a_window_is_refused(void **state)
{
    (void)state;
    struct svi_slices slices;
    assert_false(svi_slices_of(511, 1024, 500, 0, &slices));
    assert_true(svi_slices_of(512, 1024, 500, 0, &slices));
    assert_false(svi_slices_of(1093, 2187, 729, 0, &slices));
    assert_true(svi_slices_of(1094, 2187, 729, 0, &slices));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range_is_scipys),
        cmocka_unit_test(less_than_half_a_window_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
