#include "capture/input.h"

#include "capture/csv_columns.h"
#include "capture/mapped_file.h"
#include "capture/name_facts.h"
#include "capture/numpy_matrix.h"
#include "capture/unpack.h"

#include <string.h>

/* What belongs to a table, for unpack.h. */
static bool probe_table(struct svi_bytes head, const char *label)
{
    (void)head;
    return svi_table_is_called(label);
}

static bool probe_matrix(struct svi_bytes head, const char *label)
{
    (void)label;
    return svi_numpy_is_matrix(head);
}

static const struct svi_format matrix_format = { .name = "npy", .one_file = true, .reads_spans = true, .probe = probe_matrix };
static const struct svi_format table_format = { .name = "csv", .one_file = true, .reads_spans = true, .probe = probe_table };

static bool is_named(const struct svi_capture_request *request, const char *name)
{
    return request->format && !strcmp(request->format, name);
}

static bool has_rate(const struct svi_capture_request *request, const struct svi_csv_columns *columns)
{
    struct svi_name_facts named;
    svi_name_facts_read(&named, svi_bytes_of(request->files[0].label));
    return request->stated.sample_rate_hz > 0 || columns->sample_rate_hz > 0 || columns->time != SVI_CSV_NO_COLUMN
           || named.sample_rate_hz > 0;
}

/* Columns that are I and Q, but of which nobody knows the rate, can still be drawn as a table. */
static bool is_samples(const struct svi_capture_request *request)
{
    struct svi_csv_columns columns;
    svi_csv_columns_look(&columns, request, 0);
    switch (request->text_as) {
    case SVI_TEXT_AS_SAMPLES:
        return columns.content != SVI_CSV_A_TABLE;
    case SVI_TEXT_BY_COLUMNS:
        return columns.content == SVI_CSV_SAMPLES && has_rate(request, &columns);
    case SVI_TEXT_AS_TABLE:
        break;
    }
    return false;
}

/* Of an archive, all files but foreign ones have to be texts: beside a recording, a text is a note. */
static bool are_texts(const struct svi_capture_request *request)
{
    size_t texts = 0;
    for (size_t i = 0; i < request->file_count; i++)
        texts += svi_table_is_called(request->files[i].label);
    return texts && (request->spans ? !svi_capture_is_known(request) : request->file_count == 1);
}

/* Any of an archive's files, or the one that is not. */
static bool is_matrix(const struct svi_capture_request *request)
{
    bool found = false;
    for (size_t i = 0; i < request->file_count && !found && (request->spans || request->file_count == 1); i++) {
        struct svi_mapped_file *mapped;
        struct svi_error unused = { 0 };
        const struct svi_file *file = &request->files[i];
        if (!svi_mapped_file_open_span(&mapped, file->path, svi_capture_span(request, i), file->label, &unused))
            continue;
        found = svi_numpy_is_matrix(svi_mapped_file_head(mapped, SVI_FORMAT_HEAD_BYTES));
        svi_mapped_file_close(mapped);
    }
    return found;
}

static bool fit(struct svi_unpacked *unpacked, struct svi_capture_request *request, const struct svi_format *format,
                struct svi_error *err)
{
    if (!unpacked || svi_unpacked_fit(unpacked, request, format, err))
        return true;
    svi_unpacked_close(unpacked);
    return false;
}

static bool open_table(struct svi_input *out, struct svi_capture_request *request, struct svi_unpacked *unpacked,
                       struct svi_error *err)
{
    const bool ok = svi_table_open(&out->table, request, err);
    if (ok && unpacked)
        svi_warn_all(&out->table->warnings, svi_unpacked_warnings(unpacked));
    svi_unpacked_close(unpacked);
    return ok;
}

static bool open_text(struct svi_input *out, struct svi_capture_request *request, struct svi_unpacked *unpacked,
                      struct svi_error *err)
{
    if (!fit(unpacked, request, &table_format, err))
        return false;
    if (is_named(request, table_format.name) || !is_samples(request))
        return open_table(out, request, unpacked, err);
    request->format = svi_format_csv_samples.name;
    return svi_capture_open_unpacked(&out->capture, request, unpacked, err);
}

static bool open_sweeps(struct svi_input *out, const struct svi_format *format, struct svi_capture_request *request,
                        struct svi_unpacked *unpacked, struct svi_error *err)
{
    if (!fit(unpacked, request, format, err))
        return false;
    request->format = format->name; /* not to be looked for again */
    const bool ok = svi_sweeps_open(&out->sweeps, request, err);
    if (ok && unpacked)
        svi_warn_all(&out->sweeps->warnings, svi_unpacked_warnings(unpacked));
    svi_unpacked_close(unpacked);
    return ok;
}

bool svi_input_open(struct svi_input *out, const struct svi_capture_request *given, struct svi_error *err)
{
    struct svi_capture_request request = *given;
    struct svi_unpacked *unpacked = NULL;
    *out = (struct svi_input){ 0 };
    if (!svi_unpack(&unpacked, &request, err))
        return false;
    const struct svi_format *sweeps = svi_sweeps_format(&request);
    const bool named = request.format && request.format[0];
    if (sweeps)
        return open_sweeps(out, sweeps, &request, unpacked, err);
    if (is_named(&request, table_format.name) || (!named && are_texts(&request)))
        return open_text(out, &request, unpacked, err);
    if (!named && request.text_as != SVI_TEXT_AS_SAMPLES && is_matrix(&request))
        return fit(unpacked, &request, &matrix_format, err) && open_table(out, &request, unpacked, err);
    return svi_capture_open_unpacked(&out->capture, &request, unpacked, err);
}

void svi_input_close(struct svi_input *input)
{
    svi_capture_close(input->capture);
    svi_table_close(input->table);
    svi_sweeps_close(input->sweeps);
    *input = (struct svi_input){ 0 };
}
