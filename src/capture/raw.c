/* raw.c - the row of raw IQ: samples from the first byte to the last, and a file name or a config that says which. */
#include "capture/flat_file.h"

#include <math.h>

static bool probe(struct svi_bytes head, const char *label)
{
    struct svi_name_facts named;
    (void)head;
    svi_name_facts_read(&named, svi_bytes_of(label));
    return named.samples;
}

static bool describe(struct svi_flat_file *flat, struct svi_recording *recording, const struct svi_stated *stated,
                     struct svi_error *err)
{
    const struct svi_flat_layout layout = {
        .datatype = stated->datatype ? stated->datatype : flat->named.datatype,
        .channels = 1,
        .center_frequency_hz = NAN,
        .start_time = "",
        .byte_count = svi_mapped_file_bytes(flat->file).count,
    };
    recording->datatype_claimed = true;
    if (!layout.datatype)
        return svi_fail(
            err, SVI_BAD_RECORDING,
            "The name %s does not say how its samples are stored. Give the parameter datatype, for example \"ci16_le\".",
            flat->label);
    return svi_flat_file_describe(flat, recording, &layout, stated, err);
}

static bool open_raw(void **self, struct svi_recording *recording, const struct svi_capture_request *request, struct svi_error *err)
{
    return svi_flat_file_create(self, recording, request, describe, err);
}

const struct svi_format svi_format_raw = {
    .name = "raw",
    .about = "raw IQ: .cf32, .cs16, .cu8, .iq, …",
    .one_file = true,
    .reads_spans = true,
    .probe = probe,
    .open = open_raw,
    .view = svi_flat_file_view,
    .forget = svi_flat_file_forget,
    .close = svi_flat_file_destroy,
};
