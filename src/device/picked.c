#include "device/picked.h"

#include "device/engine_table.h"
#include "device/fft.h"
#include "device/fused.h"

#include <stdlib.h>
#include <string.h>

/* Bins of one launch: enough to keep the device busy, few enough to stay in a CPU's cache, and not more than clFFT's plans have. */
enum { BINS_ON_CPU = 1 << 18, BINS_ON_GPU = 1 << 22 };

/* Of one turn, as in stft.c; the most that is gathered at a time, where a frame has many channels; and so many frames side by side
 * that they are worth a launch of their own. */
enum { BATCHES_A_TURN = 16, GATHERED_BYTES = 32 << 20, FRAMES_IN_PLACE = 64 };

struct svi_picked {
    struct svi_device *device;
    const struct svi_recording *recording;
    struct svi_picked_request request;
    size_t sample_bytes; /* of all channels */
    uint64_t next_frame, next_begin;
    uint32_t room, held;     /* frames */
    cl_mem gathered;         /* [room][fft_size], all channels, as stored; NULL: none needed so far */
    struct svi_fused *fused; /* NULL: clFFT transforms */
    uint32_t *groups;        /* [room + 1]: of one frame each */
};

/* Frames of the block that follow one another without a gap: one copy. */
struct stretch {
    uint64_t begin;
    uint32_t frames;
};

static void advance(struct svi_picked *picked, uint64_t frame)
{
    picked->next_frame = frame;
    if (frame < picked->request.frame_count)
        picked->next_begin = picked->request.begin_of(picked->request.self, frame);
}

uint32_t svi_picked_most_frames(const struct svi_device *device, uint32_t fft_size)
{
    const uint32_t bins = svi_device_about(device)->type == SVI_DEVICE_CPU ? BINS_ON_CPU : BINS_ON_GPU;
    return bins > fft_size ? bins / fft_size : 1;
}

static bool prepare_fused(struct svi_picked *picked, struct svi_error *err)
{
    const struct svi_picked_request *request = &picked->request;
    const struct svi_fused_request wanted = {
        .length = request->fft_size,
        .hop_samples = request->fft_size,
        .window = request->window,
        .datatype = picked->recording->datatype,
        .channels = picked->recording->channels,
        .channel = request->channel,
        .raw = request->raw,
    };
    picked->groups = malloc((picked->room + 1) * sizeof *picked->groups);
    if (!picked->groups)
        return svi_fail_memory(err, (picked->room + 1) * sizeof *picked->groups);
    for (uint32_t i = 0; i <= picked->room; i++)
        picked->groups[i] = i;
    return svi_fused_create(&picked->fused, picked->device, &wanted, err);
}

static bool is_for_fused(const struct svi_device *device, uint32_t fft_size)
{
    return svi_fused_supports(device, fft_size)
           && !strcmp(svi_engine_for(svi_device_engines(device), svi_device_about(device), fft_size), "fused");
}

bool svi_picked_create(struct svi_picked **out, struct svi_device *device, struct svi_capture *capture,
                       const struct svi_picked_request *request, struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    if (!svi_fft_supports(request->fft_size) || !request->frame_count || request->channel >= recording->channels)
        return svi_fail(err, SVI_BUG, "Frames were picked in an impossible way.");
    struct svi_picked *picked = calloc(1, sizeof *picked);
    if (!picked)
        return svi_fail_memory(err, sizeof *picked);
    picked->device = device;
    picked->recording = recording;
    picked->request = *request;
    picked->sample_bytes = svi_datatype_bytes(recording->datatype) * recording->channels;
    const size_t batch = svi_picked_most_frames(device, request->fft_size),
                 most = GATHERED_BYTES / (request->fft_size * picked->sample_bytes);
    picked->room = (uint32_t)(most >= batch ? batch : most ? most : 1);
    if (is_for_fused(device, request->fft_size) && !prepare_fused(picked, err)) {
        svi_picked_destroy(picked);
        return false;
    }
    advance(picked, 0);
    *out = picked;
    return true;
}

void svi_picked_destroy(struct svi_picked *picked)
{
    if (!picked)
        return;
    svi_fused_destroy(picked->fused);
    svi_mem_release(picked->gathered);
    free(picked->groups);
    free(picked);
}

static bool wants(void *self, uint64_t *first, uint64_t *count)
{
    const struct svi_picked *picked = self;
    *first = picked->next_begin;
    *count = picked->request.fft_size;
    return picked->next_frame < picked->request.frame_count;
}

/* Takes the next frames off the list as far as they touch each other, lie in the block, and there is room. */
static struct stretch next_stretch(struct svi_picked *picked, const struct svi_block *block)
{
    const uint32_t fft_size = picked->request.fft_size;
    const uint64_t block_end = block->first_sample + block->sample_count;
    struct stretch stretch = { picked->next_begin, 0 };
    while (picked->next_frame < picked->request.frame_count && stretch.frames < picked->room - picked->held
           && picked->next_begin == stretch.begin + (uint64_t)stretch.frames * fft_size && picked->next_begin >= block->first_sample
           && picked->next_begin + fft_size <= block_end) {
        stretch.frames++;
        advance(picked, picked->next_frame + 1);
    }
    return stretch;
}

static bool gather(struct svi_picked *picked, const struct svi_block *block, const struct stretch *stretch, struct svi_error *err)
{
    const size_t frame_bytes = picked->request.fft_size * picked->sample_bytes;
    const size_t from = (size_t)(stretch->begin - block->first_sample) * picked->sample_bytes;
    if (!picked->gathered)
        picked->gathered = svi_mem_create(picked->device, CL_MEM_READ_WRITE, picked->room * frame_bytes, NULL, err);
    bool ok = picked->gathered
              && svi_mem_copy(picked->device, picked->gathered, picked->held * frame_bytes, block->samples, from,
                              stretch->frames * frame_bytes, err);
    picked->held += stretch->frames;
    return ok;
}

/* Frames that touch each other: where the first one begins, in a buffer of so many samples. */
struct lying {
    cl_mem samples;
    int32_t first, sample_count;
    uint32_t frames;
};

static bool transform_by_clfft(struct svi_picked *picked, const struct lying *lying, struct svi_error *err)
{
    const struct svi_picked_request *request = &picked->request;
    const struct svi_fft_frames place = {
        .first = lying->first,
        .hop = (int32_t)request->fft_size,
        .samples = lying->sample_count,
        .channels = picked->recording->channels,
        .channel = request->channel,
        .raw = request->raw,
        .frames = lying->frames,
    };
    struct svi_fft *fft;
    /* Each launch asks anew: another transform may have used the plan in between, with a window of its own. */
    return svi_fft_plan(picked->device, request->fft_size, picked->recording->datatype, false, &fft, err)
           && svi_fft_window(picked->device, fft, request->window, err)
           && svi_fft_launch(picked->device, fft, lying->samples, &place, err)
           && request->give(request->self, svi_fft_power(fft), lying->frames, err);
}

static bool transform_by_fused(struct svi_picked *picked, const struct lying *lying, struct svi_error *err)
{
    const struct svi_picked_request *request = &picked->request;
    const struct svi_fused_frames place = {
        .samples = lying->samples,
        .first = lying->first,
        .held = lying->sample_count,
        .groups = picked->groups,
        .group_count = lying->frames,
        .wants_power = true,
    };
    return svi_fused_launch(picked->fused, &place, err)
           && request->give(request->self, svi_fused_power(picked->fused), lying->frames, err);
}

static bool transform(struct svi_picked *picked, const struct lying *lying, struct svi_error *err)
{
    return picked->fused ? transform_by_fused(picked, lying, err) : transform_by_clfft(picked, lying, err);
}

static bool transform_gathered(struct svi_picked *picked, struct svi_error *err)
{
    const struct lying lying = { picked->gathered, 0, (int32_t)(picked->held * picked->request.fft_size), picked->held };
    picked->held = 0;
    return transform(picked, &lying, err);
}

static bool transform_in_place(struct svi_picked *picked, const struct svi_block *block, const struct stretch *stretch,
                               struct svi_error *err)
{
    const int32_t first = (int32_t)(stretch->begin - block->first_sample);
    const struct lying lying = { block->samples, first, (int32_t)block->sample_count, stretch->frames };
    return transform(picked, &lying, err);
}

static bool take(void *self, const struct svi_block *block, struct svi_error *err)
{
    struct svi_picked *picked = self;
    for (unsigned turn = 0; turn < BATCHES_A_TURN;) {
        const struct stretch stretch = next_stretch(picked, block);
        if (!stretch.frames)
            return true;
        if (!picked->held && (stretch.frames == picked->room || stretch.frames >= FRAMES_IN_PLACE)) {
            if (!transform_in_place(picked, block, &stretch, err))
                return false;
            turn++;
            continue;
        }
        if (!gather(picked, block, &stretch, err))
            return false;
        if (picked->held < picked->room && picked->next_frame < picked->request.frame_count)
            continue;
        if (!transform_gathered(picked, err))
            return false;
        turn++;
    }
    return true;
}

struct svi_taker svi_picked_taker(struct svi_picked *picked)
{
    return (struct svi_taker){ picked, wants, take };
}
