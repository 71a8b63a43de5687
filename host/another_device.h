/* another_device.h - where a device fails in the middle of the work, another one may do it: more slowly, but it is done. */
#ifndef SVI_HOST_ANOTHER_DEVICE_H
#define SVI_HOST_ANOTHER_DEVICE_H

#include "device/device.h"

/* Begins with what svi_device_open was given, and the rest zero. */
struct svi_another_device {
    const char *wish, *cache_folder;
    uint64_t tried;   /* a bit for each place in the list of devices; 0: only the one that was wished for */
    size_t last;      /* the place of the one that was tried last */
    char notice[400]; /* what the summaries are to say of it; "": nothing yet */
};

/* After a failure: where it was the device's (SVI_DEVICE_FAILED, or memory), closes *device and opens the best one that was not
 * tried yet, whatever the wish; then there is no error any more. False, and the error stands, where it was something else, or no
 * device is left; *device is then closed and NULL, if it was the device's. */
bool svi_another_device(struct svi_another_device *another, struct svi_device **device, struct svi_error *err);

#endif
