/* test_serve - how the service starts, from what it is told. */
#include "base/file.h"

#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

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

static void write_queue_and_recording(void)
{
    char path[PATH_MAX];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/queue", scratch_folder());
    check_ok(svi_remove_tree(path, &err) && svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    svi_format(path, sizeof path, "%s/x_433.92M_1000k.cu8", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("some bytes that are samples of something"), &err), err);
}

/* The most that a shell lets its programs open is often far below what they may have for the asking. */
static void jobs_are_not_lost_to_a_limit_that_can_be_raised(void **state)
{
    (void)state;
    struct rlimit usual, few;
    struct service platform;
    write_queue_and_recording();
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

/* The thread sanitizer cannot see through the driver's compiler, which has nothing to do where its cache is kept. */
#ifdef __SANITIZE_THREAD__
#define FORGET_COMPILED "SVI_UNSET"
#else
#define FORGET_COMPILED "POCL_CACHE_DIR"
#endif

/* A compiler of device programs calls others by their names. */
static void a_node_without_variables_draws(void **state)
{
    (void)state;
    struct service platform;
    struct svi_error err = { 0 };
    char cache[PATH_MAX];
    svi_format(cache, sizeof cache, "%s/fresh", scratch_folder());
    check_ok(svi_remove_tree(cache, &err), err);
    write_queue_and_recording();
    start_service(&platform, "--broker filesystem://%s/queue");
    pid_t node = start_program("serve --broker filesystem://%s/queue --work %s/work --cache %s/fresh",
                               (const char *const[]){ platform.url_variable, "PATH", FORGET_COMPILED, NULL }, 2);
    check_ended(run_program("submit --type scatterplot --wait %s/x_433.92M_1000k.cu8", platform.variables), 0);
    assert_int_equal(kill(node, SIGTERM), 0);
    check_ended(end_program(node, 2), 0);
    stop_service(&platform);
}

/* A renderer finds no folder for compiled programs either. */
static void who_asks_for_errors_alone_hears_no_warnings_of_renderers(void **state)
{
    (void)state;
    struct service platform;
    write_queue_and_recording();
    start_service(&platform, "--broker filesystem://%s/queue");
    pid_t node = start_program("serve --broker filesystem://%s/queue --work %s/work --loglevel error",
                               (const char *const[]){ platform.url_variable, "HOME=/proc", "XDG_CACHE_HOME", NULL }, 2);
    check_ended(run_program("submit --type scatterplot --wait %s/x_433.92M_1000k.cu8", platform.variables), 0);
    assert_int_equal(kill(node, SIGTERM), 0);
    const struct said *said = end_program(node, 2);
    check_ended(said, 0);
    assert_string_equal(said->err, "");
    stop_service(&platform);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

/* The loader of drivers looks for them in this folder, until it is gone. */
static void make_drivers(const char *folder)
{
    char file[PATH_MAX + 20];
    struct svi_error err = { 0 };
    check_ok(svi_remove_tree(folder, &err) && svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    svi_format(file, sizeof file, "%s/pocl.icd", folder);
    assert_int_equal(symlink("/etc/OpenCL/vendors/pocl.icd", file), 0);
}

static void a_node_without_its_device_leaves_the_queue_to_others(void **state)
{
    (void)state;
    enum { JOBS = 8 };
    struct service platform;
    struct svi_error err = { 0 };
    char drivers[PATH_MAX], variable[PATH_MAX + 20];
    write_queue_and_recording();
    svi_format(drivers, sizeof drivers, "%s/drivers", scratch_folder());
    svi_format(variable, sizeof variable, "OCL_ICD_VENDORS=%s", drivers);
    make_drivers(drivers);
    start_service(&platform, "--broker filesystem://%s/queue");
    pid_t lost = start_program("serve --broker filesystem://%s/queue --work %s/work -n lost -l info",
                               (const char *const[]){ platform.url_variable, variable, NULL }, 2);
    wait_for_output(lost, 2, "err", "ready.");
    check_ok(svi_remove_tree(drivers, &err), err);
    for (int i = 0; i < JOBS; i++)
        check_ended(run_program("submit --type scatterplot %s/x_433.92M_1000k.cu8", platform.variables), 0);
    wait_for_output(lost, 2, "err", "] retry in");
    pid_t other = start_program("serve --broker filesystem://%s/queue --work %s/work -n other", platform.variables, 3);
    size_t succeeded = 0, failed = 0;
    while (succeeded + failed < JOBS) {
        succeeded = count_of(wait_for_output(other, 3, "err", "ready."), "] succeeded");
        failed = count_of(wait_for_output(lost, 2, "err", "ready."), "] failed");
    }
    if (failed > JOBS / 4)
        fail_msg("%zu of %d jobs failed", failed, JOBS);
    assert_int_equal(kill(lost, SIGTERM), 0);
    check_ended(end_program(lost, 2), 0);
    assert_int_equal(kill(other, SIGTERM), 0);
    check_ended(end_program(other, 3), 0);
    stop_service(&platform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_may_ask_for_all_devices),
        cmocka_unit_test(jobs_are_not_lost_to_a_limit_that_can_be_raised),
        cmocka_unit_test(a_node_without_variables_draws),
        cmocka_unit_test(who_asks_for_errors_alone_hears_no_warnings_of_renderers),
        cmocka_unit_test(a_node_without_its_device_leaves_the_queue_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, kill_programs);
}
