#include "capture/csv.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SNIFFED_ROWS = 16, NUMBER_TEXT = 128, SHOWN_TEXT = 40 };

/* In this order: a file with semicolons has commas for decimal points, one with commas has no semicolons. */
static const char separators[] = { '\t', ';', ',', ' ' };

struct cell {
    struct svi_bytes text; /* of the file, without quotes around it */
    bool quoted;
};

struct reading {
    const uint8_t *at, *end;
    uint64_t line;  /* of `at`, from 1 */
    char separator; /* '\0': the whole line is one cell */
    const char *label;
    struct svi_error *err;

    struct cell *cells; /* of the row that was read last; as many as a row can have */
    size_t count;
    uint64_t row_line; /* where it begins */
    const uint8_t *row_limit;
    struct svi_bytes comment; /* that stood right above it; count 0: none */
};

/* ---- rows ---- */

static bool at_line_end(const struct reading *reading)
{
    return reading->at == reading->end || *reading->at == '\n' || *reading->at == '\r';
}

static void skip_line_end(struct reading *reading)
{
    if (reading->at == reading->end)
        return;
    const bool pair = *reading->at == '\r' && reading->end - reading->at > 1 && reading->at[1] == '\n';
    reading->at += pair ? 2 : 1;
    reading->line++;
}

static bool is_blank(const struct reading *reading, uint8_t c)
{
    return c == ' ' || (c == '\t' && reading->separator != '\t');
}

static void skip_blanks(struct reading *reading)
{
    while (reading->at < reading->end && is_blank(reading, *reading->at))
        reading->at++;
}

static bool fail_row(const struct reading *reading, const char *why)
{
    return svi_fail(reading->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ", column %zu: %s.", reading->label, reading->line,
                    reading->count + 1, why);
}

static bool fail_length(const struct reading *reading)
{
    return svi_fail(reading->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": the row is longer than %d MiB, or a quote never ends.",
                    reading->label, reading->row_line, SVI_CSV_MOST_ROW_BYTES >> 20);
}

/* From the quote on to behind the one that ends it. */
static bool read_quoted(struct reading *reading, struct cell *cell)
{
    const uint64_t line = reading->line;
    const uint8_t *begin = ++reading->at;
    while (reading->at < reading->row_limit) {
        if (*reading->at == '"' && !(reading->at + 1 < reading->row_limit && reading->at[1] == '"')) {
            *cell = (struct cell){ { begin, (size_t)(reading->at - begin) }, true };
            reading->at++;
            return true;
        }
        if (*reading->at == '\n' || *reading->at == '\r')
            skip_line_end(reading);
        else
            reading->at += *reading->at == '"' ? 2 : 1;
    }
    if (reading->row_limit < reading->end)
        return fail_length(reading);
    reading->line = line;
    return fail_row(reading, "the quote is never closed");
}

static bool ends_cell(const struct reading *reading)
{
    return at_line_end(reading) || *reading->at == (uint8_t)reading->separator
           || (reading->separator == ' ' && *reading->at == '\t');
}

static bool read_plain(struct reading *reading, struct cell *cell)
{
    const uint8_t *begin = reading->at;
    while (reading->at < reading->row_limit && !ends_cell(reading))
        reading->at++;
    const uint8_t *end = reading->at;
    while (end > begin && is_blank(reading, end[-1]))
        end--;
    *cell = (struct cell){ { begin, (size_t)(end - begin) }, false };
    return reading->at < reading->row_limit || reading->at == reading->end || fail_length(reading);
}

static bool read_cell(struct reading *reading)
{
    if (reading->count == SVI_TABLE_MOST_COLUMNS)
        return svi_fail(reading->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": the row has more than %d cells.", reading->label,
                        reading->row_line, SVI_TABLE_MOST_COLUMNS);
    struct cell *cell = &reading->cells[reading->count];
    const bool quoted = reading->at < reading->row_limit && *reading->at == '"';
    if (!(quoted ? read_quoted(reading, cell) : read_plain(reading, cell)))
        return false;
    skip_blanks(reading);
    if (quoted && reading->separator != ' ' && !ends_cell(reading))
        return fail_row(reading, "something follows the closing quote; a quote inside of quotes is written twice");
    reading->count++;
    return true;
}

/* The cells of the line at hand. */
static bool read_cells(struct reading *reading)
{
    reading->row_line = reading->line;
    reading->row_limit = reading->end - reading->at > SVI_CSV_MOST_ROW_BYTES ? reading->at + SVI_CSV_MOST_ROW_BYTES : reading->end;
    reading->count = 0;
    for (;;) {
        skip_blanks(reading);
        if (reading->separator == ' ' && reading->count && at_line_end(reading))
            break;
        if (!read_cell(reading))
            return false;
        if (at_line_end(reading))
            break;
        if (*reading->at == (uint8_t)reading->separator && reading->separator != ' ')
            reading->at++;
    }
    skip_line_end(reading);
    return true;
}

static void read_comment(struct reading *reading)
{
    const uint8_t *begin = reading->at + 1;
    while (!at_line_end(reading))
        reading->at++;
    reading->comment = (struct svi_bytes){ begin, (size_t)(reading->at - begin) };
    skip_line_end(reading);
}

/* The next row that is neither empty nor a comment. False: there is none, or it is broken, which is reported. */
static bool next_row(struct reading *reading)
{
    reading->comment.count = 0;
    while (reading->at < reading->end) {
        const uint8_t *begin = reading->at;
        while (reading->at < reading->end && (*reading->at == ' ' || *reading->at == '\t'))
            reading->at++;
        if (reading->at < reading->end && *reading->at == '#') {
            read_comment(reading);
        } else if (at_line_end(reading)) {
            reading->comment.count = 0;
            skip_line_end(reading);
        } else {
            reading->at = begin;
            return read_cells(reading);
        }
    }
    return false;
}

/* ---- cells ---- */

enum kind { NUMBER, NOTHING, TEXT };

static bool means_nothing(struct svi_bytes text)
{
    static const char *const words[] = { "nan", "na", "n/a", "null", "none", "-", "inf", "+inf", "-inf", "infinity", "-infinity" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.count == strlen(words[i]) && !strncasecmp((const char *)text.at, words[i], text.count))
            return true;
    return text.count == 0;
}

/* A number as people and programs write it; no hexadecimal, no thousands apart. */
static enum kind read_number(struct svi_bytes text, char separator, double *out)
{
    char copy[NUMBER_TEXT];
    const bool comma = separator == ';' || separator == '\t';
    *out = NAN;
    if (means_nothing(text))
        return NOTHING;
    if (text.count >= sizeof copy)
        return TEXT;
    for (size_t i = 0; i < text.count; i++) {
        const char c = (char)text.at[i];
        copy[i] = c == ',' && comma ? '.' : c;
        if (!(copy[i] >= '0' && copy[i] <= '9') && (!copy[i] || !strchr("+-.eE", copy[i])))
            return TEXT;
    }
    copy[text.count] = '\0';
    char *end;
    const double value = strtod(copy, &end);
    if (end == copy || *end)
        return TEXT;
    const bool fits = fabs(value) <= SVI_TABLE_LARGEST;
    *out = fits ? value : NAN;
    return fits ? NUMBER : NOTHING;
}

static bool is_text(const struct cell *cell, char separator)
{
    double unused;
    return read_number(cell->text, separator, &unused) == TEXT;
}

/* ---- names ---- */

/* The text of a cell as far as it fits, with single quotes for doubled ones. */
static void show_text(char *into, size_t size, const struct cell *cell)
{
    char copy[SVI_TABLE_NAME + SVI_TABLE_UNIT];
    size_t used = 0, i = 0;
    for (; i < cell->text.count && used + 1 < sizeof copy; i++) {
        copy[used++] = (char)cell->text.at[i];
        i += cell->quoted && cell->text.at[i] == '"';
    }
    copy[used] = '\0';
    copy[i < cell->text.count ? svi_utf8_fit(copy, used) : used] = '\0';
    svi_text_clean(into, size, copy);
}

/* "Frequency (Hz)" is a name and a unit. */
static void name_column(struct svi_table_column *column, const struct cell *cell)
{
    char text[SVI_TABLE_NAME + SVI_TABLE_UNIT];
    show_text(text, sizeof text, cell);
    const size_t length = strlen(text);
    const char last = length ? text[length - 1] : '\0';
    char *open = last == ')' ? strrchr(text, '(') : last == ']' ? strrchr(text, '[') : NULL;
    const size_t unit = open ? (size_t)(text + length - 1 - (open + 1)) : 0;
    if (open > text && unit && unit < sizeof column->unit) {
        svi_format(column->unit, sizeof column->unit, "%.*s", (int)unit, open + 1);
        while (open > text && open[-1] == ' ')
            open--;
        *open = '\0';
    }
    svi_text_clean(column->name, sizeof column->name, text);
}

static void name_columns(struct svi_table *table, const struct cell *cells, size_t count)
{
    table->has_header = true;
    for (size_t i = 0; i < count && i < table->column_count; i++)
        name_column(&table->columns[i], &cells[i]);
}

/* ---- the table ---- */

/* What the rows had that a reader should know of. */
struct notes {
    uint64_t short_rows, first_short_line;
    uint64_t text_line;
    size_t text_column;
    char text[SHOWN_TEXT];
};

static void note_text(struct notes *notes, const struct svi_table *table, const struct reading *reading, size_t column)
{
    if (table->texts != 1)
        return;
    notes->text_line = reading->row_line;
    notes->text_column = column;
    show_text(notes->text, sizeof notes->text, &reading->cells[column]);
}

static bool add_row(struct svi_table *table, struct svi_buffer *values, struct notes *notes, const struct reading *reading)
{
    const size_t columns = table->column_count;
    size_t count = reading->count;
    while (count > columns && !reading->cells[count - 1].text.count)
        count--;
    if (count > columns)
        return svi_fail(reading->err, SVI_BAD_RECORDING,
                        "%s, line %" PRIu64 ": the row has %zu cells, but the table has %zu column%s.", reading->label,
                        reading->row_line, count, columns, columns == 1 ? "" : "s");
    if (count < columns && !notes->short_rows++)
        notes->first_short_line = reading->row_line;
    for (size_t i = 0; i < columns; i++) {
        double number = NAN;
        const enum kind kind = i < count ? read_number(reading->cells[i].text, reading->separator, &number) : NOTHING;
        table->columns[i].missing += kind != NUMBER;
        table->missing += kind != NUMBER;
        table->texts += kind == TEXT;
        if (kind == TEXT)
            note_text(notes, table, reading, i);
        if (!svi_buffer_add(values, &number, sizeof number))
            return values->count + sizeof number < values->limit
                       ? svi_fail_memory(reading->err, values->count)
                       : svi_fail(reading->err, SVI_BAD_RECORDING,
                                  "%s, line %" PRIu64 ": the table has more than %d million numbers.", reading->label,
                                  reading->row_line, SVI_TABLE_MOST_VALUES / 1000000);
    }
    table->row_count++;
    return true;
}

static void warn(struct svi_table *table, const struct notes *notes, const char *label)
{
    const uint64_t empty = table->missing - table->texts, all = (uint64_t)table->row_count * table->column_count;
    if (table->texts)
        svi_warn(&table->warnings,
                 "%" PRIu64 " of %" PRIu64 " cells of %s hold a text that is no number, the first one \"%s\" in line %" PRIu64
                 ", column %zu: they are left out.",
                 table->texts, all, label, notes->text, notes->text_line, notes->text_column + 1);
    if (empty)
        svi_warn(&table->warnings, "%" PRIu64 " of %" PRIu64 " cells of %s are empty or not finite: they are left out.", empty, all,
                 label);
    if (notes->short_rows)
        svi_warn(&table->warnings, "%" PRIu64 " rows of %s have less than %zu cells, the first one in line %" PRIu64 ".",
                 notes->short_rows, label, table->column_count, notes->first_short_line);
}

/* How many cells the first rows have; 0: not all as many, or broken. */
static size_t equal_cells(struct reading reading, char separator)
{
    struct svi_error unused = { 0 };
    size_t count = 0, rows = 0;
    reading.separator = separator;
    reading.err = &unused;
    for (; rows < SNIFFED_ROWS && next_row(&reading); rows++) {
        if (rows && reading.count != count)
            return 0;
        count = reading.count;
    }
    return unused.status == SVI_OK ? count : 0;
}

/* Where the rows are not alike, the first separator that the first one has: what is wrong will be said of its cells. */
static char find_separator(const struct reading *begin)
{
    for (size_t i = 0; i < sizeof separators; i++)
        if (equal_cells(*begin, separators[i]) > 1)
            return separators[i];
    for (size_t i = 0; i + 1 < sizeof separators; i++) {
        struct svi_error unused = { 0 };
        struct reading first = *begin;
        first.separator = separators[i];
        first.err = &unused;
        if (next_row(&first) ? first.count > 1 : first.count > 0)
            return separators[i];
    }
    return '\0';
}

/* See csv.h. `first` is a copy of the first row, `reading` stands behind it. */
static bool is_header(const struct cell *first, size_t count, struct reading reading)
{
    struct svi_error unused = { 0 };
    reading.err = &unused;
    const bool second = next_row(&reading);
    bool numbers = false, texts = false, texts_above_numbers = false;
    for (size_t i = 0; i < count; i++) {
        double unread;
        const enum kind kind = read_number(first[i].text, reading.separator, &unread);
        numbers |= kind == NUMBER;
        texts |= kind == TEXT;
        texts_above_numbers |= kind == TEXT && second && i < reading.count && !is_text(&reading.cells[i], reading.separator);
    }
    return texts && (!numbers || texts_above_numbers);
}

/* The comment above the first row, cut into cells as the rows are. */
static void name_by_comment(struct svi_table *table, struct reading reading, struct svi_bytes comment)
{
    struct svi_error unused = { 0 };
    if (!comment.count)
        return;
    reading.at = comment.at;
    reading.end = comment.at + comment.count;
    reading.err = &unused;
    bool texts = next_row(&reading) && reading.count == table->column_count;
    for (size_t i = 0; texts && i < reading.count; i++)
        texts = is_text(&reading.cells[i], reading.separator);
    if (texts)
        name_columns(table, reading.cells, reading.count);
}

static size_t without_empty_end(const struct cell *cells, size_t count)
{
    while (count > 1 && !cells[count - 1].text.count)
        count--;
    return count;
}

static bool make_columns(struct svi_table *table, size_t count, struct svi_error *err)
{
    table->columns = calloc(count, sizeof *table->columns);
    table->column_count = count;
    return table->columns || svi_fail_memory(err, count * sizeof *table->columns);
}

/* The first row has been read into `reading`. */
static bool read_rows(struct svi_table *table, struct reading *reading, struct cell *first, struct svi_buffer *values)
{
    struct notes notes = { 0 };
    const size_t count = without_empty_end(reading->cells, reading->count);
    const struct svi_bytes comment = reading->comment;
    memcpy(first, reading->cells, reading->count * sizeof *first);
    const bool header = is_header(first, reading->count, *reading);
    if (!make_columns(table, header ? reading->count : count, reading->err))
        return false;
    bool ok = true;
    if (header) {
        name_columns(table, first, reading->count);
    } else {
        name_by_comment(table, *reading, comment);
        memcpy(reading->cells, first, reading->count * sizeof *first);
        ok = add_row(table, values, &notes, reading);
    }
    while (ok && next_row(reading))
        ok = add_row(table, values, &notes, reading);
    if (!ok || reading->err->status != SVI_OK)
        return false;
    if (table->missing == (uint64_t)table->row_count * table->column_count)
        return svi_fail(reading->err, SVI_BAD_RECORDING,
                        "%s holds no number: a table has rows of numbers, separated by commas, semicolons or tabs.",
                        reading->label);
    warn(table, &notes, reading->label);
    return true;
}

static bool check_text(struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    const uint8_t *zero = bytes.count ? memchr(bytes.at, '\0', bytes.count) : NULL;
    uint64_t line = 1;
    if (bytes.count > 1 && ((bytes.at[0] == 0xFF && bytes.at[1] == 0xFE) || (bytes.at[0] == 0xFE && bytes.at[1] == 0xFF)))
        return svi_fail(err, SVI_BAD_RECORDING, "%s is text in UTF-16. Save it as UTF-8.", label);
    for (const uint8_t *at = bytes.at; zero && at < zero; at++)
        line += *at == '\n';
    return !zero || svi_fail(err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": a zero byte. This is no text file.", label, line);
}

static struct svi_bytes without_mark(struct svi_bytes bytes)
{
    const bool mark = bytes.count >= 3 && !memcmp(bytes.at, "\xEF\xBB\xBF", 3);
    return mark ? (struct svi_bytes){ bytes.at + 3, bytes.count - 3 } : bytes;
}

bool svi_csv_parse(struct svi_table *out, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    *out = (struct svi_table){ .format = "csv" };
    if (!check_text(bytes, label, err))
        return false;
    bytes = without_mark(bytes);
    /* n bytes are at most n + 1 cells. */
    const size_t most = bytes.count < SVI_TABLE_MOST_COLUMNS ? bytes.count + 1 : SVI_TABLE_MOST_COLUMNS;
    struct cell *cells = malloc(2 * most * sizeof *cells);
    if (!cells)
        return svi_fail_memory(err, 2 * most * sizeof *cells);
    struct svi_buffer values;
    svi_buffer_init(&values, SVI_TABLE_MOST_VALUES * sizeof(double));
    struct reading reading = {
        .at = bytes.at, .end = bytes.at + bytes.count, .line = 1, .label = label, .err = err, .cells = cells
    };
    reading.separator = find_separator(&reading);
    const bool ok = next_row(&reading) ? read_rows(out, &reading, cells + most, &values)
                                       : svi_fail(err, SVI_BAD_RECORDING, "%s holds no row.", label);
    if (ok)
        out->values = (double *)(void *)values.at;
    else
        svi_buffer_clear(&values);
    free(cells);
    return ok;
}

void svi_table_clear(struct svi_table *table)
{
    free(table->columns);
    free(table->values);
    *table = (struct svi_table){ 0 };
}
