/* test_drf - Digital RF from folder or files to samples: what the real library wrote comes back. */
#include "base/file.h"
#include "capture/capture.h"

#include <dirent.h>
#include <hdf5.h>
#include <math.h>
#include <unistd.h>

#include "check.h"
#include "drf_draft.h"

enum { ALL = 100, MOST_BYTES = 1 << 20 };

static const char *data_path(const char *name)
{
    static char path[700];
    const char *data = getenv("SVI_TEST_DATA");
    snprintf(path, sizeof path, "%s/digital_rf%s%s", data ? data : ".", *name ? "/" : "", name);
    return path;
}

/* Opens a folder, or a file; what `more` says is asked for. */
static bool open_path(struct svi_capture **capture, const char *path, const char *label, struct svi_capture_request more,
                      struct svi_error *err)
{
    char kept[700];
    snprintf(kept, sizeof kept, "%s", path);
    const struct svi_file file = { kept, label };
    more.files = &file;
    more.file_count = 1;
    more.look_beside = true;
    *err = (struct svi_error){ 0 };
    return svi_capture_open(capture, &more, err);
}

static void check_samples(struct svi_capture *capture, const char *name)
{
    char path[800];
    struct svi_error err = { 0 };
    struct svi_buffer expected;
    snprintf(path, sizeof path, "%s.bytes", data_path(name));
    check_ok(svi_file_read(&expected, path, name, MOST_BYTES, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    const size_t bytes = svi_datatype_bytes(recording->datatype);
    assert_int_equal(recording->sample_count, ALL);
    assert_int_equal(expected.count, ALL * bytes);
    static const struct {
        uint64_t first, count;
    } ranges[] = { { 0, ALL }, { 99, 1 }, { 10, 60 }, { 20, 15 }, { 60, 1 }, { 0, 1 }, { 50, 0 } };
    for (size_t i = 0; i < ROWS(ranges); i++) {
        struct svi_bytes view;
        check_ok(svi_capture_view(capture, ranges[i].first, ranges[i].count, &view, &err), err);
        assert_int_equal(view.count, ranges[i].count * bytes);
        assert_memory_equal(view.at, expected.at + ranges[i].first * bytes, view.count);
        svi_capture_forget(capture, ranges[i].first);
    }
    svi_buffer_clear(&expected);
}

static void every_type_of_sample_comes_back(void **state)
{
    (void)state;
    static const struct {
        const char *name, *datatype;
    } rows[] = {
        { "ci1", "ci8" },        { "ci2", "ci16_le" },    { "ci4", "ci32_le" },    { "ci8", "cf64_le" },    { "cu1", "cu8" },
        { "cu2", "cu16_le" },    { "cu4", "cu32_le" },    { "cu8", "cf64_le" },    { "cf4", "cf32_le" },    { "cf8", "cf64_le" },
        { "ri1", "ri8" },        { "ri2", "ri16_le" },    { "ri4", "ri32_le" },    { "ri8", "rf64_le" },    { "ru1", "ru8" },
        { "ru2", "ru16_le" },    { "ru4", "ru32_le" },    { "ru8", "rf64_le" },    { "rf4", "rf32_le" },    { "rf8", "rf64_le" },
        { "ci2_be", "ci16_le" }, { "ci4_be", "ci32_le" }, { "ci8_be", "cf64_le" }, { "cu2_be", "cu16_le" }, { "cu4_be", "cu32_le" },
        { "cu8_be", "cf64_le" }, { "cf4_be", "cf32_le" }, { "cf8_be", "cf64_le" }, { "ri2_be", "ri16_le" }, { "ri4_be", "ri32_le" },
        { "ri8_be", "rf64_le" }, { "ru2_be", "ru16_le" }, { "ru4_be", "ru32_le" }, { "ru8_be", "rf64_le" }, { "rf4_be", "rf32_le" },
        { "rf8_be", "rf64_le" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        print_message("%s\n", rows[i].name);
        check_ok(open_path(&capture, data_path(rows[i].name), rows[i].name, (struct svi_capture_request){ 0 }, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_string_equal(recording->datatype->name, rows[i].datatype);
        assert_string_equal(recording->format, "drf");
        assert_string_equal(recording->name, rows[i].name);
        assert_int_equal(recording->first_index, 92957882010);
        assert_int_equal(recording->subchannels, 1);
        assert_int_equal(recording->gap_count, 0);
        assert_string_equal(recording->segments[0].start_time, "2014-03-09T12:30:30.15Z");
        assert_true(recording->sample_rate_hz == 200.0 / 3);
        assert_true(isnan(recording->segments[0].center_frequency_hz));
        check_samples(capture, rows[i].name);
        svi_capture_close(capture);
    }
}

static void gaps_are_found_however_they_are_stored(void **state)
{
    (void)state;
    static const char *const names[] = { "gaps", "gaps_filled", "gaps_filled_float", "gaps_packed" };
    for (size_t i = 0; i < ROWS(names); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        print_message("%s\n", names[i]);
        check_ok(open_path(&capture, data_path(names[i]), names[i], (struct svi_capture_request){ 0 }, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_int_equal(recording->first_index, 92957882010);
        assert_int_equal(recording->gap_count, 2);
        assert_int_equal(recording->gaps[0].first_sample, 20);
        assert_int_equal(recording->gaps[0].sample_count, 15);
        assert_int_equal(recording->gaps[1].first_sample, 60);
        assert_int_equal(recording->gaps[1].sample_count, 1);
        check_samples(capture, names[i]);
        check_ok(svi_capture_select(capture, 30, 31, &err), err);
        assert_int_equal(recording->gap_count, 2);
        assert_int_equal(recording->gaps[0].first_sample, 0);
        assert_int_equal(recording->gaps[0].sample_count, 5);
        assert_int_equal(recording->gaps[1].first_sample, 30);
        assert_int_equal(recording->gaps[1].sample_count, 1);
        assert_int_equal(recording->first_index, 92957882040);
        svi_capture_close(capture);
    }
}

static void one_sub_channel_is_read_and_its_frequency(void **state)
{
    (void)state;
    struct svi_capture *capture;
    struct svi_error err;
    check_ok(open_path(&capture, data_path("subchannels"), "s", (struct svi_capture_request){ .subchannel = 2 }, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    assert_int_equal(recording->subchannels, 3);
    assert_int_equal(recording->channels, 1);
    assert_true(recording->segments[0].center_frequency_hz == 300e6);
    assert_int_equal(recording->gap_count, 2);
    check_samples(capture, "subchannels");
    svi_capture_close(capture);
    assert_false(open_path(&capture, data_path("subchannels"), "s", (struct svi_capture_request){ .subchannel = 3 }, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    check_has(err.message, "subchannel is 3, but the recording has 3");
}

static void the_layout_of_version_2_0_is_read(void **state)
{
    (void)state;
    struct svi_capture *capture;
    struct svi_error err;
    check_ok(open_path(&capture, data_path("version_2_0"), "v", (struct svi_capture_request){ 0 }, &err), err);
    assert_true(svi_capture_recording(capture)->sample_rate_hz == 62.5);
    check_samples(capture, "version_2_0");
    svi_capture_close(capture);
}

static double old_rate_hz;

static void describe_old_rate(hid_t set)
{
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(set, "samples_per_second", H5T_NATIVE_DOUBLE, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_DOUBLE, &old_rate_hz);
    H5Aclose(attribute);
    H5Sclose(scalar);
}

static void with_old_rate(struct draft *draft)
{
    draft->describe = describe_old_rate;
}

/* Fraction(rate).limit_denominator() of Python, as digital_rf reads them. */
static void a_rate_of_version_2_0_is_the_fraction_that_it_was(void **state)
{
    (void)state;
    static const struct {
        double rate_hz;
        struct svi_rate rate;
    } rows[] = {
        { 200.0 / 3, { 200, 3 } },
        { 1e7 / 3, { 10000000, 3 } },
        { 30000.0 / 1001, { 30000, 1001 } },
        { 1e8 / 999983, { 100000000, 999983 } },
        { 62.5, { 125, 2 } },
        { 25e6, { 25000000, 1 } },
        { 1.0 / 7, { 1, 7 } },
        { 999999999999.0, { 999999999999, 1 } },
        { 2e-6, { 1, 500000 } },
        { 4e5 / 9, { 400000, 9 } },
    };
    char path[700];
    snprintf(path, sizeof path, "%s/old.h5", scratch_folder());
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        old_rate_hz = rows[i].rate_hz;
        write_draft(path, with_old_rate);
        check_ok(open_path(&capture, path, "old.h5", (struct svi_capture_request){ 0 }, &err), err);
        const struct svi_rate rate = svi_capture_recording(capture)->rate;
        if (rate.numerator != rows[i].rate.numerator || rate.denominator != rows[i].rate.denominator)
            fail_msg("%.17g Hz: %llu/%llu", old_rate_hz, (unsigned long long)rate.numerator, (unsigned long long)rate.denominator);
        svi_capture_close(capture);
    }
}

static void a_channel_of_a_folder_is_picked_by_name(void **state)
{
    (void)state;
    struct svi_capture *capture;
    struct svi_error err;
    check_ok(open_path(&capture, data_path(""), "digital_rf", (struct svi_capture_request){ .channel = "gaps" }, &err), err);
    assert_string_equal(svi_capture_recording(capture)->name, "gaps");
    assert_int_equal(svi_capture_recording(capture)->warnings.count, 0);
    check_samples(capture, "gaps");
    svi_capture_close(capture);

    check_ok(open_path(&capture, data_path(""), "digital_rf", (struct svi_capture_request){ 0 }, &err), err);
    assert_string_equal(svi_capture_recording(capture)->name, "cf4");
    check_has(svi_capture_recording(capture)->warnings.text[0],
              "digital_rf has several channels, of which cf4 is drawn: cf4, cf4_be");
    svi_capture_close(capture);

    assert_false(open_path(&capture, data_path(""), "digital_rf", (struct svi_capture_request){ .channel = "../x" }, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    check_has(err.message, "digital_rf has no channel \"../x\"; it has: cf4");

    assert_false(open_path(&capture, scratch_folder(), "dir", (struct svi_capture_request){ 0 }, &err));
    check_has(err.message, "The folder dir holds no Digital RF recording");
    check_has(err.message, "in another format, name the files, not their folder.");
}

static void begin_later(struct draft *draft)
{
    draft->index[0][0] = 2000;
}

/* Names are shown to a length, and picked to their end. */
static void channels_whose_names_begin_alike_are_told_apart(void **state)
{
    (void)state;
    enum { CHANNELS = 2 };
    char name[130], names[CHANNELS][sizeof name], paths[CHANNELS][700], labels[CHANNELS][300], top[600];
    memset(name, 'c', sizeof name);
    snprintf(top, sizeof top, "%s/alike", scratch_folder());
    for (int i = 0; i < CHANNELS; i++) {
        struct svi_error err = { 0 };
        snprintf(names[i], sizeof names[i], "%.*s%d", (int)sizeof name - 2, name, i);
        snprintf(paths[i], sizeof paths[i], "%s/alike/%s/2014-03-09T12-30-30", scratch_folder(), names[i]);
        check_ok(svi_make_folders(paths[i], SVI_FOLDER_PRIVATE, &err), err);
        snprintf(labels[i], sizeof labels[i], "alike/%s/2014-03-09T12-30-30/rf@1.000.h5", names[i]);
        snprintf(paths[i], sizeof paths[i], "%s/%s", scratch_folder(), labels[i]);
        write_draft(paths[i], i ? begin_later : NULL);
    }
    const struct svi_file files[CHANNELS] = { { paths[0], labels[0] }, { paths[1], labels[1] } };
    for (int i = 0; i < CHANNELS; i++) {
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        struct svi_capture_request request = { .channel = names[i] };
        check_ok(open_path(&capture, top, "alike", request, &err), err);
        assert_int_equal(svi_capture_recording(capture)->first_index, i ? 2000 : 1000);
        svi_capture_close(capture);
        request.files = files;
        request.file_count = CHANNELS;
        check_ok(svi_capture_open(&capture, &request, &err), err);
        assert_int_equal(svi_capture_recording(capture)->first_index, i ? 2000 : 1000);
        svi_capture_close(capture);
    }
}

static void a_flat_list_is_sorted_out_by_content(void **state)
{
    (void)state;
    static const char *const names[] = { "metadata/dmd_properties.h5", "metadata/2014-03-09T12-00-00/metadata@1394368200.h5",
                                         "2014-03-09T12-30-30/rf@1394368230.000.h5", "drf_properties.h5",
                                         "metadata/2014-03-09T12-00-00/metadata@1394368080.h5" };
    char paths[ROWS(names)][700];
    struct svi_file files[ROWS(names)];
    for (size_t i = 0; i < ROWS(names); i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", data_path("subchannels"), names[i]);
        files[i] = (struct svi_file){ paths[i], "stored_x7Kq" };
    }
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    const struct svi_capture_request request = { .files = files, .file_count = ROWS(names), .subchannel = 2 };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    assert_true(svi_capture_recording(capture)->segments[0].center_frequency_hz == 300e6);
    check_samples(capture, "subchannels");
    svi_capture_close(capture);

    const struct svi_capture_request none = { .files = files, .file_count = 2 };
    assert_false(svi_capture_open(&capture, &none, &err));
    check_has(err.message, "There are no files of samples (rf@");
}

static void what_is_stated_is_heeded_or_refused(void **state)
{
    (void)state;
    struct svi_capture *capture;
    struct svi_error err;
    struct svi_capture_request request = { .stated = { NULL, 1000, true, 5e6 } };
    check_ok(open_path(&capture, data_path("subchannels"), "s", request, &err), err);
    assert_true(svi_capture_recording(capture)->sample_rate_hz == 1000);
    assert_true(svi_capture_recording(capture)->segments[0].center_frequency_hz == 5e6);
    svi_capture_close(capture);
    request.stated.datatype = svi_datatype_find("ci8");
    assert_false(open_path(&capture, data_path("subchannels"), "s", request, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
}

static void without_rate(struct draft *draft)
{
    draft->skip_rate = true;
}

/* Numbers since 1970 are times, whoever says at which rate they count. */
static void a_stated_rate_tells_when_it_began(void **state)
{
    (void)state;
    char path[700];
    snprintf(path, sizeof path, "%s/no_rate.h5", scratch_folder());
    write_draft(path, without_rate);
    struct svi_capture *capture;
    struct svi_error err;
    check_ok(open_path(&capture, path, "no_rate.h5", (struct svi_capture_request){ .stated = { .sample_rate_hz = 4 } }, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    struct svi_moment moment;
    assert_string_equal(recording->segments[0].start_time, "1970-01-01T00:04:10Z");
    assert_true(svi_recording_moment(recording, 0, &moment));
    assert_int_equal(moment.second, 250);
    svi_capture_close(capture);
}

/* A file of one run without chunks, as a continuous writer leaves it. */
static void write_continuous(const char *path, uint64_t first, const int16_t *samples, hsize_t count)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    struct draft draft = { .file = file,
                           .rows = count,
                           .columns = 1,
                           .rank = 2,
                           .index = { { first, 0 } },
                           .index_rows = 1,
                           .index_columns = 2,
                           .index_type = H5T_STD_U64LE,
                           .creation = H5Pcreate(H5P_DATASET_CREATE) };
    write_set(&draft, H5T_STD_I16LE);
    write_index(&draft);
    H5Pclose(draft.creation);
    hid_t set = H5Dopen2(file, "rf_data", H5P_DEFAULT), scalar = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(set, "is_continuous", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_INT, &(int){ 1 });
    H5Dwrite(set, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, samples);
    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Dclose(set);
    H5Fclose(file);
}

/* Two files, of which the first uses up what is looked at in full: filler at the ends is found all the same, and filler that is
 * not looked for is silence. */
static void filler_of_a_long_recording_is_found_at_the_ends_of_files(void **state)
{
    (void)state;
    enum { LONG = 1200000, SHORT = 100000, HEAD = 5, TAIL = 1000, NEXT_HEAD = 200, NEXT_TAIL = 30000, HOLE_AT = 20000, HOLE = 10 };
    static int16_t samples[LONG];
    char paths[2][700];
    for (size_t i = 0; i < LONG; i++)
        samples[i] = i < HEAD || i >= LONG - TAIL ? INT16_MIN : (int16_t)(i % 1000);
    snprintf(paths[0], sizeof paths[0], "%s/long.h5", scratch_folder());
    write_continuous(paths[0], 5000, samples, LONG);
    for (size_t i = 0; i < SHORT; i++)
        samples[i] = i < NEXT_HEAD || i >= SHORT - NEXT_TAIL || (i >= HOLE_AT && i < HOLE_AT + HOLE) ? INT16_MIN : 7;
    snprintf(paths[1], sizeof paths[1], "%s/short.h5", scratch_folder());
    write_continuous(paths[1], 5000 + LONG, samples, SHORT);
    const struct svi_file files[] = { { paths[0], "rf@1.000.h5" }, { paths[1], "rf@2.000.h5" } };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    check_ok(svi_capture_open(&capture, &(struct svi_capture_request){ .files = files, .file_count = 2 }, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    assert_int_equal(recording->first_index, 5000 + HEAD);
    assert_int_equal(recording->sample_count, LONG - HEAD + SHORT - NEXT_TAIL);
    assert_int_equal(recording->gap_count, 1);
    assert_int_equal(recording->gaps[0].first_sample, LONG - HEAD - TAIL);
    assert_int_equal(recording->gaps[0].sample_count, TAIL + NEXT_HEAD);
    struct svi_bytes view;
    int16_t got[HOLE + 2], expected[HOLE + 2] = { [0] = 7, [HOLE + 1] = 7 };
    check_ok(svi_capture_view(capture, LONG - HEAD + HOLE_AT - 1, HOLE + 2, &view, &err), err);
    assert_int_equal(view.count, sizeof got);
    memcpy(got, view.at, sizeof got);
    assert_memory_equal(got, expected, sizeof got);
    svi_capture_close(capture);
}

/* What was opened is mapped; HDF5 knows its size from then. */
static void a_file_that_becomes_shorter_is_an_error(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    static int16_t samples[COUNT];
    char path[700];
    for (size_t i = 0; i < COUNT; i++)
        samples[i] = (int16_t)(i % 1000);
    snprintf(path, sizeof path, "%s/shorter.h5", scratch_folder());
    write_continuous(path, 5000, samples, COUNT);
    const struct svi_file file = { path, "rf@1.000.h5" };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    struct svi_bytes view;
    check_ok(svi_capture_open(&capture, &(struct svi_capture_request){ .files = &file, .file_count = 1 }, &err), err);
    check_ok(svi_capture_view(capture, 10, COUNT - 10, &view, &err), err);
    assert_memory_equal(view.at, samples + 10, view.count);
    assert_int_equal(truncate(path, 4096), 0);
    assert_false(svi_capture_view(capture, 10, COUNT - 10, &view, &err));
    assert_int_equal(err.status, SVI_IO);
    svi_capture_close(capture);
}

static void of_doubles(struct draft *draft)
{
    draft->number = H5Tcopy(H5T_IEEE_F64LE);
}

/* Samples of another size do not fit where those of the recording are put. */
static void a_file_that_gets_another_type_is_an_error(void **state)
{
    (void)state;
    char path[700];
    snprintf(path, sizeof path, "%s/another.h5", scratch_folder());
    write_draft(path, NULL);
    const struct svi_file file = { path, "rf@1000.000.h5" };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    struct svi_bytes view;
    check_ok(svi_capture_open(&capture, &(struct svi_capture_request){ .files = &file, .file_count = 1 }, &err), err);
    write_draft(path, of_doubles);
    for (int i = 0; i < 2; i++) {
        err = (struct svi_error){ 0 };
        assert_false(svi_capture_view(capture, 0, 10, &view, &err));
        assert_int_equal(err.status, SVI_IO);
    }
    svi_capture_close(capture);
}

static void store(const char *path, const uint8_t *bytes, size_t count)
{
    struct svi_error err = { 0 };
    check_ok(svi_file_write(path, (struct svi_bytes){ bytes, count }, &err), err);
}

static void a_half_written_file_is_left_out_with_a_warning(void **state)
{
    (void)state;
    char good[700], half[700];
    snprintf(good, sizeof good, "%s/2014-03-09T12-30-30/rf@1394368230.000.h5", data_path("gaps"));
    snprintf(half, sizeof half, "%s/half.h5", scratch_folder());
    store(half, (const uint8_t *)"\x89HDF\r\n\x1A\n", 8);
    const struct svi_file files[] = { { good, "rf@1394368230.000.h5" }, { half, "rf@1394368232.000.h5" } };
    const struct svi_capture_request request = { .files = files, .file_count = 2 };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    assert_int_equal(svi_capture_recording(capture)->warnings.count, 1);
    check_has(svi_capture_recording(capture)->warnings.text[0],
              "left out: 1 of 2. rf@1394368232.000.h5 is no HDF5 file, or was not written to its end");
    check_samples(capture, "gaps");
    svi_capture_close(capture);
}

/* The project's own recordings, where the folder of real recordings is there. */
static void real_recordings(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t first, span, stored;
        unsigned subchannels;
        double rate_hz, center_hz;
        const char *datatype;
    } rows[] = {
        { "synthetic/sc16_x1_n200_d3_10s_1000ms_c0", 92957882000, 1000, 798, 1, 200.0 / 3, NAN, "ci16_le" },
        { "synthetic/fc32_x8_n200_d3_10s_1000ms_c1", 92957882000, 1000, 798, 8, 200.0 / 3, NAN, "cf32_le" },
        { "example/ch0", 15671057000001, 9999, 9999, 1, 10000, 440e6, "ci16_le" },
    };
    char path[1000];
    const char *shared = getenv("SVI_TEST_SHARED");
    snprintf(path, sizeof path, "%s/data/digital_rf", shared ? shared : ".");
    if (access(path, R_OK) != 0) {
        print_message("skipped: data/digital_rf is not there\n");
        skip();
    }
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        snprintf(path, sizeof path, "%s/data/digital_rf/%s", shared ? shared : ".", rows[i].name);
        check_ok(open_path(&capture, path, rows[i].name, (struct svi_capture_request){ 0 }, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        uint64_t missing = 0;
        for (size_t k = 0; k < recording->gap_count; k++) {
            missing += recording->gaps[k].sample_count;
            print_message("gap at %u: %u\n", (unsigned)recording->gaps[k].first_sample, (unsigned)recording->gaps[k].sample_count);
        }
        assert_int_equal(recording->first_index, rows[i].first);
        assert_int_equal(recording->sample_count, rows[i].span);
        assert_int_equal(recording->sample_count - missing, rows[i].stored);
        assert_int_equal(recording->subchannels, rows[i].subchannels);
        assert_true(recording->sample_rate_hz == rows[i].rate_hz);
        assert_string_equal(recording->datatype->name, rows[i].datatype);
        if (isnan(rows[i].center_hz))
            assert_true(isnan(recording->segments[0].center_frequency_hz));
        else
            check_near(recording->segments[0].center_frequency_hz, rows[i].center_hz, 1e-3);
        struct svi_bytes view;
        check_ok(svi_capture_view(capture, 0, recording->sample_count, &view, &err), err);
        svi_capture_close(capture);
    }
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_of_sample_comes_back),
        cmocka_unit_test(gaps_are_found_however_they_are_stored),
        cmocka_unit_test(one_sub_channel_is_read_and_its_frequency),
        cmocka_unit_test(the_layout_of_version_2_0_is_read),
        cmocka_unit_test(a_rate_of_version_2_0_is_the_fraction_that_it_was),
        cmocka_unit_test(a_channel_of_a_folder_is_picked_by_name),
        cmocka_unit_test(channels_whose_names_begin_alike_are_told_apart),
        cmocka_unit_test(a_flat_list_is_sorted_out_by_content),
        cmocka_unit_test(what_is_stated_is_heeded_or_refused),
        cmocka_unit_test(a_stated_rate_tells_when_it_began),
        cmocka_unit_test(filler_of_a_long_recording_is_found_at_the_ends_of_files),
        cmocka_unit_test(a_file_that_becomes_shorter_is_an_error),
        cmocka_unit_test(a_file_that_gets_another_type_is_an_error),
        cmocka_unit_test(a_half_written_file_is_left_out_with_a_warning),
        cmocka_unit_test(real_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
