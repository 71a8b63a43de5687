/* test_cli_render - local recordings drawn by the program: what it prints, and what it leaves in folders. */
#include "visual/render.h"

#include <jansson.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "program.h"

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
    /* As many digits as tell pixels of a narrow band apart. */
    check_ended(run_program("render --type waterfall -o %s/narrow --set width=3 --set height=2 --set sampleRate=1 "
                            "--set centerFrequency=10368123456.789 %s/tone.sigmf-meta",
                            NULL),
                0);
    check_has(run_program("info %s/narrow/waterfall.png", NULL)->out, "frequency, 10368123456.2885 Hz at the left edge of");
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
    check_has(said->err, "frobs is not known and was ignored\n");
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

static void a_table_is_drawn_without_a_word_about_types_of_samples(void **state)
{
    (void)state;
    clear_results();
    const struct said *said = run_program("render -o %s/out %s/numbers.csv", NULL);
    check_ended(said, 0);
    assert_string_equal(said->err, "");
    check_has(said->out, "out/heatmap.png\n");
    check_has(said->out, "out/scatterplot.png\n");
    assert_null(strstr(said->out, "spectrogram"));
}

/* Before the work, and not after it. The last test: root may write everywhere, unless it gives that up for good. */
static void a_folder_that_cannot_be_written_is_told_at_once(void **state)
{
    (void)state;
    prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    char path[PATH_MAX];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s/locked", scratch_folder());
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    assert_int_equal(chmod(path, 0500), 0);
    const struct said *said = run_program("render -o %s/locked %s/tone.sigmf-meta", NULL);
    check_ended(said, 1);
    assert_string_equal(said->err, "svi-worker: The folder locked cannot be written: Permission denied.\n");
    assert_int_equal(chmod(path, 0700), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(render_prints_the_paths_of_what_it_wrote),
        cmocka_unit_test(render_draws_every_type_if_none_is_named),
        cmocka_unit_test(info_tells_how_a_picture_was_made),
        cmocka_unit_test(sets_reach_the_picture),
        cmocka_unit_test(a_failure_leaves_no_file),
        cmocka_unit_test(a_limit_of_file_sizes_is_told),
        cmocka_unit_test(log_lines_are_json_where_asked_for),
        cmocka_unit_test(a_table_is_drawn_without_a_word_about_types_of_samples),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, write_recording, NULL);
}
