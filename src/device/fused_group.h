/* fused_group.h - how transforms of the fused engine are laid out on a work-group of a GPU. Knows no OpenCL. */
#ifndef SVI_DEVICE_FUSED_GROUP_H
#define SVI_DEVICE_FUSED_GROUP_H

#include "device/device.h"

/* The definitions of kernels/transform_frames_group.cl. */
struct svi_fused_group {
    uint32_t items;    /* work-items of a frame */
    uint32_t together; /* frames side by side in a work-group */
    uint32_t planes;   /* 2: real and imaginary parts have room in local memory together; 1: in turn */
};

/* length: a power of two. false: it does not fit into the device's local memory or work-groups, whichever way. */
bool svi_fused_group_fit(struct svi_fused_group *out, const struct svi_device_info *about, uint32_t length);

#endif
