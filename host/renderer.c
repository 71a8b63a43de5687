#include "host/renderer.h"

#include "base/stopwatch.h"
#include "host/kept_memory.h"
#include "host/renderer_message.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The supervisor takes a longer silence for a hang. */
enum { HEARTBEAT_MS = 1000 };
static const double least_pause_s = 0.1;

/* Two threads: the caller's draws; the line thread listens, so that a cancellation or the end of the supervisor is noticed whatever
 * a driver does, and says that the process is alive. */
struct renderer {
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    json_t *order; /* waits to be taken */
    bool busy;     /* from the arrival of an order to its last word */
    bool cancelled, ended;
    double share, said_at_s;
    char stage[SVI_STAGE_SIZE];
};

/* With the lock held. A message for which there is no room is not missed: the next one says more. */
static void say_progress(struct renderer *renderer)
{
    renderer->said_at_s = svi_now_s();
    svi_message_send(renderer->fd, svi_progress_write(renderer->share, renderer->stage), false);
}

static bool on_progress(void *self, double share, const char *stage)
{
    struct renderer *renderer = self;
    pthread_mutex_lock(&renderer->lock);
    renderer->share = share >= 0 && share <= 1 ? share : renderer->share;
    svi_format(renderer->stage, sizeof renderer->stage, "%s", stage);
    if (svi_now_s() - renderer->said_at_s >= least_pause_s)
        say_progress(renderer);
    bool go_on = !renderer->cancelled;
    pthread_mutex_unlock(&renderer->lock);
    return go_on;
}

/* With the lock held. False: the supervisor is gone or talks nonsense. */
static bool take_message(struct renderer *renderer, json_t *message)
{
    const char *kind = svi_message_kind(message);
    if (!strcmp(kind, "order") && !renderer->busy) {
        renderer->order = message;
        renderer->busy = true;
        renderer->cancelled = false;
        renderer->share = 0;
        svi_format(renderer->stage, sizeof renderer->stage, "start");
        renderer->said_at_s = svi_now_s();
        pthread_cond_signal(&renderer->changed);
        return true;
    }
    bool known = !strcmp(kind, "cancel");
    renderer->cancelled = renderer->cancelled || known;
    json_decref(message);
    return known;
}

static void *listen_to_supervisor(void *self)
{
    struct renderer *renderer = self;
    bool listening = true, busy = false;
    while (listening) {
        struct pollfd line = { .fd = renderer->fd, .events = POLLIN };
        int ready = poll(&line, 1, busy ? HEARTBEAT_MS : -1);
        json_t *message = NULL;
        enum svi_received received = ready > 0 ? svi_message_receive(renderer->fd, true, &message) : SVI_RECEIVED_NOTHING;
        pthread_mutex_lock(&renderer->lock);
        if (received == SVI_RECEIVED)
            listening = take_message(renderer, message);
        else if (received != SVI_RECEIVED_NOTHING)
            listening = false;
        else if (renderer->busy)
            say_progress(renderer);
        busy = renderer->busy;
        pthread_mutex_unlock(&renderer->lock);
    }
    pthread_mutex_lock(&renderer->lock);
    /* Nobody is left who wants the picture, and the thread that draws it may never come back from a driver. */
    if (renderer->busy)
        _exit(0);
    renderer->ended = true;
    pthread_cond_signal(&renderer->changed);
    pthread_mutex_unlock(&renderer->lock);
    return NULL;
}

/* On whatever device does it. */
static bool draw(const struct svi_drawing *drawing, struct svi_device **device, struct svi_render_request *request,
                 struct svi_rendering *rendering, struct svi_error *err)
{
    bool ok = (*device || drawing->open(drawing->self, device, err)) && drawing->render(*device, request, rendering, err);
    while (!ok && drawing->another(drawing->self, device, &request->notice, err))
        ok = drawing->render(*device, request, rendering, err);
    if (request->notice) {
        drawing->close(*device);
        *device = NULL;
    }
    return ok;
}

static bool carry_out(const struct svi_drawing *drawing, struct svi_device **device, struct renderer *renderer,
                      const json_t *message, struct svi_rendering *rendering, struct svi_error *err)
{
    struct svi_order order;
    if (!svi_order_read(&order, message, err))
        return false;
    struct svi_render_request request = {
        .types = &order.type,
        .type_count = 1,
        .config = order.config,
        .capture = { .files = order.files,
                     .file_count = order.file_count,
                     .look_beside = false,
                     .format = json_string_value(json_object_get(order.config, "capture_type")),
                     .recording = json_string_value(json_object_get(order.config, "recording")),
                     .scratch_folder = order.folder },
        .folder = order.folder,
        .folder_is_ours = true,
        .save_data = order.save_data,
        .stft = order.stft,
        .progress = on_progress,
        .progress_self = renderer,
    };
    const bool ok = draw(drawing, device, &request, rendering, err);
    free((void *)(uintptr_t)order.files);
    return ok;
}

/* NULL: the supervisor has closed its end. */
static json_t *wait_for_order(struct renderer *renderer)
{
    pthread_mutex_lock(&renderer->lock);
    while (!renderer->order && !renderer->ended)
        pthread_cond_wait(&renderer->changed, &renderer->lock);
    json_t *order = renderer->order;
    renderer->order = NULL;
    pthread_mutex_unlock(&renderer->lock);
    return order;
}

static void work(struct renderer *renderer, const struct svi_drawing *drawing)
{
    struct svi_device *device = NULL;
    json_t *order;
    while ((order = wait_for_order(renderer))) {
        struct svi_error err = { 0 };
        struct svi_rendering rendering = { 0 };
        bool ok = carry_out(drawing, &device, renderer, order, &rendering, &err);
        json_decref(order);
        /* The line thread says nothing more about this order, so the answer is the last word. */
        pthread_mutex_lock(&renderer->lock);
        renderer->busy = false;
        pthread_mutex_unlock(&renderer->lock);
        svi_message_send(renderer->fd, ok ? svi_done_write(rendering.results, rendering.result_count) : svi_failed_write(&err),
                         true);
        svi_rendering_clear(&rendering);
    }
    drawing->close(device);
}

bool svi_renderer_serve(int fd, const struct svi_drawing *drawing, struct svi_error *err)
{
    /* The end of the socket says the same, but not to a process that is stopped. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    svi_keep_memory_of_pictures();

    struct renderer renderer = { .fd = fd, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    pthread_t line;
    int failure = pthread_create(&line, NULL, listen_to_supervisor, &renderer);
    if (failure) {
        close(fd);
        return svi_fail(err, SVI_OUT_OF_MEMORY, "A thread cannot be started.") || svi_because(err, "%s", strerror(failure));
    }
    work(&renderer, drawing);
    pthread_join(line, NULL);
    close(fd);
    return true;
}
