/* test_sigmf_library - recordings as the sigmf library writes them: our amplitudes are those that the library itself reads. */
#include "base/file.h"
#include "capture/capture.h"

#include <limits.h>
#include <math.h>

#include "check.h"

enum { SAMPLES = 12, GAP = 5, GAP_AT = 7, MOST_BYTES = 1 << 16 };

static const char *data_path(const char *name)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/sigmf/%s", getenv("SVI_TEST_DATA"), name);
    return path;
}

static struct svi_capture *open_named(const char *name, const char *recording)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s", data_path(name));
    const struct svi_file file = { path, name };
    const struct svi_capture_request request = {
        .files = &file, .file_count = 1, .look_beside = true, .verify = SVI_VERIFY_ALWAYS, .recording = recording
    };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    assert_int_equal(svi_capture_recording(capture)->checksum, SVI_CHECKSUM_RIGHT);
    return capture;
}

/* The library's numbers are float32, of unsigned ones before the middle is taken off. */
static void check_values(struct svi_capture *capture, const char *name, uint64_t first, uint64_t count, size_t from)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    const struct svi_datatype *datatype = recording->datatype;
    const size_t numbers = (size_t)recording->channels * datatype->parts;
    char file[100];
    struct svi_buffer values;
    struct svi_bytes view;
    struct svi_error err = { 0 };
    svi_format(file, sizeof file, "%s.values", name);
    check_ok(svi_file_read(&values, data_path(file), file, MOST_BYTES, &err), err);
    assert_int_equal(values.count, SAMPLES * numbers * sizeof(float));
    check_ok(svi_capture_view(capture, first, count, &view, &err), err);
    assert_int_equal(view.count, count * numbers * datatype->part_bytes);
    for (size_t i = 0; i < count * numbers; i++) {
        float expected;
        memcpy(&expected, values.at + (from * numbers + i) * sizeof expected, sizeof expected);
        const double got = svi_datatype_load(datatype, view.at + i * datatype->part_bytes);
        if (!(fabs(got - (double)expected) <= 1.2e-7 * fmax(1, fabs((double)expected))))
            fail_msg("%s: number %zu is %.10g, not %.10g", name, i, got, (double)expected);
    }
    svi_buffer_clear(&values);
}

static void every_datatype_reads_as_the_library_reads_it(void **state)
{
    (void)state;
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++) {
        char name[40], described[60];
        svi_format(name, sizeof name, "%s.sigmf-meta", row->name);
        svi_format(described, sizeof described, "twelve samples of %s", row->name);
        struct svi_capture *capture = open_named(name, NULL);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_ptr_equal(recording->datatype, row);
        assert_int_equal(recording->sample_count, SAMPLES);
        assert_int_equal(recording->warnings.count, 0);
        assert_string_equal(recording->description, described);
        assert_string_equal(recording->segments[0].start_time, "2026-02-03T04:05:06.789000Z");
        assert_true(recording->sample_rate_hz == 48000 && recording->segments[0].center_frequency_hz == 915e6);
        check_values(capture, row->name, 0, SAMPLES, 0);
        svi_capture_close(capture);
    }
}

static void channels_are_in_the_librarys_order(void **state)
{
    (void)state;
    struct svi_capture *capture = open_named("three_channels.sigmf-meta", NULL);
    assert_int_equal(svi_capture_recording(capture)->channels, 3);
    check_values(capture, "three_channels", 0, SAMPLES, 0);
    svi_capture_close(capture);
}

/* The recording itself, in an archive, and by a collection. */
static void segments_and_gaps_are_those_that_were_written(void **state)
{
    (void)state;
    static const struct {
        const char *file, *recording;
        size_t warnings;
    } rows[] = { { "segments.sigmf-meta", NULL, 0 },
                 { "packed.sigmf", NULL, 0 },
                 { "pair.sigmf-collection", "segments", 0 },
                 { "pair.sigmf-collection", NULL, 1 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture = open_named(rows[i].file, rows[i].recording);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_int_equal(recording->warnings.count, rows[i].warnings);
        assert_int_equal(recording->sample_count, SAMPLES + GAP);
        assert_int_equal(recording->gap_count, 1);
        assert_int_equal(recording->gaps[0].first_sample, GAP_AT);
        assert_int_equal(recording->gaps[0].sample_count, GAP);
        assert_int_equal(recording->segment_count, 2);
        assert_true(recording->segments[1].center_frequency_hz == 868e6);
        assert_int_equal(recording->annotation_count, 1);
        assert_string_equal(recording->annotations[0].label, "here");
        assert_int_equal(recording->annotations[0].first_sample, 2);
        assert_true(recording->annotations[0].low_hz == -10e3 && recording->annotations[0].high_hz == 10e3);
        check_values(capture, "segments", 0, GAP_AT, 0);
        check_values(capture, "segments", GAP_AT + GAP, SAMPLES - GAP_AT, GAP_AT);
        svi_capture_close(capture);
    }
    struct svi_capture *capture = open_named("pair.sigmf-collection", "cf32_le");
    check_values(capture, "cf32_le", 0, SAMPLES, 0);
    svi_capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_datatype_reads_as_the_library_reads_it),
        cmocka_unit_test(channels_are_in_the_librarys_order),
        cmocka_unit_test(segments_and_gaps_are_those_that_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
