/* test_notify - what a service manager is told, through a socket in the file system and one in the abstract, or nothing at all. */
#include "host/notify.h"

#include "base/bytes.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

/* Listens under the name, and makes it the manager's. */
static int listen_as(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(svi_format(address.sun_path, sizeof address.sun_path, "%s", name));
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    if (*name == '@')
        address.sun_path[0] = '\0';
    else
        unlink(name);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void check_heard(int fd, const char *line)
{
    char heard[100] = "";
    ssize_t count = recv(fd, heard, sizeof heard - 1, 0);
    assert_int_equal(count, line ? (ssize_t)strlen(line) : -1);
    if (line)
        assert_string_equal(heard, line);
}

static void a_manager_hears_each_step(void **state)
{
    (void)state;
    char in_folder[100], abstract[100];
    svi_format(in_folder, sizeof in_folder, "/tmp/notify-%d", (int)getpid());
    svi_format(abstract, sizeof abstract, "@notify-%d", (int)getpid());
    const char *const names[] = { in_folder, abstract };
    for (size_t i = 0; i < ROWS(names); i++) {
        int fd = listen_as(names[i]);
        svi_notify_ready();
        check_heard(fd, "READY=1");
        svi_notify_stopping();
        check_heard(fd, "STOPPING=1");
        svi_notify_alive();
        check_heard(fd, NULL);
        setenv("WATCHDOG_USEC", "1000000", 1);
        svi_notify_alive();
        check_heard(fd, "WATCHDOG=1");
        unsetenv("WATCHDOG_USEC");
        close(fd);
    }
    unlink(in_folder);
}

static void without_a_manager_nothing_happens(void **state)
{
    (void)state;
    char longer_than_any_address[300];
    memset(longer_than_any_address, 'x', sizeof longer_than_any_address);
    longer_than_any_address[0] = '/';
    longer_than_any_address[sizeof longer_than_any_address - 1] = '\0';
    const char *const names[] = { NULL, "", "relative", "/nowhere/at/all", "@nobody-listens-here", longer_than_any_address };
    int before = dup(STDERR_FILENO);
    for (size_t i = 0; i < ROWS(names); i++) {
        if (names[i])
            setenv("NOTIFY_SOCKET", names[i], 1);
        else
            unsetenv("NOTIFY_SOCKET");
        svi_notify_ready();
        svi_notify_stopping();
    }
    int after = dup(STDERR_FILENO);
    close(before);
    close(after);
    assert_int_equal(after, before + 1); /* no descriptor was left open */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manager_hears_each_step),
        cmocka_unit_test(without_a_manager_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
