/* colorize - values to pixels through a colormap. A pixel shows one cell: nothing is smoothed. Where a value is NAN there is nothing
 * to show.
 *   launch     global { work-items a row, height }: each takes every so many-th pixel
 *   0 values   in   float  [cells]
 *   1 palette  in   uchar4 [257]            256 colors, then the one for NAN
 *   2 pixels   out  uchar4 [height][width]  first row on top
 *   3 across   in   uint   [width]          a pixel's cell is across[x] + down[y]
 *   4 down     in   uint   [height]
 *   5 low      in   shown as palette[0]
 *   6 high     in   shown as palette[255]
 *   7 width    in   */
__kernel void colorize(__global const float *restrict values, __global const uchar4 *restrict palette, __global uchar4 *restrict pixels,
                       __global const uint *restrict across, __global const uint *restrict down, float low, float high, uint width)
{
    const uint y = get_global_id(1), row = down[y];
    for (uint x = get_global_id(0); x < width; x += get_global_size(0)) {
        const float value = values[across[x] + row];
        const float share = (value - low) / (high - low);
        /* matplotlib's rule: 256 equal steps, the upper end belongs to the last one. */
        const int step = isnan(value) ? 256 : (int)clamp(share * 256.0f, 0.0f, 255.0f);
        pixels[(ulong)y * width + x] = palette[step];
    }
}
