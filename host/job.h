/* job.h - a job as plain data, parsed from the bytes of the platform's answer. Knows no sockets and no files. */
#ifndef SVI_HOST_JOB_H
#define SVI_HOST_JOB_H

#include "base/json.h"

#include <stdint.h>

enum { SVI_JOB_MAX_FILES = 100000, SVI_JOB_WORD_SIZE = 64, SVI_JOB_LABEL_SIZE = 256 };

struct svi_job_file {
    int64_t id;  /* > 0 */
    char *label; /* for the user's eye: the last part of the platform's storage path, printable UTF-8; never used as a path */
};

struct svi_job {
    int64_t id;                     /* > 0 */
    char type[SVI_JOB_WORD_SIZE];   /* as the platform spells it, whether we know it or not */
    char status[SVI_JOB_WORD_SIZE]; /* "running" */
    json_t *config;                 /* an object, or NULL */
    struct svi_job_file *files;
    size_t file_count;
    bool names_capture; /* the config asks for a capture of the SpectrumX Data System */
};

/* Reads the answer of `GET /api/jobs/job-metadata/<id>/`. Anything against the contract, or about another job: SVI_BAD_ANSWER, and
 * nothing to clear. */
bool svi_job_parse(struct svi_job *out, int64_t id, struct svi_bytes answer, struct svi_error *err);
void svi_job_clear(struct svi_job *job);

#endif
