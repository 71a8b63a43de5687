/* transform_frames - short-time Fourier transform for CPU devices: samples as stored in, power of each bin out, added up over groups of
 * frames on the way, so that nothing but the sums goes back to memory.
 *
 * In front of this text stand load_number.cl, butterflies.cl with LANES 16, and, defined by the host:
 *   LENGTH      samples of a frame, a power of two from 16 to 16384
 *   ONE_SIDED   1: bins 0 … LENGTH / 2 alone, those with a mirror image doubled; 0: all, lowest frequency first
 *
 * A frame of 16 × ROWS samples is a matrix: sample ROWS n + m is row n, column m. Sixteen columns at a time in the lanes of a vector are
 * transformed along n (a radix 16 butterfly), turned by the twiddle of row and column, and transposed; then the lanes hold the 16 results
 * of one column, and transforms of length ROWS, all vertical, finish all of them at once: bin k + 16 j is lane k of vector j. The frame stays
 * in the first-level cache up to 2048 samples, in the second level beyond. Where ROWS is less than 16, several frames share the lanes.
 *
 *   launch          global { items, 1 }
 *   0 samples       in   as stored, [sample][channel][part]
 *   1 window        in   float [LENGTH], times the scale of a number
 *   2 turns         in   float [ROWS, at least 16][16][2]   cosines and sines, see fused.c
 *   3 steps         in   float2 [ROWS]                      cosine and sine of -2 pi j / ROWS
 *   4 item_groups   in   uint [items + 1]     the groups of each work-item
 *   5 group_frames  in   uint [groups + 1]    the frames of each group, of this launch
 *   6 first         in   sample of the buffer at which frame 0 begins; may be negative: outside [0, held) samples are 0
 *   7 held          in   samples in the buffer, per channel
 *   8 hop           in   samples from one frame to the next
 *   9 channels      in   interleaved
 *   10 channel      in   the one to load
 *   11 middle       in   number of silence
 *   12 in_gap       in/out uchar [frames]  not 0: left out; of floats 0 becomes 2 where power is not finite, which is left out too; NULL: none is
 *   13 power        out  float [frames][bins], or NULL
 *   14 groups       out  float [3][groups][bins]  sum, largest, least, or NULL
 *   15 group_count  in */
#define ROWS (LENGTH / 16)
#if ONE_SIDED
#define BINS (LENGTH / 2 + 1)
#else
#define BINS LENGTH
#endif
#if ROWS < 16
#define TOGETHER (16 / ROWS)
#define COLUMNS ROWS
#else
#define TOGETHER 1
#define COLUMNS 16
#endif
/* Samples that are converted in one go: several frames overlap, and each of theirs is converted once. */
#define HELD_SAMPLES (LENGTH < 8192 ? 16384 : 2 * LENGTH)

/* The passes of the vertical transform: ROWS = PASS_1 * PASS_2 * PASS_3. */
#if ROWS == 1
#define PASS_1 1
#elif ROWS == 2
#define PASS_1 2
#elif ROWS == 4
#define PASS_1 4
#elif ROWS == 8
#define PASS_1 8
#elif ROWS == 16
#define PASS_1 16
#elif ROWS == 32
#define PASS_1 8
#define PASS_2 4
#elif ROWS == 64
#define PASS_1 8
#define PASS_2 8
#elif ROWS == 128
#define PASS_1 16
#define PASS_2 8
#elif ROWS == 256
#define PASS_1 16
#define PASS_2 16
#elif ROWS == 512
#define PASS_1 8
#define PASS_2 8
#define PASS_3 8
#else
#define PASS_1 8
#define PASS_2 8
#define PASS_3 16
#endif

/* Rows and lanes change places, by four exchanges of ever smaller squares. Row j is x[PLACE_16(j)]. */
#define EXCHANGE(x, a, b, low, high)                                                                                               \
    {                                                                                                                              \
        const lanes p = x[PLACE_16(a)], q = x[PLACE_16(b)];                                                                        \
        x[PLACE_16(a)] = low;                                                                                                      \
        x[PLACE_16(b)] = high;                                                                                                     \
    }
INLINE void transpose(lanes *x)
{
#pragma unroll
    for (int j = 0; j < 8; j++)
        EXCHANGE(x, j, j + 8, (lanes)(p.lo, q.lo), (lanes)(p.hi, q.hi))
#pragma unroll
    for (int h = 0; h < 16; h += 8)
#pragma unroll
        for (int j = h; j < h + 4; j++)
            EXCHANGE(x, j, j + 4, (lanes)(p.s0123, q.s0123, p.s89ab, q.s89ab), (lanes)(p.s4567, q.s4567, p.scdef, q.scdef))
#pragma unroll
    for (int h = 0; h < 16; h += 4)
#pragma unroll
        for (int j = h; j < h + 2; j++)
            EXCHANGE(x, j, j + 2, (lanes)(p.s01, q.s01, p.s45, q.s45, p.s89, q.s89, p.scd, q.scd),
                     (lanes)(p.s23, q.s23, p.s67, q.s67, p.sab, q.sab, p.sef, q.sef))
#pragma unroll
    for (int j = 0; j < 16; j += 2)
        EXCHANGE(x, j, j + 1,
                 (lanes)(p.s0, q.s0, p.s2, q.s2, p.s4, q.s4, p.s6, q.s6, p.s8, q.s8, p.sa, q.sa, p.sc, q.sc, p.se, q.se),
                 (lanes)(p.s1, q.s1, p.s3, q.s3, p.s5, q.s5, p.s7, q.s7, p.s9, q.s9, p.sb, q.sb, p.sd, q.sd, p.sf, q.sf))
}

struct place {
    int held;
    uint channels, channel;
    float middle;
};

/* Converts samples first … first + count - 1 of the buffer; those outside it are 0. */
INLINE void convert(__global const void *samples, const struct place *place, long first, int count, float *r, float *i)
{
    const int begin = (int)clamp(-first, 0L, (long)count), end = (int)clamp(place->held - first, (long)begin, (long)count);
    for (int k = 0; k < begin; k++)
        r[k] = i[k] = 0.0f;
    for (int k = end; k < count; k++)
        r[k] = i[k] = 0.0f;
    load_samples(samples, (ulong)(first + begin), end - begin, place->channels, place->channel, place->middle, r + begin, i + begin);
}

/* COLUMNS numbers of each of TOGETHER frames that are `hop` apart. */
INLINE lanes load_lanes(const float *x, int hop)
{
#if TOGETHER == 1
    return vload16(0, x);
#else
    float loaded[16];
#pragma unroll
    for (int f = 0; f < TOGETHER; f++)
#pragma unroll
        for (int k = 0; k < COLUMNS; k++)
            loaded[f * COLUMNS + k] = x[f * hop + k];
    return vload16(0, loaded);
#endif
}

/* The horizontal pass: columns 16 b … 16 b + 15. */
INLINE void transform_columns(const float *in_r, const float *in_i, int hop, __global const float *window,
                              __global const float *turns, lanes *out_r, lanes *out_i, int b)
{
    lanes r[16], i[16];
#pragma unroll
    for (int n = 0; n < 16; n++) {
        const int at = ROWS * n + 16 * b;
#if TOGETHER == 1
        const lanes w = vload16(0, window + at);
#else
        float windows[16];
#pragma unroll
        for (int k = 0; k < 16; k++)
            windows[k] = window[at + k % COLUMNS];
        const lanes w = vload16(0, windows);
#endif
        r[n] = load_lanes(in_r + at, hop) * w;
        i[n] = load_lanes(in_i + at, hop) * w;
    }
    transform_16(r, i);
#pragma unroll
    for (int k = 1; k < 16; k++) {
        __global const float *t = turns + (16 * b + k) * 32;
        turn(r + PLACE_16(k), i + PLACE_16(k), vload16(0, t), vload16(1, t));
    }
    transpose(r);
    transpose(i);
#pragma unroll
    for (int j = 0; j < 16; j++) {
        out_r[16 * b + j] = r[PLACE_16(j)];
        out_i[16 * b + j] = i[PLACE_16(j)];
    }
}

/* Where bins 16 k … 16 k + 15 of the transform stand in a row of power. */
INLINE void store_power(float *row, int k, lanes r, lanes i)
{
    const lanes power = r * r + i * i;
#if ONE_SIDED
    if (2 * k < ROWS)
        vstore16(power, k, row);
    else if (2 * k == ROWS || ROWS == 1)
        row[LENGTH / 2] = ROWS == 1 ? power.s8 : power.s0;
#if ROWS == 1
    vstore8(power.lo, 0, row);
#endif
#elif ROWS == 1
    vstore16((lanes)(power.hi, power.lo), 0, row);
#else
    vstore16(power, (k + ROWS / 2) % ROWS, row);
#endif
}

/* One pass on `count` vectors that belong together: transforms of PASS_n of them, `count / PASS_n` apart, and the turns that follow. */
#define PASS(n, r, i, count)                                                                                                \
    for (int b = 0; b < (count) / PASS_##n; b++) {                                                                                 \
        lanes part_r[PASS_##n], part_i[PASS_##n];                                                                                  \
        _Pragma("unroll") for (int a = 0; a < PASS_##n; a++)                                                                       \
        {                                                                                                                          \
            part_r[a] = (r)[(count) / PASS_##n * a + b];                                                                           \
            part_i[a] = (i)[(count) / PASS_##n * a + b];                                                                           \
        }                                                                                                                          \
        TRANSFORM(PASS_##n)(part_r, part_i);                                                                                       \
        (r)[b] = part_r[0];                                                                                                        \
        (i)[b] = part_i[0];                                                                                                        \
        _Pragma("unroll") for (int c = 1; c < PASS_##n; c++)                                                                       \
        {                                                                                                                          \
            const float2 step = steps[b * c * ((ROWS) / (count))];                                                                         \
            const lanes x = part_r[PLACE(PASS_##n)(c)], y = part_i[PLACE(PASS_##n)(c)];                                            \
            (r)[(count) / PASS_##n * c + b] = x * step.x - y * step.y;                                                             \
            (i)[(count) / PASS_##n * c + b] = x * step.y + y * step.x;                                                             \
        }                                                                                                                          \
    }

/* The last pass: result d is bins 16 (first + apart * d) and on. */
#define LAST_PASS(n, r, i, row, first, apart)                                                                                      \
    {                                                                                                                              \
        lanes part_r[PASS_##n], part_i[PASS_##n];                                                                                  \
        _Pragma("unroll") for (int a = 0; a < PASS_##n; a++)                                                                       \
        {                                                                                                                          \
            part_r[a] = (r)[a];                                                                                                    \
            part_i[a] = (i)[a];                                                                                                    \
        }                                                                                                                          \
        TRANSFORM(PASS_##n)(part_r, part_i);                                                                                       \
        _Pragma("unroll") for (int d = 0; d < PASS_##n; d++)                                                                       \
            store_power((row), (first) + (apart)*d, part_r[PLACE(PASS_##n)(d)], part_i[PLACE(PASS_##n)(d)]);                       \
    }

INLINE void transform_rows(lanes *r, lanes *i, __global const float2 *steps, float *row)
{
#if !defined PASS_2
    LAST_PASS(1, r, i, row, 0, 1)
#elif !defined PASS_3
    PASS(1, r, i, ROWS)
    for (int c = 0; c < PASS_1; c++)
        LAST_PASS(2, r + PASS_2 * c, i + PASS_2 * c, row, c, PASS_1)
#else
    PASS(1, r, i, ROWS)
    for (int c = 0; c < PASS_1; c++) {
        lanes *block_r = r + ROWS / PASS_1 * c, *block_i = i + ROWS / PASS_1 * c;
        PASS(2, block_r, block_i, ROWS / PASS_1)
        for (int e = 0; e < PASS_2; e++)
            LAST_PASS(3, block_r + PASS_3 * e, block_i + PASS_3 * e, row, c + PASS_1 * e, PASS_1 * PASS_2)
    }
#endif
#if ONE_SIDED
    for (int k = 1; k < LENGTH / 2; k++)
        row[k] *= 2.0f;
#endif
}

/* As whole numbers the compiler can compare many at once. */
INLINE bool is_finite(const float *row)
{
    uint largest = 0;
    for (int k = 0; k < BINS; k++)
        largest = max(largest, as_uint(row[k]) & 0x7FFFFFFFu);
    return largest < 0x7F800000u;
}

INLINE void clear_group(__global float *sum, __global float *largest, __global float *least)
{
    for (int k = 0; k < BINS; k++) {
        sum[k] = largest[k] = 0.0f;
        least[k] = INFINITY;
    }
}

/* Adds a frame to its group, of which it may be the first. */
INLINE void add_to_group(const float *row, __global float *sum, __global float *largest, __global float *least, bool first)
{
    if (first)
        for (int k = 0; k < BINS; k++)
            sum[k] = largest[k] = least[k] = row[k];
    else
        for (int k = 0; k < BINS; k++) {
            const float p = row[k];
            sum[k] += p;
            largest[k] = fmax(largest[k], p);
            least[k] = fmin(least[k], p);
        }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
transform_frames(__global const void *samples, __global const float *window, __global const float *turns,
                 __global const float2 *steps, __global const uint *item_groups, __global const uint *group_frames, int first, int held,
                 int hop, uint channels, uint channel, float middle, __global uchar *in_gap, __global float *power,
                 __global float *groups, uint group_count)
{
    const struct place place = { held, channels, channel, middle };
    const ulong plane = (ulong)group_count * BINS;
    const uint end_group = item_groups[get_global_id(0) + 1], end_frame = group_frames[end_group];
    /* Frames that do not overlap are held without what lies between them. */
    const int stride = min(hop, LENGTH);
    const uint frames_held = max((HELD_SAMPLES - LENGTH) / stride + 1, TOGETHER);
    lanes r[ROWS < 16 ? 16 : ROWS], i[ROWS < 16 ? 16 : ROWS];
    float held_r[HELD_SAMPLES + TOGETHER * LENGTH], held_i[HELD_SAMPLES + TOGETHER * LENGTH], row[LENGTH + 16];
    uint group = item_groups[get_global_id(0)], frame = group_frames[group], held_frame = frame, held_end = frame;
    bool group_is_empty = true;
    while (frame < end_frame) {
        const uint together = min((uint)TOGETHER, end_frame - frame);
        if (frame + together > held_end) {
            held_frame = frame;
            held_end = min(end_frame, frame + frames_held);
            const int frames = (int)(held_end - frame), runs = stride == hop ? 1 : frames;
            const int run_samples = stride == hop ? (frames - 1) * hop + LENGTH : LENGTH;
            for (int run = 0; run < runs; run++)
                convert(samples, &place, first + (long)(frame + run) * hop, run_samples, held_r + run * LENGTH, held_i + run * LENGTH);
        }
        const int at = (int)(frame - held_frame) * stride;
        for (int b = 0; b < (ROWS < 16 ? 1 : ROWS / 16); b++)
            transform_columns(held_r + at, held_i + at, stride, window, turns, r, i, b);
        for (uint f = 0; f < together; f++, frame++) {
            __global float *sum = groups + (ulong)group * BINS;
            transform_rows(r + f * COLUMNS, i + f * COLUMNS, steps, row);
            if (power)
                for (int k = 0; k < BINS; k++)
                    power[(ulong)frame * BINS + k] = row[k];
#if NUMBER_FLOATS
            if (in_gap && in_gap[frame] == 0 && !is_finite(row))
                in_gap[frame] = 2;
#endif
            if (groups && !(in_gap && in_gap[frame])) {
                add_to_group(row, sum, sum + plane, sum + 2 * plane, group_is_empty);
                group_is_empty = false;
            }
            if (frame + 1 == group_frames[group + 1]) {
                if (groups && group_is_empty)
                    clear_group(sum, sum + plane, sum + 2 * plane);
                group++;
                group_is_empty = true;
            }
        }
    }
}
