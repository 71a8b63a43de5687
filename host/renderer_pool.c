#include "host/renderer_pool.h"

#include "base/stopwatch.h"
#include "host/child.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One who wants a picture drawn and waits for a free seat, in the frame of his thread. */
struct wish {
    pthread_cond_t given;
    struct seat *seat;
    struct wish *next;
};

/* A child to be started, in the frame of the thread that waits for it. */
struct birth {
    struct svi_child *child;
    const char *program;
    const char *const *arguments;
    struct svi_error *err;
    bool ended, ok;
};

struct seat {
    struct svi_renderer_pool *pool;
    struct svi_renderer_link *link; /* used by who has the seat */
    pthread_t thread;               /* that starts children */
    pthread_cond_t changed;         /* there is a birth, or it has ended, or the pool closes */
    struct birth *birth;
    bool started, taken;
    int pid;
};

struct svi_renderer_pool {
    pthread_mutex_t lock;
    struct wish *first; /* the oldest of those that have no seat */
    bool closing;
    size_t count, turn; /* turn: where the next free seat is looked for */
    struct seat seats[];
};

/* ---- the thread of a seat ---- */

static void *sit(void *self)
{
    struct seat *seat = self;
    struct svi_renderer_pool *pool = seat->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->closing) {
        struct birth *birth = seat->birth;
        if (!birth) {
            pthread_cond_wait(&seat->changed, &pool->lock);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        bool ok = svi_child_start(birth->child, birth->program, birth->arguments, birth->err);
        pthread_mutex_lock(&pool->lock);
        birth->ok = ok;
        birth->ended = true;
        seat->pid = ok ? (int)birth->child->pid : 0;
        seat->birth = NULL;
        pthread_cond_broadcast(&seat->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    svi_renderer_link_close(seat->link);
    return NULL;
}

static bool start_child(void *self, struct svi_child *child, const char *program, const char *const *arguments,
                        struct svi_error *err)
{
    struct seat *seat = self;
    struct birth birth = { .child = child, .program = program, .arguments = arguments, .err = err };
    pthread_mutex_lock(&seat->pool->lock);
    seat->birth = &birth;
    pthread_cond_broadcast(&seat->changed);
    while (!birth.ended)
        pthread_cond_wait(&seat->changed, &seat->pool->lock);
    pthread_mutex_unlock(&seat->pool->lock);
    return birth.ok;
}

static bool start_seat(struct seat *seat, const struct svi_renderer_link_settings *wanted, struct svi_error *err)
{
    struct svi_renderer_link_settings settings = *wanted;
    settings.start = start_child;
    settings.start_self = seat;
    if (!svi_renderer_link_open(&seat->link, &settings, err))
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
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        pool->seats[i].pool = pool;
        pthread_cond_init(&pool->seats[i].changed, NULL);
        pool->count++;
        ok = start_seat(&pool->seats[i], &settings[i], err);
    }
    if (ok)
        *out = pool;
    else
        svi_renderer_pool_close(pool);
    return ok;
}

/* ---- seats, all with the lock ---- */

static void queue_wish(struct svi_renderer_pool *pool, struct wish *wish)
{
    struct wish **end = &pool->first;
    while (*end)
        end = &(*end)->next;
    *end = wish;
}

static void leave_queue(struct svi_renderer_pool *pool, struct wish *wish)
{
    struct wish **link = &pool->first;
    while (*link != wish)
        link = &(*link)->next;
    *link = wish->next;
}

/* In turns, so that none is out of use. NULL: all are taken, or others wait already. */
static struct seat *free_seat(struct svi_renderer_pool *pool)
{
    for (size_t i = 0; !pool->first && i < pool->count; i++) {
        struct seat *seat = &pool->seats[pool->turn];
        pool->turn = (pool->turn + 1) % pool->count;
        if (!seat->taken) {
            seat->taken = true;
            return seat;
        }
    }
    return NULL;
}

/* To who has waited longest. */
static void leave_seat(struct svi_renderer_pool *pool, struct seat *seat)
{
    struct wish *wish = pool->first;
    seat->taken = wish != NULL;
    if (!wish)
        return;
    pool->first = wish->next;
    wish->seat = seat;
    pthread_cond_signal(&wish->given);
}

static void wait_a_while(struct svi_renderer_pool *pool, struct wish *wish)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 250000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&wish->given, &pool->lock, &until);
}

static void make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &steady);
    pthread_condattr_destroy(&steady);
}

/* As long as there is no seat, its owner can be told to stop in vain by nobody but us. */
static struct seat *wait_for_seat(struct svi_renderer_pool *pool, const struct svi_render_order *order, struct svi_error *err)
{
    const double begin_s = svi_now_s();
    struct wish wish = { .seat = NULL };
    make_condition(&wish.given);
    queue_wish(pool, &wish);
    for (bool left = false; !wish.seat && !left;) {
        wait_a_while(pool, &wish);
        if (wish.seat)
            break;
        bool too_late = order->hard_limit_s > 0 && svi_now_s() - begin_s > order->hard_limit_s;
        left = too_late || (order->progress && !order->progress(order->progress_self, 0, "wait"));
        if (left) {
            leave_queue(pool, &wish);
            svi_fail(err, too_late ? SVI_TIME_LIMIT : SVI_CANCELLED, "The job was stopped before its %s was begun.", order->type);
        }
    }
    pthread_cond_destroy(&wish.given);
    return wish.seat;
}

/* ---- the seam ---- */

static bool render(void *self, const struct svi_render_order *order, struct svi_render_outcome *outcome, struct svi_error *err)
{
    struct svi_renderer_pool *pool = self;
    struct svi_render_order rest = *order;
    const double begin_s = svi_now_s();
    pthread_mutex_lock(&pool->lock);
    struct seat *seat = free_seat(pool);
    if (!seat)
        seat = wait_for_seat(pool, order, err);
    pthread_mutex_unlock(&pool->lock);
    if (!seat)
        return false;
    if (order->hard_limit_s > 0)
        rest.hard_limit_s = fmax(order->hard_limit_s - (svi_now_s() - begin_s), 0.001);
    const struct svi_renderer_seam seam = svi_renderer_link_seam(seat->link);
    bool ok = seam.render(seam.self, &rest, outcome, err);
    pthread_mutex_lock(&pool->lock);
    seat->pid = svi_renderer_link_pid(seat->link);
    leave_seat(pool, seat);
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
    for (size_t i = 0; i < pool->count; i++)
        pthread_cond_broadcast(&pool->seats[i].changed);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->count; i++) {
        if (pool->seats[i].started)
            pthread_join(pool->seats[i].thread, NULL);
        pthread_cond_destroy(&pool->seats[i].changed);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
