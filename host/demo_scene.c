#include "host/demo_scene.h"

#include "base/bytes.h"
#include "base/file.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double rate_hz = 2e6, center_hz = 915e6, duration_s = 1.5, noise_db = -45, tau = 6.283185307179586;

enum { BLOCK_SAMPLES = 16384 };

struct point {
    double i, q;
};

/* ---- emitters: each a function of the time since it came on, with amplitude 1 ---- */

static struct point turn(double cycles)
{
    double angle = tau * (cycles - floor(cycles));
    return (struct point){ cos(angle), sin(angle) };
}

static struct point scaled(struct point point, double factor)
{
    return (struct point){ point.i * factor, point.q * factor };
}

/* The same 64 bits for the same number, without any pattern to the eye. */
static uint64_t scatter(uint64_t x)
{
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

/* Rises and falls within `edge_s`, so that a burst has no clicks. */
static double burst_envelope(double t_s, double length_s, double edge_s)
{
    double inside_s = fmin(t_s, length_s - t_s);
    return inside_s <= 0 ? 0 : inside_s >= edge_s ? 1 : 0.5 - 0.5 * cos(tau / 2 * inside_s / edge_s);
}

static struct point carrier(double t_s)
{
    return turn(310e3 * t_s);
}

/* Frequency modulation by a few tones: the phase is the sum of deviation / tone * sin(tone). */
static struct point broadcast(double t_s)
{
    double loudness = 0.5 + 0.3 * sin(tau * 1.7 * t_s) * sin(tau * 4.3 * t_s + 1) + 0.2 * sin(tau * 11 * t_s);
    double cycles = -600e3 * t_s;
    cycles += loudness * 30e3 / 1100 * sin(tau * 1100 * t_s) / tau;
    cycles += loudness * 25e3 / 2900 * sin(tau * 2900 * t_s) / tau;
    cycles += 7.5e3 / 19000 * sin(tau * 19000 * t_s) / tau;
    return turn(cycles);
}

/* Packets of chirps across 125 kHz: eight alike, two falling, then data as cyclic shifts. */
static struct point chirp_packets(double t_s)
{
    const double width_hz = 125e3, symbol_s = 8.192e-3, low_hz = -232e3, packet_s = 36 * symbol_s, period_s = 0.6;
    double in_packet_s = fmod(t_s, period_s);
    if (in_packet_s >= packet_s)
        return (struct point){ 0, 0 };
    uint64_t symbol = (uint64_t)(in_packet_s / symbol_s);
    double x = in_packet_s / symbol_s - (double)symbol;
    double shift = symbol < 10 ? 0 : (double)(scatter(symbol + 100 * (uint64_t)(t_s / period_s)) % 128) / 128;
    double place = fmod(x + shift, 1);
    bool falls = symbol == 8 || symbol == 9;
    double cycles = symbol_s * (low_hz * x + width_hz * (falls ? x - x * x / 2 : place * place / 2));
    return turn(cycles);
}

/* Short bursts that hop over sixteen channels. */
static struct point hopper(double t_s)
{
    const double period_s = 20e-3, burst_s = 12e-3, spacing_hz = 25e3, lowest_hz = -80e3;
    uint64_t hop = (uint64_t)(t_s / period_s);
    double in_burst_s = t_s - (double)hop * period_s;
    double tone_hz = lowest_hz + spacing_hz * (double)(scatter(hop) % 16);
    double data = 1.4 * sin(tau * 2400 * in_burst_s) / tau;
    return scaled(turn(tone_hz * in_burst_s + data), burst_envelope(in_burst_s, burst_s, 0.4e-3));
}

static double raised_cosine(double x)
{
    const double rolloff = 0.3;
    double edge = 1 - 4 * rolloff * rolloff * x * x;
    if (fabs(edge) < 1e-9)
        return 0.7853981633974483 * sin(tau / 4 / rolloff) / (tau / 4 / rolloff);
    double sinc = x == 0 ? 1 : sin(tau / 2 * x) / (tau / 2 * x);
    return sinc * cos(tau / 2 * rolloff * x) / edge;
}

/* Four phases, 166.7 thousand symbols a second, pulses that fill the band evenly. */
static struct point data_link(double t_s)
{
    enum { REACH = 3 };
    double symbols = t_s * rate_hz / 12;
    int64_t now = (int64_t)floor(symbols);
    struct point sum = { 0, 0 };
    for (int64_t k = now - REACH + 1; k <= now + REACH; k++) {
        uint64_t bits = scatter((uint64_t)k + 1000000);
        double pulse = raised_cosine(symbols - (double)k) * 0.7071067811865476;
        sum.i += bits & 1 ? pulse : -pulse;
        sum.q += bits & 2 ? pulse : -pulse;
    }
    struct point mixer = turn(680e3 * t_s);
    return (struct point){ sum.i * mixer.i - sum.q * mixer.q, sum.i * mixer.q + sum.q * mixer.i };
}

static struct point sweep(double t_s)
{
    return turn(-950e3 * t_s + 1900e3 / duration_s * t_s * t_s / 2);
}

static const struct emitter {
    const char *label;
    double low_hz, high_hz; /* from the center */
    double start_s, end_s;
    double level_db; /* of full scale */
    struct point (*at)(double t_s);
} emitters[] = {
    { "carrier", 309e3, 311e3, 0, 1.5, -38, carrier },
    { "FM broadcast", -680e3, -520e3, 0, 1.5, -22, broadcast },
    { "chirp packets", -232e3, -107e3, 0.15, 1.5, -26, chirp_packets },
    { "frequency hopper", -90e3, 305e3, 0, 1.5, -24, hopper },
    { "QPSK link", 572e3, 788e3, 0.3, 1.2, -24, data_link },
    { "sweep", -950e3, 950e3, 0, 1.5, -44, sweep },
};

enum { EMITTERS = sizeof emitters / sizeof *emitters };

/* ---- samples ---- */

static double uniform(uint64_t *state)
{
    *state += 1;
    return ((double)(scatter(*state) >> 11) + 0.5) * 0x1p-53;
}

static struct point noise(uint64_t *state)
{
    double radius = sqrt(-log(uniform(state)));
    return scaled(turn(uniform(state)), radius);
}

static void store(uint8_t *at, double value)
{
    double rounded = rint(fmin(fmax(value, -1), 1) * 32767);
    uint16_t bits = (uint16_t)(int16_t)rounded;
    at[0] = (uint8_t)bits;
    at[1] = (uint8_t)(bits >> 8);
}

static void make_block(uint8_t *bytes, uint64_t first, size_t count, const double amplitude[EMITTERS], uint64_t *state)
{
    double noise_amplitude = pow(10, noise_db / 20);
    for (size_t n = 0; n < count; n++) {
        double t_s = (double)(first + n) / rate_hz;
        struct point sum = scaled(noise(state), noise_amplitude);
        for (size_t e = 0; e < EMITTERS; e++) {
            if (t_s < emitters[e].start_s || t_s >= emitters[e].end_s)
                continue;
            struct point part = emitters[e].at(t_s - emitters[e].start_s);
            sum.i += part.i * amplitude[e];
            sum.q += part.q * amplitude[e];
        }
        store(bytes + 4 * n, sum.i);
        store(bytes + 4 * n + 2, sum.q);
    }
}

static bool write_samples(FILE *file)
{
    static uint8_t bytes[4 * BLOCK_SAMPLES];
    double amplitude[EMITTERS];
    for (size_t e = 0; e < EMITTERS; e++)
        amplitude[e] = pow(10, emitters[e].level_db / 20);
    uint64_t state = 1, count = (uint64_t)(duration_s * rate_hz);
    bool ok = true;
    for (uint64_t first = 0; ok && first < count; first += BLOCK_SAMPLES) {
        size_t block = count - first < BLOCK_SAMPLES ? (size_t)(count - first) : BLOCK_SAMPLES;
        make_block(bytes, first, block, amplitude, &state);
        ok = fwrite(bytes, 4, block, file) == block;
    }
    return ok;
}

/* ---- files ---- */

static json_t *describe(void)
{
    json_t *annotations = json_array();
    for (size_t e = 0; e < EMITTERS; e++) {
        json_int_t start = (json_int_t)(emitters[e].start_s * rate_hz), end = (json_int_t)(emitters[e].end_s * rate_hz);
        json_array_append_new(annotations,
                              json_pack("{s:I, s:I, s:f, s:f, s:s}", "core:sample_start", start, "core:sample_count", end - start,
                                        "core:freq_lower_edge", center_hz + emitters[e].low_hz, "core:freq_upper_edge",
                                        center_hz + emitters[e].high_hz, "core:label", emitters[e].label));
    }
    return json_pack("{s:{s:s, s:s, s:f, s:s, s:s}, s:[{s:i, s:f, s:s}], s:o}", "global", "core:datatype", "ci16_le",
                     "core:version", "1.2.0", "core:sample_rate", rate_hz, "core:recorder", "svi-worker demo", "core:description",
                     "A made-up scene: broadcast, packets, hops, a data link and a sweep", "captures", "core:sample_start", 0,
                     "core:frequency", center_hz, "core:datetime", "2025-06-01T12:00:00.000000Z", "annotations", annotations);
}

static bool write_metadata(const char *path, struct svi_error *err)
{
    json_t *tree = describe();
    char *text = tree ? json_dumps(tree, JSON_INDENT(2)) : NULL;
    bool ok = text ? svi_file_write(path, svi_bytes_of(text), err) : svi_fail_memory(err, 4096);
    free(text);
    json_decref(tree);
    return ok;
}

bool svi_demo_scene_write(const char *folder, char metadata[PATH_MAX], char data[PATH_MAX], struct svi_error *err)
{
    if (!svi_format(metadata, PATH_MAX, "%s/demo.sigmf-meta", folder) || !svi_format(data, PATH_MAX, "%s/demo.sigmf-data", folder))
        return svi_fail(err, SVI_IO, "The name of a folder is too long.");
    FILE *file = fopen(data, "wbe");
    bool ok = file && write_samples(file);
    int why = errno;
    if (file && fclose(file) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (!ok)
        return svi_fail(err, SVI_IO, "The demo's recording cannot be written: %s.", strerror(why)) || svi_because(err, "%s", data);
    return write_metadata(metadata, err);
}
