#include "platform_fixture.h"

#include "base/file.h"

#include <curl/curl.h>

#include "platform_contents.h"

struct platform_fixture platform_fixture;

void platform_start(void)
{
    struct svi_error err = { 0 };
    const struct svi_platform_options options = { .folder = platform_fixture.folder,
                                                  .listen = "127.0.0.1:0",
                                                  .max_upload_bytes = PLATFORM_MAX_UPLOAD_BYTES };
    check_ok(svi_platform_start(&platform_fixture.platform, &options, &err), err);
}

int platform_set_up(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    snprintf(platform_fixture.folder, sizeof platform_fixture.folder, "%s/http", scratch_folder());
    check_ok(svi_remove_tree(platform_fixture.folder, &err), err);
    check_ok(svi_platform_add_user(platform_fixture.folder, "ann", platform_fixture.ann, &err), err);
    platform_start();
    check_ok(svi_platform_add_user(platform_fixture.folder, "bob", platform_fixture.bob, &err), err);
    return 0;
}

int platform_tear_down(void **state)
{
    (void)state;
    svi_platform_stop(platform_fixture.platform);
    platform_fixture.platform = NULL;
    return 0;
}

/* --- asking --- */

static size_t on_bytes(char *bytes, size_t one, size_t count, void *buffer)
{
    (void)one;
    return svi_buffer_add(buffer, bytes, count) ? count : 0;
}

static size_t on_header(char *bytes, size_t one, size_t count, void *headers)
{
    (void)one;
    char *into = headers;
    size_t length = strlen(into);
    if (length + count < sizeof((struct platform_told *)0)->headers) {
        memcpy(into + length, bytes, count);
        into[length + count] = '\0';
    }
    return count;
}

struct platform_told platform_ask(const struct platform_ask *question)
{
    struct platform_told told = { 0 };
    svi_buffer_init(&told.bytes, 64 << 20);
    char url[1400], authorization[200];
    snprintf(url, sizeof url, "%s%s", svi_platform_url(platform_fixture.platform), question->path);
    snprintf(authorization, sizeof authorization, "Authorization: Token %s", question->token ? question->token : "");
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    if (question->token)
        headers = curl_slist_append(headers, authorization);
    if (question->authorization)
        headers = curl_slist_append(headers, question->authorization);
    if (question->json)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (question->header)
        headers = curl_slist_append(headers, question->header);
    if (question->header2)
        headers = curl_slist_append(headers, question->header2);
    curl_mime *mime = question->parts ? curl_mime_init(curl) : NULL;
    for (size_t i = 0; i < question->part_count; i++) {
        const struct platform_part *part = &question->parts[i];
        curl_mimepart *made = curl_mime_addpart(mime);
        curl_mime_name(made, part->name);
        curl_mime_data(made, part->bytes, part->size ? part->size : strlen(part->bytes));
        if (part->filename)
            curl_mime_filename(made, part->filename);
        if (part->type)
            curl_mime_type(made, part->type);
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &told.bytes);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, told.headers);
    if (question->json || question->form)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question->json ? question->json : question->form);
    if (mime)
        curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
    if (question->method)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, question->method);
    if (question->method && !strcmp(question->method, "HEAD"))
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        fail_msg("%s: %s", question->path, curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &told.status);
    told.json = told.bytes.count ? json_loadb((char *)told.bytes.at, told.bytes.count, JSON_DECODE_ANY, NULL) : NULL;
    curl_mime_free(mime);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return told;
}

void platform_forget(struct platform_told *told)
{
    json_decref(told->json);
    svi_buffer_clear(&told->bytes);
}

/* The value at "a.b.0.c" of the answer. */
json_t *platform_at(const struct platform_told *told, const char *path)
{
    json_t *value = told->json;
    while (value && *path) {
        char key[64];
        size_t length = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10)) : json_object_get(value, key);
        path += length + (path[length] == '.');
    }
    return value;
}

const char *platform_text_at(const struct platform_told *told, const char *path)
{
    const char *text = json_string_value(platform_at(told, path));
    if (!text)
        fail_msg("no text at %s in %.*s", path, (int)told->bytes.count, (const char *)told->bytes.at);
    return text;
}

void platform_check_status(const struct platform_told *told, long status, const char *about)
{
    if (told->status != status)
        fail_msg("%s: %ld, not %ld: %.*s", about, told->status, status, (int)told->bytes.count, (const char *)told->bytes.at);
}

/* Asks, and checks the status alone; a refusal is JSON with a sentence in it. */
void platform_check(const struct platform_ask *question, long status)
{
    struct platform_told told = platform_ask(question);
    char about[200];
    snprintf(about, sizeof about, "%.180s", question->json ? question->json : question->path);
    platform_check_status(&told, status, about);
    if (status >= 400 && !platform_at(&told, "message") && !platform_at(&told, "detail"))
        fail_msg("%s: no sentence in %.*s", about, (int)told.bytes.count, (const char *)told.bytes.at);
    platform_forget(&told);
}

const char *platform_path(const char *call, int64_t id)
{
    static _Thread_local char path[128];
    snprintf(path, sizeof path, "/api/jobs/%s/%lld/", call, (long long)id);
    return path;
}

int64_t platform_submit(const char *token)
{
    const struct platform_part parts[] = { { "type", NULL, NULL, "waterfall", 0 },
                                           { "config", NULL, NULL, "{\"fftSize\": 64}", 0 },
                                           { "file", "rec.csv", "text/csv", "0123456789", 0 } };
    struct platform_told told = platform_ask(
        &(struct platform_ask){ .token = token, .path = "/api/jobs/submit-job/", .parts = parts, .part_count = 3 });
    platform_check_status(&told, 201, "submit");
    assert_string_equal(platform_text_at(&told, "status"), "success");
    int64_t job = json_integer_value(platform_at(&told, "job_id"));
    assert_true(job > 0);
    platform_forget(&told);
    return job;
}

int64_t platform_file_of(const char *token, int64_t job)
{
    struct platform_told told = platform_ask(&(struct platform_ask){ .token = token, .path = platform_path("job-metadata", job) });
    platform_check_status(&told, 200, "metadata");
    int64_t file = json_integer_value(platform_at(&told, "data.local_files.0.id"));
    platform_forget(&told);
    return file;
}

void platform_set_status(const char *token, int64_t job, const char *status, const char *info, long expected)
{
    char body[300];
    snprintf(body, sizeof body, "{\"job\": %lld, \"status\": \"%s\"%s%s}", (long long)job, status, info ? ", \"info\": " : "",
             info ? info : "");
    platform_check(&(struct platform_ask){ .token = token, .path = "/api/jobs/update-job-status/", .json = body }, expected);
}

int platform_count_files(void)
{
    return contents_count(platform_fixture.folder) + platform_count("files");
}

int platform_count(const char *below)
{
    return contents_entries(platform_fixture.folder, below);
}
