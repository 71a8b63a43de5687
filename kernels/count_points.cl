/* count_points - counts complex samples as points of a plane, I to the right and Q upwards: a nest of grids around 0, each with cells twice
 * as wide as the one before. A point is counted in the first grid that it lies in, so the count of any cell of any grid is its own
 * plus those of the four cells that it covers of the grid before. Counts are whole, so no order of work matters.
 *   launch          global { workers, 1 }
 *   0 samples       in      as stored, [sample][channel][part], see load_number.cl
 *   1 counts        in/out  uint  [grids][cells][cells]   row 0 is the lowest Q; cell `cells` / 2 begins at 0
 *   2 apart         in/out  ulong [workers][2]            beyond all grids; I or Q not finite
 *   3 held          in      the number in the recording of the buffer's first sample
 *   4 begin, 5 end  in      samples of the recording that are counted, end not included
 *   6 channels      in      interleaved
 *   7 channel       in      the one that is counted
 *   8 turn          in      samples that a work-item takes in one go, by their number in the recording
 *   9 cells         in      along each edge of a grid; even
 *   10 grids        in
 *   11 kept         in      cells that a work-item counts by itself for a while: a power of two up to 64
 *   12 reciprocal   in      integers: ceil(2^63 / width of a cell of the first grid in numbers)
 *   13 per_number   in      floats: 1 / width of a cell of the first grid */
enum { MOST_KEPT = 64, NO_CELL = 0xFFFFFFFFu };

/* Which cell of the first grid a number lies in, counted from 0; far away: 2^30, which is beyond all grids. */
#if NUMBER_FLOATS
int cell_of(__global const void *samples, ulong at, ulong reciprocal, float per_number, bool *finite)
{
    float number = LOAD_NUMBER(samples, at, 0.0f);
    float cell = floor(number * per_number);
    *finite = *finite && isfinite(number);
    return fabs(cell) < 0x1p30f ? (int)cell : 0x40000000;
}
#else
/* number / width, rounded down, without a division: exact below 2^31. */
int cell_of(__global const void *samples, ulong at, ulong reciprocal, float per_number, bool *finite)
{
    int number = LOAD_WHOLE(samples, at);
    int sign = number >> 31;
    return (int)mul_hi(2 * (ulong)(uint)(number ^ sign), reciprocal) ^ sign;
}
#endif

__kernel void count_points(__global const void *samples, __global uint *counts, __global ulong *apart, ulong held, ulong begin,
                           ulong end, uint channels, uint channel, uint turn, uint cells, uint grids, uint kept, ulong reciprocal,
                           float per_number)
{
    /* Equal points come in runs and a few cells may get most of them: what many work-items would add to one place is added up here. */
    uint kept_cell[MOST_KEPT], kept_count[MOST_KEPT];
    for (uint i = 0; i < kept; i++) {
        kept_cell[i] = NO_CELL;
        kept_count[i] = 0;
    }
    const uint middle = cells / 2;
    ulong beyond = 0, not_finite = 0;
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        for (ulong sample = from; sample < to; sample++) {
            const ulong at = (sample * channels + channel) * 2;
            bool finite = true;
            const int x = cell_of(samples, at, reciprocal, per_number, &finite);
            const int y = cell_of(samples, at + 1, reciprocal, per_number, &finite);
            const uint reach = (uint)max(x ^ (x >> 31), y ^ (y >> 31));
            uint grid = 0;
            while (grid < grids && reach >> grid >= middle)
                grid++;
            if (!finite || grid == grids) {
                not_finite += !finite;
                beyond += finite;
                continue;
            }
            const uint column = (uint)((x >> grid) + (int)middle), row = (uint)((y >> grid) + (int)middle);
            const uint cell = (grid * cells + row) * cells + column;
            const uint place = (column + 5 * row + 3 * grid) & (kept - 1);
            if (kept_cell[place] != cell) {
                if (kept_count[place])
                    atomic_add(&counts[kept_cell[place]], kept_count[place]);
                kept_cell[place] = cell;
                kept_count[place] = 0;
            }
            kept_count[place]++;
        }
    }
    for (uint i = 0; i < kept; i++)
        if (kept_count[i])
            atomic_add(&counts[kept_cell[i]], kept_count[i]);
    apart[2 * get_global_id(0)] += beyond;
    apart[2 * get_global_id(0) + 1] += not_finite;
}
