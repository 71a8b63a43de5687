/* name_facts.h - what the name of a recording says of its samples, where programs that record put it there. Opens no file.
 *
 *   anything_433.92M_1000k.cu8                          rtl_433: frequency, sample rate, datatype
 *   gqrx_20260102_030405_433920000_2400000_fc.raw       gqrx: UTC, frequency, sample rate; always cf32_le
 *   SDRSharp_20260102_030405Z_433920000Hz_IQ.wav        SDR#, HDSDR (…_433920kHz_RF.wav): UTC, frequency
 *
 * Nothing is guessed: a number without a unit says something only where the whole pattern fits. */
#ifndef SVI_CAPTURE_NAME_FACTS_H
#define SVI_CAPTURE_NAME_FACTS_H

#include "base/bytes.h"
#include "capture/datatype.h"
#include "capture/utc.h"

struct svi_name_facts {
    const struct svi_datatype *datatype; /* by the ending; NULL: not said */
    bool samples;                        /* the name is one of files that hold samples and nothing else, known datatype or not */
    double sample_rate_hz;               /* 0: not said */
    double center_frequency_hz;          /* NAN: not said */
    char start_time[SVI_UTC_TEXT];       /* "" not said */
};

/* Any bytes are fine: what fits no pattern says nothing. Folders before the name are left out. */
void svi_name_facts_read(struct svi_name_facts *out, struct svi_bytes name);

#endif
