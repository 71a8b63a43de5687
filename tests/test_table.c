/* test_table - texts of separated values: what is understood, counted, and refused with line and column. The expected numbers were
 * read off the texts by hand; a table of a million rows is compared with how its text was made. */
#include "capture/csv.h"
#include "capture/csv_rows.h"
#include "capture/input.h"

#include <math.h>
#include <unistd.h>

#include "allocator.h"
#include "check.h"

enum { MOST = 12 };

/* From memory of the very size, so that a sanitizer sees a read behind the end. */
static bool parse(struct svi_table *table, const char *text, size_t count, struct svi_error *err)
{
    uint8_t *exact = malloc(count ? count : 1);
    assert_non_null(exact);
    memcpy(exact, text, count);
    const bool ok = svi_csv_parse(table, (struct svi_bytes){ exact, count }, "a.csv", err);
    free(exact);
    return ok;
}

static void texts_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns, rows;
        double values[MOST];     /* NAN: missing */
        const char *name, *unit; /* of the first column; NULL: no header */
        const char *warning;
    } rows[] = {
        { "1,2\n3,4\n", 2, 2, { 1, 2, 3, 4 }, NULL, NULL, NULL },
        { "1,2\n3,4", 2, 2, { 1, 2, 3, 4 }, NULL, NULL, NULL },
        { "x,y\n1,2\n", 2, 1, { 1, 2 }, "x", "", NULL },
        { "x;y\r\n1,5;-2,25e1\r\n", 2, 1, { 1.5, -22.5 }, "x", "", NULL },
        { "x\ty\n1,5\t2.5\n", 2, 1, { 1.5, 2.5 }, "x", "", NULL },
        { "x;y\n1.5;+.5\n", 2, 1, { 1.5, 0.5 }, "x", "", NULL },
        { "1,5;2,5\n3,5;4,5\n", 2, 2, { 1.5, 2.5, 3.5, 4.5 }, NULL, NULL, NULL },
        { "x y\n1  2\n 3\t4 \n", 2, 2, { 1, 2, 3, 4 }, "x", "", NULL },
        { "# x y\n1 2\n", 2, 1, { 1, 2 }, "x", "", NULL },
        { "# made, by hand, today\n1,2\n", 2, 1, { 1, 2 }, NULL, NULL, NULL },
        { "#1,2\n\n3,4\n # 5,6\n7,8\n\n", 2, 2, { 3, 4, 7, 8 }, NULL, NULL, NULL },
        { "\xEF\xBB\xBFx,y\n1,2\n", 2, 1, { 1, 2 }, "x", "", NULL },
        { "1,2\r3,4\r", 2, 2, { 1, 2, 3, 4 }, NULL, NULL, NULL },
        { "1\n2\n3\n", 1, 3, { 1, 2, 3 }, NULL, NULL, NULL },
        { "Frequency (Hz)\n1e6\n", 1, 1, { 1e6 }, "Frequency", "Hz", NULL },
        { "Power [dBm],n\n-3,1\n", 2, 1, { -3, 1 }, "Power", "dBm", NULL },
        { "(Hz),n\n1,2\n", 2, 1, { 1, 2 }, "(Hz)", "", NULL },
        { "f (),n\n1,2\n", 2, 1, { 1, 2 }, "f ()", "", NULL },
        { "\"a, b\",\"c \"\"d\"\"\"\n1,2\n", 2, 1, { 1, 2 }, "a, b", "", NULL },
        { "\"c \"\"d\"\" (s)\",b\n1,2\n", 2, 1, { 1, 2 }, "c \"d\"", "s", NULL },
        { "\"a\nb\",c\n1,2\n", 2, 1, { 1, 2 }, "a b", "", NULL },
        { "3,4\n\"1\" , \"2,5\"\n", 2, 2, { 3, 4, 1, NAN }, NULL, NULL, "\"2,5\" in line 2, column 2" },
        { "x\n1\n2,3\n", 1, 2, { 1, NAN }, "x", "", "\"2,3\" in line 3" },
        { "x,y\n1,\n,4\n", 2, 2, { 1, NAN, NAN, 4 }, "x", "", "2 of 4 cells of a.csv are empty or not finite" },
        { "x,y\nnan,NaN\n-inf,N/A\n1,1e999\n", 2, 3, { NAN, NAN, NAN, NAN, 1, NAN }, "x", "", "5 of 6 cells" },
        { "x,y\n1,a\n2,3\n4,b\n",
          2,
          3,
          { 1, NAN, 2, 3, 4, NAN },
          "x",
          "",
          "2 of 6 cells of a.csv hold a text that is no number, the first one \"a\" in line 2, column 2" },
        { "x,y\n1\n2,3\n", 2, 2, { 1, NAN, 2, 3 }, "x", "", "1 of 4 cells" },
        { "x,y\n1,2,\n3,4,,\n", 2, 2, { 1, 2, 3, 4 }, "x", "", NULL },
        { "1,2,\n3,4,\n", 2, 2, { 1, 2, 3, 4 }, NULL, NULL, NULL },
        { "monday,1\ntuesday,2\n", 2, 2, { NAN, 1, NAN, 2 }, NULL, NULL, "\"monday\" in line 1, column 1" },
        { "f,1,2\n5,6,7\n", 3, 1, { 5, 6, 7 }, "f", "", NULL },
        { "x,0x10\n1,0x10\n", 2, 1, { 1, NAN }, "x", "", "\"0x10\" in line 2" },
        { "x,y\n1 000,2\n", 2, 1, { NAN, 2 }, "x", "", "\"1 000\"" },
        { "x;y\n1.234,5;2\n", 2, 1, { NAN, 2 }, "x", "", "\"1.234,5\"" },
        { "x,y\n1e,2\n-,+\n", 2, 2, { NAN, 2, NAN, NAN }, "x", "", "2 of 4 cells of a.csv hold a text" },
        { "x,\xFF\n1,2\n", 2, 1, { 1, 2 }, "x", "", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_table table;
        struct svi_error err = { 0 };
        check_ok(parse(&table, rows[i].text, strlen(rows[i].text), &err), err);
        if (table.column_count != rows[i].columns || table.row_count != rows[i].rows || table.has_header != !!rows[i].name)
            fail_msg("\"%s\": %zu columns, %zu rows, header %d", rows[i].text, table.column_count, table.row_count,
                     table.has_header);
        for (size_t k = 0; k < rows[i].columns * rows[i].rows; k++)
            if (table.values[k] != rows[i].values[k] && !(isnan(table.values[k]) && isnan(rows[i].values[k])))
                fail_msg("\"%s\": cell %zu is %.17g", rows[i].text, k, table.values[k]);
        assert_string_equal(table.columns[0].name, rows[i].name ? rows[i].name : "");
        assert_string_equal(table.columns[0].unit, rows[i].unit ? rows[i].unit : "");
        assert_int_equal(table.warnings.count > 0, rows[i].warning != NULL);
        if (rows[i].warning)
            check_has(table.warnings.text[0], rows[i].warning);
        svi_table_clear(&table);
    }
}

static void other_texts_are_refused_with_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count; /* 0: up to its end */
        const char *says;
    } rows[] = {
        { "", 0, "a.csv holds no row" },
        { "\n\n\r\n", 0, "holds no row" },
        { "\xEF\xBB\xBF", 0, "holds no row" },
        { "# x,y\n# 1,2\n", 0, "holds no row" },
        { " \t \n", 0, "holds no row" },
        { "x,y\n", 0, "holds no number" },
        { "x", 0, "holds no number" },
        { "x,y\n,\n,\n", 0, "holds no number" },
        { "x,y\nnan,inf\n", 0, "holds no number" },
        { "all work and\nno play makes\n", 0, "holds no number" },
        { "{\"core:datatype\": 1}", 0, "holds no number" },
        { "<html>\n<body>\n", 0, "holds no number" },
        { "1,2\n3,4,5\n", 0, "a.csv, line 2: the row has 3 cells, but the table has 2 columns" },
        { "x,y\n1,2\n\n# note\n3,4,5\n", 0, "line 5: the row has 3 cells" },
        { "x,\n1,2\n3,4,5,,\n", 0, "line 3: the row has 3 cells, but the table has 2 columns." },
        { "x;y\n1;2;3\n", 0, "line 2: the row has 3 cells" },
        { "x\ty\n1\t2\t3\n", 0, "line 2: the row has 3 cells" },
        { "\"a\nb\",c\n1,2\n3,4,5\n", 0, "line 4: the row has 3 cells" },
        { "x,y\r\n1,2\r\n3,4,5\r\n", 0, "line 3: the row has 3 cells" },
        { "x,y\r1,2\r3,4,5\r", 0, "line 3: the row has 3 cells" },
        { "x,\"y\n1,2\n", 0, "a.csv, line 1, column 2: the quote is never closed" },
        { "x,y\n1,2\n3,\"4", 0, "line 3, column 2: the quote is never closed" },
        { "x,y\n1,2\n3,\"4\"\"", 0, "line 3, column 2: the quote is never closed" },
        { "\"", 0, "line 1, column 1: the quote is never closed" },
        { "1,2\n\"3\" x,4\n", 0, "line 2, column 1: something follows the closing quote" },
        { "1,2\n3,\"4\"5\n", 0, "line 2, column 2: something follows the closing quote" },
        { "1,2\n\"\"\"3\"\"\"\"\",4\n5,\"6\"\"7\"8\n", 0, "line 3, column 2: something follows" },
        { "x,y\n1,\0002\n", 9, "a.csv, line 2: a zero byte" },
        { "\0", 1, "line 1: a zero byte" },
        { "1,2\n3,4\n\0", 9, "line 3: a zero byte" },
        { "\xFF\xFE"
          "1,2\n",
          0, "UTF-16. Save it as UTF-8" },
        { "\xFE\xFF\0001", 4, "UTF-16" },
        { "\x93NUMPY\x01\0v\0", 10, "a zero byte" },
        { "\x80\x81\x82,\xFF\n\xC0,\xC1\n", 0, "holds no number" },
        { "a,b\n\"c\"\"\nd,e\n", 0, "line 2, column 1: the quote is never closed" },
    };
    assert_true(ROWS(rows) >= 30);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_table table;
        struct svi_error err = { 0 };
        if (parse(&table, rows[i].text, rows[i].count ? rows[i].count : strlen(rows[i].text), &err))
            fail_msg("what should be refused with \"%s\" was read", rows[i].says);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].says);
        check_has(err.message, "a.csv");
        assert_true(svi_utf8_valid(svi_bytes_of(err.message)));
        svi_table_clear(&table);
    }
}

/* `count` times the unit, with what comes before and behind. */
static char *repeated(const char *before, const char *unit, size_t count, const char *behind)
{
    const size_t length = strlen(unit), head = strlen(before);
    char *text = malloc(head + count * length + strlen(behind) + 1);
    assert_non_null(text);
    memcpy(text, before, head);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head + i * length, unit, length);
    memcpy(text + head + count * length, behind, strlen(behind) + 1);
    return text;
}

static void too_much_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *before, *unit;
        size_t count;
        const char *behind, *says;
    } rows[] = {
        { "x,y\n1,2\n", "1,", SVI_TABLE_MOST_COLUMNS, "1\n", "line 3: the row has more than 16384 cells" },
        { "x,y\n1,2\n", "1", SVI_CSV_MOST_ROW_BYTES + 10, "\n", "line 3: the row is longer than 4 MiB" },
        { "x,y\n1,\"", "a\r\n", SVI_CSV_MOST_ROW_BYTES / 3 + 10, "\n",
          "line 2: the row is longer than 4 MiB, or a quote never ends" },
        { "x,y\n1,", " ", SVI_CSV_MOST_ROW_BYTES + 10, "\n", "line 2: the row is longer" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_table table;
        struct svi_error err = { 0 };
        char *text = repeated(rows[i].before, rows[i].unit, rows[i].count, rows[i].behind);
        if (parse(&table, text, strlen(text), &err))
            fail_msg("what should be refused with \"%s\" was read", rows[i].says);
        assert_int_equal(err.status, SVI_BAD_RECORDING);
        check_has(err.message, rows[i].says);
        svi_table_clear(&table);
        free(text);
    }
}

/* One column of 4000 letters, none of which is cut in two. */
static void a_long_name_is_cut(void **state)
{
    (void)state;
    struct svi_table table;
    struct svi_error err = { 0 };
    char *text = repeated("a", "\xC3\xA4", 4000, " (Hz),b\n1,2\n");
    check_ok(parse(&table, text, strlen(text), &err), err);
    assert_true(strlen(table.columns[0].name) < SVI_TABLE_NAME && strlen(table.columns[0].name) > 100);
    assert_true(svi_utf8_valid(svi_bytes_of(table.columns[0].name)));
    assert_string_equal(table.columns[1].name, "b");
    svi_table_clear(&table);
    free(text);
}

static void a_million_rows_are_read(void **state)
{
    (void)state;
    enum { COUNT = 1000000, ROOM = 64 };
    char *text = malloc((COUNT + 1) * ROOM);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, ROOM, "n;third\r\n");
    for (int i = 0; i < COUNT; i++)
        used += (size_t)snprintf(text + used, ROOM, "%d;%.17g\r\n", i, i / 3.0);
    struct svi_table table;
    struct svi_error err = { 0 };
    check_ok(parse(&table, text, used, &err), err);
    free(text);
    assert_int_equal(table.row_count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        if (table.values[2 * i] != (double)i || table.values[2 * i + 1] != (double)i / 3.0)
            fail_msg("row %zu is %.17g, %.17g", i, table.values[2 * i], table.values[2 * i + 1]);
    svi_table_clear(&table);
}

static void columns_are_found_by_name(void **state)
{
    (void)state;
    static const char text[] = "f (Hz),p [dB],p [dBm],q,q\n1,2,3,4,5\n";
    static const struct {
        const char *name;
        size_t column;
    } rows[] = { { "f", 0 }, { "f (Hz)", 0 }, { "p", 5 }, { "p [dB]", 1 }, { "p [dBm]", 2 }, { "q", 5 }, { "F", 5 }, { "", 5 } };
    struct svi_table table;
    struct svi_error err = { 0 };
    check_ok(parse(&table, text, strlen(text), &err), err);
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_int_equal(svi_table_find(&table, rows[i].name), rows[i].column);
    svi_table_clear(&table);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void files_are_tables_by_name_or_word(void **state)
{
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s/points", scratch_folder());
    write_file(path, "x,y\n1,2\n");
    static const struct {
        const char *label, *format;
        bool table;
    } rows[] = { { "a.csv", NULL, true },  { "a.CSV", "", true },    { "a.tsv", NULL, true },     { "a.txt", NULL, true },
                 { "a.dat", NULL, false }, { "a.dat", "csv", true }, { "a.csv", "sigmf", false }, { "csv", NULL, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_file file = { path, rows[i].label };
        const struct svi_capture_request request = { .files = &file, .file_count = 1, .format = rows[i].format };
        struct svi_input input;
        struct svi_error wrong = { 0 };
        assert_int_equal(svi_input_open(&input, &request, &wrong) && input.table, rows[i].table);
        svi_input_close(&input);
    }
    const struct svi_file files[] = { { path, "my points.csv" }, { path, "b.csv" } };
    struct svi_capture_request request = { .files = files, .file_count = 1 };
    struct svi_table *table;
    struct svi_error err = { 0 };
    check_ok(svi_table_open(&table, &request, &err), err);
    assert_string_equal(table->name, "my points");
    assert_string_equal(table->format, "csv");
    svi_table_close(table);
    request.file_count = 2;
    assert_false(svi_table_open(&table, &request, &err));
    check_has(err.message, "there are 2: my points.csv, b.csv");
    svi_error_clear(&err);
    request.file_count = 1;
    unlink(path);
    assert_false(svi_table_open(&table, &request, &err));
    assert_int_equal(err.status, SVI_IO);
    assert_null(table);
}

/* The first allocation fails, then the second, then the third … */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char text[] = "x,y\n1,2\n3,a\n";
    bool failed = true;
    for (unsigned n = 1; failed; n++) {
        struct svi_table table;
        struct svi_error err = { 0 };
        assert_true(n < 20);
        allocator_fail_at(n);
        const bool ok = svi_csv_parse(&table, svi_bytes_of(text), "a.csv", &err);
        failed = allocator_has_failed();
        assert_true(ok ? !failed : err.status == SVI_OUT_OF_MEMORY);
        svi_table_clear(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_understood),
        cmocka_unit_test(other_texts_are_refused_with_the_place),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(a_million_rows_are_read),
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(files_are_tables_by_name_or_word),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
