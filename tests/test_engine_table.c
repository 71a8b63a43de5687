/* test_engine_table - which engine transforms: what was measured, else what is shipped; and what the bench's rows come to. */
#include "device/engine_table.h"

#include "base/file.h"
#include "host/tune.h"

#include <stdio.h>

#include "check.h"

static const struct svi_device_info pocl = { .platform = "Portable Computing Language", .name = "pthread", .driver = "3.1" };
static const struct svi_device_info card = { .platform = "NVIDIA CUDA", .name = "H\xff", .driver = "550.1" };
static const struct svi_device_info newer = { .platform = "NVIDIA CUDA", .name = "H\xff", .driver = "560.2" };

static const char *folder_of(const char *name)
{
    static char folder[512];
    struct svi_error err = { 0 };
    snprintf(folder, sizeof folder, "%s/%s", scratch_folder(), name);
    check_ok(svi_remove_tree(folder, &err), err);
    return folder;
}

static const char *engine_on(const char *folder, const struct svi_device_info *about, uint32_t length)
{
    struct svi_engine_table table;
    svi_engine_table_read(&table, folder, about);
    return svi_engine_for(&table, about, length);
}

static void what_is_shipped_counts_where_nothing_was_measured(void **state)
{
    (void)state;
    static const struct svi_device_info other = { .platform = "Somebody's OpenCL", .name = "Card" };
    const struct svi_device_info *const devices[] = { &pocl, &card, &other };
    const char *folders[] = { "", folder_of("nothing") };
    for (size_t f = 0; f < ROWS(folders); f++)
        for (size_t d = 0; d < ROWS(devices); d++) {
            assert_string_equal(engine_on(folders[f], devices[d], 16), "fused");
            assert_string_equal(engine_on(folders[f], devices[d], 16384), "fused");
            assert_string_equal(engine_on(folders[f], devices[d], 32768), "clfft");
        }
}

static void each_device_and_driver_has_what_was_measured_on_it(void **state)
{
    (void)state;
    static const struct svi_engine_table first = { 2, { { 256, "clfft" }, { 1024, "fused" } } };
    static const struct svi_engine_table second = { 2, { { 512, "clfft" }, { 1024, "clfft" } } };
    const char *folder = folder_of("measured/deeper");
    struct svi_error err = { 0 };
    check_ok(svi_engine_table_write(&first, folder, &pocl, &err), err);
    check_ok(svi_engine_table_write(&second, folder, &card, &err), err);
    assert_string_equal(engine_on(folder, &pocl, 256), "clfft");
    assert_string_equal(engine_on(folder, &pocl, 512), "fused");
    assert_string_equal(engine_on(folder, &pocl, 1024), "fused");
    assert_string_equal(engine_on(folder, &card, 256), "fused");
    assert_string_equal(engine_on(folder, &card, 512), "clfft");
    assert_string_equal(engine_on(folder, &card, 1024), "clfft");
    assert_string_equal(engine_on(folder, &newer, 1024), "fused");
    /* Measured again: nothing of the last time stays. */
    check_ok(svi_engine_table_write(&second, folder, &pocl, &err), err);
    assert_string_equal(engine_on(folder, &pocl, 256), "fused");
    assert_string_equal(engine_on(folder, &pocl, 512), "clfft");
    assert_string_equal(engine_on(folder, &card, 512), "clfft");
    assert_false(svi_engine_table_write(&second, "", &pocl, &err));
    assert_int_equal(err.status, SVI_BAD_USAGE);
}

/* A bad table is as none, and is written anew. */
static void a_bad_table_is_ignored(void **state)
{
    (void)state;
#define HEAD "{\"schema\": \"svi-worker.stft-engines/1\", \"devices\": "
#define KEY  "\"platform\": \"Portable Computing Language\", \"device\": \"pthread\", \"driver\": \"3.1\""
    static const struct {
        const char *text, *engine; /* of 1024 */
    } rows[] = {
        { HEAD "[{" KEY ", \"engines\": {\"1024\": \"clfft\"}}]}", "clfft" },
        { HEAD "[7, null, {" KEY ", \"engines\": {\"x\": \"clfft\", \"512\": 3, \"1024\": \"clfft\"}}]}", "clfft" },
        { HEAD "[{" KEY ", \"engines\": {\"1024\": \"vkfft\"}}]}", "fused" },
        { HEAD "[{" KEY ", \"engines\": {\"1024 \": \"clfft\", \"-1024\": \"clfft\", \"99999999999\": \"clfft\"}}]}", "fused" },
        { HEAD "[{" KEY ", \"engines\": [\"clfft\"]}]}", "fused" },
        { HEAD "[{" KEY "}]}", "fused" },
        { HEAD "[{\"engines\": {\"1024\": \"clfft\"}}]}", "fused" },
        { HEAD "{\"1024\": \"clfft\"}}", "fused" },
        { HEAD "[", "fused" },
        { "{\"schema\": \"svi-worker.stft-engines/2\", \"devices\": [{" KEY ", \"engines\": {\"1024\": \"clfft\"}}]}", "fused" },
        { "[]", "fused" },
        { "", "fused" },
        { "\xff\xfe", "fused" },
    };
    static const struct svi_engine_table measured = { 1, { { 1024, "clfft" } } };
    const char *folder = folder_of("bad");
    char path[600];
    struct svi_error err = { 0 };
    check_ok(svi_make_folders(folder, SVI_FOLDER_PRIVATE, &err), err);
    snprintf(path, sizeof path, "%s/stft-engines.json", folder);
    for (size_t i = 0; i < ROWS(rows); i++) {
        check_ok(svi_file_write(path, svi_bytes_of(rows[i].text), &err), err);
        const char *engine = engine_on(folder, &pocl, 1024);
        if (strcmp(engine, rows[i].engine) != 0)
            fail_msg("%s: %s, not %s", rows[i].text, engine, rows[i].engine);
        check_ok(svi_engine_table_write(&measured, folder, &pocl, &err), err);
        assert_string_equal(engine_on(folder, &pocl, 1024), "clfft");
    }
}

static void the_faster_engine_of_each_length_is_taken(void **state)
{
    (void)state;
    static const char text[] = "[{\"name\": \"stft 256\", \"engine\": \"fused\", \"seconds\": 1.0}, {\"name\": \"stft 256\", "
                               "\"engine\": \"clfft\", \"seconds\": 2.0},"
                               " {\"name\": \"stft 256\", \"engine\": \"fused\", \"seconds\": 4.0}, {\"name\": \"stft 256\", "
                               "\"engine\": \"clfft\", \"seconds\": 2.5},"
                               " {\"name\": \"stft 512\", \"engine\": \"fused\", \"seconds\": 1.0}, {\"name\": \"stft 512\", "
                               "\"engine\": \"clfft\", \"seconds\": 1.1},"
                               " {\"name\": \"stft 1024\", \"engine\": \"clfft\", \"seconds\": 1.0}, {\"name\": \"waterfall\", "
                               "\"engine\": \"fused\", \"seconds\": 9},"
                               " {\"name\": \"stft 2048\", \"engine\": \"fused\", \"seconds\": 1.0}, {}]";
    json_t *rows = json_loads(text, 0, NULL);
    assert_non_null(rows);
    struct svi_engine_table table;
    svi_tune(&table, rows);
    json_decref(rows);
    assert_int_equal(table.count, 2);
    assert_int_equal(table.choices[0].length, 256);
    assert_string_equal(table.choices[0].engine, "clfft");
    assert_int_equal(table.choices[1].length, 512);
    assert_string_equal(table.choices[1].engine, "fused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shipped_counts_where_nothing_was_measured),
        cmocka_unit_test(each_device_and_driver_has_what_was_measured_on_it),
        cmocka_unit_test(a_bad_table_is_ignored),
        cmocka_unit_test(the_faster_engine_of_each_length_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
