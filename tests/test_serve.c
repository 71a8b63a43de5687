/* test_serve - how the service starts, from what it is told. */
#include "base/file.h"

#include <limits.h>
#include <signal.h>
#include <sys/resource.h>

#include "check.h"
#include "program.h"
#include "service.h"

static void a_variable_may_ask_for_all_devices(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct svi_error err = { 0 };
    static const char *const variables[] = { "SVI_DEVICE=all", NULL };
    svi_format(path, sizeof path, "%s/queue", scratch_folder());
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    pid_t node = start_program("serve --broker filesystem://%s/queue --api-url http://127.0.0.1:9 --work %s/work", variables, 1);
    check_has(wait_for_output(node, 1, "err", "ready."), "ready.");
    assert_int_equal(kill(node, SIGTERM), 0);
    check_ended(end_program(node, 1), 0);
}

/* The most that a shell lets its programs open is often far below what they may have for the asking. */
static void jobs_are_not_lost_to_a_limit_that_can_be_raised(void **state)
{
    (void)state;
    struct rlimit usual, few;
    struct service platform;
    char path[PATH_MAX];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/queue", scratch_folder());
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    svi_format(path, sizeof path, "%s/x_433.92M_1000k.cu8", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("some bytes that are samples of something"), &err), err);
    start_service(&platform, "--broker filesystem://%s/queue");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    few = (struct rlimit){ .rlim_cur = 16, .rlim_max = usual.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    pid_t node = start_program("serve --broker filesystem://%s/queue --work %s/work", platform.variables, 2);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    check_ended(run_program("submit --type scatterplot --wait %s/x_433.92M_1000k.cu8", platform.variables), 0);
    assert_int_equal(kill(node, SIGTERM), 0);
    check_ended(end_program(node, 2), 0);
    stop_service(&platform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_may_ask_for_all_devices),
        cmocka_unit_test(jobs_are_not_lost_to_a_limit_that_can_be_raised),
    };
    return cmocka_run_group_tests(tests, NULL, kill_programs);
}
