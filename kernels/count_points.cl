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
 *   11 tiles        in/out  uchar [workers][cells][cells]  OWN_TILES: what each work-item has yet to add to the first grid; else NULL
 *   12 reciprocal   in      integers of more than 16 bits: ceil(2^63 / width of a cell of the first grid in numbers)
 *   13 per_number   in      1 / width of a cell of the first grid
 *
 * Defined by the host: OWN_TILES, 1 where work-items are few: each counts by itself, so that none waits for another's memory, in counters
 * that are small enough to stay in its cache. Few points lie beyond the first grid: those are counted at once. */
#define NO_CELL 0xFFFFFFFFu

/* Which cell of the first grid a number lies in, counted from 0; far away: 2^30, which is beyond all grids. */
#if NUMBER_FLOATS
typedef float number;
#define LOAD_ONE(samples, at) LOAD_NUMBER(samples, at, 0.0f)
#define LOAD_MANY(samples, first, count, channels, channel, i, q) load_samples(samples, first, count, channels, channel, 0.0f, i, q)

int cell_of(float number, ulong reciprocal, float per_number)
{
    const float cell = floor(number * per_number);
    return fabs(cell) < 0x1p30f ? (int)cell : 0x40000000;
}
#else
typedef int number;
#define LOAD_ONE(samples, at) LOAD_WHOLE(samples, at)
#define LOAD_MANY load_wholes

/* number / width, rounded down, without a division: exact below 2^31. */
int cell_of(int number, ulong reciprocal, float per_number)
{
#if NUMBER_BITS <= 16
    /* No number plus a half is nearer to the edge of a cell than a half, and so many bits a float can tell apart. */
    return (int)floor(((float)number + 0.5f) * per_number);
#endif
    const int sign = number >> 31;
    return (int)mul_hi(2 * (ulong)(uint)(number ^ sign), reciprocal) ^ sign;
}
#endif

/* The cell of a point in the first grid that it lies in; NO_CELL: there is none, and it was counted as what it is. */
uint cell_in_grids(number i, number q, ulong reciprocal, float per_number, uint cells, uint grids, ulong *beyond, ulong *not_finite)
{
#if NUMBER_FLOATS
    if (!isfinite(i) || !isfinite(q)) {
        ++*not_finite;
        return NO_CELL;
    }
#endif
    const int x = cell_of(i, reciprocal, per_number), y = cell_of(q, reciprocal, per_number), middle = (int)(cells / 2);
    const uint reach = (uint)max(x ^ (x >> 31), y ^ (y >> 31));
    uint grid = 0;
    while (grid < grids && reach >> grid >= (uint)middle)
        grid++;
    if (grid == grids) {
        ++*beyond;
        return NO_CELL;
    }
    return (grid * cells + (uint)((y >> grid) + middle)) * cells + (uint)((x >> grid) + middle);
}

#if OWN_TILES

/* Samples that are turned into cells in one go, VECTORS vectors of them. */
#define TOGETHER 256
#define VECTORS (TOGETHER / 16)
#define FULL 256

#if NUMBER_FLOATS || NUMBER_BITS <= 16

/* Which cell of the first grid each number lies in, as cell_of says; those that are not finite or far away are beyond all grids. */
#if NUMBER_FLOATS
int16 cells_of(float16 numbers, float per_number)
{
    const float16 far = 0x1p30f, scaled = numbers * per_number, low = scaled > -far ? scaled : -far, cell = low < far ? low : far;
    const int16 whole = convert_int16(cell);
    return whole + (convert_float16(whole) > cell);
}
#else
/* What is rounded down is half less that is rounded to the nearest, as the sum with 1.5 × 2^23 is: its low bits are the whole number. */
int16 cells_of(float16 numbers, float per_number)
{
    const float whole = 0x1.8p23f;
    return as_int16(numbers * per_number + (0.5f * per_number - 0.5f) + whole) - as_int(whole);
}
#endif

/* Where the samples lie in the first grid; NO_CELL: elsewhere. Also tells whether all of them lie in it. */
bool near_cells(__global const void *samples, ulong first, uint count, uint channels, uint channel, ulong reciprocal, float per_number,
                uint cells, uint *near)
{
    const int middle = (int)(cells / 2);
    char16 elsewhere = 0;
    for (uint k = 0; k < count; k += 16) {
        float16 i, q;
        load_lanes_of_floats(samples, first + k, count - k, channels, channel, &i, &q);
        const uint16 column = as_uint16(cells_of(i, per_number) + middle), row = as_uint16(cells_of(q, per_number) + middle);
        const int16 outside = max(column, row) >= cells;
        ((uint16 *)near)[k / 16] = outside ? (uint16)NO_CELL : row * cells + column;
        elsewhere |= convert_char16(outside);
    }
    return !any_of(elsewhere);
}

#else

bool near_cells(__global const void *samples, ulong first, uint count, uint channels, uint channel, ulong reciprocal, float per_number,
                uint cells, uint *near)
{
    const uint middle = cells / 2;
    number i[TOGETHER], q[TOGETHER];
    uint largest = 0;
    LOAD_MANY(samples, first, (int)count, channels, channel, i, q);
    for (uint k = 0; k < count; k++) {
        const uint column = (uint)cell_of(i[k], reciprocal, per_number) + middle;
        const uint row = (uint)cell_of(q[k], reciprocal, per_number) + middle;
        near[k] = max(column, row) < cells ? row * cells + column : NO_CELL;
        largest = max(largest, near[k]);
    }
    return largest != NO_CELL;
}

#endif

void count_near(__global uint *counts, __global uchar *tile, uint cell)
{
    if (++tile[cell] == 0)
        atomic_add(&counts[cell], FULL);
}

__kernel void count_points(__global const void *samples, __global uint *counts, __global ulong *apart, ulong held, ulong begin,
                           ulong end, uint channels, uint channel, uint turn, uint cells, uint grids, __global uchar *tiles,
                           ulong reciprocal, float per_number)
{
    __global uchar *tile = tiles + get_global_id(0) * cells * cells;
    ulong beyond = 0, not_finite = 0;
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        for (ulong first = from; first < to; first += TOGETHER) {
            const uint count = (uint)min(to - first, (ulong)TOGETHER);
            uint16 vectors[VECTORS];
            uint *near = (uint *)vectors;
            if (near_cells(samples, first, count, channels, channel, reciprocal, per_number, cells, near)) {
#pragma unroll 8
                for (uint k = 0; k < count; k++)
                    count_near(counts, tile, near[k]);
                continue;
            }
            for (uint k = 0; k < count; k++) {
                if (near[k] != NO_CELL) {
                    count_near(counts, tile, near[k]);
                    continue;
                }
                const ulong at = ((first + k) * channels + channel) * 2;
                const uint cell = cell_in_grids(LOAD_ONE(samples, at), LOAD_ONE(samples, at + 1), reciprocal, per_number, cells,
                                                grids, &beyond, &not_finite);
                if (cell != NO_CELL)
                    atomic_add(&counts[cell], 1);
            }
        }
    }
    apart[2 * get_global_id(0)] += beyond;
    apart[2 * get_global_id(0) + 1] += not_finite;
}

#else

/* Equal points come in runs: what many work-items would add to one place is added up here. */
#define KEPT 4

__kernel void count_points(__global const void *samples, __global uint *counts, __global ulong *apart, ulong held, ulong begin,
                           ulong end, uint channels, uint channel, uint turn, uint cells, uint grids, __global uchar *tiles,
                           ulong reciprocal, float per_number)
{
    uint kept_cell[KEPT], kept_count[KEPT];
    for (uint i = 0; i < KEPT; i++) {
        kept_cell[i] = NO_CELL;
        kept_count[i] = 0;
    }
    ulong beyond = 0, not_finite = 0;
    for (ulong t = turn_begin(begin / turn, get_global_id(0), get_global_size(0)); t * turn < end; t += get_global_size(0)) {
        const ulong from = max(t * turn, begin) - held, to = min((t + 1) * turn, end) - held;
        for (ulong sample = from; sample < to; sample++) {
            const ulong at = (sample * channels + channel) * 2;
            const number i = LOAD_ONE(samples, at), q = LOAD_ONE(samples, at + 1);
            const uint cell = cell_in_grids(i, q, reciprocal, per_number, cells, grids, &beyond, &not_finite);
            if (cell == NO_CELL)
                continue;
            /* Each place by its number: an array that is asked by another would not be in registers. */
#pragma unroll
            for (uint place = 0; place < KEPT; place++) {
                if (place != (cell & (KEPT - 1)))
                    continue;
                if (kept_cell[place] != cell) {
                    if (kept_count[place])
                        atomic_add(&counts[kept_cell[place]], kept_count[place]);
                    kept_cell[place] = cell;
                    kept_count[place] = 0;
                }
                kept_count[place]++;
            }
        }
    }
    for (uint i = 0; i < KEPT; i++)
        if (kept_count[i])
            atomic_add(&counts[kept_cell[i]], kept_count[i]);
    apart[2 * get_global_id(0)] += beyond;
    apart[2 * get_global_id(0) + 1] += not_finite;
}

#endif
