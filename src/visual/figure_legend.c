#include "base/bytes.h"
#include "visual/figure_over.h"

#include <math.h>
#include <string.h>

static bool is_named(const struct svi_figure_line *line)
{
    return line->name && *line->name;
}

/* From where the pen starts to the left of the letters: a mark that is to stand on the letter before it, where there is none. */
static int overhang_of(const char *name, double size_px)
{
    const struct svi_rect ink = svi_text_ink(name, size_px, SVI_TEXT_RIGHT);
    return ink.left < 0 ? -ink.left : 0;
}

/* What a name takes in the legend, from the left of its letters to where the pen stands in the end. */
static int width_of(const char *name, double size_px)
{
    const struct svi_rect ink = svi_text_ink(name, size_px, SVI_TEXT_RIGHT);
    const int advance = (int)ceil(svi_text_advance(name, size_px)), reach = ink.left + ink.width;
    return overhang_of(name, size_px) + (reach > advance ? reach : advance);
}

/* How high a row must be for a name that stands in its middle: more than usual where letters are a few pixels, or have many
 * accents. */
static int height_of(const char *name, double size_px)
{
    const struct svi_rect ink = svi_text_ink(name, size_px, SVI_TEXT_RIGHT);
    const int cap_height = svi_text_cap_height(size_px);
    const int above = -2 * ink.top - cap_height, below = 2 * (ink.top + ink.height) + cap_height;
    return 1 + (above > below ? above : below);
}

/* Sizes of a legend, in pixels. */
struct legend {
    int rim, swatch, row, width, height;
    double text_px, most_text;
};

static struct legend measure(const struct svi_figure *figure, const struct svi_figure_sizes *sizes, struct svi_rect plot)
{
    struct legend legend = { .rim = sizes->gap, .swatch = (int)round(22.0 * sizes->unit), .text_px = sizes->tick_label };
    legend.row = (int)round(1.5 * sizes->tick_label);
    legend.most_text = 0.45 * plot.width;
    size_t rows = 0;
    int widest = 0;
    for (size_t i = 0; i < figure->line_count && rows < SVI_LAYOUT_MAX_LEGEND; i++) {
        char name[256];
        if (!is_named(&figure->lines[i]))
            continue;
        svi_text_shorten(name, sizeof name, figure->lines[i].name, legend.text_px, legend.most_text);
        int width = width_of(name, legend.text_px), height = height_of(name, legend.text_px);
        legend.row = height > legend.row ? height : legend.row;
        widest = width > widest ? width : widest;
        rows++;
    }
    legend.width = 2 * legend.rim + legend.swatch + sizes->gap + widest;
    legend.height = rows ? (int)rows * legend.row + legend.rim : 0;
    return legend;
}

/* How many marks would be hidden, with room for their signs. */
static size_t count_marks(const struct svi_figure *figure, struct svi_rect plot, struct svi_rect rect, int room)
{
    const struct svi_plane plane = svi_plane_of(figure, plot);
    size_t count = 0;
    for (size_t i = 0; i < figure->mark_count; i++) {
        struct svi_point at = svi_plane_at(&plane, figure->marks[i].x, figure->marks[i].y);
        count += at.x >= rect.left - room && at.x <= rect.left + rect.width + room && at.y >= rect.top - room
                 && at.y <= rect.top + rect.height + room;
    }
    return count;
}

/* Shares of the room that is left over. */
struct place {
    double x, y;
};

static const struct place places[] = { { 1, 0 }, { 0, 0 }, { 1, 1 }, { 0, 1 }, { 0.5, 0 }, { 0.5, 1 }, { 1, 0.5 }, { 0, 0.5 } };

enum { STEPS = 24 };

/* The corners first, then the middles of the edges, then anywhere along the upper and the lower edge. */
static struct place place_of(size_t i)
{
    const size_t known = sizeof places / sizeof *places;
    if (i < known)
        return places[i];
    const size_t step = i - known;
    return (struct place){ 1 - (double)(step % STEPS) / STEPS, step < STEPS ? 0 : 1 };
}

static struct svi_rect find_place(const struct legend *legend, const struct svi_figure *figure,
                                  const struct svi_figure_sizes *sizes, const struct svi_busy *busy)
{
    const int margin = sizes->gap;
    struct svi_rect plot = busy->plot, best = { 0 };
    double least = INFINITY;
    for (size_t i = 0; i < sizeof places / sizeof *places + 2 * STEPS; i++) {
        const struct place place = place_of(i);
        struct svi_rect rect = { plot.left + margin + (int)(place.x * (plot.width - legend->width - 2 * margin)),
                                 plot.top + margin + (int)(place.y * (plot.height - legend->height - 2 * margin)), legend->width,
                                 legend->height };
        double cost = svi_busy_share(busy, rect) + (double)count_marks(figure, plot, rect, 2 * sizes->gap);
        if (cost < least) {
            least = cost;
            best = rect;
        }
    }
    return best;
}

void svi_figure_legend_place(struct svi_figure_layout *layout, const struct svi_figure *figure,
                             const struct svi_figure_sizes *sizes, const struct svi_busy *busy)
{
    const struct legend legend = measure(figure, sizes, layout->plot);
    const double most_width = 0.7, most_height = 0.5, most = 0.15; /* of the plot area: it hides what lies below */
    layout->legend = (struct svi_rect){ 0 };
    layout->swatch_count = 0;
    if (!legend.height || legend.width > most_width * layout->plot.width || legend.height > most_height * layout->plot.height
        || (double)legend.width * legend.height > most * layout->plot.width * layout->plot.height)
        return;
    layout->legend = find_place(&legend, figure, sizes, busy);
    int left = layout->legend.left + legend.rim, cap_height = svi_text_cap_height(legend.text_px);
    for (size_t i = 0; i < figure->line_count && layout->swatch_count < SVI_LAYOUT_MAX_LEGEND; i++) {
        char name[256];
        if (!is_named(&figure->lines[i]))
            continue;
        svi_text_shorten(name, sizeof name, figure->lines[i].name, legend.text_px, legend.most_text);
        /* The middle of a row of pixels: a thin line stays crisp. */
        double middle = floor(layout->legend.top + 0.5 * legend.rim + ((double)layout->swatch_count + 0.5) * legend.row) + 0.5;
        layout->swatches[layout->swatch_count++] = (struct svi_swatch){ left, left + legend.swatch, middle, i };
        int x = left + legend.swatch + sizes->gap + overhang_of(name, legend.text_px);
        layout->over[layout->over_count++] = svi_over_text_at(name, legend.text_px, x, (int)lround(middle + 0.5 * cap_height), 0);
    }
}
