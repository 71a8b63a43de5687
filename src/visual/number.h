/* number.h - numbers as a reader wants them: a true minus sign, powers of ten with raised digits. Knows nothing of units. */
#ifndef SVI_VISUAL_NUMBER_H
#define SVI_VISUAL_NUMBER_H

#include <stddef.h>

/* floor(log10(value)), with mercy for the last bit. value > 0. */
int svi_number_exponent(double value);

/* "−2.50"; a zero has no sign. */
void svi_number_fixed(char *into, size_t size, double value, int decimals);

/* As few digits as tell it, at most ten: "0.002", "−50". */
void svi_number_short(char *into, size_t size, double value);

/* Three digits tell it, "4.27"; of a larger one all whole ones, "3906". Not below 0. */
void svi_number_about(char *into, size_t size, double value);

/* "10⁵", "−2×10⁻³". */
void svi_number_power(char *into, size_t size, double value);

/* The SI prefix for a value, "M" for 2.4e6, and by what to divide: 1, 1e3, 1e6 or 1e9; "" below 1000. */
double svi_number_si(double value, const char **prefix);

/* "915.25 MHz" */
void svi_number_hertz(char *into, size_t size, double hertz);

/* "×10⁶" */
void svi_number_factor(char *into, size_t size, int exponent);

#endif
