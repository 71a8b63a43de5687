/* test_peak_memory - what the program holds at most does not grow with the recording, and stays below its ceiling. */
#include "program.h"

#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "check.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

enum { CEILING_KIB = 256 << 10, MEBIBYTE = 1 << 20, LENGTHS = 3 };

/* Bytes that take no room on disk; they are read like any other. */
static void write_recording(const char *name, size_t mebibytes)
{
    struct svi_error err = { 0 };
    char path[600];
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    check_ok(svi_file_write(path, svi_bytes_of(""), &err), err);
    assert_int_equal(truncate(path, (off_t)mebibytes * MEBIBYTE), 0);
}

static long peak_kib_of(const char *types, const char *name)
{
    char line[400];
    svi_format(line, sizeof line, "render --quiet %s -o %%s/out %%s/%s", types, name);
    const struct said *said = run_program(line, NULL);
    check_ended(said, 0);
    return said->peak_kib;
}

/* Where a recording is longer than two blocks, nothing depends on how long it is. The first run builds programs, or loads what
 * others built: a compiler's memory is no part of this. */
static void a_long_recording_takes_no_more_than_a_short_one(void **state)
{
    (void)state;
    static const struct {
        const char *types;
        size_t mebibytes[LENGTHS];
        double most_ratio;
    } rows[] = {
        { "--type waterfall", { 32, 200, 1000 }, 1.05 },
        { "--type waterfall --type spectrogram --type heatmap --type scatterplot --type periodogram", { 32, 64, 300 }, 1.15 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        long least_kib = 0, most_kib = 0;
        for (size_t length = 0; length < LENGTHS; length++) {
            const char *name = "sparse_100M_1000k.cs16";
            write_recording(name, rows[i].mebibytes[length]);
            peak_kib_of(rows[i].types, name);
            const long peak_kib = peak_kib_of(rows[i].types, name);
            least_kib = !length || peak_kib < least_kib ? peak_kib : least_kib;
            most_kib = peak_kib > most_kib ? peak_kib : most_kib;
            print_message("%zu MiB, %s: %ld KiB\n", rows[i].mebibytes[length], rows[i].types, peak_kib);
        }
        assert_true(most_kib <= CEILING_KIB);
        assert_true((double)most_kib <= rows[i].most_ratio * (double)least_kib);
    }
}

static void remove_recording(void)
{
    char path[600];
    svi_format(path, sizeof path, "%s/sparse_100M_1000k.cs16", scratch_folder());
    unlink(path);
}

int main(void)
{
    if (SANITIZED) {
        print_message("SKIP: a sanitizer holds memory of its own.\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_recording_takes_no_more_than_a_short_one),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_recording();
    return failed;
}
