/* merge_spectrum - adds groups of frames to the mean, max-hold and min-hold spectrum of the recording, bin by bin.
 *   launch          global { bins / SPECTRUM_BINS_AN_ITEM, rounded up, 1 }
 *   0 groups        in      float [3][count][bins]  sum, largest, least of each group; of an empty one 0, 0, infinity
 *   1 spectrum      in/out  float [4][bins]         see accumulate_spectrum
 *   2 count         in
 *   3 bins          in
 *   4 begins        in      1: nothing was added before, whatever the spectrum holds */

/* Neighbouring items of a GPU read neighbouring bins; one of a CPU reads many: BINS_AN_ITEM_ON_CPU of src/device/spectrum.c. */
#define SPECTRUM_BINS_AN_ITEM (ON_CPU ? 128u : 1u)

__kernel void merge_spectrum(__global const float *groups, __global float *spectrum, uint count, uint bins, uint begins)
{
    const uint first = get_global_id(0) * SPECTRUM_BINS_AN_ITEM, held = min(SPECTRUM_BINS_AN_ITEM, bins - first);
    const ulong plane = (ulong)count * bins;
    float sum[SPECTRUM_BINS_AN_ITEM], lost[SPECTRUM_BINS_AN_ITEM], largest[SPECTRUM_BINS_AN_ITEM], least[SPECTRUM_BINS_AN_ITEM];
    __global float *kept = spectrum + first;
    for (uint i = 0; i < held; i++) {
        sum[i] = begins ? 0.0f : kept[i];
        lost[i] = begins ? 0.0f : kept[bins + i];
        largest[i] = begins ? 0.0f : kept[2 * (ulong)bins + i];
        least[i] = begins ? INFINITY : kept[3 * (ulong)bins + i];
    }
    for (uint group = 0; group < count; group++) {
        __global const float *at = groups + (ulong)group * bins + first;
        for (uint i = 0; i < held; i++) {
            const float p = at[i], next = sum[i] + p, part = next - sum[i];
            lost[i] += (sum[i] - (next - part)) + (p - part);
            sum[i] = next;
            largest[i] = fmax(largest[i], at[plane + i]);
            least[i] = fmin(least[i], at[2 * plane + i]);
        }
    }
    for (uint i = 0; i < held; i++) {
        kept[i] = sum[i];
        kept[bins + i] = lost[i];
        kept[2 * (ulong)bins + i] = largest[i];
        kept[3 * (ulong)bins + i] = least[i];
    }
}
