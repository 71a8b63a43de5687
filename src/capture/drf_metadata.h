/* drf_metadata.h - Digital Metadata beside the samples of a Digital RF recording: at which frequency the receiver stood. */
#ifndef SVI_CAPTURE_DRF_METADATA_H
#define SVI_CAPTURE_DRF_METADATA_H

#include "capture/drf_tree.h"

/* The center frequency in force at this sample number (since 1970, at this rate), which may be recorded long before it; where
 * nothing is recorded before it, the first that is recorded at all. NAN where no record says one. */
double svi_drf_center_hz(const struct svi_drf_tree *tree, uint64_t sample, struct svi_rate rate, unsigned subchannel);

#endif
