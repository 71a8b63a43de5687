/* accumulate_power_counts - a percentile of the power in each cell of the picture, where cells have too many values to keep: counts how
 * often each of 16384 steps of power is seen, 64 an octave. A step is the upper 14 bits of a float below its sign.
 *   launch          global { columns, 1 }
 *   0 … 12          as of accumulate_largest; .y of cells is not used
 *   13 counts       in/out  uint [columns][16384]   0 before a row begins, and again when it is complete */
enum { STEP_SHIFT = 17, STEPS = 1 << 14 };

/* Within 10 log10(1 + 1/128) dB of all power that is counted in the step. */
float middle_of_step(uint step)
{
    return 0.5f * (as_float(step << STEP_SHIFT) + as_float((step + 1) << STEP_SHIFT));
}

__kernel void accumulate_power_counts(__global const float *power, __global float2 *cells, ulong first_frame, uint frames,
                                      ulong all_frames, uint rows, uint first_row, uint bins, uint first_bin, uint band_bins,
                                      uint columns, uint percent, __global const uchar *in_gap, __global uint *counts)
{
    uint column = get_global_id(0);
    uint row = first_row + get_global_id(1);
    ulong row_end = share_begin(row + 1, all_frames, rows);
    uint begin = (uint)(max(share_begin(row, all_frames, rows), first_frame) - first_frame);
    uint end = (uint)(min(row_end, first_frame + frames) - first_frame);
    uint bin_begin = first_bin + (uint)share_begin(column, band_bins, columns);
    uint bin_end = first_bin + (uint)share_begin(column + 1, band_bins, columns);
    __global uint *of_column = counts + (ulong)column * STEPS;
    for (uint frame = begin; frame < end; frame++) {
        if (in_gap && in_gap[frame])
            continue;
        for (uint bin = bin_begin; bin < bin_end; bin++) {
            float p = power[(ulong)frame * bins + bin];
            of_column[p > 0.0f ? as_uint(p) >> STEP_SHIFT : 0]++;
        }
    }
    if (row_end > first_frame + frames)
        return;
    ulong entered = 0, passed = 0;
    for (uint step = 0; step < STEPS; step++)
        entered += of_column[step];
    ulong rank = (percent * entered + 99) / 100;
    for (uint step = 0; step < STEPS; step++) {
        if (passed < rank && passed + of_column[step] >= rank)
            cells[(ulong)row * columns + column].x = middle_of_step(step);
        passed += of_column[step];
        of_column[step] = 0;
    }
}
