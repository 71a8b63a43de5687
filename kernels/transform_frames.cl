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
 * Sums of a group are looked at once, at its end; where one is not finite, the group is transformed again, frame by frame.
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
 *   12 in_gap       in/out uchar [frames]  not 0: left out; of floats 0 becomes 2 where power is not finite, which is left out too; NULL of
 *                       integers: none is
 *   13 power        out  float [frames][bins], or NULL
 *   14 groups       out  float [3][groups][bins]  sum, largest, least, or NULL
 *   15 group_count  in
 *   16 lost         out  uint [1]  becomes 1 where a 2 was put into in_gap; may be NULL where in_gap is */
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
#define PASS_1 8
#define PASS_2 16
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

/* Exchanges between two rows, of ever smaller squares: after all four, 16 rows and 16 lanes have changed places. Drivers of CPUs are built on
 * clang, whose built-in function becomes one instruction, where a literal of parts becomes many. */
#define EXCHANGE(x, a, b, low, high)                                                                                               \
    {                                                                                                                              \
        const lanes p = (x)[a], q = (x)[b];                                                                                        \
        (x)[a] = low;                                                                                                              \
        (x)[b] = high;                                                                                                             \
    }
#define EXCHANGE_8(x, a, b)                                                                                                        \
    EXCHANGE(x, a, b, __builtin_shufflevector(p, q, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),                       \
             __builtin_shufflevector(p, q, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define EXCHANGE_4(x, a, b)                                                                                                        \
    EXCHANGE(x, a, b, __builtin_shufflevector(p, q, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),                     \
             __builtin_shufflevector(p, q, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
#define EXCHANGE_2(x, a, b)                                                                                                        \
    EXCHANGE(x, a, b, __builtin_shufflevector(p, q, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),                     \
             __builtin_shufflevector(p, q, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
#define EXCHANGE_1(x, a, b)                                                                                                        \
    EXCHANGE(x, a, b, __builtin_shufflevector(p, q, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),                    \
             __builtin_shufflevector(p, q, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))

/* Of rows k, k + 4, k + 8, k + 12, the exchanges with the far ones. */
INLINE void transpose_far(lanes *x)
{
    EXCHANGE_8(x, 0, 2)
    EXCHANGE_8(x, 1, 3)
    EXCHANGE_4(x, 0, 1)
    EXCHANGE_4(x, 2, 3)
}

/* Of rows 4 k … 4 k + 3, the exchanges with the near ones. */
INLINE void transpose_near(lanes *x)
{
    EXCHANGE_2(x, 0, 2)
    EXCHANGE_2(x, 1, 3)
    EXCHANGE_1(x, 0, 1)
    EXCHANGE_1(x, 2, 3)
}

/* ---- samples ---- */

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

/* Where the samples of TOGETHER frames are: converted, or, where that is as fast, still as stored. */
struct frames {
    const float *r, *i;
    int hop; /* from one frame to the next */
    __global const void *stored; /* NULL: converted */
    ulong first;
    float middle;
};

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

INLINE lanes load_window(__global const float *window)
{
#if TOGETHER == 1
    return vload16(0, window);
#else
    float windows[16];
#pragma unroll
    for (int k = 0; k < 16; k++)
        windows[k] = window[k % COLUMNS];
    return vload16(0, windows);
#endif
}

/* Rows a, a + 4, a + 8, a + 12 of columns 16 b … 16 b + 15. */
INLINE void load_rows(const struct frames *frames, __global const float *window, int a, int b, lanes *r, lanes *i)
{
#if NUMBER_PAIRS && TOGETHER == 1
    if (frames->stored) {
#pragma unroll
        for (int n = 0; n < 4; n++)
            load_pairs(frames->stored, frames->first + ROWS * (a + 4 * n) + 16 * b, frames->middle, r + n, i + n);
    } else
#endif
    {
#pragma unroll
        for (int n = 0; n < 4; n++) {
            r[n] = load_lanes(frames->r + ROWS * (a + 4 * n) + 16 * b, frames->hop);
            i[n] = load_lanes(frames->i + ROWS * (a + 4 * n) + 16 * b, frames->hop);
        }
    }
#pragma unroll
    for (int n = 0; n < 4; n++) {
        const lanes w = load_window(window + ROWS * (a + 4 * n) + 16 * b);
        r[n] *= w;
        i[n] *= w;
    }
}

/* ---- transforms of 16 vectors ---- */

/* In steps of four vectors, which fit into registers; all 16 of them do not. For the same reason the loops around these steps are not unrolled:
 * the compiler would make one of the steps again. */

#define COSINE_1 0.92387953251128674f
#define COSINE_2 0.70710678118654752f
#define COSINE_3 0.38268343236508977f

/* Cosine and sine of -2 pi a k / 16, for a and k from 0 to 3. */
__constant float quarter_turns[4][4][2] = {
    { { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 } },
    { { 1, 0 }, { COSINE_1, -COSINE_3 }, { COSINE_2, -COSINE_2 }, { COSINE_3, -COSINE_1 } },
    { { 1, 0 }, { COSINE_2, -COSINE_2 }, { 0, -1 }, { -COSINE_2, -COSINE_2 } },
    { { 1, 0 }, { COSINE_3, -COSINE_1 }, { -COSINE_2, -COSINE_2 }, { -COSINE_1, COSINE_3 } },
};

/* Takes values a, a + 4, a + 8, a + 12; a is 0, 1, 2, 3. */
INLINE void take_quarter(lanes *r, lanes *i, int a, lanes *part_r, lanes *part_i)
{
    butterfly_4(r, i, 0, 1, 2, 3);
#pragma unroll
    for (int k = 0; k < 4; k++) {
        if (k > 0)
            turn(r + k, i + k, quarter_turns[a][k][0], quarter_turns[a][k][1]);
        part_r[4 * a + k] = r[k];
        part_i[4 * a + k] = i[k];
    }
}

/* Gives results k, k + 4, k + 8, k + 12, after all quarters were taken. */
INLINE void give_quarter(const lanes *part_r, const lanes *part_i, int k, lanes *r, lanes *i)
{
#pragma unroll
    for (int a = 0; a < 4; a++) {
        r[a] = part_r[4 * a + k];
        i[a] = part_i[4 * a + k];
    }
    butterfly_4(r, i, 0, 1, 2, 3);
}

/* ---- the horizontal pass ---- */

/* Columns 16 b … 16 b + 15: transformed, turned and transposed. */
INLINE void transform_columns(const struct frames *frames, __global const float *window, __global const float *turns, lanes *out_r,
                              lanes *out_i, int b)
{
    lanes part_r[16], part_i[16];
#pragma unroll 1
    for (int a = 0; a < 4; a++) {
        lanes r[4], i[4];
        load_rows(frames, window, a, b, r, i);
        take_quarter(r, i, a, part_r, part_i);
    }
#pragma unroll 1
    for (int k = 0; k < 4; k++) {
        lanes r[4], i[4];
        give_quarter(part_r, part_i, k, r, i);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            __global const float *t = turns + (16 * b + k + 4 * j) * 32;
            turn(r + j, i + j, vload16(0, t), vload16(1, t));
        }
        transpose_far(r);
        transpose_far(i);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            part_r[4 * j + k] = r[j];
            part_i[4 * j + k] = i[j];
        }
    }
#pragma unroll 1
    for (int j = 0; j < 16; j += 4) {
        lanes r[4], i[4];
#pragma unroll
        for (int k = 0; k < 4; k++) {
            r[k] = part_r[j + k];
            i[k] = part_i[j + k];
        }
        transpose_near(r);
        transpose_near(i);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            out_r[16 * b + j + k] = r[k];
            out_i[16 * b + j + k] = i[k];
        }
    }
}

/* ---- what becomes of power ---- */

/* Vector k of the transform in an array that is written in large steps: without a gap now and then, all that is written in turn would have to
 * share few places of the near cache. */
#define PLACE_OF(k) ((k) + (k) / 64)
#define PLACES (PLACE_OF(ROWS - 1) + 1)

/* What frames add up to, bin 16 k + j in lane j of vector k. */
struct sums {
    lanes sum[PLACES], largest[PLACES], least[PLACES];
};

INLINE void clear_sums(struct sums *sums)
{
    for (int at = 0; at < PLACES; at++) {
        sums->sum[at] = sums->largest[at] = 0.0f;
        sums->least[at] = INFINITY;
    }
}

INLINE void add_sums(struct sums *to, const struct sums *from)
{
    for (int at = 0; at < PLACES; at++) {
        to->sum[at] += from->sum[at];
        to->largest[at] = fmax(to->largest[at], from->largest[at]);
        to->least[at] = fmin(to->least[at], from->least[at]);
    }
}

/* A sum is finite where all that was added is, powers not being negative. As whole numbers the compiler can compare many at once. */
INLINE bool are_finite(const struct sums *sums)
{
    uint16 largest = 0;
    for (int k = 0; k < ROWS; k++)
        largest = max(largest, as_uint16(sums->sum[PLACE_OF(k)]) & 0x7FFFFFFFu);
    return !any(largest >= 0x7F800000u);
}

/* Vector k in a row of bins. */
INLINE void store_row(__global float *row, int k, lanes x)
{
#if ONE_SIDED && ROWS == 1
    vstore8(2.0f * x.lo, 0, row);
    row[0] = x.s0;
    row[LENGTH / 2] = x.s8;
#elif ONE_SIDED
    if (2 * k < ROWS)
        vstore16(2.0f * x, k, row);
    else if (2 * k == ROWS)
        row[LENGTH / 2] = x.s0;
    if (k == 0)
        row[0] = x.s0;
#elif ROWS == 1
    vstore16((lanes)(x.hi, x.lo), 0, row);
#else
    vstore16(x, (k + ROWS / 2) % ROWS, row);
#endif
}

INLINE void store_sums(const struct sums *sums, __global float *groups, ulong plane)
{
    for (int k = 0; k < ROWS; k++) {
        store_row(groups, k, sums->sum[PLACE_OF(k)]);
        store_row(groups + plane, k, sums->largest[PLACE_OF(k)]);
        store_row(groups + 2 * plane, k, sums->least[PLACE_OF(k)]);
    }
}

/* Where power goes: to sums, to a row of its own, or both. */
struct target {
    struct sums *sums;   /* or NULL */
    __global float *row; /* or NULL */
};

INLINE void keep_power(const struct target *target, int k, lanes r, lanes i)
{
    const lanes power = r * r + i * i;
    if (target->sums) {
        const int at = PLACE_OF(k);
        const lanes largest = target->sums->largest[at], least = target->sums->least[at];
        target->sums->sum[at] += power;
        target->sums->largest[at] = power > largest ? power : largest;
        target->sums->least[at] = power < least ? power : least;
    }
    if (target->row)
        store_row(target->row, k, power);
}

/* ---- the vertical passes ---- */

/* The 16 vectors `apart` from each other, up to where their results are given. */
INLINE void take_16(const lanes *r, const lanes *i, int apart, lanes *part_r, lanes *part_i)
{
#pragma unroll 1
    for (int a = 0; a < 4; a++) {
        lanes four_r[4], four_i[4];
#pragma unroll
        for (int n = 0; n < 4; n++) {
            four_r[n] = r[apart * (a + 4 * n)];
            four_i[n] = i[apart * (a + 4 * n)];
        }
        take_quarter(four_r, four_i, a, part_r, part_i);
    }
}

/* As PASS and LAST_PASS, of 16. */
INLINE void pass_16(lanes *r, lanes *i, int count, __global const float2 *steps)
{
    for (int b = 0; b < count / 16; b++) {
        lanes part_r[16], part_i[16];
        take_16(r + b, i + b, count / 16, part_r, part_i);
#pragma unroll 1
        for (int k = 0; k < 4; k++) {
            lanes four_r[4], four_i[4];
            give_quarter(part_r, part_i, k, four_r, four_i);
#pragma unroll
            for (int j = 0; j < 4; j++) {
                const float2 step = steps[b * (k + 4 * j) * (ROWS / count)];
                r[count / 16 * (k + 4 * j) + b] = four_r[j] * step.x - four_i[j] * step.y;
                i[count / 16 * (k + 4 * j) + b] = four_r[j] * step.y + four_i[j] * step.x;
            }
        }
    }
}

INLINE void last_pass_16(const lanes *r, const lanes *i, const struct target *target, int first, int apart)
{
    lanes part_r[16], part_i[16];
    take_16(r, i, 1, part_r, part_i);
#pragma unroll 1
    for (int k = 0; k < 4; k++) {
        lanes four_r[4], four_i[4];
        give_quarter(part_r, part_i, k, four_r, four_i);
#pragma unroll
        for (int j = 0; j < 4; j++)
            keep_power(target, first + apart * (k + 4 * j), four_r[j], four_i[j]);
    }
}

/* On `count` vectors that belong together: transforms of PASS_n of them, `count / PASS_n` apart, and the turns that follow. */
#define PASS(n, r, i, count)                                                                                                       \
    if (PASS_##n == 16)                                                                                                            \
        pass_16(r, i, count, steps);                                                                                               \
    else                                                                                                                           \
        for (int b = 0; b < (count) / PASS_##n; b++) {                                                                               \
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
            const float2 step = steps[b * c * ((ROWS) / (count))];                                                                 \
            const lanes x = part_r[PLACE(PASS_##n)(c)], y = part_i[PLACE(PASS_##n)(c)];                                            \
            (r)[(count) / PASS_##n * c + b] = x * step.x - y * step.y;                                                             \
            (i)[(count) / PASS_##n * c + b] = x * step.y + y * step.x;                                                             \
        }                                                                                                                          \
    }

/* The last pass: result d is bins 16 (first + apart * d) and on. */
#define LAST_PASS(n, r, i, first, apart)                                                                                           \
    if (PASS_##n == 16) {                                                                                                          \
        last_pass_16(r, i, target, first, apart);                                                                                  \
    } else {                                                                                                                       \
        lanes part_r[PASS_##n], part_i[PASS_##n];                                                                                  \
        _Pragma("unroll") for (int a = 0; a < PASS_##n; a++)                                                                       \
        {                                                                                                                          \
            part_r[a] = (r)[a];                                                                                                    \
            part_i[a] = (i)[a];                                                                                                    \
        }                                                                                                                          \
        TRANSFORM(PASS_##n)(part_r, part_i);                                                                                       \
        _Pragma("unroll") for (int d = 0; d < PASS_##n; d++)                                                                       \
            keep_power(target, (first) + (apart)*d, part_r[PLACE(PASS_##n)(d)], part_i[PLACE(PASS_##n)(d)]);                       \
    }

INLINE void transform_rows(lanes *r, lanes *i, __global const float2 *steps, const struct target *target)
{
#if !defined PASS_2
    LAST_PASS(1, r, i, 0, 1)
#elif !defined PASS_3
    PASS(1, r, i, ROWS)
    for (int c = 0; c < PASS_1; c++)
        LAST_PASS(2, r + PASS_2 * c, i + PASS_2 * c, c, PASS_1)
#else
    PASS(1, r, i, ROWS)
    for (int c = 0; c < PASS_1; c++) {
        lanes *block_r = r + ROWS / PASS_1 * c, *block_i = i + ROWS / PASS_1 * c;
        PASS(2, block_r, block_i, ROWS / PASS_1)
        for (int e = 0; e < PASS_2; e++)
            LAST_PASS(3, block_r + PASS_3 * e, block_i + PASS_3 * e, c + PASS_1 * e, PASS_1 * PASS_2)
    }
#endif
}

INLINE bool is_finite(__global const float *row)
{
    uint largest = 0;
    for (int k = 0; k < BINS; k++)
        largest = max(largest, as_uint(row[k]) & 0x7FFFFFFFu);
    return largest < 0x7F800000u;
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
transform_frames(__global const void *samples, __global const float *window, __global const float *turns,
                 __global const float2 *steps, __global const uint *item_groups, __global const uint *group_frames, int first, int held,
                 int hop, uint channels, uint channel, float middle, __global uchar *in_gap, __global float *power,
                 __global float *groups, uint group_count, __global uint *lost)
{
    const struct place place = { held, channels, channel, middle };
    const uint end_frame = group_frames[item_groups[get_global_id(0) + 1]];
    /* Frames that do not overlap are held without what lies between them. */
    const int stride = min(hop, LENGTH);
    const uint frames_held = max((HELD_SAMPLES - LENGTH) / stride + 1, TOGETHER);
    lanes r[ROWS < 16 ? 16 : ROWS], i[ROWS < 16 ? 16 : ROWS];
    float held_r[HELD_SAMPLES + TOGETHER * LENGTH], held_i[HELD_SAMPLES + TOGETHER * LENGTH];
    struct sums sums, alone;
    uint group = item_groups[get_global_id(0)], frame = group_frames[group], held_frame = frame, held_end = frame;
    bool group_begins = true, careful = false;
    while (frame < end_frame) {
        const uint together = min((uint)TOGETHER, end_frame - frame);
        const long begin = first + (long)frame * hop;
        const bool direct = NUMBER_PAIRS && TOGETHER == 1 && channels == 1 && begin >= 0 && begin + LENGTH <= held;
        if (!direct && (frame < held_frame || frame + together > held_end)) {
            held_frame = frame;
            held_end = min(end_frame, frame + frames_held);
            const int frames = (int)(held_end - frame), runs = stride == hop ? 1 : frames;
            const int run_samples = stride == hop ? (frames - 1) * hop + LENGTH : LENGTH;
            for (int run = 0; run < runs; run++)
                convert(samples, &place, first + (long)(frame + run) * hop, run_samples, held_r + run * LENGTH, held_i + run * LENGTH);
        }
        const int at = direct ? 0 : (int)(frame - held_frame) * stride;
        const struct frames frames = { held_r + at, held_i + at, stride, direct ? samples : NULL, (ulong)begin, middle };
        for (int b = 0; b < (ROWS < 16 ? 1 : ROWS / 16); b++)
            transform_columns(&frames, window, turns, r, i, b);
        for (uint f = 0; f < together; f++, frame++) {
            if (group_begins && groups)
                clear_sums(&sums);
            group_begins = false;
            const bool counts = groups && !(in_gap && in_gap[frame]);
            const struct target target = { counts ? careful ? &alone : &sums : NULL,
                                           power ? power + (ulong)frame * BINS : NULL };
            if (counts && careful)
                clear_sums(&alone);
            transform_rows(r + f * COLUMNS, i + f * COLUMNS, steps, &target);
#if NUMBER_FLOATS
            if (in_gap && in_gap[frame] == 0 && (counts ? careful && !are_finite(&alone) : !is_finite(target.row))) {
                in_gap[frame] = 2;
                lost[0] = 1;
            } else if (counts && careful) {
                add_sums(&sums, &alone);
            }
#endif
            if (frame + 1 < group_frames[group + 1])
                continue;
#if NUMBER_FLOATS
            /* Frame by frame only where there is something to be found. */
            if (groups && in_gap && !careful && !are_finite(&sums)) {
                careful = group_begins = true;
                frame = group_frames[group];
                break;
            }
#endif
            if (groups)
                store_sums(&sums, groups + (ulong)group * BINS, (ulong)group_count * BINS);
            group++;
            group_begins = true;
            careful = false;
        }
    }
}
