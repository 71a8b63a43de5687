#include "rabbitmq_server.h"

#include "base/bytes.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Not the one in the path of commands, which is for root alone and becomes another user. */
static const char server_program[] = "/usr/lib/rabbitmq/bin/rabbitmq-server",
                  control_program[] = "/usr/lib/rabbitmq/bin/rabbitmqctl";

static int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0
                && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void set_text(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void set_text(const char *name, const char *format, ...)
{
    char value[1000];
    va_list rest;
    va_start(rest, format);
    vsnprintf(value, sizeof value, format, rest);
    va_end(rest);
    setenv(name, value, 1);
}

/* In the child, before it becomes another program. */
static void set_environment(const struct rabbitmq *server)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    set_text("HOME", "%s", server->folder);
    set_text("RABBITMQ_NODENAME", "svi-test@localhost");
    set_text("RABBITMQ_MNESIA_BASE", "%s/data", server->folder);
    set_text("RABBITMQ_LOG_BASE", "%s/log", server->folder);
    set_text("RABBITMQ_CONFIG_FILE", "%s/rabbitmq", server->folder);
    set_text("RABBITMQ_CONF_ENV_FILE", "%s/environment", server->folder);
    set_text("RABBITMQ_ENABLED_PLUGINS_FILE", "%s/plugins", server->folder);
    set_text("RABBITMQ_NODE_PORT", "%d", server->port);
    set_text("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
    set_text("RABBITMQ_DIST_PORT", "%d", server->node_port);
    set_text("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
             "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none");
    set_text("ERL_EPMD_PORT", "%d", server->mapper_port);
    set_text("ERL_EPMD_ADDRESS", "127.0.0.1");
    /* So that its script becomes the server, instead of starting it. */
    set_text("RUNNING_UNDER_SYSTEMD", "true");
    unsetenv("NOTIFY_SOCKET");
}

static void write_text(const struct rabbitmq *server, const char *name, const char *text)
{
    char path[700];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/%s", server->folder, name);
    check_ok(svi_file_write(path, svi_bytes_of(text), &err), err);
}

static void start_mapper(struct rabbitmq *server)
{
    server->mapper = fork();
    assert_true(server->mapper >= 0);
    if (server->mapper == 0) {
        set_environment(server);
        execlp("epmd", "epmd", (char *)NULL);
        _exit(127);
    }
}

/* It says "completed" when it takes connections. */
static bool read_until_ready(int fd)
{
    char said[8192];
    size_t count = 0;
    ssize_t got = 0;
    said[0] = '\0';
    while (!strstr(said, "completed with") && count < sizeof said - 1
           && ((got = read(fd, said + count, sizeof said - 1 - count)) > 0 || (got < 0 && errno == EINTR))) {
        count += got > 0 ? (size_t)got : 0;
        said[count] = '\0';
    }
    if (!strstr(said, "completed with"))
        fprintf(stderr, "%s\n", said);
    return strstr(said, "completed with") != NULL;
}

static void run(struct rabbitmq *server)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        set_environment(server);
        dup2(ends[1], STDOUT_FILENO);
        execl(server_program, server_program, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (!read_until_ready(ends[0]))
        fail_msg("RabbitMQ does not start; its log is in %s/log", server->folder);
    close(ends[0]);
}

bool rabbitmq_start(struct rabbitmq *server, const char *folder, const char *certificate, const char *key)
{
    char text[2000];
    struct svi_error err = { 0 };
    if (access(server_program, X_OK)) {
        fprintf(stderr, "there is no RabbitMQ: %s: %s\n", server_program, strerror(errno));
        return false;
    }
    *server = (struct rabbitmq){ 0, 0, free_port(), free_port(), free_port(), free_port(), "" };
    svi_format(server->folder, sizeof server->folder, "%s", folder);
    check_ok(svi_remove_tree(folder, &err) && svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    svi_format(text, sizeof text,
               "listeners.tcp.1 = 127.0.0.1:%d\nlisteners.ssl.1 = 127.0.0.1:%d\nssl_options.certfile = %s\n"
               "ssl_options.keyfile = %s\nlog.console = false\nlog.file.level = info\n",
               server->port, server->tls_port, certificate, key);
    write_text(server, "rabbitmq.conf", text);
    write_text(server, "plugins", "[].\n");
    write_text(server, "environment", "");
    start_mapper(server);
    run(server);
    return true;
}

void rabbitmq_kill(struct rabbitmq *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void rabbitmq_restart(struct rabbitmq *server)
{
    run(server);
}

void rabbitmq_stop(struct rabbitmq *server)
{
    if (server->pid)
        rabbitmq_kill(server);
    if (server->mapper) {
        kill(server->mapper, SIGKILL);
        waitpid(server->mapper, NULL, 0);
    }
    server->mapper = 0;
}

bool rabbitmq_control(const struct rabbitmq *server, const char *const *words)
{
    const char *all[16] = { control_program };
    int status = 0;
    for (size_t i = 0; words[i]; i++)
        all[i + 1] = words[i];
    pid_t child = fork();
    if (child == 0) {
        set_environment(server);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execv(control_program, (char *const *)(uintptr_t)all);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
