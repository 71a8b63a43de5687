#include "host/submit.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "base/stopwatch.h"
#include "host/http.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESULT_LIMIT_BYTES = 1 << 30, PATH_BYTES = 96 };

/* What the platform says of the job when it is asked. */
struct state {
    char status[16], error[512];
    int64_t picture_id, summary_id;
    json_t *results; /* names and ids of all, or NULL */
};

/* --- giving --- */

/* Names of files are bytes, and those of a platform are texts. */
static bool check_name(const char *name, struct svi_error *err)
{
    char shown[256];
    if (svi_utf8_valid(svi_bytes_of(name)))
        return true;
    svi_text_clean(shown, sizeof shown, name);
    return svi_fail(err, SVI_BAD_PARAMETER, "The name of the file %s is not UTF-8, and no platform takes it: rename the file.",
                    shown);
}

/* Said before a byte is sent, and with the file's name. */
static bool check_file(const char *path, struct svi_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    bool ok = fd >= 0 && fstat(fd, &about) == 0;
    if (!ok)
        svi_fail(err, SVI_IO, "The file %s cannot be opened: %s.", svi_base_name(path), strerror(errno));
    else if (!S_ISREG(about.st_mode))
        ok = svi_fail(err, SVI_IO, "%s is not a regular file.", svi_base_name(path));
    if (!ok)
        svi_because(err, "%s", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static struct svi_http_file *list_files(const struct svi_submission *submission, struct svi_error *err)
{
    struct svi_http_file *files = calloc(submission->file_count + 1, sizeof *files);
    if (!files) {
        svi_fail_memory(err, submission->file_count * sizeof *files);
        return NULL;
    }
    for (size_t i = 0; i < submission->file_count; i++) {
        const char *path = submission->files[i];
        if (!check_name(svi_base_name(path), err) || !check_file(path, err)) {
            free(files);
            return NULL;
        }
        files[i] = (struct svi_http_file){ path, svi_base_name(path), "application/octet-stream" };
    }
    return files;
}

static bool read_job_id(const struct svi_http_answer *answer, int64_t *job, struct svi_error *err)
{
    json_t *tree = svi_json_parse((struct svi_bytes){ answer->body.at, answer->body.count }, "The platform's answer",
                                  SVI_BAD_ANSWER, err);
    *job = json_integer_value(json_object_get(tree, "job_id"));
    json_decref(tree);
    return *job > 0 || svi_fail(err, SVI_BAD_ANSWER, "The platform took the job but did not say its number.");
}

static bool give(struct svi_http *http, const struct svi_submission *submission, int64_t *job, struct svi_error *err)
{
    const struct svi_http_field fields[] = { { "type", submission->type }, { "config", submission->config } };
    struct svi_http_file *files = list_files(submission, err);
    if (!files)
        return false;
    const struct svi_http_form form = {
        .fields = fields, .field_count = submission->config ? 2 : 1, .files = files, .file_count = submission->file_count
    };
    struct svi_http_answer answer = { 0 };
    struct svi_error why = { 0 };
    bool ok = svi_http_post_form(http, "/api/jobs/submit-job/", &form, SVI_HTTP_ADDS, &answer, &why);
    if (!ok && answer.status == 413)
        svi_fail(err, SVI_BAD_PARAMETER, "The files are larger than this platform takes.");
    else if (!ok)
        svi_fail(err, why.status, "%s", why.message);
    if (!ok)
        svi_because(err, "%s", why.cause);
    ok = ok && read_job_id(&answer, job, err);
    svi_http_answer_clear(&answer);
    free(files);
    return ok;
}

/* --- waiting --- */

static bool is_end(const char *status)
{
    return !strcmp(status, "completed") || !strcmp(status, "failed");
}

static bool read_state(const struct svi_http_answer *answer, struct state *state, struct svi_error *err)
{
    json_t *tree = svi_json_parse((struct svi_bytes){ answer->body.at, answer->body.count }, "The platform's answer",
                                  SVI_BAD_ANSWER, err);
    if (!tree)
        return false;
    const json_t *data = json_object_get(tree, "data");
    const char *status = json_string_value(json_object_get(data, "status"));
    const char *error = json_string_value(json_object_get(data, "error"));
    bool ok = status && svi_format(state->status, sizeof state->status, "%s", status);
    svi_format(state->error, sizeof state->error, "%s", error ? error : "");
    state->error[svi_utf8_fit(state->error, strlen(state->error))] = '\0';
    state->picture_id = json_integer_value(json_object_get(data, "results_id"));
    state->summary_id = json_integer_value(json_object_get(data, "json_data_id"));
    json_decref(state->results);
    state->results = json_incref(json_object_get(data, "results"));
    json_decref(tree);
    return ok || svi_fail(err, SVI_BAD_ANSWER, "The platform does not say the job's status.");
}

static bool ask_state(struct svi_http *http, int64_t job, struct state *state, struct svi_error *err)
{
    char path[PATH_BYTES];
    svi_format(path, sizeof path, "/api/jobs/job-metadata/%" PRId64 "/", job);
    struct svi_http_answer answer = { 0 };
    bool ok = svi_http_get(http, path, &answer, err) && read_state(&answer, state, err);
    svi_http_answer_clear(&answer);
    return ok;
}

/* One that is started again meanwhile still has the job. */
static const double longest_silence_s = 60;

static bool wait_for_end(struct svi_http *http, const struct svi_submission *submission, struct state *state,
                         struct svi_submission_outcome *outcome, struct svi_error *err)
{
    double pause_s = submission->poll_interval_s > 0.0 ? submission->poll_interval_s : 0.5;
    double heard_s = svi_now_s(), end_s = heard_s + submission->time_limit_s;
    for (;;) {
        struct svi_error silent = { 0 };
        if (ask_state(http, outcome->job, state, &silent)) {
            heard_s = svi_now_s();
            memcpy(outcome->status, state->status, sizeof outcome->status);
            if (is_end(state->status))
                break;
        } else if (!silent.may_pass || svi_now_s() - heard_s > longest_silence_s) {
            *err = silent;
            return false;
        }
        if (submission->time_limit_s > 0.0 && svi_now_s() >= end_s)
            return svi_fail(err, SVI_TIME_LIMIT, "The job has not ended after %g s; it is %s.", submission->time_limit_s,
                            outcome->status);
        if (!svi_http_pause(http, pause_s, err))
            return false;
    }
    outcome->picture_id = state->picture_id;
    outcome->summary_id = state->summary_id;
    if (!strcmp(state->status, "completed"))
        return true;
    return svi_fail(err, SVI_JOB_FAILED, "%s",
                    state->error[0] ? state->error : "The job failed, and the platform does not say why.");
}

/* --- fetching --- */

static bool is_plain(const char *text, size_t length)
{
    return length && length < 64 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") >= length;
}

/* The type comes from the user, and becomes a file name only where it looks like one. */
static const char *stem_of(const struct svi_submission *submission)
{
    return is_plain(submission->type, strlen(submission->type)) ? submission->type : "result";
}

static bool fail_write(const char *path, struct svi_error *err)
{
    int why = errno;
    return svi_fail(err, svi_status_of_errno(why), "A result cannot be written: %s.", strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

static bool fetch_file(struct svi_http *http, const struct svi_submission *submission, const char *name, int64_t id,
                       struct svi_error *err)
{
    char path[PATH_MAX], temporary[PATH_MAX + 16], call[PATH_BYTES];
    svi_format(call, sizeof call, "/api/jobs/job-data/%" PRId64 "/?download=true", id);
    if (!svi_format(path, sizeof path, "%s/%s", submission->results_folder, name)
        || !svi_format(temporary, sizeof temporary, "%s.XXXXXX", path))
        return svi_fail(err, SVI_IO, "The name of a result is too long.") || svi_because(err, "%s", submission->results_folder);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return fail_write(temporary, err);
    uint64_t received;
    bool ok = svi_http_download(http, call, fd, RESULT_LIMIT_BYTES, &received, err);
    if (ok && fchmod(fd, 0644) != 0)
        ok = fail_write(temporary, err);
    if (close(fd) != 0 && ok)
        ok = fail_write(temporary, err);
    if (ok && rename(temporary, path) != 0)
        ok = fail_write(path, err);
    if (!ok)
        unlink(temporary);
    return ok;
}

static bool fetch_picture(struct svi_http *http, const struct svi_submission *submission, struct svi_submission_outcome *outcome,
                          struct svi_error *err)
{
    char name[sizeof outcome->picture];
    svi_format(name, sizeof name, "%s.png", stem_of(submission));
    if (!fetch_file(http, submission, name, outcome->picture_id, err))
        return false;
    memcpy(outcome->picture, name, sizeof outcome->picture);
    return true;
}

static bool write_summary(const json_t *summary, const struct svi_submission *submission, struct svi_submission_outcome *outcome,
                          struct svi_error *err)
{
    char name[sizeof outcome->summary], path[PATH_MAX];
    svi_format(name, sizeof name, "%s.json", stem_of(submission));
    if (!json_is_object(summary))
        return svi_fail(err, SVI_BAD_ANSWER, "The platform's summary of the job is not an object.");
    if (!svi_format(path, sizeof path, "%s/%s", submission->results_folder, name))
        return svi_fail(err, SVI_IO, "The name of a result is too long.") || svi_because(err, "%s", submission->results_folder);
    char *text = json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(SVI_JSON_DIGITS));
    if (!text)
        return svi_fail_memory(err, 0);
    bool ok = svi_file_write(path, svi_bytes_of(text), err);
    free(text);
    if (ok)
        memcpy(outcome->summary, name, sizeof outcome->summary);
    return ok;
}

static bool fetch_summary(struct svi_http *http, const struct svi_submission *submission, struct svi_submission_outcome *outcome,
                          struct svi_error *err)
{
    char call[PATH_BYTES];
    svi_format(call, sizeof call, "/api/jobs/job-data/%" PRId64 "/", outcome->summary_id);
    struct svi_http_answer answer = { 0 };
    bool ok = svi_http_get(http, call, &answer, err);
    json_t *tree = ok ? svi_json_parse((struct svi_bytes){ answer.body.at, answer.body.count }, "The summary", SVI_BAD_ANSWER, err)
                      : NULL;
    ok = tree && write_summary(json_object_get(json_object_get(tree, "data"), "json_data"), submission, outcome, err);
    json_decref(tree);
    svi_http_answer_clear(&answer);
    return ok;
}

/* A name comes from the platform, and becomes that of a file only where it looks like one: "waterfall_slices.json". */
static void name_further(char *into, size_t size, const char *name, int64_t id)
{
    const char *dot = strchr(name, '.');
    bool usable = dot && is_plain(name, (size_t)(dot - name)) && is_plain(dot + 1, strlen(dot + 1)) && strlen(name) < size;
    if (usable)
        svi_format(into, size, "%s", name);
    else
        svi_format(into, size, "result-%" PRId64, id);
}

/* What the job made besides its first picture and summary. */
static bool fetch_further(struct svi_http *http, const struct svi_submission *submission, const json_t *results,
                          struct svi_submission_outcome *outcome, struct svi_error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)results, name, value)
    {
        const int64_t id = json_integer_value(value);
        if (id <= 0 || id == outcome->picture_id || id == outcome->summary_id || outcome->further_count == SVI_SUBMIT_MOST_FURTHER)
            continue;
        char *into = outcome->further[outcome->further_count];
        name_further(into, sizeof outcome->further[0], name, id);
        if (!fetch_file(http, submission, into, id, err))
            return false;
        outcome->further_count++;
    }
    return true;
}

static bool fetch_results(struct svi_http *http, const struct svi_submission *submission, const json_t *further,
                          struct svi_submission_outcome *outcome, struct svi_error *err)
{
    return svi_make_folders(submission->results_folder, SVI_FOLDER_SHARED, err)
           && (outcome->picture_id <= 0 || fetch_picture(http, submission, outcome, err))
           && (outcome->summary_id <= 0 || fetch_summary(http, submission, outcome, err))
           && fetch_further(http, submission, further, outcome, err);
}

bool svi_submit(const struct svi_submission *submission, struct svi_submission_outcome *outcome, struct svi_error *err)
{
    *outcome = (struct svi_submission_outcome){ 0 };
    const struct svi_http_options options = { .base_url = submission->api_url,
                                              .token = submission->token,
                                              .ca_file = submission->ca_file,
                                              .stop = submission->stop,
                                              .policy = svi_http_standard_policy };
    struct svi_http *http = NULL;
    struct state state = { 0 };
    bool ok = svi_http_open(&http, &options, err) && give(http, submission, &outcome->job, err);
    if (ok)
        svi_format(outcome->status, sizeof outcome->status, "submitted");
    if (ok && submission->accepted)
        ok = submission->accepted(submission->accepted_self, outcome->job, err);
    if (ok && submission->wait)
        ok = wait_for_end(http, submission, &state, outcome, err);
    if (ok && submission->wait && submission->results_folder)
        ok = fetch_results(http, submission, state.results, outcome, err);
    json_decref(state.results);
    svi_http_close(http);
    return ok;
}
