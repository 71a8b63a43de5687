/* test_cli - the program as a black box: what it prints where, its exit codes, and what it leaves in folders. */
#include "base/file.h"
#include "host/http.h"
#include "host/options.h"
#include "host/platform_store.h"
#include "visual/render.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "program.h"
#include "service.h"

/* ---- help ---- */

static void every_command_explains_each_of_its_options(void **state)
{
    (void)state;
    for (int command = 0; command < SVI_COMMAND_COUNT; command++) {
        char line[80];
        svi_format(line, sizeof line, "%s --help", svi_commands[command].word);
        const struct said *said = run_program(line, NULL);
        check_ended(said, 0);
        assert_string_equal(said->err, "");
        check_has(said->out, svi_commands[command].operands);
        for (int option = 0; option < SVI_OPTION_COUNT; option++) {
            const struct svi_option_row *row = &svi_option_rows[option];
            char flag[60];
            svi_format(flag, sizeof flag, " --%s%s", row->flag, row->value ? "=" : "\n");
            const char *at = strstr(said->out, flag);
            if (!at && !row->value) {
                svi_format(flag, sizeof flag, " --%s ", row->flag);
                at = strstr(said->out, flag);
            }
            if ((at != NULL) != svi_option_belongs((enum svi_option)option, (enum svi_command)command))
                fail_msg("%s --help %s --%s", svi_commands[command].word, at ? "shows" : "does not show", row->flag);
            if (at && row->variable)
                check_has(at, row->variable);
            if (at && row->standard)
                check_has(at, row->standard);
        }
    }
}

static void help_fits_a_terminal(void **state)
{
    (void)state;
    for (int command = 0; command <= SVI_COMMAND_COUNT; command++) {
        char line[80];
        svi_format(line, sizeof line, "%s --help", command < SVI_COMMAND_COUNT ? svi_commands[command].word : "");
        const struct said *said = run_program(line, NULL);
        for (const char *at = said->out; *at; at += strcspn(at, "\n") + 1)
            if (strcspn(at, "\n") > 100)
                fail_msg("%s: a line of %zu characters: %.40s…", line, strcspn(at, "\n"), at);
    }
}

static void the_man_page_has_every_command_and_option(void **state)
{
    (void)state;
    const struct said *said = run_program("--man", NULL);
    check_ended(said, 0);
    check_has(said->out, ".TH SVI\\-WORKER 1");
    for (int command = 0; command < SVI_COMMAND_COUNT; command++)
        if (!svi_commands[command].hidden) {
            char section[80];
            svi_format(section, sizeof section, ".SS %s", svi_commands[command].word);
            check_has(said->out, section);
        }
    for (int option = 0; option < SVI_OPTION_COUNT; option++)
        if (svi_option_rows[option].variable)
            check_has(said->out, svi_option_rows[option].variable);
}

/* ---- exit codes and messages ---- */

static void command_lines_end_as_they_should(void **state)
{
    (void)state;
    static const char *const no_drivers[] = { "OCL_ICD_VENDORS=/nowhere", NULL };
    static const char *const with_token[] = { "SVI_TOKEN=0123456789", NULL };
    static const char *const bad_limit[] = { "SVI_SOFT_LIMIT=x", NULL };
    static const struct {
        const char *line;
        const char *const *variables;
        int exit_code;
        const char *out, *err;
    } rows[] = {
        { "--help", NULL, 0, "Commands:", "" },
        { "--version", NULL, 0, "stb_truetype", "" },
        { "--version", NULL, 0, "\nlibcurl", "" },
        { "", NULL, 2, "", "Which command?" },
        { "rendr", NULL, 2, "", "Did you mean \"render\"?" },
        { "render", NULL, 2, "", "needs FILE" },
        { "render --bogus a", NULL, 2, "", "no option --bogus" },
        { "render --bogus a", NULL, 2, "", "svi-worker render --help" },
        { "render --\x1B[2J a", NULL, 2, "", "no option --?[2J" },
        { "render --set width a", NULL, 2, "", "--set is \"width\", but must be KEY=VALUE" },
        { "render --set =1 a", NULL, 2, "", "KEY=VALUE" },
        { "run 7", bad_limit, 2, "", "SVI_SOFT_LIMIT is \"x\"" },
        { "run 7", NULL, 2, "", "A token is needed" },
        { "run seven", with_token, 2, "", "JOB_ID is \"seven\"" },
        { "run 0", with_token, 2, "", "JOB_ID is \"0\"" },
        { "run -- -7", with_token, 2, "", "JOB_ID is \"-7\"" },
        { "run 99999999999999999999", with_token, 2, "", "JOB_ID is" },
        { "run 7 --token-file %s/nowhere", NULL, 1, "", "The file with the token cannot be opened" },
        { "run 7 --soft-limit 2m --hard-limit 1m", with_token, 2, "", "longer than the hard limit" },
        { "run 7 --api-url ftp://nowhere", with_token, 2, "", "URL" },
        { "serve", NULL, 2, "", "A broker is needed" },
        { "serve -b nonsense", NULL, 2, "", "broker" },
        { "serve -b filesystem:///nowhere --api-url ftp://nowhere", NULL, 2, "", "URL" },
        { "serve -b filesystem:///nowhere -n nobody@here@there", NULL, 2, "", "NAME@HOST" },
        { "serve -b filesystem:///nowhere --result-backend rpc://", NULL, 2, "", "--result-backend must be a redis:// URL" },
        { "serve -b filesystem:///nowhere --device nowhere", NULL, 3, "", "No OpenCL device matches \"nowhere\"" },
        { "submit a", NULL, 2, "", "A token is needed" },
        { "submit %s/nowhere.sigmf-meta", with_token, 1, "", "nowhere.sigmf-meta" },
        { "platform", NULL, 2, "", "--data=DIR" },
        { "platform drop-user --data %s/platform", NULL, 2, "", "add-user NAME" },
        { "platform add-user --data %s/platform", NULL, 2, "", "NAME of the user" },
        { "platform --data %s/platform --listen nonsense", NULL, 2, "", "nonsense" },
        { "renderer", NULL, 2, "", "not by hand" },
        { "render --type nonsense a", NULL, 2, "", "Types: spectrogram" },
        { "render --output= %s/tone.sigmf-meta", NULL, 1, "", "A folder without a name cannot be made." },
        { "render -o %s/out --set sampleRate=1 --set recording=zz %s/tone.npy", NULL, 1, "",
          "There is no recording \"zz\" here, but tone.npy." },
        { "info --set sampleRate=1 --set recording=tone %s/tone.npy", NULL, 0, "format       npy\n", "" },
        { "render -o %s/out nowhere.sigmf-meta", NULL, 1, "", "nowhere.sigmf-meta" },
        { "render -o /proc/nowhere a.sigmf-meta", NULL, 1, "", "The folder nowhere cannot be made: " },
        { "render -o %s/out --set fftSize=3 %s/tone.sigmf-meta", NULL, 1, "", "fftSize" },
        { "render -o %s/out --set fftSize=many %s/tone.sigmf-meta", NULL, 1, "", "fftSize" },
        { "render -o %s/out --set height=+1e400 %s/tone.sigmf-meta", NULL, 1, "",
          "The parameter height is +1e400, but no number may be that large" },
        { "render -o %s/out --set height=1e400 %s/tone.sigmf-meta", NULL, 1, "",
          "The parameter height is 1e400, but no number may be" },
        { "render -o %s/out --device nowhere %s/tone.sigmf-meta", NULL, 3, "", "No OpenCL device matches \"nowhere\"" },
        { "render -o %s/out --device nowhere nowhere.sigmf-meta", NULL, 3, "", "No OpenCL device matches \"nowhere\"" },
        { "render -o %s/out %s/tone.sigmf-meta", no_drivers, 3, "", "pocl" },
        { "info %s/tone.sigmf-meta", no_drivers, 0, "format       sigmf\n", "" },
        { "info %s/hops.sigmf-meta", NULL, 0, "center       100000000 Hz\n             200000000 Hz from sample 30000\nstart ",
          "" },
        { "info --json %s/hops.sigmf-meta", NULL, 0, "\"first_sample\": 30000,\n        \"center_frequency_hz\": 200000000.0", "" },
        { "info --json %s/tone.sigmf-meta", NULL, 0, "\"gap_count\": 0", "" },
        { "info --stats %s/tone.sigmf-meta", NULL, 0, "gap map      ################", "" },
        { "info --stats %s/tone.sigmf-meta", NULL, 0, "judged       The datatype is plausible.\n", "" },
        { "info --stats --json %s/tone.sigmf-meta", NULL, 0, "\"verdict\": \"plausible\"", "" },
        { "info --stats --set sampleRate=1 %s/tone.npy", NULL, 0,
          "judged       The datatype was not examined: the format itself states it.\n", "" },
        { "info --stats --json --set sampleRate=1 %s/tone.npy", NULL, 0, "\"verdict\": \"not_examined\"", "" },
        { "info --stats --set channel=1 %s/tone.sigmf-meta", NULL, 1, "", "channel is 1, but the recording has 1 channel" },
        { "info --stats %s/levels.csv", NULL, 1, "", "--stats is of samples, but what came holds none: it is a table" },
        { "info --stats %s/tone.sigmf-meta", no_drivers, 3, "", "pocl" },
        { "info --set sampleRate=0 %s/tone.sigmf-meta", NULL, 1, "", "sampleRate is 0" },
        { "info --set sampleRate=8 --set centerFrequency=5 %s/tone.sigmf-data", NULL, 0, "center       5 Hz\n", "" },
        { "info %s/nowhere.cu8", NULL, 1, "", "nowhere.cu8" },
        { "info %s/levels.csv", no_drivers, 0, "             2 Level (dBm), 1 cells without a number\n", "" },
        { "info --json %s/levels.csv", NULL, 0, "\"text_cells\": 1", "" },
        { "info --set capture_type=sigmf %s/levels.csv", NULL, 1, "", "levels.csv" },
        { "info %s/nowhere.csv", NULL, 1, "", "nowhere.csv" },
        { "devices", no_drivers, 3, "", "pocl" },
        { "devices --json", no_drivers, 3, "", "pocl" },
        { "devices --device nowhere", NULL, 3, "INDEX", "No OpenCL device matches \"nowhere\"" },
        { "devices", NULL, 0, "* is used: ", "" },
        { "devices --json", NULL, 0, "\"chosen\": true", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct said *said = run_program(rows[i].line, rows[i].variables);
        check_ended(said, rows[i].exit_code);
        if (*rows[i].out)
            check_has(said->out, rows[i].out);
        else
            assert_string_equal(said->out, "");
        if (*rows[i].err)
            check_has(said->err, rows[i].err);
        else
            assert_string_equal(said->err, "");
    }
}

/* Nobody writes to the pipe: whoever waits for its first byte waits forever. */
static void a_pipe_in_place_of_a_file_is_refused(void **state)
{
    (void)state;
    static const char *const endings[] = { "cu8", "sigmf-meta", "sigmf", "zip", "csv", "h5", "npy", "wav", "rh.json", "png" };
    static const char *const commands[] = { "info", "info --stats", "render" };
    for (size_t i = 0; i < ROWS(endings) * ROWS(commands); i++) {
        const char *ending = endings[i / ROWS(commands)];
        char path[PATH_MAX], line[80];
        svi_format(path, sizeof path, "%s/pipe.%s", scratch_folder(), ending);
        svi_format(line, sizeof line, "%s %%s/pipe.%s", commands[i % ROWS(commands)], ending);
        assert_int_equal(mkfifo(path, 0600), 0);
        const struct said *said = run_program(line, NULL);
        assert_int_equal(unlink(path), 0);
        check_ended(said, 1);
        check_has(said->err, "is not a regular file");
    }
}

static void a_full_disk_under_standard_output_is_told(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        execl(SVI_TEST_PROGRAM, "svi-worker", "--help", (char *)NULL);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void causes_are_for_the_verbose(void **state)
{
    (void)state;
    const struct said *said = run_program("render -o %s/out %s/missing.sigmf-meta", NULL);
    assert_null(strstr(said->err, scratch_folder()));
    said = run_program("render --verbose -o %s/out %s/missing.sigmf-meta", NULL);
    check_has(said->err, "cause: ");
    check_has(said->err, scratch_folder());
}

/* ---- render ---- */

static size_t size_of(const char *name)
{
    char path[PATH_MAX];
    struct stat about;
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    return stat(path, &about) == 0 ? (size_t)about.st_size : 0;
}

static const char *results_folder(void)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/out", scratch_folder());
    return path;
}

static void clear_results(void)
{
    struct svi_error err = { 0 };
    check_ok(svi_remove_tree(results_folder(), &err), err);
}

static void render_prints_the_paths_of_what_it_wrote(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("render -t waterfall -o %s/out --save-data --set slices=true %s/tone.sigmf-meta", NULL);
    check_ended(said, 0);
    assert_string_equal(said->err, "");
    char expected[4 * PATH_MAX];
    svi_format(expected, sizeof expected,
               "%s/out/waterfall_slices.json\n%s/out/waterfall.npy\n%s/out/waterfall.png\n%s/out/waterfall.json\n",
               scratch_folder(), scratch_folder(), scratch_folder(), scratch_folder());
    assert_string_equal(said->out, expected);
    assert_true(size_of("out/waterfall.png") > 1000);
    assert_true(size_of("out/waterfall.json") > 100);
    assert_true(size_of("out/waterfall.npy") > 1000);
    assert_int_equal(size_of("out/spectrogram.png"), 0);
}

static void render_draws_every_type_if_none_is_named(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("render -o %s/out --set width=3 --set height=2 %s/tone.sigmf-meta", NULL);
    check_ended(said, 0);
    for (size_t i = 0; svi_render_type(i); i++) {
        char name[80];
        svi_format(name, sizeof name, "out/%s.png", svi_render_type(i));
        check_has(said->out, name);
        assert_true(size_of(name) > 0);
        svi_format(name, sizeof name, "out/%s.npy", svi_render_type(i));
        assert_int_equal(size_of(name), 0);
    }
}

/* Needs what the test before it left. */
static void info_tells_how_a_picture_was_made(void **state)
{
    (void)state;
    const struct said *said = run_program("info %s/out/waterfall.png", NULL);
    check_ended(said, 0);
    assert_string_equal(said->err, "");
    static const char *const lines[] = { "type         waterfall\n", "recording    tone\n",     "size         300 × 200 pixels\n",
                                         "Hz at the left edge of",   "s at the top edge of",    "parameters   fftSize = 1024\n",
                                         "\ndevice       ",          "program      svi-worker " };
    for (size_t i = 0; i < ROWS(lines); i++)
        check_has(said->out, lines[i]);
    said = run_program("info --json %s/out/waterfall.png", NULL);
    json_t *tree = json_loads(said->out, 0, NULL);
    assert_non_null(tree);
    assert_string_equal(json_string_value(json_object_get(json_object_get(tree, "picture"), "type")), "waterfall");
    assert_string_equal(json_string_value(json_object_get(json_object_get(tree, "texts"), "Software")), "svi-worker");
    json_decref(tree);

    char path[PATH_MAX];
    struct svi_error err = { 0 };
    struct svi_buffer png;
    svi_format(path, sizeof path, "%s/out/waterfall.png", scratch_folder());
    check_ok(svi_file_read(&png, path, "it", 1 << 24, &err), err);
    svi_format(path, sizeof path, "%s/out/cut.png", scratch_folder());
    check_ok(svi_file_write(path, (struct svi_bytes){ png.at, png.count - 20 }, &err), err);
    svi_buffer_clear(&png);
    said = run_program("info %s/out/cut.png", NULL);
    check_ended(said, 1);
    check_has(said->err, "The picture cut.png is damaged: it ends ");
}

static json_t *read_summary(const char *name)
{
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/out/%s", scratch_folder(), name);
    json_t *tree = json_load_file(path, 0, NULL);
    assert_non_null(tree);
    return tree;
}

static void sets_reach_the_picture(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("render -t spectrogram -o %s/out --set fftSize=512 --set colormap=viridis --set width=+4 "
                                          "--set vmin=-.5e2 --set vmax=5. --set title=2024 --set frobs=[1,2] %s/tone.sigmf-meta",
                                          NULL);
    check_ended(said, 0);
    check_has(said->err, "frobs is not known");
    json_t *summary = read_summary("spectrogram.json");
    const json_t *parameters = json_object_get(summary, "parameters");
    assert_int_equal(json_integer_value(json_object_get(parameters, "fftSize")), 512);
    assert_string_equal(json_string_value(json_object_get(parameters, "colormap")), "viridis");
    assert_string_equal(json_string_value(json_object_get(parameters, "title")), "2024");
    assert_true(json_number_value(json_object_get(parameters, "vmin")) == -50.0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(summary, "image"), "width")), 400);
    json_decref(summary);
}

static void a_failure_leaves_no_file(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("render -o %s/out --set vmin=5 --set vmax=-5 %s/tone.sigmf-meta", NULL);
    check_ended(said, 1);
    assert_string_equal(said->out, "");
    assert_int_equal(size_of("out/spectrogram.png") + size_of("out/spectrogram.json"), 0);
}

/* What is longer than a file may be is an error like a full disk. */
static void a_limit_of_file_sizes_is_told(void **state)
{
    (void)state;
    struct rlimit usual;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    clear_results();
    const struct said *said = run_program("render -t waterfall -o %s/out --save-data %s/tone.sigmf-meta", NULL);
    check_ended(said, 0);
    const size_t limit = size_of("out/waterfall.npy") / 2;
    clear_results();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ limit, usual.rlim_max }), 0);
    said = run_program("render -t waterfall -o %s/out --save-data %s/tone.sigmf-meta", NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    check_ended(said, 1);
    check_has(said->err, "waterfall.npy cannot be written: File too large.");
    assert_int_equal(rmdir(results_folder()), 0); /* nothing is in it */
}

static void log_lines_are_json_where_asked_for(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("render --log-format json -t waterfall -o %s/out --set frobs=1 %s/tone.sigmf-meta", NULL);
    check_ended(said, 0);
    json_t *line = json_loads(said->err, JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "warning");
    json_decref(line);
    said = run_program("render --quiet -t waterfall -o %s/out --set frobs=1 %s/tone.sigmf-meta", NULL);
    assert_string_equal(said->err, "");
}

/* ---- the platform, and who works for it ---- */

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

/* The list of drivers is a pipe that nobody writes, so the renderer hangs in the OpenCL loader before its first call returns. That
 * the supervisor lives shows that it never loads OpenCL. */
static void a_renderer_that_hangs_costs_its_job_only(void **state)
{
    (void)state;
    static const struct {
        const char *limits;
        int signal; /* to the supervisor, once its renderer runs */
        bool kill_renderer;
        const char *code, *error;
    } rows[] = {
        { "--soft-limit 1 --hard-limit 1", 0, false, "time_limit", "hard time limit of 1 s" },
        { "", SIGTERM, false, "cancelled", "terminated by signal 15" },
        { "", 0, true, "renderer_died", "was killed (signal 9, SIGKILL) while it made the waterfall" },
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
        if (rows[i].kill_renderer)
            assert_int_equal(kill(renderer, SIGKILL), 0);
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

/* The peer takes the connection and never says a word, so the program is known to be waiting, and stays so. */
static void a_token_is_not_seen_from_outside_and_a_signal_ends_the_wait(void **state)
{
    (void)state;
    static const char token[] = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2";
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    char url[80], variable[80];
    svi_format(url, sizeof url, "API_URL=http://127.0.0.1:%d", ntohs(address.sin_port));
    svi_format(variable, sizeof variable, "SVI_TOKEN=%s", token);
    pid_t pid = start_program("run 7 --verbose", (const char *const[]){ url, variable, NULL }, 2);
    int connection = accept(listener, NULL, NULL);
    assert_true(connection >= 0);

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

    assert_int_equal(kill(pid, SIGTERM), 0);
    const struct said *said = end_program(pid, 2);
    assert_int_equal(said->signal, 0);
    assert_int_not_equal(said->exit_code, 0);
    assert_null(strstr(said->err, token));
    close(connection);
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

/* ---- the recording that all of these draw ---- */

static int write_recording(void **state)
{
    (void)state;
    char path[PATH_MAX], cache[PATH_MAX];
    struct svi_error err = { 0 };
    static const char metadata[] =
        "{\"global\": {\"core:datatype\": \"cf32_le\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 1e6},"
        " \"captures\": [{\"core:sample_start\": 0, \"core:frequency\": 1e8}], \"annotations\": []}";
    enum { COUNT = 50000 };
    static float samples[2 * COUNT];
    for (size_t n = 0; n < COUNT; n++) {
        samples[2 * n] = (float)(n % 4 == 0) - (float)(n % 4 == 2);
        samples[2 * n + 1] = (float)(n % 4 == 1) - (float)(n % 4 == 3);
    }
    char array[10 + 118 + 32 * 8] = "\x93NUMPY\x01\0\x76"; /* 118 bytes of header, and 32 samples of silence */
    svi_format(array + 10, 119, "%-117s\n", "{'descr': '<c8', 'fortran_order': False, 'shape': (32,), }");
    svi_format(path, sizeof path, "%s/tone.npy", scratch_folder());
    if (!svi_file_write(path, (struct svi_bytes){ (const uint8_t *)array, sizeof array }, &err))
        return -1;
    svi_format(path, sizeof path, "%s/hops.sigmf-meta", scratch_folder());
    check_ok(svi_file_write(path,
                            svi_bytes_of("{\"global\": {\"core:datatype\": \"cf32_le\", \"core:version\": \"1.0.0\", "
                                         "\"core:sample_rate\": 1e6, \"core:dataset\": \"tone.sigmf-data\"}, \"captures\": "
                                         "[{\"core:sample_start\": 0, \"core:frequency\": 1e8}, "
                                         "{\"core:sample_start\": 30000, \"core:frequency\": 2e8}]}"),
                            &err),
             err);
    svi_format(path, sizeof path, "%s/levels.csv", scratch_folder());
    check_ok(svi_file_write(path, svi_bytes_of("Time (s);Level [dBm]\n0,5;-3\n1,5;loud\n"), &err), err);
    svi_format(path, sizeof path, "%s/tone.sigmf-meta", scratch_folder());
    bool ok = svi_file_write(path, svi_bytes_of(metadata), &err);
    svi_format(path, sizeof path, "%s/tone.sigmf-data", scratch_folder());
    ok = ok && svi_file_write(path, (struct svi_bytes){ (const uint8_t *)samples, sizeof samples }, &err);
    svi_format(cache, sizeof cache, "%s/cache", scratch_folder());
    setenv("SVI_CACHE", cache, 1);
    return ok ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_explains_each_of_its_options),
        cmocka_unit_test(help_fits_a_terminal),
        cmocka_unit_test(the_man_page_has_every_command_and_option),
        cmocka_unit_test(command_lines_end_as_they_should),
        cmocka_unit_test(a_pipe_in_place_of_a_file_is_refused),
        cmocka_unit_test(a_full_disk_under_standard_output_is_told),
        cmocka_unit_test(causes_are_for_the_verbose),
        cmocka_unit_test(render_prints_the_paths_of_what_it_wrote),
        cmocka_unit_test(render_draws_every_type_if_none_is_named),
        cmocka_unit_test(info_tells_how_a_picture_was_made),
        cmocka_unit_test(sets_reach_the_picture),
        cmocka_unit_test(a_failure_leaves_no_file),
        cmocka_unit_test(a_limit_of_file_sizes_is_told),
        cmocka_unit_test(log_lines_are_json_where_asked_for),
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
