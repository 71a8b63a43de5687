#include "capture/table.h"

#include "base/file.h"
#include "capture/csv.h"
#include "capture/format.h"
#include "capture/label.h"
#include "capture/mapped_file.h"
#include "capture/numpy.h"
#include "capture/numpy_matrix.h"

#include <stdlib.h>
#include <string.h>

static const char *const endings[] = { ".csv", ".tsv", ".txt" };

bool svi_table_is_called(const char *label)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (svi_label_ends(label, endings[i]))
            return true;
    return false;
}

static void name_table(struct svi_table *table, const char *label)
{
    const char *ending = strrchr(svi_base_name(label), '.');
    svi_label_stem(table->name, sizeof table->name, label, ending ? ending : "");
}

static bool read_file(struct svi_table *table, const struct svi_file *file, const struct svi_span *span, struct svi_error *err)
{
    char label[SVI_LABEL_SHOWN];
    struct svi_mapped_file *mapped;
    svi_label_shown(label, file->label);
    if (!svi_mapped_file_open_span(&mapped, file->path, span, file->label, err))
        return false;
    const struct svi_bytes bytes = svi_mapped_file_bytes(mapped);
    const bool ok = svi_numpy_begins(bytes) ? svi_numpy_matrix_read(table, bytes, label, err)
                                            : svi_csv_parse(table, bytes, label, err);
    svi_mapped_file_close(mapped);
    name_table(table, file->label);
    return ok;
}

bool svi_table_open(struct svi_table **out, const struct svi_capture_request *request, struct svi_error *err)
{
    *out = NULL;
    if (request->file_count != 1) {
        char labels[256];
        svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
        return svi_fail(err, SVI_BAD_RECORDING, "A table is one file, but there are %zu: %s. Give one of them.",
                        request->file_count, labels);
    }
    struct svi_table *table = calloc(1, sizeof *table);
    if (!table)
        return svi_fail_memory(err, sizeof *table);
    if (!read_file(table, &request->files[0], svi_capture_span(request, 0), err)) {
        svi_table_close(table);
        return false;
    }
    *out = table;
    return true;
}

void svi_table_close(struct svi_table *table)
{
    if (!table)
        return;
    svi_table_clear(table);
    free(table);
}

static bool is_called(const struct svi_table_column *column, const char *name)
{
    char with_unit[SVI_TABLE_NAME + SVI_TABLE_UNIT + 4];
    if (!strcmp(column->name, name))
        return true;
    svi_format(with_unit, sizeof with_unit, "%s (%s)", column->name, column->unit);
    if (!strcmp(with_unit, name))
        return true;
    svi_format(with_unit, sizeof with_unit, "%s [%s]", column->name, column->unit);
    return !strcmp(with_unit, name);
}

size_t svi_table_find(const struct svi_table *table, const char *name)
{
    size_t found = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!is_called(&table->columns[i], name))
            continue;
        if (found < table->column_count)
            return table->column_count;
        found = i;
    }
    return found;
}
