#include "capture/drf_metadata.h"

#include "capture/drf_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 24, MOST_NUMBERS = 4096 };

/* A search over the groups of a file, each named by the sample from which it holds. */
struct search {
    uint64_t sample;
    bool has_before, has_first;
    uint64_t before, first; /* the last one not after the sample; the first one of all */
};

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *self)
{
    struct search *search = self;
    char *end;
    (void)group;
    if (info->type != H5L_TYPE_HARD || strlen(name) >= NAME_ROOM || !*name || strspn(name, "0123456789") != strlen(name))
        return 0;
    uint64_t number = strtoull(name, &end, 10);
    if (number <= search->sample && (!search->has_before || number > search->before)) {
        search->has_before = true;
        search->before = number;
    }
    if (!search->has_first || number < search->first) {
        search->has_first = true;
        search->first = number;
    }
    return 0;
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
};

/* Looks in a file for a record that is better: not after the sample and later than others, or, failing that, earlier than others.
 */
static void look(struct found *found, const char *path, uint64_t sample, unsigned subchannel, bool before)
{
    struct search search = { .sample = sample };
    hid_t file = svi_drf_open_h5(path);
    if (file < 0)
        return;
    H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, &search);
    uint64_t number = before ? search.before : search.first;
    bool better = before ? search.has_before && (!found->any || number > found->number)
                         : search.has_first && (!found->any || number < found->number);
    double center_hz = better ? read_record(file, number, subchannel) : NAN;
    if (!isnan(center_hz))
        *found = (struct found){ true, number, center_hz };
    H5Fclose(file);
}

static bool in_order(const struct svi_drf_paths *metadata)
{
    for (size_t i = 0; i < metadata->count; i++)
        if (!metadata->at[i].second)
            return false;
    return true;
}

double svi_drf_center_hz(const struct svi_drf_paths *metadata, uint64_t sample, unsigned subchannel)
{
    struct found found = { .center_hz = NAN };
    const bool ordered = in_order(metadata);
    for (size_t i = metadata->count; i-- > 0 && !(ordered && found.any);)
        look(&found, metadata->at[i].path, sample, subchannel, true);
    if (found.any)
        return found.center_hz;
    for (size_t i = 0; i < metadata->count && !(ordered && found.any); i++)
        look(&found, metadata->at[i].path, sample, subchannel, false);
    return found.center_hz;
}
