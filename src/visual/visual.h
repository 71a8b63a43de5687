/* visual.h - what a visualization is: a name and a way to draw one recording. The table of them stands in visual_list.h.
 *
 * A visualization is one .c file with one row at its foot. It works in two steps, because all pictures of a job share one pass over
 * the recording: `begin` reads the parameters, lays out the figure and says what it wants of the samples (svi_run_take, or
 * analysis.h for transforms); `draw`, after the pass, says what is to be shown (svi_run_show) and fills in its part of the summary.
 * What of that needs no device may be left to `compose`: it is called after `draw` by another thread, beside other pictures.
 * Opening, the pass, painting figures, writing files and the rest of the summary are render.c's. */
#ifndef SVI_VISUAL_VISUAL_H
#define SVI_VISUAL_VISUAL_H

#include "capture/plausibility.h"
#include "capture/sweeps.h"
#include "capture/table.h"
#include "visual/figure.h"
#include "visual/param.h"
#include "visual/plan.h"
#include "visual/render.h"

struct svi_visual;

/* One picture, while it is made. The visualization writes what stands below the line; render.c ends all of it. */
struct svi_run {
    const struct svi_visual *visual;
    struct svi_device *device;
    const struct svi_render_request *request;
    struct svi_plan *plan;
    struct svi_capture *capture;
    const struct svi_recording *recording;
    const struct svi_table *table;   /* where the files are one; then there are neither capture nor recording */
    const struct svi_sweeps *sweeps; /* likewise */
    const char *name;                /* of whichever there is */
    struct svi_values values;
    const struct svi_plausibility *plausibility; /* of the recording */
    double start_s; /* of what is shown, from the beginning of the recording; `recording` describes what is shown */
    struct svi_result results[SVI_MAX_RUN_RESULTS]; /* svi_run_file_written */
    size_t result_count;

    struct svi_warnings warnings; /* begins with the recording's own */
    void *state;                  /* the visualization's own, from svi_run_state */
    struct svi_figure figure;     /* this and the next two: svi_run_show */
    const struct svi_figure_layout *layout;
    const struct svi_plot_pixels *shown;
    char title[320], footer[400];
    json_t *power, *peaks, *statistics, *image; /* parts of the summary; the image alone must be there */
    json_t *slices;                             /* another, of a waterfall with data */
    float *data; /* where request->save_data: the matrix behind the picture, in the unit of the colour bar */
    size_t data_rows, data_columns;
    const char *engine; /* of the transform; NULL: there is none */
    double figure_s, encode_s;
    json_t *summary; /* render.c's: once all of it is done */
};

struct svi_visual {
    const char *name, *help;
    const char *alias; /* what other programs call it, or NULL */
    /* SVI_BAD_RECORDING is reported before anything joins the plan: the job may go on without this picture. */
    bool (*begin)(struct svi_run *run, struct svi_error *err);
    bool (*draw)(struct svi_run *run, struct svi_error *err);
    bool (*compose)(struct svi_run *run, struct svi_error *err); /* NULL: there is nothing left to do */
    unsigned composing;                 /* what takes longest to compose and paint has the greatest number, and is begun first */
    const struct svi_visual *of_table;  /* how a table is drawn, under the same name; NULL: it is not */
    const struct svi_visual *of_sweeps; /* how spectra are, likewise */
    void (*end)(struct svi_run *run);   /* clears what the state holds, not the state; called where there is one */
};

/* Sets run->state to this many bytes, all zero; NULL where there is no memory, which is reported. */
void *svi_run_state(struct svi_run *run, size_t size, struct svi_error *err);

/* What the picture is: see svi_figure_draw. The figure is copied; all that it points to, layout and pixels must live until `end`:
 * they are painted later, by another thread. */
void svi_run_show(struct svi_run *run, const struct svi_figure *figure, const struct svi_figure_layout *layout,
                  const struct svi_plot_pixels *shown);

/* Tells progress; false and SVI_CANCELLED where the job is to end. */
bool svi_run_progress(struct svi_run *run, double share, const char *stage, struct svi_error *err);

/* Where a further file of this picture, TYPE + ending ("_slices.json"), is to be written, whole or not at all. */
bool svi_run_file_path(const struct svi_run *run, const char *ending, char path[SVI_RESULT_PATH_SIZE], struct svi_error *err);

/* Lists a file that was written. It is removed where the job fails later. */
bool svi_run_file_written(struct svi_run *run, enum svi_result_kind kind, const char *ending, struct svi_error *err);

/* By name or alias; NULL: there is none. */
const struct svi_visual *svi_visual_find(const char *name);

/* Rows of their visualizations, not of the table. */
extern const struct svi_visual svi_table_heatmap, svi_table_scatter, svi_sweep_waterfall;

#define SVI_VISUAL(name) extern const struct svi_visual svi_##name;
#include "visual/visual_list.h"
#undef SVI_VISUAL

#endif
