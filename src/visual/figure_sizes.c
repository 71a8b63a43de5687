#include "visual/figure_sizes.h"

#include <math.h>

struct svi_figure_sizes svi_figure_sizes_for(const struct svi_figure *figure)
{
    double unit = figure->dpi / 100.0;
    double share = fmin((figure->width / unit - 200.0) / 440.0, (figure->height / unit - 150.0) / 330.0);
    double shrunk = unit * (0.75 + 0.25 * fmin(fmax(share, 0.0), 1.0));
    struct svi_figure_sizes sizes = {
        .title = 16.0 * shrunk, .label = 13.5 * shrunk, .tick_label = 12.0 * shrunk, .footer = 10.5 * shrunk, .unit = shrunk
    };
    sizes.line = (int)fmax(1.0, round(unit * 0.9));
    sizes.tick = (int)fmax(2.0, round(4.5 * shrunk));
    sizes.minor_tick = (int)fmax(1.0, round(2.5 * shrunk));
    sizes.pad = (int)fmax(2.0, round(10.0 * shrunk));
    sizes.gap = (int)fmax(2.0, round(8.0 * shrunk));
    sizes.close = (int)fmax(2.0, round(4.0 * shrunk));
    sizes.bar = (int)fmax(4.0, round(16.0 * shrunk));
    sizes.bar_gap = (int)fmax(4.0, round(16.0 * shrunk));
    return sizes;
}
