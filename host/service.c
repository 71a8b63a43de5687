#include "host/service.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/metrics.h"
#include "host/notify.h"
#include "host/outbox.h"
#include "host/service_inside.h"
#include "host/service_signals.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const double heartbeat_s = 2, first_pause_s = 0.2, longest_pause_s = 5, lasting_s = 1, longest_wait_s = 1, tell_again_s = 60,
                    ping_wait_s = 0.5, hello_wait_s = 1, longest_alone_s = 10, clean_pause_s = 3600;

double svi_service_wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- the connection ---- */

static const struct svi_broker_url *current_url(const struct svi_service *service)
{
    return &service->settings->brokers->at[service->next_url];
}

static void log_broker(enum svi_log_level level, const struct svi_service *service, const char *what, const struct svi_error *why)
{
    char url[512];
    svi_broker_url_show(current_url(service), url, sizeof url);
    if (why)
        svi_log_error(level, why, "%s %s", what, url);
    else
        svi_log(level, "%s %s", what, url);
}

static void wait_to_connect(struct svi_service *service)
{
    service->connect_at_s = svi_now_s() + service->connect_pause_s;
    service->connect_pause_s = fmin(service->connect_pause_s * 2, longest_pause_s);
}

void svi_service_disconnect(struct svi_service *service, const struct svi_error *why)
{
    if (!service->broker)
        return;
    log_broker(SVI_LOG_ERROR, service, "lost the broker", why);
    service->class->close(service->broker);
    service->broker = NULL;
    svi_metric_add(SVI_METRIC_BROKER_LOST, 1);
    /* One that lets us in and then refuses what we say would be met many times a second. */
    if (svi_now_s() - service->connected_at_s > lasting_s)
        service->connect_pause_s = first_pause_s;
    wait_to_connect(service);
}

/* The same reason is told once a minute, however often it is met. */
static void log_trouble(struct svi_service *service, const char *what, const struct svi_error *err)
{
    bool told = service->trouble.status == err->status && !strcmp(service->trouble.message, err->message)
                && svi_now_s() < service->tell_again_at_s;
    log_broker(told ? SVI_LOG_DEBUG : SVI_LOG_ERROR, service, what, err);
    if (!told)
        service->tell_again_at_s = svi_now_s() + tell_again_s;
    service->trouble = *err;
}

void svi_service_unheard(struct svi_service *service, const struct svi_error *why)
{
    if (why->status == SVI_UNREACHABLE)
        svi_service_disconnect(service, why);
    else
        log_trouble(service, "not everything can be told to", why);
}

static void note_failure(struct svi_service *service, const struct svi_error *err)
{
    log_trouble(service, "no connection to the broker", err);
    service->next_url = (service->next_url + 1) % service->settings->brokers->count;
    wait_to_connect(service);
}

/* Two nodes with one name hide each other's tasks from everybody. */
static bool check_name(struct svi_service *service, struct svi_error *err)
{
    json_t *replies = NULL;
    const char *node = service->settings->node;
    if (!service->class->ask(service->broker, "ping", NULL, node, 1, ping_wait_s, &replies, err))
        return false;
    bool alone = !json_object_get(replies, node);
    json_decref(replies);
    return alone
           || svi_fail(err, SVI_BAD_USAGE, "There is a node %.200s already: give this one another name with --hostname.", node);
}

/* What the other nodes know to be revoked. */
static bool say_hello(struct svi_service *service, struct svi_error *err)
{
    json_t *replies = NULL, *answer;
    const char *node;
    json_t *arguments = json_pack("{s:s, s:{}}", "from_node", service->settings->node, "revoked");
    bool ok = (arguments || svi_fail_memory(err, 256))
              && service->class->ask(service->broker, "hello", arguments, NULL, SIZE_MAX, hello_wait_s, &replies, err);
    json_object_foreach(replies, node, answer)
    {
        svi_revoked_merge(service->revoked, json_object_get(answer, "revoked"), svi_now_s());
        svi_celery_clock_adjust(&service->clock, json_integer_value(json_object_get(answer, "clock")));
    }
    json_decref(replies);
    json_decref(arguments);
    return ok;
}

static bool introduce(struct svi_service *service, struct svi_error *err)
{
    if (service->introduced)
        return true;
    service->introduced = check_name(service, err) && say_hello(service, err);
    return service->introduced;
}

static void send_node_event(struct svi_service *service, enum svi_celery_node_event kind)
{
    struct svi_celery_message message = { 0 };
    struct svi_error err = { 0 };
    const char *key;
    const struct svi_celery_node_state state = { .freq_s = heartbeat_s,
                                                 .active = svi_service_active(service),
                                                 .processed = service->processed };
    if (!service->broker || service->settings->silent)
        return;
    bool made = svi_celery_node_event(&service->events, kind, &state, svi_service_wall_s(), &message, &key, &err);
    if (made && !service->class->send(service->broker, SVI_BROKER_TO_EVENTS, "celeryev", key, &message, &err))
        svi_service_unheard(service, &err);
    if (made)
        svi_celery_message_clear(&message);
}

/* False only where there is no use in trying again. */
static bool connect_broker(struct svi_service *service, struct svi_error *fatal)
{
    struct svi_error err = { 0 };
    const struct svi_broker_settings settings = { .url = current_url(service),
                                                  .node = service->settings->node,
                                                  .queues = (const char *const *)service->queues,
                                                  .queue_count = service->queue_count,
                                                  .options = service->settings->broker_options };
    service->class = svi_broker_class_of(settings.url);
    if (!service->class->open(&service->broker, &settings, &err)) {
        service->broker = NULL;
        note_failure(service, &err);
        return true;
    }
    if (!introduce(service, &err)) {
        service->class->close(service->broker);
        service->broker = NULL;
        if (err.status == SVI_BAD_USAGE)
            *fatal = err;
        else
            note_failure(service, &err);
        return err.status != SVI_BAD_USAGE;
    }
    svi_error_clear(&service->trouble);
    service->connected_at_s = svi_now_s();
    log_broker(SVI_LOG_INFO, service, "connected to", NULL);
    svi_log(SVI_LOG_INFO, "%s ready.", service->settings->node);
    send_node_event(service, SVI_CELERY_NODE_ONLINE);
    svi_notify_ready();
    return true;
}

/* ---- the loop ---- */

static void send_events(struct svi_service *service)
{
    if (svi_now_s() >= service->heartbeat_at_s) {
        send_node_event(service, SVI_CELERY_NODE_HEARTBEAT);
        service->heartbeat_at_s = svi_now_s() + heartbeat_s;
        svi_notify_alive();
    }
    for (bool any = true; any && service->broker;) {
        struct svi_celery_message message = { 0 };
        struct svi_error err = { 0 };
        const char *key;
        if (!svi_celery_events_take(&service->events, &message, &key, &any, &err) || !any)
            return;
        if (!service->class->send(service->broker, SVI_BROKER_TO_EVENTS, "celeryev", key, &message, &err))
            svi_service_unheard(service, &err);
        svi_celery_message_clear(&message);
    }
}

static double wait_until_s(const struct svi_service *service)
{
    double now_s = svi_now_s();
    double until_s = fmin(now_s + longest_wait_s, fmin(service->heartbeat_at_s, svi_service_next_s(service)));
    if (!service->broker)
        until_s = fmin(until_s, service->connect_at_s);
    return fmax(until_s, now_s);
}

static void wait_without_broker(const struct svi_service *service)
{
    struct pollfd wake = { .fd = service->wake_fd, .events = POLLIN };
    poll(&wake, 1, (int)ceil((wait_until_s(service) - svi_now_s()) * 1000));
}

/* True where a task came. */
static bool wait_with_broker(struct svi_service *service, double until_s)
{
    struct svi_arrival arrival = { 0 };
    struct svi_error err = { 0 };
    const struct svi_broker_wait wait = { .until_s = until_s, .wake_fd = service->wake_fd, .room = svi_service_has_room(service) };
    if (!service->class->wait(service->broker, &wait, &arrival, &err)) {
        svi_service_disconnect(service, &err);
        return false;
    }
    const enum svi_arrival_kind kind = arrival.kind;
    if (kind == SVI_ARRIVED_TASK) {
        svi_service_receive(service, &arrival);
    } else if (kind == SVI_ARRIVED_CONTROL) {
        svi_service_answer(service, &arrival.message);
        svi_celery_message_clear(&arrival.message);
    }
    return kind == SVI_ARRIVED_TASK;
}

/* A broker may take long to hear that a task has ended, a slow disk or a distant server: free lanes get what waits before that. */
static void fill_lanes(struct svi_service *service)
{
    bool came = svi_service_has_ended(service);
    for (unsigned i = 0; came && i < service->concurrency && service->broker && svi_service_has_room(service); i++) {
        came = wait_with_broker(service, svi_now_s());
        svi_service_work(service);
    }
}

static void drain(int wake_fd)
{
    uint64_t count;
    ssize_t got = read(wake_fd, &count, sizeof count);
    (void)got;
}

static void heed_signals(struct svi_service *service)
{
    enum svi_shutdown wish = svi_service_signals_shutdown();
    bool warm = wish >= SVI_SHUTDOWN_WARM || service->stopping;
    if (svi_service_signals_hung_up())
        svi_log(SVI_LOG_INFO, "SIGHUP reloads nothing: options are read at the start");
    if (warm && !service->leaving) {
        service->stopping = service->leaving = true;
        const unsigned active = svi_service_active(service);
        svi_log(SVI_LOG_INFO, active ? "shutting down when what is under way has ended: %u job%s" : "shutting down", active,
                active == 1 ? "" : "s");
        svi_notify_stopping();
        send_node_event(service, SVI_CELERY_NODE_OFFLINE);
        svi_service_hand_back(service, false);
    }
    if (wish == SVI_SHUTDOWN_COLD && !service->cold) {
        service->cold = true;
        svi_log(SVI_LOG_WARNING, "shutting down now: jobs that are under way are handed back");
        svi_service_hand_back(service, true);
    }
}

/* What cannot be told to a broker that is gone will be found out from its leases; it has a while to come back. */
static bool is_over(struct svi_service *service)
{
    if (!service->leaving || !service->held || (service->broker && !service->unsettled) || svi_service_in_lanes(service)) {
        service->alone_since_s = svi_now_s();
        return service->leaving && !service->held;
    }
    return service->cold || svi_now_s() - service->alone_since_s > longest_alone_s;
}

/* A service may run for years; the results that it leaves for a platform that never takes them must not fill the disk. */
static void clean_outbox(struct svi_service *service)
{
    if (svi_now_s() < service->clean_at_s)
        return;
    svi_outbox_clean(service->settings->worker->work_folder, SVI_OUTBOX_AGE_S);
    service->clean_at_s = svi_now_s() + clean_pause_s;
}

static void count_turn(const struct svi_service *service)
{
    svi_metric_set(SVI_METRIC_JOBS_ACTIVE, svi_service_active(service));
    svi_metric_set(SVI_METRIC_JOBS_WAITING, svi_service_waiting(service));
    svi_metric_set(SVI_METRIC_LANES, service->concurrency);
    svi_metric_set(SVI_METRIC_BROKER_CONNECTED, service->broker != NULL);
    svi_metric_turn(service->broker && !service->stopping && svi_now_s() >= service->rests_until_s);
}

static bool loop(struct svi_service *service, struct svi_error *err)
{
    while (!is_over(service)) {
        count_turn(service);
        if (!service->broker && svi_now_s() >= service->connect_at_s && !connect_broker(service, err))
            return false;
        if (service->broker)
            wait_with_broker(service, wait_until_s(service));
        else
            wait_without_broker(service);
        drain(service->wake_fd);
        svi_service_work(service);
        heed_signals(service);
        fill_lanes(service);
        svi_service_settle(service);
        send_events(service);
        clean_outbox(service);
    }
    return true;
}

/* ---- set-up ---- */

static bool copy_queues(struct svi_service *service, struct svi_error *err)
{
    const struct svi_service_settings *settings = service->settings;
    if (settings->queue_count > SVI_SERVICE_MOST_QUEUES)
        return svi_fail(err, SVI_BAD_USAGE, "There are %zu queues; at most %d are served.", settings->queue_count,
                        SVI_SERVICE_MOST_QUEUES);
    for (size_t i = 0; i < settings->queue_count; i++) {
        char *copy = strdup(settings->queues[i]);
        if (!copy)
            return svi_fail_memory(err, strlen(settings->queues[i]));
        service->queues[service->queue_count++] = copy;
    }
    return true;
}

static bool open_results(struct svi_service *service, struct svi_error *err)
{
    const struct svi_service_settings *settings = service->settings;
    const struct svi_result_store_settings wish = { .url = settings->results,
                                                    .options = settings->result_options,
                                                    .expires_s = settings->result_expires_s };
    struct svi_result_store *store = NULL;
    if (!settings->results)
        return true;
    if (!svi_result_store_open(&store, &wish, err))
        return false;
    bool ok = svi_result_teller_open(&service->results, store, service->wake_fd, err);
    if (!ok)
        svi_result_store_close(store);
    return ok;
}

static bool set_up(struct svi_service *service, struct svi_error *err)
{
    const struct svi_service_settings *settings = service->settings;
    service->begin_s = svi_now_s();
    service->connect_pause_s = first_pause_s;
    service->concurrency = settings->concurrency;
    service->limits = (struct svi_control_limits){ .soft_limit_s = (double)NAN, .hard_limit_s = (double)NAN };
    service->events = (struct svi_celery_events){ .node = settings->node, .clock = &service->clock };
    service->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (service->wake_fd < 0)
        return svi_fail(err, SVI_IO, "The service cannot be set up: %s.", strerror(errno));
    if (!copy_queues(service, err) || !svi_revoked_create(&service->revoked, err) || !open_results(service, err)
        || !svi_lanes_open(&service->lanes, settings->worker, settings->concurrency, service->wake_fd, err))
        return false;
    svi_service_control_set_up(service);
    svi_service_signals_catch(service->wake_fd);
    return true;
}

static void clear(struct svi_service *service)
{
    svi_lanes_close(service->lanes);
    if (service->broker)
        service->class->close(service->broker);
    svi_service_forget_all(service);
    svi_result_teller_close(service->results);
    svi_celery_events_clear(&service->events);
    svi_revoked_destroy(service->revoked);
    for (size_t i = 0; i < service->queue_count; i++)
        free(service->queues[i]);
    if (service->wake_fd >= 0)
        close(service->wake_fd);
    free(service);
}

bool svi_service_run(const struct svi_service_settings *settings, struct svi_error *err)
{
    struct svi_service *service = calloc(1, sizeof *service);
    if (!service)
        return svi_fail_memory(err, sizeof *service);
    service->settings = settings;
    service->wake_fd = -1;
    bool ok = set_up(service, err) && loop(service, err);
    if (ok) {
        send_node_event(service, SVI_CELERY_NODE_OFFLINE);
        if (service->handed_back)
            ok = svi_fail(err, SVI_CANCELLED, "The service was stopped before its jobs had ended; they were handed back.");
    }
    clear(service);
    return ok;
}
