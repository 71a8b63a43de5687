#include "capture/flat_file.h"

#include "base/file.h"
#include "capture/label.h"
#include "capture/plausibility.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool svi_flat_file_open(struct svi_flat_file *out, const struct svi_capture_request *request, struct svi_error *err)
{
    const struct svi_file *file = &request->files[0];
    *out = (struct svi_flat_file){ 0 };
    if (request->file_count > 1) {
        char labels[256];
        svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
        return svi_fail(err, SVI_BAD_RECORDING, "A recording of this format is one file, but there are %zu: %s. Give one of them.",
                        request->file_count, labels);
    }
    svi_label_shown(out->label, file->label);
    svi_name_facts_read(&out->named, svi_bytes_of(file->label));
    return svi_mapped_file_open_span(&out->file, file->path, svi_capture_span(request, 0), file->label, err);
}

static void name_recording(struct svi_recording *recording, const char *label)
{
    const char *ending = strrchr(svi_base_name(label), '.');
    svi_label_stem(recording->name, sizeof recording->name, label, ending ? ending : "");
}

/* The stated rate is put in place by capture.c; here it only excuses a file that has none. */
static double find_rate(const struct svi_flat_file *flat, const struct svi_flat_layout *layout, const struct svi_stated *stated)
{
    return stated->sample_rate_hz > 0   ? stated->sample_rate_hz
           : layout->sample_rate_hz > 0 ? layout->sample_rate_hz
                                        : flat->named.sample_rate_hz;
}

/* A wrong datatype is why most of them do: where somebody claimed it, the first samples may look like another. */
static bool warn_of_rest(struct svi_flat_file *flat, struct svi_warnings *warnings, const struct svi_flat_layout *layout,
                         bool claimed, struct svi_error *err)
{
    const size_t sample_bytes = svi_datatype_bytes(layout->datatype) * layout->channels;
    char guess[40] = "";
    if (claimed) {
        const uint64_t most = layout->byte_count < SVI_PLAUSIBILITY_BYTES ? layout->byte_count : SVI_PLAUSIBILITY_BYTES;
        struct svi_bytes view;
        struct svi_plausibility plausibility;
        if (!svi_mapped_file_view(flat->file, layout->first_byte, most, &view, err))
            return false;
        svi_plausibility_of(&plausibility, view, layout->datatype);
        if (plausibility.likelier)
            svi_format(guess, sizeof guess, "; %s is likelier", plausibility.likelier->name);
    }
    svi_warn(warnings,
             "%s ends inside a sample: %" PRIu64 " bytes, %zu per sample (%s, %u channel%s%s). The last %" PRIu64 " are left out.",
             flat->label, layout->byte_count, sample_bytes, layout->datatype->name, layout->channels,
             layout->channels > 1 ? "s" : "", guess, layout->byte_count % sample_bytes);
    return true;
}

bool svi_flat_file_describe(struct svi_flat_file *flat, struct svi_recording *recording, const struct svi_flat_layout *layout,
                            const struct svi_stated *stated, struct svi_error *err)
{
    const size_t sample_bytes = svi_datatype_bytes(layout->datatype) * layout->channels;
    const uint64_t count = layout->byte_count / sample_bytes, rest = layout->byte_count % sample_bytes;
    const double rate_hz = find_rate(flat, layout, stated);
    const char *name = layout->datatype->name, *plural = layout->channels > 1 ? "s" : "";
    if (!(rate_hz > 0))
        return svi_fail(err, SVI_BAD_RECORDING,
                        "Neither %s nor its name says how many samples a second it has. Give the parameter sampleRate in hertz.",
                        flat->label);
    if (!count)
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds %" PRIu64 " bytes of samples; one sample (%s, %u channel%s) takes %zu.",
                        flat->label, layout->byte_count, name, layout->channels, plural, sample_bytes);
    if (rest && !warn_of_rest(flat, &recording->warnings, layout, recording->datatype_claimed || stated->datatype, err))
        return false;
    flat->first_byte = layout->first_byte;
    flat->sample_bytes = sample_bytes;
    flat->segment = (struct svi_segment){ .sample_count = count, .center_frequency_hz = layout->center_frequency_hz };
    if (isnan(layout->center_frequency_hz))
        flat->segment.center_frequency_hz = flat->named.center_frequency_hz;
    svi_format(flat->segment.start_time, sizeof flat->segment.start_time, "%s",
               layout->start_time[0] ? layout->start_time : flat->named.start_time);
    name_recording(recording, flat->label);
    recording->datatype = layout->datatype;
    recording->channels = layout->channels;
    recording->sample_rate_hz = rate_hz;
    recording->sample_count = count;
    recording->segment_count = 1;
    recording->segments = &flat->segment;
    return true;
}

bool svi_flat_file_view(void *self, uint64_t first, uint64_t count, struct svi_bytes *view, struct svi_error *err)
{
    const struct svi_flat_file *flat = self;
    return svi_mapped_file_view(flat->file, flat->first_byte + first * flat->sample_bytes, count * flat->sample_bytes, view, err);
}

void svi_flat_file_forget(void *self, uint64_t before_sample)
{
    const struct svi_flat_file *flat = self;
    svi_mapped_file_forget(flat->file, flat->first_byte + before_sample * flat->sample_bytes);
}

void svi_flat_file_close(struct svi_flat_file *flat)
{
    svi_mapped_file_close(flat->file);
}

bool svi_flat_file_create(void **self, struct svi_recording *recording, const struct svi_capture_request *request,
                          svi_flat_file_reader *read, struct svi_error *err)
{
    struct svi_flat_file *flat = calloc(1, sizeof *flat);
    if (!flat)
        return svi_fail_memory(err, sizeof *flat);
    bool ok = svi_flat_file_open(flat, request, err) && read(flat, recording, &request->stated, err);
    if (ok)
        *self = flat;
    else
        svi_flat_file_destroy(flat);
    return ok;
}

void svi_flat_file_destroy(void *self)
{
    svi_flat_file_close(self);
    free(self);
}
