/* test_compat - with units=compat the pixels are the platform's own: pictures that SciPy and matplotlib made of the same samples
 * (tests/reference/make_compat_reference.py). */
#include "base/file.h"
#include "visual/colormap.h"

#include <stdlib.h>

#include "npy.h"
#include "picture.h"
#include "rendering.h"

struct compat_case {
    const char *name, *input;
    size_t samples, zeros;
    int fft_size, hop;
    double sigma;
    const char *colormap;
};

/* The first samples of an input, and zeros behind them, as a recording. */
static void write_recording(const struct compat_case *row)
{
    char input_name[64], datatype[16], text[256];
    snprintf(input_name, sizeof input_name, "input_%s", row->input);
    snprintf(datatype, sizeof datatype, "%s_le", row->input);
    struct npy input = npy_read_data("stft", input_name);
    const size_t sample_bytes = svi_datatype_bytes(svi_datatype_find(datatype));
    const size_t bytes = row->samples * sample_bytes, all_bytes = bytes + row->zeros * sample_bytes;
    uint8_t *samples = calloc(1, all_bytes);
    struct svi_error err = { 0 };
    assert_non_null(samples);
    memcpy(samples, input.data, bytes);
    snprintf(text, sizeof text,
             "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1000000}}", datatype);
    check_ok(svi_file_write(in_scratch("compat.sigmf-data"), (struct svi_bytes){ samples, all_bytes }, &err), err);
    check_ok(svi_file_write(in_scratch("compat.sigmf-meta"), svi_bytes_of(text), &err), err);
    free(samples);
    npy_clear(&input);
}

/* The entry of the map that is a pixel's color; of entries alike, the first. */
static int step_of(const struct svi_colormap *map, const uint8_t *rgb)
{
    for (int step = 0; step < 256; step++)
        if (!memcmp(map->rgb[step], rgb, 3))
            return step;
    fail_msg("%s has no color %d, %d, %d", map->name, rgb[0], rgb[1], rgb[2]);
    return -1;
}

static void check_case(const struct compat_case *row)
{
    char config[256], png[64], path[700];
    snprintf(png, sizeof png, "compat/%s.png", row->name);
    snprintf(path, sizeof path, "%s/%s", getenv("SVI_TEST_DATA"), png);
    struct picture expected = picture_read(path);
    snprintf(config, sizeof config,
             "{\"units\": \"compat\", \"theme\": \"bare\", \"fftSize\": %d, \"hopSize\": %d, \"stdDev\": %g, \"colormap\": \"%s\", "
             "\"dimensions\": {\"width\": %d, \"height\": %d}}",
             row->fft_size, row->hop, row->sigma, row->colormap, expected.width, expected.height);
    struct svi_error err = { 0 };
    json_t *summary;
    write_recording(row);
    check_ok(render("compat", "spectrogram", config, &summary, &err), err);
    json_decref(summary);
    struct picture actual = picture_read(in_scratch("spectrogram.png"));
    assert_int_equal(actual.width, expected.width);
    assert_int_equal(actual.height, expected.height);
    const struct svi_colormap *map = svi_colormap_find(row->colormap);
    const size_t pixels = (size_t)actual.width * (size_t)actual.height;
    size_t equal = 0, near = 0;
    for (size_t i = 0; i < pixels; i++) {
        int apart = abs(step_of(map, actual.rgb + 3 * i) - step_of(map, expected.rgb + 3 * i));
        equal += apart == 0;
        near += apart <= 1;
    }
    print_message("%s: %zu pixels, %.3f %% equal, %.3f %% within one step\n", row->name, pixels,
                  100 * (double)equal / (double)pixels, 100 * (double)near / (double)pixels);
    assert_true((double)near >= 0.999 * (double)pixels);
    assert_true((double)equal >= 0.99 * (double)pixels);
    picture_clear(&actual);
    picture_clear(&expected);
}

static void pixels_are_the_platforms(void **state)
{
    (void)state;
    static const struct compat_case rows[] = {
#define COMPAT_CASE(...) { __VA_ARGS__ },
#include "data/compat/cases.h"
#undef COMPAT_CASE
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        check_case(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pixels_are_the_platforms) };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
