#include "host/listen.h"

#include "base/bytes.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, HOST_BYTES = 256, PORT_BYTES = 8 };

static bool fail_form(const char *address, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_USAGE, "\"%s\" is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000.", address);
}

/* Cuts at the last colon, and takes the brackets off an IPv6 address. */
static bool split(const char *address, char host[HOST_BYTES], char port[PORT_BYTES], struct svi_error *err)
{
    const char *colon = strrchr(address, ':');
    size_t length = colon ? (size_t)(colon - address) : 0, digits = colon ? strlen(colon + 1) : 0;
    if (!length || !digits || digits > 5 || strspn(colon + 1, "0123456789") != digits || strtoul(colon + 1, NULL, 10) > UINT16_MAX)
        return fail_form(address, err);
    bool bracketed = address[0] == '[' && address[length - 1] == ']';
    if (!bracketed && memchr(address, ':', length))
        return fail_form(address, err);
    size_t inside = bracketed ? length - 2 : length;
    if (inside >= HOST_BYTES || !inside)
        return fail_form(address, err);
    memcpy(host, address + bracketed, inside);
    host[inside] = '\0';
    return svi_format(port, PORT_BYTES, "%s", colon + 1);
}

static bool try_address(int *fd, const struct addrinfo *at)
{
    int on = 1;
    *fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol);
    if (*fd < 0)
        return false;
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* a restart need not wait for old connections to be forgotten */
    if (bind(*fd, at->ai_addr, at->ai_addrlen) == 0 && listen(*fd, BACKLOG) == 0)
        return true;
    int why = errno;
    close(*fd);
    *fd = -1;
    errno = why;
    return false;
}

/* An address that stands for all of this machine's is reached over the loopback. */
static void reachable(struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)address;
        if (in->sin_addr.s_addr == htonl(INADDR_ANY))
            in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
        if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
            in6->sin6_addr = in6addr_loopback;
    }
}

static bool write_where(int fd, char *where, size_t where_size, struct svi_error *err)
{
    struct sockaddr_storage address = { 0 };
    socklen_t length = sizeof address;
    char host[HOST_BYTES], port[PORT_BYTES];
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return svi_fail(err, SVI_IO, "The address that is listened on cannot be read: %s.", strerror(errno));
    reachable(&address);
    if (getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0
        || !svi_format(where, where_size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port))
        return svi_fail(err, SVI_IO, "The address that is listened on cannot be written.");
    return true;
}

bool svi_listen(int *fd, char *where, size_t where_size, const char *address, struct svi_error *err)
{
    char host[HOST_BYTES], port[PORT_BYTES];
    *fd = -1;
    if (!split(address, host, port, err))
        return false;
    const struct addrinfo wish = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    int why = getaddrinfo(host, port, &wish, &found);
    if (why != 0)
        return svi_fail(err, SVI_BAD_USAGE, "The address %s to listen on cannot be found: %s.", address, gai_strerror(why));
    bool ok = false;
    for (const struct addrinfo *at = found; at && !ok; at = at->ai_next)
        ok = try_address(fd, at);
    if (!ok)
        svi_fail(err, SVI_BAD_USAGE, "%s cannot be listened on: %s.", address,
                 errno == EADDRINUSE ? "another program uses the port; stop it, or choose another with --listen" : strerror(errno));
    freeaddrinfo(found);
    if (!ok)
        return false;
    if (write_where(*fd, where, where_size, err))
        return true;
    close(*fd);
    *fd = -1;
    return false;
}
