/* test_mask - what is shown of trees with secrets in them. */
#include "host/mask.h"

#include "celery_golden.h"
#include "secret.h"

static void secrets(void **state)
{
    (void)state;
    static const struct {
        const char *secret, *value, *shown;
    } rows[] = {
        { SECRET, "[7, \"" SECRET "\"]", "[7, \"********\"]" },
        { SECRET, "{\"a\": {\"b\": [\"Token " SECRET "!\", \"" SECRET SECRET "\"]}}",
          "{\"a\": {\"b\": [\"Token ********!\", \"****************\"]}}" },
        { SECRET, "{\"" SECRET "\": 1, \"x" SECRET "\": null}", "{\"********\": 1, \"x********\": null}" },
        { SECRET, "[\"\", true, false, null, 1.5, {}, []]", "[\"\", true, false, null, 1.5, {}, []]" },
        { "t", "[\"t\", \"tt\", \"a t\"]", "[\"********\", \"tt\", \"a t\"]" },
        { "", "[\"\", \"a\"]", "[\"\", \"a\"]" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *value = json_loads(rows[i].value, 0, NULL);
        check_json(svi_mask_secret(value, rows[i].secret), rows[i].shown);
        json_decref(value);
    }
}

static void settings(void **state)
{
    (void)state;
    static const struct {
        const char *value, *shown;
    } rows[] = {
        { "{\"broker_url\": \"redis://:" SECRET "@h:1/0\"}", "{\"broker_url\": \"redis://:**@h:1/0\"}" },
        { "{\"broker_url\": \"amqp://u:" SECRET "@h;amqp://u:p@" SECRET ":x@i/v\"}",
          "{\"broker_url\": \"amqp://u:**@h;amqp://u:**@i/v\"}" },
        { "{\"broker_url\": \"redis://u:a;b/" SECRET "@h\"}", "{\"broker_url\": \"redis://u:**@h\"}" },
        { "{\"broker_url\": \"redis://h:6379/0\"}", "{\"broker_url\": \"redis://h:6379/0\"}" },
        { "{\"broker_url\": \"amqp://user@h\"}", "{\"broker_url\": \"amqp://user@h\"}" },
        { "{\"a\": {\"My_Token\": \"" SECRET "\", \"n\": 1}, \"PASSWORD\": \"" SECRET "\", \"api_key\": [\"" SECRET "\"]}",
          "{\"a\": {\"My_Token\": \"********\", \"n\": 1}, \"PASSWORD\": \"********\", \"api_key\": \"********\"}" },
        { "{\"password\": null, \"list\": [1, 2], \"text\": \"://\"}",
          "{\"password\": null, \"list\": [1, 2], \"text\": \"://\"}" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *value = json_loads(rows[i].value, 0, NULL);
        check_json(svi_mask_settings(value), rows[i].shown);
        json_decref(value);
    }
}

static void a_tree_is_wiped(void **state)
{
    (void)state;
    json_t *tree = json_loads("{\"a\": [\"" SECRET "\", {\"b\": \"" SECRET "\"}], \"c\": 5}", 0, NULL);
    svi_mask_wipe(tree);
    json_t *list = json_object_get(tree, "a");
    const char *first = json_string_value(json_array_get(list, 0)),
               *second = json_string_value(json_object_get(json_array_get(list, 1), "b"));
    for (size_t i = 0; i < strlen(SECRET); i++)
        assert_true(!first[i] && !second[i]);
    json_decref(tree);
    svi_mask_wipe(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(secrets), cmocka_unit_test(settings), cmocka_unit_test(a_tree_is_wiped) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
