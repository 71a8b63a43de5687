/* test_cli_platform - the platform that the program serves, and who works for it, each a process of its own. */
#include "base/stopwatch.h"
#include "host/http.h"
#include "host/platform_store.h"
#include "visual/render.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "program.h"
#include "service.h"

/* The info of the last status of job 1. */
static json_t *last_status(void)
{
    char path[PATH_MAX];
    struct svi_platform_store *store = NULL;
    struct svi_error err = { 0 };
    json_t *rows = NULL;
    svi_format(path, sizeof path, "%s/platform", scratch_folder());
    check_ok(svi_platform_store_open(&store, path, SVI_PLATFORM_GUEST, &err), err);
    assert_int_equal(svi_platform_store_statuses(store, 1, &rows, &err), SVI_PLATFORM_DONE);
    svi_platform_store_close(store);
    json_t *last = json_incref(json_array_get(rows, json_array_size(rows) - 1));
    json_decref(rows);
    return last;
}

/* The slices of job 1 stand among its results, and the platform hands them out whole. */
static void check_slices_on_platform(const struct service *service, size_t count)
{
    struct svi_error err = { 0 };
    json_t *last = last_status();
    json_t *id = json_object_get(json_object_get(json_object_get(last, "info"), "results"), "waterfall_slices.json");
    assert_true(json_is_integer(id));
    const struct svi_http_options options = { .base_url = service->url,
                                              .token = service->token_variable + strlen("SVI_TOKEN="),
                                              .policy = svi_http_standard_policy };
    struct svi_http *http;
    struct svi_http_answer answer = { 0 };
    char path[100];
    svi_format(path, sizeof path, "/api/jobs/job-data/%lld/?download=true", (long long)json_integer_value(id));
    check_ok(svi_http_open(&http, &options, &err) && svi_http_get(http, path, &answer, &err), err);
    json_t *slices = svi_json_parse((struct svi_bytes){ answer.body.at, answer.body.count }, "slices", SVI_BUG, &err);
    check_ok(slices, err);
    assert_int_equal(json_array_size(slices), count);
    assert_true(json_is_string(json_object_get(json_array_get(slices, count - 1), "data")));
    json_decref(slices);
    svi_http_answer_clear(&answer);
    svi_http_close(http);
    json_decref(last);
}

static void a_job_goes_from_submit_through_run_to_its_end(void **state)
{
    (void)state;
    struct service service;
    start_service(&service, "");
    const struct said *said = run_program(
        "submit -t waterfall --set slices=true --set maxSlices=3 %s/tone.sigmf-meta %s/tone.sigmf-data", service.variables);
    assert_string_equal(said->err, "");
    assert_string_equal(said->out, "job 1 waterfall submitted\n");
    check_ended(said, 0);
    said = run_program("run 1", service.variables);
    check_ended(said, 0);
    check_has(said->out, "job 1 completed: results_id ");
    check_slices_on_platform(&service, 3);

    /* A job that fails by its own fault is no reason to try again. */
    said = run_program("submit -t waterfall --set fftSize=3 %s/tone.sigmf-meta %s/tone.sigmf-data", service.variables);
    check_ended(said, 0);
    said = run_program("run 2", service.variables);
    check_ended(said, 1);
    check_has(said->err, "fftSize");
    assert_null(strstr(said->err, service.token_variable + strlen("SVI_TOKEN=")));
    stop_service(&service);
}

/* As it is soon after its start. */
static void wait_until_ignored(pid_t pid, int signal)
{
    const double until_s = svi_now_s() + 60;
    char path[80];
    svi_format(path, sizeof path, "/proc/%d/status", (int)pid);
    while (svi_now_s() < until_s) {
        struct svi_buffer text;
        struct svi_error err = { 0 };
        check_ok(svi_file_read(&text, path, "it", 1 << 16, &err), err);
        const char *line = strstr((const char *)text.at, "SigIgn:");
        const bool ignored = line && (strtoull(line + 7, NULL, 16) >> (signal - 1) & 1);
        svi_buffer_clear(&text);
        if (ignored)
            return;
        sched_yield();
    }
    fail_msg("process %d does not ignore signal %d", (int)pid, signal);
}

/* The list of drivers is a pipe that nobody writes, so the renderer hangs in the OpenCL loader before its first call returns. That
 * the supervisor lives shows that it never loads OpenCL. */
static void a_renderer_that_hangs_costs_its_job_only(void **state)
{
    (void)state;
    static const struct {
        const char *limits;
        int signal; /* to the supervisor, once its renderer runs */
        int signal_to_renderer;
        const char *code, *error;
    } rows[] = {
        { "--soft-limit 1 --hard-limit 1", 0, 0, "time_limit", "hard time limit of 1 s" },
        { "--soft-limit 3 --hard-limit 3", 0, SIGTERM, "time_limit", "hard time limit of 3 s" },
        { "", SIGTERM, 0, "cancelled", "terminated by signal 15" },
        { "", 0, SIGKILL, "renderer_died", "was killed (signal 9, SIGKILL) while it made the waterfall" },
    };
    char drivers[PATH_MAX], variable[PATH_MAX + 20], line[120];
    struct svi_error err = { 0 };
    svi_format(drivers, sizeof drivers, "%s/drivers", scratch_folder());
    check_ok(svi_remove_tree(drivers, &err) && svi_make_folders(drivers, SVI_FOLDER_PRIVATE, &err), err);
    svi_format(variable, sizeof variable, "OCL_ICD_VENDORS=%s", drivers);
    svi_format(drivers, sizeof drivers, "%s/drivers/hang.icd", scratch_folder());
    assert_int_equal(mkfifo(drivers, 0600), 0);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct service service;
        start_service(&service, "");
        const struct said *said = run_program("submit -t waterfall %s/tone.sigmf-meta %s/tone.sigmf-data", service.variables);
        check_ended(said, 0);
        svi_format(line, sizeof line, "run 1 --verbose %s", rows[i].limits);
        pid_t pid = start_program(line, (const char *const[]){ service.url_variable, service.token_variable, variable, NULL }, 2);
        static const char started[] = "renderer started as process ";
        const char *at = strstr(wait_for_output(pid, 2, "err", started), started);
        assert_non_null(at);
        /* The line is written in one piece, so the number stands behind the words. */
        pid_t renderer = (pid_t)strtol(at + sizeof started - 1, NULL, 10);
        assert_true(renderer > 1);
        if (rows[i].signal)
            assert_int_equal(kill(pid, rows[i].signal), 0);
        if (rows[i].signal_to_renderer) {
            wait_until_ignored(renderer, SIGTERM);
            assert_int_equal(kill(renderer, rows[i].signal_to_renderer), 0);
        }
        said = end_program(pid, 2);
        check_ended(said, 1);
        check_has(said->err, rows[i].error);
        assert_int_equal(kill(renderer, 0), -1);

        json_t *last = last_status();
        assert_string_equal(json_string_value(json_object_get(last, "status")), "failed");
        const json_t *info = json_object_get(last, "info");
        assert_string_equal(json_string_value(json_object_get(info, "code")), rows[i].code);
        check_has(json_string_value(json_object_get(info, "error")), rows[i].error);
        json_decref(last);
        stop_service(&service);
    }
}

static void a_refused_token_is_told(void **state)
{
    (void)state;
    struct service service;
    start_service(&service, "");
    service.variables[1] = "SVI_TOKEN=0123456789012345678901234567890123456789";
    const struct said *said = run_program("run 1", service.variables);
    check_ended(said, 1);
    check_has(said->err, "token");
    said = run_program("submit %s/tone.sigmf-meta", service.variables);
    check_ended(said, 1);
    check_has(said->err, "token");
    stop_service(&service);
}

static void a_platform_with_a_worker_does_it_all(void **state)
{
    (void)state;
    struct service service;
    clear_results();
    start_service(&service, "--worker");
    const struct said *said = run_program("submit -o %s/out --set width=3 %s/tone.sigmf-meta %s/tone.sigmf-data",
                                          service.variables);
    check_ended(said, 0);
    for (size_t i = 0; svi_render_type(i); i++) {
        char line[120];
        svi_format(line, sizeof line, "%s completed\n", svi_render_type(i));
        check_has(said->out, line);
        svi_format(line, sizeof line, "out/%s.png", svi_render_type(i));
        check_has(said->out, line);
        assert_true(size_of(line) > 1000);
        svi_format(line, sizeof line, "out/%s.json", svi_render_type(i));
        assert_true(size_of(line) > 100);
    }
    said = run_program("submit --wait -t spectrogram --set stdDev=-1 %s/tone.sigmf-meta %s/tone.sigmf-data", service.variables);
    check_ended(said, 1);
    check_has(said->out, "spectrogram failed\n");
    check_has(said->err, "stdDev");
    stop_service(&service);
}

static void one_folder_has_one_platform(void **state)
{
    (void)state;
    struct service service;
    start_service(&service, "");
    const struct said *said = run_program("platform --data %s/platform --listen 127.0.0.1:0", NULL);
    check_ended(said, 2);
    said = run_program("platform add-user ann --data %s/platform", NULL);
    check_ended(said, 2);
    stop_service(&service);
}

static void check_not_seen(pid_t pid, const char *token)
{
    static const char *const files[] = { "environ", "cmdline" };
    for (size_t i = 0; i < ROWS(files); i++) {
        static char bytes[200000];
        char path[80];
        svi_format(path, sizeof path, "/proc/%d/%s", (int)pid, files[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t count = read(fd, bytes, sizeof bytes);
        close(fd);
        assert_true(count > 0);
        assert_null(memmem(bytes, (size_t)count, token, strlen(token)));
    }
}

/* The peer takes the connection and never says a word, so the program is known to be waiting, and stays so. */
static void a_token_is_not_seen_from_outside_and_a_signal_ends_the_wait(void **state)
{
    (void)state;
    static const char token[] = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2";
    static const struct {
        int signal, ended_by; /* 0: by an exit code */
    } rows[] = { { SIGTERM, 0 }, { SIGINT, SIGINT } };
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    char url[80], variable[80];
    svi_format(url, sizeof url, "API_URL=http://127.0.0.1:%d", ntohs(address.sin_port));
    svi_format(variable, sizeof variable, "SVI_TOKEN=%s", token);
    for (size_t i = 0; i < ROWS(rows); i++) {
        pid_t pid = start_program("run 7 --verbose", (const char *const[]){ url, variable, NULL }, 2);
        int connection = accept(listener, NULL, NULL);
        assert_true(connection >= 0);
        check_not_seen(pid, token);
        assert_int_equal(kill(pid, rows[i].signal), 0);
        const struct said *said = end_program(pid, 2);
        assert_int_equal(said->signal, rows[i].ended_by);
        assert_true(said->signal || said->exit_code);
        assert_null(strstr(said->err, token));
        close(connection);
    }
    close(listener);
}

static void the_demo_leaves_a_picture_and_a_summary_of_each_type(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("demo -o %s/out", NULL);
    check_ended(said, 0);
    for (size_t i = 0; svi_render_type(i); i++) {
        static const char *const endings[] = { "png", "json" };
        for (size_t k = 0; k < ROWS(endings); k++) {
            char name[80];
            svi_format(name, sizeof name, "out/%s.%s\n", svi_render_type(i), endings[k]);
            check_has(said->out, name);
            name[strlen(name) - 1] = '\0';
            assert_true(size_of(name) > 100);
        }
    }
    assert_true(size_of("out/demo.sigmf-meta") > 100 && size_of("out/demo.sigmf-data") == 12000000);
    /* Nothing else is left behind: no folder of a job, no platform. */
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/cache/work", scratch_folder());
    DIR *work = opendir(path);
    assert_non_null(work);
    for (const struct dirent *entry; (entry = readdir(work));)
        if (entry->d_name[0] != '.')
            fail_msg("%s is left behind", entry->d_name);
    closedir(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_job_goes_from_submit_through_run_to_its_end, kill_programs),
        cmocka_unit_test_teardown(a_renderer_that_hangs_costs_its_job_only, kill_programs),
        cmocka_unit_test_teardown(a_refused_token_is_told, kill_programs),
        cmocka_unit_test_teardown(a_platform_with_a_worker_does_it_all, kill_programs),
        cmocka_unit_test_teardown(one_folder_has_one_platform, kill_programs),
        cmocka_unit_test_teardown(a_token_is_not_seen_from_outside_and_a_signal_ends_the_wait, kill_programs),
        cmocka_unit_test(the_demo_leaves_a_picture_and_a_summary_of_each_type),
    };
    return cmocka_run_group_tests(tests, write_recording, NULL);
}
