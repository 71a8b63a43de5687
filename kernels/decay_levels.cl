/* decay_levels - moves a phosphor screen on by a group of slices: cells rise towards an equilibrium by how often they were hit, and decay
 * towards 0 where they were not. docs/figures.md has the formulas.
 *   launch        global { columns, steps }
 *   0 glow        in/out  float [steps][columns]       0 … 1
 *   1 counts      in/out  uint  [columns][steps + 2]   see accumulate_levels; those of steps are 0 afterwards
 *   2 band_bins   in      see accumulate_levels
 *   3 columns     in
 *   4 slices      in      of the group
 *   5 rise        in      1 / slices
 *   6 decay       in      1 / slices
 *   7 lost        in      uint [1]  so many slices of the group count for nothing; NULL: none */
__kernel void decay_levels(__global float *glow, __global uint *counts, uint band_bins, uint columns, uint slices, float rise,
                           float decay, __global const uint *lost)
{
    if (lost)
        slices -= lost[0];
    if (!slices)
        return;
    uint column = get_global_id(0);
    ulong cell = (ulong)get_global_id(1) * columns + column;
    __global uint *count = counts + (ulong)column * (get_global_size(1) + 2) + get_global_id(1) + 1;
    uint hits = *count;
    float value = glow[cell];
    if (!hits && value == 0.0f)
        return;
    uint width = (uint)(share_begin(column + 1, band_bins, columns) - share_begin(column, band_bins, columns));
    float up = rise * (float)hits / ((float)slices * (float)width);
    float rate = up + decay;
    float kept = rate < 1.0f ? exp((float)slices * log1p(-rate)) : 0.0f;
    float rest = up / rate;
    glow[cell] = clamp(rest + (value - rest) * kept, 0.0f, 1.0f);
    *count = 0;
}
