/* job_api.h - the calls of the platform's job API (docs/platform.md). Knows paths and shapes of bodies; sends through http.
 *
 * An answer that is not what the contract says is SVI_BAD_ANSWER; other errors are those of http.h. Ids are > 0. */
#ifndef SVI_HOST_JOB_API_H
#define SVI_HOST_JOB_API_H

#include "host/http.h"
#include "host/job.h"

/* `status`: "running", "completed", "failed". `info`: an object, or NULL for none. `fresh`: the job may not be visible yet, so one
 * that does not exist is looked up again for some seconds. No such job: SVI_NOT_FOUND; results that the info names are not there:
 * SVI_POST_FAILED. An answer that no job API gives may pass: the address is wrong, and the job is none the worse for it. */
bool svi_job_api_set_status(struct svi_http *http, int64_t job, const char *status, const json_t *info, bool fresh,
                            struct svi_error *err);

/* The caller ends *out with svi_job_clear. */
bool svi_job_api_get(struct svi_http *http, int64_t job, struct svi_job *out, struct svi_error *err);

/* Fills in the files of a job that has none, from the capture that it names; see svi_job_take_capture. */
bool svi_job_api_find_capture(struct svi_http *http, struct svi_job *job, struct svi_error *err);

/* Writes the bytes of a job's file, or of a capture's, to fd; see svi_http_download_into. */
bool svi_job_api_fetch_file(struct svi_http *http, const struct svi_job_file *file, int fd, struct svi_http_room *room,
                            uint64_t *received_bytes, struct svi_error *err);

/* Saves a result; *id is the record's. `data`: the text of an object that is not empty. */
bool svi_job_api_save_json(struct svi_http *http, int64_t job, struct svi_bytes data, int64_t *id, struct svi_error *err);
bool svi_job_api_save_file(struct svi_http *http, int64_t job, const struct svi_http_file *file, int64_t *id,
                           struct svi_error *err);

#endif
