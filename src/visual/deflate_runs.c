#include "visual/deflate_runs.h"

#include <pthread.h>

enum {
    SYMBOLS = 286,
    END_OF_BLOCK = 256,
    FIRST_LENGTH = 257,
    LONGEST = 285, /* symbol of the longest repetition */
    LONGEST_BYTES = 258,
    MOST_BITS = 10,
    MOST_TOGETHER = 56, /* bits that are written at once, beside up to 7 that wait */
    DISTANCE_BITS = 1,  /* of the only distance, a pixel's: its code is 0 */
    DISTANCE_SYMBOL = SVI_DEFLATE_PIXEL_BYTES - 1,
};

/* Bits of each symbol's code; together they leave none over, as RFC 1951 wants it. The rows below overrule those above. */
static const struct {
    uint16_t first, last;
    uint8_t bits;
} code_lengths[] = {
    { 0, 255, 10 },
    { END_OF_BLOCK, END_OF_BLOCK, 10 },
    { FIRST_LENGTH, LONGEST - 1, 7 },
    { 3, 34, 9 },
    { 230, 253, 9 },
    { 3, 5, 8 },
    { 251, 253, 8 },
    { 1, 1, 6 },
    { 254, 254, 6 },
    { 2, 2, 5 },
    { 255, 255, 5 },
    { 0, 0, 3 },
    { LONGEST, LONGEST, 2 },
};

/* Symbols of lengths: where each begins, and how many bits say which of them it is. */
static const uint8_t length_starts[] = { 3,  4,  5,  6,  7,  8,  9,  10, 11, 13,  15,  17,  19,  23,
                                         27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227 };
static const uint8_t length_extras[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5 };

struct code {
    uint64_t bits; /* the first one lowest */
    unsigned count;
};

static struct {
    uint8_t lengths[SYMBOLS];
    struct code symbols[SYMBOLS];
    struct code repeats[LONGEST_BYTES + 1]; /* by bytes, with the distance */
} table;

static uint32_t reversed(uint32_t bits, unsigned count)
{
    uint32_t out = 0;
    for (unsigned i = 0; i < count; i++)
        out |= (bits >> i & 1) << (count - 1 - i);
    return out;
}

static void make_symbols(void)
{
    uint32_t next = 0;
    for (unsigned bits = 1; bits <= MOST_BITS; bits++, next <<= 1)
        for (size_t i = 0; i < SYMBOLS; i++)
            if (table.lengths[i] == bits)
                table.symbols[i] = (struct code){ reversed(next++, bits), bits };
}

static void make_repeats(void)
{
    for (size_t i = 0; i < sizeof length_starts; i++) {
        const struct code symbol = table.symbols[FIRST_LENGTH + i];
        for (uint64_t k = 0; k < 1U << length_extras[i] && length_starts[i] + k < LONGEST_BYTES; k++)
            table.repeats[length_starts[i] + k] = (struct code){ symbol.bits | k << symbol.count,
                                                                 symbol.count + length_extras[i] + DISTANCE_BITS };
    }
    const struct code longest = table.symbols[LONGEST];
    table.repeats[LONGEST_BYTES] = (struct code){ longest.bits, longest.count + DISTANCE_BITS };
}

static void make_table(void)
{
    for (size_t i = 0; i < sizeof code_lengths / sizeof *code_lengths; i++)
        for (size_t k = code_lengths[i].first; k <= code_lengths[i].last; k++)
            table.lengths[k] = code_lengths[i].bits;
    make_symbols();
    make_repeats();
}

static void write_out(struct svi_deflate_runs *runs)
{
    runs->ok = runs->ok && svi_buffer_add(runs->out, runs->bytes, runs->count);
    runs->count = 0;
}

static void put(struct svi_deflate_runs *runs, struct code code)
{
    const uint64_t bits = runs->bits | code.bits << runs->bit_count;
    const unsigned count = runs->bit_count + code.count;
    if (sizeof runs->bytes - runs->count < sizeof bits)
        write_out(runs);
    for (unsigned i = 0; i < sizeof bits; i++)
        runs->bytes[runs->count + i] = (uint8_t)(bits >> 8 * i);
    runs->count += count / 8;
    runs->bits = bits >> count / 8 * 8;
    runs->bit_count = count % 8;
}

static struct code joined(struct code first, struct code second)
{
    return (struct code){ first.bits | second.bits << first.count, first.count + second.count };
}

/* Lengths of codes, of which each takes four bits: a code of their own would be shorter by a hundred bytes, and these are once in a
 * picture. */
static void put_lengths(struct svi_deflate_runs *runs)
{
    enum { ORDER_COUNT = 19, REPETITIONS = 3, BITS = 4 };
    for (size_t i = 0; i < ORDER_COUNT; i++)
        put(runs, (struct code){ i < REPETITIONS ? 0 : BITS, 3 });
    for (size_t i = 0; i < SYMBOLS; i++)
        put(runs, (struct code){ reversed(table.lengths[i], BITS), BITS });
    for (size_t i = 0; i <= DISTANCE_SYMBOL; i++)
        put(runs, (struct code){ i == DISTANCE_SYMBOL ? reversed(DISTANCE_BITS, BITS) : 0, BITS });
}

void svi_deflate_runs_begin(struct svi_deflate_runs *runs, struct svi_buffer *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_table);
    runs->out = out;
    runs->ok = true;
    runs->bits = runs->bit_count = 0;
    runs->count = 0;
    put(runs, (struct code){ 2 << 1, 3 }); /* not the last one, with codes of its own */
    put(runs, (struct code){ SYMBOLS - 257, 5 });
    put(runs, (struct code){ DISTANCE_SYMBOL, 5 });
    put(runs, (struct code){ 19 - 4, 4 });
    put_lengths(runs);
}

void svi_deflate_runs_byte(struct svi_deflate_runs *runs, uint8_t byte)
{
    put(runs, table.symbols[byte]);
}

/* The longest repetition has the first of all codes: any number of them are zeros. */
static void put_longest(struct svi_deflate_runs *runs, size_t times)
{
    const unsigned bits = table.repeats[LONGEST_BYTES].count;
    const size_t most = MOST_TOGETHER / bits;
    for (; times > most; times -= most)
        put(runs, (struct code){ 0, (unsigned)most * bits });
    put(runs, (struct code){ 0, (unsigned)times * bits });
}

void svi_deflate_runs_pixels(struct svi_deflate_runs *runs, const uint8_t pixel[SVI_DEFLATE_PIXEL_BYTES], size_t count)
{
    const struct code *symbols = table.symbols;
    const size_t bytes = (count - 1) * SVI_DEFLATE_PIXEL_BYTES;
    struct code code = joined(joined(symbols[pixel[0]], symbols[pixel[1]]), symbols[pixel[2]]);
    if (bytes >= LONGEST_BYTES) {
        put(runs, code);
        put_longest(runs, bytes / LONGEST_BYTES);
        code = (struct code){ 0 };
    }
    put(runs, joined(code, table.repeats[bytes % LONGEST_BYTES]));
}

/* An empty block that is stored ends on a whole byte. */
bool svi_deflate_runs_end(struct svi_deflate_runs *runs)
{
    put(runs, table.symbols[END_OF_BLOCK]);
    put(runs, (struct code){ 0, 3 });
    put(runs, (struct code){ 0, (8 - runs->bit_count) % 8 });
    put(runs, (struct code){ 0xFFFF0000, 32 });
    write_out(runs);
    return runs->ok;
}
