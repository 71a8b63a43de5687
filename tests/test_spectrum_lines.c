/* test_spectrum_lines - lines of a spectrum, and what is written at its peaks. */
#include "visual/spectrum_lines.h"

#include "base/bytes.h"

#include "check.h"

enum { BINS = 1024 };

/* The label of a carrier in the middle of a bin of a band around `center_hz`. */
static void label_of(double rate_hz, double center_hz, size_t bin, char label[64])
{
    static double power[BINS];
    for (size_t i = 0; i < BINS; i++)
        power[i] = 1e-9;
    power[bin] = 0.1;
    /* A spectrum that needs no device. */
    static const struct svi_sweeps sweeps = { 0 };
    static struct svi_run run_of_sweeps = { .sweeps = &sweeps };
    const struct svi_analysis analysis = {
        .run = &run_of_sweeps,
        .row_count = 1,
        .band = { .bins = BINS,
                  .bin_count = BINS,
                  .bin_hz = rate_hz / BINS,
                  .middle = 0.5,
                  .low_hz = center_hz - (BINS / 2 + 0.5) * rate_hz / BINS },
        .scale = { .unit = "dBFS", .gain = 1, .least = 1e-20 },
        .power = { .mean = power, .max = power, .min = power },
    };
    struct svi_error err = { 0 };
    static struct svi_spectrum_lines lines;
    check_ok(svi_spectrum_lines_make(&lines, &analysis, 800, NULL, &err), err);
    assert_int_equal(lines.mark_count, 1);
    svi_format(label, 64, "%s", lines.mark_labels[0]);
    svi_spectrum_lines_clear(&lines);
}

/* No digit is finer than a tenth of a bin. Frequencies by hand: center + (bin − 512) rate / 1024. */
static void frequencies_of_peaks_have_no_false_digits(void **state)
{
    (void)state;
    static const struct {
        double rate_hz, center_hz;
        size_t bin;
        const char *label;
    } rows[] = {
        { 10e3, 440e6, 512, "440.000000 MHz, −10.0 dBFS" }, /* a tenth of a bin: 0.977 Hz */
        { 10e3, 440e6, 513, "440.000010 MHz, −10.0 dBFS" },
        { 1e6, 100e6, 604, "100.0898 MHz, −10.0 dBFS" },     /* 97.7 Hz */
        { 1.024e6, 100e6, 602, "100.0900 MHz, −10.0 dBFS" }, /* 100 Hz */
        { 2.4e6, 915e6, 256, "914.400 MHz, −10.0 dBFS" },    /* 234 Hz */
        { 1024e6, 4e9, 512, "4.0000 GHz, −10.0 dBFS" },
        { 48e3, 0, 768, "12.00 kHz, −10.0 dBFS" }, /* 4.7 Hz */
        { 1024, 0, 522, "10.0 Hz, −10.0 dBFS" },
        { 102400, 0, 515, "300 Hz, −10.0 dBFS" },
        { 1e-3, 1e9, 512, "1.000000000 GHz, −10.0 dBFS" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char label[64];
        label_of(rows[i].rate_hz, rows[i].center_hz, rows[i].bin, label);
        assert_string_equal(label, rows[i].label);
    }
}

/* It has a level from edge to edge, and the data hold it once. */
static void a_single_bin_is_a_line_across_it(void **state)
{
    (void)state;
    static double power[BINS] = { [600] = 0.1 };
    static const struct svi_sweeps sweeps = { 0 };
    static struct svi_run run_of_sweeps = { .sweeps = &sweeps };
    const struct svi_analysis analysis = {
        .run = &run_of_sweeps,
        .row_count = 1,
        .band = { .bins = BINS, .first_bin = 600, .bin_count = 1, .bin_hz = 10, .middle = 0.5, .low_hz = 6e3, .high_hz = 6010 },
        .scale = { .unit = "dBFS", .gain = 1, .least = 1e-20 },
        .power = { .mean = power, .max = power, .min = power },
    };
    struct svi_error err = { 0 };
    static struct svi_spectrum_lines lines;
    check_ok(svi_spectrum_lines_make(&lines, &analysis, 800, NULL, &err), err);
    assert_int_equal(lines.count, 1);
    for (size_t i = 0; i < SVI_SPECTRUM_LINES; i++) {
        const struct svi_figure_line *line = &lines.lines[i];
        assert_int_equal(line->count, 2);
        check_near(line->x[0], 6000, 1e-9);
        check_near(line->x[1], 6010, 1e-9);
        check_near(line->y[0], -10, 1e-9);
        check_near(line->y[1], -10, 1e-9);
    }
    svi_spectrum_lines_clear(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_of_peaks_have_no_false_digits),
        cmocka_unit_test(a_single_bin_is_a_line_across_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
