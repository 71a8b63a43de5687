/* recording.h - a recording as a picture's summary and `svi-worker info` tell of it, and opened as a config says. */
#ifndef SVI_VISUAL_RECORDING_H
#define SVI_VISUAL_RECORDING_H

#include "capture/input.h"
#include "capture/plausibility.h"
#include "visual/param.h"

/* Opens what the request's files are, with what the values state of a recording: datatype, rate, center frequency, channel. A
 * channel's name, or a subchannel, for a format that has none is SVI_BAD_PARAMETER. */
bool svi_recording_open(struct svi_input *out, const struct svi_capture_request *request, const struct svi_values *values,
                        struct svi_error *err);

/* Of interleaved channels, counted from 0: SVI_BAD_PARAMETER where there is no such. */
bool svi_recording_has_channel(const struct svi_recording *recording, double channel, struct svi_error *err);

/* Format, type, rate, center, length, at most 100 gaps. NULL without memory. The caller ends it with json_decref, as the next. */
json_t *svi_recording_about(const struct svi_recording *recording);

/* The same of a table: format, size, at most 100 columns with name, unit, and how many cells have no number. */
json_t *svi_table_about(const struct svi_table *table);

/* The same of sweeps: format, device, rows, span, step, when. */
json_t *svi_sweeps_about(const struct svi_sweeps *sweeps);

/* The verdict on its datatype, and the one that is likelier. */
json_t *svi_plausibility_about(const struct svi_plausibility *plausibility);

/* An array of sentences. */
json_t *svi_warnings_list(const struct svi_warnings *warnings);

#endif
