#include "redis_server.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_WORDS = 40 };

static const char program[] = "redis-server";

bool redis_server_is_here(void)
{
    char path[4096];
    const char *folders = getenv("PATH");
    for (const char *at = folders ? folders : ""; *at;) {
        size_t length = strcspn(at, ":");
        if (svi_format(path, sizeof path, "%.*s/%s", (int)length, at, program) && access(path, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    fprintf(stderr, "SKIP: %s is not installed\n", program);
    return false;
}

static int free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void add(const char **words, size_t *count, const char *word)
{
    assert_true(*count < MAX_WORDS);
    words[(*count)++] = word;
    words[*count] = NULL;
}

static void add_two(const char **words, size_t *count, const char *option, const char *value)
{
    add(words, count, option);
    add(words, count, value);
}

static void command_line(const struct redis_server *server, const char *port, const char **words)
{
    size_t count = 0;
    bool tls = server->certificate != NULL;
    add(words, &count, program);
    add_two(words, &count, "--port", server->on_socket || tls ? "0" : port);
    add_two(words, &count, "--bind", "127.0.0.1");
    add_two(words, &count, "--dir", scratch_folder());
    add_two(words, &count, "--save", "");
    add_two(words, &count, "--appendonly", "no");
    add_two(words, &count, "--daemonize", "no");
    if (server->on_socket)
        add_two(words, &count, "--unixsocket", server->socket);
    if (server->password)
        add_two(words, &count, "--requirepass", server->password);
    if (tls) {
        add_two(words, &count, "--tls-port", port);
        add_two(words, &count, "--tls-cert-file", server->certificate);
        add_two(words, &count, "--tls-key-file", server->key);
        add_two(words, &count, "--tls-ca-cert-file", server->certificate);
        add_two(words, &count, "--tls-auth-clients", "optional");
    }
    for (const char *const *word = server->more; word && *word; word++)
        add(words, &count, *word);
}

/* Reads what the server says until it is ready. */
static void wait_until_ready(struct redis_server *server)
{
    char said[16384];
    size_t count = 0;
    while (count < sizeof said - 1) {
        ssize_t got = read(server->output, said + count, sizeof said - 1 - count);
        if (got <= 0)
            break;
        count += (size_t)got;
        said[count] = '\0';
        if (strstr(said, server->on_socket ? "ready to accept connections at" : "Ready to accept connections"))
            return;
    }
    said[count] = '\0';
    fail_msg("%s did not start: %s", program, said);
}

void redis_server_start(struct redis_server *server)
{
    const char *words[MAX_WORDS + 1];
    char port[8];
    int ends[2];
    assert_int_equal(server->pid, 0);
    if (!server->port && !server->on_socket)
        server->port = free_port();
    /* A folder's path may be longer than a socket's may be. */
    svi_format(server->socket, sizeof server->socket, "/tmp/svi-test-redis-%d", (int)getpid());
    svi_format(port, sizeof port, "%d", server->port);
    command_line(server, port, words);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execvp(program, (char *const *)(uintptr_t)words);
        _exit(127);
    }
    close(ends[1]);
    server->output = ends[0];
    wait_until_ready(server);
}

static void end(struct redis_server *server, int number)
{
    if (!server->pid)
        return;
    kill(server->pid, number);
    kill(server->pid, SIGCONT); /* where a test has stopped it */
    while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(server->output);
    server->pid = 0;
    if (server->on_socket)
        unlink(server->socket);
}

void redis_server_stop(struct redis_server *server)
{
    end(server, SIGTERM);
}

void redis_server_kill(struct redis_server *server)
{
    end(server, SIGKILL);
}

struct redis_server the_server;

int start_the_server(void **state)
{
    (void)state;
    the_server = (struct redis_server){ 0 };
    redis_server_start(&the_server);
    return 0;
}

int stop_the_server(void **state)
{
    (void)state;
    redis_server_kill(&the_server);
    return 0;
}

static const redisReply *ask(struct redis_server *server, const char *format, va_list arguments)
{
    static redisReply *last;
    redisContext *client = server->on_socket ? redisConnectUnix(server->socket) : redisConnect("127.0.0.1", server->port);
    assert_non_null(client);
    if (client->err)
        fail_msg("%s", client->errstr);
    if (server->password)
        freeReplyObject(redisCommand(client, "AUTH %s", server->password));
    if (last)
        freeReplyObject(last);
    last = redisvCommand(client, format, arguments);
    assert_non_null(last);
    redisFree(client);
    return last;
}

const redisReply *redis_server_ask(struct redis_server *server, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const redisReply *reply = ask(server, format, arguments);
    va_end(arguments);
    if (reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s: %s", format, reply->str);
    return reply;
}

long long redis_server_number(struct redis_server *server, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const redisReply *reply = ask(server, format, arguments);
    va_end(arguments);
    if (reply->type != REDIS_REPLY_INTEGER)
        fail_msg("%s: no number: %s", format, reply->str ? reply->str : "");
    return reply->integer;
}

struct svi_broker_url redis_server_url(const struct redis_server *server)
{
    /* The texts are only read; the struct's owner frees them elsewhere. */
    static char none[] = "", host[] = "127.0.0.1";
    return (struct svi_broker_url){
        .transport = SVI_BROKER_REDIS,
        .tls = server->certificate != NULL,
        .user = none,
        .password = server->password ? (char *)(uintptr_t)server->password : none,
        .host = server->on_socket ? none : host,
        .port = server->port,
        .path = server->on_socket ? (char *)(uintptr_t)server->socket : none,
        .virtual_host = none,
    };
}
