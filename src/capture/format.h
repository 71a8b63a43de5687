/* format.h - the seam between capture.c and the formats: a format is one file, and one row of format_list.h. */
#ifndef SVI_CAPTURE_FORMAT_H
#define SVI_CAPTURE_FORMAT_H

#include "capture/capture.h"

struct svi_unpacked; /* unpack.h */

struct svi_format {
    const char *name;   /* what a config calls capture_type, and svi_recording.format */
    const char *about;  /* for messages: what its files are called */
    bool folders;       /* a recording may be a folder */
    bool one_file;      /* a recording is one file */
    bool foreign_data;  /* a recording may have files that probe does not know */
    size_t probe_bytes; /* of the beginning of a file, what probe is given at most; 0: SVI_FORMAT_HEAD_BYTES */
    bool reads_spans;   /* opens its files by svi_capture_span; else they have to be whole files */

    /* True where a file of this content and label belongs to such a recording. `head` is the beginning of the file. */
    bool (*probe)(struct svi_bytes head, const char *label);

    /* Opens the recording, keeps what it needs in *self and fills in `recording`, whose segments live as long as *self. After a
     * failure there is nothing to close. */
    bool (*open)(void **self, struct svi_recording *recording, const struct svi_capture_request *request, struct svi_error *err);

    /* As in capture.h; the range was checked. */
    bool (*view)(void *self, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err);
    void (*forget)(void *self, uint64_t before_sample);
    void (*close)(void *self);
};

enum { SVI_FORMAT_HEAD_BYTES = 65536 }; /* what probe is given of a file, at most */

/* Where file i of the request lies; NULL: all of it is the file. */
const struct svi_span *svi_capture_span(const struct svi_capture_request *request, size_t i);

/* "a.sigmf-meta, b.txt and 3 more": for messages. */
void svi_capture_labels(char *into, size_t size, const struct svi_file *files, size_t count);

/* The rows, each in the file of its name or, where the parser has a file of its own, in NAME_file.c. */
#define SVI_FORMAT(name) extern const struct svi_format svi_format_##name;
#include "capture/format_list.h"
#undef SVI_FORMAT

/* True where a file of the request belongs to a recording, texts of columns left aside. */
bool svi_capture_is_known(const struct svi_capture_request *request);

/* Opens the files of a request whose archives have been unpacked, and takes those over, also where it fails. */
bool svi_capture_open_unpacked(struct svi_capture **out, const struct svi_capture_request *request, struct svi_unpacked *unpacked,
                               struct svi_error *err);

#endif
