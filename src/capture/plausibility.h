/* plausibility.h - whether samples look like what somebody says that they are: the most common silent error is a wrong datatype,
 * which draws noise that looks plausible. Says nothing where it is not sure, and never of what a format itself states. */
#ifndef SVI_CAPTURE_PLAUSIBILITY_H
#define SVI_CAPTURE_PLAUSIBILITY_H

#include "capture/capture.h"

enum { SVI_PLAUSIBILITY_BYTES = 1 << 20 }; /* that are looked at, at most, in runs that lie evenly over the recording */

struct svi_plausibility {
    const char *verdict; /* a word for programs: "plausible", "not_examined", or a rule of the table in plausibility.c */
    const struct svi_datatype *likelier; /* NULL: none is known */
    char mark[40];                       /* a few words for a figure's footer, likewise */
    char sentence[200];                  /* for the user; "" where it is plausible, or not examined */
};

/* Of these bytes, which begin with a sample. */
void svi_plausibility_of(struct svi_plausibility *out, struct svi_bytes bytes, const struct svi_datatype *datatype);

/* Of a recording whose datatype was claimed (svi_recording.datatype_claimed); no others are examined. Views of the capture that
 * were taken before are no longer valid. */
bool svi_plausibility_judge(struct svi_plausibility *out, struct svi_capture *capture, struct svi_error *err);

#endif
