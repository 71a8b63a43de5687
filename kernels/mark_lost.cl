/* mark_lost - finds the frames of a batch whose power is not finite somewhere: one sample that is not spoils all bins of its frame, one that is
 * too large some of them.
 *   launch    global { parts, frames }, local { parts, 1 }   part p looks at bins p, p + parts, …
 *   0 power   in      float [frames][bins]
 *   1 in_gap  in/out  uchar [frames]      0 becomes 2 where power is not finite
 *   2 bins    in */
__kernel void mark_lost(__global const float *power, __global uchar *in_gap, uint bins)
{
    __local uint any_lost;
    const ulong frame = get_global_id(1);
    bool finite = true;
    for (ulong bin = get_global_id(0); bin < bins; bin += get_global_size(0))
        finite = finite && isfinite(power[frame * bins + bin]);
    /* One item alone looks at the mark, and changes it. */
    if (get_local_id(0) == 0)
        any_lost = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (!finite)
        atomic_or(&any_lost, 1u);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0 && any_lost && in_gap[frame] != 1)
        in_gap[frame] = 2;
}
