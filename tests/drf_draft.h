/* drf_draft.h - writes one file of a Digital RF recording with the HDF5 library, good or with one thing changed about it. */
#ifndef SVI_TESTS_DRF_DRAFT_H
#define SVI_TESTS_DRF_DRAFT_H

#include <hdf5.h>
#include <stdbool.h>

/* A file in the making: what a row of broken files changes about a good one. */
struct draft {
    hid_t file, number;
    hsize_t rows, columns;
    int rank;
    bool skip_data, skip_index, skip_rate;
    uint64_t index[2][2];
    hsize_t index_rows, index_columns;
    hid_t index_type, creation, index_creation;
    void (*describe)(hid_t set); /* writes other attributes than the rate; NULL: the rate is written */
};

/* rf_data of this type of sample, with the rate, but without samples; and its index. */
void write_set(struct draft *draft, hid_t sample);
void write_index(struct draft *draft);

/* Ten samples from number 1000 on at 1 Hz, but for what the change does about it; NULL: nothing. */
void write_draft(const char *path, void (*change)(struct draft *draft));

#endif
