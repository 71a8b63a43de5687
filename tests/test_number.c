/* test_number - numbers as a reader wants them. */
#include "visual/number.h"

#include "check.h"

static void numbers_as_text(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *fixed, *brief, *power;
    } rows[] = {
        { 0, "0.00", "0", "0" },
        { -0.001, "0.00", "−0.001", "−10⁻³" },
        { 2.5, "2.50", "2.5", "2.5×10⁰" },
        { -50, "−50.00", "−50", "−5×10¹" },
        { 200000, "200000.00", "200000", "2×10⁵" },
        { 1e10, "10000000000.00", "1e+10", "10¹⁰" },
        { 1e-234, "0.00", "1e-234", "10⁻²³⁴" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[64];
        svi_number_fixed(text, sizeof text, rows[i].value, 2);
        assert_string_equal(text, rows[i].fixed);
        svi_number_short(text, sizeof text, rows[i].value);
        assert_string_equal(text, rows[i].brief);
        svi_number_power(text, sizeof text, rows[i].value);
        assert_string_equal(text, rows[i].power);
    }
}

static void numbers_as_a_footer_has_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = { { 0.125, "0.125" }, { 4.2714, "4.27" }, { 100, "100" }, { 999.4, "999" }, { 999.6, "1000" }, { 3906.25, "3906" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[64];
        svi_number_about(text, sizeof text, rows[i].value);
        assert_string_equal(text, rows[i].text);
    }
}

static void si_prefixes(void **state)
{
    (void)state;
    static const struct {
        double value, factor;
        const char *prefix;
    } rows[] = { { 0, 1, "" }, { 999, 1, "" }, { 1000, 1e3, "k" }, { -2.4e6, 1e6, "M" }, { 5e12, 1e9, "G" }, { 0.01, 1, "" } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *prefix;
        check_near(svi_number_si(rows[i].value, &prefix), rows[i].factor, 0);
        assert_string_equal(prefix, rows[i].prefix);
    }
}

static void factors_and_exponents(void **state)
{
    (void)state;
    char text[32];
    svi_number_factor(text, sizeof text, -12);
    assert_string_equal(text, "×10⁻¹²");
    assert_int_equal(svi_number_exponent(1000), 3);
    assert_int_equal(svi_number_exponent(999), 2);
    assert_int_equal(svi_number_exponent(1e-7), -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_text),
        cmocka_unit_test(numbers_as_a_footer_has_them),
        cmocka_unit_test(si_prefixes),
        cmocka_unit_test(factors_and_exponents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
