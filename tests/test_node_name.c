/* test_node_name - the names of nodes, from patterns as Celery's users write them, and those that cannot be. */
#include "host/node_name.h"

#include "check.h"

static void patterns_become_names(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *host, *name;
    } rows[] = {
        { "svi@%h", "node1.example.org", "svi@node1.example.org" },
        { "svi@%n", "node1.example.org", "svi@node1" },
        { "svi@%d", "node1.example.org", "svi@example.org" },
        { "%n@%d", "node1.example.org", "node1@example.org" },
        { "svi@%n", "node1", "svi@node1" },
        { "gpu", "node1", "gpu@node1" },
        { "gpu%%7", "node1", "gpu%7@node1" },
        { "a@b", "node1", "a@b" },
        { "svi-%n@%h", "n.d", "svi-n@n.d" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char name[SVI_NODE_NAME_SIZE];
        struct svi_error err = { 0 };
        check_ok(svi_node_name(name, rows[i].pattern, rows[i].host, &err), err);
        assert_string_equal(name, rows[i].name);
    }
}

static void names_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *host;
    } rows[] = {
        { "", "h" },
        { "@", "h" },
        { "@h", "h" },
        { "svi@", "h" },
        { "a@b@c", "h" },
        { "a b@h", "h" },
        { "a\tb@h", "h" },
        { "a\n@h", "h" },
        { "a/b@h", "h" },
        { "a\\b@h", "h" },
        { "a*@h", "h" },
        { "[a]@h", "h" },
        { "a?@h", "h" },
        { "a'@h", "h" },
        { "a\"@h", "h" },
        { "\xC3\xA9@h", "h" },
        { "a@%", "h" },
        { "a@%x", "h" },
        { "a@%i", "h" },
        { "svi@%d", "node1" },
        { "svi", "" },
        { "svi@%h", "bad host" },
        { "svi@%h", "../etc" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char name[SVI_NODE_NAME_SIZE];
        struct svi_error err = { 0 };
        if (svi_node_name(name, rows[i].pattern, rows[i].host, &err))
            fail_msg("row %zu: \"%s\" is a name", i, name);
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, "NAME@HOST");
    }
}

static void a_name_has_a_longest_length(void **state)
{
    (void)state;
    char pattern[SVI_NODE_NAME_SIZE + 2], name[SVI_NODE_NAME_SIZE];
    for (size_t length = SVI_NODE_NAME_SIZE - 2; length <= SVI_NODE_NAME_SIZE; length++) {
        struct svi_error err = { 0 };
        memset(pattern, 'a', length);
        pattern[1] = '@';
        pattern[length] = '\0';
        assert_int_equal(svi_node_name(name, pattern, "h", &err), length < SVI_NODE_NAME_SIZE);
        if (length < SVI_NODE_NAME_SIZE)
            assert_string_equal(name, pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_become_names),
        cmocka_unit_test(names_that_cannot_be_are_refused),
        cmocka_unit_test(a_name_has_a_longest_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
