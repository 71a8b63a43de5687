/* kind.h - what the files of a request are: samples, a table of numbers, or power spectra. The one place that decides. */
#ifndef SVI_CAPTURE_KIND_H
#define SVI_CAPTURE_KIND_H

#include "capture/capture.h"

enum svi_kind {
    SVI_KIND_RECORDING, /* svi_capture_open */
    SVI_KIND_TABLE,     /* svi_table_open */
    SVI_KIND_SWEEPS,    /* svi_sweeps_open */
};

/* By capture_type, else by content, else by name. Files that cannot be read are left to whoever opens them. */
enum svi_kind svi_kind_of(const struct svi_capture_request *request);

#endif
