/* sigmf_annotations.h - what SigMF metadata remarks on parts of time and frequency. For the parser alone. */
#ifndef SVI_CAPTURE_SIGMF_ANNOTATIONS_H
#define SVI_CAPTURE_SIGMF_ANNOTATIONS_H

#include "capture/sigmf.h"
#include "capture/sigmf_object.h"

/* Reads "annotations" into meta->annotations. What is wrong with one of them costs that one alone: it is left out and counted by a
 * warning. offset: core:offset. False only without memory. */
bool svi_sigmf_annotations_parse(struct svi_sigmf *meta, const struct svi_sigmf_object *root, uint64_t offset);

/* Fits them to the segments, which must have been made, and counts those behind the end of the data by a warning. */
bool svi_sigmf_annotations_fit(struct svi_sigmf_layout *out, struct svi_sigmf *meta, struct svi_error *err);

#endif
