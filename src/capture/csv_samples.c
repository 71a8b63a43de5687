/* csv_samples.c - the row of texts of separated values whose columns are samples. The text is read once, from its first row to its
 * last, into a file of numbers below the scratch folder, which is viewed like raw IQ. */
#include "capture/csv_clock.h"
#include "capture/csv_columns.h"
#include "capture/flat_file.h"
#include "capture/label.h"
#include "capture/scratch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 16, MOST_SAMPLE_BYTES = 16, FORGET_BYTES = 16 << 20, SHOWN_TEXT = 40 };

static const char cannot_store[] = "The samples of the text cannot be stored";

/* Numbers above this are seconds since 1970: no recording begins three years after its own beginning. */
static const double least_unix_s = 1e8;

struct conversion {
    const struct svi_capture_request *request;
    struct svi_csv_rows rows;
    struct svi_csv_columns columns;
    struct svi_csv_clock clock;
    struct svi_moment start;
    bool has_start;
    const struct svi_datatype *datatype;
    uint64_t samples, incomplete; /* incomplete: without a number; NAN, or silence of integers */
    uint64_t incomplete_line;
    char incomplete_text[SHOWN_TEXT];
    struct svi_scratch scratch;
    int fd;
    char path[PATH_MAX]; /* of the file of numbers */
    uint64_t written_bytes;
    uint8_t piece[PIECE_BYTES];
    size_t used;
};

static bool probe(struct svi_bytes head, const char *label)
{
    struct svi_csv_rows rows;
    struct svi_csv_columns columns = { .content = SVI_CSV_A_TABLE };
    struct svi_error unused = { 0 };
    if (!svi_table_is_called(label))
        return false;
    if (svi_csv_begin(&rows, head, label, &unused))
        svi_csv_columns_find(&columns, &rows, head);
    svi_csv_end(&rows);
    return columns.content == SVI_CSV_SAMPLES;
}

/* ---- the file of numbers ---- */

static bool create_file(struct conversion *to, struct svi_error *err)
{
    if (!to->request->scratch_folder)
        return svi_fail(err, SVI_BAD_RECORDING, "Samples in a text cannot be read here: there is no room to store them.");
    if (!svi_scratch_open(&to->scratch, to->request->scratch_folder, err))
        return false;
    if (!svi_format(to->path, sizeof to->path, "%s/samples", to->scratch.path))
        return svi_fail(err, SVI_IO, "The name of the folder for samples of a text is too long.");
    to->fd = open(to->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return to->fd >= 0 || svi_scratch_fail(cannot_store, to->path, err);
}

static bool write_piece(struct conversion *to, struct svi_error *err)
{
    const struct svi_bytes piece = { to->piece, to->used };
    if (!svi_scratch_go_on(to->request, err) || !svi_scratch_write(to->fd, to->written_bytes, piece, cannot_store, err))
        return false;
    to->written_bytes += to->used;
    to->used = 0;
    return true;
}

static bool store(struct conversion *to, const double numbers[2], struct svi_error *err)
{
    const struct svi_datatype *datatype = to->datatype;
    if (to->used + MOST_SAMPLE_BYTES > sizeof to->piece && !write_piece(to, err))
        return false;
    for (unsigned part = 0; part < datatype->parts; part++) {
        uint8_t *at = to->piece + to->used;
        if (isnan(numbers[part]) && !svi_datatype_is_float(datatype))
            svi_datatype_silence(datatype, at, datatype->part_bytes);
        else
            svi_datatype_store(datatype, (numbers[part] - datatype->middle) / datatype->full_scale, at);
        to->used += datatype->part_bytes;
    }
    return true;
}

/* ---- rows ---- */

static void note_incomplete(struct conversion *to, const struct svi_csv_cell *cell)
{
    if (to->incomplete++)
        return;
    to->incomplete_line = to->rows.row_line;
    svi_csv_show(to->incomplete_text, sizeof to->incomplete_text, cell);
}

/* The cell of a column, empty where the row is short. */
static struct svi_csv_cell cell_of(const struct conversion *to, size_t column)
{
    return column < to->rows.count ? to->rows.cells[column] : (struct svi_csv_cell){ { (const uint8_t *)"", 0 }, false };
}

static void read_sample(struct conversion *to, double numbers[2])
{
    const struct svi_csv_columns *columns = &to->columns;
    const char separator = to->rows.separator;
    struct svi_csv_cell cell = cell_of(to, columns->i);
    numbers[1] = 0;
    bool whole = svi_csv_number(cell.text, separator, &numbers[0]) == SVI_CSV_NUMBER;
    if (!whole && columns->complex_text)
        whole = svi_csv_complex(cell.text, separator, numbers) && isfinite(numbers[0]) && isfinite(numbers[1]);
    if (whole && columns->q != SVI_CSV_NO_COLUMN) {
        cell = cell_of(to, columns->q);
        whole = svi_csv_number(cell.text, separator, &numbers[1]) == SVI_CSV_NUMBER;
    }
    if (whole)
        return;
    note_incomplete(to, &cell);
    numbers[0] = numbers[1] = NAN;
}

/* A number, or a moment as RFC 3339 has it. */
static double read_time(struct conversion *to)
{
    const struct svi_csv_cell cell = cell_of(to, to->columns.time);
    double number;
    char text[SVI_UTC_TEXT], utc[SVI_UTC_TEXT];
    struct svi_moment moment;
    bool zone_missing;
    if (svi_csv_number(cell.text, to->rows.separator, &number) == SVI_CSV_NUMBER) {
        number *= to->columns.time_unit_s;
        if (!to->clock.count && number >= least_unix_s && number < 1e11) {
            to->has_start = true;
            to->start.second = (int64_t)floor(number);
            to->start.attosecond = (uint64_t)((number - floor(number)) * 1e18);
        }
        return number;
    }
    svi_csv_show(text, sizeof text, &cell);
    if (!svi_utc_read(utc, text, &zone_missing) || !svi_moment_read(&moment, utc))
        return NAN;
    if (!to->clock.count) {
        to->has_start = true;
        to->start = moment;
    }
    return (double)(moment.second - to->start.second) + ((double)moment.attosecond - (double)to->start.attosecond) * 1e-18;
}

static bool take_row(struct conversion *to, struct svi_error *err)
{
    double numbers[2];
    size_t count;
    if (!svi_csv_fits(&to->rows, to->columns.count, &count))
        return false;
    if (to->columns.time != SVI_CSV_NO_COLUMN)
        svi_csv_clock_add(&to->clock, read_time(to), to->rows.row_line);
    read_sample(to, numbers);
    to->samples++;
    return store(to, numbers, err);
}

static bool take_rows(struct conversion *to, struct svi_mapped_file *text, struct svi_error *err)
{
    const uint8_t *forgotten = to->rows.at, *begin = svi_mapped_file_bytes(text).at;
    bool ok = to->columns.header || take_row(to, err);
    while (ok && svi_csv_next(&to->rows)) {
        ok = take_row(to, err);
        if (to->rows.at - forgotten >= FORGET_BYTES) {
            forgotten = to->rows.at;
            svi_mapped_file_forget(text, (uint64_t)(forgotten - begin));
        }
    }
    if (!ok || err->status != SVI_OK)
        return false;
    if (to->samples == to->incomplete)
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds no sample: no row has numbers in the columns that are to be samples.",
                        to->rows.label);
    return write_piece(to, err);
}

/* ---- what it is ---- */

static bool choose_datatype(struct conversion *to, struct svi_error *err)
{
    const struct svi_datatype *stated = to->request->stated.datatype;
    const unsigned parts = to->columns.complex_text || to->columns.q != SVI_CSV_NO_COLUMN ? 2 : 1;
    to->datatype = stated ? stated : svi_datatype_find(parts == 2 ? "cf32_le" : "rf32_le");
    return to->datatype->parts == parts
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter datatype is %s, but the samples in %s are %s.", to->datatype->name,
                       to->rows.label, parts == 2 ? "complex" : "real");
}

static bool check_columns(const struct svi_csv_columns *columns, const char *label, struct svi_error *err)
{
    return columns->content != SVI_CSV_A_TABLE
           || svi_fail(err, SVI_BAD_RECORDING,
                       "The columns of %s are not known to be samples. Call two of them i and q, write complex numbers like "
                       "0.1-0.2j, or leave one column.",
                       label);
}

/* A comment is exact, times are not. */
static bool find_rate(const struct conversion *to, double *rate_hz, struct svi_error *err)
{
    uint64_t line;
    *rate_hz = to->columns.sample_rate_hz;
    if (to->request->stated.sample_rate_hz > 0 || *rate_hz > 0 || to->columns.time == SVI_CSV_NO_COLUMN || to->samples < 2)
        return true;
    return svi_csv_clock_rate(&to->clock, rate_hz, &line)
           || svi_fail(err, SVI_BAD_RECORDING,
                       "%s, line %" PRIu64
                       ": the times in column %zu do not go on in equal steps, so there is no sample rate. Give "
                       "the parameter sampleRate in hertz to have the rows read as evenly spaced.",
                       to->rows.label, line, to->columns.time + 1);
}

static void warn(const struct conversion *to, struct svi_recording *recording)
{
    if (to->incomplete)
        svi_warn(&recording->warnings,
                 "%" PRIu64 " of %" PRIu64 " rows of %s hold no whole sample, the first one \"%s\" in line %" PRIu64 ": they %s.",
                 to->incomplete, to->samples, to->rows.label, to->incomplete_text, to->incomplete_line,
                 svi_datatype_is_float(to->datatype) ? "are left out of what they fall into" : "are taken for silence");
}

static bool describe(struct svi_flat_file *flat, struct svi_recording *recording, const struct conversion *to,
                     struct svi_error *err)
{
    char start[SVI_UTC_TEXT] = "";
    struct svi_flat_layout layout = { .datatype = to->datatype,
                                      .channels = 1,
                                      .center_frequency_hz = to->columns.center_frequency_hz,
                                      .start_time = start,
                                      .byte_count = to->written_bytes };
    if (to->has_start) {
        char moment[SVI_UTC_TEXT];
        bool zone_missing;
        svi_moment_write(moment, to->start);
        svi_utc_read(start, moment, &zone_missing);
    }
    warn(to, recording);
    return find_rate(to, &layout.sample_rate_hz, err)
           && svi_flat_file_describe(flat, recording, &layout, &to->request->stated, err);
}

static bool convert(struct svi_flat_file *flat, struct svi_recording *recording, struct conversion *to, struct svi_error *err)
{
    const struct svi_bytes bytes = svi_mapped_file_bytes(flat->file);
    struct svi_mapped_file *numbers;
    if (!svi_csv_begin(&to->rows, bytes, flat->label, err))
        return false;
    svi_csv_columns_find(&to->columns, &to->rows, bytes);
    if (!check_columns(&to->columns, flat->label, err) || !choose_datatype(to, err) || !create_file(to, err)
        || !take_rows(to, flat->file, err) || !describe(flat, recording, to, err)
        || !svi_mapped_file_open(&numbers, to->path, flat->label, err))
        return false;
    svi_mapped_file_close(flat->file);
    flat->file = numbers;
    return true;
}

static bool open_text(void **self, struct svi_recording *recording, const struct svi_capture_request *request,
                      struct svi_error *err)
{
    struct svi_flat_file *flat = calloc(1, sizeof *flat);
    struct conversion *to = calloc(1, sizeof *to);
    bool ok = (flat && to) || svi_fail_memory(err, sizeof *to);
    if (ok) {
        to->request = request;
        to->fd = -1;
        ok = svi_flat_file_open(flat, request, err) && convert(flat, recording, to, err);
        svi_csv_end(&to->rows);
        if (to->fd >= 0)
            close(to->fd);
        svi_scratch_close(&to->scratch);
    }
    free(to);
    if (ok)
        *self = flat;
    else if (flat)
        svi_flat_file_destroy(flat);
    return ok;
}

const struct svi_format svi_format_csv_samples = {
    .name = "csv_samples",
    .about = "columns i and q, or complex numbers: .csv",
    .one_file = true,
    .reads_spans = true,
    .probe = probe,
    .open = open_text,
    .view = svi_flat_file_view,
    .forget = svi_flat_file_forget,
    .close = svi_flat_file_destroy,
};
