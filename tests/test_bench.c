/* test_bench - the bench measures what it says, in a table and in JSON, and compares two measurements. No time is asserted. */
#include "host/bench.h"

#include <jansson.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "program.h"

static void rows_are_measured(void **state)
{
    (void)state;
    const struct said *said = run_program("bench --samples 8192 --rounds 1 --json --work %s/work --quiet", NULL);
    check_ended(said, 0);
    json_t *tree = json_loads(said->out, 0, NULL);
    assert_non_null(tree);
    const json_t *rows = json_object_get(tree, "rows"), *row;
    size_t i, transforms = 0, pictures = 0;
    json_array_foreach(rows, i, row)
    {
        const bool transform = json_integer_value(json_object_get(row, "bins")) > 0;
        assert_true(json_number_value(json_object_get(row, "seconds")) > 0);
        assert_int_equal(json_integer_value(json_object_get(row, "samples")), 8192);
        /* (8192 - 256) / 128 + 1 slices of 256 bins. */
        if (transform)
            assert_int_equal(json_integer_value(json_object_get(row, "bins")), 63 * 256);
        transforms += transform;
        pictures += !transform;
    }
    assert_in_range(transforms, 2, 4);
    assert_int_equal(pictures, 7);

    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/measured.json", scratch_folder());
    assert_int_equal(json_dump_file(tree, path, 0), 0);
    json_decref(tree);
    said = run_program("bench --compare %s/measured.json %s/measured.json", NULL);
    check_ended(said, 0);
    check_has(said->out, "four in one pass");
    check_has(said->out, "   1.00\n");
}

static void engines_are_chosen_by_what_was_measured(void **state)
{
    (void)state;
    const struct said *said = run_program("bench --tune --samples 1024 --rounds 1 --json --work %s/work --cache %s/tuned --quiet",
                                          NULL);
    check_ended(said, 0);
    json_t *rows = json_loads(said->out, 0, NULL);
    /* 16 and 32: of longer slices there are too few. Two engines, two datatypes. */
    assert_int_equal(json_array_size(json_object_get(rows, "rows")), 2 * 2 * 2);
    json_decref(rows);
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/tuned/stft-engines.json", scratch_folder());
    json_t *kept = json_load_file(path, 0, NULL);
    const json_t *devices = json_object_get(kept, "devices");
    assert_int_equal(json_array_size(devices), 1);
    assert_int_equal(json_object_size(json_object_get(json_array_get(devices, 0), "engines")), 2);
    json_decref(kept);
}

static void some_rows_are_measured_alone(void **state)
{
    (void)state;
    static const struct {
        const char *only;
        size_t rows;
    } cases[] = { { "periodogram", 1 }, { "four", 2 }, { "cf32_le", 3 }, { "clfft", 2 } };
    for (size_t i = 0; i < ROWS(cases); i++) {
        char line[200];
        svi_format(line, sizeof line, "bench --samples 8192 --rounds 1 --json --only %s --work %%s/work --quiet", cases[i].only);
        const struct said *said = run_program(line, NULL);
        check_ended(said, 0);
        json_t *tree = json_loads(said->out, 0, NULL);
        assert_int_equal(json_array_size(json_object_get(tree, "rows")), cases[i].rows);
        json_decref(tree);
    }
}

static void bad_usage_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
        int exit_code;
    } rows[] = {
        { "bench %s/measured.json", "takes no files", 2 },
        { "bench --compare", "two that bench --json has written", 2 },
        { "bench --compare /nowhere/a /nowhere/b", "a is not what bench --json has written", 1 },
        { "bench --samples 4096 --only nothing", "There is no row with \"nothing\" in its name", 2 },
        { "bench --samples 3", "1024", 2 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct said *said = run_program(rows[i].line, NULL);
        check_ended(said, rows[i].exit_code);
        check_has(said->err, rows[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_measured),
        cmocka_unit_test(engines_are_chosen_by_what_was_measured),
        cmocka_unit_test(some_rows_are_measured_alone),
        cmocka_unit_test(bad_usage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
