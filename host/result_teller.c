#include "host/result_teller.h"

#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_S = 2 };

struct entry {
    uint64_t number;
    char *task_id;
    json_t *result;
    struct entry *next;
};

struct svi_result_teller {
    struct svi_result_store *store;
    int wake_fd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct entry *first, **end;
    size_t waiting;
    uint64_t given, stored;
    bool failing, closing;
};

static void free_entry(struct entry *entry)
{
    free(entry->task_id);
    json_decref(entry->result);
    free(entry);
}

static struct entry *take_first(struct svi_result_teller *teller)
{
    struct entry *entry = teller->first;
    teller->first = entry->next;
    if (!teller->first)
        teller->end = &teller->first;
    teller->waiting--;
    return entry;
}

static void put_back(struct svi_result_teller *teller, struct entry *entry)
{
    entry->next = teller->first;
    if (!teller->first)
        teller->end = &entry->next;
    teller->first = entry;
    teller->waiting++;
}

static void pause_a_while(struct svi_result_teller *teller)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PAUSE_S;
    int outcome = 0;
    while (!teller->closing && outcome == 0)
        outcome = pthread_cond_timedwait(&teller->changed, &teller->lock, &until);
}

static void wake(const struct svi_result_teller *teller)
{
    const uint64_t one = 1;
    ssize_t written = write(teller->wake_fd, &one, sizeof one);
    (void)written;
}

static void store_one(struct svi_result_teller *teller)
{
    struct svi_error err = { 0 };
    struct entry *entry = take_first(teller);
    pthread_mutex_unlock(&teller->lock);
    bool stored = svi_result_store_put(teller->store, entry->task_id, entry->result, &err);
    pthread_mutex_lock(&teller->lock);
    bool unreachable = !stored && err.status == SVI_UNREACHABLE, again = unreachable && !teller->closing;
    if (!stored && !(again && teller->failing))
        svi_log_error(again ? SVI_LOG_WARNING : SVI_LOG_ERROR, &err, "the result of task %s %s", entry->task_id,
                      again ? "waits for its store" : "is lost");
    teller->failing = unreachable;
    if (again) {
        put_back(teller, entry);
        wake(teller);
        pause_a_while(teller);
        return;
    }
    teller->stored = entry->number;
    free_entry(entry);
    wake(teller);
}

static void *tell(void *self)
{
    struct svi_result_teller *teller = self;
    pthread_mutex_lock(&teller->lock);
    while (teller->closing ? teller->first && !teller->failing : true)
        if (teller->first)
            store_one(teller);
        else
            pthread_cond_wait(&teller->changed, &teller->lock);
    pthread_mutex_unlock(&teller->lock);
    return NULL;
}

static void destroy(struct svi_result_teller *teller)
{
    if (teller->waiting)
        svi_log(SVI_LOG_ERROR, "%zu results are lost: their store is gone", teller->waiting);
    while (teller->first)
        free_entry(take_first(teller));
    svi_result_store_close(teller->store);
    pthread_cond_destroy(&teller->changed);
    pthread_mutex_destroy(&teller->lock);
    free(teller);
}

bool svi_result_teller_open(struct svi_result_teller **out, struct svi_result_store *store, int wake_fd, struct svi_error *err)
{
    struct svi_result_teller *teller = calloc(1, sizeof *teller);
    if (!teller)
        return svi_fail_memory(err, sizeof *teller);
    teller->store = store;
    teller->wake_fd = wake_fd;
    teller->end = &teller->first;
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&teller->changed, &steady);
    pthread_condattr_destroy(&steady);
    pthread_mutex_init(&teller->lock, NULL);
    int failure = pthread_create(&teller->thread, NULL, tell, teller);
    if (!failure) {
        *out = teller;
        return true;
    }
    teller->store = NULL; /* still the caller's */
    destroy(teller);
    return svi_fail(err, SVI_OUT_OF_MEMORY, "A thread cannot be started.") || svi_because(err, "%s", strerror(failure));
}

uint64_t svi_result_teller_give(struct svi_result_teller *teller, const char *task_id, json_t *result)
{
    struct entry *entry = calloc(1, sizeof *entry), *lost = NULL;
    char *copy = strdup(task_id);
    pthread_mutex_lock(&teller->lock);
    uint64_t number = teller->stored;
    if (entry && copy) {
        number = ++teller->given;
        *entry = (struct entry){ .number = number, .task_id = copy, .result = result };
        *teller->end = entry;
        teller->end = &entry->next;
        if (++teller->waiting > SVI_RESULT_TELLER_MOST)
            lost = take_first(teller);
        pthread_cond_signal(&teller->changed);
    }
    pthread_mutex_unlock(&teller->lock);
    if (!entry || !copy) {
        free(entry);
        free(copy);
        json_decref(result);
        svi_log(SVI_LOG_ERROR, "the result of task %s is lost: no memory", task_id);
    }
    if (lost) {
        svi_log(SVI_LOG_ERROR, "the result of task %s is lost: too many wait for their store", lost->task_id);
        free_entry(lost);
    }
    return number;
}

bool svi_result_teller_is_through(struct svi_result_teller *teller, uint64_t number)
{
    pthread_mutex_lock(&teller->lock);
    bool through = teller->failing || number <= teller->stored;
    pthread_mutex_unlock(&teller->lock);
    return through;
}

void svi_result_teller_close(struct svi_result_teller *teller)
{
    if (!teller)
        return;
    pthread_mutex_lock(&teller->lock);
    teller->closing = true;
    pthread_cond_broadcast(&teller->changed);
    pthread_mutex_unlock(&teller->lock);
    pthread_join(teller->thread, NULL);
    destroy(teller);
}
