/* value_range - least and largest value that is not NAN, as one pair for each work-item; the host takes the extremes of these few.
 *   launch    global { items, 1 }
 *   0 values  in   float  [count]
 *   1 pairs   out  float2 [items]   (least, largest) of the item's share of the values, in blocks of 16 dealt out in turn
 *   2 count   in   */
__kernel void value_range(__global const float *values, __global float2 *pairs, ulong count)
{
    const ulong item = get_global_id(0), items = get_global_size(0), blocks = count / 16;
    float16 least = INFINITY, largest = -INFINITY;
    for (ulong block = item; block < blocks; block += items) {
        const float16 value = vload16(block, values);
        least = fmin(least, value);
        largest = fmax(largest, value);
    }
    const float8 least8 = fmin(least.lo, least.hi), largest8 = fmax(largest.lo, largest.hi);
    const float4 least4 = fmin(least8.lo, least8.hi), largest4 = fmax(largest8.lo, largest8.hi);
    float2 pair = (float2)(fmin(fmin(least4.x, least4.y), fmin(least4.z, least4.w)),
                           fmax(fmax(largest4.x, largest4.y), fmax(largest4.z, largest4.w)));
    for (ulong i = 16 * blocks + item; i < count; i += items)
        pair = (float2)(fmin(pair.x, values[i]), fmax(pair.y, values[i]));
    pairs[item] = pair;
}
