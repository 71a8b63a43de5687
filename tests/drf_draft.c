#include "drf_draft.h"

#include "check.h"

void write_set(struct draft *draft, hid_t sample)
{
    const hsize_t dimensions[3] = { draft->rows, draft->columns, 1 };
    hid_t space = H5Screate_simple(draft->rank, dimensions, NULL);
    hid_t set = H5Dcreate2(draft->file, "rf_data", sample, space, H5P_DEFAULT, draft->creation, H5P_DEFAULT);
    assert_true(set >= 0);
    hid_t scalar = H5Screate(H5S_SCALAR);
    static const char *const names[] = { "sample_rate_numerator", "sample_rate_denominator" };
    for (size_t i = 0; i < ROWS(names) && !draft->skip_rate && !draft->describe; i++) {
        hid_t attribute = H5Acreate2(set, names[i], H5T_STD_U64LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attribute, H5T_NATIVE_UINT64, &(uint64_t){ 1 });
        H5Aclose(attribute);
    }
    if (draft->describe)
        draft->describe(set);
    H5Sclose(scalar);
    H5Dclose(set);
    H5Sclose(space);
}

void write_index(struct draft *draft)
{
    const hsize_t dimensions[2] = { draft->index_rows, draft->index_columns };
    hid_t space = H5Screate_simple(2, dimensions, NULL);
    hid_t creation = draft->index_creation > 0 ? draft->index_creation : H5P_DEFAULT;
    hid_t set = H5Dcreate2(draft->file, "rf_data_index", draft->index_type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    assert_true(set >= 0);
    if (draft->index_rows <= 2 && draft->index_columns <= 2)
        H5Dwrite(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, draft->index);
    H5Dclose(set);
    H5Sclose(space);
}

void write_draft(const char *path, void (*change)(struct draft *draft))
{
    struct draft draft = { .file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                           .number = -1,
                           .rows = 10,
                           .columns = 1,
                           .rank = 2,
                           .index = { { 1000, 0 } },
                           .index_rows = 1,
                           .index_columns = 2,
                           .index_type = H5T_STD_U64LE,
                           .creation = H5Pcreate(H5P_DATASET_CREATE),
                           .index_creation = H5Pcreate(H5P_DATASET_CREATE) };
    assert_true(draft.file >= 0);
    if (change)
        change(&draft);
    if (!draft.skip_data)
        write_set(&draft, draft.number < 0 ? H5T_STD_I16LE : draft.number);
    if (!draft.skip_index)
        write_index(&draft);
    if (draft.number >= 0)
        H5Tclose(draft.number);
    H5Pclose(draft.creation);
    H5Pclose(draft.index_creation);
    H5Fclose(draft.file);
}
