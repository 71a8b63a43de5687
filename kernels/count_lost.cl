/* count_lost - counts the frames of a batch that mark_lost found, by the row of a picture that they would have entered.
 *   launch         global { frames, 1 }
 *   0 in_gap       in      uchar [frames]  2: found
 *   1 lost         in/out  uint  [rows]
 *   2 begin        in      the frame of the batch that work-item 0 looks at
 *   3 first_frame  in      frame of the recording that the batch begins with
 *   4 all_frames   in      shared out to rows as in accumulate_cells
 *   5 rows         in */
__kernel void count_lost(__global const uchar *in_gap, __global uint *lost, uint begin, ulong first_frame, ulong all_frames, uint rows)
{
    ulong frame = begin + get_global_id(0);
    if (in_gap[frame] == 2)
        atomic_inc(&lost[(first_frame + frame) * rows / all_frames]);
}
