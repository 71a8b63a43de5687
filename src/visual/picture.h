/* picture.h - what a picture has whatever it shows of a recording: size and looks, title and footer, its place in the summary. */
#ifndef SVI_VISUAL_PICTURE_H
#define SVI_VISUAL_PICTURE_H

#include "visual/figure.h"
#include "visual/visual.h"

/* SVI_BAD_PARAMETER where the recording has no such channel. */
bool svi_run_check_channel(const struct svi_run *run, struct svi_error *err);

/* The figure as far as the parameters and the name decide it: size, theme, title ("KIND of NAME"), a place for the
 * footer. */
struct svi_figure svi_run_figure(struct svi_run *run, const char *kind);

/* A color bar of levels, with stand-ins for a range that is not known yet. */
struct svi_figure_bar svi_run_level_bar(const struct svi_run *run, const char *label, const char *unit);

/* Sets its range: what the parameters say, else low and high, which the levels say; those become the parameters' values. */
void svi_run_set_range(struct svi_run *run, struct svi_figure_bar *bar, double low_db, double high_db);

/* Writes run->footer: datatype, rate, how the picture was made, program, and the name of the recording, which the title has too:
 * what is too long for the picture is cut from the end. */
void svi_run_footer(struct svi_run *run, const char *made);

/* Parts of run->image, which lists the tunings where there are several. An axis; where it has a direction of its own ("down"), or
 * NULL. */
json_t *svi_summary_axis(const char *quantity, const char *unit, double min, double max, const char *direction);
json_t *svi_summary_image(const struct svi_run *run, struct svi_rect plot, json_t *x, json_t *y, json_t *color);

/* A number for the summary: JSON has neither infinity nor NAN. */
json_t *svi_summary_number(double x);

#endif
