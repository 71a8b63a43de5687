/* test_signals - the synthesized signals themselves: other tests take their answers on trust. */
#include "signals.h"

#include <math.h>

#include "check.h"

enum { COUNT = 100000 };

/* Mean of x * exp(-2 pi i f n / rate): the amplitude of a tone at f. */
static double level_at(const struct signal *signal, unsigned channel, double frequency_hz, uint64_t first, uint64_t count)
{
    double complex sum = 0;
    for (uint64_t i = first; i < first + count; i++)
        sum += signal_sample(signal, channel, i)
               * cexp(-I * 2 * 3.14159265358979323846 * frequency_hz / signal->sample_rate_hz * (double)i);
    return 20 * log10(cabs(sum) / (double)count);
}

static void tones_have_their_level_in_each_channel(void **state)
{
    (void)state;
    static const struct signal_tone tones[] = { { 100, -3 }, { -250, -40 } };
    const struct signal signal = {
        .sample_rate_hz = 1000, .sample_count = COUNT, .tones = tones, .tone_count = 2, .channel_step_hz = 30
    };
    for (unsigned channel = 0; channel < 3; channel++)
        for (size_t t = 0; t < 2; t++)
            check_near(level_at(&signal, channel, tones[t].frequency_hz + 30 * channel, 0, COUNT), tones[t].level_dbfs, 1e-6);
    assert_true(level_at(&signal, 1, 100, 0, COUNT) < -150);
    assert_true(signal_sample(&signal, 0, 0) == signal_sample(&signal, 2, 0)); /* all phases are 0 at sample 0 */
}

static void noise_has_its_power_and_no_memory(void **state)
{
    (void)state;
    const struct signal signal = {
        .sample_rate_hz = 2e6, .sample_count = COUNT, .noise_power = signal_noise_power(-100, 2e6), .seed = 5
    };
    check_near(10 * log10(signal.noise_power), -100 + 63.0103, 1e-4);
    struct signal other_seed = signal;
    other_seed.seed = 6;
    double power = 0, fourth = 0;
    double complex mean = 0, square = 0, lag = 0, channels = 0, seeds = 0, before = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        double complex x = signal_sample(&signal, 0, i) / sqrt(signal.noise_power);
        power += creal(x * conj(x));
        fourth += pow(creal(x), 4);
        mean += x;
        square += x * x;
        lag += x * conj(before);
        channels += x * conj(signal_sample(&signal, 1, i)) / sqrt(signal.noise_power);
        seeds += x * conj(signal_sample(&other_seed, 0, i)) / sqrt(signal.noise_power);
        before = x;
    }
    /* Sums of COUNT independent terms scatter by 1 / sqrt(COUNT) = 0.0032. */
    check_near(power / COUNT, 1, 0.015);
    check_near(fourth / COUNT, 0.75, 0.04); /* Gaussian: 3 (1/2)^2 */
    check_near(cabs(mean) / COUNT, 0, 0.015);
    check_near(cabs(square) / COUNT, 0, 0.02);
    check_near(cabs(lag) / COUNT, 0, 0.015);
    check_near(cabs(channels) / COUNT, 0, 0.015);
    check_near(cabs(seeds) / COUNT, 0, 0.015);
}

/* The frequency of a chirp is the turn from one sample to the next. */
static void a_chirp_goes_from_end_to_end(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = COUNT, .chirp = { -4e5, 3e5, -6 } };
    static const struct {
        uint64_t i;
        double frequency_hz;
    } rows[] = { { 0, -4e5 }, { COUNT / 2, -5e4 }, { COUNT - 2, 3e5 } };
    for (size_t r = 0; r < ROWS(rows); r++) {
        double complex x = signal_sample(&signal, 0, rows[r].i), next = signal_sample(&signal, 0, rows[r].i + 1);
        check_near(carg(next / x) / (2 * 3.14159265358979323846) * 1e6, rows[r].frequency_hz, 20);
        check_near(20 * log10(cabs(x)), -6, 1e-9);
    }
}

static void a_burst_is_there_and_nowhere_else(void **state)
{
    (void)state;
    const struct signal signal = { .sample_rate_hz = 1000, .sample_count = COUNT, .burst = { 500, 200, 125, -20 } };
    for (uint64_t i = 0; i < 1000; i++)
        check_near(cabs(signal_sample(&signal, 0, i)), i >= 500 && i < 700 ? 0.1 : 0, 1e-12);
    check_near(level_at(&signal, 0, 125, 500, 200), -20, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_have_their_level_in_each_channel),
        cmocka_unit_test(noise_has_its_power_and_no_memory),
        cmocka_unit_test(a_chirp_goes_from_end_to_end),
        cmocka_unit_test(a_burst_is_there_and_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
