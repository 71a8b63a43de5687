#include "host/http_client.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "host/metrics.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

const struct svi_http_policy svi_http_standard_policy = {
    .tries = 4,
    .backoff_s = 0.3,
    .longest_pause_s = 30.0,
    .connect_timeout_s = 10.0,
    .total_timeout_s = 60.0,
    .stall_timeout_s = 60.0,
    .stall_speed = 1024,
    .lookup_pause_s = 0.5,
    .answer_limit_bytes = 64u << 20, /* the list of all captures of a user, with all their files */
};

enum { LONGEST_TOKEN = 4096 };

static const char token_header[] = "Authorization: Token ";

static CURLcode global_state = CURLE_FAILED_INIT;

static void start_curl(void)
{
    global_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool curl_ready(struct svi_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    return global_state == CURLE_OK || svi_fail(err, SVI_BUG, "The HTTP library cannot be started.")
           || svi_because(err, "curl_global_init: %s", curl_easy_strerror(global_state));
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text[0];
    curl_free(text);
    return has;
}

static bool scheme_fits(CURLU *url)
{
    char *scheme = NULL;
    bool fits = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
                && (!strcmp(scheme, "http") || !strcmp(scheme, "https"));
    curl_free(scheme);
    return fits;
}

/* Another machine, as a proxy is, cannot know what is meant. */
static bool means_this_machine(CURLU *url)
{
    char *host = NULL;
    struct in_addr address;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return false;
    const bool numbered = inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
    const bool means = numbered || !strcmp(host, "[::1]") || !strcasecmp(host, "localhost");
    curl_free(host);
    return means;
}

/* A URL may hold a password, so a refused one is not shown. */
static bool read_base_url(struct svi_http *http, const char *text, struct svi_error *err)
{
    if (!text)
        return svi_fail(err, SVI_BAD_USAGE, "The platform's URL is missing; it looks like http://django:8000.");
    CURLU *url = curl_url();
    char *whole = NULL;
    if (!url)
        return svi_fail_memory(err, strlen(text));
    bool ok = true;
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        ok = svi_fail(err, SVI_BAD_USAGE, "The platform's URL cannot be read; it looks like http://django:8000.");
    else if (!scheme_fits(url))
        ok = svi_fail(err, SVI_BAD_USAGE, "The platform's URL must begin with http:// or https://.");
    else if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        ok = svi_fail(err, SVI_BAD_USAGE, "The platform's URL must not hold a user or a password.");
    else if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT))
        ok = svi_fail(err, SVI_BAD_USAGE, "The platform's URL must end before \"?\" and \"#\".");
    else
        ok = curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK && (http->base_url = strdup(whole));
    http->no_proxy = means_this_machine(url);
    curl_free(whole);
    curl_url_cleanup(url);
    if (!ok)
        return svi_fail_memory(err, strlen(text));
    for (size_t end = strlen(http->base_url); end && http->base_url[end - 1] == '/'; end--)
        http->base_url[end - 1] = '\0';
    return true;
}

static bool read_token(struct svi_http *http, const char *token, struct svi_error *err)
{
    size_t length = token ? strlen(token) : 0;
    if (!length)
        return svi_fail(err, SVI_BAD_USAGE, "The token of the job's owner is missing.");
    if (length > LONGEST_TOKEN)
        return svi_fail(err, SVI_BAD_USAGE, "The token is longer than %d characters.", LONGEST_TOKEN);
    for (const char *c = token; *c; c++)
        if (*c <= ' ' || *c > '~')
            return svi_fail(err, SVI_BAD_USAGE, "The token holds a space, or a character that is not plain ASCII.");
    char line[sizeof token_header + LONGEST_TOKEN];
    svi_format(line, sizeof line, "%s%s", token_header, token);
    http->headers = curl_slist_append(NULL, line);
    explicit_bzero(line, sizeof line);
    http->token_offset = sizeof token_header - 1;
    /* Without a word about encodings any will do, by RFC 9110. No "Expect: 100-continue": simple servers never answer it, and
     * libcurl then waits a second before each picture. */
    return http->headers && curl_slist_append(http->headers, "Accept: application/json, */*")
           && curl_slist_append(http->headers, "Accept-Encoding: identity") && curl_slist_append(http->headers, "Expect:");
}

bool svi_http_line_open(struct svi_http_line **out, struct svi_error *err)
{
    struct svi_http_line *line = malloc(sizeof *line);
    if (line && curl_ready(err) && (line->curl = curl_easy_init())) {
        *out = line;
        return true;
    }
    free(line);
    return svi_fail_memory(err, sizeof *line);
}

void svi_http_line_close(struct svi_http_line *line)
{
    if (line)
        curl_easy_cleanup(line->curl);
    free(line);
}

static bool take_curl(struct svi_http *http, struct svi_http_line *line)
{
    http->borrowed = line;
    http->curl = line ? line->curl : curl_easy_init();
    return http->curl;
}

bool svi_http_open(struct svi_http **out, const struct svi_http_options *options, struct svi_error *err)
{
    struct svi_http *http = calloc(1, sizeof *http);
    if (!http)
        return svi_fail_memory(err, sizeof *http);
    http->policy = options->policy;
    http->stop = options->stop;
    bool ok = svi_format(http->user_agent, sizeof http->user_agent, "%s/%s", SVI_PROGRAM_NAME, svi_version) && curl_ready(err)
              && read_base_url(http, options->base_url, err) && read_token(http, options->token, err)
              && (!options->ca_file || (http->ca_file = strdup(options->ca_file))) && take_curl(http, options->line);
    if (ok) {
        *out = http;
        return true;
    }
    svi_http_close(http);
    return svi_fail_memory(err, sizeof *http);
}

void svi_http_close(struct svi_http *http)
{
    if (!http)
        return;
    if (http->borrowed)
        curl_easy_reset(http->curl); /* it keeps its connection, and nothing of ours */
    else
        curl_easy_cleanup(http->curl);
    if (http->headers)
        explicit_bzero(http->headers->data, strlen(http->headers->data));
    curl_slist_free_all(http->headers);
    free(http->base_url);
    free(http->ca_file);
    free(http);
}

void svi_http_stop_also(struct svi_http *http, const atomic_int *stop)
{
    http->stop2 = stop;
}

void svi_http_ignore_stop(struct svi_http *http)
{
    http->stop = http->stop2 = NULL;
}

const struct svi_http_policy *svi_http_policy_of(const struct svi_http *http)
{
    return &http->policy;
}

void svi_http_answer_clear(struct svi_http_answer *answer)
{
    svi_buffer_clear(&answer->body);
    *answer = (struct svi_http_answer){ 0 };
}

bool svi_http_stopped(const struct svi_http *http)
{
    return (http->stop && atomic_load(http->stop) != 0) || (http->stop2 && atomic_load(http->stop2) != 0);
}

bool svi_http_pause(struct svi_http *http, double seconds, struct svi_error *err)
{
    double end_s = svi_now_s() + seconds;
    for (;;) {
        if (svi_http_stopped(http))
            return svi_fail(err, SVI_CANCELLED, "The work was stopped.");
        double left_s = end_s - svi_now_s();
        if (left_s <= 0.0)
            return true;
        double slice_s = left_s < 0.05 ? left_s : 0.05;
        nanosleep(&(struct timespec){ .tv_nsec = (long)(slice_s * 1e9) }, NULL);
    }
}

/* Whether a try may be followed by another; counts the answers that were lost. */
static bool may_repeat(enum svi_http_effect effect, enum svi_http_verdict verdict, unsigned *lost)
{
    if (verdict == SVI_HTTP_LOST)
        return effect == SVI_HTTP_IDEMPOTENT || ++*lost <= 1;
    return verdict == SVI_HTTP_NOT_REACHED || verdict == SVI_HTTP_REFUSED;
}

static void count_try(enum svi_http_verdict verdict)
{
    const bool unreached = verdict == SVI_HTTP_NOT_REACHED || verdict == SVI_HTTP_LOST;
    svi_metric_add(
        verdict == SVI_HTTP_DONE ? SVI_METRIC_HTTP_ANSWERED : (unreached ? SVI_METRIC_HTTP_UNREACHED : SVI_METRIC_HTTP_REFUSED), 1);
}

bool svi_http_converse(struct svi_http *http, struct svi_http_exchange *exchange, struct svi_error *err)
{
    unsigned lost = 0;
    for (unsigned tries = 1;; tries++) {
        struct svi_error why = { 0 };
        enum svi_http_verdict verdict = svi_http_try(http, exchange, &why);
        count_try(verdict);
        if (verdict == SVI_HTTP_DONE)
            return true;
        if (exchange->again && exchange->again(exchange->self, &verdict))
            tries = 0;
        if (!may_repeat(exchange->effect, verdict, &lost) || tries >= http->policy.tries)
            return svi_fail(err, why.status, "%s", why.message) || svi_because(err, "%s", why.cause);
        double pause_s = svi_http_backoff_s(http, tries);
        svi_log(SVI_LOG_WARNING, "%s; again in %.1f s", why.cause, pause_s);
        if (!svi_http_pause(http, pause_s, err))
            return false;
    }
}

bool svi_http_get(struct svi_http *http, const char *path, struct svi_http_answer *answer, struct svi_error *err)
{
    struct svi_http_exchange exchange = { .method = "GET", .path = path, .answer = answer };
    return svi_http_converse(http, &exchange, err);
}

bool svi_http_post_json(struct svi_http *http, const char *path, struct svi_bytes json, enum svi_http_effect effect,
                        struct svi_http_answer *answer, struct svi_error *err)
{
    static char type[] = "Content-Type: application/json";
    struct curl_slist header = { .data = type, .next = http->headers };
    struct svi_http_exchange exchange = {
        .method = "POST", .path = path, .json = json, .effect = effect, .header = &header, .answer = answer
    };
    return svi_http_converse(http, &exchange, err);
}

bool svi_http_post_form(struct svi_http *http, const char *path, const struct svi_http_form *form, enum svi_http_effect effect,
                        struct svi_http_answer *answer, struct svi_error *err)
{
    struct svi_http_exchange exchange = {
        .method = "POST", .path = path, .form = form, .effect = effect, .transfer = true, .answer = answer
    };
    return svi_http_converse(http, &exchange, err);
}

bool svi_http_post_file(struct svi_http *http, const char *path, const struct svi_http_file *file, enum svi_http_effect effect,
                        struct svi_http_answer *answer, struct svi_error *err)
{
    const struct svi_http_form form = { .files = file, .file_count = 1 };
    return svi_http_post_form(http, path, &form, effect, answer, err);
}
