#include "capture/drf_metadata.h"

#include "capture/drf_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide_count;

enum { NAME_ROOM = 24, MOST_NUMBERS = 4096, MOST_RECORDS = 1 << 20, MOST_TRIES = 4096 };

/* The groups of a file, each named by the sample from which it holds. */
struct records {
    size_t count, room;
    uint64_t *numbers;
};

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *self)
{
    struct records *records = self;
    (void)group;
    if (info->type != H5L_TYPE_HARD || strlen(name) >= NAME_ROOM || !*name || strspn(name, "0123456789") != strlen(name))
        return 0;
    if (records->count == records->room) {
        const size_t room = records->room ? records->room * 2 : 64;
        uint64_t *numbers = room <= MOST_RECORDS ? realloc(records->numbers, room * sizeof *numbers) : NULL;
        if (!numbers)
            return -1;
        records->numbers = numbers;
        records->room = room;
    }
    records->numbers[records->count++] = strtoull(name, NULL, 10);
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* Sorted; the caller frees the numbers. */
static struct records list_records(hid_t file)
{
    struct records records = { 0 };
    H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, &records);
    if (records.count)
        qsort(records.numbers, records.count, sizeof *records.numbers, by_number);
    return records;
}

/* One number out of a set: the `which`-th, or the only one. */
static double read_number(hid_t group, const char *name, unsigned which)
{
    double *numbers = NULL, number = NAN;
    hid_t set = svi_drf_open_set(group, name);
    if (set < 0)
        return NAN;
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    H5T_class_t kind = H5Tget_class(type);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    if ((kind == H5T_FLOAT || kind == H5T_INTEGER) && count >= 1 && count <= MOST_NUMBERS)
        numbers = malloc((size_t)count * sizeof *numbers);
    if (numbers && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0)
        number = numbers[(hssize_t)which < count ? which : 0];
    free(numbers);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
    return isfinite(number) ? number : NAN;
}

/* A group that lies in the file itself; negative otherwise. */
static hid_t open_group(hid_t parent, const char *name)
{
    H5L_info_t link;
    if (H5Lget_info(parent, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return -1;
    return H5Gopen2(parent, name, H5P_DEFAULT);
}

static double read_record(hid_t file, uint64_t number, unsigned subchannel)
{
    char name[NAME_ROOM];
    svi_format(name, sizeof name, "%llu", (unsigned long long)number);
    hid_t record = open_group(file, name);
    if (record < 0)
        return NAN;
    double center_hz = read_number(record, "center_frequencies", subchannel);
    hid_t receiver = isnan(center_hz) ? open_group(record, "receiver") : -1;
    if (receiver >= 0) {
        center_hz = read_number(receiver, "center_freq", 0);
        H5Gclose(receiver);
    }
    H5Gclose(record);
    return center_hz;
}

/* The best record so far. */
struct found {
    bool any;
    uint64_t number;
    double center_hz;
    size_t tries; /* of records that turned out to say no center frequency, beside one of each file */
};

/* Looks in a file for a record with a center frequency that is better: not after the sample and later than others, or, failing
 * that, earlier than others. Not all records need to have the same fields. */
static void look(struct found *found, const char *path, uint64_t sample, unsigned subchannel, bool before)
{
    hid_t file = svi_drf_open_h5(path);
    if (file < 0)
        return;
    const struct records records = list_records(file);
    size_t split = 0;
    while (split < records.count && records.numbers[split] <= sample)
        split++;
    const size_t count = before ? split : records.count - split;
    for (size_t i = 0; i < count && (!i || found->tries++ < MOST_TRIES); i++) {
        const uint64_t number = records.numbers[before ? split - 1 - i : split + i];
        if (found->any && (before ? number <= found->number : number >= found->number))
            break;
        const double center_hz = read_record(file, number, subchannel);
        if (isnan(center_hz))
            continue;
        found->any = true;
        found->number = number;
        found->center_hz = center_hz;
        break;
    }
    free(records.numbers);
    H5Fclose(file);
}

static bool in_order(const struct svi_drf_paths *metadata)
{
    for (size_t i = 0; i < metadata->count; i++)
        if (!metadata->at[i].second)
            return false;
    return true;
}

/* Metadata may count at a rate of their own, which stands in their properties: the number that they have for the moment of a
 * sample. */
static uint64_t number_of(const char *properties, uint64_t sample, struct svi_rate rate)
{
    struct svi_rate own = { 0 };
    hid_t file = properties[0] ? svi_drf_open_h5(properties) : -1;
    if (file >= 0) {
        svi_drf_read_rate(file, &own.numerator, &own.denominator);
        H5Fclose(file);
    }
    const wide_count ticks = (wide_count)sample * rate.denominator, seconds = ticks / rate.numerator;
    if (!own.numerator || (own.numerator == rate.numerator && own.denominator == rate.denominator) || seconds > INT64_MAX)
        return sample;
    const wide_count part = ticks % rate.numerator * own.numerator / rate.numerator;
    const wide_count number = (seconds * own.numerator + part) / own.denominator;
    return number < UINT64_MAX ? (uint64_t)number : UINT64_MAX;
}

double svi_drf_center_hz(const struct svi_drf_tree *tree, uint64_t sample, struct svi_rate rate, unsigned subchannel)
{
    const struct svi_drf_paths *metadata = &tree->metadata;
    struct found found = { .center_hz = NAN };
    if (!metadata->count)
        return NAN;
    const uint64_t number = number_of(tree->metadata_properties, sample, rate);
    const bool ordered = in_order(metadata);
    for (size_t i = metadata->count; i-- > 0 && !(ordered && found.any);)
        look(&found, metadata->at[i].path, number, subchannel, true);
    if (found.any)
        return found.center_hz;
    for (size_t i = 0; i < metadata->count && !(ordered && found.any); i++)
        look(&found, metadata->at[i].path, number, subchannel, false);
    return found.center_hz;
}
