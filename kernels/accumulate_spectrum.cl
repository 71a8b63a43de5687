/* accumulate_spectrum - adds the frames of one batch to the mean and max-hold spectrum of the recording, bin by bin.
 *   launch      global { bins, 1 }
 *   0 power     in      float [frames][bins]  linear
 *   1 spectrum  in/out  float [3][bins]       sum, what rounding lost of the sum, largest
 *   2 frames    in
 *   3 bins      in */
__kernel void accumulate_spectrum(__global const float *power, __global float *spectrum, uint frames, uint bins)
{
    uint bin = get_global_id(0);
    float sum = spectrum[bin], lost = spectrum[bins + bin], largest = spectrum[2 * (ulong)bins + bin];
    for (uint frame = 0; frame < frames; frame++) {
        float p = power[(ulong)frame * bins + bin];
        float next = sum + p;
        float part = next - sum;
        lost += (sum - (next - part)) + (p - part);
        sum = next;
        largest = fmax(largest, p);
    }
    spectrum[bin] = sum;
    spectrum[bins + bin] = lost;
    spectrum[2 * (ulong)bins + bin] = largest;
}
