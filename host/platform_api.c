#include "host/platform_api.h"

#include "base/bytes.h"
#include "base/json.h"
#include "host/platform_status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 1024, INFO_LIMIT_BYTES = 64 << 10, JSON_RESULT_LIMIT_BYTES = 1 << 20, NAME_LIMIT_BYTES = 1024 };

enum place { NO_PLACE, OF_ROW, OF_JOB, OF_UUID };

struct svi_platform_route {
    const char *before, *behind; /* what the path has before and behind its id */
    const char *method;
    enum place id;
    void (*answer)(const struct svi_platform_call *call, const struct svi_platform_body *body, struct svi_platform_answer *answer);
};

/* --- fields, and what is wrong with them --- */

/* {"job": ["…"]}: every field's fault in one answer, as the contract shows. */
static void add_fault(json_t *errors, const char *field, const char *text)
{
    json_t *list = json_object_get(errors, field);
    if (!list && json_object_set_new(errors, field, json_array()) == 0)
        list = json_object_get(errors, field);
    json_array_append_new(list, json_string(text));
}

static void answer_faults(struct svi_platform_answer *answer, json_t *errors)
{
    svi_platform_answer_json(answer, 400,
                             json_pack("{s:s, s:s, s:O}", "status", "error", "message", "Invalid data", "errors", errors));
}

/* The field as JSON; of a form, whose values are texts, as the JSON that the text holds. The caller ends it with json_decref; NULL
 * where there is none, or where it is broken, which is then among the errors. */
static json_t *json_field(const struct svi_platform_body *body, const char *name, json_t *errors)
{
    json_t *value = json_object_get(svi_platform_body_fields(body), name);
    if (!value || !svi_platform_body_is_form(body))
        return json_incref(value);
    struct svi_error fault = { 0 };
    json_t *tree = svi_json_parse(svi_bytes_of(json_string_value(value)), "The value", SVI_BAD_PARAMETER, &fault);
    if (!tree)
        add_fault(errors, name, fault.message);
    return tree;
}

static const char *text_field(const struct svi_platform_body *body, const char *name, size_t limit_bytes, json_t *errors)
{
    const json_t *value = json_object_get(svi_platform_body_fields(body), name);
    const char *fault = !value                                    ? "This field is required."
                        : !json_is_string(value)                  ? "Not a valid string."
                        : json_string_length(value) == 0          ? "This field may not be blank."
                        : json_string_length(value) > limit_bytes ? "This text is too long."
                                                                  : NULL;
    if (!fault)
        return json_string_value(value);
    add_fault(errors, name, fault);
    return NULL;
}

/* Decimal digits, not 0, at most 2^63 - 1. */
static bool read_id(const char *text, size_t count, int64_t *id)
{
    *id = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9 || *id > (INT64_MAX - digit) / 10)
            return false;
        *id = *id * 10 + digit;
    }
    return *id > 0;
}

/* An id as a number, or as the text of one. */
static bool id_field(const struct svi_platform_body *body, const char *name, int64_t *id, json_t *errors)
{
    const json_t *value = json_object_get(svi_platform_body_fields(body), name);
    if (!value) {
        add_fault(errors, name, "This field is required.");
        return false;
    }
    *id = json_integer_value(value);
    if (json_is_integer(value) || (json_is_string(value) && read_id(json_string_value(value), json_string_length(value), id)))
        return true;
    add_fault(errors, name, "Incorrect type. Expected an integer id.");
    return false;
}

/* The text of a tree, or NULL (and a fault) where it is larger than allowed. The caller frees it. */
static char *bounded_text(const json_t *tree, const char *name, size_t limit_bytes, json_t *errors)
{
    char *text = json_dumps(tree, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text && strlen(text) <= limit_bytes)
        return text;
    free(text);
    add_fault(errors, name, "This value is too large.");
    return NULL;
}

/* --- the calls --- */

static void invalid_job(struct svi_platform_answer *answer, json_t *errors, int64_t job)
{
    char text[96];
    svi_format(text, sizeof text, "Invalid pk \"%" PRId64 "\" - object does not exist.", job);
    add_fault(errors, "job", text);
    answer_faults(answer, errors);
}

static void set_status(const struct svi_platform_call *call, int64_t job, const char *status, const json_t *info, json_t *errors,
                       struct svi_platform_answer *answer)
{
    struct svi_error err = { 0 };
    json_t *row;
    enum svi_platform_result result = svi_platform_store_set_status(call->store, &call->user, job, status, info, &row, &err);
    if (result == SVI_PLATFORM_DONE) {
        svi_platform_answer_json(
            answer, 201,
            json_pack("{s:s, s:s, s:o}", "status", "success", "message", "Job status updated successfully", "data", row));
    } else if (result == SVI_PLATFORM_ABSENT) {
        invalid_job(answer, errors, job);
    } else if (result == SVI_PLATFORM_REFUSED) {
        add_fault(errors, "info", err.message);
        answer_faults(answer, errors);
    } else {
        svi_platform_answer_result(answer, result, &err);
    }
}

static void update_job_status(const struct svi_platform_call *call, const struct svi_platform_body *body,
                              struct svi_platform_answer *answer)
{
    json_t *errors = json_object();
    int64_t job = 0;
    id_field(body, "job", &job, errors);
    const char *status = text_field(body, "status", 64, errors);
    if (status && !svi_platform_is_status(status))
        add_fault(errors, "status", "This is not a valid choice: pending, submitted, running, completed, failed.");
    json_t *info = json_field(body, "info", errors);
    json_t *none = json_object();
    char *small = bounded_text(info ? info : none, "info", INFO_LIMIT_BYTES, errors);
    if (json_object_size(errors))
        answer_faults(answer, errors);
    else
        set_status(call, job, status, info && !json_is_null(info) ? info : none, errors, answer);
    free(small);
    json_decref(none);
    json_decref(info);
    json_decref(errors);
}

static void job_metadata(const struct svi_platform_call *call, const struct svi_platform_body *body,
                         struct svi_platform_answer *answer)
{
    (void)body;
    struct svi_error err = { 0 };
    json_t *data;
    enum svi_platform_result result = svi_platform_store_job(call->store, &call->user, call->id, &data, &err);
    if (result == SVI_PLATFORM_DONE)
        svi_platform_answer_json(answer, 200,
                                 json_pack("{s:s, s:I, s:o}", "status", "success", "job_id", (json_int_t)call->id, "data", data));
    else
        svi_platform_answer_result(answer, result, &err);
}

static void job_file(const struct svi_platform_call *call, const struct svi_platform_body *body, struct svi_platform_answer *answer)
{
    (void)body;
    if (!call->head->file_type || strcmp(call->head->file_type, "local") != 0) {
        svi_platform_answer_error(answer, 400, "The query needs file_type=local.");
        return;
    }
    struct svi_error err = { 0 };
    struct svi_platform_file file;
    enum svi_platform_result result = svi_platform_store_job_file(call->store, &call->user, call->id, &file, &err);
    if (result == SVI_PLATFORM_DONE)
        svi_platform_answer_file(answer, &file, call->head->range);
    else
        svi_platform_answer_result(answer, result, &err);
}

/* What save-job-data is given: a JSON object, an empty one or none counting as none. It is kept as it was sent, where it can be: to
 * write its numbers anew takes as long as all else that is done with it. */
static char *result_text(const struct svi_platform_body *body, json_t *errors)
{
    json_t *tree = json_field(body, "json_data", errors);
    const struct svi_bytes sent = svi_platform_body_text(body, "json_data");
    char *text = NULL;
    if (tree && !json_is_null(tree) && !json_is_object(tree))
        add_fault(errors, "json_data", "Expected a JSON object.");
    else if (json_object_size(tree) && sent.count && sent.count <= JSON_RESULT_LIMIT_BYTES)
        text = strndup((const char *)sent.at, sent.count);
    else if (json_object_size(tree))
        text = bounded_text(tree, "json_data", JSON_RESULT_LIMIT_BYTES, errors);
    json_decref(tree);
    return text;
}

static void check_field_names(const struct svi_platform_part *parts, size_t count, json_t *errors)
{
    json_t *seen = json_object();
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(seen, parts[i].field))
            add_fault(errors, parts[i].field, "A field name must be unique in a request.");
        json_object_set_new(seen, parts[i].field, json_true());
    }
    json_decref(seen);
}

static json_t *saved_data(int64_t json_id, const struct svi_platform_part *parts, const int64_t *file_ids, size_t count)
{
    json_t *data = json_object(), *ids = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(ids, parts[i].field, json_integer(file_ids[i]));
    if (json_id)
        json_object_set_new(data, "json_data_id", json_integer(json_id));
    if (count)
        json_object_set(data, "file_ids", ids);
    json_decref(ids);
    return data;
}

static void save(const struct svi_platform_call *call, const char *json, const struct svi_platform_part *parts, size_t count,
                 struct svi_platform_answer *answer)
{
    struct svi_platform_upload **uploads = calloc(count + 1, sizeof(void *));
    int64_t *file_ids = calloc(count + 1, sizeof *file_ids), json_id = 0;
    struct svi_error err = { 0 };
    for (size_t i = 0; uploads && i < count; i++)
        uploads[i] = parts[i].upload;
    enum svi_platform_result result = SVI_PLATFORM_BROKEN;
    if (uploads && file_ids)
        result = svi_platform_store_save(call->store, &call->user, call->id, json, uploads, count, &json_id, file_ids, &err);
    else
        svi_fail_memory(&err, count * sizeof(void *));
    if (result == SVI_PLATFORM_DONE)
        svi_platform_answer_json(answer, 201,
                                 json_pack("{s:s, s:s, s:o}", "status", "success", "message", "Data saved successfully", "data",
                                           saved_data(json_id, parts, file_ids, count)));
    else
        svi_platform_answer_result(answer, result, &err);
    free(file_ids);
    free(uploads);
}

static void save_job_data(const struct svi_platform_call *call, const struct svi_platform_body *body,
                          struct svi_platform_answer *answer)
{
    json_t *errors = json_object();
    size_t count;
    const struct svi_platform_part *parts = svi_platform_body_parts(body, &count);
    check_field_names(parts, count, errors);
    char *json = result_text(body, errors);
    if (!json && !count && !json_object_size(errors))
        add_fault(errors, "json_data", "Neither json_data nor a file was sent.");
    if (json_object_size(errors))
        answer_faults(answer, errors);
    else
        save(call, json, parts, count, answer);
    free(json);
    json_decref(errors);
}

/* A JSON record is a file too, when it is downloaded. */
static void download_json(const struct svi_platform_call *call, const json_t *json, struct svi_platform_answer *answer)
{
    char name[64];
    svi_format(name, sizeof name, "json_data_%" PRId64 ".json", call->id);
    svi_platform_answer_json(answer, 200, json_deep_copy(json));
    svi_platform_write_disposition(answer->disposition, sizeof answer->disposition, name);
}

static json_t *result_data(const struct svi_platform_call *call, json_t *json, const struct svi_platform_file *file)
{
    if (json)
        return json_pack("{s:O, s:n}", "json_data", json, "file_metadata");
    char url[96];
    svi_format(url, sizeof url, "/api/jobs/job-data/%" PRId64 "/?download=true", call->id);
    return json_pack("{s:n, s:{s:s, s:I, s:s, s:s}}", "json_data", "file_metadata", "filename", file->name, "size",
                     (json_int_t)file->size_bytes, "url", url, "content_type", file->content_type);
}

static void job_data(const struct svi_platform_call *call, const struct svi_platform_body *body, struct svi_platform_answer *answer)
{
    (void)body;
    struct svi_error err = { 0 };
    struct svi_platform_file file;
    json_t *json;
    bool download = call->head->download && (!strcmp(call->head->download, "true") || !strcmp(call->head->download, "1"));
    enum svi_platform_result result = svi_platform_store_result(call->store, &call->user, call->id, download, &json, &file, &err);
    if (result != SVI_PLATFORM_DONE)
        svi_platform_answer_result(answer, result, &err);
    else if (download && json)
        download_json(call, json, answer);
    else if (download)
        svi_platform_answer_file(answer, &file, call->head->range);
    else
        svi_platform_answer_json(answer, 200, json_pack("{s:s, s:o}", "status", "success", "data", result_data(call, json, &file)));
    json_decref(json);
}

/* The names in local_files, a list that points into the tree; the caller frees it. NULL where there is a fault. */
static const char **read_names(const json_t *list, size_t *count, json_t *errors)
{
    *count = json_array_size(list);
    const char **names = calloc(*count + 1, sizeof *names);
    const char *fault = !names                                                ? "There is not enough memory."
                        : list && !json_is_null(list) && !json_is_array(list) ? "Expected a list of file names."
                        : *count > MAX_NAMES                                  ? "There are too many files."
                                                                              : NULL;
    for (size_t i = 0; !fault && i < *count; i++) {
        const json_t *name = json_array_get(list, i);
        names[i] = json_string_value(name);
        if (!names[i] || !names[i][0] || json_string_length(name) > NAME_LIMIT_BYTES)
            fault = "Every file name is a string of 1 to 1024 bytes.";
    }
    if (!fault)
        return names;
    add_fault(errors, "local_files", fault);
    free(names);
    return NULL;
}

static void submit(const struct svi_platform_call *call, struct svi_platform_submission *submission,
                   const struct svi_platform_body *body, json_t *errors, struct svi_platform_answer *answer)
{
    const struct svi_platform_part *parts = svi_platform_body_parts(body, &submission->upload_count);
    struct svi_platform_upload **uploads = calloc(submission->upload_count + 1, sizeof(void *));
    struct svi_error err = { 0 };
    int64_t job = 0;
    for (size_t i = 0; uploads && i < submission->upload_count; i++)
        uploads[i] = parts[i].upload;
    submission->uploads = uploads;
    enum svi_platform_result result = SVI_PLATFORM_BROKEN;
    if (uploads)
        result = svi_platform_store_submit(call->store, &call->user, submission, &job, &err);
    else
        svi_fail_memory(&err, submission->upload_count * sizeof(void *));
    if (result == SVI_PLATFORM_DONE) {
        svi_platform_answer_json(answer, 201, json_pack("{s:s, s:I}", "status", "success", "job_id", (json_int_t)job));
    } else if (result == SVI_PLATFORM_REFUSED) {
        add_fault(errors, "local_files", err.message);
        answer_faults(answer, errors);
    } else {
        svi_platform_answer_result(answer, result, &err);
    }
    free(uploads);
}

static void submit_job(const struct svi_platform_call *call, const struct svi_platform_body *body,
                       struct svi_platform_answer *answer)
{
    json_t *errors = json_object();
    struct svi_platform_submission submission = { .type = text_field(body, "type", SVI_PLATFORM_TYPE_BYTES - 1, errors) };
    json_t *config = json_field(body, "config", errors), *list = json_field(body, "local_files", errors);
    if (config && !json_is_null(config) && !json_is_object(config))
        add_fault(errors, "config", "Expected a JSON object.");
    char *config_text = json_is_object(config) ? bounded_text(config, "config", JSON_RESULT_LIMIT_BYTES, errors) : NULL;
    const char **names = read_names(list, &submission.name_count, errors);
    submission.config = config_text;
    submission.names = names;
    if (json_object_size(errors))
        answer_faults(answer, errors);
    else
        submit(call, &submission, body, errors, answer);
    free(names);
    free(config_text);
    json_decref(list);
    json_decref(config);
    json_decref(errors);
}

/* --- captures --- */

static bool asks_data_system(const struct svi_platform_call *call, struct svi_platform_answer *answer)
{
    if (call->head->source && !strcmp(call->head->source, "sds"))
        return true;
    svi_platform_answer_error(answer, 400, "The query needs source=sds.");
    return false;
}

static void list_captures(const struct svi_platform_call *call, const struct svi_platform_body *body,
                          struct svi_platform_answer *answer)
{
    (void)body;
    struct svi_error err = { 0 };
    json_t *list;
    if (!asks_data_system(call, answer))
        return;
    enum svi_platform_result result = svi_platform_store_captures(call->store, &call->user, &list, &err);
    if (result == SVI_PLATFORM_DONE)
        svi_platform_answer_json(answer, 200, json_pack("{s:o, s:[]}", "captures", list, "error"));
    else
        svi_platform_answer_result(answer, result, &err);
}

static void capture_file(const struct svi_platform_call *call, const struct svi_platform_body *body,
                         struct svi_platform_answer *answer)
{
    (void)body;
    struct svi_error err = { 0 };
    struct svi_platform_file file;
    if (!asks_data_system(call, answer))
        return;
    enum svi_platform_result result = svi_platform_store_capture_file(call->store, &call->user, call->uuid, &file, &err);
    if (result == SVI_PLATFORM_DONE)
        svi_platform_answer_file(answer, &file, call->head->range);
    else
        svi_platform_answer_result(answer, result, &err);
}

/* --- from the path to the call --- */

static const struct svi_platform_route routes[] = {
    /* path before and behind the id, method, what the id is of */
    { "/api/jobs/update-job-status", "", "POST", NO_PLACE, update_job_status },
    { "/api/jobs/submit-job", "", "POST", NO_PLACE, submit_job },
    { "/api/jobs/job-metadata/", "", "GET", OF_JOB, job_metadata },
    { "/api/jobs/job-file/", "", "GET", OF_ROW, job_file },
    { "/api/jobs/save-job-data/", "", "POST", OF_JOB, save_job_data },
    { "/api/jobs/job-data/", "", "GET", OF_ROW, job_data },
    { "/api/captures/list", "", "GET", NO_PLACE, list_captures },
    { "/api/files/", "/content", "GET", OF_UUID, capture_file },
};

/* Takes the id off the front of a path. */
static bool take_id(const struct svi_platform_route *route, const char **rest, struct svi_platform_call *call)
{
    size_t count = strcspn(*rest, "/");
    call->id = 0;
    call->uuid[0] = '\0';
    bool ok = route->id == NO_PLACE
              || (route->id == OF_UUID ? count == sizeof call->uuid - 1 && strspn(*rest, "0123456789abcdef-") >= count
                                             && svi_format(call->uuid, sizeof call->uuid, "%.*s", (int)count, *rest)
                                       : read_id(*rest, count, &call->id));
    *rest += route->id == NO_PLACE ? 0 : count;
    return ok;
}

/* *slash tells whether the one at the end is there. */
static bool match(const struct svi_platform_route *route, const char *path, struct svi_platform_call *call, bool *slash)
{
    size_t before = strlen(route->before), behind = strlen(route->behind);
    if (strncmp(path, route->before, before) != 0)
        return false;
    const char *rest = path + before;
    if (!take_id(route, &rest, call) || strncmp(rest, route->behind, behind) != 0)
        return false;
    rest += behind;
    *slash = *rest == '/';
    return !*rest || (*slash && !rest[1]);
}

static const struct svi_platform_route *find_route(const char *path, struct svi_platform_call *call, bool *slash)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (match(&routes[i], path, call, slash))
            return &routes[i];
    return NULL;
}

/* HEAD is GET whose bytes are not sent. */
static bool is_read(const char *method)
{
    return !strcmp(method, "GET") || !strcmp(method, "HEAD");
}

/* A redirect turns a POST into a GET, so only who reads is redirected. */
static void answer_missing_slash(const struct svi_platform_head *head, struct svi_platform_answer *answer)
{
    if (!is_read(head->method)) {
        svi_platform_answer_error(answer, 404, "The path of this call ends in a slash, and the request's does not.");
        return;
    }
    svi_platform_answer_error(answer, 301, "The path of this call ends in a slash.");
    if (!svi_format(answer->location, sizeof answer->location, "%s/%s", head->path, head->raw_query))
        svi_platform_answer_error(answer, 404, "The path of this call ends in a slash, and the request's does not.");
}

static bool authenticate(struct svi_platform_call *call, struct svi_platform_answer *answer)
{
    static const char scheme[] = "Token ";
    const char *text = call->head->authorization;
    if (!text || strncmp(text, scheme, sizeof scheme - 1) != 0) {
        svi_platform_answer_detail(answer, 401, "Authentication credentials were not provided.");
        return false;
    }
    struct svi_error err = { 0 };
    enum svi_platform_result result = svi_platform_store_find_user(call->store, text + sizeof scheme - 1, &call->user, &err);
    if (result == SVI_PLATFORM_ABSENT)
        svi_platform_answer_detail(answer, 401, "Invalid token.");
    else if (result != SVI_PLATFORM_DONE)
        svi_platform_answer_result(answer, result, &err);
    return result == SVI_PLATFORM_DONE;
}

bool svi_platform_api_begin(struct svi_platform_call *call, struct svi_platform_store *store, const struct svi_platform_head *head,
                            struct svi_platform_answer *answer)
{
    bool slash;
    *call = (struct svi_platform_call){ .store = store, .head = head };
    call->route = find_route(head->path, call, &slash);
    if (!call->route) {
        svi_platform_answer_error(answer, 404, "There is no such call.");
        return false;
    }
    if (!slash) {
        answer_missing_slash(head, answer);
        return false;
    }
    if (!authenticate(call, answer))
        return false;
    bool reads = !strcmp(call->route->method, "GET");
    if (reads ? !is_read(head->method) : strcmp(head->method, call->route->method) != 0) {
        svi_platform_answer_detail(answer, 405, "This method is not allowed here.");
        answer->allow = reads ? "GET, HEAD" : "POST";
        return false;
    }
    if (call->route->id != OF_JOB)
        return true;
    /* Before the body: nobody uploads gigabytes for a job that is not theirs. */
    struct svi_error err = { 0 };
    enum svi_platform_result result = svi_platform_store_check_job(store, &call->user, call->id, &err);
    if (result != SVI_PLATFORM_DONE)
        svi_platform_answer_result(answer, result, &err);
    return result == SVI_PLATFORM_DONE;
}

void svi_platform_api_finish(const struct svi_platform_call *call, const struct svi_platform_body *body,
                             struct svi_platform_answer *answer)
{
    call->route->answer(call, body, answer);
}
