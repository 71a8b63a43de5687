#include "capture/csv_rows.h"

#include "capture/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SNIFFED_ROWS = 16, NUMBER_TEXT = 128 };

/* In this order: a file with semicolons has commas for decimal points, one with commas has no semicolons. */
static const char separators[] = { '\t', ';', ',', ' ' };

/* ---- rows ---- */

static bool at_line_end(const struct svi_csv_rows *rows)
{
    return rows->at == rows->end || *rows->at == '\n' || *rows->at == '\r';
}

static void skip_line_end(struct svi_csv_rows *rows)
{
    if (rows->at == rows->end)
        return;
    const bool pair = *rows->at == '\r' && rows->end - rows->at > 1 && rows->at[1] == '\n';
    rows->at += pair ? 2 : 1;
    rows->line++;
}

static bool is_blank(const struct svi_csv_rows *rows, uint8_t c)
{
    return c == ' ' || (c == '\t' && rows->separator != '\t');
}

static void skip_blanks(struct svi_csv_rows *rows)
{
    while (rows->at < rows->end && is_blank(rows, *rows->at))
        rows->at++;
}

static bool fail_row(const struct svi_csv_rows *rows, const char *why)
{
    return svi_fail(rows->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ", column %zu: %s.", rows->label, rows->line, rows->count + 1,
                    why);
}

static bool fail_length(const struct svi_csv_rows *rows)
{
    return svi_fail(rows->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": the row is longer than %d MiB, or a quote never ends.",
                    rows->label, rows->row_line, SVI_CSV_MOST_ROW_BYTES >> 20);
}

/* From the quote on to behind the one that ends it. */
static bool read_quoted(struct svi_csv_rows *rows, struct svi_csv_cell *cell)
{
    const uint64_t line = rows->line;
    const uint8_t *begin = ++rows->at;
    while (rows->at < rows->row_limit) {
        if (*rows->at == '"' && !(rows->at + 1 < rows->row_limit && rows->at[1] == '"')) {
            *cell = (struct svi_csv_cell){ { begin, (size_t)(rows->at - begin) }, true };
            rows->at++;
            return true;
        }
        if (*rows->at == '\n' || *rows->at == '\r')
            skip_line_end(rows);
        else
            rows->at += *rows->at == '"' ? 2 : 1;
    }
    if (rows->row_limit < rows->end)
        return fail_length(rows);
    rows->line = line;
    return fail_row(rows, "the quote is never closed");
}

static bool ends_cell(const struct svi_csv_rows *rows)
{
    return at_line_end(rows) || *rows->at == (uint8_t)rows->separator || (rows->separator == ' ' && *rows->at == '\t');
}

static bool read_plain(struct svi_csv_rows *rows, struct svi_csv_cell *cell)
{
    const uint8_t *begin = rows->at;
    while (rows->at < rows->row_limit && !ends_cell(rows))
        rows->at++;
    const uint8_t *end = rows->at;
    while (end > begin && is_blank(rows, end[-1]))
        end--;
    *cell = (struct svi_csv_cell){ { begin, (size_t)(end - begin) }, false };
    return rows->at < rows->row_limit || rows->at == rows->end || fail_length(rows);
}

static bool read_cell(struct svi_csv_rows *rows)
{
    if (rows->count == SVI_TABLE_MOST_COLUMNS)
        return svi_fail(rows->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": the row has more than %d cells.", rows->label,
                        rows->row_line, SVI_TABLE_MOST_COLUMNS);
    struct svi_csv_cell *cell = &rows->cells[rows->count];
    const bool quoted = rows->at < rows->row_limit && *rows->at == '"';
    if (!(quoted ? read_quoted(rows, cell) : read_plain(rows, cell)))
        return false;
    skip_blanks(rows);
    if (quoted && rows->separator != ' ' && !ends_cell(rows))
        return fail_row(rows, "something follows the closing quote; a quote inside of quotes is written twice");
    rows->count++;
    return true;
}

/* A text has none; where it stands says more than what it does to the row. */
static bool check_zero(struct svi_csv_rows *rows, const uint8_t *begin, const uint8_t *end)
{
    const uint8_t *zero = memchr(begin, '\0', (size_t)(end - begin));
    uint64_t line = rows->row_line;
    for (const uint8_t *at = begin; zero && at < zero; at++)
        line += *at == '\n';
    return !zero
           || svi_fail(rows->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": a zero byte. This is no text file.", rows->label, line);
}

/* The cells of the line at hand. */
static bool read_cells(struct svi_csv_rows *rows)
{
    rows->row_line = rows->line;
    rows->row_limit = rows->end - rows->at > SVI_CSV_MOST_ROW_BYTES ? rows->at + SVI_CSV_MOST_ROW_BYTES : rows->end;
    rows->count = 0;
    const uint8_t *begin = rows->at;
    for (;;) {
        skip_blanks(rows);
        if (rows->separator == ' ' && rows->count && at_line_end(rows))
            break;
        if (!read_cell(rows))
            return false;
        if (at_line_end(rows))
            break;
        if (*rows->at == (uint8_t)rows->separator && rows->separator != ' ')
            rows->at++;
    }
    if (!check_zero(rows, begin, rows->at))
        return false;
    skip_line_end(rows);
    return true;
}

static void read_comment(struct svi_csv_rows *rows)
{
    const uint8_t *begin = rows->at + 1;
    while (!at_line_end(rows))
        rows->at++;
    rows->comment = (struct svi_bytes){ begin, (size_t)(rows->at - begin) };
    skip_line_end(rows);
}

bool svi_csv_next(struct svi_csv_rows *rows)
{
    rows->comment.count = 0;
    while (rows->at < rows->end) {
        const uint8_t *begin = rows->at;
        while (rows->at < rows->end && (*rows->at == ' ' || *rows->at == '\t'))
            rows->at++;
        if (rows->at < rows->end && *rows->at == '#') {
            read_comment(rows);
        } else if (at_line_end(rows)) {
            rows->comment.count = 0;
            skip_line_end(rows);
        } else {
            rows->at = begin;
            return read_cells(rows);
        }
    }
    return false;
}

/* ---- cells ---- */

static bool means_nothing(struct svi_bytes text)
{
    static const char *const words[] = { "nan", "na", "n/a", "null", "none", "-", "inf", "+inf", "-inf", "infinity", "-infinity" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.count == strlen(words[i]) && !strncasecmp((const char *)text.at, words[i], text.count))
            return true;
    return text.count == 0;
}

enum svi_csv_kind svi_csv_number(struct svi_bytes text, char separator, double *out)
{
    char copy[NUMBER_TEXT];
    const bool comma = separator == ';' || separator == '\t';
    *out = NAN;
    if (means_nothing(text))
        return SVI_CSV_NOTHING;
    if (text.count >= sizeof copy)
        return SVI_CSV_TEXT;
    for (size_t i = 0; i < text.count; i++) {
        const char c = (char)text.at[i];
        copy[i] = c == ',' && comma ? '.' : c;
        if (!(copy[i] >= '0' && copy[i] <= '9') && (!copy[i] || !strchr("+-.eE", copy[i])))
            return SVI_CSV_TEXT;
    }
    copy[text.count] = '\0';
    char *end;
    const double value = strtod(copy, &end);
    if (end == copy || *end)
        return SVI_CSV_TEXT;
    const bool fits = fabs(value) <= SVI_TABLE_LARGEST;
    *out = fits ? value : NAN;
    return fits ? SVI_CSV_NUMBER : SVI_CSV_NOTHING;
}

bool svi_csv_is_text(const struct svi_csv_cell *cell, char separator)
{
    double unused;
    return svi_csv_number(cell->text, separator, &unused) == SVI_CSV_TEXT;
}

bool svi_csv_names_of_comment(struct svi_csv_cell *cells, const struct svi_csv_rows *rows, size_t count)
{
    struct svi_error unused = { 0 };
    struct svi_csv_rows names = *rows;
    names.at = rows->comment.at;
    names.end = rows->comment.at + rows->comment.count;
    names.cells = cells;
    names.err = &unused;
    bool texts = rows->comment.count && svi_csv_next(&names) && names.count == count;
    for (size_t i = 0; texts && i < count; i++)
        texts = svi_csv_is_text(&cells[i], rows->separator);
    return texts;
}

void svi_csv_show(char *into, size_t size, const struct svi_csv_cell *cell)
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

void svi_csv_name_column(struct svi_table_column *column, const struct svi_csv_cell *cell)
{
    char text[SVI_TABLE_NAME + SVI_TABLE_UNIT];
    svi_csv_show(text, sizeof text, cell);
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

/* ---- the file ---- */

/* How many cells the first rows have; 0: not all as many, or broken. */
static size_t equal_cells(struct svi_csv_rows rows, char separator)
{
    struct svi_error unused = { 0 };
    size_t count = 0, row = 0;
    rows.separator = separator;
    rows.err = &unused;
    for (; row < SNIFFED_ROWS && svi_csv_next(&rows); row++) {
        if (row && rows.count != count)
            return 0;
        count = rows.count;
    }
    return unused.status == SVI_OK ? count : 0;
}

/* Where the rows are not alike, the first separator that the first one has: what is wrong will be said of its cells. */
static char find_separator(const struct svi_csv_rows *begin)
{
    for (size_t i = 0; i < sizeof separators; i++)
        if (equal_cells(*begin, separators[i]) > 1)
            return separators[i];
    for (size_t i = 0; i + 1 < sizeof separators; i++) {
        struct svi_error unused = { 0 };
        struct svi_csv_rows first = *begin;
        first.separator = separators[i];
        first.err = &unused;
        if (svi_csv_next(&first) ? first.count > 1 : first.count > 0)
            return separators[i];
    }
    return '\0';
}

/* `rows` stands behind the first row. */
static bool begins_with_header(struct svi_csv_rows rows)
{
    const struct svi_csv_cell *first = rows.first;
    struct svi_error unused = { 0 };
    rows.err = &unused;
    const bool second = svi_csv_next(&rows);
    bool numbers = false, texts = false, texts_above_numbers = false;
    for (size_t i = 0; i < rows.first_count; i++) {
        double unread;
        const enum svi_csv_kind kind = svi_csv_number(first[i].text, rows.separator, &unread);
        numbers |= kind == SVI_CSV_NUMBER;
        texts |= kind == SVI_CSV_TEXT;
        texts_above_numbers |= kind == SVI_CSV_TEXT && second && i < rows.count && !svi_csv_is_text(&rows.cells[i], rows.separator);
    }
    return texts && (!numbers || texts_above_numbers);
}

static bool check_text(struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    return !(bytes.count > 1 && ((bytes.at[0] == 0xFF && bytes.at[1] == 0xFE) || (bytes.at[0] == 0xFE && bytes.at[1] == 0xFF)))
           || svi_fail(err, SVI_BAD_RECORDING, "%s is text in UTF-16. Save it as UTF-8.", label);
}

static struct svi_bytes without_mark(struct svi_bytes bytes)
{
    const bool mark = bytes.count >= 3 && !memcmp(bytes.at, "\xEF\xBB\xBF", 3);
    return mark ? (struct svi_bytes){ bytes.at + 3, bytes.count - 3 } : bytes;
}

bool svi_csv_begin(struct svi_csv_rows *rows, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    *rows = (struct svi_csv_rows){ .line = 1, .label = label, .err = err };
    if (!check_text(bytes, label, err))
        return false;
    bytes = without_mark(bytes);
    rows->at = bytes.at;
    rows->end = bytes.at + bytes.count;
    /* n bytes are at most n + 1 cells. */
    rows->most = bytes.count < SVI_TABLE_MOST_COLUMNS ? bytes.count + 1 : SVI_TABLE_MOST_COLUMNS;
    rows->cells = malloc(2 * rows->most * sizeof *rows->cells);
    if (!rows->cells)
        return svi_fail_memory(err, 2 * rows->most * sizeof *rows->cells);
    rows->first = rows->cells + rows->most;
    rows->separator = find_separator(rows);
    if (!svi_csv_next(rows))
        return svi_fail(err, SVI_BAD_RECORDING, "%s holds no row.", label);
    memcpy(rows->first, rows->cells, rows->count * sizeof *rows->first);
    rows->first_count = rows->count;
    const struct svi_csv_rows behind = *rows;
    rows->header = begins_with_header(behind);
    memcpy(rows->cells, rows->first, rows->first_count * sizeof *rows->first);
    return true;
}

void svi_csv_end(struct svi_csv_rows *rows)
{
    free(rows->cells);
    *rows = (struct svi_csv_rows){ 0 };
}

bool svi_csv_fits(const struct svi_csv_rows *rows, size_t columns, size_t *count)
{
    *count = rows->count;
    while (*count > columns && !rows->cells[*count - 1].text.count)
        --*count;
    return *count <= columns
           || svi_fail(rows->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": the row has %zu cells, but the table has %zu column%s.",
                       rows->label, rows->row_line, *count, columns, columns == 1 ? "" : "s");
}
