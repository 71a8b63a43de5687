/* capture.h - a recording, whatever its format: what it is, and its samples as stored, range by range.
 *
 * The table of formats is format_list.h: each row has probe, open and the verbs below. Nothing here knows of devices. */
#ifndef SVI_CAPTURE_CAPTURE_H
#define SVI_CAPTURE_CAPTURE_H

#include "base/bytes.h"
#include "base/error.h"
#include "capture/datatype.h"
#include "capture/moment.h"

/* A file of a job, or a folder where look_beside is set. The label is what a user calls it; it is shown, its ending is a hint, and
 * it is never used as a path. */
struct svi_file {
    const char *path, *label;
};

/* Where in a file the bytes of interest lie. Zeroed: all of it. */
struct svi_span {
    uint64_t first_byte, byte_count;
    bool is_part;
};

/* What the user says of the samples. It stands above what the files say, or fills in what they lack. Zeroed: nothing. */
struct svi_stated {
    const struct svi_datatype *datatype;
    double sample_rate_hz; /* 0: not stated */
    bool has_center_frequency;
    double center_frequency_hz;
};

/* Whether the checksum that a recording states of its samples is compared with them, which reads them all. */
enum svi_verify { SVI_VERIFY_USUAL /* unless they are many */, SVI_VERIFY_ALWAYS, SVI_VERIFY_NEVER };
enum svi_checksum { SVI_CHECKSUM_NONE, SVI_CHECKSUM_UNCHECKED, SVI_CHECKSUM_RIGHT, SVI_CHECKSUM_WRONG };

/* What a table is taken for whose columns may be samples: see csv_columns.h. */
enum svi_text_as { SVI_TEXT_BY_COLUMNS, SVI_TEXT_AS_SAMPLES /* even if one cannot be sure */, SVI_TEXT_AS_TABLE };

struct svi_capture_request {
    const struct svi_file *files;
    size_t file_count;
    const struct svi_span *spans; /* a file each; NULL: all are whole. For svi_capture_open alone, which makes them of archives */
    bool look_beside;   /* may open files beside the named ones (SigMF data next to its metadata): local recordings only */
    const char *format; /* what the config calls capture_type; NULL: the bytes decide */
    enum svi_text_as text_as;
    struct svi_stated stated;
    const char *channel; /* a channel's name, where a recording has several that are not interleaved; NULL: the first */
    unsigned subchannel; /* of those that Digital RF stores side by side */
    enum svi_verify verify;
    const char *recording;      /* of an archive that holds several, by name; NULL: the first */
    const char *scratch_folder; /* where archives may be unpacked, into a folder that goes with the capture; NULL: nowhere */
    bool (*go_on)(void *self);  /* asked from time to time while that takes its time; false: SVI_CANCELLED; or NULL */
    void *go_on_self;
};

/* A run of samples without a change of frequency. Segments are sorted, do not overlap, and cover the recording. */
struct svi_segment {
    uint64_t first_sample, sample_count; /* counted from the first sample of the recording, per channel */
    double center_frequency_hz;          /* NAN: unknown */
    char start_time[SVI_UTC_TEXT];       /* RFC 3339, UTC; "" unknown */
    uint64_t cut_samples; /* of which start_time tells the first, in front of it: they went with a selection, or are those of
                             segments since the last one that states its time */
};

/* A run of samples that were never stored. They are counted like others, so that time goes on, and read as zeros. */
struct svi_gap {
    uint64_t first_sample, sample_count; /* counted as in svi_segment */
};

enum { SVI_ANNOTATION_LABEL = 80 };

/* A part of time and frequency that somebody remarked on. Annotations may overlap. */
struct svi_annotation {
    uint64_t first_sample, sample_count; /* counted as in svi_segment; not empty, inside the recording */
    double low_hz, high_hz; /* from the center frequency of the segment that it begins in; low <= high; both NAN: the whole band */
    char label[SVI_ANNOTATION_LABEL]; /* one clean line of UTF-8; "": it has none */
};

enum { SVI_MAX_WARNINGS = 16 };

/* Sentences for the user about what was noticed and survived. */
struct svi_warnings {
    size_t count; /* may exceed SVI_MAX_WARNINGS: the rest was dropped */
    char text[SVI_MAX_WARNINGS][240];
};

void svi_warn(struct svi_warnings *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));

void svi_warn_all(struct svi_warnings *to, const struct svi_warnings *from);

/* What it points to belongs to the capture and lives as long. */
struct svi_recording {
    const char *format; /* "sigmf" */
    char name[256];     /* for the title: the label without its ending, UTF-8 */
    const struct svi_datatype *datatype;
    bool datatype_claimed; /* by a person or a name, which may err; else the format itself says how samples are stored */
    unsigned channels;     /* interleaved at each sample, at least 1 */
    unsigned subchannels;  /* among which one was picked; 0: the format has none */
    double sample_rate_hz; /* > 0, finite */
    struct svi_rate rate;  /* the same, exactly */
    uint64_t first_index;  /* the first sample's number since 1970, where the format counts them; else 0 */
    bool index_is_time;    /* the format counts them, and at this rate */
    uint64_t sample_count; /* of one channel, gaps included, at least 1 */
    uint64_t cut_samples;  /* that a selection took off its front */
    size_t segment_count;  /* at least 1 */
    const struct svi_segment *segments;
    size_t gap_count;
    const struct svi_gap *gaps; /* sorted, not empty, neither overlapping nor touching */
    size_t annotation_count;
    const struct svi_annotation *annotations; /* in the order of the file */
    size_t annotations_elsewhere;             /* those of the whole recording that lie outside of a selection */
    char description[256];                    /* what the recording says of itself, or "" */
    enum svi_checksum checksum;               /* of its samples: what came of it */
    struct svi_warnings warnings;
};

struct svi_capture;

/* Opens a recording of one or several files, which may be packed (archive.h). The request may go away afterwards. Fails with
 * SVI_BAD_RECORDING (the files are no recording that can be read; the message names file and key), SVI_BAD_PARAMETER (no such
 * format), SVI_IO or SVI_OUT_OF_MEMORY. */
bool svi_capture_open(struct svi_capture **out, const struct svi_capture_request *request, struct svi_error *err);

/* Lives as long as the capture. */
const struct svi_recording *svi_capture_recording(const struct svi_capture *capture);

/* The samples [first, first + count) of all channels as stored: count * channels * svi_datatype_bytes() bytes, at an address that
 * may be aligned to nothing. The view is valid until the second call of this after it, or the close: one view may be used while the
 * next is made. Samples that do not lie in the file as they are asked for are put together in memory of that size. first + count
 * must not exceed sample_count. Fails with SVI_IO where a file became shorter since it was opened. */
bool svi_capture_view(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err);

/* Samples before this one are not needed again soon: their pages leave the resident set. */
void svi_capture_forget(struct svi_capture *capture, uint64_t before_sample);

/* The same, of short runs far apart, which it costs more to forget than to look at: several are forgotten at a time. To be ended by
 * svi_capture_forget. */
void svi_capture_forget_run(struct svi_capture *capture, uint64_t before_sample);

/* The number of the segment that a sample lies in. */
size_t svi_recording_segment(const struct svi_recording *recording, uint64_t sample);

/* True where a segment has another center frequency than the one before it. */
bool svi_recording_retunes(const struct svi_recording *recording, size_t segment);

/* When this sample was taken: by its number since 1970, or counted from the last moment that is stated for it or an earlier one.
 * False: nothing is stated. */
bool svi_recording_moment(const struct svi_recording *recording, uint64_t sample, struct svi_moment *out);

/* From now on the recording is only its samples [first, first + count), counted from 0 again: its description, segments, gaps
 * and annotations say so. To be called once, before samples are viewed. An empty range, or one that is not inside, is SVI_BUG. */
bool svi_capture_select(struct svi_capture *capture, uint64_t first, uint64_t count, struct svi_error *err);

void svi_capture_close(struct svi_capture *capture);

#endif
