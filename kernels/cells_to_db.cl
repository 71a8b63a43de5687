/* cells_to_db - the level of each cell in dB.
 *   launch        global { columns, rows }
 *   0 cells       in   float2 [rows][columns]  see accumulate_cells
 *   1 level_db    out  float  [rows][columns]  10 log10(max(power * gain, least)), finite whatever the power is; NAN: only gaps
 *   2 entered     in   float  [rows]           frames that entered the row
 *   3 band_bins   in   see accumulate_cells
 *   4 columns     in
 *   5 reduction   in   see accumulate_cells
 *   6 gain        in   linear: undoes window and length, sets the unit
 *   7 least       in   linear: the least power that is told from nothing */
__kernel void cells_to_db(__global const float2 *cells, __global float *level_db, __global const float *entered, uint band_bins,
                          uint columns, uint reduction, float gain, float least)
{
    uint column = get_global_id(0), row = get_global_id(1);
    ulong at = (ulong)row * columns + column;
    float power = cells[at].x;
    if (reduction == 1) {
        ulong width = share_begin(column + 1, band_bins, columns) - share_begin(column, band_bins, columns);
        power = (power + cells[at].y) / (entered[row] * (float)width);
    }
    level_db[at] = entered[row] > 0.0f ? 10.0f * log10(fmin(fmax(power * gain, least), FLT_MAX)) : NAN;
}
