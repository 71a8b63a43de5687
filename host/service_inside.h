/* service_inside.h - what the parts of the service share: the node, and the tasks that it holds. For service*.c alone. */
#ifndef SVI_HOST_SERVICE_INSIDE_H
#define SVI_HOST_SERVICE_INSIDE_H

#include "host/broker.h"
#include "host/celery_control.h"
#include "host/lanes.h"
#include "host/result_teller.h"
#include "host/service.h"

enum { SVI_SERVICE_MOST_QUEUES = 32, SVI_SERVICE_MOST_SCHEDULED = 1000, SVI_SERVICE_REMEMBERED = 1024 };

enum svi_held_state {
    SVI_HELD_SCHEDULED, /* until its eta */
    SVI_HELD_RESERVED,  /* until a lane is free */
    SVI_HELD_ACTIVE,    /* in a lane */
    SVI_HELD_ENDED      /* the broker has yet to be told */
};

/* A task from its arrival until the broker has taken its end. */
struct svi_held {
    struct svi_task task;
    struct svi_celery_message message;
    struct svi_broker_tag tag;
    enum svi_held_state state;
    bool acknowledged;                      /* the broker no longer has it */
    bool settled;                           /* its result and events have been told: what its lane says is no news */
    double started_wall_s;                  /* Unix time */
    double started_s, soft_at_s, hard_at_s; /* svi_now_s */
    struct svi_lane_job lane;
    uint64_t result;                     /* its number at the teller; 0: none */
    enum svi_broker_end end;             /* of an ENDED one */
    struct svi_celery_message successor; /* to be sent before the end is told; no headers: none */
    struct svi_held *next;
};

struct svi_service {
    const struct svi_service_settings *settings;
    const struct svi_broker_class *class;
    struct svi_broker *broker; /* NULL: not connected */
    size_t next_url;
    double connect_at_s, connect_pause_s, connected_at_s;
    double tell_again_at_s;
    struct svi_error trouble; /* the last of the broker's that was logged */
    bool introduced;          /* no other node has our name */

    struct svi_result_teller *results; /* NULL: results go nowhere */

    int wake_fd;
    struct svi_lanes *lanes;
    unsigned concurrency;
    struct svi_held *held;                                     /* oldest first */
    char remembered[SVI_SERVICE_REMEMBERED][SVI_TASK_ID_SIZE]; /* a ring of tasks that have ended */
    size_t remembered_next;

    char *queues[SVI_SERVICE_MOST_QUEUES];
    size_t queue_count;
    struct svi_celery_clock clock;
    struct svi_celery_events events;
    struct svi_revoked *revoked;
    struct svi_control_limits limits;
    struct svi_control_node control;
    double begin_s, heartbeat_at_s, clean_at_s;
    uint64_t processed;
    unsigned troubles;    /* attempts in a row that failed for what may pass */
    double rests_until_s; /* svi_now_s; nothing is taken before */
    bool stopping;        /* nothing more is begun */
    bool leaving, cold;   /* the steps of a shutdown that have been made */
    bool unsettled;       /* the broker did not take the end of a task when it was last told */
    double alone_since_s; /* nothing but a broker that is gone, or refuses, holds up the shutdown */
    bool handed_back;     /* a job that was under way */
};

/* ---- service_tasks.c: the life of a task ---- */

/* The message becomes the service's, whatever becomes of it. */
void svi_service_receive(struct svi_service *service, struct svi_arrival *arrival);

/* Takes up what lanes have ended, starts what may start, and enforces limits of time. */
void svi_service_work(struct svi_service *service);

/* Drops a task that waits, or ends one that runs; see svi_control_node.revoke. */
void svi_service_revoke(struct svi_service *service, const char *id, bool terminate, int signal);

/* Hands back what has not begun, and with `cold` what has. */
void svi_service_hand_back(struct svi_service *service, bool cold);

/* Tells the broker what it has yet to hear. */
void svi_service_settle(struct svi_service *service);

/* The broker has yet to hear that a task has ended. */
bool svi_service_has_ended(const struct svi_service *service);

bool svi_service_has_room(const struct svi_service *service);
unsigned svi_service_active(const struct svi_service *service);
unsigned svi_service_waiting(const struct svi_service *service); /* for a lane, or until its time */
bool svi_service_in_lanes(const struct svi_service *service);    /* whether any job is, even one that nobody asks for any more */

/* The next moment (svi_now_s) at which one of the above has something to do; INFINITY: none. */
double svi_service_next_s(const struct svi_service *service);

void svi_service_forget_all(struct svi_service *service);

/* ---- service_control.c: what remote control sees and does ---- */

void svi_service_control_set_up(struct svi_service *service);
void svi_service_answer(struct svi_service *service, const struct svi_celery_message *request);

/* ---- service.c ---- */

/* The connection is of no use any more. */
void svi_service_disconnect(struct svi_service *service, const struct svi_error *why);

/* A broker was told something in vain. One that refuses it is still there. */
void svi_service_unheard(struct svi_service *service, const struct svi_error *why);

/* Unix time. */
double svi_service_wall_s(void);

#endif
