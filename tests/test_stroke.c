/* test_stroke - lines have their width and color, no more, and stay in their area. */
#include "visual/stroke.h"

#include <math.h>

#include "allocator.h"
#include "check.h"

enum { EDGE = 200 };

static const struct svi_color white = { 255, 255, 255 }, black = { 0, 0, 0 };
static const struct svi_rect everywhere = { 0, 0, EDGE, EDGE };

/* How many pixels' worth of white a black line leaves black; fails where a pixel outside of `area` was touched. */
static double painted(struct svi_rect area, const struct svi_point *points, size_t count, double width)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, EDGE, EDGE, white, &err), err);
    const struct svi_pen pen = { black, 255, width };
    check_ok(svi_stroke_draw(&canvas, area, &pen, points, count, &err), err);
    double sum = 0.0;
    for (int y = 0; y < EDGE; y++)
        for (int x = 0; x < EDGE; x++) {
            double dark = (255 - svi_canvas_pixels(&canvas, (uint32_t)x, (uint32_t)y)[0]) / 255.0;
            bool inside = x >= area.left && y >= area.top && x < area.left + area.width && y < area.top + area.height;
            assert_true(inside || dark == 0.0);
            sum += dark;
        }
    svi_canvas_clear(&canvas);
    return sum;
}

static void lines_cover_their_length_times_their_width(void **state)
{
    (void)state;
    static const struct {
        struct svi_point points[5];
        size_t count;
        double width, area;
    } rows[] = {
        { { { 20.5, 50.5 }, { 180.5, 50.5 } }, 2, 1.0, 160 },
        { { { 20, 50 }, { 180, 50 } }, 2, 2.0, 323 },
        { { { 20, 20 }, { 180, 180 } }, 2, 2.0, 455.7 },
        { { { 20, 150 }, { 180, 120 } }, 2, 3.0, 495 },
        { { { 50, 10 }, { 60, 190 } }, 2, 4.0, 733 },
        /* there and back again, and a crossing: nothing is painted twice */
        { { { 20, 50 }, { 180, 50 }, { 20, 50 } }, 3, 2.0, 323 },
        { { { 20, 100 }, { 180, 100 }, { NAN, 0 }, { 100, 20 }, { 100, 180 } }, 5, 2.0, 642 },
        /* breaks, and a dot between them */
        { { { 20, 50 }, { NAN, 50 }, { 180, 50 } }, 3, 10.0, 157 },
        { { { NAN, NAN }, { NAN, 1 } }, 2, 10.0, 0 },
        /* beyond the canvas */
        { { { -1e12, 50.5 }, { 1e12, 50.5 } }, 2, 1.0, EDGE },
        { { { 100.5, -1e300 }, { 100.5, 1e300 } }, 2, 1.0, EDGE },
        { { { -50, -50 }, { -20, 400 } }, 2, 5.0, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        double area = painted(everywhere, rows[i].points, rows[i].count, rows[i].width);
        check_near(area, rows[i].area, 1.0 + 0.03 * rows[i].area);
    }
}

static void lines_stay_in_their_area(void **state)
{
    (void)state;
    static const struct svi_point points[] = { { 0, 0 }, { 200, 200 }, { 200, 0 }, { 0, 200 }, { 0, 0 } };
    static const struct svi_rect areas[] = { { 50, 60, 70, 80 }, { 0, 0, 1, 1 }, { 10, 190, 150, 10 }, { 0, 0, 0, 10 } };
    for (size_t i = 0; i < ROWS(areas); i++) {
        double sum = painted(areas[i], points, ROWS(points), 6.0);
        assert_int_equal(sum > 0.0, areas[i].width > 0);
    }
}

/* A line looks the same whichever bands of rows it is painted in. */
static void moved_lines_look_the_same(void **state)
{
    (void)state;
    for (int offset = 1; offset < 100; offset += 7) {
        const struct svi_point here[] = { { 20.3, 10.6 }, { 70.9, 80.2 }, { 90.1, 15.5 } };
        const struct svi_point there[] = { { 20.3, 10.6 + offset }, { 70.9, 80.2 + offset }, { 90.1, 15.5 + offset } };
        check_near(painted(everywhere, here, 3, 1.5), painted(everywhere, there, 3, 1.5), 1e-9);
    }
}

static void without_memory_it_is_an_error(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, 1, 1, black, &err), err);
    const struct svi_pen pen = { black, 255, 1.0 };
    allocator_fail_at(1);
    assert_false(svi_stroke_draw(&canvas, (struct svi_rect){ 0, 0, 1, 1 }, &pen, &(struct svi_point){ 0, 0 }, 1, &err));
    assert_true(allocator_has_failed());
    assert_int_equal(err.status, SVI_OUT_OF_MEMORY);
    svi_canvas_clear(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_cover_their_length_times_their_width),
        cmocka_unit_test(lines_stay_in_their_area),
        cmocka_unit_test(moved_lines_look_the_same),
        cmocka_unit_test(without_memory_it_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
