/* drf_index.h - the index logic of Digital RF: runs of stored samples, by their numbers since 1970, put in order. Knows nothing of
 * HDF5.
 *
 * Facts: digital_rf, "rf_data_index": rows of (number of the sample, row of rf_data where it lies), one for each run without a gap.
 */
#ifndef SVI_CAPTURE_DRF_INDEX_H
#define SVI_CAPTURE_DRF_INDEX_H

#include "capture/capture.h"

/* Samples that follow each other in time and in one file. */
struct svi_drf_run {
    uint64_t first, count; /* sample numbers since 1970 */
    uint64_t row;          /* of rf_data, where `first` lies */
    size_t file;           /* which file; the caller's number */
};

/* Starts as { 0 }. */
struct svi_drf_index {
    size_t run_count, run_room;
    struct svi_drf_run *runs;
    size_t gap_count;
    struct svi_gap *gaps; /* counted from the first sample of the first run; made by finish */
};

enum { SVI_DRF_MOST_RUNS = 1 << 22 };

/* Adds the runs of a file from its index, `pairs` rows of two numbers, and the rows of rf_data. Returns NULL, or what is wrong with
 * the index, "is not sorted"; then nothing was added. Out of memory is "needs more memory than there is". */
const char *svi_drf_index_add(struct svi_drf_index *index, const uint64_t (*pairs)[2], size_t pair_count, uint64_t rows,
                              size_t file);

/* Takes samples out of the last run: they are filler. `offset` counts from the run's first sample. False without memory. */
bool svi_drf_index_punch(struct svi_drf_index *index, uint64_t offset, uint64_t count);

/* Sorts, drops runs that overlap earlier ones (their samples are counted in *dropped), finds the gaps. False without memory. */
bool svi_drf_index_finish(struct svi_drf_index *index, uint64_t *dropped);

/* The first run that ends behind this sample number; run_count where there is none. */
size_t svi_drf_index_find(const struct svi_drf_index *index, uint64_t sample);

void svi_drf_index_clear(struct svi_drf_index *index);

/* The moment of a sample, "2014-03-09T12:30:30.015Z"; "" where no calendar has it. */
void svi_drf_moment(char into[SVI_UTC_TEXT], uint64_t sample, struct svi_rate rate);

#endif
