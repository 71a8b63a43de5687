/* test_flat_file - raw IQ, WAV and NumPy arrays from file to samples: those that other programs wrote come back byte for byte. */
#include "base/file.h"
#include "capture/capture.h"

#include <math.h>

#include "check.h"
#include "dice.h"

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
        { "g_433.92M_1000k.cu8", "ci16_be", 0, "ci16_be, 6, 1000000, 433920000", true,
          "ends inside a sample: 26 bytes, 4 per sample (ci16_be, 1 channel). The last 2 are" },
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

/* A file of so many letters under a name, and what is stated: refused with one sentence, which names the file and what is missing.
 */
static void broken_raw_recordings_are_refused(void **state)
{
    (void)state;
    static const char no_rate[] = " nor its name says how many samples a second it has. Give the parameter sampleRate in hertz.";
    static const char no_type[] = " does not say how its samples are stored. Give the parameter datatype, for example \"ci16_le\".";
    static const char unknown[] = "No known recording format in ";
    static const char *const raw = "raw";
    static const struct {
        const char *label;
        size_t count;         /* of bytes */
        const char *datatype; /* stated; NULL: not */
        double rate_hz;       /* stated; 0: not */
        const char *format;   /* likewise */
        const char *says;
    } rows[] = {
        /* shorter than a sample */
        { "a_1k.cu8", 0, NULL, 0, NULL, "holds 0 bytes of samples; one sample (cu8, 1 channel) takes 2." },
        { "a_1k.cu8", 1, NULL, 0, NULL, "holds 1 bytes of samples; one sample (cu8, 1 channel) takes 2." },
        { "a_1k.ci8", 1, NULL, 0, NULL, "one sample (ci8, 1 channel) takes 2." },
        { "a_1k.complex16u", 1, NULL, 0, NULL, "one sample (cu8, 1 channel) takes 2." },
        { "a_1k.ri8", 0, NULL, 0, NULL, "one sample (ri8, 1 channel) takes 1." },
        { "a_1k.ru16_be", 1, NULL, 0, NULL, "one sample (ru16_be, 1 channel) takes 2." },
        { "a_1k.cs16", 3, NULL, 0, NULL, "holds 3 bytes of samples; one sample (ci16_le, 1 channel) takes 4." },
        { "a_1k.ci16_be", 3, NULL, 0, NULL, "one sample (ci16_be, 1 channel) takes 4." },
        { "a_1k.cu32", 7, NULL, 0, NULL, "one sample (cu32_le, 1 channel) takes 8." },
        { "a_1k.rf32", 3, NULL, 0, NULL, "one sample (rf32_le, 1 channel) takes 4." },
        { "a_1k.cfile", 7, NULL, 0, NULL, "holds 7 bytes of samples; one sample (cf32_le, 1 channel) takes 8." },
        { "a_1k.cf64", 15, NULL, 0, NULL, "holds 15 bytes of samples; one sample (cf64_le, 1 channel) takes 16." },
        { "a_1k.cu8", 15, "cf64_be", 0, NULL, "holds 15 bytes of samples; one sample (cf64_be, 1 channel) takes 16." },
        { "a.iq", 3, "ci16_le", 8, NULL, "holds 3 bytes of samples; one sample (ci16_le, 1 channel) takes 4." },
        { "gqrx_20260102_030405_433920000_2400000_fc.raw", 7, NULL, 0, NULL, "one sample (cf32_le, 1 channel) takes 8." },
        { "a", 0, "cu8", 8, raw, "a holds 0 bytes of samples; one sample (cu8, 1 channel) takes 2." },
        /* nobody says the rate, or says none */
        { "a.cu8", 64, NULL, 0, NULL, no_rate },
        { ".cu8", 64, NULL, 0, NULL, no_rate },
        { "a.cu8", 0, NULL, 0, NULL, no_rate },
        { "a.cu8", 64, NULL, -1000, NULL, no_rate },
        { "a.cu8", 64, NULL, NAN, NULL, no_rate },
        { "a_433.92M.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_0k.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_-1000k.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_nank.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_infsps.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_1e3k.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_1.000.000sps.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_.5k.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_1000kk.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_1000000000000Msps.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_99999999999999999999sps.cu8", 64, NULL, 0, NULL, no_rate },
        { "a_1000k/b.cu8", 64, NULL, 0, NULL, no_rate },
        { "a", 64, "cu8", 0, raw, no_rate },
        /* nobody says the datatype */
        { "a_1000k.iq", 64, NULL, 0, NULL, no_type },
        { "a_1000k.raw", 64, NULL, 0, NULL, no_type },
        { "a.bin", 64, NULL, 8, NULL, no_type },
        { "a.dat", 64, NULL, 0, NULL, no_type },
        { "a.complex", 0, NULL, 8, NULL, no_type },
        { "gqrx_20260102_030405_433920000_2400000_xx.raw", 64, NULL, 0, NULL, no_type },
        { "gqrx_20260102_030405_433920000_fc.raw", 64, NULL, 0, NULL, no_type },
        { "gqrx_20261302_030405_433920000_2400000_fc.raw", 64, NULL, 0, NULL, no_type },
        { "gqrx_20260102_030405_433920000_0_fc.raw", 64, NULL, 0, NULL, no_type },
        { "cu8", 64, NULL, 8, raw, no_type },
        { "a_1k.cf16", 64, NULL, 0, raw, no_type },
        /* endings that are none of samples */
        { "a_1k", 64, "cu8", 8, NULL, unknown },
        { "a_1k.", 64, "cu8", 8, NULL, unknown },
        { "cu8", 64, "cu8", 8, NULL, unknown },
        { "a_1k.cu7", 64, NULL, 0, NULL, unknown },
        { "a_1k.cf16", 64, NULL, 0, NULL, unknown },
        { "a_1k.cs24", 64, NULL, 0, NULL, unknown },
        { "a_1k.ci16_xe", 64, NULL, 0, NULL, unknown },
        { "a_1k.cu8.part", 64, NULL, 0, NULL, unknown },
        { "a_1k.cu8 ", 64, NULL, 0, NULL, unknown },
        { "a_1k.cu8cu8cu8cu8cu8cu8", 64, NULL, 0, NULL, unknown },
    };
    assert_true(ROWS(rows) >= 30);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char letters[65] = "", path[600];
        struct svi_error err = { 0 };
        struct svi_capture *capture = NULL;
        memset(letters, 'a', rows[i].count);
        store("broken", letters);
        snprintf(path, sizeof path, "%s/broken", scratch_folder());
        const struct svi_file file = { path, rows[i].label };
        const struct svi_capture_request request = {
            .files = &file,
            .file_count = 1,
            .format = rows[i].format,
            .stated = { .datatype = rows[i].datatype ? svi_datatype_find(rows[i].datatype) : NULL,
                        .sample_rate_hz = rows[i].rate_hz },
        };
        if (svi_capture_open(&capture, &request, &err))
            fail_msg("%s was read; it should be refused with \"%s\"", rows[i].label, rows[i].says);
        assert_null(capture);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].label);
        check_has(err.message, rows[i].says);
    }
}

static void what_is_no_single_file_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *name; /* folder NULL: the test's own */
        const char *says;
    } rows[] = {
        { NULL, "gone", "The file a_1k.cs16 cannot be opened: " },
        { NULL, ".", "a_1k.cs16 is not a regular file." },
        { "/dev", "zero", "a_1k.cs16 is not a regular file." },
    };
    char path[600];
    struct svi_error err;
    struct svi_capture *capture;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *folder = rows[i].folder ? rows[i].folder : scratch_folder();
        assert_false(open_file(&capture, folder, rows[i].name, "a_1k.cs16", (struct svi_stated){ 0 }, &err));
        assert_int_equal(err.status, SVI_IO);
        check_has(err.message, rows[i].says);
    }
    store("three", "abc");
    snprintf(path, sizeof path, "%s/three", scratch_folder());
    const struct svi_file files[] = { { path, "a_1k.cu8" }, { path, "b_1k.cu8" } };
    svi_error_clear(&err);
    assert_false(svi_capture_open(&capture, &(struct svi_capture_request){ .files = files, .file_count = 2 }, &err));
    check_has(err.message, "there are 2: a_1k.cu8, b_1k.cu8");
}

/* Noise as floats, and some bytes more, under names that say something else. */
static void a_cut_end_tells_the_likelier_datatype(void **state)
{
    (void)state;
    enum { NUMBERS = 4096 };
    static const struct {
        const char *label, *datatype; /* the latter stated */
        size_t more;
        const char *warning; /* NULL: none */
    } rows[] = {
        { "n_1k.cs16", NULL, 1,
          "n_1k.cs16 ends inside a sample: 16385 bytes, 4 per sample (ci16_le, 1 channel; cf32_le is likelier)." },
        { "n_1k.cs16", NULL, 0, NULL },
        { "n_1k.cf32", "rf64_le", 4,
          "16388 bytes, 8 per sample (rf64_le, 1 channel; rf32_le is likelier). The last 4 are left out." },
        { "n_1k.cf32", NULL, 4, "16388 bytes, 8 per sample (cf32_le, 1 channel). The last 4 are left out." },
        { "n_1k.rf32", NULL, 3, "(rf32_le, 1 channel). The last 3 are left out." },
    };
    static float numbers[NUMBERS + 1];
    struct dice dice = { 13 };
    for (size_t i = 0; i <= NUMBERS; i++)
        numbers[i] = (float)((dice_share(&dice) + dice_share(&dice) - 1) * 0.3);
    for (size_t i = 0; i < ROWS(rows); i++) {
        char path[600];
        struct svi_error err = { 0 };
        struct svi_capture *capture;
        const struct svi_stated stated = { .datatype = rows[i].datatype ? svi_datatype_find(rows[i].datatype) : NULL };
        snprintf(path, sizeof path, "%s/noise", scratch_folder());
        const struct svi_bytes bytes = { (const uint8_t *)numbers, NUMBERS * sizeof *numbers + rows[i].more };
        check_ok(svi_file_write(path, bytes, &err), err);
        check_ok(open_file(&capture, scratch_folder(), "noise", rows[i].label, stated, &err), err);
        const struct svi_warnings *warnings = &svi_capture_recording(capture)->warnings;
        assert_int_equal(warnings->count, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(warnings->text[0], rows[i].warning);
        svi_capture_close(capture);
    }
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

/* Stored in three bytes each, and handed out in four: what is missing at the end counts as stored. */
static void a_cut_end_of_24_bits_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *name, *datatype; /* the latter stated */
        size_t cut;
        const char *warning;
    } rows[] = {
        { "wav_i3_x2", NULL, 1, "ends inside a sample: 71 bytes, 6 per sample (2 channels of 24 bits). The last 5 are left out." },
        { "wav_i3_x2", "ci32_le", 3, "69 bytes, 6 per sample (2 channels of 24 bits). The last 3 are left out." },
        { "wav_i3_x2", "ri32_le", 5, "67 bytes, 6 per sample (2 channels of 24 bits). The last 1 are left out." },
        { "wav_i3_x1", "ri32_le", 1, "35 bytes, 3 per sample (1 channel of 24 bits). The last 2 are left out." },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_buffer file, expected;
        struct svi_error err = { 0 };
        struct svi_capture *capture;
        struct svi_bytes view;
        char path[600];
        read_golden(&file, rows[i].name, "wav");
        read_golden(&expected, rows[i].name, "bytes");
        snprintf(path, sizeof path, "%s/cut.wav", scratch_folder());
        check_ok(svi_file_write(path, (struct svi_bytes){ file.at, file.count - rows[i].cut }, &err), err);
        const struct svi_stated stated = { .datatype = rows[i].datatype ? svi_datatype_find(rows[i].datatype) : NULL };
        check_ok(open_file(&capture, scratch_folder(), "cut.wav", "cut.wav", stated, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        assert_int_equal(recording->sample_count, SAMPLES - 1);
        assert_int_equal(recording->warnings.count, 2); /* the first one: of the header's size */
        check_has(recording->warnings.text[1], rows[i].warning);
        check_ok(svi_capture_view(capture, 0, SAMPLES - 1, &view, &err), err);
        assert_int_equal(view.count, expected.count / SAMPLES * (SAMPLES - 1));
        assert_memory_equal(view.at, expected.at, view.count);
        svi_buffer_clear(&file);
        svi_buffer_clear(&expected);
        svi_capture_close(capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_of_other_programs_come_back),
        cmocka_unit_test(raw_samples_are_what_the_name_or_the_config_says),
        cmocka_unit_test(broken_raw_recordings_are_refused),
        cmocka_unit_test(what_is_no_single_file_is_refused),
        cmocka_unit_test(a_cut_end_tells_the_likelier_datatype),
        cmocka_unit_test(a_cut_end_of_24_bits_is_left_out),
        cmocka_unit_test(a_stated_datatype_shares_out_the_numbers_of_a_wav),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
