#include "host/renderer_pool.h"

#include "base/stopwatch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One picture to be drawn, in the frame of the thread that waits for it. */
struct wish {
    const struct svi_render_order *order;
    struct svi_render_outcome *outcome;
    struct svi_error *err;
    bool taken, ended, ok;
    struct wish *next;
};

struct seat {
    struct svi_renderer_pool *pool;
    struct svi_renderer_link *link;
    pthread_t thread;
    bool started;
    int pid;
};

struct svi_renderer_pool {
    pthread_mutex_t lock;
    pthread_cond_t wished, ended;
    struct wish *first; /* the oldest of those that nobody has taken */
    bool closing;
    size_t count;
    struct seat seats[];
};

static struct wish *take_wish(struct svi_renderer_pool *pool)
{
    while (!pool->first && !pool->closing)
        pthread_cond_wait(&pool->wished, &pool->lock);
    struct wish *wish = pool->first;
    if (wish) {
        pool->first = wish->next;
        wish->taken = true;
    }
    return wish;
}

static void *sit(void *self)
{
    struct seat *seat = self;
    struct svi_renderer_pool *pool = seat->pool;
    const struct svi_renderer_seam seam = svi_renderer_link_seam(seat->link);
    pthread_mutex_lock(&pool->lock);
    for (struct wish *wish; (wish = take_wish(pool));) {
        pthread_mutex_unlock(&pool->lock);
        bool ok = seam.render(seam.self, wish->order, wish->outcome, wish->err);
        pthread_mutex_lock(&pool->lock);
        seat->pid = svi_renderer_link_pid(seat->link);
        wish->ok = ok;
        wish->ended = true;
        pthread_cond_broadcast(&pool->ended);
    }
    pthread_mutex_unlock(&pool->lock);
    svi_renderer_link_close(seat->link);
    return NULL;
}

static bool start_seat(struct seat *seat, const struct svi_renderer_link_settings *settings, struct svi_error *err)
{
    if (!svi_renderer_link_open(&seat->link, settings, err))
        return false;
    int failure = pthread_create(&seat->thread, NULL, sit, seat);
    seat->started = !failure;
    if (failure)
        svi_renderer_link_close(seat->link);
    return !failure || svi_fail(err, SVI_OUT_OF_MEMORY, "A thread cannot be started.") || svi_because(err, "%s", strerror(failure));
}

bool svi_renderer_pool_open(struct svi_renderer_pool **out, const struct svi_renderer_link_settings *settings, size_t count,
                            struct svi_error *err)
{
    struct svi_renderer_pool *pool = calloc(1, sizeof *pool + count * sizeof *pool->seats);
    if (!pool)
        return svi_fail_memory(err, sizeof *pool + count * sizeof *pool->seats);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wished, NULL);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->ended, &steady);
    pthread_condattr_destroy(&steady);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        pool->seats[i].pool = pool;
        pool->count++;
        ok = start_seat(&pool->seats[i], &settings[i], err);
    }
    if (ok)
        *out = pool;
    else
        svi_renderer_pool_close(pool);
    return ok;
}

static void queue_wish(struct svi_renderer_pool *pool, struct wish *wish)
{
    struct wish **end = &pool->first;
    while (*end)
        end = &(*end)->next;
    *end = wish;
    pthread_cond_signal(&pool->wished);
}

static void leave_queue(struct svi_renderer_pool *pool, struct wish *wish)
{
    struct wish **link = &pool->first;
    while (*link != wish)
        link = &(*link)->next;
    *link = wish->next;
}

static void wait_a_while(struct svi_renderer_pool *pool)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 250000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&pool->ended, &pool->lock, &until);
}

/* As long as no renderer has taken the wish, its owner can be told to stop in vain by nobody but us. */
static bool wait_for_end(struct svi_renderer_pool *pool, struct wish *wish)
{
    const struct svi_render_order *order = wish->order;
    const double begin_s = svi_now_s();
    while (!wish->ended) {
        if (wish->taken) {
            pthread_cond_wait(&pool->ended, &pool->lock);
            continue;
        }
        wait_a_while(pool);
        if (wish->taken || wish->ended)
            continue;
        bool too_late = order->hard_limit_s > 0 && svi_now_s() - begin_s > order->hard_limit_s;
        if (too_late || (order->progress && !order->progress(order->progress_self, 0, "wait"))) {
            leave_queue(pool, wish);
            return svi_fail(wish->err, too_late ? SVI_TIME_LIMIT : SVI_CANCELLED, "The job was stopped before its %s was begun.",
                            order->type);
        }
    }
    return wish->ok;
}

static bool render(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct svi_renderer_pool *pool = self;
    struct wish wish = { .order = order, .outcome = outcome, .err = err };
    pthread_mutex_lock(&pool->lock);
    queue_wish(pool, &wish);
    bool ok = wait_for_end(pool, &wish);
    pthread_mutex_unlock(&pool->lock);
    return ok;
}

struct svi_renderer_seam svi_renderer_pool_seam(struct svi_renderer_pool *pool)
{
    return (struct svi_renderer_seam){ .self = pool, .knows = svi_render_knows, .types = svi_render_types, .render = render };
}

size_t svi_renderer_pool_pids(struct svi_renderer_pool *pool, int *into, size_t most)
{
    size_t found = 0;
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->count && found < most; i++)
        if (pool->seats[i].pid)
            into[found++] = pool->seats[i].pid;
    pthread_mutex_unlock(&pool->lock);
    return found;
}

void svi_renderer_pool_close(struct svi_renderer_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->wished);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->count; i++)
        if (pool->seats[i].started)
            pthread_join(pool->seats[i].thread, NULL);
    pthread_cond_destroy(&pool->wished);
    pthread_cond_destroy(&pool->ended);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
