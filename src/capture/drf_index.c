#include "capture/drf_index.h"

#include "capture/moment.h"

#include <stdlib.h>
#include <string.h>

static bool append(struct svi_drf_index *index, struct svi_drf_run run)
{
    if (index->run_count == index->run_room) {
        size_t room = index->run_room ? index->run_room * 2 : 64;
        struct svi_drf_run *runs = room <= SVI_DRF_MOST_RUNS ? realloc(index->runs, room * sizeof *runs) : NULL;
        if (!runs)
            return false;
        index->runs = runs;
        index->run_room = room;
    }
    index->runs[index->run_count++] = run;
    return true;
}

/* digital_rf's rf_write_blocks() ends the index of a file that a block fills to its end with a row for the next block, of which the
 * file holds nothing. */
static size_t count_runs(const uint64_t (*pairs)[2], size_t pair_count, uint64_t rows)
{
    return pair_count > 1 && pairs[pair_count - 1][1] == rows ? pair_count - 1 : pair_count;
}

static const char *check_pairs(const uint64_t (*pairs)[2], size_t pair_count, uint64_t rows)
{
    if (!pair_count || !rows)
        return "holds no samples";
    if (pairs[0][1] != 0)
        return "does not begin at its first row";
    for (size_t i = 0; i < pair_count; i++) {
        uint64_t end = i + 1 < pair_count ? pairs[i + 1][1] : rows;
        if (end > rows)
            return "speaks of more rows than there are";
        if (end <= pairs[i][1])
            return "is not sorted by row";
        uint64_t count = end - pairs[i][1];
        if (count > UINT64_MAX / 2 || pairs[i][0] > UINT64_MAX / 2)
            return "speaks of samples that no clock reaches";
        if (i + 1 < pair_count && pairs[i + 1][0] < pairs[i][0] + count)
            return "is not sorted by sample";
    }
    return NULL;
}

const char *svi_drf_index_add(struct svi_drf_index *index, const uint64_t (*pairs)[2], size_t pair_count, uint64_t rows,
                              size_t file)
{
    const size_t before = index->run_count, count = count_runs(pairs, pair_count, rows);
    const char *wrong = check_pairs(pairs, count, rows);
    for (size_t i = 0; i < count && !wrong; i++) {
        uint64_t end = i + 1 < count ? pairs[i + 1][1] : rows;
        if (!append(index, (struct svi_drf_run){ pairs[i][0], end - pairs[i][1], pairs[i][1], file }))
            wrong = "needs more memory than there is";
    }
    if (wrong)
        index->run_count = before;
    return wrong;
}

bool svi_drf_index_punch(struct svi_drf_index *index, uint64_t offset, uint64_t count)
{
    struct svi_drf_run *last = &index->runs[index->run_count - 1];
    struct svi_drf_run behind = *last;
    behind.first += offset + count;
    behind.row += offset + count;
    behind.count -= offset + count;
    last->count = offset;
    if (!last->count)
        index->run_count--;
    return !behind.count || append(index, behind);
}

static int by_first(const void *a, const void *b)
{
    const struct svi_drf_run *left = a, *right = b;
    return left->first < right->first ? -1 : left->first > right->first;
}

bool svi_drf_index_finish(struct svi_drf_index *index, uint64_t *dropped)
{
    struct svi_drf_run *runs = index->runs;
    size_t kept = 0;
    *dropped = 0;
    if (!index->run_count)
        return true;
    qsort(runs, index->run_count, sizeof *runs, by_first);
    for (size_t i = 1; i < index->run_count; i++) {
        if (runs[i].first < runs[kept].first + runs[kept].count)
            *dropped += runs[i].count;
        else
            runs[++kept] = runs[i];
    }
    index->run_count = kept + 1;
    index->gaps = calloc(index->run_count, sizeof *index->gaps);
    if (!index->gaps)
        return false;
    for (size_t i = 1; i < index->run_count; i++) {
        uint64_t end = runs[i - 1].first + runs[i - 1].count;
        if (runs[i].first > end)
            index->gaps[index->gap_count++] = (struct svi_gap){ end - runs[0].first, runs[i].first - end };
    }
    return true;
}

size_t svi_drf_index_find(const struct svi_drf_index *index, uint64_t sample)
{
    size_t low = 0, high = index->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->runs[middle].first + index->runs[middle].count > sample)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void svi_drf_index_clear(struct svi_drf_index *index)
{
    free(index->runs);
    free(index->gaps);
    *index = (struct svi_drf_index){ 0 };
}

void svi_drf_moment(char into[SVI_UTC_TEXT], uint64_t sample, struct svi_rate rate)
{
    struct svi_moment moment;
    into[0] = '\0';
    if (!svi_moment_after(&moment, (struct svi_moment){ 0 }, sample, rate))
        return;
    svi_moment_write_seconds(into, moment);
    size_t length = strlen(into);
    svi_format(into + length, SVI_UTC_TEXT - length, ".%09u", (unsigned)(moment.attosecond / 1000000000));
    length = strlen(into);
    while (into[length - 1] == '0')
        length--;
    length -= into[length - 1] == '.';
    memcpy(into + length, "Z", 2);
}
