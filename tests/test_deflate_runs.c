/* test_deflate_runs - another decoder finds every byte and every number of repetitions again, and the end on a whole byte. */
#include "visual/deflate_runs.h"

#include <libdeflate.h>

#include "check.h"
#include "dice.h"

enum { MOST_BYTES = 1 << 22 };

/* What was asked for, byte by byte. */
static uint8_t expected[MOST_BYTES], found[MOST_BYTES];

static size_t expect_pixels(size_t count, const uint8_t pixel[SVI_DEFLATE_PIXEL_BYTES], size_t times)
{
    for (size_t i = 0; i < times; i++, count += SVI_DEFLATE_PIXEL_BYTES)
        memcpy(expected + count, pixel, SVI_DEFLATE_PIXEL_BYTES);
    return count;
}

/* The block is followed by an empty one, the last of a stream, which begins on a whole byte. */
static void check_block(struct svi_deflate_runs *runs, struct svi_buffer *out, size_t count)
{
    static const uint8_t last[] = { 1, 0, 0, 0xFF, 0xFF };
    assert_true(svi_deflate_runs_end(runs));
    assert_true(svi_buffer_add(out, last, sizeof last));
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    assert_non_null(decompressor);
    size_t got = 0;
    assert_int_equal(libdeflate_deflate_decompress(decompressor, out->at, out->count, found, sizeof found, &got),
                     LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(decompressor);
    assert_int_equal(got, count);
    assert_memory_equal(found, expected, count);
    svi_buffer_clear(out);
}

static void every_byte_and_every_repetition_comes_back(void **state)
{
    (void)state;
    static struct svi_deflate_runs runs;
    struct svi_buffer out;
    size_t count = 0;
    svi_buffer_init(&out, MOST_BYTES);
    svi_deflate_runs_begin(&runs, &out);
    for (size_t i = 0; i < 256; i++) {
        expected[count++] = (uint8_t)i;
        svi_deflate_runs_byte(&runs, (uint8_t)i);
    }
    for (size_t times = 1; times < 700; times++) {
        const uint8_t pixel[] = { (uint8_t)times, 0, (uint8_t)(times * 77) };
        svi_deflate_runs_pixels(&runs, pixel, times);
        count = expect_pixels(count, pixel, times);
    }
    for (size_t times = 2000; times < 20000; times += 577) {
        static const uint8_t pixel[SVI_DEFLATE_PIXEL_BYTES];
        svi_deflate_runs_pixels(&runs, pixel, times);
        count = expect_pixels(count, pixel, times);
    }
    check_block(&runs, &out, count);
}

/* Of any number of bits, so that the end falls on each place in a byte. */
static void blocks_end_on_a_whole_byte(void **state)
{
    (void)state;
    static struct svi_deflate_runs runs;
    struct dice dice = { 5 };
    for (size_t round = 0; round < 300; round++) {
        struct svi_buffer out;
        size_t count = 0;
        svi_buffer_init(&out, MOST_BYTES);
        svi_deflate_runs_begin(&runs, &out);
        for (size_t i = 0; i < round; i++) {
            if (dice_below(&dice, 3) == 0) {
                const uint8_t pixel[] = { (uint8_t)dice_below(&dice, 3), (uint8_t)dice_bits(&dice), 0 };
                const size_t times = 1 + dice_below(&dice, 400);
                svi_deflate_runs_pixels(&runs, pixel, times);
                count = expect_pixels(count, pixel, times);
            } else {
                expected[count] = (uint8_t)dice_bits(&dice);
                svi_deflate_runs_byte(&runs, expected[count++]);
            }
        }
        check_block(&runs, &out, count);
    }
}

/* Three bits for each 86 pixels. */
static void long_repetitions_are_short(void **state)
{
    (void)state;
    static struct svi_deflate_runs runs;
    struct svi_buffer out;
    svi_buffer_init(&out, MOST_BYTES);
    svi_deflate_runs_begin(&runs, &out);
    svi_deflate_runs_pixels(&runs, (const uint8_t[SVI_DEFLATE_PIXEL_BYTES]){ 0 }, 86001);
    assert_true(svi_deflate_runs_end(&runs));
    assert_in_range(out.count, 375, 550); /* 1000 times the longest one; the rest are the lengths of codes */
    svi_buffer_clear(&out);
}

static void a_buffer_that_is_full_is_told(void **state)
{
    (void)state;
    static struct svi_deflate_runs runs;
    for (size_t limit = 0; limit < 6000; limit += 1999) {
        struct svi_buffer out;
        svi_buffer_init(&out, limit);
        svi_deflate_runs_begin(&runs, &out);
        for (size_t i = 0; i < 7000; i++)
            svi_deflate_runs_byte(&runs, 100);
        assert_false(svi_deflate_runs_end(&runs));
        svi_buffer_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_and_every_repetition_comes_back),
        cmocka_unit_test(blocks_end_on_a_whole_byte),
        cmocka_unit_test(long_repetitions_are_short),
        cmocka_unit_test(a_buffer_that_is_full_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
