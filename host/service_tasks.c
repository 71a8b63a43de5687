/* service_tasks - the life of a task: received, started, ended, and each step told to those who want to know. */
#include "base/log.h"
#include "base/stopwatch.h"
#include "host/metrics.h"
#include "host/service_inside.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the platform does not answer after the last attempt, the finished results wait as long for the next one. */
static const double parked_s = 30;

enum { TROUBLES_BEFORE_REST = 3 };
static const double first_rest_s = 1, longest_rest_s = 10;

/* ---- tasks that are held ---- */

static struct svi_held *hold(struct svi_service *service)
{
    struct svi_held *held = calloc(1, sizeof *held);
    struct svi_held **end = &service->held;
    while (*end)
        end = &(*end)->next;
    return *end = held;
}

static void forget(struct svi_service *service, struct svi_held *held)
{
    struct svi_held **link = &service->held;
    while (*link != held)
        link = &(*link)->next;
    *link = held->next;
    svi_task_clear(&held->task);
    svi_celery_message_clear(&held->message);
    svi_celery_message_clear(&held->successor);
    free(held);
}

void svi_service_forget_all(struct svi_service *service)
{
    while (service->held)
        forget(service, service->held);
}

/* The attempt of a task that is held already; NULL: none. */
static struct svi_held *find(const struct svi_service *service, const struct svi_task *task)
{
    struct svi_held *held = service->held;
    while (held && (strcmp(held->task.id, task->id) != 0 || held->task.retries != task->retries))
        held = held->next;
    return held;
}

static void remember(struct svi_service *service, const char *id)
{
    svi_format(service->remembered[service->remembered_next], SVI_TASK_ID_SIZE, "%s", id);
    service->remembered_next = (service->remembered_next + 1) % SVI_SERVICE_REMEMBERED;
}

static bool remembers(const struct svi_service *service, const char *id)
{
    for (size_t i = 0; i < SVI_SERVICE_REMEMBERED; i++)
        if (!strcmp(service->remembered[i], id))
            return true;
    return false;
}

/* ---- telling ---- */

static bool is_heard(const struct svi_service *service)
{
    return !service->settings->silent && (!service->broker || !service->class->heard || service->class->heard(service->broker));
}

static void add_event(struct svi_service *service, struct svi_celery_task_event event)
{
    event.at_s = svi_service_wall_s();
    if (is_heard(service))
        svi_celery_task_event(&service->events, &event);
}

/* Returns its number at the teller; 0: there is nothing to be told. */
static uint64_t put_result(struct svi_service *service, const struct svi_task *task, enum svi_celery_state state,
                           const struct svi_celery_exception *exception)
{
    struct svi_error err = { 0 };
    if (!service->results || task->ignore_result || !task->id[0])
        return 0;
    const struct svi_celery_outcome outcome = {
        .state = state, .task = task, .node = service->settings->node, .at_s = svi_service_wall_s(), .exception = exception
    };
    json_t *result = svi_celery_result(&outcome, &err);
    if (result)
        return svi_result_teller_give(service->results, task->id, result);
    svi_log_error(SVI_LOG_ERROR, &err, "the result of task %s is lost", task->id);
    return 0;
}

/* The broker is told by svi_service_settle. */
static void end_held(struct svi_held *held, enum svi_broker_end end)
{
    held->state = SVI_HELD_ENDED;
    held->end = end;
}

static void end_with(struct svi_service *service, struct svi_held *held, enum svi_celery_state state,
                     const struct svi_celery_exception *exception)
{
    held->result = put_result(service, &held->task, state, exception);
    held->settled = true;
    remember(service, held->task.id);
}

static void count_end(const struct svi_held *held, enum svi_metric outcome)
{
    svi_metric_add(outcome, 1);
    svi_metric_job_took(svi_now_s() - held->started_s);
}

static void succeed(struct svi_service *service, struct svi_held *held)
{
    double runtime_s = svi_now_s() - held->started_s;
    count_end(held, SVI_METRIC_JOBS_COMPLETED);
    svi_log(SVI_LOG_INFO, "Task %s[%s] succeeded in %.3fs: job %" PRId64, held->task.name, held->task.id, runtime_s,
            held->task.job);
    add_event(service,
              (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_SUCCEEDED, .task = &held->task, .runtime_s = runtime_s });
    end_with(service, held, SVI_CELERY_SUCCESS, NULL);
}

static struct svi_celery_exception exception_of(const struct svi_held *held, const struct svi_error *err)
{
    struct svi_celery_exception exception = { .kind = svi_celery_exception_of(err->status), .text = err->message };
    int stop = atomic_load(&held->lane.stop);
    if (err->status == SVI_TIME_LIMIT && stop == SVI_WORKER_STOP_HARD)
        exception = (struct svi_celery_exception){ .kind = SVI_CELERY_HARD_TIME_LIMIT,
                                                   .limit_s = held->lane.assignment.hard_limit_s };
    else if (err->status == SVI_TIME_LIMIT)
        exception = (struct svi_celery_exception){ .kind = SVI_CELERY_SOFT_TIME_LIMIT };
    return exception;
}

static void fail(struct svi_service *service, struct svi_held *held, const struct svi_error *err)
{
    const struct svi_celery_exception exception = exception_of(held, err);
    count_end(held, SVI_METRIC_JOBS_FAILED);
    svi_log_error(SVI_LOG_ERROR, err, "Task %s[%s] failed: job %" PRId64, held->task.name, held->task.id, held->task.job);
    add_event(service,
              (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_FAILED, .task = &held->task, .exception = &exception });
    end_with(service, held, SVI_CELERY_FAILURE, &exception);
}

static void tell_revoked(struct svi_service *service, struct svi_held *held, const char *how, int signal)
{
    const struct svi_celery_exception exception = { .kind = SVI_CELERY_REVOKED, .text = how };
    svi_metric_add(SVI_METRIC_JOBS_REVOKED, 1);
    svi_log(SVI_LOG_INFO, "Task %s[%s] %s: job %" PRId64, held->task.name, held->task.id, how, held->task.job);
    add_event(service, (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_REVOKED,
                                                       .task = &held->task,
                                                       .terminated = signal != 0,
                                                       .signal = signal,
                                                       .expired = !strcmp(how, "expired") });
    end_with(service, held, SVI_CELERY_STATE_REVOKED, &exception);
}

/* ---- starting ---- */

static bool in_a_lane(const struct svi_held *held)
{
    return held->state == SVI_HELD_ACTIVE;
}

static unsigned count_state(const struct svi_service *service, enum svi_held_state state)
{
    unsigned count = 0;
    for (const struct svi_held *held = service->held; held; held = held->next)
        count += held->state == state;
    return count;
}

unsigned svi_service_active(const struct svi_service *service)
{
    unsigned count = 0;
    for (const struct svi_held *held = service->held; held; held = held->next)
        count += in_a_lane(held) && !held->settled;
    return count;
}

unsigned svi_service_waiting(const struct svi_service *service)
{
    return count_state(service, SVI_HELD_SCHEDULED) + count_state(service, SVI_HELD_RESERVED);
}

bool svi_service_in_lanes(const struct svi_service *service)
{
    return count_state(service, SVI_HELD_ACTIVE) > 0;
}

bool svi_service_has_ended(const struct svi_service *service)
{
    return count_state(service, SVI_HELD_ENDED) > 0;
}

bool svi_service_has_room(const struct svi_service *service)
{
    return !service->stopping && service->introduced && svi_now_s() >= service->rests_until_s
           && count_state(service, SVI_HELD_ACTIVE) + count_state(service, SVI_HELD_RESERVED) < service->concurrency
           && count_state(service, SVI_HELD_SCHEDULED) < SVI_SERVICE_MOST_SCHEDULED;
}

static double limit_of(double said_s, double set_s, double usual_s)
{
    return !isnan(said_s) ? said_s : !isnan(set_s) ? set_s : usual_s;
}

static void give_to_lane(struct svi_service *service, struct svi_held *held)
{
    const struct svi_service_settings *settings = service->settings;
    const struct svi_task *task = &held->task;
    double hard_s = limit_of(task->hard_limit_s, service->limits.hard_limit_s, settings->hard_limit_s);
    double soft_s = fmin(limit_of(task->soft_limit_s, service->limits.soft_limit_s, settings->soft_limit_s), hard_s);
    held->state = SVI_HELD_ACTIVE;
    held->started_s = svi_now_s();
    held->started_wall_s = svi_service_wall_s();
    held->soft_at_s = held->started_s + soft_s;
    held->hard_at_s = held->started_s + hard_s;
    held->lane.owner = held;
    held->lane.assignment = (struct svi_assignment){ .job = task->job,
                                                     .token = task->token,
                                                     .repeated = task->redelivered || task->retries > 0,
                                                     .failed_is_final = task->retries == 0,
                                                     .may_repeat = task->retries < SVI_TASK_MOST_RETRIES,
                                                     .soft_limit_s = soft_s,
                                                     .hard_limit_s = hard_s };
    svi_lanes_give(service->lanes, &held->lane);
}

/* Nobody will work on it; whoever waits for the job at the platform is told by a lane. */
static void discard(struct svi_service *service, struct svi_held *held, const char *how)
{
    tell_revoked(service, held, how, 0);
    svi_fail(&held->lane.refusal, SVI_CANCELLED, "The job was %s before it was begun.",
             strcmp(how, "expired") ? "revoked" : "not begun in time, and given up");
    give_to_lane(service, held);
}

static bool is_revoked(const struct svi_service *service, const struct svi_task *task)
{
    return svi_revoked_has(service->revoked, task->id, svi_now_s()) || svi_revoked_has_stamp(service->revoked, task->stamps);
}

static bool is_expired(const struct svi_task *task)
{
    return task->expires_s <= svi_service_wall_s();
}

static void start(struct svi_service *service, struct svi_held *held)
{
    if (is_revoked(service, &held->task) || is_expired(&held->task)) {
        discard(service, held, is_expired(&held->task) ? "expired" : "revoked");
        return;
    }
    service->processed++;
    add_event(service, (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_STARTED, .task = &held->task });
    give_to_lane(service, held);
}

/* Room is counted before a task is claimed; a change of concurrency may leave more of them than lanes. */
static void start_reserved(struct svi_service *service)
{
    unsigned busy = count_state(service, SVI_HELD_ACTIVE);
    for (struct svi_held *held = service->held; held && busy < service->concurrency && !service->stopping; held = held->next)
        if (held->state == SVI_HELD_RESERVED) {
            start(service, held);
            busy++;
        }
}

static void wake_scheduled(struct svi_service *service)
{
    double now_s = svi_service_wall_s();
    for (struct svi_held *held = service->held; held; held = held->next)
        if (held->state == SVI_HELD_SCHEDULED && held->task.eta_s <= now_s)
            held->state = SVI_HELD_RESERVED;
}

/* ---- receiving ---- */

static void end_delivery(struct svi_service *service, const struct svi_broker_tag *tag, enum svi_broker_end end)
{
    struct svi_error err = { 0 };
    bool known = true;
    if (service->broker && !service->class->end(service->broker, tag, end, &known, &err))
        svi_service_disconnect(service, &err);
}

/* A task that is not for us to work on, though it has an id under which somebody waits. */
static void reject(struct svi_service *service, struct svi_task *task, const struct svi_error *err)
{
    const bool unknown = strcmp(task->name, SVI_TASK_NAME) != 0;
    const struct svi_celery_exception exception = { .kind = unknown ? SVI_CELERY_NOT_REGISTERED
                                                                    : svi_celery_exception_of(err->status),
                                                    .text = unknown ? task->name : err->message };
    put_result(service, task, SVI_CELERY_FAILURE, &exception);
    add_event(service, (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_FAILED, .task = task, .exception = &exception });
}

/* For the eye, of a message that may be anything. */
static const char *header_text(const struct svi_celery_message *message, const char *name)
{
    const char *text = json_string_value(json_object_get(message->headers, name));
    return text && strlen(text) < 100 ? text : "?";
}

static void refuse(struct svi_service *service, const struct svi_arrival *arrival, enum svi_task_verdict verdict,
                   struct svi_task *task, const struct svi_error *err)
{
    bool again = err->status == SVI_OUT_OF_MEMORY;
    svi_log_error(SVI_LOG_ERROR, err, "a message of queue %s is %s, task %s[%s]", arrival->queue, again ? "handed back" : "dropped",
                  header_text(&arrival->message, "task"), header_text(&arrival->message, "id"));
    svi_metric_add(SVI_METRIC_TASKS_DROPPED, !again);
    if (verdict != SVI_TASK_DROPPED)
        reject(service, task, err);
    end_delivery(service, &arrival->tag, again ? SVI_BROKER_RETURNED : SVI_BROKER_DONE);
}

/* Once more, after a connection broke, someone thought us dead, or a publisher in doubt sent it twice: what is held takes the
 * newest tag. Of two messages the older can go then: the newer one is there if we die. */
static void meet_again(struct svi_service *service, struct svi_held *held, const struct svi_arrival *arrival)
{
    const struct svi_broker_tag *old = &held->tag, *new = &arrival->tag;
    svi_log(SVI_LOG_INFO, "task %s came again while job %" PRId64 " is in hand", held->task.id, held->task.job);
    if (strcmp(old->text, new->text) != 0 || old->number != new->number || old->connection != new->connection)
        end_delivery(service, old, SVI_BROKER_DONE);
    held->tag = arrival->tag;
    held->acknowledged = false;
}

static bool is_known(struct svi_service *service, const struct svi_task *task, const struct svi_arrival *arrival)
{
    struct svi_held *held = find(service, task);
    const bool redelivered = arrival->redelivered || task->redelivered;
    /* One that has ended here may have a successor of the same number. */
    if (held && (redelivered || held->state != SVI_HELD_ENDED)) {
        meet_again(service, held, arrival);
        return true;
    }
    if (!redelivered || !remembers(service, task->id))
        return false;
    svi_log(SVI_LOG_INFO, "task %s came again after its end", task->id);
    end_delivery(service, &arrival->tag, SVI_BROKER_DONE);
    return true;
}

static void log_received(const struct svi_task *task)
{
    svi_log(SVI_LOG_INFO, "Task %s[%s] received: job %" PRId64, task->name, task->id, task->job);
    if (task->canvas)
        svi_log(SVI_LOG_WARNING, "task %s has callbacks or is part of a group: these are left undone", task->id);
}

static void take_in(struct svi_service *service, struct svi_task *task, struct svi_arrival *arrival)
{
    struct svi_held *held = hold(service);
    if (!held) {
        end_delivery(service, &arrival->tag, SVI_BROKER_RETURNED);
        svi_task_clear(task);
        svi_celery_message_clear(&arrival->message);
        return;
    }
    held->task = *task;
    held->task.redelivered |= arrival->redelivered;
    held->message = arrival->message;
    held->tag = arrival->tag;
    held->state = held->task.eta_s > svi_service_wall_s() ? SVI_HELD_SCHEDULED : SVI_HELD_RESERVED;
    arrival->message = (struct svi_celery_message){ 0 };
    log_received(&held->task);
    svi_metric_add(SVI_METRIC_TASKS_RECEIVED, 1);
    if (!is_revoked(service, &held->task))
        add_event(service, (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_RECEIVED, .task = &held->task });
}

void svi_service_receive(struct svi_service *service, struct svi_arrival *arrival)
{
    struct svi_task task = { 0 };
    struct svi_error err = { 0 };
    enum svi_task_verdict verdict = svi_task_read(&task, &arrival->message, arrival->queue, &err);
    if (verdict == SVI_TASK_READY && !is_known(service, &task, arrival)) {
        take_in(service, &task, arrival);
        return;
    }
    if (verdict != SVI_TASK_READY)
        refuse(service, arrival, verdict, &task, &err);
    svi_task_clear(&task);
    svi_celery_message_clear(&arrival->message);
}

/* ---- ending ---- */

/* The task once more, as a new message; the old one is then done with. `retries`: attempts before the next one. */
static bool make_successor(struct svi_held *held, int retries, double delay_s)
{
    struct svi_error err = { 0 };
    double eta_s = delay_s > 0 ? svi_service_wall_s() + delay_s : NAN;
    bool ok = svi_task_retry(&held->successor, &held->task, &held->message, eta_s, &err);
    if (ok && json_object_set_new(held->successor.headers, "retries", json_integer(retries)) == 0)
        return true;
    svi_log_error(SVI_LOG_ERROR, &err, "task %s cannot be queued again", held->task.id);
    svi_celery_message_clear(&held->successor);
    return false;
}

static void retry(struct svi_service *service, struct svi_held *held, const struct svi_error *err)
{
    const struct svi_task *task = &held->task;
    const struct svi_celery_exception exception = exception_of(held, err);
    bool last = task->retries >= SVI_TASK_MOST_RETRIES;
    double delay_s = last ? parked_s : svi_task_countdown_s(task->retries);
    if (!make_successor(held, last ? task->retries : task->retries + 1, delay_s)) {
        fail(service, held, err);
        return;
    }
    svi_log_error(SVI_LOG_WARNING, err, "Task %s[%s] retry in %gs: job %" PRId64, task->name, task->id, delay_s, task->job);
    svi_metric_add(SVI_METRIC_JOBS_RETRIED, 1);
    held->result = put_result(service, task, SVI_CELERY_RETRY, &exception);
    add_event(service, (struct svi_celery_task_event){ .kind = SVI_CELERY_TASK_RETRIED, .task = task, .exception = &exception });
    held->settled = true;
}

/* A node whose disk is full or whose device is gone fails in milliseconds what others could do, and is the first that is free for
 * the next task: alone, it would go through a whole queue. */
static void note_trouble(struct svi_service *service)
{
    service->troubles++;
    if (service->troubles < TROUBLES_BEFORE_REST)
        return;
    const double rest_s = fmin(first_rest_s * exp2(service->troubles - TROUBLES_BEFORE_REST), longest_rest_s);
    service->rests_until_s = svi_now_s() + rest_s;
    svi_log(SVI_LOG_WARNING, "%u attempts in a row failed for what may pass: no task is taken for %g s", service->troubles, rest_s);
}

/* What the broker has forgotten by our own wish can only come back as a new message. */
static void return_held(struct svi_service *service, struct svi_held *held)
{
    svi_log(SVI_LOG_INFO, "task %s is handed back: job %" PRId64, held->task.id, held->task.job);
    svi_metric_add(SVI_METRIC_JOBS_RETURNED, 1);
    if (held->acknowledged)
        make_successor(held, held->task.retries, 0);
    service->handed_back |= held->state == SVI_HELD_ACTIVE;
    end_held(held, SVI_BROKER_RETURNED);
}

/* Stopped before the platform had taken even `running`: whoever waits for the job there is told by another round. */
static bool owes_a_word(const struct svi_held *held)
{
    const int stop = atomic_load(&held->lane.stop);
    return held->lane.outcome.end == SVI_WORKER_NOT_BEGUN && held->lane.refusal.status == SVI_OK && stop != SVI_WORKER_GO_ON
           && stop != SVI_WORKER_STOP_RETURN;
}

static void give_the_word(struct svi_service *service, struct svi_held *held)
{
    if (!held->settled)
        fail(service, held, &held->lane.err);
    held->lane.refusal = held->lane.err;
    svi_error_clear(&held->lane.err);
    atomic_store(&held->lane.stop, SVI_WORKER_GO_ON);
    give_to_lane(service, held);
}

static void conclude(struct svi_service *service, struct svi_held *held)
{
    if (owes_a_word(held)) {
        give_the_word(service, held);
        return;
    }
    const struct svi_lane_job *lane = &held->lane;
    const struct svi_error *err = &lane->err;
    const enum svi_worker_end end = lane->outcome.end;
    const bool told = end == SVI_WORKER_COMPLETED || end == SVI_WORKER_FAILED || end == SVI_WORKER_LEFT_ALONE;
    if (!told && !held->settled && atomic_load(&lane->stop) == SVI_WORKER_STOP_RETURN) {
        return_held(service, held);
        return;
    }
    if (!held->settled && err->may_pass)
        note_trouble(service);
    else if (err->status == SVI_OK)
        service->troubles = 0;
    if (held->settled && !told)
        svi_log_error(SVI_LOG_WARNING, err, "the platform was not told of the end of job %" PRId64, held->task.job);
    else if (held->settled)
        svi_log(SVI_LOG_DEBUG, "job %" PRId64 " has left its lane", held->task.job);
    else if (err->status == SVI_OK)
        succeed(service, held);
    else if (!told && err->may_pass)
        retry(service, held, err);
    else
        fail(service, held, err);
    end_held(held, SVI_BROKER_DONE);
}

static void enforce_limits(struct svi_service *service)
{
    double now_s = svi_now_s();
    for (struct svi_held *held = service->held; held; held = held->next) {
        if (!in_a_lane(held) || held->settled)
            continue;
        int none = SVI_WORKER_GO_ON, soft = SVI_WORKER_STOP_SOFT;
        if (now_s >= held->hard_at_s && !atomic_compare_exchange_strong(&held->lane.stop, &none, SVI_WORKER_STOP_HARD))
            atomic_compare_exchange_strong(&held->lane.stop, &soft, SVI_WORKER_STOP_HARD);
        none = SVI_WORKER_GO_ON;
        if (now_s >= held->soft_at_s)
            atomic_compare_exchange_strong(&held->lane.stop, &none, SVI_WORKER_STOP_SOFT);
    }
}

void svi_service_work(struct svi_service *service)
{
    for (struct svi_lane_job *job; (job = svi_lanes_take(service->lanes));)
        conclude(service, job->owner);
    enforce_limits(service);
    wake_scheduled(service);
    start_reserved(service);
}

double svi_service_next_s(const struct svi_service *service)
{
    double next_s = INFINITY, wall_s = svi_service_wall_s(), now_s = svi_now_s();
    for (const struct svi_held *held = service->held; held; held = held->next) {
        int stop = atomic_load(&held->lane.stop);
        if (held->state == SVI_HELD_SCHEDULED)
            next_s = fmin(next_s, now_s + held->task.eta_s - wall_s);
        else if (in_a_lane(held) && !held->settled && stop == SVI_WORKER_GO_ON)
            next_s = fmin(next_s, held->soft_at_s);
        else if (in_a_lane(held) && !held->settled && stop == SVI_WORKER_STOP_SOFT)
            next_s = fmin(next_s, held->hard_at_s);
    }
    return next_s;
}

/* ---- the broker's last words ---- */

static bool send_successor(struct svi_service *service, struct svi_held *held, struct svi_error *err)
{
    if (!held->successor.headers)
        return true;
    if (!service->class->send(service->broker, SVI_BROKER_TO_QUEUE, "", held->task.routing_key, &held->successor, err))
        return false;
    svi_celery_message_clear(&held->successor);
    held->successor = (struct svi_celery_message){ 0 };
    return true;
}

static bool acknowledge(struct svi_service *service, struct svi_held *held, enum svi_broker_end end, struct svi_error *err)
{
    bool known = true;
    if (held->acknowledged)
        return true;
    if (!service->class->end(service->broker, &held->tag, end, &known, err))
        return false;
    held->acknowledged = true;
    if (!known)
        svi_log(SVI_LOG_WARNING, "task %s is no longer held for this node: it may come again", held->task.id);
    return true;
}

/* Whoever waits for the result is told before the broker forgets the task, as long as the store listens. */
static bool is_told(const struct svi_service *service, const struct svi_held *held)
{
    return !held->result || svi_result_teller_is_through(service->results, held->result);
}

void svi_service_settle(struct svi_service *service)
{
    struct svi_held *next;
    service->unsettled = false;
    for (struct svi_held *held = service->held; held && service->broker; held = next) {
        struct svi_error err = { 0 };
        bool early = service->settings->early_acks && in_a_lane(held);
        next = held->next;
        if (!early && !(held->state == SVI_HELD_ENDED && is_told(service, held)))
            continue;
        if (!send_successor(service, held, &err) || !acknowledge(service, held, early ? SVI_BROKER_DONE : held->end, &err)) {
            service->unsettled = true;
            svi_service_unheard(service, &err);
        } else if (held->state == SVI_HELD_ENDED) {
            forget(service, held);
        }
    }
}

/* ---- told to stop ---- */

void svi_service_revoke(struct svi_service *service, const char *id, bool terminate, int signal)
{
    for (struct svi_held *held = service->held; held; held = held->next) {
        if (strcmp(held->task.id, id) != 0)
            continue;
        if (held->state == SVI_HELD_SCHEDULED || held->state == SVI_HELD_RESERVED) {
            discard(service, held, "revoked");
        } else if (in_a_lane(held) && terminate && !held->settled) {
            atomic_store(&held->lane.stop, signal);
            tell_revoked(service, held, "terminated", signal);
        }
    }
}

void svi_service_hand_back(struct svi_service *service, bool cold)
{
    for (struct svi_held *held = service->held; held; held = held->next) {
        int none = SVI_WORKER_GO_ON;
        if (held->state == SVI_HELD_SCHEDULED || held->state == SVI_HELD_RESERVED)
            return_held(service, held);
        else if (cold && in_a_lane(held))
            atomic_compare_exchange_strong(&held->lane.stop, &none, SVI_WORKER_STOP_RETURN);
    }
}
