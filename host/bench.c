#include "host/bench.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "device/fused.h"
#include "visual/render.h"

#include <inttypes.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

/* A transform of which a recording has only a few is not worth a row. */
enum { MOST_ROUNDS = 99, CHUNK_SAMPLES = 1 << 16, LEAST_LENGTH = 256, MOST_LENGTH = 16384, LEAST_FRAMES = 32 };

struct bench {
    struct svi_device *device;
    const struct svi_bench_wishes *wishes;
    svi_bench_row *tell;
    void *tell_self;
    json_t *rows;
};

/* ---- recordings ---- */

static const char *const datatypes[] = { "ci16_le", "cf32_le" };

enum { DATATYPES = sizeof datatypes / sizeof *datatypes };

static bool path_of(char path[PATH_MAX], const struct bench *bench, const char *datatype, const char *ending, struct svi_error *err)
{
    return svi_format(path, PATH_MAX, "%s/bench-%s.%s", bench->wishes->folder, datatype, ending)
           || svi_fail(err, SVI_IO, "The name of a folder is too long.");
}

/* Noise that looks Gaussian, some 20 dB below full scale: eight uniform numbers for each. */
static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    double sum = -4 * 255;
    for (unsigned byte = 0; byte < 8; byte++)
        sum += (double)(*state >> (8 * byte) & 0xFF);
    return sum / 6000;
}

static bool write_samples(const struct bench *bench, const struct svi_datatype *type, struct svi_error *err)
{
    char path[PATH_MAX];
    struct svi_file_writer *writer = NULL;
    const size_t chunk_bytes = CHUNK_SAMPLES * svi_datatype_bytes(type);
    uint8_t *chunk = malloc(chunk_bytes);
    bool ok = (chunk || svi_fail_memory(err, chunk_bytes)) && path_of(path, bench, type->name, "sigmf-data", err)
              && svi_file_begin(&writer, path, err);
    uint64_t state = 1;
    for (uint64_t done = 0; ok && done < bench->wishes->samples; done += CHUNK_SAMPLES) {
        const uint64_t left = bench->wishes->samples - done, count = left < CHUNK_SAMPLES ? left : CHUNK_SAMPLES;
        for (size_t i = 0; i < count * type->parts; i++)
            svi_datatype_store(type, noise(&state), chunk + i * type->part_bytes);
        ok = svi_file_add(writer, (struct svi_bytes){ chunk, count * svi_datatype_bytes(type) }, err);
    }
    ok = ok && svi_file_finish(writer, err);
    svi_file_end(writer);
    free(chunk);
    return ok;
}

static bool write_recording(const struct bench *bench, const char *datatype, struct svi_error *err)
{
    char path[PATH_MAX], text[256];
    svi_format(text, sizeof text,
               "{\"global\": {\"core:datatype\": \"%s\", \"core:version\": \"1.0.0\", \"core:sample_rate\": 10e6}, "
               "\"captures\": [{\"core:sample_start\": 0, \"core:frequency\": 915e6}], \"annotations\": []}\n",
               datatype);
    return path_of(path, bench, datatype, "sigmf-meta", err) && svi_file_write(path, svi_bytes_of(text), err)
           && write_samples(bench, svi_datatype_find(datatype), err);
}

/* ---- rounds ---- */

struct row {
    const char *name, *engine, *datatype;
    const char *types[4];
    size_t type_count;
    unsigned length; /* of a transform that is measured; 0: the whole job is */
};

static bool go_on(void *self, double share, const char *stage)
{
    (void)share;
    (void)stage;
    const struct svi_bench_wishes *wishes = self;
    return !wishes->stop || !atomic_load(wishes->stop);
}

/* All of the pass over the samples: what is hidden behind the device's work, and what is not. */
static double pass_s(const json_t *timing)
{
    return json_number_value(json_object_get(timing, "read")) + json_number_value(json_object_get(timing, "upload"))
           + json_number_value(json_object_get(timing, "compute"));
}

/* engine: the one that was used. */
static bool draw_once(const struct bench *bench, const struct row *row, const json_t *config, double *seconds, char engine[32],
                      struct svi_error *err)
{
    char path[PATH_MAX];
    if (!path_of(path, bench, row->datatype, "sigmf-meta", err))
        return false;
    const struct svi_file file = { path, svi_base_name(path) };
    const struct svi_render_request request = {
        .types = row->types,
        .type_count = row->type_count,
        .config = config,
        .capture = { .files = &file, .file_count = 1, .look_beside = true },
        .folder = bench->wishes->folder,
        .stft = row->engine,
        .progress = go_on,
        .progress_self = (void *)(uintptr_t)bench->wishes,
    };
    const double begin_s = svi_now_s();
    struct svi_rendering rendering;
    if (!svi_render(bench->device, &request, &rendering, err))
        return false;
    const json_t *summary = json_array_get(rendering.summaries, 0), *timing = json_object_get(summary, "timing_s");
    const char *used = json_string_value(json_object_get(json_object_get(summary, "device"), "stft"));
    svi_format(engine, 32, "%s", used ? used : "none");
    *seconds = row->length ? pass_s(timing) : svi_now_s() - begin_s;
    svi_rendering_clear(&rendering);
    return true;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static json_t *config_of(const struct row *row)
{
    return row->length ? json_pack("{s:i, s:i, s:s, s:f, s:f}", "fftSize", (int)row->length, "hopSize", (int)row->length / 2,
                                   "theme", "bare", "width", 2.56, "height", 2.56)
                       : json_object();
}

static bool is_wanted(const struct svi_bench_wishes *wishes, const struct row *row)
{
    char said[96];
    svi_format(said, sizeof said, "%s %s %s", row->name, row->engine, row->datatype);
    return !wishes->only || strstr(said, wishes->only);
}

static bool measure(struct bench *bench, const struct row *row, struct svi_error *err)
{
    const struct svi_bench_wishes *wishes = bench->wishes;
    if (!is_wanted(wishes, row))
        return true;
    double seconds[MOST_ROUNDS + 1];
    const unsigned rounds = wishes->rounds < MOST_ROUNDS ? wishes->rounds : MOST_ROUNDS;
    char engine[32] = "";
    json_t *config = config_of(row);
    bool ok = config || svi_fail_memory(err, 1);
    for (unsigned round = 0; ok && round <= rounds; round++)
        ok = draw_once(bench, row, config, &seconds[round], engine, err);
    json_decref(config);
    if (!ok)
        return false;
    qsort(seconds + 1, rounds, sizeof *seconds, by_size);
    const uint64_t frames = row->length && wishes->samples >= row->length ? (wishes->samples - row->length) / (row->length / 2) + 1
                                                                          : 0;
    const uint64_t bins = frames * row->length;
    json_t *measured = json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:f}", "name", row->name, "engine", engine, "datatype",
                                 row->datatype, "samples", (json_int_t)wishes->samples, "bins", (json_int_t)bins, "seconds",
                                 seconds[1 + rounds / 2], "fastest_s", seconds[1]);
    if (!measured || json_array_append_new(bench->rows, measured) != 0)
        return svi_fail_memory(err, 1);
    bench->tell(bench->tell_self, measured);
    return true;
}

static size_t engine_count(const struct bench *bench, unsigned length)
{
    return svi_fused_supports(bench->device, length) ? 2 : bench->wishes->tune ? 0 : 1;
}

static bool measure_transform(struct bench *bench, unsigned length, const char *engine, const char *datatype, struct svi_error *err)
{
    char name[32];
    svi_format(name, sizeof name, "stft %u", length);
    const struct row row = {
        .name = name, .engine = engine, .datatype = datatype, .types = { "waterfall" }, .type_count = 1, .length = length
    };
    return measure(bench, &row, err);
}

/* Engines take turns, so that a change of the machine's mood meets both. Where the device has only one, it comes once. */
static bool measure_transforms(struct bench *bench, struct svi_error *err)
{
    const char *const engines[] = { bench->wishes->tune ? "fused" : "auto", "clfft" };
    const unsigned least = bench->wishes->tune ? SVI_FUSED_LEAST : LEAST_LENGTH;
    for (size_t type = 0; type < DATATYPES; type++)
        for (unsigned length = least; length <= MOST_LENGTH && length * LEAST_FRAMES <= bench->wishes->samples; length *= 2)
            for (size_t engine = 0; engine < engine_count(bench, length); engine++)
                if (!measure_transform(bench, length, engines[engine], datatypes[type], err))
                    return false;
    return true;
}

static bool measure_pictures(struct bench *bench, struct svi_error *err)
{
    static const struct row rows[] = {
        { "spectrogram", "auto", "cf32_le", { "spectrogram" }, 1, 0 },
        { "waterfall", "auto", "ci16_le", { "waterfall" }, 1, 0 },
        { "heatmap", "auto", "ci16_le", { "heatmap" }, 1, 0 },
        { "scatterplot", "auto", "ci16_le", { "scatterplot" }, 1, 0 },
        { "periodogram", "auto", "ci16_le", { "periodogram" }, 1, 0 },
        { "four in one pass", "auto", "ci16_le", { "waterfall", "heatmap", "scatterplot", "periodogram" }, 4, 0 },
        { "four with spectrogram", "auto", "ci16_le", { "waterfall", "heatmap", "scatterplot", "spectrogram" }, 4, 0 },
    };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++)
        ok = measure(bench, &rows[i], err);
    return ok;
}

bool svi_bench_run(struct svi_device *device, const struct svi_bench_wishes *wishes, svi_bench_row *tell, void *tell_self,
                   json_t **out, struct svi_error *err)
{
    struct bench bench = { .device = device, .wishes = wishes, .tell = tell, .tell_self = tell_self, .rows = json_array() };
    bool ok = bench.rows || svi_fail_memory(err, 1);
    for (size_t i = 0; ok && i < DATATYPES; i++)
        ok = write_recording(&bench, datatypes[i], err);
    ok = ok && measure_transforms(&bench, err) && (wishes->tune || measure_pictures(&bench, err));
    if (ok && wishes->only && !json_array_size(bench.rows))
        ok = svi_fail(err, SVI_BAD_USAGE,
                      "There is no row with \"%s\" in its name, engine and datatype, or not for so few --samples.", wishes->only);
    if (ok) {
        const struct svi_device_info *about = svi_device_about(device);
        *out = json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:i}, s:O}", "schema", "svi-worker.bench/1", "program", "name",
                         SVI_PROGRAM_NAME, "version", svi_version, "device", "name", about->name, "driver", about->driver,
                         "compute_units", (int)about->compute_units, "rows", bench.rows);
        ok = *out || svi_fail_memory(err, 1);
    }
    json_decref(bench.rows);
    return ok;
}
