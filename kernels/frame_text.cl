/* frame_text - power of frames as text for a file: levels or watts as floats, in base64 (RFC 4648, with padding).
 *
 * In front of this text stands decibels.cl, and, defined by the host:
 *   IN_DB   1: values are 10 log10(power + 1e-12); 0: (power + 1e-12) gain, from FLT_MIN to FLT_MAX
 *
 *   launch     global { items, frames }     one item a frame where items are much work
 *   0 power    in   float [frames][bins]    linear
 *   1 text     out  uint [frames][words]    words of four characters, (4 bins + 2) / 3
 *   2 bounds   out  float2 [frames][items]  least and largest power; where one is not finite, neither is the largest
 *   3 bins     in
 *   4 gain_1, 5 gain_2  in                  the gain is their product, which may be more, or less, than a float holds */
#define INLINE __attribute__((always_inline))

/* Floats of one step, and the words that they become. A GPU has registers for few: loops over them are unrolled there. */
#if ON_CPU
#define VALUES 48
#define EACH
#else
#define VALUES 12
#define EACH _Pragma("unroll")
#endif
#define WORDS (VALUES / 3 * 4)

/* Which numbers of six bits, a byte each, are at least `from`: 0x7F in its byte. */
INLINE uint16 at_least(uint16 six, uint from)
{
    const uint16 high = (six + (128 - from) * 0x01010101u) & 0x80808080u;
    return high - (high >> 7);
}

/* Each lane has bytes 1, 0, 2, 1 of three: they are four numbers of six bits, and these become digits: 65 more from 0 on, 71 more from 26
 * on, 4 less from 52 on; 62 and 63 are '+' and '/'. Bytes stay below 256 at each step, so that none runs into the next. */
INLINE uint16 digits(uint16 bytes)
{
    const uint16 six = (bytes >> 10 & 0x0000003Fu) | (bytes << 4 & 0x00003F00u) | (bytes >> 6 & 0x003F0000u) | (bytes << 8 & 0x3F000000u);
    return six + 65 * 0x01010101u + (at_least(six, 26) & 6 * 0x01010101u) - (at_least(six, 52) & 75 * 0x01010101u)
           - (at_least(six, 62) & 15 * 0x01010101u) + (at_least(six, 63) & 3 * 0x01010101u);
}

/* Three words are twelve bytes, which become four words of digits. */
INLINE uint4 three_words(const float *at)
{
    return as_uint4(as_uchar16(vload4(0, at)).s102143547687a9ba);
}

/* Twelve values as text; one behind them may be read. */
INLINE uint16 encode(const float *values)
{
    return digits((uint16)(three_words(values), three_words(values + 3), three_words(values + 6), three_words(values + 9)));
}

/* A power of 1 reads next to nothing, but not nothing. */
INLINE float value_of(float power, float2 gain)
{
#if IN_DB
    return power == 1.0f ? 4.34294482e-12f : decibels(power + 1e-12f);
#else
    return fmin(fmax((power + 1e-12f) * gain.x * gain.y, FLT_MIN), FLT_MAX);
#endif
}

/* Of numbers that are not negative, those that are larger are so as whole numbers too; infinity and NAN are the largest. */
INLINE void convert(__global const float *power, float *values, int count, float2 gain, uint2 *bounds)
{
    uint least = bounds->x, largest = bounds->y;
    EACH for (int k = 0; k < (ON_CPU ? count : VALUES); k++)
    {
        if (k >= count)
            break;
        const float p = power[k];
        const uint bits = as_uint(p) & 0x7FFFFFFFu;
        least = min(least, bits);
        largest = max(largest, bits);
        values[k] = value_of(p, gain);
    }
    *bounds = (uint2)(least, largest);
}

__kernel void frame_text(__global const float *power, __global uint *text, __global float2 *bounds, uint bins, float gain_1,
                         float gain_2)
{
    const uint item = get_global_id(0), items = get_global_size(0), word_count = (4 * bins + 2) / 3;
    const ulong frame = get_global_id(1);
    const float2 gain = (float2)(gain_1, gain_2);
    uint2 found = (uint2)(0x7F800000u, 0);
    float values[VALUES + 1];
    uint words[WORDS];
    for (uint step = item; step < (bins + VALUES - 1) / VALUES; step += items) {
        __global const float *from = power + frame * bins + step * VALUES;
        __global uint *to = text + frame * word_count + step * WORDS;
        if (VALUES * (step + 1) <= bins) {
            convert(from, values, VALUES, gain, &found);
#pragma unroll
            for (int part = 0; part < VALUES / 12; part++)
                vstore16(encode(values + 12 * part), part, to);
        } else {
            const uint count = bins - VALUES * step, last = (4 * count + 2) / 3 - 1;
            const uint kept = count % 3 == 1 ? 0x0000FFFFu : count % 3 == 2 ? 0x00FFFFFFu : 0xFFFFFFFFu;
            EACH for (int k = 0; k < VALUES; k++)
                values[k] = 0.0f;
            convert(from, values, (int)count, gain, &found);
            EACH for (int part = 0; part < VALUES / 12; part++)
                vstore16(encode(values + 12 * part), part, words);
            EACH for (uint k = 0; k < WORDS; k++)
                if (k <= last)
                    to[k] = k < last ? words[k] : (words[k] & kept) | (0x3D3D3D3Du & ~kept);
        }
    }
    bounds[frame * items + item] = as_float2(found);
}
