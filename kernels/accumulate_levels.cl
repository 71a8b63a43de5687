/* accumulate_levels - counts how often each level of power is seen in each column of a picture. A work-item owns a column, so nothing is
 * written by two, and the counts do not depend on any order.
 *   launch        global { columns, 1 }
 *   0 power       in      float [frames][bins]         linear
 *   1 counts      in/out  uint  [steps + 2][columns]   row 0: below edges[0]; row s + 1: from edges[s] to below edges[s + 1];
 *                                                      row steps + 1: edges[steps] and more
 *   2 edges       in      float [steps + 1]            rising, linear power
 *   3 begin, 4 end  in    frames of the batch that are counted
 *   5 in_gap      in      uchar [frames], see accumulate_cells
 *   6 bins        in      bins of a frame
 *   7 first_bin   in      the band that is shown begins here
 *   8 band_bins   in      column c holds bins of the band as in accumulate_cells; each of them counts
 *   9 columns     in
 *   10 steps      in
 *   11 low_db     in      10 log10(edges[0])
 *   12 steps_per_db in    steps are equally wide in dB */
/* The logarithm only guesses the step; the edges decide, so that every device counts alike. NAN counts as below. */
uint level_row(float power, __global const float *edges, uint steps, float low_db, float steps_per_db)
{
    if (!(power >= edges[0]))
        return 0;
    if (power >= edges[steps])
        return steps + 1;
    int step = (int)clamp((10.0f * log10(power) - low_db) * steps_per_db, 0.0f, (float)(steps - 1));
    while (power < edges[step])
        step--;
    while (power >= edges[step + 1])
        step++;
    return (uint)step + 1;
}

__kernel void accumulate_levels(__global const float *power, __global uint *counts, __global const float *edges, uint begin,
                                uint end, __global const uchar *in_gap, uint bins, uint first_bin, uint band_bins, uint columns, uint steps,
                                float low_db, float steps_per_db)
{
    uint column = get_global_id(0);
    uint bin_begin = first_bin + (uint)share_begin(column, band_bins, columns);
    uint bin_end = first_bin + (uint)share_begin(column + 1, band_bins, columns);
    for (uint frame = begin; frame < end; frame++) {
        if (in_gap && in_gap[frame])
            continue;
        for (uint bin = bin_begin; bin < bin_end; bin++)
            counts[(ulong)level_row(power[(ulong)frame * bins + bin], edges, steps, low_db, steps_per_db) * columns + column]++;
    }
}
