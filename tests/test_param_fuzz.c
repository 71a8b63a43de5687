/* test_param_fuzz - ten thousand random configs against the table of parameters. The oracle is a second reading of the rules: a
 * row's bounds, and the words that --help lists. What is refused names a key that is wrong, and its value; what is accepted means
 * what it says, and the effective parameters, given again, mean the same. SVI_CONFIGS=n makes n of them. */
#include "visual/colormap.h"
#include "visual/param.h"

#include <math.h>

#include "check.h"
#include "dice.h"

enum { CONFIGS = 10000, MAX_WORDS = 256 };

enum kind { INTEGER, REAL, INTEGER_OR_NAME, NAME, CHOICE, FLAG };

struct rule {
    const char *key, *alias;
    enum kind kind;
    double least, most;
    char *words[MAX_WORDS];
    size_t word_count;
};

static struct rule rules[SVI_PARAM_COUNT] = {
#define SVI_NUMBER(id, key, alias, kind, unit, least, most, standard, help) { key, alias, kind, least, most, { NULL }, 0 },
#define SVI_CHOICE(id, key, alias, choices, standard, help)                 { key, alias, CHOICE, 0, 0, { NULL }, 0 },
#define SVI_FLAG(id, key, alias, standard, help)                            { key, alias, FLAG, 0, 0, { NULL }, 0 },
#define SVI_NAME(id, key, alias, help)                                      { key, alias, NAME, 0, 0, { NULL }, 0 },
#include "visual/param_list.h"
#undef SVI_NUMBER
#undef SVI_CHOICE
#undef SVI_FLAG
#undef SVI_NAME
};

static unsigned config_number;

#define demand(condition)                                                                                                          \
    do {                                                                                                                           \
        if (!(condition))                                                                                                          \
            fail_msg("config %u: not so: %s", config_number, #condition);                                                          \
    } while (0)

/* ---- the words of choices, from the help ---- */

static void learn_words(struct rule *rule, char *line)
{
    char *at = strrchr(line, '('), *end = strrchr(line, ')');
    assert_true(at && end);
    *end = '\0';
    char *standard = strstr(at, ", default ");
    if (standard)
        *standard = '\0';
    char *rest = NULL;
    for (char *word = strtok_r(at + 1, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
        assert_true(rule->word_count < MAX_WORDS);
        rule->words[rule->word_count++] = word;
    }
}

/* The words live as long as the text. */
static char *learn_choices(void)
{
    struct svi_buffer text;
    svi_buffer_init(&text, 1 << 20);
    assert_true(svi_params_describe(&text));
    char *rest = NULL, *line = strtok_r((char *)text.at, "\n", &rest);
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++, line = strtok_r(NULL, "\n", &rest)) {
        assert_non_null(line);
        assert_true(!strncmp(line + 2, rules[i].key, strlen(rules[i].key)));
        if (rules[i].kind == CHOICE)
            learn_words(&rules[i], line);
    }
    return (char *)text.at;
}

/* ---- random values ---- */

static bool all_utf8; /* of the config that is being made: only such a one can arrive as a text */

static json_t *random_string(struct dice *dice)
{
    static const char *const some[] = {
        "",     " ",  "magma",    "viridis_r", "max, mean", "ch0",  "NaN",  "64",     "true",
        "null", "\"", "\n\t\x1B", "Größe",     "\xFF\xFE",  "\xC3", "%s%n", "../etc", "日本語日本語日本語日本語日本語日本語"
    };
    char text[3000];
    size_t length = (size_t)dice_log(dice, 1, sizeof text - 1);
    bool ascii = dice_below(dice, 2);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(ascii ? 'a' + dice_below(dice, 26) : 1 + dice_below(dice, 255));
    text[length] = '\0';
    const char *chosen = dice_below(dice, 3) ? some[dice_below(dice, ROWS(some))] : text;
    all_utf8 = all_utf8 && svi_utf8_valid(svi_bytes_of(chosen));
    return json_string_nocheck(chosen);
}

static json_t *random_json(struct dice *dice, int depth)
{
    static const double odd[] = { 0.0, -0.0, 1e308, -1e308, 5e-324, 1e18, 0.5, -1.0, 1e15, 163.84, 163.85 };
    json_t *tree;
    switch (dice_below(dice, depth < 60 ? 9 : 6)) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(dice_below(dice, 2));
    case 2:
        return json_integer(dice_below(dice, 2) ? (json_int_t)INT64_MAX : (json_int_t)INT64_MIN);
    case 3:
        return json_integer((json_int_t)dice_below(dice, 5000) - 100);
    case 4:
        return json_real(odd[dice_below(dice, ROWS(odd))]);
    case 5:
        return random_string(dice);
    case 6:
        return json_real(dice_log(dice, 1e-9, 1e18) * (dice_below(dice, 3) ? 1 : -1));
    case 7:
        tree = json_array();
        for (size_t count = dice_below(dice, 4); count; count--)
            json_array_append_new(tree, random_json(dice, depth + 1));
        return tree;
    default:
        tree = json_object();
        for (size_t count = dice_below(dice, 4); count; count--)
            json_object_set_new(tree, dice_below(dice, 2) ? "width" : "height", random_json(dice, depth + 1));
        return tree;
    }
}

/* One that the rule accepts, mostly. */
static json_t *random_value(struct dice *dice, const struct rule *rule)
{
    double number = dice_below(dice, 6) == 0 ? rule->least : dice_below(dice, 6) == 0 ? rule->most : NAN;
    if (isnan(number))
        number = rule->least + dice_share(dice) * dice_share(dice) * (rule->most - rule->least);
    switch (rule->kind) {
    case CHOICE:
        return json_string(rule->words[dice_below(dice, (uint32_t)rule->word_count)]);
    case FLAG:
        return json_boolean(dice_below(dice, 2));
    case INTEGER_OR_NAME:
        if (dice_below(dice, 2))
            return json_string("ch0");
        return json_integer((json_int_t)number);
    case INTEGER:
        return dice_below(dice, 2) ? json_integer((json_int_t)number) : json_real(floor(number));
    default:
        return json_real(number);
    }
}

static void add_unknown(struct dice *dice, json_t *config)
{
    json_t *name = random_string(dice);
    json_object_set_new_nocheck(config, json_string_value(name), random_json(dice, 0));
    json_decref(name);
}

static json_t *random_config(struct dice *dice)
{
    static const char *const elsewhere[] = { "dimensions", "capture_type", "capture_ids", "recording", "types" };
    json_t *config = json_object();
    bool careful = dice_below(dice, 2); /* nothing is wrong on purpose */
    for (size_t count = dice_below(dice, 12); count; count--) {
        const struct rule *rule = &rules[dice_below(dice, SVI_PARAM_COUNT)];
        const char *key = rule->alias && dice_below(dice, 3) == 0 ? rule->alias : rule->key;
        bool wrong = !careful && dice_below(dice, 6) == 0;
        json_object_set_new(config, key, wrong ? random_json(dice, 0) : random_value(dice, rule));
    }
    for (size_t count = dice_below(dice, 20) ? dice_below(dice, 3) : 70; count; count--)
        add_unknown(dice, config);
    if (dice_below(dice, 8) == 0)
        json_object_set_new(config, elsewhere[dice_below(dice, ROWS(elsewhere))], random_json(dice, 0));
    return config;
}

/* ---- the second reading ---- */

static const json_t *value_of(const json_t *config, const struct rule *rule)
{
    const json_t *value = json_object_get(config, rule->key);
    if ((!value || json_is_null(value)) && rule->alias)
        value = json_object_get(config, rule->alias);
    return value && !json_is_null(value) ? value : NULL;
}

static bool is_allowed(const struct rule *rule, const json_t *value)
{
    const char *text = json_string_value(value);
    double number = json_number_value(value);
    if (rule->kind == FLAG)
        return json_is_boolean(value);
    for (size_t i = 0; text && i < rule->word_count; i++)
        if (!strcmp(rule->words[i], text))
            return true;
    if (text && !strcmp(rule->key, "colormap") && svi_colormap_find(text))
        return true;
    if ((rule->kind == INTEGER_OR_NAME || rule->kind == NAME) && text)
        return strlen(text) >= 1 && strlen(text) < SVI_VALUE_TEXT && svi_utf8_valid(svi_bytes_of(text));
    return rule->kind != CHOICE && rule->kind != NAME && json_is_number(value) && number >= rule->least && number <= rule->most
           && (rule->kind == REAL || number == floor(number));
}

static bool is_size(const json_t *pixels)
{
    return !pixels || json_is_null(pixels)
           || (json_is_number(pixels) && json_number_value(pixels) >= 16 && json_number_value(pixels) <= 16384);
}

static bool is_dimensions(const json_t *value)
{
    return !value || json_is_null(value)
           || (json_is_object(value) && is_size(json_object_get(value, "width")) && is_size(json_object_get(value, "height")));
}

static bool is_range(const json_t *config)
{
    const json_t *low = value_of(config, &rules[SVI_PARAM_VMIN]), *high = value_of(config, &rules[SVI_PARAM_VMAX]),
                 *range = value_of(config, &rules[SVI_PARAM_DYNAMIC_RANGE]);
    const double low_db = json_number_value(low), high_db = json_number_value(high), range_db = json_number_value(range);
    if (low && high)
        return low_db < high_db && (!range || fabs(high_db - low_db - range_db) < 1e-6);
    return !range || ((!high || high_db - range_db >= -1000) && (!low || low_db + range_db <= 1000));
}

static bool is_text_or_not_there(const json_t *config, const char *key)
{
    const json_t *value = json_object_get(config, key);
    return !value || json_is_null(value) || json_is_string(value);
}

/* ---- checks ---- */

static bool says_number(const char *message, double number)
{
    for (const char *at = message; (at = strpbrk(at, "-0123456789"));) {
        char *end;
        double said = strtod(at, &end);
        if (fabs(said - number) <= 1e-9 * fabs(number))
            return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

/* The value itself, or the first letters of it where they are plain. */
static void check_value_named(const char *message, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t plain = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz") : 0;
    char shown[40];
    snprintf(shown, sizeof shown, "%.*s", plain < 38 ? (int)plain : 38, text ? text : "");
    bool said = json_is_number(value)    ? says_number(message, json_number_value(value))
                : json_is_boolean(value) ? strstr(message, json_is_true(value) ? "true" : "false") != NULL
                                         : strstr(message, shown) != NULL;
    if (!said)
        fail_msg("config %u: the value is not told: %s", config_number, message);
}

static void check_refusal(const json_t *config, const struct svi_error *err)
{
    demand(err->status == SVI_BAD_PARAMETER);
    demand(err->message[0] && svi_utf8_valid(svi_bytes_of(err->message)));
    for (const char *c = err->message; *c; c++)
        demand((unsigned char)*c >= ' ' && *c != 0x7F);
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        char named[64];
        snprintf(named, sizeof named, "The parameter %s ", rules[i].key);
        const json_t *value = value_of(config, &rules[i]);
        if (strncmp(err->message, named, strlen(named)) != 0)
            continue;
        demand(value && (!is_allowed(&rules[i], value) || !is_range(config)));
        check_value_named(err->message, value);
        return;
    }
    demand((!strncmp(err->message, "The parameter dimensions", 24) && !is_dimensions(json_object_get(config, "dimensions")))
           || (!strncmp(err->message, "The parameter capture_type ", 27) && !is_text_or_not_there(config, "capture_type"))
           || (!strncmp(err->message, "The parameter recording ", 24) && !is_text_or_not_there(config, "recording")));
}

static size_t count_unknown(const json_t *config)
{
    size_t count = json_object_size(config);
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        count -= json_object_get(config, rules[i].key) != NULL;
        count -= rules[i].alias && json_object_get(config, rules[i].alias);
    }
    static const char *const elsewhere[] = { "dimensions", "capture_type", "capture_ids", "recording", "types" };
    for (size_t i = 0; i < ROWS(elsewhere); i++)
        count -= json_object_get(config, elsewhere[i]) != NULL;
    return count;
}

static void check_values(const json_t *config, const struct svi_values *values)
{
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        const json_t *value = value_of(config, &rules[i]);
        if (!value)
            continue;
        demand(values->at[i].given);
        if (json_is_boolean(value))
            demand(values->at[i].on == json_is_true(value));
        else if (json_is_string(value))
            demand(!strcmp(values->at[i].text, json_string_value(value)));
        else
            demand(values->at[i].number == json_number_value(value));
    }
    demand(json_array_size(values->ignored) == (size_t)fmin(50, (double)count_unknown(config)));
}

/* What stands in a summary is a config that makes the same picture. */
static void check_effective(const struct svi_values *values)
{
    struct svi_error err = { 0 };
    struct svi_values again;
    json_t *effective = svi_values_effective(values);
    char *text = json_dumps(effective, JSON_REAL_PRECISION(17));
    assert_non_null(text);
    json_t *tree = svi_json_parse(svi_bytes_of(text), "It", SVI_BUG, &err);
    if (!tree || !svi_values_read(&again, tree, &err))
        fail_msg("config %u: effective parameters are refused: %s", config_number, err.message);
    json_t *twice = svi_values_effective(&again);
    if (!json_equal(effective, twice) || json_array_size(again.ignored) != 0)
        fail_msg("config %u: effective parameters mean something else: %s", config_number, text);
    svi_values_clear(&again);
    json_decref(twice);
    json_decref(tree);
    json_decref(effective);
    free(text);
}

/* As it would arrive: the same answer; with a key twice, or cut, a refusal. */
static void check_as_text(struct dice *dice, const json_t *config, bool ok, const struct svi_error *first)
{
    struct svi_error err = { 0 };
    struct svi_values values;
    char *text = json_dumps(config, JSON_COMPACT | JSON_REAL_PRECISION(17));
    assert_non_null(text);
    json_t *tree = svi_json_parse(svi_bytes_of(text), "The config", SVI_BAD_PARAMETER, &err);
    if (tree) {
        demand(svi_values_read(&values, tree, &err) == ok && !strcmp(err.message, first->message));
        svi_values_clear(&values);
        json_decref(tree);
        svi_error_clear(&err);
        text[dice_below(dice, (uint32_t)strlen(text))] = '\0';
        demand(!svi_json_parse(svi_bytes_of(text), "The config", SVI_BAD_PARAMETER, &err));
    } else if (!strstr(err.message, "deeper than 64")) {
        fail_msg("config %u: as a text: %s", config_number, err.message);
    }
    demand(err.status == SVI_BAD_PARAMETER && svi_utf8_valid(svi_bytes_of(err.message)));
    free(text);
}

static unsigned config_count(void)
{
    const char *wanted = getenv("SVI_CONFIGS");
    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : CONFIGS;
}

static void random_configs(void **state)
{
    (void)state;
    char *words = learn_choices();
    unsigned accepted = 0;
    for (config_number = 0; config_number < config_count(); config_number++) {
        struct dice dice = { config_number };
        dice_bits(&dice);
        all_utf8 = true;
        struct svi_values values;
        struct svi_error err = { 0 };
        json_t *config = dice_below(&dice, 50) ? random_config(&dice) : random_json(&dice, 0);
        bool expected = !config || json_is_null(config)
                        || (json_is_object(config) && is_dimensions(json_object_get(config, "dimensions"))
                            && is_text_or_not_there(config, "capture_type") && is_text_or_not_there(config, "recording"));
        for (size_t i = 0; expected && i < SVI_PARAM_COUNT; i++)
            expected = !value_of(config, &rules[i]) || is_allowed(&rules[i], value_of(config, &rules[i]));
        expected = expected && is_range(config);
        bool ok = svi_values_read(&values, config, &err);
        if (ok != expected)
            fail_msg("config %u: %s: %s", config_number, ok ? "accepted" : "refused", err.message);
        if (ok && json_is_object(config))
            check_values(config, &values);
        if (ok && all_utf8)
            check_effective(&values);
        if (!ok && json_is_object(config))
            check_refusal(config, &err);
        if (json_is_object(config) && all_utf8)
            check_as_text(&dice, config, ok, &err);
        accepted += ok;
        svi_values_clear(&values);
        json_decref(config);
    }
    if (config_number >= CONFIGS)
        assert_true(accepted > CONFIGS / 3 && accepted < CONFIGS * 4 / 5);
    free(words);
}

static void each_key_twice_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SVI_PARAM_COUNT; i++) {
        struct svi_error err = { 0 };
        char text[256];
        snprintf(text, sizeof text, "{\"%s\": 1, \"%s\": 1}", rules[i].key, rules[i].key);
        assert_null(svi_json_parse(svi_bytes_of(text), "The config", SVI_BAD_PARAMETER, &err));
        assert_int_equal(err.status, SVI_BAD_PARAMETER);
        check_has(err.message, rules[i].key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_configs),
        cmocka_unit_test(each_key_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
