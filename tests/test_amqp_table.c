/* test_amqp_table - AMQP's tables and properties against the bytes of the specification, both ways. */
#include "host/amqp_table.h"

#include <math.h>

#include "check.h"

static amqp_pool_t pool;

static int set_up(void **state)
{
    (void)state;
    init_amqp_pool(&pool, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    empty_amqp_pool(&pool);
    return 0;
}

/* A table as it stands on the wire: its length, then one entry named "k". */
static amqp_table_t decode(const char *value, size_t count)
{
    static uint8_t bytes[300];
    amqp_table_t table;
    size_t offset = 0;
    bytes[0] = bytes[1] = bytes[2] = 0;
    bytes[3] = (uint8_t)(count + 2);
    memcpy(bytes + 4, "\1k", 2);
    memcpy(bytes + 6, value, count);
    assert_int_equal(amqp_decode_table((amqp_bytes_t){ count + 6, bytes }, &pool, &table, &offset), AMQP_STATUS_OK);
    return table;
}

#define WIRE(text) text, sizeof(text) - 1

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *wire;
        size_t count;
        const char *json;
    } rows[] = {
        { WIRE("t\1"), "true" },
        { WIRE("t\0"), "false" },
        { WIRE("b\xFF"), "-1" },
        { WIRE("B\xFF"), "255" },
        { WIRE("s\xFF\xFE"), "-2" },
        { WIRE("u\xFF\xFE"), "65534" },
        { WIRE("I\xFF\xFF\xFF\xFD"), "-3" },
        { WIRE("i\xFF\xFF\xFF\xFD"), "4294967293" },
        { WIRE("l\x80\0\0\0\0\0\0\0"), "-9223372036854775808" },
        { WIRE("L\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "9223372036854775807" },
        { WIRE("L\x80\0\0\0\0\0\0\0"), "9.223372036854775808e18" },
        { WIRE("T\0\0\0\0\0\0\0\7"), "7" },
        { WIRE("f\x3F\xC0\0\0"), "1.5" },
        { WIRE("d\xBF\xF8\0\0\0\0\0\0"), "-1.5" },
        { WIRE("d\x7F\xF0\0\0\0\0\0\0"), "null" },
        { WIRE("d\x7F\xF8\0\0\0\0\0\0"), "null" },
        { WIRE("D\2\0\0\0\x7B"), "1.23" },
        { WIRE("S\0\0\0\3a\xC3\xA9"), "\"a\xC3\xA9\"" },
        { WIRE("S\0\0\0\0"), "\"\"" },
        { WIRE("S\0\0\0\1\0"), "\"\\u0000\"" },
        { WIRE("x\0\0\0\2ab"), "\"ab\"" },
        { WIRE("V"), "null" },
        { WIRE("A\0\0\0\6I\0\0\3\x84V"), "[900, null]" },
        { WIRE("A\0\0\0\0"), "[]" },
        { WIRE("F\0\0\0\0"), "{}" },
        { WIRE("F\0\0\0\4\1at\1"), "{\"a\": true}" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        amqp_table_t table = decode(rows[i].wire, rows[i].count);
        json_t *object = svi_amqp_table_read(&table, &err);
        json_t *expected = json_loads(rows[i].json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(object);
        assert_non_null(expected);
        if (!json_equal(json_object_get(object, "k"), expected))
            fail_msg("row %zu is not %s", i, rows[i].json);
        json_decref(object);
        json_decref(expected);
    }
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *wire;
        size_t count;
    } rows[] = {
        { WIRE("S\0\0\0\2\xC3(") },   { WIRE("x\0\0\0\1\xFF") },          { WIRE("F\0\0\0\4\1\xFFt\1") },
        { WIRE("F\0\0\0\4\1\0t\1") }, { WIRE("A\0\0\0\6S\0\0\0\1\xFF") },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        amqp_table_t table = decode(rows[i].wire, rows[i].count);
        assert_null(svi_amqp_table_read(&table, &err));
        assert_int_equal(err.status, SVI_BAD_ANSWER);
    }
}

/* Tables in tables, so many that the innermost has this depth. */
static amqp_table_t nest(int depth)
{
    amqp_table_t table = amqp_empty_table;
    for (int i = 0; i < depth; i++) {
        amqp_table_entry_t *entry = amqp_pool_alloc(&pool, sizeof *entry);
        *entry = (amqp_table_entry_t){ amqp_cstring_bytes("k"), { AMQP_FIELD_KIND_TABLE, { .table = table } } };
        table = (amqp_table_t){ 1, entry };
    }
    return table;
}

static void depth_and_number_have_limits(void **state)
{
    (void)state;
    enum { MANY = SVI_AMQP_TABLE_VALUES + 1 };
    struct svi_error err = { 0 };
    amqp_table_t table = nest(SVI_AMQP_TABLE_DEPTH), back;
    json_t *object = svi_amqp_table_read(&table, &err);
    assert_non_null(object);
    check_ok(svi_amqp_table_write(&back, object, &pool, &err), err);
    json_t *deeper = json_pack("{s:o}", "k", object);
    assert_false(svi_amqp_table_write(&back, deeper, &pool, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    json_decref(deeper);
    table = nest(SVI_AMQP_TABLE_DEPTH + 1);
    err = (struct svi_error){ 0 };
    assert_null(svi_amqp_table_read(&table, &err));
    check_has(err.message, "nested too deep");

    amqp_field_value_t *values = calloc(MANY, sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < MANY; i++)
        values[i].kind = AMQP_FIELD_KIND_VOID;
    amqp_table_entry_t entry = { amqp_cstring_bytes("k"), { AMQP_FIELD_KIND_ARRAY, { .array = { MANY, values } } } };
    err = (struct svi_error){ 0 };
    assert_null(svi_amqp_table_read(&(amqp_table_t){ 1, &entry }, &err));
    check_has(err.message, "hold too much");
    free(values);
}

static void values_are_written_with_the_types_of_py_amqp(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        uint8_t kind;
    } rows[] = {
        { "1", 'I' },        { "-2147483648", 'I' }, { "2147483648", 'l' }, { "1.0", 'd' }, { "true", 't' },
        { "\"text\"", 'S' }, { "null", 'V' },        { "[1]", 'A' },        { "{}", 'F' },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_error err = { 0 };
        amqp_table_t table;
        json_t *object = json_pack("{s:o}", "k", json_loads(rows[i].json, JSON_DECODE_ANY, NULL));
        check_ok(svi_amqp_table_write(&table, object, &pool, &err), err);
        assert_int_equal(table.num_entries, 1);
        assert_int_equal(table.entries[0].value.kind, rows[i].kind);
        json_t *back = svi_amqp_table_read(&table, &err);
        assert_true(json_equal(back, object));
        json_decref(back);
        json_decref(object);
    }
    struct svi_error err = { 0 };
    amqp_table_t table;
    json_t *object = json_pack("{s:i}",
                               "a-name-that-is-longer-than-the-128-bytes-that-librabbitmq-lets-a-name-have-a-name-that-is-longer-"
                               "than-the-128-bytes-that-librabbitmq-lets",
                               1);
    assert_false(svi_amqp_table_write(&table, object, &pool, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    json_decref(object);
}

static void properties_go_both_ways(void **state)
{
    (void)state;
    struct svi_celery_message message, back;
    struct svi_error err = { 0 };
    amqp_basic_properties_t properties;
    json_t *body = json_array();
    check_ok(svi_celery_message_init(&message, body, &err), err);
    json_decref(body);
    json_decref(message.properties);
    message.properties = json_pack("{s:s, s:s, s:i, s:i}", "correlation_id", "c", "reply_to", "r", "delivery_mode", 1, "priority",
                                   300);
    json_object_set_new(message.headers, "id", json_string("x"));
    check_ok(svi_amqp_properties_write(&properties, &message, &pool, &err), err);
    assert_int_equal(properties.priority, 255);
    check_ok(svi_amqp_properties_read(&back, &properties, &err), err);
    assert_string_equal(back.content_type, "application/json");
    assert_string_equal(back.content_encoding, "utf-8");
    assert_true(json_equal(back.headers, message.headers));
    json_object_set_new(message.properties, "priority", json_integer(255));
    assert_true(json_equal(back.properties, message.properties));
    svi_celery_message_clear(&back);
    /* A text that is too long for a property. */
    char *text = calloc(1, 300);
    memset(text, 'x', 256);
    json_object_set_new(message.properties, "reply_to", json_string(text));
    assert_false(svi_amqp_properties_write(&properties, &message, &pool, &err));
    assert_int_equal(err.status, SVI_BAD_PARAMETER);
    free(text);
    svi_celery_message_clear(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),  cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(depth_and_number_have_limits), cmocka_unit_test(values_are_written_with_the_types_of_py_amqp),
        cmocka_unit_test(properties_go_both_ways),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
