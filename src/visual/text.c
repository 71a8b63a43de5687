#include "visual/text.h"

#include "base/bytes.h"
#include "base/embedded.h"
#include "visual/coverage.h"
#include "visual/text_mask.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A letter whose accent found no memory would come out without a word. */
static _Thread_local bool out_of_memory;

static void *allocate(size_t bytes)
{
    void *at = malloc(bytes);
    out_of_memory = out_of_memory || !at;
    return at;
}

/* Outlines, metrics and kerning come from stb_truetype. The pixels are ours: its rasterizer cannot report that memory ran out,
 * and whole lines of text on fitted heights look better than glyphs one by one. */
#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#define STBTT_assert(x)           ((void)0)
#define STBTT_malloc(bytes, self) allocate(bytes)
#define STBTT_free(at, self)      free(at)
#include <stb_truetype.h>

extern const struct svi_embedded svi_fonts[];

/* The font and the heights of its letters, in font units; y up, base line at 0. */
static struct {
    stbtt_fontinfo info;
    double x_height, cap_height;
    double overshoot; /* how far round letters pass those heights, and the base line */
} font;

static void read_font(void)
{
    int left, bottom = 0, right, top, x_height = 0, cap_height = 0;
    /* That the embedded file is a font, the build has checked (cmake/FindDejaVuSans.cmake). */
    if (stbtt_InitFont(&font.info, svi_fonts[0].begin, 0)) {
        stbtt_GetCodepointBox(&font.info, 'x', &left, &bottom, &right, &x_height);
        stbtt_GetCodepointBox(&font.info, 'H', &left, &bottom, &right, &cap_height);
        stbtt_GetCodepointBox(&font.info, 'o', &left, &bottom, &right, &top);
    }
    font.x_height = x_height;
    font.cap_height = cap_height;
    font.overshoot = -bottom;
}

static const stbtt_fontinfo *open_font(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_font);
    return &font.info;
}

/* How font units become pixels at one size. */
struct fitting {
    double scale;                /* along the line, and where no height is fitted */
    double x_height, cap_height; /* whole pixels */
    double overshoot;            /* font units that are pressed flat: what would be a gray fringe at this size */
};

/* Both heights in whole pixels, and the way between them too: squeezed, the upper bars of capitals would be half a pixel thin. */
static struct fitting fit_heights(double size_px)
{
    const double scale = (double)stbtt_ScaleForMappingEmToPixels(open_font(), (float)size_px);
    const double x = font.x_height * scale, cap = font.cap_height * scale;
    struct fitting best = { .scale = scale, .overshoot = font.overshoot * scale < 0.5 ? font.overshoot : 0.0 };
    double least = INFINITY;
    for (unsigned i = 0; i < 4; i++) {
        const double x_height = fmax(1.0, floor(x) + (i & 1)), cap_height = fmax(x_height, floor(cap) + (i >> 1));
        const double error = fabs(x_height - x) + fabs(cap_height - cap) + fabs(cap_height - x_height - (cap - x));
        if (error < least) {
            least = error;
            best.x_height = x_height;
            best.cap_height = cap_height;
        }
    }
    return best;
}

/* Height above the base line in pixels: piecewise linear, with the base line, the x height and the cap height at whole pixels. */
static double fitted_height(const struct fitting *fit, double y)
{
    double over = fit->overshoot;
    if (y < -over)
        return (y + over) * fit->scale;
    if (y < 0.0)
        return 0.0;
    if (y < font.x_height)
        return y * fit->x_height / font.x_height;
    if (y < font.x_height + over)
        return fit->x_height;
    if (y < font.cap_height) {
        double share = (y - font.x_height - over) / (font.cap_height - font.x_height - over);
        return fit->x_height + share * (fit->cap_height - fit->x_height);
    }
    return fit->cap_height + fmax(0.0, y - font.cap_height - over) * fit->scale;
}

/* One glyph at one size. A bar (minus, hyphen, underscore) lies on no fitted height: it is moved to whole pixels by itself. */
struct glyph_fitting {
    const struct fitting *fit;
    double bar_bottom, bar_top; /* font units; equal where the glyph is no bar */
    double pixel_bottom, pixel_top;
};

static struct glyph_fitting fit_glyph(const struct fitting *fit, int glyph)
{
    struct glyph_fitting out = { .fit = fit };
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    if (!stbtt_GetGlyphBox(&font.info, glyph, &x0, &y0, &x1, &y1))
        return out;
    bool is_bar = y0 != 0 && y1 - y0 < font.x_height / 4.0 && x1 - x0 > 1.5 * (y1 - y0);
    if (is_bar) {
        out.bar_bottom = y0;
        out.bar_top = y1;
        out.pixel_bottom = round(y0 * fit->scale);
        out.pixel_top = out.pixel_bottom + fmax(1.0, round((y1 - y0) * fit->scale));
    }
    return out;
}

static double height_in_glyph(const struct glyph_fitting *glyph, double y)
{
    if (glyph->bar_top > glyph->bar_bottom) {
        double share = (y - glyph->bar_bottom) / (glyph->bar_top - glyph->bar_bottom);
        return glyph->pixel_bottom + share * (glyph->pixel_top - glyph->pixel_bottom);
    }
    return fitted_height(glyph->fit, y);
}

/* How much nearer two glyphs stand than their widths say. The font's table is searched once for each pair of ASCII characters: a
 * figure measures the same words again and again. */
static int kerning(uint32_t left_code, int left, uint32_t right_code, int right)
{
    enum { CODES = 128, KNOWN = 1 << 20 };
    static atomic_int pairs[CODES][CODES];
    if (left_code >= CODES || right_code >= CODES)
        return stbtt_GetGlyphKernAdvance(open_font(), left, right);
    atomic_int *pair = &pairs[left_code][right_code];
    int kept = atomic_load_explicit(pair, memory_order_relaxed);
    if (!kept) {
        kept = stbtt_GetGlyphKernAdvance(open_font(), left, right) + KNOWN;
        atomic_store_explicit(pair, kept, memory_order_relaxed);
    }
    return kept - KNOWN;
}

/* Kept likewise. */
static int glyph_of(uint32_t code)
{
    enum { CODES = 128 };
    static atomic_int glyphs[CODES]; /* 0: not looked for yet, or none */
    if (code >= CODES)
        return stbtt_FindGlyphIndex(open_font(), (int)code);
    int kept = atomic_load_explicit(&glyphs[code], memory_order_relaxed);
    if (!kept) {
        kept = stbtt_FindGlyphIndex(open_font(), (int)code);
        atomic_store_explicit(&glyphs[code], kept, memory_order_relaxed);
    }
    return kept;
}

/* Walks over a text glyph by glyph. */
struct walk {
    struct svi_bytes rest;
    uint32_t code;
    int glyph;  /* the one just taken; -1 before the first */
    double pen; /* font units: where that glyph starts, then, after the last, where the text ends */
};

static struct walk start_walk(const char *text)
{
    return (struct walk){ .rest = svi_bytes_of(text), .glyph = -1 };
}

static bool take_glyph(struct walk *walk)
{
    int advance = 0, bearing;
    if (walk->glyph >= 0)
        stbtt_GetGlyphHMetrics(open_font(), walk->glyph, &advance, &bearing);
    walk->pen += advance;
    if (!walk->rest.count)
        return false;
    uint32_t code = svi_utf8_next(&walk->rest);
    if (code < ' ' || (code >= 0x7F && code < 0xA0))
        code = ' ';
    int glyph = glyph_of(code);
    if (walk->glyph >= 0)
        walk->pen += kerning(walk->code, walk->glyph, code, glyph);
    walk->code = code;
    walk->glyph = glyph;
    return true;
}

double svi_text_advance(const char *text, double size_px)
{
    struct walk walk = start_walk(text);
    while (take_glyph(&walk))
        ;
    return walk.pen * fit_heights(size_px).scale;
}

int svi_text_cap_height(double size_px)
{
    return (int)fit_heights(size_px).cap_height;
}

/* Turns a box on the line (x along it, y up) into whole pixels of the canvas. */
static struct svi_rect pixels_of(double left, double bottom, double right, double top, enum svi_text_direction direction)
{
    int x0 = (int)floor(left), x1 = (int)ceil(right), y0 = (int)floor(bottom), y1 = (int)ceil(top);
    if (direction == SVI_TEXT_UP)
        return (struct svi_rect){ -y1, -x1, y1 - y0, x1 - x0 };
    return (struct svi_rect){ x0, -y1, x1 - x0, y1 - y0 };
}

struct svi_rect svi_text_ink(const char *text, double size_px, enum svi_text_direction direction)
{
    struct svi_rect kept;
    if (svi_text_mask_ink(&(struct svi_text_key){ text, size_px, direction }, &kept))
        return kept;
    struct fitting fit = fit_heights(size_px);
    double left = INFINITY, bottom = INFINITY, right = -INFINITY, top = -INFINITY;
    for (struct walk walk = start_walk(text); take_glyph(&walk);) {
        int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
        if (!stbtt_GetGlyphBox(&font.info, walk.glyph, &x0, &y0, &x1, &y1))
            continue;
        struct glyph_fitting glyph = fit_glyph(&fit, walk.glyph);
        left = fmin(left, (walk.pen + x0) * fit.scale);
        right = fmax(right, (walk.pen + x1) * fit.scale);
        bottom = fmin(bottom, height_in_glyph(&glyph, y0));
        top = fmax(top, height_in_glyph(&glyph, y1));
    }
    return right > left ? pixels_of(left, bottom, right, top, direction) : (struct svi_rect){ 0 };
}

void svi_text_shorten(char *into, size_t size, const char *text, double size_px, double max_width)
{
    static const char more[] = "…";
    if (!size)
        return;
    if (strlen(text) < size && svi_text_advance(text, size_px) <= max_width) {
        memcpy(into, text, strlen(text) + 1);
        return;
    }
    double scale = fit_heights(size_px).scale, room = max_width - svi_text_advance(more, size_px);
    size_t kept = 0;
    struct walk walk = start_walk(text);
    while (take_glyph(&walk)) { /* the pen stands before the glyph just taken, after what may be kept */
        size_t taken = strlen(text) - walk.rest.count;
        struct walk next = walk;
        take_glyph(&next);
        if (next.pen * scale > room || taken + sizeof more > size)
            break;
        kept = taken;
    }
    while (kept && (text[kept - 1] == ' ' || text[kept - 1] == ','))
        kept--;
    into[0] = '\0';
    if (room < 0.0 || kept + sizeof more > size)
        return;
    memcpy(into, text, kept);
    memcpy(into + kept, more, sizeof more);
}

/* Where outlines of one glyph go. */
struct pen {
    struct svi_coverage *coverage;
    struct glyph_fitting glyph;
    double scale;
    enum svi_text_direction direction;
    double origin;     /* of the glyph on the line, font units */
    int x, y;          /* start of the line on the canvas */
    double at_x, at_y; /* last point, font units */
};

static void draw_line_to(struct pen *pen, double x, double y)
{
    double along[2] = { (pen->origin + pen->at_x) * pen->scale, (pen->origin + x) * pen->scale };
    double up[2] = { height_in_glyph(&pen->glyph, pen->at_y), height_in_glyph(&pen->glyph, y) };
    if (pen->direction == SVI_TEXT_UP)
        svi_coverage_line(pen->coverage, pen->x - up[0], pen->y - along[0], pen->x - up[1], pen->y - along[1]);
    else
        svi_coverage_line(pen->coverage, pen->x + along[0], pen->y - up[0], pen->x + along[1], pen->y - up[1]);
    pen->at_x = x;
    pen->at_y = y;
}

/* A quadratic curve as straight pieces, enough of them that no corner is seen. */
static void draw_curve_to(struct pen *pen, double control_x, double control_y, double x, double y)
{
    double from_x = pen->at_x, from_y = pen->at_y;
    double bend = hypot(from_x - 2 * control_x + x, from_y - 2 * control_y + y) * pen->scale;
    int pieces = (int)fmin(64.0, 2.0 + ceil(3.0 * sqrt(bend)));
    for (int i = 1; i <= pieces; i++) {
        double t = (double)i / pieces, s = 1.0 - t;
        draw_line_to(pen, s * s * from_x + 2 * s * t * control_x + t * t * x, s * s * from_y + 2 * s * t * control_y + t * t * y);
    }
}

static bool draw_glyph(struct pen *pen, int glyph, struct svi_error *err)
{
    stbtt_vertex *vertices = NULL;
    out_of_memory = false;
    int count = stbtt_GetGlyphShape(&font.info, glyph, &vertices);
    for (int i = 0; i < count; i++) {
        const stbtt_vertex *v = &vertices[i];
        if (v->type == STBTT_vmove) {
            pen->at_x = v->x;
            pen->at_y = v->y;
        } else if (v->type == STBTT_vcurve) {
            draw_curve_to(pen, v->cx, v->cy, v->x, v->y);
        } else {
            draw_line_to(pen, v->x, v->y);
        }
    }
    stbtt_FreeShape(&font.info, vertices);
    return !out_of_memory || svi_fail_memory(err, 0);
}

static struct svi_rect overlap(struct svi_rect a, struct svi_rect b)
{
    int left = a.left > b.left ? a.left : b.left, top = a.top > b.top ? a.top : b.top;
    int right = a.left + a.width < b.left + b.width ? a.left + a.width : b.left + b.width;
    int bottom = a.top + a.height < b.top + b.height ? a.top + a.height : b.top + b.height;
    return (struct svi_rect){ left, top, right - left, bottom - top };
}

bool svi_text_draw(struct svi_canvas *canvas, int x, int y, enum svi_text_direction direction, const char *text, double size_px,
                   struct svi_color color, struct svi_error *err)
{
    const struct svi_text_key key = { text, size_px, direction };
    if (svi_text_mask_paint(&key, canvas, x, y, color))
        return true;
    struct fitting fit = fit_heights(size_px);
    const struct svi_rect ink = svi_text_ink(text, size_px, direction);
    const bool keep = svi_text_mask_fits(&key, ink);
    const struct svi_rect where = overlap((struct svi_rect){ x + ink.left, y + ink.top, ink.width, ink.height },
                                          (struct svi_rect){ 0, 0, (int)canvas->width, (int)canvas->height });
    struct svi_coverage coverage;
    bool ok = svi_coverage_create(&coverage, keep ? ink : where, err);
    struct pen pen = { .coverage = &coverage, .scale = fit.scale, .direction = direction, .x = keep ? 0 : x, .y = keep ? 0 : y };
    for (struct walk walk = start_walk(text); ok && coverage.cells && take_glyph(&walk);) {
        pen.origin = walk.pen;
        pen.glyph = fit_glyph(&fit, walk.glyph);
        ok = draw_glyph(&pen, walk.glyph, err);
    }
    if (ok && keep) {
        svi_text_mask_keep(&key, &coverage);
        coverage.area.left += x;
        coverage.area.top += y;
    }
    if (ok)
        svi_coverage_paint(&coverage, canvas, color);
    svi_coverage_clear(&coverage);
    return ok;
}
