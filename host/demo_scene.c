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

static const double tau = 6.283185307179586, symbol_rate_hz = 2e6 / 12, link_hz = 680e3, sweep_s = 1.5;

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

/* Four phases, 166.7 thousand symbols a second, pulses that fill the band evenly; at its own frequency. */
static struct point tuned_link(double t_s)
{
    enum { REACH = 3 };
    double symbols = t_s * symbol_rate_hz;
    int64_t now = (int64_t)floor(symbols);
    struct point sum = { 0, 0 };
    for (int64_t k = now - REACH + 1; k <= now + REACH; k++) {
        uint64_t bits = scatter((uint64_t)k + 1000000);
        double pulse = raised_cosine(symbols - (double)k) * 0.7071067811865476;
        sum.i += bits & 1 ? pulse : -pulse;
        sum.q += bits & 2 ? pulse : -pulse;
    }
    return sum;
}

static struct point data_link(double t_s)
{
    struct point link = tuned_link(t_s), mixer = turn(link_hz * t_s);
    return (struct point){ link.i * mixer.i - link.q * mixer.q, link.i * mixer.q + link.q * mixer.i };
}

static struct point sweep(double t_s)
{
    return turn(-950e3 * t_s + 1900e3 / sweep_s * t_s * t_s / 2);
}

enum { MOST_EMITTERS = 6 };

struct emitter {
    const char *label;
    double low_hz, high_hz; /* from the center */
    double start_s, end_s;
    double level_db; /* of full scale */
    struct point (*at)(double t_s);
};

struct scene {
    const char *name, *about;
    double rate_hz, center_hz, duration_s, noise_db;
    size_t emitter_count;
    struct emitter emitters[MOST_EMITTERS];
};

static const struct scene band = { "demo",
                                   "A made-up scene: broadcast, packets, hops, a data link and a sweep",
                                   2e6,
                                   915e6,
                                   1.5,
                                   -45,
                                   6,
                                   {
                                       { "carrier", 309e3, 311e3, 0, 1.5, -38, carrier },
                                       { "FM broadcast", -680e3, -520e3, 0, 1.5, -22, broadcast },
                                       { "chirp packets", -232e3, -107e3, 0.15, 1.5, -26, chirp_packets },
                                       { "frequency hopper", -90e3, 305e3, 0, 1.5, -24, hopper },
                                       { "QPSK link", 572e3, 788e3, 0.3, 1.2, -24, data_link },
                                       { "sweep", -950e3, 950e3, 0, 1.5, -44, sweep },
                                   } };

/* The link as a receiver gets it that is tuned to it: three samples a symbol, one of them in its middle, and 15 dB of gain. */
static const struct scene link = { "demo-link",
                                   "The data link of the made-up scene, alone",
                                   500e3,
                                   915.68e6,
                                   0.6,
                                   -36,
                                   1,
                                   {
                                       { "QPSK link", -108e3, 108e3, 0, 0.6, -9, tuned_link },
                                   } };

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

static void make_block(const struct scene *scene, uint8_t *bytes, uint64_t first, size_t count,
                       const double amplitude[MOST_EMITTERS], uint64_t *state)
{
    double noise_amplitude = pow(10, scene->noise_db / 20);
    for (size_t n = 0; n < count; n++) {
        double t_s = (double)(first + n) / scene->rate_hz;
        struct point sum = scaled(noise(state), noise_amplitude);
        for (size_t e = 0; e < scene->emitter_count; e++) {
            const struct emitter *emitter = &scene->emitters[e];
            if (t_s < emitter->start_s || t_s >= emitter->end_s)
                continue;
            struct point part = emitter->at(t_s - emitter->start_s);
            sum.i += part.i * amplitude[e];
            sum.q += part.q * amplitude[e];
        }
        store(bytes + 4 * n, sum.i);
        store(bytes + 4 * n + 2, sum.q);
    }
}

static bool write_samples(const struct scene *scene, FILE *file)
{
    static uint8_t bytes[4 * BLOCK_SAMPLES];
    double amplitude[MOST_EMITTERS];
    for (size_t e = 0; e < scene->emitter_count; e++)
        amplitude[e] = pow(10, scene->emitters[e].level_db / 20);
    uint64_t state = 1, count = (uint64_t)(scene->duration_s * scene->rate_hz);
    bool ok = true;
    for (uint64_t first = 0; ok && first < count; first += BLOCK_SAMPLES) {
        size_t block = count - first < BLOCK_SAMPLES ? (size_t)(count - first) : BLOCK_SAMPLES;
        make_block(scene, bytes, first, block, amplitude, &state);
        ok = fwrite(bytes, 4, block, file) == block;
    }
    return ok;
}

/* ---- files ---- */

static json_t *describe(const struct scene *scene)
{
    json_t *annotations = json_array();
    for (size_t e = 0; e < scene->emitter_count; e++) {
        const struct emitter *emitter = &scene->emitters[e];
        json_int_t start = (json_int_t)(emitter->start_s * scene->rate_hz), end = (json_int_t)(emitter->end_s * scene->rate_hz);
        json_array_append_new(annotations,
                              json_pack("{s:I, s:I, s:f, s:f, s:s}", "core:sample_start", start, "core:sample_count", end - start,
                                        "core:freq_lower_edge", scene->center_hz + emitter->low_hz, "core:freq_upper_edge",
                                        scene->center_hz + emitter->high_hz, "core:label", emitter->label));
    }
    return json_pack("{s:{s:s, s:s, s:f, s:s, s:s}, s:[{s:i, s:f, s:s}], s:o}", "global", "core:datatype", "ci16_le",
                     "core:version", "1.2.0", "core:sample_rate", scene->rate_hz, "core:recorder", "svi-worker demo",
                     "core:description", scene->about, "captures", "core:sample_start", 0, "core:frequency", scene->center_hz,
                     "core:datetime", "2025-06-01T12:00:00.000000Z", "annotations", annotations);
}

static bool write_metadata(const struct scene *scene, const char *path, struct svi_error *err)
{
    json_t *tree = describe(scene);
    char *text = tree ? json_dumps(tree, JSON_INDENT(2)) : NULL;
    bool ok = text ? svi_file_write(path, svi_bytes_of(text), err) : svi_fail_memory(err, 4096);
    free(text);
    json_decref(tree);
    return ok;
}

static bool write_recording(const struct scene *scene, const char *folder, struct svi_demo_recording *out, struct svi_error *err)
{
    if (!svi_format(out->metadata, PATH_MAX, "%s/%s.sigmf-meta", folder, scene->name)
        || !svi_format(out->data, PATH_MAX, "%s/%s.sigmf-data", folder, scene->name))
        return svi_fail(err, SVI_IO, "The name of a folder is too long.");
    FILE *file = fopen(out->data, "wbe");
    bool ok = file && write_samples(scene, file);
    int why = errno;
    if (file && fclose(file) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (!ok)
        return svi_fail(err, SVI_IO, "The demo's recording cannot be written: %s.", strerror(why))
               || svi_because(err, "%s", out->data);
    return write_metadata(scene, out->metadata, err);
}

bool svi_demo_scene_write(const char *folder, struct svi_demo_scene *out, struct svi_error *err)
{
    return write_recording(&band, folder, &out->band, err) && write_recording(&link, folder, &out->link, err);
}

const struct svi_demo_recording *svi_demo_scene_for(const struct svi_demo_scene *scene, const char *type)
{
    return strcmp(type, "scatterplot") != 0 ? &scene->band : &scene->link;
}
