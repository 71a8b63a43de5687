/* load_number - a number of a recording, loaded as stored: all datatypes. No kernel of its own: this text stands in front of kernels that
 * read samples, and of load_frame.cl.
 *
 * Defined by the host in front of this text, for one datatype (svi_datatype_definitions):
 *   NUMBER_KIND         how a number is stored: F32 F64 I32 I16 U32 U16 I8 U8
 *   NUMBER_BIG_ENDIAN   1: the bytes of a number are stored highest first
 *   NUMBER_PARTS        numbers of a sample: 2 complex, 1 real
 *   NUMBER_FLOATS       1: floats; 0: integers
 *   NUMBER_BITS         of a number
 *
 *   LOAD_NUMBER(at, i, middle)   number i as a float, less what silence is stored as
 *   LOAD_WHOLE(at, i)            number i of integers as an int, 0 in the middle of the type's range: exact
 *   load_pairs                   sixteen complex samples, I and Q apart, of types with NUMBER_PAIRS 1
 *   load_whole_pairs             the same of integers, as load_wholes
 *   load_lanes_of_wholes         the first sixteen of `count` samples, as load_wholes; 0 behind them
 *   load_lanes_of_floats         likewise; those of integers of up to 16 bits as load_wholes, of floats as they are
 *   load_samples, load_wholes    the same of samples first … first + count - 1 of a channel, I and Q apart; Q of real samples is 0 */
#define NUMBER_PASTE(a, b) a##b
#define NUMBER_LOAD_AS(kind) NUMBER_PASTE(load_number_, kind)
#define LOAD_NUMBER NUMBER_LOAD_AS(NUMBER_KIND)
#define NUMBER_WHOLE_AS(kind) NUMBER_PASTE(load_whole_, kind)
#define LOAD_WHOLE NUMBER_WHOLE_AS(NUMBER_KIND)

ushort number_swap16(ushort x)
{
    return (ushort)((x << 8) | (x >> 8));
}

uint number_swap32(uint x)
{
    return (x << 24) | ((x & 0xFF00u) << 8) | ((x >> 8) & 0xFF00u) | (x >> 24);
}

ulong number_swap64(ulong x)
{
    return ((ulong)number_swap32((uint)x) << 32) | number_swap32((uint)(x >> 32));
}

#if NUMBER_BIG_ENDIAN
#define NUMBER_ORDER16 number_swap16
#define NUMBER_ORDER32 number_swap32
#define NUMBER_ORDER64 number_swap64
#else
#define NUMBER_ORDER16
#define NUMBER_ORDER32
#define NUMBER_ORDER64
#endif

float load_number_I8(__global const void *at, ulong i, float middle)
{
    return (float)((__global const char *)at)[i] - middle;
}

float load_number_U8(__global const void *at, ulong i, float middle)
{
    return (float)((__global const uchar *)at)[i] - middle;
}

float load_number_I16(__global const void *at, ulong i, float middle)
{
    return (float)as_short((ushort)NUMBER_ORDER16(((__global const ushort *)at)[i])) - middle;
}

float load_number_U16(__global const void *at, ulong i, float middle)
{
    return (float)NUMBER_ORDER16(((__global const ushort *)at)[i]) - middle;
}

float load_number_I32(__global const void *at, ulong i, float middle)
{
    return (float)as_int(NUMBER_ORDER32(((__global const uint *)at)[i])) - middle;
}

/* The middle is taken off before the number is rounded to float: 2^31 + 1 would become 2^31. */
float load_number_U32(__global const void *at, ulong i, float middle)
{
    uint number = NUMBER_ORDER32(((__global const uint *)at)[i]);
    return middle != 0.0f ? (float)as_int(number ^ 0x80000000u) : (float)number;
}

float load_number_F32(__global const void *at, ulong i, float middle)
{
    return as_float(NUMBER_ORDER32(((__global const uint *)at)[i])) - middle;
}

/* A double without double arithmetic, which a device may lack: the fraction is rounded as an integer, then scaled. */
float load_number_F64(__global const void *at, ulong i, float middle)
{
    ulong bits = NUMBER_ORDER64(((__global const ulong *)at)[i]);
    int exponent = (int)((bits >> 52) & 0x7FF);
    ulong fraction = bits & 0xFFFFFFFFFFFFFul;
    float sign = (bits >> 63) ? -1.0f : 1.0f;
    if (exponent == 0x7FF)
        return fraction ? NAN : sign * INFINITY;
    if (exponent == 0)
        return 0.0f; /* below 2^-1022 */
    return sign * ldexp((float)(fraction | 0x10000000000000ul), exponent - 1075) - middle;
}

/* The same numbers whole; unsigned ones lose half their range. */
int load_whole_I8(__global const void *at, ulong i)
{
    return ((__global const char *)at)[i];
}

int load_whole_U8(__global const void *at, ulong i)
{
    return (int)((__global const uchar *)at)[i] - 128;
}

int load_whole_I16(__global const void *at, ulong i)
{
    return as_short((ushort)NUMBER_ORDER16(((__global const ushort *)at)[i]));
}

int load_whole_U16(__global const void *at, ulong i)
{
    return (int)(ushort)NUMBER_ORDER16(((__global const ushort *)at)[i]) - 32768;
}

int load_whole_I32(__global const void *at, ulong i)
{
    return as_int(NUMBER_ORDER32(((__global const uint *)at)[i]));
}

int load_whole_U32(__global const void *at, ulong i)
{
    return as_int(NUMBER_ORDER32(((__global const uint *)at)[i]) ^ 0x80000000u);
}

/* A step of 1 or 2 numbers, known to the compiler, is what it can load many of at once. */
#define LOAD_RUN(LOAD_I, LOAD_Q)                                                                                                   \
    if (channels == 1)                                                                                                             \
        for (int k = 0; k < count; k++) {                                                                                          \
            const ulong at = (first + (ulong)k) * NUMBER_PARTS;                                                                    \
            i[k] = LOAD_I;                                                                                                         \
            q[k] = LOAD_Q;                                                                                                         \
        }                                                                                                                          \
    else                                                                                                                           \
        for (int k = 0; k < count; k++) {                                                                                          \
            const ulong at = ((first + (ulong)k) * channels + channel) * NUMBER_PARTS;                                             \
            i[k] = LOAD_I;                                                                                                         \
            q[k] = LOAD_Q;                                                                                                         \
        }

void load_samples(__global const void *samples, ulong first, int count, uint channels, uint channel, float middle, float *i, float *q)
{
    LOAD_RUN(LOAD_NUMBER(samples, at, middle), NUMBER_PARTS == 2 ? LOAD_NUMBER(samples, at + 1, middle) : 0.0f)
}

#if !NUMBER_FLOATS
void load_wholes(__global const void *samples, ulong first, int count, uint channels, uint channel, int *i, int *q)
{
    LOAD_RUN(LOAD_WHOLE(samples, at), NUMBER_PARTS == 2 ? LOAD_WHOLE(samples, at + 1) : 0)
}
#endif

/* Types of which sixteen samples in a row are as fast to convert as to load. */
#define NUMBER_PAIRS_F32 1
#define NUMBER_PAIRS_I16 2
#define NUMBER_PAIRS_I8 3
#define NUMBER_PAIRS_U8 4
#define NUMBER_PAIRS_AS(kind) NUMBER_PASTE(NUMBER_PAIRS_, kind)
#define NUMBER_PAIRS_KIND NUMBER_PAIRS_AS(NUMBER_KIND)
#if NUMBER_PARTS == 2 && !NUMBER_BIG_ENDIAN && NUMBER_PAIRS_KIND
#define NUMBER_PAIRS 1

#if !NUMBER_FLOATS
void load_whole_pairs(__global const void *samples, ulong first, int16 *i, int16 *q)
{
#if NUMBER_PAIRS_KIND == NUMBER_PAIRS_I16
    const int16 pairs = vload16(0, (__global const int *)samples + first);
    *i = (pairs << 16) >> 16;
    *q = pairs >> 16;
#elif NUMBER_PAIRS_KIND == NUMBER_PAIRS_I8
    const int16 pairs = convert_int16(vload16(0, (__global const short *)samples + first));
    *i = (pairs << 24) >> 24;
    *q = pairs >> 8;
#else
    const int16 pairs = convert_int16(vload16(0, (__global const ushort *)samples + first));
    *i = (pairs & 0xFF) - 128;
    *q = (pairs >> 8) - 128;
#endif
}
#endif

void load_pairs(__global const void *samples, ulong first, float middle, float16 *i, float16 *q)
{
#if NUMBER_PAIRS_KIND == NUMBER_PAIRS_F32
    __global const float *at = (__global const float *)samples + 2 * first;
    const float16 low = vload16(0, at), high = vload16(1, at);
    *i = (float16)(low.even, high.even) - middle;
    *q = (float16)(low.odd, high.odd) - middle;
#elif NUMBER_PAIRS_KIND == NUMBER_PAIRS_I16
    const int16 pairs = vload16(0, (__global const int *)samples + first);
    *i = convert_float16((pairs << 16) >> 16) - middle;
    *q = convert_float16(pairs >> 16) - middle;
#elif NUMBER_PAIRS_KIND == NUMBER_PAIRS_I8
    const short16 pairs = vload16(0, (__global const short *)samples + first);
    *i = convert_float16((pairs << (short)8) >> (short)8) - middle;
    *q = convert_float16(pairs >> (short)8) - middle;
#else
    const ushort16 pairs = vload16(0, (__global const ushort *)samples + first);
    *i = convert_float16(pairs & (ushort)0xFF) - middle;
    *q = convert_float16(pairs >> (ushort)8) - middle;
#endif
}

#else
#define NUMBER_PAIRS 0
#endif

#if NUMBER_FLOATS

void load_lanes_one_by_one(__global const void *samples, ulong first, uint count, uint channels, uint channel, float16 *i, float16 *q)
{
    float loaded_i[16] = { 0 }, loaded_q[16] = { 0 };
    load_samples(samples, first, (int)min(count, 16u), channels, channel, 0.0f, loaded_i, loaded_q);
    *i = vload16(0, loaded_i);
    *q = vload16(0, loaded_q);
}

__attribute__((always_inline)) void load_lanes_of_floats(__global const void *samples, ulong first, uint count, uint channels,
                                                         uint channel, float16 *i, float16 *q)
{
#if NUMBER_PAIRS
    if (channels == 1 && count >= 16) {
        load_pairs(samples, first, 0.0f, i, q);
        return;
    }
#endif
    load_lanes_one_by_one(samples, first, count, channels, channel, i, q);
}

#else

void load_lanes_one_by_one(__global const void *samples, ulong first, uint count, uint channels, uint channel, int16 *i, int16 *q)
{
    int loaded_i[16] = { 0 }, loaded_q[16] = { 0 };
    load_wholes(samples, first, (int)min(count, 16u), channels, channel, loaded_i, loaded_q);
    *i = vload16(0, loaded_i);
    *q = vload16(0, loaded_q);
}

__attribute__((always_inline)) void load_lanes_of_wholes(__global const void *samples, ulong first, uint count, uint channels,
                                                         uint channel, int16 *i, int16 *q)
{
#if NUMBER_PAIRS
    if (channels == 1 && count >= 16) {
        load_whole_pairs(samples, first, i, q);
        return;
    }
#endif
    load_lanes_one_by_one(samples, first, count, channels, channel, i, q);
}

__attribute__((always_inline)) void load_lanes_of_floats(__global const void *samples, ulong first, uint count, uint channels,
                                                         uint channel, float16 *i, float16 *q)
{
    int16 whole_i, whole_q;
    load_lanes_of_wholes(samples, first, count, channels, channel, &whole_i, &whole_q);
    *i = convert_float16(whole_i);
    *q = convert_float16(whole_q);
}

#endif
