/* value_histogram - counts values in equal steps between two bounds; values outside are counted at the nearer end, NAN nowhere.
 *   launch    global { items, 1 }
 *   0 values  in      float [count]
 *   1 counts  in/out  uint  [rows][steps]  to be added up by the host
 *   2 count   in
 *   3 rows    in      as many as items: each counts a run of its own, without atomics; else items take turns and share the rows
 *   4 steps   in
 *   5 low     in      lower edge of step 0
 *   6 high    in      upper edge of the last step */
__kernel void value_histogram(__global const float *values, __global uint *counts, ulong count, uint rows, uint steps, float low,
                              float high)
{
    const ulong item = get_global_id(0), items = get_global_size(0);
    const float scale = high > low ? (float)steps / (high - low) : 0.0f, last = (float)(steps - 1);
    __global uint *row = counts + (item % rows) * steps;
    if (items == rows) {
        for (ulong i = item * count / items, end = (item + 1) * count / items; i < end; i++)
            if (!isnan(values[i]))
                row[(int)clamp((values[i] - low) * scale, 0.0f, last)]++;
        return;
    }
    for (ulong i = item; i < count; i += items)
        if (!isnan(values[i]))
            atomic_inc(&row[(int)clamp((values[i] - low) * scale, 0.0f, last)]);
}
