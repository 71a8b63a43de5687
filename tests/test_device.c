/* test_device - the choice of a device from made-up rows, the real list, and the cache of programs. */
#include "base/file.h"
#include "device/device.h"
#include "device/launch.h"
#include "device/program.h"

#include <dirent.h>
#include <unistd.h>

#include "check.h"

static const struct svi_device_info made_up[] = {
    { .index = 0, .type = SVI_DEVICE_CPU, .name = "pthread-znver4", .compute_units = 64, .clock_mhz = 5000 },
    { .index = 1, .type = SVI_DEVICE_GPU, .name = "Small GPU", .compute_units = 10, .clock_mhz = 1000 },
    { .index = 2, .type = SVI_DEVICE_GPU, .name = "Big GPU", .compute_units = 100, .clock_mhz = 1500 },
    { .index = 3, .type = SVI_DEVICE_ACCELERATOR, .name = "FPGA", .compute_units = 1, .clock_mhz = 300 },
};

static void the_best_or_the_wanted_device_is_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *wish;
        size_t count, chosen;
        const char *why;
    } rows[] = {
        { NULL, 4, 2, "100 units × 1500 MHz" },
        { "", 4, 2, "a GPU goes before an accelerator before a CPU" },
        { NULL, 1, 0, "the only one there is" },
        { "cpu", 4, 0, "the only one that matches \"cpu\"" },
        { "CPU", 4, 0, "matches" },
        { "gpu", 4, 2, "type gpu that matches \"gpu\"" },
        { "accelerator", 4, 3, "matches" },
        { "1", 4, 1, "matches \"1\"" },
        { "small", 4, 1, "matches \"small\"" },
        { "ZNVER", 4, 0, "matches" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        size_t chosen = 99;
        char why[256];
        check_ok(svi_device_choose(made_up, rows[i].count, rows[i].wish, &chosen, why, sizeof why, &err), err);
        assert_int_equal(chosen, rows[i].chosen);
        check_has(why, rows[i].why);
    }
}

static void no_match_names_what_there_is(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    size_t chosen;
    char why[256];
    assert_false(svi_device_choose(made_up, 4, "7", &chosen, why, sizeof why, &err));
    assert_int_equal(err.status, SVI_NO_DEVICE);
    assert_int_equal(svi_status_exit_code(err.status), 3);
    check_has(err.message, "2: Big GPU (gpu)");
    svi_error_clear(&err);
    assert_false(svi_device_choose(made_up, 0, NULL, &chosen, why, sizeof why, &err));
    check_has(err.message, "pocl-opencl-icd");
}

static void the_list_has_the_device_that_is_opened(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_device_info *list;
    size_t count;
    struct svi_device *device;
    check_ok(svi_device_list(&list, &count, &err), err);
    check_ok(svi_device_open(&device, NULL, NULL, &err), err);
    assert_true(count > 0);
    assert_in_range(svi_device_about(device)->index, 0, count - 1);
    assert_string_equal(list[svi_device_about(device)->index].name, svi_device_about(device)->name);
    assert_true(svi_device_why(device)[0]);
    svi_device_close(device);
    free(list);
    assert_int_equal(svi_device_live_objects(), 0);
}

static void a_device_that_is_opened_beside_is_the_same_and_fails_alike(void **state)
{
    (void)state;
    struct svi_error err = { 0 }, beside_err = { 0 };
    struct svi_device *device, *beside;
    check_ok(svi_device_open(&device, NULL, NULL, &err), err);
    check_ok(svi_device_open_beside(&beside, NULL, NULL, &err), err);
    check_ok(svi_device_ready(beside, &err), err);
    check_ok(svi_device_ready(beside, &err), err);
    assert_string_equal(svi_device_about(beside)->name, svi_device_about(device)->name);
    assert_string_equal(svi_device_why(beside), svi_device_why(device));
    svi_device_close(beside);
    svi_device_close(device);

    check_ok(svi_device_open_beside(&beside, NULL, NULL, &err), err);
    svi_device_close(beside); /* before anybody knows whether it is open */

    assert_false(svi_device_open(&device, "no such device", NULL, &err));
    check_ok(svi_device_open_beside(&beside, "no such device", NULL, &beside_err), beside_err);
    assert_false(svi_device_ready(beside, &beside_err));
    assert_int_equal(beside_err.status, SVI_NO_DEVICE);
    assert_string_equal(beside_err.message, err.message);
    svi_device_close(beside);
    assert_int_equal(svi_device_live_objects(), 0);
}

/* Opens the device with the cache, builds one kernel, and tells how many programs were compiled for it. */
static unsigned compiled_with(const char *cache)
{
    struct svi_error err = { 0 };
    struct svi_device *device;
    cl_kernel kernel;
    check_ok(svi_device_open(&device, NULL, cache, &err), err);
    check_ok(svi_program_kernel(device, "value_range", &(const struct svi_variant){ 0 }, &kernel, &err), err);
    unsigned compiled = svi_programs_compiled(svi_device_programs(device));
    check_ok(svi_program_kernel(device, "value_range", &(const struct svi_variant){ 0 }, &kernel, &err), err);
    assert_int_equal(svi_programs_compiled(svi_device_programs(device)), compiled);
    svi_device_close(device);
    assert_int_equal(svi_device_live_objects(), 0);
    return compiled;
}

/* The one entry of the cache. */
static void entry_of(const char *cache, char *path, size_t size)
{
    char folder[600];
    snprintf(folder, sizeof folder, "%s/programs", cache);
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(listing));)
        if (entry->d_name[0] != '.') {
            snprintf(path, size, "%s/%s", folder, entry->d_name);
            count++;
        }
    closedir(listing);
    assert_int_equal(count, 1);
}

static void programs_are_kept_and_a_bad_entry_means_build_again(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char cache[512], path[1200];
    snprintf(cache, sizeof cache, "%s/cache", scratch_folder());
    check_ok(svi_remove_tree(cache, &err), err);
    assert_int_equal(compiled_with(cache), 1);
    assert_int_equal(compiled_with(cache), 0);
    assert_int_equal(compiled_with(NULL), 1);
    entry_of(cache, path, sizeof path);

    struct svi_buffer good;
    check_ok(svi_file_read(&good, path, "entry", 64 << 20, &err), err);
    const size_t places[] = { 0, 20, good.count / 2, good.count - 1 };
    for (size_t i = 0; i < ROWS(places); i++) {
        good.at[places[i]] ^= 0x40;
        check_ok(svi_file_write(path, (struct svi_bytes){ good.at, good.count }, &err), err);
        good.at[places[i]] ^= 0x40;
        assert_int_equal(compiled_with(cache), 1);
        assert_int_equal(compiled_with(cache), 0);
    }
    check_ok(svi_file_write(path, (struct svi_bytes){ good.at, good.count / 3 }, &err), err);
    assert_int_equal(compiled_with(cache), 1);
    check_ok(svi_file_write(path, (struct svi_bytes){ NULL, 0 }, &err), err);
    assert_int_equal(compiled_with(cache), 1);
    svi_buffer_clear(&good);

    assert_int_equal(compiled_with("/proc/no/such/folder"), 1);
}

static void what_is_expected_is_made_before_it_is_launched(void **state)
{
    (void)state;
    const struct svi_variant plain = { 0 };
    struct svi_error err = { 0 };
    struct svi_device *device;
    cl_kernel kernel;
    check_ok(svi_device_open(&device, NULL, NULL, &err), err);
    const struct svi_programs *programs = svi_device_programs(device);
    assert_false(svi_program_prepare(device));
    for (int twice = 0; twice < 2; twice++)
        svi_program_expect(device, "value_range", &plain);
    assert_int_equal(svi_programs_compiled(programs), 0);
    assert_true(svi_program_prepare(device));
    assert_int_equal(svi_programs_compiled(programs), 1);
    assert_false(svi_program_prepare(device));
    check_ok(svi_program_kernel(device, "value_range", &plain, &kernel, &err), err);
    assert_int_equal(svi_programs_compiled(programs), 1);

    svi_program_expect(device, "value_range", &plain);
    assert_true(svi_program_prepare(device));
    assert_int_equal(svi_programs_compiled(programs), 1);

    /* Whoever launches it hears of it. */
    svi_program_expect(device, "no_such_kernel", &plain);
    assert_true(svi_program_prepare(device));
    assert_false(svi_program_kernel(device, "no_such_kernel", &plain, &kernel, &err));
    check_has(err.message, "no_such_kernel");

    /* More than anybody expects: the others are made when they are launched. */
    static char names[100][8];
    for (size_t i = 0; i < 100; i++) {
        svi_format(names[i], sizeof names[i], "none%zu", i);
        svi_program_expect(device, names[i], &plain);
    }
    size_t made = 0;
    while (svi_program_prepare(device))
        made++;
    assert_in_range(made, 1, 99);
    svi_device_close(device);
    assert_int_equal(svi_device_live_objects(), 0);
}

static void a_launch_checks_its_arguments(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_device *device;
    const size_t global[2] = { 1, 1 };
    check_ok(svi_device_open(&device, NULL, NULL, &err), err);
    assert_false(svi_launch(device, "value_range", global, &err, SVI_U32(1)));
    assert_int_equal(err.status, SVI_BUG);
    check_has(err.message, "value_range takes 3 arguments, not 1");
    svi_error_clear(&err);
    assert_false(svi_launch(device, "no_such_kernel", global, &err, SVI_U32(1)));
    check_has(err.message, "no_such_kernel");
    svi_device_close(device);
    assert_int_equal(svi_device_live_objects(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_or_the_wanted_device_is_chosen),
        cmocka_unit_test(no_match_names_what_there_is),
        cmocka_unit_test(the_list_has_the_device_that_is_opened),
        cmocka_unit_test(a_device_that_is_opened_beside_is_the_same_and_fails_alike),
        cmocka_unit_test(programs_are_kept_and_a_bad_entry_means_build_again),
        cmocka_unit_test(what_is_expected_is_made_before_it_is_launched),
        cmocka_unit_test(a_launch_checks_its_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
