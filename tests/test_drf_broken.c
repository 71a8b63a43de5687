/* test_drf_broken - Digital RF files that are broken, or made to harm: each is named with what is wrong about it, and nothing
 * outside of the recording is read. Files are written by the HDF5 library itself. */
#include "base/file.h"
#include "capture/capture.h"

#include <hdf5.h>
#include <limits.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "drf_draft.h"

enum { MOST_BYTES = 1 << 20 };

static const char *in_scratch(const char *name)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    return path;
}

/* Opens a file or a folder. */
static bool open_path(struct svi_capture **capture, const char *path, const char *label, struct svi_capture_request more,
                      struct svi_error *err)
{
    char kept[PATH_MAX];
    svi_format(kept, sizeof kept, "%s", path);
    const struct svi_file file = { kept, label };
    more.files = &file;
    more.file_count = 1;
    more.look_beside = true;
    *err = (struct svi_error){ 0 };
    return svi_capture_open(capture, &more, err);
}

/* ---- what may be wrong with a file ---- */

static void as_vlen(struct draft *draft)
{
    draft->number = H5Tvlen_create(H5T_NATIVE_INT16);
}
static void as_text(struct draft *draft)
{
    draft->number = H5Tcopy(H5T_C_S1);
}
static void as_half(struct draft *draft)
{
    draft->number = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(draft->number, 15, 10, 5, 0, 10);
    H5Tset_size(draft->number, 2);
    H5Tset_ebias(draft->number, 15);
}
static void as_int24(struct draft *draft)
{
    draft->number = H5Tcopy(H5T_STD_I32LE);
    H5Tset_precision(draft->number, 24);
    H5Tset_size(draft->number, 3);
}
static void as_three_members(struct draft *draft)
{
    draft->number = H5Tcreate(H5T_COMPOUND, 6);
    H5Tinsert(draft->number, "r", 0, H5T_STD_I16LE);
    H5Tinsert(draft->number, "i", 2, H5T_STD_I16LE);
    H5Tinsert(draft->number, "x", 4, H5T_STD_I16LE);
}
static void as_other_members(struct draft *draft)
{
    draft->number = H5Tcreate(H5T_COMPOUND, 4);
    H5Tinsert(draft->number, "re", 0, H5T_STD_I16LE);
    H5Tinsert(draft->number, "im", 2, H5T_STD_I16LE);
}
static void as_unequal_members(struct draft *draft)
{
    draft->number = H5Tcreate(H5T_COMPOUND, 6);
    H5Tinsert(draft->number, "r", 0, H5T_STD_I16LE);
    H5Tinsert(draft->number, "i", 2, H5T_STD_I32LE);
}
static void as_array(struct draft *draft)
{
    draft->number = H5Tarray_create2(H5T_STD_I16LE, 1, &(hsize_t){ 2 });
}
static void as_reference(struct draft *draft)
{
    draft->number = H5Tcopy(H5T_STD_REF_OBJ);
}
static void with_one_dimension(struct draft *draft)
{
    draft->rank = 1;
}
static void with_three_dimensions(struct draft *draft)
{
    draft->rank = 3;
}
static void with_no_rows(struct draft *draft)
{
    draft->rows = 0;
}
static void with_no_columns(struct draft *draft)
{
    draft->columns = 0;
}
static void with_many_columns(struct draft *draft)
{
    draft->columns = 5000;
}
static void with_endless_rows(struct draft *draft)
{
    draft->rows = (hsize_t)1 << 42;
    H5Pset_chunk(draft->creation, 2, (const hsize_t[]){ 10, 1 });
}
static void with_huge_chunks(struct draft *draft)
{
    draft->rows = 400 << 20;
    H5Pset_chunk(draft->creation, 2, (const hsize_t[]){ 300 << 20, 1 });
}
static void with_unknown_filter(struct draft *draft)
{
    H5Pset_chunk(draft->creation, 2, (const hsize_t[]){ 5, 1 });
    H5Pset_filter(draft->creation, 32000, H5Z_FLAG_OPTIONAL, 0, NULL); /* LZF */
}
static void with_external_storage(struct draft *draft)
{
    H5Pset_external(draft->creation, "/etc/passwd", 0, 20);
}
static void with_virtual_storage(struct draft *draft)
{
    hid_t all = H5Screate_simple(2, (const hsize_t[]){ 10, 1 }, NULL);
    H5Pset_virtual(draft->creation, all, "other.h5", "rf_data", all);
    H5Sclose(all);
}
static void with_external_link(struct draft *draft)
{
    draft->skip_data = true;
    H5Lcreate_external("other.h5", "/rf_data", draft->file, "rf_data", H5P_DEFAULT, H5P_DEFAULT);
}
static void with_soft_link(struct draft *draft)
{
    draft->skip_data = true;
    H5Lcreate_soft("/rf_data", draft->file, "rf_data", H5P_DEFAULT, H5P_DEFAULT);
}
static void with_cyclic_group(struct draft *draft)
{
    draft->skip_data = true;
    H5Lcreate_hard(draft->file, "/", draft->file, "rf_data", H5P_DEFAULT, H5P_DEFAULT);
}
static void with_group(struct draft *draft)
{
    draft->skip_data = true;
    H5Gclose(H5Gcreate2(draft->file, "rf_data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}
static void without_index(struct draft *draft)
{
    draft->skip_index = true;
}
static void with_linked_index(struct draft *draft)
{
    draft->skip_index = true;
    H5Lcreate_external("other.h5", "/rf_data_index", draft->file, "rf_data_index", H5P_DEFAULT, H5P_DEFAULT);
}
static void with_narrow_index(struct draft *draft)
{
    draft->index_columns = 1;
}
static void with_empty_index(struct draft *draft)
{
    draft->index_rows = 0;
}
static void with_float_index(struct draft *draft)
{
    draft->index_type = H5T_IEEE_F64LE;
}
static void with_late_index(struct draft *draft)
{
    draft->index[0][1] = 3;
}
static void with_unsorted_rows(struct draft *draft)
{
    draft->index_rows = 2;
    draft->index[1][0] = 2000;
    draft->index[1][1] = 0;
}
static void with_unsorted_samples(struct draft *draft)
{
    draft->index_rows = 2;
    draft->index[1][0] = 1001;
    draft->index[1][1] = 5;
}
static void with_rows_beyond(struct draft *draft)
{
    draft->index_rows = 2;
    draft->index[1][0] = 5000;
    draft->index[1][1] = 50;
}
static void with_endless_number(struct draft *draft)
{
    draft->index[0][0] = UINT64_MAX;
}
static void with_far_samples(struct draft *draft)
{
    draft->index_rows = 2;
    draft->index[1][0] = UINT64_C(1) << 60;
    draft->index[1][1] = 5;
}
static void without_rate(struct draft *draft)
{
    draft->skip_rate = true;
}
/* Chunks that nobody wrote take no room. */
static void with_rows_never_stored(struct draft *draft)
{
    draft->rows = 1 << 30;
    H5Pset_chunk(draft->creation, 2, (const hsize_t[]){ 1 << 16, 1 });
}
static void with_rows_packed_twice(struct draft *draft)
{
    draft->rows = 1 << 27;
    H5Pset_chunk(draft->creation, 2, (const hsize_t[]){ 1 << 22, 1 });
    H5Pset_alloc_time(draft->creation, H5D_ALLOC_TIME_EARLY);
    H5Pset_deflate(draft->creation, 9);
    H5Pset_deflate(draft->creation, 9);
}
static void with_vlen_index(struct draft *draft)
{
    draft->skip_index = true;
    hid_t type = H5Tvlen_create(H5T_NATIVE_UINT64), space = H5Screate_simple(2, (const hsize_t[]){ 1, 2 }, NULL);
    H5Dclose(H5Dcreate2(draft->file, "rf_data_index", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Tclose(type);
}
static void with_wide_index(struct draft *draft)
{
    draft->index_columns = 3;
}
static void with_endless_index(struct draft *draft)
{
    draft->index_rows = UINT64_C(1) << 40;
    H5Pset_chunk(draft->index_creation, 2, (const hsize_t[]){ 100, 2 });
}
static void with_index_elsewhere(struct draft *draft)
{
    H5Pset_external(draft->index_creation, "/etc/passwd", 0, 16);
}

static void add_number(hid_t set, const char *name, double number)
{
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(set, name, H5T_IEEE_F64LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_DOUBLE, &number);
    H5Aclose(attribute);
    H5Sclose(scalar);
}
static void add_text(hid_t set, const char *name, size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1), scalar = H5Screate(H5S_SCALAR);
    H5Tset_size(type, size);
    hid_t attribute = H5Acreate2(set, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, size == H5T_VARIABLE ? (const void *)&(const char *){ "200" } : (const void *)"200");
    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Tclose(type);
}
static void rate_as_text(hid_t set)
{
    add_text(set, "sample_rate_numerator", 4);
    add_number(set, "sample_rate_denominator", 1);
}
static void rate_as_vlen_text(hid_t set)
{
    add_text(set, "sample_rate_numerator", H5T_VARIABLE);
    add_number(set, "sample_rate_denominator", 1);
}
static void rate_of_0(hid_t set)
{
    add_number(set, "sample_rate_numerator", 0);
    add_number(set, "sample_rate_denominator", 1);
}
static void rate_below_0(hid_t set)
{
    add_number(set, "sample_rate_numerator", -200);
    add_number(set, "sample_rate_denominator", 3);
}
static void rate_by_0(hid_t set)
{
    add_number(set, "sample_rate_numerator", 200);
    add_number(set, "sample_rate_denominator", 0);
}
static void rate_of_two_numbers(hid_t set)
{
    hid_t two = H5Screate_simple(1, (const hsize_t[]){ 2 }, NULL);
    hid_t attribute = H5Acreate2(set, "sample_rate_numerator", H5T_STD_U64LE, two, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_UINT64, (const uint64_t[]){ 200, 200 });
    H5Aclose(attribute);
    H5Sclose(two);
    add_number(set, "sample_rate_denominator", 1);
}
static void old_rate_is_no_number(hid_t set)
{
    add_number(set, "samples_per_second", NAN);
}
static void old_rate_is_endless(hid_t set)
{
    add_number(set, "samples_per_second", INFINITY);
}
static void old_rate_below_0(hid_t set)
{
    add_number(set, "samples_per_second", -1e6);
}
static void old_rate_is_huge(hid_t set)
{
    add_number(set, "samples_per_second", 1e300);
}

static void broken_files_are_named_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct draft *draft);
        const char *says;
    } rows[] = {
        { as_vlen, "samples of a type that Digital RF does not have" },
        { as_text, "samples of a type" },
        { as_half, "samples of a type" },
        { as_int24, "samples of a type" },
        { as_three_members, "samples of a type" },
        { as_other_members, "samples of a type" },
        { as_unequal_members, "samples of a type" },
        { as_array, "samples of a type" },
        { as_reference, "samples of a type" },
        { with_one_dimension, "not in rows and sub-channels" },
        { with_three_dimensions, "not in rows and sub-channels" },
        { with_no_rows, "holds no samples" },
        { with_no_columns, "not in rows and sub-channels" },
        { with_many_columns, "not in rows and sub-channels" },
        { with_endless_rows, "not in rows and sub-channels" },
        { with_huge_chunks, "has no samples of its own (rf_data)" },
        { with_external_storage, "has no samples of its own (rf_data)" },
        { with_virtual_storage, "has no samples of its own (rf_data)" },
        { with_external_link, "has no samples of its own (rf_data)" },
        { with_soft_link, "has no samples of its own (rf_data)" },
        { with_cyclic_group, "has no samples of its own (rf_data)" },
        { with_group, "has no samples of its own (rf_data)" },
        { without_index, "has no index of its own (rf_data_index)" },
        { with_linked_index, "has no index of its own (rf_data_index)" },
        { with_narrow_index, "that is not rows of two numbers" },
        { with_empty_index, "that is not rows of two numbers" },
        { with_float_index, "that is not rows of two numbers" },
        { with_late_index, "does not begin at its first row" },
        { with_unsorted_rows, "is not sorted by row" },
        { with_unsorted_samples, "is not sorted by sample" },
        { with_rows_beyond, "speaks of more rows than there are" },
        { with_endless_number, "no clock reaches" },
        { with_far_samples, "too far from each other" },
        { without_rate, "does not say its sample rate" },
        { with_unknown_filter, "is packed by a filter that HDF5 does not bring" },
        { with_rows_never_stored, "claims many more samples than it stores" },
        { with_rows_packed_twice, "claims many more samples than it stores" },
        { with_vlen_index, "that is not rows of two numbers" },
        { with_wide_index, "that is not rows of two numbers" },
        { with_endless_index, "that is not rows of two numbers" },
        { with_index_elsewhere, "has no index of its own (rf_data_index)" },
    };
    char path[700];
    snprintf(path, sizeof path, "%s/draft.h5", scratch_folder());
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        write_draft(path, rows[i].change);
        if (open_path(&capture, path, "rf@5.000.h5", (struct svi_capture_request){ 0 }, &err))
            fail_msg("what should be refused with \"%s\" was read", rows[i].says);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].says);
        if (!strstr(rows[i].says, "sample rate") && !strstr(rows[i].says, "too far"))
            check_has(err.message, "rf@5.000.h5");
        assert_null(strstr(err.message, scratch_folder()));
    }
}

static void rate_beyond_all_clocks(hid_t set)
{
    add_number(set, "sample_rate_numerator", 1e16);
    add_number(set, "sample_rate_denominator", 1);
}
static void rate_of_ages(hid_t set)
{
    add_number(set, "sample_rate_numerator", 1);
    add_number(set, "sample_rate_denominator", 1e18);
}

static void (*describe_rate)(hid_t set);

static void with_that_rate(struct draft *draft)
{
    draft->describe = describe_rate;
}

static void rates_that_are_none_are_not_taken(void **state)
{
    (void)state;
    static void (*const rows[])(hid_t) = {
        rate_as_text,        rate_as_vlen_text,     rate_of_0,           rate_below_0,     rate_by_0,
        rate_of_two_numbers, old_rate_is_no_number, old_rate_is_endless, old_rate_below_0, old_rate_is_huge,
    };
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s", in_scratch("draft.h5"));
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        describe_rate = rows[i];
        write_draft(path, with_that_rate);
        if (open_path(&capture, path, "rf@5.000.h5", (struct svi_capture_request){ 0 }, &err))
            fail_msg("row %zu was read", i);
        check_has(err.message, "does not say its sample rate. Give drf_properties.h5 too, or the parameter sampleRate.");
        check_ok(open_path(&capture, path, "rf@5.000.h5", (struct svi_capture_request){ .stated.sample_rate_hz = 5 }, &err), err);
        assert_true(svi_capture_recording(capture)->sample_rate_hz == 5);
        svi_capture_close(capture);
    }
}

static void rates_beyond_all_bounds_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*describe)(hid_t set);
        const char *says;
    } rows[] = { { rate_beyond_all_clocks, "rf@5.000.h5 says a sample rate of 1e+16 Hz; from 1e-06 to 1e+15 Hz" },
                 { rate_of_ages, "rf@5.000.h5 says a sample rate of 1e-18 Hz" } };
    char path[PATH_MAX];
    svi_format(path, sizeof path, "%s", in_scratch("draft.h5"));
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        struct svi_error err;
        describe_rate = rows[i].describe;
        write_draft(path, with_that_rate);
        assert_false(open_path(&capture, path, "rf@5.000.h5", (struct svi_capture_request){ 0 }, &err));
        check_has(err.message, rows[i].says);
    }
}

static void a_good_file_is_read(void **state)
{
    (void)state;
    char path[700];
    snprintf(path, sizeof path, "%s/draft.h5", scratch_folder());
    struct svi_capture *capture;
    struct svi_error err;
    write_draft(path, NULL);
    check_ok(open_path(&capture, path, "rf@5.000.h5", (struct svi_capture_request){ 0 }, &err), err);
    assert_int_equal(svi_capture_recording(capture)->sample_count, 10);
    svi_capture_close(capture);
}
static void store(const char *path, const uint8_t *bytes, size_t count)
{
    struct svi_error err = { 0 };
    check_ok(svi_file_write(path, (struct svi_bytes){ bytes, count }, &err), err);
}

/* Half-written and damaged files: refused, or read to their end, never anything else. */
static void cut_and_damaged_files_are_survived(void **state)
{
    (void)state;
    char path[800], damaged[700];
    struct svi_buffer whole;
    struct svi_error err = { 0 };
    snprintf(path, sizeof path, "%s/digital_rf/gaps_packed/2014-03-09T12-30-30/rf@1394368230.000.h5", getenv("SVI_TEST_DATA"));
    check_ok(svi_file_read(&whole, path, "rf", MOST_BYTES, &err), err);
    snprintf(damaged, sizeof damaged, "%s/damaged.h5", scratch_folder());
    for (size_t i = 0; i < whole.count; i += 29) {
        struct svi_capture *capture;
        struct svi_bytes view;
        bool cut = i % 2;
        uint8_t kept = whole.at[i];
        if (!cut)
            whole.at[i] = (uint8_t)~kept;
        store(damaged, whole.at, cut ? i : whole.count);
        whole.at[i] = kept;
        if (open_path(&capture, damaged, "rf@5.000.h5", (struct svi_capture_request){ 0 }, &err)) {
            uint64_t count = svi_capture_recording(capture)->sample_count;
            svi_error_clear(&err);
            if (count <= 1000 && !svi_capture_view(capture, 0, count, &view, &err))
                assert_int_equal(err.status, SVI_IO);
            svi_capture_close(capture);
        } else {
            assert_true(err.message[0]);
        }
    }
    svi_buffer_clear(&whole);
}

/* Where the samples of a draft lie in its file, which gets some. */
static uint64_t add_samples(const char *path)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, "rf_data", H5P_DEFAULT);
    const int16_t samples[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    assert_true(H5Dwrite(set, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, samples) >= 0);
    const haddr_t offset = H5Dget_offset(set);
    H5Dclose(set);
    H5Fclose(file);
    assert_true(offset != HADDR_UNDEF);
    return offset;
}

/* Samples are read past the HDF5 library, where the file says that they are: never from anywhere outside of it. */
static void samples_that_a_file_does_not_hold_are_not_looked_for(void **state)
{
    (void)state;
    char path[700];
    snprintf(path, sizeof path, "%s/draft.h5", scratch_folder());
    write_draft(path, NULL);
    const uint64_t offset = add_samples(path);
    struct svi_buffer whole;
    struct svi_error err = { 0 };
    check_ok(svi_file_read(&whole, path, "rf", MOST_BYTES, &err), err);
    const uint64_t offsets[] = { offset,        whole.count - 19, whole.count,     whole.count + 4096, UINT64_C(1) << 40,
                                 INT64_MAX - 8, INT64_MAX,        UINT64_MAX - 20, UINT64_MAX - 1 };
    size_t places = 0;
    for (size_t at = 0; at + sizeof offset <= whole.count; at++) {
        if (memcmp(whole.at + at, &offset, sizeof offset) != 0)
            continue;
        places++;
        for (size_t i = 0; i < ROWS(offsets); i++) {
            struct svi_capture *capture;
            struct svi_bytes view;
            memcpy(whole.at + at, &offsets[i], sizeof offset);
            store(path, whole.at, whole.count);
            const bool opened = open_path(&capture, path, "rf@5.000.h5", (struct svi_capture_request){ 0 }, &err);
            const bool read = opened && svi_capture_view(capture, 0, 10, &view, &err);
            if (read)
                assert_int_equal(((const int16_t *)(const void *)view.at)[9], 10);
            else
                assert_true(err.message[0]);
            assert_int_equal(read, i == 0);
            if (opened)
                svi_capture_close(capture);
        }
        memcpy(whole.at + at, &offset, sizeof offset);
    }
    assert_int_equal(places, 1);
    svi_buffer_clear(&whole);
}

/* ---- what may be wrong with a folder ---- */

static void put_file(const char *name)
{
    char path[PATH_MAX];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s", in_scratch(name));
    char *slash = strrchr(path, '/');
    *slash = '\0';
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    *slash = '/';
    write_draft(path, NULL);
}

static void put_link(const char *name, const char *target)
{
    char whole[PATH_MAX];
    svi_format(whole, sizeof whole, "%s", in_scratch(target));
    assert_int_equal(symlink(whole, in_scratch(name)), 0);
}

/* Names that are no file's of Digital RF, and what only looks like a file: nothing of it is opened, so nothing hangs. */
static void what_is_no_file_of_the_recording_is_not_opened(void **state)
{
    (void)state;
    static const char *const names[] = { "rf@.h5",          "rf@99999999999999999999.000.h5",
                                         "tmp.rf@5.000.h5", "rf@5.000.h5.part",
                                         "rf@-5.000.h5",    "rf@5.000.h5\n",
                                         "rf5.000.h5",      ".rf@5.000.h5",
                                         "rf@five.000.h5" };
    struct svi_error err = { 0 };
    struct svi_capture *capture;
    check_ok(svi_remove_tree(in_scratch("top"), &err), err);
    put_file("outside.h5");
    put_file("elsewhere/2014-03-09T12-30-30/rf@5.000.h5");
    put_file("top/ch0/drf_properties.h5");
    for (size_t i = 0; i < ROWS(names); i++) {
        char name[100];
        svi_format(name, sizeof name, "top/ch0/2014-03-09T12-30-30/%s", names[i]);
        put_file(name);
    }
    put_file("top/ch0/2014-03-09T12-30/rf@5.000.h5"); /* not named by a moment */
    put_link("top/ch0/2014-03-09T12-30-30/rf@6.000.h5", "outside.h5");
    put_link("top/ch0/2014-03-09T12-30-31", "elsewhere/2014-03-09T12-30-30");
    assert_int_equal(mkfifo(in_scratch("top/ch0/2014-03-09T12-30-30/rf@7.000.h5"), 0600), 0);
    assert_int_equal(mkdir(in_scratch("top/ch0/2014-03-09T12-30-30/rf@8.000.h5"), 0700), 0);
    static const char *const folders[] = { "top/ch0", "top" };
    for (size_t i = 0; i < ROWS(folders); i++) {
        assert_false(open_path(&capture, in_scratch(folders[i]), "my folder", (struct svi_capture_request){ 0 }, &err));
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, "There are no files of samples (rf@….h5) in my folder.");
    }
    put_file("top/ch0/2014-03-09T12-30-30/rf@9.000.h5");
    check_ok(open_path(&capture, in_scratch("top"), "my folder", (struct svi_capture_request){ 0 }, &err), err);
    assert_int_equal(svi_capture_recording(capture)->sample_count, 10);
    assert_int_equal(svi_capture_recording(capture)->warnings.count, 0);
    svi_capture_close(capture);
    /* A pipe in a list of files. */
    const struct svi_capture_request typed = { .format = "drf" };
    assert_false(open_path(&capture, in_scratch("top/ch0/2014-03-09T12-30-30/rf@7.000.h5"), "rf@7.000.h5", typed, &err));
    check_has(err.message, "rf@7.000.h5");
}

static void links_in_a_circle_end(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    struct svi_capture *capture;
    check_ok(svi_remove_tree(in_scratch("circle"), &err), err);
    put_file("circle/a\n\x1B[2Jb/2014-03-09T12-30-30/rf@5.000.h5");
    put_link("circle/again", "circle");
    put_link("circle/a\n\x1B[2Jb/2014-03-09T12-30-31", "circle");
    check_ok(open_path(&capture, in_scratch("circle"), "circle", (struct svi_capture_request){ 0 }, &err), err);
    assert_null(strpbrk(svi_capture_recording(capture)->name, "\n\x1B"));
    svi_capture_close(capture);
    assert_false(open_path(&capture, in_scratch("circle"), "circle", (struct svi_capture_request){ .channel = "again" }, &err));
    check_has(err.message, "circle has no channel \"again\"; it has: ");
    assert_null(strpbrk(err.message, "\n\x1B"));
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_files_are_named_with_the_reason),
        cmocka_unit_test(rates_that_are_none_are_not_taken),
        cmocka_unit_test(rates_beyond_all_bounds_are_refused),
        cmocka_unit_test(a_good_file_is_read),
        cmocka_unit_test(cut_and_damaged_files_are_survived),
        cmocka_unit_test(samples_that_a_file_does_not_hold_are_not_looked_for),
        cmocka_unit_test(what_is_no_file_of_the_recording_is_not_opened),
        cmocka_unit_test(links_in_a_circle_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
