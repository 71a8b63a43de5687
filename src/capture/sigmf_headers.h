/* sigmf_headers.h - where in a dataset the samples lie, which may have bytes that are no samples in front of each capture
 * (core:header_bytes) and at the end (core:trailing_bytes). */
#ifndef SVI_CAPTURE_SIGMF_HEADERS_H
#define SVI_CAPTURE_SIGMF_HEADERS_H

#include "capture/sigmf.h"

/* Fills in headers, stored_count, sample_count and sample_bytes of the layout. `data` is what the file is called in messages. A
 * header that the file ends in is the end of the samples, with a warning. */
bool svi_sigmf_headers_fit(struct svi_sigmf_layout *out, struct svi_sigmf *meta, uint64_t data_bytes, const char *data,
                           struct svi_error *err);

/* The byte that a stored sample begins at; stored_count: the one behind the last. */
uint64_t svi_sigmf_byte_of(const struct svi_sigmf_layout *layout, uint64_t stored);

/* How many stored samples, from this one on, lie behind each other. */
uint64_t svi_sigmf_run_of(const struct svi_sigmf_layout *layout, uint64_t stored);

#endif
