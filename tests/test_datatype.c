/* test_datatype - every spelling, and what the rows say of full scale, checked by writing and reading numbers. */
#include "capture/datatype.h"

#include <ctype.h>
#include <math.h>

#include "check.h"
#include "signals.h"

static const char *const spellings[] = {
    "cf32_le", "cf32_be", "cf64_le", "cf64_be", "ci32_le", "ci32_be", "ci16_le", "ci16_be", "cu32_le", "cu32_be",
    "cu16_le", "cu16_be", "ci8",     "cu8",     "rf32_le", "rf32_be", "rf64_le", "rf64_be", "ri32_le", "ri32_be",
    "ri16_le", "ri16_be", "ru32_le", "ru32_be", "ru16_le", "ru16_be", "ri8",     "ru8",
};

static void all_28_are_known(void **state)
{
    (void)state;
    size_t count = 0;
    while (svi_datatypes[count].name)
        count++;
    assert_int_equal(count, 28);
    assert_int_equal(ROWS(spellings), 28);
    for (size_t i = 0; i < ROWS(spellings); i++) {
        const struct svi_datatype *row = svi_datatype_find(spellings[i]);
        assert_non_null(row);
        assert_string_equal(row->name, spellings[i]);
    }
}

/* What the name says must be what the columns say. */
static void columns_agree_with_the_name(void **state)
{
    (void)state;
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++) {
        const char *name = row->name;
        size_t bits = strtoul(name + 2, NULL, 10);
        assert_int_equal(row->parts, name[0] == 'c' ? 2 : 1);
        assert_int_equal(row->part_bytes * 8, bits);
        assert_int_equal(svi_datatype_bytes(row), row->parts * bits / 8);
        assert_int_equal(row->big_endian, strstr(name, "_be") != NULL);
        assert_true(row->full_scale == (name[1] == 'f' ? 1.0 : ldexp(1, (int)bits - 1)));
        assert_true(row->middle == (name[1] == 'u' ? ldexp(1, (int)bits - 1) : 0.0));
        assert_int_equal(tolower((unsigned char)row->loader[0]), name[1]);
        assert_int_equal(strtoul(row->loader + 1, NULL, 10), bits);
    }
}

/* Both are valid by the JSON schema of SigMF. */
static void an_ending_may_be_left_out_of_wide_types_and_put_to_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *name, *expected;
    } rows[] = {
        { "cf32", "cf32_le" },
        { "ri16", "ri16_le" },
        { "cu32", "cu32_le" },
        { "rf64", "rf64_le" },
        { "ci8", "ci8" },
        { "ci8_le", "ci8" },
        { "cu8_be", "cu8" },
        { "ru8_le", "ru8" },
        { "ri8_", NULL },
        { "ci8_lee", NULL },
        { "ci8le", NULL },
        { "CF32_LE", NULL },
        { "cf16_le", NULL },
        { "cf32_le_le", NULL },
        { "", NULL },
        { "_le", NULL },
        { "cf", NULL },
        { "xf32_le", NULL },
        { "cf32_", NULL },
        { " cf32_le", NULL },
        { "cf32_le ", NULL },
        { "ci64_le", NULL },
        { "a name that is longer than any row", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_datatype *row = svi_datatype_find(rows[i].name);
        if (rows[i].expected)
            assert_string_equal(row ? row->name : "(none)", rows[i].expected);
        else
            assert_null(row);
    }
}

static void names_are_listed_and_cut(void **state)
{
    (void)state;
    char all[400], few[20];
    svi_datatype_names(all, sizeof all);
    for (size_t i = 0; i < ROWS(spellings); i++)
        check_has(all, spellings[i]);
    svi_datatype_names(few, sizeof few);
    assert_string_equal(few, "cf32_le, cf32_be, c");
}

/* Bytes written by hand, so that encode and decode are not only each other's inverse. */
static void known_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t bytes[16];
        double re, im;
    } rows[] = {
        { "ci16_le", { 0x00, 0x40, 0x00, 0x80 }, 0.5, -1 },
        { "ci16_be", { 0x40, 0x00, 0x80, 0x00 }, 0.5, -1 },
        { "cu16_le", { 0x00, 0xC0, 0x00, 0x00 }, 0.5, -1 },
        { "cu16_be", { 0xC0, 0x00, 0x00, 0x00 }, 0.5, -1 },
        { "ci8", { 0x40, 0xC0 }, 0.5, -0.5 },
        { "cu8", { 0xC0, 0x40 }, 0.5, -0.5 },
        { "ri8", { 0x80 }, -1, 0 },
        { "ru8", { 0x80 }, 0, 0 },
        { "ri16_be", { 0xE0, 0x00 }, -0.25, 0 },
        { "ru16_be", { 0x60, 0x00 }, -0.25, 0 },
        { "ri16_le", { 0x00, 0xE0 }, -0.25, 0 },
        { "ru16_le", { 0x00, 0x60 }, -0.25, 0 },
        { "ci32_le", { 0, 0, 0, 0x40, 0, 0, 0, 0xC0 }, 0.5, -0.5 },
        { "ci32_be", { 0x40, 0, 0, 0, 0xC0, 0, 0, 0 }, 0.5, -0.5 },
        { "cu32_le", { 0, 0, 0, 0xC0, 0, 0, 0, 0x40 }, 0.5, -0.5 },
        { "cu32_be", { 0xC0, 0, 0, 0, 0x40, 0, 0, 0 }, 0.5, -0.5 },
        { "ri32_le", { 0, 0, 0, 0xC0 }, -0.5, 0 },
        { "ri32_be", { 0xC0, 0, 0, 0 }, -0.5, 0 },
        { "ru32_le", { 0, 0, 0, 0x40 }, -0.5, 0 },
        { "ru32_be", { 0x40, 0, 0, 0 }, -0.5, 0 },
        { "cf32_le", { 0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF }, 1, -0.5 },
        { "cf32_be", { 0x3F, 0x80, 0, 0, 0xBF, 0, 0, 0 }, 1, -0.5 },
        { "rf32_le", { 0, 0, 0, 0xBF }, -0.5, 0 },
        { "rf32_be", { 0xBF, 0, 0, 0 }, -0.5, 0 },
        { "cf64_le", { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0xE0, 0xBF }, 1, -0.5 },
        { "cf64_be", { 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xBF, 0xE0, 0, 0, 0, 0, 0, 0 }, 1, -0.5 },
        { "rf64_le", { 0, 0, 0, 0, 0, 0, 0xE0, 0xBF }, -0.5, 0 },
        { "rf64_be", { 0xBF, 0xE0, 0, 0, 0, 0, 0, 0 }, -0.5, 0 },
    };
    assert_int_equal(ROWS(rows), 28);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct svi_datatype *row = svi_datatype_find(rows[i].name);
        double complex sample = rows[i].re + I * rows[i].im;
        uint8_t bytes[16] = { 0 };
        signal_encode(bytes, row, sample);
        assert_memory_equal(bytes, rows[i].bytes, svi_datatype_bytes(row));
        assert_true(signal_decode(rows[i].bytes, row) == sample);
    }
}

static void integers_clip_at_their_ends(void **state)
{
    (void)state;
    for (const struct svi_datatype *row = svi_datatypes; row->name; row++) {
        if (row->name[1] == 'f')
            continue;
        uint8_t bytes[16];
        signal_encode(bytes, row, 2 - 2 * I);
        double complex back = signal_decode(bytes, row);
        assert_true(creal(back) == (row->full_scale - 1) / row->full_scale);
        assert_true(cimag(back) == (row->parts == 2 ? -1 : 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_28_are_known),
        cmocka_unit_test(columns_agree_with_the_name),
        cmocka_unit_test(an_ending_may_be_left_out_of_wide_types_and_put_to_bytes),
        cmocka_unit_test(names_are_listed_and_cut),
        cmocka_unit_test(known_bytes),
        cmocka_unit_test(integers_clip_at_their_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
