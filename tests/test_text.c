/* test_text - measured and drawn agree; shortening keeps whole characters; bad input is drawn as a box. */
#include "visual/text.h"

#include "base/bytes.h"

#include <math.h>

#include "allocator.h"
#include "check.h"

static const struct svi_color white = { 255, 255, 255 }, black = { 0, 0, 0 };

static struct svi_canvas white_canvas(uint32_t width, uint32_t height)
{
    struct svi_error err = { 0 };
    struct svi_canvas canvas;
    check_ok(svi_canvas_create(&canvas, width, height, white, &err), err);
    return canvas;
}

/* The box around all pixels that are not white. */
static struct svi_rect drawn_box(const struct svi_canvas *canvas)
{
    int left = (int)canvas->width, top = (int)canvas->height, right = 0, bottom = 0;
    for (int y = 0; y < (int)canvas->height; y++)
        for (int x = 0; x < (int)canvas->width; x++)
            if (svi_canvas_pixels(canvas, (uint32_t)x, (uint32_t)y)[0] != 255) {
                left = x < left ? x : left;
                top = y < top ? y : top;
                right = x + 1 > right ? x + 1 : right;
                bottom = y + 1;
            }
    return right ? (struct svi_rect){ left, top, right - left, bottom - top } : (struct svi_rect){ 0 };
}

static uint8_t gray_at(const struct svi_canvas *canvas, int x, int y)
{
    return svi_canvas_pixels(canvas, (uint32_t)x, (uint32_t)y)[0];
}

static const char *const samples[] = {
    "Frequency (MHz)", "−12.5", "Äµσ²Δ…·", "jgpq_|", "\xF0\x9F\x93\xA1 unknown", "bad \xC3( \xFF", "W", "...", "-", "tab\there",
};

/* Ink never leaves the measured box, and fills it to a pixel on each side. */
static void measured_and_drawn_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(samples); i++)
        for (int step = 0; step < 24; step++)
            for (int direction = SVI_TEXT_RIGHT; direction <= SVI_TEXT_UP; direction++) {
                double size = 6.0 * pow(1.11, step);
                struct svi_error err = { 0 };
                struct svi_rect ink = svi_text_ink(samples[i], size, (enum svi_text_direction)direction);
                struct svi_canvas canvas = white_canvas((uint32_t)ink.width + 8, (uint32_t)ink.height + 8);
                check_ok(svi_text_draw(&canvas, 4 - ink.left, 4 - ink.top, (enum svi_text_direction)direction, samples[i], size,
                                       black, &err),
                         err);
                struct svi_rect box = drawn_box(&canvas);
                assert_true(box.left >= 4 && box.top >= 4);
                assert_true(box.left + box.width <= 4 + ink.width && box.top + box.height <= 4 + ink.height);
                assert_true(box.width >= ink.width - 2 && box.height >= ink.height - 2);
                svi_canvas_clear(&canvas);
            }
}

/* Turned text is the same text: pixel for pixel, turned by 90° counter-clockwise. */
static void turned_text_is_the_same_text(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas across = white_canvas(150, 40), up = white_canvas(40, 150);
    check_ok(svi_text_draw(&across, 5, 25, SVI_TEXT_RIGHT, "Power (dBFS) µ", 13.5, black, &err), err);
    check_ok(svi_text_draw(&up, 25, 145, SVI_TEXT_UP, "Power (dBFS) µ", 13.5, black, &err), err);
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 150; x++)
            check_near(gray_at(&up, y, 149 - x), gray_at(&across, x, y), 1.0);
    svi_canvas_clear(&across);
    svi_canvas_clear(&up);
}

/* The height of letters is a whole number of pixels: a flat-topped letter has full rows, no gray fringe. */
static void letters_are_crisp(void **state)
{
    (void)state;
    for (int step = 0; step < 46; step++) {
        double size = 8.0 + 0.7 * step;
        struct svi_error err = { 0 };
        struct svi_canvas canvas = white_canvas(60, 60);
        check_ok(svi_text_draw(&canvas, 5, 50, SVI_TEXT_RIGHT, "H", size, black, &err), err);
        struct svi_rect box = drawn_box(&canvas);
        assert_int_equal(box.height, svi_text_cap_height(size));
        assert_int_equal(box.top + box.height, 50);
        for (int x = 0; x < 60; x++)
            assert_int_equal(gray_at(&canvas, x, box.top), gray_at(&canvas, x, 49));
        svi_canvas_fill(&canvas, (struct svi_rect){ 0, 0, 60, 60 }, white);
        check_ok(svi_text_draw(&canvas, 5, 50, SVI_TEXT_RIGHT, "−", size, black, &err), err);
        box = drawn_box(&canvas);
        for (int y = box.top; y < box.top + box.height; y++)
            assert_int_equal(gray_at(&canvas, box.left + box.width / 2, y), 0);
        svi_canvas_clear(&canvas);
    }
}

/* The area that ink covers does not depend on where the text stands, nor does clipping disturb what is left. */
/* DejaVu Sans: x is 1120 and H 1493 of 2048 units high. Rounded each by itself, they may come so close that the bars of F and E
 * lose half their weight. */
static void capitals_keep_their_distance_from_small_letters(void **state)
{
    (void)state;
    for (double size = 6; size < 40; size += 0.01) {
        const int x_height = svi_text_ink("x", size, SVI_TEXT_RIGHT).height, cap_height = svi_text_cap_height(size);
        check_near(x_height, 1120 / 2048.0 * size, 0.65);
        check_near(cap_height, 1493 / 2048.0 * size, 0.65);
        check_near(cap_height - x_height, 373 / 2048.0 * size, 0.65);
    }
}

static void clipping_keeps_the_rest(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_canvas whole = white_canvas(100, 40);
    check_ok(svi_text_draw(&whole, 10, 28, SVI_TEXT_RIGHT, "Äffg 42", 20.0, black, &err), err);
    static const struct svi_rect windows[] = {
        { 15, 0, 85, 40 }, { 0, 20, 100, 20 }, { 0, 0, 40, 22 }, { 30, 18, 20, 6 }, { 90, 38, 5, 2 }
    };
    for (size_t i = 0; i < ROWS(windows); i++) {
        struct svi_canvas part = white_canvas((uint32_t)windows[i].width, (uint32_t)windows[i].height);
        check_ok(svi_text_draw(&part, 10 - windows[i].left, 28 - windows[i].top, SVI_TEXT_RIGHT, "Äffg 42", 20.0, black, &err),
                 err);
        for (int y = 0; y < windows[i].height; y++)
            for (int x = 0; x < windows[i].width; x++)
                check_near(gray_at(&part, x, y), gray_at(&whole, x + windows[i].left, y + windows[i].top), 1.0);
        svi_canvas_clear(&part);
    }
    check_ok(svi_text_draw(&whole, 1000000, -1000000, SVI_TEXT_RIGHT, "far away", 20.0, black, &err), err);
    svi_canvas_clear(&whole);
}

static void widths_follow_the_text(void **state)
{
    (void)state;
    assert_true(svi_text_advance("", 12.0) == 0.0);
    check_near(svi_text_advance("88", 12.0), 2.0 * svi_text_advance("1", 12.0), 1e-9); /* digits have one width */
    check_near(svi_text_advance("Text", 24.0), 2.0 * svi_text_advance("Text", 12.0), 1e-4);
    assert_true(svi_text_advance("AV", 12.0) < svi_text_advance("A", 12.0) + svi_text_advance("V", 12.0)); /* kerning */
    assert_true(svi_text_advance("\xFF", 12.0) == svi_text_advance("\uFFFD", 12.0));
    assert_true(svi_text_advance("a\nb", 12.0) == svi_text_advance("a b", 12.0));
    assert_int_equal(svi_text_ink("   ", 12.0, SVI_TEXT_RIGHT).width, 0);
}

static void shortening(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Spectrogram of a very long name", "µµµµµµµµµµ", "a, b, c, d", "x", "", "\xFF\xFF\xFF\xFF\xFF"
    };
    for (size_t i = 0; i < ROWS(texts); i++) {
        double whole = svi_text_advance(texts[i], 16.0);
        size_t longest = 0;
        for (int width = -5; width < whole + 20.0; width++) {
            char text[64];
            svi_text_shorten(text, sizeof text, texts[i], 16.0, width);
            if (width >= whole) {
                assert_string_equal(text, texts[i]);
                continue;
            }
            assert_true(!text[0] || svi_text_advance(text, 16.0) <= width);
            if (text[0]) {
                size_t kept = strlen(text) - strlen("…");
                assert_string_equal(text + kept, "…");
                assert_memory_equal(text, texts[i], kept);
                assert_true(!kept || text[kept - 1] != ' ');
                assert_true(kept >= longest); /* more room never keeps less */
                longest = kept;
            }
        }
    }
    char text[8];
    svi_text_shorten(text, sizeof text, "µµµµµµµµµµ", 16.0, 1000.0);
    assert_string_equal(text, "µµ…");
    svi_text_shorten(text, 3, "long enough", 16.0, 1000.0);
    assert_string_equal(text, "");
}

/* The first time, the next time, after more texts than are kept, at another place, and cut by an edge. */
static void a_text_looks_the_same_whenever_it_is_drawn(void **state)
{
    (void)state;
    enum { EDGE = 120, SHIFT = 7, OTHERS = 2000 };
    struct svi_error err = { 0 };
    for (int round = 0; round < 4; round++) {
        struct svi_canvas canvases[4];
        for (size_t i = 0; i < ROWS(canvases); i++) {
            const uint32_t edge = i == 3 ? EDGE / 2 : EDGE;
            const int shift = i == 2 ? SHIFT : 0;
            canvases[i] = white_canvas(edge, edge);
            check_ok(svi_text_draw(&canvases[i], 60 + shift, 60 + shift, round & 1 ? SVI_TEXT_UP : SVI_TEXT_RIGHT, "−12.5 µs",
                                   round & 2 ? 13.0 : 13.5, black, &err),
                     err);
            for (int other = 0; i == 0 && other < OTHERS; other++) {
                char text[16];
                struct svi_canvas canvas = white_canvas(20, 20);
                svi_format(text, sizeof text, "%d", other);
                check_ok(svi_text_draw(&canvas, 0, 15, SVI_TEXT_RIGHT, text, 13.5, black, &err), err);
                svi_canvas_clear(&canvas);
            }
        }
        assert_true(drawn_box(&canvases[0]).width > 8);
        for (int y = 0; y < EDGE; y++)
            for (int x = 0; x < EDGE; x++)
                assert_int_equal(gray_at(&canvases[0], x, y), gray_at(&canvases[1], x, y));
        for (int y = 0; y + SHIFT < EDGE; y++)
            for (int x = 0; x + SHIFT < EDGE; x++) {
                assert_int_equal(gray_at(&canvases[2], x + SHIFT, y + SHIFT), gray_at(&canvases[0], x, y));
                if (x < EDGE / 2 && y < EDGE / 2)
                    assert_int_equal(gray_at(&canvases[3], x, y), gray_at(&canvases[0], x, y));
            }
        for (size_t i = 0; i < ROWS(canvases); i++)
            svi_canvas_clear(&canvases[i]);
    }
}

static void each_failing_allocation_is_an_error(void **state)
{
    (void)state;
    struct svi_canvas canvas = white_canvas(100, 40);
    unsigned n = 0;
    for (bool failed = true; failed;) {
        struct svi_error err = { 0 };
        allocator_fail_at(++n);
        bool ok = svi_text_draw(&canvas, 10, 28, SVI_TEXT_RIGHT, "aÄ", 20.0, black, &err);
        failed = allocator_has_failed();
        assert_int_equal(ok, !failed);
        assert_int_equal(err.status, failed ? SVI_OUT_OF_MEMORY : SVI_OK);
    }
    assert_true(n > 4);
    svi_canvas_clear(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measured_and_drawn_agree),
        cmocka_unit_test(turned_text_is_the_same_text),
        cmocka_unit_test(letters_are_crisp),
        cmocka_unit_test(capitals_keep_their_distance_from_small_letters),
        cmocka_unit_test(clipping_keeps_the_rest),
        cmocka_unit_test(widths_follow_the_text),
        cmocka_unit_test(shortening),
        cmocka_unit_test(a_text_looks_the_same_whenever_it_is_drawn),
        cmocka_unit_test(each_failing_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
