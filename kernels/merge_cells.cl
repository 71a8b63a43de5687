/* merge_cells - adds groups of frames to the cells of the picture. A group lies in one row.
 *   launch          global { 1 … columns, rows of the picture that these groups touch }   one item a row where items are much work
 *   0 groups        in      float  [3][count][bins]  sum, largest, least of each group; of an empty one 0, 0, infinity
 *   1 cells         in/out  float2 [rows][columns]   see accumulate_cells
 *   2 group_frames  in      uint   [count + 1]       group g holds frames first_frame + group_frames[g] to before the next one's
 *   3 count         in
 *   4 first_frame, 5 all_frames, 6 rows, 7 first_row, 8 bins, 9 first_bin, 10 band_bins, 11 columns, 12 reduction  see accumulate_cells */
uint first_group(__global const uint *group_frames, uint count, ulong frame)
{
    uint low = 0, high = count;
    while (low < high) {
        const uint middle = (low + high) / 2;
        if (group_frames[middle] < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

__kernel void merge_cells(__global const float *groups, __global float2 *cells, __global const uint *group_frames, uint count,
                          ulong first_frame, ulong all_frames, uint rows, uint first_row, uint bins, uint first_bin, uint band_bins,
                          uint columns, uint reduction)
{
    const uint row = first_row + get_global_id(1), items = get_global_size(0);
    const uint begin = first_group(group_frames, count, max(share_begin(row, all_frames, rows), first_frame) - first_frame);
    const uint end = first_group(group_frames, count, max(share_begin(row + 1, all_frames, rows), first_frame) - first_frame);
    /* The planes of the groups are sum, largest, least; the reductions count max, mean, min. */
    __global const float *values = groups + (ulong)(reduction == 0 ? 1 : reduction == 1 ? 0 : 2) * count * bins + first_bin;
    __global float2 *of_row = cells + (ulong)row * columns;
    /* Where an item has all columns, each share follows from the one before without a division: left / columns is what share_begin has rounded
     * up by. */
    const uint whole = band_bins / columns, rest = band_bins % columns;
    uint bin_begin = (uint)share_begin(get_global_id(0), band_bins, columns), left = 0;
    for (uint column = get_global_id(0); column < columns; column += items) {
        const bool one_more = left < rest;
        const uint bin_end = items == 1 ? bin_begin + whole + one_more : (uint)share_begin(column + 1, band_bins, columns);
        left += (one_more ? columns : 0) - rest;
        float2 cell = of_row[column];
        for (uint group = begin; group < end; group++)
            for (uint bin = bin_begin; bin < bin_end; bin++) {
                const float p = values[(ulong)group * bins + bin];
                if (reduction == 0) {
                    cell.x = fmax(cell.x, p);
                } else if (reduction == 2) {
                    cell.x = fmin(cell.x, p);
                } else {
                    const float sum = cell.x + p;
                    const float part = sum - cell.x;
                    cell.y += (cell.x - (sum - part)) + (p - part);
                    cell.x = sum;
                }
            }
        of_row[column] = cell;
        bin_begin = items == 1 ? bin_end : (uint)share_begin(column + items, band_bins, columns);
    }
}
