/* value_range - least and largest value that is not NAN, as one pair for each work-item; the host takes the extremes of these few.
 *   launch    global { items, 1 }
 *   0 values  in   float  [count]
 *   1 pairs   out  float2 [items]   (least, largest) of every items-th value
 *   2 count   in   */
__kernel void value_range(__global const float *values, __global float2 *pairs, ulong count)
{
    float2 pair = (float2)(INFINITY, -INFINITY);
    for (ulong i = get_global_id(0); i < count; i += get_global_size(0))
        pair = (float2)(fmin(pair.x, values[i]), fmax(pair.y, values[i]));
    pairs[get_global_id(0)] = pair;
}
