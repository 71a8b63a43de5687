/* fuzz_drf_index - any numbers as indices of Digital RF files: refused with a reason, or runs in order with gaps between them.
 *
 * Each file is a byte (how many pairs), another (filler: where), eight bytes (rows), and pairs of eight bytes. */
#include "capture/drf_index.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PAIRS = 8, PAIR_BYTES = 16, HEADER_BYTES = 10 };

static void must(bool promise)
{
    if (!promise)
        abort();
}

static size_t add_file(struct svi_drf_index *index, const uint8_t *data, size_t size, size_t file)
{
    uint64_t pairs[MOST_PAIRS][2], rows;
    size_t count = data[0] % (MOST_PAIRS + 1), used = HEADER_BYTES + count * PAIR_BYTES;
    if (used > size)
        return size;
    memcpy(&rows, data + 2, sizeof rows);
    memcpy(pairs, data + HEADER_BYTES, count * PAIR_BYTES);
    size_t before = index->run_count;
    const char *wrong = svi_drf_index_add(index, (const uint64_t(*)[2])pairs, count, rows, file);
    const bool has_empty_end = count > 1 && pairs[count - 1][1] == rows;
    must(wrong ? *wrong && index->run_count == before : index->run_count == before + count - has_empty_end);
    uint64_t last = wrong ? 0 : index->runs[index->run_count - 1].count, at = data[1] / 16, filler = data[1] % 16;
    if (filler && at + filler <= last)
        must(svi_drf_index_punch(index, at, filler));
    return used;
}

static void check_index(const struct svi_drf_index *index)
{
    size_t gaps = 0;
    for (size_t i = 0; i < index->run_count; i++) {
        const struct svi_drf_run *run = &index->runs[i];
        must(run->count > 0 && svi_drf_index_find(index, run->first) == i);
        must(svi_drf_index_find(index, run->first + run->count - 1) == i);
        if (!i)
            continue;
        uint64_t end = run[-1].first + run[-1].count;
        must(run->first >= end);
        if (run->first == end)
            continue;
        must(gaps < index->gap_count && index->gaps[gaps].first_sample == end - index->runs[0].first);
        must(index->gaps[gaps++].sample_count == run->first - end);
    }
    must(gaps == index->gap_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_drf_index index = { 0 };
    uint64_t dropped;
    char moment[40];
    for (size_t at = 0, file = 0; size - at >= HEADER_BYTES; file++)
        at += add_file(&index, data + at, size - at, file);
    must(svi_drf_index_finish(&index, &dropped));
    check_index(&index);
    if (index.run_count)
        svi_drf_moment(moment, index.runs[0].first, (struct svi_rate){ 1u + data[0], 1u + data[size - 1] });
    svi_drf_index_clear(&index);
    return 0;
}
