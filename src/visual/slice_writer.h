/* slice_writer.h - slices on their way into the file, in a thread of its own: while it writes some, the device makes the next.
 *
 * Slices come in rooms of their text (device/frame_text.h), which the writer reads in turn. */
#ifndef SVI_VISUAL_SLICE_WRITER_H
#define SVI_VISUAL_SLICE_WRITER_H

#include "device/frame_text.h"
#include "visual/slice_pick.h"
#include "visual/slice_record.h"

struct svi_slice_writer_request {
    const char *path;
    const struct svi_frame_text *text; /* which must outlive the writer */
    struct svi_slice_record_facts facts;
    struct svi_slice_pick pick; /* where the slices are */
};

struct svi_slice_writer;

bool svi_slice_writer_begin(struct svi_slice_writer **out, const struct svi_slice_writer_request *request, struct svi_error *err);

/* A room that the writer does not read any more. Waits for it. */
bool svi_slice_writer_room(struct svi_slice_writer *writer, size_t *room, struct svi_error *err);

/* That room is being filled with so many slices, the next ones of the pick. */
void svi_slice_writer_put(struct svi_slice_writer *writer, uint32_t slices);

/* What came of it. */
struct svi_slice_outcome {
    uint64_t written, lost; /* lost: they hold what is not finite */
    float least, largest;   /* power; least is larger where none was written */
};

/* After all slices of the pick were put: waits until the last of them is written. */
bool svi_slice_writer_wait(struct svi_slice_writer *writer, struct svi_slice_outcome *out, struct svi_error *err);

/* The file appears. */
bool svi_slice_writer_finish(struct svi_slice_writer *writer, struct svi_error *err);

/* Takes NULL. Ends the thread; what is not finished is removed. */
void svi_slice_writer_end(struct svi_slice_writer *writer);

#endif
