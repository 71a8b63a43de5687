/* result_teller.h - a thread that stores results, so that a store which hangs holds up nobody. Knows no broker. */
#ifndef SVI_HOST_RESULT_TELLER_H
#define SVI_HOST_RESULT_TELLER_H

#include "base/json.h"
#include "host/result_store.h"

#include <stdint.h>

enum { SVI_RESULT_TELLER_MOST = 10000 };

struct svi_result_teller;

/* The store becomes the teller's. wake_fd: an eventfd that is written to when something was stored, or begins to fail. */
bool svi_result_teller_open(struct svi_result_teller **out, struct svi_result_store *store, int wake_fd, struct svi_error *err);

/* Takes the result over. Results are stored in the order in which they are given, each tried until it is stored; where more than
 * SVI_RESULT_TELLER_MOST wait, the oldest is lost, with a line in the log. Returns the number of this one, from 1 on. */
uint64_t svi_result_teller_give(struct svi_result_teller *teller, const char *task_id, json_t *result);

/* True where the result is stored, or the store is failing, so that nobody should wait for it. */
bool svi_result_teller_is_through(struct svi_result_teller *teller, uint64_t number);

/* Waits for what is not stored yet, unless the store fails. Takes NULL. */
void svi_result_teller_close(struct svi_result_teller *teller);

#endif
