/* numpy_file.c - the row of NumPy arrays in the table of formats. The array says what its numbers are, never their rate. */
#include "capture/flat_file.h"
#include "capture/label.h"
#include "capture/numpy.h"

#include <math.h>

static bool probe(struct svi_bytes head, const char *label)
{
    return svi_numpy_begins(head) || svi_label_ends(label, ".npy");
}

static bool describe(struct svi_flat_file *flat, struct svi_recording *recording, const struct svi_stated *stated,
                     struct svi_error *err)
{
    struct svi_numpy numpy;
    if (!svi_numpy_parse(&numpy, svi_mapped_file_bytes(flat->file), flat->label, err))
        return false;
    const struct svi_flat_layout layout = {
        .datatype = stated->datatype ? stated->datatype : numpy.datatype,
        .channels = 1,
        .center_frequency_hz = NAN,
        .start_time = "",
        .first_byte = numpy.first_byte,
        .byte_count = numpy.byte_count,
    };
    recording->warnings = numpy.warnings;
    return svi_flat_file_describe(flat, recording, &layout, stated, err);
}

static bool open_numpy(void **self, struct svi_recording *recording, const struct svi_capture_request *request,
                       struct svi_error *err)
{
    return svi_flat_file_create(self, recording, request, describe, err);
}

const struct svi_format svi_format_numpy = {
    .name = "npy",
    .about = "NumPy: .npy",
    .one_file = true,
    .reads_spans = true,
    .probe = probe,
    .open = open_numpy,
    .view = svi_flat_file_view,
    .forget = svi_flat_file_forget,
    .close = svi_flat_file_destroy,
};
