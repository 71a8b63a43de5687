/* Which files a capture of the SpectrumX Data System has, by the platform's list of captures. */
#include "host/job.h"

#include <stdlib.h>
#include <string.h>

/* ---- kinds ---- */

static bool begins_as_hdf5(struct svi_bytes head)
{
    static const uint8_t signature[] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n' };
    return head.count >= sizeof signature && !memcmp(head.at, signature, sizeof signature);
}

/* An error is JSON too: one that is short enough to be here as a whole must have what every periodogram has. */
static bool begins_as_radiohound(struct svi_bytes head)
{
    size_t blank = 0;
    while (blank < head.count && strchr(" \t\r\n", head.at[blank]))
        blank++;
    if (blank == head.count || head.at[blank] != '{')
        return false;
    if (head.count >= SVI_CAPTURE_HEAD_BYTES)
        return true;
    struct svi_error ignored = { 0 };
    json_t *tree = svi_json_parse(head, "", SVI_BAD_ANSWER, &ignored);
    bool has = json_object_get(tree, "data") != NULL;
    json_decref(tree);
    return has;
}

static const struct svi_capture_kind kinds[] = {
    { "drf", ".h5", "a file of a Digital RF recording", begins_as_hdf5 },
    { "rh", NULL, "a RadioHound periodogram", begins_as_radiohound },
};

enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

/* ---- the list ---- */

static bool against_contract(struct svi_error *err, const char *what, const json_t *found)
{
    return svi_fail(err, SVI_BAD_ANSWER, "The platform's list of captures is not as agreed (%s: %s).", what, svi_json_kind(found));
}

/* It becomes a part of a URL. */
static bool read_uuid(char into[SVI_JOB_WORD_SIZE], const json_t *value)
{
    const char *text = json_string_value(value);
    return text && *text && strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == strlen(text)
           && svi_format(into, SVI_JOB_WORD_SIZE, "%s", text);
}

static bool read_file(struct svi_job_file *into, const json_t *value, struct svi_error *err)
{
    const json_t *name = json_object_get(value, "name"), *uuid = json_object_get(value, "uuid");
    if (!json_is_string(name))
        return against_contract(err, "the name of a file", name);
    if (!read_uuid(into->uuid, uuid))
        return against_contract(err, "the id of a file", uuid);
    into->label = svi_job_label(json_string_value(name), json_string_length(name));
    return into->label || svi_fail_memory(err, json_string_length(name));
}

static bool matters(const struct svi_capture_kind *kind, const json_t *file)
{
    const char *name = json_string_value(json_object_get(file, "name"));
    return !kind->ending || !name || svi_ends_with(name, kind->ending);
}

static bool read_files(struct svi_job *job, const json_t *list, struct svi_error *err)
{
    if (!json_is_array(list))
        return against_contract(err, "files", list);
    size_t count = json_array_size(list);
    if (count > SVI_JOB_MAX_FILES)
        return svi_fail(err, SVI_BAD_ANSWER, "The capture has %zu files; %d are the most.", count, SVI_JOB_MAX_FILES);
    job->files = calloc(count + 1, sizeof *job->files);
    if (!job->files)
        return svi_fail_memory(err, count * sizeof *job->files);
    for (size_t i = 0; i < count; i++) {
        const json_t *file = json_array_get(list, i);
        if (matters(job->kind, file) && !read_file(&job->files[job->file_count++], file, err))
            return false;
    }
    return job->file_count > 0
           || svi_fail(err, SVI_NOT_FOUND, "The capture has no files that could be drawn: none of its %zu is %s.", count,
                       job->kind->about);
}

static bool asks_for_sigmf(const struct svi_job *job)
{
    const char *type = json_string_value(json_object_get(job->config, "capture_type"));
    return type && !strcmp(type, "sigmf");
}

static bool fail_type(const struct svi_job *job, const char *type, struct svi_error *err)
{
    char shown[SVI_JOB_WORD_SIZE];
    svi_text_clean(shown, sizeof shown, type);
    return svi_fail(err, SVI_BAD_PARAMETER,
                    "The capture is of the type \"%s\". The platform hands out captures of the types drf and rh; attach the "
                    "recording as local files instead.",
                    shown)
           || svi_because(err, "capture %s", job->capture);
}

static bool read_kind(struct svi_job *job, const json_t *capture, struct svi_error *err)
{
    const char *type = json_string_value(json_object_get(capture, "type"));
    const char *wanted = json_string_value(json_object_get(job->config, "capture_type"));
    if (!type)
        return against_contract(err, "type", json_object_get(capture, "type"));
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (!strcmp(kinds[i].type, type))
            job->kind = &kinds[i];
    if (!job->kind)
        return fail_type(job, type, err);
    if (wanted && *wanted && strcmp(wanted, type) != 0) {
        char shown[SVI_JOB_WORD_SIZE];
        svi_text_clean(shown, sizeof shown, wanted);
        return svi_fail(err, SVI_BAD_PARAMETER, "The capture is of the type %s, but the job's capture_type is \"%s\".", type,
                        shown);
    }
    return true;
}

/* The list may be short because the data system did not answer; that stands under "error". */
static bool fail_absent(const struct svi_job *job, const json_t *tree, size_t count, struct svi_error *err)
{
    const json_t *errors = json_object_get(tree, "error");
    if (asks_for_sigmf(job))
        return svi_fail(err, SVI_NOT_FOUND,
                        "The job names a SigMF capture of the SpectrumX Data System, and the platform does not list those. Attach "
                        "the metadata and the data as local files instead.");
    return svi_fail(err, SVI_NOT_FOUND, "The capture is not among the %zu that the platform lists for the job's owner%s.", count,
                    json_array_size(errors) ? ", and not all could be listed" : "")
           || svi_because(err, "capture %s, %zu errors", job->capture, json_array_size(errors));
}

static bool take(struct svi_job *job, const json_t *tree, struct svi_error *err)
{
    const json_t *list = json_object_get(tree, "captures");
    if (!json_is_array(list))
        return against_contract(err, "captures", list);
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *capture = json_array_get(list, i);
        const char *uuid = json_string_value(json_object_get(capture, "uuid"));
        if (uuid && !strcmp(uuid, job->capture))
            return read_kind(job, capture, err) && read_files(job, json_object_get(capture, "files"), err);
    }
    return fail_absent(job, tree, count, err);
}

bool svi_job_take_capture(struct svi_job *job, struct svi_bytes answer, struct svi_error *err)
{
    if (job->file_count || job->capture_count != 1 || !job->capture[0])
        return svi_fail(err, SVI_BAD_PARAMETER, "capture_ids names %zu captures; it must be a list with the id of one.",
                        job->capture_count);
    json_t *tree = svi_json_parse(answer, "The platform's list of captures", SVI_BAD_ANSWER, err);
    bool ok = tree && take(job, tree, err);
    json_decref(tree);
    return ok;
}
