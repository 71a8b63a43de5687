/* profile.h - adds up device time by the name of the launch. */
#ifndef SVI_DEVICE_PROFILE_H
#define SVI_DEVICE_PROFILE_H

#include "base/error.h"

#include <CL/cl.h>

struct svi_profile;

bool svi_profile_create(struct svi_profile **out, struct svi_error *err);
void svi_profile_destroy(struct svi_profile *profile); /* takes NULL */

/* Takes over the event, which is released when its time is known. name: a constant. */
void svi_profile_add(struct svi_profile *profile, const char *name, cl_event event);

struct svi_profile_row {
    const char *name;
    unsigned long launches;
    double seconds;
};

/* The sums so far, after all commands ended; *count rows, valid until the next call. */
const struct svi_profile_row *svi_profile_rows(struct svi_profile *profile, size_t *count);

/* Seconds of all launches so far. */
double svi_profile_seconds(struct svi_profile *profile);

#endif
