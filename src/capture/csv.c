#include "capture/csv.h"

#include "capture/csv_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_TEXT = 40 };

/* ---- names ---- */

static void name_columns(struct svi_table *table, const struct svi_csv_cell *cells, size_t count)
{
    table->has_header = true;
    for (size_t i = 0; i < count && i < table->column_count; i++)
        svi_csv_name_column(&table->columns[i], &cells[i]);
}

/* ---- the table ---- */

/* What the rows had that a reader should know of. */
struct notes {
    uint64_t short_rows, first_short_line;
    uint64_t text_line;
    size_t text_column;
    char text[SHOWN_TEXT];
};

static void note_text(struct notes *notes, const struct svi_table *table, const struct svi_csv_rows *rows, size_t column)
{
    if (table->texts != 1)
        return;
    notes->text_line = rows->row_line;
    notes->text_column = column;
    svi_csv_show(notes->text, sizeof notes->text, &rows->cells[column]);
}

static bool add_row(struct svi_table *table, struct svi_buffer *values, struct notes *notes, const struct svi_csv_rows *rows)
{
    const size_t columns = table->column_count;
    size_t count;
    if (!svi_csv_fits(rows, columns, &count))
        return false;
    if (count < columns && !notes->short_rows++)
        notes->first_short_line = rows->row_line;
    for (size_t i = 0; i < columns; i++) {
        double number = NAN;
        const enum svi_csv_kind kind = i < count ? svi_csv_number(rows->cells[i].text, rows->separator, &number) : SVI_CSV_NOTHING;
        table->columns[i].missing += kind != SVI_CSV_NUMBER;
        table->missing += kind != SVI_CSV_NUMBER;
        table->texts += kind == SVI_CSV_TEXT;
        if (kind == SVI_CSV_TEXT)
            note_text(notes, table, rows, i);
        if (!svi_buffer_add(values, &number, sizeof number))
            return values->count + sizeof number < values->limit
                       ? svi_fail_memory(rows->err, values->count)
                       : svi_fail(rows->err, SVI_BAD_RECORDING, "%s, line %" PRIu64 ": the table has more than %d million numbers.",
                                  rows->label, rows->row_line, SVI_TABLE_MOST_VALUES / 1000000);
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

static size_t without_empty_end(const struct svi_csv_cell *cells, size_t count)
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

static bool read_rows(struct svi_table *table, struct svi_csv_rows *rows, struct svi_buffer *values)
{
    struct notes notes = { 0 };
    const size_t count = without_empty_end(rows->first, rows->first_count);
    if (!make_columns(table, rows->header ? rows->first_count : count, rows->err))
        return false;
    bool ok = true;
    if (rows->header) {
        name_columns(table, rows->first, rows->first_count);
    } else {
        if (svi_csv_names_of_comment(rows->cells, rows, table->column_count))
            name_columns(table, rows->cells, table->column_count);
        memcpy(rows->cells, rows->first, rows->first_count * sizeof *rows->first);
        ok = add_row(table, values, &notes, rows);
    }
    while (ok && svi_csv_next(rows))
        ok = add_row(table, values, &notes, rows);
    if (!ok || rows->err->status != SVI_OK)
        return false;
    if (table->missing == (uint64_t)table->row_count * table->column_count)
        return svi_fail(rows->err, SVI_BAD_RECORDING,
                        "%s holds no number: a table has rows of numbers, separated by commas, semicolons or tabs.", rows->label);
    warn(table, &notes, rows->label);
    return true;
}

bool svi_csv_parse(struct svi_table *out, struct svi_bytes bytes, const char *label, struct svi_error *err)
{
    *out = (struct svi_table){ .format = "csv" };
    struct svi_buffer values;
    struct svi_csv_rows rows;
    svi_buffer_init(&values, SVI_TABLE_MOST_VALUES * sizeof(double));
    const bool ok = svi_csv_begin(&rows, bytes, label, err) && read_rows(out, &rows, &values);
    if (ok)
        out->values = (double *)(void *)values.at;
    else
        svi_buffer_clear(&values);
    svi_csv_end(&rows);
    return ok;
}

void svi_table_clear(struct svi_table *table)
{
    free(table->columns);
    free(table->values);
    *table = (struct svi_table){ 0 };
}
