/* drf_file.h - one HDF5 file of a Digital RF recording: what kind it is, its index, its samples. The only file that talks to HDF5
 * about samples; drf_metadata.c does about metadata.
 *
 * Nothing outside of the file is ever read: external links, external and virtual storage, and filters that are no part of HDF5
 * itself are refused. HDF5 is called by one thread at a time; it prints nothing. */
#ifndef SVI_CAPTURE_DRF_FILE_H
#define SVI_CAPTURE_DRF_FILE_H

#include "capture/mapped_file.h"

#include <hdf5.h>

/* How samples are stored, and when. Equal in all files of a recording. */
struct svi_drf_shape {
    const struct svi_datatype *datatype;       /* as read: 64-bit integers are read as float64 between -1 and 1 */
    uint64_t rate_numerator, rate_denominator; /* Hz; 0: the file does not say */
    unsigned subchannels;
    bool wide; /* 64-bit integers, to be divided */
    bool wide_unsigned;
    bool is_complex;
};

/* An open file. */
struct svi_drf_file {
    hid_t file, data, memory_type;
    struct svi_drf_shape shape;
    uint64_t rows;
    bool filled;                    /* stored in one piece: what was never written is filler */
    struct svi_mapped_file *mapped; /* the samples as they lie in the file; NULL: HDF5 reads them */
};

enum { SVI_DRF_SAMPLE_BYTES = 16 }; /* of one sub-channel, at most */

enum svi_drf_kind { SVI_DRF_OTHER, SVI_DRF_DATA, SVI_DRF_METADATA, SVI_DRF_METADATA_PROPERTIES };

/* To be called before anything else of HDF5; any number of times. */
void svi_drf_quiet(void);

/* Opens an HDF5 file read-only, without locks; negative where it is none. */
hid_t svi_drf_open_h5(const char *path);

/* A data set that lies in the file itself; negative where there is none of that name, or where it is behind a link. */
hid_t svi_drf_open_set(hid_t group, const char *name);

/* Has the file samples (/rf_data), records named by sample numbers, or the properties of such records? */
enum svi_drf_kind svi_drf_kind(hid_t file);

/* An integer attribute; false where there is none. */
bool svi_drf_read_u64(hid_t object, const char *name, uint64_t *value);

/* The rate by "sample_rate_numerator" and "…_denominator", or by the older "samples_per_second", itself or with the same endings.
 */
bool svi_drf_read_rate(hid_t object, uint64_t *numerator, uint64_t *denominator);

/* Returns NULL, or what is wrong, "is no HDF5 file, or was not written to its end"; then nothing is open. */
const char *svi_drf_file_open(struct svi_drf_file *out, const char *path);

/* The rows of rf_data_index, on the heap: the caller frees them. Returns NULL or what is wrong. */
const char *svi_drf_file_index(const struct svi_drf_file *file, uint64_t (**pairs)[2], size_t *count);

/* Maps the samples, past HDF5, where they lie in the file in one piece and just as they are read. Where they do not,
 * nothing happens. False: they lie beyond the end of the file; HDF5 would make zeros of them. */
bool svi_drf_file_map(struct svi_drf_file *file, const char *path, const char *label);

/* Reads samples of one sub-channel: count * svi_datatype_bytes(). Filler becomes silence where the file is `filled`. */
bool svi_drf_file_read(const struct svi_drf_file *file, unsigned subchannel, uint64_t row, uint64_t count, uint8_t *into);

/* The same in place; false where they have to be read. */
bool svi_drf_file_view(const struct svi_drf_file *file, uint64_t row, uint64_t count, struct svi_bytes *view);

/* Of `count` samples as svi_drf_file_read_stored gives them, how many from the start are filler, or are not. */
bool svi_drf_file_read_stored(const struct svi_drf_file *file, unsigned subchannel, uint64_t row, uint64_t count, uint8_t *into);
uint64_t svi_drf_same_kind(const struct svi_drf_shape *shape, const uint8_t *samples, uint64_t count, bool *filler);

void svi_drf_file_close(struct svi_drf_file *file);

#endif
