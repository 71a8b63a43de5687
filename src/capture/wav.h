/* wav.h - the bytes of a WAV file -> where its samples lie and what they are. Opens no file; wav_file.c does.
 *
 * Facts: RIFF/WAVE with WAVEFORMATEXTENSIBLE (Microsoft), RF64 (EBU Tech 3306), BW64 (ITU-R BS.2088), and the chunk "auxi" that
 * SDR#, HDSDR and their kin write: two SYSTEMTIMEs and the center frequency. */
#ifndef SVI_CAPTURE_WAV_H
#define SVI_CAPTURE_WAV_H

#include "capture/capture.h"
#include "capture/utc.h"

enum { SVI_WAV_MAX_CHANNELS = 256 };

struct svi_wav {
    unsigned channels; /* of the file: two may stand for I and Q */
    unsigned number_bits;
    bool floating;
    uint32_t sample_rate_hz;       /* > 0 */
    size_t frame_bytes;            /* one number of each channel */
    uint64_t first_byte;           /* of the samples */
    uint64_t byte_count;           /* of the samples that are there */
    double center_frequency_hz;    /* NAN: not said */
    char start_time[SVI_UTC_TEXT]; /* "" not said */
    struct svi_warnings warnings;
};

/* True where the bytes begin as a WAV file of any kind does. */
bool svi_wav_begins(struct svi_bytes head);

/* `bytes`: the whole file. `label` names it in messages, which say at which byte. A size in the header that does not fit the file,
 * as an interrupted recording leaves it, is survived with a warning. */
bool svi_wav_parse(struct svi_wav *out, struct svi_bytes bytes, const char *label, struct svi_error *err);

#endif
