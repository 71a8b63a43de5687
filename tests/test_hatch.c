/* test_hatch - gaps are striped, everything else is left alone. */
#include "visual/hatch.h"

#include "check.h"

static void gaps_and_nothing_else(void **state)
{
    (void)state;
    static const struct svi_hatch hatch = { { 240, 240, 240 }, { 200, 200, 200 }, 8.0, 2.0 };
    enum { EDGE = 32, SHIFT = 54 }; /* over the edge of a tile */
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, EDGE + SHIFT, EDGE, (struct svi_color){ 10, 20, 30 }, &err), err);
    const struct svi_rect area = { 4 + SHIFT, 4, 24, 24 };
    size_t shades[256] = { 0 };
    static const uint8_t clear[4] = { 10, 20, 30, 0 };
    for (int x = 0; x < EDGE / 2; x++) /* the left half is a gap */
        svi_canvas_repeat(&canvas, (struct svi_rect){ x + SHIFT, 0, 1, EDGE }, clear);
    svi_hatch_gaps(&canvas, area, &hatch);
    for (int y = 0; y < EDGE; y++)
        for (int x = 0; x < EDGE; x++) {
            const uint8_t *pixel = svi_canvas_pixels(&canvas, (uint32_t)x + SHIFT, (uint32_t)y);
            bool inside = x >= 4 && y >= 4 && x < 28 && y < 28;
            if (!inside || x >= 16) {
                assert_int_equal(pixel[0], 10);
                assert_int_equal(pixel[2], 30);
                continue;
            }
            assert_int_equal(pixel[3], 255);
            assert_true(pixel[0] >= 200 && pixel[0] <= 240);
            shades[pixel[0]]++;
            if (x + 1 < 16 && y > 4) /* stripes run diagonally */
                assert_memory_equal(pixel, svi_canvas_pixels(&canvas, (uint32_t)x + SHIFT + 1, (uint32_t)y - 1), 4);
        }
    assert_int_equal(shades[200] + shades[240], 12 * 24);
    assert_true(shades[200] * 3 == shades[240]);
    svi_canvas_clear(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(gaps_and_nothing_else) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
