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

#define BINS_AT_A_TIME 128
/* Rows of power lie far apart: several are asked for before the first is counted. */
#define FRAMES_AT_A_TIME 4

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

/* The edges decide, so that every device counts alike; the logarithm only guesses. NAN counts as below. */
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

struct scale {
    __global const float *edges;
    uint steps;
    float low_db, steps_per_db;
    float unsure; /* steps that a guess may be off: a ten-thousandth of a dB, and what rounding adds */
};

/* The places of BINS_AT_A_TIME powers. A guess that is not near an edge is right; of the others, and of powers that the logarithm does not
 * know, the edges are asked. */
void places_of(const float *power, const struct scale *scale, uint *places)
{
    const float db_per_octave = 3.01029995664f;
    int16 unsure[BINS_AT_A_TIME / 16], all_unsure = 0;
#pragma unroll
    for (uint n = 0; n < BINS_AT_A_TIME / 16; n++) {
        const float16 levels = vload16(n, power);
        /* In the middle of the places below and above the range, which no guess can leave. */
        const float16 up = clamp((log2_guess(levels) * db_per_octave - scale->low_db) * scale->steps_per_db + 1.0f, 0.5f,
                                 (float)scale->steps + 1.5f);
        const int16 place = convert_int16(up);
        unsure[n] = fabs(up - convert_float16(place) - 0.5f) > 0.5f - scale->unsure | !(levels >= FLT_MIN);
        all_unsure |= unsure[n];
        vstore16(as_uint16(place), n, places);
    }
    if (!any(all_unsure))
        return;
    for (uint n = 0; n < BINS_AT_A_TIME / 16; n++)
        if (any(unsure[n]))
            for (uint i = 16 * n; i < 16 * n + 16; i++)
                places[i] = level_place(power[i], min(max((int)places[i] - 1, 0), (int)scale->steps - 1), scale->edges, scale->steps);
}

__kernel void accumulate_levels(__global const float *power, __global uint *counts, __global const float *edges, uint begin, uint end,
                                __global const uchar *in_gap, uint bins, uint first_bin, uint band_bins, uint columns,
                                uint per_item, uint steps, float low_db, float steps_per_db, float least)
{
    const uint first_column = get_global_id(0) * per_item, end_column = min(first_column + per_item, columns);
    const uint item_end = (uint)share_begin(end_column, band_bins, columns);
    const struct scale scale = { edges, steps, low_db, steps_per_db, 1e-4f * (1.0f + steps_per_db) + 2.4e-7f * (float)steps };
    float levels[FRAMES_AT_A_TIME * BINS_AT_A_TIME];
    uint places[FRAMES_AT_A_TIME * BINS_AT_A_TIME];
    for (uint i = 0; i < FRAMES_AT_A_TIME * BINS_AT_A_TIME; i++)
        levels[i] = 1.0f;
    uint column = first_column;
    for (uint chunk = (uint)share_begin(first_column, band_bins, columns); chunk < item_end; chunk += BINS_AT_A_TIME) {
        const uint held = min((uint)BINS_AT_A_TIME, item_end - chunk);
        __global uint *of_bin[BINS_AT_A_TIME];
        for (uint i = 0; i < held; i++) {
            while (share_begin(column + 1, band_bins, columns) <= chunk + i)
                column++;
            of_bin[i] = counts + (ulong)column * (steps + 2);
        }
        for (uint frame = begin; frame < end;) {
            uint rows = 0;
            for (; frame < end && rows < FRAMES_AT_A_TIME; frame++) {
                if (in_gap && in_gap[frame])
                    continue;
                __global const float *at = power + (ulong)frame * bins + first_bin + chunk;
                float *row = levels + rows++ * BINS_AT_A_TIME;
                for (uint i = 0; i < held; i++)
                    row[i] = at[i] < least ? least : at[i];
            }
            for (uint row = 0; row < rows; row++)
                places_of(levels + row * BINS_AT_A_TIME, &scale, places + row * BINS_AT_A_TIME);
            for (uint row = 0; row < rows; row++)
                for (uint i = 0; i < held; i++)
                    of_bin[i][places[row * BINS_AT_A_TIME + i]]++;
        }
    }
}
