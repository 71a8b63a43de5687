/* test_capture - from files to samples: which file is which, what is refused, and whether the samples are those written. */
#include "capture/capture.h"

#include "base/file.h"
#include "base/json.h"

#include <math.h>
#include <unistd.h>

#include "allocator.h"
#include "check.h"
#include "signals.h"

static const struct signal_tone tones[] = { { 1000, -6 } };

static struct signal short_signal(void)
{
    return (struct signal){ .sample_rate_hz = 48000,
                            .sample_count = 1000,
                            .tones = tones,
                            .tone_count = 1,
                            .channel_step_hz = 500,
                            .noise_power = 1e-4,
                            .seed = 7 };
}

/* Every datatype, three channels: the view holds what signal_encode stored. */
static void samples_come_back_in_every_datatype(void **state)
{
    (void)state;
    struct signal signal = short_signal();
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++) {
        struct svi_error err = { 0 };
        char path[600];
        check_ok(signal_write_sigmf(scratch_folder(), row->name, &signal, row, 3, NULL, &err), err);
        snprintf(path, sizeof path, "%s/%s.sigmf-meta", scratch_folder(), row->name);
        const struct svi_file file = { path, "some/folder/rec.sigmf-meta" };
        const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
        struct svi_capture *capture;
        check_ok(svi_capture_open(&capture, &request, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_string_equal(recording->format, "sigmf");
        assert_string_equal(recording->name, "rec");
        assert_ptr_equal(recording->datatype, row);
        assert_int_equal(recording->channels, 3);
        assert_int_equal(recording->sample_count, 1000);
        assert_true(recording->sample_rate_hz == 48000);
        assert_int_equal(recording->warnings.count, 0);

        struct svi_bytes view;
        size_t bytes = svi_datatype_bytes(row);
        check_ok(svi_capture_view(capture, 100, 50, &view, &err), err);
        assert_int_equal(view.count, 50 * 3 * bytes);
        for (uint64_t i = 0; i < 50; i++)
            for (unsigned channel = 0; channel < 3; channel++) {
                uint8_t expected[16];
                signal_encode(expected, row, signal_sample(&signal, channel, 100 + i));
                assert_memory_equal(view.at + (i * 3 + channel) * bytes, expected, bytes);
            }
        svi_capture_close(capture);
    }
}

/* What the rows below find in the scratch folder. Names are storage's own; labels are what the rows give. */
static void store_files(void)
{
    static const char meta[] = "{\"global\": {\"core:datatype\": \"ci8\", \"core:sample_rate\": 8}}";
    static const struct {
        const char *name, *text;
    } files[] = {
        { "rec.sigmf-meta", meta },
        { "rec.sigmf-data", "0123456789" },
        { "lone.sigmf-meta", meta },
        { "orphan.sigmf-data", "0123456789" },
        { "blob1", meta },
        { "blob2", "abcdefgh" },
        { "blob3", "ABCD" },
        { "binary", "\x01{\"core:" },
        { "broken", "{\"global\": {\"core:datatype\": \"ci8\",,}}" },
        { "other.json", "{\"version\": \"v0\", \"data\": \"AAAA\"}" },
        { "empty", "" },
        { "huge", meta },
        { "dataset.sigmf-meta",
          "{\"global\": {\"core:datatype\": \"ri8_le\", \"core:sample_rate\": 8, \"core:dataset\": \"blob2\"}}" },
        { "elsewhere.sigmf-meta",
          "{\"global\": {\"core:datatype\": \"ri8\", \"core:sample_rate\": 8, \"core:dataset\": \"gone.bin\"}}" },
        { "only.sigmf-meta", "{\"global\": {\"core:datatype\": \"ri8\", \"core:sample_rate\": 8, \"core:metadata_only\": true}}" },
        { "header.sigmf-meta", "\n\t {\"global\": {\"core:datatype\": \"ri16\", \"core:sample_rate\": 8, \"core:dataset\": "
                               "\"blob2\", \"core:trailing_bytes\": 1},"
                               "\"captures\": [{\"core:sample_start\": 0, \"core:header_bytes\": 3}]}" },
    };
    for (size_t i = 0; i < ROWS(files); i++) {
        char path[600];
        struct svi_error err = { 0 };
        snprintf(path, sizeof path, "%s/%s", scratch_folder(), files[i].name);
        check_ok(svi_file_write(path, svi_bytes_of(files[i].text), &err), err);
        if (!strcmp(files[i].name, "huge"))
            assert_int_equal(truncate(path, 33 << 20), 0);
    }
}

enum { MOST_FILES = 4 };

struct opening {
    struct {
        const char *name, *label;
    } files[MOST_FILES];
    bool look_beside;
    const char *format;
    const char *expected; /* of a recording: name and stored bytes; of a refusal: part of the message */
    const char *warning;  /* part of the last warning; NULL: none */
};

/* Opens what a row names; the paths are gone when it returns, as the contract allows. */
static bool open_row(struct svi_capture **capture, const struct opening *row, struct svi_error *err)
{
    char paths[MOST_FILES][600];
    struct svi_file files[MOST_FILES];
    struct svi_capture_request request = { .files = files, .look_beside = row->look_beside, .format = row->format };
    for (size_t i = 0; i < MOST_FILES && row->files[i].name; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", scratch_folder(), row->files[i].name);
        files[i] = (struct svi_file){ paths[i], row->files[i].label };
        request.file_count++;
    }
    return svi_capture_open(capture, &request, err);
}

static void metadata_and_data_find_each_other(void **state)
{
    (void)state;
    static const struct opening rows[] = {
        /* local recordings: one file is enough */
        { { { "rec.sigmf-meta", "rec.sigmf-meta" } }, true, NULL, "rec: 0123456789", NULL },
        { { { "rec.sigmf-data", "rec.sigmf-data" } }, true, NULL, "rec: 0123456789", NULL },
        { { { "rec.sigmf-data", "dir/rec.sigmf-data" } }, true, "sigmf", "rec: 0123456789", NULL },
        { { { "dataset.sigmf-meta", "dataset.sigmf-meta" } }, true, NULL, "dataset: abcdefgh", NULL },
        { { { "header.sigmf-meta", "header.sigmf-meta" } }, true, NULL, "header: defg", "does not say the order of bytes" },
        /* files of a job: stored names mean nothing, labels little */
        { { { "blob1", "a/b/rec_x7Kq2.sigmf-meta" }, { "blob2", "a/b/rec_Zz81p.sigmf-data" } },
          false,
          NULL,
          "rec_x7Kq2: abcdefgh",
          NULL },
        { { { "blob2", "a/b/rec_Zz81p.sigmf-data" }, { "blob1", "a/b/rec_x7Kq2.sigmf-meta" } },
          false,
          "",
          "rec_x7Kq2: abcdefgh",
          NULL },
        { { { "blob2", "one" }, { "blob1", "two" } }, false, "sigmf", "two: abcdefgh", NULL },
        { { { "blob2", "swapped.sigmf-meta" }, { "blob1", "swapped.sigmf-data" } },
          false,
          NULL,
          "swapped.sigmf-data: abcdefgh",
          NULL },
        { { { "blob3", "notes.txt" }, { "blob1", "r.sigmf-meta" }, { "blob2", "r.sigmf-data" } },
          false,
          NULL,
          "r: abcdefgh",
          "taken from r.sigmf-data; 1 other" },
        { { { "dataset.sigmf-meta", "d.sigmf-meta" }, { "blob3", "d.sigmf-data" }, { "blob2", "blob2" } },
          false,
          NULL,
          "d: abcdefgh",
          "taken from blob2; 1 other" },
        { { { "elsewhere.sigmf-meta", "e.sigmf-meta" }, { "blob3", "gone_x81Yz.bin" }, { "blob2", "b" } },
          false,
          NULL,
          "e: ABCD",
          "taken from gone_x81Yz.bin" },
        { { { "dataset.sigmf-meta", "d.sigmf-meta" }, { "blob3", "any" } }, true, NULL, "d: ABCD", NULL },
    };
    store_files();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err = { 0 };
        check_ok(open_row(&capture, &rows[i], &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        char got[400];
        struct svi_bytes all;
        check_ok(svi_capture_view(capture, 0, recording->sample_count, &all, &err), err);
        snprintf(got, sizeof got, "%s: %.*s", recording->name, (int)all.count, (const char *)all.at);
        assert_string_equal(got, rows[i].expected);
        assert_int_equal(recording->warnings.count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(recording->warnings.text[0], rows[i].warning);
        svi_capture_close(capture);
    }
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    static const struct opening rows[] = {
        { { { NULL, NULL } }, true, NULL, "There are no files to draw", NULL },
        { { { "rec.sigmf-meta", "rec.sigmf-meta" } }, false, NULL, "rec.sigmf-meta came without its data", NULL },
        { { { "rec.sigmf-data", "rec.sigmf-data" } }, false, NULL, "No SigMF metadata came with rec.sigmf-data", NULL },
        { { { "lone.sigmf-meta", "lone.sigmf-meta" } },
          true,
          NULL,
          "The file lone.sigmf-data cannot be opened: No such file",
          NULL },
        { { { "orphan.sigmf-data", "orphan.sigmf-data" } },
          true,
          NULL,
          "The file orphan.sigmf-meta cannot be opened: No such file",
          NULL },
        { { { "elsewhere.sigmf-meta", "e.sigmf-meta" } }, true, NULL, "The file gone.bin cannot be opened: No such file", NULL },
        { { { "blob1", "blob1" } }, true, NULL, "blob1 came without its data", NULL },
        { { { "only.sigmf-meta", "only.sigmf-meta" }, { "blob2", "d" } },
          true,
          NULL,
          "only.sigmf-meta says core:metadata_only",
          NULL },
        { { { "nothing", "gone.sigmf-meta" } }, true, NULL, "The file gone.sigmf-meta cannot be opened: No such file", NULL },
        { { { ".", "folder.sigmf-meta" } }, true, NULL, "The folder folder.sigmf-meta holds no Digital RF recording", NULL },
        { { { "blob2", "b" }, { "nothing", "gone" } }, true, NULL, "The file gone cannot be opened", NULL },
        { { { "rec.sigmf-meta", "x.sigmf-meta" }, { "blob1", "y" }, { "blob2", "z" } },
          false,
          NULL,
          "more than one SigMF metadata file in x.sigmf-meta, y, z",
          NULL },
        { { { "blob2", "x.sigmf-meta" }, { "blob3", "y.sigmf-meta" } }, false, NULL, "more than one SigMF metadata file", NULL },
        { { { "blob1", "m" }, { "blob2", "one" }, { "blob3", "two" } },
          false,
          NULL,
          "More than one file could hold the samples in m, one, two",
          NULL },
        { { { "blob1", "m" }, { "blob2", "1.sigmf-data" }, { "blob3", "2.sigmf-data" }, { "binary", "c" } },
          false,
          NULL,
          "More than one file could hold the samples in m, 1.sigmf-data, 2.sigmf-data, c",
          NULL },
        { { { "broken", "m" }, { "blob2", "d" } }, false, NULL, "m is not valid JSON: line 1, column", NULL },
        { { { "blob2", "bad.sigmf-meta" }, { "blob3", "d" } },
          false,
          NULL,
          "bad.sigmf-meta is not valid JSON: line 1, column",
          NULL },
        { { { "huge", "h.sigmf-meta" }, { "blob3", "d" } },
          false,
          NULL,
          "The metadata file h.sigmf-meta has 34603008 bytes; at most",
          NULL },
        { { { "empty", "r.sigmf-meta" }, { "blob3", "r.sigmf-data" } },
          false,
          NULL,
          "The metadata file r.sigmf-meta is empty",
          NULL },
        { { { "blob1", "r.sigmf-meta" }, { "empty", "r.sigmf-data" } }, false, NULL, "The data file r.sigmf-data is empty", NULL },
        { { { "blob2", "notes.txt" }, { "other.json", "x.rh.json" } },
          true,
          NULL,
          "No known recording format in notes.txt, x.rh.json. Supported: sigmf",
          NULL },
        { { { "binary", "b" } }, true, NULL, "No known recording format in b", NULL },
        { { { "empty", "e" } }, true, NULL, "There is nothing in e: 0 bytes.", NULL },
        { { { "blob2", "notes.txt" } }, true, "sigmf", "No SigMF metadata came with notes.txt", NULL },
        { { { "rec.sigmf-meta", "r" } }, true, "rh", "capture_type \"rh\" is not read here. Supported: sigmf", NULL },
        { { { "rec.sigmf-meta", "r" } }, true, "SigMF", "capture_type \"SigMF\" is not read here", NULL },
        { { { "rec.sigmf-meta", "r" } },
          true,
          "x\x1B[2J",
          "is not read here. Supported: sigmf (SigMF: .sigmf-meta with .sigmf-data)",
          NULL },
    };
    store_files();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture = NULL;
        struct svi_error err = { 0 };
        if (open_row(&capture, &rows[i], &err))
            fail_msg("row %zu was opened", i);
        assert_null(capture);
        check_has(err.message, rows[i].expected);
        assert_null(strstr(err.message, scratch_folder()));
        assert_null(strchr(err.message, '\x1B'));
        bool about_config = rows[i].format && strcmp(rows[i].format, "sigmf") != 0;
        bool about_disk = strstr(err.message, "cannot be opened") || strstr(err.message, "regular file");
        assert_int_equal(err.status, about_config ? SVI_BAD_PARAMETER : about_disk ? SVI_IO : SVI_BAD_RECORDING);
    }
}

static void a_long_list_of_files_is_cut(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    static struct svi_file files[COUNT];
    static char path[600];
    store_files();
    snprintf(path, sizeof path, "%s/blob2", scratch_folder());
    for (size_t i = 0; i < COUNT; i++)
        files[i] = (struct svi_file){ path, "a label of some length" };
    const struct svi_capture_request request = { .files = files, .file_count = COUNT };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    assert_false(svi_capture_open(&capture, &request, &err));
    check_has(err.message, "a label of some length, a label");
    check_has(err.message, " more. Supported: sigmf");
}

static void ranges_are_checked(void **state)
{
    (void)state;
    static const struct opening row = { { { "rec.sigmf-meta", "rec.sigmf-meta" } }, true, NULL, NULL, NULL };
    static const struct {
        uint64_t first, count;
        bool inside;
    } rows[] = { { 0, 5, true },  { 5, 0, true },           { 4, 1, true },           { 0, 6, false },
                 { 6, 0, false }, { UINT64_MAX, 1, false }, { 1, UINT64_MAX, false }, { 1ull << 63, 1ull << 63, false } };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    store_files();
    check_ok(open_row(&capture, &row, &err), err);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_bytes view;
        assert_int_equal(svi_capture_view(capture, rows[i].first, rows[i].count, &view, &err), rows[i].inside);
        if (rows[i].inside)
            assert_int_equal(view.count, rows[i].count * 2);
        else
            assert_int_equal(err.status, SVI_BUG);
        svi_error_clear(&err);
    }
    svi_capture_forget(capture, 3);
    svi_capture_forget(capture, UINT64_MAX);
    struct svi_bytes view;
    check_ok(svi_capture_view(capture, 0, 5, &view, &err), err);
    assert_memory_equal(view.at, "0123456789", 10);
    svi_capture_close(capture);
    svi_capture_close(NULL);
}

static void gaps_read_as_silence(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, count;
        const char *expected; /* \x80 in a gap */
    } rows[] = {
        { 0, 13,
          "ab\x80\x80\x80"
          "cde\x80\x80"
          "fgh" },
        { 0, 2, "ab" },
        { 1, 2, "b\x80" },
        { 2, 3, "\x80\x80\x80" },
        { 4, 6,
          "\x80"
          "cde\x80\x80" },
        { 5, 3, "cde" },
        { 10, 3, "fgh" },
        { 3, 1, "\x80" },
        { 7, 4,
          "e\x80\x80"
          "f" },
        { 12, 1, "h" },
        { 13, 0, "" },
    };
    /* The same samples, behind each other, and with what are no samples between them and behind them. */
    static const struct {
        const char *dataset, *trailing, *headers[3];
    } sets[] = { { "blob2", "", { "", "", "" } },
                 { "headers",
                   ", \"core:trailing_bytes\": 2",
                   { ", \"core:header_bytes\": 2", ", \"core:header_bytes\": 1", ", \"core:header_bytes\": 3" } } };
    char path[600], text[1000];
    struct svi_error err = { 0 };
    store_files();
    snprintf(path, sizeof path, "%s/headers", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("12ab3cde456fgh78"), &err), err);
    snprintf(path, sizeof path, "%s/gaps.sigmf-meta", scratch_folder());
    for (size_t set = 0; set < ROWS(sets); set++) {
        snprintf(text, sizeof text,
                 "{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 8, \"core:dataset\": \"%s\"%s},"
                 "\"captures\": [{\"core:sample_start\": 0, \"core:global_index\": 100%s},"
                 "{\"core:sample_start\": 2, \"core:global_index\": 105%s},"
                 "{\"core:sample_start\": 5, \"core:global_index\": 110, \"core:frequency\": 9%s}]}",
                 sets[set].dataset, sets[set].trailing, sets[set].headers[0], sets[set].headers[1], sets[set].headers[2]);
        check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
        const struct svi_file file = { path, "gaps.sigmf-meta" };
        struct svi_capture *capture;
        check_ok(
            svi_capture_open(&capture, &(struct svi_capture_request){ .files = &file, .file_count = 1, .look_beside = true }, &err),
            err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_int_equal(recording->sample_count, 13);
        assert_int_equal(recording->warnings.count, 0);
        assert_int_equal(recording->gap_count, 2);
        assert_int_equal(recording->gaps[0].first_sample, 2);
        assert_int_equal(recording->gaps[0].sample_count, 3);
        assert_int_equal(recording->gaps[1].first_sample, 8);
        assert_int_equal(recording->gaps[1].sample_count, 2);
        assert_int_equal(recording->segments[2].first_sample, 10);
        assert_true(recording->segments[2].center_frequency_hz == 9);
        for (size_t i = 0; i < ROWS(rows); i++) {
            struct svi_bytes view;
            check_ok(svi_capture_view(capture, rows[i].first, rows[i].count, &view, &err), err);
            assert_int_equal(view.count, rows[i].count);
            assert_memory_equal(view.at, rows[i].expected, view.count);
            svi_capture_forget(capture, rows[i].first);
        }
        svi_capture_close(capture);
    }
}

/* Four samples a second; the second segment states no moment of its own, the third does. */
static void a_sample_has_a_moment(void **state)
{
    (void)state;
    static const struct {
        uint64_t first; /* selected; 0: all */
        uint64_t sample;
        double rate_hz; /* stated; 0: not */
        const char *expected;
    } rows[] = {
        { 0, 0, 0, "2024-01-31T12:00:00.500000+00:00" },  { 0, 1, 0, "2024-01-31T12:00:00.750000+00:00" },
        { 0, 3, 0, "2024-01-31T12:00:01.250000+00:00" },  { 0, 5, 0, "2024-02-01T00:00:00.000000+00:00" },
        { 0, 7, 0, "2024-02-01T00:00:00.500000+00:00" },  { 1, 0, 0, "2024-01-31T12:00:00.750000+00:00" },
        { 1, 2, 0, "2024-01-31T12:00:01.250000+00:00" },  { 1, 4, 0, "2024-02-01T00:00:00.000000+00:00" },
        { 6, 0, 0, "2024-02-01T00:00:00.250000+00:00" },  { 6, 1, 0, "2024-02-01T00:00:00.500000+00:00" },
        { 6, 0, 10, "2024-02-01T00:00:00.100000+00:00" },
    };
    char path[600];
    struct svi_error err = { 0 };
    store_files();
    snprintf(path, sizeof path, "%s/moments.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(
                 path,
                 svi_bytes_of("{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 4, \"core:dataset\": \"blob2\"},"
                              "\"captures\": [{\"core:sample_start\": 0, \"core:datetime\": \"2024-01-31T12:00:00.5Z\"},"
                              "{\"core:sample_start\": 2},"
                              "{\"core:sample_start\": 5, \"core:datetime\": \"2024-02-01T00:00:00Z\"}]}"),
                 &err),
             err);
    const struct svi_file file = { path, "moments.sigmf-meta" };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_capture_request request = {
            .files = &file, .file_count = 1, .look_beside = true, .stated.sample_rate_hz = rows[i].rate_hz
        };
        struct svi_capture *capture;
        struct svi_moment moment;
        char text[SVI_UTC_TEXT];
        check_ok(svi_capture_open(&capture, &request, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        if (rows[i].first)
            check_ok(svi_capture_select(capture, rows[i].first, recording->sample_count - rows[i].first, &err), err);
        assert_int_equal(recording->cut_samples, rows[i].first);
        assert_true(svi_recording_moment(recording, rows[i].sample, &moment));
        svi_moment_write(text, moment);
        assert_string_equal(text, rows[i].expected);
        svi_capture_close(capture);
    }
}

/* A second of one sample each; the first few, and all but every so many-th of the rest, state no moment. Looked back for from each
 * of them, it would take minutes; the alarm ends that. */
static void moments_of_very_many_segments_take_no_time(void **state)
{
    (void)state;
    enum { SEGMENTS = 300000, FIRST = 7, STEP = 100000, PATIENCE_S = 60 };
    struct svi_error err = { 0 };
    struct svi_buffer meta, data;
    struct svi_capture *capture;
    char path[600];
    svi_buffer_init(&meta, 32 << 20);
    svi_buffer_init(&data, SEGMENTS);
    svi_buffer_add_text(&meta, "{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 1}, \"captures\": [");
    for (unsigned i = 0; i < SEGMENTS; i++) {
        svi_buffer_add_text(&meta, "%s{\"core:sample_start\": %u", i ? "," : "", i);
        if (i % STEP == FIRST)
            svi_buffer_add_text(&meta, ", \"core:datetime\": \"2026-01-0%uT00:00:00Z\"", 1 + i / STEP);
        assert_true(svi_buffer_add_text(&meta, "}") && svi_buffer_add(&data, "x", 1));
    }
    assert_true(svi_buffer_add_text(&meta, "]}"));
    snprintf(path, sizeof path, "%s/segments.sigmf-data", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ data.at, data.count }, &err), err);
    snprintf(path, sizeof path, "%s/segments.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ meta.at, meta.count }, &err), err);
    svi_buffer_clear(&meta);
    svi_buffer_clear(&data);
    const struct svi_file file = { path, "segments.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    alarm(PATIENCE_S);
    check_ok(svi_capture_open(&capture, &request, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    assert_int_equal(recording->segment_count, SEGMENTS);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        const int64_t first_s = 1767225600, day_s = 86400; /* 2026-01-01 */
        struct svi_moment moment;
        assert_int_equal(svi_recording_moment(recording, i, &moment), i >= FIRST);
        if (i >= FIRST)
            assert_int_equal(moment.second, first_s + (i - FIRST) / STEP * day_s + (i - FIRST) % STEP);
    }
    alarm(0);
    svi_capture_close(capture);
}

/* One sample, one that is missing, and so on. Looked for from the first gap on each time, that takes minutes. */
static void views_of_very_many_gaps_take_no_time(void **state)
{
    (void)state;
    enum { STORED = 300000, PATIENCE_S = 60 };
    struct svi_error err = { 0 };
    struct svi_buffer meta, data;
    struct svi_capture *capture;
    struct svi_bytes view;
    char path[600];
    svi_buffer_init(&meta, 32 << 20);
    svi_buffer_init(&data, STORED);
    svi_buffer_add_text(&meta, "{\"global\": {\"core:datatype\": \"ri8\", \"core:sample_rate\": 1}, \"captures\": [");
    for (unsigned i = 0; i < STORED; i++)
        assert_true(svi_buffer_add_text(&meta, "%s{\"core:sample_start\": %u, \"core:global_index\": %u}", i ? "," : "", i, 2 * i)
                    && svi_buffer_add(&data, &(char){ (char)(1 + i % 100) }, 1));
    assert_true(svi_buffer_add_text(&meta, "]}"));
    snprintf(path, sizeof path, "%s/gaps.sigmf-data", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ data.at, data.count }, &err), err);
    snprintf(path, sizeof path, "%s/gaps.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ meta.at, meta.count }, &err), err);
    svi_buffer_clear(&meta);
    svi_buffer_clear(&data);
    const struct svi_file file = { path, "gaps.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    const uint64_t count = svi_capture_recording(capture)->sample_count;
    assert_int_equal(count, 2 * STORED - 1);
    alarm(PATIENCE_S);
    check_ok(svi_capture_view(capture, 0, count, &view, &err), err);
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(view.at[i], i % 2 ? 0 : 1 + i / 2 % 100);
    for (uint64_t i = 0; i < count; i++) {
        check_ok(svi_capture_view(capture, i, 1, &view, &err), err);
        assert_int_equal(view.at[0], i % 2 ? 0 : 1 + i / 2 % 100);
    }
    alarm(0);
    svi_capture_close(capture);
}

static void what_is_stated_stands_above_the_files(void **state)
{
    (void)state;
    static const struct svi_stated stated = { NULL, 1e6, true, 433.92e6 };
    char path[600];
    struct svi_error err = { 0 };
    store_files();
    snprintf(path, sizeof path, "%s/bare.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("{\"global\": {\"core:dataset\": \"blob2\"}}"), &err), err);
    const struct svi_file file = { path, "bare.sigmf-meta" };
    struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true, .stated = stated };
    request.stated.datatype = svi_datatype_find("ci16_be");
    struct svi_capture *capture;
    check_ok(svi_capture_open(&capture, &request, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    assert_string_equal(recording->datatype->name, "ci16_be");
    assert_true(recording->sample_rate_hz == 1e6);
    assert_true(recording->segments[0].center_frequency_hz == 433.92e6);
    assert_int_equal(recording->sample_count, 2);
    check_ok(svi_capture_select(capture, 1, 1, &err), err);
    assert_true(recording->segments[0].center_frequency_hz == 433.92e6);
    struct svi_bytes view;
    check_ok(svi_capture_view(capture, 0, 1, &view, &err), err);
    assert_memory_equal(view.at, "efgh", 4);
    assert_false(svi_capture_select(capture, 0, 1, &err));
    svi_capture_close(capture);

    svi_error_clear(&err);
    request.stated = (struct svi_stated){ .datatype = stated.datatype };
    assert_false(svi_capture_open(&capture, &request, &err));
    check_has(err.message, "core:datatype");
}

static void warnings_are_counted_and_kept_to_a_few(void **state)
{
    (void)state;
    struct svi_warnings warnings = { 0 };
    for (int i = 0; i < 100; i++)
        svi_warn(&warnings, "%d: %0300d", i, 0);
    assert_int_equal(warnings.count, 100);
    assert_memory_equal(warnings.text[SVI_MAX_WARNINGS - 1], "15: 0", 5);
    assert_int_equal(strlen(warnings.text[0]), sizeof warnings.text[0] - 1);
    struct svi_warnings other = { 0 };
    char euros[400];
    for (size_t i = 0; i + 3 < sizeof euros; i += 3)
        memcpy(euros + i, "\xE2\x82\xAC", 4);
    svi_warn(&other, "x%s", euros);
    assert_true(svi_utf8_valid(svi_bytes_of(other.text[0])));
}

/* The linker's --wrap does not reach into jansson; this function's call of malloc it does reach. */
static void *take(size_t bytes)
{
    return malloc(bytes);
}

/* Fails the first allocation, then the second, …, until none is left; returns how many there were. */
static unsigned fail_each_allocation(bool only_memory)
{
    static const struct opening row = { { { "header.sigmf-meta", "header.sigmf-meta" } }, true, NULL, NULL, NULL };
    unsigned n = 0;
    for (bool failed = true; failed;) {
        struct svi_capture *capture = NULL;
        struct svi_error err = { 0 };
        allocator_fail_at(++n);
        bool opened = open_row(&capture, &row, &err);
        failed = allocator_has_failed();
        assert_int_equal(opened, !failed);
        assert_int_equal(err.message[0] != '\0', failed);
        if (only_memory && failed && err.status != SVI_OUT_OF_MEMORY)
            fail_msg("allocation %u: %s [%s]", n, err.message, err.cause);
        svi_capture_close(capture);
    }
    return n - 1;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    store_files();
    assert_true(fail_each_allocation(true) > 5);
    /* jansson calls a text broken where it ran out of memory, so only the refusal is certain. */
    json_set_alloc_funcs(take, free);
    assert_true(fail_each_allocation(false) > 30);
    json_set_alloc_funcs(malloc, free);
}

/* The SigMF project's own recording, where the folder of real recordings is there. */
static void a_real_recording(void **state)
{
    (void)state;
    char path[1000];
    const char *shared = getenv("SVI_TEST_SHARED");
    snprintf(path, sizeof path, "%s/data/sigmf/sigmf_logo.sigmf-meta", shared ? shared : ".");
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", "data/sigmf/sigmf_logo.sigmf-meta");
        skip();
    }
    const struct svi_file file = { path, "sigmf_logo.sigmf-meta" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true, .format = "sigmf" };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    const struct svi_recording *recording = svi_capture_recording(capture);
    assert_string_equal(recording->name, "sigmf_logo");
    assert_string_equal(recording->datatype->name, "ri16_le");
    assert_string_equal(recording->description, "The Official SigMF Logo");
    assert_int_equal(recording->channels, 2);
    assert_true(recording->sample_rate_hz == 48000);
    assert_int_equal(recording->sample_count, 288000);
    assert_int_equal(recording->segment_count, 1);
    assert_int_equal(recording->segments[0].sample_count, 288000);
    assert_true(isnan(recording->segments[0].center_frequency_hz));
    assert_string_equal(recording->segments[0].start_time, "2021-06-18T23:17:51.163959Z");
    assert_int_equal(recording->warnings.count, 0);
    struct svi_bytes view;
    check_ok(svi_capture_view(capture, 287999, 1, &view, &err), err);
    assert_int_equal(view.count, 4);
    svi_capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_back_in_every_datatype),
        cmocka_unit_test(metadata_and_data_find_each_other),
        cmocka_unit_test(what_cannot_be_opened_is_named),
        cmocka_unit_test(a_long_list_of_files_is_cut),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(gaps_read_as_silence),
        cmocka_unit_test(a_sample_has_a_moment),
        cmocka_unit_test(moments_of_very_many_segments_take_no_time),
        cmocka_unit_test(views_of_very_many_gaps_take_no_time),
        cmocka_unit_test(what_is_stated_stands_above_the_files),
        cmocka_unit_test(warnings_are_counted_and_kept_to_a_few),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(a_real_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
