/* drf_tree.h - which files belong to a Digital RF recording: a folder of channels, a channel's folder, or a flat list. Opens none
 * of them but to ask what kind it is. */
#ifndef SVI_CAPTURE_DRF_TREE_H
#define SVI_CAPTURE_DRF_TREE_H

#include "capture/capture.h"

struct svi_drf_path {
    char *path, *label; /* the label is to be shown */
    uint64_t second;    /* by the file's name, "rf@1394368230.000.h5"; 0 where it says none */
};

struct svi_drf_paths {
    size_t count, room;
    struct svi_drf_path *at;
};

struct svi_drf_tree {
    struct svi_drf_paths data, metadata; /* sorted by second, then by path */
    char properties[4096];               /* path of drf_properties.h5, or "" */
    char metadata_properties[4096];      /* likewise, of dmd_properties.h5 */
    char channel[100];                   /* name of the channel; "" in a flat list */
};

enum { SVI_DRF_MOST_FILES = 1 << 20 };

/* Finds the files. Where a folder holds several channels, request->channel picks one by name; without it the first in order of
 * names is taken, with a warning that lists the others. Fails where there are no data files, or no such channel. */
bool svi_drf_tree_find(struct svi_drf_tree *out, const struct svi_capture_request *request, struct svi_warnings *warnings,
                       struct svi_error *err);

void svi_drf_tree_clear(struct svi_drf_tree *tree);

#endif
