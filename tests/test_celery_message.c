/* test_celery_message - envelopes as Celery's brokers carry them, broken ones, and bodies that are not JSON. */
#include "base/base64.h"
#include "host/celery_message.h"

#include "celery_golden.h"
#include "secret.h"

static bool read_text(struct svi_celery_message *message, const char *text, struct svi_error *err)
{
    return svi_celery_envelope_read(message, svi_bytes_of(text), err);
}

static void what_celery_wrote_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(celery_versions); i++) {
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        read_golden(&message, celery_versions[i], "delay");
        assert_string_equal(message.content_type, "application/json");
        assert_string_equal(message.content_encoding, "utf-8");
        assert_string_equal(json_string_value(json_object_get(message.headers, "task")), "jobs.tasks.submit_job");
        assert_int_equal(json_integer_value(json_object_get(message.properties, "delivery_mode")), 2);
        check_has((const char *)message.body.at, "[[42, \"" SECRET "\", {");
        json_t *body = svi_celery_message_json(&message, &err);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_array_get(body, 0), 2), "title")),
                            "Gr\xC3\xB6\xC3\x9F"
                            "e \xF0\x9D\x84\x9E");
        json_decref(body);
        svi_celery_message_clear(&message);
    }
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct svi_celery_message message, again;
    struct svi_error err = { 0 };
    struct svi_buffer text;
    json_t *body = json_pack("[[i, s], {}, {}]", 7, "\xE2\x82\xAC");
    check_ok(svi_celery_message_init(&message, body, &err), err);
    json_object_set_new(message.headers, "id", json_string("a"));
    json_object_set_new(message.properties, "priority", json_integer(3));
    svi_buffer_init(&text, 1 << 20);
    check_ok(svi_celery_envelope_write(&text, &message, &err), err);
    check_has((const char *)text.at, "\"body_encoding\":\"base64\"");
    check_ok(read_text(&again, (const char *)text.at, &err), err);
    assert_int_equal(again.body.count, message.body.count);
    assert_memory_equal(again.body.at, message.body.at, message.body.count);
    assert_true(json_equal(again.headers, message.headers));
    assert_int_equal(json_integer_value(json_object_get(again.properties, "priority")), 3);
    json_decref(body);
    svi_buffer_clear(&text);
    svi_celery_message_clear(&message);
    svi_celery_message_clear(&again);
}

static void envelopes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *body; /* NULL: refused */
    } rows[] = {
        { "{}", "" },
        { "{\"body\": null, \"headers\": null, \"properties\": null}", "" },
        { "{\"body\": \"[1]\", \"content-type\": null}", "[1]" },
        { "{\"body\": \"[1]\", \"properties\": {\"body_encoding\": \"plain\"}}", "[1]" },
        { "{\"body\": \"WzFd\", \"properties\": {\"body_encoding\": \"base64\"}}", "[1]" },
        { "{\"body\": \"WzFd\", \"headers\": {\"a\": NaN, \"b\": [-Infinity, Infinity], \"NaN\": \"-Infinity \\\" NaN\"}}",
          "WzFd" },
        { "{\"body\": \"WzF\", \"properties\": {\"body_encoding\": \"base64\"}}", NULL },
        { "{\"body\": \"Wz" SECRET "\", \"properties\": {\"body_encoding\": \"base64\"}}", NULL },
        { "{\"body\": [\"" SECRET "\"]}", NULL },
        { "{\"body\": {}, \"headers\": {}}", NULL },
        { "{\"headers\": [\"" SECRET "\"]}", NULL },
        { "{\"properties\": \"" SECRET "\"}", NULL },
        { "{\"content-type\": 5}", NULL },
        { "{\"content-type\": \"0123456789012345678901234567890123456789012345678901234567890123\"}", NULL },
        { "", NULL },
        { "[]", NULL },
        { "\"" SECRET "\"", NULL },
        { "{\"body\": " SECRET "}", NULL },
        { "{\"" SECRET "\": 1, \"" SECRET "\": 1}", NULL },
        { "{\"body\": \"\xFF" SECRET "\"}", NULL },
        { "{\"body\": \"a\\u0000" SECRET "\"}", NULL },
        { "{\"body\": \"\\ud800" SECRET "\"}", NULL },
        { "{\"body\": N}", NULL },
        { "{\"body\": NaN", NULL },
        { "{\"body\": nan}", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        if (rows[i].body) {
            check_ok(read_text(&message, rows[i].text, &err), err);
            assert_int_equal(message.body.count, strlen(rows[i].body));
            if (message.body.count)
                assert_memory_equal(message.body.at, rows[i].body, message.body.count);
            assert_true(json_is_object(message.headers) && json_is_object(message.properties));
            svi_celery_message_clear(&message);
            continue;
        }
        if (read_text(&message, rows[i].text, &err))
            fail_msg("row %zu is not refused", i);
        assert_int_equal(err.status, SVI_BAD_ANSWER);
        check_no_secret(err);
        assert_null(strstr(err.message, "\n"));
        assert_null(message.body.at);
        assert_null(message.headers);
    }
}

static void huge_and_deep_messages_are_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = { 100 << 20, SVI_CELERY_MESSAGE_LIMIT_BYTES + 1, 1 << 20 };
    for (size_t i = 0; i < ROWS(sizes); i++) {
        char *text = malloc(sizes[i]);
        assert_non_null(text);
        memset(text, '[', sizes[i]);
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        assert_false(svi_celery_envelope_read(&message, (struct svi_bytes){ (uint8_t *)text, sizes[i] }, &err));
        assert_int_equal(err.status, SVI_BAD_ANSWER);
        check_has(err.message, i < 2 ? "are the most" : "deeper");
        free(text);
    }
}

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *type, *encoding, *packing, *body, *says; /* says NULL: it is an array of 1 */
    } rows[] = {
        { "application/json", "utf-8", NULL, "[1]", NULL },
        { "application/json", "UTF-8", NULL, "[1]", NULL },
        { "application/json", "", NULL, "[1]", NULL },
        { "application/json", "us-ascii", NULL, "[1]", NULL },
        { "application/json", "binary", NULL, "[1]", "UTF-8" },
        { "application/json", "utf-16", NULL, "[1]", "UTF-8" },
        { "application/x-python-serialize", "binary", NULL, SECRET, "not JSON" },
        { "application/json; charset=utf-8", "utf-8", NULL, "[1]", "not JSON" },
        { "", "utf-8", NULL, "[1]", "not JSON" },
        { "application/json", "utf-8", "application/x-bz2", SECRET, "zlib is" },
        { "application/json", "utf-8", "application/x-gzip", SECRET, "not packed" },
        { "application/json", "utf-8", "zlib", "", "not packed" },
        { "application/json", "utf-8", NULL, "", "JSON" },
        { "application/json", "utf-8", NULL, SECRET, "JSON" },
        { "application/json", "utf-8", NULL, "\xFF", "JSON" },
        { "application/json", "utf-8", NULL, "1 2", "JSON" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_celery_message message;
        struct svi_error err = { 0 };
        check_ok(read_text(&message, "{}", &err), err);
        svi_format(message.content_type, sizeof message.content_type, "%s", rows[i].type);
        svi_format(message.content_encoding, sizeof message.content_encoding, "%s", rows[i].encoding);
        if (rows[i].packing)
            json_object_set_new(message.headers, "compression", json_string(rows[i].packing));
        svi_buffer_add(&message.body, rows[i].body, strlen(rows[i].body));
        json_t *body = svi_celery_message_json(&message, &err);
        assert_int_equal(body != NULL, rows[i].says == NULL);
        if (rows[i].says)
            check_has(err.message, rows[i].says);
        check_no_secret(err);
        json_decref(body);
        svi_celery_message_clear(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_celery_wrote_is_read),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(envelopes),
        cmocka_unit_test(huge_and_deep_messages_are_refused),
        cmocka_unit_test(bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
