/* transform_frames_group - short-time Fourier transform for GPUs: the same as transform_frames, by work-groups whose items share a frame.
 *
 * In front of this text stand load_number.cl, butterflies.cl with LANES 1, and, defined by the host:
 *   LENGTH      samples of a frame, a power of two from 16 to 16384
 *   ONE_SIDED   1: bins 0 … LENGTH / 2 alone, those with a mirror image doubled; 0: all, lowest frequency first
 *   ITEMS       work-items of a frame: LENGTH / ITEMS values each, which is the largest radix below
 *   TOGETHER    frames that a work-group transforms side by side
 *   PLANES      2: real and imaginary parts go through local memory together; 1: in turn, through half as much of it
 *
 * A work-item keeps its values in registers: value s of item t is number ITEMS s + t of the frame. A pass transforms values of one item
 * alone; between two passes all go through local memory to their next owners. The order is Stockham's: behind the last pass value s is
 * bin ITEMS s + t. So the sums of a group stay in registers, too, while its frames go by, and are written once.
 *
 *   launch          global { work-groups * ITEMS * TOGETHER, 1 }, local { ITEMS * TOGETHER, 1 }; groups are shared out TOGETHER at a time
 *   0 samples       in   as stored, [sample][channel][part]
 *   1 window        in   float [LENGTH], times the scale of a number
 *   2 steps         in   float2 [LENGTH]                    cosine and sine of -2 pi j / LENGTH
 *   3 group_frames  in   uint [groups + 1]    the frames of each group, of this launch
 *   4 first         in   sample of the buffer at which frame 0 begins; may be negative: outside [0, held) samples are 0
 *   5 held          in   samples in the buffer, per channel
 *   6 hop           in   samples from one frame to the next
 *   7 channels      in   interleaved
 *   8 channel       in   the one to load
 *   9 middle        in   number of silence
 *   10 in_gap       in/out uchar [frames]  not 0: left out; of floats 0 becomes 2 where power is not finite, which is left out too; NULL: none is
 *   11 power        out  float [frames][bins], or NULL
 *   12 groups       out  float [3][groups][bins]  sum, largest, least, or NULL
 *   13 group_count  in
 *   14 lost         out  uint [1]  becomes 1 where a 2 was put into in_gap; may be NULL where in_gap is */
#define VALUES (LENGTH / ITEMS)
#if ONE_SIDED
#define BINS (LENGTH / 2 + 1)
#else
#define BINS LENGTH
#endif

/* Numbers 8 or 16 apart would meet in one bank of local memory. */
#define ROOM_PLACE(at) ((at) + (at) / 32)
#define ROOM (LENGTH + LENGTH / 32)

/* The passes: LENGTH = RADIX_1 * RADIX_2 * RADIX_3 * RADIX_4; DONE_n is the length of the transforms behind n of them. */
#if LENGTH == 16
#define RADIX_1 4
#define RADIX_2 4
#elif LENGTH == 32
#define RADIX_1 8
#define RADIX_2 4
#elif LENGTH == 64
#define RADIX_1 8
#define RADIX_2 8
#elif LENGTH == 128
#define RADIX_1 16
#define RADIX_2 8
#elif LENGTH == 256
#define RADIX_1 16
#define RADIX_2 16
#elif LENGTH == 512
#define RADIX_1 8
#define RADIX_2 8
#define RADIX_3 8
#elif LENGTH == 1024
#define RADIX_1 16
#define RADIX_2 8
#define RADIX_3 8
#elif LENGTH == 2048
#define RADIX_1 16
#define RADIX_2 16
#define RADIX_3 8
#elif LENGTH == 4096
#define RADIX_1 16
#define RADIX_2 16
#define RADIX_3 16
#elif LENGTH == 8192
#define RADIX_1 16
#define RADIX_2 8
#define RADIX_3 8
#define RADIX_4 8
#else
#define RADIX_1 16
#define RADIX_2 16
#define RADIX_3 8
#define RADIX_4 8
#endif
#define DONE_1 RADIX_1
#define DONE_2 (DONE_1 * RADIX_2)
#define DONE_3 (DONE_2 * RADIX_3)

/* The step as far as both together. */
INLINE float2 both_steps(float2 a, float2 b)
{
    return (float2)(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

/* Turns part k by the k-th power of a step, which is made of powers half as high: no rounding is handed on more than four times. Without
 * arrays and loops: not every compiler takes those apart, and then the parts are not in registers. */
INLINE void turn_parts(float *r, float *i, int radix, float2 step)
{
    const float2 step_2 = both_steps(step, step), step_3 = both_steps(step, step_2), step_4 = both_steps(step_2, step_2);
    const float2 step_5 = both_steps(step_2, step_3), step_6 = both_steps(step_3, step_3), step_7 = both_steps(step_3, step_4);
    const float2 step_8 = both_steps(step_4, step_4);
    turn(r + 1, i + 1, step.x, step.y);
    turn(r + 2, i + 2, step_2.x, step_2.y);
    turn(r + 3, i + 3, step_3.x, step_3.y);
    if (radix > 4) {
        turn(r + 4, i + 4, step_4.x, step_4.y);
        turn(r + 5, i + 5, step_5.x, step_5.y);
        turn(r + 6, i + 6, step_6.x, step_6.y);
        turn(r + 7, i + 7, step_7.x, step_7.y);
    }
    if (radix > 8) {
        const float2 step_9 = both_steps(step_4, step_5), step_10 = both_steps(step_5, step_5);
        const float2 step_11 = both_steps(step_5, step_6), step_12 = both_steps(step_6, step_6);
        const float2 step_13 = both_steps(step_6, step_7), step_14 = both_steps(step_7, step_7);
        const float2 step_15 = both_steps(step_7, step_8);
        turn(r + 8, i + 8, step_8.x, step_8.y);
        turn(r + 9, i + 9, step_9.x, step_9.y);
        turn(r + 10, i + 10, step_10.x, step_10.y);
        turn(r + 11, i + 11, step_11.x, step_11.y);
        turn(r + 12, i + 12, step_12.x, step_12.y);
        turn(r + 13, i + 13, step_13.x, step_13.y);
        turn(r + 14, i + 14, step_14.x, step_14.y);
        turn(r + 15, i + 15, step_15.x, step_15.y);
    }
}

/* Transforms of `radix` values of an item, VALUES / radix of them, in place. `done`: the length of those that earlier passes have made. */
#define PASS(radix, done)                                                                                                          \
    _Pragma("unroll") for (int b = 0; b < VALUES / (radix); b++)                                                                   \
    {                                                                                                                              \
        float part_r[radix], part_i[radix];                                                                                        \
        _Pragma("unroll") for (int a = 0; a < (radix); a++)                                                                        \
        {                                                                                                                          \
            part_r[a] = r[VALUES / (radix)*a + b];                                                                                 \
            part_i[a] = i[VALUES / (radix)*a + b];                                                                                 \
        }                                                                                                                          \
        if ((done) > 1)                                                                                                            \
            turn_parts(part_r, part_i, radix, steps[(ITEMS * b + item) % (done) * (LENGTH / ((done) * (radix)))]);                 \
        TRANSFORM(radix)(part_r, part_i);                                                                                          \
        _Pragma("unroll") for (int a = 0; a < (radix); a++)                                                                        \
        {                                                                                                                          \
            r[VALUES / (radix)*a + b] = part_r[PLACE(radix)(a)];                                                                   \
            i[VALUES / (radix)*a + b] = part_i[PLACE(radix)(a)];                                                                   \
        }                                                                                                                          \
    }

/* Result a of the transform that began with number `at` of the frame goes behind those before it that belong together. */
INLINE void put(__local float *room, const float *x, int item, int radix, int done)
{
    const int transforms = VALUES / radix;
#pragma unroll
    for (int s = 0; s < VALUES; s++) {
        const int at = ITEMS * (s % transforms) + item, a = s / transforms;
        room[ROOM_PLACE(at / done * done * radix + at % done + a * done)] = x[s];
    }
}

INLINE void get(const __local float *room, float *x, int item)
{
#pragma unroll
    for (int s = 0; s < VALUES; s++)
        x[s] = room[ROOM_PLACE(ITEMS * s + item)];
}

/* The way from a pass to the next. The first barrier waits for those who still read what was there before. */
INLINE void exchange(__local float *room, float *r, float *i, int item, int radix, int done)
{
    barrier(CLK_LOCAL_MEM_FENCE);
    put(room, r, item, radix, done);
#if PLANES == 2
    put(room + ROOM, i, item, radix, done);
    barrier(CLK_LOCAL_MEM_FENCE);
    get(room, r, item);
    get(room + ROOM, i, item);
#else
    barrier(CLK_LOCAL_MEM_FENCE);
    get(room, r, item);
    barrier(CLK_LOCAL_MEM_FENCE);
    put(room, i, item, radix, done);
    barrier(CLK_LOCAL_MEM_FENCE);
    get(room, i, item);
#endif
}

INLINE void transform_frame(__local float *room, __global const float2 *steps, float *r, float *i, int item)
{
    PASS(RADIX_1, 1)
    exchange(room, r, i, item, RADIX_1, 1);
    PASS(RADIX_2, DONE_1)
#if defined RADIX_3
    exchange(room, r, i, item, RADIX_2, DONE_1);
    PASS(RADIX_3, DONE_2)
#endif
#if defined RADIX_4
    exchange(room, r, i, item, RADIX_3, DONE_2);
    PASS(RADIX_4, DONE_3)
#endif
}

/* Where a bin of the transform stands in a row of power. */
INLINE int place_of(int bin)
{
#if ONE_SIDED
    return bin;
#else
    return bin ^ (LENGTH / 2);
#endif
}

INLINE float power_of(float r, float i, int bin)
{
    const float power = r * r + i * i;
    return ONE_SIDED && bin % (LENGTH / 2) != 0 ? 2.0f * power : power;
}

__kernel __attribute__((reqd_work_group_size(ITEMS * TOGETHER, 1, 1))) void
transform_frames_group(__global const void *samples, __global const float *window, __global const float2 *steps,
                       __global const uint *group_frames, int first, int held, int hop, uint channels, uint channel, float middle,
                       __global uchar *in_gap, __global float *power, __global float *groups, uint group_count,
                       __global uint *lost)
{
    __local float rooms[TOGETHER * PLANES * ROOM];
    const int item = (int)(get_local_id(0) % ITEMS), side = (int)(get_local_id(0) / ITEMS);
    __local float *room = rooms + side * PLANES * ROOM;
    const uint first_group = get_group_id(0) * TOGETHER, group = first_group + side;
    const bool has_group = group < group_count;
    const uint begin_frame = has_group ? group_frames[group] : 0, end_frame = has_group ? group_frames[group + 1] : 0;
    /* All items of a work-group meet at its barriers, whichever group they work for. */
    uint most_frames = 0;
    for (uint g = first_group; g < min(first_group + TOGETHER, group_count); g++)
        most_frames = max(most_frames, group_frames[g + 1] - group_frames[g]);
#if NUMBER_FLOATS
    __local uint left_out[2][TOGETHER];
    if (item == 0)
        left_out[0][side] = left_out[1][side] = 0;
#endif

    float sum[VALUES], largest[VALUES], least[VALUES];
#pragma unroll
    for (int s = 0; s < VALUES; s++) {
        sum[s] = largest[s] = 0.0f;
        least[s] = INFINITY;
    }
    for (uint turn = 0; turn < most_frames; turn++) {
        const uint frame = begin_frame + turn;
        const bool is_there = frame < end_frame;
        const int begin = first + (int)frame * hop;
#if NUMBER_FLOATS
        /* Marks that an item may change, that item alone reads: a barrier of local memory does not tell the others when. */
        const uchar mark = is_there && in_gap && item == 0 ? in_gap[frame] : 0;
#else
        const uchar mark = is_there && in_gap ? in_gap[frame] : 0;
#endif
        float r[VALUES], i[VALUES];
#pragma unroll
        for (int s = 0; s < VALUES; s++) {
            const int at = begin + ITEMS * s + item;
            r[s] = i[s] = 0.0f;
            if (is_there && at >= 0 && at < held) {
                const ulong number = ((ulong)at * channels + channel) * NUMBER_PARTS;
                const float w = window[ITEMS * s + item];
                r[s] = LOAD_NUMBER(samples, number, middle) * w;
#if NUMBER_PARTS == 2
                i[s] = LOAD_NUMBER(samples, number + 1, middle) * w;
#endif
            }
        }
        transform_frame(room, steps, r, i, item);
#pragma unroll
        for (int s = 0; s < VALUES; s++)
            r[s] = power_of(r[s], i[s], ITEMS * s + item);

        bool counts = is_there && mark == 0;
#if NUMBER_FLOATS
        /* Two flags in turn: while this one is read, the other, which all have read before the barriers above, is set back. */
        bool finite = true;
#pragma unroll
        for (int s = 0; s < VALUES; s++)
            finite = finite && (ITEMS * s + item >= BINS || isfinite(r[s]));
        if (item == 0)
            left_out[(turn + 1) % 2][side] = 0;
        if (!finite || mark)
            atomic_or(&left_out[turn % 2][side], 1u);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (is_there && in_gap && left_out[turn % 2][side]) {
            counts = false;
            if (item == 0 && !mark) {
                in_gap[frame] = 2;
                lost[0] = 1;
            }
        }
#endif
        if (is_there && power) {
#pragma unroll
            for (int s = 0; s < VALUES; s++)
                if (ITEMS * s + item < BINS)
                    power[(ulong)frame * BINS + place_of(ITEMS * s + item)] = r[s];
        }
        if (counts) {
#pragma unroll
            for (int s = 0; s < VALUES; s++) {
                sum[s] += r[s];
                largest[s] = fmax(largest[s], r[s]);
                least[s] = fmin(least[s], r[s]);
            }
        }
    }
    if (has_group && groups) {
        const ulong plane = (ulong)group_count * BINS;
#pragma unroll
        for (int s = 0; s < VALUES; s++)
            if (ITEMS * s + item < BINS) {
                __global float *at = groups + (ulong)group * BINS + place_of(ITEMS * s + item);
                at[0] = sum[s];
                at[plane] = largest[s];
                at[2 * plane] = least[s];
            }
    }
}
