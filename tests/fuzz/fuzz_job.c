/* fuzz_job - any bytes as the platform's description of a job, and as its list of captures: refused with a reason, or a job that
 * keeps its promises. */
#include "base/bytes.h"
#include "host/job.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static void check_line(const char *text, size_t size)
{
    size_t length = strlen(text);
    must(length > 0 && length < size && svi_utf8_valid(svi_bytes_of(text)));
    for (size_t i = 0; i < length; i++)
        must((unsigned char)text[i] >= 0x20 && text[i] != 0x7F);
}

static void check_captures(struct svi_bytes list)
{
    struct svi_job job = { .id = 7, .capture_count = 1, .capture = "1b2c" };
    struct svi_error err = { 0 };
    if (svi_job_take_capture(&job, list, &err))
        must(job.kind && job.file_count > 0 && job.file_count <= SVI_JOB_MAX_FILES);
    else
        must(err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
    for (size_t i = 0; i < job.file_count; i++) {
        must(!job.files[i].id && !strpbrk(job.files[i].uuid, "/?#%. "));
        if (err.status == SVI_OK)
            check_line(job.files[i].label, SVI_JOB_LABEL_SIZE);
    }
    if (job.kind)
        job.kind->begins(list);
    svi_job_clear(&job);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_job job;
    struct svi_error err = { 0 };
    check_captures((struct svi_bytes){ data, size });
    if (!svi_job_parse(&job, 7, (struct svi_bytes){ data, size }, &err)) {
        must(err.status == SVI_BAD_ANSWER && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
        must(!job.files && !job.config && !job.file_count);
        return 0;
    }
    must(job.id == 7 && (!job.config || json_is_object(job.config)));
    check_line(job.type, sizeof job.type);
    check_line(job.status, sizeof job.status);
    must(job.file_count <= SVI_JOB_MAX_FILES && (job.file_count == 0) == (job.files == NULL));
    for (size_t i = 0; i < job.file_count; i++) {
        must(job.files[i].id > 0 && !strchr(job.files[i].label, '/'));
        check_line(job.files[i].label, SVI_JOB_LABEL_SIZE);
    }
    svi_job_clear(&job);
    return 0;
}
