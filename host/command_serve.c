/* command_serve - takes jobs from a Celery broker until told to stop. */
#include "base/log.h"
#include "host/broker_wish.h"
#include "host/device_survey.h"
#include "host/metrics_server.h"
#include "host/node_name.h"
#include "host/renderer_pool.h"
#include "host/service.h"
#include "host/token.h"
#include "host/working.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_RENDERERS = 64, MOST_ARGUMENTS = 14 };

struct serving {
    struct svi_broker_wish wish;
    struct svi_broker_urls results;
    json_t *result_options;
    char node[SVI_NODE_NAME_SIZE];
    struct svi_working working;
    unsigned devices[MOST_RENDERERS];
    size_t device_count; /* 0: the one of the options */
    char device_names[MOST_RENDERERS][12];
    const char *arguments[MOST_RENDERERS][MOST_ARGUMENTS];
    struct svi_renderer_link_settings renderers[MOST_RENDERERS];
    size_t renderer_count;
    struct svi_renderer_pool *pool;
    struct svi_metrics_server *metrics; /* NULL: nobody watches */
};

static bool read_node(struct serving *serving, const struct svi_options *options, struct svi_error *err)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    return svi_node_name(serving->node, svi_option_text(options, SVI_OPTION_NODE), *host ? host : "localhost", err);
}

/* Results are asked for where the platform keeps its queue, unless that is no Redis. */
static bool is_redis(const char *url)
{
    return !strncmp(url, "redis://", 8) || !strncmp(url, "rediss://", 9) || !strncmp(url, "redis+socket://", 15);
}

static bool read_results(struct serving *serving, const struct svi_options *options, struct svi_error *err)
{
    const char *text = svi_option_text(options, SVI_OPTION_RESULTS);
    if (!svi_broker_wish_json(&serving->result_options, options, SVI_OPTION_RESULT_OPTIONS, err))
        return false;
    if (!text || !strcmp(text, "none")) {
        svi_broker_wish_hide(options, SVI_OPTION_RESULTS);
        return true;
    }
    return is_redis(text) ? svi_broker_wish_urls(&serving->results, options, SVI_OPTION_RESULTS, err)
                          : svi_fail(err, SVI_BAD_USAGE,
                                     "Results can be stored in Redis alone: --result-backend must be a redis:// URL, or none.");
}

static const struct svi_broker_url *results_url(const struct serving *serving, const struct svi_options *options)
{
    const struct svi_broker_url *broker = &serving->wish.brokers.at[0];
    if (serving->results.count)
        return &serving->results.at[0];
    return !svi_option_text(options, SVI_OPTION_RESULTS) && broker->transport == SVI_BROKER_REDIS ? broker : NULL;
}

static void plan_renderer(struct serving *serving, size_t i, const char *device)
{
    const struct svi_working *working = &serving->working;
    size_t count = working->argument_count;
    memcpy(serving->arguments[i], working->arguments, count * sizeof *working->arguments);
    if (serving->device_count) {
        svi_format(serving->device_names[i], sizeof serving->device_names[i], "%u", serving->devices[i % serving->device_count]);
        device = serving->device_names[i];
    }
    if (device) {
        serving->arguments[i][count++] = "--device";
        serving->arguments[i][count++] = device;
    }
    serving->arguments[i][count] = NULL;
    serving->renderers[i] = working->settings;
    serving->renderers[i].arguments = serving->arguments[i];
}

static bool plan_renderers(struct serving *serving, const struct svi_options *options, struct svi_error *err)
{
    const char *device = svi_option_text(options, SVI_OPTION_DEVICE);
    const bool all = device && !strcmp(device, "all");
    /* The survey is a command of its own, and would heed it, too: it knows no "all". */
    unsetenv(svi_option_rows[SVI_OPTION_DEVICE].variable);
    /* A node that cannot draw must not take tasks from those that can. */
    if (!svi_device_survey(all ? NULL : device, serving->working.cache_folder, serving->devices, MOST_RENDERERS,
                           &serving->device_count, err))
        return false;
    if (!all)
        serving->device_count = 0;
    serving->renderer_count = svi_option_text(options, SVI_OPTION_RENDERERS)
                                  ? (size_t)svi_option_number(options, SVI_OPTION_RENDERERS)
                                  : (serving->device_count ? serving->device_count : 1);
    for (size_t i = 0; i < serving->renderer_count; i++)
        plan_renderer(serving, i, device);
    return svi_renderer_pool_open(&serving->pool, serving->renderers, serving->renderer_count, err);
}

static bool serve(struct serving *serving, const struct svi_options *options, struct svi_error *err)
{
    serving->working.worker.renderer = svi_renderer_pool_seam(serving->pool);
    const struct svi_service_settings settings = {
        .brokers = &serving->wish.brokers,
        .broker_options = serving->wish.broker_options,
        .results = results_url(serving, options),
        .result_options = serving->result_options,
        .result_expires_s = svi_option_number(options, SVI_OPTION_RESULT_EXPIRES),
        .node = serving->node,
        .queues = serving->wish.queues.names,
        .queue_count = serving->wish.queues.count,
        .worker = &serving->working.worker,
        .renderers = serving->pool,
        .concurrency = svi_option_text(options, SVI_OPTION_CONCURRENCY)
                           ? (unsigned)svi_option_number(options, SVI_OPTION_CONCURRENCY)
                           : (unsigned)serving->renderer_count + 1,
        .soft_limit_s = svi_option_number(options, SVI_OPTION_SOFT_LIMIT),
        .hard_limit_s = svi_option_number(options, SVI_OPTION_HARD_LIMIT),
        .early_acks = !strcmp(svi_option_text(options, SVI_OPTION_ACKS), "early"),
        .silent = svi_option_on(options, SVI_OPTION_WITHOUT_EVENTS),
    };
    svi_log(SVI_LOG_INFO, "%s works for %s on %s: at most %u jobs at once, %zu %s; they lie below %s", serving->node,
            serving->working.worker.api_url, svi_option_text(options, SVI_OPTION_QUEUES), settings.concurrency,
            serving->renderer_count, serving->renderer_count == 1 ? "draws" : "draw", serving->working.work_folder);
    return svi_service_run(&settings, err);
}

static bool start_metrics(struct serving *serving, const struct svi_options *options, struct svi_error *err)
{
    const char *address = svi_option_text(options, SVI_OPTION_METRICS);
    if (!address)
        return true;
    if (!svi_metrics_server_start(&serving->metrics, address, err))
        return false;
    svi_log(SVI_LOG_INFO, "metrics are told at %s/metrics", svi_metrics_server_url(serving->metrics));
    return true;
}

/* Found out now, and not with the first job. */
static bool check_api_url(const char *url, struct svi_error *err)
{
    struct svi_http *http = NULL;
    const struct svi_http_options options = { .base_url = url, .token = "none", .policy = svi_http_standard_policy };
    bool ok = svi_http_open(&http, &options, err);
    svi_http_close(http);
    return ok;
}

int svi_command_serve(const struct svi_options *options, struct svi_error *err)
{
    struct serving *serving = calloc(1, sizeof *serving);
    if (!serving)
        return svi_exit_code(svi_fail_memory(err, sizeof *serving), err);
    /* Tokens of users come with the tasks. */
    svi_leave_no_core_files();
    bool ok = svi_broker_wish_read(&serving->wish, options, err) && read_results(serving, options, err)
              && read_node(serving, options, err) && check_api_url(svi_option_text(options, SVI_OPTION_API_URL), err)
              && svi_working_plan(&serving->working, options, svi_option_text(options, SVI_OPTION_API_URL), err)
              && start_metrics(serving, options, err) && plan_renderers(serving, options, err) && serve(serving, options, err);
    svi_renderer_pool_close(serving->pool);
    svi_metrics_server_stop(serving->metrics);
    svi_broker_urls_clear(&serving->results);
    json_decref(serving->result_options);
    svi_broker_wish_clear(&serving->wish);
    free(serving);
    return svi_exit_code(ok, err);
}
