/* test_gpu_forms - all that is made for GPUs, in sizes that a simulator of one can do (simulator.sh), against plain C. */
#include <complex.h>

#include "device/density.h"
#include "device/level_counts.h"
#include "device/sample_sums.h"

#include <float.h>

#include "stft_run.h"

enum { MOST_LENGTH = 4096 };

/* Half a tone, half noise, from the number of the sample alone. */
static double made_up(size_t number)
{
    uint32_t noise = (uint32_t)number * 2654435761u;
    noise = (noise ^ noise >> 15) * 2246822519u;
    return 0.4 * cos(0.7 * (double)number) + 0.4 * ((double)(noise >> 8) / (1 << 24) - 0.5);
}

/* Frames that follow each other; frame 1 of floats has a number that is not one. */
static struct svi_capture *make_capture(const struct svi_datatype *datatype, size_t samples, size_t not_finite)
{
    const size_t numbers = samples * datatype->parts;
    uint8_t *bytes = malloc(numbers * datatype->part_bytes);
    assert_non_null(bytes);
    for (size_t i = 0; i < numbers; i++) {
        const bool is_bad = svi_datatype_is_float(datatype) && i / datatype->parts == not_finite;
        svi_datatype_store(datatype, is_bad ? (double)NAN : made_up(i), bytes + i * datatype->part_bytes);
    }
    struct svi_capture *capture = capture_of("forms", datatype->name, 1, 1e6, bytes, numbers * datatype->part_bytes);
    free(bytes);
    return capture;
}

static void expect_power(double *power, uint32_t length, uint32_t frame, unsigned parts)
{
    for (uint32_t bin = 0; bin < length; bin++) {
        double complex sum = 0;
        for (uint32_t i = 0; i < length; i++) {
            const size_t number = ((size_t)frame * length + i) * parts;
            const double complex x = made_up(number) + (parts == 2 ? I * made_up(number + 1) : 0);
            /* Lowest frequency first. */
            const uint64_t turns = (uint64_t)i * (parts == 2 ? (bin + length / 2) % length : bin) % length;
            sum += x * cexp(-2 * M_PI * I * (double)turns / length);
        }
        power[bin] = pow(cabs(sum), 2) * (parts == 1 && bin % (length / 2) ? 2 : 1);
    }
}

/* Mean, largest and least power of each bin, of all frames but the one that is left out. */
static void check_spectrum(const struct result *result, uint32_t length, uint32_t frames, const struct svi_datatype *datatype)
{
    static double power[MOST_LENGTH], sum[MOST_LENGTH], largest[MOST_LENGTH], least[MOST_LENGTH];
    const bool floats = svi_datatype_is_float(datatype);
    for (uint32_t bin = 0; bin < length; bin++) {
        sum[bin] = largest[bin] = 0;
        least[bin] = INFINITY;
    }
    for (uint32_t frame = 0; frame < frames; frame++) {
        if (floats && frame == 1)
            continue;
        expect_power(power, length, frame, datatype->parts);
        for (uint32_t bin = 0; bin < length; bin++) {
            sum[bin] += power[bin];
            largest[bin] = fmax(largest[bin], power[bin]);
            least[bin] = fmin(least[bin], power[bin]);
        }
    }
    assert_int_equal(result->frames, frames - floats);
    assert_int_equal(result->lost, floats);
    double typical = 0;
    for (uint32_t bin = 0; bin < result->bins; bin++)
        typical += sum[bin] / (double)result->frames / result->bins;
    /* What integers are rounded to is noise, too. */
    const double loss = datatype->part_bytes == 1 ? 0.1 : datatype->part_bytes == 2 ? 1e-3 : 1e-5;
    for (uint32_t bin = 0; bin < result->bins; bin++) {
        check_near(result->spectrum.mean[bin], sum[bin] / (double)result->frames, loss * (sum[bin] + typical));
        check_near(result->spectrum.max[bin], largest[bin], loss * (largest[bin] + typical));
        check_near(result->spectrum.min[bin], least[bin], loss * (largest[bin] + typical));
    }
}

/* Each length once, by each way to a picture: groups of frames, or each frame; each way through local memory. */
static void transforms_are_those_of_plain_c(void **state)
{
    (void)state;
    static const struct {
        uint32_t length, frames;
        const char *datatype;
        enum svi_reduction reduction;
        uint64_t local_bytes;
    } rows[] = {
        { 16, 9, "cf32_le", SVI_REDUCE_MAX, 0 },      { 32, 9, "ci16_le", SVI_REDUCE_MEAN, 0 },
        { 64, 9, "cf64_be", SVI_REDUCE_MIN, 0 },      { 128, 9, "cu8", SVI_REDUCE_MAX, 0 },
        { 256, 5, "rf32_be", SVI_REDUCE_MAX, 0 },     { 512, 3, "cf32_le", SVI_REDUCE_MEAN, 0 },
        { 512, 4, "ci16_be", SVI_REDUCE_MAX, 0 },     { 1024, 4, "cf32_le", SVI_REDUCE_MAX, 0 },
        { 1024, 2, "ci16_le", SVI_REDUCE_MAX, 5000 }, { 2048, 2, "cf32_le", SVI_REDUCE_MAX, 0 },
        { 4096, 1, "ci32_le", SVI_REDUCE_MAX, 0 },
    };
    engine = "fused";
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_datatype *datatype = svi_datatype_find(rows[i].datatype);
        const uint32_t length = rows[i].length;
        svi_device_pretend(device, SVI_DEVICE_GPU, rows[i].local_bytes ? rows[i].local_bytes : GPU_LOCAL_BYTES);
        assert_true(svi_fused_supports(device, length));
        struct svi_capture *capture = make_capture(datatype, (size_t)length * rows[i].frames, length + length / 3);
        float *window;
        struct svi_window_gain gain;
        struct plan plan = plain_plan(capture, length, length, "rect", &window, &gain);
        plan.stft.one_sided = datatype->parts == 1;
        plan.rows = 2;
        plan.columns = 7;
        plan.reduction = rows[i].reduction;
        struct result result = run(capture, &plan);
        check_spectrum(&result, length, rows[i].frames, datatype);
        clear(&result);
        free(window);
        svi_capture_close(capture);
    }
}

static void levels_are_counted_by_their_edges(void **state)
{
    (void)state;
    enum { FRAMES = 35, BINS = 70, COLUMNS = 66, STEPS = 40 };
    static const struct svi_level_counts_request request = { 2, BINS - 3, COLUMNS, STEPS, -70, -10, 1, 1e-9 };
    static float power[FRAMES][BINS];
    static uint32_t expected[COLUMNS][STEPS + 2], made[COLUMNS][STEPS + 2];
    static const float strange[] = { 0, 1e-42f, -0.0f, INFINITY, NAN, 1e38f, FLT_MIN };
    uint8_t in_gap[FRAMES] = { [3] = 1, [20] = 2 };
    for (size_t i = 0; i < (size_t)FRAMES * BINS; i++)
        power[i / BINS][i % BINS] = i % 50 < ROWS(strange) ? strange[i % 50] : (float)pow(10, 20 * made_up(i) - 4);
    for (uint32_t frame = 0; frame < FRAMES; frame++)
        for (uint32_t bin = 0; !in_gap[frame] && bin < request.bin_count; bin++) {
            const float p = power[frame][request.first_bin + bin], raised = p < (float)request.least ? (float)request.least : p;
            uint32_t place = 0;
            while (place <= STEPS && raised >= svi_level_counts_edge(&request, place))
                place++;
            expected[bin * COLUMNS / request.bin_count][place]++;
        }
    struct svi_error err = { 0 };
    struct svi_level_counts *counts;
    struct svi_power_batch batch = { .frames = FRAMES, .bins = BINS };
    batch.power = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof power, power, &err);
    batch.in_gap_memory = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof in_gap, in_gap, &err);
    check_ok(batch.power && batch.in_gap_memory && svi_level_counts_create(&counts, device, &request, &err), err);
    check_ok(svi_level_counts_add(counts, &batch, 0, 17, &err) && svi_level_counts_add(counts, &batch, 17, FRAMES, &err), err);
    check_ok(svi_mem_read(device, made, svi_level_counts_memory(counts), sizeof made, &err), err);
    assert_memory_equal(made, expected, sizeof made);
    svi_level_counts_destroy(counts);
    svi_mem_release(batch.in_gap_memory);
    svi_mem_release(batch.power);
}

static void points_and_sums_know_every_sample(void **state)
{
    (void)state;
    enum { SAMPLES = 1500, CELLS = 8 };
    const struct svi_datatype *datatype = svi_datatype_find("cf32_le");
    struct svi_capture *capture = make_capture(datatype, SAMPLES, 77);
    const struct svi_recording *recording = svi_capture_recording(capture);
    static const struct svi_density_request density_request = { .cells = CELLS, .grids = 3, .cell_width = 0.0625 };
    static const struct svi_sample_sums_request sums_request = { .typical = 0.5 };
    struct svi_error err = { 0 };
    struct svi_density *density;
    struct svi_sample_sums *sums;
    struct svi_density_totals totals;
    struct svi_sample_statistics statistics;
    struct svi_pass_cost cost;
    uint64_t *counts;
    check_ok(svi_density_create(&density, device, recording, &density_request, &err)
                 && svi_sample_sums_create(&sums, device, recording, &sums_request, &err),
             err);
    const struct svi_taker takers[] = { svi_density_taker(density), svi_sample_sums_taker(sums) };
    check_ok(svi_pass_run(device, capture, takers, ROWS(takers), NULL, NULL, &cost, &err), err);
    check_ok(svi_density_finish(density, &totals, &err) && svi_density_counts(density, 2, &counts, &err)
                 && svi_sample_sums_read(sums, &statistics, &err),
             err);
    uint64_t expected[CELLS * CELLS] = { 0 };
    double power = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        if (i == 77)
            continue;
        const float x = (float)made_up(2 * i), y = (float)made_up(2 * i + 1);
        expected[(int)floor(y * 4.0) * CELLS + CELLS * CELLS / 2 + (int)floor(x * 4.0) + CELLS / 2]++;
        power += ((double)x * x + (double)y * y) / (SAMPLES - 1);
    }
    assert_int_equal(totals.within[2], SAMPLES - 1);
    assert_int_equal(totals.not_finite, 1);
    assert_memory_equal(counts, expected, sizeof expected);
    assert_int_equal(statistics.finite, SAMPLES - 1);
    check_near(statistics.mean_power, power, 1e-7 * power);
    free(counts);
    svi_sample_sums_destroy(sums);
    svi_density_destroy(density);
    svi_capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms_are_those_of_plain_c),
        cmocka_unit_test(levels_are_counted_by_their_edges),
        cmocka_unit_test(points_and_sums_know_every_sample),
    };
    return cmocka_run_group_tests(tests, open_as_gpu, close_device);
}
