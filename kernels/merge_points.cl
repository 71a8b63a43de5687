/* merge_points - adds what work-items of count_points counted by themselves, and lets them begin anew.
 *   launch     global { cells, 1 }
 *   0 counts   in/out  uint  [cells]            of all grids
 *   1 tiles    in/out  uchar [workers][cells]   0 afterwards
 *   2 workers  in */
__kernel void merge_points(__global uint *counts, __global uchar *tiles, uint workers)
{
    const ulong cell = get_global_id(0), cells = get_global_size(0);
    uint sum = 0;
    for (uint worker = 0; worker < workers; worker++) {
        sum += tiles[worker * cells + cell];
        tiles[worker * cells + cell] = 0;
    }
    counts[cell] += sum;
}
