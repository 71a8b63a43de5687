/* test_device_survey - which devices are chosen from what `svi-worker devices --json` says; this very program says it here. */
#include "host/device_survey.h"

#include <signal.h>
#include <unistd.h>

#include "check.h"

#define DEVICE(index, type) "{\"index\": " #index ", \"type\": \"" type "\"}"
#define LIST(devices)       "{\"devices\": [" devices "]}"

static int answer(int argc, char **argv)
{
    const char *text = getenv("SVI_TEST_ANSWER");
    const bool wished = argc == 8 && !strcmp(argv[6], "--device") && !strcmp(argv[7], "gpu");
    if ((argc != 6 && !wished) || strcmp(argv[2], "--json") != 0 || strcmp(argv[3], "--quiet") != 0
        || strcmp(argv[4], "--cache") != 0 || strcmp(argv[5], "/some/cache") != 0)
        return 1;
    if (!strcmp(text, "dies"))
        raise(SIGKILL);
    if (!strcmp(text, "endless"))
        for (;;)
            fputs("0123456789", stdout);
    fputs(text, stdout);
    return !strcmp(text, "fails") ? 3 : 0;
}

static void gpus_are_chosen_before_all_others(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        unsigned indices[4];
        size_t count;
    } rows[] = {
        { LIST(DEVICE(0, "CPU")), { 0 }, 1 },
        { LIST(DEVICE(0, "CPU") "," DEVICE(1, "GPU")), { 1 }, 1 },
        { LIST(DEVICE(0, "GPU") "," DEVICE(1, "CPU") "," DEVICE(2, "gpu")), { 0, 2 }, 2 },
        { LIST(DEVICE(0, "CPU") "," DEVICE(1, "accelerator")), { 0, 1 }, 2 },
        { LIST(DEVICE(0, "GPU") "," DEVICE(1, "GPU") "," DEVICE(2, "GPU") "," DEVICE(3, "GPU") "," DEVICE(4, "GPU")),
          { 0, 1, 2, 3 },
          4 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        unsigned indices[4] = { 99, 99, 99, 99 };
        size_t count = 0;
        struct svi_error err = { 0 };
        setenv("SVI_TEST_ANSWER", rows[i].says, 1);
        check_ok(svi_device_survey(i % 2 ? "gpu" : NULL, "/some/cache", indices, ROWS(indices), &count, &err), err);
        assert_int_equal(count, rows[i].count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(indices[k], rows[i].indices[k]);
    }
}

static void no_answer_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        enum svi_status status;
    } rows[] = {
        { LIST(""), SVI_NO_DEVICE },    { "fails", SVI_NO_DEVICE },   { "dies", SVI_NO_DEVICE }, { "", SVI_BUG },
        { "{\"devices\": [", SVI_BUG }, { "endless", SVI_NO_DEVICE },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        unsigned indices[4];
        size_t count = 0;
        struct svi_error err = { 0 };
        setenv("SVI_TEST_ANSWER", rows[i].says, 1);
        assert_false(svi_device_survey(NULL, "/some/cache", indices, ROWS(indices), &count, &err));
        if (err.status != rows[i].status)
            fail_msg("row %zu: %s: %s", i, svi_status_code(err.status), err.message);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "devices"))
        return answer(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpus_are_chosen_before_all_others),
        cmocka_unit_test(no_answer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
