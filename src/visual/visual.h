/* visual.h - what a visualization is: a name and a way to draw one recording. The table of them stands in visual_list.h.
 *
 * A visualization is one .c file with one row at its foot. It reads its parameters and the recording, paints the canvas and fills
 * in its part of the summary; opening, writing files and the rest of the summary are render.c's. */
#ifndef SVI_VISUAL_VISUAL_H
#define SVI_VISUAL_VISUAL_H

#include "visual/canvas.h"
#include "visual/param.h"
#include "visual/render.h"

/* One job, while it is drawn. The visualization writes what stands below the line; render.c ends all of it. */
struct svi_run {
    struct svi_device *device;
    const struct svi_render_request *request;
    struct svi_capture *capture;
    const struct svi_recording *recording;
    struct svi_values values;
    double start_s;          /* of what is shown, from the beginning of the recording; `recording` describes what is shown */
    json_t *about_recording; /* the whole recording, for the summary */

    struct svi_warnings warnings; /* begins with the recording's own */
    struct svi_canvas canvas;
    char title[320], footer[400];
    json_t *power, *peaks, *image; /* parts of the summary */
    float *data;                   /* where request->save_data: the matrix behind the picture, in the unit of the colour bar */
    size_t data_rows, data_columns;
    const char *engine;
    uint64_t bytes_read;
    double read_s, upload_s, compute_s, figure_s;
};

struct svi_visual {
    const char *name, *help;
    bool (*draw)(struct svi_run *run, struct svi_error *err);
};

/* Tells progress; false and SVI_CANCELLED where the job is to end. */
bool svi_run_progress(struct svi_run *run, double share, const char *stage, struct svi_error *err);

#define SVI_VISUAL(name) extern const struct svi_visual svi_##name;
#include "visual/visual_list.h"
#undef SVI_VISUAL

#endif
