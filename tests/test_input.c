/* test_input - texts whose columns are samples, and what decides that they are. Texts that NumPy and Python wrote are read back
 * number by number; what the others hold was read off them by hand. */
#include "base/file.h"
#include "capture/csv_clock.h"
#include "capture/csv_columns.h"
#include "capture/input.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { MOST_BYTES = 1 << 16, SAMPLES = 12, MOST_PARTS = 8 };

static char scratch[600]; /* where samples are stored: empty behind every test */

static void check_nothing_left(void)
{
    size_t count = 0;
    DIR *list = opendir(scratch);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list));)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(list);
    assert_int_equal(count, 0);
}

static bool open_path(struct svi_input *input, const char *path, const char *label, struct svi_capture_request request,
                      struct svi_error *err)
{
    const struct svi_file file = { path, label };
    request.files = &file;
    request.file_count = 1;
    request.scratch_folder = scratch;
    *err = (struct svi_error){ 0 };
    return svi_input_open(input, &request, err);
}

static bool open_text(struct svi_input *input, const char *text, const char *label, struct svi_capture_request request,
                      struct svi_error *err)
{
    char path[700];
    snprintf(path, sizeof path, "%s/text", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of(text), err), *err);
    return open_path(input, path, label, request, err);
}

static void texts_of_other_programs_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *name, *datatype;
        double rate_hz; /* 0: stated */
        const char *start;
        double center_hz;
    } rows[] = {
        { "csv_complex", "cf32_le", 0, "", NAN },
        { "csv_python", "cf32_le", 0, "", NAN },
        { "csv_comment", "cf32_le", 48000, "", 433.92e6 },
        { "csv_comma", "cf32_le", 48000, "", NAN },
        { "csv_real", "rf32_le", 48000, "", NAN },
        { "csv_since_1970", "cf32_le", 48000, "2024-01-01T00:00:00.000000Z", NAN },
    };
    const char *data = getenv("SVI_TEST_DATA");
    for (size_t i = 0; i < ROWS(rows); i++) {
        char path[700], label[80];
        struct svi_input input;
        struct svi_error err = { 0 };
        struct svi_buffer expected;
        struct svi_bytes view;
        print_message("%s\n", rows[i].name);
        snprintf(label, sizeof label, "%s.csv", rows[i].name);
        snprintf(path, sizeof path, "%s/formats/%s.bytes", data ? data : ".", rows[i].name);
        check_ok(svi_file_read(&expected, path, label, MOST_BYTES, &err), err);
        snprintf(path, sizeof path, "%s/formats/%s", data ? data : ".", label);
        const struct svi_stated stated = { .sample_rate_hz = rows[i].rate_hz > 0 ? 0 : 1000 };
        check_ok(open_path(&input, path, label, (struct svi_capture_request){ .stated = stated }, &err), err);
        assert_non_null(input.capture);
        check_nothing_left();
        const struct svi_recording *recording = svi_capture_recording(input.capture);
        assert_string_equal(recording->format, "csv_samples");
        assert_string_equal(recording->name, rows[i].name);
        assert_string_equal(recording->datatype->name, rows[i].datatype);
        /* Times of microseconds leave the rate open by about a part in a thousand, and twelve of them say "48000". */
        check_near(recording->sample_rate_hz, rows[i].rate_hz > 0 ? rows[i].rate_hz : 1000, 0);
        assert_string_equal(recording->segments[0].start_time, rows[i].start);
        const double center_hz = recording->segments[0].center_frequency_hz;
        assert_true(isnan(rows[i].center_hz) ? isnan(center_hz) : center_hz == rows[i].center_hz);
        assert_int_equal(recording->sample_count, SAMPLES);
        assert_int_equal(recording->warnings.count, 0);
        check_ok(svi_capture_view(input.capture, 0, SAMPLES, &view, &err), err);
        assert_int_equal(view.count, expected.count);
        assert_memory_equal(view.at, expected.at, view.count);
        svi_buffer_clear(&expected);
        svi_input_close(&input);
    }
}

/* A rate is taken whole or not at all. */
static void comments_state_the_rate(void **state)
{
    (void)state;
    static const struct {
        const char *comment;
        double rate_hz; /* 0: none */
    } rows[] = {
        { "# sample_rate = 1e6", 1e6 },
        { "# Sample Rate (kHz): 48", 48e3 },
        { "# Sample Rate (kHz): 48kHz", 48e3 },
        { "# sampling frequency: 2.4 MHz, 8 bits", 2.4e6 },
        { "#fs=48000;16 bits", 48000 },
        { "# sample_rate,48000,center_frequency,1e9", 48000 },
        { "# fs: 48000, 100 rows", 48000 },
        { "# fs: 2.4M", 2.4e6 },
        { "# fs: 250 k", 250e3 },
        { "# samplerate: 1.5 MS/s", 1.5e6 },
        { "# samplerate: 1.5MSa/s", 1.5e6 },
        { "# sample rate: 2 Msps", 2e6 },
        { "# sample rate: 48000 samples per second", 48000 },
        { "# Sample rate: 2,400,000 Hz", 0 },
        { "# sample rate: 2,4 MHz", 0 },
        { "# sample rate: 2.400.000", 0 },
        { "# fs = 1 000 000", 0 },
        { "# fs = 1_000_000", 0 },
        { "# fs = 1'000'000", 0 },
        { "# fs: 5MB", 0 },
        { "# fs: 0", 0 },
        { "# offs: 5", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[200];
        struct svi_csv_rows read;
        struct svi_csv_columns columns;
        struct svi_error err = { 0 };
        snprintf(text, sizeof text, "%s\ni,q\n1,2\n", rows[i].comment);
        check_ok(svi_csv_begin(&read, svi_bytes_of(text), "a.csv", &err), err);
        svi_csv_columns_find(&columns, &read, svi_bytes_of(text));
        svi_csv_end(&read);
        if (columns.sample_rate_hz != rows[i].rate_hz)
            fail_msg("%s: %.17g Hz", rows[i].comment, columns.sample_rate_hz);
    }
}

static struct svi_capture_request at_rate(double hz)
{
    return (struct svi_capture_request){ .stated = { .sample_rate_hz = hz } };
}

static void columns_decide_what_a_text_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum {
            A_TABLE,
            REAL,
            COMPLEX
        } by_columns,
            as_samples; /* with a stated rate; as_samples: where only samples can be drawn */
    } rows[] = {
        { "i,q\n1,2\n", COMPLEX, COMPLEX },
        { "Q;I\n1;2\n", COMPLEX, COMPLEX },
        { "re\tim\n1\t2\n", COMPLEX, COMPLEX },
        { "Real (V),Imag (V)\n1,2\n", COMPLEX, COMPLEX },
        { "n,InPhase,Quadrature,note\n1,2,3,x\n", COMPLEX, COMPLEX },
        { "# i q\n1 2\n", COMPLEX, COMPLEX },
        { "1+2j\n3-4j\n", COMPLEX, COMPLEX },
        { "z\n(1+2j)\n", COMPLEX, COMPLEX },
        { "t,z\n0,1e-3-2i\n1,0\n", COMPLEX, COMPLEX },
        { "1\n2\n", A_TABLE, REAL },
        { "amplitude\n1\n2\n", A_TABLE, REAL },
        { "time,v\n1,2\n", A_TABLE, REAL },
        { "0,5\n1,6\n", A_TABLE, REAL },          /* a row number */
        { "0,5\n0.001,6\n", A_TABLE, REAL },      /* a time */
        { "0.5,5\n0.001,6\n", A_TABLE, COMPLEX }, /* two columns without names */
        { "# fs = 10\n1\n2\n", REAL, REAL },
        { "# samples = 10\n1\n2\n", A_TABLE, REAL },
        { "# fs: 48000\n0.5 5\n0.001 6\n", A_TABLE, COMPLEX }, /* as many words as columns, but no names */
        { "# sample_rate = 1e6\n0 5 1\n1 6 2\n", A_TABLE, COMPLEX },
        { "x,y\n1,2\n", A_TABLE, A_TABLE },
        { "i,im\n1,2\n", A_TABLE, A_TABLE },
        { "a,b,c\n1,2,3\n", A_TABLE, A_TABLE },
        { "1,2,3\n4,5,6\n", A_TABLE, A_TABLE },
        { "name\nx\ny\n", A_TABLE, A_TABLE },
        { "1+2\n3+4\n", A_TABLE, A_TABLE },
        { "0x1j\n0x2j\n", A_TABLE, A_TABLE },
        { "", A_TABLE, A_TABLE },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        for (int k = 0; k < 3; k++) {
            struct svi_input input;
            struct svi_error err;
            struct svi_capture_request request = at_rate(1000);
            request.text_as = k == 1 ? SVI_TEXT_AS_SAMPLES : k == 2 ? SVI_TEXT_AS_TABLE : SVI_TEXT_BY_COLUMNS;
            open_text(&input, rows[i].text, "a.csv", request, &err);
            const unsigned wanted = k == 0 ? rows[i].by_columns : k == 1 ? rows[i].as_samples : A_TABLE;
            const unsigned parts = input.capture ? svi_capture_recording(input.capture)->datatype->parts : 0;
            if (parts != wanted)
                fail_msg("\"%s\", asked for in way %d: %u parts, %s", rows[i].text, k, parts, err.message);
            svi_input_close(&input);
        }
    check_nothing_left();
}

/* A scatterplot of I and Q needs no rate. */
static void without_a_rate_columns_are_a_table(void **state)
{
    (void)state;
    struct svi_input input;
    struct svi_error err;
    check_ok(open_text(&input, "i,q\n1,2\n", "a.csv", (struct svi_capture_request){ 0 }, &err), err);
    assert_non_null(input.table);
    svi_input_close(&input);
    assert_false(open_text(&input, "i,q\n1,2\n", "a.csv", (struct svi_capture_request){ .text_as = SVI_TEXT_AS_SAMPLES }, &err));
    check_has(err.message, "Give the parameter sampleRate");
    svi_error_clear(&err);
    check_ok(open_text(&input, "i,q\n1,2\n", "a_433M_10k.csv", (struct svi_capture_request){ 0 }, &err), err);
    assert_non_null(input.capture);
    check_near(svi_capture_recording(input.capture)->sample_rate_hz, 10000, 0);
    svi_input_close(&input);
    struct svi_capture_request named = at_rate(5);
    named.format = "csv_samples";
    check_ok(open_text(&input, "1\n2\n", "a", named, &err), err);
    assert_non_null(input.capture);
    svi_input_close(&input);
}

static void cells_become_samples(void **state)
{
    (void)state;
    static const struct {
        const char *text, *datatype; /* NULL: not stated */
        size_t parts;
        double values[MOST_PARTS]; /* amplitudes, NAN for what is missing */
        const char *warning;
    } rows[] = {
        { "i,q\n1,-2\n.5,1e-3\n", NULL, 4, { 1, -2, 0.5, 1e-3f }, NULL },
        { "i,q\n1,\n,1\nx,2\n3,4\n",
          NULL,
          8,
          { NAN, NAN, NAN, NAN, NAN, NAN, 3, 4 },
          "3 of 4 rows of a.csv hold no whole sample, the first one \"\" in line 2" },
        { "i,q\n1\n3,4,\n", NULL, 4, { NAN, NAN, 3, 4 }, "1 of 2 rows" },
        { "1j\n2\n-3-1e2J\n(1+-2i)\n", NULL, 8, { 0, 1, 2, 0, -3, -100, 1, -2 }, NULL },
        { "nan+1j\n1+1j\n", NULL, 4, { NAN, NAN, 1, 1 }, "\"nan+1j\" in line 1" },
        { "i,q\n16384,-32768\n,\n", "ci16_le", 4, { 0.5, -1, 0, 0 }, "are taken for silence" },
        { "i,q\n128,64\n1000,-5\n", "cu8", 4, { 0, -0.5, 127 / 128.0, -1 }, NULL },
        { "q,t,i\n2,7,1\n4,9,3\n", NULL, 4, { 1, 2, 3, 4 }, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_input input;
        struct svi_error err;
        struct svi_bytes view;
        struct svi_capture_request request = at_rate(1000);
        request.stated.datatype = rows[i].datatype ? svi_datatype_find(rows[i].datatype) : NULL;
        check_ok(open_text(&input, rows[i].text, "a.csv", request, &err), err);
        assert_non_null(input.capture);
        const struct svi_recording *recording = svi_capture_recording(input.capture);
        assert_int_equal(recording->sample_count * recording->datatype->parts, rows[i].parts);
        check_ok(svi_capture_view(input.capture, 0, recording->sample_count, &view, &err), err);
        for (size_t k = 0; k < rows[i].parts; k++) {
            const double value = svi_datatype_load(recording->datatype, view.at + k * recording->datatype->part_bytes);
            if (value != rows[i].values[k] && !(isnan(value) && isnan(rows[i].values[k])))
                fail_msg("\"%s\": part %zu is %g", rows[i].text, k, value);
        }
        assert_int_equal(recording->warnings.count > 0, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(recording->warnings.text[0], rows[i].warning);
        svi_input_close(&input);
    }
}

static void what_is_no_sample_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *datatype, *format, *says;
    } rows[] = {
        { "i,q\n1,2\n1,2,3\n", NULL, NULL, "a.csv, line 3: the row has 3 cells" },
        { "i,q\n1,2\n\"1,2\n", NULL, NULL, "line 3, column 1: the quote is never closed" },
        { "i,q\nx,2\n1,\n", NULL, NULL, "a.csv holds no sample" },
        { "i,q\n1,2\n", "rf32_le", NULL, "datatype is rf32_le, but the samples in a.csv are complex" },
        { "time,i,q\n0,1,2\n1,1,2\n2,1,2\n4,1,2\n", NULL, NULL, "line 5: the times in column 1 do not go on in equal steps" },
        { "time,i,q\n0,1,2\n1,1,2\n0,1,2\n", NULL, NULL, "line 4: the times" },
        { "time,i,q\n0,1,2\n0,1,2\n", NULL, NULL, "the times in column 1" },
        { "x,y\n1,2\n", NULL, "csv_samples", "The columns of a.csv are not known to be samples" },
        { "", NULL, "csv_samples", "holds no row" },
        { "i,q\n", NULL, "csv_samples", "holds no sample" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_input input;
        struct svi_error err;
        struct svi_capture_request request = { .format = rows[i].format, .text_as = SVI_TEXT_AS_SAMPLES };
        request.stated.datatype = rows[i].datatype ? svi_datatype_find(rows[i].datatype) : NULL;
        if (open_text(&input, rows[i].text, "a.csv", request, &err))
            fail_msg("what should be refused with \"%s\" was read", rows[i].says);
        check_has(err.message, rows[i].says);
        svi_error_clear(&err);
    }
    check_nothing_left();
}

static void times_tell_the_rate(void **state)
{
    (void)state;
    static const struct {
        double rate_hz, first_s;
        unsigned decimals, rows;
    } rows[] = {
        { 48000, 0, 9, 1000 },      { 44100, 0, 6, 100000 }, { 1e6, 0, 6, 10 },      { 2.4e6, 0, 12, 1000 },
        { 200.0 / 3, 0, 3, 9 },     { 1, 5, 0, 2 },          { 20e6, 0, 9, 100000 }, { 1e6, 1704067200, 6, 1000 },
        { 30.72e6, 0, 10, 100000 }, { 0.001, 0, 0, 5 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_csv_clock clock = { 0 };
        double rate_hz;
        uint64_t line;
        for (unsigned k = 0; k < rows[i].rows; k++) {
            char text[60];
            snprintf(text, sizeof text, "%.*f", (int)rows[i].decimals, rows[i].first_s + k / rows[i].rate_hz);
            svi_csv_clock_add(&clock, strtod(text, NULL), k + 2);
        }
        assert_true(svi_csv_clock_rate(&clock, &rate_hz, &line));
        const bool thirds = i == 4;
        if (fabs(rate_hz / rows[i].rate_hz - 1) > (thirds ? 0.01 : 1e-15))
            fail_msg("%.17g Hz of row %zu became %.17g", rows[i].rate_hz, i, rate_hz);
    }
}

/* The files below were packed by Python. */
static void packed_texts_are_opened_like_others(void **state)
{
    (void)state;
    static const struct {
        const char *file, *recording;
        enum { SAMPLES_OF, TABLE_OF, SWEEPS_OF } kind;
        const char *name;
        size_t rows; /* or samples */
        const char *warning;
    } rows[] = {
        { "packed_iq.csv.gz", NULL, SAMPLES_OF, "packed_iq", 2, NULL },
        { "packed_iq.tar", NULL, SAMPLES_OF, "iq", 2, NULL },
        { "packed_tables.zip", NULL, TABLE_OF, "a", 2, "a.csv is drawn of 2 recordings" },
        { "packed_tables.zip", "b", TABLE_OF, "b", 3, NULL },
        { "packed_tables.tar", "b.csv", TABLE_OF, "b", 3, NULL },
        { "packed_table.csv.xz", NULL, TABLE_OF, "packed_table", 2, NULL },
        { "packed_rtl_power.csv.gz", NULL, SWEEPS_OF, "packed_rtl_power", 1, NULL },
        { "packed_rh.zip", NULL, SWEEPS_OF, "b", 2, NULL },
        { "packed_rh.tar", NULL, SWEEPS_OF, "b", 2, NULL },
        { "packed_recording.zip", NULL, SAMPLES_OF, "x_433M_1k", 3, NULL },
    };
    const char *data = getenv("SVI_TEST_DATA");
    for (size_t i = 0; i < ROWS(rows); i++) {
        char path[700];
        struct svi_input input;
        struct svi_error err;
        print_message("%s\n", rows[i].file);
        snprintf(path, sizeof path, "%s/formats/%s", data ? data : ".", rows[i].file);
        struct svi_capture_request request = at_rate(1000);
        request.recording = rows[i].recording;
        check_ok(open_path(&input, path, rows[i].file, request, &err), err);
        const bool right = rows[i].kind == TABLE_OF ? !!input.table : rows[i].kind == SWEEPS_OF ? !!input.sweeps : !!input.capture;
        assert_true(right);
        const struct svi_recording *recording = input.capture ? svi_capture_recording(input.capture) : NULL;
        assert_string_equal(recording ? recording->name : input.table ? input.table->name : input.sweeps->name, rows[i].name);
        assert_int_equal(recording     ? recording->sample_count
                         : input.table ? input.table->row_count
                                       : input.sweeps->row_count,
                         rows[i].rows);
        const struct svi_warnings *warnings = recording     ? &recording->warnings
                                              : input.table ? &input.table->warnings
                                                            : &input.sweeps->warnings;
        if (rows[i].warning)
            check_has(warnings->text[0], rows[i].warning);
        else if (warnings->count && rows[i].kind != SWEEPS_OF)
            fail_msg("%s", warnings->text[0]);
        svi_input_close(&input);
        check_nothing_left();
    }
}

static void arrays_of_two_dimensions_are_tables(void **state)
{
    (void)state;
    static const char *const names[] = { "matrix_f4", "matrix_f4_be", "matrix_f8", "matrix_f8_be",  "matrix_i1",
                                         "matrix_i2", "matrix_i4_be", "matrix_i8", "matrix_u1",     "matrix_u2_be",
                                         "matrix_u4", "matrix_u8_be", "matrix_b1", "matrix_fortran" };
    const char *data = getenv("SVI_TEST_DATA");
    for (size_t i = 0; i < ROWS(names); i++) {
        char path[700], label[80];
        struct svi_input input;
        struct svi_error err = { 0 };
        struct svi_buffer expected;
        const bool missing = !strcmp(names[i], "matrix_fortran");
        print_message("%s\n", names[i]);
        snprintf(path, sizeof path, "%s/formats/%s.bytes", data ? data : ".", names[i]);
        check_ok(svi_file_read(&expected, path, names[i], MOST_BYTES, &err), err);
        snprintf(label, sizeof label, "%s.npy", names[i]);
        snprintf(path, sizeof path, "%s/formats/%s", data ? data : ".", label);
        check_ok(open_path(&input, path, label, at_rate(1000), &err), err);
        assert_non_null(input.table);
        assert_string_equal(input.table->format, "npy");
        assert_string_equal(input.table->name, names[i]);
        assert_int_equal(input.table->row_count, missing ? 3 : 4);
        assert_int_equal(input.table->column_count, missing ? 5 : 3);
        assert_int_equal(input.table->missing, missing ? 2 : 0);
        assert_int_equal(input.table->columns[4 % input.table->column_count].missing, missing);
        assert_int_equal(expected.count, input.table->row_count * input.table->column_count * sizeof(double));
        for (size_t k = 0; k < expected.count / sizeof(double); k++) {
            double number;
            memcpy(&number, expected.at + k * sizeof number, sizeof number);
            if (input.table->values[k] != number && !(isnan(number) && isnan(input.table->values[k])))
                fail_msg("%s: number %zu is %.17g, not %.17g", names[i], k, input.table->values[k], number);
        }
        svi_buffer_clear(&expected);
        svi_input_close(&input);
        struct svi_capture_request samples = at_rate(1000);
        samples.text_as = SVI_TEXT_AS_SAMPLES;
        assert_false(open_path(&input, path, label, samples, &err));
        check_has(err.message, "the array has 2 dimensions");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_other_programs_come_back),
        cmocka_unit_test(columns_decide_what_a_text_is),
        cmocka_unit_test(comments_state_the_rate),
        cmocka_unit_test(without_a_rate_columns_are_a_table),
        cmocka_unit_test(cells_become_samples),
        cmocka_unit_test(what_is_no_sample_is_refused),
        cmocka_unit_test(packed_texts_are_opened_like_others),
        cmocka_unit_test(arrays_of_two_dimensions_are_tables),
        cmocka_unit_test(times_tell_the_rate),
    };
    snprintf(scratch, sizeof scratch, "%s/stored", scratch_folder());
    mkdir(scratch, 0700);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
