#include "visual/recording.h"

#include <math.h>

enum { MAX_GAPS = 100, MAX_COLUMNS = 100 };

static json_t *or_null(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *list_gaps(const struct svi_recording *recording)
{
    json_t *list = json_array();
    for (size_t i = 0; i < recording->gap_count && i < MAX_GAPS; i++)
        json_array_append_new(list, json_pack("{s:I, s:I}", "first_sample", (json_int_t)recording->gaps[i].first_sample,
                                              "sample_count", (json_int_t)recording->gaps[i].sample_count));
    return list;
}

bool svi_recording_has_channel(const struct svi_recording *recording, double channel, struct svi_error *err)
{
    return channel < recording->channels
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter channel is %.0f, but the recording has %u channel%s, counted from 0.",
                       channel, recording->channels, recording->channels == 1 ? "" : "s");
}

json_t *svi_recording_about(const struct svi_recording *recording)
{
    const struct svi_segment *first = &recording->segments[0];
    uint64_t stored = recording->sample_count;
    for (size_t i = 0; i < recording->gap_count; i++)
        stored -= recording->gaps[i].sample_count;
    static const char *const checksums[] = { "none", "not checked", "right", "wrong" };
    json_t *about = json_pack(
        "{s:s, s:s, s:s, s:i, s:f, s:o, s:s*, s:I, s:I, s:I, s:i, s:f, s:I, s:o, s:I}", "format", recording->format, "name",
        recording->name, "datatype", recording->datatype->name, "channels", (int)recording->channels, "sample_rate_hz",
        recording->sample_rate_hz, "center_frequency_hz", or_null(first->center_frequency_hz), "start_time",
        first->start_time[0] ? first->start_time : NULL, "sample_count", (json_int_t)recording->sample_count, "stored_sample_count",
        (json_int_t)stored, "first_index", (json_int_t)recording->first_index, "subchannels", (int)recording->subchannels,
        "duration_s", (double)recording->sample_count / recording->sample_rate_hz, "gap_count", (json_int_t)recording->gap_count,
        "gaps", list_gaps(recording), "annotation_count", (json_int_t)recording->annotation_count);
    if (about && recording->index_is_time && recording->rate.denominator > 1 && recording->rate.numerator <= INT64_MAX
        && recording->rate.denominator <= INT64_MAX) /* as the format says it, where no decimal does */
        json_object_set_new(about, "sample_rate_fraction",
                            json_pack("[I, I]", (json_int_t)recording->rate.numerator, (json_int_t)recording->rate.denominator));
    if (about && recording->checksum != SVI_CHECKSUM_NONE)
        json_object_set_new(about, "sha512", json_string(checksums[recording->checksum]));
    return about;
}

static json_t *list_columns(const struct svi_table *table)
{
    json_t *list = json_array();
    for (size_t i = 0; i < table->column_count && i < MAX_COLUMNS; i++) {
        const struct svi_table_column *column = &table->columns[i];
        json_array_append_new(list, json_pack("{s:I, s:s*, s:s*, s:I}", "number", (json_int_t)i + 1, "name",
                                              column->name[0] ? column->name : NULL, "unit", column->unit[0] ? column->unit : NULL,
                                              "missing", (json_int_t)column->missing));
    }
    return list;
}

json_t *svi_table_about(const struct svi_table *table)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:I, s:I, s:o}", "format", table->format, "name", table->name, "row_count",
                     (json_int_t)table->row_count, "column_count", (json_int_t)table->column_count, "header", table->has_header,
                     "missing_cells", (json_int_t)table->missing, "text_cells", (json_int_t)table->texts, "columns",
                     list_columns(table));
}

json_t *svi_sweeps_about(const struct svi_sweeps *sweeps)
{
    const struct svi_sweeps_span span = svi_sweeps_span(sweeps);
    const struct svi_sweep *first = &sweeps->rows[0], *last = &sweeps->rows[sweeps->row_count - 1];
    char start[SVI_UTC_TEXT], end[SVI_UTC_TEXT];
    size_t fewest = first->count, most = first->count;
    for (size_t i = 0; i < sweeps->row_count; i++) {
        fewest = sweeps->rows[i].count < fewest ? sweeps->rows[i].count : fewest;
        most = sweeps->rows[i].count > most ? sweeps->rows[i].count : most;
    }
    svi_moment_write(start, first->moment);
    svi_moment_write(end, last->moment);
    return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:s, s:s, s:I}", "format", sweeps->format, "name",
                     sweeps->name, "holds", "spectra", "device", *sweeps->device ? sweeps->device : NULL, "unit",
                     sweeps->watts ? "W" : "relative", "row_count", (json_int_t)sweeps->row_count, "bins_min", (json_int_t)fewest,
                     "bins_max", (json_int_t)most, "min_frequency_hz", span.low_hz, "max_frequency_hz", span.high_hz, "bin_hz",
                     span.step_hz, "start_time", start, "last_time", end, "missing_values", (json_int_t)sweeps->missing);
}

json_t *svi_plausibility_about(const struct svi_plausibility *plausibility)
{
    return json_pack("{s:s, s:s*}", "verdict", plausibility->verdict, "likelier_datatype",
                     plausibility->likelier ? plausibility->likelier->name : NULL);
}

json_t *svi_warnings_list(const struct svi_warnings *warnings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < warnings->count && i < SVI_MAX_WARNINGS; i++)
        json_array_append_new(list, json_string(warnings->text[i]));
    return list;
}

static struct svi_stated what_is_stated(const struct svi_values *values)
{
    const struct svi_value *datatype = &values->at[SVI_PARAM_DATATYPE], *rate = &values->at[SVI_PARAM_SAMPLE_RATE],
                           *center = &values->at[SVI_PARAM_CENTER_FREQUENCY];
    return (struct svi_stated){ .datatype = datatype->given ? svi_datatype_find(datatype->text) : NULL,
                                .sample_rate_hz = rate->given ? rate->number : 0,
                                .has_center_frequency = center->given,
                                .center_frequency_hz = center->number };
}

/* Only Digital RF has channels with names, and subchannels: it counts the latter. */
static bool check_names(const struct svi_recording *recording, const struct svi_capture_request *request, struct svi_error *err)
{
    if (recording->subchannels)
        return true;
    if (request->channel) {
        char shown[128];
        svi_text_clean(shown, sizeof shown, request->channel);
        return svi_fail(
            err, SVI_BAD_PARAMETER,
            "The parameter channel is \"%s\", but the channels of this recording (%s) have no names. Give a number: there "
            "%s %u, counted from 0.",
            shown, recording->format, recording->channels == 1 ? "is" : "are", recording->channels);
    }
    return !request->subchannel
           || svi_fail(err, SVI_BAD_PARAMETER,
                       "The parameter subchannel is %u, but this recording (%s) has no subchannels; Digital RF has. Leave it out.",
                       request->subchannel, recording->format);
}

/* Whoever names columns wants a table, whoever states a rate has samples. */
static enum svi_text_as text_as(const struct svi_values *values, enum svi_text_as otherwise)
{
    static const enum svi_param columns[] = { SVI_PARAM_X_COLUMN, SVI_PARAM_Y_COLUMN, SVI_PARAM_VALUE_COLUMN };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (values->at[columns[i]].given)
            return SVI_TEXT_AS_TABLE;
    return values->at[SVI_PARAM_SAMPLE_RATE].given ? SVI_TEXT_AS_SAMPLES : otherwise;
}

bool svi_recording_open(struct svi_input *out, const struct svi_capture_request *request, const struct svi_values *values,
                        struct svi_error *err)
{
    struct svi_capture_request stated = *request;
    const char *channel = values->at[SVI_PARAM_CHANNEL].text;
    stated.stated = what_is_stated(values);
    stated.channel = *channel ? channel : NULL;
    stated.subchannel = (unsigned)values->at[SVI_PARAM_SUBCHANNEL].number;
    const struct svi_value *verify = &values->at[SVI_PARAM_VERIFY];
    stated.verify = !verify->on ? SVI_VERIFY_NEVER : verify->given ? SVI_VERIFY_ALWAYS : SVI_VERIFY_USUAL;
    stated.text_as = text_as(values, request->text_as);
    if (!svi_input_open(out, &stated, err))
        return false;
    if (!out->capture || check_names(svi_capture_recording(out->capture), &stated, err))
        return true;
    svi_input_close(out);
    return false;
}
