/* results.h - the files of a picture: what stands in them, and that they appear whole. For render.c alone. */
#ifndef SVI_VISUAL_RESULTS_H
#define SVI_VISUAL_RESULTS_H

#include "visual/visual.h"

/* What all pictures of a job share. */
struct svi_result_context {
    const json_t *about; /* the whole recording, or the table */
    const struct svi_pass_cost *cost;
    double begin_s; /* of the job */
};

/* Writes data, picture and summary of a run that was drawn, lists them, and adds the summary to the rendering's. */
bool svi_results_write(struct svi_run *run, const struct svi_result_context *context, struct svi_error *err);

/* Removes all that is listed, and nothing that an earlier job left there. */
void svi_results_remove(const struct svi_rendering *rendering, const char *folder);

#endif
