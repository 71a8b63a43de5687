/* test_http_body - a form as bytes: what stands in them does not depend on the sizes in which they are asked for. */
#include "host/http_body.h"

#include "base/file.h"

#include <unistd.h>

#include "check.h"

enum { LONG_BYTES = 100000 };

/* Between the quotes of what the other side is to read. */
#define PART(name) "--limit\r\nContent-Disposition: form-data; name=\"" name "\""

static const char *path_of(const char *name)
{
    static char paths[4][4096];
    static size_t next;
    char *path = paths[next++ % ROWS(paths)];
    svi_format(path, sizeof paths[0], "%s/%s", scratch_folder(), name);
    return path;
}

static void write_file(const char *path, const void *bytes, size_t count)
{
    struct svi_error err = { 0 };
    check_ok(svi_file_write(path, (struct svi_bytes){ bytes, count }, &err), err);
}

/* All of it, asked for in pieces of `step` bytes. */
static void read_body(const struct svi_http_form *form, size_t step, struct svi_buffer *into)
{
    struct svi_http_body *body = NULL;
    struct svi_error err = { 0 };
    uint8_t *piece = malloc(step);
    size_t given = step;
    assert_non_null(piece);
    svi_buffer_init(into, 1 << 20);
    check_ok(svi_http_body_open(&body, form, "limit", &err), err);
    while (given == step) {
        check_ok(svi_http_body_give(body, piece, step, &given, &err), err);
        assert_true(svi_buffer_add(into, piece, given));
    }
    check_ok(svi_http_body_give(body, piece, step, &given, &err), err);
    assert_int_equal(given, 0);
    assert_int_equal(into->count, svi_http_body_bytes(body));
    svi_http_body_close(body);
    free(piece);
}

static void parts_stand_one_behind_the_other(void **state)
{
    (void)state;
    static uint8_t content[LONG_BYTES];
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    write_file(path_of("long"), content, sizeof content);
    write_file(path_of("empty"), "", 0);
    write_file(path_of("short"), "abc", 3);
    const struct svi_http_field fields[] = { { "type", "waterfall" }, { "config", "" } };
    const struct svi_http_file files[] = { { path_of("empty"), "empty.csv", "text/csv" },
                                           { path_of("long"), "a \"b\"\r\n.png", "image/png" },
                                           { path_of("short"), "s", "text/plain" } };
    const struct svi_http_form form = { fields, ROWS(fields), files, ROWS(files) };
    struct svi_buffer wanted;
    svi_buffer_init(&wanted, 1 << 20);
    assert_true(svi_buffer_add_text(
        &wanted, PART("type") "\r\n\r\nwaterfall\r\n" PART(
                     "config") "\r\n\r\n\r\n" PART("empty.csv") "; filename=\"empty.csv\"\r\nContent-Type: "
                                                                "text/csv\r\n\r\n\r\n" PART("a %%22b%%22%%0D%%0A.png") "; "
                                                                                                                       "filename="
                                                                                                                       "\"a "
                                                                                                                       "%%22b%%22%%"
                                                                                                                       "0D%%0A."
                                                                                                                       "png\"\r\nCo"
                                                                                                                       "ntent-Type:"
                                                                                                                       " image/"
                                                                                                                       "png\r\n\r"
                                                                                                                       "\n"));
    assert_true(svi_buffer_add(&wanted, content, sizeof content));
    assert_true(
        svi_buffer_add_text(&wanted, "\r\n" PART("s") "; filename=\"s\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--limit--\r\n"));
    static const size_t steps[] = { 1, 7, 1000, 65536, 1 << 19 };
    for (size_t i = 0; i < ROWS(steps); i++) {
        struct svi_buffer body;
        read_body(&form, steps[i], &body);
        assert_int_equal(body.count, wanted.count);
        assert_memory_equal(body.at, wanted.at, wanted.count);
        svi_buffer_clear(&body);
    }
    svi_buffer_clear(&wanted);
}

static void what_is_no_file_is_said(void **state)
{
    (void)state;
    static const char *const paths[] = { "no-such-file", "." };
    for (size_t i = 0; i < ROWS(paths); i++) {
        const struct svi_http_file file = { paths[i], "f", "text/plain" };
        const struct svi_http_form form = { .files = &file, .file_count = 1 };
        struct svi_http_body *body = NULL;
        struct svi_error err = { 0 };
        assert_false(svi_http_body_open(&body, &form, "limit", &err));
        assert_int_equal(err.status, SVI_IO);
    }
    svi_http_body_close(NULL);
}

static void a_file_that_changes_is_sent_as_long_as_it_was_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        off_t becomes;
        bool sent;
    } rows[] = { { 5, true }, { 9, true }, { 4, false }, { 0, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *path = path_of("changes");
        write_file(path, "12345", 5);
        const struct svi_http_file file = { path, "f", "text/plain" };
        const struct svi_http_form form = { .files = &file, .file_count = 1 };
        struct svi_http_body *body = NULL;
        struct svi_error err = { 0 };
        char text[1000];
        size_t given = 0;
        check_ok(svi_http_body_open(&body, &form, "limit", &err), err);
        assert_int_equal(truncate(path, rows[i].becomes), 0);
        assert_int_equal(svi_http_body_give(body, text, sizeof text, &given, &err), rows[i].sent);
        assert_int_equal(err.status, rows[i].sent ? SVI_OK : SVI_IO);
        if (rows[i].sent)
            assert_int_equal(given, svi_http_body_bytes(body));
        svi_http_body_close(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_stand_one_behind_the_other),
        cmocka_unit_test(what_is_no_file_is_said),
        cmocka_unit_test(a_file_that_changes_is_sent_as_long_as_it_was_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
