/* test_thumbnail - sizes, mean light on paper, and a slow twin that counts each pixel sixteen times each way. */
#include "visual/thumbnail.h"

#include <math.h>

#include "allocator.h"
#include "check.h"
#include "dice.h"

static struct svi_canvas canvas_of(uint32_t width, uint32_t height, struct svi_color color)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, width, height, color, &err), err);
    return canvas;
}

static const uint8_t *at(const struct svi_canvas *canvas, uint32_t x, uint32_t y)
{
    return svi_canvas_pixels(canvas, x, y);
}

static void sizes_keep_their_shape(void **state)
{
    (void)state;
    static const struct {
        struct svi_rect part;
        uint32_t width, height;
    } rows[] = {
        { { 0, 0, 1000, 500 }, 256, 128 }, { { 10, 20, 500, 750 }, 171, 256 }, { { 0, 0, 256, 256 }, 256, 256 },
        { { 5, 5, 100, 40 }, 100, 40 },    { { 0, 0, 1, 1 }, 1, 1 },           { { 0, 0, 1000, 1 }, 256, 1 },
        { { 999, 0, 1, 800 }, 1, 256 },
    };
    struct svi_canvas picture = canvas_of(1000, 800, (struct svi_color){ 17, 130, 255 });
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_canvas small;
        check_ok(svi_thumbnail_make(&small, &picture, rows[i].part, &err), err);
        assert_int_equal(small.width, rows[i].width);
        assert_int_equal(small.height, rows[i].height);
        for (uint32_t k = 0; k < small.width * small.height; k++) /* one color stays that */
            assert_memory_equal(at(&small, k % small.width, k / small.width), at(&picture, 0, 0), 4);
        svi_canvas_clear(&small);
    }
    svi_canvas_clear(&picture);
}

/* Black and white in turns are half of the light: byte 188, not 128. */
static void light_is_averaged_not_bytes(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas picture = canvas_of(1024, 512, (struct svi_color){ 0, 0, 0 }), small;
    for (int x = 0; x < 1024; x += 2)
        svi_canvas_fill(&picture, (struct svi_rect){ x, 0, 1, 512 }, (struct svi_color){ 255, 255, 255 });
    check_ok(svi_thumbnail_make(&small, &picture, (struct svi_rect){ 0, 0, 1024, 512 }, &err), err);
    for (uint32_t x = 0; x < small.width; x++)
        assert_int_equal(at(&small, x, 7)[1], 188);
    svi_canvas_clear(&small);
    svi_canvas_clear(&picture);
}

static double light_of(uint8_t byte)
{
    double x = byte / 255.0;
    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

/* Mean of many points of the area that a pixel stands for. */
static double twin(const struct svi_canvas *picture, struct svi_rect part, const struct svi_canvas *small, uint32_t x, uint32_t y)
{
    enum { POINTS = 64 };
    double sum = 0;
    for (int j = 0; j < POINTS; j++)
        for (int i = 0; i < POINTS; i++) {
            double u = (x + (i + 0.5) / POINTS) * part.width / small->width,
                   v = (y + (j + 0.5) / POINTS) * part.height / small->height;
            sum += light_of(at(picture, (uint32_t)(part.left + (int)u), (uint32_t)(part.top + (int)v))[2]);
        }
    return sum / POINTS / POINTS;
}

static void pixels_are_means_of_their_area(void **state)
{
    (void)state;
    struct dice dice = { 3 };
    struct svi_error err = { 0 };
    struct svi_canvas picture = canvas_of(700, 450, (struct svi_color){ 0, 0, 0 }), small;
    for (uint32_t y = 0; y < 450; y++) {
        uint8_t row[700][4] = { { 0 } };
        for (size_t x = 0; x < 700; x++)
            row[x][2] = (uint8_t)dice_below(&dice, 256);
        svi_canvas_repeat(&picture, (struct svi_rect){ 0, (int)y, 700, 1 }, row[0]);
    }
    const struct svi_rect part = { 31, 17, 613, 401 };
    check_ok(svi_thumbnail_make(&small, &picture, part, &err), err);
    for (int i = 0; i < 200; i++) {
        uint32_t x = dice_below(&dice, small.width), y = dice_below(&dice, small.height);
        check_near(light_of(at(&small, x, y)[2]), twin(&picture, part, &small, x, y), 0.02);
    }
    svi_canvas_clear(&small);
    svi_canvas_clear(&picture);
}

static void each_failing_allocation_is_an_error(void **state)
{
    (void)state;
    struct svi_canvas picture = canvas_of(300, 200, (struct svi_color){ 1, 2, 3 });
    unsigned n = 0;
    for (bool failed = true; failed;) {
        struct svi_error err = { 0 };
        struct svi_canvas small = { 0 };
        allocator_fail_at(++n);
        bool ok = svi_thumbnail_make(&small, &picture, (struct svi_rect){ 0, 0, 300, 200 }, &err);
        failed = allocator_has_failed();
        assert_int_equal(ok, !failed);
        assert_int_equal(err.status, failed ? SVI_OUT_OF_MEMORY : SVI_OK);
        svi_canvas_clear(&small);
    }
    assert_int_equal(n, 5);
    svi_canvas_clear(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_keep_their_shape),
        cmocka_unit_test(light_is_averaged_not_bytes),
        cmocka_unit_test(pixels_are_means_of_their_area),
        cmocka_unit_test(each_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
