/* job.h - a job as plain data, parsed from the bytes of the platform's answers. Knows no sockets and no files. */
#ifndef SVI_HOST_JOB_H
#define SVI_HOST_JOB_H

#include "base/json.h"

#include <stdint.h>

enum { SVI_JOB_MAX_FILES = 100000, SVI_JOB_WORD_SIZE = 64, SVI_JOB_TYPE_SIZE = 256, SVI_JOB_LABEL_SIZE = 256 };

struct svi_job_file {
    int64_t id;                   /* > 0; 0: a file of a capture */
    char uuid[SVI_JOB_WORD_SIZE]; /* of such a file: letters, digits and dashes; else "" */
    char *label; /* for the user's eye: the last part of the platform's storage path, printable UTF-8; never used as a path */
};

/* How the files of a capture of the SpectrumX Data System are told from the error pages that may come in their place. */
struct svi_capture_kind {
    const char *type;   /* as the platform calls it */
    const char *ending; /* of the names of the files that matter; NULL: all do */
    const char *about;  /* for messages: what such a file is */
    /* True where a file may be one. `head`: its first bytes, at least SVI_CAPTURE_HEAD_BYTES where it has so many. */
    bool (*begins)(struct svi_bytes head);
};

enum { SVI_CAPTURE_HEAD_BYTES = 4096 };

struct svi_job {
    int64_t id;                     /* > 0 */
    char type[SVI_JOB_TYPE_SIZE];   /* as the platform spells it, whether we know it or not */
    char status[SVI_JOB_WORD_SIZE]; /* "running" */
    json_t *config;                 /* an object, or NULL */
    struct svi_job_file *files;
    size_t file_count;
    size_t capture_count;                /* how many captures of the SpectrumX Data System the config names */
    char capture[SVI_JOB_WORD_SIZE];     /* the id of the first one, or "": it can be none */
    const struct svi_capture_kind *kind; /* of the capture that the files are of, or NULL */
};

/* Reads the answer of `GET /api/jobs/job-metadata/<id>/`. Anything against the contract, or about another job: SVI_BAD_ANSWER, and
 * nothing to clear. */
bool svi_job_parse(struct svi_job *out, int64_t id, struct svi_bytes answer, struct svi_error *err);
void svi_job_clear(struct svi_job *job);

/* Fills in the files of a job that has none and names one capture, from the answer of `GET /api/captures/list/?source=sds`.
 * Refused: a capture that is not listed, has no files, or is of a type that is not to be fetched (SVI_NOT_FOUND,
 * SVI_BAD_PARAMETER), and anything against the contract (SVI_BAD_ANSWER). */
bool svi_job_take_capture(struct svi_job *job, struct svi_bytes answer, struct svi_error *err);

/* The last part of a storage path, at most SVI_JOB_LABEL_SIZE with its end, printable; the caller frees it. NULL: no memory. */
char *svi_job_label(const char *name, size_t length);

#endif
