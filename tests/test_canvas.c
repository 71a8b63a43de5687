/* test_canvas - limits, clipping, exact pixels; tiles that share them. */
#include "visual/canvas.h"

#include <limits.h>

#include "allocator.h"
#include "check.h"
#include "dice.h"

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
        const uint8_t *p = svi_canvas_pixels(canvas, (uint32_t)(i % canvas->width), (uint32_t)(i / canvas->width));
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
            const uint8_t *last = svi_canvas_pixels(&canvas, canvas.width - 1, canvas.height - 1);
            assert_memory_equal(last, ((uint8_t[]){ 200, 10, 0, 255 }), 4);
        } else {
            assert_int_equal(err.status, SVI_BAD_PARAMETER);
            check_has(err.message, rows[i].says);
            assert_null(canvas.pixels);
        }
        svi_canvas_clear(&canvas);
        assert_null(canvas.pixels);
    }
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 2; n++) {
        struct svi_error err = { 0 };
        struct svi_canvas canvas;
        allocator_fail_at(n);
        assert_false(svi_canvas_create(&canvas, 5, 4, white, &err));
        assert_true(allocator_has_failed());
        assert_int_equal(err.status, SVI_OUT_OF_MEMORY);
        assert_null(canvas.pixels);
        svi_canvas_clear(&canvas);
    }
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

static void a_repeated_row_is_clipped_and_keeps_its_place(void **state)
{
    (void)state;
    static const uint8_t source[] = { 255, 255, 255, 255, 200, 10, 0, 255, 200, 10, 0, 255 };
    static const struct {
        int left, top, height;
        const char *picture;
    } rows[] = {
        { 1, 1, 2, ".....\n..rr.\n..rr.\n.....\n" }, { -1, -1, 2, "rr...\n.....\n.....\n.....\n" },
        { 3, 3, 9, ".....\n.....\n.....\n....r\n" }, { 5, 4, 1, ".....\n.....\n.....\n.....\n" },
        { 2, 0, 4, "...rr\n...rr\n...rr\n...rr\n" }, { -3, -2, 2, ".....\n.....\n.....\n.....\n" },
        { 1, 1, 0, ".....\n.....\n.....\n.....\n" }, { INT_MIN, INT_MAX, 2, ".....\n.....\n.....\n.....\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_canvas canvas = small_canvas();
        svi_canvas_repeat(&canvas, (struct svi_rect){ rows[i].left, rows[i].top, 3, rows[i].height }, source);
        check_picture(&canvas, rows[i].picture);
        svi_canvas_clear(&canvas);
    }
}

static void blending_mixes_exactly(void **state)
{
    (void)state;
    struct svi_canvas canvas = small_canvas();
    static const struct {
        uint8_t opacity;
        int r, g, b;
    } rows[] = { { 0, 255, 255, 255 }, { 255, 200, 10, 0 }, { 128, 227, 132, 127 }, { 1, 255, 254, 254 } };
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        const uint8_t opacity = rows[i / 2].opacity;
        svi_canvas_fill(&canvas, (struct svi_rect){ 0, 0, 5, 4 }, white);
        if (i % 2)
            svi_canvas_blend(&canvas, 4, 3, red, &opacity, 1);
        else
            svi_canvas_tint(&canvas, (struct svi_rect){ 4, 3, 1, 1 }, red, opacity);
        const uint8_t *p = svi_canvas_pixels(&canvas, 4, 3);
        assert_int_equal(p[0], rows[i / 2].r);
        assert_int_equal(p[1], rows[i / 2].g);
        assert_int_equal(p[2], rows[i / 2].b);
        assert_int_equal(p[3], 255);
    }
    svi_canvas_clear(&canvas);
}

static void blending_is_clipped(void **state)
{
    (void)state;
    static const uint8_t opacities[] = { 0, 255, 255, 0, 255 };
    static const struct {
        int x, y;
        const char *picture;
    } rows[] = {
        { 0, 0, ".rr.r\n.....\n.....\n.....\n" },       { -2, 1, ".....\nr.r..\n.....\n.....\n" },
        { 3, 3, ".....\n.....\n.....\n....r\n" },       { 5, 0, ".....\n.....\n.....\n.....\n" },
        { 0, -1, ".....\n.....\n.....\n.....\n" },      { 0, 4, ".....\n.....\n.....\n.....\n" },
        { INT_MIN, 0, ".....\n.....\n.....\n.....\n" }, { INT_MAX, INT_MAX, ".....\n.....\n.....\n.....\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_canvas canvas = small_canvas();
        svi_canvas_blend(&canvas, rows[i].x, rows[i].y, red, opacities, sizeof opacities);
        check_picture(&canvas, rows[i].picture);
        svi_canvas_clear(&canvas);
    }
}

enum { EDGE = 2 * SVI_TILE_PIXELS + 10 };

/* The same pixels without bands. */
struct twin {
    struct svi_canvas canvas;
    uint8_t rgba[EDGE][EDGE][4];
};

static void draw_something(struct twin *twin, struct dice *dice)
{
    const struct svi_rect where = { (int)dice_below(dice, EDGE), (int)dice_below(dice, EDGE), 1 + (int)dice_below(dice, EDGE),
                                    1 + (int)dice_below(dice, EDGE) };
    const struct svi_color color = { (uint8_t)dice_below(dice, 256), (uint8_t)dice_below(dice, 256), 7 };
    const uint32_t what = dice_below(dice, 4);
    const uint8_t opacity = (uint8_t)dice_below(dice, 256);
    uint8_t row[2 * EDGE][4], opacities[2 * EDGE];
    svi_pixels_fill(row[0], ROWS(row), color);
    memset(opacities, opacity, sizeof opacities);
    if (what == 0)
        svi_canvas_fill(&twin->canvas, where, color);
    else if (what == 1)
        svi_canvas_repeat(&twin->canvas, where, row[0]);
    else if (what == 2)
        svi_canvas_tint(&twin->canvas, where, color, opacity);
    else
        svi_canvas_blend(&twin->canvas, where.left, where.top, color, opacities, (uint32_t)where.width);
    for (int y = where.top; y < EDGE && y < where.top + (what == 3 ? 1 : where.height); y++)
        for (int x = where.left; x < EDGE && x < where.left + where.width; x++)
            if (what < 2)
                memcpy(twin->rgba[y][x], row[0], 4);
            else
                svi_pixel_tint(twin->rgba[y][x], color, opacity);
}

/* Whatever was drawn: rows share pixels without anybody seeing it, and where rows differ is known. */
static void bands_are_not_seen(void **state)
{
    (void)state;
    struct dice dice = { 11 };
    for (int run = 0; run < 300; run++) {
        struct svi_error err = { 0 };
        static struct twin twin;
        check_ok(svi_canvas_create(&twin.canvas, EDGE, EDGE, white, &err), err);
        memset(twin.rgba, 255, sizeof twin.rgba);
        assert_int_equal(twin.canvas.band_count, 3);
        for (uint32_t n = dice_below(&dice, 30); n; n--)
            draw_something(&twin, &dice);
        for (uint32_t y = 0; y < EDGE; y++) {
            uint8_t row[EDGE][4];
            svi_canvas_read(&twin.canvas, 0, y, row[0], EDGE);
            assert_memory_equal(row, twin.rgba[y], sizeof row);
            for (uint32_t x = 0; x < EDGE; x++) {
                const uint32_t change = svi_canvas_next_change(&twin.canvas, x, y);
                assert_memory_equal(svi_canvas_pixels(&twin.canvas, x, y), row[x], 4);
                assert_true(y > 0 ? change >= x && change <= EDGE : change == x);
                for (uint32_t i = x; i < change; i++)
                    assert_memory_equal(twin.rgba[y][i], twin.rgba[y - 1][i], 4);
            }
        }
        assert_true(twin.canvas.band_count <= 3 * EDGE);
        svi_canvas_clear(&twin.canvas);
    }
}

static void rows_that_show_the_same_share_their_pixels(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, 100, SVI_MAX_IMAGE_EDGE, white, &err), err);
    assert_int_equal(svi_canvas_tile_end(&canvas, 63), 64);
    assert_int_equal(svi_canvas_tile_end(&canvas, 64), 100);
    svi_canvas_fill(&canvas, (struct svi_rect){ 10, 100, 20, 10000 }, red);
    svi_canvas_tint(&canvas, (struct svi_rect){ 50, 0, 1, SVI_MAX_IMAGE_EDGE }, red, 100);
    assert_int_equal(canvas.band_count, 4);
    svi_canvas_fill(&canvas, (struct svi_rect){ 0, 5000, 1, 1 }, (struct svi_color){ 1, 2, 3 });
    assert_int_equal(canvas.band_count, 6);
    assert_int_equal(svi_canvas_pixels(&canvas, 0, 4999)[0], 255);
    assert_int_equal(svi_canvas_pixels(&canvas, 0, 5001)[0], 255);
    assert_int_equal(svi_canvas_next_change(&canvas, 0, 5001), 0);
    assert_int_equal(svi_canvas_next_change(&canvas, 64, 5001), 100);
    assert_int_equal(svi_canvas_next_change(&canvas, 0, 5002), 100);
    svi_canvas_clear(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_have_limits),      cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(filling_is_clipped),     cmocka_unit_test(a_repeated_row_is_clipped_and_keeps_its_place),
        cmocka_unit_test(blending_mixes_exactly), cmocka_unit_test(blending_is_clipped),
        cmocka_unit_test(bands_are_not_seen),     cmocka_unit_test(rows_that_show_the_same_share_their_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
