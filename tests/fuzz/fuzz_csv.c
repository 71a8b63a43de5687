/* fuzz_csv - any bytes as a table: refused with a reason, or columns of numbers whose gaps are counted. */
#include "capture/csv.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_table table;
    struct svi_error err = { 0 };
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
