#include "fake_service.h"

#include "base/bytes.h"
#include "base/json.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

enum { MOST_REQUESTS = 512, MOST_CONNECTIONS = 512, MOST_RULES = 8, MOST_BODY_BYTES = 64 << 20, HEAD_BYTES = 16384 };

struct request {
    char head[HEAD_BYTES];
    size_t head_bytes;
    struct svi_buffer body;
};

struct fake_service {
    const struct fake_settings *settings;
    int listener;
    char url[64];
    pthread_t acceptor;

    pthread_mutex_t lock;
    pthread_cond_t more;
    struct request *requests[MOST_REQUESTS];
    size_t request_count;
    struct svi_buffer story;
    unsigned used[MOST_RULES], skipped[MOST_RULES], descriptions;
    int64_t next_id;

    struct {
        pthread_t thread;
        int fd;
    } connections[MOST_CONNECTIONS];
    size_t connection_count;
    bool stopping;
};

struct visitor {
    struct fake_service *service;
    int fd;
};

static bool send_all(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count) {
        ssize_t sent = send(fd, at, count, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        count -= (size_t)sent;
    }
    return true;
}

/* The value of a header, up to the end of its line, or NULL. */
static const char *header_of(const struct request *request, const char *name)
{
    for (const char *line = strstr(request->head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (!strncasecmp(line + 2, name, strlen(name)) && line[2 + strlen(name)] == ':')
            return line + 2 + strlen(name) + 1 + strspn(line + 2 + strlen(name) + 1, " ");
    return NULL;
}

static bool header_is(const struct request *request, const char *name, const char *value)
{
    const char *found = header_of(request, name);
    return found && !strncmp(found, value, strlen(value)) && found[strlen(value)] == '\r';
}

static bool has_type(const struct request *request, const char *type)
{
    const char *found = header_of(request, "Content-Type");
    return found && !strncmp(found, type, strlen(type));
}

/* Reads one request; false where the other side has nothing more to say. */
static bool read_request(int fd, struct request *request)
{
    *request = (struct request){ 0 };
    svi_buffer_init(&request->body, MOST_BODY_BYTES);
    char *end = NULL;
    while (!end) {
        ssize_t got = recv(fd, request->head + request->head_bytes, sizeof request->head - 1 - request->head_bytes, 0);
        /* Also not where it speaks TLS. */
        if (got <= 0 || request->head[0] < 'A' || request->head[0] > 'Z')
            return false;
        request->head_bytes += (size_t)got;
        request->head[request->head_bytes] = '\0';
        end = strstr(request->head, "\r\n\r\n");
    }
    size_t head = (size_t)(end + 4 - request->head);
    svi_buffer_add(&request->body, request->head + head, request->head_bytes - head);
    request->head[head] = '\0';
    request->head_bytes = head;
    const char *length = header_of(request, "Content-Length");
    size_t left = (length ? strtoul(length, NULL, 10) : 0) - request->body.count;
    while (left) {
        char piece[16384];
        ssize_t got = recv(fd, piece, left < sizeof piece ? left : sizeof piece, 0);
        if (got <= 0 || !svi_buffer_add(&request->body, piece, (size_t)got))
            return false;
        left -= (size_t)got;
    }
    return true;
}

static bool asks(const struct request *request, const char *call)
{
    return !strncmp(request->head, call, strlen(call));
}

static size_t range_start(const struct request *request)
{
    const char *range = header_of(request, "Range");
    return range && !strncmp(range, "bytes=", 6) ? strtoul(range + 6, NULL, 10) : 0;
}

static json_t *body_tree(const struct request *request)
{
    return json_loadb((const char *)request->body.at, request->body.count, 0, NULL);
}

static void tell(struct fake_service *service, const struct request *request)
{
    struct svi_buffer *story = &service->story;
    if (story->count)
        svi_buffer_add_text(story, " ");
    if (asks(request, "POST /api/jobs/update-job-status/ ")) {
        json_t *tree = body_tree(request);
        const char *status = json_string_value(json_object_get(tree, "status"));
        svi_buffer_add_text(story, "%s", status ? status : "(no status)");
        json_decref(tree);
    } else if (asks(request, "GET /api/jobs/job-metadata/7/ ")) {
        svi_buffer_add_text(story, "metadata");
    } else if (asks(request, "GET /api/jobs/job-file/") && strstr(request->head, "/?file_type=local HTTP/1.1\r\n")) {
        svi_buffer_add_text(story, "file:%lu", strtoul(request->head + strlen("GET /api/jobs/job-file/"), NULL, 10));
        if (range_start(request))
            svi_buffer_add_text(story, "+%zu", range_start(request));
    } else if (asks(request, "GET /api/captures/list/?source=sds ")) {
        svi_buffer_add_text(story, "captures");
    } else if (asks(request, "GET /api/files/") && strstr(request->head, "/content/?source=sds HTTP/1.1\r\n")) {
        const char *uuid = request->head + strlen("GET /api/files/");
        svi_buffer_add_text(story, "content:%.*s", (int)strcspn(uuid, "/"), uuid);
        if (range_start(request))
            svi_buffer_add_text(story, "+%zu", range_start(request));
    } else if (asks(request, "POST /api/jobs/save-job-data/7/ ")) {
        svi_buffer_add_text(story, "%s", has_type(request, "multipart/form-data") ? "picture" : "summary");
    } else {
        svi_buffer_add_text(story, "%.*s", (int)strcspn(strchr(request->head, ' ') + 1, " ") + 1 + (int)strcspn(request->head, " "),
                            request->head);
    }
    char wanted[256];
    svi_format(wanted, sizeof wanted, "Token %s", service->settings->token);
    if (!header_is(request, "Authorization", wanted))
        svi_buffer_add_text(story, "!");
}

/* Remembers the request, which belongs to the service from now on, and finds the fault that awaits it. */
static const struct fake_rule *remember(struct fake_service *service, struct request *request)
{
    const struct fake_rule *found = NULL;
    pthread_mutex_lock(&service->lock);
    tell(service, request);
    service->requests[service->request_count++] = request;
    for (size_t i = 0; !found && i < service->settings->rule_count; i++) {
        const struct fake_rule *rule = &service->settings->rules[i];
        if (!asks(request, rule->call) || (rule->multipart && !has_type(request, "multipart/form-data"))
            || (rule->json && !has_type(request, "application/json")))
            continue;
        if (service->skipped[i] < rule->after)
            service->skipped[i]++;
        else if (!rule->times || service->used[i] < rule->times) {
            service->used[i]++;
            found = rule;
        }
    }
    pthread_cond_broadcast(&service->more);
    pthread_mutex_unlock(&service->lock);
    return found;
}

/* An answer before it is sent. */
struct answer {
    int status;
    struct svi_buffer headers, body;
    size_t body_start; /* the first byte that is sent */
};

static void add_saved(struct fake_service *service, const struct request *request, struct answer *answer, bool wrong)
{
    pthread_mutex_lock(&service->lock);
    long long id = wrong ? 0 : (long long)service->next_id++;
    pthread_mutex_unlock(&service->lock);
    answer->status = 201;
    const char *name = has_type(request, "multipart/form-data") && request->body.at ? strstr((char *)request->body.at, "; name=\"")
                                                                                    : NULL;
    svi_buffer_add_text(&answer->body, "{\"status\": \"success\", \"message\": \"Data saved successfully\", \"data\": ");
    if (name)
        svi_buffer_add_text(&answer->body, "{\"file_ids\": {\"%.*s\": %lld}}}", (int)strcspn(name + 8, "\""), name + 8, id);
    else
        svi_buffer_add_text(&answer->body, "{\"json_data_id\": %lld}}", id);
}

static void add_status(const struct request *request, struct answer *answer, bool wrong)
{
    json_t *tree = body_tree(request);
    const char *status = json_string_value(json_object_get(tree, "status"));
    answer->status = 201;
    svi_buffer_add_text(&answer->body,
                        "{\"status\": \"success\", \"message\": \"Job status updated\", \"data\": {\"id\": %d, \"job_id\": %lld, "
                        "\"status\": \"%s\", \"info\": {}, \"created_at\": \"2025-07-16T15:02:11.123456Z\"}}",
                        wrong ? 0 : 31, json_integer_value(json_object_get(json_is_object(tree) ? tree : NULL, "job")) + wrong,
                        status ? status : "");
    json_decref(tree);
}

static void add_file(struct fake_service *service, const struct request *request, struct answer *answer)
{
    const struct fake_settings *settings = service->settings;
    size_t first = range_start(request);
    const char *condition = header_of(request, "If-Range");
    bool same = !condition || (settings->etag && header_is(request, "If-Range", settings->etag));
    answer->status = 200;
    svi_buffer_add(&answer->body, settings->file, settings->file_bytes);
    if (first && first < settings->file_bytes && same && !settings->no_ranges) {
        answer->status = 206;
        answer->body_start = first;
        svi_buffer_add_text(&answer->headers, "Content-Range: bytes %zu-%zu/%zu\r\n", first, settings->file_bytes - 1,
                            settings->file_bytes);
    }
    if (settings->etag)
        svi_buffer_add_text(&answer->headers, "ETag: %s\r\n", settings->etag);
    svi_buffer_add_text(&answer->headers, "Content-Disposition: attachment; filename=\"../../escape\"\r\n");
}

/* What the platform would say. */
static void answer_properly(struct fake_service *service, const struct request *request, struct answer *answer, bool wrong)
{
    if (asks(request, "POST /api/jobs/update-job-status/ ")) {
        add_status(request, answer, wrong);
    } else if (asks(request, "POST /api/jobs/save-job-data/")) {
        add_saved(service, request, answer, wrong);
    } else if (asks(request, "GET /api/captures/list/") && service->settings->captures) {
        answer->status = 200;
        svi_buffer_add_text(&answer->body, "%s", service->settings->captures);
    } else if (asks(request, "GET /api/jobs/job-file/") || asks(request, "GET /api/files/")) {
        add_file(service, request, answer);
    } else if (asks(request, "GET /api/jobs/job-metadata/") && service->settings->metadata) {
        pthread_mutex_lock(&service->lock);
        bool later = service->descriptions++ > 0 && service->settings->later;
        pthread_mutex_unlock(&service->lock);
        answer->status = 200;
        svi_buffer_add_text(&answer->body, "%s", later ? service->settings->later : service->settings->metadata);
    } else {
        answer->status = 404;
        svi_buffer_add_text(&answer->body, "{\"status\": \"error\", \"message\": \"Job not found\"}");
    }
}

static bool send_zeros(int fd)
{
    static const char zeros[65536];
    while (send_all(fd, zeros, sizeof zeros))
        continue;
    return false;
}

static bool send_headers(int fd)
{
    static const char line[] =
        "X-Padding: a line of no use at all, and there is no end of them, so that somebody has to give up\r\n";
    send_all(fd, "HTTP/1.1 200 OK\r\n", 17);
    while (send_all(fd, line, sizeof line - 1))
        continue;
    return false;
}

/* Byte by byte, until all is sent or the other side goes away. */
static bool send_drops(int fd, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pollfd peer = { .fd = fd, .events = POLLIN };
        if (poll(&peer, 1, 50) != 0 || !send_all(fd, bytes + i, 1))
            return false;
    }
    return true;
}

static bool hang(int fd)
{
    char byte;
    while (recv(fd, &byte, 1, 0) > 0)
        continue;
    return false;
}

static bool send_answer(int fd, const struct answer *answer, long announced, size_t sent, bool no_length, bool drip)
{
    struct svi_buffer head;
    svi_buffer_init(&head, MOST_BODY_BYTES);
    svi_buffer_add_text(&head, "HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n", answer->status);
    svi_buffer_add(&head, answer->headers.at, answer->headers.count);
    if (no_length)
        svi_buffer_add_text(&head, "Connection: close\r\n\r\n");
    else
        svi_buffer_add_text(&head, "Content-Length: %ld\r\n\r\n", announced);
    bool ok = send_all(fd, head.at, head.count);
    svi_buffer_clear(&head);
    const uint8_t *body = answer->body.at ? answer->body.at + answer->body_start : NULL;
    ok = ok && (drip ? send_drops(fd, body, sent) : send_all(fd, body, sent));
    return ok && !no_length && (size_t)announced == sent;
}

static void set_text(struct answer *answer, int status, const char *text, const struct request *request)
{
    svi_buffer_clear(&answer->body);
    svi_buffer_clear(&answer->headers);
    answer->body_start = 0;
    answer->status = status;
    svi_buffer_add_text(&answer->body, "%s%s", text, request ? request->head : "");
}

/* True where the connection may be used again. */
static bool answer_request(struct fake_service *service, int fd, const struct request *request, const struct fake_rule *rule)
{
    enum fake_fault fault = rule ? rule->fault : FAKE_NONE;
    int number = rule ? rule->number : 0;
    struct answer answer = { 0 };
    svi_buffer_init(&answer.headers, MOST_BODY_BYTES);
    svi_buffer_init(&answer.body, MOST_BODY_BYTES);
    answer_properly(service, request, &answer, fault == FAKE_NOT_SAVED);
    long more = fault == FAKE_SHORT ? 50 : fault == FAKE_LONG ? -5 : 0;
    bool no_length = service->settings->no_length && asks(request, "GET /api/jobs/job-file/");

    switch (fault) {
    case FAKE_STATUS:
        set_text(&answer, number, "{\"status\": \"error\", \"message\": \"", request);
        break;
    case FAKE_RETRY:
        set_text(&answer, 503, "busy", NULL);
        svi_buffer_add_text(&answer.headers, "Retry-After: %d\r\n", number);
        break;
    case FAKE_NO_JOB:
        set_text(&answer, 400, "{\"status\": \"error\", \"message\": \"Invalid input of ", NULL);
        svi_buffer_add_text(&answer.body, "%s\", \"errors\": {\"job\": [\"Invalid pk \\\"7\\\" - object does not exist.\"]}}",
                            service->settings->token);
        break;
    case FAKE_NO_RESULT:
        set_text(&answer, 400, "{\"errors\": {\"info\": [\"results_id does not name a result that was saved for this job.\"]}}",
                 NULL);
        break;
    case FAKE_REDIRECT:
        set_text(&answer, number, "", NULL);
        svi_buffer_add_text(&answer.headers, "Location: http://127.0.0.1:9/elsewhere?key=%s\r\n", service->settings->token);
        break;
    case FAKE_NO_JSON:
        set_text(&answer, answer.status, "<html>Log in, ", request);
        break;
    case FAKE_WRONG_JSON:
        set_text(&answer, answer.status, "{\"status\": \"success\", \"job_id\": 7, \"data\": []}", NULL);
        break;
    case FAKE_OTHER_PART:
        answer.status = 206;
        answer.body_start = 0;
        svi_buffer_clear(&answer.headers);
        svi_buffer_add_text(&answer.headers, "Content-Range: bytes 0-%zu/%zu\r\n", answer.body.count - 1, answer.body.count);
        break;
    case FAKE_NO_RANGE:
        set_text(&answer, 416, "", NULL);
        break;
    default:
        break;
    }

    size_t length = answer.body.count - answer.body_start;
    bool again = false;
    if (fault == FAKE_NO_HTTP)
        send_all(fd, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 23);
    else if (fault == FAKE_RAW)
        send_all(fd, service->settings->raw, service->settings->raw_bytes);
    else if (fault == FAKE_HUGE)
        again = send_answer(fd, &answer, (long)number << 20, 0, number == 0, false) || send_zeros(fd);
    else if (fault == FAKE_HEADERS)
        again = send_headers(fd);
    else if (fault == FAKE_HANG)
        again = hang(fd);
    else if (fault == FAKE_CUT_BODY)
        again = send_answer(fd, &answer, (long)length, (size_t)number < length ? (size_t)number : length, no_length, false)
                && false;
    else if (fault != FAKE_CUT)
        again = send_answer(fd, &answer, (long)length + more, length, no_length, fault == FAKE_DRIP);
    svi_buffer_clear(&answer.headers);
    svi_buffer_clear(&answer.body);
    return again;
}

static void *serve(void *self)
{
    struct visitor visitor = *(struct visitor *)self;
    free(self);
    bool again = true;
    while (again) {
        struct request *request = malloc(sizeof *request);
        if (!request || !read_request(visitor.fd, request)) {
            if (request)
                svi_buffer_clear(&request->body);
            free(request);
            break;
        }
        const struct fake_rule *rule = remember(visitor.service, request);
        again = answer_request(visitor.service, visitor.fd, request, rule);
    }
    shutdown(visitor.fd, SHUT_RDWR);
    return NULL;
}

static void *accept_all(void *self)
{
    struct fake_service *service = self;
    for (;;) {
        int fd = accept4(service->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        /* Head and body are sent one by one; without this the second waits for the other side's delayed acknowledgement. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        struct visitor *visitor = malloc(sizeof *visitor);
        if (!visitor)
            abort();
        *visitor = (struct visitor){ service, fd };
        pthread_mutex_lock(&service->lock);
        size_t i = service->connection_count++;
        service->connections[i].fd = fd;
        if (service->stopping)
            shutdown(fd, SHUT_RDWR);
        int failed = pthread_create(&service->connections[i].thread, NULL, serve, visitor);
        pthread_mutex_unlock(&service->lock);
        if (failed)
            abort();
    }
}

struct fake_service *fake_service_start(const struct fake_settings *settings)
{
    struct fake_service *service = calloc(1, sizeof *service);
    assert_non_null(service);
    assert_true(settings->rule_count <= MOST_RULES);
    service->settings = settings;
    service->next_id = 40;
    svi_buffer_init(&service->story, MOST_BODY_BYTES);
    pthread_mutex_init(&service->lock, NULL);
    pthread_cond_init(&service->more, NULL);
    service->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(service->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(service->listener, 64), 0);
    assert_int_equal(getsockname(service->listener, (struct sockaddr *)&address, &size), 0);
    svi_format(service->url, sizeof service->url, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    assert_int_equal(pthread_create(&service->acceptor, NULL, accept_all, service), 0);
    return service;
}

void fake_service_stop(struct fake_service *service)
{
    pthread_mutex_lock(&service->lock);
    service->stopping = true;
    for (size_t i = 0; i < service->connection_count; i++)
        shutdown(service->connections[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&service->lock);
    shutdown(service->listener, SHUT_RDWR);
    pthread_join(service->acceptor, NULL);
    for (size_t i = 0; i < service->connection_count; i++) {
        pthread_join(service->connections[i].thread, NULL);
        close(service->connections[i].fd);
    }
    close(service->listener);
    for (size_t i = 0; i < service->request_count; i++) {
        svi_buffer_clear(&service->requests[i]->body);
        free(service->requests[i]);
    }
    svi_buffer_clear(&service->story);
    pthread_cond_destroy(&service->more);
    pthread_mutex_destroy(&service->lock);
    free(service);
}

const char *fake_service_url(const struct fake_service *service)
{
    return service->url;
}

const char *fake_service_story(struct fake_service *service)
{
    pthread_mutex_lock(&service->lock);
    const char *story = service->story.at ? (const char *)service->story.at : "";
    pthread_mutex_unlock(&service->lock);
    return story;
}

const char *fake_service_body(struct fake_service *service, size_t i, size_t *count)
{
    pthread_mutex_lock(&service->lock);
    const struct request *request = i < service->request_count ? service->requests[i] : NULL;
    pthread_mutex_unlock(&service->lock);
    if (count && request)
        *count = request->body.count;
    return request ? (const char *)request->body.at : NULL;
}

const char *fake_service_head(struct fake_service *service, size_t i)
{
    pthread_mutex_lock(&service->lock);
    const struct request *request = i < service->request_count ? service->requests[i] : NULL;
    pthread_mutex_unlock(&service->lock);
    return request ? request->head : NULL;
}

size_t fake_service_requests(struct fake_service *service)
{
    pthread_mutex_lock(&service->lock);
    size_t count = service->request_count;
    pthread_mutex_unlock(&service->lock);
    return count;
}

size_t fake_service_connections(struct fake_service *service)
{
    pthread_mutex_lock(&service->lock);
    size_t count = service->connection_count;
    pthread_mutex_unlock(&service->lock);
    return count;
}

void fake_service_wait(struct fake_service *service, size_t requests)
{
    pthread_mutex_lock(&service->lock);
    while (service->request_count < requests)
        pthread_cond_wait(&service->more, &service->lock);
    pthread_mutex_unlock(&service->lock);
}
