/* test_drf_metadata - Digital Metadata that are broken, or made to harm: they cost the center frequency and nothing else, and a
 * warning names them. */
#include "base/file.h"
#include "capture/capture.h"

#include <hdf5.h>
#include <limits.h>
#include <math.h>

#include "check.h"
#include "drf_draft.h"

static const char *in_scratch(const char *name)
{
    static char path[PATH_MAX];
    svi_format(path, sizeof path, "%s/%s", scratch_folder(), name);
    return path;
}

static void put_file(const char *name)
{
    char path[PATH_MAX];
    struct svi_error err = { 0 };
    svi_format(path, sizeof path, "%s", in_scratch(name));
    *strrchr(path, '/') = '\0';
    check_ok(svi_make_folders(path, SVI_FOLDER_PRIVATE, &err), err);
    write_draft(in_scratch(name), NULL);
}

/* Nothing of an earlier run is to lie in a folder. */
static void begin_folder(const char *name)
{
    struct svi_error err = { 0 };
    check_ok(svi_remove_tree(in_scratch(name), &err), err);
}

static bool open_folder(struct svi_capture **capture, const char *name, struct svi_capture_request more, struct svi_error *err)
{
    const struct svi_file file = { in_scratch(name), name };
    more.files = &file;
    more.file_count = 1;
    more.look_beside = true;
    *err = (struct svi_error){ 0 };
    return svi_capture_open(capture, &more, err);
}

/* A record of this name, with this in it. */
static hid_t add_record(hid_t file, const char *name)
{
    return H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static void add_set(hid_t group, const char *name, hid_t type, hsize_t count, hid_t creation)
{
    hid_t space = H5Screate_simple(1, &count, NULL), set = H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static void add_value(hid_t group, const char *name, double value)
{
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t set = H5Dcreate2(group, name, H5T_IEEE_F64LE, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
    H5Dclose(set);
    H5Sclose(scalar);
}

static void meta_is_no_number(hid_t file)
{
    hid_t record = add_record(file, "990");
    add_value(record, "center_frequencies", NAN);
    H5Gclose(record);
}
static void meta_is_endless(hid_t file)
{
    hid_t record = add_record(file, "990");
    add_value(record, "center_frequencies", -INFINITY);
    H5Gclose(record);
}
static void meta_is_vlen(hid_t file)
{
    hid_t record = add_record(file, "990"), type = H5Tvlen_create(H5T_NATIVE_DOUBLE);
    add_set(record, "center_frequencies", type, 1, H5P_DEFAULT);
    H5Tclose(type);
    H5Gclose(record);
}
static void meta_is_text(hid_t file)
{
    hid_t record = add_record(file, "990"), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    add_set(record, "center_frequencies", type, 1, H5P_DEFAULT);
    H5Tclose(type);
    H5Gclose(record);
}
static void meta_has_endless_count(hid_t file)
{
    hid_t record = add_record(file, "990"), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, (const hsize_t[]){ 100 });
    add_set(record, "center_frequencies", H5T_IEEE_F64LE, UINT64_C(1) << 50, creation);
    H5Pclose(creation);
    H5Gclose(record);
}
static void meta_is_empty(hid_t file)
{
    hid_t record = add_record(file, "990");
    add_set(record, "center_frequencies", H5T_IEEE_F64LE, 0, H5P_DEFAULT);
    H5Gclose(record);
}
static void meta_is_elsewhere(hid_t file)
{
    hid_t record = add_record(file, "990"), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(creation, "/etc/passwd", 0, 8);
    add_set(record, "center_frequencies", H5T_IEEE_F64LE, 1, creation);
    H5Pclose(creation);
    H5Gclose(record);
}
static void meta_is_virtual(hid_t file)
{
    hid_t record = add_record(file, "990"), creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t all = H5Screate_simple(1, (const hsize_t[]){ 1 }, NULL);
    H5Pset_virtual(creation, all, "outside.h5", "rf_data", all);
    add_set(record, "center_frequencies", H5T_IEEE_F64LE, 1, creation);
    H5Sclose(all);
    H5Pclose(creation);
    H5Gclose(record);
}
static void meta_links_outside(hid_t file)
{
    hid_t record = add_record(file, "990");
    H5Lcreate_external("outside.h5", "/rf_data", record, "center_frequencies", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(record);
}
static void meta_record_links_outside(hid_t file)
{
    H5Lcreate_external("outside.h5", "/", file, "990", H5P_DEFAULT, H5P_DEFAULT);
}
static void meta_record_is_a_soft_link(hid_t file)
{
    H5Lcreate_soft("/991", file, "990", H5P_DEFAULT, H5P_DEFAULT);
}
static void meta_record_is_a_circle(hid_t file)
{
    H5Lcreate_hard(file, "/", file, "990", H5P_DEFAULT, H5P_DEFAULT);
}
static void meta_record_is_a_set(hid_t file)
{
    add_value(file, "990", 1e6);
}
static void meta_value_is_a_group(hid_t file)
{
    hid_t record = add_record(file, "990"), group = add_record(record, "center_frequencies");
    H5Gclose(group);
    H5Gclose(record);
}
static void meta_receiver_is_a_circle(hid_t file)
{
    hid_t record = add_record(file, "990");
    H5Lcreate_hard(file, "/", record, "receiver", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(record);
}
static void meta_receiver_is_a_number(hid_t file)
{
    hid_t record = add_record(file, "990");
    add_value(record, "receiver", 5);
    H5Gclose(record);
}
static void meta_number_is_too_long(hid_t file)
{
    hid_t record = add_record(file, "99999999999999999999999999999999999990");
    add_value(record, "center_frequencies", 5e6);
    H5Gclose(record);
}
static void meta_number_is_below_0(hid_t file)
{
    hid_t record = add_record(file, "-990");
    add_value(record, "center_frequencies", 5e6);
    H5Gclose(record);
}
static void meta_has_no_record(hid_t file)
{
    add_value(file, "fields", 5e6);
}

static void broken_metadata_cost_the_center_frequency_alone(void **state)
{
    (void)state;
    static void (*const rows[])(hid_t) = {
        meta_is_no_number,
        meta_is_endless,
        meta_is_vlen,
        meta_is_text,
        meta_has_endless_count,
        meta_is_empty,
        meta_is_elsewhere,
        meta_is_virtual,
        meta_links_outside,
        meta_record_links_outside,
        meta_record_is_a_circle,
        meta_record_is_a_soft_link,
        meta_record_is_a_set,
        meta_value_is_a_group,
        meta_receiver_is_a_circle,
        meta_receiver_is_a_number,
        meta_number_is_too_long,
        meta_number_is_below_0,
        meta_has_no_record,
        NULL, /* no HDF5 at all */
    };
    static const char at[] = "meta/ch0/metadata/2014-03-09T12-00-00/metadata@5.h5";
    struct svi_error err = { 0 };
    begin_folder("meta");
    put_file("outside.h5");
    put_file("meta/ch0/drf_properties.h5");
    put_file("meta/ch0/metadata/dmd_properties.h5");
    put_file("meta/ch0/2014-03-09T12-30-30/rf@5.000.h5");
    put_file(at);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_capture *capture;
        if (rows[i]) {
            hid_t file = H5Fcreate(in_scratch(at), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
            assert_true(file >= 0);
            rows[i](file);
            H5Fclose(file);
        } else {
            check_ok(svi_file_write(in_scratch(at), svi_bytes_of("no HDF5"), &err), err);
        }
        check_ok(open_folder(&capture, "meta", (struct svi_capture_request){ 0 }, &err), err);
        const struct svi_recording *recording = svi_capture_recording(capture);
        if (!isnan(recording->segments[0].center_frequency_hz) || recording->warnings.count != 1)
            fail_msg("row %zu: %g Hz, %zu warnings", i, recording->segments[0].center_frequency_hz, recording->warnings.count);
        check_has(recording->warnings.text[0], "metadata@5.h5");
        svi_capture_close(capture);
        const struct svi_capture_request stated = { .stated = { .has_center_frequency = true, .center_frequency_hz = 7 } };
        check_ok(open_folder(&capture, "meta", stated, &err), err);
        assert_int_equal(svi_capture_recording(capture)->warnings.count, 0);
        svi_capture_close(capture);
    }
}

static double center_of(const char *folder)
{
    struct svi_capture *capture;
    struct svi_error err;
    check_ok(open_folder(&capture, folder, (struct svi_capture_request){ 0 }, &err), err);
    const double center_hz = svi_capture_recording(capture)->segments[0].center_frequency_hz;
    svi_capture_close(capture);
    return center_hz;
}

/* A field of a new record. */
static void add_field(hid_t file, const char *record, const char *field, double value)
{
    hid_t group = add_record(file, record);
    add_value(group, field, value);
    H5Gclose(group);
}

/* The recording begins at 1000. */
static void records_without_a_frequency_do_not_hide_others(void **state)
{
    (void)state;
    static const char at[] = "fields/ch0/metadata/2014-03-09T12-00-00/metadata@5.h5";
    begin_folder("fields");
    put_file("fields/ch0/drf_properties.h5");
    put_file("fields/ch0/metadata/dmd_properties.h5");
    put_file("fields/ch0/2014-03-09T12-30-30/rf@5.000.h5");
    put_file(at);
    hid_t file = H5Fcreate(in_scratch(at), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    add_field(file, "1001", "temperature", 20);
    add_field(file, "1003", "center_frequencies", 4e6);
    add_field(file, "1002", "center_frequencies", 3e6);
    add_field(file, "995", "temperature", 20);
    H5Fclose(file);
    assert_true(center_of("fields") == 3e6);
    file = H5Fopen(in_scratch(at), H5F_ACC_RDWR, H5P_DEFAULT);
    add_field(file, "980", "center_frequencies", 1e6);
    add_field(file, "990", "center_frequencies", 2e6);
    H5Fclose(file);
    assert_true(center_of("fields") == 2e6);
}

static void add_attribute(hid_t file, const char *name, hid_t type, const void *value)
{
    hid_t scalar = H5Screate(H5S_SCALAR), attribute = H5Acreate2(file, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, value);
    H5Aclose(attribute);
    H5Sclose(scalar);
}

/* As dmd_properties.h5 is, or was, of metadata that count at this rate. */
static void put_metadata_properties(const char *name, const char *numerator_name, const char *denominator_name, uint64_t numerator,
                                    uint64_t denominator)
{
    put_file(name);
    hid_t file = H5Fcreate(in_scratch(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    add_attribute(file, "file_name", H5T_C_S1, "m");
    add_attribute(file, numerator_name, H5T_NATIVE_UINT64, &numerator);
    add_attribute(file, denominator_name, H5T_NATIVE_UINT64, &denominator);
    H5Fclose(file);
}

/* A file of metadata with center frequencies: number, frequency, and so on; 0 ends them. */
static void put_frequencies(const char *name, const double *records)
{
    put_file(name);
    hid_t file = H5Fcreate(in_scratch(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (; *records > 0; records += 2) {
        char number[24];
        snprintf(number, sizeof number, "%.0f", records[0]);
        add_field(file, number, "center_frequencies", records[1]);
    }
    H5Fclose(file);
}

/* The recording begins 1000 s after 1970. At 7/1000 Hz that is the metadata's 7. */
static void metadata_count_at_a_rate_of_their_own(void **state)
{
    (void)state;
    static const char *const names[] = { "rates/ch0/drf_properties.h5", "rates/ch0/metadata/dmd_properties.h5",
                                         "rates/ch0/2014-03-09T12-30-30/rf@5.000.h5",
                                         "rates/ch0/metadata/2014-03-09T12-00-00/metadata@5.h5" };
    begin_folder("rates");
    put_file(names[0]);
    put_file(names[2]);
    put_frequencies(names[3], (const double[]){ 6, 1e6, 7, 2e6, 8, 3e6, 0 });
    put_metadata_properties(names[1], "sample_rate_numerator", "sample_rate_denominator", 7, 1000);
    assert_true(center_of("rates") == 2e6);
    put_frequencies(names[3], (const double[]){ 999999, 1e6, 1000000, 2e6, 1000001, 3e6, 0 });
    put_metadata_properties(names[1], "samples_per_second_numerator", "samples_per_second_denominator", 1000, 1);
    assert_true(center_of("rates") == 2e6);

    char paths[ROWS(names)][PATH_MAX];
    struct svi_file files[ROWS(names)];
    struct svi_capture *capture;
    struct svi_error err = { 0 };
    for (size_t i = 0; i < ROWS(names); i++) {
        svi_format(paths[i], sizeof paths[i], "%s", in_scratch(names[i]));
        files[i] = (struct svi_file){ paths[i], "stored_x7Kq" };
    }
    check_ok(svi_capture_open(&capture, &(struct svi_capture_request){ .files = files, .file_count = ROWS(names) }, &err), err);
    assert_true(svi_capture_recording(capture)->segments[0].center_frequency_hz == 2e6);
    svi_capture_close(capture);
}

/* Others may lie beside it, as of a GPS receiver. Before version 2.5 properties of metadata were called as those of samples. */
static void the_folder_called_metadata_is_that_of_the_receiver(void **state)
{
    (void)state;
    begin_folder("beside");
    put_file("beside/ch0/drf_properties.h5");
    put_file("beside/ch0/2014-03-09T12-30-30/rf@5.000.h5");
    put_file("beside/ch0/gps/dmd_properties.h5");
    put_frequencies("beside/ch0/gps/2014-03-09T12-00-00/gps@5.h5", (const double[]){ 999, 1575.42e6, 0 });
    assert_true(center_of("beside") == 1575.42e6);
    put_frequencies("beside/ch0/metadata/2014-03-09T12-00-00/metadata@5.h5", (const double[]){ 990, 2e6, 0 });
    put_metadata_properties("beside/ch0/metadata/metadata.h5", "sample_rate_numerator", "sample_rate_denominator", 1, 1);
    assert_true(center_of("beside") == 2e6);
    put_frequencies("beside/antenna/2014-03-09T12-00-00/metadata@5.h5", (const double[]){ 990, 3e6, 0 });
    put_metadata_properties("beside/antenna/metadata.h5", "sample_rate_numerator", "sample_rate_denominator", 1, 1);
    assert_true(center_of("beside") == 2e6);
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_metadata_cost_the_center_frequency_alone),
        cmocka_unit_test(records_without_a_frequency_do_not_hide_others),
        cmocka_unit_test(metadata_count_at_a_rate_of_their_own),
        cmocka_unit_test(the_folder_called_metadata_is_that_of_the_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
