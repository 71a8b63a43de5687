/* test_label - texts from outside, fit to be shown. */
#include "capture/label.h"

#include "base/bytes.h"

#include "check.h"

static void cleaned_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
    } rows[] = {
        { "plain", 100, "plain" },
        { "", 100, "" },
        { "Köln 5 µs €", 100, "Köln 5 µs €" },
        { "a\tb\r\nc", 100, "a b  c" },
        { "a\x1B[31mb\x7F", 100, "a\uFFFD[31mb\uFFFD" },
        { "a\xC2\x85z\xC2\xA0z", 100, "a\uFFFDz\u00A0z" },
        { "\xFFx\xE2\x82", 100, "\uFFFDx\uFFFD\uFFFD" },
        { "\xED\xA0\x80", 100, "\uFFFD\uFFFD\uFFFD" },
        { "abcdef", 4, "abc" },
        { "ab€", 5, "ab" },
        { "ab€", 6, "ab€" },
        { "abc", 1, "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[100];
        svi_text_clean(text, rows[i].size, rows[i].text);
        assert_string_equal(text, rows[i].expected);
    }
}

static void a_long_label_keeps_its_end(void **state)
{
    (void)state;
    static const char euro[] = { '\xE2', '\x82', '\xAC' };
    char label[1000], shown[SVI_LABEL_SHOWN];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(label, 'x', sizeof label);
        for (size_t i = shift; i + 3 < 900; i += 3)
            memcpy(label + i, euro, sizeof euro);
        snprintf(label + 950, 50, "%s", "end.sigmf-meta");
        svi_label_shown(shown, label);
        assert_true(svi_ends_with(shown, "end.sigmf-meta"));
        assert_memory_equal(shown, "…", 3);
        assert_true(strlen(shown) > SVI_LABEL_SHOWN - 6);
        assert_true(svi_utf8_valid(svi_bytes_of(shown)));
    }
    svi_label_shown(shown, "a/b/short.sigmf-meta");
    assert_string_equal(shown, "a/b/short.sigmf-meta");
}

static void stems_and_endings(void **state)
{
    (void)state;
    static const struct {
        const char *label, *stem;
        bool ends;
    } rows[] = {
        { "a/b/rec_x7Kq2.sigmf-meta", "rec_x7Kq2", true },
        { "REC.SIGMF-META", "REC", true },
        { "rec.sigmf-data", "rec.sigmf-data", false },
        { ".sigmf-meta", ".sigmf-meta", true },
        { "a/.sigmf-meta", ".sigmf-meta", true },
        { "rec.sigmf-meta.gz", "rec.sigmf-meta.gz", false },
        { "", "", false },
        { "a/", "", false },
        { "a\nb.sigmf-meta", "a b", true },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char stem[256];
        svi_label_stem(stem, sizeof stem, rows[i].label, ".sigmf-meta");
        assert_string_equal(stem, rows[i].stem);
        assert_int_equal(svi_label_ends(rows[i].label, ".sigmf-meta"), rows[i].ends);
    }
    char label[2000], stem[256];
    memset(label, 'n', sizeof label);
    memcpy(label + sizeof label - sizeof ".sigmf-meta", ".sigmf-meta", sizeof ".sigmf-meta");
    svi_label_stem(stem, sizeof stem, label, ".sigmf-meta");
    assert_int_equal(strlen(stem), 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleaned_texts),
        cmocka_unit_test(a_long_label_keeps_its_end),
        cmocka_unit_test(stems_and_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
