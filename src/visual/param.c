#include "visual/param.h"

#include "base/nearest.h"
#include "capture/datatype.h"
#include "device/cells.h"
#include "visual/canvas.h"
#include "visual/color_scale.h"
#include "visual/colormap.h"
#include "visual/figure_theme.h"
#include "visual/table_grid.h"
#include "visual/window.h"

#include <math.h>
#include <string.h>

enum kind { INTEGER, REAL, CHOICE, INTEGER_OR_NAME, NAME, FLAG };

struct row {
    const char *key, *alias;
    enum kind kind;
    const char *unit;
    double least, most, standard;
    void (*choices)(char *into, size_t size);
    const char *standard_text, *help;
};

/* A list of choices, all of matplotlib's colour maps included. */
enum { CHOICES_SIZE = 2048, DEFAULT_SIZE = 48, LEAST_EDGE_PX = 16, MAX_IGNORED = 50 };

static void unit_names(char *into, size_t size)
{
    svi_format(into, size, "dbfs, dbfs_hz, dbm, compat");
}

static void persistence_names(char *into, size_t size)
{
    svi_format(into, size, "exact, fosphor");
}

static void scale_names(char *into, size_t size)
{
    svi_format(into, size, "linear, log");
}

static void frequency_axis_names(char *into, size_t size)
{
    svi_format(into, size, "rf, baseband");
}

static void slice_unit_names(char *into, size_t size)
{
    svi_format(into, size, "watts, db");
}

static void time_axis_names(char *into, size_t size)
{
    svi_format(into, size, "relative, utc");
}

static void time_direction_names(char *into, size_t size)
{
    svi_format(into, size, "down, up");
}

static const struct row rows[SVI_PARAM_COUNT] = {
#define SVI_NUMBER(id, key, alias, kind, unit, least, most, standard, help)                                                        \
    { key, alias, kind, unit, least, most, standard, NULL, NULL, help },
#define SVI_CHOICE(id, key, alias, choices, standard, help) { key, alias, CHOICE, "", 0, 0, NAN, choices, standard, help },
#define SVI_FLAG(id, key, alias, standard, help)            { key, alias, FLAG, "", 0, 1, standard, NULL, NULL, help },
#define SVI_NAME(id, key, alias, help)                      { key, alias, NAME, "", 0, 0, NAN, NULL, NULL, help },
#include "visual/param_list.h"
#undef SVI_NUMBER
#undef SVI_CHOICE
#undef SVI_FLAG
#undef SVI_NAME
};

/* Keys of a config that other parts of the program read. */
static const struct elsewhere {
    const char *key;
    bool is_text;
    const char *help;
} elsewhere[] = {
    { "types", false, "a list: further pictures of the same job" },
    { "recording", true, "which recording of an archive or a SigMF collection, by name; else the first" },
    { "capture_type", true, "the format of the files, where it is not to be found out: sigmf, drf, ..." },
    { "capture_ids", false, "a list: captures of the platform, in place of files" },
    { "dimensions", false, "size in pixels, in place of width and height: {\"width\": 800, \"height\": 600}" },
};

enum { ELSEWHERE_COUNT = sizeof elsewhere / sizeof *elsewhere };

enum { SHOWN_SIZE = 41, MOST_SHOWN_CHOICES = 320 };

/* A text from a config, fit for a message. */
static const char *show(char into[SHOWN_SIZE], const char *text)
{
    svi_text_clean(into, SHOWN_SIZE, text);
    return into;
}

static bool fail_type(const char *key, const char *wanted, const json_t *value, struct svi_error *err)
{
    char plain[SHOWN_SIZE] = "", shown[SHOWN_SIZE];
    if (json_is_string(value))
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s must be %s, not a string (\"%s\").", key, wanted,
                        show(shown, json_string_value(value)));
    /* Pieces that have no room are left out, and all that follow them. */
    json_dumpb(value, plain, sizeof plain - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    return svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s must be %s, not %s (%s).", key, wanted, svi_json_kind(value),
                    show(shown, plain));
}

static bool check_range(const char *key, double number, double least, double most, const char *unit, struct svi_error *err)
{
    if (number >= least && number <= most)
        return true;
    return svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s is %.10g, but must be from %.10g to %.10g%s%s.", key, number, least,
                    most, *unit ? " " : "", unit);
}

static bool read_name(const struct row *row, const json_t *value, struct svi_value *out, struct svi_error *err)
{
    char shown[SHOWN_SIZE];
    if (!json_is_string(value))
        return fail_type(row->key, "a string", value, err);
    const char *name = json_string_value(value);
    return (*name && svi_utf8_valid(svi_bytes_of(name)) && svi_format(out->text, sizeof out->text, "%s", name))
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s is \"%s\", but must have from 1 to %zu bytes of UTF-8.", row->key,
                       show(shown, name), sizeof out->text - 1);
}

static bool read_number(const struct row *row, const json_t *value, struct svi_value *out, struct svi_error *err)
{
    const bool whole = row->kind != REAL;
    if (row->kind == INTEGER_OR_NAME && json_is_string(value))
        return read_name(row, value, out, err);
    if (!json_is_number(value))
        return fail_type(row->key,
                         row->kind == INTEGER_OR_NAME ? "an integer or a name"
                         : whole                      ? "an integer"
                                                      : "a number",
                         value, err);
    out->number = json_number_value(value);
    if (whole && out->number != floor(out->number))
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s must be an integer, not %.10g.", row->key, out->number);
    return check_range(row->key, out->number, row->least, row->most, row->unit, err);
}

/* True where the word stands in "one, two, three". */
static bool listed(const char *word, const char *list)
{
    size_t length = strlen(word);
    for (const char *at = list; length && (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[length] == ',' || !at[length]))
            return true;
    return false;
}

/* Colormaps are listed without the reversed ones. */
static bool may_choose(const struct row *row, const char *word, const char *choices)
{
    return listed(word, choices) || (row->choices == svi_colormap_names && svi_colormap_find(word));
}

/* What was probably meant comes first, and of a long list what a message has room for. */
static bool fail_choice(const struct row *row, const char *word, char choices[CHOICES_SIZE], struct svi_error *err)
{
    char names[CHOICES_SIZE], meant[SHOWN_SIZE + 20] = "";
    struct svi_nearest nearest = { 0 };
    svi_format(names, sizeof names, "%s", choices);
    for (char *rest, *name = strtok_r(names, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest))
        svi_nearest_consider(&nearest, word, name);
    if (nearest.name)
        svi_format(meant, sizeof meant, " Did you mean \"%s\"?", nearest.name);
    size_t shown = strlen(choices);
    if (shown > MOST_SHOWN_CHOICES)
        for (shown = MOST_SHOWN_CHOICES; choices[shown] != ','; shown--)
            continue;
    return svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s is \"%s\", but must be one of: %.*s%s.%s", row->key, word, (int)shown,
                    choices, choices[shown] ? ", and others" : "", meant);
}

static bool read_choice(const struct row *row, const json_t *value, struct svi_value *out, struct svi_error *err)
{
    char choices[CHOICES_SIZE], shown[SHOWN_SIZE];
    if (!json_is_string(value))
        return fail_type(row->key, "a string", value, err);
    row->choices(choices, sizeof choices);
    const char *word = json_string_value(value);
    if (strlen(word) < sizeof out->text && !strpbrk(word, ", ") && may_choose(row, word, choices))
        return svi_format(out->text, sizeof out->text, "%s", word);
    return fail_choice(row, show(shown, word), choices, err);
}

static bool read_flag(const struct row *row, const json_t *value, struct svi_value *out, struct svi_error *err)
{
    out->on = json_is_true(value);
    return json_is_boolean(value) || fail_type(row->key, "true or false", value, err);
}

static bool read_value(const struct row *row, const json_t *value, struct svi_value *out, struct svi_error *err)
{
    out->given = true;
    return row->kind == CHOICE ? read_choice(row, value, out, err)
           : row->kind == NAME ? read_name(row, value, out, err)
           : row->kind == FLAG ? read_flag(row, value, out, err)
                               : read_number(row, value, out, err);
}

/* The SDS gateway's size in pixels: {"dimensions": {"width": …, "height": …}}. */
static bool read_dimensions(struct svi_values *values, const json_t *config, struct svi_error *err)
{
    static const struct {
        const char *key, *label;
        enum svi_param param;
    } edges[] = { { "width", "dimensions.width", SVI_PARAM_WIDTH }, { "height", "dimensions.height", SVI_PARAM_HEIGHT } };
    const json_t *dimensions = json_object_get(config, "dimensions");
    if (!dimensions || json_is_null(dimensions))
        return true;
    if (!json_is_object(dimensions))
        return fail_type("dimensions", "an object", dimensions, err);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        const json_t *edge = json_object_get(dimensions, edges[i].key);
        if (!edge || json_is_null(edge))
            continue;
        if (!json_is_number(edge))
            return fail_type(edges[i].label, "a number", edge, err);
        double pixels = json_number_value(edge);
        if (!check_range(edges[i].label, pixels, LEAST_EDGE_PX, SVI_MAX_IMAGE_EDGE, "pixels", err))
            return false;
        values->at[edges[i].param] = (struct svi_value){ .given = true, .number = pixels / SVI_DOTS_PER_INCH };
    }
    return true;
}

/* NULL: no other part reads this key. */
static const struct elsewhere *find_elsewhere(const char *key)
{
    for (size_t i = 0; i < ELSEWHERE_COUNT; i++)
        if (!strcmp(elsewhere[i].key, key))
            return &elsewhere[i];
    return NULL;
}

/* NULL: no row has this key. */
static const struct row *row_of(const char *key)
{
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++)
        if (!strcmp(rows[i].key, key) || (rows[i].alias && !strcmp(rows[i].alias, key)))
            return &rows[i];
    return NULL;
}

const char *svi_param_nearest(const char *key)
{
    struct svi_nearest nearest = { 0 };
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++)
        svi_nearest_consider(&nearest, key, rows[i].key);
    for (size_t i = 0; i < ELSEWHERE_COUNT; i++)
        svi_nearest_consider(&nearest, key, elsewhere[i].key);
    return nearest.name;
}

static bool known(const char *key)
{
    return row_of(key) || find_elsewhere(key);
}

static bool check_texts_elsewhere(const json_t *config, struct svi_error *err)
{
    for (size_t i = 0; i < ELSEWHERE_COUNT; i++) {
        const json_t *value = json_object_get(config, elsewhere[i].key);
        if (elsewhere[i].is_text && value && !json_is_null(value) && !json_is_string(value))
            return fail_type(elsewhere[i].key, "a string", value, err);
    }
    return true;
}

static void note_ignored(struct svi_values *values, const json_t *config)
{
    const char *key;
    json_t *unused;
    json_object_foreach((json_t *)config, key, unused)
    {
        char shown[65];
        if (known(key) || json_array_size(values->ignored) == MAX_IGNORED)
            continue;
        svi_text_clean(shown, sizeof shown, key);
        json_array_append_new(values->ignored, json_string(shown));
    }
}

/* With one end of the range it gives the other. All three may be given where they agree, as in the effective parameters of a
 * picture. */
static bool apply_dynamic_range(struct svi_values *values, struct svi_error *err)
{
    struct svi_value *low = &values->at[SVI_PARAM_VMIN], *high = &values->at[SVI_PARAM_VMAX];
    const struct svi_value *range = &values->at[SVI_PARAM_DYNAMIC_RANGE];
    if (!range->given || (!low->given && !high->given))
        return true;
    if (low->given && high->given)
        return fabs(high->number - low->number - range->number) < 1e-6
               || svi_fail(
                   err, SVI_BAD_PARAMETER,
                   "The parameter dynamicRange (%.10g dB) is given beside vmin (%.10g dB) and vmax (%.10g dB). Leave one of the "
                   "three out.",
                   range->number, low->number, high->number);
    if (high->given)
        *low = (struct svi_value){ .given = true, .number = high->number - range->number };
    else
        *high = (struct svi_value){ .given = true, .number = low->number + range->number };
    const struct row *bounds = &rows[SVI_PARAM_VMIN];
    return (low->number >= bounds->least && high->number <= bounds->most)
           || svi_fail(
               err, SVI_BAD_PARAMETER,
               "The parameter dynamicRange (%.10g dB) reaches from %.10g to %.10g dB, but levels are from %.10g to %.10g dB.",
               range->number, low->number, high->number, bounds->least, bounds->most);
}

static void set_defaults(struct svi_values *values)
{
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        struct svi_value *value = &values->at[i];
        value->number = rows[i].standard;
        value->on = rows[i].kind == FLAG && rows[i].standard != 0;
        svi_format(value->text, sizeof value->text, "%s", rows[i].standard_text ? rows[i].standard_text : "");
    }
}

/* By its key, else by the name that the SDS gateway has for it; NULL: not given. */
static const json_t *given_value(const json_t *config, const struct row *row)
{
    const json_t *value = json_object_get(config, row->key);
    if ((!value || json_is_null(value)) && row->alias)
        value = json_object_get(config, row->alias);
    return json_is_null(value) ? NULL : value;
}

static bool read_rows(struct svi_values *values, const json_t *config, struct svi_error *err)
{
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        const json_t *value = given_value(config, &rows[i]);
        if (value && !read_value(&rows[i], value, &values->at[i], err))
            return false;
    }
    return true;
}

bool svi_values_read(struct svi_values *out, const json_t *config, struct svi_error *err)
{
    *out = (struct svi_values){ .ignored = json_array() };
    set_defaults(out);
    if (!config || json_is_null(config))
        return true;
    if (!json_is_object(config))
        return fail_type("config", "an object", config, err);
    if (!read_dimensions(out, config, err) || !check_texts_elsewhere(config, err) || !read_rows(out, config, err))
        return false;
    note_ignored(out, config);
    const struct svi_value *low = &out->at[SVI_PARAM_VMIN], *high = &out->at[SVI_PARAM_VMAX];
    if (low->given && high->given && !(low->number < high->number))
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter vmin (%.10g dB) must be less than vmax (%.10g dB).", low->number,
                        high->number);
    return apply_dynamic_range(out, err);
}

bool svi_param_is_text(const char *key)
{
    const struct row *row = row_of(key);
    const struct elsewhere *other = find_elsewhere(key);
    return row ? row->kind == NAME || row->kind == CHOICE : other && other->is_text;
}

const char *svi_param_key(enum svi_param param)
{
    return rows[param].key;
}

void svi_values_clear(struct svi_values *values)
{
    json_decref(values->ignored);
    *values = (struct svi_values){ 0 };
}

void svi_values_default_number(struct svi_values *values, enum svi_param param, double number)
{
    if (!values->at[param].given)
        values->at[param].number = number;
}

void svi_values_default_text(struct svi_values *values, enum svi_param param, const char *text)
{
    if (!values->at[param].given)
        svi_format(values->at[param].text, sizeof values->at[param].text, "%s", text);
}

json_t *svi_values_effective(const struct svi_values *values)
{
    json_t *object = json_object();
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        const struct svi_value *value = &values->at[i];
        json_t *shown = rows[i].kind == FLAG   ? json_boolean(value->on)
                        : *value->text         ? json_string(value->text)
                        : isnan(value->number) ? json_null()
                        : rows[i].kind == REAL ? json_real(value->number)
                                               : json_integer((json_int_t)value->number);
        json_object_set_new(object, rows[i].key, shown);
    }
    return object;
}

/* What it may be, and what it is by itself. */
static void describe_values(const struct row *row, char range[CHOICES_SIZE], char standard[DEFAULT_SIZE])
{
    standard[0] = '\0';
    switch (row->kind) {
    case CHOICE:
        row->choices(range, CHOICES_SIZE);
        svi_format(standard, DEFAULT_SIZE, "%s%s", *row->standard_text ? ", default " : "", row->standard_text);
        break;
    case NAME:
        svi_format(range, CHOICES_SIZE, "a text");
        break;
    case FLAG:
        svi_format(range, CHOICES_SIZE, "true or false, default %s", row->standard != 0 ? "true" : "false");
        break;
    case INTEGER:
    case REAL:
    case INTEGER_OR_NAME:
        svi_format(range, CHOICES_SIZE, "%.10g to %.10g%s%s", row->least, row->most, *row->unit ? " " : "", row->unit);
        if (!isnan(row->standard))
            svi_format(standard, DEFAULT_SIZE, ", default %.10g", row->standard);
        break;
    }
}

bool svi_params_describe(struct svi_buffer *out)
{
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        char range[CHOICES_SIZE], standard[DEFAULT_SIZE];
        describe_values(&rows[i], range, standard);
        if (!svi_buffer_add_text(out, "  %-15s %s (%s%s)\n", rows[i].key, rows[i].help, range, standard))
            return false;
    }
    for (size_t i = 0; i < ELSEWHERE_COUNT; i++)
        if (!svi_buffer_add_text(out, "  %-15s %s\n", elsewhere[i].key, elsewhere[i].help))
            return false;
    return true;
}
