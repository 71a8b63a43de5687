/* test_health - the health card of recordings whose samples are known: numbers against sums in plain C, the map of gaps by hand. */
#include "base/file.h"
#include "visual/health.h"

#include <math.h>

#include "check.h"
#include "dice.h"

enum { SAMPLES = 5000, CLIPPED = 7 };

static struct svi_device *device;

static int open_device(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    check_ok(svi_device_open(&device, NULL, "", &err), err);
    return 0;
}

static int close_device(void **state)
{
    (void)state;
    svi_device_close(device);
    return 0;
}

static void put(const char *name, struct svi_bytes bytes)
{
    char path[600];
    struct svi_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    check_ok(svi_file_write(path, bytes, &err), err);
}

static struct svi_capture *open_capture(const char *name)
{
    char path[600];
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    const struct svi_file file = { path, name };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

/* Correlated, offset, of unequal strength, some at the ends of the range. */
static void numbers_are_those_of_plain_sums(void **state)
{
    (void)state;
    static int16_t numbers[SAMPLES][2];
    struct dice dice = { 11 };
    for (size_t i = 0; i < SAMPLES; i++) {
        const double x = dice_share(&dice) - 0.5, y = dice_share(&dice) - 0.5;
        numbers[i][0] = (int16_t)(20000 * x + 300);
        numbers[i][1] = (int16_t)(12000 * y + 3000 * x - 200);
    }
    for (size_t i = 0; i < CLIPPED; i++)
        numbers[100 * i][i % 2] = i % 3 ? 32767 : -32768;
    double i_mean = 0, q_mean = 0, power = 0, i_variance = 0, q_variance = 0, covariance = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        i_mean += numbers[i][0] / 32768.0 / SAMPLES;
        q_mean += numbers[i][1] / 32768.0 / SAMPLES;
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        const double x = numbers[i][0] / 32768.0, y = numbers[i][1] / 32768.0;
        power += (x * x + y * y) / SAMPLES;
        i_variance += (x - i_mean) * (x - i_mean) / SAMPLES;
        q_variance += (y - q_mean) * (y - q_mean) / SAMPLES;
        covariance += (x - i_mean) * (y - q_mean) / SAMPLES;
    }
    put("card_5k.cs16", (struct svi_bytes){ (const uint8_t *)numbers, sizeof numbers });
    struct svi_capture *capture = open_capture("card_5k.cs16");
    struct svi_health health;
    struct svi_error err = { 0 };
    check_ok(svi_health_measure(&health, device, capture, 0, &err), err);
    json_t *about = svi_health_about(&health);
    const struct {
        const char *key;
        double value;
    } rows[] = {
        { "samples", SAMPLES },
        { "not_finite", 0 },
        { "not_finite_percent", 0 },
        { "peak", 1 },
        { "peak_dbfs", 0 },
        { "rms_dbfs", 10 * log10(power) },
        { "clipped", CLIPPED },
        { "clipped_percent", 100.0 * CLIPPED / SAMPLES },
        { "gain_imbalance_db", 10 * log10(i_variance / q_variance) },
        { "phase_imbalance_deg", asin(covariance / sqrt(i_variance * q_variance)) * 57.295779513082321 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        print_message("%s\n", rows[i].key);
        check_near(json_number_value(json_object_get(about, rows[i].key)), rows[i].value, 1e-9 * (1 + fabs(rows[i].value)));
    }
    const json_t *offset = json_object_get(about, "dc_offset");
    check_near(json_number_value(json_object_get(offset, "i")), i_mean, 1e-12);
    check_near(json_number_value(json_object_get(offset, "q")), q_mean, 1e-12);
    assert_string_equal(json_string_value(json_object_get(json_object_get(about, "plausibility"), "verdict")), "plausible");
    json_decref(about);
    assert_false(svi_health_measure(&health, device, capture, 1, &err));
    check_has(err.message, "channel is 1, but the recording has 1 channel");
    svi_capture_close(capture);
}

/* 128 samples, two a character: 32 to 63 and 100 are missing. */
static void gaps_are_mapped(void **state)
{
    (void)state;
    uint8_t bytes[95];
    memset(bytes, 150, sizeof bytes);
    put("map.sigmf-data", (struct svi_bytes){ bytes, sizeof bytes });
    put("map.sigmf-meta",
        svi_bytes_of(
            "{\"global\": {\"core:datatype\": \"ru8\", \"core:sample_rate\": 8, \"core:version\": \"1.2.0\"}, \"captures\": ["
            "{\"core:sample_start\": 0, \"core:global_index\": 0}, {\"core:sample_start\": 32, \"core:global_index\": 64},"
            "{\"core:sample_start\": 68, \"core:global_index\": 101}]}"));
    struct svi_capture *capture = open_capture("map.sigmf-meta");
    struct svi_health health;
    struct svi_error err = { 0 };
    check_ok(svi_health_measure(&health, device, capture, 0, &err), err);
    assert_string_equal(health.gap_map, "################................##################-#############");
    assert_int_equal(health.statistics.finite, sizeof bytes);
    svi_capture_close(capture);
}

static void a_wrong_name_is_told(void **state)
{
    (void)state;
    static float numbers[2 * SAMPLES];
    struct dice dice = { 13 };
    for (size_t i = 0; i < ROWS(numbers); i++)
        numbers[i] = (float)((dice_share(&dice) + dice_share(&dice) - 1) * 0.3);
    put("floats_5k.cs16", (struct svi_bytes){ (const uint8_t *)numbers, sizeof numbers });
    struct svi_capture *capture = open_capture("floats_5k.cs16");
    struct svi_health health;
    struct svi_error err = { 0 };
    check_ok(svi_health_measure(&health, device, capture, 0, &err), err);
    json_t *about = svi_health_about(&health);
    const json_t *plausibility = json_object_get(about, "plausibility");
    assert_string_equal(json_string_value(json_object_get(plausibility, "verdict")), "integers_like_floats");
    assert_string_equal(json_string_value(json_object_get(plausibility, "likelier_datatype")), "cf32_le");
    json_decref(about);
    svi_capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_plain_sums),
        cmocka_unit_test(gaps_are_mapped),
        cmocka_unit_test(a_wrong_name_is_told),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
