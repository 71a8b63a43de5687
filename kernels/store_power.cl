/* store_power - the power of a bin, stored where a picture wants it. Not a kernel of its own: clFFT puts this text into the last pass of
 * its transform (post-callback).
 *
 * Defined by the host in front of this text:
 *   POWER_LENGTH       bins of the transform
 *   POWER_ONE_SIDED    1: only the bins of 0 … rate/2 are kept, those with a mirror image doubled; 0: all, 0 Hz at POWER_LENGTH / 2
 *
 * Arguments, as clFFT gives them:
 *   output    unused: clFFT's own memory, which it may still read
 *   offset    in   frame * POWER_LENGTH + bin, bin 0 is 0 Hz
 *   userdata  out  float power[frame][bins], bins = POWER_ONE_SIDED ? POWER_LENGTH / 2 + 1 : POWER_LENGTH
 *   value     in   the bin */
void store_power(__global void *output, uint offset, __global void *userdata, float2 value)
{
    __global float *power = (__global float *)userdata;
    uint frame = offset / POWER_LENGTH;
    uint bin = offset - frame * POWER_LENGTH;
    float p = value.x * value.x + value.y * value.y;
#if POWER_ONE_SIDED
    if (bin > POWER_LENGTH / 2)
        return;
    bool mirrored = bin != 0 && 2 * bin != POWER_LENGTH;
    power[(ulong)frame * (POWER_LENGTH / 2 + 1) + bin] = mirrored ? 2.0f * p : p;
#else
    uint column = bin + POWER_LENGTH / 2;
    if (column >= POWER_LENGTH)
        column -= POWER_LENGTH;
    power[(ulong)frame * POWER_LENGTH + column] = p;
#endif
}
