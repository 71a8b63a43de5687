#include "visual/slice_pick.h"

/* Passes the next gap; returns how many whole slices touch it that no earlier one touched. */
static uint64_t pass_gap(struct svi_slice_pick *pick)
{
    const struct svi_gap *gap = &pick->gaps[pick->next_gap++];
    uint64_t first = gap->first_sample / pick->slice_samples;
    uint64_t end = (gap->first_sample + gap->sample_count - 1) / pick->slice_samples + 1;
    first = first > pick->passed ? first : pick->passed;
    end = end < pick->total ? end : pick->total;
    if (end <= first)
        return 0;
    pick->passed = end;
    return end - first;
}

struct svi_slice_pick svi_slice_pick_of(const struct svi_recording *recording, uint32_t slice_samples, uint64_t most)
{
    struct svi_slice_pick pick = {
        .total = recording->sample_count / slice_samples,
        .gaps = recording->gaps,
        .gap_count = recording->gap_count,
        .slice_samples = slice_samples,
    };
    while (pick.next_gap < pick.gap_count)
        pick.skipped += pass_gap(&pick);
    pick.next_gap = 0;
    pick.passed = 0;
    const uint64_t whole = pick.total - pick.skipped;
    pick.picked = whole < most ? whole : most;
    return pick;
}

/* floor(i (whole - 1) / (picked - 1)), the i-th of those that touch no gap: the first and the last are among them. In two parts,
 * which do not overflow. */
static uint64_t whole_slice(const struct svi_slice_pick *pick, uint64_t i)
{
    const uint64_t whole = pick->total - pick->skipped;
    const uint64_t steps = pick->picked - 1, way = whole - 1;
    return steps ? i * (way / steps) + i * (way % steps) / steps : 0;
}

uint64_t svi_slice_pick_at(struct svi_slice_pick *pick, uint64_t i)
{
    const uint64_t whole = whole_slice(pick, i);
    while (pick->next_gap < pick->gap_count
           && pick->gaps[pick->next_gap].first_sample / pick->slice_samples <= whole + pick->skipped_before)
        pick->skipped_before += pass_gap(pick);
    return whole + pick->skipped_before;
}
