#include "host/notify.h"

#include "base/bytes.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void tell(const char *line)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (!name || (*name != '/' && *name != '@') || !svi_format(address.sun_path, sizeof address.sun_path, "%s", name))
        return;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    /* A name that begins with @ is of the abstract kind. */
    if (*name == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, line, strlen(line), MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
    close(fd);
}

void svi_notify_ready(void)
{
    tell("READY=1");
}

void svi_notify_stopping(void)
{
    tell("STOPPING=1");
}

void svi_notify_alive(void)
{
    if (getenv("WATCHDOG_USEC"))
        tell("WATCHDOG=1");
}
