/* sigmf.h - the bytes of a SigMF metadata file -> what they say of the samples. Opens no file; sigmf_files.c does.
 *
 * Facts: SigMF specification 1.2. Sample numbers are those of the dataset: core:offset is taken off already. */
#ifndef SVI_CAPTURE_SIGMF_H
#define SVI_CAPTURE_SIGMF_H

#include "capture/capture.h"
#include "capture/utc.h"

/* One entry of "captures". Nothing carries over from one to the next. */
struct svi_sigmf_capture {
    uint64_t first_sample;
    uint64_t header_bytes;         /* bytes in the dataset before this sample that are no samples */
    uint64_t global_index;         /* meaningful where has_global_index */
    double center_frequency_hz;    /* NAN: not stated */
    char start_time[SVI_UTC_TEXT]; /* "" not stated */
    bool has_global_index;
    size_t place; /* its place in the file, for messages */
};

struct svi_sigmf {
    const struct svi_datatype *datatype;
    unsigned channels;     /* 1 to SVI_SIGMF_MAX_CHANNELS */
    double sample_rate_hz; /* > 0, finite */
    uint64_t trailing_bytes;
    bool metadata_only;
    char dataset[256]; /* core:dataset: a name without folders, not cleaned; "" where the data file is named by convention */
    char description[256];
    char sha512[132];     /* of the data, hexadecimal digits as stated; "" not stated, or no such digits */
    size_t capture_count; /* at least 1; sorted by first_sample, which differ; the first may be after sample 0 */
    struct svi_sigmf_capture *captures;
    size_t annotation_count;
    struct svi_annotation *annotations; /* as stated: samples of the dataset, sample_count UINT64_MAX up to the end of the capture;
                                           edges as they are stated */
    struct svi_warnings warnings;
};

enum { SVI_SIGMF_MAX_CHANNELS = 4096, SVI_SIGMF_MAX_ANNOTATIONS = 100000 };

/* Reads metadata. `label` names the file in messages, which give the key. What is stated is not looked for in the metadata. After a
 * failure there is nothing to clear. */
bool svi_sigmf_parse(struct svi_sigmf *out, struct svi_bytes text, const struct svi_stated *stated, const char *label,
                     struct svi_error *err);

/* Bytes in front of a stored sample that are no samples. */
struct svi_sigmf_header {
    uint64_t first_sample;
    uint64_t bytes_before; /* of this header and all before it */
};

/* Where the samples of a dataset of data_bytes lie: sigmf_headers.h tells the byte of a sample. */
struct svi_sigmf_layout {
    size_t header_count;
    struct svi_sigmf_header *headers;    /* sorted; of captures that begin in the data and have one */
    uint64_t stored_count, sample_count; /* samples of one channel, at least 1: those in the data, and those with the gaps */
    size_t sample_bytes;                 /* of all channels */
    size_t segment_count;
    struct svi_segment *segments; /* on the heap, as gaps and annotations; svi_sigmf_layout_clear frees them */
    size_t gap_count;
    struct svi_gap *gaps; /* by core:global_index */
    size_t annotation_count;
    struct svi_annotation *annotations; /* those that begin in the data */
};

/* Fits the description to a dataset of that length. Captures behind its end, and bytes that are no whole sample, are left out
 * with a warning in meta->warnings. Fails where no sample is left. */
bool svi_sigmf_fit(struct svi_sigmf_layout *out, struct svi_sigmf *meta, uint64_t data_bytes, const char *data_label,
                   struct svi_error *err);

void svi_sigmf_layout_clear(struct svi_sigmf_layout *layout);
void svi_sigmf_clear(struct svi_sigmf *meta);

#endif
