/* test_picture - what a picture says of itself is true: a tone is where its pixel is, a moment where its row is; the same picture
 * comes out of what it says it was made from. */
#include "visual/png_about.h"

#include "base/file.h"

#include <math.h>
#include <unistd.h>

#include "picture.h"
#include "rendering.h"

static const double rate_hz = 1e6, tone_hz = 433.92e6 + 187.5e3, burst_s = 0.01;

/* A steady tone, and a stronger one at another frequency for a moment. */
static void write_scene(void)
{
    static const struct signal_tone tone = { 187.5e3, -20 };
    const struct signal signal = {
        .sample_rate_hz = rate_hz,
        .sample_count = 40000,
        .tones = &tone,
        .tone_count = 1,
        .noise_power = signal_noise_power(-130, rate_hz),
        .seed = 5,
        .burst = { (uint64_t)(burst_s * rate_hz), 256, -250e3, 0 },
    };
    write_signal("scene", &signal, "cf32_le", 1,
                 "[{\"core:sample_start\": 0, \"core:frequency\": 433920000, \"core:datetime\": \"2026-11-23T12:30:15.25Z\"}]");
}

static const char *const configs[] = {
    "{\"dimensions\": {\"width\": 640, \"height\": 480}, \"fftSize\": 256, \"hopSize\": 128}",
    "{\"dimensions\": {\"width\": 256, \"height\": 200}, \"fftSize\": 256, \"hopSize\": 128, \"theme\": \"bare\"}",
    "{\"dimensions\": {\"width\": 500, \"height\": 400}, \"fftSize\": 256, \"hopSize\": 128, \"theme\": \"dark\", \"start\": "
    "0.004, "
    "\"minFrequency\": 433600000}",
};

/* Draws, and returns what the picture says; the bytes are the caller's to clear. */
static json_t *draw(const char *type, const char *config, struct svi_buffer *bytes)
{
    char png[64];
    struct svi_error err = { 0 };
    struct svi_png_facts facts;
    json_t *summary, *about;
    snprintf(png, sizeof png, "%s.png", type);
    check_ok(render("scene", type, config, &summary, &err), err);
    check_ok(svi_file_read(bytes, in_scratch(png), png, 1 << 24, &err), err);
    check_ok(svi_picture_read(&about, &facts, (struct svi_bytes){ bytes->at, bytes->count }, png, &err), err);

    /* It is a part of the summary, in the same words. */
    static const char *const same[] = { "schema", "type", "parameters", "device", "program" };
    for (size_t i = 0; i < ROWS(same); i++) {
        char *a = json_dumps(json_object_get(summary, same[i]), JSON_ENCODE_ANY | JSON_REAL_PRECISION(SVI_JSON_DIGITS));
        char *b = json_dumps(json_object_get(about, same[i]), JSON_ENCODE_ANY | JSON_REAL_PRECISION(SVI_JSON_DIGITS));
        assert_string_equal(a, b);
        free(a);
        free(b);
    }
    assert_int_equal(facts.width, number_at(about, "image.width"));
    assert_string_equal(text_at(about, "recording", "name"), "scene");
    assert_null(strstr((const char *)svi_png_text(&facts, SVI_PICTURE_KEYWORD)->at, scratch_folder()));
    json_decref(summary);
    return about;
}

/* The value of an axis in the middle of a column or row of the picture. */
static double value_of(const json_t *about, const char *axis, const char *edge, int pixel)
{
    char start[32], per_pixel[32], first[32];
    snprintf(start, sizeof start, "image.%s.start", axis);
    snprintf(per_pixel, sizeof per_pixel, "image.%s.per_pixel", axis);
    snprintf(first, sizeof first, "image.plot.%s", edge);
    return number_at(about, start) + (pixel + 0.5 - number_at(about, first)) * number_at(about, per_pixel);
}

/* Light of a column or of a row within the plot: magma's colors get lighter with the level. */
static double light_of(const struct picture *picture, const json_t *about, bool column, int at)
{
    const int left = (int)number_at(about, "image.plot.left"), top = (int)number_at(about, "image.plot.top");
    const int width = (int)number_at(about, "image.plot.width"), height = (int)number_at(about, "image.plot.height");
    double light = 0;
    for (int i = column ? top : left; i < (column ? top + height : left + width); i++) {
        const uint8_t *rgb = picture->rgb + ((size_t)(column ? i : at) * (size_t)picture->width + (size_t)(column ? at : i)) * 3;
        light += rgb[0] + rgb[1] + rgb[2];
    }
    return light;
}

/* The middle of the lightest run of columns or rows: a bin may be several pixels wide. */
static double find_lightest(const struct picture *picture, const json_t *about, bool column)
{
    const int begin = (int)number_at(about, column ? "image.plot.left" : "image.plot.top");
    const int count = (int)number_at(about, column ? "image.plot.width" : "image.plot.height");
    double most = -1, sum = 0, found = 0;
    for (int i = begin; i < begin + count; i++)
        most = fmax(most, light_of(picture, about, column, i));
    for (int i = begin; i < begin + count; i++)
        if (light_of(picture, about, column, i) > 0.98 * most) {
            sum += i;
            found++;
        }
    return sum / found;
}

/* Many digits stand before those that tell pixels apart. */
static void pixels_of_a_narrow_band_are_values(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_png_facts facts;
    struct svi_buffer bytes;
    json_t *summary, *about;
    const struct signal signal = { .sample_rate_hz = 1, .sample_count = 4000, .noise_power = 1e-4 };
    write_signal("narrow", &signal, "cf32_le", 1, "[{\"core:sample_start\": 0, \"core:frequency\": 10368123456.789}]");
    check_ok(render("narrow", "waterfall", "{\"fftSize\": 128}", &summary, &err), err);
    check_ok(svi_file_read(&bytes, in_scratch("waterfall.png"), "png", 1 << 24, &err), err);
    check_ok(svi_picture_read(&about, &facts, (struct svi_bytes){ bytes.at, bytes.count }, "png", &err), err);
    const double low_hz = 10368123456.789 - 0.5 - 0.5 / 128;
    check_near(number_at(about, "image.x.start"), low_hz, 0.1 * number_at(about, "image.x.per_pixel"));
    json_decref(about);
    json_decref(summary);
    svi_buffer_clear(&bytes);
}

static void pixels_are_values(void **state)
{
    (void)state;
    write_scene();
    for (size_t i = 0; i < 2 * ROWS(configs); i++) {
        const bool time_on_x = i % 2;
        const char *type = time_on_x ? "spectrogram" : "waterfall";
        char name[64];
        struct svi_buffer bytes;
        json_t *about = draw(type, configs[i / 2], &bytes);
        snprintf(name, sizeof name, "%s.png", type);
        struct picture picture = picture_read(in_scratch(name));
        const double bin_hz = rate_hz / 256, hop_s = 128 / rate_hz;
        const char *const edges[] = { "left", "top" };
        for (int axis = 0; axis < 2; axis++) {
            const bool is_time = (axis == 0) == time_on_x;
            const char *key = axis ? "y" : "x";
            const double at = find_lightest(&picture, about, axis == 0);
            double value = value_of(about, key, edges[axis], (int)floor(at));
            value += (at - floor(at)) * number_at(about, axis ? "image.y.per_pixel" : "image.x.per_pixel");
            const double pixel = fabs(number_at(about, axis ? "image.y.per_pixel" : "image.x.per_pixel"));
            if (is_time)
                check_near(value, burst_s + 128 / rate_hz, 2 * hop_s + pixel);
            else
                check_near(value, tone_hz, 0.5 * bin_hz + pixel);
            const json_t *described = json_object_get(json_object_get(about, "image"), key);
            const char *zero = json_string_value(json_object_get(described, "zero_utc"));
            assert_true(is_time ? zero && !strcmp(zero, "2026-11-23T12:30:15.250000+00:00") : !zero);
        }
        picture_clear(&picture);
        json_decref(about);
        svi_buffer_clear(&bytes);
    }
}

/* A last edge is where the summary says that it is. */
static void all_types_have_axes(void **state)
{
    (void)state;
    write_scene();
    static const char *const types[] = { "spectrogram", "waterfall", "heatmap", "periodogram" };
    for (size_t i = 0; i < ROWS(types); i++) {
        struct svi_buffer bytes;
        json_t *about = draw(types[i], configs[0], &bytes);
        const double width = number_at(about, "image.plot.width"), height = number_at(about, "image.plot.height");
        const double right = number_at(about, "image.x.start") + width * number_at(about, "image.x.per_pixel");
        const double bottom = number_at(about, "image.y.start") + height * number_at(about, "image.y.per_pixel");
        const bool down = !strcmp(types[i], "waterfall");
        check_near(right, number_at(about, "image.x.max"), 1e-9 * fabs(right) + 1e-9);
        check_near(bottom, number_at(about, down ? "image.y.max" : "image.y.min"), 1e-9 * fabs(bottom) + 1e-9);
        json_decref(about);
        svi_buffer_clear(&bytes);
    }
}

/* Drawn again: the same bytes. Drawn from the parameters that the picture names: the same pixels, but for a heatmap, whose rows are
 * as many as powerBins says only where its range is given. */
static void a_picture_can_be_made_again(void **state)
{
    (void)state;
    write_scene();
    static const char *const types[] = { "heatmap", "spectrogram", "waterfall", "periodogram" };
    for (size_t i = 0; i < ROWS(types); i++) {
        char name[64];
        struct svi_buffer first, second, third;
        json_t *about = draw(types[i], configs[0], &first);
        json_decref(draw(types[i], configs[0], &second));
        assert_int_equal(first.count, second.count);
        assert_memory_equal(first.at, second.at, first.count);
        snprintf(name, sizeof name, "%s.png", types[i]);
        struct picture picture = picture_read(in_scratch(name));
        char *parameters = json_dumps(json_object_get(about, "parameters"), JSON_REAL_PRECISION(17));
        json_decref(draw(types[i], parameters, &third));
        struct picture again = picture_read(in_scratch(name));
        assert_true(picture.width == again.width && picture.height == again.height);
        size_t differ = 0, pixels = (size_t)picture.width * (size_t)picture.height;
        for (size_t k = 0; k < pixels; k++)
            differ += memcmp(picture.rgb + 3 * k, again.rgb + 3 * k, 3) != 0;
        /* The range of colors was found out, and is told with 12 digits: a level at the border of two colors may change over. */
        assert_true(i == 0 || differ <= pixels / 10000);
        picture_clear(&picture);
        picture_clear(&again);
        free(parameters);
        json_decref(about);
        svi_buffer_clear(&first);
        svi_buffer_clear(&second);
        svi_buffer_clear(&third);
    }
}

/* What a reader needs to make the figure again stands under it, the reduction along both axes too. */
static void footers_say_how_to_make_the_figure(void **state)
{
    (void)state;
    static const struct {
        const char *type, *config, *says;
    } rows[] = {
        { "spectrogram", "{\"fftSize\": 256, \"hopSize\": 500}",
          "cf32_le · 1 MS/s · FFT 256, gaussian σ 100, hop 500 (48.8 % of samples between slices) · dBFS · svi-worker " },
        { "spectrogram", "{\"fftSize\": 256, \"hopSize\": 10, \"width\": 4, \"height\": 2.5, \"units\": \"dbfs_hz\"}",
          " slices × " },
        { "waterfall",
          "{\"fftSize\": 256, \"hopSize\": 256, \"theme\": \"bare\", \"dimensions\": {\"width\": 64, \"height\": 500}}",
          "hann, hop 256, max of 4 bins a pixel · dBFS · " },
        { "waterfall",
          "{\"fftSize\": 256, \"hopSize\": 256, \"theme\": \"bare\", \"dimensions\": {\"width\": 500, \"height\": 39}}",
          "hann, hop 256, max of 4 slices a pixel · dBFS · " },
        { "heatmap", "{\"fftSize\": 256}", " · dBFS · svi-worker " },
        { "periodogram", "{\"fftSize\": 256, \"window\": \"kaiser\"}", "kaiser β 14, hop 256, 156 slices · dBFS · svi-worker " },
        { "periodogram", "{\"fftSize\": 32768}", "hann, hop 32768, 1 slice · dBFS · svi-worker " },
        { "scatterplot", "{}", "40000 samples in " },
        { "scatterplot", "{\"amplitudeLimit\": 1e-6}", " cells, 100 % of them outside · svi-worker " },
        { "waterfall", "{\"fftSize\": 16, \"theme\": \"bare\", \"dimensions\": {\"width\": 16, \"height\": 16}, \"hopSize\": 2}",
          "hop 2, max of 1250 slices a pixel · dBFS · " },
    };
    write_scene();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_buffer bytes;
        struct svi_error err = { 0 };
        struct svi_png_facts facts;
        json_decref(draw(rows[i].type, rows[i].config, &bytes));
        check_ok(svi_png_read(&facts, (struct svi_bytes){ bytes.at, bytes.count }, "it", &err), err);
        const struct svi_bytes *text = svi_png_text(&facts, "Description");
        assert_non_null(text);
        char footer[512];
        snprintf(footer, sizeof footer, "%.*s", (int)text->count, (const char *)text->at);
        check_has(footer, rows[i].says);
        check_has(footer, "cf32_le · 1 MS/s · ");
        check_has(footer, " · svi-worker ");
        assert_true(svi_ends_with(footer, " · scene"));
        svi_buffer_clear(&bytes);
    }
}

/* Which of the scene's samples no slice holds, counted one by one: slices of a spectrogram are centered on multiples of the hop. */
static double percent_between(bool centered, int fft_size, int hop)
{
    enum { SAMPLES = 40000 };
    static bool held[SAMPLES];
    memset(held, 0, sizeof held);
    for (int begin = centered ? -fft_size / 2 : 0; begin + (centered ? 0 : fft_size - 1) < SAMPLES; begin += hop)
        for (int i = begin < 0 ? 0 : begin; i < begin + fft_size && i < SAMPLES; i++)
            held[i] = true;
    int count = 0;
    for (int i = 0; i < SAMPLES; i++)
        count += !held[i];
    return 100.0 * count / SAMPLES;
}

/* A burst between two slices is in no picture. */
static void samples_between_slices_are_warned_of(void **state)
{
    (void)state;
    static const struct {
        const char *type, *config;
        int fft_size, hop; /* 0: nothing to warn of */
    } rows[] = {
        { "spectrogram", "{\"fftSize\": 128}", 128, 500 },
        { "spectrogram", "{\"fftSize\": 512}", 512, 0 },
        { "spectrogram", "{\"fftSize\": 500}", 500, 0 },
        { "spectrogram", "{\"fftSize\": 64, \"hopSize\": 65}", 64, 65 },
        { "spectrogram", "{\"fftSize\": 64, \"hopSize\": 39990}", 64, 39990 },
        { "waterfall", "{\"fftSize\": 128}", 128, 0 },
        { "waterfall", "{\"fftSize\": 256, \"hopSize\": 1000}", 256, 1000 },
        { "heatmap", "{\"fftSize\": 16, \"hopSize\": 20000}", 16, 20000 },
        { "periodogram", "{\"fftSize\": 1024, \"hopSize\": 1500}", 1024, 1500 },
    };
    write_scene();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        char says[160];
        check_ok(render("scene", rows[i].type, rows[i].config, &summary, &err), err);
        char *warnings = json_dumps(json_object_get(summary, "warnings"), 0);
        assert_non_null(warnings);
        const double percent = rows[i].hop ? percent_between(!strcmp(rows[i].type, "spectrogram"), rows[i].fft_size, rows[i].hop)
                                           : 0;
        snprintf(says, sizeof says, "%.3g %% of the samples lie between slices and are not looked at: hopSize %d is larger than",
                 percent, rows[i].hop);
        if (rows[i].hop)
            check_has(warnings, says);
        else
            assert_null(strstr(warnings, "between slices"));
        free(warnings);
        json_decref(summary);
    }
}

/* Floats that their metadata take for integers: the summary has the verdict and the warning, and the footer says it. */
static void a_doubted_datatype_is_said_in_summary_and_footer(void **state)
{
    (void)state;
    static const struct {
        const char *datatype, *verdict;
        const char *likelier, *warning; /* NULL: none */
        const char *footer;
    } rows[] = {
        { "cf32_le", "plausible", NULL, NULL, "cf32_le · 1 MS/s · " },
        { "ci16_le", "integers_like_floats", "cf32_le",
          "The samples, read as ci16_le, look like the bytes of floating-point numbers; cf32_le is likelier.",
          "ci16_le (likelier cf32_le) · 1 MS/s · " },
        { "cf32_be", "absurd_floats", "cf32_le",
          "The samples, read as cf32_be, are absurdly large, absurdly small, or not finite; cf32_le is likelier.",
          "cf32_be (likelier cf32_le) · 1 MS/s · " },
    };
    static const char *const types[] = { "spectrogram", "waterfall", "heatmap", "periodogram", "scatterplot" };
    const struct signal signal = { .sample_rate_hz = rate_hz, .sample_count = 40000, .noise_power = 0.01, .seed = 5 };
    for (size_t i = 0; i < ROWS(rows) * ROWS(types); i++) {
        const size_t row = i / ROWS(types);
        const char *type = types[i % ROWS(types)];
        char meta[200], png[64], footer[512];
        struct svi_error err = { 0 };
        struct svi_buffer bytes;
        struct svi_png_facts facts;
        json_t *summary;
        write_signal("scene", &signal, "cf32_le", 1, NULL);
        snprintf(meta, sizeof meta,
                 "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1e6}, "
                 "\"captures\": []}",
                 rows[row].datatype);
        check_ok(svi_file_write(in_scratch("scene.sigmf-meta"), svi_bytes_of(meta), &err), err);
        check_ok(render("scene", type, "{\"fftSize\": 256}", &summary, &err), err);
        const json_t *plausibility = json_object_get(json_object_get(summary, "recording"), "plausibility");
        assert_string_equal(json_string_value(json_object_get(plausibility, "verdict")), rows[row].verdict);
        const char *likelier = json_string_value(json_object_get(plausibility, "likelier_datatype"));
        assert_true(rows[row].likelier ? likelier && !strcmp(likelier, rows[row].likelier) : !likelier);
        char *warnings = json_dumps(json_object_get(summary, "warnings"), 0);
        assert_non_null(warnings);
        if (rows[row].warning)
            check_has(warnings, rows[row].warning);
        else
            assert_null(strstr(warnings, "read as"));
        snprintf(png, sizeof png, "%s.png", type);
        check_ok(svi_file_read(&bytes, in_scratch(png), png, 1 << 24, &err), err);
        check_ok(svi_png_read(&facts, (struct svi_bytes){ bytes.at, bytes.count }, png, &err), err);
        const struct svi_bytes *text = svi_png_text(&facts, "Description");
        assert_non_null(text);
        snprintf(footer, sizeof footer, "%.*s", (int)text->count, (const char *)text->at);
        assert_int_equal(strncmp(footer, rows[row].footer, strlen(rows[row].footer)), 0);
        free(warnings);
        svi_buffer_clear(&bytes);
        json_decref(summary);
    }
}

/* A thumbnail is a result like the others: listed, named in the summary, gone where the job fails. */
static void a_thumbnail_is_a_second_result(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    write_scene();
    unlink(in_scratch("waterfall.thumb.png"));
    check_ok(render("scene", "waterfall", "{\"width\": 8, \"height\": 4, \"thumbnail\": true}", &summary, &err), err);
    assert_string_equal(text_at(summary, "image", "thumbnail"), "waterfall.thumb.png");
    struct picture small = picture_read(in_scratch("waterfall.thumb.png"));
    const double width = number_at(summary, "image.plot.width"), height = number_at(summary, "image.plot.height");
    assert_int_equal(small.width, 256);
    assert_int_equal(small.height, lround(256 * height / width));
    /* The tone is a line from top to bottom: as bright in the one as in the other, at the same place. */
    const double share = (tone_hz - number_at(summary, "image.x.start")) / number_at(summary, "image.x.per_pixel") / width;
    const size_t column = (size_t)(share * 256);
    size_t lightest = 0;
    for (size_t x = 0; x < 256; x++)
        if (small.rgb[((size_t)small.height - 5) * 256 * 3 + 3 * x]
            > small.rgb[((size_t)small.height - 5) * 256 * 3 + 3 * lightest])
            lightest = x;
    assert_true(lightest + 1 >= column && lightest <= column + 1);
    picture_clear(&small);
    json_decref(summary);

    check_ok(render("scene", "waterfall", NULL, &summary, &err), err);
    assert_null(json_object_get(json_object_get(summary, "image"), "thumbnail"));
    json_decref(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_values),
        cmocka_unit_test(pixels_of_a_narrow_band_are_values),
        cmocka_unit_test(all_types_have_axes),
        cmocka_unit_test(a_picture_can_be_made_again),
        cmocka_unit_test(footers_say_how_to_make_the_figure),
        cmocka_unit_test(samples_between_slices_are_warned_of),
        cmocka_unit_test(a_doubted_datatype_is_said_in_summary_and_footer),
        cmocka_unit_test(a_thumbnail_is_a_second_result),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
