/* fuzz_wav - any bytes as a WAV file: refused with a reason, or samples that lie in the file. */
#include "capture/wav.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_wav wav;
    struct svi_error err = { 0 };
    if (!svi_wav_parse(&wav, (struct svi_bytes){ data, size }, "fuzz.wav", &err)) {
        must(err.status != SVI_OK && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
        return 0;
    }
    must(wav.channels >= 1 && wav.channels <= SVI_WAV_MAX_CHANNELS && wav.sample_rate_hz > 0);
    must(wav.frame_bytes == wav.channels * wav.number_bits / 8 && wav.frame_bytes > 0);
    must(wav.byte_count > 0 && wav.first_byte <= size && wav.byte_count <= size - wav.first_byte);
    must(isnan(wav.center_frequency_hz) || wav.center_frequency_hz > 0);
    return 0;
}
