/* value_histogram - counts values in equal steps between two bounds; values outside are counted at the nearer end, NAN nowhere.
 *   launch    global { items, 1 }
 *   0 values  in      float [count]
 *   1 counts  in/out  uint  [steps]
 *   2 count   in
 *   3 steps   in
 *   4 low     in      lower edge of step 0
 *   5 high    in      upper edge of the last step */
__kernel void value_histogram(__global const float *values, __global uint *counts, ulong count, uint steps, float low, float high)
{
    float scale = high > low ? (float)steps / (high - low) : 0.0f;
    for (ulong i = get_global_id(0); i < count; i += get_global_size(0)) {
        if (isnan(values[i]))
            continue;
        int step = (int)clamp((values[i] - low) * scale, 0.0f, (float)(steps - 1));
        atomic_inc(&counts[step]);
    }
}
