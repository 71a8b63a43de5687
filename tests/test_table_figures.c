/* test_table_figures - heatmaps and scatterplots of tables from file to picture: what the saved numbers and the summary say, tables
 * that have next to nothing, and what is refused. */
#include <math.h>

#include "npy.h"
#include "rendering.h"

enum { ROOM = 64 }; /* of a row */

/* Draws this text as SCRATCH/t.csv. The caller ends the summary. */
static bool draw(const char *text, const char *type, const char *config, json_t **summary, struct svi_error *err)
{
    char path[700];
    snprintf(path, sizeof path, "%s", in_scratch("t.csv"));
    FILE *out = fopen(path, "wb");
    assert_true(out && fputs(text, out) >= 0 && fclose(out) == 0);
    json_t *tree = config ? json_loads(config, 0, NULL) : NULL;
    assert_true(!config || tree);
    const struct svi_file file = { path, "t.csv" };
    const struct svi_render_request request = {
        .types = &type,
        .type_count = type ? 1 : 0,
        .config = tree,
        .capture = { .files = &file, .file_count = 1 },
        .folder = scratch_folder(),
        .save_data = true,
    };
    struct svi_rendering rendering;
    *summary = NULL;
    const bool ok = svi_render(device, &request, &rendering, err);
    if (ok) {
        *summary = json_incref(json_array_get(rendering.summaries, 0));
        assert_int_equal(json_array_size(rendering.summaries), type ? 1 : 2);
        svi_rendering_clear(&rendering);
    }
    json_decref(tree);
    return ok;
}

static void check_data(const char *type, size_t rows, size_t columns, const double *expected)
{
    char name[64];
    snprintf(name, sizeof name, "%s.npy", type);
    struct npy data = npy_read(in_scratch(name));
    assert_int_equal(data.rows, rows);
    assert_int_equal(data.columns, columns);
    for (size_t i = 0; i < rows * columns; i++) {
        const double value = (double)((float *)data.data)[i];
        if (value != expected[i] && !(isnan(value) && isnan(expected[i])))
            fail_msg("%s: cell %zu is %g, not %g", type, i, value, expected[i]);
    }
    npy_clear(&data);
}

static const char five_rows[] = "time (s),Frequency (MHz),Level [dBm]\n0,100,-10\n1,100,-20\n1,101,-30\n1,101,-50\n2,,-70\n";

static void bins_hold_what_the_aggregate_says(void **state)
{
    (void)state;
    static const struct {
        const char *config, *aggregate, *label, *unit;
        double cells[6]; /* the lower frequency first */
    } rows[] = {
        { NULL, "mean", "Mean of Level", "dBm", { -10, -20, NAN, NAN, -40, NAN } },
        { "{\"aggregate\": \"mean\"}", "mean", "Mean of Level", "dBm", { -10, -20, NAN, NAN, -40, NAN } },
        { "{\"aggregate\": \"max\"}", "max", "Maximum of Level", "dBm", { -10, -20, NAN, NAN, -30, NAN } },
        { "{\"aggregate\": \"min\"}", "min", "Minimum of Level", "dBm", { -10, -20, NAN, NAN, -50, NAN } },
        { "{\"aggregate\": \"sum\"}", "sum", "Sum of Level", "dBm", { -10, -20, NAN, NAN, -80, NAN } },
        { "{\"aggregate\": \"count\"}", "count", "Rows", "", { 1, 1, 0, 0, 2, 0 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw(five_rows, "heatmap", rows[i].config, &summary, &err), err);
        check_data("heatmap", 2, 3, rows[i].cells);
        assert_string_equal(text_at(summary, "image", "aggregate"), rows[i].aggregate);
        const json_t *image = json_object_get(summary, "image");
        assert_string_equal(text_at(image, "color", "quantity"), rows[i].label);
        assert_string_equal(text_at(image, "color", "unit"), rows[i].unit);
        assert_string_equal(text_at(image, "x", "quantity"), "time");
        assert_string_equal(text_at(image, "x", "unit"), "s");
        assert_string_equal(text_at(image, "y", "unit"), "MHz");
        check_near(number_at(summary, "image.x.min"), -0.5, 0);
        check_near(number_at(summary, "image.x.max"), 2.5, 0);
        check_near(number_at(summary, "image.y.min"), 99.5, 0);
        check_near(number_at(summary, "image.x.start"), -0.5, 0); /* the time of a table has no UTC */
        assert_null(json_object_get(json_object_get(image, "x"), "zero_utc"));
        check_near(number_at(summary, "image.rows_shown"), 4, 0);
        check_near(number_at(summary, "image.rows_missing"), 1, 0);
        check_near(number_at(summary, "table.row_count"), 5, 0);
        check_near(number_at(summary, "parameters.xColumn"), 1, 0);
        check_near(number_at(summary, "parameters.yColumn"), 2, 0);
        assert_string_equal(text_at(summary, "parameters", "aggregate"), rows[i].aggregate);
        assert_string_equal(text_at(summary, "parameters", "colorScale"), strcmp(rows[i].aggregate, "count") ? "linear" : "log");
        const char *warning = json_string_value(json_array_get(json_object_get(summary, "warnings"), 1));
        const bool of_decibels = !strcmp(rows[i].aggregate, "mean") || !strcmp(rows[i].aggregate, "sum");
        assert_int_equal(warning != NULL, of_decibels);
        if (warning)
            check_has(warning, "of \"Level\" is one of decibels as they stand");
        assert_null(json_object_get(summary, "recording"));
        json_decref(summary);
    }
}

static void columns_are_chosen_by_name_or_number(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "{\"xColumn\": \"Frequency\", \"yColumn\": \"Time\", \"valueColumn\": 3}",
        "{\"x\": 2, \"y\": 1, \"color\": \"Level [dBm]\"}",
    };
    static const double cells[] = { -10, NAN, -20, -40 };
    for (size_t i = 0; i < ROWS(configs); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw("Time (s),Frequency (MHz),Level [dBm]\n0,100,-10\n1,100,-20\n1,101,-30\n1,101,-50\n", "heatmap", configs[i],
                      &summary, &err),
                 err);
        check_data("heatmap", 2, 2, cells);
        json_decref(summary);
    }
}

static void a_table_without_header_is_a_matrix(void **state)
{
    (void)state;
    static const double cells[] = { 1, 2, 3, 4, NAN, 6 };
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw("1,2,3\n4,,6\n", "heatmap", NULL, &summary, &err), err);
    check_data("heatmap", 2, 3, cells);
    check_near(number_at(summary, "image.y.min"), 2.5, 0); /* at the bottom: the first row is on top */
    check_near(number_at(summary, "image.y.max"), 0.5, 0);
    check_near(number_at(summary, "image.color.min"), 1, 0);
    check_near(number_at(summary, "image.color.max"), 6, 0);
    check_near(number_at(summary, "image.missing_cells"), 1, 0);
    json_decref(summary);
}

static void few_rows_are_points_many_a_density(void **state)
{
    (void)state;
    static const struct {
        size_t rows;
        const char *config, *drawn_as;
    } cases[] = { { 20000, NULL, "points" },
                  { 20001, NULL, "density" },
                  { 300, "{\"valueColumn\": \"z\"}", "points" },
                  { 20001, "{\"valueColumn\": \"z\", \"theme\": \"dark\"}", "density" },
                  { 20001, "{\"xScale\": \"log\", \"yScale\": \"log\"}", "density" },
                  { 300, "{\"xScale\": \"log\", \"yScale\": \"log\"}", "points" } };
    for (size_t i = 0; i < ROWS(cases); i++) {
        char *text = malloc((cases[i].rows + 1) * ROOM);
        assert_non_null(text);
        size_t used = (size_t)snprintf(text, ROOM, "x,y,z\n");
        for (size_t k = 0; k < cases[i].rows; k++)
            used += (size_t)snprintf(text + used, ROOM, "%zu,%.6g,%zu\n", k, sin((double)k), k % 7);
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw(text, "scatterplot", cases[i].config, &summary, &err), err);
        free(text);
        const bool log = cases[i].config && strstr(cases[i].config, "log");
        assert_string_equal(text_at(summary, "image", "drawn_as"), cases[i].drawn_as);
        if (!log)
            check_near(number_at(summary, "image.rows_shown"), (double)cases[i].rows, 0);
        else
            assert_true(number_at(summary, "image.rows_outside") > 0.4 * (double)cases[i].rows);
        json_decref(summary);
    }
}

/* The sum of a density is its rows. */
static void no_row_of_a_density_is_lost(void **state)
{
    (void)state;
    enum { COUNT = 30000 };
    char *text = malloc((COUNT + 1) * ROOM);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, ROOM, "x;y\n");
    for (int k = 0; k < COUNT; k++)
        used += (size_t)snprintf(text + used, ROOM, "%d;%d\n", k % 173, k % 97);
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw(text, "scatterplot", NULL, &summary, &err), err);
    free(text);
    json_decref(summary);
    struct npy data = npy_read(in_scratch("scatterplot.npy"));
    double sum = 0;
    for (size_t i = 0; i < data.rows * data.columns; i++)
        sum += (double)((float *)data.data)[i];
    npy_clear(&data);
    check_near(sum, COUNT, 0);
}

static void tables_with_next_to_nothing_are_drawn(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "x,y,z\n1,2,3\n",
        "x,y\n1,2\n",
        "x,y,z\n1,2,3\n1,2,3\n",
        "x,y,z\n0,0,0\n0,0,0\n",
        "x,y,z\n-1e300,-1e300,-1e300\n1e300,1e300,1e300\n",
        "x,y,z\n1e-300,1e-300,1e-300\n2e-300,1e-300,1e-300\n",
        "x,y,z\nnan,inf,-inf\n1,2,3\n1e999,4,5\n",
        "7\n",
        "1,2\n",
        "1\n2\n3\n",
    };
    static const char *const configs[] = { NULL, "{\"theme\": \"bare\"}",
                                           "{\"dimensions\": {\"width\": 60, \"height\": 40}, \"theme\": \"dark\"}",
                                           "{\"valueMin\": 5, \"xScale\": \"linear\"}", "{\"valueMax\": -1e300}" };
    for (size_t i = 0; i < ROWS(texts); i++)
        for (size_t k = 0; k < ROWS(configs); k++)
            for (int heat = 0; heat < 2; heat++) {
                struct svi_error err = { 0 };
                json_t *summary;
                const bool ok = draw(texts[i], heat ? "heatmap" : "scatterplot", configs[k], &summary, &err);
                if (!ok && !(k == 4 && err.status == SVI_BAD_PARAMETER))
                    fail_msg("\"%s\", %s: %s", texts[i], configs[k] ? configs[k] : "", err.message);
                json_decref(summary);
            }
}

/* 4000 letters as the name of each column. */
static void long_names_fit(void **state)
{
    (void)state;
    char *text = malloc(13000);
    assert_non_null(text);
    memset(text, 'W', 12002);
    text[4000] = text[8001] = ',';
    snprintf(text + 12002, 100, "\n1,2,3\n4,5,6\n");
    for (int heat = 0; heat < 2; heat++) {
        struct svi_error err = { 0 };
        json_t *summary;
        check_ok(draw(text, heat ? "heatmap" : "scatterplot", "{\"valueColumn\": 3}", &summary, &err), err);
        json_decref(summary);
    }
    free(text);
}

static void what_a_table_cannot_show_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *type, *config, *says;
        enum svi_status status;
    } rows[] = {
        { "x,y\n1,2\n", "spectrogram", NULL, "A spectrogram is made of samples, but t is a table. Choose heatmap or scatterplot",
          SVI_BAD_RECORDING },
        { "x,y\n1,2\n", "waterfall", NULL, "A waterfall is made of samples", SVI_BAD_RECORDING },
        { "x,y\n1,2\n", "psd", NULL, "A periodogram is made of samples", SVI_BAD_RECORDING },
        { "x\n1\n", "heatmap", NULL, "over two columns, but t has one", SVI_BAD_RECORDING },
        { "x,y\n1,2\n", "heatmap", "{\"xColumn\": \"z\"}", "xColumn is \"z\", but the table has 2 columns: 1 x, 2 y",
          SVI_BAD_PARAMETER },
        { "x,y\n1,2\n", "scatterplot", "{\"yColumn\": 3}", "yColumn is 3, but the table has 2 columns", SVI_BAD_PARAMETER },
        { "x,x\n1,2\n", "scatterplot", "{\"yColumn\": \"x\"}", "yColumn is \"x\", but the table has 2 columns: 1 x, 2 x",
          SVI_BAD_PARAMETER },
        { "x,y\n1,2\n", "scatterplot", "{\"yColumn\": 0}", "yColumn is 0, but must be from 1", SVI_BAD_PARAMETER },
        { "x,y\n1,2\n", "heatmap", "{\"aggregate\": \"sum\"}", "name one by valueColumn", SVI_BAD_PARAMETER },
        { "x,y\n1,2\n", "heatmap", "{\"aggregate\": \"median\"}", "must be one of: count, mean, max, min, sum", SVI_BAD_PARAMETER },
        { "x,y\n1,2\n", "heatmap", "{\"bins\": 0}", "bins is 0, but must be from 1", SVI_BAD_PARAMETER },
        { "x,y\n-1,2\n", "scatterplot", "{\"xScale\": \"log\"}", "column \"x\" of t has no number above 0", SVI_BAD_RECORDING },
        { "x,y\na,2\nb,3\n", "scatterplot", "{\"x\": 1}", "column \"x\" of t has no number", SVI_BAD_RECORDING },
        { "x,y\n1,\n,2\n", "scatterplot", NULL, "No row of t has a number in each", SVI_BAD_RECORDING },
        { "x,y\n1,\n,2\n", "heatmap", NULL, "No row of t has a number in each", SVI_BAD_RECORDING },
        { "1,2\n3,4\n", "heatmap", "{\"valueMin\": 3, \"valueMax\": 3}", "valueMin (3) must be less than valueMax (3)",
          SVI_BAD_PARAMETER },
        { "1,-2\n3,4\n", "heatmap", "{\"colorScale\": \"log\"}", "not above 0. Choose linear", SVI_BAD_PARAMETER },
        { "x,y\n1,2,3\n", "heatmap", NULL, "t.csv, line 2: the row has 3 cells", SVI_BAD_RECORDING },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        json_t *summary;
        if (draw(rows[i].text, rows[i].type, rows[i].config, &summary, &err))
            fail_msg("what should be refused with \"%s\" was drawn", rows[i].says);
        check_has(err.message, rows[i].says);
        assert_int_equal(err.status, rows[i].status);
    }
}

/* Without a type, both that a table suits. */
static void all_types_of_a_table_are_drawn(void **state)
{
    (void)state;
    struct svi_error err = { 0 };
    json_t *summary;
    check_ok(draw(five_rows, NULL, NULL, &summary, &err), err);
    assert_true(exists("heatmap.png") && exists("scatterplot.png"));
    json_decref(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_hold_what_the_aggregate_says),
        cmocka_unit_test(columns_are_chosen_by_name_or_number),
        cmocka_unit_test(a_table_without_header_is_a_matrix),
        cmocka_unit_test(few_rows_are_points_many_a_density),
        cmocka_unit_test(no_row_of_a_density_is_lost),
        cmocka_unit_test(tables_with_next_to_nothing_are_drawn),
        cmocka_unit_test(long_names_fit),
        cmocka_unit_test(what_a_table_cannot_show_is_refused),
        cmocka_unit_test(all_types_of_a_table_are_drawn),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
