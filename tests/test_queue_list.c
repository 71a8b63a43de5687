/* test_queue_list - names of queues with commas between them. */
#include "host/queue_list.h"

#include "base/bytes.h"

#include "check.h"

static void names_stand_in_their_order(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *names[3];
        size_t count;
    } rows[] = {
        { "large_jobs", { "large_jobs" }, 1 }, { "default,large_jobs,scheduled", { "default", "large_jobs", "scheduled" }, 3 },
        { "a b,c", { "a b", "c" }, 2 },        { " a b,\tc , d", { "a b", "c", "d" }, 3 },
        { "a,b,a, b", { "a", "b" }, 2 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_queue_list list;
        struct svi_error err = { 0 };
        check_ok(svi_queue_list_read(&list, rows[i].text, &err), err);
        assert_int_equal(list.count, rows[i].count);
        for (size_t k = 0; k < list.count; k++)
            assert_string_equal(list.names[k], rows[i].names[k]);
        svi_queue_list_clear(&list);
        svi_queue_list_clear(&list);
    }
}

/* That many names of that length. */
static void write_names(struct svi_buffer *text, size_t count, size_t length)
{
    svi_buffer_init(text, 1 << 16);
    for (size_t i = 0; i < count; i++)
        svi_buffer_add_text(text, "%s%0*d", i ? "," : "", (int)length, (int)i);
}

static void lists_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "", ",", "a,", ",a", "a,,b", " ", "a, ,b" };
    struct svi_queue_list list;
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct svi_error err = { 0 };
        if (svi_queue_list_read(&list, texts[i], &err))
            fail_msg("\"%s\" is a list", texts[i]);
        assert_int_equal(err.status, SVI_BAD_USAGE);
        check_has(err.message, "--queues");
        assert_null(list.text);
    }
    static const struct {
        size_t count, length;
        bool fits;
    } rows[] = { { SVI_QUEUE_LIST_MOST, 3, true }, { SVI_QUEUE_LIST_MOST + 1, 3, false }, { 2, 199, true }, { 2, 200, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct svi_buffer text;
        struct svi_error err = { 0 };
        write_names(&text, rows[i].count, rows[i].length);
        assert_int_equal(svi_queue_list_read(&list, (char *)text.at, &err), rows[i].fits);
        assert_int_equal(list.count, rows[i].fits ? rows[i].count : 0);
        svi_queue_list_clear(&list);
        svi_buffer_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_in_their_order),
        cmocka_unit_test(lists_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
