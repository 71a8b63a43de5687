/* A folder as a broker: kombu's filesystem transport, spoken without a server. A task that is claimed lies in
 * FOLDER/held/NODE until it ends, so that a node that is started again goes on with its own, and one that never comes back loses
 * nothing. Arrivals are noticed by inotify; the folder is looked through now and then besides, since inotify hears nothing of
 * what other machines write into a network file system. */
#include "host/broker.h"
#include "host/broker_request.h"
#include "host/folder_exchange.h"
#include "host/folder_held.h"
#include "host/random.h"

#include "base/file.h"
#include "base/log.h"
#include "base/stopwatch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const double usual_visibility_s = 3600;

enum { QUEUES_LIMIT = 256, TRIES_A_WAIT = 64, EVENTS_EXPIRE_S = 60, CONTROL_EXPIRES_S = 300 };

struct svi_broker {
    char in[PATH_MAX], out[PATH_MAX], control[PATH_MAX], processed[PATH_MAX]; /* processed: "" where nothing is kept */
    char pidbox[SVI_FOLDER_QUEUE_SIZE];                                       /* "" of a mere publisher */
    char answers_queue[SVI_FOLDER_QUEUE_SIZE];                                /* while a question is open */
    json_t *queues;                                                           /* an object: its keys */
    struct svi_folder_held *held;                                             /* NULL of a mere publisher */
    struct svi_folder_names tasks, controls, answers, resumed;
    int inotify;
    double scan_at_s, scan_pace_s, care_at_s, tidy_at_s;
    bool told_of_closed;
};

static bool fail_folder(const char *path, const char *what, enum svi_status status, struct svi_error *err)
{
    int why = errno;
    return svi_fail(err, status, "The broker's folder %s: %s.", what, strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

/* Where inotify is not told of what happens on other machines: their folders are looked through more often. */
static bool is_shared(const char *path)
{
    static const unsigned long kinds[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB 2 */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x00C36400, /* Ceph */
        0x0BD00BD0, /* Lustre */
        0x5346414F, /* AFS */
        0x01161970  /* GFS2 */
    };
    struct statfs about;
    if (statfs(path, &about))
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (((unsigned long)about.f_type & 0xFFFFFFFFUL) == kinds[i])
            return true;
    return false;
}

/* ---- what waits ---- */

static struct svi_folder_names *list_of(struct svi_broker *broker, const char *file)
{
    char queue[SVI_FOLDER_QUEUE_SIZE];
    if (!svi_folder_queue_of(queue, file))
        return NULL;
    if (broker->pidbox[0] && !strcmp(queue, broker->pidbox))
        return &broker->controls;
    if (broker->answers_queue[0] && !strcmp(queue, broker->answers_queue))
        return &broker->answers;
    return json_object_get(broker->queues, queue) ? &broker->tasks : NULL;
}

static bool scan(struct svi_broker *broker, struct svi_error *err)
{
    const double begun_s = svi_now_s();
    DIR *folder = opendir(broker->in);
    if (!folder)
        return fail_folder(broker->in, "cannot be read", SVI_UNREACHABLE, err);
    svi_folder_names_clear(&broker->tasks);
    svi_folder_names_clear(&broker->controls);
    svi_folder_names_clear(&broker->answers);
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct stat about;
        struct svi_folder_names *names = list_of(broker, entry->d_name);
        if (names && fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0)
            svi_folder_names_add(names, entry->d_name, &about.st_mtim);
    }
    closedir(folder);
    svi_folder_names_sort(&broker->tasks);
    svi_folder_names_sort(&broker->controls);
    svi_folder_names_sort(&broker->answers);
    /* A folder that takes long to look through is looked through less often. */
    const double now_s = svi_now_s();
    broker->scan_at_s = now_s + fmax(broker->scan_pace_s, 400 * (now_s - begun_s));
    return true;
}

/* Adds what inotify heard of; where it lost something, all is looked through again. */
static void listen_to(struct svi_broker *broker)
{
    union {
        struct inotify_event event;
        char bytes[16384];
    } heard;
    struct timespec now;
    ssize_t count;
    clock_gettime(CLOCK_REALTIME, &now);
    while ((count = read(broker->inotify, heard.bytes, sizeof heard.bytes)) > 0)
        for (ssize_t at = 0; at + (ssize_t)sizeof heard.event <= count;) {
            struct inotify_event event;
            memcpy(&event, heard.bytes + at, sizeof event);
            const char *name = heard.bytes + at + sizeof event;
            struct svi_folder_names *names = event.len ? list_of(broker, name) : NULL;
            if (event.mask & IN_Q_OVERFLOW)
                broker->scan_at_s = 0;
            if (names && !names->more)
                svi_folder_names_add(names, name, &now);
            at += (ssize_t)(sizeof event + event.len);
        }
}

/* ---- opening ---- */

static const char *option(const struct svi_broker_settings *settings, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(settings->options, name));
    return text ? text : otherwise;
}

static bool read_places(struct svi_broker *broker, const struct svi_broker_settings *settings, struct svi_error *err)
{
    char control[PATH_MAX], processed[PATH_MAX];
    const char *folder = settings->url->path;
    bool keeps = json_is_true(json_object_get(settings->options, "store_processed"));
    bool ok = svi_format(control, sizeof control, "%s/control", folder)
              && svi_format(processed, sizeof processed, "%s/processed", folder)
              && svi_format(broker->in, PATH_MAX, "%s", option(settings, "data_folder_in", folder))
              && svi_format(broker->out, PATH_MAX, "%s", option(settings, "data_folder_out", folder))
              && svi_format(broker->control, PATH_MAX, "%s", option(settings, "control_folder", control))
              && svi_format(broker->processed, PATH_MAX, "%s", keeps ? option(settings, "processed_folder", processed) : "");
    if (!ok)
        return svi_fail(err, SVI_BAD_USAGE, "The name of the broker's folder is too long.");
    return (broker->in[0] && broker->out[0]) || svi_fail(err, SVI_BAD_USAGE, "The broker is a folder, and none is named.");
}

static bool check_place(const char *path, int mode, struct svi_error *err)
{
    struct stat about;
    if (stat(path, &about))
        return fail_folder(path, "cannot be used", SVI_BAD_USAGE, err);
    if (!S_ISDIR(about.st_mode))
        return svi_fail(err, SVI_BAD_USAGE, "The broker's folder is no folder.") || svi_because(err, "%s", path);
    return access(path, mode) == 0 || fail_folder(path, "cannot be written", SVI_BAD_USAGE, err);
}

static bool watch(struct svi_broker *broker)
{
    broker->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    bool ok = broker->inotify >= 0
              && inotify_add_watch(broker->inotify, broker->in, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) >= 0;
    if (!ok)
        svi_log(SVI_LOG_WARNING, "broker: the folder cannot be watched (%s), it is looked through instead", strerror(errno));
    broker->scan_pace_s = ok && !is_shared(broker->in) ? 2 : 0.2;
    return ok;
}

static bool add_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    if (!svi_folder_name_ok(queue))
        return svi_fail(err, SVI_BAD_USAGE, "A queue of that name cannot lie in a folder.");
    if (json_object_size(broker->queues) >= QUEUES_LIMIT)
        return svi_fail(err, SVI_BAD_USAGE, "More than %d queues are not listened to.", QUEUES_LIMIT);
    struct svi_error ignored = { 0 };
    /* Publishers of tasks name the queue; the exchange of its name is there for others, if it can be. */
    if (!svi_folder_bind(broker->control, queue, queue, queue, &ignored) && ignored.status != SVI_BAD_USAGE) {
        *err = ignored;
        return false;
    }
    broker->scan_at_s = 0;
    return json_object_set_new(broker->queues, queue, json_true()) == 0 || svi_fail_memory(err, 64);
}

static bool cancel_queue(struct svi_broker *broker, const char *queue, struct svi_error *err)
{
    (void)err;
    json_object_del(broker->queues, queue);
    broker->scan_at_s = 0;
    return true;
}

static void remove_waiting(const char *folder, struct svi_folder_names *names)
{
    for (char *file; (file = svi_folder_names_take(names)); free(file)) {
        char path[PATH_MAX];
        if (svi_format(path, sizeof path, "%s/%s", folder, file))
            unlink(path);
    }
}

static bool listen_as_node(struct svi_broker *broker, const struct svi_broker_settings *settings, struct svi_error *err)
{
    const json_t *visibility = json_object_get(settings->options, "visibility_timeout");
    const double visibility_s = json_is_number(visibility) ? json_number_value(visibility) : usual_visibility_s;
    if ((visibility && !json_is_null(visibility) && !json_is_number(visibility)) || visibility_s <= 0)
        return svi_fail(err, SVI_BAD_USAGE, "The broker's option visibility_timeout must be a number of seconds above 0.");
    if (!svi_format(broker->pidbox, sizeof broker->pidbox, "%s.celery.pidbox", settings->node)
        || !svi_folder_name_ok(broker->pidbox))
        return svi_fail(err, SVI_BAD_USAGE, "The name of the node cannot stand in a folder.");
    bool ok = svi_folder_held_open(&broker->held, broker->in, settings->node, visibility_s, err)
              && svi_folder_held_list(broker->held, &broker->resumed, err);
    for (size_t i = 0; ok && i < settings->queue_count; i++)
        ok = add_queue(broker, settings->queues[i], err);
    /* What was said while nobody was here was not meant for who comes now: an order to shut down, say. */
    ok = ok && scan(broker, err);
    if (ok)
        remove_waiting(broker->in, &broker->controls);
    return ok && svi_folder_bind(broker->control, "celery.pidbox", "", broker->pidbox, err);
}

static void close_folder(struct svi_broker *broker)
{
    struct svi_error ignored = { 0 };
    if (!broker)
        return;
    if (broker->pidbox[0] && broker->held) {
        svi_folder_unbind(broker->control, "celery.pidbox", broker->pidbox, &ignored);
        if (scan(broker, &ignored))
            remove_waiting(broker->in, &broker->controls);
    }
    svi_folder_held_close(broker->held);
    svi_folder_names_clear(&broker->tasks);
    svi_folder_names_clear(&broker->controls);
    svi_folder_names_clear(&broker->answers);
    svi_folder_names_clear(&broker->resumed);
    json_decref(broker->queues);
    if (broker->inotify >= 0)
        close(broker->inotify);
    free(broker);
}

static bool open_folder(struct svi_broker **out, const struct svi_broker_settings *settings, struct svi_error *err)
{
    struct svi_broker *broker = calloc(1, sizeof *broker);
    if (!broker)
        return svi_fail_memory(err, sizeof *broker);
    broker->inotify = -1;
    broker->queues = json_object();
    bool ok = (broker->queues || svi_fail_memory(err, 64)) && read_places(broker, settings, err)
              && check_place(broker->in, R_OK | W_OK | X_OK, err) && check_place(broker->out, W_OK | X_OK, err)
              && (!broker->processed[0] || svi_make_folders(broker->processed, SVI_FOLDER_SHARED, err));
    if (ok)
        watch(broker);
    if (ok && settings->queue_count)
        ok = listen_as_node(broker, settings, err);
    if (ok)
        *out = broker;
    else
        close_folder(broker);
    return ok;
}

/* ---- taking ---- */

/* A message that nobody can read is in the way of all behind it. */
static void drop(struct svi_broker *broker, const char *name, const char *why)
{
    struct svi_error ignored = { 0 };
    bool known;
    svi_log(SVI_LOG_ERROR, "broker: the message %s is removed, it cannot be read: %s", name, why);
    svi_folder_held_forget(broker->held, name, broker->processed[0] ? broker->processed : NULL, &known, &ignored);
}

/* Reads what is held under this name; what is no message is gone afterwards, and *out is then as it was. */
static bool read_held(struct svi_broker *broker, const char *name, struct svi_arrival *out, struct svi_error *err)
{
    struct svi_buffer text = { 0 };
    struct svi_error why = { 0 };
    bool ok = svi_folder_held_read(broker->held, name, &text, &why);
    if (!ok && why.status == SVI_NOT_FOUND)
        return true;
    if (!ok && why.status == SVI_UNREACHABLE) {
        *err = why;
        return false;
    }
    ok = ok && svi_celery_envelope_read(&out->message, (struct svi_bytes){ text.at, text.count }, &why);
    svi_buffer_clear(&text);
    if (!ok && why.status == SVI_OUT_OF_MEMORY) {
        *err = why;
        return false;
    }
    if (!ok) {
        drop(broker, name, why.message);
        return true;
    }
    svi_folder_queue_of(out->queue, name);
    svi_format(out->tag.text, sizeof out->tag.text, "%s", name);
    out->redelivered = svi_broker_is_redelivered(&out->message);
    out->kind = SVI_ARRIVED_TASK;
    return true;
}

/* Where the message may be taken now: what is unfinished comes again with its writer's close. */
static bool may_take(struct svi_broker *broker, const char *file)
{
    char path[PATH_MAX];
    struct timespec written;
    int fd = -1;
    if (!svi_format(path, sizeof path, "%s/%s", broker->in, file))
        return false;
    enum svi_folder_look look = svi_folder_look(path, &fd, &written);
    if (fd >= 0)
        close(fd);
    if (look == SVI_FOLDER_TOO_LARGE && unlink(path) == 0)
        svi_log(SVI_LOG_ERROR, "broker: the message %s is removed, it is too large", file);
    if (look == SVI_FOLDER_CLOSED && !broker->told_of_closed) {
        broker->told_of_closed = true;
        svi_log(SVI_LOG_WARNING, "broker: the message %s is left alone, it may not be read; nor will others be that may not", file);
    }
    return look == SVI_FOLDER_THERE;
}

static bool take_task(struct svi_broker *broker, struct svi_arrival *arrival, struct svi_error *err)
{
    char *file = svi_folder_names_take(&broker->resumed), name[256];
    bool ok = true, resumed = file != NULL, taken = resumed;
    if (resumed)
        ok = svi_format(name, sizeof name, "%s", file);
    else if ((file = svi_folder_names_take(&broker->tasks)) && list_of(broker, file) == &broker->tasks && may_take(broker, file))
        ok = svi_folder_held_take(broker->held, file, name, &taken, err);
    if (ok && taken)
        ok = read_held(broker, name, arrival, err);
    if (resumed)
        arrival->redelivered = true;
    free(file);
    return ok;
}

/* The next message of a list that needs no claim; not one in `out` where there is none. */
static bool take_plain(struct svi_broker *broker, struct svi_folder_names *names, struct svi_celery_message *out)
{
    bool got = false;
    for (char *file; !got && (file = svi_folder_names_take(names)); free(file)) {
        char path[PATH_MAX];
        struct timespec written;
        struct svi_buffer text = { 0 };
        struct svi_error why = { 0 };
        int fd = -1;
        if (!svi_format(path, sizeof path, "%s/%s", broker->in, file))
            continue;
        enum svi_folder_look look = svi_folder_look(path, &fd, &written);
        if (fd >= 0 && unlink(path) == 0 && look == SVI_FOLDER_THERE) {
            got = svi_folder_read(&text, fd, &why)
                  && svi_celery_envelope_read(out, (struct svi_bytes){ text.at, text.count }, &why);
            if (!got)
                svi_log(SVI_LOG_ERROR, "broker: the message %s is removed, it cannot be read: %s", file, why.message);
        }
        svi_buffer_clear(&text);
        if (fd >= 0)
            close(fd);
    }
    return got;
}

/* ---- returning ---- */

/* The text of a held message, marked as redelivered; empty where that cannot be. */
static void mark_text(struct svi_broker *broker, const char *name, struct svi_buffer *out)
{
    struct svi_buffer text = { 0 };
    struct svi_celery_message message = { 0 };
    struct svi_error ignored = { 0 };
    if (svi_folder_held_read(broker->held, name, &text, &ignored)
        && svi_celery_envelope_read(&message, (struct svi_bytes){ text.at, text.count }, &ignored)) {
        if (!svi_broker_mark_redelivered(&message, &ignored) || !svi_celery_envelope_write(out, &message, &ignored))
            svi_buffer_clear(out);
        svi_celery_message_clear(&message);
    }
    svi_buffer_clear(&text);
}

static bool give_back(struct svi_broker *broker, const char *name, bool *known, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, 2U * SVI_CELERY_MESSAGE_LIMIT_BYTES);
    mark_text(broker, name, &text);
    bool ok = svi_folder_held_return(broker->held, name, (struct svi_bytes){ text.at, text.count }, known, err);
    svi_buffer_clear(&text);
    return ok;
}

static bool end_task(struct svi_broker *broker, const struct svi_broker_tag *tag, enum svi_broker_end end, bool *known,
                     struct svi_error *err)
{
    *known = broker->held && tag->text[0];
    if (!*known)
        return true;
    if (end == SVI_BROKER_RETURNED) {
        broker->scan_at_s = 0; /* it is the oldest, and so the first */
        return give_back(broker, tag->text, known, err);
    }
    return svi_folder_held_forget(broker->held, tag->text, broker->processed[0] ? broker->processed : NULL, known, err);
}

/* ---- caring ---- */

static bool ends_stale(const char *queue, double age_s)
{
    return (!strncmp(queue, "celeryev", strlen("celeryev")) && age_s > EVENTS_EXPIRE_S)
           || (svi_ends_with(queue, ".celery.pidbox") && age_s > CONTROL_EXPIRES_S);
}

/* kombu gives queues of events and answers no expiry here; who listened to them and went leaves them to grow for ever. */
static void tidy(struct svi_broker *broker, const char *path)
{
    DIR *folder = opendir(path);
    const time_t now = svi_folder_held_clock(broker->held);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char queue[SVI_FOLDER_QUEUE_SIZE];
        struct stat about;
        struct svi_error ignored = { 0 };
        bool part = entry->d_name[0] == '.' && svi_ends_with(entry->d_name, ".part");
        if ((!part && !svi_folder_queue_of(queue, entry->d_name))
            || fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) || !S_ISREG(about.st_mode))
            continue;
        const double age_s = difftime(now, about.st_mtim.tv_sec);
        if (part ? age_s < 3600 : !ends_stale(queue, age_s))
            continue;
        unlinkat(dirfd(folder), entry->d_name, 0);
        if (!part && !strncmp(queue, "celeryev", strlen("celeryev")))
            svi_folder_unbind(broker->control, "celeryev", queue, &ignored);
    }
    if (folder)
        closedir(folder);
}

static bool care(struct svi_broker *broker, struct svi_error *err)
{
    const double now_s = svi_now_s();
    struct svi_folder_names orphans = { 0 };
    if (!broker->held || now_s < broker->care_at_s)
        return true;
    bool ok = svi_folder_held_renew(broker->held, &orphans, &broker->care_at_s, err), known;
    for (char *name; (name = svi_folder_names_take(&orphans)); free(name))
        ok = give_back(broker, name, &known, err) && ok;
    svi_folder_names_clear(&orphans);
    if (ok && now_s >= broker->tidy_at_s) {
        broker->tidy_at_s = now_s + EVENTS_EXPIRE_S / 2.0;
        tidy(broker, broker->out);
        if (strcmp(broker->in, broker->out) != 0)
            tidy(broker, broker->in);
        ok = svi_folder_bind(broker->control, "celery.pidbox", "", broker->pidbox, err);
    }
    return ok;
}

/* ---- waiting ---- */

/* Waits for a sound of the folder; *woken: the caller's descriptor ended it. */
static void pause_for(struct svi_broker *broker, double until_s, int wake_fd, bool *woken)
{
    struct pollfd fds[] = { { broker->inotify, POLLIN, 0 }, { wake_fd, POLLIN, 0 } };
    double left_s = fmin(until_s, fmin(broker->scan_at_s, broker->held ? broker->care_at_s : INFINITY)) - svi_now_s();
    int left_ms = left_s > 0 ? (int)fmin(ceil(left_s * 1000), 60000) : 0;
    *woken = poll(fds, 2, left_ms) > 0 && fds[1].revents;
}

static bool wait_once(struct svi_broker *broker, bool room, struct svi_arrival *arrival, struct svi_error *err)
{
    if (!care(broker, err))
        return false;
    listen_to(broker);
    bool dry = broker->tasks.more && broker->tasks.first == broker->tasks.count;
    if ((dry || svi_now_s() >= broker->scan_at_s) && !scan(broker, err))
        return false;
    if (take_plain(broker, &broker->controls, &arrival->message)) {
        arrival->kind = SVI_ARRIVED_CONTROL;
        return true;
    }
    bool ok = true;
    for (int i = 0; ok && room && arrival->kind == SVI_ARRIVED_NOTHING && i < TRIES_A_WAIT; i++)
        ok = take_task(broker, arrival, err);
    return ok;
}

static bool wait_for(struct svi_broker *broker, const struct svi_broker_wait *wait, struct svi_arrival *arrival,
                     struct svi_error *err)
{
    bool ok, woken = false;
    *arrival = (struct svi_arrival){ 0 };
    for (;;) {
        ok = wait_once(broker, wait->room && broker->held, arrival, err);
        if (!ok || arrival->kind != SVI_ARRIVED_NOTHING || woken || svi_now_s() >= wait->until_s)
            break;
        bool ready = wait->room && (broker->resumed.first < broker->resumed.count || broker->tasks.first < broker->tasks.count);
        pause_for(broker, ready ? 0 : wait->until_s, wait->wake_fd, &woken);
    }
    if (!ok && arrival->kind != SVI_ARRIVED_NOTHING)
        svi_celery_message_clear(&arrival->message);
    return ok;
}

static bool count_waiting(struct svi_broker *broker, uint64_t *count, struct svi_error *err)
{
    DIR *folder = opendir(broker->in);
    if (!folder)
        return fail_folder(broker->in, "cannot be read", SVI_UNREACHABLE, err);
    *count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        *count += list_of(broker, entry->d_name) == &broker->tasks;
    closedir(folder);
    return true;
}

/* ---- sending ---- */

static bool put(struct svi_broker *broker, const char *queue, struct svi_bytes text, bool lasting, struct svi_error *err)
{
    char file[256];
    if (!svi_folder_name_ok(queue))
        return svi_fail(err, SVI_BAD_USAGE, "A queue of that name cannot lie in a folder.");
    return svi_folder_new_name(file, sizeof file, queue, err) && svi_folder_put(broker->out, file, text, lasting, NULL, err);
}

static bool write_text(struct svi_buffer *text, const struct svi_celery_message *message, const char *exchange, const char *key,
                       struct svi_error *err)
{
    struct svi_celery_message addressed = *message;
    svi_buffer_init(text, 2U * SVI_CELERY_MESSAGE_LIMIT_BYTES);
    addressed.properties = svi_broker_address(message, exchange, key, err);
    bool ok = addressed.properties && svi_celery_envelope_write(text, &addressed, err);
    json_decref(addressed.properties);
    return ok;
}

static bool put_bound(struct svi_broker *broker, const char *exchange, enum svi_folder_route route, const char *key,
                      const struct svi_celery_message *message, struct svi_error *err)
{
    struct svi_error why = { 0 };
    json_t *queues = svi_folder_bound(broker->control, exchange, route, key, &why);
    /* A request may name for its answer what is no exchange: nobody is there. */
    if (!queues && why.status != SVI_BAD_USAGE) {
        *err = why;
        return false;
    }
    struct svi_buffer text = { 0 };
    bool ok = json_array_size(queues) == 0 || write_text(&text, message, exchange, key, err);
    for (size_t i = 0; ok && i < json_array_size(queues); i++)
        ok = put(broker, json_string_value(json_array_get(queues, i)), (struct svi_bytes){ text.at, text.count }, false, err);
    svi_buffer_clear(&text);
    json_decref(queues);
    return ok;
}

static bool send_message(struct svi_broker *broker, enum svi_broker_way way, const char *exchange, const char *key,
                         const struct svi_celery_message *message, struct svi_error *err)
{
    if (way == SVI_BROKER_TO_EVENTS)
        return put_bound(broker, "celeryev", SVI_FOLDER_TOPIC, key, message, err);
    if (way == SVI_BROKER_TO_REPLY)
        return put_bound(broker, exchange, SVI_FOLDER_DIRECT, key, message, err);
    struct svi_buffer text = { 0 };
    bool ok = write_text(&text, message, "", key, err) && put(broker, key, (struct svi_bytes){ text.at, text.count }, true, err);
    svi_buffer_clear(&text);
    return ok;
}

static bool is_heard(struct svi_broker *broker)
{
    return svi_folder_is_exchange(broker->control, "celeryev");
}

static bool collect(struct svi_broker *broker, const char *ticket, size_t answers, double until_s, json_t *replies,
                    struct svi_error *err)
{
    bool ok = true, ignored;
    while (ok && json_object_size(replies) < answers && svi_now_s() < until_s) {
        struct svi_celery_message answer = { 0 };
        listen_to(broker);
        if (svi_now_s() >= broker->scan_at_s)
            ok = scan(broker, err);
        if (take_plain(broker, &broker->answers, &answer)) {
            svi_broker_collect(replies, &answer, ticket);
            svi_celery_message_clear(&answer);
        } else if (ok) {
            pause_for(broker, until_s, -1, &ignored);
        }
    }
    return ok;
}

static bool ask(struct svi_broker *broker, const char *method, const json_t *arguments, const char *destination, size_t answers,
                double wait_s, json_t **replies, struct svi_error *err)
{
    static const char reply_exchange[] = "reply.celery.pidbox";
    struct svi_celery_message question = { 0 };
    char oid[SVI_UUID_SIZE], ticket[SVI_UUID_SIZE];
    struct svi_error ignored = { 0 };
    if (!svi_random_uuid(oid, err) || !svi_random_uuid(ticket, err)
        || !svi_broker_question(&question, method, arguments, destination, oid, ticket, wait_s, err))
        return false;
    svi_format(broker->answers_queue, sizeof broker->answers_queue, "%s.%s", oid, reply_exchange);
    *replies = json_object();
    bool ok = (*replies || svi_fail_memory(err, 64))
              && svi_folder_bind(broker->control, reply_exchange, oid, broker->answers_queue, err)
              && put_bound(broker, "celery.pidbox", SVI_FOLDER_FANOUT, "", &question, err)
              && collect(broker, ticket, answers, svi_now_s() + wait_s, *replies, err);
    svi_folder_unbind(broker->control, reply_exchange, broker->answers_queue, &ignored);
    remove_waiting(broker->in, &broker->answers);
    broker->answers_queue[0] = '\0';
    svi_celery_message_clear(&question);
    if (!ok) {
        json_decref(*replies);
        *replies = NULL;
    }
    return ok;
}

const struct svi_broker_class svi_broker_folder = {
    .name = "filesystem",
    .open = open_folder,
    .close = close_folder,
    .wait = wait_for,
    .end = end_task,
    .send = send_message,
    .heard = is_heard,
    .ask = ask,
    .add_queue = add_queue,
    .cancel_queue = cancel_queue,
    .waiting = count_waiting,
};
