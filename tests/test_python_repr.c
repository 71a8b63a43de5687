/* test_python_repr - values as Python shows them, and where they are cut. celery_specimens compares more of them with Python. */
#include "host/python_repr.h"

#include "celery_golden.h"

static void values(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum svi_python_array array;
        const char *shown;
    } rows[] = {
        { "[]", SVI_PYTHON_TUPLE, "()" },
        { "[1]", SVI_PYTHON_TUPLE, "(1,)" },
        { "[1]", SVI_PYTHON_LIST, "[1]" },
        { "[1, [2], {\"a\": [3]}]", SVI_PYTHON_TUPLE, "(1, [2], {'a': [3]})" },
        { "[[[[1]], {}]]", SVI_PYTHON_LIST, "[[[[...]], {}]]" },
        { "{\"a\": {\"b\": {\"c\": {\"d\": 1}}}}", SVI_PYTHON_LIST, "{'a': {'b': {'c': {...}}}}" },
        { "null", SVI_PYTHON_LIST, "None" },
        { "1e22", SVI_PYTHON_LIST, "1e+22" },
        { "20.0", SVI_PYTHON_LIST, "20.0" },
        { "1e16", SVI_PYTHON_LIST, "1e+16" },
        { "12345678901234568.0", SVI_PYTHON_LIST, "1.2345678901234568e+16" },
        { "\"it's\"", SVI_PYTHON_LIST, "\"it's\"" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        struct svi_buffer shown;
        svi_buffer_init(&shown, 1 << 16);
        assert_true(svi_python_repr(&shown, value, rows[i].array));
        assert_string_equal((const char *)shown.at, rows[i].shown);
        svi_buffer_clear(&shown);
        json_decref(value);
    }
}

static void long_values_are_cut(void **state)
{
    (void)state;
    char text[5000];
    for (int kind = 0; kind < 4; kind++) {
        json_t *value = kind == 2 ? json_object() : json_array();
        for (int i = 0; i < 1000; i++) {
            svi_format(text, sizeof text, "item %d", i);
            if (kind == 0)
                json_array_append_new(value, json_integer(i));
            else if (kind == 1)
                json_array_append_new(value, json_pack("[[s]]", text));
            else if (kind == 2)
                json_object_set_new(value, text, json_integer(i));
        }
        if (kind == 3) {
            memset(text, '\a', sizeof text - 1);
            text[sizeof text - 1] = '\0';
            json_array_append_new(value, json_string(text));
        }
        struct svi_buffer shown;
        svi_buffer_init(&shown, 8 * SVI_PYTHON_REPR_BYTES);
        assert_true(svi_python_repr(&shown, value, SVI_PYTHON_LIST));
        check_has((const char *)shown.at, "...");
        assert_true(shown.count < (kind == 3 ? 4 : 1) * SVI_PYTHON_REPR_BYTES + 40);
        assert_int_equal(shown.at[shown.count - 1], kind == 2 ? '}' : ']');
        svi_buffer_clear(&shown);
        json_decref(value);
    }
}

static void a_full_buffer_is_told(void **state)
{
    (void)state;
    json_t *value = json_loads("[\"abc\", {\"d\": [1.5, null]}]", 0, NULL);
    for (size_t room = 0; room < 30; room++) {
        struct svi_buffer shown;
        svi_buffer_init(&shown, room);
        assert_int_equal(svi_python_repr(&shown, value, SVI_PYTHON_LIST), room >= strlen("['abc', {'d': [1.5, None]}]"));
        svi_buffer_clear(&shown);
    }
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(long_values_are_cut),
                                        cmocka_unit_test(a_full_buffer_is_told) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
