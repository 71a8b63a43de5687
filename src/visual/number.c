#include "visual/number.h"

#include "base/bytes.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int svi_number_exponent(double value)
{
    return (int)floor(log10(value) + 1e-9);
}

static void write_signed(char *into, size_t size, double value, const char *plain)
{
    bool is_zero = strspn(plain, "0.") == strlen(plain);
    svi_format(into, size, "%s%s", value < 0.0 && !is_zero ? "−" : "", plain);
}

void svi_number_fixed(char *into, size_t size, double value, int decimals)
{
    char plain[352];
    snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value));
    write_signed(into, size, value, plain);
}

void svi_number_short(char *into, size_t size, double value)
{
    char plain[32];
    snprintf(plain, sizeof plain, "%.10g", fabs(value));
    write_signed(into, size, value, plain);
}

void svi_number_about(char *into, size_t size, double value)
{
    if (value < 999.5)
        svi_format(into, size, "%.3g", value);
    else
        svi_format(into, size, "%.0f", value);
}

double svi_number_si(double value, const char **prefix)
{
    static const struct {
        double factor;
        const char *prefix;
    } rows[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" } };
    size_t row = 0;
    while (row + 1 < sizeof rows / sizeof *rows && !(fabs(value) >= rows[row].factor))
        row++;
    *prefix = rows[row].prefix;
    return rows[row].factor;
}

void svi_number_factor(char *into, size_t size, int exponent)
{
    static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    char plain[16];
    snprintf(plain, sizeof plain, "%d", exponent);
    size_t used = (size_t)snprintf(into, size, "×10");
    for (const char *c = plain; *c && used < size; c++)
        used += (size_t)snprintf(into + used, size - used, "%s", *c == '-' ? "⁻" : digits[*c - '0']);
}

void svi_number_power(char *into, size_t size, double value)
{
    if (value == 0.0) {
        svi_format(into, size, "0");
        return;
    }
    int exponent = svi_number_exponent(fabs(value));
    char mantissa[40], factor[40];
    svi_number_short(mantissa, sizeof mantissa, value / pow(10.0, exponent));
    svi_number_factor(factor, sizeof factor, exponent);
    bool is_one = !strcmp(mantissa, "1") || !strcmp(mantissa, "−1");
    svi_format(into, size, "%s%s", !is_one ? mantissa : value < 0.0 ? "−" : "", is_one ? factor + strlen("×") : factor);
}

void svi_number_hertz(char *into, size_t size, double hertz)
{
    char number[40];
    const char *prefix;
    const double factor = svi_number_si(fabs(hertz), &prefix);
    svi_number_short(number, sizeof number, hertz / factor);
    svi_format(into, size, "%s %sHz", number, prefix);
}
