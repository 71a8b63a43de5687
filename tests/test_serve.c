/* test_serve - how the service starts, from what it is told. */
#include "base/file.h"

#include <limits.h>
#include <signal.h>

#include "check.h"
#include "program.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_may_ask_for_all_devices),
    };
    return cmocka_run_group_tests(tests, NULL, kill_programs);
}
