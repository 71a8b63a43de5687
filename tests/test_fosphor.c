/* test_fosphor - the glow of a phosphor screen against its definition (docs/figures.md) in plain C, slice by slice, and against its
 * limits on paper. */
#include "device/fosphor.h"

#include "device/opencl.h"

#include <math.h>

#include "check.h"
#include "with_device.h"

enum { BINS = 24, STEPS = 10 };

struct screen_case {
    uint32_t frames, first_bin, bin_count, columns;
    double rise_slices, decay_slices;
    uint32_t gap_block; /* 0: no gaps; else frames f with f / gap_block % 4 == 1 lie in one */
};

static bool frame_is_in_gap(const struct screen_case *c, uint32_t frame)
{
    return c->gap_block && frame / c->gap_block % 4 == 1;
}

static struct svi_level_counts_request levels_of(const struct screen_case *c)
{
    return (struct svi_level_counts_request){ .first_bin = c->first_bin,
                                              .bin_count = c->bin_count,
                                              .columns = c->columns,
                                              .steps = STEPS,
                                              .low_db = -50,
                                              .high_db = 0,
                                              .gain = 0.5 };
}

/* Power from below the screen to above it; what is seen changes as time goes on. */
static float *make_power(uint32_t frames)
{
    float *power = malloc((size_t)frames * BINS * sizeof *power);
    assert_non_null(power);
    uint32_t state = 7;
    for (size_t i = 0; i < (size_t)frames * BINS; i++) {
        state = state * 1664525u + 1013904223u;
        const double level_db = -60 + 40 * (double)(state >> 8) / (1 << 24) + 40.0 * (double)i / ((double)frames * BINS);
        power[i] = (float)pow(10, level_db / 10);
    }
    return power;
}

static float *screen_of(const struct screen_case *c, const float *power, uint32_t batch)
{
    struct svi_error err = { 0 };
    const struct svi_fosphor_request request = { levels_of(c), c->rise_slices, c->decay_slices };
    struct svi_fosphor *fosphor;
    check_ok(svi_fosphor_create(&fosphor, device, &request, &err), err);
    assert_int_equal(svi_fosphor_columns(fosphor), c->columns);
    const struct svi_accumulator accumulator = svi_fosphor_accumulator(fosphor);
    uint8_t *in_gap = malloc(batch), *marks = malloc(batch);
    cl_mem memory = svi_mem_create(device, CL_MEM_READ_ONLY, (size_t)batch * BINS * sizeof *power, NULL, &err);
    cl_mem gap_memory = svi_mem_create(device, CL_MEM_READ_ONLY, batch, NULL, &err);
    assert_true(in_gap && marks && memory && gap_memory);
    for (uint32_t first = 0; first < c->frames; first += batch) {
        const uint32_t frames = c->frames - first < batch ? c->frames - first : batch;
        /* Half of what is left out is so because its power is not finite, which the device alone knows. */
        for (uint32_t i = 0; i < frames; i++) {
            marks[i] = frame_is_in_gap(c, first + i) ? 1 + (first + i) % 2 : 0;
            in_gap[i] = marks[i] == 1;
        }
        check_ok(svi_mem_write(device, memory, 0, power + (size_t)first * BINS, (size_t)frames * BINS * sizeof *power, &err), err);
        check_ok(svi_mem_write(device, gap_memory, 0, marks, frames, &err), err);
        const struct svi_power_batch given = { .power = memory,
                                               .first_frame = first,
                                               .frames = frames,
                                               .bins = BINS,
                                               .in_gap = in_gap,
                                               .in_gap_memory = gap_memory,
                                               .lost_marks = gap_memory };
        check_ok(accumulator.add(accumulator.self, &given, &err), err);
    }
    float *screen = malloc((size_t)STEPS * c->columns * sizeof *screen);
    assert_non_null(screen);
    check_ok(svi_fosphor_read(fosphor, screen, &err), err);
    svi_mem_release(gap_memory);
    svi_mem_release(memory);
    free(marks);
    free(in_gap);
    svi_fosphor_destroy(fosphor);
    return screen;
}

/* One cell as the page defines it. */
static double glow_of(const struct screen_case *c, const float *power, uint32_t step, uint32_t column)
{
    const struct svi_level_counts_request levels = levels_of(c);
    const float low = svi_level_counts_edge(&levels, step), high = svi_level_counts_edge(&levels, step + 1);
    double glow = 0;
    for (uint32_t first = 0; first < c->frames; first += SVI_FOSPHOR_GROUP) {
        uint32_t slices = 0, hits = 0, bins = 0;
        for (uint32_t frame = first; frame < first + SVI_FOSPHOR_GROUP && frame < c->frames; frame++) {
            if (frame_is_in_gap(c, frame))
                continue;
            slices++;
            for (uint32_t bin = 0; bin < c->bin_count; bin++) {
                const float p = power[(size_t)frame * BINS + c->first_bin + bin];
                bins += bin * c->columns / c->bin_count == column;
                hits += bin * c->columns / c->bin_count == column && p >= low && p < high;
            }
        }
        if (!slices)
            continue;
        const double up = (double)hits / bins / c->rise_slices, rate = up + 1 / c->decay_slices;
        for (uint32_t i = 0; i < slices; i++) /* each slice, instead of a power of (1 - rate) */
            glow += (up / rate - glow) * (rate < 1 ? rate : 1);
    }
    return glow;
}

static void screens_glow_as_defined(void **state)
{
    (void)state;
    static const struct screen_case cases[] = {
        { 1, 0, 24, 24, 16, 1024, 0 },    { 64, 0, 24, 24, 16, 1024, 0 },   { 65, 0, 24, 24, 16, 1024, 0 },
        { 1000, 0, 24, 24, 16, 1024, 0 }, { 3000, 5, 17, 6, 16, 1024, 0 },  { 1000, 0, 24, 24, 4, 100, 0 },
        { 1000, 0, 24, 7, 200, 1e6, 0 },  { 3000, 5, 17, 6, 16, 1024, 50 }, { 2000, 0, 24, 24, 16, 1024, 130 },
        { 700, 0, 24, 24, 1, 1, 0 },
    };
    for (size_t i = 0; i < ROWS(cases); i++) {
        const struct screen_case *c = &cases[i];
        float *power = make_power(c->frames), *screen = screen_of(c, power, 200), *other = screen_of(c, power, 37);
        assert_memory_equal(screen, other, (size_t)STEPS * c->columns * sizeof *screen);
        for (uint32_t step = 0; step < STEPS; step++)
            for (uint32_t column = 0; column < c->columns; column++)
                check_near((double)screen[step * c->columns + column], glow_of(c, power, step, column), 1e-5);
        free(other);
        free(screen);
        free(power);
    }
}

/* What is hit in a share a of slices tends to a·k / (a·k + 1), k = decay / rise; what is hit no more fades by e in `decay` slices.
 */
static void a_steady_signal_reaches_its_equilibrium(void **state)
{
    (void)state;
    static const struct {
        uint32_t every;
        double glow;
    } rows[] = { { 1, 64.0 / 65 }, { 8, 8.0 / 9 }, { 64, 0.5 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const uint32_t seen = 128 * SVI_FOSPHOR_GROUP, unseen = 16 * SVI_FOSPHOR_GROUP;
        for (uint32_t frames = seen; frames <= seen + unseen; frames += unseen) {
            const struct screen_case c = { frames, 0, 1, 1, 16, 1024, 0 };
            float *power = calloc((size_t)frames * BINS, sizeof *power);
            assert_non_null(power);
            for (uint32_t frame = 0; frame < seen; frame += rows[i].every)
                power[(size_t)frame * BINS] = 0.1f; /* -13 dB with the gain: step 7 */
            float *screen = screen_of(&c, power, 512);
            check_near((double)screen[7], rows[i].glow * (frames > seen ? exp(-1) : 1), 1e-3);
            for (size_t step = 0; step < STEPS; step++)
                assert_true(step == 7 || screen[step] == 0);
            free(screen);
            free(power);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_glow_as_defined),
        cmocka_unit_test(a_steady_signal_reaches_its_equilibrium),
    };
    const int failed = cmocka_run_group_tests(tests, open_device, close_device);
    return failed + cmocka_run_group_tests_name("as on a GPU", tests, open_as_gpu, close_device);
}
