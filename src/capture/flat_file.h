/* flat_file.h - a recording whose samples are one run of bytes in one file: what raw IQ, WAV and NumPy arrays share. */
#ifndef SVI_CAPTURE_FLAT_FILE_H
#define SVI_CAPTURE_FLAT_FILE_H

#include "capture/format.h"
#include "capture/mapped_file.h"
#include "capture/name_facts.h"

struct svi_flat_file {
    struct svi_mapped_file *file;
    char label[256];             /* of the file, to be shown */
    struct svi_name_facts named; /* by its name */
    uint64_t first_byte;
    size_t sample_bytes; /* of all channels */
    struct svi_segment segment;
};

/* Where the samples lie, and what they are. */
struct svi_flat_layout {
    const struct svi_datatype *datatype;
    unsigned channels;
    double sample_rate_hz;      /* 0: not said by the file */
    double center_frequency_hz; /* NAN: not said by the file */
    const char *start_time;     /* "" not said by the file */
    uint64_t first_byte, byte_count;
};

/* Opens the only file of the request. After a failure there is nothing to close. */
bool svi_flat_file_open(struct svi_flat_file *out, const struct svi_capture_request *request, struct svi_error *err);

/* Fills in the recording. What is stated stands above the layout, and the layout above the file's name. Fails where there is no
 * sample rate, or not one sample; bytes at the end that are no whole sample are left out with a warning, which names a likelier
 * datatype where one is known. */
bool svi_flat_file_describe(struct svi_flat_file *flat, struct svi_recording *recording, const struct svi_flat_layout *layout,
                            const struct svi_stated *stated, struct svi_error *err);

/* What a format makes of its opened file: ends with svi_flat_file_describe. */
typedef bool svi_flat_file_reader(struct svi_flat_file *flat, struct svi_recording *recording, const struct svi_stated *stated,
                                  struct svi_error *err);

/* The verbs open and close of struct svi_format, for a format that keeps nothing but a struct svi_flat_file. */
bool svi_flat_file_create(void **self, struct svi_recording *recording, const struct svi_capture_request *request,
                          svi_flat_file_reader *read, struct svi_error *err);
void svi_flat_file_destroy(void *self);

/* The verbs of struct svi_format, for a format whose own struct begins with a struct svi_flat_file. */
bool svi_flat_file_view(void *self, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err);
void svi_flat_file_forget(void *self, uint64_t before_sample);

void svi_flat_file_close(struct svi_flat_file *flat);

#endif
