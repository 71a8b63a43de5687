#include "host/job_api.h"

#include <inttypes.h>
#include <string.h>

enum { LOOKUPS = 6, LONGEST_FIELD_NAME = 100 };

static const double lookup_factor = 1.5;

/* A path in the API with a slash at its end: without it Django answers a redirect. */
struct path {
    char text[96];
};

static struct path path_of(const char *call, int64_t id)
{
    struct path path;
    svi_format(path.text, sizeof path.text, "/api/jobs/%s/%" PRId64 "/", call, id);
    return path;
}

static bool against_contract(const char *call, const char *what, const json_t *found, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_ANSWER, "The platform's answer is not as agreed (%s: %s).", what, svi_json_kind(found))
           || svi_because(err, "%s", call);
}

/* The `data` of an answer that reports success; the caller ends *tree. */
static const json_t *open_answer(const struct svi_http_answer *answer, const char *call, json_t **tree, struct svi_error *err)
{
    *tree = svi_json_parse((struct svi_bytes){ answer->body.at, answer->body.count }, "The platform's answer", SVI_BAD_ANSWER, err);
    if (!*tree) {
        svi_because(err, "%s: HTTP %ld, %zu bytes", call, answer->status, answer->body.count);
        return NULL;
    }
    const json_t *status = json_object_get(*tree, "status");
    const json_t *data = json_object_get(*tree, "data");
    if (!json_is_string(status) || strcmp(json_string_value(status), "success") != 0)
        against_contract(call, "status", status, err);
    else if (!json_is_object(data))
        against_contract(call, "data", data, err);
    return err->status == SVI_OK ? data : NULL;
}

static bool read_id(const json_t *value, const char *call, const char *what, int64_t *id, struct svi_error *err)
{
    if (!json_is_integer(value) || json_integer_value(value) <= 0)
        return against_contract(call, what, value, err);
    *id = json_integer_value(value);
    return true;
}

/* {"errors": {"job": ["Invalid pk \"7\" - object does not exist."]}} */
static bool says(const struct svi_http_answer *answer, const char *field, const char *what)
{
    struct svi_error ignored = { 0 };
    if (answer->status != 400)
        return false;
    json_t *tree = svi_json_parse((struct svi_bytes){ answer->body.at, answer->body.count }, "", SVI_BAD_ANSWER, &ignored);
    const json_t *reasons = json_object_get(json_object_get(tree, "errors"), field);
    const char *reason = json_string_value(json_array_get(reasons, 0));
    bool found = reason && strstr(reason, what);
    json_decref(tree);
    return found;
}

static bool check_status_answer(const struct svi_http_answer *answer, int64_t job, const char *status, struct svi_error *err)
{
    static const char call[] = "update-job-status";
    json_t *tree = NULL;
    const json_t *data = open_answer(answer, call, &tree, err);
    int64_t row = 0, about = 0;
    bool ok = data && read_id(json_object_get(data, "id"), call, "id", &row, err)
              && read_id(json_object_get(data, "job_id"), call, "job_id", &about, err);
    const char *now = json_string_value(json_object_get(data, "status"));
    if (ok && (about != job || !now || strcmp(now, status) != 0))
        ok = svi_fail(err, SVI_BAD_ANSWER, "The platform took the status for another one.")
             || svi_because(err, "%s: sent %s of job %" PRId64 ", stored for job %" PRId64, call, status, job, about);
    json_decref(tree);
    return ok;
}

static bool post_status(struct svi_http *http, int64_t job, const char *status, struct svi_bytes body,
                        struct svi_http_answer *answer, struct svi_error *err)
{
    struct svi_error refusal = { 0 };
    /* The same status twice is the same as once. */
    if (svi_http_post_json(http, "/api/jobs/update-job-status/", body, SVI_HTTP_IDEMPOTENT, answer, &refusal))
        return check_status_answer(answer, job, status, err);
    if (says(answer, "job", "does not exist"))
        return svi_fail(err, SVI_NOT_FOUND, "The platform has no job %" PRId64 ".", job) || svi_because(err, "%s", refusal.cause);
    if (says(answer, "info", "does not name a result"))
        return svi_fail(err, SVI_POST_FAILED, "The platform has lost results of the job.") || svi_because(err, "%s", refusal.cause);
    *err = refusal;
    return false;
}

/* Something answers there, but it is not the platform's API: its address is wrong, or it is not up yet. */
static bool is_no_api(long status)
{
    return status == 404 || status == 405 || (status >= 200 && status < 400);
}

bool svi_job_api_set_status(struct svi_http *http, int64_t job, const char *status, const json_t *info, bool fresh,
                            struct svi_error *err)
{
    json_t *tree = json_pack("{s:I, s:s, s:O*}", "job", (json_int_t)job, "status", status, "info", info);
    struct svi_buffer body;
    svi_buffer_init(&body, 65536);
    struct svi_http_answer answer = { 0 };
    bool ok = (tree && svi_json_write(&body, tree, err)) || svi_fail_memory(err, body.limit);
    double pause_s = svi_http_policy_of(http)->lookup_pause_s;
    for (int left = fresh ? LOOKUPS : 1; ok && left; left--) {
        struct svi_error why = { 0 };
        if (post_status(http, job, status, (struct svi_bytes){ body.at, body.count }, &answer, &why))
            break;
        if (why.status != SVI_NOT_FOUND || answer.status != 400 || left == 1) {
            *err = why;
            err->may_pass |= is_no_api(answer.status);
            ok = false;
        } else {
            ok = svi_http_pause(http, pause_s, err);
            pause_s *= lookup_factor;
        }
    }
    svi_http_answer_clear(&answer);
    svi_buffer_clear(&body);
    json_decref(tree);
    return ok;
}

bool svi_job_api_get(struct svi_http *http, int64_t job, struct svi_job *out, struct svi_error *err)
{
    struct svi_http_answer answer = { 0 };
    bool ok = svi_http_get(http, path_of("job-metadata", job).text, &answer, err)
              && (svi_job_parse(out, job, (struct svi_bytes){ answer.body.at, answer.body.count }, err)
                  || svi_because(err, "job-metadata: HTTP %ld, %zu bytes", answer.status, answer.body.count));
    svi_http_answer_clear(&answer);
    return ok;
}

bool svi_job_api_find_capture(struct svi_http *http, struct svi_job *job, struct svi_error *err)
{
    struct svi_http_answer answer = { 0 };
    bool ok = svi_http_get(http, "/api/captures/list/?source=sds", &answer, err)
              && (svi_job_take_capture(job, (struct svi_bytes){ answer.body.at, answer.body.count }, err)
                  || svi_because(err, "captures/list: HTTP %ld, %zu bytes", answer.status, answer.body.count));
    svi_http_answer_clear(&answer);
    return ok;
}

bool svi_job_api_fetch_file(struct svi_http *http, const struct svi_job_file *file, int fd, struct svi_http_room *room,
                            uint64_t *received_bytes, struct svi_error *err)
{
    char path[96 + SVI_JOB_WORD_SIZE];
    if (file->uuid[0])
        svi_format(path, sizeof path, "/api/files/%s/content/?source=sds", file->uuid);
    else
        svi_format(path, sizeof path, "/api/jobs/job-file/%" PRId64 "/?file_type=local", file->id);
    return svi_http_download_into(http, path, fd, room, received_bytes, err);
}

bool svi_job_api_save_json(struct svi_http *http, int64_t job, struct svi_bytes data, int64_t *id, struct svi_error *err)
{
    static const char call[] = "save-job-data", before[] = "{\"json_data\":", behind[] = "}";
    json_t *tree = NULL;
    struct svi_buffer body;
    svi_buffer_init(&body, svi_http_policy_of(http)->answer_limit_bytes);
    struct svi_http_answer answer = { 0 };
    bool ok = ((svi_buffer_add(&body, before, sizeof before - 1) && svi_buffer_add(&body, data.at, data.count)
                && svi_buffer_add(&body, behind, sizeof behind - 1))
               || svi_fail_memory(err, body.limit))
              && svi_http_post_json(http, path_of(call, job).text, (struct svi_bytes){ body.at, body.count }, SVI_HTTP_ADDS,
                                    &answer, err);
    const json_t *saved = ok ? open_answer(&answer, call, &tree, err) : NULL;
    ok = saved && read_id(json_object_get(saved, "json_data_id"), call, "json_data_id", id, err);
    json_decref(tree);
    svi_http_answer_clear(&answer);
    svi_buffer_clear(&body);
    return ok;
}

/* The name stands in a header of the part and is the key of the answer. */
static bool name_fits(const char *name)
{
    size_t length = strlen(name);
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\' || *c == '/')
            return false;
    return length > 0 && length <= LONGEST_FIELD_NAME;
}

bool svi_job_api_save_file(struct svi_http *http, int64_t job, const struct svi_http_file *file, int64_t *id, struct svi_error *err)
{
    static const char call[] = "save-job-data";
    if (!name_fits(file->name))
        return svi_fail(err, SVI_BUG, "A result has a name that cannot be sent.");
    json_t *tree = NULL;
    struct svi_http_answer answer = { 0 };
    bool ok = svi_http_post_file(http, path_of(call, job).text, file, SVI_HTTP_ADDS, &answer, err);
    const json_t *saved = ok ? open_answer(&answer, call, &tree, err) : NULL;
    ok = saved && read_id(json_object_get(json_object_get(saved, "file_ids"), file->name), call, "file_ids", id, err);
    json_decref(tree);
    svi_http_answer_clear(&answer);
    return ok;
}
