/* load_frame - a sample of a frame, as clFFT asks for it: loaded as stored, converted, windowed. Not a kernel of its own: clFFT puts this
 * text into the first pass of its transform (pre-callback).
 *
 * Defined by the host in front of this text:
 *   FRAME_LENGTH       samples of a frame
 *   FRAME_PARTS        2 complex, 1 real (the imaginary part is then 0)
 *   FRAME_NUMBER       how a number is stored: F32 F64 I32 I16 U32 U16 I8 U8
 *   FRAME_BIG_ENDIAN   1: the bytes of a number are stored highest first
 *
 * Arguments, as clFFT gives them:
 *   input     in  the samples as stored, [sample][channel][part]
 *   offset    in  frame * FRAME_LENGTH + sample of the frame
 *   userdata  in  struct frame_layout, then float window[FRAME_LENGTH]
 * Samples outside [0, layout.samples) read as 0: a recording is padded, never reflected. */
struct frame_layout {
    int first;      /* sample of the buffer at which frame 0 begins; may be negative */
    int hop;        /* samples from one frame to the next */
    int samples;    /* samples in the buffer, per channel */
    uint channels;  /* interleaved */
    uint channel;   /* the one to load */
    float middle;   /* amplitude = (number - middle) * scale */
    float scale;
    uint frames;    /* frames that count; later ones read as 0 */
};

#define FRAME_PASTE(a, b) a##b
#define FRAME_LOAD_AS(number) FRAME_PASTE(frame_load_, number)
#define FRAME_LOAD FRAME_LOAD_AS(FRAME_NUMBER)

ushort frame_swap16(ushort x)
{
    return (ushort)((x << 8) | (x >> 8));
}

uint frame_swap32(uint x)
{
    return (x << 24) | ((x & 0xFF00u) << 8) | ((x >> 8) & 0xFF00u) | (x >> 24);
}

ulong frame_swap64(ulong x)
{
    return ((ulong)frame_swap32((uint)x) << 32) | frame_swap32((uint)(x >> 32));
}

#if FRAME_BIG_ENDIAN
#define FRAME_ORDER16 frame_swap16
#define FRAME_ORDER32 frame_swap32
#define FRAME_ORDER64 frame_swap64
#else
#define FRAME_ORDER16
#define FRAME_ORDER32
#define FRAME_ORDER64
#endif

float frame_load_I8(__global const void *at, ulong i, float middle)
{
    return (float)((__global const char *)at)[i] - middle;
}

float frame_load_U8(__global const void *at, ulong i, float middle)
{
    return (float)((__global const uchar *)at)[i] - middle;
}

float frame_load_I16(__global const void *at, ulong i, float middle)
{
    return (float)as_short((ushort)FRAME_ORDER16(((__global const ushort *)at)[i])) - middle;
}

float frame_load_U16(__global const void *at, ulong i, float middle)
{
    return (float)FRAME_ORDER16(((__global const ushort *)at)[i]) - middle;
}

float frame_load_I32(__global const void *at, ulong i, float middle)
{
    return (float)as_int(FRAME_ORDER32(((__global const uint *)at)[i])) - middle;
}

/* The middle is taken off before the number is rounded to float: 2^31 + 1 would become 2^31. */
float frame_load_U32(__global const void *at, ulong i, float middle)
{
    uint number = FRAME_ORDER32(((__global const uint *)at)[i]);
    return middle != 0.0f ? (float)as_int(number ^ 0x80000000u) : (float)number;
}

float frame_load_F32(__global const void *at, ulong i, float middle)
{
    return as_float(FRAME_ORDER32(((__global const uint *)at)[i])) - middle;
}

/* A double without double arithmetic, which a device may lack: the fraction is rounded as an integer, then scaled. */
float frame_load_F64(__global const void *at, ulong i, float middle)
{
    ulong bits = FRAME_ORDER64(((__global const ulong *)at)[i]);
    int exponent = (int)((bits >> 52) & 0x7FF);
    ulong fraction = bits & 0xFFFFFFFFFFFFFul;
    float sign = (bits >> 63) ? -1.0f : 1.0f;
    if (exponent == 0x7FF)
        return fraction ? NAN : sign * INFINITY;
    if (exponent == 0)
        return 0.0f; /* below 2^-1022 */
    return sign * ldexp((float)(fraction | 0x10000000000000ul), exponent - 1075) - middle;
}

float2 load_frame(__global void *input, uint offset, __global void *userdata)
{
    __global const struct frame_layout *layout = (__global const struct frame_layout *)userdata;
    __global const float *window = (__global const float *)(layout + 1);
    uint frame = offset / FRAME_LENGTH;
    uint i = offset - frame * FRAME_LENGTH;
    int sample = layout->first + (int)frame * layout->hop + (int)i;
    if (sample < 0 || sample >= layout->samples || frame >= layout->frames)
        return (float2)(0.0f, 0.0f);
    ulong at = ((ulong)sample * layout->channels + layout->channel) * FRAME_PARTS;
    float gain = window[i] * layout->scale;
#if FRAME_PARTS == 2
    return (float2)(FRAME_LOAD(input, at, layout->middle) * gain, FRAME_LOAD(input, at + 1, layout->middle) * gain);
#else
    return (float2)(FRAME_LOAD(input, at, layout->middle) * gain, 0.0f);
#endif
}
