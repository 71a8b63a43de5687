/* colorize - levels to pixels through a colormap. A pixel shows the one cell that its middle lies in: nothing is
 * smoothed. Where a level is NAN there is nothing to show.
 *   launch       global { width, height }
 *   0 level_db   in   float  [rows][columns]  rows are time, columns frequency
 *   1 palette    in   uchar4 [257]              256 colors, then the one for NAN
 *   2 pixels     out  uchar4 [height][width]  first row on top
 *   3 rows       in
 *   4 columns    in
 *   5 low_db     in   shown as palette[0]
 *   6 high_db    in   shown as palette[255]
 *   7 time_on_x  in   1: time to the right, frequency upwards; 0: frequency to the right, time downwards */
uint cell_at(uint pixel, uint pixels, uint cells)
{
    return (uint)(((2 * (ulong)pixel + 1) * cells) / (2 * (ulong)pixels));
}

__kernel void colorize(__global const float *level_db, __global const uchar4 *palette, __global uchar4 *pixels, uint rows, uint columns,
                       float low_db, float high_db, uint time_on_x)
{
    uint x = get_global_id(0), y = get_global_id(1);
    uint width = get_global_size(0), height = get_global_size(1);
    uint row = time_on_x ? cell_at(x, width, rows) : cell_at(y, height, rows);
    uint column = time_on_x ? cell_at(height - 1 - y, height, columns) : cell_at(x, width, columns);
    float level = level_db[(ulong)row * columns + column];
    float share = (level - low_db) / (high_db - low_db);
    /* matplotlib's rule: 256 equal steps, the upper end belongs to the last one. */
    int step = isnan(level) ? 256 : (int)clamp(share * 256.0f, 0.0f, 255.0f);
    pixels[(ulong)y * width + x] = palette[step];
}
