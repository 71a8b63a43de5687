/* test_sweeps - spectra that were measured before: RadioHound files and tables of rtl_power, what is understood and what is
 * refused. Expected numbers were made with the texts: levels in dB by definition, frequencies by fmin + i * rate / nfft. The real
 * files are two periodograms of one sensor, whose extremes were found with NumPy. */
#include "base/base64.h"
#include "capture/input.h"
#include "capture/radiohound.h"
#include "capture/rtl_power.h"

#include <math.h>
#include <unistd.h>

#include "allocator.h"
#include "check.h"

enum { ROOM = 4096 };

static double dbm(const struct svi_sweep *row, size_t i)
{
    return 10 * log10((double)row->power[i]) + 30;
}

/* A file of four levels; `change` replaces the part `of` of it. */
static void write_file(char text[ROOM], const char *of, const char *change)
{
    /* float32 1e-9, 1e-10, 0, 1e-12 */
    static const char whole[] =
        "{\"data\": \"X3CJMP/m2y4AAAAAzLyMKw==\", \"type\": \"float32\", \"mac_address\": \"98f07b24025a\", "
        "\"short_name\": \"roof\", \"sample_rate\": 48000000, \"timestamp\": \"2025-02-04T18:39:11.075-05:00\", "
        "\"metadata\": {\"data_type\": \"periodogram\", \"fmin\": 790000000, \"fmax\": 814000000, \"nfft\": 2048, "
        "\"scan_time\": 0.07}, \"scan_group\": \"g1\", \"version\": \"v0\"}";
    const char *at = of ? strstr(whole, of) : NULL;
    assert_true(!of || at);
    if (at)
        snprintf(text, ROOM, "%.*s%s%s", (int)(at - whole), whole, change, at + strlen(of));
    else
        snprintf(text, ROOM, "%s", whole);
}

/* From memory of the very size, so that a sanitizer sees a read behind the end. */
static bool parse(struct svi_sweeps *sweeps, const char *text, size_t count, bool radiohound, struct svi_error *err)
{
    char group[SVI_RADIOHOUND_GROUP];
    uint8_t *exact = malloc(count ? count : 1);
    assert_non_null(exact);
    memcpy(exact, text, count);
    *sweeps = (struct svi_sweeps){ 0 };
    const struct svi_bytes bytes = { exact, count };
    const bool ok = radiohound ? svi_radiohound_parse(sweeps, group, bytes, "a.file", err)
                               : svi_rtl_power_parse(sweeps, bytes, "a.file", err);
    free(exact);
    return ok;
}

static void base64_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[64], back[64];
    char text[96];
    for (size_t count = 0; count <= sizeof bytes; count++) {
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)(i * 37 + count);
        svi_base64_write(text, (struct svi_bytes){ bytes, count });
        size_t read;
        assert_true(svi_base64_read(back, &read, (struct svi_bytes){ (uint8_t *)text, svi_base64_length(count) }));
        assert_int_equal(read, count);
        assert_memory_equal(back, bytes, count);
    }
    static const char *const wrong[] = { "A",    "AA",   "AAA",  "AAAA=", "A===",  "====", "AA=A",
                                         "=AAA", "AB==", "AAB=", "AA A",  "AA\nA", "A-_A", "AA==AAAA" };
    for (size_t i = 0; i < ROWS(wrong); i++) {
        size_t read;
        if (svi_base64_read(back, &read, svi_bytes_of(wrong[i])))
            fail_msg("\"%s\" was read", wrong[i]);
    }
}

static void radiohound_files_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *of, *change;
        double dbm[4]; /* NAN: missing */
    } rows[] = {
        { NULL, NULL, { -60, -70, NAN, -90 } },
        { "\"type\": \"float32\", ", "", { -60, -70, NAN, -90 } },
        { "\"X3CJMP/m2y4AAAAAzLyMKw==\"", "[1e-9, 1e-10, 0, 1e-12]", { -60, -70, NAN, -90 } },
        { "\"X3CJMP/m2y4AAAAAzLyMKw==\"", "[1, 2e-3, null, -1e-9]", { 30, 3.0103, NAN, NAN } },
        { "\"X3CJMP/m2y4AAAAAzLyMKw==\"", "[1e300, 1e-9, 1e-300, 1]", { NAN, -60, NAN, 30 } },
        /* float64 1e-9, nan, 1e-3, inf */
        { "\"X3CJMP/m2y4AAAAAzLyMKw==\", \"type\": \"float32\"",
          "\"ldYm6AsuET4AAAAAAAD4f/yp8dJNYlA/AAAAAAAA8H8=\", \"type\": \"float64\"",
          { -60, NAN, 0, NAN } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[ROOM];
        struct svi_sweeps sweeps;
        struct svi_error err = { 0 };
        write_file(text, rows[i].of, rows[i].change);
        assert_true(svi_radiohound_probe(svi_bytes_of(text)));
        check_ok(parse(&sweeps, text, strlen(text), true, &err), err);
        assert_int_equal(sweeps.row_count, 1);
        assert_string_equal(sweeps.device, "roof");
        const struct svi_sweep *row = &sweeps.rows[0];
        assert_int_equal(row->count, 4);
        check_near(row->first_hz, 790e6, 0);
        check_near(row->step_hz, 23437.5, 0); /* of the rate, not of fmax */
        check_near(row->length_s, 0.07, 0);
        assert_int_equal(row->moment.second, 1738712351); /* date -ud "2025-02-04 23:39:11" +%s */
        assert_int_equal(row->moment.attosecond, UINT64_C(75000000000000000));
        uint64_t missing = 0;
        for (size_t k = 0; k < 4; k++) {
            missing += isnan(rows[i].dbm[k]) ? 1 : 0;
            if (isnan(rows[i].dbm[k]) != isnan(row->power[k]))
                fail_msg("row %zu: value %zu is %g", i, k, (double)row->power[k]);
            if (!isnan(rows[i].dbm[k]))
                check_near(dbm(row, k), rows[i].dbm[k], 0.001);
        }
        assert_int_equal(sweeps.missing, missing);
        svi_sweeps_clear(&sweeps);
    }
}

static void broken_radiohound_files_are_refused(void **state)
{
    (void)state;
    static const char data[] = "\"X3CJMP/m2y4AAAAAzLyMKw==\"";
    static const struct {
        const char *of, *change, *says;
    } rows[] = {
        { data, "\"X3CJMP/m2y4AAAAAzLyMKw=\"", "\"data\" is not base64" },
        { data, "\"X3CJMP/m2y4AAAAAzLyMK!==\"", "\"data\" is not base64" },
        { data, "\"X3CJMP/m2y4AAAAAzLyMK===\"", "\"data\" is not base64" },
        { data, "\"X3CJMP/m2y4AAAAAzLyM\"", "holds 15 bytes" },
        { data, "\"\"", "has 0 values" },
        { data, "[]", "has 0 values" },
        { data, "[1, \"2\"]", "value 2 is a string" },
        { data, "[[1]]", "value 1 is" },
        { data, "[true]", "value 1 is" },
        { data, "null", "\"data\" must be base64 or a list of numbers" },
        { data, "{}", "\"data\" must be base64" },
        { data, "7", "\"data\" must be base64" },
        { "\"data\"", "\"date\"", "\"data\" must be base64 or a list of numbers, but is missing" },
        { "\"float32\"", "\"float16\"", "\"type\" is \"float16\"" },
        { "\"float32\"", "32", "\"type\" must be" },
        { "\"float32\"", "null", "\"type\" must be" },
        { "48000000", "0", "\"sample_rate\" is 0" },
        { "48000000", "-1", "\"sample_rate\" is -1" },
        { "48000000", "1e300", "\"sample_rate\" is 1e+300" },
        { "48000000", "\"48M\"", "\"sample_rate\" must be a number" },
        { "\"sample_rate\"", "\"rate\"", "\"sample_rate\" must be a number, but is missing" },
        { "2048", "0", "\"metadata.nfft\" is 0" },
        { "2048", "-2048", "\"metadata.nfft\" is -2048" },
        { "2048", "2048.5", "must be a whole number" },
        { "2048", "1e18", "\"metadata.nfft\" is 1e+18" },
        { "2048", "[2048]", "\"metadata.nfft\" must be a number" },
        { "\"nfft\"", "\"n\"", "\"metadata.nfft\" must be a number, but is missing" },
        { "\"fmin\"", "\"low\"", "\"metadata.fmin\" must be a number, but is missing" },
        { "790000000", "1e40", "\"metadata.fmin\" is 1e+40" },
        { "790000000", "NaN", "a.file" },
        { "790000000", "null", "\"metadata.fmin\" must be a number" },
        { "\"metadata\"", "\"meta\"", "\"metadata\" must be an object, but is missing" },
        { "\"timestamp\"", "\"time\"", "\"timestamp\" must be a text, but is missing" },
        { "\"2025-02-04T18:39:11.075-05:00\"", "1738712351", "\"timestamp\" must be a text" },
        { "2025-02-04T", "2025-02-30T", "\"timestamp\" is no moment" },
        { "2025-02-04T", "", "\"timestamp\" is no moment" },
        { "\"v0\"", "\"v7\"", "\"version\" is \"v7\"" },
        { "\"periodogram\"", "\"iq\"", "\"metadata.data_type\" is \"iq\"" },
        { "\"periodogram\"", "\"eighteen letters, \xE0\xA4\xA4 and more of them\"", "but only \"periodogram\" is read" },
        { "\"periodogram\"", "\"\\u001b[2J\"", "\"metadata.data_type\" is \"\xEF\xBF\xBD[2J\"" },
        { "\"v0\"", "\"eighteen letters, \xE0\xA4\xA4 and more of them\"", "but only v0 is known" },
        { "\"float32\"", "\"eighteen letters, \xE0\xA4\xA4 and more of them\"", "but must be \"float32\"" },
        { "\"mac_address\"", "\"data\"", "data" }, /* twice */
        { "\"v0\"}", "\"v0\"", "a.file" },
        { "\"v0\"}", "\"v0\"}}", "a.file" },
        { "{\"data\"", "[\"data\"", "a.file" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[ROOM];
        struct svi_sweeps sweeps;
        struct svi_error err = { 0 };
        write_file(text, rows[i].of, rows[i].change);
        if (parse(&sweeps, text, strlen(text), true, &err))
            fail_msg("\"%s\" for \"%s\" was read", rows[i].change, rows[i].of);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].says);
        check_has(err.message, "a.file");
        assert_true(svi_utf8_valid(svi_bytes_of(err.message)));
        assert_int_equal(sweeps.row_count, 0);
        svi_sweeps_clear(&sweeps);
    }
    char text[ROOM], deep[1000] = "\"v0\", \"x\": ";
    memset(deep + strlen(deep), '[', 70);
    write_file(text, "\"v0\"", deep);
    struct svi_sweeps nested;
    struct svi_error too_deep = { 0 };
    assert_false(parse(&nested, text, strlen(text), true, &too_deep));
    check_has(too_deep.message, "a.file nests JSON deeper than 64 levels");
    write_file(text, NULL, NULL);
    for (size_t cut = 0; cut < strlen(text); cut++) { /* truncated everywhere */
        struct svi_sweeps sweeps;
        struct svi_error err = { 0 };
        assert_false(parse(&sweeps, text, cut, true, &err));
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        svi_sweeps_clear(&sweeps);
    }
}

static void rtl_power_tables_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t rows, count; /* of bins of the first row */
        double first_hz, step_hz;
        double level_db[6]; /* of the first row; NAN: missing */
    } rows[] = {
        { "2026-01-02, 03:04:05, 100, 130, 10.00, 1, -10, -20, -30\n", 1, 3, 100, 10, { -10, -20, -30 } },
        { "\r\n2026-01-02,03:04:05,100,130,10,1,-10,-20,-30,-30\r\n", 1, 3, 100, 10, { -10, -20, -30 } },
        { "2026-01-02, 03:04:05.25, 100, 130, 10, 1, nan, -inf, 5", 1, 3, 100, 10, { NAN, NAN, 5 } },
        { "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2, -2\n2026-01-02, 03:04:05, 120, 140, 10, 1, -3, -4, -4\n",
          1,
          4,
          100,
          10,
          { -1, -2, -3, -4 } },
        { "2026-01-02, 03:04:05, 120, 140, 10, 1, -3, -4\n2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n",
          1,
          4,
          100,
          10,
          { -1, -2, -3, -4 } },
        { "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n2026-01-02, 03:04:05, 140, 160, 10, 1, -3, -4\n",
          1,
          6,
          100,
          10,
          { -1, -2, NAN, NAN, -3, -4 } },
        { "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n2026-01-02, 03:04:06, 100, 120, 10, 1, -3, -4\n",
          2,
          2,
          100,
          10,
          { -1, -2 } },
        { "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n2026-01-02, 03:04:05, 100, 120, 10, 1, -3, -4\n",
          2,
          2,
          100,
          10,
          { -1, -2 } },
        { "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n2026-01-02, 03:04:05, 120, 140, 5, 1, -3, -4, -5, -6\n",
          2,
          2,
          100,
          10,
          { -1, -2 } },
        { "2026-01-02, 03:04:05, 100, 130, 10, 1, -1,,\n", 1, 3, 100, 10, { -1, NAN, NAN } },
        { "2026-01-02, 03:04:05, 100, 130, 10, 1, -1\n", 1, 3, 100, 10, { -1, NAN, NAN } },
        { "2026-01-02, 03:04:05, 0, 10, 3.33, 1, -1, -2, -3\n", 1, 3, 0, 10.0 / 3, { -1, -2, -3 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_sweeps sweeps;
        struct svi_error err = { 0 };
        assert_true(svi_rtl_power_probe(svi_bytes_of(rows[i].text)));
        check_ok(parse(&sweeps, rows[i].text, strlen(rows[i].text), false, &err), err);
        assert_int_equal(sweeps.row_count, rows[i].rows);
        const struct svi_sweep *row = &sweeps.rows[0];
        assert_int_equal(row->count, rows[i].count);
        check_near(row->first_hz, rows[i].first_hz, 0);
        check_near(row->step_hz, rows[i].step_hz, 1e-12);
        for (size_t k = 0; k < row->count; k++) {
            if (isnan(rows[i].level_db[k]) != isnan(row->power[k]))
                fail_msg("row %zu: level %zu is %g", i, k, (double)row->power[k]);
            if (!isnan(rows[i].level_db[k]))
                check_near(dbm(row, k) - 30, rows[i].level_db[k], 1e-5);
        }
        svi_sweeps_clear(&sweeps);
    }
}

static void broken_rtl_power_tables_are_refused(void **state)
{
    (void)state;
    static const char good[] = "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n";
    static const char head[] = "must begin with date, time, lowest Hz, highest Hz, step in Hz and number of samples.";
    static const struct {
        const char *line, *says;
    } rows[] = {
        { "2026-01-02, 03:04:05, 100, 120, 10, 1\n", "100 to 120 Hz in steps of 10 Hz has no bins or levels." },
        { "2026-01-02, 03:04:05, 100, 120, 10\n", head },
        { "2026-01-02, 03:04:05, 100, 120\n", head },
        { "2026-01-02, 03:04:05, 100\n", head },
        { "2026-01-02, 03:04:05\n", head },
        { "2026-01-02\n", head },
        { ",\n", head },
        { "x\n", head },
        { "date, time, low, high, step, samples, dB\n", head },
        { "2026-13-02, 03:04:05, 100, 120, 10, 1, -1, -2\n", "date and time are no moment like 2026-01-02, 03:04:05." },
        { "2026-02-30, 03:04:05, 100, 120, 10, 1, -1, -2\n", "date and time are no moment like 2026-01-02, 03:04:05." },
        { "2026-01-02, 25:04:05, 100, 120, 10, 1, -1, -2\n", "date and time are no moment like 2026-01-02, 03:04:05." },
        { "2026-01-02, 03:04, 100, 120, 10, 1, -1, -2\n", "date and time are no moment like 2026-01-02, 03:04:05." },
        { "2026-01-02, 03:04:05Z, 100, 120, 10, 1, -1, -2\n", "date and time are no moment like 2026-01-02, 03:04:05." },
        { "2026-01-02, , 100, 120, 10, 1, -1, -2\n", "date and time are no moment like 2026-01-02, 03:04:05." },
        { "2026-01-02, 03:04:06, x, 120, 10, 1, -1, -2\n", head },
        { "2026-01-02, 03:04:06, 100, nan, 10, 1, -1, -2\n", head },
        { "2026-01-02, 03:04:06, 100, inf, 10, 1, -1, -2\n", head },
        { "2026-01-02, 03:04:06, 100, 1e999, 10, 1, -1, -2\n", head },
        { "2026-01-02, 03:04:06, 0x10, 120, 10, 1, -1, -2\n", head },
        { "2026-01-02, 03:04:06, 100, 120, 0, 1, -1, -2\n", "100 to 120 Hz in steps of 0 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 100, 120, -10, 1, -1, -2\n", "100 to 120 Hz in steps of -10 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 120, 100, 10, 1, -1, -2\n", "120 to 100 Hz in steps of 10 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 120, 100, -10, 1, -1, -2\n", "120 to 100 Hz in steps of -10 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 100, 100, 10, 1, -1, -2\n", "100 to 100 Hz in steps of 10 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 100, 101, 10, 1, -1, -2\n", "100 to 101 Hz in steps of 10 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 100, 1e12, 10, 1, -1, -2\n", "is more than the 4194304 that are read." },
        { "2026-01-02, 03:04:06, 1e300, 1.1e300, 1e299, 1, -1, -2\n",
          "1e+300 to 1.1e+300 Hz in steps of 1e+299 Hz has no bins or levels." },
        { "2026-01-02, 03:04:06, 100, 120, 1e-300, 1, -1, -2\n", "is more than the 4194304 that are read." },
        { "2026-01-02, 03:04:05, 1e9, 1000000020, 10, 1, -1, -2\n",
          "is more than the 4194304 that are read." }, /* of the row before, a gigahertz away */
        { "2026-01-02, 03:04:06, 100, 120, 10, 1, -1, loud\n", "level 2 is no number." },
        { "2026-01-02, 03:04:06, 100, 120, 10, 1, -1, -2, loud\n", "level 3 is no number." },
        { "2026-01-02, 03:04:06, 100, 120, 10, 1, -1, 0x2\n", "level 2 is no number." },
        { "2026-01-02, 03:04:06, 100, 120, 10, 1, 11111111111111111111111111111111111111111111111111111111111111111\n",
          "level 1 is no number." },
        { "2026-01-02; 03:04:06; 100; 120; 10; 1; -1; -2\n", head },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[ROOM];
        struct svi_sweeps sweeps;
        struct svi_error err = { 0 };
        snprintf(text, sizeof text, "%s%s", good, rows[i].line);
        if (parse(&sweeps, text, strlen(text), false, &err))
            fail_msg("\"%s\" was read", rows[i].line);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, "a.file, line 2: ");
        check_has(err.message, rows[i].says);
        svi_sweeps_clear(&sweeps);
    }
    struct svi_sweeps sweeps;
    struct svi_error err = { 0 };
    assert_false(parse(&sweeps, "\n \n", 3, false, &err));
    check_has(err.message, "holds no spectrum");
    svi_sweeps_clear(&sweeps);
    err = (struct svi_error){ 0 };
    static const char zero[] = "2026-01-02, 03:04:05, 100, 120, 10, 1, -1\0, -2\n";
    assert_false(parse(&sweeps, zero, sizeof zero - 1, false, &err));
    check_has(err.message, "a.file, line 1: level 1 is no number.");
    svi_sweeps_clear(&sweeps);
}

static void put(char path[700], const char *name, const char *text)
{
    snprintf(path, 700, "%s/%s", scratch_folder(), name);
    FILE *file = fopen(path, "wb");
    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void content_decides_what_files_are(void **state)
{
    (void)state;
    char rh[700], rtl[700], table[700], meta[700], text[ROOM];
    write_file(text, NULL, NULL);
    put(rh, "k.rh.json", text);
    put(rtl, "k.csv", "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n");
    put(table, "t.csv", "x,y\n1,2\n");
    put(meta, "m.sigmf-meta", "{\"global\": {\"core:datatype\": \"cf32_le\", \"data\": 1, \"metadata\": 1, \"nfft\": 2}}");
    const struct {
        const char *path, *label, *format;
        enum { RECORDING, TABLE, SWEEPS } kind;
        const char *says; /* NULL: it is opened */
    } rows[] = { { rh, "a.rh.json", NULL, SWEEPS, NULL },
                 { rh, "a", "", SWEEPS, NULL },
                 { rh, "a.csv", NULL, SWEEPS, NULL },
                 { rh, "a", "rh", SWEEPS, NULL },
                 { rh, "a", "sigmf", RECORDING, "SigMF" },
                 { rtl, "a.csv", NULL, SWEEPS, NULL },
                 { rtl, "a.csv", "csv", TABLE, NULL },
                 { rtl, "a.csv", "rtl_power", SWEEPS, NULL },
                 { table, "t.csv", NULL, TABLE, NULL },
                 { table, "t.csv", "rh", SWEEPS, "t.csv" },
                 { meta, "m.sigmf-meta", NULL, RECORDING, "core:sample_rate" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_file file = { rows[i].path, rows[i].label };
        const struct svi_capture_request request = { .files = &file, .file_count = 1, .format = rows[i].format };
        struct svi_input input;
        struct svi_error err = { 0 };
        if (svi_input_open(&input, &request, &err)
                ? !!input.table != (rows[i].kind == TABLE) || !!input.sweeps != (rows[i].kind == SWEEPS)
                : !rows[i].says || !strstr(err.message, rows[i].says))
            fail_msg("row %zu: %s", i, err.message);
        svi_input_close(&input);
    }
}

/* Files of one scan in any order; one of another group and device is shown, and said. */
static void several_files_are_rows_by_time(void **state)
{
    (void)state;
    char path[3][700], text[ROOM];
    static const char *const seconds[] = { ":13.0", ":11.0", ":12.5" };
    for (size_t i = 0; i < 3; i++) {
        write_file(text, ":11.075", seconds[i]);
        if (i == 2)
            memcpy(strstr(text, "\"g1\""), "\"g2\"", 4);
        char name[20];
        snprintf(name, sizeof name, "s%zu.rh.json", i);
        put(path[i], name, text);
    }
    const struct svi_file files[] = { { path[0], "first.rh.json" }, { path[1], "b.rh.json" }, { path[2], "c.rh.json" } };
    const struct svi_capture_request request = { .files = files, .file_count = 3, .format = "rh" };
    struct svi_sweeps *sweeps;
    struct svi_error err = { 0 };
    check_ok(svi_sweeps_open(&sweeps, &request, &err), err);
    assert_string_equal(sweeps->name, "first");
    assert_int_equal(sweeps->row_count, 3);
    check_near(svi_sweeps_seconds(sweeps, 1), 1.5, 1e-12);
    check_near(svi_sweeps_seconds(sweeps, 2), 2, 1e-12);
    assert_int_equal(sweeps->warnings.count, 1);
    check_has(sweeps->warnings.text[0], "1 of 3 files belong to other scan groups");
    svi_sweeps_close(sweeps);

    put(path[1], "s1.rh.json", "{\"data\"");
    assert_false(svi_sweeps_open(&sweeps, &request, &err));
    check_has(err.message, "b.rh.json");
    svi_error_clear(&err);
    unlink(path[2]);
    put(path[1], "s1.rh.json", text);
    assert_false(svi_sweeps_open(&sweeps, &request, &err));
    assert_int_equal(err.status, SVI_IO);
    svi_error_clear(&err);
    write_file(text, "\"X3CJMP/m2y4AAAAAzLyMKw==\"", "[0, -1]");
    put(path[0], "s0.rh.json", text);
    const struct svi_capture_request one = { .files = files, .file_count = 1 };
    assert_false(svi_sweeps_open(&sweeps, &one, &err));
    check_has(err.message, "first.rh.json holds no level");
}

static void real_files_read_as_their_sensor_says(void **state)
{
    (void)state;
    const char *shared = getenv("SVI_TEST_SHARED");
    char path[2][700];
    snprintf(path[0], 700, "%s/data/radiohound/13295174-98f07b24025a-2025-02-04_183911.rh.json", shared ? shared : "");
    snprintf(path[1], 700, "%s/data/radiohound/13295175-98f07b24025a-2025-02-04_183912.rh.json", shared ? shared : "");
    if (access(path[0], R_OK) || access(path[1], R_OK))
        skip();
    const struct svi_file files[] = { { path[1], "b.rh.json" }, { path[0], "a.rh.json" } };
    const struct svi_capture_request request = { .files = files, .file_count = 2 };
    struct svi_sweeps *sweeps;
    struct svi_error err = { 0 };
    check_ok(svi_sweeps_open(&sweeps, &request, &err), err);
    assert_int_equal(sweeps->row_count, 2);
    assert_string_equal(sweeps->device, "98f07b24025a");
    check_near(svi_sweeps_seconds(sweeps, 1), 0.987, 1e-9);
    const struct svi_sweep *row = &sweeps->rows[0];
    assert_int_equal(row->count, 855);
    check_near(row->step_hz, 23437.5, 0);
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < row->count; i++) {
        least = fmin(least, dbm(row, i));
        most = fmax(most, dbm(row, i));
    }
    check_near(least, -78.3391, 0.001);
    check_near(most, -40.0227, 0.001);
    assert_int_equal(sweeps->missing + sweeps->warnings.count, 0);
    svi_sweeps_close(sweeps);
}

/* The first allocation fails, then the second, then the third … */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char table[] = "2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2\n2026-01-02, 03:04:05, 140, 180, 10, 1, -3\n";
    char file[ROOM];
    write_file(file, NULL, NULL);
    for (int radiohound = 0; radiohound < 2; radiohound++) {
        const char *text = radiohound ? file : table;
        bool failed = true;
        for (unsigned n = 1; failed; n++) {
            struct svi_sweeps sweeps = { 0 };
            char group[SVI_RADIOHOUND_GROUP];
            struct svi_error err = { 0 };
            assert_true(n < 300);
            allocator_fail_at(n);
            const bool ok = radiohound ? svi_radiohound_parse(&sweeps, group, svi_bytes_of(text), "a", &err)
                                       : svi_rtl_power_parse(&sweeps, svi_bytes_of(text), "a", &err);
            failed = allocator_has_failed();
            assert_true(ok || err.status != SVI_OK);
            svi_sweeps_clear(&sweeps);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_comes_back),
        cmocka_unit_test(radiohound_files_are_read),
        cmocka_unit_test(broken_radiohound_files_are_refused),
        cmocka_unit_test(rtl_power_tables_are_read),
        cmocka_unit_test(broken_rtl_power_tables_are_refused),
        cmocka_unit_test(content_decides_what_files_are),
        cmocka_unit_test(several_files_are_rows_by_time),
        cmocka_unit_test(real_files_read_as_their_sensor_says),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
