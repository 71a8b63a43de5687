/* butterflies - transforms of 2 to 16 numbers, each held in `lanes`. No kernel of its own: this text stands in front of kernels that
 * transform (svi_variant, in_front).
 *
 * Defined by the host in front of this text:
 *   LANES   numbers that are transformed side by side: 1 or 16
 *
 *   TRANSFORM(n)(r, i)   in place, of n values; real and imaginary parts apart. Result k stands in PLACE(n)(k). */
#if LANES == 1
typedef float lanes;
#else
typedef float16 lanes;
#endif

#define INLINE __attribute__((always_inline))

/* Butterflies on numbers a, b, c, d of an array: results in place, in their natural order. */
INLINE void turn(lanes *r, lanes *i, lanes cosine, lanes sine)
{
    lanes kept = *r;
    *r = kept * cosine - *i * sine;
    *i = kept * sine + *i * cosine;
}

INLINE void butterfly_4(lanes *r, lanes *i, int a, int b, int c, int d)
{
    lanes sum_r = r[a] + r[c], sum_i = i[a] + i[c], less_r = r[a] - r[c], less_i = i[a] - i[c];
    lanes other_r = r[b] + r[d], other_i = i[b] + i[d], across_r = r[b] - r[d], across_i = i[b] - i[d];
    r[a] = sum_r + other_r;
    i[a] = sum_i + other_i;
    r[b] = less_r + across_i;
    i[b] = less_i - across_r;
    r[c] = sum_r - other_r;
    i[c] = sum_i - other_i;
    r[d] = less_r - across_i;
    i[d] = less_i + across_r;
}

/* Transforms of a fixed length. Result k stands in PLACE_n(k). */
#define PLACE_1(k) (k)
#define PLACE_2(k) (k)
#define PLACE_4(k) (k)
#define PLACE_8(k) ((k) < 4 ? 2 * (k) : 2 * (k) - 7)
#define PLACE_16(k) ((((k) & 3) << 2) | ((k) >> 2))

INLINE void transform_1(lanes *r, lanes *i)
{
}

INLINE void transform_2(lanes *r, lanes *i)
{
    lanes kept_r = r[1], kept_i = i[1];
    r[1] = r[0] - kept_r;
    i[1] = i[0] - kept_i;
    r[0] += kept_r;
    i[0] += kept_i;
}

INLINE void transform_4(lanes *r, lanes *i)
{
    butterfly_4(r, i, 0, 1, 2, 3);
}

INLINE void transform_8(lanes *r, lanes *i)
{
    const float half_root = 0.70710678118654752f;
    butterfly_4(r, i, 0, 2, 4, 6);
    butterfly_4(r, i, 1, 3, 5, 7);
    lanes a = r[3], b = i[3];
    r[3] = (a + b) * half_root;
    i[3] = (b - a) * half_root;
    a = r[5];
    r[5] = i[5];
    i[5] = -a;
    a = r[7];
    b = i[7];
    r[7] = (b - a) * half_root;
    i[7] = (a + b) * -half_root;
    transform_2(r + 0, i + 0);
    transform_2(r + 2, i + 2);
    transform_2(r + 4, i + 4);
    transform_2(r + 6, i + 6);
}

INLINE void transform_16(lanes *r, lanes *i)
{
    const float c1 = 0.92387953251128674f, c2 = 0.70710678118654752f, c3 = 0.38268343236508977f;
    butterfly_4(r, i, 0, 4, 8, 12);
    butterfly_4(r, i, 1, 5, 9, 13);
    butterfly_4(r, i, 2, 6, 10, 14);
    butterfly_4(r, i, 3, 7, 11, 15);
    turn(r + 5, i + 5, c1, -c3);
    turn(r + 9, i + 9, c2, -c2);
    turn(r + 13, i + 13, c3, -c1);
    turn(r + 6, i + 6, c2, -c2);
    lanes a = r[10];
    r[10] = i[10];
    i[10] = -a;
    turn(r + 14, i + 14, -c2, -c2);
    turn(r + 7, i + 7, c3, -c1);
    turn(r + 11, i + 11, -c2, -c2);
    turn(r + 15, i + 15, -c1, c3);
    butterfly_4(r, i, 0, 1, 2, 3);
    butterfly_4(r, i, 4, 5, 6, 7);
    butterfly_4(r, i, 8, 9, 10, 11);
    butterfly_4(r, i, 12, 13, 14, 15);
}

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TRANSFORM(length) PASTE(transform_, length)
#define PLACE(length) PASTE(PLACE_, length)
