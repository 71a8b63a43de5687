#include "capture/sweeps.h"

#include "base/file.h"
#include "capture/format.h"
#include "capture/label.h"
#include "capture/mapped_file.h"
#include "capture/radiohound.h"
#include "capture/rtl_power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

static bool make_room(struct svi_sweeps *sweeps, struct svi_error *err)
{
    if (sweeps->row_count < sweeps->most_rows)
        return true;
    const size_t rows = sweeps->most_rows ? 2 * sweeps->most_rows : 16;
    struct svi_sweep *grown = realloc(sweeps->rows, rows * sizeof *grown);
    if (!grown)
        return svi_fail_memory(err, rows * sizeof *grown);
    sweeps->rows = grown;
    sweeps->most_rows = rows;
    return true;
}

static bool check_row(const struct svi_sweeps *sweeps, const struct svi_sweep *row, const char *label, struct svi_error *err)
{
    if (!row->power)
        return svi_fail_memory(err, row->count * sizeof *row->power);
    if (!isfinite(row->first_hz) || !(row->step_hz > 0) || !isfinite(row->step_hz * (double)row->count))
        return svi_fail(err, SVI_BAD_RECORDING, "%s: frequencies are from %g Hz in steps of %g Hz, which is not possible.", label,
                        row->first_hz, row->step_hz);
    if (sweeps->row_count >= SVI_SWEEPS_MOST_ROWS || row->count > SVI_SWEEPS_MOST_VALUES - sweeps->values)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "Up to %s there are more than %d spectra or %d levels, which is the most that is read. Give fewer of them.",
                        label, SVI_SWEEPS_MOST_ROWS, SVI_SWEEPS_MOST_VALUES);
    return true;
}

bool svi_sweeps_add(struct svi_sweeps *sweeps, struct svi_sweep row, const char *label, struct svi_error *err)
{
    if (!check_row(sweeps, &row, label, err) || !make_room(sweeps, err)) {
        free(row.power);
        return false;
    }
    for (size_t i = 0; i < row.count; i++)
        if (!(row.power[i] > 0) || !isfinite(row.power[i])) {
            row.power[i] = NAN;
            sweeps->missing++;
        }
    sweeps->values += row.count;
    sweeps->rows[sweeps->row_count++] = row;
    return true;
}

void svi_sweeps_clear(struct svi_sweeps *sweeps)
{
    for (size_t i = 0; i < sweeps->row_count; i++)
        free(sweeps->rows[i].power);
    free(sweeps->rows);
    sweeps->rows = NULL;
    sweeps->row_count = sweeps->most_rows = 0;
}

static bool is_earlier(const struct svi_sweep *a, const struct svi_sweep *b)
{
    return a->moment.second != b->moment.second ? a->moment.second < b->moment.second : a->moment.attosecond < b->moment.attosecond;
}

/* Merges two sorted runs; of equal moments those of the first come first, which qsort does not promise. */
static void merge(struct svi_sweep *into, const struct svi_sweep *rows, size_t middle, size_t count)
{
    for (size_t a = 0, b = middle, at = 0; at < count; at++)
        into[at] = b == count || (a < middle && !is_earlier(&rows[b], &rows[a])) ? rows[a++] : rows[b++];
}

static bool sort_rows(struct svi_sweeps *sweeps, struct svi_error *err)
{
    const size_t count = sweeps->row_count;
    struct svi_sweep *other = malloc(count * sizeof *other);
    if (!other)
        return svi_fail_memory(err, count * sizeof *other);
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            const size_t length = count - at < 2 * run ? count - at : 2 * run;
            merge(other + at, sweeps->rows + at, length < run ? length : run, length);
        }
        memcpy(sweeps->rows, other, count * sizeof *other);
    }
    free(other);
    return true;
}

double svi_sweeps_seconds(const struct svi_sweeps *sweeps, size_t row)
{
    const struct svi_moment from = sweeps->rows[0].moment, to = sweeps->rows[row].moment;
    return (double)(to.second - from.second) + ((double)to.attosecond - (double)from.attosecond) * 1e-18;
}

struct svi_sweeps_span svi_sweeps_span(const struct svi_sweeps *sweeps)
{
    struct svi_sweeps_span span = { INFINITY, -INFINITY, INFINITY, 0 };
    for (size_t i = 0; i < sweeps->row_count; i++) {
        const struct svi_sweep *row = &sweeps->rows[i];
        span.low_hz = fmin(span.low_hz, row->first_hz - row->step_hz / 2);
        span.high_hz = fmax(span.high_hz, row->first_hz + ((double)row->count - 0.5) * row->step_hz);
        if (row->step_hz < span.step_hz)
            span.finest_hz = row->first_hz - row->step_hz / 2;
        span.step_hz = fmin(span.step_hz, row->step_hz);
    }
    return span;
}

/* ---- files ---- */

static bool probe_radiohound(struct svi_bytes head, const char *label)
{
    (void)label;
    return svi_radiohound_probe(head);
}

static bool probe_rtl_power(struct svi_bytes head, const char *label)
{
    (void)label;
    return svi_rtl_power_probe(head);
}

static const struct svi_format formats[] = {
    { .name = "rh", .probe_bytes = SVI_SWEEPS_MOST_BYTES + 1, .reads_spans = true, .probe = probe_radiohound },
    { .name = "rtl_power", .reads_spans = true, .probe = probe_rtl_power }
};

enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

/* RadioHound's keys may stand behind its data: the whole file is given. */
static const struct svi_format *probed_format(const struct svi_capture_request *request, size_t file_number)
{
    const struct svi_file *file = &request->files[file_number];
    struct svi_mapped_file *mapped;
    struct svi_error ignored = { 0 };
    const struct svi_format *found = NULL;
    if (!svi_mapped_file_open_span(&mapped, file->path, svi_capture_span(request, file_number), file->label, &ignored))
        return NULL;
    for (size_t i = 0; i < FORMAT_COUNT && !found; i++)
        if (formats[i].probe(svi_mapped_file_bytes(mapped), file->label))
            found = &formats[i];
    svi_mapped_file_close(mapped);
    return found;
}

const struct svi_format *svi_sweeps_format(const struct svi_capture_request *request)
{
    const bool named = request->format && request->format[0];
    for (size_t i = 0; named && i < FORMAT_COUNT; i++)
        if (!strcmp(formats[i].name, request->format))
            return &formats[i];
    const struct svi_format *found = NULL;
    /* In an archive there may be others in front. */
    for (size_t i = 0; !named && !found && i < request->file_count && (!i || request->spans); i++)
        found = probed_format(request, i);
    return found;
}

/* Of the first file: its groups are counted against it. */
struct scan {
    char group[SVI_RADIOHOUND_GROUP];
    size_t files_of_others;
};

static bool read_file(struct svi_sweeps *sweeps, const struct svi_file *file, const struct svi_span *span, struct scan *scan,
                      struct svi_error *err)
{
    char label[SVI_LABEL_SHOWN], group[SVI_RADIOHOUND_GROUP];
    struct svi_mapped_file *mapped;
    svi_label_shown(label, file->label);
    if (!svi_mapped_file_open_span(&mapped, file->path, span, file->label, err))
        return false;
    const struct svi_bytes bytes = svi_mapped_file_bytes(mapped);
    bool ok;
    if (!strcmp(sweeps->format, "rtl_power"))
        ok = svi_rtl_power_parse(sweeps, bytes, label, err);
    else if ((ok = svi_radiohound_parse(sweeps, group, bytes, label, err))) {
        if (sweeps->row_count == 1)
            memcpy(scan->group, group, sizeof group);
        scan->files_of_others += strcmp(scan->group, group) != 0;
    }
    svi_mapped_file_close(mapped);
    return ok;
}

static void name_sweeps(struct svi_sweeps *sweeps, const char *label)
{
    const char *ending = strrchr(svi_base_name(label), '.');
    if (svi_label_ends(label, ".rh.json"))
        ending = label + strlen(label) - strlen(".rh.json");
    svi_label_stem(sweeps->name, sizeof sweeps->name, label, ending ? ending : "");
}

static bool read_files(struct svi_sweeps *sweeps, const struct svi_capture_request *request, struct svi_error *err)
{
    struct scan scan = { .files_of_others = 0 };
    for (size_t i = 0; i < request->file_count; i++)
        if (!read_file(sweeps, &request->files[i], svi_capture_span(request, i), &scan, err))
            return false;
    name_sweeps(sweeps, request->files[0].label);
    if (scan.files_of_others)
        svi_warn(&sweeps->warnings, "%zu of %zu files belong to other scan groups than the first; they are shown together.",
                 scan.files_of_others, request->file_count);
    if (sweeps->missing == sweeps->values) {
        char label[SVI_LABEL_SHOWN];
        svi_label_shown(label, request->files[0].label);
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds no level: all values are zero, negative or not finite.", label);
    }
    return sort_rows(sweeps, err);
}

bool svi_sweeps_open(struct svi_sweeps **out, const struct svi_capture_request *request, struct svi_error *err)
{
    const struct svi_format *format = svi_sweeps_format(request);
    *out = NULL;
    if (!format)
        return svi_fail(err, SVI_BUG, "Files that are no spectra were opened as such.");
    struct svi_sweeps *sweeps = calloc(1, sizeof *sweeps);
    if (!sweeps)
        return svi_fail_memory(err, sizeof *sweeps);
    sweeps->format = format->name;
    if (!read_files(sweeps, request, err)) {
        svi_sweeps_close(sweeps);
        return false;
    }
    *out = sweeps;
    return true;
}

void svi_sweeps_close(struct svi_sweeps *sweeps)
{
    if (!sweeps)
        return;
    svi_sweeps_clear(sweeps);
    free(sweeps);
}
