/* decibels - the logarithm of a power. No kernel of its own: this text stands in front of kernels that tell levels (svi_variant, in_front).
 *
 * 10 log10 of a positive number that is not tiny, as good as a float of its size can tell; without a call, so that the compiler can do many
 * at once. x = m 2^e, m from sqrt(1/2) to sqrt(2), ln m = 2 atanh(s), s = (m - 1) / (m + 1). */
float decibels(float x)
{
    const int lifted = as_int(x) - 0x3F3504F3;
    const float e = (float)(lifted >> 23), m = as_float((lifted & 0x007FFFFF) + 0x3F3504F3);
    const float s = (m - 1.0f) / (m + 1.0f), t = s * s;
    const float series = 2.0f + t * (0.66666666667f + t * (0.4f + t * (0.28571428571f + t * (0.22222222222f + t * 0.18181818182f))));
    return e * 3.01029995664f + s * series * 4.34294481903f;
}
