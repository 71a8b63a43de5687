/* load_frame - a sample of a frame, as clFFT asks for it: loaded as stored, converted, windowed. Not a kernel of its own: clFFT puts this
 * text into the first pass of its transform (pre-callback).
 *
 * In front of this text stand load_number.cl, and, defined by the host:
 *   FRAME_LENGTH   samples of a frame; the imaginary part of real ones is 0
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

float2 load_frame(__global void *input, uint offset, __global void *userdata)
{
    __global const struct frame_layout *layout = (__global const struct frame_layout *)userdata;
    __global const float *window = (__global const float *)(layout + 1);
    uint frame = offset / FRAME_LENGTH;
    uint i = offset - frame * FRAME_LENGTH;
    int sample = layout->first + (int)frame * layout->hop + (int)i;
    if (sample < 0 || sample >= layout->samples || frame >= layout->frames)
        return (float2)(0.0f, 0.0f);
    ulong at = ((ulong)sample * layout->channels + layout->channel) * NUMBER_PARTS;
    float gain = window[i] * layout->scale;
#if NUMBER_PARTS == 2
    return (float2)(LOAD_NUMBER(input, at, layout->middle) * gain, LOAD_NUMBER(input, at + 1, layout->middle) * gain);
#else
    return (float2)(LOAD_NUMBER(input, at, layout->middle) * gain, 0.0f);
#endif
}
