/* test_coverage - the area that an outline covers, pixel by pixel, against areas known on paper. */
#include "visual/coverage.h"

#include <math.h>

#include "check.h"

struct point {
    double x, y;
};

static struct svi_coverage covered(struct svi_rect area, const struct point *points, size_t count)
{
    struct svi_error err = { 0 };
    struct svi_coverage coverage;
    check_ok(svi_coverage_create(&coverage, area, &err), err);
    for (size_t i = 0; i < count; i++) {
        struct point a = points[i], b = points[(i + 1) % count];
        svi_coverage_line(&coverage, a.x, a.y, b.x, b.y);
    }
    return coverage;
}

/* The share of one pixel of the canvas that is inside. */
static double share_at(const struct svi_coverage *coverage, int x, int y)
{
    double sum = 0.0;
    for (int i = 0; i <= x - coverage->area.left; i++)
        sum += (double)coverage->cells[(y - coverage->area.top) * (coverage->area.width + 2) + i];
    return fabs(sum);
}

static void rectangles_cover_what_they_cover(void **state)
{
    (void)state;
    const struct svi_rect area = { 10, 20, 6, 4 };
    static const struct {
        double left, top, right, bottom;
        struct {
            int x, y;
            double share;
        } pixels[3];
    } rows[] = {
        { 11, 21, 13, 23, { { 11, 21, 1.0 }, { 10, 21, 0.0 }, { 13, 22, 0.0 } } },
        { 11.25, 21, 11.75, 22, { { 11, 21, 0.5 }, { 10, 21, 0.0 }, { 12, 21, 0.0 } } },
        { 11.5, 21.5, 13.25, 22.5, { { 11, 21, 0.25 }, { 12, 22, 0.5 }, { 13, 21, 0.125 } } },
        { 0, 0, 100, 100, { { 10, 20, 1.0 }, { 15, 23, 1.0 }, { 12, 21, 1.0 } } },
        { 0, 21, 10.5, 22, { { 10, 21, 0.5 }, { 11, 21, 0.0 }, { 10, 20, 0.0 } } },
        { 15.5, 0, 99, 20.5, { { 15, 20, 0.25 }, { 14, 20, 0.0 }, { 15, 21, 0.0 } } },
        { -50, 21, -40, 23, { { 10, 21, 0.0 }, { 15, 22, 0.0 }, { 12, 21, 0.0 } } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct point points[] = { { rows[i].left, rows[i].top },
                                        { rows[i].right, rows[i].top },
                                        { rows[i].right, rows[i].bottom },
                                        { rows[i].left, rows[i].bottom } };
        struct svi_coverage coverage = covered(area, points, ROWS(points));
        for (size_t k = 0; k < 3; k++)
            check_near(share_at(&coverage, rows[i].pixels[k].x, rows[i].pixels[k].y), rows[i].pixels[k].share, 1e-6);
        svi_coverage_clear(&coverage);
    }
}

static uint32_t noise = 5;

static double random_between(double low, double high)
{
    noise = noise * 1664525u + 1013904223u;
    return low + (high - low) * (double)(noise >> 8) / 16777216.0;
}

/* The sum over all pixels is the triangle's area by the shoelace formula, also of triangles that are thin or turned. */
static void triangles_have_their_area(void **state)
{
    (void)state;
    for (int run = 0; run < 2000; run++) {
        struct point p[3];
        for (size_t i = 0; i < 3; i++)
            p[i] = (struct point){ random_between(-3.0, 27.0), random_between(-2.0, 18.0) };
        struct svi_coverage coverage = covered((struct svi_rect){ -3, -2, 30, 20 }, p, 3);
        double area = fabs((p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[2].x - p[0].x) * (p[1].y - p[0].y)) / 2.0, sum = 0.0;
        for (int y = -2; y < 18; y++)
            for (int x = -3; x < 27; x++) {
                double share = share_at(&coverage, x, y);
                assert_true(share <= 1.0 + 1e-5);
                sum += share;
            }
        check_near(sum, area, 1e-3);
        svi_coverage_clear(&coverage);
    }
}

/* A window onto an outline sees what the whole sees. */
static void a_window_sees_the_same(void **state)
{
    (void)state;
    for (int run = 0; run < 500; run++) {
        struct point p[3];
        for (size_t i = 0; i < 3; i++)
            p[i] = (struct point){ random_between(-30.0, 50.0), random_between(-30.0, 50.0) };
        struct svi_coverage whole = covered((struct svi_rect){ -30, -30, 80, 80 }, p, 3);
        struct svi_coverage window = covered((struct svi_rect){ 3, 5, 11, 7 }, p, 3);
        for (int y = 5; y < 12; y++)
            for (int x = 3; x < 14; x++)
                check_near(share_at(&window, x, y), share_at(&whole, x, y), 1e-4);
        svi_coverage_clear(&whole);
        svi_coverage_clear(&window);
    }
}

static void an_empty_area_takes_everything(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, 2, 2, (struct svi_color){ 9, 9, 9 }, &err), err);
    static const struct svi_rect areas[] = { { 0, 0, 0, 5 }, { 0, 0, 5, 0 }, { 3, 3, -4, 2 }, { 0, 0, 2, -1 } };
    for (size_t i = 0; i < ROWS(areas); i++) {
        const struct point points[] = { { 0, 0 }, { 5, 0 }, { 5, 5 } };
        struct svi_coverage coverage = covered(areas[i], points, ROWS(points));
        svi_coverage_paint(&coverage, &canvas, (struct svi_color){ 0, 0, 0 });
        assert_int_equal(svi_canvas_pixels(&canvas, 0, 0)[0], 9);
        svi_coverage_clear(&coverage);
    }
    svi_canvas_clear(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles_cover_what_they_cover),
        cmocka_unit_test(triangles_have_their_area),
        cmocka_unit_test(a_window_sees_the_same),
        cmocka_unit_test(an_empty_area_takes_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
