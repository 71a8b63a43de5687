/* cells_to_db - the level of each cell in dB.
 *   launch        global { 1 … columns, rows }   one item a row where items are much work
 *   0 cells       in   float2 [rows][columns]  see accumulate_cells
 *   1 level_db    out  float  [rows][columns]  10 log10(max(power * gain, least)), finite whatever the power is; NAN: only gaps
 *   2 entered     in   float  [rows]           frames that entered the row
 *   3 band_bins   in   see accumulate_cells
 *   4 columns     in
 *   5 reduction   in   see accumulate_cells
 *   6 gain        in   linear: undoes window and length, sets the unit
 *   7 least       in   linear: the least power that is told from nothing */

/* 10 log10 of a positive number that is not tiny, as good as a float of its size can tell; without a call, so that the compiler can do many
 * at once. x = m 2^e, m from sqrt(1/2) to sqrt(2), ln m = 2 atanh(s), s = (m - 1) / (m + 1). */
float decibels(float x)
{
    const int lifted = as_int(x) - 0x3F3504F3;
    const float e = (float)(lifted >> 23), m = as_float((lifted & 0x007FFFFF) + 0x3F3504F3);
    const float s = (m - 1.0f) / (m + 1.0f), t = s * s;
    const float series = 2.0f + t * (0.66666666667f + t * (0.4f + t * (0.28571428571f + t * (0.22222222222f + t * 0.18181818182f))));
    return e * 3.01029995664f + s * series * 4.34294481903f;
}

__kernel void cells_to_db(__global const float2 *cells, __global float *level_db, __global const float *entered, uint band_bins,
                          uint columns, uint reduction, float gain, float least)
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
    else if (items == 1)
        for (uint column = 0; column < columns; column++)
            out[column] = decibels(fmin(fmax(of_row[column].x * gain, least), FLT_MAX));
    else
        for (uint column = first; column < columns; column += items)
            out[column] = decibels(fmin(fmax(of_row[column].x * gain, least), FLT_MAX));
}
