/* test_demo_scene - the made-up recording is a sound one, the same each time, and holds what its table says. */
#include "base/file.h"
#include "capture/capture.h"
#include "host/demo_scene.h"

#include <math.h>

#include "check.h"

static struct svi_capture *open_recording(const char *metadata, const char *data)
{
    struct svi_error err = { 0 };
    struct svi_capture *capture = NULL;
    const struct svi_file files[] = { { metadata, svi_base_name(metadata) }, { data, svi_base_name(data) } };
    const struct svi_capture_request request = { .files = files, .file_count = 2 };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

static struct svi_demo_scene scene;

static struct svi_capture *open_scene(const char *name)
{
    char folder[600];
    struct svi_error err = { 0 };
    svi_format(folder, sizeof folder, "%s/%s", scratch_folder(), name);
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err) && svi_demo_scene_write(folder, &scene, &err), err);
    return open_recording(scene.band.metadata, scene.band.data);
}

static int16_t part(struct svi_bytes bytes, size_t i)
{
    return (int16_t)(uint16_t)(bytes.at[2 * i] | bytes.at[2 * i + 1] << 8);
}

static void the_scene_is_a_recording(void **state)
{
    struct svi_capture *capture = *state;
    const struct svi_recording *recording = svi_capture_recording(capture);
    assert_string_equal(recording->datatype->name, "ci16_le");
    check_near(recording->sample_rate_hz, 2e6, 0);
    assert_int_equal(recording->sample_count, 3000000);
    check_near(recording->segments[0].center_frequency_hz, 915e6, 0);
    assert_int_equal(recording->warnings.count, 0);
}

/* The carrier by a transform of one bin; no sample at the limits of its type. */
static void the_carrier_has_its_level_and_nothing_is_clipped(void **state)
{
    struct svi_capture *capture = *state;
    struct svi_bytes bytes;
    struct svi_error err = { 0 };
    const size_t count = 3000000;
    check_ok(svi_capture_view(capture, 0, count, &bytes, &err), err);
    double re = 0, im = 0;
    int most = 0;
    for (size_t n = 0; n < count; n++) {
        int i = part(bytes, 2 * n), q = part(bytes, 2 * n + 1);
        double angle = -6.283185307179586 * fmod(310e3 / 2e6 * (double)n, 1);
        re += i * cos(angle) - q * sin(angle);
        im += i * sin(angle) + q * cos(angle);
        most = abs(i) > most ? abs(i) : most;
        most = abs(q) > most ? abs(q) : most;
    }
    check_near(20 * log10(hypot(re, im) / (double)count / 32767), -38, 0.3);
    assert_in_range(most, 3277, 32000);
}

/* Every third sample is the middle of a symbol: one of four points, all of them as often. */
static void the_link_has_four_points(void **state)
{
    (void)state;
    const struct svi_demo_recording *link = svi_demo_scene_for(&scene, "scatterplot");
    assert_ptr_equal(link, &scene.link);
    assert_ptr_equal(svi_demo_scene_for(&scene, "waterfall"), &scene.band);
    struct svi_capture *capture = open_recording(link->metadata, link->data);
    const struct svi_recording *recording = svi_capture_recording(capture);
    struct svi_bytes bytes;
    struct svi_error err = { 0 };
    check_near(recording->sample_rate_hz, 500e3, 0);
    check_near(recording->segments[0].center_frequency_hz, 915.68e6, 0);
    assert_int_equal(recording->sample_count, 300000);
    check_ok(svi_capture_view(capture, 0, recording->sample_count, &bytes, &err), err);
    const double amplitude = 32767 * pow(10, -9 / 20.0) / sqrt(2), noise = 32767 * pow(10, -36 / 20.0) / sqrt(2);
    size_t counts[4] = { 0 };
    for (size_t n = 0; n < recording->sample_count; n += 3) {
        int i = part(bytes, 2 * n), q = part(bytes, 2 * n + 1);
        check_near(abs(i), amplitude, 6 * noise);
        check_near(abs(q), amplitude, 6 * noise);
        counts[2 * (i > 0) + (q > 0)]++;
    }
    for (size_t k = 0; k < ROWS(counts); k++)
        check_near((double)counts[k], 25000, 5 * sqrt(25000 * 0.75));
    svi_capture_close(capture);
}

static void it_is_the_same_each_time(void **state)
{
    struct svi_capture *again = open_scene("two");
    struct svi_bytes view, view_again;
    struct svi_error err = { 0 };
    check_ok(svi_capture_view(*state, 0, 3000000, &view, &err), err);
    check_ok(svi_capture_view(again, 0, 3000000, &view_again, &err), err);
    assert_memory_equal(view.at, view_again.at, view.count);
    svi_capture_close(again);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct svi_demo_scene none;
    struct svi_error err = { 0 };
    assert_false(svi_demo_scene_write("/nowhere", &none, &err));
    assert_int_equal(err.status, SVI_IO);
    check_has(err.message, "cannot be written");
}

static int open_one(void **state)
{
    *state = open_scene("one");
    return 0;
}

static int close_one(void **state)
{
    svi_capture_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scene_is_a_recording),           cmocka_unit_test(the_carrier_has_its_level_and_nothing_is_clipped),
        cmocka_unit_test(the_link_has_four_points),           cmocka_unit_test(it_is_the_same_each_time),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
