/* test_drf_many - a Digital RF capture of 2,000 files: the kernel's own counters say how much of it is read, and how many files are
 * open. */
#include "base/file.h"
#include "capture/capture.h"

#include <dirent.h>
#include <hdf5.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { FILES = 2000, ROWS_OF_FILE = 1 << 15, FILES_OF_FOLDER = 500, INDEX_CHUNK = 100 };

static const uint64_t first_second = 1700000000, bytes_of_file = ROWS_OF_FILE * 4;

static const char *capture_path(const char *below)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/many%s%s", scratch_folder(), *below ? "/" : "", below);
    return path;
}

/* ---- making ---- */

static void add_attribute(hid_t object, const char *name, hid_t type, hid_t native, const void *value)
{
    hid_t scalar = H5Screate(H5S_SCALAR), attribute = H5Acreate2(object, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, native, value) >= 0);
    H5Aclose(attribute);
    H5Sclose(scalar);
}

static void add_properties(hid_t object)
{
    static const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        { "subdir_cadence_secs", FILES_OF_FOLDER },
        { "file_cadence_millisecs", 1000 },
        { "sample_rate_numerator", ROWS_OF_FILE },
        { "sample_rate_denominator", 1 },
        { "is_complex", 1 },
        { "num_subchannels", 1 },
    };
    for (size_t i = 0; i < ROWS(numbers); i++)
        add_attribute(object, numbers[i].name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &numbers[i].value);
}

/* Samples that are never written are zeros, and take no room on the disk; they are read like others. */
static hid_t create_samples(hid_t file, hid_t type)
{
    hid_t space = H5Screate_simple(2, (const hsize_t[]){ ROWS_OF_FILE, 1 }, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    hid_t set = H5Dcreate2(file, "rf_data", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Pclose(creation);
    H5Sclose(space);
    return set;
}

static void write_index(hid_t file, uint64_t first)
{
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, (const hsize_t[]){ 1, 2 }, (const hsize_t[]){ H5S_UNLIMITED, 2 });
    H5Pset_chunk(creation, 2, (const hsize_t[]){ INDEX_CHUNK, 2 });
    hid_t set = H5Dcreate2(file, "rf_data_index", H5T_STD_U64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, (const uint64_t[]){ first, 0 }) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(creation);
}

/* The first sample of each file is (its number, 1). */
static void write_file(const char *path, hid_t type, int number)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    hid_t set = create_samples(file, type), space = H5Dget_space(set), one = H5Screate_simple(1, (const hsize_t[]){ 1 }, NULL);
    H5Sselect_elements(space, H5S_SELECT_SET, 1, (const hsize_t[]){ 0, 0 });
    assert_true(H5Dwrite(set, type, one, space, H5P_DEFAULT, (const int16_t[]){ (int16_t)number, 1 }) >= 0);
    add_properties(set);
    add_attribute(set, "is_continuous", H5T_STD_I32LE, H5T_NATIVE_INT, &(int){ 1 });
    H5Sclose(one);
    H5Sclose(space);
    H5Dclose(set);
    write_index(file, (first_second + (uint64_t)number) * ROWS_OF_FILE);
    H5Fclose(file);
}

static int write_capture(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    char path[PATH_MAX];
    hid_t type = H5Tcreate(H5T_COMPOUND, 4);
    H5Tinsert(type, "r", 0, H5T_STD_I16LE);
    H5Tinsert(type, "i", 2, H5T_STD_I16LE);
    check_ok(svi_remove_tree(capture_path(""), &err), err);
    for (int i = 0; i < FILES; i++) {
        /* One second after another, since 2023-11-14T22:13:20Z. */
        const int folder = i / FILES_OF_FOLDER, minutes = 13 + (20 + folder * FILES_OF_FOLDER) / 60;
        svi_format(path, sizeof path, "%s/2023-11-14T22-%02d-%02d", capture_path(""), minutes,
                   (20 + folder * FILES_OF_FOLDER) % 60);
        if (i % FILES_OF_FOLDER == 0)
            check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
        const size_t end = strlen(path);
        svi_format(path + end, sizeof path - end, "/rf@%" PRIu64 ".000.h5", first_second + (uint64_t)i);
        write_file(path, type, i);
    }
    H5Tclose(type);
    hid_t properties = H5Fcreate(capture_path("drf_properties.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    add_properties(properties);
    H5Fclose(properties);
    return 0;
}

static int remove_capture(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    return svi_remove_tree(capture_path(""), &err) ? 0 : 1;
}

/* ---- counting ---- */

/* What this process has asked the kernel to read so far. */
static uint64_t bytes_read(void)
{
    char text[400];
    FILE *file = fopen("/proc/self/io", "r");
    if (!file) {
        print_message("skipped: this system does not count what a process reads (/proc/self/io)\n");
        skip();
    }
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    assert_memory_equal(text, "rchar: ", 7);
    return strtoull(text + 7, NULL, 10);
}

static size_t open_files(void)
{
    size_t count = 0;
    DIR *list = opendir("/proc/self/fd");
    assert_non_null(list);
    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

static struct svi_capture *open_capture(void)
{
    const struct svi_file file = { capture_path(""), "many" };
    const struct svi_capture_request request = { .files = &file, .file_count = 1, .look_beside = true };
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    check_ok(svi_capture_open(&capture, &request, &err), err);
    return capture;
}

static void opening_reads_the_indices_alone(void **state)
{
    (void)state;
    const uint64_t all = FILES * bytes_of_file, before = bytes_read();
    const size_t open_before = open_files();
    struct svi_capture *capture = open_capture();
    const struct svi_recording *recording = svi_capture_recording(capture);
    const uint64_t read = bytes_read() - before;
    print_message("opening reads %" PRIu64 " of %" PRIu64 " bytes: %.2f %%\n", read, all, 100 * (double)read / (double)all);
    /* Of each file its headers and a look at both ends; of the first ones a million samples, in search of filler. */
    assert_true(read <= FILES * UINT64_C(16384) + (UINT64_C(4) << 20));
    assert_int_equal(recording->sample_count, (uint64_t)FILES * ROWS_OF_FILE);
    assert_int_equal(recording->gap_count, 0);
    assert_int_equal(recording->warnings.count, 0);
    assert_int_equal(recording->first_index, first_second * ROWS_OF_FILE);
    assert_true(open_files() <= open_before + 4);
    svi_capture_close(capture);
    assert_int_equal(open_files(), open_before);
}

/* Of each of the few files that are open: HDF5's own, and the one that is mapped. */
enum { OPEN_AT_MOST = 6 };

/* A hundredth of the time, from the middle of a file on, as blocks of a render would ask for it: what is in one file, in place, and
 * what is in several, put together. Either stays what it is until the next but one is asked for. */
static void a_window_reads_its_own_files(void **state)
{
    (void)state;
    enum { WINDOW = FILES / 100 * ROWS_OF_FILE, BLOCK = 100000 };
    const uint64_t begin = (uint64_t)(FILES / 2) * ROWS_OF_FILE + ROWS_OF_FILE / 2, before_open = bytes_read();
    struct svi_capture *capture = open_capture();
    struct svi_error err = { 0 };
    const uint64_t before = bytes_read();
    const size_t open_before = open_files();
    check_ok(svi_capture_select(capture, begin, WINDOW, &err), err);
    size_t firsts = 0;
    struct svi_bytes view, last = { 0 };
    int16_t first_of_last = 0;
    for (uint64_t at = 0, count; at < WINDOW; at += count) {
        count = at % 3 ? BLOCK : ROWS_OF_FILE / 8;
        count = WINDOW - at < count ? WINDOW - at : count;
        svi_capture_forget(capture, at);
        check_ok(svi_capture_view(capture, at, count, &view, &err), err);
        assert_int_equal(view.count, count * 4);
        for (uint64_t i = 0; i < count; i++) {
            int16_t pair[2];
            memcpy(pair, view.at + i * sizeof pair, sizeof pair);
            const uint64_t sample = begin + at + i;
            firsts += pair[1] == 1;
            if (pair[0] != (sample % ROWS_OF_FILE ? 0 : (int16_t)(sample / ROWS_OF_FILE)))
                fail_msg("sample %" PRIu64 " is %d", sample, pair[0]);
        }
        if (last.at)
            assert_memory_equal(last.at, &first_of_last, sizeof first_of_last);
        last = view;
        memcpy(&first_of_last, view.at, sizeof first_of_last);
        assert_true(open_files() <= open_before + OPEN_AT_MOST);
    }
    assert_int_equal(firsts, FILES / 100);
    const uint64_t read = bytes_read() - before, all = FILES * bytes_of_file;
    print_message("1 %% of the time reads %.3f %% of the bytes; with the opening %.3f %%\n", 100 * (double)read / (double)all,
                  100 * (double)(bytes_read() - before_open) / (double)all);
    assert_true(read <= all / 100 + all / 1000); /* what is mapped is not counted */
    svi_capture_close(capture);
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_reads_the_indices_alone),
        cmocka_unit_test(a_window_reads_its_own_files),
    };
    return cmocka_run_group_tests(tests, write_capture, remove_capture);
}
