/* test_reduction - percentiles in pictures against those of a picture that shows every slice and every bin: the same levels,
 * sorted (against NumPy: test_percentile.c); and the mean of very many slices. */
#include "device/cells.h"

#include <math.h>
#include <stdlib.h>

#include "npy.h"
#include "rendering.h"

enum { FFT_SIZE = 64, SAMPLES = 40000 };

/* What lies between the two segments is missing: some rows have fewer slices, one has none. */
static const char captures[] =
    "[{\"core:sample_start\": 0, \"core:global_index\": 0}, {\"core:sample_start\": 15000, \"core:global_index\": 21000}]";

/* A matrix [times][frequencies], whichever way the picture has them. */
struct levels {
    size_t times, frequencies;
    float *db;
};

static struct levels draw(const char *type, const char *config, double *frames_per_pixel)
{
    struct svi_error err = { 0 };
    char name[64];
    json_t *summary;
    check_ok(render("bursts", type, config, &summary, &err), err);
    *frames_per_pixel = number_at(summary, "image.frames_per_pixel");
    json_decref(summary);
    snprintf(name, sizeof name, "%s.npy", type);
    struct npy data = npy_read(in_scratch(name));
    const bool time_in_rows = !strcmp(type, "waterfall");
    struct levels levels = { time_in_rows ? data.rows : data.columns, time_in_rows ? data.columns : data.rows, NULL };
    levels.db = malloc(data.rows * data.columns * sizeof *levels.db);
    assert_non_null(levels.db);
    for (size_t time = 0; time < levels.times; time++)
        for (size_t frequency = 0; frequency < levels.frequencies; frequency++)
            levels.db[time * levels.frequencies + frequency] =
                ((const float *)data.data)[time_in_rows ? time * data.columns + frequency : frequency * data.columns + time];
    npy_clear(&data);
    return levels;
}

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Of the levels whose place, shared out evenly, is this pixel of `by`. *count: how many there are. */
static double percentile(const struct levels *all, const struct levels *by, size_t time, size_t frequency, size_t percent,
                         size_t *count)
{
    float *values = malloc(all->times * all->frequencies * sizeof *values);
    assert_non_null(values);
    *count = 0;
    for (size_t t = 0; t < all->times; t++)
        for (size_t f = 0; f < all->frequencies; f++)
            if (t * by->times / all->times == time && f * by->frequencies / all->frequencies == frequency
                && !isnan(all->db[t * all->frequencies + f]))
                values[(*count)++] = all->db[t * all->frequencies + f];
    qsort(values, *count, sizeof *values, compare);
    const double level_db = *count ? (double)values[(percent * *count + 99) / 100 - 1] : NAN;
    free(values);
    return level_db;
}

static void write_bursts(void)
{
    static const struct signal_tone tones[] = { { 120e3, -30 } };
    const struct signal signal = { .sample_rate_hz = 1e6,
                                   .sample_count = SAMPLES,
                                   .tones = tones,
                                   .tone_count = 1,
                                   .noise_power = 1e-5,
                                   .burst = { 9000, 700, -50e3, -10 } };
    write_signal("bursts", &signal, "ci16_le", 1, captures);
}

static void pixels_hold_the_percentile_of_their_slices_and_bins(void **state)
{
    (void)state;
    static const struct {
        const char *type, *every, *few;
        size_t percent;
    } rows[] = {
        { "waterfall", "\"dimensions\": {\"width\": 64, \"height\": 2000}", "\"dimensions\": {\"width\": 16, \"height\": 21}", 95 },
        { "spectrogram", "\"dimensions\": {\"width\": 2000, \"height\": 64}", "\"dimensions\": {\"width\": 23, \"height\": 16}",
          95 },
        { "waterfall", "\"dimensions\": {\"width\": 64, \"height\": 2000}", "\"dimensions\": {\"width\": 16, \"height\": 16}", 50 },
    };
    static const char form[] = "{\"fftSize\": 64, \"hopSize\": 40, \"stdDev\": 8, \"theme\": \"bare\", \"minFrequency\": -200000, "
                               "\"maxFrequency\": 350000, %s, \"reduction\": \"%s\"}";
    write_bursts();
    for (size_t i = 0; i < ROWS(rows); i++) {
        char config[400], reduction[8];
        double frames_per_pixel;
        snprintf(config, sizeof config, form, rows[i].every, "max");
        struct levels all = draw(rows[i].type, config, &frames_per_pixel);
        assert_true(frames_per_pixel == 1);
        snprintf(reduction, sizeof reduction, "p%zu", rows[i].percent);
        snprintf(config, sizeof config, form, rows[i].few, reduction);
        struct levels few = draw(rows[i].type, config, &frames_per_pixel);
        assert_true(frames_per_pixel > 20 && few.frequencies < all.frequencies);
        size_t gaps = 0, partial = 0;
        for (size_t time = 0; time < few.times; time++)
            for (size_t frequency = 0; frequency < few.frequencies; frequency++) {
                size_t count;
                const float level_db = few.db[time * few.frequencies + frequency];
                const double expected_db = percentile(&all, &few, time, frequency, rows[i].percent, &count);
                gaps += !count;
                partial += count && (double)count < 2 * floor(frames_per_pixel);
                if (count)
                    check_near((double)level_db, expected_db, 1e-4);
                else
                    assert_true(isnan(level_db));
            }
        assert_true(gaps > 0 && partial > 0);
        free(few.db);
        free(all.db);
    }
}

/* More than a float can count one by one. */
static void a_row_of_very_many_slices_keeps_its_mean(void **state)
{
    (void)state;
    enum { FRAMES = 1 << 20, BATCHES = 20 };
    struct svi_error err = { 0 };
    const struct svi_cells_request request = {
        .frame_count = (uint64_t)FRAMES * BATCHES, .bin_count = 1, .rows = 1, .columns = 1, .reduction = SVI_REDUCE_MEAN
    };
    float *power = malloc(FRAMES * sizeof *power), level_db;
    assert_non_null(power);
    for (size_t i = 0; i < FRAMES; i++)
        power[i] = 1;
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY, FRAMES * sizeof *power, NULL, &err);
    cl_mem level_memory = svi_mem_create(device, CL_MEM_READ_WRITE, sizeof level_db, NULL, &err);
    check_ok(memory && level_memory && svi_mem_write(device, memory, 0, power, FRAMES * sizeof *power, &err), err);
    struct svi_cells *cells;
    check_ok(svi_cells_create(&cells, device, &request, &err), err);
    const struct svi_accumulator accumulator = svi_cells_accumulator(cells);
    for (uint64_t i = 0; i < BATCHES; i++) {
        const struct svi_power_batch batch = { .power = memory, .first_frame = i * FRAMES, .frames = FRAMES, .bins = 1 };
        check_ok(accumulator.add(accumulator.self, &batch, &err), err);
    }
    check_ok(svi_cells_levels(cells, 1, 1e-20, level_memory, &err), err);
    check_ok(svi_mem_read(device, &level_db, level_memory, sizeof level_db, &err), err);
    check_near((double)level_db, 0, 1e-4);
    svi_cells_destroy(cells);
    svi_mem_release(level_memory);
    svi_mem_release(memory);
    free(power);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_very_many_slices_keeps_its_mean),
        cmocka_unit_test(pixels_hold_the_percentile_of_their_slices_and_bins),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
