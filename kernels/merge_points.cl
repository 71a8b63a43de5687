/* merge_points - adds what work-items of count_points counted by themselves, and lets them begin anew.
 *   launch     global { cells / CELLS_AN_ITEM, rounded up, 1 }
 *   0 counts   in/out  uint  [cells]            of the first grid
 *   1 tiles    in/out  uchar [workers][cells]   0 afterwards
 *   2 workers  in
 *   3 cells    in */
#define CELLS_AN_ITEM 256

__kernel void merge_points(__global uint *counts, __global uchar *tiles, uint workers, ulong cells)
{
    const ulong first = get_global_id(0) * CELLS_AN_ITEM;
    const uint held = (uint)min((ulong)CELLS_AN_ITEM, cells - first);
    for (uint worker = 0; worker < workers; worker++) {
        __global uchar *tile = tiles + worker * cells + first;
        uchar any = 0;
        for (uint k = 0; k < held; k++)
            any |= tile[k];
        /* Most cells of most grids are empty: what is not written costs nothing. */
        if (!any)
            continue;
        for (uint k = 0; k < held; k++) {
            counts[first + k] += tile[k];
            tile[k] = 0;
        }
    }
}
