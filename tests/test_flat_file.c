/* test_flat_file - raw IQ, WAV and NumPy arrays from file to samples: those that other programs wrote come back byte for byte. */
#include "base/file.h"
#include "capture/capture.h"

#include <math.h>

#include "check.h"

enum { SAMPLES = 12, MOST_BYTES = 1 << 16 };

static void read_golden(struct svi_buffer *out, const char *name, const char *ending)
{
    char path[600];
    struct svi_error err = { 0 };
    const char *data = getenv("SVI_TEST_DATA");
    snprintf(path, sizeof path, "%s/formats/%s.%s", data ? data : ".", name, ending);
    check_ok(svi_file_read(out, path, name, MOST_BYTES, &err), err);
}

/* Opens a file under a label, with what is stated. */
static bool open_file(struct svi_capture **capture, const char *folder, const char *name, const char *label,
                      struct svi_stated stated, struct svi_error *err)
{
    char path[600];
    assert_true(svi_format(path, sizeof path, "%s/%s", folder, name));
    const struct svi_file file = { path, label };
    *err = (struct svi_error){ 0 };
    return svi_capture_open(capture, &(struct svi_capture_request){ .files = &file, .file_count = 1, .stated = stated }, err);
}

static void samples_of_other_programs_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ending, *datatype;
        unsigned channels;
    } rows[] = {
        { "npy_c8", "npy", "cf32_le", 1 },       { "npy_c8_be", "npy", "cf32_be", 1 },
        { "npy_c16", "npy", "cf64_le", 1 },      { "npy_c16_be", "npy", "cf64_be", 1 },
        { "npy_f4", "npy", "rf32_le", 1 },       { "npy_f4_be", "npy", "rf32_be", 1 },
        { "npy_f4_pairs", "npy", "cf32_le", 1 }, { "npy_f4_be_pairs", "npy", "cf32_be", 1 },
        { "npy_f8", "npy", "rf64_le", 1 },       { "npy_f8_be", "npy", "rf64_be", 1 },
        { "npy_f8_pairs", "npy", "cf64_le", 1 }, { "npy_f8_be_pairs", "npy", "cf64_be", 1 },
        { "npy_i1", "npy", "ri8", 1 },           { "npy_i1_pairs", "npy", "ci8", 1 },
        { "npy_u1", "npy", "ru8", 1 },           { "npy_u1_pairs", "npy", "cu8", 1 },
        { "npy_i2", "npy", "ri16_le", 1 },       { "npy_i2_be", "npy", "ri16_be", 1 },
        { "npy_i2_pairs", "npy", "ci16_le", 1 }, { "npy_i2_be_pairs", "npy", "ci16_be", 1 },
        { "npy_u2", "npy", "ru16_le", 1 },       { "npy_u2_be", "npy", "ru16_be", 1 },
        { "npy_u2_pairs", "npy", "cu16_le", 1 }, { "npy_u2_be_pairs", "npy", "cu16_be", 1 },
        { "npy_i4", "npy", "ri32_le", 1 },       { "npy_i4_be", "npy", "ri32_be", 1 },
        { "npy_i4_pairs", "npy", "ci32_le", 1 }, { "npy_i4_be_pairs", "npy", "ci32_be", 1 },
        { "npy_u4", "npy", "ru32_le", 1 },       { "npy_u4_be", "npy", "ru32_be", 1 },
        { "npy_u4_pairs", "npy", "cu32_le", 1 }, { "npy_u4_be_pairs", "npy", "cu32_be", 1 },
        { "wav_u1_x1", "wav", "ru8", 1 },        { "wav_u1_x2", "wav", "cu8", 1 },
        { "wav_u1_x3", "wav", "ru8", 3 },        { "wav_i2_x1", "wav", "ri16_le", 1 },
        { "wav_i2_x2", "wav", "ci16_le", 1 },    { "wav_i2_x3", "wav", "ri16_le", 3 },
        { "wav_i3_x1", "wav", "ri32_le", 1 },    { "wav_i3_x2", "wav", "ci32_le", 1 },
        { "wav_i4_x1", "wav", "ri32_le", 1 },    { "wav_i4_x2", "wav", "ci32_le", 1 },
        { "wav_i4_x3", "wav", "ri32_le", 3 },    { "wav_f4_x1", "wav", "rf32_le", 1 },
        { "wav_f4_x2", "wav", "cf32_le", 1 },    { "wav_f4_x3", "wav", "rf32_le", 3 },
        { "wav_f8_x1", "wav", "rf64_le", 1 },    { "wav_f8_x2", "wav", "cf64_le", 1 },
        { "wav_f8_x3", "wav", "rf64_le", 3 },
    };
    const struct svi_stated rate = { .sample_rate_hz = 48000 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char folder[600], name[80];
        struct svi_error err;
        struct svi_capture *capture;
        struct svi_buffer expected;
        struct svi_bytes view;
        print_message("%s\n", rows[i].name);
        snprintf(folder, sizeof folder, "%s/formats", getenv("SVI_TEST_DATA") ? getenv("SVI_TEST_DATA") : ".");
        snprintf(name, sizeof name, "%s.%s", rows[i].name, rows[i].ending);
        const bool wav = !strcmp(rows[i].ending, "wav");
        check_ok(open_file(&capture, folder, name, name, wav ? (struct svi_stated){ 0 } : rate, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_string_equal(recording->name, rows[i].name);
        assert_string_equal(recording->format, rows[i].ending);
        assert_string_equal(recording->datatype->name, rows[i].datatype);
        assert_int_equal(recording->channels, rows[i].channels);
        assert_int_equal(recording->sample_count, SAMPLES);
        assert_true(recording->sample_rate_hz == 48000);
        assert_true(isnan(recording->segments[0].center_frequency_hz));
        assert_int_equal(recording->warnings.count, 0);
        read_golden(&expected, rows[i].name, "bytes");
        check_ok(svi_capture_view(capture, 0, SAMPLES, &view, &err), err);
        assert_int_equal(view.count, expected.count);
        assert_memory_equal(view.at, expected.at, expected.count);
        const size_t each = expected.count / SAMPLES;
        svi_capture_forget(capture, 5);
        check_ok(svi_capture_view(capture, 5, 3, &view, &err), err);
        assert_int_equal(view.count, 3 * each);
        assert_memory_equal(view.at, expected.at + 5 * each, 3 * each);
        svi_buffer_clear(&expected);
        svi_capture_close(capture);
    }
}

static void store(const char *name, const char *text)
{
    char path[600];
    struct svi_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
}

/* 26 bytes under many names. */
static void raw_samples_are_what_the_name_or_the_config_says(void **state)
{
    (void)state;
    static const struct {
        const char *label, *datatype; /* the latter stated */
        double rate_hz;               /* stated */
        const char *expected;         /* "datatype, count, rate, center", or part of the message */
        bool opened;
        const char *warning;
    } rows[] = {
        { "g_433.92M_1000k.cu8", NULL, 0, "cu8, 13, 1000000, 433920000", true, NULL },
        { "g_433.92M_1000k.cu8", "ci16_be", 0, "ci16_be, 6, 1000000, 433920000", true, "ends inside a sample: 26 bytes, 4 per" },
        { "g_433.92M_1000k.cu8", NULL, 5, "cu8, 13, 5, 433920000", true, NULL },
        { "g.ri8", NULL, 8, "ri8, 26, 8, nan", true, NULL },
        { "g.iq", "cu8", 8, "cu8, 13, 8, nan", true, NULL },
        { "g.cf64", NULL, 8, "cf64_le, 1, 8, nan", true, "The last 10 are left out" },
        { "g.cu8", NULL, 0, "Neither g.cu8 nor its name says how many samples a second it has. Give the parameter sampleRate",
          false, NULL },
        { "g_1000k.iq", NULL, 0, "The name g_1000k.iq does not say how its samples are stored. Give the parameter datatype", false,
          NULL },
        { "g_1000k.bin", NULL, 8, "Give the parameter datatype", false, NULL },
        { "g.txt", "cu8", 8, "No known recording format in g.txt", false, NULL },
        { "g.wav", NULL, 0, "g.wav is no WAV file", false, NULL },
        { "g.npy", NULL, 8, "g.npy: it is no NumPy array file", false, NULL },
    };
    store("letters", "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err;
        struct svi_capture *capture = NULL;
        const struct svi_stated stated = { .datatype = rows[i].datatype ? svi_datatype_find(rows[i].datatype) : NULL,
                                           .sample_rate_hz = rows[i].rate_hz };
        print_message("%s\n", rows[i].label);
        assert_int_equal(open_file(&capture, scratch_folder(), "letters", rows[i].label, stated, &err), rows[i].opened);
        if (!rows[i].opened) {
            check_has(err.message, rows[i].expected);
            continue;
        }
        const struct svi_recording *recording = svi_capture_recording(capture);
        char got[100];
        snprintf(got, sizeof got, "%s, %u, %.0f, %.0f", recording->datatype->name, (unsigned)recording->sample_count,
                 recording->sample_rate_hz, recording->segments[0].center_frequency_hz);
        assert_string_equal(got, rows[i].expected);
        assert_int_equal(recording->warnings.count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(recording->warnings.text[0], rows[i].warning);
        struct svi_bytes view;
        check_ok(svi_capture_view(capture, recording->sample_count - 1, 1, &view, &err), err);
        assert_int_equal(view.at[0], 'a' + (recording->sample_count - 1) * svi_datatype_bytes(recording->datatype));
        svi_capture_close(capture);
    }
}

static void too_little_and_too_much_is_refused(void **state)
{
    (void)state;
    struct svi_error err;
    struct svi_capture *capture;
    store("empty", "");
    store("three", "abc");
    assert_false(open_file(&capture, scratch_folder(), "empty", "a_1k.cu8", (struct svi_stated){ 0 }, &err));
    check_has(err.message, "a_1k.cu8 holds 0 bytes of samples; one sample (cu8, 1 channel) takes 2");
    assert_false(open_file(&capture, scratch_folder(), "three", "a_1k.cs16", (struct svi_stated){ 0 }, &err));
    check_has(err.message, "holds 3 bytes of samples; one sample (ci16_le, 1 channel) takes 4");
    assert_false(open_file(&capture, scratch_folder(), "gone", "a_1k.cs16", (struct svi_stated){ 0 }, &err));
    check_has(err.message, "cannot be opened");

    char path[600];
    snprintf(path, sizeof path, "%s/three", scratch_folder());
    const struct svi_file files[] = { { path, "a_1k.cu8" }, { path, "b_1k.cu8" } };
    svi_error_clear(&err);
    assert_false(svi_capture_open(&capture, &(struct svi_capture_request){ .files = files, .file_count = 2 }, &err));
    check_has(err.message, "there are 2: a_1k.cu8, b_1k.cu8");
}

static void a_stated_datatype_shares_out_the_numbers_of_a_wav(void **state)
{
    (void)state;
    static const struct {
        const char *name, *datatype;
        unsigned channels; /* 0: refused */
    } rows[] = {
        { "wav_i2_x2.wav", "ri16_le", 2 }, { "wav_i2_x2.wav", "cu16_le", 1 }, { "wav_i2_x2.wav", "cf32_le", 0 },
        { "wav_i2_x3.wav", "ci16_le", 0 }, { "wav_i3_x2.wav", "ri32_le", 2 }, { "wav_i3_x2.wav", "ci8", 0 },
    };
    char folder[600];
    snprintf(folder, sizeof folder, "%s/formats", getenv("SVI_TEST_DATA") ? getenv("SVI_TEST_DATA") : ".");
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err;
        struct svi_capture *capture;
        const struct svi_stated stated = { .datatype = svi_datatype_find(rows[i].datatype) };
        bool opened = open_file(&capture, folder, rows[i].name, "SDRSharp_20260102_030405Z_1000000Hz_IQ.wav", stated, &err);
        assert_int_equal(opened, rows[i].channels != 0);
        if (!opened) {
            assert_int_equal(err.status, SVI_BAD_PARAMETER);
            check_has(err.message, "do not go together");
            continue;
        }
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_int_equal(recording->channels, rows[i].channels);
        assert_int_equal(recording->sample_count, SAMPLES);
        assert_true(recording->segments[0].center_frequency_hz == 1e6);
        assert_string_equal(recording->segments[0].start_time, "2026-01-02T03:04:05Z");
        svi_capture_close(capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_of_other_programs_come_back),
        cmocka_unit_test(raw_samples_are_what_the_name_or_the_config_says),
        cmocka_unit_test(too_little_and_too_much_is_refused),
        cmocka_unit_test(a_stated_datatype_shares_out_the_numbers_of_a_wav),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
