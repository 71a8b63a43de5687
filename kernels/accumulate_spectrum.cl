/* accumulate_spectrum - adds the frames of one batch to the mean, max-hold and min-hold spectrum of the recording, bin by bin.
 *   launch      global { bins, 1 }
 *   0 power     in      float [frames][bins]  linear
 *   1 spectrum  in/out  float [4][bins]       sum, what rounding lost of the sum, largest, least
 *   2 frames    in
 *   3 bins      in
 *   4 begins    in      1: nothing was added before, whatever the spectrum holds
 *   5 in_gap    in      uchar [frames], see accumulate_cells */
__kernel void accumulate_spectrum(__global const float *power, __global float *spectrum, uint frames, uint bins, uint begins,
                                  __global const uchar *in_gap)
{
    ulong bin = get_global_id(0);
    float sum = begins ? 0.0f : spectrum[bin];
    float lost = begins ? 0.0f : spectrum[bins + bin];
    float largest = begins ? 0.0f : spectrum[2 * (ulong)bins + bin];
    float least = begins ? INFINITY : spectrum[3 * (ulong)bins + bin];
    for (uint frame = 0; frame < frames; frame++) {
        if (in_gap && in_gap[frame])
            continue;
        float p = power[(ulong)frame * bins + bin];
        float next = sum + p;
        float part = next - sum;
        lost += (sum - (next - part)) + (p - part);
        sum = next;
        largest = fmax(largest, p);
        least = fmin(least, p);
    }
    spectrum[bin] = sum;
    spectrum[bins + bin] = lost;
    spectrum[2 * (ulong)bins + bin] = largest;
    spectrum[3 * (ulong)bins + bin] = least;
}
