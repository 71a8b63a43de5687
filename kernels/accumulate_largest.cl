/* accumulate_largest - a percentile of the power in each cell of the picture, exact: a cell keeps its largest values in a heap, as many as
 * there are from the percentile up, and the least of them is the percentile once the row is complete.
 *   launch          global { columns, rows of the picture that this batch touches, at most `slots` of them }
 *   0 … 10          as of accumulate_cells, but
 *   1 cells         in/out  float2 [rows][columns]   (the percentile once the row is complete, values that entered so far)
 *   11 percent      in      of n values the one at rank ceil(percent * n / 100), the least having rank 1
 *   12 in_gap       in      uchar [frames], see accumulate_cells
 *   13 kept         in/out  float [slots][columns][most_kept]   heaps: value i is no less than value (i - 1) / 2
 *   14 most_kept    in      values of the largest cell from the percentile up
 *   15 slots        in      row r has its heaps in slot r % slots */

/* Values from the percentile up, of n. */
uint count_from(uint percent, ulong n)
{
    return (uint)(n - (percent * n + 99) / 100 + 1);
}

/* Puts a value in the place of the least one, and what is least now on top. */
void replace_least(__global float *heap, uint size, float value)
{
    uint place = 0;
    for (uint child = 1; child < size; child = 2 * place + 1) {
        child += child + 1 < size && heap[child + 1] < heap[child];
        if (!(heap[child] < value))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = value;
}

__kernel void accumulate_largest(__global const float *power, __global float2 *cells, ulong first_frame, uint frames, ulong all_frames,
                                 uint rows, uint first_row, uint bins, uint first_bin, uint band_bins, uint columns, uint percent,
                                 __global const uchar *in_gap, __global float *kept, uint most_kept, uint slots)
{
    uint column = get_global_id(0);
    uint row = first_row + get_global_id(1);
    ulong row_begin = share_begin(row, all_frames, rows), row_end = share_begin(row + 1, all_frames, rows);
    uint begin = (uint)(max(row_begin, first_frame) - first_frame);
    uint end = (uint)(min(row_end, first_frame + frames) - first_frame);
    uint bin_begin = first_bin + (uint)share_begin(column, band_bins, columns);
    uint bin_end = first_bin + (uint)share_begin(column + 1, band_bins, columns);
    uint size = count_from(percent, (row_end - row_begin) * (bin_end - bin_begin));
    __global float *heap = kept + ((ulong)(row % slots) * columns + column) * most_kept;
    float2 cell = cells[(ulong)row * columns + column];
    if (row_begin >= first_frame) {
        for (uint i = 0; i < size; i++)
            heap[i] = 0.0f;
        cell.y = 0.0f;
    }
    float least = heap[0];
    for (uint frame = begin; frame < end; frame++) {
        if (in_gap && in_gap[frame])
            continue;
        for (uint bin = bin_begin; bin < bin_end; bin++) {
            float p = power[(ulong)frame * bins + bin];
            if (!(p > least))
                continue;
            replace_least(heap, size, p);
            least = heap[0];
        }
        cell.y += (float)(bin_end - bin_begin);
    }
    if (row_end <= first_frame + frames && cell.y > 0.0f) {
        /* Fewer than expected entered where frames touch gaps. */
        uint wanted = count_from(percent, (ulong)cell.y);
        while (size > wanted) {
            float last = heap[--size];
            replace_least(heap, size, last);
        }
        cell.x = heap[0];
    }
    cells[(ulong)row * columns + column] = cell;
}
