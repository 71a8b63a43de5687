#include "capture/csv_columns.h"

#include "capture/format.h"
#include "capture/mapped_file.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_TEXT = 128, MOST_COMMENT_BYTES = 16384, KEY_TEXT = 512 };

static const double most_hz = 1e15;

/* ---- complex numbers ---- */

/* One part of a complex number from *at on. */
static bool read_part(const char **at, double *out)
{
    const char *from = *at;
    if (from[0] == '+' && from[1] == '-') /* as older versions of numpy.savetxt write it */
        from++;
    char *end;
    const char *digits = from + (*from == '+' || *from == '-');
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return false;
    *out = strtod(from, &end);
    *at = end;
    return end != from;
}

static bool is_unit(char c)
{
    return c == 'j' || c == 'i' || c == 'J' || c == 'I';
}

static bool read_complex(const char *text, double out[2])
{
    out[0] = 0;
    if (!read_part(&text, &out[1]))
        return false;
    if (!is_unit(*text)) {
        out[0] = out[1];
        if ((*text != '+' && *text != '-') || !read_part(&text, &out[1]))
            return false;
    }
    return is_unit(text[0]) && !text[1];
}

bool svi_csv_complex(struct svi_bytes text, char separator, double out[2])
{
    char copy[NUMBER_TEXT];
    size_t used = 0;
    const bool comma = separator == ';' || separator == '\t';
    if (text.count > 1 && text.at[0] == '(' && text.at[text.count - 1] == ')')
        text = (struct svi_bytes){ text.at + 1, text.count - 2 };
    for (size_t i = 0; i < text.count; i++) {
        if (used + 1 == sizeof copy)
            return false;
        if (text.at[i] != ' ')
            copy[used++] = text.at[i] == ',' && comma ? '.' : (char)text.at[i];
    }
    copy[used] = '\0';
    return used && read_complex(copy, out);
}

/* ---- names ---- */

static bool is_one_of(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (!strcasecmp(name, *words))
            return true;
    return false;
}

/* The first column of such a name. */
static size_t find_name(const struct svi_table_column *columns, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcasecmp(columns[i].name, name) != 0)
        i++;
    return i < count ? i : SVI_CSV_NO_COLUMN;
}

static bool find_pair(struct svi_csv_columns *out, const struct svi_table_column *columns)
{
    static const char *const pairs[][2] = { { "i", "q" },
                                            { "re", "im" },
                                            { "real", "imag" },
                                            { "real", "imaginary" },
                                            { "inphase", "quadrature" },
                                            { "in-phase", "quadrature" },
                                            { "in_phase", "quadrature" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        out->i = find_name(columns, out->count, pairs[i][0]);
        out->q = find_name(columns, out->count, pairs[i][1]);
        if (out->i != SVI_CSV_NO_COLUMN && out->q != SVI_CSV_NO_COLUMN)
            return true;
    }
    out->i = out->q = SVI_CSV_NO_COLUMN;
    return false;
}

static bool read_time_unit(const char *unit, double *unit_s)
{
    static const struct {
        const char *unit;
        double s;
    } units[] = { { "", 1 },        { "s", 1 },       { "sec", 1 },          { "secs", 1 },        { "second", 1 },
                  { "seconds", 1 }, { "ms", 1e-3 },   { "msec", 1e-3 },      { "us", 1e-6 },       { "usec", 1e-6 },
                  { "ns", 1e-9 },   { "nsec", 1e-9 }, { "\xC2\xB5s", 1e-6 }, { "\xCE\xBCs", 1e-6 } };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcasecmp(units[i].unit, unit)) {
            *unit_s = units[i].s;
            return true;
        }
    return false;
}

/* "t", "Time (ms)", "time_us", "seconds" */
static bool is_time(const struct svi_table_column *column, double *unit_s)
{
    static const char *const words[] = { "t", "time", "timestamp", "second", "seconds", "sec", NULL };
    char name[SVI_TABLE_NAME];
    svi_format(name, sizeof name, "%s", column->name);
    if (is_one_of(name, words))
        return read_time_unit(column->unit, unit_s);
    char *suffix = strrchr(name, '_');
    if (!suffix || column->unit[0] || !suffix[1] || !read_time_unit(suffix + 1, unit_s))
        return false;
    *suffix = '\0';
    return is_one_of(name, words);
}

static bool is_row_number(const struct svi_table_column *column)
{
    static const char *const words[] = { "index", "sample", "n", "k", "#", "no", "no.", "row", NULL };
    return is_one_of(column->name, words);
}

/* ---- comments ---- */

/* Behind a prefix, or without one; in lower case, and "/" is a blank. The prefix may stand alone. */
static const char *const hertz_units[] = { "hz", "sps", "s s", "sa s", "samples s", "sample s", "samples sec", "samples per second",
                                           "" };

/* A unit in front of *text, "mhz", "ksa s" or "m", which must end there: its factor, and *text behind it; else 1. */
static double take_unit(const char **text)
{
    const char prefix = **text, *behind = *text;
    const double factor = prefix == 'k' ? 1e3 : prefix == 'm' ? 1e6 : prefix == 'g' ? 1e9 : 1;
    behind += factor > 1;
    for (size_t i = 0; i < sizeof hertz_units / sizeof *hertz_units; i++) {
        const size_t length = strlen(hertz_units[i]);
        if (strncmp(behind, hertz_units[i], length) != 0 || isalnum((unsigned char)behind[length]) || !(length || factor > 1))
            continue;
        *text = behind + length + (behind[length] == ' ');
        return factor;
    }
    return 1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Words in lower case with one blank between them: "Sample_Rate (Hz): 1e6" becomes "sample rate hz 1e6". What stands between digits
 * as a point or to keep thousands apart becomes a comma. */
static void take_words(char into[KEY_TEXT], struct svi_bytes line)
{
    size_t used = 0;
    for (size_t i = 0; i < line.count && used + 1 < KEY_TEXT; i++) {
        const char c = (char)tolower(line.at[i]);
        const bool between = i && i + 1 < line.count && is_digit((char)line.at[i - 1]) && is_digit((char)line.at[i + 1]);
        if (isalnum((unsigned char)c) || c == '.' || c == '+' || c == '-')
            into[used++] = c;
        else if (between && (c == ',' || c == '_' || c == '\''))
            into[used++] = ',';
        else if (used && into[used - 1] != ' ')
            into[used++] = ' ';
    }
    into[used] = '\0';
}

/* "1 000", of which only the 1 was read. */
static bool goes_on(const char *number, const char *end)
{
    return end - number <= 3 && end[0] == ' ' && is_digit(end[1]) && is_digit(end[2]) && is_digit(end[3]) && !is_digit(end[4]);
}

/* A number of hertz, all of it: half of one, or one of a unit that is not known, would be off by thousands. */
static bool read_hertz(const char *text, double *out)
{
    char *end;
    const double before = take_unit(&text), number = strtod(text, &end);
    const char *unit = end + (*end == ' '), *behind = unit;
    const double after = take_unit(&behind);
    *out = number * (before > 1 ? before : after);
    const bool whole = !*end || *end == ' ' || behind > unit;
    return end > text && whole && !goes_on(text, end) && *out > 0 && *out <= most_hz;
}

/* What stands behind the first of these keys. */
static bool find_hertz(const char *words, const char *const *keys, double *out)
{
    for (; *keys; keys++)
        for (const char *at = words; (at = strstr(at, *keys)); at++) {
            const char *behind = at + strlen(*keys);
            if ((at == words || at[-1] == ' ') && *behind == ' ' && read_hertz(behind + 1, out))
                return true;
        }
    return false;
}

static void read_comment(struct svi_csv_columns *out, struct svi_bytes line)
{
    static const char *const rates[] = {
        "sample rate", "samplerate", "sampling rate", "sampling frequency", "samp rate", "fs", NULL
    };
    static const char *const centers[] = { "center frequency", "centre frequency", "centerfrequency", "center freq", "fc", NULL };
    char words[KEY_TEXT];
    double hz;
    take_words(words, line);
    if (find_hertz(words, rates, &hz))
        out->sample_rate_hz = hz;
    if (find_hertz(words, centers, &hz))
        out->center_frequency_hz = hz;
}

/* All comments above the first row. */
static void read_comments(struct svi_csv_columns *out, struct svi_bytes bytes)
{
    const uint8_t *at = bytes.at, *end = at + (bytes.count < MOST_COMMENT_BYTES ? bytes.count : MOST_COMMENT_BYTES);
    at += bytes.count >= 3 && !memcmp(at, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (at < end) {
        const uint8_t *line = at;
        while (at < end && *at != '\n' && *at != '\r')
            at++;
        while (line < at && (*line == ' ' || *line == '\t'))
            line++;
        if (line < at && *line != '#')
            return;
        read_comment(out, (struct svi_bytes){ line, (size_t)(at - line) });
        at++;
    }
}

/* ---- columns ---- */

static bool is_number(const struct svi_csv_rows *rows, const struct svi_csv_cell *cell)
{
    double unused;
    return svi_csv_number(cell->text, rows->separator, &unused) == SVI_CSV_NUMBER;
}

static bool is_complex(const struct svi_csv_rows *rows, const struct svi_csv_cell *cell)
{
    double unused[2];
    return svi_csv_complex(cell->text, rows->separator, unused);
}

/* Where the first row is no header it may still have looked like one: complex numbers are texts. */
static bool find_complex(struct svi_csv_columns *out, const struct svi_csv_rows *first, const struct svi_csv_rows *second)
{
    for (size_t i = 0; i < first->first_count; i++) {
        const bool above = is_complex(first, &first->first[i]);
        if (!above && !(i < second->count && is_complex(second, &second->cells[i])))
            continue;
        out->complex_text = true;
        out->i = i;
        out->header = first->header && !above;
        return true;
    }
    return false;
}

/* A header of a comment right above the first row names columns, too. */
static void read_names(struct svi_table_column *columns, const struct svi_csv_rows *rows, struct svi_csv_cell *room)
{
    if (!rows->header && !svi_csv_names_of_comment(room, rows, rows->first_count))
        return;
    for (size_t i = 0; i < rows->first_count; i++)
        svi_csv_name_column(&columns[i], rows->header ? &rows->first[i] : &room[i]);
}

/* Of columns without names: the first of two that counts rows, or, rising by other steps, tells their times. */
static bool rises(const struct svi_csv_rows *first, const struct svi_csv_rows *second, bool *counts)
{
    double from, to;
    if (svi_csv_number(first->first[0].text, first->separator, &from) != SVI_CSV_NUMBER || !second->count
        || svi_csv_number(second->cells[0].text, second->separator, &to) != SVI_CSV_NUMBER)
        return false;
    *counts = to == from + 1 && (from == 0 || from == 1);
    return *counts || (from == 0 && to > 0);
}

/* Columns of numbers that are neither time nor row number. */
static void find_numbers(struct svi_csv_columns *out, const struct svi_table_column *columns, const struct svi_csv_rows *first,
                         const struct svi_csv_rows *second)
{
    bool counts = false;
    size_t others = 0, begin = 0;
    const bool named = first->header || columns[0].name[0];
    if (!named && second->count > 1 && rises(first, second, &counts)) {
        begin = 1;
        out->time = counts ? SVI_CSV_NO_COLUMN : 0;
    }
    /* A second row may be longer than the first, which the columns are of. */
    for (size_t i = begin; i < second->count && i < out->count; i++) {
        if (i == out->time || (named && is_row_number(&columns[i])))
            continue;
        others++;
        if (!is_number(second, &second->cells[i]) || others > 2)
            others = 3;
        else if (others == 1)
            out->i = i;
        else
            out->q = i;
    }
    if (others == 1 || (others == 2 && !named))
        out->content = others == 1 && out->sample_rate_hz > 0 ? SVI_CSV_SAMPLES : SVI_CSV_PERHAPS_SAMPLES;
}

static void find_columns(struct svi_csv_columns *out, struct svi_table_column *columns, const struct svi_csv_rows *first,
                         const struct svi_csv_rows *second)
{
    for (size_t i = 0; i < out->count && out->time == SVI_CSV_NO_COLUMN; i++)
        if (is_time(&columns[i], &out->time_unit_s))
            out->time = i;
    if (find_pair(out, columns) || find_complex(out, first, second))
        out->content = SVI_CSV_SAMPLES;
    else
        find_numbers(out, columns, first, second);
}

void svi_csv_columns_find(struct svi_csv_columns *out, const struct svi_csv_rows *rows, struct svi_bytes bytes)
{
    struct svi_error unused = { 0 };
    *out = (struct svi_csv_columns){ .header = rows->header,
                                     .count = rows->first_count,
                                     .i = SVI_CSV_NO_COLUMN,
                                     .q = SVI_CSV_NO_COLUMN,
                                     .time = SVI_CSV_NO_COLUMN,
                                     .time_unit_s = 1,
                                     .center_frequency_hz = NAN };
    read_comments(out, bytes);
    struct svi_table_column *columns = calloc(rows->first_count, sizeof *columns);
    struct svi_csv_cell *cells = malloc(rows->most * sizeof *cells);
    if (columns && cells) {
        /* The second row, in cells of its own: those of the first are still to be read. A lone row is its own second. */
        struct svi_csv_rows second = *rows;
        read_names(columns, rows, cells);
        second.cells = cells;
        second.err = &unused;
        if (!svi_csv_next(&second)) {
            memcpy(cells, rows->first, rows->first_count * sizeof *cells);
            second.count = rows->first_count;
        }
        find_columns(out, columns, rows, &second);
    }
    free(columns);
    free(cells);
}

void svi_csv_columns_look(struct svi_csv_columns *out, const struct svi_capture_request *request, size_t i)
{
    const struct svi_file *file = &request->files[i];
    struct svi_mapped_file *mapped;
    struct svi_csv_rows rows;
    struct svi_error unused = { 0 };
    *out = (struct svi_csv_columns){ .content = SVI_CSV_A_TABLE };
    if (!svi_mapped_file_open_span(&mapped, file->path, svi_capture_span(request, i), file->label, &unused))
        return;
    const struct svi_bytes head = svi_mapped_file_head(mapped, SVI_FORMAT_HEAD_BYTES);
    if (svi_csv_begin(&rows, head, file->label, &unused))
        svi_csv_columns_find(out, &rows, head);
    svi_csv_end(&rows);
    svi_mapped_file_close(mapped);
}
