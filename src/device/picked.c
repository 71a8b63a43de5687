#include "device/picked.h"

#include "device/fft.h"

#include <stdlib.h>

/* Of one turn, as in stft.c; and the most that is gathered at a time, where a frame has many channels. */
enum { BATCHES_A_TURN = 16, GATHERED_BYTES = 32 << 20 };

struct svi_picked {
    struct svi_device *device;
    const struct svi_recording *recording;
    struct svi_picked_request request;
    size_t sample_bytes; /* of all channels */
    uint64_t next_frame, next_begin;
    uint32_t room, held; /* frames */
    cl_mem gathered;     /* [room][fft_size], all channels, as stored */
    float *power;        /* [room][fft_size] */
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
    advance(picked, 0);
    *out = picked;
    return true;
}

void svi_picked_destroy(struct svi_picked *picked)
{
    if (!picked)
        return;
    svi_mem_release(picked->gathered);
    free(picked->power);
    free(picked);
}

static bool wants(void *self, uint64_t *first, uint64_t *count)
{
    const struct svi_picked *picked = self;
    *first = picked->next_begin;
    *count = picked->request.fft_size;
    return picked->next_frame < picked->request.frame_count;
}

static bool make_room(struct svi_picked *picked, const struct svi_fft *fft, struct svi_error *err)
{
    if (picked->room)
        return true;
    const uint32_t fft_size = picked->request.fft_size, batch = svi_fft_batch(fft);
    const size_t frame_bytes = fft_size * picked->sample_bytes, most = GATHERED_BYTES / frame_bytes;
    const uint32_t room = most >= batch ? batch : most ? (uint32_t)most : 1;
    picked->power = malloc((size_t)room * fft_size * sizeof *picked->power);
    if (!picked->power)
        return svi_fail_memory(err, (size_t)room * fft_size * sizeof *picked->power);
    picked->gathered = svi_mem_create(picked->device, CL_MEM_READ_WRITE, room * frame_bytes, NULL, err);
    picked->room = picked->gathered ? room : 0;
    return picked->gathered != NULL;
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
    bool ok = svi_mem_copy(picked->device, picked->gathered, picked->held * frame_bytes, block->samples, from,
                           stretch->frames * frame_bytes, err);
    picked->held += stretch->frames;
    return ok;
}

static bool transform(struct svi_picked *picked, struct svi_fft *fft, struct svi_error *err)
{
    const struct svi_picked_request *request = &picked->request;
    const struct svi_fft_frames place = {
        .hop = (int32_t)request->fft_size,
        .samples = (int32_t)(picked->held * request->fft_size),
        .channels = picked->recording->channels,
        .channel = request->channel,
        .raw = request->raw,
        .frames = picked->held,
    };
    const uint32_t frames = picked->held;
    picked->held = 0;
    return svi_fft_launch(picked->device, fft, picked->gathered, &place, err)
           && svi_mem_read(picked->device, picked->power, svi_fft_power(fft),
                           (size_t)frames * request->fft_size * sizeof *picked->power, err)
           && request->give(request->self, picked->power, frames, err);
}

static bool take(void *self, const struct svi_block *block, struct svi_error *err)
{
    struct svi_picked *picked = self;
    struct svi_fft *fft;
    /* Each turn asks anew: another transform may have used the plan in between, with a window of its own. */
    if (!svi_fft_plan(picked->device, picked->request.fft_size, picked->recording->datatype, false, &fft, err)
        || !svi_fft_window(picked->device, fft, picked->request.window, err) || !make_room(picked, fft, err))
        return false;
    for (unsigned turn = 0; turn < BATCHES_A_TURN;) {
        const struct stretch stretch = next_stretch(picked, block);
        if (!stretch.frames)
            return true;
        if (!gather(picked, block, &stretch, err))
            return false;
        if (picked->held < picked->room && picked->next_frame < picked->request.frame_count)
            continue;
        if (!transform(picked, fft, err))
            return false;
        turn++;
    }
    return true;
}

struct svi_taker svi_picked_taker(struct svi_picked *picked)
{
    return (struct svi_taker){ picked, wants, take };
}
