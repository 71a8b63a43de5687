/* input.h - the files of a request, opened as what they are: samples, a table of numbers, or power spectra, packed or not. The one
 * place that decides. */
#ifndef SVI_CAPTURE_INPUT_H
#define SVI_CAPTURE_INPUT_H

#include "capture/sweeps.h"
#include "capture/table.h"

/* One of them; the others are NULL. */
struct svi_input {
    struct svi_capture *capture;
    struct svi_table *table;
    struct svi_sweeps *sweeps;
};

/* By capture_type, else by content, else by name. A text whose columns are samples, or may be where the request asks for samples
 * (text_as), is a recording; all other texts called .csv, .tsv or .txt are tables, as are arrays of
 * two dimensions that numpy_matrix.h knows, unless only samples can be drawn. */
bool svi_input_open(struct svi_input *out, const struct svi_capture_request *request, struct svi_error *err);
void svi_input_close(struct svi_input *input);

#endif
