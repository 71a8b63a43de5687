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

/* matplotlib's rule: 256 equal steps, the upper end belongs to the last one. */
#define STEP_OF(name, real, whole)                                                                                                 \
    whole name(real value, float low, float high)                                                                                  \
    {                                                                                                                              \
        const real share = (value - low) / (high - low);                                                                           \
        return select(convert_##whole(clamp(share * 256.0f, 0.0f, 255.0f)), (whole)256, isnan(value));                             \
    }
STEP_OF(step_of, float, int)
STEP_OF(steps_of, float16, int16)

__kernel void colorize(__global const float *restrict values, __global const uchar4 *restrict palette, __global uchar4 *restrict pixels,
                       __global const uint *restrict across, __global const uint *restrict down, float low, float high, uint width)
{
    const uint y = get_global_id(1), row = down[y];
    __global uchar4 *restrict out = pixels + (ulong)y * width;
    uint x = get_global_id(0);
    /* Neighbours that show neighbours, where an item has all of the row. */
    for (; get_global_size(0) == 1 && x + 16 <= width && across[x + 15] == across[x] + 15; x += 16) {
        int steps[16];
        vstore16(steps_of(vload16(0, values + across[x] + row), low, high), 0, steps);
        for (uint i = 0; i < 16; i++)
            out[x + i] = palette[steps[i]];
    }
    for (; x < width; x += get_global_size(0))
        out[x] = palette[step_of(values[across[x] + row], low, high)];
}
