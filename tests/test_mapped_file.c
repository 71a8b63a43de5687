/* test_mapped_file - files as bytes: what is refused, and that what was forgotten leaves the memory of the process. */
#include "capture/mapped_file.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static const char *path_of(const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    return path;
}

static void bytes_are_those_of_the_file(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_mapped_file *file;
    struct svi_bytes view;
    check_ok(svi_file_write(path_of("ten"), svi_bytes_of("0123456789"), &err), err);
    check_ok(svi_mapped_file_open(&file, path_of("ten"), "ten", &err), err);
    assert_int_equal(svi_mapped_file_bytes(file).count, 10);
    check_ok(svi_mapped_file_view(file, 3, 7, &view, &err), err);
    assert_int_equal(view.count, 7);
    assert_memory_equal(view.at, "3456789", 7);
    check_ok(svi_mapped_file_view(file, 10, 0, &view, &err), err);
    static const uint64_t outside[][2] = { { 0, 11 }, { 11, 0 }, { 3, UINT64_MAX }, { UINT64_MAX, 3 } };
    for (size_t i = 0; i < ROWS(outside); i++) {
        assert_false(svi_mapped_file_view(file, outside[i][0], outside[i][1], &view, &err));
        assert_int_equal(err.status, SVI_BUG);
        svi_error_clear(&err);
    }
    svi_mapped_file_close(file);
}

static void an_empty_file_is_no_fault(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_mapped_file *file;
    struct svi_bytes view;
    check_ok(svi_file_write(path_of("empty"), svi_bytes_of(""), &err), err);
    check_ok(svi_mapped_file_open(&file, path_of("empty"), "empty", &err), err);
    assert_int_equal(svi_mapped_file_bytes(file).count, 0);
    assert_non_null(svi_mapped_file_bytes(file).at);
    check_ok(svi_mapped_file_view(file, 0, 0, &view, &err), err);
    svi_mapped_file_forget(file, 100);
    svi_mapped_file_close(file);
    svi_mapped_file_close(NULL);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    unlink(path_of("fifo"));
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    static const struct {
        const char *name, *message;
    } rows[] = {
        { "missing", "The file its-label cannot be opened: No such file or directory" },
        { "fifo", "its-label is not a regular file" },
        { ".", "its-label is not a regular file" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        struct svi_mapped_file *file;
        assert_false(svi_mapped_file_open(&file, path_of(rows[i].name), "its-label", &err));
        assert_null(file);
        assert_int_equal(err.status, SVI_IO);
        check_has(err.message, rows[i].message);
        assert_null(strstr(err.message, scratch_folder()));
        check_has(err.cause, path_of(rows[i].name));
    }
}

static void a_file_that_shrinks_is_noticed(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_mapped_file *file;
    struct svi_bytes view;
    check_ok(svi_file_write(path_of("shrinks"), svi_bytes_of("0123456789"), &err), err);
    check_ok(svi_mapped_file_open(&file, path_of("shrinks"), "shrinks", &err), err);
    assert_int_equal(truncate(path_of("shrinks"), 5), 0);
    check_ok(svi_mapped_file_view(file, 0, 5, &view, &err), err);
    assert_false(svi_mapped_file_view(file, 0, 6, &view, &err));
    assert_int_equal(err.status, SVI_IO);
    check_has(err.message, "The file shrinks became shorter");
    svi_mapped_file_close(file);
}

/* Pages of files in the resident set of this process. */
static long resident_file_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    char line[200] = "", *at = line;
    if (!statm || !fgets(line, sizeof line, statm))
        fail_msg("/proc/self/statm cannot be read");
    fclose(statm);
    for (int field = 0; field < 2; field++)
        strtol(at, &at, 10);
    return strtol(at, NULL, 10);
}

static void forgotten_pages_leave_and_can_come_back(void **state)
{
    (void)state;
    enum { BLOCK = 4 << 20, BLOCKS = 32 };
    struct svi_error err = { 0 };
    struct svi_mapped_file *file;
    check_ok(svi_file_write(path_of("large"), svi_bytes_of("begin"), &err), err);
    assert_int_equal(truncate(path_of("large"), (off_t)BLOCK * BLOCKS), 0);
    check_ok(svi_mapped_file_open(&file, path_of("large"), "large", &err), err);
    const volatile uint8_t *bytes = svi_mapped_file_bytes(file).at;
    long page = sysconf(_SC_PAGESIZE), before = resident_file_pages(), most = 0;
    unsigned sum = 0;
    for (long block = 0; block < BLOCKS; block++) {
        for (long i = 0; i < BLOCK; i += page)
            sum += bytes[block * BLOCK + i];
        long now = resident_file_pages() - before;
        most = now > most ? now : most;
        svi_mapped_file_forget(file, (uint64_t)(block + 1) * BLOCK - 1);
    }
    assert_true(most >= BLOCK / page);
    assert_true(most < 3 * BLOCK / page);
    assert_true(resident_file_pages() - before < BLOCK / page);
    assert_memory_equal(svi_mapped_file_bytes(file).at, "begin", 5);
    svi_mapped_file_forget(file, UINT64_MAX);
    assert_memory_equal(svi_mapped_file_bytes(file).at, "begin", 5);
    /* What is viewed again in between is forgotten again. */
    struct svi_bytes view;
    check_ok(svi_mapped_file_view(file, BLOCK + 7, 2 * BLOCK, &view, &err), err);
    for (size_t i = 0; i < view.count; i += (size_t)page)
        sum += view.at[i];
    assert_true(resident_file_pages() - before >= 2 * BLOCK / page);
    assert_int_equal(sum, 'b');
    svi_mapped_file_forget(file, UINT64_MAX);
    assert_true(resident_file_pages() - before < BLOCK / page);
    svi_mapped_file_close(file);
    unlink(path_of("large"));
}

/* Of the page cache, whoever brought them there. */
static size_t cached_pages(const char *path, size_t bytes)
{
    enum { MOST_PAGES = 32768 };
    static unsigned char cached[MOST_PAGES];
    const size_t pages = bytes / (size_t)sysconf(_SC_PAGESIZE);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(fd >= 0 && map != MAP_FAILED && pages <= MOST_PAGES);
    assert_int_equal(mincore(map, bytes, cached), 0);
    munmap(map, bytes);
    close(fd);
    size_t count = 0;
    for (size_t i = 0; i < pages; i++)
        count += cached[i] & 1U;
    return count;
}

/* However far the system likes to read ahead. */
static void short_views_far_apart_read_no_more_than_they_show(void **state)
{
    (void)state;
    enum { SIZE = 64 << 20, RUN_PAGES = 4, RUNS = 4 };
    struct svi_error err = { 0 };
    struct svi_mapped_file *file;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    check_ok(svi_file_write(path_of("far"), svi_bytes_of("begin"), &err), err);
    assert_int_equal(truncate(path_of("far"), SIZE), 0);
    check_ok(svi_mapped_file_open(&file, path_of("far"), "far", &err), err);
    const size_t before = cached_pages(path_of("far"), SIZE);
    unsigned sum = 0;
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct svi_bytes view;
        check_ok(svi_mapped_file_view(file, run * (SIZE / (RUNS + 1)) + 3, RUN_PAGES * page, &view, &err), err);
        for (size_t i = 0; i < view.count; i++)
            sum += view.at[i];
    }
    assert_int_equal(sum, 0);
    const size_t now = cached_pages(path_of("far"), SIZE) - before, least = RUN_PAGES * RUNS;
    assert_true(now >= least);
    assert_true(now <= 3 * least);
    svi_mapped_file_close(file);
    unlink(path_of("far"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_file),
        cmocka_unit_test(an_empty_file_is_no_fault),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(a_file_that_shrinks_is_noticed),
        cmocka_unit_test(forgotten_pages_leave_and_can_come_back),
        cmocka_unit_test(short_views_far_apart_read_no_more_than_they_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
