/* accumulate_cells - adds the frames of one batch to the cells of the picture: every frame enters a row, every bin of the band a column.
 *   launch          global { columns, rows of the picture that this batch touches }
 *   0 power         in      float  [frames][bins]    linear
 *   1 cells         in/out  float2 [rows][columns]   max, min: (extreme so far, unused); mean: (sum, what rounding lost of it)
 *   2 first_frame   in      frame of the recording that the batch begins with
 *   3 frames        in      frames of the batch
 *   4 all_frames    in      frames of the recording; row r holds frames ceil(r * all_frames / rows) to before the next row's
 *   5 rows          in
 *   6 first_row     in      row of work-items with id 0
 *   7 bins          in      bins of a frame
 *   8 first_bin     in      the band that is shown begins here
 *   9 band_bins     in      bins of the band; column c holds its bins ceil(c * band_bins / columns) to before the next column's
 *   10 columns      in
 *   11 reduction    in      0 max, 1 mean, 2 min
 *   12 in_gap       in      uchar [frames]  not 0: the frame is left out, as it touches a gap of the recording, or as its power is
 *                                            not finite (mark_lost); NULL: none is */
__kernel void accumulate_cells(__global const float *power, __global float2 *cells, ulong first_frame, uint frames, ulong all_frames,
                               uint rows, uint first_row, uint bins, uint first_bin, uint band_bins, uint columns, uint reduction,
                               __global const uchar *in_gap)
{
    uint column = get_global_id(0);
    uint row = first_row + get_global_id(1);
    ulong begin = max(share_begin(row, all_frames, rows), first_frame) - first_frame;
    ulong end = min(share_begin(row + 1, all_frames, rows), first_frame + frames) - first_frame;
    uint bin_begin = first_bin + (uint)share_begin(column, band_bins, columns);
    uint bin_end = first_bin + (uint)share_begin(column + 1, band_bins, columns);
    float2 cell = cells[(ulong)row * columns + column];
    for (uint frame = (uint)begin; frame < (uint)end; frame++) {
        if (in_gap && in_gap[frame])
            continue;
        for (uint bin = bin_begin; bin < bin_end; bin++) {
            float p = power[(ulong)frame * bins + bin];
            if (reduction == 0) {
                cell.x = fmax(cell.x, p);
            } else if (reduction == 2) {
                cell.x = fmin(cell.x, p);
            } else {
                /* Knuth's two-sum keeps what a sum over millions of frames would lose. */
                float sum = cell.x + p;
                float part = sum - cell.x;
                cell.y += (cell.x - (sum - part)) + (p - part);
                cell.x = sum;
            }
        }
    }
    cells[(ulong)row * columns + column] = cell;
}
