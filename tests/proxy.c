#include "proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* The client's end, the server's end. */
struct pair {
    int ends[2], number;
};

static int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void drop(struct pair *pairs, size_t *count, size_t i)
{
    close(pairs[i].ends[0]);
    close(pairs[i].ends[1]);
    pairs[i] = pairs[--*count];
}

static void take_in(struct proxy *proxy, struct pair *pairs, size_t *count)
{
    int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    int host = client >= 0 && *count < PROXY_MAX_PAIRS ? connect_to(proxy->to_port) : -1;
    int number = client >= 0 ? atomic_fetch_add(&proxy->accepted, 1) : 0;
    if (host >= 0)
        pairs[(*count)++] = (struct pair){ { client, host }, number };
    else if (client >= 0)
        close(client);
}

/* False where the connection is over. */
static bool carry(struct proxy *proxy, const struct pair *pair, int from)
{
    char bytes[4096];
    long left = atomic_load(&proxy->left_bytes);
    size_t most = left >= 0 && (size_t)left < sizeof bytes ? (size_t)left : sizeof bytes;
    ssize_t got = most ? recv(pair->ends[from], bytes, most, 0) : 0;
    if (got <= 0)
        return false;
    if (left >= 0)
        atomic_fetch_sub(&proxy->left_bytes, got);
    if (from == 1 && pair->number == atomic_load(&proxy->deaf))
        return true;
    return send(pair->ends[!from], bytes, (size_t)got, MSG_NOSIGNAL) == got;
}

static void *serve(void *self)
{
    struct proxy *proxy = self;
    struct pair pairs[PROXY_MAX_PAIRS];
    size_t count = 0;
    for (;;) {
        struct pollfd ready[2 + 2 * PROXY_MAX_PAIRS] = { { proxy->wake[0], POLLIN, 0 }, { proxy->listener, POLLIN, 0 } };
        for (size_t i = 0; i < 2 * count; i++)
            ready[2 + i] = (struct pollfd){ pairs[i / 2].ends[i % 2], POLLIN, 0 };
        poll(ready, 2 + 2 * count, -1);
        if (ready[0].revents)
            break;
        for (size_t i = count; i-- > 0;)
            if ((ready[2 + 2 * i].revents && !carry(proxy, &pairs[i], 0))
                || (ready[3 + 2 * i].revents && !carry(proxy, &pairs[i], 1)))
                drop(pairs, &count, i);
        while (count && atomic_load(&proxy->left_bytes) == 0)
            drop(pairs, &count, count - 1);
        if (ready[1].revents)
            take_in(proxy, pairs, &count);
    }
    while (count)
        drop(pairs, &count, count - 1);
    return NULL;
}

void proxy_start(struct proxy *proxy, int to_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    proxy->to_port = to_port;
    atomic_store(&proxy->left_bytes, -1);
    atomic_store(&proxy->deaf, -1);
    atomic_store(&proxy->accepted, 0);
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(proxy->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(proxy->listener, PROXY_MAX_PAIRS), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)&address, &size), 0);
    proxy->port = ntohs(address.sin_port);
    assert_int_equal(pipe2(proxy->wake, O_CLOEXEC), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, serve, proxy), 0);
}

void proxy_stop(struct proxy *proxy)
{
    close(proxy->wake[1]);
    pthread_join(proxy->thread, NULL);
    close(proxy->wake[0]);
    close(proxy->listener);
}
