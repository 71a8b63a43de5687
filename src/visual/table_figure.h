/* table_figure.h - what pictures of a table have in common: which columns, their axes, colors of values, footer, summary. */
#ifndef SVI_VISUAL_TABLE_FIGURE_H
#define SVI_VISUAL_TABLE_FIGURE_H

#include "visual/color_scale.h"
#include "visual/picture.h"
#include "visual/table_grid.h"

enum { SVI_COLUMN_LABEL = SVI_TABLE_NAME + 32 };

/* The column that a parameter names, by name or by number from 1; `standard` where it was not given. */
bool svi_run_column(const struct svi_run *run, enum svi_param param, size_t standard, size_t *column, struct svi_error *err);

/* What was chosen becomes the parameter's value, for the summary. */
void svi_run_column_chosen(struct svi_run *run, enum svi_param param, size_t column);

/* Warns where a mean or a sum would be one of decibels. */
void svi_run_warn_of_decibels(struct svi_run *run, enum svi_aggregate aggregate, size_t column);

/* The label of a column: its name, or "Column 3". */
void svi_column_label(char into[SVI_COLUMN_LABEL], const struct svi_table *table, size_t column);

/* Its unit; NULL: none. */
const char *svi_column_unit(const struct svi_table *table, size_t column);

/* Fits and labels an axis; `label` must live as long as the figure. SVI_BAD_RECORDING where the column has nothing for it. */
bool svi_table_axis(struct svi_figure_axis *figure, struct svi_grid_axis *axis, char label[SVI_COLUMN_LABEL],
                    const struct svi_run *run, size_t column, enum svi_param scale, uint32_t bins, struct svi_error *err);

/* Colors of numbers: 0 … 1 from low to high, or by a color scale. */
struct svi_table_colors {
    bool counts; /* by the scale of counts; 0 has no color */
    struct svi_color_scale scale;
    double low, high; /* where there is no scale */
    uint8_t rgb[256][3];
    struct svi_colormap map;
};

/* values: NAN has no color. The parameters colorScale, colormap, valueMin, valueMax decide. With another scale than linear all
 * numbers must be above 0, else SVI_BAD_PARAMETER. Ended by svi_table_colors_clear, also after a failure. */
bool svi_table_colors_make(struct svi_table_colors *out, const struct svi_run *run, const double *values, size_t count, bool counts,
                           struct svi_error *err);
void svi_table_colors_clear(struct svi_table_colors *colors);

/* NAN: no color. */
float svi_table_color_share(const struct svi_table_colors *colors, double value);

/* Fills in the bar but for label and unit. */
void svi_table_colors_bar(const struct svi_table_colors *colors, struct svi_figure_bar *bar);

/* Writes run->footer: format, size, how the picture was made, what is left out, program. */
void svi_table_footer(struct svi_run *run, const char *made, uint64_t missing, uint64_t outside);

/* Fills in run->image. bar: NULL, there are no colors of numbers. */
void svi_table_summarize(struct svi_run *run, const struct svi_figure *figure, struct svi_rect plot,
                         const struct svi_table_colors *colors);
void svi_table_summarize_rows(struct svi_run *run, uint64_t shown, uint64_t missing, uint64_t outside);

#endif
