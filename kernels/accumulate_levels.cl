/* accumulate_levels - counts how often each level of power is seen in each column of a picture. Counts are whole, so no order of work
 * matters.
 *   launch, CPU   global { items, 1 }   item i owns columns i * per_item and on: nothing is written by two. It takes some bins at a time
 *                                       through all frames: their counts stay in a near cache
 *   launch, GPU   global { columns or more, parts }   part p takes frames begin + p, begin + p + parts, …
 *   0 power       in      float [frames][bins]         linear
 *   1 counts      in/out  uint  [columns][steps + 2]   0: below edges[0]; s + 1: from edges[s] to below edges[s + 1];
 *                                                      steps + 1: edges[steps] and more
 *   2 edges       in      float [steps + 1]            rising, linear power
 *   3 begin, 4 end  in    frames of the batch that are counted
 *   5 in_gap      in      uchar [frames], see accumulate_cells
 *   6 bins        in      bins of a frame
 *   7 first_bin   in      the band that is shown begins here
 *   8 band_bins   in      column c holds bins of the band as in accumulate_cells; each of them counts
 *   9 columns     in
 *   10 per_item   in      of a CPU
 *   11 steps      in
 *   12 low_bits   in      a power of two that is near edges[0], as the bits of a float
 *   13 low_place  in      the place of that power, as a number that is not whole
 *   14 steps_per_octave  in  steps are equally wide in dB
 *   15 least      in      less power counts as this; NAN stays NAN */

struct scale {
    __global const float *edges;
    uint steps;
    int low_bits;
    float low_place, steps_per_octave;
    float unsure; /* steps that a guess may be off: by the logarithm, and by what rounding adds */
};

/* Sixteen of a CPU at a time, one of a GPU. */
#if ON_CPU
typedef float16 powers;
typedef int16 places;
#define AS_PLACES as_int16
#define AS_POWERS as_float16
#define TO_POWERS convert_float16
#else
typedef float powers;
typedef int places;
#define AS_PLACES as_int
#define AS_POWERS as_float
#define TO_POWERS convert_float
#endif

/* The place of a power as a number that is not whole. The bits of a float, taken as a number, are its logarithm but for log2(m) - m with m
 * from 1 to 2; that is the polynomial (least squares in the limit of the largest error), 1.4e-5 off at most. */
powers guessed_place(powers power, const struct scale scale)
{
    const places bits = AS_PLACES(power);
    const powers m = AS_POWERS((bits & 0x007FFFFF) | 0x3F800000);
    const float per_octave = scale.steps_per_octave;
    powers q = 0.04487356171f * per_octave;
    q = q * m - 0.41656333208f * per_octave;
    q = q * m + 1.63114774227f * per_octave;
    q = q * m - 3.55079150199f * per_octave;
    q = q * m + 4.09170961380f * per_octave;
    q = q * m + (scale.low_place - 1.80036377906f * per_octave);
    return TO_POWERS(bits - scale.low_bits) * (per_octave * 0x1p-23f) + q;
}

/* In the middle of the places below and above the range, which no guess can leave. */
powers guess_in_range(powers power, const struct scale scale)
{
    const powers low = 0.5f, high = (float)scale.steps + 1.5f, guess = guessed_place(power, scale);
    const powers raised = guess < low ? low : guess;
    return raised < high ? raised : high;
}

/* The edges decide, so that every device counts alike; the logarithm only guesses. NAN counts as below. */
uint level_place(float power, int guess, __global const float *edges, uint steps)
{
    if (!(power >= edges[0]))
        return 0;
    if (power >= edges[steps])
        return steps + 1;
    int step = guess;
    while (power < edges[step])
        step--;
    while (power >= edges[step + 1])
        step++;
    return (uint)step + 1;
}

#if ON_CPU

#define BINS_AT_A_TIME 144
#define VECTORS (BINS_AT_A_TIME / 16)
#define ROWS_AHEAD 4

/* What a count is kept in comes from a far cache once for so many frames; their places have to stay in a near one. */
#define FRAMES_AT_A_TIME 128

/* Rows lie far apart: no cache would foresee the next one. Drivers of CPUs are built on clang, which has this function. */
void ask_for(__global const float *row)
{
    for (uint i = 0; i < BINS_AT_A_TIME; i += 16)
        __builtin_prefetch((const void *)(ulong)(row + i));
}

/* The lowest and the highest place that each of sixteen powers may have, as far as the logarithm knows it. */
int16 guessed_places(float16 power, const struct scale scale, int16 *highest)
{
    const float16 place = guess_in_range(power, scale);
    *highest = convert_int16(place + scale.unsure);
    return convert_int16(place - scale.unsure);
}

/* The logarithm does not know all powers. */
int16 is_strange(float16 power)
{
    return !(power >= FLT_MIN);
}

/* Asks the edges, in most cases only whether a power is below or above the one between two places. */
uint16 right_places(float16 power, const struct scale scale)
{
    int16 highest;
    const int16 lowest = guessed_places(power, scale, &highest), edge = min(lowest, (int)scale.steps);
    int at[16];
    float each[16];
    vstore16(edge, 0, at);
    if (any_of(convert_char16(highest - lowest > 1 | is_strange(power)))) {
        vstore16(power, 0, each);
        for (uint i = 0; i < 16; i++)
            at[i] = (int)level_place(each[i], clamp(at[i] - 1, 0, (int)scale.steps - 1), scale.edges, scale.steps);
        return as_uint16(vload16(0, at));
    }
    for (uint i = 0; i < 16; i++)
        each[i] = scale.edges[at[i]];
    return as_uint16(lowest - (highest > lowest & power >= vload16(0, each)));
}

/* Sixteen powers of a row, 1 behind its end. */
float16 load_powers(__global const float *row, uint held, float least)
{
    float16 levels;
    if (held >= 16)
        levels = vload16(0, row);
    else {
        float rest[16];
        for (uint i = 0; i < 16; i++)
            rest[i] = i < held ? row[i] : 1.0f;
        levels = vload16(0, rest);
    }
    return levels < least ? (float16)least : levels;
}

/* Where the counters are of the `held` powers of each row. The edges are asked behind all guesses, which would wait for them. */
void places_of_rows(__global const float *const *rows, uint row_count, uint held, float least, const struct scale scale,
                    const uint16 *of_bin, uint16 (*at)[FRAMES_AT_A_TIME])
{
    uint unsure[FRAMES_AT_A_TIME * VECTORS], unsure_count = 0;
    for (uint row = 0; row < row_count; row++) {
        ask_for(rows[min(row + ROWS_AHEAD, row_count - 1)]);
        for (uint n = 0; 16 * n < held; n++) {
            const float16 power = load_powers(rows[row] + 16 * n, held - 16 * n, least);
            int16 highest;
            const int16 lowest = guessed_places(power, scale, &highest);
            at[n][row] = as_uint16(lowest) + of_bin[n];
            unsure[unsure_count] = row * VECTORS + n;
            unsure_count += any_of(convert_char16(lowest != highest | is_strange(power)));
        }
    }
    for (uint i = 0; i < unsure_count; i++) {
        const uint row = unsure[i] / VECTORS, n = unsure[i] % VECTORS;
        at[n][row] = right_places(load_powers(rows[row] + 16 * n, held - 16 * n, least), scale) + of_bin[n];
    }
}

/* Sixteen bins of all rows before the next sixteen: what they are counted in stays in the nearest cache. Unrolled: a loop around one count is
 * as much work as the count. */
void count(__global uint *counts, uint row_count, uint held, const uint16 (*at)[FRAMES_AT_A_TIME])
{
    for (uint n = 0; 16 * n < held; n++) {
        const uint here = min(held - 16 * n, 16u);
        for (uint row = 0; row < row_count; row++) {
            const uint *place = (const uint *)&at[n][row];
            if (here == 16)
#pragma unroll
                for (int k = 0; k < 16; k++)
                    counts[place[k]]++;
            else
                for (uint k = 0; k < here; k++)
                    counts[place[k]]++;
        }
    }
}

__kernel void accumulate_levels(__global const float *power, __global uint *counts, __global const float *edges,
                                uint begin, uint end, __global const uchar *in_gap, uint bins, uint first_bin, uint band_bins,
                                uint columns, uint per_item, uint steps, int low_bits, float low_place, float steps_per_octave,
                                float least)
{
    const uint first_column = get_global_id(0) * per_item, end_column = min(first_column + per_item, columns), stride = steps + 2;
    const uint item_end = (uint)share_begin(end_column, band_bins, columns);
    const struct scale scale = { edges, steps, low_bits, low_place, steps_per_octave, 2e-5f * steps_per_octave + 2.4e-7f * (float)steps };
    uint16 at[VECTORS][FRAMES_AT_A_TIME], of_bin[VECTORS];
    counts += (ulong)first_column * stride;
    uint column = first_column;
    for (uint chunk = (uint)share_begin(first_column, band_bins, columns); chunk < item_end; chunk += BINS_AT_A_TIME) {
        const uint held = min((uint)BINS_AT_A_TIME, item_end - chunk);
        for (uint i = 0; i < BINS_AT_A_TIME; i++) {
            while (i < held && share_begin(column + 1, band_bins, columns) <= chunk + i)
                column++;
            ((uint *)of_bin)[i] = (column - first_column) * stride;
        }
        for (uint frame = begin; frame < end;) {
            __global const float *at_row[FRAMES_AT_A_TIME];
            uint rows = 0;
            for (; frame < end && rows < FRAMES_AT_A_TIME; frame++) {
                if (in_gap && in_gap[frame])
                    continue;
                at_row[rows++] = power + (ulong)frame * bins + first_bin + chunk;
            }
            places_of_rows(at_row, rows, held, least, scale, of_bin, at);
            count(counts, rows, held, at);
        }
    }
}

#else

__kernel void accumulate_levels(__global const float *power, __global uint *counts, __global const float *edges,
                                uint begin, uint end, __global const uchar *in_gap, uint bins, uint first_bin, uint band_bins,
                                uint columns, uint per_item, uint steps, int low_bits, float low_place, float steps_per_octave,
                                float least)
{
    const uint column = get_global_id(0);
    if (column >= columns)
        return;
    const uint bin_begin = (uint)share_begin(column, band_bins, columns), bin_end = (uint)share_begin(column + 1, band_bins, columns);
    const struct scale scale = { edges, steps, low_bits, low_place, steps_per_octave, 0.0f };
    counts += (ulong)column * (steps + 2);
    for (uint frame = begin + get_global_id(1); frame < end; frame += get_global_size(1)) {
        if (in_gap && in_gap[frame])
            continue;
        __global const float *band = power + (ulong)frame * bins + first_bin;
        for (uint bin = bin_begin; bin < bin_end; bin++) {
            const float level = band[bin] < least ? least : band[bin];
            const int step = clamp((int)guess_in_range(level, scale) - 1, 0, (int)steps - 1);
            atomic_inc(&counts[level_place(level, step, edges, steps)]);
        }
    }
}

#endif
