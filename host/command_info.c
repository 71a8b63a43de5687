/* command_info - says what a recording is, or how one of our pictures was made, without a device. */
#include "base/file.h"
#include "host/command.h"
#include "host/health_card.h"
#include "visual/recording.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_GAPS = 10, SHOWN_COLUMNS = 20, SHOWN_TUNINGS = 10, LISTED_TUNINGS = 1000 };

static void print_gaps(const struct svi_recording *recording)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < recording->gap_count; i++)
        missing += recording->gaps[i].sample_count;
    printf("gaps         %zu, %" PRIu64 " samples\n", recording->gap_count, missing);
    for (size_t i = 0; i < recording->gap_count && i < SHOWN_GAPS; i++)
        printf("             %" PRIu64 " at sample %" PRIu64 "\n", recording->gaps[i].sample_count,
               recording->gaps[i].first_sample);
    if (recording->gap_count > SHOWN_GAPS)
        printf("             and %zu more\n", recording->gap_count - SHOWN_GAPS);
}

static void print_center(const struct svi_segment *segment)
{
    if (isnan(segment->center_frequency_hz))
        printf("not stated");
    else
        printf("%.*g Hz", SVI_JSON_DIGITS, segment->center_frequency_hz);
}

static void print_tunings(const struct svi_recording *recording)
{
    size_t changes = 0;
    printf("center       ");
    print_center(&recording->segments[0]);
    for (size_t i = 1; i < recording->segment_count; i++)
        if (svi_recording_retunes(recording, i) && ++changes < SHOWN_TUNINGS) {
            printf("\n             ");
            print_center(&recording->segments[i]);
            printf(" from sample %" PRIu64, recording->segments[i].first_sample);
        }
    if (changes >= SHOWN_TUNINGS)
        printf("\n             and %zu more", changes - SHOWN_TUNINGS + 1);
    printf("\n");
}

/* NULL: there is but one. */
static json_t *list_tunings(const struct svi_recording *recording)
{
    json_t *list = json_array();
    for (size_t i = 0; i < recording->segment_count && json_array_size(list) < LISTED_TUNINGS; i++)
        if (!i || svi_recording_retunes(recording, i)) {
            const double center_hz = recording->segments[i].center_frequency_hz;
            json_array_append_new(list, json_pack("{s:I, s:o}", "first_sample", (json_int_t)recording->segments[i].first_sample,
                                                  "center_frequency_hz", isnan(center_hz) ? json_null() : json_real(center_hz)));
        }
    if (json_array_size(list) > 1)
        return list;
    json_decref(list);
    return NULL;
}

static void print_segments(const struct svi_recording *recording)
{
    const struct svi_segment *first = &recording->segments[0];
    print_tunings(recording);
    printf("start        %s\n", first->start_time[0] ? first->start_time : "not stated");
    if (recording->segment_count > 1)
        printf("segments     %zu\n", recording->segment_count);
}

static void print_warnings(const struct svi_warnings *warnings)
{
    for (size_t i = 0; i < warnings->count && i < SVI_MAX_WARNINGS; i++)
        printf("warning      %s\n", warnings->text[i]);
}

static void print_text(const struct svi_recording *recording)
{
    printf("name         %s\nformat       %s\ndatatype     %s\nchannels     %u\n", recording->name, recording->format,
           recording->datatype->name, recording->channels);
    if (recording->subchannels)
        printf("subchannels  %u\n", recording->subchannels);
    printf("rate         %.10g Hz\n", recording->sample_rate_hz);
    print_segments(recording);
    printf("length       %" PRIu64 " samples, %.10g s\n", recording->sample_count,
           (double)recording->sample_count / recording->sample_rate_hz);
    if (recording->first_index)
        printf("first index  %" PRIu64 "\n", recording->first_index);
    print_gaps(recording);
    if (recording->checksum != SVI_CHECKSUM_NONE)
        printf("sha512       %s\n", recording->checksum == SVI_CHECKSUM_RIGHT   ? "right"
                                    : recording->checksum == SVI_CHECKSUM_WRONG ? "wrong"
                                                                                : "not checked");
    if (recording->description[0])
        printf("description  %s\n", recording->description);
    print_warnings(&recording->warnings);
}

static void print_table_text(const struct svi_table *table)
{
    printf("name         %s\nformat       %s, a table\nrows         %zu\nheader       %s\n", table->name, table->format,
           table->row_count, table->has_header ? "yes" : "no");
    printf("columns      %zu\n", table->column_count);
    for (size_t i = 0; i < table->column_count && i < SHOWN_COLUMNS; i++) {
        const struct svi_table_column *column = &table->columns[i];
        printf("             %zu %s%s%s%s", i + 1, column->name, *column->unit ? " (" : "", column->unit, *column->unit ? ")" : "");
        printf(column->missing ? ", %" PRIu64 " cells without a number\n" : "\n", column->missing);
    }
    if (table->column_count > SHOWN_COLUMNS)
        printf("             and %zu more\n", table->column_count - SHOWN_COLUMNS);
    print_warnings(&table->warnings);
}

/* what: "recording" or "table"; about: taken over. */
static bool print_json(const char *what, json_t *about, const struct svi_warnings *warnings)
{
    json_t *tree = json_pack("{s:o, s:o}", what, about, "warnings", svi_warnings_list(warnings));
    bool ok = tree && json_dumpf(tree, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(SVI_JSON_DIGITS)) == 0 && putchar('\n') != EOF;
    json_decref(tree);
    return ok;
}

static void print_sweeps_text(const struct svi_sweeps *sweeps)
{
    const struct svi_sweeps_span span = svi_sweeps_span(sweeps);
    const struct svi_sweep *first = &sweeps->rows[0], *last = &sweeps->rows[sweeps->row_count - 1];
    char start[SVI_UTC_TEXT], end[SVI_UTC_TEXT];
    svi_moment_write(start, first->moment);
    svi_moment_write(end, last->moment);
    printf("name         %s\nformat       %s, power spectra in %s\n", sweeps->name, sweeps->format, sweeps->watts ? "watts" : "dB");
    if (*sweeps->device)
        printf("device       %s\n", sweeps->device);
    printf("spectra      %zu\nfrequencies  %.12g to %.12g Hz\nbins         %.10g Hz, %zu in the first spectrum\n",
           sweeps->row_count, span.low_hz, span.high_hz, span.step_hz, first->count);
    printf("start        %s\n", start);
    if (sweeps->row_count > 1)
        printf("last         %s, %.10g s later\n", end, svi_sweeps_seconds(sweeps, sweeps->row_count - 1));
    if (sweeps->missing)
        printf("missing      %" PRIu64 " of %" PRIu64 " levels\n", sweeps->missing, sweeps->values);
    print_warnings(&sweeps->warnings);
}

/* health: NULL where nobody asked for it. */
static bool tell_json(const struct svi_input *input, const struct svi_health *health)
{
    if (input->table)
        return print_json("table", svi_table_about(input->table), &input->table->warnings);
    if (input->sweeps)
        return print_json("recording", svi_sweeps_about(input->sweeps), &input->sweeps->warnings);
    const struct svi_recording *recording = svi_capture_recording(input->capture);
    json_t *about = svi_recording_about(recording), *tunings = list_tunings(recording);
    if (tunings)
        json_object_set_new(about, "tunings", tunings);
    if (about && health)
        json_object_set_new(about, "health", svi_health_about(health));
    return print_json("recording", about, &recording->warnings);
}

static void tell_text(const struct svi_input *input, const struct svi_health *health)
{
    if (input->table)
        print_table_text(input->table);
    else if (input->sweeps)
        print_sweeps_text(input->sweeps);
    else
        print_text(svi_capture_recording(input->capture));
    if (health)
        svi_health_card_print(health, svi_capture_recording(input->capture));
}

static bool measure(struct svi_health *health, const struct svi_options *options, const struct svi_input *input,
                    const struct svi_values *values, struct svi_error *err)
{
    if (!input->capture)
        return svi_fail(err, SVI_BAD_RECORDING, "--stats is of samples, but what came holds none: it is %s.",
                        input->table ? "a table" : "power spectra");
    return svi_health_card(health, options, input->capture, values->at[SVI_PARAM_CHANNEL].number, err);
}

static bool tell(const struct svi_options *options, const struct svi_file *files, const json_t *config, struct svi_error *err)
{
    const struct svi_capture_request request = { .files = files,
                                                 .file_count = svi_operand_count(options),
                                                 .look_beside = true,
                                                 .format = json_string_value(json_object_get(config, "capture_type")),
                                                 .recording = json_string_value(json_object_get(config, "recording")),
                                                 .scratch_folder = svi_scratch_folder() };
    struct svi_values values;
    struct svi_input input = { 0 };
    struct svi_health health;
    const bool stats = svi_option_on(options, SVI_OPTION_STATS);
    const bool understood = svi_values_read(&values, config, err);
    svi_tell_ignored(values.ignored);
    bool ok = understood && svi_recording_open(&input, &request, &values, err)
              && (!stats || measure(&health, options, &input, &values, err));
    if (ok && svi_option_on(options, SVI_OPTION_JSON))
        ok = tell_json(&input, stats ? &health : NULL) || svi_fail(err, SVI_IO, "Standard output cannot be written.");
    else if (ok)
        tell_text(&input, stats ? &health : NULL);
    svi_input_close(&input);
    svi_values_clear(&values);
    return ok;
}

int svi_command_info(const struct svi_options *options, struct svi_error *err)
{
    size_t count = svi_operand_count(options);
    struct svi_file *files = calloc(count, sizeof *files);
    if (!files)
        return svi_exit_code(svi_fail_memory(err, count * sizeof *files), err);
    for (size_t i = 0; i < count; i++)
        files[i] = (struct svi_file){ svi_operand(options, i), svi_base_name(svi_operand(options, i)) };
    json_t *config = svi_config_from_sets(options, err);
    bool ok = config
              && (count == 1 && svi_is_picture(files->path)
                      ? svi_tell_picture(files->path, files->label, svi_option_on(options, SVI_OPTION_JSON), err)
                      : tell(options, files, config, err));
    ok = ok && (fflush(stdout) == 0 || svi_fail(err, SVI_IO, "Standard output cannot be written."));
    json_decref(config);
    free(files);
    return svi_exit_code(ok, err);
}
