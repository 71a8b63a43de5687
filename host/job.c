#include "host/job.h"

#include <stdlib.h>
#include <string.h>

static bool against_contract(struct svi_error *err, const char *what, const json_t *found)
{
    return svi_fail(err, SVI_BAD_ANSWER, "The platform's description of the job is not as agreed (%s: %s).", what,
                    svi_json_kind(found));
}

/* A short text without anything that disturbs a line of text. */
static bool read_word(char *into, size_t size, const json_t *value, const char *what, struct svi_error *err)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (!text || !length)
        return against_contract(err, what, value);
    if (length >= size)
        return svi_fail(err, SVI_BAD_ANSWER, "The job's %s is longer than %zu bytes.", what, size - 1);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return svi_fail(err, SVI_BAD_ANSWER, "The job's %s holds control characters.", what);
    memcpy(into, text, length + 1);
    return true;
}

/* The last part of a storage path, shortened at its front: its ending is what tells a user, and us, most. */
char *svi_job_label(const char *name, size_t length)
{
    size_t from = length;
    while (from && name[from - 1] != '/' && name[from - 1] != '\\')
        from--;
    if (length - from >= SVI_JOB_LABEL_SIZE) {
        from = length - (SVI_JOB_LABEL_SIZE - 1);
        while (((unsigned char)name[from] & 0xC0) == 0x80)
            from++;
    }
    char *label = from < length ? strndup(name + from, length - from) : strdup("file");
    for (char *c = label; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '_';
    return label;
}

static bool read_file(struct svi_job_file *into, const json_t *value, struct svi_error *err)
{
    const json_t *id = json_object_get(value, "id");
    const json_t *name = json_object_get(value, "name");
    if (!json_is_integer(id) || json_integer_value(id) <= 0)
        return against_contract(err, "the id of a file", id);
    if (!json_is_string(name))
        return against_contract(err, "the name of a file", name);
    into->id = json_integer_value(id);
    into->label = svi_job_label(json_string_value(name), json_string_length(name));
    return into->label || svi_fail_memory(err, json_string_length(name));
}

static bool read_files(struct svi_job *job, const json_t *list, struct svi_error *err)
{
    if (!json_is_array(list))
        return against_contract(err, "local_files", list);
    size_t count = json_array_size(list);
    if (count > SVI_JOB_MAX_FILES)
        return svi_fail(err, SVI_BAD_ANSWER, "The job has %zu files; %d are the most.", count, SVI_JOB_MAX_FILES);
    if (!count)
        return true;
    job->files = calloc(count, sizeof *job->files);
    if (!job->files)
        return svi_fail_memory(err, count * sizeof *job->files);
    for (; job->file_count < count; job->file_count++)
        if (!read_file(&job->files[job->file_count], json_array_get(list, job->file_count), err))
            return false;
    return true;
}

static bool read_config(struct svi_job *job, json_t *config, struct svi_error *err)
{
    if (!config || json_is_null(config))
        return true;
    if (!json_is_object(config))
        return against_contract(err, "config", config);
    job->config = json_incref(config);
    const json_t *captures = json_object_get(config, "capture_ids");
    const char *first = json_string_value(json_array_get(captures, 0));
    job->capture_count = json_array_size(captures);
    if (!first || !svi_format(job->capture, sizeof job->capture, "%s", first))
        job->capture[0] = '\0';
    return true;
}

static bool read_job(struct svi_job *job, const json_t *answer, struct svi_error *err)
{
    const json_t *id = json_object_get(answer, "job_id");
    const json_t *data = json_object_get(answer, "data");
    if (!json_is_integer(id))
        return against_contract(err, "job_id", id);
    if (json_integer_value(id) != job->id)
        return svi_fail(err, SVI_BAD_ANSWER, "The platform described another job than the one that was asked for.")
               || svi_because(err, "job_id is %lld", (long long)json_integer_value(id));
    if (!json_is_object(data))
        return against_contract(err, "data", data);
    return read_word(job->type, sizeof job->type, json_object_get(data, "type"), "type", err)
           && read_word(job->status, sizeof job->status, json_object_get(data, "status"), "status", err)
           && read_config(job, json_object_get(data, "config"), err) && read_files(job, json_object_get(data, "local_files"), err);
}

bool svi_job_parse(struct svi_job *out, int64_t id, struct svi_bytes answer, struct svi_error *err)
{
    *out = (struct svi_job){ .id = id };
    json_t *tree = svi_json_parse(answer, "The platform's description of the job", SVI_BAD_ANSWER, err);
    bool ok = tree && read_job(out, tree, err);
    json_decref(tree);
    if (!ok)
        svi_job_clear(out);
    return ok;
}

void svi_job_clear(struct svi_job *job)
{
    json_decref(job->config);
    for (size_t i = 0; i < job->file_count; i++)
        free(job->files[i].label);
    free(job->files);
    *job = (struct svi_job){ 0 };
}
