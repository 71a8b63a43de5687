/* One try of one exchange: sets libcurl up, runs it, and judges what came of it. */
#include "host/http_client.h"

#include "base/json.h"
#include "base/log.h"
#include "base/version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_HEADER_BYTES = 256 * 1024, QUOTE_SIZE = 240 };

/* A renderer that is started meanwhile must not inherit a connection. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)self;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int watch(void *self, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    (void)down_total, (void)down, (void)up_total, (void)up;
    return svi_http_stopped(self);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type. */
static size_t count_header(char *line, size_t size, size_t count, void *self)
{
    (void)line;
    struct svi_http_exchange *exchange = self;
    exchange->header_bytes += size * count;
    if (exchange->header_bytes <= MOST_HEADER_BYTES)
        return size * count;
    svi_fail(&exchange->failure, SVI_BAD_ANSWER, "The platform's answer is too large.");
    svi_because(&exchange->failure, "%s %s: headers of more than %d bytes", exchange->method, exchange->path, MOST_HEADER_BYTES);
    return 0;
}

/* The head of the answer is complete: decides once where its body goes. False: nowhere. */
static bool start(struct svi_http_exchange *exchange)
{
    if (exchange->started)
        return true;
    exchange->started = true;
    long status = 0;
    curl_easy_getinfo(exchange->http->curl, CURLINFO_RESPONSE_CODE, &status);
    exchange->diverted = exchange->start && exchange->start(exchange->self, status);
    return exchange->failure.status == SVI_OK;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *self)
{
    struct svi_http_exchange *exchange = self;
    size_t length = size * count;
    if (!start(exchange))
        return 0;
    if (exchange->diverted)
        return exchange->take(exchange->self, (const uint8_t *)bytes, length) ? length : 0;
    if (svi_buffer_add(&exchange->answer->body, bytes, length))
        return length;
    svi_fail(&exchange->failure, SVI_BAD_ANSWER, "The platform's answer is too large.");
    svi_because(&exchange->failure, "%s %s: more than %zu bytes", exchange->method, exchange->path, exchange->answer->body.limit);
    return 0;
}

/* Where a connection that was kept turns out to be dead, libcurl repeats a request by itself, POST or not. What adds a record goes
 * out once a try. NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type. */
static int go_out(void *self, char *to, char *from, int to_port, int from_port)
{
    (void)to, (void)from, (void)to_port, (void)from_port;
    struct svi_http_exchange *exchange = self;
    exchange->gone_again |= exchange->gone_out && exchange->effect == SVI_HTTP_ADDS;
    exchange->gone_out = true;
    return exchange->gone_again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static CURLcode add_field(curl_mime *mime, const struct svi_http_field *field)
{
    curl_mimepart *part = curl_mime_addpart(mime);
    CURLcode code = part ? curl_mime_name(part, field->name) : CURLE_OUT_OF_MEMORY;
    return code == CURLE_OK ? curl_mime_data(part, field->text, CURL_ZERO_TERMINATED) : code;
}

/* A file that is sent: as many bytes of it as were announced, whoever may still be writing to it. */
struct source {
    int fd;
    size_t left;
    const struct svi_http_file *file;
    struct svi_http_exchange *exchange;
};

static void fail_source(const struct source *source, enum svi_status status, const char *why)
{
    svi_fail(&source->exchange->failure, status, "The file %s cannot be sent: %s.", source->file->name, why);
    svi_because(&source->exchange->failure, "%s: %s", source->file->path, why);
}

static size_t give_file(char *into, size_t size, size_t count, void *self)
{
    struct source *source = self;
    const size_t room = size * count, wanted = room < source->left ? room : source->left;
    if (!wanted)
        return 0;
    const ssize_t given = read(source->fd, into, wanted);
    if (given <= 0) {
        fail_source(source, SVI_IO, given < 0 ? strerror(errno) : "it has become shorter");
        return CURL_READFUNC_ABORT;
    }
    source->left -= (size_t)given;
    return (size_t)given;
}

static void close_file(void *self)
{
    struct source *source = self;
    close(source->fd);
    free(source);
}

static bool open_source(struct source *source)
{
    struct stat about;
    source->fd = open(source->file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd < 0 || fstat(source->fd, &about) != 0)
        fail_source(source, svi_status_of_errno(errno), strerror(errno));
    else if (!S_ISREG(about.st_mode))
        fail_source(source, SVI_IO, "it is not a regular file");
    else
        source->left = (size_t)about.st_size;
    return source->exchange->failure.status == SVI_OK;
}

static CURLcode set_source(curl_mimepart *part, const struct svi_http_file *file, struct svi_http_exchange *exchange)
{
    struct source *source = malloc(sizeof *source);
    if (!source)
        return CURLE_OUT_OF_MEMORY;
    *source = (struct source){ .fd = -1, .file = file, .exchange = exchange };
    CURLcode code = CURLE_READ_ERROR;
    if (open_source(source))
        code = curl_mime_data_cb(part, (curl_off_t)source->left, give_file, NULL, close_file, source);
    if (code == CURLE_OK)
        return code;
    if (source->fd >= 0)
        close(source->fd);
    free(source);
    return code;
}

static CURLcode add_file(curl_mime *mime, const struct svi_http_file *file, struct svi_http_exchange *exchange)
{
    curl_mimepart *part = curl_mime_addpart(mime);
    CURLcode code = part ? set_source(part, file, exchange) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        code = curl_mime_name(part, file->name);
    if (code == CURLE_OK)
        code = curl_mime_filename(part, file->name);
    return code == CURLE_OK ? curl_mime_type(part, file->content_type) : code;
}

static CURLcode set_mime(struct svi_http *http, struct svi_http_exchange *exchange, curl_mime **mime)
{
    const struct svi_http_form *form = exchange->form;
    *mime = curl_mime_init(http->curl);
    CURLcode code = *mime ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    for (size_t i = 0; code == CURLE_OK && i < form->field_count; i++)
        code = add_field(*mime, &form->fields[i]);
    for (size_t i = 0; code == CURLE_OK && i < form->file_count; i++)
        code = add_file(*mime, &form->files[i], exchange);
    return code == CURLE_OK ? curl_easy_setopt(http->curl, CURLOPT_MIMEPOST, *mime) : code;
}

static CURLcode set_body(struct svi_http *http, struct svi_http_exchange *exchange, curl_mime **mime)
{
    if (exchange->form)
        return set_mime(http, exchange, mime);
    if (!exchange->json.at)
        return CURLE_OK;
    curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->json.count);
    return curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, (const char *)exchange->json.at);
}

static long milliseconds(double seconds)
{
    return seconds < 0.001 ? 1 : (long)(seconds * 1000.0);
}

static bool set_url(struct svi_http *http, const char *path)
{
    struct svi_buffer url;
    svi_buffer_init(&url, 8192);
    bool ok = svi_buffer_add_text(&url, "%s%s", http->base_url, path)
              && curl_easy_setopt(http->curl, CURLOPT_URL, (const char *)url.at) == CURLE_OK;
    svi_buffer_clear(&url);
    return ok;
}

static CURLcode set_up(struct svi_http *http, struct svi_http_exchange *exchange, char *fault, curl_mime **mime)
{
    CURL *curl = http->curl;
    /* Keeps connections. */
    curl_easy_reset(curl);
    const struct svi_http_policy *policy = &http->policy;
    if (exchange->transfer) {
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)policy->stall_speed);
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, policy->stall_timeout_s < 1.0 ? 1L : (long)policy->stall_timeout_s);
    } else {
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(policy->total_timeout_s));
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(policy->connect_timeout_s));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* A look-up of a name that is given up ends by itself, later: nobody waits for it. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fault);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, go_out);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    /* One request at a time: HTTP/2 would bring a second parser and nothing else. */
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, 1L);
    /* A connection that was idle for longer may be one that the platform is about to close: of what adds a record nobody could say
     * then whether it came through. */
    if (exchange->effect == SVI_HTTP_ADDS)
        curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, 1L);
    bool ok = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK
              && curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK
              && curl_easy_setopt(curl, CURLOPT_USERAGENT, http->user_agent) == CURLE_OK
              && (!http->no_proxy || curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK)
              && (!http->ca_file || curl_easy_setopt(curl, CURLOPT_CAINFO, http->ca_file) == CURLE_OK)
              && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, exchange->header ? exchange->header : http->headers) == CURLE_OK
              && (!exchange->range || curl_easy_setopt(curl, CURLOPT_RANGE, exchange->range) == CURLE_OK)
              && set_url(http, exchange->path);
    return ok ? set_body(http, exchange, mime) : CURLE_OUT_OF_MEMORY;
}

/* What libcurl's codes mean here. One that is not listed is an answer against HTTP. */
struct meaning {
    CURLcode code;
    enum svi_http_verdict verdict;
    enum svi_status status;
    const char *message;
};

static const char cannot_be_reached[] = "The platform cannot be reached.";

static const struct meaning meanings[] = {
    { CURLE_COULDNT_RESOLVE_PROXY, SVI_HTTP_NOT_REACHED, SVI_UNREACHABLE, cannot_be_reached },
    { CURLE_COULDNT_RESOLVE_HOST, SVI_HTTP_NOT_REACHED, SVI_UNREACHABLE, cannot_be_reached },
    { CURLE_COULDNT_CONNECT, SVI_HTTP_NOT_REACHED, SVI_UNREACHABLE, cannot_be_reached },
    { CURLE_SSL_CONNECT_ERROR, SVI_HTTP_NOT_REACHED, SVI_UNREACHABLE, "No secure connection to the platform can be made." },
    { CURLE_PEER_FAILED_VERIFICATION, SVI_HTTP_FINAL, SVI_UNREACHABLE, "The platform's certificate cannot be verified" },
    { CURLE_SSL_CACERT_BADFILE, SVI_HTTP_FINAL, SVI_UNREACHABLE, "The certificates of authorities cannot be read." },
    { CURLE_OPERATION_TIMEDOUT, SVI_HTTP_LOST, SVI_UNREACHABLE, "The platform did not answer in time." },
    { CURLE_SEND_ERROR, SVI_HTTP_LOST, SVI_UNREACHABLE, "The connection to the platform was cut." },
    { CURLE_RECV_ERROR, SVI_HTTP_LOST, SVI_UNREACHABLE, "The connection to the platform was cut." },
    { CURLE_SEND_FAIL_REWIND, SVI_HTTP_LOST, SVI_UNREACHABLE, "The connection to the platform was cut." },
    { CURLE_GOT_NOTHING, SVI_HTTP_LOST, SVI_UNREACHABLE, "The connection to the platform was cut." },
    { CURLE_PARTIAL_FILE, SVI_HTTP_LOST, SVI_UNREACHABLE, "The platform's answer was cut off." },
    { CURLE_OUT_OF_MEMORY, SVI_HTTP_FINAL, SVI_OUT_OF_MEMORY, "The machine has not enough memory for this job." },
    { CURLE_ABORTED_BY_CALLBACK, SVI_HTTP_FINAL, SVI_CANCELLED, "The work was stopped." },
};

static struct meaning find_meaning(CURLcode code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code)
            return meanings[i];
    return (struct meaning){ code, SVI_HTTP_FINAL, SVI_BAD_ANSWER, "The platform's answer is not proper HTTP." };
}

static enum svi_http_verdict judge_failure(struct svi_http *http, const struct svi_http_exchange *exchange, CURLcode code,
                                           const char *fault, struct svi_error *err)
{
    struct meaning meaning = find_meaning(code);
    long connects = 1;
    curl_easy_getinfo(http->curl, CURLINFO_NUM_CONNECTS, &connects);
    if (!exchange->gone_out && (meaning.status == SVI_BAD_ANSWER || meaning.verdict == SVI_HTTP_LOST)) {
        /* Nothing was asked yet: it is the way there that failed, such as a proxy. */
        meaning = (struct meaning){ code, SVI_HTTP_NOT_REACHED, SVI_UNREACHABLE, cannot_be_reached };
    } else if (exchange->gone_out && meaning.verdict == SVI_HTTP_NOT_REACHED) {
        /* It went out on a connection that was kept, and what failed is libcurl's repetition. */
        meaning.verdict = SVI_HTTP_LOST;
    } else if (meaning.status == SVI_BAD_ANSWER && connects == 0) {
        /* On a connection that was used before, it may be the rest of an earlier answer that was longer than announced. */
        meaning.verdict = SVI_HTTP_LOST;
    }
    char quoted[QUOTE_SIZE];
    svi_http_quote(http, quoted, sizeof quoted, svi_bytes_of(fault[0] ? fault : curl_easy_strerror(code)));
    const bool says_why = code == CURLE_PEER_FAILED_VERIFICATION;
    svi_fail(err, meaning.status, "%s%s%s", meaning.message, says_why ? ": " : "", says_why ? quoted : "");
    svi_because(err, "%s %s: %s", exchange->method, exchange->path, quoted);
    return meaning.verdict;
}

/* The sentence of a refusal in JSON, and what it says of the first field that is at fault:
 * {"message": "Invalid data", "errors": {"type": ["This field may not be blank."]}}. */
static void write_reason(struct svi_buffer *into, const json_t *tree)
{
    static const char *const keys[] = { "message", "error", "detail" };
    const char *reason = NULL, *field;
    for (size_t i = 0; !reason && i < sizeof keys / sizeof *keys; i++)
        reason = json_string_value(json_object_get(tree, keys[i]));
    if (!reason)
        return;
    svi_buffer_add_text(into, "%s", reason);
    json_t *faults;
    json_object_foreach(json_object_get(tree, "errors"), field, faults)
    {
        const char *fault = json_string_value(json_array_get(faults, 0));
        if (fault)
            svi_buffer_add_text(into, " (%s: %s)", field, fault);
        return;
    }
}

/* ": why", or "" where the answer does not say. */
static void read_reason(const struct svi_http *http, const struct svi_buffer *body, char *into, size_t size)
{
    struct svi_error ignored = { 0 };
    json_t *tree = svi_json_parse((struct svi_bytes){ body->at, body->count }, "", SVI_BAD_ANSWER, &ignored);
    struct svi_buffer reason;
    svi_buffer_init(&reason, 4096);
    write_reason(&reason, tree);
    char quoted[QUOTE_SIZE];
    svi_http_quote(http, quoted, sizeof quoted, (struct svi_bytes){ reason.at, reason.count });
    svi_format(into, size, "%s%s", quoted[0] ? ": " : "", quoted);
    svi_buffer_clear(&reason);
    json_decref(tree);
}

static enum svi_http_verdict judge_status(struct svi_http *http, const struct svi_http_exchange *exchange, struct svi_error *err)
{
    const struct svi_http_answer *answer = exchange->answer;
    long status = answer->status;
    if (status >= 200 && status < 300)
        return SVI_HTTP_DONE;
    enum svi_http_verdict verdict = SVI_HTTP_FINAL;
    struct svi_bytes detail = { answer->body.at, answer->body.count };
    char reason[QUOTE_SIZE + 4];
    read_reason(http, &answer->body, reason, sizeof reason);
    const char *why = reason[0] ? reason : ".";
    if (status >= 300 && status < 400) {
        char *location = NULL, to[QUOTE_SIZE];
        curl_easy_getinfo(http->curl, CURLINFO_REDIRECT_URL, &location);
        detail = svi_bytes_of(location ? location : "nowhere");
        svi_http_quote(http, to, sizeof to, detail);
        svi_fail(err, SVI_BAD_ANSWER,
                 "The platform answers with a redirect (%ld) to %s: its URL is not the one that was configured.", status, to);
    } else if (status == 401 || status == 403) {
        svi_fail(err, SVI_UNAUTHORIZED, "The platform refused the token (%ld)%s", status, why);
    } else if (status == 404) {
        /* The API says in JSON what it does not have. */
        svi_fail(err, SVI_NOT_FOUND, "The platform does not have what was asked for (404)%s",
                 reason[0] ? reason : ". Is its URL the right one?");
    } else if (status == 408 || status == 429 || status >= 500) {
        bool passing = status <= 500 || (status >= 502 && status <= 504);
        verdict = passing ? SVI_HTTP_REFUSED : SVI_HTTP_FINAL;
        svi_fail(err, SVI_UNREACHABLE, "The platform has trouble of its own (%ld)%s", status, why);
    } else if (status == 413) {
        svi_fail(err, SVI_BAD_ANSWER, "The platform takes nothing of that size (413)%s", why);
    } else {
        svi_fail(err, SVI_BAD_ANSWER, "The platform refused a request (%ld)%s", status, why);
    }
    char quoted[QUOTE_SIZE];
    svi_http_quote(http, quoted, sizeof quoted, detail);
    svi_because(err, "%s %s: HTTP %ld: %s", exchange->method, exchange->path, status, quoted);
    return verdict;
}

enum svi_http_verdict svi_http_try(struct svi_http *http, struct svi_http_exchange *exchange, struct svi_error *err)
{
    struct svi_http_answer *answer = exchange->answer;
    svi_buffer_clear(&answer->body);
    answer->body.limit = http->policy.answer_limit_bytes;
    answer->status = 0;
    exchange->http = http;
    exchange->header_bytes = 0;
    exchange->started = exchange->diverted = exchange->gone_out = exchange->gone_again = false;
    svi_error_clear(&exchange->failure);

    char fault[CURL_ERROR_SIZE] = "";
    curl_mime *mime = NULL;
    CURLcode code = set_up(http, exchange, fault, &mime);
    if (code == CURLE_OK)
        code = curl_easy_perform(http->curl);
    if (exchange->gone_again) {
        code = CURLE_GOT_NOTHING;
        fault[0] = '\0';
    }
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &answer->status);
    /* An empty body starts too. */
    if (code == CURLE_OK)
        start(exchange);
    curl_off_t total_us = 0;
    curl_easy_getinfo(http->curl, CURLINFO_TOTAL_TIME_T, &total_us);
    svi_log(SVI_LOG_DEBUG, "%s %s: HTTP %ld in %.3f s", exchange->method, exchange->path, answer->status, (double)total_us * 1e-6);

    enum svi_http_verdict verdict = SVI_HTTP_FINAL;
    if (exchange->failure.status != SVI_OK)
        *err = exchange->failure;
    else if (code != CURLE_OK)
        verdict = judge_failure(http, exchange, code, fault, err);
    else
        verdict = judge_status(http, exchange, err);
    curl_mime_free(mime);
    return verdict;
}

void svi_http_quote(const struct svi_http *http, char *into, size_t size, struct svi_bytes text)
{
    const char *token = http->headers->data + http->token_offset;
    size_t token_length = strlen(token), count = 0;
    static const char more[] = "…";
    while (text.count && count + sizeof more + 4 < size) {
        if (text.count >= token_length && !memcmp(text.at, token, token_length)) {
            memcpy(into + count, "***", 3);
            count += 3;
            text = (struct svi_bytes){ text.at + token_length, text.count - token_length };
            continue;
        }
        const uint8_t *before = text.at;
        uint32_t code = svi_utf8_next(&text);
        size_t length = (size_t)(text.at - before);
        if (code < 0x20 || code == 0x7F || code == 0xFFFD) {
            into[count++] = ' ';
        } else {
            memcpy(into + count, before, length);
            count += length;
        }
    }
    if (text.count) {
        memcpy(into + count, more, sizeof more - 1);
        count += sizeof more - 1;
    }
    into[count] = '\0';
}

/* A number in 0 … 1 that differs between workers that failed together. */
static double chance(void)
{
    uint32_t bits = 0;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != sizeof bits)
        return 1.0;
    return (double)bits / (double)UINT32_MAX;
}

double svi_http_backoff_s(struct svi_http *http, unsigned next)
{
    curl_off_t wish_s = 0;
    curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &wish_s);
    double pause = (double)wish_s;
    if (wish_s <= 0) {
        pause = http->policy.backoff_s;
        for (unsigned k = 1; k < next && pause < http->policy.longest_pause_s; k++)
            pause *= 2.0;
        pause *= chance();
    }
    return pause < http->policy.longest_pause_s ? pause : http->policy.longest_pause_s;
}
