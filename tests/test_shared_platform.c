/* test_shared_platform - a server of this process, a guest of this process, and then one of another, on one folder. */
#include "base/file.h"
#include "host/platform_server.h"

#include <limits.h>
#include <unistd.h>

#include "check.h"
#include "program.h"

static void guests_leave_the_log_to_the_server(void **state)
{
    (void)state;
    char folder[PATH_MAX], log[PATH_MAX + 20], token[SVI_PLATFORM_TOKEN_DIGITS + 1];
    struct svi_error err = { 0 };
    struct svi_platform *platform = NULL;
    svi_format(folder, sizeof folder, "%s/platform", scratch_folder());
    svi_format(log, sizeof log, "%s/platform.db-wal", folder);
    check_ok(svi_remove_tree(folder, &err), err);
    const struct svi_platform_options options = { .folder = folder, .listen = "127.0.0.1:0" };
    check_ok(svi_platform_start(&platform, &options, &err), err);
    check_ok(svi_platform_add_user(folder, "ann", token, &err), err);
    assert_int_equal(access(log, F_OK), 0);
    check_ended(run_program("platform add-user bob --data %s/platform", NULL), 0);
    assert_int_equal(access(log, F_OK), 0);
    svi_platform_stop(platform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_leave_the_log_to_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, kill_programs);
}
