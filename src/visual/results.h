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

/* A picture that is being painted and encoded, in a thread of its own where something else is done meanwhile. */
struct svi_encoding;

/* Begins with the results of a run that was drawn, which must not be touched until svi_results_end: composes, paints, encodes and
 * writes its picture, `beside` the caller or before it returns: a small job is not worth a thread that nobody overtakes. What fails
 * then is told by svi_results_end. */
bool svi_results_begin(struct svi_encoding **out, struct svi_run *run, const struct svi_result_context *context, bool beside,
                       struct svi_error *err);

/* Waits for the picture, makes the run's summary and writes it. Takes the encoding. */
bool svi_results_end(struct svi_encoding *encoding, const struct svi_result_context *context, struct svi_error *err);

/* Waits for the picture, and lists what was written of it. */
void svi_results_drop(struct svi_encoding *encoding); /* takes NULL */

/* Removes all that is listed, and nothing that an earlier job left there. */
void svi_results_remove(const struct svi_rendering *rendering, const char *folder);

#endif
