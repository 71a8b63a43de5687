#include "capture/gzip.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 17, MOST_INPUT_BYTES = 1 << 30 };

struct svi_gzip {
    struct svi_bytes rest; /* of the file, not yet given to the library */
    bool is_end;
    struct inflate_state state;
    uint8_t block[BLOCK_BYTES];
};

static const uint8_t magic[] = { 0x1F, 0x8B, 8 }; /* 8: deflate, the only method that there is */

bool svi_gzip_begins(struct svi_bytes head)
{
    return head.count >= sizeof magic && !memcmp(head.at, magic, sizeof magic);
}

static void begin_member(struct svi_gzip *gzip)
{
    isal_inflate_reset(&gzip->state);
    gzip->state.crc_flag = ISAL_GZIP;
}

bool svi_gzip_open(struct svi_gzip **out, struct svi_bytes packed, struct svi_error *err)
{
    struct svi_gzip *gzip = *out = malloc(sizeof *gzip);
    if (!gzip)
        return svi_fail_memory(err, sizeof *gzip);
    gzip->rest = packed;
    gzip->is_end = false;
    isal_inflate_init(&gzip->state);
    gzip->state.next_in = NULL;
    gzip->state.avail_in = 0;
    begin_member(gzip);
    return true;
}

static bool fail_broken(const char *label, const char *why, struct svi_error *err)
{
    return svi_fail(err, SVI_BAD_RECORDING, "The archive %s is broken: %s.", label, why);
}

/* What the library counts in 32 bits. */
static void give_input(struct svi_gzip *gzip)
{
    const size_t count = gzip->rest.count < MOST_INPUT_BYTES ? gzip->rest.count : MOST_INPUT_BYTES;
    gzip->state.next_in = (uint8_t *)(uintptr_t)gzip->rest.at; /* read only */
    gzip->state.avail_in = (uint32_t)count;
    gzip->rest.at += count;
    gzip->rest.count -= count;
}

static bool are_zeros(struct svi_bytes bytes)
{
    return !bytes.count || (!bytes.at[0] && !memcmp(bytes.at, bytes.at + 1, bytes.count - 1));
}

/* Behind a member. */
static bool go_on(struct svi_gzip *gzip, const char *label, struct svi_error *err)
{
    struct svi_bytes *rest = &gzip->rest;
    rest->at -= gzip->state.avail_in;
    rest->count += gzip->state.avail_in;
    gzip->state.avail_in = 0;
    begin_member(gzip);
    gzip->is_end = are_zeros(*rest);
    return gzip->is_end || svi_gzip_begins(*rest) || fail_broken(label, "there is something else behind its end", err);
}

bool svi_gzip_next(struct svi_gzip *gzip, struct svi_bytes *block, const char *label, struct svi_error *err)
{
    struct inflate_state *state = &gzip->state;
    state->next_out = gzip->block;
    state->avail_out = BLOCK_BYTES;
    while (!gzip->is_end && state->avail_out) {
        if (!state->avail_in)
            give_input(gzip);
        const uint32_t room = state->avail_out, given = state->avail_in;
        const int result = isal_inflate(state);
        if (result == ISAL_INCORRECT_CHECKSUM)
            return fail_broken(label, "its checksum does not match", err);
        if (result < 0)
            return fail_broken(label, "what it holds is no gzip", err);
        if (state->block_state == ISAL_BLOCK_FINISH && !go_on(gzip, label, err))
            return false;
        if (state->avail_out == room && state->avail_in == given && !gzip->rest.count && !gzip->is_end)
            return fail_broken(label, "it ends too early", err);
    }
    *block = (struct svi_bytes){ gzip->block, BLOCK_BYTES - state->avail_out };
    return true;
}

void svi_gzip_close(struct svi_gzip *gzip)
{
    free(gzip);
}
