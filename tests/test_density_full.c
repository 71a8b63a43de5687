/* test_density_full - the same as test_density, with counters that are full, and put away, after a few samples. */
#define MOST_IN_COUNTS 5000
#include "../src/device/density.c"
#include "test_density.c"
