#include "capture/plausibility.h"

#include "base/bytes.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POSITIONS = 8, RUNS = 64, FEWEST_WORDS = 512, FEWEST_GROUPS = 2048, HASHES = 1 << 12, ALIGNMENT = 16, VALUES = 256 };

static const double pi = 3.14159265358979323846;

/* Amplitudes of floats that are no absurdity: 2^-60 to 2^60; those that recordings have: 2^-40 to 2^20. */
enum { WIDEST_EXPONENT = 60, LOW_EXPONENT = -40, HIGH_EXPONENT = 20, EXPONENTS = HIGH_EXPONENT - LOW_EXPONENT + 1 };

/* Shares of all words; what is between "few" and "nearly all" is no evidence. */
static const double nearly_all = 0.995, few = 0.001, a_tenth = 0.1, a_fifth = 0.2, a_third = 0.3;

/* What the bytes are, whatever they stand for. Groups of eight zeros, which are silence of most types, are left out. */
struct look {
    struct svi_bytes bytes;
    size_t groups;                   /* of eight */
    double share[POSITIONS][VALUES]; /* of each value of the bytes at these places of eight */
};

static bool is_silence(const uint8_t *group)
{
    uint64_t word;
    memcpy(&word, group, sizeof word);
    return word == 0;
}

static bool take_look(struct look *look, struct svi_bytes bytes)
{
    uint32_t counts[POSITIONS][VALUES] = { 0 };
    *look = (struct look){ .bytes = bytes };
    for (size_t at = 0; at + POSITIONS <= bytes.count; at += POSITIONS) {
        if (is_silence(bytes.at + at))
            continue;
        look->groups++;
        for (size_t i = 0; i < POSITIONS; i++)
            counts[i][bytes.at[at + i]]++;
    }
    for (size_t i = 0; i < POSITIONS; i++)
        for (size_t value = 0; value < VALUES && look->groups; value++)
            look->share[i][value] = counts[i][value] / (double)look->groups;
    return look->groups * POSITIONS >= FEWEST_WORDS * sizeof(float);
}

/* Of four bytes, or of eight. */
static uint64_t word_at(const uint8_t *at, size_t size, bool big)
{
    uint32_t four;
    uint64_t eight;
    if (size == sizeof four) {
        memcpy(&four, at, sizeof four);
        return big ? be32toh(four) : le32toh(four);
    }
    memcpy(&eight, at, sizeof eight);
    return big ? be64toh(eight) : le64toh(eight);
}

/* ---- how the values of a byte are spread ---- */

/* 1: all have one value; 0: evenly spread. The middle is where most are: 0 of signed numbers, 128 of unsigned ones. */
static double concentration(const double *share, double *middle)
{
    double x = 0, y = 0;
    for (size_t i = 0; i < VALUES; i++) {
        x += share[i] * cos(2 * pi * (double)i / VALUES);
        y += share[i] * sin(2 * pi * (double)i / VALUES);
    }
    *middle = atan2(y, x) / (2 * pi) * VALUES;
    return hypot(x, y);
}

static double concentration_at(const struct look *look, size_t position)
{
    double unused;
    return concentration(look->share[position], &unused);
}

static bool is_centered_high(const struct look *look, size_t position)
{
    double middle;
    concentration(look->share[position], &middle);
    return fabs(middle) > VALUES / 4.0;
}

/* 0: spread alike, 1: no value in common. */
static double difference(const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < VALUES; i++)
        sum += fabs(a[i] - b[i]);
    return sum / 2;
}

/* How far apart by chance two of these spreads are that are alike: the fewer bytes, the farther. */
static double chance(const struct look *look)
{
    return sqrt(VALUES / (pi * (double)look->groups));
}

static bool are_alike(const struct look *look, size_t a, size_t b)
{
    return look->groups >= FEWEST_GROUPS && difference(look->share[a], look->share[b]) < 0.1 + chance(look);
}

static bool is_even(const struct look *look, size_t position)
{
    double sum = 0;
    for (size_t i = 0; i < VALUES; i++)
        sum += fabs(look->share[position][i] - 1.0 / VALUES);
    return look->groups >= FEWEST_GROUPS && sum / 2 < 0.08 + chance(look) / 2;
}

static size_t count_values(const struct look *look, size_t position, double rarest)
{
    size_t count = 0;
    for (size_t i = 0; i < VALUES; i++)
        count += look->share[position][i] > rarest;
    return count;
}

/* Not a constant, nor a sign alone. */
static bool has_many_values(const struct look *look, size_t position)
{
    return count_values(look, position, 0.01) >= 5;
}

/* ---- floats ---- */

struct float_look {
    size_t words;                   /* that are neither 0, nor infinite, nor the NAN that programs write for "nothing" */
    double absurd, huge;            /* shares of them: beyond the widest exponents; of those, too large or NAN */
    double usual, negative, others; /* of usual size; below 0; whose lower half is not like a float's upper one */
    double head, tail;              /* with one of the four highest exponents; with one below those of a thirtieth of the highest */
    size_t distinct;                /* at most HASHES */
};

static bool is_usual(int exponent)
{
    return exponent >= LOW_EXPONENT && exponent <= HIGH_EXPONENT;
}

/* Exponent of a float of four or eight bytes; the bias taken off. */
static int exponent_of(uint64_t word, size_t size)
{
    return size == 4 ? (int)(word >> 23 & 0xFF) - 127 : (int)(word >> 52 & 0x7FF) - 1023;
}

static bool means_nothing(uint64_t word, size_t size)
{
    const uint64_t sign = UINT64_C(1) << (8 * size - 1), infinity = size == 4 ? 0x7F800000 : UINT64_C(0x7FF0000000000000);
    const uint64_t quiet = size == 4 ? 0x400000 : UINT64_C(0x8000000000000);
    const uint64_t value = word & ~sign;
    return value == 0 || value == infinity || value == (infinity | quiet);
}

/* Of noise, tones and the like most are not far below the largest, and each halving has half as many. */
static void measure_exponents(struct float_look *out, const size_t counts[EXPONENTS])
{
    double above = 0;
    size_t top = EXPONENTS;
    while (top-- > 0 && (above += (double)counts[top]) * 1000 < (double)out->words)
        ;
    for (size_t i = 0; i < EXPONENTS; i++) {
        out->head += i + 4 > top ? (double)counts[i] : 0;
        out->tail += i + 5 <= top ? (double)counts[i] : 0;
    }
}

static struct float_look look_at_floats(const struct look *look, size_t size, bool big)
{
    struct float_look out = { 0 };
    uint8_t seen[HASHES] = { 0 };
    size_t exponents[EXPONENTS] = { 0 };
    for (size_t at = 0; at + size <= look->bytes.count; at += size) {
        const uint64_t word = word_at(look->bytes.at + at, size, big);
        if (means_nothing(word, size))
            continue;
        const int exponent = exponent_of(word, size);
        const uint64_t lower = size == 4 ? word << 16 & 0xFFFFFFFF : word << 32;
        out.words++;
        out.absurd += exponent < -WIDEST_EXPONENT || exponent > WIDEST_EXPONENT;
        out.huge += exponent > WIDEST_EXPONENT;
        out.usual += is_usual(exponent);
        exponents[is_usual(exponent) ? exponent - LOW_EXPONENT : 0]++;
        out.negative += (double)(word >> (8 * size - 1));
        out.others += !is_usual(exponent_of(lower, size));
        seen[word * UINT64_C(0x9E3779B97F4A7C15) >> 52] = 1;
    }
    for (size_t i = 0; i < HASHES; i++)
        out.distinct += seen[i];
    measure_exponents(&out, exponents);
    double *const shares[] = { &out.absurd, &out.huge, &out.usual, &out.negative, &out.others, &out.head, &out.tail };
    for (size_t i = 0; i < sizeof shares / sizeof *shares && out.words; i++)
        *shares[i] /= (double)out.words;
    return out;
}

/* Integers that are no floats are told by the first few of them: it is over once too many are of unusual size. */
static bool are_of_usual_size(const struct look *look, size_t size, bool big)
{
    const size_t words = look->bytes.count / size;
    const double most = (1 - nearly_all) * (double)words;
    double unusual = 0;
    for (size_t at = 0; at + size <= look->bytes.count && unusual <= most; at += size) {
        const uint64_t word = word_at(look->bytes.at + at, size, big);
        unusual += !is_usual(exponent_of(word, size)) && !means_nothing(word, size);
    }
    return unusual <= most;
}

/* Numbers of usual size, of both signs, many of them, whose halves are not alike as those of two integers are. */
static bool are_floats(const struct look *look, size_t size, bool big)
{
    if (!are_of_usual_size(look, size, big))
        return false;
    const struct float_look floats = look_at_floats(look, size, big);
    return floats.words >= FEWEST_WORDS / 2 && floats.distinct >= 128 && floats.usual >= nearly_all && floats.negative > a_tenth
           && floats.negative < 1 - a_tenth && floats.others > a_third && floats.head > 0.65 && floats.tail > 0.005;
}

/* ---- which datatype it is likelier to be ---- */

/* As complex as the declared one. */
static const struct svi_datatype *named(const struct svi_datatype *declared, const char *stem)
{
    char name[16];
    svi_format(name, sizeof name, "%c%s", declared->parts == 2 ? 'c' : 'r', stem);
    return svi_datatype_find(name);
}

static const struct svi_datatype *find_floats(const struct look *look, const struct svi_datatype *declared)
{
    static const struct {
        const char *stem;
        size_t size;
        bool big;
    } kinds[] = { { "f64_le", 8, false }, { "f64_be", 8, true }, { "f32_le", 4, false }, { "f32_be", 4, true } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (are_floats(look, kinds[i].size, kinds[i].big) && named(declared, kinds[i].stem) != declared)
            return named(declared, kinds[i].stem);
    return NULL;
}

/* The byte of a number that is concentrated most is its highest; in all numbers of that size the same. */
static const struct svi_datatype *find_integers(const struct look *look, const struct svi_datatype *declared)
{
    const bool pairs = are_alike(look, 0, 2) && are_alike(look, 1, 3);
    if (pairs && are_alike(look, 0, 1))
        return concentration_at(look, 0) > a_third ? named(declared, is_centered_high(look, 0) ? "u8" : "i8") : NULL;
    if (pairs && concentration_at(look, 1) > concentration_at(look, 0) + a_fifth)
        return named(declared, is_centered_high(look, 1) ? "u16_le" : "i16_le");
    if (pairs && concentration_at(look, 0) > concentration_at(look, 1) + a_fifth)
        return named(declared, is_centered_high(look, 0) ? "u16_be" : "i16_be");
    if (are_alike(look, 0, 4) && are_alike(look, 3, 7) && concentration_at(look, 3) > concentration_at(look, 0) + a_fifth)
        return named(declared, is_centered_high(look, 3) ? "u32_le" : "i32_le");
    if (are_alike(look, 0, 4) && are_alike(look, 3, 7) && concentration_at(look, 0) > concentration_at(look, 3) + a_fifth)
        return named(declared, is_centered_high(look, 0) ? "u32_be" : "i32_be");
    return NULL;
}

/* ---- the rules ---- */

static bool floats_are_absurd(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    if (!svi_datatype_is_float(declared))
        return false;
    const struct float_look floats = look_at_floats(look, declared->part_bytes, declared->big_endian);
    if (floats.words < FEWEST_WORDS / 2 || floats.absurd < a_fifth || floats.huge < 0.03)
        return false; /* small ones alone are what a filter rings out with */
    *likelier = find_floats(look, declared);
    *likelier = *likelier ? *likelier : find_integers(look, declared);
    return true;
}

/* Doubles of pairs of floats are of usual size, but their lower halves are not. */
static bool doubles_are_floats(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    if (!svi_datatype_is_float(declared) || declared->part_bytes != 8 || !are_floats(look, 4, declared->big_endian)
        || look_at_floats(look, 4, declared->big_endian).words * 4 < look->groups * 2 * 3) /* the lower halves are 0 */
        return false;
    *likelier = named(declared, declared->big_endian ? "f32_be" : "f32_le");
    return true;
}

static bool integers_are_floats(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    *likelier = svi_datatype_is_float(declared) ? NULL : find_floats(look, declared);
    return *likelier != NULL;
}

/* Halves of numbers that are spread alike, and not as what lies below a number's highest byte is. */
static bool halves_are_numbers(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    const size_t size = declared->part_bytes, top = declared->big_endian ? 0 : size - 1,
                 middle = declared->big_endian ? size / 2 : size / 2 - 1;
    if (svi_datatype_is_float(declared) || size == 1 || !has_many_values(look, top) || !has_many_values(look, middle)
        || !are_alike(look, top, middle) || concentration_at(look, middle) < a_third)
        return false;
    size_t equal = 0, words = 0;
    for (size_t at = 0; at + size <= look->bytes.count; at += size, words++)
        equal += look->bytes.at[at + top] == look->bytes.at[at + middle];
    if (equal * 4 > words) /* bytes written twice: 0 to 255 spread over 0 to 65535 */
        return false;
    *likelier = find_integers(look, declared);
    return *likelier && (*likelier)->part_bytes < size;
}

/* Every other number is spread evenly, and the ones between lie about a middle. */
static bool numbers_are_halves(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    const size_t size = declared->part_bytes, top = declared->big_endian ? 0 : size - 1;
    if (svi_datatype_is_float(declared) || size > 2 || !are_alike(look, top, top + 2 * size)
        || !are_alike(look, top + size, top + 3 * size))
        return false;
    const bool low = is_even(look, top) && has_many_values(look, top + size) && concentration_at(look, top + size) > 0.5;
    const bool high = is_even(look, top + size) && has_many_values(look, top) && concentration_at(look, top) > 0.5;
    *likelier = find_integers(look, declared);
    return (low || high) && *likelier && (*likelier)->part_bytes > size;
}

/* Energy of the steps from one number to the next of the same channel part, over that of the numbers: 2 of white noise. */
static double roughness(const struct look *look, const struct svi_datatype *declared, bool big)
{
    const size_t size = declared->part_bytes, stride = size * declared->parts;
    struct svi_datatype datatype = *declared;
    datatype.big_endian = big;
    double steps = 0, energy = 0, sum = 0, count = 0;
    for (size_t at = stride; at + size <= look->bytes.count; at += stride) {
        const double before = svi_datatype_load(&datatype, look->bytes.at + at - stride),
                     now = svi_datatype_load(&datatype, look->bytes.at + at);
        steps += (now - before) * (now - before);
        energy += now * now;
        sum += now;
        count++;
    }
    const double variance = count > 0 ? energy - sum * sum / count : 0;
    return variance > 0 ? steps / variance : NAN;
}

/* Small numbers of both signs, and nothing else. */
static bool is_extended_sign(const double *share)
{
    double near = 0, negative = 0;
    for (size_t i = 0; i < VALUES; i++) {
        near += i < 16 || i >= VALUES - 16 ? share[i] : 0;
        negative += i > VALUES / 2 ? share[i] : 0;
    }
    return near > nearly_all && negative > a_fifth && negative < 1 - a_fifth;
}

/* Where the lowest byte is what the highest should be, or where the swapped numbers are smooth and these are noise. */
static bool bytes_are_swapped(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    const size_t size = declared->part_bytes, top = declared->big_endian ? 0 : size - 1, bottom = size - 1 - top;
    if (svi_datatype_is_float(declared) || size == 1 || count_values(look, top, 0.002) < 16)
        return false;
    const bool sign = declared->middle == 0 && is_extended_sign(look->share[bottom]) && concentration_at(look, top) < a_third;
    const bool noise = has_many_values(look, bottom) && roughness(look, declared, declared->big_endian) > 0.5
                       && roughness(look, declared, !declared->big_endian) < 0.05;
    char stem[16];
    svi_format(stem, sizeof stem, "%s", declared->name + 1);
    stem[strlen(stem) - 2] = declared->big_endian ? 'l' : 'b';
    *likelier = named(declared, stem);
    return sign || noise;
}

/* How far the numbers lie from the ends of the range, each in steps of the type; counted up to DISTANCES. */
enum { DISTANCES = 1 << 16, FEWEST_DISTANCES = 8 };

struct ends {
    double count, negative;
    uint32_t at[DISTANCES];
};

/* False, and that early, where a few numbers lie about the middle, as they do in nearly all recordings. */
static bool measure_ends(struct ends *ends, const struct look *look, const struct svi_datatype *declared)
{
    const size_t size = declared->part_bytes;
    const double half = declared->full_scale, step = half > DISTANCES ? half / DISTANCES : 1;
    double near_middle = 0;
    const size_t count = look->bytes.count / size;
    *ends = (struct ends){ .count = (double)count };
    for (size_t at = 0; at + size <= look->bytes.count && near_middle < few * ends->count; at += size) {
        const double number = svi_datatype_load(declared, look->bytes.at + at) * half;
        const double distance = number >= 0 ? half - 1 - number : number + half;
        near_middle += fabs(number) < half / 8;
        ends->negative += number < 0;
        ends->at[(size_t)(distance / step)]++;
    }
    return near_middle < few * ends->count;
}

/* Half of them within a quarter of the way to the middle, of several distances, and the nearer ones no fewer than those behind. */
static bool are_near_ends(const struct ends *ends, double full_scale)
{
    size_t middle = 0, distinct = 0;
    double below = 0, quarter = 0;
    for (; middle < DISTANCES && below * 2 < ends->count; middle++)
        below += ends->at[middle];
    const size_t nearest = middle / 4 + 1;
    for (size_t i = 0; i < nearest; i++)
        quarter += ends->at[i];
    for (size_t i = 0; i < DISTANCES && distinct < FEWEST_DISTANCES; i++)
        distinct += ends->at[i] > 0;
    const double quarter_share = (double)nearest / (double)(middle + 1);
    return distinct == FEWEST_DISTANCES && middle < DISTANCES / 4 && (double)middle < full_scale / 4
           && quarter > 0.8 * quarter_share * ends->count / 2;
}

/* Most numbers lie at both ends of the range, the more the nearer, without a heap at the very ends as clipping makes one. */
static bool sign_is_wrong(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    if (svi_datatype_is_float(declared))
        return false;
    struct ends *ends = malloc(sizeof *ends);
    if (!ends)
        return false;
    bool holds = measure_ends(ends, look, declared);
    const double all = ends->count;
    holds = holds && all >= FEWEST_WORDS && ends->negative > a_fifth * all && ends->negative < (1 - a_fifth) * all
            && ends->at[0] < 1.5 * ends->at[1] + 0.002 * all && are_near_ends(ends, declared->full_scale);
    free(ends);
    char stem[16];
    svi_format(stem, sizeof stem, "%s", declared->name + 1);
    stem[0] = declared->middle == 0 ? 'u' : 'i';
    *likelier = named(declared, stem);
    return holds;
}

/* Floats that are integers which nobody divided: levels are against 1 all the same. */
static bool floats_are_whole(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier)
{
    const size_t size = declared->part_bytes;
    *likelier = NULL;
    if (!svi_datatype_is_float(declared))
        return false;
    double peak = 0;
    for (size_t at = 0; at + size <= look->bytes.count; at += size) {
        const double number = svi_datatype_load(declared, look->bytes.at + at);
        if (isfinite(number) && number != floor(number))
            return false;
        peak = isfinite(number) ? fmax(peak, fabs(number)) : peak;
    }
    return peak >= 16 && look_at_floats(look, size, declared->big_endian).distinct >= 8;
}

/* Judged in this order; the first that holds speaks. */
static const struct {
    const char *verdict;
    bool (*holds)(const struct look *look, const struct svi_datatype *declared, const struct svi_datatype **likelier);
    const char *sentence; /* behind "The samples, read as cf32_le, " */
    const char *mark;     /* where no other datatype is likelier */
} rules[] = {
    { "absurd_floats", floats_are_absurd, "are absurdly large, absurdly small, or not finite", "implausible" },
    { "doubles_of_floats", doubles_are_floats, "look like pairs of shorter numbers", "implausible" },
    { "integers_like_floats", integers_are_floats, "look like the bytes of floating-point numbers", "implausible" },
    { "numbers_of_halves", halves_are_numbers, "look like pairs of shorter numbers", "implausible" },
    { "halves_of_numbers", numbers_are_halves, "look like halves of longer numbers", "implausible" },
    { "swapped_bytes", bytes_are_swapped, "look like numbers of the other byte order", "implausible" },
    { "wrong_sign", sign_is_wrong, "lie at both ends of the range and nowhere between", "implausible" },
    { "whole_floats", floats_are_whole, "are whole numbers: nobody divided them by their full scale, and levels are against 1",
      "whole numbers" },
};

static const char plausible[] = "plausible", not_examined[] = "not_examined";

static void say(struct svi_plausibility *out, const struct svi_datatype *declared, const char *sentence, const char *mark)
{
    char guess[64] = "";
    svi_format(out->mark, sizeof out->mark, "%s", mark);
    if (out->likelier) {
        svi_format(guess, sizeof guess, "; %s is likelier", out->likelier->name);
        svi_format(out->mark, sizeof out->mark, "likelier %s", out->likelier->name);
    }
    svi_format(out->sentence, sizeof out->sentence, "The samples, read as %s, %s%s.", declared->name, sentence, guess);
}

void svi_plausibility_of(struct svi_plausibility *out, struct svi_bytes bytes, const struct svi_datatype *datatype)
{
    struct look look;
    *out = (struct svi_plausibility){ .verdict = plausible };
    if (!take_look(&look, bytes))
        return;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].holds(&look, datatype, &out->likelier)) {
            out->verdict = rules[i].verdict;
            say(out, datatype, rules[i].sentence, rules[i].mark);
            return;
        }
    out->likelier = NULL;
}

/* ---- the samples ---- */

static bool meets_gap(const struct svi_recording *recording, uint64_t first, uint64_t count)
{
    for (size_t i = 0; i < recording->gap_count && recording->gaps[i].first_sample < first + count; i++)
        if (recording->gaps[i].first_sample + recording->gaps[i].sample_count > first)
            return true;
    return false;
}

/* Runs from the first sample to the last. Each begins where a number of eight bytes would, too, counted from the first byte. */
static bool gather(struct svi_buffer *bytes, struct svi_capture *capture, struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    const size_t sample_bytes = svi_datatype_bytes(recording->datatype) * recording->channels;
    const uint64_t all = recording->sample_count, most = SVI_PLAUSIBILITY_BYTES / RUNS / sample_bytes / ALIGNMENT * ALIGNMENT;
    const uint64_t run = most ? most : ALIGNMENT, runs = all / run < RUNS ? all / run : RUNS;
    for (uint64_t i = 0; i < (runs ? runs : 1); i++) {
        uint64_t first = runs > 1 ? (all - run) / (runs - 1) * i : 0;
        const uint64_t beyond = (recording->cut_samples + first) % ALIGNMENT;
        first += beyond && first + ALIGNMENT - beyond < all ? ALIGNMENT - beyond : 0;
        const uint64_t left = all - first, count = run < left ? run : left;
        struct svi_bytes view;
        if (meets_gap(recording, first, count))
            continue;
        if (!svi_capture_view(capture, first, count, &view, err))
            return false;
        view.count -= view.count % POSITIONS;
        if (bytes->count + view.count <= SVI_PLAUSIBILITY_BYTES && view.count && !svi_buffer_add(bytes, view.at, view.count))
            return svi_fail_memory(err, view.count);
        svi_capture_forget_run(capture, first + count);
    }
    svi_capture_forget(capture, all);
    return true;
}

bool svi_plausibility_judge(struct svi_plausibility *out, struct svi_capture *capture, struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    struct svi_buffer bytes;
    *out = (struct svi_plausibility){ .verdict = not_examined };
    if (!recording->datatype_claimed)
        return true;
    svi_buffer_init(&bytes, SVI_PLAUSIBILITY_BYTES + 1);
    const bool ok = gather(&bytes, capture, err);
    if (ok)
        svi_plausibility_of(out, (struct svi_bytes){ bytes.at, bytes.count }, recording->datatype);
    svi_buffer_clear(&bytes);
    return ok;
}
