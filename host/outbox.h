/* outbox.h - results that are finished but not yet all with the platform. They lie in files with what was saved under which
 * id, so that a process that dies takes none of them with it, and, once they are synced, a power cut neither. Knows no HTTP.
 *
 * An entry is a folder <root>/.outbox/<job>-<random>/ with the results and a list of them, which says what was saved, too, and is
 * locked as long as its holder's process lives. */
#ifndef SVI_HOST_OUTBOX_H
#define SVI_HOST_OUTBOX_H

#include "base/error.h"
#include "visual/render.h"

#include <stdint.h>

/* Whose results. The texts live as long as the entry. */
struct svi_outbox_place {
    const char *root;     /* the folder for jobs */
    const char *platform; /* base URL: the numbers of jobs are the platform's own */
    int64_t job;
};

struct svi_outbox;

/* Moves a folder of results, as the renderer left it, into the outbox: from one moment to the next they are there. Not yet synced:
 * most are with the platform a moment later, and until then the broker has the task, which a power cut would only do once more. */
bool svi_outbox_put(struct svi_outbox **out, const struct svi_outbox_place *place, const char *folder,
                    const struct svi_result *results, size_t count, struct svi_error *err);

/* What an earlier attempt at this job has left; NULL: nothing, or another process is posting it. What cannot be read is removed. */
struct svi_outbox *svi_outbox_find(const struct svi_outbox_place *place);

size_t svi_outbox_count(const struct svi_outbox *outbox);
const struct svi_result *svi_outbox_result(const struct svi_outbox *outbox, size_t i);
int64_t svi_outbox_id(const struct svi_outbox *outbox, size_t i); /* 0: not saved yet */

/* The path of a result, for the caller to free; NULL: no memory. */
char *svi_outbox_path(const struct svi_outbox *outbox, size_t i);

/* The platform has saved a result. Where that cannot be written down the next attempt would only save it once more. */
void svi_outbox_saved(struct svi_outbox *outbox, size_t i, int64_t id);

/* The platform no longer has what it had saved: all of it is to be saved again. */
void svi_outbox_lost(struct svi_outbox *outbox);

/* From here on a power cut takes nothing of it, either. */
bool svi_outbox_sync(struct svi_outbox *outbox, struct svi_error *err);

/* The entry stays for the next attempt, synced. Takes NULL. */
void svi_outbox_close(struct svi_outbox *outbox);

/* Nobody needs it any more. The folder becomes `back`, where nothing is yet; NULL: it goes. Takes NULL. */
void svi_outbox_remove(struct svi_outbox *outbox, const char *back);

/* Removes whatever attempts at this job have left, but for what another process holds. */
void svi_outbox_forget(const struct svi_outbox_place *place);

/* Results that the platform never took: by then the job is nobody's any more. */
#define SVI_OUTBOX_AGE_S (7 * 86400.0)

/* Removes entries that nobody has asked for in age_s. */
void svi_outbox_clean(const char *root, double age_s);

#endif
