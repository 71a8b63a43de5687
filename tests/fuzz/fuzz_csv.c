/* fuzz_csv - any bytes as a table: refused with a reason, or columns of numbers whose gaps are counted; and as columns of samples,
 * which lie inside of their rows. */
#include "capture/csv.h"
#include "capture/csv_columns.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

static bool is_column(const struct svi_csv_columns *columns, size_t column)
{
    return column == SVI_CSV_NO_COLUMN || column < columns->count;
}

static void look_for_samples(struct svi_bytes bytes)
{
    struct svi_csv_rows rows;
    struct svi_csv_columns columns;
    struct svi_error err = { 0 };
    if (svi_csv_begin(&rows, bytes, "fuzz.csv", &err)) {
        svi_csv_columns_find(&columns, &rows, bytes);
        must(is_column(&columns, columns.i) && is_column(&columns, columns.q) && is_column(&columns, columns.time));
        must(columns.content == SVI_CSV_A_TABLE || columns.i < columns.count);
        must(columns.sample_rate_hz >= 0 && isfinite(columns.sample_rate_hz) && columns.center_frequency_hz != 0);
        double parts[2] = { 0, 0 };
        for (size_t i = 0; i < rows.first_count; i++)
            svi_csv_complex(rows.first[i].text, rows.separator, parts);
    }
    svi_csv_end(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_table table;
    struct svi_error err = { 0 };
    look_for_samples((struct svi_bytes){ data, size });
    if (!svi_csv_parse(&table, (struct svi_bytes){ data, size }, "fuzz.csv", &err)) {
        must(err.status != SVI_OK && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
        svi_table_clear(&table);
        return 0;
    }
    uint64_t missing = 0, of_columns = 0;
    must(err.status == SVI_OK && table.row_count > 0 && table.column_count > 0 && table.row_count <= size);
    for (size_t i = 0; i < table.row_count * table.column_count; i++) {
        must(!isinf(table.values[i]));
        missing += isnan(table.values[i]) ? 1 : 0;
    }
    for (size_t i = 0; i < table.column_count; i++) {
        must(svi_utf8_valid(svi_bytes_of(table.columns[i].name)) && svi_utf8_valid(svi_bytes_of(table.columns[i].unit)));
        of_columns += table.columns[i].missing;
    }
    must(missing == table.missing && missing == of_columns && table.texts <= missing);
    svi_table_clear(&table);
    return 0;
}
