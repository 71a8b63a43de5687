/* test_full_platform - a disk that is full while a job is under way: platform, worker and renderer are the program. */
#include "base/bytes.h"

#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "program.h"
#include "service.h"

/* Silence whose picture takes a while. */
static void write_recording(void)
{
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/x_1000k.cu8", scratch_folder());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 1 << 19), 0);
    assert_int_equal(fclose(file), 0);
}

/* The database's log cannot grow any more; what is smaller can be written. */
static void fill_disk(pid_t platform)
{
    char path[PATH_MAX];
    struct stat log;
    svi_format(path, sizeof path, "%s/platform/platform.db-wal", scratch_folder());
    assert_int_equal(stat(path, &log), 0);
    assert_int_equal(prlimit(platform, RLIMIT_FSIZE, &(struct rlimit){ (rlim_t)log.st_size, RLIM_INFINITY }, NULL), 0);
}

static void a_job_gets_its_end_when_there_is_room_again(void **state)
{
    (void)state;
    static const char line[] = "submit --wait -t waterfall --set fftSize=4096 --set hopSize=1 %s/x_1000k.cu8";
    struct service service;
    write_recording();
    start_service(&service, "--worker");
    pid_t submit = start_program(line, service.variables, 2);
    wait_for_output(service.pid, 1, "err", "fetched 1 files");
    fill_disk(service.pid);
    check_has(wait_for_output(service.pid, 1, "err", "job 1 "), "job 1 waits for the platform");
    assert_int_equal(prlimit(service.pid, RLIMIT_FSIZE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY }, NULL), 0);
    const struct said *said = end_program(submit, 2);
    check_ended(said, 0);
    check_has(said->out, "job 1 waterfall completed");
    stop_service(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_job_gets_its_end_when_there_is_room_again, kill_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
