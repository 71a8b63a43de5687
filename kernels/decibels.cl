/* decibels - the logarithm of a power. No kernel of its own: this text stands in front of kernels that tell levels (svi_variant, in_front).
 *
 * 10 log10 of a positive number that is not tiny, as good as a float of its size can tell; without a call, so that the compiler can do many
 * at once; and of sixteen. x = m 2^e, m from sqrt(1/2) to sqrt(2), ln m = 2 atanh(s), s = (m - 1) / (m + 1). */
#define DECIBELS(name, real, whole)                                                                                                \
    real name(real x)                                                                                                              \
    {                                                                                                                              \
        const whole lifted = as_##whole(x) - 0x3F3504F3;                                                                           \
        const real e = convert_##real(lifted >> 23), m = as_##real((lifted & 0x007FFFFF) + 0x3F3504F3);                            \
        const real s = (m - 1.0f) / (m + 1.0f), t = s * s;                                                                         \
        const real series =                                                                                                        \
            2.0f + t * (0.66666666667f + t * (0.4f + t * (0.28571428571f + t * (0.22222222222f + t * 0.18181818182f))));           \
        return e * 3.01029995664f + s * series * 4.34294481903f;                                                                   \
    }
DECIBELS(decibels, float, int)
DECIBELS(decibels16, float16, int16)
