#include "capture/rtl_power.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 64, HEAD_CELLS = 6 };

/* A line cut at its commas. */
struct cells {
    struct svi_bytes left;
    bool any; /* more of them, an empty one too */
};

static bool next_line(struct svi_bytes *file, struct svi_bytes *line)
{
    if (!file->count)
        return false;
    const uint8_t *end = memchr(file->at, '\n', file->count);
    const size_t length = end ? (size_t)(end - file->at) : file->count;
    *line = (struct svi_bytes){ file->at, length && file->at[length - 1] == '\r' ? length - 1 : length };
    file->at += length + (end != NULL);
    file->count -= length + (end != NULL);
    return true;
}

static bool is_blank(struct svi_bytes line)
{
    for (size_t i = 0; i < line.count; i++)
        if (line.at[i] != ' ' && line.at[i] != '\t')
            return false;
    return true;
}

/* The next cell without blanks around it. false: there is none, or it is longer than any number. */
static bool next_cell(struct cells *cells, char into[CELL])
{
    if (!cells->any)
        return false;
    const uint8_t *at = cells->left.at, *comma = cells->left.count ? memchr(at, ',', cells->left.count) : NULL;
    size_t length = comma ? (size_t)(comma - at) : cells->left.count;
    cells->any = comma != NULL;
    cells->left.at += length + (comma != NULL);
    cells->left.count -= length + (comma != NULL);
    while (length && isspace(*at)) {
        at++;
        length--;
    }
    while (length && isspace(at[length - 1]))
        length--;
    if (length >= CELL)
        return false;
    memcpy(into, at, length);
    into[length] = '\0';
    return !memchr(into, '\0', length);
}

static bool is_number(const char *text, double *out)
{
    char *end;
    if (!*text
        || (*text != '-' && *text != '+' && *text != '.' && !isdigit((unsigned char)*text) && !isalpha((unsigned char)*text)))
        return false;
    if (strpbrk(text, "xXpP")) /* strtod knows hexadecimal numbers */
        return false;
    *out = strtod(text, &end);
    return end != text && !*end;
}

/* What stands before the levels. */
struct piece {
    char date[CELL], time[CELL];
    double low_hz, high_hz, step_hz;
};

static bool read_head(struct piece *piece, struct cells *cells, char wrong[CELL])
{
    double samples;
    char cell[HEAD_CELLS][CELL];
    for (size_t i = 0; i < HEAD_CELLS; i++) {
        wrong[0] = '\0';
        if (!next_cell(cells, cell[i]))
            return false;
        memcpy(wrong, cell[i], CELL);
        double *const numbers[] = { &piece->low_hz, &piece->high_hz, &piece->step_hz, &samples };
        if (i >= 2 && (!is_number(cell[i], numbers[i - 2]) || !isfinite(*numbers[i - 2])))
            return false;
    }
    memcpy(piece->date, cell[0], CELL);
    memcpy(piece->time, cell[1], CELL);
    return true;
}

static bool read_moment(const struct piece *piece, struct svi_moment *out)
{
    char text[2 * CELL + 2], utc[SVI_UTC_TEXT];
    bool zone_missing;
    svi_format(text, sizeof text, "%sT%s", piece->date, piece->time);
    return svi_utc_read(utc, text, &zone_missing) && zone_missing && svi_moment_read(out, utc);
}

bool svi_rtl_power_probe(struct svi_bytes file)
{
    struct svi_bytes line;
    struct piece piece;
    struct svi_moment moment;
    char wrong[CELL];
    if (file.count > 4096)
        file.count = 4096;
    do {
        if (!next_line(&file, &line))
            return false;
    } while (is_blank(line));
    struct cells cells = { line, true };
    return read_head(&piece, &cells, wrong) && read_moment(&piece, &moment);
}

/* ---- rows ---- */

/* The row that is being put together. */
struct row {
    struct svi_sweep sweep;
    struct piece first;
    size_t room;
};

static bool same_row(const struct row *row, const struct piece *piece)
{
    return row->sweep.count && !strcmp(row->first.date, piece->date) && !strcmp(row->first.time, piece->time)
           && piece->low_hz != row->first.low_hz && fabs(piece->step_hz - row->first.step_hz) <= 1e-3 * row->first.step_hz;
}

static bool end_row(struct svi_sweeps *out, struct row *row, const char *label, struct svi_error *err)
{
    const struct svi_sweep sweep = row->sweep;
    *row = (struct row){ 0 };
    if (sweep.count)
        return svi_sweeps_add(out, sweep, label, err);
    free(sweep.power);
    return true;
}

/* Makes the row reach from its first frequency so many bins up; new bins are missing. */
static bool grow(struct row *row, size_t count, struct svi_error *err)
{
    if (count > row->room) {
        const size_t room = count > 2 * row->room ? count : 2 * row->room;
        float *power = realloc(row->sweep.power, room * sizeof *power);
        if (!power)
            return svi_fail_memory(err, room * sizeof *power);
        row->sweep.power = power;
        row->room = room;
    }
    for (; row->sweep.count < count; row->sweep.count++)
        row->sweep.power[row->sweep.count] = NAN;
    return true;
}

/* Pieces may come in any order: one below the row's first frequency shifts what is there. Gives the place of its first bin. */
static bool place(struct row *row, const struct piece *piece, size_t count, size_t *at, struct svi_error *err)
{
    const double away = round((piece->low_hz - row->sweep.first_hz) / row->sweep.step_hz);
    const size_t before = away < 0 ? (size_t)-away : 0, old = row->sweep.count;
    *at = away > 0 ? (size_t)away : 0;
    if (!grow(row, old + before > *at + count ? old + before : *at + count, err))
        return false;
    if (before) {
        memmove(row->sweep.power + before, row->sweep.power, old * sizeof *row->sweep.power);
        for (size_t i = 0; i < before; i++)
            row->sweep.power[i] = NAN;
        row->sweep.first_hz -= (double)before * row->sweep.step_hz;
    }
    return true;
}

/* How far the row would reach with this piece, in bins. */
static double reach(const struct row *row, const struct piece *piece, double count)
{
    const double end_hz = row->sweep.first_hz + (double)row->sweep.count * row->sweep.step_hz;
    return (fmax(end_hz, piece->low_hz + count * row->sweep.step_hz) - fmin(row->sweep.first_hz, piece->low_hz))
           / row->sweep.step_hz;
}

static bool read_levels(struct row *row, size_t at, size_t count, struct cells *cells, const char *label, size_t line,
                        struct svi_error *err)
{
    char cell[CELL];
    double level_db;
    for (size_t i = 0; cells->any; i++) {
        if (!next_cell(cells, cell) || (*cell && !is_number(cell, &level_db)))
            return svi_fail(err, SVI_BAD_RECORDING, "%s, line %zu: level %zu is no number.", label, line, i + 1);
        if (i < count && *cell && isfinite(level_db))
            row->sweep.power[at + i] = (float)pow(10, level_db / 10);
    }
    return true;
}

static bool read_piece(struct svi_sweeps *out, struct row *row, struct svi_bytes bytes, const char *label, size_t line,
                       struct svi_error *err)
{
    struct cells cells = { bytes, true };
    struct piece piece;
    char wrong[CELL];
    size_t at;
    if (!read_head(&piece, &cells, wrong))
        return svi_fail(err, SVI_BAD_RECORDING,
                        "%s, line %zu: must begin with date, time, lowest Hz, highest Hz, step in Hz and number of samples.", label,
                        line);
    const double count = round((piece.high_hz - piece.low_hz) / piece.step_hz);
    if (!(piece.step_hz > 0) || !(count >= 1) || fabs(piece.low_hz) > 1e15 || !cells.any)
        return svi_fail(err, SVI_BAD_RECORDING, "%s, line %zu: %.10g to %.10g Hz in steps of %.10g Hz has no bins or levels.",
                        label, line, piece.low_hz, piece.high_hz, piece.step_hz);
    if (!same_row(row, &piece)) {
        if (!end_row(out, row, label, err))
            return false;
        row->first = piece;
        row->sweep.first_hz = piece.low_hz;
        row->sweep.step_hz = (piece.high_hz - piece.low_hz) / count; /* the column is rounded to 0.01 Hz */
        if (!read_moment(&piece, &row->sweep.moment))
            return svi_fail(err, SVI_BAD_RECORDING, "%s, line %zu: date and time are no moment like 2026-01-02, 03:04:05.", label,
                            line);
    }
    if (reach(row, &piece, count) > SVI_SWEEPS_MOST_BINS)
        return svi_fail(err, SVI_BAD_RECORDING, "%s, line %zu: a row of %.10g bins is more than the %d that are read.", label, line,
                        reach(row, &piece, count), SVI_SWEEPS_MOST_BINS);
    return place(row, &piece, (size_t)count, &at, err) && read_levels(row, at, (size_t)count, &cells, label, line, err);
}

bool svi_rtl_power_parse(struct svi_sweeps *out, struct svi_bytes file, const char *label, struct svi_error *err)
{
    struct row row = { 0 };
    struct svi_bytes line;
    const size_t before = out->row_count;
    bool ok = true;
    out->watts = false;
    out->zone_unknown = true;
    for (size_t number = 1; ok && next_line(&file, &line); number++)
        ok = is_blank(line) || read_piece(out, &row, line, label, number, err);
    ok = ok && end_row(out, &row, label, err);
    free(row.sweep.power);
    if (ok && out->row_count == before)
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds no spectrum.", label);
    if (ok)
        svi_warn(&out->warnings, "%s does not state its time zone: its times are taken for UTC.", label);
    return ok;
}
