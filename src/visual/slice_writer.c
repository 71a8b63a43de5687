#include "visual/slice_writer.h"

#include "base/file.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Slices of one write: each is what stands before its data, the data, and what follows. Of one write, at most so much of the
 * latter. */
enum { SLICES_A_WRITE = 128, PIECES_A_SLICE = 3, TAIL_BYTES = 256 << 10 };

struct svi_slice_writer {
    const struct svi_frame_text *text;
    struct svi_slice_pick pick;
    struct svi_file_writer *file;
    pthread_t thread;
    bool is_running;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t put, taken; /* rooms, so far; between them they wait for the thread, or are being read */
    uint32_t slices[SVI_FRAME_TEXT_ROOMS];
    bool stop, failed; /* stop: nothing more will come */

    /* The thread's, until it has ended. */
    struct svi_slice_record *record;
    uint64_t given;
    struct svi_slice_outcome outcome;
    struct svi_error err;
    size_t piece_count, tail_bytes;
    struct svi_bytes pieces[SLICES_A_WRITE * PIECES_A_SLICE];
    uint8_t tails[TAIL_BYTES];
};

static bool write_pieces(struct svi_slice_writer *writer)
{
    const size_t count = writer->piece_count;
    writer->piece_count = writer->tail_bytes = 0;
    return !count || svi_file_add_pieces(writer->file, writer->pieces, count, &writer->err);
}

static void add_piece(struct svi_slice_writer *writer, struct svi_bytes piece)
{
    writer->pieces[writer->piece_count++] = piece;
}

static bool add_slice(struct svi_slice_writer *writer, uint64_t slice, struct svi_bytes data)
{
    struct svi_bytes tail;
    if (!svi_slice_record_tail(writer->record, slice, &tail, &writer->err))
        return false;
    if (tail.count > sizeof writer->tails)
        return svi_fail(&writer->err, SVI_BUG, "A slice has more to say than fits into its record.");
    if ((writer->piece_count == SLICES_A_WRITE * PIECES_A_SLICE || tail.count > sizeof writer->tails - writer->tail_bytes)
        && !write_pieces(writer))
        return false;
    uint8_t *copy = writer->tails + writer->tail_bytes;
    memcpy(copy, tail.at, tail.count);
    writer->tail_bytes += tail.count;
    add_piece(writer, svi_slice_record_head(writer->outcome.written == 0));
    add_piece(writer, data);
    add_piece(writer, (struct svi_bytes){ copy, tail.count });
    writer->outcome.written++;
    return true;
}

static bool write_room(struct svi_slice_writer *writer, size_t room, uint32_t slices)
{
    struct svi_made_text made;
    bool ok = svi_frame_text_wait(writer->text, room, &made, &writer->err);
    for (uint32_t i = 0; ok && i < slices; i++) {
        const uint64_t slice = svi_slice_pick_at(&writer->pick, writer->given++);
        float least, largest;
        if (!svi_made_text_bounds(&made, i, &least, &largest)) {
            writer->outcome.lost++;
            continue;
        }
        writer->outcome.least = fminf(writer->outcome.least, least);
        writer->outcome.largest = fmaxf(writer->outcome.largest, largest);
        ok = add_slice(writer, slice, (struct svi_bytes){ (const uint8_t *)made.at + i * made.length, made.length });
    }
    return ok && write_pieces(writer);
}

/* Waits for the next room; false: there will be none. */
static bool next_room(struct svi_slice_writer *writer, size_t *room, uint32_t *slices)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->put == writer->taken && !writer->stop)
        pthread_cond_wait(&writer->changed, &writer->lock);
    const bool more = writer->put != writer->taken && !writer->stop;
    *room = writer->taken % SVI_FRAME_TEXT_ROOMS;
    *slices = writer->slices[*room];
    pthread_mutex_unlock(&writer->lock);
    return more;
}

static void let_go_of_room(struct svi_slice_writer *writer, bool ok)
{
    pthread_mutex_lock(&writer->lock);
    writer->taken++;
    writer->failed = !ok;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
}

static void *work(void *self)
{
    struct svi_slice_writer *writer = self;
    bool ok = true;
    size_t room;
    uint32_t slices;
    while (ok && writer->given < writer->pick.picked && next_room(writer, &room, &slices)) {
        ok = write_room(writer, room, slices);
        let_go_of_room(writer, ok);
    }
    if (ok && writer->given == writer->pick.picked)
        svi_file_add(writer->file, svi_bytes_of("\n]\n"), &writer->err);
    return NULL;
}

static bool start(struct svi_slice_writer *writer, struct svi_error *err)
{
    const int code = pthread_create(&writer->thread, NULL, work, writer);
    writer->is_running = code == 0;
    return writer->is_running || svi_fail(err, SVI_OUT_OF_MEMORY, "The machine has not enough memory for this job.")
           || svi_because(err, "pthread_create: %s", strerror(code));
}

static bool begin_array(struct svi_slice_writer *writer, const struct svi_slice_writer_request *request, struct svi_error *err)
{
    return svi_file_begin(&writer->file, request->path, err) && svi_file_add(writer->file, svi_bytes_of("["), err);
}

bool svi_slice_writer_begin(struct svi_slice_writer **out, const struct svi_slice_writer_request *request, struct svi_error *err)
{
    struct svi_slice_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return svi_fail_memory(err, sizeof *writer);
    writer->text = request->text;
    writer->pick = request->pick;
    writer->outcome = (struct svi_slice_outcome){ .least = INFINITY, .largest = -INFINITY };
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->changed, NULL);
    *out = writer;
    return svi_slice_record_create(&writer->record, &request->facts, err) && begin_array(writer, request, err)
           && start(writer, err);
}

/* To be called when the thread has failed: it does not write its report any more. */
static bool fail_as_thread(const struct svi_slice_writer *writer, struct svi_error *err)
{
    if (err->status == SVI_OK)
        *err = writer->err;
    return false;
}

bool svi_slice_writer_room(struct svi_slice_writer *writer, size_t *room, struct svi_error *err)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->put - writer->taken == SVI_FRAME_TEXT_ROOMS && !writer->failed)
        pthread_cond_wait(&writer->changed, &writer->lock);
    const bool failed = writer->failed;
    *room = writer->put % SVI_FRAME_TEXT_ROOMS;
    pthread_mutex_unlock(&writer->lock);
    return !failed || fail_as_thread(writer, err);
}

void svi_slice_writer_put(struct svi_slice_writer *writer, uint32_t slices)
{
    pthread_mutex_lock(&writer->lock);
    writer->slices[writer->put++ % SVI_FRAME_TEXT_ROOMS] = slices;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
}

static void join(struct svi_slice_writer *writer)
{
    if (writer->is_running)
        pthread_join(writer->thread, NULL);
    writer->is_running = false;
}

bool svi_slice_writer_wait(struct svi_slice_writer *writer, struct svi_slice_outcome *out, struct svi_error *err)
{
    join(writer);
    *out = writer->outcome;
    return writer->err.status == SVI_OK || fail_as_thread(writer, err);
}

bool svi_slice_writer_finish(struct svi_slice_writer *writer, struct svi_error *err)
{
    return svi_file_finish(writer->file, err);
}

void svi_slice_writer_end(struct svi_slice_writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stop = true;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    join(writer);
    svi_file_end(writer->file);
    svi_slice_record_destroy(writer->record);
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}
