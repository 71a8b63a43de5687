/* merge_spectrum - adds groups of frames to the mean, max-hold and min-hold spectrum of the recording, bin by bin.
 *   launch          global { bins, 1 }
 *   0 groups        in      float [3][count][bins]  sum, largest, least of each group; of an empty one 0, 0, infinity
 *   1 spectrum      in/out  float [4][bins]         see accumulate_spectrum
 *   2 count         in
 *   3 bins          in
 *   4 begins        in      1: nothing was added before, whatever the spectrum holds */
__kernel void merge_spectrum(__global const float *groups, __global float *spectrum, uint count, uint bins, uint begins)
{
    const ulong bin = get_global_id(0), plane = (ulong)count * bins;
    float sum = begins ? 0.0f : spectrum[bin];
    float lost = begins ? 0.0f : spectrum[bins + bin];
    float largest = begins ? 0.0f : spectrum[2 * (ulong)bins + bin];
    float least = begins ? INFINITY : spectrum[3 * (ulong)bins + bin];
    for (uint group = 0; group < count; group++) {
        const ulong at = (ulong)group * bins + bin;
        const float p = groups[at];
        const float next = sum + p;
        const float part = next - sum;
        lost += (sum - (next - part)) + (p - part);
        sum = next;
        largest = fmax(largest, groups[plane + at]);
        least = fmin(least, groups[2 * plane + at]);
    }
    spectrum[bin] = sum;
    spectrum[bins + bin] = lost;
    spectrum[2 * (ulong)bins + bin] = largest;
    spectrum[3 * (ulong)bins + bin] = least;
}
