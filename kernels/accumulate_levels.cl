/* accumulate_levels - counts how often each level of power is seen in each column of a picture. A work-item owns neighbouring columns, so
 * nothing is written by two, and the counts do not depend on any order. It takes some bins at a time through all frames: their counts
 * stay in a near cache.
 *   launch        global { items, 1 }   item i owns columns i * per_item and on
 *   0 power       in      float [frames][bins]         linear
 *   1 counts      in/out  uint  [columns][steps + 2]   0: below edges[0]; s + 1: from edges[s] to below edges[s + 1];
 *                                                      steps + 1: edges[steps] and more
 *   2 edges       in      float [steps + 1]            rising, linear power
 *   3 begin, 4 end  in    frames of the batch that are counted
 *   5 in_gap      in      uchar [frames], see accumulate_cells
 *   6 bins        in      bins of a frame
 *   7 first_bin   in      the band that is shown begins here
 *   8 band_bins   in      column c holds bins of the band as in accumulate_cells; each of them counts
 *   9 columns     in
 *   10 per_item   in
 *   11 steps      in
 *   12 low_db     in      10 log10(edges[0])
 *   13 steps_per_db in    steps are equally wide in dB
 *   14 least      in      less power counts as this; NAN stays NAN */

#define BINS_AT_A_TIME 64

/* log2(1 + x) = x q(x) for x from 0 to 1; q is the polynomial through the Chebyshev points, 1.4e-6 off at most. */
float16 log2_guess(float16 power)
{
    const int16 bits = as_int16(power);
    const float16 x = as_float16((bits & 0x007FFFFF) | 0x3F800000) - 1.0f;
    float16 q = 0.02049034088850f;
    q = q * x - 0.09606623649597f;
    q = q * x + 0.21558851003647f;
    q = q * x - 0.33924776315689f;
    q = q * x + 0.47770592570305f;
    q = q * x - 0.72116273641586f;
    q = q * x + 1.44269323348999f;
    return convert_float16((bits >> 23) - 127) + q * x;
}

/* The logarithm only guesses the step; the edges decide, so that every device counts alike. NAN counts as below. */
uint level_place(float power, int guess, __global const float *edges, uint steps)
{
    if (!(power >= edges[0]))
        return 0;
    if (power >= edges[steps])
        return steps + 1;
    int step = guess;
    while (power < edges[step])
        step--;
    while (power >= edges[step + 1])
        step++;
    return (uint)step + 1;
}

__kernel void accumulate_levels(__global const float *power, __global uint *counts, __global const float *edges, uint begin, uint end,
                                __global const uchar *in_gap, uint bins, uint first_bin, uint band_bins, uint columns,
                                uint per_item, uint steps, float low_db, float steps_per_db, float least)
{
    const uint first_column = get_global_id(0) * per_item, end_column = min(first_column + per_item, columns);
    const uint item_end = (uint)share_begin(end_column, band_bins, columns);
    const float db_per_octave = 3.01029995664f;
    uint column = first_column;
    for (uint chunk = (uint)share_begin(first_column, band_bins, columns); chunk < item_end; chunk += BINS_AT_A_TIME) {
        const uint held = min((uint)BINS_AT_A_TIME, item_end - chunk);
        __global uint *of_bin[BINS_AT_A_TIME];
        for (uint i = 0; i < held; i++) {
            while (share_begin(column + 1, band_bins, columns) <= chunk + i)
                column++;
            of_bin[i] = counts + (ulong)column * (steps + 2);
        }
        for (uint frame = begin; frame < end; frame++) {
            if (in_gap && in_gap[frame])
                continue;
            __global const float *at = power + (ulong)frame * bins + first_bin + chunk;
            float levels[BINS_AT_A_TIME];
            int guesses[BINS_AT_A_TIME];
            for (uint i = 0; i < held; i++)
                levels[i] = at[i] < least ? least : at[i];
            for (uint i = 0; i < held; i += 16) {
                const float16 steps_up = (log2_guess(vload16(0, levels + i)) * db_per_octave - low_db) * steps_per_db;
                vstore16(convert_int16(clamp(steps_up, 0.0f, (float)(steps - 1))), 0, guesses + i);
            }
            for (uint i = 0; i < held; i++)
                of_bin[i][level_place(levels[i], guesses[i], edges, steps)]++;
        }
    }
}
