/* radiohound.h - the bytes of a RadioHound periodogram (JSON, version v0) -> a row of sweeps. Opens no file; sweeps.c does.
 *
 * Bin i of `data` lies at metadata.fmin + i * sample_rate / metadata.nfft, and holds watts. metadata.fmax is not heeded: it is
 * where the receiver's tuning ended, not the last bin. */
#ifndef SVI_CAPTURE_RADIOHOUND_H
#define SVI_CAPTURE_RADIOHOUND_H

#include "capture/sweeps.h"

/* True where a whole file looks like one. */
bool svi_radiohound_probe(struct svi_bytes file);

enum { SVI_RADIOHOUND_GROUP = 64 };

/* Adds the file's row, and what it says of its device where nothing is known yet. scan_group: "" where none is stated. Messages
 * name the label and the key. */
bool svi_radiohound_parse(struct svi_sweeps *out, char scan_group[SVI_RADIOHOUND_GROUP], struct svi_bytes file, const char *label,
                          struct svi_error *err);

#endif
