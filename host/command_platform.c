/* command_platform - the embedded platform as a service, perhaps with a worker beside it; its users and captures. */
#include "host/mask.h"
#include "host/platform_captures.h"
#include "host/queue_feeder.h"
#include "host/stop.h"
#include "host/token.h"
#include "host/working.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those who work on what is submitted: a worker of this process, or whoever takes tasks from a broker. */
struct hands {
    struct svi_local_worker *worker;
    struct svi_broker_wish wish;
    struct svi_queue_feeder *feeder;
};

static bool hire(struct hands *hands, const struct svi_options *options, struct svi_platform *platform, struct svi_error *err)
{
    const bool worker = svi_option_on(options, SVI_OPTION_WORKER), broker = svi_option_text(options, SVI_OPTION_BROKER) != NULL;
    if (worker && broker)
        return svi_fail(err, SVI_BAD_USAGE,
                        "Jobs go to a worker of the platform's own, --worker, or to a broker, --broker; not to both.");
    if (broker)
        return svi_broker_wish_read(&hands->wish, options, err)
               && svi_queue_feeder_start(&hands->feeder, platform, &hands->wish, err);
    return !worker || svi_local_worker_start(&hands->worker, options, platform, NULL, NULL, err);
}

static void dismiss(struct hands *hands)
{
    svi_local_worker_stop(hands->worker);
    svi_queue_feeder_stop(hands->feeder);
    svi_broker_wish_clear(&hands->wish);
}

static bool serve(const struct svi_options *options, const char *folder, struct svi_error *err)
{
    const struct svi_platform_options wishes = {
        .folder = folder,
        .listen = svi_option_text(options, SVI_OPTION_LISTEN),
        .max_upload_bytes = (uint64_t)svi_option_number(options, SVI_OPTION_MAX_UPLOAD),
    };
    struct svi_platform *platform = NULL;
    struct hands hands = { 0 };
    svi_stop_catch();
    bool ok = svi_platform_start(&platform, &wishes, err) && hire(&hands, options, platform, err);
    if (ok) {
        printf("listening on %s\n", svi_platform_url(platform));
        fflush(stdout);
        svi_stop_wait();
        svi_log(SVI_LOG_INFO, "stopping on signal %d", atomic_load(&svi_stop));
    }
    dismiss(&hands);
    svi_platform_stop(platform);
    return ok;
}

static bool add_user(const char *folder, const char *name, struct svi_error *err)
{
    char token[SVI_PLATFORM_TOKEN_DIGITS + 1];
    if (!svi_platform_add_user(folder, name, token, err))
        return false;
    printf("%s\n", token);
    explicit_bzero(token, sizeof token);
    return true;
}

static bool add_capture(const struct svi_options *options, const char *folder, struct svi_error *err)
{
    char uuid[SVI_PLATFORM_UUID_BYTES];
    size_t count = svi_operand_count(options) - 2;
    const char **paths = calloc(count, sizeof *paths);
    if (!paths)
        return svi_fail_memory(err, count * sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = svi_operand(options, i + 2);
    bool ok = svi_platform_add_capture(folder, svi_operand(options, 1), paths, count, uuid, err);
    if (ok)
        printf("%s\n", uuid);
    free(paths);
    return ok;
}

static bool act(const struct svi_options *options, const char *folder, const char *action, struct svi_error *err)
{
    size_t count = svi_operand_count(options);
    if (!strcmp(action, "add-user"))
        return count == 2 ? add_user(folder, svi_operand(options, 1), err)
                          : svi_fail(err, SVI_BAD_USAGE, "platform add-user needs the NAME of the user, and nothing else.");
    if (!strcmp(action, "add-capture"))
        return count > 2 ? add_capture(options, folder, err)
                         : svi_fail(err, SVI_BAD_USAGE,
                                    "platform add-capture needs the name of the USER and the FILEs or folders of the recording.");
    char shown[300];
    svi_mask_urls(shown, sizeof shown, action);
    return svi_fail(
        err, SVI_BAD_USAGE,
        "The command platform does not know what to do with \"%s\"; it knows add-user NAME and add-capture USER FILE....", shown);
}

int svi_command_platform(const struct svi_options *options, struct svi_error *err)
{
    const char *folder = svi_option_text(options, SVI_OPTION_DATA), *action = svi_operand(options, 0);
    bool ok;
    svi_leave_no_core_files();
    if (!folder)
        ok = svi_fail(err, SVI_BAD_USAGE, "The command platform needs --data=DIR, the folder that holds it.");
    else
        ok = action ? act(options, folder, action, err) : serve(options, folder, err);
    return svi_exit_code(ok, err);
}
