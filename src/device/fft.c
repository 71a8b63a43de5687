#include "device/fft.h"

#include "device/profile.h"
#include "device/program.h"

#include <clFFT.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Plans kept for the next job. Each holds some 20 MiB of the device. */
enum { MAX_PLANS = 6 };

/* Bins of one launch: enough to keep the device busy, few enough to stay in a CPU's cache. */
enum { BINS_ON_CPU = 1 << 18, BINS_ON_GPU = 1 << 22 };

/* What load_frame.cl calls struct frame_layout, field by field. */
struct frame_layout {
    cl_int first, hop, samples;
    cl_uint channels, channel;
    cl_float middle, scale;
    cl_uint frames;
};

struct svi_fft {
    uint32_t length, bins, batch;
    const struct svi_datatype *datatype;
    bool one_sided;
    clfftPlanHandle plan;
    cl_mem layout; /* struct frame_layout, then float window[length] */
    cl_mem output; /* clFFT's own */
    cl_mem power;
    struct svi_fft *next;
};

struct svi_fft_plans {
    struct svi_fft *first; /* latest used first */
};

static pthread_mutex_t clfft_lock = PTHREAD_MUTEX_INITIALIZER;
static int clfft_users;

bool svi_fft_plans_create(struct svi_fft_plans **out, struct svi_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out || svi_fail_memory(err, sizeof **out);
}

/* Callback texts, each kept until clFFT is torn down: clFFT keeps programs by the address of the text, not by what it says, so an
 * address that came to hold another text would bring back a wrong program. */
struct callback_text {
    struct callback_text *next;
    char text[];
};

static struct callback_text *callback_texts;

static void forget_callback_texts(void)
{
    while (callback_texts) {
        struct callback_text *next = callback_texts->next;
        free(callback_texts);
        callback_texts = next;
    }
}

/* With the lock held. */
static void release_clfft(void)
{
    if (--clfft_users > 0)
        return;
    clfftTeardown();
    forget_callback_texts();
}

static void destroy(struct svi_fft *fft)
{
    if (!fft)
        return;
    if (fft->plan) {
        pthread_mutex_lock(&clfft_lock);
        clfftDestroyPlan(&fft->plan);
        release_clfft();
        pthread_mutex_unlock(&clfft_lock);
        svi_device_count(-1);
    }
    svi_mem_release(fft->layout);
    svi_mem_release(fft->output);
    svi_mem_release(fft->power);
    free(fft);
}

void svi_fft_plans_destroy(struct svi_fft_plans *plans)
{
    if (!plans)
        return;
    while (plans->first) {
        struct svi_fft *fft = plans->first;
        plans->first = fft->next;
        destroy(fft);
    }
    free(plans);
}

bool svi_fft_supports(uint32_t length)
{
    static const uint32_t radices[] = { 2, 3, 5, 7, 11, 13 };
    if (length < SVI_FFT_LEAST || length > SVI_FFT_MOST)
        return false;
    for (size_t i = 0; i < sizeof radices / sizeof *radices; i++)
        while (length % radices[i] == 0)
            length /= radices[i];
    return length == 1;
}

void svi_fft_neighbours(uint32_t length, uint32_t *below, uint32_t *above)
{
    uint32_t inside = length < SVI_FFT_LEAST ? SVI_FFT_LEAST : length > SVI_FFT_MOST ? SVI_FFT_MOST : length;
    for (*below = inside; !svi_fft_supports(*below); --*below)
        ;
    for (*above = inside; !svi_fft_supports(*above); ++*above)
        ;
}

uint32_t svi_fft_batch(const struct svi_fft *fft)
{
    return fft->batch;
}

uint32_t svi_fft_bins(const struct svi_fft *fft)
{
    return fft->bins;
}

cl_mem svi_fft_power(const struct svi_fft *fft)
{
    return fft->power;
}

static bool fail_clfft(struct svi_error *err, const char *what, clfftStatus code)
{
    if (code < CLFFT_BUGCHECK)
        return svi_fail_opencl(err, what, code);
    return svi_fail(err, SVI_DEVICE_FAILED, "The transform library failed while it worked on this job.")
           || svi_because(err, "clFFT: %s: %d", what, (int)code);
}

/* A callback's definitions, what reads numbers or "", and the callback as one text; with the lock held. NULL without memory. */
static const char *callback_text(const char *definitions, const char *numbers, const char *source, struct svi_error *err)
{
    const size_t size = strlen(definitions) + strlen(numbers) + strlen(source) + 1;
    struct callback_text *made = malloc(sizeof *made + size);
    if (!made) {
        svi_fail_memory(err, size);
        return NULL;
    }
    svi_format(made->text, size, "%s%s%s", definitions, numbers, source);
    for (const struct callback_text *known = callback_texts; known; known = known->next)
        if (!strcmp(known->text, made->text)) {
            free(made);
            return known->text;
        }
    made->next = callback_texts;
    callback_texts = made;
    return made->text;
}

/* With the lock held. */
static bool set_callbacks(struct svi_fft *fft, struct svi_error *err)
{
    char number_definitions[SVI_PROGRAM_DEFINITIONS], load_definitions[256], store_definitions[128];
    svi_program_definitions(number_definitions, sizeof number_definitions, fft->datatype);
    svi_format(load_definitions, sizeof load_definitions, "#define FRAME_LENGTH %uu\n%s", fft->length, number_definitions);
    svi_format(store_definitions, sizeof store_definitions, "#define POWER_LENGTH %uu\n#define POWER_ONE_SIDED %d\n", fft->length,
               fft->one_sided);
    const char *load = callback_text(load_definitions, svi_program_source("load_number.cl"), svi_program_source("load_frame.cl"),
                                     err);
    const char *store = callback_text(store_definitions, "", svi_program_source("store_power.cl"), err);
    if (!load || !store)
        return false;
    clfftStatus code = clfftSetPlanCallback(fft->plan, "load_frame", load, 0, PRECALLBACK, &fft->layout, 1);
    if (code == CLFFT_SUCCESS)
        code = clfftSetPlanCallback(fft->plan, "store_power", store, 0, POSTCALLBACK, &fft->power, 1);
    return code == CLFFT_SUCCESS || fail_clfft(err, "clfftSetPlanCallback", code);
}

/* With the lock held. */
static bool bake(struct svi_device *device, struct svi_fft *fft, struct svi_error *err)
{
    cl_command_queue queue = svi_device_queue(device);
    size_t length = fft->length;
    clfftStatus code = CLFFT_SUCCESS;
    if (clfft_users == 0) {
        const clfftSetupData setup = { clfftVersionMajor, clfftVersionMinor, clfftVersionPatch, 0 };
        code = clfftSetup(&setup);
        if (code != CLFFT_SUCCESS)
            return fail_clfft(err, "clfftSetup", code);
    }
    clfft_users++;
    code = clfftCreateDefaultPlan(&fft->plan, svi_device_context(device), CLFFT_1D, &length);
    if (code != CLFFT_SUCCESS) {
        fft->plan = 0;
        release_clfft();
        return fail_clfft(err, "clfftCreateDefaultPlan", code);
    }
    svi_device_count(+1);
    /* The input counts as packed frames; load_frame turns that into the real, overlapping places. */
    clfftSetPlanPrecision(fft->plan, CLFFT_SINGLE);
    clfftSetLayout(fft->plan, CLFFT_COMPLEX_INTERLEAVED, CLFFT_COMPLEX_INTERLEAVED);
    clfftSetResultLocation(fft->plan, CLFFT_OUTOFPLACE);
    clfftSetPlanBatchSize(fft->plan, fft->batch);
    clfftSetPlanDistance(fft->plan, fft->length, fft->length);
    if (!set_callbacks(fft, err))
        return false;
    code = clfftBakePlan(fft->plan, 1, &queue, NULL, NULL);
    return code == CLFFT_SUCCESS || fail_clfft(err, "clfftBakePlan", code);
}

bool svi_fft_window(struct svi_device *device, struct svi_fft *fft, const float *window, struct svi_error *err)
{
    return svi_mem_send(device, fft->layout, sizeof(struct frame_layout), window, fft->length * sizeof *window, err);
}

bool svi_fft_launch(struct svi_device *device, struct svi_fft *fft, cl_mem samples, const struct svi_fft_frames *frames,
                    struct svi_error *err)
{
    const struct frame_layout layout = {
        .first = frames->first,
        .hop = frames->hop,
        .samples = frames->samples,
        .channels = frames->channels,
        .channel = frames->channel,
        .middle = frames->raw ? 0.0f : (float)fft->datatype->middle,
        .scale = frames->raw ? 1.0f : (float)(1.0 / fft->datatype->full_scale),
        .frames = frames->frames,
    };
    if (!svi_mem_send(device, fft->layout, 0, &layout, sizeof layout, err))
        return false;
    cl_command_queue queue = svi_device_queue(device);
    cl_event event = NULL;
    clfftStatus code = clfftEnqueueTransform(fft->plan, CLFFT_FORWARD, 1, &queue, 0, NULL, &event, &samples, &fft->output, NULL);
    if (code != CLFFT_SUCCESS)
        return fail_clfft(err, "clfftEnqueueTransform", code);
    svi_profile_add(svi_device_profile(device), "clfft", event);
    return true;
}

/* ---- the self-test: a tone of amplitude 1/2 in the middle of a bin ---- */

static uint32_t test_tone(const struct svi_fft *fft)
{
    return fft->length / 8 + 1;
}

static void store_tone(const struct svi_fft *fft, uint8_t *samples)
{
    const struct svi_datatype *datatype = fft->datatype;
    for (uint32_t i = 0; i < fft->length; i++, samples += svi_datatype_bytes(datatype)) {
        const double angle = 2 * M_PI * (double)((uint64_t)i * test_tone(fft) % fft->length) / fft->length;
        svi_datatype_store(datatype, 0.5 * cos(angle), samples);
        if (datatype->parts == 2)
            svi_datatype_store(datatype, 0.5 * sin(angle), samples + datatype->part_bytes);
    }
}

/* It must come out in its bin (and, where the samples are real, in its mirror image), and nowhere else. */
static bool check_power(const struct svi_fft *fft, const float *power, struct svi_error *err)
{
    static const double most_off = 0.02; /* 8-bit rounding alone stays below -40 dB */
    const uint32_t length = fft->length, tone = test_tone(fft), zero = fft->one_sided ? 0 : length / 2;
    const bool real = fft->datatype->parts == 1;
    /* Real tones have half their amplitude on either side; one-sided power is doubled. */
    const double peak = 0.25 * length * (double)length / (!real ? 1 : fft->one_sided ? 2 : 4);
    for (uint32_t i = 0; i < fft->bins; i++) {
        const bool lit = i == (zero + tone) % length || (real && i == (zero + length - tone) % length);
        const double expected = lit ? peak : 0.0;
        if (!(fabs(power[i] - expected) / peak < most_off))
            return svi_fail(err, SVI_DEVICE_FAILED, "The OpenCL device failed its self-test; another device or driver is needed.")
                   || svi_because(err, "clFFT, length %u, %s: bin %u reads %g, not %g", length, fft->datatype->name, i,
                                  (double)power[i], expected);
    }
    return true;
}

static bool check_with_tone(struct svi_device *device, struct svi_fft *fft, struct svi_error *err)
{
    const size_t bytes = (size_t)fft->length * svi_datatype_bytes(fft->datatype);
    uint8_t *samples = malloc(bytes);
    float *window = malloc(fft->length * sizeof *window), *power = malloc(fft->bins * sizeof *power);
    cl_mem memory = NULL;
    bool ok = (samples && window && power) || svi_fail_memory(err, bytes);
    if (ok) {
        store_tone(fft, samples);
        for (uint32_t i = 0; i < fft->length; i++)
            window[i] = 1.0f;
        memory = svi_mem_create(device, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, bytes, samples, err);
    }
    const struct svi_fft_frames frames = { .hop = 1, .samples = (int32_t)fft->length, .channels = 1, .frames = 1 };
    ok = ok && memory && svi_fft_window(device, fft, window, err) && svi_fft_launch(device, fft, memory, &frames, err)
         && svi_mem_read(device, power, fft->power, fft->bins * sizeof *power, err) && check_power(fft, power, err);
    svi_mem_release(memory);
    free(power);
    free(window);
    free(samples);
    return ok;
}

/* ---- plans ---- */

static uint32_t batch_for(const struct svi_device *device, uint32_t length)
{
    uint32_t bins = svi_device_about(device)->type == SVI_DEVICE_CPU ? BINS_ON_CPU : BINS_ON_GPU;
    return bins > length ? bins / length : 1;
}

static bool create(struct svi_device *device, uint32_t length, const struct svi_datatype *datatype, bool one_sided,
                   struct svi_fft **out, struct svi_error *err)
{
    struct svi_fft *fft = calloc(1, sizeof *fft);
    if (!fft)
        return svi_fail_memory(err, sizeof *fft);
    fft->length = length;
    fft->datatype = datatype;
    fft->one_sided = one_sided;
    fft->bins = one_sided ? length / 2 + 1 : length;
    fft->batch = batch_for(device, length);
    size_t layout_bytes = sizeof(struct frame_layout) + length * sizeof(cl_float);
    size_t output_bytes = (size_t)fft->batch * length * sizeof(cl_float2);
    size_t power_bytes = (size_t)fft->batch * fft->bins * sizeof(cl_float);
    bool ok = (fft->layout = svi_mem_create(device, CL_MEM_READ_ONLY, layout_bytes, NULL, err))
              && (fft->output = svi_mem_create(device, CL_MEM_READ_WRITE, output_bytes, NULL, err))
              && (fft->power = svi_mem_create(device, CL_MEM_READ_WRITE, power_bytes, NULL, err));
    if (ok) {
        pthread_mutex_lock(&clfft_lock);
        ok = bake(device, fft, err);
        pthread_mutex_unlock(&clfft_lock);
    }
    if (ok && check_with_tone(device, fft, err)) {
        *out = fft;
        return true;
    }
    destroy(fft);
    return false;
}

bool svi_fft_plan(struct svi_device *device, uint32_t length, const struct svi_datatype *datatype, bool one_sided,
                  struct svi_fft **out, struct svi_error *err)
{
    struct svi_fft_plans *plans = svi_device_fft_plans(device);
    size_t count = 0;
    struct svi_fft **link = &plans->first, **last = NULL;
    for (; *link; last = link, link = &(*link)->next, count++) {
        struct svi_fft *fft = *link;
        if (fft->length != length || fft->datatype != datatype || fft->one_sided != one_sided)
            continue;
        *link = fft->next;
        fft->next = plans->first;
        *out = plans->first = fft;
        return true;
    }
    if (count == MAX_PLANS) {
        destroy(*last);
        *last = NULL;
    }
    struct svi_fft *fft;
    if (!create(device, length, datatype, one_sided, &fft, err))
        return false;
    fft->next = plans->first;
    *out = plans->first = fft;
    return true;
}
