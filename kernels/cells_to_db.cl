/* cells_to_db - the level of each cell in dB. In front of this text stands decibels.cl.
 *   launch        global { 1 … columns, rows }   one item a row where items are much work
 *   0 cells       in   float2 [rows][columns]  see accumulate_cells
 *   1 level_db    out  float  [rows][columns]  10 log10(max(power * gain, least)), finite whatever the power is; NAN: only gaps
 *   2 entered     in   float  [rows]           frames that entered the row
 *   3 band_bins   in   see accumulate_cells
 *   4 columns     in
 *   5 reduction   in   see accumulate_cells
 *   6 gain        in   linear: undoes window and length, sets the unit
 *   7 least       in   linear: the least power that is told from nothing */

__kernel void cells_to_db(__global const float2 *restrict cells, __global float *restrict level_db,
                          __global const float *restrict entered, uint band_bins, uint columns, uint reduction, float gain, float least)
{
    const uint first = get_global_id(0), row = get_global_id(1), items = get_global_size(0);
    __global const float2 *of_row = cells + (ulong)row * columns;
    __global float *out = level_db + (ulong)row * columns;
    const float frames = entered[row];
    if (!(frames > 0.0f))
        for (uint column = first; column < columns; column += items)
            out[column] = NAN;
    else if (reduction == 1)
        for (uint column = first; column < columns; column += items) {
            const ulong width = share_begin(column + 1, band_bins, columns) - share_begin(column, band_bins, columns);
            const float power = (of_row[column].x + of_row[column].y) / (frames * (float)width);
            out[column] = decibels(fmin(fmax(power * gain, least), FLT_MAX));
        }
    else if (items == 1) {
        uint column = 0;
        for (; column + 16 <= columns; column += 16) {
            __global const float *pairs = (__global const float *)(of_row + column);
            const float16 power = (float16)(vload16(0, pairs).even, vload16(1, pairs).even) * gain;
            vstore16(decibels16(fmin(fmax(power, least), FLT_MAX)), 0, out + column);
        }
        for (; column < columns; column++)
            out[column] = decibels(fmin(fmax(of_row[column].x * gain, least), FLT_MAX));
    } else
        for (uint column = first; column < columns; column += items)
            out[column] = decibels(fmin(fmax(of_row[column].x * gain, least), FLT_MAX));
}
