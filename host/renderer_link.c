#include "host/renderer_link.h"

#include "base/log.h"
#include "base/stopwatch.h"
#include "host/child.h"
#include "host/metrics.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char not_understood[] = "The renderer answered with something that is not understood.";
static const double usual_silence_s = 30, usual_grace_s = 5, patience_at_close_s = 2;

struct svi_renderer_link {
    struct svi_renderer_link_settings settings;
    struct svi_child child;
};

/* Why an order was cancelled; the renderer itself only knows that it was. */
enum cancelled { NOT_CANCELLED, BY_SOFT_LIMIT, BY_CALLER };

/* An order that is being carried out. */
struct errand {
    struct svi_renderer_link *link;
    const struct svi_order *order;
    svi_progress *progress;
    void *progress_self;
    double started_s, heard_s, killed_at_s; /* killed_at_s: set by a cancellation */
    enum cancelled cancelled;
    double share;
    char stage[SVI_STAGE_SIZE];
    struct svi_render_outcome *outcome;
    struct svi_error *err;
};

enum step { GO_ON, DONE, FAILED };

bool svi_renderer_link_open(struct svi_renderer_link **out, const struct svi_renderer_link_settings *settings,
                            struct svi_error *err)
{
    struct svi_renderer_link *link = calloc(1, sizeof *link);
    if (!link)
        return svi_fail_memory(err, sizeof *link);
    link->settings = *settings;
    link->settings.program = settings->program ? settings->program : "/proc/self/exe";
    link->settings.silence_s = settings->silence_s > 0 ? settings->silence_s : usual_silence_s;
    link->settings.grace_s = settings->grace_s > 0 ? settings->grace_s : usual_grace_s;
    *out = link;
    return true;
}

int svi_renderer_link_pid(const struct svi_renderer_link *link)
{
    return link->child.pid;
}

void svi_renderer_link_close(struct svi_renderer_link *link)
{
    if (!link)
        return;
    svi_child_end(&link->child, patience_at_close_s);
    free(link);
}

/* ---- the end of a child ---- */

/* The child is beyond help or gone already; says how it ended. */
static enum step bury(struct errand *errand, double patience_s)
{
    struct svi_child_end end = svi_child_end(&errand->link->child, patience_s);
    svi_metric_add(SVI_METRIC_RENDERER_DEATHS, 1);
    const char *type = errand->order->type;
    if (end.signal && end.by_us)
        svi_fail(errand->err, SVI_RENDERER_DIED, "The renderer stopped working while it made the %s.", type);
    else if (end.signal)
        svi_fail(errand->err, SVI_RENDERER_DIED, "The renderer %s (signal %d, SIG%s) while it made the %s.",
                 end.signal == SIGKILL || end.signal == SIGTERM ? "was killed" : "crashed", end.signal, end.signal_name, type);
    else
        svi_fail(errand->err, SVI_RENDERER_DIED, "The renderer ended unexpectedly (exit code %d) while it made the %s.",
                 end.exit_code, type);
    svi_because(errand->err, "at stage %s, %.0f %%, after %.1f s", errand->stage, errand->share * 100,
                svi_now_s() - errand->started_s);
    return FAILED;
}

static enum step kill_it(struct errand *errand, enum svi_status status, const char *message)
{
    svi_child_end(&errand->link->child, 0);
    svi_metric_add(SVI_METRIC_RENDERER_DEATHS, 1);
    svi_fail(errand->err, status, "%s", message);
    svi_because(errand->err, "renderer killed at stage %s, %.0f %%, after %.1f s", errand->stage, errand->share * 100,
                svi_now_s() - errand->started_s);
    return FAILED;
}

/* ---- limits ---- */

static void fail_cancelled(const struct errand *errand, struct svi_error *err)
{
    if (errand->cancelled == BY_SOFT_LIMIT)
        svi_fail(err, SVI_TIME_LIMIT, "The %s took longer than the soft time limit of %g s.", errand->order->type,
                 errand->link->settings.soft_limit_s);
    else
        svi_fail(err, SVI_CANCELLED, "The job was cancelled while the %s was made.", errand->order->type);
}

static void cancel(struct errand *errand, enum cancelled why)
{
    if (errand->cancelled != NOT_CANCELLED)
        return;
    svi_log(SVI_LOG_DEBUG, "cancelling the renderer's work");
    errand->cancelled = why;
    /* A job past its soft limit has until the hard one; nobody waits so long for the end of a process. */
    errand->killed_at_s = why == BY_SOFT_LIMIT ? INFINITY : svi_now_s() + errand->link->settings.grace_s;
    svi_message_send(errand->link->child.fd, svi_cancel_write(), false);
}

static double after(double start_s, double limit_s)
{
    return limit_s > 0 ? start_s + limit_s : INFINITY;
}

static enum step keep_limits(struct errand *errand)
{
    const struct svi_renderer_link_settings *settings = &errand->link->settings;
    double now_s = svi_now_s();
    char text[160];
    if (now_s >= after(errand->started_s, settings->hard_limit_s)) {
        svi_format(text, sizeof text, "The %.40s took longer than the hard time limit of %g s.", errand->order->type,
                   settings->hard_limit_s);
        return kill_it(errand, SVI_TIME_LIMIT, text);
    }
    if (now_s >= errand->killed_at_s) {
        struct svi_error reason = { 0 };
        fail_cancelled(errand, &reason);
        return kill_it(errand, reason.status, reason.message);
    }
    if (now_s >= errand->heard_s + settings->silence_s) {
        svi_format(text, sizeof text, "The renderer stopped answering while it made the %.40s.", errand->order->type);
        return kill_it(errand, SVI_RENDERER_DIED, text);
    }
    if (now_s >= after(errand->started_s, settings->soft_limit_s))
        cancel(errand, BY_SOFT_LIMIT);
    return GO_ON;
}

static int until_next_limit_ms(const struct errand *errand)
{
    const struct svi_renderer_link_settings *settings = &errand->link->settings;
    double next_s = fmin(errand->heard_s + settings->silence_s, after(errand->started_s, settings->hard_limit_s));
    next_s = fmin(next_s, errand->killed_at_s);
    if (errand->cancelled == NOT_CANCELLED)
        next_s = fmin(next_s, after(errand->started_s, settings->soft_limit_s));
    return (int)fmin(fmax(ceil((next_s - svi_now_s()) * 1000), 0), 1000);
}

/* ---- messages ---- */

/* A renderer reads untrusted files, so its word alone is not enough. */
static enum step check_results(struct errand *errand, const json_t *message)
{
    struct svi_render_outcome *outcome = errand->outcome;
    if (!svi_done_read(message, outcome->results, &outcome->result_count))
        return kill_it(errand, SVI_RENDERER_DIED, not_understood);
    for (size_t i = 0; i < outcome->result_count; i++) {
        char path[SVI_RESULT_PATH_SIZE];
        struct stat about;
        if (!svi_format(path, sizeof path, "%s/%s", errand->order->folder, outcome->results[i].name) || lstat(path, &about) != 0
            || !S_ISREG(about.st_mode)) {
            svi_fail(errand->err, SVI_BUG, "The renderer finished without leaving %s.", outcome->results[i].name);
            return FAILED;
        }
    }
    return DONE;
}

static enum step take_failure(struct errand *errand, const json_t *message)
{
    struct svi_error told = { 0 };
    if (!svi_failed_read(message, &told))
        return kill_it(errand, SVI_RENDERER_DIED, not_understood);
    if (told.status == SVI_CANCELLED && errand->cancelled != NOT_CANCELLED)
        fail_cancelled(errand, errand->err);
    else
        svi_fail(errand->err, told.status, "%s", told.message);
    svi_because(errand->err, "%s", told.cause);
    return FAILED;
}

static enum step take_message(struct errand *errand, const json_t *message)
{
    const char *kind = svi_message_kind(message);
    errand->heard_s = svi_now_s();
    if (!strcmp(kind, "done"))
        return check_results(errand, message);
    if (!strcmp(kind, "failed"))
        return take_failure(errand, message);
    if (strcmp(kind, "progress") != 0 || !svi_progress_read(message, &errand->share, errand->stage))
        return kill_it(errand, SVI_RENDERER_DIED, not_understood);
    return GO_ON;
}

static enum step listen_once(struct errand *errand)
{
    json_t *message = NULL;
    enum step step = GO_ON;
    switch (svi_message_receive(errand->link->child.fd, false, &message)) {
    case SVI_RECEIVED:
        step = take_message(errand, message);
        json_decref(message);
        return step;
    case SVI_RECEIVED_NOTHING:
        return GO_ON;
    case SVI_RECEIVED_END:
        return bury(errand, patience_at_close_s);
    case SVI_RECEIVED_GARBAGE:
        break;
    }
    return kill_it(errand, SVI_RENDERER_DIED, not_understood);
}

/* A machine that is paused, as containers and guests are, silences the child and us alike: what a wait took too long counts as
 * nobody's silence. */
static bool wait_for_news(struct errand *errand, struct pollfd waits[2])
{
    const int longest_ms = until_next_limit_ms(errand);
    const double begin_s = svi_now_s();
    const bool any = poll(waits, 2, longest_ms) > 0;
    errand->heard_s += fmax(svi_now_s() - begin_s - longest_ms / 1000.0, 0);
    return any;
}

static bool follow(struct errand *errand)
{
    enum step step = GO_ON;
    while (step == GO_ON) {
        struct pollfd waits[] = {
            { .fd = errand->link->child.fd, .events = POLLIN },
            { .fd = errand->link->child.pidfd, .events = POLLIN },
        };
        const bool ready = wait_for_news(errand, waits);
        /* The socket of a dead child may be held open by what it has started; its last words come first all the same. */
        if (ready && waits[0].revents)
            step = listen_once(errand);
        else if (ready && waits[1].revents)
            step = bury(errand, 0);
        if (step == GO_ON && errand->progress && !errand->progress(errand->progress_self, errand->share, errand->stage))
            cancel(errand, BY_CALLER);
        if (step == GO_ON)
            step = keep_limits(errand);
    }
    return step == DONE;
}

/* ---- orders ---- */

static bool fail_to_send(enum svi_sent sent, struct svi_error *err)
{
    if (sent == SVI_SENT_TOO_LONG)
        return svi_fail(err, SVI_BAD_PARAMETER, "The job has too long a config or too many files: an order must fit into %d bytes.",
                        SVI_MESSAGE_LONGEST_BYTES);
    return svi_fail(err, SVI_RENDERER_DIED, "The renderer does not take the order.");
}

static bool start_child(struct svi_renderer_link *link, struct svi_error *err)
{
    const struct svi_renderer_link_settings *settings = &link->settings;
    svi_metric_add(SVI_METRIC_RENDERER_STARTS, 1);
    return settings->start ? settings->start(settings->start_self, &link->child, settings->program, settings->arguments, err)
                           : svi_child_start(&link->child, settings->program, settings->arguments, err);
}

static bool send_order(struct svi_renderer_link *link, const struct svi_order *order, struct svi_error *err)
{
    json_t *message = svi_order_write(order);
    if (!message)
        return svi_fail(err, SVI_BAD_PARAMETER, "A name or a folder of the job is not UTF-8.");
    /* A child that died between two orders costs neither of them: the second round has a fresh one. */
    enum svi_sent sent = SVI_SENT_TO_NOBODY;
    for (int round = 0; round < 2 && sent == SVI_SENT_TO_NOBODY; round++) {
        if (link->child.pid && svi_child_has_ended(&link->child))
            svi_child_end(&link->child, 0);
        if (!link->child.pid && !start_child(link, err))
            break;
        sent = svi_message_send(link->child.fd, json_incref(message), false);
        if (sent == SVI_SENT_TO_NOBODY)
            svi_child_end(&link->child, 0);
    }
    json_decref(message);
    return sent == SVI_SENT || fail_to_send(sent, err);
}

bool svi_renderer_link_draw(struct svi_renderer_link *link, const struct svi_order *order, svi_progress *progress,
                            void *progress_self, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct errand errand = {
        .link = link,
        .order = order,
        .progress = progress,
        .progress_self = progress_self,
        .started_s = svi_now_s(),
        .heard_s = svi_now_s(),
        .killed_at_s = INFINITY,
        .stage = "start",
        .outcome = outcome,
        .err = err,
    };
    return send_order(link, order, err) && follow(&errand);
}

/* ---- the worker's view ---- */

static bool render(void *self, const struct svi_render_order *wish, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct svi_renderer_link *link = self;
    const struct svi_order order = {
        .folder = wish->folder,
        .type = wish->type,
        .config = wish->config,
        .files = wish->files,
        .file_count = wish->file_count,
        .stft = link->settings.stft,
    };
    const struct svi_renderer_link_settings usual = link->settings;
    if (wish->hard_limit_s > 0) {
        link->settings.soft_limit_s = 0;
        link->settings.hard_limit_s = wish->hard_limit_s;
    }
    bool ok = svi_renderer_link_draw(link, &order, wish->progress, wish->progress_self, outcome, err);
    link->settings = usual;
    return ok;
}

struct svi_renderer_seam svi_renderer_link_seam(struct svi_renderer_link *link)
{
    return (struct svi_renderer_seam){ .self = link, .knows = svi_render_knows, .types = svi_render_types, .render = render };
}
