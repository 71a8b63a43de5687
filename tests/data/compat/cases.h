/* cases.h - pictures of the platform's own pipeline. Include with COMPAT_CASE defined.
 * Made by tests/reference/make_compat_reference.py; do not edit. */
/* clang-format off */
/*          name, input, samples, zeros, fft_size, hop, sigma, colormap */
COMPAT_CASE("defaults", "cf32", 12288, 0, 1024, 500, 100, "magma")
COMPAT_CASE("counts", "ci16", 9000, 3000, 256, 100, 32, "viridis")
COMPAT_CASE("real", "rf32", 4000, 500, 100, 25, 12.5, "jet")
