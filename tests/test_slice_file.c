/* test_slice_file - a waterfall as data: every key and value against the platform's own loop in NumPy (tests/data/slices), levels
 * against theory, and what it costs. */
#include "base/file.h"
#include "base/json.h"
#include "device/engine_table.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "npy.h"
#include "rendering.h"

enum { MAX_FILE_BYTES = 200 << 20 };

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

static bool render_file(const char *path, const char *label, const json_t *config, json_t **summary, struct svi_error *err)
{
    static const char *const type = "waterfall";
    const struct svi_file file = { path, label };
    const struct svi_render_request request = {
        .types = &type,
        .type_count = 1,
        .config = config,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = scratch_folder(),
    };
    struct svi_rendering rendering;
    bool ok = svi_render(device, &request, &rendering, err);
    if (!ok)
        return false;
    assert_int_equal(rendering.result_count, 3);
    assert_int_equal(rendering.results[0].kind, SVI_RESULT_FILE);
    assert_string_equal(rendering.results[0].name, "waterfall_slices.json");
    *summary = json_incref(json_array_get(rendering.summaries, 0));
    svi_rendering_clear(&rendering);
    return true;
}

/* The records of the file, after a look at its text: what jansson, and Python's json.dump, make with an indent of two. */
static json_t *read_slices(void)
{
    struct svi_error err = { 0 };
    struct svi_buffer text;
    check_ok(svi_file_read(&text, in_scratch("waterfall_slices.json"), "slices", MAX_FILE_BYTES, &err), err);
    json_t *slices = svi_json_parse((struct svi_bytes){ text.at, text.count }, "slices", SVI_BUG, &err);
    check_ok(slices, err);
    char *again = json_dumps(slices, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    assert_non_null(again);
    assert_int_equal(text.count, strlen(again) + 1);
    assert_memory_equal(text.at, again, strlen(again));
    assert_int_equal(text.at[text.count - 1], '\n');
    free(again);
    svi_buffer_clear(&text);
    return slices;
}

/* Base64 with its padding, by search: slow, and no code of the program's. */
static float *values_of(const json_t *record, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *text = json_string_value(json_object_get(record, "data"));
    assert_non_null(text);
    assert_int_equal(strlen(text), (count * 4 + 2) / 3 * 4);
    assert_true(strncmp(text, "AAAAAAAA", 8) != 0); /* which the platform's page takes for a slice without data */
    uint8_t *bytes = malloc(count * 4 + 3);
    assert_non_null(bytes);
    size_t used = 0;
    for (uint32_t bits = 0, held = 0; *text && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        assert_non_null(digit);
        bits = bits << 6 | (uint32_t)(digit - digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[used++] = (uint8_t)(bits >> held);
        }
    }
    assert_int_equal(used, count * 4);
    return (float *)(void *)bytes;
}

/* The same keys in both, whole numbers and texts equal, reals to 15 digits; `data` is looked at elsewhere. */
static void check_tree(const char *name, const json_t *actual, const json_t *expected)
{
    const char *key;
    json_t *want;
    json_object_foreach((json_t *)expected, key, want)
    {
        const json_t *got = json_object_get(actual, key);
        if (!got || json_typeof(got) != json_typeof(want))
            fail_msg("%s: %s is missing, or of another type", name, key);
        if (json_is_object(want))
            check_tree(key, got, want);
        else if (json_is_real(want))
            check_near(json_real_value(got), json_real_value(want),
                       fmax(strcmp(name, "power_bounds") ? 0 : 2e-3, 1e-13 * fabs(json_real_value(want))));
        else if (!json_equal(got, want))
            fail_msg("%s: %s differs: %s, not %s", name, key, json_dumps(got, JSON_ENCODE_ANY), json_dumps(want, JSON_ENCODE_ANY));
    }
    if (json_object_size(actual) != json_object_size(expected) + (json_object_get(actual, "data") != NULL))
        fail_msg("%s has further keys", name);
}

/* Linear power agrees to 1e-5 of the bin, or of the slice's mean where a bin holds next to nothing, and to the last bits of a level
 * that is stored as a float. */
static void check_values(const char *name, const float *actual, const float *expected, size_t count, bool decibels)
{
    double mean = 0;
    for (size_t i = 0; i < count; i++)
        mean += (decibels ? pow(10, (double)expected[i] / 10) : (double)expected[i]) / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double got = decibels ? pow(10, (double)actual[i] / 10) : (double)actual[i];
        const double want = decibels ? pow(10, (double)expected[i] / 10) : (double)expected[i];
        if (!isfinite(want) ? isfinite(got) : !(fabs(got - want) <= 1.5e-5 * fmax(want, mean)))
            fail_msg("%s: bin %zu is %.9g, not %.9g", name, i, got, want);
    }
}

static void write_recording(const char *name, const json_t *meta)
{
    struct svi_error err = { 0 };
    char from[700], label[64];
    struct svi_buffer data;
    snprintf(from, sizeof from, "%s/slices/%s.data", getenv("SVI_TEST_DATA"), name);
    check_ok(svi_file_read(&data, from, name, MAX_FILE_BYTES, &err), err);
    snprintf(label, sizeof label, "%s.sigmf-data", name);
    check_ok(svi_file_write(in_scratch(label), (struct svi_bytes){ data.at, data.count }, &err), err);
    svi_buffer_clear(&data);
    char *text = json_dumps(meta, 0);
    assert_non_null(text);
    snprintf(label, sizeof label, "%s.sigmf-meta", name);
    check_ok(svi_file_write(in_scratch(label), svi_bytes_of(text), &err), err);
    free(text);
}

static json_t *render_case(const json_t *test, const char *name)
{
    struct svi_error err = { 0 };
    json_t *summary;
    char path[700], label[64];
    const char *folder = json_string_value(json_object_get(test, "digital_rf"));
    if (folder) {
        snprintf(path, sizeof path, "%s/digital_rf/%s", getenv("SVI_TEST_DATA"), folder);
        snprintf(label, sizeof label, "%s", folder);
    } else {
        write_recording(name, json_object_get(test, "sigmf"));
        snprintf(label, sizeof label, "%s.sigmf-meta", name);
        snprintf(path, sizeof path, "%s", in_scratch(label));
    }
    if (!render_file(path, label, json_object_get(test, "config"), &summary, &err))
        fail_msg("%s: %s [%s]", name, err.message, err.cause);
    return summary;
}

static void check_case(const json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "name"));
    json_t *summary = render_case(test, name), *slices = read_slices();
    const json_t *records = json_object_get(test, "records"), *about = json_object_get(test, "slices"), *record;
    struct npy values = npy_read_data("slices", name);
    assert_int_equal(values.type, NPY_FLOAT32);
    if (json_array_size(slices) != json_array_size(records) || values.rows != json_array_size(records))
        fail_msg("%s: %zu records, not %zu", name, json_array_size(slices), json_array_size(records));
    check_tree(name, json_object_get(summary, "slices"), about);
    const bool decibels = !strcmp(text_at(summary, "slices", "units"), "db");
    size_t i;
    json_array_foreach(slices, i, record)
    {
        check_tree(name, record, json_array_get(records, i));
        float *got = values_of(record, values.columns);
        check_values(name, got, (float *)values.data + i * values.columns, values.columns, decibels);
        free(got);
    }
    npy_clear(&values);
    json_decref(slices);
    json_decref(summary);
}

static void every_key_and_value_is_the_platforms(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_buffer text;
    char path[700];
    snprintf(path, sizeof path, "%s/slices/cases.json", getenv("SVI_TEST_DATA"));
    check_ok(svi_file_read(&text, path, "cases", MAX_FILE_BYTES, &err), err);
    json_t *cases = svi_json_parse((struct svi_bytes){ text.at, text.count }, "cases", SVI_BUG, &err);
    check_ok(cases, err);
    svi_buffer_clear(&text);
    size_t i;
    const json_t *test;
    assert_true(json_array_size(cases) > 20);
    json_array_foreach(cases, i, test) check_case(test);
    json_decref(cases);
}

static json_t *render_signal(const struct signal *signal, const char *datatype, const char *config, json_t **summary)
{
    struct svi_error err = { 0 };
    write_signal("signal", signal, datatype, 1, "[{\"core:sample_start\": 0, \"core:frequency\": 100e6}]");
    json_t *tree = json_loads(config, 0, NULL);
    assert_non_null(tree);
    check_ok(render_file(in_scratch("signal.sigmf-meta"), "signal.sigmf-meta", tree, summary, &err), err);
    json_decref(tree);
    return read_slices();
}

/* The bin of the largest value, which a page looks up at min_frequency + bin * sample_rate / num_samples. */
static float peak_of(const json_t *record, double *frequency_hz)
{
    const size_t count = (size_t)number_at(record, "num_samples");
    float *values = values_of(record, count);
    size_t peak = 0;
    for (size_t i = 1; i < count; i++)
        peak = values[i] > values[peak] ? i : peak;
    *frequency_hz = number_at(record, "min_frequency") + (double)peak * number_at(record, "sample_rate") / (double)count;
    const float value = values[peak];
    free(values);
    return value;
}

/* A tone in the middle of a bin. The platform's page shows 10 log10(1000 v) of watts; SDS shows the decibels as they are. */
static void a_page_shows_a_tone_at_its_frequency_and_level(void **state)
{
    (void)state;
    static const struct signal_tone tones[] = { { 250e3, -20 } };
    const struct signal signal = { .sample_rate_hz = 1.024e6, .sample_count = 10240, .tones = tones, .tone_count = 1 };
    static const struct {
        const char *datatype, *config;
        double shown_db;
    } rows[] = {
        { "cf32_le", "{\"slices\": true}", -20 },
        { "ci16_le", "{\"slices\": true, \"calibration\": 7}", -13 },
        { "ci16_le", "{\"slices\": true, \"calibration\": -60, \"units\": \"dbm\", \"fftSize\": 4096}", -80 },
        { "rf32_le", "{\"slices\": true}", -26.02 }, /* half of its amplitude is on the other side */
        { "cf32_le", "{\"slices\": true, \"sliceUnits\": \"db\"}", -20 + 60.206 },
        { "ci16_le", "{\"slices\": true, \"sliceUnits\": \"db\"}", -20 + 60.206 },
        { "ci16_le", "{\"slices\": true, \"sliceUnits\": \"db\", \"units\": \"compat\"}", -20 + 60.206 + 90.309 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *summary, *slices = render_signal(&signal, rows[i].datatype, rows[i].config, &summary);
        double frequency_hz, value = (double)peak_of(json_array_get(slices, 1), &frequency_hz);
        const bool watts = !strcmp(text_at(summary, "slices", "units"), "watts");
        check_near(watts ? 10 * log10(value * 1000) : value, rows[i].shown_db, 0.01);
        check_near(fabs(frequency_hz - 100e6), 250e3, 1e-3);
        check_near(number_at(summary, "slices.power_bounds.max"), rows[i].shown_db, 20);
        json_decref(slices);
        json_decref(summary);
    }
}

/* Names in the folder that begin like this; a file that is on its way has more behind its name. */
static size_t files_that_begin(const char *begin)
{
    size_t count = 0;
    DIR *folder = opendir(scratch_folder());
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strncmp(entry->d_name, begin, strlen(begin)) == 0;
    closedir(folder);
    return count;
}

static void what_cannot_be_sliced_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        enum svi_status status;
        const char *says;
    } rows[] = {
        { "{\"slices\": true, \"fftSize\": 128}", SVI_BAD_RECORDING,
          "No valid waterfall slices found: the recording has 100 samples, less than one slice of 128. Choose a smaller fftSize." },
        { "{\"slices\": true, \"fftSize\": 25}", SVI_BAD_RECORDING,
          "No valid waterfall slices found: every slice of 25 samples touches a gap of the recording. Choose a smaller fftSize." },
        { "{\"slices\": \"yes\"}", SVI_BAD_PARAMETER, "The parameter slices must be true or false, not a string (\"yes\")." },
        { "{\"slices\": 1}", SVI_BAD_PARAMETER, "The parameter slices must be true or false, not an integer" },
        { "{\"slices\": true, \"sliceUnits\": \"dbm\"}", SVI_BAD_PARAMETER,
          "sliceUnits is \"dbm\", but must be one of: watts, db." },
        { "{\"slices\": true, \"maxSlices\": 0}", SVI_BAD_PARAMETER, "maxSlices is 0, but must be from 1 to 1000000000 slices." },
        { "{\"slices\": true, \"fftSize\": 34}", SVI_BAD_PARAMETER, "The parameter fftSize is 34" },
    };
    struct svi_error err = { 0 };
    uint8_t zeros[84] = { 0 };
    remove(in_scratch("waterfall_slices.json"));
    check_ok(svi_file_write(in_scratch("torn.sigmf-data"), (struct svi_bytes){ zeros, sizeof zeros }, &err), err);
    check_ok(svi_file_write(in_scratch("torn.sigmf-meta"),
                            svi_bytes_of("{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 1000}, \"captures\": ["
                                         "{\"core:sample_start\": 0, \"core:global_index\": 0},"
                                         "{\"core:sample_start\": 20, \"core:global_index\": 24},"
                                         "{\"core:sample_start\": 40, \"core:global_index\": 48},"
                                         "{\"core:sample_start\": 60, \"core:global_index\": 72},"
                                         "{\"core:sample_start\": 80, \"core:global_index\": 96}]}"),
                            &err),
             err);
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *config = json_loads(rows[i].config, 0, NULL), *summary;
        assert_non_null(config);
        assert_false(render_file(in_scratch("torn.sigmf-meta"), "torn.sigmf-meta", config, &summary, &err));
        assert_int_equal(err.status, rows[i].status);
        check_has(err.message, rows[i].says);
        assert_int_equal(files_that_begin("waterfall_slices.json"), 0);
        json_decref(config);
        svi_error_clear(&err);
    }
}

static bool stop_at(void *self, double share, const char *stage)
{
    (void)share;
    return strcmp(stage, self) != 0;
}

static void a_job_that_is_cancelled_leaves_nothing(void **state)
{
    (void)state;
    static const char *const type = "waterfall";
    static char stages[][8] = { "compute", "figure", "encode" };
    const struct signal signal = { .sample_rate_hz = 1e6, .sample_count = 5000 };
    write_signal("signal", &signal, "ci16_le", 1, NULL);
    const struct svi_file file = { in_scratch("signal.sigmf-meta"), "signal.sigmf-meta" };
    json_t *config = json_pack("{s:b}", "slices", true);
    for (size_t i = 0; i < ROWS(stages); i++) {
        const struct svi_render_request request = { .types = &type,
                                                    .type_count = 1,
                                                    .config = config,
                                                    .capture = { .files = &file, .file_count = 1, .look_beside = true },
                                                    .folder = scratch_folder(),
                                                    .progress = stop_at,
                                                    .progress_self = stages[i] };
        struct svi_rendering rendering;
        struct svi_error err = { 0 };
        remove(in_scratch("waterfall_slices.json"));
        assert_false(svi_render(device, &request, &rendering, &err));
        assert_int_equal(err.status, SVI_CANCELLED);
        assert_int_equal(files_that_begin("waterfall_slices.json"), 0);
    }
    json_decref(config);
}

/* A file that may not grow stands for a disk that is full: where it shows early, and where the pass has gone on for a while. The
 * device must not wait for a writer that is gone. */
static void a_full_disk_fails_the_job(void **state)
{
    (void)state;
    static const rlim_t rooms[] = { 1 << 20, 14 << 20 };
    const struct signal signals = { .sample_rate_hz = 1e6, .sample_count = 3000000 };
    write_signal("signal", &signals, "ci8", 1, NULL);
    json_t *config = json_pack("{s:b}", "slices", true), *summary;
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < ROWS(rooms); i++) {
        /* Once without a limit, so that all programs are built. */
        struct svi_error err = { 0 };
        check_ok(render_file(in_scratch("signal.sigmf-meta"), "signal.sigmf-meta", config, &summary, &err), err);
        json_decref(summary);
        struct rlimit limit, small;
        remove(in_scratch("waterfall_slices.json"));
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        small = (struct rlimit){ rooms[i], limit.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        const bool made = render_file(in_scratch("signal.sigmf-meta"), "signal.sigmf-meta", config, &summary, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_false(made);
        assert_int_equal(err.status, SVI_IO);
        assert_string_equal(err.message, "waterfall_slices.json cannot be written: File too large.");
        assert_int_equal(files_that_begin("waterfall_slices.json"), 0);
    }
    json_decref(config);
}

/* 10 million samples that take no room on disk. */
static void write_long_recording(void)
{
    struct svi_error err = { 0 };
    check_ok(svi_file_write(in_scratch("long.sigmf-meta"),
                            svi_bytes_of("{\"global\": {\"core:datatype\": \"ci16_le\", \"core:sample_rate\": 1e6}}"), &err),
             err);
    check_ok(svi_file_write(in_scratch("long.sigmf-data"), svi_bytes_of(""), &err), err);
    assert_int_equal(truncate(in_scratch("long.sigmf-data"), 40000000), 0);
}

static long most_resident_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Memory is that of a picture without data, however long the file of slices gets; and every byte is read once. */
static void a_long_recording_needs_no_memory(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    long resident_kib[2];
    static const int most[] = { 7, 1000000 };
    write_long_recording();
    for (size_t i = 0; i < ROWS(most); i++) {
        json_t *config = json_pack("{s:b, s:i}", "slices", true, "maxSlices", most[i]), *summary;
        check_ok(render_file(in_scratch("long.sigmf-meta"), "long.sigmf-meta", config, &summary, &err), err);
        resident_kib[i] = most_resident_kib();
        struct stat about;
        assert_int_equal(stat(in_scratch("waterfall_slices.json"), &about), 0);
        assert_int_equal(number_at(summary, "bytes_read"), 40000000);
        assert_int_equal(number_at(summary, "slices.total_slices"), 9765);
        assert_int_equal(number_at(summary, "slices.slices_processed"), most[i] < 9765 ? most[i] : 9765);
        /* The recording is silent, which is the first thing to be warned of. */
        const json_t *warnings = json_object_get(summary, "warnings");
        if (i == 0)
            assert_string_equal(
                json_string_value(json_array_get(warnings, 1)),
                "waterfall_slices.json holds 7 of 9765 slices, spread evenly over the recording; maxSlices changes that.");
        else
            assert_true(json_array_size(warnings) == 1 && about.st_size > 55000000);
        json_decref(summary);
        json_decref(config);
    }
    /* The file has 57 MiB. A sanitizer holds on to memory that was let go. */
    const long allowed_kib = SANITIZED ? LONG_MAX / 2 : 24576;
    if (resident_kib[1] - resident_kib[0] > allowed_kib)
        fail_msg("all slices took %ld KiB more than seven", resident_kib[1] - resident_kib[0]);
    remove(in_scratch("long.sigmf-data"));
    remove(in_scratch("waterfall_slices.json"));
}

/* A device whose transforms are all clFFT's. */
static int open_with_clfft(void **state)
{
    struct svi_engine_table table = { 0 };
    struct svi_error err = { 0 };
    for (uint32_t length = 16; table.count < SVI_ENGINE_LENGTHS; length *= 2)
        table.choices[table.count++] = (struct svi_engine_choice){ length, "clfft" };
    if (open_device(state) != 0)
        return -1;
    bool ok = svi_engine_table_write(&table, scratch_folder(), svi_device_about(device), &err);
    svi_device_close(device);
    ok = ok && svi_device_open(&device, NULL, scratch_folder(), &err);
    return ok && !strcmp(svi_engine_for(svi_device_engines(device), svi_device_about(device), 1024), "clfft") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_and_value_is_the_platforms),
        cmocka_unit_test(a_page_shows_a_tone_at_its_frequency_and_level),
        cmocka_unit_test(what_cannot_be_sliced_says_so_and_leaves_nothing),
        cmocka_unit_test(a_job_that_is_cancelled_leaves_nothing),
        cmocka_unit_test(a_full_disk_fails_the_job),
        cmocka_unit_test(a_long_recording_needs_no_memory),
    };
    const struct CMUnitTest values[] = {
        cmocka_unit_test(every_key_and_value_is_the_platforms),
        cmocka_unit_test(a_page_shows_a_tone_at_its_frequency_and_level),
    };
    int failed = cmocka_run_group_tests(tests, open_device, close_device);
    failed += cmocka_run_group_tests_name("clfft", values, open_with_clfft, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", values, open_as_gpu, close_device);
}
