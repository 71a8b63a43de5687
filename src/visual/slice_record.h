/* slice_record.h - a slice of a waterfall as a record of JSON: all of it but its values (docs/figures.md). */
#ifndef SVI_VISUAL_SLICE_RECORD_H
#define SVI_VISUAL_SLICE_RECORD_H

#include "base/error.h"
#include "capture/capture.h"

/* What is the same in every record. */
struct svi_slice_record_facts {
    const struct svi_recording *recording; /* must outlive the records */
    uint32_t fft_size;
    bool watts, stored; /* values are watts, not dB; amplitudes are numbers as stored, not at full scale 1 */
    double full_scale_dbm;
};

struct svi_slice_record;

bool svi_slice_record_create(struct svi_slice_record **out, const struct svi_slice_record_facts *facts, struct svi_error *err);
void svi_slice_record_destroy(struct svi_slice_record *record); /* takes NULL */

/* A record stands in an array whose items are indented by two columns: this, of the first or another one, then `data` as text that
 * needs no check, then its tail. */
struct svi_bytes svi_slice_record_head(bool first);

/* What follows the data of a slice, by its number. Valid until the next call. */
bool svi_slice_record_tail(struct svi_slice_record *record, uint64_t slice, struct svi_bytes *out, struct svi_error *err);

/* The band of the segment in which a slice begins. */
struct svi_slice_band {
    double center_hz, low_hz, high_hz; /* center 0: unknown, as the platform has it */
};

struct svi_slice_band svi_slice_band_at(const struct svi_slice_record_facts *facts, uint64_t slice);

#endif
