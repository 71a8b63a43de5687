#include "device/stft.h"

#include "device/engine_table.h"
#include "device/fft.h"
#include "device/fused.h"
#include "device/launch.h"

#include <stdlib.h>
#include <string.h>

/* Batches of one turn: enough to keep the device busy, few enough that a job can be cancelled and others get their turn. */
enum { BATCHES_A_TURN = 16 };

/* Of the fused engine. Power of every frame is kept where the last-level cache has room for it; groups are few, and their sums in
 * float are exact enough for so many frames; a turn is some 100 ms. */
enum { POWER_FLOATS = 1 << 20, GROUP_FLOATS = 1 << 22, FRAMES_A_GROUP = 64, FLOATS_A_TURN = 1 << 26 };

/* Of a GPU, which works on all groups of a launch at once: enough of them for each of its units to have some in hand, but not so
 * small that their sums cost more than their samples. */
enum { GPU_POWER_FLOATS = 1 << 24, GPU_GROUPS_A_UNIT = 4, GPU_LEAST_FRAMES_A_GROUP = 8 };

struct svi_stft {
    struct svi_device *device;
    const struct svi_recording *recording;
    struct svi_stft_request request;
    uint32_t bins;
    uint64_t next_frame;
    size_t next_gap;   /* the first gap that does not end before next_frame */
    size_t next_break; /* the first segment with another center frequency that does not begin before next_frame */
    uint8_t *in_gap;   /* [gap_room] */
    cl_mem in_gap_memory;
    size_t gap_room;
    cl_mem lost;               /* uint: 1 where a frame of the last turn was left out for its power; NULL: not asked */
    uint64_t turn_first_frame; /* of the last turn */
    bool turn_has_gaps;
    struct svi_fused *fused; /* NULL: clFFT transforms */
    uint32_t *groups;        /* [most_groups + 1] */
    uint32_t most_groups, most_frames, frames_a_group;
    size_t accumulator_count;
    struct svi_accumulator accumulators[SVI_STFT_MAX_ACCUMULATORS];
};

uint32_t svi_stft_bins(uint32_t fft_size, bool one_sided)
{
    return one_sided ? fft_size / 2 + 1 : fft_size;
}

static bool choose_engine(bool *fused, const struct svi_device *device, const struct svi_stft_request *request,
                          struct svi_error *err)
{
    const char *wish = request->engine ? request->engine : "auto";
    const bool possible = svi_fused_supports(device, request->fft_size);
    if (!strcmp(wish, "auto") && possible)
        wish = svi_engine_for(svi_device_engines(device), svi_device_about(device), request->fft_size);
    *fused = possible && !strcmp(wish, "fused");
    if (!strcmp(wish, "auto") || !strcmp(wish, "clfft") || (!strcmp(wish, "fused") && possible))
        return true;
    if (!strcmp(wish, "fused"))
        return svi_fail(
            err, SVI_BAD_PARAMETER,
            "The STFT engine fused is for fftSize a power of two from %d to %d that fits into the device, not %u; use auto.",
            SVI_FUSED_LEAST, SVI_FUSED_MOST, request->fft_size);
    return svi_fail(err, SVI_BAD_PARAMETER, "There is no STFT engine \"%.40s\"; there is: auto, clfft, fused.", wish);
}

static bool is_cpu(const struct svi_stft *stft)
{
    return svi_device_about(stft->device)->type == SVI_DEVICE_CPU;
}

/* Powers of integers are finite. */
static bool may_lose(const struct svi_stft *stft)
{
    return svi_datatype_is_float(stft->recording->datatype);
}

static bool prepare_fused(struct svi_stft *stft, struct svi_error *err)
{
    const struct svi_stft_request *request = &stft->request;
    const struct svi_fused_request wanted = {
        .length = request->fft_size,
        .hop_samples = request->hop_samples,
        .window = request->window,
        .datatype = stft->recording->datatype,
        .channels = stft->recording->channels,
        .channel = request->channel,
        .one_sided = request->one_sided,
        .raw = request->raw,
    };
    stft->most_frames = (is_cpu(stft) ? POWER_FLOATS : GPU_POWER_FLOATS) / stft->bins;
    stft->most_groups = GROUP_FLOATS / stft->bins;
    stft->groups = calloc(stft->most_groups + 1, sizeof *stft->groups);
    if (!stft->groups)
        return svi_fail_memory(err, (stft->most_groups + 1) * sizeof *stft->groups);
    if (may_lose(stft))
        stft->lost = svi_mem_create(stft->device, CL_MEM_READ_WRITE, sizeof(cl_uint), NULL, err);
    return (stft->lost || !may_lose(stft)) && svi_fused_create(&stft->fused, stft->device, &wanted, err);
}

bool svi_stft_create(struct svi_stft **out, struct svi_device *device, struct svi_capture *capture,
                     const struct svi_stft_request *request, struct svi_error *err)
{
    const struct svi_recording *recording = svi_capture_recording(capture);
    bool fused;
    if (!choose_engine(&fused, device, request, err))
        return false;
    if (!svi_fft_supports(request->fft_size) || !request->hop_samples || request->hop_samples > INT32_MAX || !request->frame_count
        || request->channel >= recording->channels)
        return svi_fail(err, SVI_BUG, "The transform was asked for in an impossible way.");
    struct svi_stft *stft = calloc(1, sizeof *stft);
    if (!stft)
        return svi_fail_memory(err, sizeof *stft);
    stft->device = device;
    stft->recording = recording;
    stft->request = *request;
    stft->bins = svi_stft_bins(request->fft_size, request->one_sided);
    if (fused && !prepare_fused(stft, err)) {
        svi_stft_destroy(stft);
        return false;
    }
    *out = stft;
    return true;
}

void svi_stft_destroy(struct svi_stft *stft)
{
    if (!stft)
        return;
    svi_fused_destroy(stft->fused);
    free(stft->groups);
    svi_mem_release(stft->in_gap_memory);
    svi_mem_release(stft->lost);
    free(stft->in_gap);
    free(stft);
}

const char *svi_stft_engine(const struct svi_stft *stft)
{
    return stft->fused ? "fused" : "clfft";
}

bool svi_stft_feed(struct svi_stft *stft, struct svi_accumulator accumulator, struct svi_error *err)
{
    if (stft->accumulator_count == SVI_STFT_MAX_ACCUMULATORS)
        return svi_fail(err, SVI_BUG, "Too much was to be made of one transform.");
    stft->accumulators[stft->accumulator_count++] = accumulator;
    return true;
}

/* The samples of `frames` frames from next_frame on, as far as they lie in the recording; never none. */
static void samples_of(const struct svi_stft *stft, uint64_t frames, uint64_t *first, uint64_t *count)
{
    const struct svi_stft_request *request = &stft->request;
    const int64_t all = (int64_t)stft->recording->sample_count;
    int64_t begin = request->first_sample + (int64_t)(stft->next_frame * request->hop_samples);
    int64_t end = begin + (int64_t)((frames - 1) * request->hop_samples) + request->fft_size;
    begin = begin < 0 ? 0 : begin < all ? begin : all - 1;
    end = end > all ? all : end > begin ? end : begin + 1;
    *first = (uint64_t)begin;
    *count = (uint64_t)(end - begin);
}

static bool wants(void *self, uint64_t *first, uint64_t *count)
{
    const struct svi_stft *stft = self;
    if (stft->next_frame >= stft->request.frame_count)
        return false;
    samples_of(stft, 1, first, count);
    return true;
}

/* How many frames from next_frame on lie in the block, up to a batch: all of a frame that is not padding must be there. */
static uint32_t frames_in(const struct svi_stft *stft, const struct svi_block *block, uint32_t most)
{
    const struct svi_stft_request *request = &stft->request;
    const uint64_t left = request->frame_count - stft->next_frame;
    const uint64_t block_end = block->first_sample + block->sample_count;
    uint64_t fitting = left;
    if (block_end < stft->recording->sample_count) {
        int64_t begin = request->first_sample + (int64_t)(stft->next_frame * request->hop_samples);
        int64_t room = (int64_t)block_end - begin - request->fft_size;
        fitting = room < 0 ? 0 : (uint64_t)room / request->hop_samples + 1;
    }
    fitting = fitting < left ? fitting : left;
    /* Places in a block are 32-bit numbers on the device. */
    const uint64_t reach = (uint64_t)(INT32_MAX / 2) / request->hop_samples + 1;
    fitting = fitting < reach ? fitting : reach;
    return fitting < most ? (uint32_t)fitting : most;
}

static bool make_gap_room(struct svi_stft *stft, uint32_t frames, struct svi_error *err)
{
    if (stft->gap_room >= frames)
        return true;
    free(stft->in_gap);
    svi_mem_release(stft->in_gap_memory);
    stft->gap_room = 0;
    stft->in_gap_memory = NULL;
    stft->in_gap = malloc(frames);
    if (!stft->in_gap)
        return svi_fail_memory(err, frames);
    stft->in_gap_memory = svi_mem_create(stft->device, CL_MEM_READ_WRITE, frames, NULL, err);
    if (!stft->in_gap_memory)
        return false;
    stft->gap_room = frames;
    return true;
}

/* True where the center frequency changes inside of a frame: half of it would stand for another one. */
static bool straddles(struct svi_stft *stft, int64_t begin)
{
    const struct svi_recording *recording = stft->recording;
    while (stft->next_break < recording->segment_count
           && ((int64_t)recording->segments[stft->next_break].first_sample <= begin
               || !svi_recording_retunes(recording, stft->next_break)))
        stft->next_break++;
    return stft->next_break < recording->segment_count
           && (int64_t)recording->segments[stft->next_break].first_sample < begin + stft->request.fft_size;
}

/* Marks the frames of a batch that touch a gap or a change of frequency; *any: there is one. Gaps and frames both go forward, so
 * each gap is left once. */
static bool mark_gaps(struct svi_stft *stft, uint32_t frames, bool *any, struct svi_error *err)
{
    const struct svi_recording *recording = stft->recording;
    const struct svi_stft_request *request = &stft->request;
    *any = false;
    if (stft->next_gap == recording->gap_count && stft->next_break == recording->segment_count)
        return true;
    if (!make_gap_room(stft, frames, err))
        return false;
    for (uint32_t i = 0; i < frames; i++) {
        const int64_t begin = request->first_sample + (int64_t)((stft->next_frame + i) * request->hop_samples);
        while (stft->next_gap < recording->gap_count
               && (int64_t)(recording->gaps[stft->next_gap].first_sample + recording->gaps[stft->next_gap].sample_count) <= begin)
            stft->next_gap++;
        stft->in_gap[i] = stft->next_gap < recording->gap_count
                          && (int64_t)recording->gaps[stft->next_gap].first_sample < begin + request->fft_size;
        stft->in_gap[i] |= straddles(stft, begin);
        *any |= stft->in_gap[i];
    }
    return !*any || svi_mem_send(stft->device, stft->in_gap_memory, 0, stft->in_gap, frames, err);
}

/* Marks the gaps; where frames may be lost, the device has marks whether there are gaps or not. */
static bool prepare_marks(struct svi_stft *stft, uint32_t frames, bool *gaps, struct svi_error *err)
{
    const uint8_t none = 0;
    if (!mark_gaps(stft, frames, gaps, err))
        return false;
    return *gaps || !may_lose(stft)
           || (make_gap_room(stft, frames, err)
               && svi_mem_fill(stft->device, stft->in_gap_memory, &none, sizeof none, frames, err));
}

/* Neighbouring work-items of a GPU read neighbouring bins. */
static bool mark_lost(const struct svi_stft *stft, cl_mem power, uint32_t frames, struct svi_error *err)
{
    const uint32_t parts = is_cpu(stft) ? 1 : 32;
    return !may_lose(stft)
           || svi_launch_variant(stft->device, "mark_lost", &(const struct svi_variant){ .group_items = parts },
                                 ((const size_t[2]){ parts, frames }), err, SVI_MEM(power), SVI_MEM(stft->in_gap_memory),
                                 SVI_U32(stft->bins));
}

static int32_t first_in(const struct svi_stft *stft, const struct svi_block *block)
{
    const int64_t begin = stft->request.first_sample + (int64_t)(stft->next_frame * stft->request.hop_samples);
    return (int32_t)(begin - (int64_t)block->first_sample);
}

/* grouped: those that take groups have had them. */
static bool hand_out_power(struct svi_stft *stft, cl_mem power, uint32_t frames, bool gaps, bool grouped, struct svi_error *err)
{
    const struct svi_power_batch batch = {
        .power = power,
        .first_frame = stft->next_frame,
        .frames = frames,
        .bins = stft->bins,
        .in_gap = gaps ? stft->in_gap : NULL,
        .in_gap_memory = gaps || may_lose(stft) ? stft->in_gap_memory : NULL,
        .lost_marks = may_lose(stft) ? stft->in_gap_memory : NULL,
    };
    bool ok = true;
    for (size_t i = 0; ok && i < stft->accumulator_count; i++)
        if (!grouped || !stft->accumulators[i].add_groups)
            ok = stft->accumulators[i].add(stft->accumulators[i].self, &batch, err);
    return ok;
}

/* ---- clFFT ---- */

static bool transform(struct svi_stft *stft, struct svi_fft *fft, const struct svi_block *block, uint32_t frames,
                      struct svi_error *err)
{
    const struct svi_stft_request *request = &stft->request;
    const struct svi_fft_frames place = {
        .first = first_in(stft, block),
        .hop = (int32_t)request->hop_samples,
        .samples = (int32_t)block->sample_count,
        .channels = stft->recording->channels,
        .channel = request->channel,
        .raw = request->raw,
        .frames = frames,
    };
    bool gaps;
    return prepare_marks(stft, frames, &gaps, err) && svi_fft_launch(stft->device, fft, block->samples, &place, err)
           && mark_lost(stft, svi_fft_power(fft), frames, err)
           && hand_out_power(stft, svi_fft_power(fft), frames, gaps, false, err);
}

static bool take_by_clfft(struct svi_stft *stft, const struct svi_block *block, struct svi_error *err)
{
    const struct svi_stft_request *request = &stft->request;
    struct svi_fft *fft;
    /* Each turn asks anew: another transform may have used the plan in between, with a window of its own. */
    bool ok = svi_fft_plan(stft->device, request->fft_size, stft->recording->datatype, request->one_sided, &fft, err)
              && svi_fft_window(stft->device, fft, request->window, err);
    for (unsigned turn = 0; ok && turn < BATCHES_A_TURN && stft->next_frame < request->frame_count; turn++) {
        uint32_t frames = frames_in(stft, block, svi_fft_batch(fft));
        if (!frames)
            break;
        ok = transform(stft, fft, block, frames, err);
        stft->next_frame += frames;
    }
    return ok;
}

/* ---- the fused engine ---- */

/* The frame before which a group that begins at `frame` must end: the next border of any accumulator. */
static uint64_t next_border(const struct svi_stft *stft, uint64_t frame)
{
    uint64_t nearest = frame + stft->frames_a_group;
    for (size_t i = 0; i < stft->accumulator_count; i++) {
        const struct svi_accumulator *accumulator = &stft->accumulators[i];
        const uint64_t border = accumulator->border ? accumulator->border(accumulator->self, frame) : UINT64_MAX;
        nearest = border < nearest ? border : nearest;
    }
    return nearest;
}

static uint32_t frames_a_group(const struct svi_stft *stft, uint32_t frames)
{
    if (is_cpu(stft))
        return FRAMES_A_GROUP;
    const uint32_t even = frames / (GPU_GROUPS_A_UNIT * svi_device_about(stft->device)->compute_units + 1);
    return even > FRAMES_A_GROUP ? FRAMES_A_GROUP : even < GPU_LEAST_FRAMES_A_GROUP ? GPU_LEAST_FRAMES_A_GROUP : even;
}

/* Cuts frames from next_frame on into groups; *frames shrinks where there would be too many groups. */
static uint32_t cut_groups(struct svi_stft *stft, uint32_t *frames)
{
    uint32_t count = 0, frame = 0;
    stft->frames_a_group = frames_a_group(stft, *frames);
    while (frame < *frames && count < stft->most_groups) {
        const uint64_t end = next_border(stft, stft->next_frame + frame) - stft->next_frame;
        stft->groups[count++] = frame;
        frame = end < *frames ? (uint32_t)end : *frames;
    }
    *frames = frame;
    stft->groups[count] = frame;
    return count;
}

/* Whether groups are worth it: each costs three rows of power to write and to read again. */
static bool groups_help(uint32_t group_count, uint32_t frames)
{
    return frames >= 4 * (uint64_t)group_count;
}

static bool hand_out_groups(struct svi_stft *stft, uint32_t group_count, uint32_t frames, bool gaps, struct svi_error *err)
{
    const struct svi_group_batch batch = {
        .groups = svi_fused_groups(stft->fused),
        .group_frames = svi_fused_group_frames(stft->fused),
        .group_count = group_count,
        .first_frame = stft->next_frame,
        .frames = frames,
        .bins = stft->bins,
        .in_gap = gaps ? stft->in_gap : NULL,
        .lost_marks = may_lose(stft) ? stft->in_gap_memory : NULL,
    };
    bool ok = true;
    for (size_t i = 0; ok && i < stft->accumulator_count; i++)
        if (stft->accumulators[i].add_groups)
            ok = stft->accumulators[i].add_groups(stft->accumulators[i].self, &batch, err);
    return ok;
}

static bool begin_turn(struct svi_stft *stft, struct svi_error *err)
{
    const cl_uint none = 0;
    stft->turn_first_frame = stft->next_frame;
    stft->turn_has_gaps = false;
    return !stft->lost || svi_mem_fill(stft->device, stft->lost, &none, sizeof none, sizeof none, err);
}

bool svi_stft_finite_until(const struct svi_stft *stft, uint64_t first, uint64_t *end, struct svi_error *err)
{
    const struct svi_stft_request *request = &stft->request;
    *end = first;
    if (!stft->lost || stft->turn_has_gaps || stft->turn_first_frame == stft->next_frame
        || request->hop_samples > request->fft_size)
        return true;
    const int64_t begins = request->first_sample + (int64_t)(stft->turn_first_frame * request->hop_samples);
    const int64_t ends = request->first_sample + (int64_t)((stft->next_frame - 1) * request->hop_samples) + request->fft_size;
    cl_uint lost = 0;
    if ((int64_t)first < begins || ends <= (int64_t)first)
        return true;
    if (!svi_mem_read(stft->device, &lost, stft->lost, sizeof lost, err))
        return false;
    if (!lost)
        *end = (uint64_t)ends < stft->recording->sample_count ? (uint64_t)ends : stft->recording->sample_count;
    return true;
}

/* Whether some accumulator wants the power of each frame, not of groups. */
static bool wants_each_frame(const struct svi_stft *stft)
{
    for (size_t i = 0; i < stft->accumulator_count; i++)
        if (!stft->accumulators[i].add_groups)
            return true;
    return false;
}

/* Frames from next_frame on that are transformed at once, and the groups in stft->groups that they are cut into. */
struct cut {
    uint32_t frames, group_count;
    bool by_groups; /* added up by group, or else handed out one by one */
};

static struct cut cut_block(struct svi_stft *stft, const struct svi_block *block, bool each_frame)
{
    struct cut cut = { .frames = frames_in(stft, block, each_frame ? stft->most_frames : UINT32_MAX) };
    if (!cut.frames)
        return cut;
    cut.group_count = cut_groups(stft, &cut.frames);
    cut.by_groups = groups_help(cut.group_count, cut.frames);
    if (!cut.by_groups && cut.frames > stft->most_frames) {
        cut.frames = stft->most_frames;
        cut.group_count = cut_groups(stft, &cut.frames);
    }
    return cut;
}

static bool launch_cut(struct svi_stft *stft, const struct svi_block *block, const struct cut *cut, bool each_frame,
                       struct svi_error *err)
{
    bool gaps;
    if (!prepare_marks(stft, cut->frames, &gaps, err))
        return false;
    stft->turn_has_gaps |= gaps;
    const struct svi_fused_frames place = {
        .samples = block->samples,
        .first = first_in(stft, block),
        .held = (int32_t)block->sample_count,
        .groups = stft->groups,
        .group_count = cut->group_count,
        .in_gap = gaps || may_lose(stft) ? stft->in_gap_memory : NULL,
        .lost = stft->lost,
        .wants_power = each_frame || !cut->by_groups,
        .wants_groups = cut->by_groups,
    };
    return svi_fused_launch(stft->fused, &place, err)
           && (!cut->by_groups || hand_out_groups(stft, cut->group_count, cut->frames, gaps, err))
           && (!place.wants_power || hand_out_power(stft, svi_fused_power(stft->fused), cut->frames, gaps, cut->by_groups, err));
}

static bool take_by_fused(struct svi_stft *stft, const struct svi_block *block, struct svi_error *err)
{
    const struct svi_stft_request *request = &stft->request;
    const bool each_frame = wants_each_frame(stft);
    bool ok = begin_turn(stft, err);
    uint64_t budget = FLOATS_A_TURN;
    while (ok && budget && stft->next_frame < request->frame_count) {
        const struct cut cut = cut_block(stft, block, each_frame);
        if (!cut.frames)
            break;
        ok = launch_cut(stft, block, &cut, each_frame, err);
        stft->next_frame += cut.frames;
        const uint64_t done = (uint64_t)cut.frames * request->fft_size;
        budget = done < budget ? budget - done : 0;
    }
    return ok;
}

static bool take(void *self, const struct svi_block *block, struct svi_error *err)
{
    struct svi_stft *stft = self;
    return stft->fused ? take_by_fused(stft, block, err) : take_by_clfft(stft, block, err);
}

struct svi_taker svi_stft_taker(struct svi_stft *stft)
{
    return (struct svi_taker){ stft, wants, take };
}
