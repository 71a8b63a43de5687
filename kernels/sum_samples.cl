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
 *   9 only_count    in      floats: 1: the first three words alone */
enum { SUM_WORDS = 15 };

#if NUMBER_FLOATS

#pragma OPENCL FP_CONTRACT OFF

/* sum, lost, lost of lost: Knuth's two-sum, twice. */
void add(float3 *to, float x)
{
    float sum = to->x + x, part = sum - to->x;
    float lost = (to->x - (sum - part)) + (x - part);
    to->x = sum;
    sum = to->y + lost;
    part = sum - to->y;
    to->z += (to->y - (sum - part)) + (lost - part);
    to->y = sum;
}

void add_product(float3 *to, float a, float b)
{
    float product = a * b;
    add(to, product);
    add(to, fma(a, b, -product));
}

float3 float_sum(__global const ulong *words)
{
    return (float3)(as_float2(words[0]), as_float2(words[1]).x);
}

void keep_float_sum(__global ulong *words, float3 sum)
{
    words[0] = as_ulong(sum.xy);
    words[1] = as_ulong((float2)(sum.z, 0.0f));
}

__kernel void sum_samples(__global const void *samples, __global ulong *all_sums, ulong held, ulong begin, ulong end, uint channels,
                          uint channel, uint turn, float scale, uint only_count)
{
    __global ulong *sums = all_sums + SUM_WORDS * get_global_id(0);
    ulong finite = 0, others = 0, clipped = 0;
    float peak = as_float((uint)sums[3]), peak_power = as_float((uint)sums[4]);
    float3 sum_i = float_sum(sums + 5), sum_q = float_sum(sums + 7);
    float3 sum_ii = float_sum(sums + 9), sum_qq = float_sum(sums + 11), sum_iq = float_sum(sums + 13);
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        for (ulong sample = from; sample < to; sample++) {
            const ulong at = (sample * channels + channel) * NUMBER_PARTS;
            float i = LOAD_NUMBER(samples, at, 0.0f), q = 0.0f;
#if NUMBER_PARTS == 2
            q = LOAD_NUMBER(samples, at + 1, 0.0f);
#endif
            if (!isfinite(i) || !isfinite(q)) {
                others++;
                continue;
            }
            finite++;
            clipped += fmax(fabs(i), fabs(q)) >= 1.0f;
            if (only_count)
                continue;
            i *= scale;
            q *= scale;
            peak = fmax(peak, fmax(fabs(i), fabs(q)));
            peak_power = fmax(peak_power, i * i + q * q);
            add(&sum_i, i);
            add_product(&sum_ii, i, i);
#if NUMBER_PARTS == 2
            add(&sum_q, q);
            add_product(&sum_qq, q, q);
            add_product(&sum_iq, i, q);
#endif
        }
    }
    sums[0] += finite;
    sums[1] += others;
    sums[2] += clipped;
    sums[3] = as_uint(peak);
    sums[4] = as_uint(peak_power);
    keep_float_sum(sums + 5, sum_i);
    keep_float_sum(sums + 7, sum_q);
    keep_float_sum(sums + 9, sum_ii);
    keep_float_sum(sums + 11, sum_qq);
    keep_float_sum(sums + 13, sum_iq);
}

#else

/* One half of a product each, so that neither sum can overflow. */
void add_product(ulong *low, long *high, long product)
{
    *low += (uint)product;
    *high += product >> 32;
}

__kernel void sum_samples(__global const void *samples, __global ulong *all_sums, ulong held, ulong begin, ulong end, uint channels,
                          uint channel, uint turn, float scale, uint only_count)
{
    const int largest = (int)(0x7FFFFFFFu >> (32 - NUMBER_BITS));
    __global ulong *sums = all_sums + SUM_WORDS * get_global_id(0);
    ulong finite = 0, clipped = 0, peak = sums[3], peak_power = sums[4], low_ii = 0, low_qq = 0, low_iq = 0;
    long sum_i = 0, sum_q = 0, high_ii = 0, high_qq = 0, high_iq = 0;
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        finite += to - from;
        for (ulong sample = from; sample < to; sample++) {
            const ulong at = (sample * channels + channel) * NUMBER_PARTS;
            const int i = LOAD_WHOLE(samples, at);
#if NUMBER_PARTS == 2
            const int q = LOAD_WHOLE(samples, at + 1);
#else
            const int q = 0;
#endif
            const int highest = max(i, q), lowest = min(i, q);
            const long ii = (long)i * i, qq = (long)q * q;
            clipped += highest == largest || lowest == -largest - 1;
            peak = max(peak, (ulong)max(abs(highest), abs(lowest)));
            peak_power = max(peak_power, (ulong)ii + (ulong)qq);
            sum_i += i;
            sum_q += q;
            add_product(&low_ii, &high_ii, ii);
            add_product(&low_qq, &high_qq, qq);
            add_product(&low_iq, &high_iq, (long)i * q);
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
