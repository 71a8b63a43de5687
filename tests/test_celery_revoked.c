/* test_celery_revoked - how many ids are remembered, for how long, and what nodes tell each other. */
#include "host/celery_revoked.h"

#include "base/bytes.h"

#include "celery_golden.h"

static int begin(void **state)
{
    struct svi_revoked *revoked;
    struct svi_error err = { 0 };
    check_ok(svi_revoked_create(&revoked, &err), err);
    *state = revoked;
    return 0;
}

static int end(void **state)
{
    svi_revoked_destroy(*state);
    svi_revoked_destroy(NULL);
    return 0;
}

static void ids_grow_old(void **state)
{
    struct svi_revoked *revoked = *state;
    svi_revoked_add(revoked, "a", 100);
    svi_revoked_add(revoked, "b", 200);
    svi_revoked_add(revoked, "a", 300);
    check_json(svi_revoked_ids(revoked, 10, 300), "[\"b\", \"a\"]");
    assert_true(svi_revoked_has(revoked, "b", 200 + SVI_REVOKED_FOR_S));
    assert_false(svi_revoked_has(revoked, "b", 200.5 + SVI_REVOKED_FOR_S));
    assert_true(svi_revoked_has(revoked, "a", 300 + SVI_REVOKED_FOR_S));
    assert_false(svi_revoked_has(revoked, "nobody", 0));
    check_json(svi_revoked_ids(revoked, 10, 301 + SVI_REVOKED_FOR_S), "[]");
}

static void the_oldest_goes(void **state)
{
    struct svi_revoked *revoked = *state;
    char id[32];
    for (int i = 0; i < SVI_REVOKED_MOST + 10; i++) {
        svi_format(id, sizeof id, "id-%d", i);
        svi_revoked_add(revoked, id, i * 1e-3);
    }
    assert_false(svi_revoked_has(revoked, "id-9", 60));
    assert_true(svi_revoked_has(revoked, "id-10", 60));
    json_t *ids = svi_revoked_ids(revoked, 1000, 60);
    assert_int_equal(json_array_size(ids), 1000);
    assert_string_equal(json_string_value(json_array_get(ids, 999)), "id-50009");
    json_decref(ids);
}

static void what_is_no_id_is_left_out(void **state)
{
    struct svi_revoked *revoked = *state;
    char id[301];
    memset(id, 'a', 300);
    id[300] = '\0';
    svi_revoked_add(revoked, "", 0);
    svi_revoked_add(revoked, id, 0);
    check_json(svi_revoked_ids(revoked, 10, 0), "[]");
}

static void what_others_tell(void **state)
{
    (void)state;
    static const struct {
        const char *told, *ids;
    } rows[] = {
        { "{}", "[\"known\"]" },
        { "[]", "[\"known\"]" },
        { "{\"a\": [1772.5, \"a\"], \"b\": 17, \"known\": [9e9, \"known\"]}", "[\"known\", \"a\", \"b\"]" },
        { "[\"a\", 5, null, \"known\", \"b\"]", "[\"known\", \"a\", \"b\"]" },
        { "\"a\"", "[\"known\"]" },
        { "null", "[\"known\"]" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        void *made;
        begin(&made);
        svi_revoked_add(made, "known", 10);
        json_t *told = json_loads(rows[i].told, JSON_DECODE_ANY, NULL);
        svi_revoked_merge(made, told, 20);
        json_decref(told);
        check_json(svi_revoked_ids(made, 10, 20), rows[i].ids);
        /* Being told of it again does not make it younger. */
        assert_false(svi_revoked_has(made, "known", 11 + SVI_REVOKED_FOR_S));
        end(&made);
    }
    void *made;
    begin(&made);
    svi_revoked_merge(made, NULL, 20);
    svi_revoked_add(made, "a", 7);
    check_json(svi_revoked_tell(made, 10, 8), "{\"a\": [7.0, \"a\"]}");
    end(&made);
}

static void stamps(void **state)
{
    struct svi_revoked *revoked = *state;
    static const struct {
        const char *stamps;
        bool has;
    } rows[] = {
        { "{\"owner\": \"me\"}", true },
        { "{\"owner\": [\"you\", \"me\"]}", true },
        { "{\"other\": \"x\", \"owner\": \"me\"}", true },
        { "{\"owner\": \"you\"}", false },
        { "{\"other\": \"me\"}", false },
        { "{\"owner\": 5}", false },
        { "{}", false },
        { "null", false },
    };
    assert_false(svi_revoked_has_stamp(revoked, NULL));
    svi_revoked_add_stamp(revoked, "owner", "them");
    svi_revoked_add_stamp(revoked, "owner", "me");
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *stamps = json_loads(rows[i].stamps, JSON_DECODE_ANY, NULL);
        assert_int_equal(svi_revoked_has_stamp(revoked, stamps), rows[i].has);
        json_decref(stamps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_grow_old, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_goes, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_id_is_left_out, begin, end),
        cmocka_unit_test(what_others_tell),
        cmocka_unit_test_setup_teardown(stamps, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
