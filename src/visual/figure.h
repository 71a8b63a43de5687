/* figure.h - plot area, axes, color bar, title and footer on a canvas; one layout engine for all visualizations.
 *
 * Two steps: svi_figure_layout says where the plot area lies, the caller paints exactly that many pixels (on the device), and
 * svi_figure_draw puts everything together. Nothing overlaps or leaves the canvas; what does not fit is left out, in this order:
 * footer, title, minor ticks, axis labels, color bar, ticks. The theme `bare` leaves out all of them at any size.
 * Of what lies over the plot, it keeps the lines. */
#ifndef SVI_VISUAL_FIGURE_H
#define SVI_VISUAL_FIGURE_H

#include "base/error.h"
#include "visual/canvas.h"
#include "visual/colormap.h"
#include "visual/edge_scale.h"
#include "visual/figure_theme.h"
#include "visual/plot_pixels.h"

/* One axis. The values belong to the outer edges of the plot area, not to the centers of its first and last pixel. */
struct svi_figure_axis {
    const char *label;              /* "Frequency" */
    const char *unit;               /* "Hz", "s": gets an SI prefix; "dB…": gets none; SVI_UNIT_UTC; NULL: a bare number */
    double at_start;                /* value at the left edge (x) or the bottom edge (y) */
    double at_end;                  /* value at the right edge (x) or the top edge (y); may be less than at_start */
    enum svi_edge_scale_kind scale; /* linear or log */
    int64_t second;                 /* SVI_UNIT_UTC: values are seconds from this whole second since 1970 */
};

/* The unit of moments: ticks are clock times at natural steps, the title has the date. */
#define SVI_UNIT_UTC "utc"

struct svi_figure_bar {
    const char *label;                   /* "Power" */
    const char *unit;                    /* "dBFS" */
    const struct svi_colormap *colormap; /* NULL: no color bar */
    double min, max;                     /* values at the lower and the upper end; not of a table */
    const char *widest; /* the margin has room for this label whatever the ticks turn out to be: so the plot area stays when only
                           min and max (or the table) change. NULL: as wide as needed */
    enum svi_edge_scale_kind scale;
    const double
        *table; /* scale table: the value at each of table_count evenly spaced places from the lower to the upper end, never */
    size_t table_count; /* falling; 257 of them are the borders of 256 colors */
    bool whole;         /* values are counts: no ticks between whole numbers */
};

/* A line over the plot, in values of the axes; borrowed. NAN breaks it, and what an axis has no place for does too. */
struct svi_figure_line {
    const double *x, *y;
    size_t count;
    struct svi_color color;
    double width;                 /* in pixels at 100 dpi */
    const char *name;             /* in the legend; NULL or "": it is not there */
    const struct svi_color *halo; /* a rim for lines over pictures, in the color that is around them; NULL: none. Borrowed */
};

/* A point with a small triangle and a label, "440.25 MHz, −10.0 dBFS". The first ones get their places first; a label that finds
 * none is left out, and a mark outside the plot or on another one too. */
struct svi_figure_mark {
    double x, y;
    const char *label;
    struct svi_color color;
};

/* A rectangle with a label, in values of the axes; its corners may stand in any order. */
struct svi_figure_box {
    double x0, x1, y0, y1;
    const char *label;
};

struct svi_figure {
    uint32_t width, height; /* of the whole picture, 1…SVI_MAX_IMAGE_EDGE */
    double dpi;             /* 100: one size of text and lines; 200: twice that */
    enum svi_theme theme;
    const char *title;  /* UTF-8; NULL or "": none. Shortened with … where too long */
    const char *footer; /* likewise */
    struct svi_figure_axis x, y;
    struct svi_figure_bar bar;
    bool square; /* the plot is as wide as high, in the middle of the room it has; not with the theme `bare` */
    bool grid;   /* thin lines over the plot at the ticks */
    const struct svi_figure_line *lines;
    const struct svi_figure_mark *marks;
    const struct svi_figure_box *boxes;
    size_t line_count, mark_count, box_count;
};

/* Where everything goes; opaque but for the plot area. */
struct svi_figure_layout;

bool svi_figure_layout_create(struct svi_figure_layout **out, const struct svi_figure *figure, struct svi_error *err);

/* Lays out again after the bar's range or table, whether there is a bar, the text of the footer, or what lies over the plot
 * changed, and nothing else. The plot area stays what it is; where the bar's new labels need more room than there is (see
 * `widest`), its title is left out, or its ticks, and a footer that is taller than the one before, or was not there, is left out.
 */
void svi_figure_layout_refresh(struct svi_figure_layout *layout, const struct svi_figure *figure);

struct svi_rect svi_figure_plot_area(const struct svi_figure_layout *layout); /* at least 1 × 1 */

/* Boxes that would be seen in the plot, but are too many to be drawn: at most 200 are. */
size_t svi_figure_boxes_left_out(const struct svi_figure_layout *layout);

void svi_figure_layout_destroy(struct svi_figure_layout *layout);

/* Draws the whole picture. shown: in the plot area, where gaps are hatched; NULL: nothing but background. The caller ends the
 * canvas with svi_canvas_clear. The figure must be the one that the layout was made from. */
bool svi_figure_draw(struct svi_canvas *out, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                     const struct svi_plot_pixels *shown, struct svi_error *err);

#endif
