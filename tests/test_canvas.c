/* test_canvas - limits, clipping, exact pixels. */
#include "visual/canvas.h"

#include <limits.h>

#include "allocator.h"
#include "check.h"

static const struct svi_color white = { 255, 255, 255 }, red = { 200, 10, 0 };

static struct svi_canvas small_canvas(void)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, 5, 4, white, &err), err);
    return canvas;
}

/* The canvas as text, a row a line: '.' white, 'r' red, '?' anything else or not opaque. */
static void check_picture(const struct svi_canvas *canvas, const char *expected)
{
    char picture[200];
    size_t n = 0;
    for (size_t i = 0; i < (size_t)canvas->width * canvas->height; i++) {
        const uint8_t *p = canvas->rgba + i * 4;
        bool is_white = p[0] == 255 && p[1] == 255 && p[2] == 255 && p[3] == 255;
        bool is_red = p[0] == red.r && p[1] == red.g && p[2] == red.b && p[3] == 255;
        picture[n++] = is_white ? '.' : is_red ? 'r' : '?';
        if ((i + 1) % canvas->width == 0)
            picture[n++] = '\n';
    }
    picture[n] = '\0';
    assert_string_equal(picture, expected);
}

static void edges_have_limits(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        const char *says; /* NULL: permitted */
    } rows[] = {
        { 1, 1, NULL },
        { 16384, 1, NULL },
        { 1, 16384, NULL },
        { 0, 5, "width of 0 pixels is outside the permitted range 1…16384" },
        { 5, 0, "height of 0 pixels" },
        { 16385, 1, "width of 16385 pixels" },
        { 1, UINT32_MAX, "height of 4294967295 pixels" },
        { UINT32_MAX, UINT32_MAX, "width of 4294967295 pixels" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_canvas canvas;
        bool ok = svi_canvas_create(&canvas, rows[i].width, rows[i].height, red, &err);
        assert_int_equal(ok, !rows[i].says);
        if (!rows[i].says) {
            const uint8_t *last = canvas.rgba + ((size_t)canvas.width * canvas.height - 1) * 4;
            assert_memory_equal(last, ((uint8_t[]){ 200, 10, 0, 255 }), 4);
        } else {
            assert_int_equal(err.status, SVI_BAD_PARAMETER);
            check_has(err.message, rows[i].says);
            assert_null(canvas.rgba);
        }
        svi_canvas_clear(&canvas);
        assert_null(canvas.rgba);
    }
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    allocator_fail_at(1);
    assert_false(svi_canvas_create(&canvas, 5, 4, white, &err));
    assert_true(allocator_has_failed());
    assert_int_equal(err.status, SVI_OUT_OF_MEMORY);
    svi_canvas_clear(&canvas);
}

static void filling_is_clipped(void **state)
{
    (void)state;
    static const struct {
        struct svi_rect where;
        const char *picture;
    } rows[] = {
        { { 1, 1, 2, 2 }, ".....\n.rr..\n.rr..\n.....\n" },
        { { 3, 2, 9, 9 }, ".....\n.....\n...rr\n...rr\n" },
        { { -3, -1, 4, 2 }, "r....\n.....\n.....\n.....\n" },
        { { 1, 1, 0, 2 }, ".....\n.....\n.....\n.....\n" },
        { { 1, 1, 2, -2 }, ".....\n.....\n.....\n.....\n" },
        { { 5, 0, 1, 1 }, ".....\n.....\n.....\n.....\n" },
        { { 4, 3, INT_MAX, INT_MAX }, ".....\n.....\n.....\n....r\n" },
        { { INT_MIN, INT_MIN, INT_MAX, INT_MAX }, ".....\n.....\n.....\n.....\n" },
        { { INT_MAX, 0, INT_MAX, 1 }, ".....\n.....\n.....\n.....\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_canvas canvas = small_canvas();
        svi_canvas_fill(&canvas, rows[i].where, red);
        check_picture(&canvas, rows[i].picture);
        svi_canvas_clear(&canvas);
    }
}

static void a_blit_is_clipped_and_keeps_its_place(void **state)
{
    (void)state;
    /* 3 × 2, red but for the lower left pixel */
    static const uint8_t source[] = { 200, 10,  0,   255, 200, 10, 0, 255, 200, 10, 0, 255,
                                      255, 255, 255, 255, 200, 10, 0, 255, 200, 10, 0, 255 };
    static const struct {
        int left, top;
        const char *picture;
    } rows[] = {
        { 1, 1, ".....\n.rrr.\n..rr.\n.....\n" },   { -1, -1, "rr...\n.....\n.....\n.....\n" },
        { 4, 3, ".....\n.....\n.....\n....r\n" },   { 5, 4, ".....\n.....\n.....\n.....\n" },
        { -3, -2, ".....\n.....\n.....\n.....\n" }, { INT_MIN, INT_MAX, ".....\n.....\n.....\n.....\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_canvas canvas = small_canvas();
        svi_canvas_blit(&canvas, rows[i].left, rows[i].top, source, 3, 2);
        check_picture(&canvas, rows[i].picture);
        svi_canvas_clear(&canvas);
    }
}

static void blending_mixes_exactly(void **state)
{
    (void)state;
    struct svi_canvas canvas = small_canvas();
    static const struct {
        int opacity, r, g, b;
    } rows[] = { { 0, 255, 255, 255 }, { 255, 200, 10, 0 }, { 128, 227, 132, 127 }, { 1, 255, 254, 254 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        svi_canvas_fill(&canvas, (struct svi_rect){ 0, 0, 5, 4 }, white);
        svi_canvas_blend(&canvas, 4, 3, red, (uint8_t)rows[i].opacity);
        const uint8_t *p = canvas.rgba + (3 * 5 + 4) * 4;
        assert_int_equal(p[0], rows[i].r);
        assert_int_equal(p[1], rows[i].g);
        assert_int_equal(p[2], rows[i].b);
        assert_int_equal(p[3], 255);
    }
    svi_canvas_fill(&canvas, (struct svi_rect){ 0, 0, 5, 4 }, white);
    static const int outside[][2] = { { -1, 0 }, { 0, -1 }, { 5, 0 }, { 0, 4 }, { INT_MAX, INT_MAX }, { INT_MIN, INT_MIN } };
    for (size_t i = 0; i < ROWS(outside); i++)
        svi_canvas_blend(&canvas, outside[i][0], outside[i][1], red, 255);
    check_picture(&canvas, ".....\n.....\n.....\n.....\n");
    svi_canvas_clear(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_have_limits),      cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(filling_is_clipped),     cmocka_unit_test(a_blit_is_clipped_and_keeps_its_place),
        cmocka_unit_test(blending_mixes_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
