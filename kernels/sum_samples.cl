/* sum_samples - what the mean, the power and the imbalance of samples are made of: sums of I, Q, I², Q² and IQ. Those of integers are exact;
 * those of floats carry what rounding lost twice over, so that they are as good as doubles, which a device may lack.
 *   launch          global { workers, 1 }
 *   0 samples       in      as stored, [sample][channel][part], see load_number.cl; Q of real samples is 0
 *   1 sums          in/out  ulong [workers][15]
 *                             0 finite samples, 1 others, 2 samples with a number at an end of the type, or beyond 1 of floats
 *                             3 largest |I| or |Q|, 4 largest I² + Q²: whole, or the bits of a float
 *                             5, 7, 9, 11, 13 sums of I, Q, I², Q², IQ, two words each:
 *                               whole: those of I and Q in the first; of products: of their low halves (unsigned), of their high ones
 *                               floats: (sum, what it lost), (what that lost, 0)
 *   2 held, 3 begin, 4 end, 5 channels, 6 channel, 7 turn: see count_points
 *   8 scale         in      floats are multiplied by it: a power of two that keeps squares in range
 *   9 only_count    in      floats: 1: the first three words alone
 *
 * Defined by the host: LANES, samples that are added up side by side: 1, or 16 where turns are of many samples; of 32 bits always 1. */
enum { SUM_WORDS = 15 };

/* Samples that are loaded in one go; where work-items are many, their turns are of one sample. */
#if LANES == 1
#define TOGETHER 1
#else
#define TOGETHER 256
#endif

#if NUMBER_FLOATS

#pragma OPENCL FP_CONTRACT OFF

#if LANES == 16
typedef float16 numbers;
typedef int16 flags;
#define NUMBERS_AT(x, i) vload16(i, x)
#else
typedef float numbers;
typedef int flags;
#define NUMBERS_AT(x, i) (x)[i]
#endif

/* sum, lost, lost of lost: Knuth's two-sum, twice. */
#define DEFINE_SUM(type, name)                                                                                                     \
    struct name {                                                                                                                  \
        type sum, lost, lost_too;                                                                                                  \
    };                                                                                                                             \
    void add_to_##name(struct name *to, type x)                                                                                    \
    {                                                                                                                              \
        type sum = to->sum + x, part = sum - to->sum;                                                                              \
        type lost = (to->sum - (sum - part)) + (x - part);                                                                         \
        to->sum = sum;                                                                                                             \
        sum = to->lost + lost;                                                                                                     \
        part = sum - to->lost;                                                                                                     \
        to->lost_too += (to->lost - (sum - part)) + (lost - part);                                                                 \
        to->lost = sum;                                                                                                            \
    }

DEFINE_SUM(float, one)
DEFINE_SUM(numbers, many)

void add_product(struct many *to, numbers a, numbers b)
{
    numbers product = a * b;
    add_to_many(to, product);
    add_to_many(to, fma(a, b, -product));
}

float lane_of(numbers x, int lane)
{
#if LANES == 16
    float each[16];
    vstore16(x, 0, each);
    return each[lane];
#else
    return x;
#endif
}

float largest_of(numbers x)
{
    float largest = 0.0f;
    for (int lane = 0; lane < LANES; lane++)
        largest = fmax(largest, lane_of(x, lane));
    return largest;
}

uint sum_of_flags(flags x)
{
    uint sum = 0;
#if LANES == 16
    int each[16];
    vstore16(x, 0, each);
    for (int lane = 0; lane < 16; lane++)
        sum += (uint)each[lane];
#else
    sum = (uint)x;
#endif
    return sum;
}

/* The lanes of what was added up now, to what was added up before. */
void keep_sum(__global ulong *words, const struct many *x)
{
    const float2 first = as_float2(words[0]);
    struct one sum = { first.x, first.y, as_float2(words[1]).x };
    for (int lane = 0; lane < LANES; lane++) {
        add_to_one(&sum, lane_of(x->sum, lane));
        add_to_one(&sum, lane_of(x->lost, lane));
        add_to_one(&sum, lane_of(x->lost_too, lane));
    }
    words[0] = as_ulong((float2)(sum.sum, sum.lost));
    words[1] = as_ulong((float2)(sum.lost_too, 0.0f));
}

__kernel void sum_samples(__global const void *samples, __global ulong *all_sums, ulong held, ulong begin, ulong end, uint channels,
                          uint channel, uint turn, float scale, uint only_count)
{
    __global ulong *sums = all_sums + SUM_WORDS * get_global_id(0);
    ulong all = 0, others = 0, clipped = 0;
    numbers peak = 0.0f, peak_power = 0.0f;
    struct many sum_i = { 0.0f, 0.0f, 0.0f }, sum_q = sum_i, sum_ii = sum_i, sum_qq = sum_i, sum_iq = sum_i;
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        all += to - from;
        for (ulong first = from; first < to; first += TOGETHER) {
            float loaded_i[TOGETHER], loaded_q[TOGETHER];
            const uint count = (uint)min(to - first, (ulong)TOGETHER), filled = (count + LANES - 1) / LANES * LANES;
            load_samples(samples, first, (int)count, channels, channel, 0.0f, loaded_i, loaded_q);
            for (uint k = count; k < filled; k++)
                loaded_i[k] = loaded_q[k] = 0.0f;
            flags not_finite = 0, at_limit = 0;
            for (uint k = 0; k < filled / LANES; k++) {
                numbers i = NUMBERS_AT(loaded_i, k), q = NUMBERS_AT(loaded_q, k);
                const flags fine = isfinite(i) & isfinite(q);
                i = select((numbers)0.0f, i, fine);
                q = select((numbers)0.0f, q, fine);
                not_finite += select((flags)1, (flags)0, fine);
                const numbers largest = fmax(fabs(i), fabs(q));
                at_limit += select((flags)0, (flags)1, largest >= 1.0f);
                if (only_count)
                    continue;
                i *= scale;
                q *= scale;
                peak = fmax(peak, largest);
                peak_power = fmax(peak_power, i * i + q * q);
                add_to_many(&sum_i, i);
                add_product(&sum_ii, i, i);
#if NUMBER_PARTS == 2
                add_to_many(&sum_q, q);
                add_product(&sum_qq, q, q);
                add_product(&sum_iq, i, q);
#endif
            }
            others += sum_of_flags(not_finite);
            clipped += sum_of_flags(at_limit);
        }
    }
    sums[0] += all - others;
    sums[1] += others;
    sums[2] += clipped;
    sums[3] = as_uint(fmax(as_float((uint)sums[3]), largest_of(peak) * scale));
    sums[4] = as_uint(fmax(as_float((uint)sums[4]), largest_of(peak_power)));
    keep_sum(sums + 5, &sum_i);
    keep_sum(sums + 7, &sum_q);
    keep_sum(sums + 9, &sum_ii);
    keep_sum(sums + 11, &sum_qq);
    keep_sum(sums + 13, &sum_iq);
}

#else

/* One half of a sum of products each, so that neither can overflow. */
void add_products(ulong *low, long *high, long sum)
{
    *low += (uint)sum;
    *high += sum >> 32;
}

#if LANES == 16 && NUMBER_BITS <= 16

/* So many samples a lane can be added up in 32 bits, products in two halves. */
#define MOST_A_LANE 4096

long sum_of_lanes(int16 x)
{
    int each[16];
    vstore16(x, 0, each);
    long sum = 0;
    for (int lane = 0; lane < 16; lane++)
        sum += each[lane];
    return sum;
}

uint largest_of_lanes(uint16 x)
{
    uint each[16], largest = 0;
    vstore16(x, 0, each);
    for (int lane = 0; lane < 16; lane++)
        largest = max(largest, each[lane]);
    return largest;
}

/* Sums of products, below 2^31 each, by their low and high 16 bits. */
struct products {
    int16 low, high;
};

void add_product(struct products *to, int16 product)
{
    to->low += product & 0xFFFF;
    to->high += product >> 16;
}

long sum_of_products(const struct products *x)
{
    return sum_of_lanes(x->high) * 0x10000 + sum_of_lanes(x->low);
}

__kernel void sum_samples(__global const void *samples, __global ulong *all_sums, ulong held, ulong begin, ulong end, uint channels,
                          uint channel, uint turn, float scale, uint only_count)
{
    const int largest = (int)(0x7FFFFFFFu >> (32 - NUMBER_BITS));
    __global ulong *sums = all_sums + SUM_WORDS * get_global_id(0);
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        for (ulong first = from; first < to; first += 16 * MOST_A_LANE) {
            const uint count = (uint)min(to - first, 16ul * MOST_A_LANE);
            struct products ii = { 0, 0 }, qq = ii, iq = ii;
            int16 sum_i = 0, sum_q = 0, clipped = 0, highest = 0, lowest = 0;
            uint16 peak_power = 0;
            for (uint k = 0; k < count; k += 16) {
                int16 i, q;
                load_lanes_of_wholes(samples, first + k, count - k, channels, channel, &i, &q);
                const int16 high = max(i, q), low = min(i, q), i_i = i * i, q_q = q * q;
                highest = max(highest, high);
                lowest = min(lowest, low);
                clipped -= high == largest | low == -largest - 1;
                peak_power = max(peak_power, as_uint16(i_i) + as_uint16(q_q));
                sum_i += i;
                sum_q += q;
                add_product(&ii, i_i);
                add_product(&qq, q_q);
                add_product(&iq, i * q);
            }
            const uint peak = max(largest_of_lanes(as_uint16(highest)), largest_of_lanes(as_uint16(-lowest)));
            const long products[3] = { sum_of_products(&ii), sum_of_products(&qq), sum_of_products(&iq) };
            sums[0] += count;
            sums[2] += (ulong)sum_of_lanes(clipped);
            sums[3] = max(sums[3], (ulong)peak);
            sums[4] = max(sums[4], (ulong)largest_of_lanes(peak_power));
            sums[5] += (ulong)sum_of_lanes(sum_i);
            sums[7] += (ulong)sum_of_lanes(sum_q);
            for (int n = 0; n < 3; n++) {
                sums[9 + 2 * n] += (uint)products[n];
                sums[10 + 2 * n] += (ulong)(products[n] >> 32);
            }
        }
    }
}

#else

/* Products that are added up before they are halved: the squares of so many numbers fit into 63 bits. */
#define PRODUCTS (NUMBER_BITS > 16 ? 1 : TOGETHER)

__kernel void sum_samples(__global const void *samples, __global ulong *all_sums, ulong held, ulong begin, ulong end, uint channels,
                          uint channel, uint turn, float scale, uint only_count)
{
    const int largest = (int)(0x7FFFFFFFu >> (32 - NUMBER_BITS));
    __global ulong *sums = all_sums + SUM_WORDS * get_global_id(0);
    ulong finite = 0, clipped = 0, peak_power = sums[4], low_ii = 0, low_qq = 0, low_iq = 0;
    uint peak = (uint)sums[3];
    long sum_i = 0, sum_q = 0, high_ii = 0, high_qq = 0, high_iq = 0;
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        finite += to - from;
        for (ulong first = from; first < to; first += TOGETHER) {
            const uint count = (uint)min(to - first, (ulong)TOGETHER);
            int loaded_i[TOGETHER], loaded_q[TOGETHER];
            load_wholes(samples, first, (int)count, channels, channel, loaded_i, loaded_q);
            for (uint k = 0; k < count;) {
                const uint end_k = min(k + PRODUCTS, count);
                long ii = 0, qq = 0, iq = 0;
                for (; k < end_k; k++) {
                    const int i = loaded_i[k], q = loaded_q[k], highest = max(i, q), lowest = min(i, q);
                    const ulong power = (ulong)((long)i * i) + (ulong)((long)q * q);
                    clipped += highest == largest || lowest == -largest - 1;
                    peak = max(peak, max(abs(highest), abs(lowest)));
                    peak_power = max(peak_power, power);
                    sum_i += i;
                    sum_q += q;
                    ii += (long)i * i;
                    qq += (long)q * q;
                    iq += (long)i * q;
                }
                add_products(&low_ii, &high_ii, ii);
                add_products(&low_qq, &high_qq, qq);
                add_products(&low_iq, &high_iq, iq);
            }
        }
    }
    sums[0] += finite;
    sums[2] += clipped;
    sums[3] = peak;
    sums[4] = peak_power;
    sums[5] += (ulong)sum_i;
    sums[7] += (ulong)sum_q;
    sums[9] += low_ii;
    sums[10] += (ulong)high_ii;
    sums[11] += low_qq;
    sums[12] += (ulong)high_qq;
    sums[13] += low_iq;
    sums[14] += (ulong)high_iq;
}

#endif

#endif
