/* command_renderer - the child process: orders from the socket, pictures through OpenCL. */
#include "host/another_device.h"
#include "host/command.h"
#include "host/driver_cache.h"
#include "host/renderer.h"
#include "host/renderer_message.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static bool open_device(void *self, struct svi_device **device, struct svi_error *err)
{
    struct svi_another_device *another = self;
    *another = (struct svi_another_device){ .wish = another->wish, .cache_folder = another->cache_folder };
    return svi_device_open(device, another->wish, another->cache_folder, err);
}

static bool open_another(void *self, struct svi_device **device, const char **notice, struct svi_error *err)
{
    struct svi_another_device *another = self;
    if (!svi_another_device(another, device, err))
        return false;
    *notice = another->notice;
    return true;
}

static bool is_our_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int svi_command_renderer(const struct svi_options *options, struct svi_error *err)
{
    char cache[PATH_MAX];
    /* systemd and others tell the whole group to end. What becomes of the job is for the supervisor to say: it kills. */
    signal(SIGTERM, SIG_IGN);
    if (!is_our_socket(SVI_RENDERER_FD)) {
        svi_fail(err, SVI_BAD_USAGE, "The renderer is started by the other commands, not by hand.");
        return svi_exit_code(false, err);
    }
    if (!svi_cache_folder(options, cache, err))
        return svi_exit_code(false, err);
    svi_driver_cache_claim(cache);
    struct svi_another_device devices = { .wish = svi_option_text(options, SVI_OPTION_DEVICE), .cache_folder = cache };
    const struct svi_drawing drawing = {
        .open = open_device, .another = open_another, .render = svi_render, .close = svi_device_close, .self = &devices
    };
    return svi_exit_code(svi_renderer_serve(SVI_RENDERER_FD, &drawing, err), err);
}
