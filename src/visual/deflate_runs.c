#include "visual/deflate_runs.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST_MATCH = 3,
    MOST_MATCH = 258,
    LITERALS = 256,
    END_OF_BLOCK = 256,
    SYMBOLS = 286,
    DISTANCES = 3, /* codes 0 to 2: of a byte, of two, of three */
    LONGEST_CODE = 15,
    BLOCK_TOKENS = 1 << 15,
    OUT_BYTES = 4096,
    ADLER = 65521
};

/* A token is a byte, or LITERALS + length - LEAST_MATCH of a run, the second kind of runs behind the first. */
enum { LENGTHS = MOST_MATCH - LEAST_MATCH + 1, OF_ONE = LITERALS, OF_THREE = LITERALS + LENGTHS };

struct code {
    uint16_t bits[SYMBOLS]; /* as they are sent, the first one lowest */
    uint8_t lengths[SYMBOLS];
};

struct svi_deflate_runs {
    struct svi_buffer *out;
    bool failed;
    uint32_t adler_a, adler_b;
    uint64_t held; /* bits that make no byte yet */
    unsigned held_bits;
    size_t out_count, token_count;
    uint8_t out_bytes[OUT_BYTES];
    uint16_t tokens[BLOCK_TOKENS];
};

/* ---- bits ---- */

static void flush(struct svi_deflate_runs *stream)
{
    stream->failed = stream->failed || !svi_buffer_add(stream->out, stream->out_bytes, stream->out_count);
    stream->out_count = 0;
}

/* At most 16 bits. */
static void put_bits(struct svi_deflate_runs *stream, uint32_t bits, unsigned count)
{
    stream->held |= (uint64_t)bits << stream->held_bits;
    stream->held_bits += count;
    if (stream->held_bits < 32)
        return;
    if (stream->out_count == OUT_BYTES)
        flush(stream);
    for (size_t i = 0; i < 4; i++)
        stream->out_bytes[stream->out_count++] = (uint8_t)(stream->held >> (8 * i));
    stream->held >>= 32;
    stream->held_bits -= 32;
}

/* ---- lengths as symbols ---- */

struct length_symbol {
    uint16_t symbol;
    uint8_t extra_bits, extra;
};

static struct length_symbol symbol_of_length(unsigned length)
{
    if (length == MOST_MATCH)
        return (struct length_symbol){ SYMBOLS - 1, 0, 0 };
    /* Four symbols for each doubling, but eight for the shortest. */
    const unsigned above = length - LEAST_MATCH, extra_bits = above < 8 ? 0 : 29 - (unsigned)__builtin_clz(above);
    const unsigned symbol = END_OF_BLOCK + 1 + 4 * extra_bits + (above >> extra_bits);
    return (struct length_symbol){ (uint16_t)symbol, (uint8_t)extra_bits, (uint8_t)(above & ((1u << extra_bits) - 1)) };
}

static unsigned length_of(uint16_t token)
{
    return LEAST_MATCH + (unsigned)(token < OF_THREE ? token - OF_ONE : token - OF_THREE);
}

/* ---- codes ---- */

struct weight {
    uint32_t count;
    uint16_t symbol;
};

static int by_count(const void *a, const void *b)
{
    const struct weight *x = a, *y = b;
    return x->count != y->count ? (x->count > y->count) - (x->count < y->count) : (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

/* Huffman's rule with two queues: leaves in order of their counts, and the nodes made of them, which come in that order by
 * themselves. Returns the longest length. */
static unsigned measure_lengths(const struct weight *leaves, size_t count, uint8_t *lengths)
{
    uint32_t counts[2 * SYMBOLS] = { 0 };
    uint16_t parents[2 * SYMBOLS];
    uint8_t depths[2 * SYMBOLS];
    size_t leaf = 0, node = count, end = count;
    for (size_t i = 0; i < count; i++)
        counts[i] = leaves[i].count;
    for (; end < 2 * count - 1; end++) {
        counts[end] = 0;
        for (int k = 0; k < 2; k++) {
            size_t least = leaf < count && (node == end || counts[leaf] <= counts[node]) ? leaf++ : node++;
            counts[end] += counts[least];
            parents[least] = (uint16_t)end;
        }
    }
    unsigned longest = 0;
    depths[end - 1] = 0;
    for (size_t i = end - 1; i-- > 0;) {
        depths[i] = (uint8_t)(depths[parents[i]] + 1);
        if (i < count) {
            lengths[leaves[i].symbol] = depths[i];
            longest = depths[i] > longest ? depths[i] : longest;
        }
    }
    return longest;
}

/* Where a code gets too long, rare symbols are made less rare until it does not. At least two symbols have counts. */
static void find_lengths(const uint32_t *counts, size_t symbols, uint8_t *lengths)
{
    struct weight leaves[SYMBOLS];
    size_t used = 0;
    memset(lengths, 0, symbols);
    for (size_t i = 0; i < symbols; i++)
        if (counts[i])
            leaves[used++] = (struct weight){ counts[i], (uint16_t)i };
    qsort(leaves, used, sizeof *leaves, by_count);
    while (measure_lengths(leaves, used, lengths) > LONGEST_CODE)
        for (size_t i = 0; i < used; i++)
            leaves[i].count = leaves[i].count / 2 + 1;
}

static uint16_t reversed(unsigned code, unsigned length)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < length; i++)
        bits |= (code >> i & 1) << (length - 1 - i);
    return (uint16_t)bits;
}

static void make_code(struct code *code, const uint32_t *counts, size_t symbols)
{
    unsigned next = 0;
    find_lengths(counts, symbols, code->lengths);
    for (unsigned length = 1; length <= LONGEST_CODE; length++, next <<= 1)
        for (size_t i = 0; i < symbols; i++)
            if (code->lengths[i] == length)
                code->bits[i] = reversed(next++, length);
}

static void put_symbol(struct svi_deflate_runs *stream, const struct code *code, size_t symbol)
{
    put_bits(stream, code->bits[symbol], code->lengths[symbol]);
}

/* ---- blocks ---- */

/* All lengths of codes are sent with four bits each: their own code has 16 symbols, none of those that repeat. */
static void put_codes(struct svi_deflate_runs *stream, const struct code *symbols, const struct code *distances)
{
    enum { LENGTH_CODES = 19, OF_LENGTH = 4 };
    put_bits(stream, SYMBOLS - 257, 5);
    put_bits(stream, DISTANCES - 1, 5);
    put_bits(stream, LENGTH_CODES - 4, 4);
    for (int i = 0; i < LENGTH_CODES; i++) /* 16, 17 and 18 come first */
        put_bits(stream, i < 3 ? 0 : OF_LENGTH, 3);
    for (size_t i = 0; i < SYMBOLS; i++)
        put_bits(stream, reversed(symbols->lengths[i], OF_LENGTH), OF_LENGTH);
    for (size_t i = 0; i < DISTANCES; i++)
        put_bits(stream, reversed(distances->lengths[i], OF_LENGTH), OF_LENGTH);
}

static void end_block(struct svi_deflate_runs *stream, bool last)
{
    /* No code with a single symbol: decoders differ about it. */
    uint32_t counts[SYMBOLS] = { [0] = 1, [END_OF_BLOCK] = 1 }, distance_counts[DISTANCES] = { 1, 0, 1 };
    struct code symbols = { 0 }, distances = { 0 };
    for (size_t i = 0; i < stream->token_count; i++) {
        const uint16_t token = stream->tokens[i];
        counts[token < LITERALS ? token : symbol_of_length(length_of(token)).symbol]++;
        distance_counts[token < OF_THREE ? 0 : 2] += token >= LITERALS;
    }
    make_code(&symbols, counts, SYMBOLS);
    make_code(&distances, distance_counts, DISTANCES);
    put_bits(stream, last ? 5 : 4, 3); /* a block with codes of its own */
    put_codes(stream, &symbols, &distances);
    for (size_t i = 0; i < stream->token_count; i++) {
        const uint16_t token = stream->tokens[i];
        if (token < LITERALS) {
            put_symbol(stream, &symbols, token);
            continue;
        }
        const struct length_symbol length = symbol_of_length(length_of(token));
        put_symbol(stream, &symbols, length.symbol);
        put_bits(stream, length.extra, length.extra_bits);
        put_symbol(stream, &distances, token < OF_THREE ? 0 : 2);
    }
    put_symbol(stream, &symbols, END_OF_BLOCK);
    stream->token_count = 0;
}

static void add_token(struct svi_deflate_runs *stream, unsigned token)
{
    if (stream->token_count == BLOCK_TOKENS)
        end_block(stream, false);
    stream->tokens[stream->token_count++] = (uint16_t)token;
}

/* `length` bytes more of a run whose bytes so far were added. `kind`: OF_ONE or OF_THREE. */
static void add_run(struct svi_deflate_runs *stream, unsigned kind, size_t length)
{
    while (length) {
        /* What would be left must be long enough for a token of its own. */
        const size_t left = length > MOST_MATCH ? length - MOST_MATCH : 0;
        const size_t piece = left && left < LEAST_MATCH ? MOST_MATCH - LEAST_MATCH : length - left;
        add_token(stream, kind + (unsigned)piece - LEAST_MATCH);
        length -= piece;
    }
}

/* ---- bytes ---- */

struct svi_deflate_runs *svi_deflate_runs_begin(struct svi_buffer *out)
{
    struct svi_deflate_runs *stream = malloc(sizeof *stream);
    if (!stream)
        return NULL;
    stream->out = out;
    stream->failed = false;
    stream->adler_a = 1;
    stream->adler_b = 0;
    stream->held = 0;
    stream->held_bits = 0;
    stream->out_count = stream->token_count = 0;
    put_bits(stream, 0x78, 8); /* deflate, a window of 32 KiB */
    put_bits(stream, 0x01, 8);
    return stream;
}

/* How many bytes from `at` on are those that stand `distance` before them; 0: too few for a token. */
static size_t run_at(struct svi_bytes bytes, size_t at, size_t distance)
{
    if (at < distance || bytes.count - at < LEAST_MATCH || memcmp(bytes.at + at, bytes.at + at - distance, LEAST_MATCH) != 0)
        return 0;
    size_t end = at + LEAST_MATCH;
    for (; end + 8 <= bytes.count && !memcmp(bytes.at + end, bytes.at + end - distance, 8); end += 8)
        continue;
    while (end < bytes.count && bytes.at[end] == bytes.at[end - distance])
        end++;
    return end - at;
}

void svi_deflate_runs_add(struct svi_deflate_runs *stream, struct svi_bytes bytes)
{
    const uint32_t adler = libdeflate_adler32(stream->adler_b << 16 | stream->adler_a, bytes.at, bytes.count);
    stream->adler_a = adler & 0xFFFF;
    stream->adler_b = adler >> 16;
    for (size_t i = 0; i < bytes.count;) {
        const size_t of_one = run_at(bytes, i, 1), of_three = of_one ? 0 : run_at(bytes, i, 3);
        if (of_one)
            add_run(stream, OF_ONE, of_one);
        else if (of_three)
            add_run(stream, OF_THREE, of_three);
        else
            add_token(stream, bytes.at[i]);
        i += of_one ? of_one : of_three ? of_three : 1;
    }
}

void svi_deflate_runs_add_zeros(struct svi_deflate_runs *stream, size_t count)
{
    stream->adler_b = (uint32_t)((stream->adler_b + (uint64_t)stream->adler_a * count) % ADLER);
    if (count > LEAST_MATCH) {
        add_token(stream, 0);
        add_run(stream, OF_ONE, count - 1);
        return;
    }
    while (count--)
        add_token(stream, 0);
}

bool svi_deflate_runs_finish(struct svi_deflate_runs *stream)
{
    end_block(stream, true);
    put_bits(stream, 0, (8 - stream->held_bits % 8) % 8);
    const uint32_t sums[] = { stream->adler_b >> 8, stream->adler_b & 0xFF, stream->adler_a >> 8, stream->adler_a & 0xFF };
    for (int i = 0; i < 4; i++)
        put_bits(stream, sums[i], 8);
    flush(stream);
    for (; stream->held_bits; stream->held_bits -= 8, stream->held >>= 8)
        stream->out_bytes[stream->out_count++] = (uint8_t)stream->held;
    flush(stream);
    const bool ok = !stream->failed;
    free(stream);
    return ok;
}
