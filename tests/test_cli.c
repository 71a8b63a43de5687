/* test_cli - the program as a black box: its help, its exit codes, and what it prints where. */
#include "host/options.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "program.h"

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
        const char *operands = svi_commands[command].operands;
        char usage[120]; /* the rest may stand on another line */
        svi_format(usage, sizeof usage, "Usage: svi-worker %s [OPTION]...%s%.*s", svi_commands[command].word, *operands ? " " : "",
                   (int)strcspn(operands, " "), operands);
        check_has(said->out, usage);
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
            if (strcspn(at, "\n") > 79)
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
    static const char *const mistyped[] = { "SVI_DEVCE=nowhere", "SVI_SERVER=x", NULL };
    static const char *const bad_limit[] = { "SVI_SOFT_LIMIT=x", NULL };
    static const struct {
        const char *line;
        const char *const *variables;
        int exit_code;
        const char *out, *err;
    } rows[] = {
        { "--help", NULL, 0, "Commands:", "" },
        { "devices", mistyped, 0,
          "* is used: ", "the variable SVI_DEVCE is not known and was ignored; did you mean SVI_DEVICE?\n" },
        { "--version", NULL, 0, "stb_truetype", "" },
        { "--version", NULL, 0, "\nlibcurl", "" },
        { "", NULL, 2, "", "Which command?" },
        { "rendr", NULL, 2, "", "Did you mean \"render\"?" },
        { "render", NULL, 2, "", "render needs \"FILE...\"." },
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
        { "render -o - %s/tone.sigmf-meta", NULL, 2, "", "cannot go to standard output" },
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
        { "info --set samplerate=8 %s/tone.sigmf-meta", NULL, 0, "rate         1000000 Hz\n",
          "the parameter samplerate is not known and was ignored; did you mean sampleRate?\n" },
        { "info --set sampleRate=0 %s/tone.sigmf-meta", NULL, 1, "", "sampleRate is 0" },
        { "info --set sampleRate=8 --set centerFrequency=5 %s/tone.sigmf-data", NULL, 0, "center       5 Hz\n", "" },
        { "info --set centerFrequency=10368123456.789 %s/tone.sigmf-data", NULL, 0, "center       10368123456.789 Hz\n", "" },
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
    };
    return cmocka_run_group_tests(tests, write_recording, NULL);
}
