/* test_foreign_names - files of every format under names that somebody chose to do harm: the name is a label, never a path, and
 * what is said of it can be shown. Whole files are read under any of them; cut and empty ones are refused with one clean sentence
 * that names the file and what is wrong. */
#include "base/file.h"
#include "capture/input.h"
#include "capture/label.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { LONG = 4000, MOST_BYTES = 1 << 20 };

static char letters[LONG + 1], umlauts[LONG + 1], tails[LONG + 1], slashes[LONG + 1], dots[LONG + 1];

/* NULL stands for the long ones above, in this order. */
static const char *const names[] = {
    "",
    ".",
    "..",
    "/",
    "//",
    "a/",
    "../x",
    "../../../../etc/passwd",
    "/etc/passwd",
    "/dev/zero",
    "C:\\x",
    "C:CON",
    "CON",
    "NUL",
    "..\\x",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\x1B[2J\x1B[31m",
    "\x01\x02\x7F",
    "\xFF\xFE",
    "\xC3",
    "a\xE2\x82",
    "\xC0\x80",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "%s%s%n%d",
    "\"; DROP TABLE x; --",
    "<b>&amp;",
    "$(reboot)`reboot`",
    "-o",
    " ",
    "x.sigmf-data",
    "tmp.rf@1.000",
    "x_1e999M_nank",
    letters,
    umlauts,
    tails,
    slashes,
    dots,
};

static void fill_long_names(void)
{
    memset(letters, 'n', LONG);
    memset(tails, 0x80, LONG);
    memset(slashes, '/', LONG);
    memset(dots, '.', LONG);
    for (size_t i = 0; i + 1 < LONG; i += 2)
        memcpy(umlauts + i, "\xC3\xA4", 2);
}

/* A file of the format, below tests/data or as a text. */
struct sample {
    const char *path, *text;
    const char *ending;      /* by which it is known, where its content does not say enough */
    const char *with;        /* text of a second file, "x.bin" */
    bool any_length_is_read; /* cut anywhere it is a shorter one */
    const char *half_is;     /* what is said of its first half, and of nothing; NULL: half of it is read */
    const char *nothing_is;
};

static const char unknown[] = "No known recording format in ", nothing[] = "There is nothing in ";

static const struct sample samples[] = {
    { .text = "{\"global\": {\"core:datatype\": \"ci8\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 8}, \"captures\": []}",
      .ending = ".sigmf-meta",
      .with = "01234567",
      .half_is = ".sigmf-meta is not valid JSON: line 1, column 50",
      .nothing_is = ".sigmf-meta is empty." },
    { .path = "digital_rf/gaps_packed/2014-03-09T12-30-30/rf@1394368230.000.h5",
      .ending = ".h5",
      .half_is = ".h5 is no HDF5 file, or was not written to its end.",
      .nothing_is = nothing },
    { .path = "radiohound/0.rh.json", .ending = ".rh.json", .half_is = unknown, .nothing_is = nothing },
    { .path = "formats/wav_i2_x2.wav",
      .ending = ".wav",
      .any_length_is_read = true,
      .half_is = ".wav holds 2 bytes of samples; one sample (ci16_le, 1 channel) takes 4.",
      .nothing_is = ".wav is no WAV file" },
    { .path = "formats/npy_c8.npy",
      .ending = ".npy",
      .any_length_is_read = true,
      .half_is = ".npy: it ends inside of its header.",
      .nothing_is = ".npy: it is no NumPy array file" },
    { .text = "abcdefgh",
      .ending = "_1k.cu8",
      .any_length_is_read = true,
      .nothing_is = "_1k.cu8 holds 0 bytes of samples; one sample (cu8, 1 channel) takes 2." },
    { .text = "2026-01-02, 03:04:05, 100, 130, 10.00, 1, -10, -20, -30\n",
      .ending = ".csv",
      .any_length_is_read = true,
      .nothing_is = ".csv holds no row." },
    { .text = "x,y\n1,2\n3,4\n", .ending = ".csv", .any_length_is_read = true, .nothing_is = ".csv holds no row." },
    { .path = "formats/tone_1k.cu8.gz",
      .ending = "_1k.cu8.gz",
      .half_is = "_1k.cu8.gz is broken: it ends too early.",
      .nothing_is = nothing },
};

static void read_sample(struct svi_buffer *out, const struct sample *sample)
{
    struct svi_error err = { 0 };
    char path[PATH_MAX];
    if (sample->path) {
        svi_format(path, sizeof path, "%s/%s", getenv("SVI_TEST_DATA"), sample->path);
        check_ok(svi_file_read(out, path, sample->path, MOST_BYTES, &err), err);
        return;
    }
    svi_buffer_init(out, MOST_BYTES);
    assert_true(svi_buffer_add(out, sample->text, strlen(sample->text)));
}

static const char *in_scratch(const char *name)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    return path;
}

static void put(const char *name, const void *bytes, size_t count)
{
    FILE *file = fopen(in_scratch(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void check_shown(const char *text)
{
    assert_true(svi_utf8_valid(svi_bytes_of(text)));
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
    assert_null(strstr(text, scratch_folder()));
}

static void check_input(const struct svi_input *input)
{
    const struct svi_warnings *warnings;
    if (input->capture) {
        const struct svi_recording *recording = svi_capture_recording(input->capture);
        struct svi_bytes view;
        struct svi_error err = { 0 };
        check_shown(recording->name);
        check_ok(svi_capture_view(input->capture, 0, recording->sample_count, &view, &err), err);
        warnings = &recording->warnings;
    } else {
        check_shown(input->table ? input->table->name : input->sweeps->name);
        warnings = input->table ? &input->table->warnings : &input->sweeps->warnings;
    }
    for (size_t i = 0; i < warnings->count && i < SVI_MAX_WARNINGS; i++)
        check_shown(warnings->text[i]);
}

/* Opens what lies in the scratch folder under this label; true where it was read, else what is said has `says` in it. */
static bool open_as(const struct sample *sample, const char *label, const char *says)
{
    static char path[PATH_MAX], second[PATH_MAX];
    svi_format(path, sizeof path, "%s", in_scratch("stored_x7Kq"));
    svi_format(second, sizeof second, "%s", in_scratch("stored_Zz81"));
    const struct svi_file files[] = { { path, label }, { second, "x.bin" } };
    const struct svi_capture_request request = { .files = files,
                                                 .file_count = sample->with ? 2 : 1,
                                                 .scratch_folder = scratch_folder(),
                                                 .stated.sample_rate_hz = strstr(sample->ending, "npy") ? 1000 : 0 };
    struct svi_input input;
    struct svi_error err = { 0 };
    if (svi_input_open(&input, &request, &err)) {
        check_input(&input);
        svi_input_close(&input);
        return true;
    }
    assert_true(err.message[0] && err.status != SVI_OK && err.status != SVI_BUG);
    check_shown(err.message);
    char shown[SVI_LABEL_SHOWN];
    svi_label_shown(shown, label);
    check_has(err.message, shown);
    check_has(err.message, says);
    return false;
}

static void no_name_does_harm(void **state)
{
    (void)state;
    fill_long_names();
    assert_true(ROWS(names) >= 30);
    for (size_t i = 0; i < ROWS(samples); i++) {
        struct svi_buffer whole;
        read_sample(&whole, &samples[i]);
        put("stored_Zz81", samples[i].with ? samples[i].with : "", samples[i].with ? strlen(samples[i].with) : 0);
        for (size_t k = 0; k < ROWS(names); k++) {
            char label[LONG + 40];
            svi_format(label, sizeof label, "%s%s", names[k], samples[i].ending);
            put("stored_x7Kq", whole.at, whole.count);
            if (!open_as(&samples[i], label, ""))
                fail_msg("a whole file %s was refused as name %zu", samples[i].ending, k);
            put("stored_x7Kq", whole.at, whole.count / 2);
            if (open_as(&samples[i], label, samples[i].half_is ? samples[i].half_is : "") == !!samples[i].half_is)
                fail_msg("half a file %s was %s as name %zu", samples[i].ending, samples[i].half_is ? "read" : "refused", k);
            put("stored_x7Kq", "", 0);
            if (open_as(&samples[i], label, samples[i].nothing_is))
                fail_msg("an empty file %s was read as name %zu", samples[i].ending, k);
        }
        svi_buffer_clear(&whole);
    }
}

/* From nothing to all but the last byte: refused, or read as far as it goes, whatever the byte. */
static void every_cut_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(samples); i++) {
        struct svi_buffer whole;
        read_sample(&whole, &samples[i]);
        put("stored_Zz81", samples[i].with ? samples[i].with : "", samples[i].with ? strlen(samples[i].with) : 0);
        const size_t step = whole.count > 1000 ? 97 : 1;
        char label[40];
        svi_format(label, sizeof label, "a%s", samples[i].ending);
        for (size_t cut = 0; cut < whole.count; cut += step) {
            put("stored_x7Kq", whole.at, cut);
            if (open_as(&samples[i], label, "") && !samples[i].any_length_is_read)
                fail_msg("%zu of %zu bytes of a file %s were read", cut, whole.count, samples[i].ending);
        }
        svi_buffer_clear(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_name_does_harm),
        cmocka_unit_test(every_cut_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
