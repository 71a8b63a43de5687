/* test_render_fuzz - some hundred random configs all the way through svi_render, on a recording of a few thousand samples: a
 * picture of the size that was asked for, or a reason. SVI_CONFIGS=n draws n of them. */
#include <math.h>

#include "dice.h"
#include "picture.h"
#include "rendering.h"

enum { CONFIGS = 240, SAMPLES = 5000 };

static void write_scenes(void)
{
    static const struct signal_tone tone = { 100e3, -12 };
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = SAMPLES,
                                   .tones = &tone,
                                   .tone_count = 1,
                                   .noise_power = signal_noise_power(-110, 1e6),
                                   .seed = 9 };
    struct signal silent = { .sample_rate_hz = 1e6, .sample_count = SAMPLES }, single = signal;
    single.sample_count = 1;
    write_signal("complex", &signal, "cf32_le", 1, NULL);
    write_signal("radio", &signal, "ci16_le", 2, "[{\"core:sample_start\": 0, \"core:frequency\": 2.4e9}]");
    write_signal("real", &signal, "ri8", 1, NULL);
    write_signal("silent", &silent, "cu8", 1, NULL);
    write_signal("single", &single, "cf32_le", 1, NULL);
}

static json_t *some_number(struct dice *dice, double least, double most)
{
    return json_real(least + dice_share(dice) * (most - least));
}

static json_t *some_word(struct dice *dice, const char *const *words, size_t count)
{
    return json_string(words[dice_below(dice, (uint32_t)count)]);
}

#define SOME_WORD(dice, ...)                                                                                                       \
    some_word(dice, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Compiling a plan takes a second, so there are few lengths. */
static json_t *some_value(struct dice *dice, const char *key)
{
    if (!strcmp(key, "fftSize"))
        return json_integer(dice_below(dice, 10) ? 64 : dice_below(dice, 2) ? 256 : 17);
    if (!strcmp(key, "hopSize"))
        return json_integer(1 + dice_below(dice, dice_below(dice, 3) ? 300 : 20000));
    if (!strcmp(key, "window"))
        return SOME_WORD(dice, "gaussian", "hann", "kaiser", "flattop", "rect", "box");
    if (!strcmp(key, "units"))
        return SOME_WORD(dice, "dbfs", "dbfs_hz", "dbm", "compat");
    if (!strcmp(key, "reduction"))
        return SOME_WORD(dice, "max", "mean", "min", "p95");
    if (!strcmp(key, "theme"))
        return SOME_WORD(dice, "light", "dark", "bare");
    if (!strcmp(key, "colormap"))
        return SOME_WORD(dice, "viridis", "magma_r", "jet");
    if (!strcmp(key, "frequencyAxis"))
        return SOME_WORD(dice, "rf", "baseband");
    if (!strcmp(key, "colorScale"))
        return SOME_WORD(dice, "log", "linear", "eq_hist");
    if (!strcmp(key, "persistence"))
        return SOME_WORD(dice, "exact", "fosphor");
    if (!strcmp(key, "channel"))
        return json_integer(dice_below(dice, 3));
    if (!strcmp(key, "powerBins"))
        return json_integer(16 + dice_below(dice, 500));
    if (!strcmp(key, "dpi"))
        return json_real(dice_log(dice, 25, 600));
    if (!strcmp(key, "start") || !strcmp(key, "duration"))
        return json_real(dice_below(dice, 4) ? dice_share(dice) * SAMPLES / 1e6 : dice_log(dice, 1e-9, 1e3));
    if (!strcmp(key, "minFrequency") || !strcmp(key, "maxFrequency"))
        return dice_below(dice, 2) ? some_number(dice, -600e3, 600e3) : some_number(dice, 2.3993e9, 2.4007e9);
    if (!strcmp(key, "vmin") || !strcmp(key, "vmax"))
        return dice_below(dice, 4) ? some_number(dice, -160, 10) : some_number(dice, -1000, 1000);
    if (!strcmp(key, "thumbnail"))
        return json_boolean(dice_below(dice, 2));
    return some_number(dice, 0.16, dice_below(dice, 20) ? 5 : 20); /* width, height: inches */
}

static json_t *some_config(struct dice *dice)
{
    static const char *const keys[] = { "hopSize",      "window",        "units",      "reduction",   "theme",
                                        "colormap",     "frequencyAxis", "colorScale", "persistence", "channel",
                                        "powerBins",    "dpi",           "start",      "duration",    "thumbnail",
                                        "minFrequency", "maxFrequency",  "vmin",       "vmax" };
    json_t *config = json_object();
    static const char *const always[] = { "fftSize", "width", "height" };
    for (size_t i = 0; i < ROWS(always); i++)
        json_object_set_new(config, always[i], some_value(dice, always[i]));
    for (size_t count = dice_below(dice, 8); count; count--) {
        const char *key = keys[dice_below(dice, ROWS(keys))];
        json_object_set_new(config, key, some_value(dice, key));
    }
    return config;
}

static uint32_t pixels_of(const json_t *config, const char *key)
{
    return (uint32_t)lround(json_number_value(json_object_get(config, key)) * 100);
}

/* What a picture says is finite and inside of it. */
static void check_picture(const char *type, const json_t *summary, const json_t *config)
{
    char name[64];
    snprintf(name, sizeof name, "%s.png", type);
    struct picture picture = picture_read(in_scratch(name));
    assert_int_equal(picture.width, pixels_of(config, "width"));
    assert_int_equal(picture.height, pixels_of(config, "height"));
    assert_true(number_at(summary, "image.plot.width") >= 1 && number_at(summary, "image.plot.height") >= 1);
    assert_true(number_at(summary, "image.plot.left") + number_at(summary, "image.plot.width") <= picture.width);
    assert_true(number_at(summary, "image.plot.top") + number_at(summary, "image.plot.height") <= picture.height);
    picture_clear(&picture);
}

static unsigned config_count(void)
{
    const char *wanted = getenv("SVI_CONFIGS");
    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : CONFIGS;
}

static void random_configs(void **state)
{
    (void)state;
    static const char *const recordings[] = { "complex", "radio", "real", "complex", "radio", "silent", "single" };
    size_t types = 0, drawn = 0, refused = 0;
    write_scenes();
    while (svi_render_type(types))
        types++;
    for (unsigned i = 0; i < config_count(); i++) {
        struct dice dice = { 1000 + i };
        dice_bits(&dice);
        struct svi_error err = { 0 };
        json_t *summary, *config = some_config(&dice);
        const char *type = svi_render_type(i % types), *recording = recordings[dice_below(&dice, ROWS(recordings))];
        char *text = json_dumps(config, JSON_REAL_PRECISION(17));
        if (render(recording, type, text, &summary, &err)) {
            check_picture(type, summary, config);
            drawn++;
        } else {
            const bool is_users = err.status == SVI_BAD_PARAMETER || err.status == SVI_BAD_RECORDING;
            if (!is_users || !err.message[0] || !svi_utf8_valid(svi_bytes_of(err.message)))
                fail_msg("config %u, %s of %s: %s: %s [%s]", i, type, recording, text, err.message, err.cause);
            refused++;
        }
        json_decref(summary);
        json_decref(config);
        free(text);
    }
    print_message("%zu drawn, %zu refused\n", drawn, refused);
    if (config_count() >= CONFIGS)
        assert_true(drawn > CONFIGS / 3 && refused > CONFIGS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(random_configs) };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
