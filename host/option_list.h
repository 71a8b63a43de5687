/* option_list.h - every option of every command. Include with SVI_OPTION defined. Help, man page and the check of values read these
 * rows.
 *
 * kind: SWITCH takes no value; TEXT any; CHOICE one of the words in `value`; LIST any, and may be given again; INTEGER; SIZE bytes,
 * with a suffix K, M, G or T; SECONDS, with a suffix s, m or h. value: what usage calls the value. Where the flag is not given,
 * `variable` counts, then `other`, the platform's own name, then `standard`, which is checked like the rest. least, most: of
 * numbers. */
/* clang-format off */
#define EVERYWHERE (~0u)
#define DRAWING    (ON_RENDER | ON_RUN | ON_SERVE | ON_PLATFORM | ON_DEMO | ON_RENDERER)
#define WORKING    (ON_RUN | ON_SERVE | ON_PLATFORM | ON_DEMO)
#define ASKING     (ON_RUN | ON_SERVE | ON_SUBMIT)

/*         NAME        flag           letter kind   variable          other      standard              least most
 *         commands, value, help */
SVI_OPTION(TYPE,       "type",        't', LIST,    NULL,             NULL,      NULL,                 0, 0,
           ON_RENDER | ON_SUBMIT, "TYPE", "what to draw; may be given again; all types where it is not given")
SVI_OPTION(SET,        "set",         's', LIST,    NULL,             NULL,      NULL,                 0, 0,
           ON_RENDER | ON_INFO | ON_SUBMIT, "KEY=VALUE", "a parameter of the picture; VALUE is a number, a text, or other JSON; may be given again")
SVI_OPTION(SAVE_DATA,  "save-data",   0,   SWITCH,  "SVI_SAVE_DATA",  NULL,      NULL,                 0, 0,
           ON_RENDER, NULL, "also write TYPE.npy: the matrix behind the picture, in the unit of the colorbar")
SVI_OPTION(OUTPUT,     "output",      'o', TEXT,    "SVI_OUTPUT",     NULL,      NULL,                 0, 0,
           ON_RENDER | ON_SUBMIT | ON_DEMO, "DIR", "the folder for pictures and summaries, made where it is missing: here, or svi-demo for demo")
SVI_OPTION(JSON,       "json",        0,   SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           ON_DEVICES | ON_INFO | ON_BENCH, NULL, "print JSON in place of a table")
SVI_OPTION(STATS,      "stats",       0,   SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           ON_INFO, NULL, "also read all samples, on the device: levels, clipping, offset, imbalance, and whether the datatype is plausible")
SVI_OPTION(SAMPLES,    "samples",     0,   INTEGER, NULL,             NULL,      "16777216",           1024, 1e10,
           ON_BENCH, "COUNT", "samples of the made-up recordings")
SVI_OPTION(ROUNDS,     "rounds",      0,   INTEGER, NULL,             NULL,      "5",                  1, 99,
           ON_BENCH, "COUNT", "how often each row is measured; the median is shown")
SVI_OPTION(ONLY,       "only",        0,   TEXT,    NULL,             NULL,      NULL,                 0, 0,
           ON_BENCH, "TEXT", "only rows with this in their NAME ENGINE DATATYPE, such as \"stft 1024 auto\"")
SVI_OPTION(TUNE,       "tune",        0,   SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           ON_BENCH, NULL, "measure transforms by both engines, and keep in the cache folder which is the faster one for each length")
SVI_OPTION(COMPARE,    "compare",     0,   SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           ON_BENCH, NULL, "show the ratios of two measurements that bench --json has written")
SVI_OPTION(WAIT,       "wait",        'w', SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           ON_SUBMIT, NULL, "wait until the jobs have ended; --output waits too, and fetches the results")
SVI_OPTION(DATA,       "data",        'd', TEXT,    "SVI_DATA",       NULL,      NULL,                 0, 0,
           ON_PLATFORM, "DIR", "the folder that holds the platform: users, jobs, files")
SVI_OPTION(LISTEN,     "listen",      'l', TEXT,    "SVI_LISTEN",     NULL,      "127.0.0.1:8000",     0, 0,
           ON_PLATFORM, "ADDRESS:PORT", "where to answer HTTP; port 0 takes a free one")
SVI_OPTION(WORKER,     "worker",      0,   SWITCH,  "SVI_WORKER",     NULL,      NULL,                 0, 0,
           ON_PLATFORM, NULL, "also work on what is submitted")
SVI_OPTION(API_URL,    "api-url",     0,   TEXT,    "SVI_API_URL",    "API_URL", "http://django:8000", 0, 0,
           ASKING, "URL", "where the platform answers")
SVI_OPTION(CA_FILE,    "ca-file",     0,   TEXT,    "SVI_CA_FILE",    NULL,      NULL,                 0, 0,
           ASKING, "FILE", "certificates of the authorities, PEM, of which one has to vouch for a platform at https://: the system's where it is not given")
SVI_OPTION(TOKEN_FILE, "token-file",  0,   TEXT,    "SVI_TOKEN_FILE", NULL,      NULL,                 0, 0,
           ON_RUN | ON_SUBMIT, "FILE", "a file with the token of the job's owner; without it the variable SVI_TOKEN counts")
SVI_OPTION(BROKER,     "broker",      'b', TEXT,    "SVI_BROKER",     "CELERY_BROKER_URL", NULL,         0, 0,
           ON_SERVE | ON_SUBMIT | ON_PLATFORM, "URL", "where tasks are queued: redis://, rediss://, redis+socket://, amqp://, amqps://, or a folder as filesystem:///FOLDER; several with semicolons between them are tried in turn. submit heeds the flag alone, for a platform that queues nothing itself")
SVI_OPTION(BROKER_OPTIONS, "broker-options", 0, TEXT, "SVI_BROKER_OPTIONS", NULL, NULL,              0, 0,
           ON_SERVE | ON_SUBMIT | ON_PLATFORM, "JSON", "Celery's broker_transport_options, where the platform sets any: visibility_timeout, global_keyprefix, ...")
SVI_OPTION(QUEUES,     "queues",      'Q', TEXT,    "SVI_QUEUES",     NULL,      "large_jobs",         0, 0,
           ON_SERVE | ON_SUBMIT | ON_PLATFORM, "QUEUE,...", "the queues that tasks are taken from; the first one is submitted to")
SVI_OPTION(NODE,       "hostname",    'n', TEXT,    "SVI_NODE",       NULL,      "svi@%h",             0, 0,
           ON_SERVE, "NAME@HOST", "the node's name, its own in the whole fleet; %h is this machine's name, %n its first part, %d the rest")
SVI_OPTION(CONCURRENCY, "concurrency", 'c', INTEGER, "SVI_CONCURRENCY", NULL,    NULL,                 1, 256,
           ON_SERVE, "COUNT", "jobs in flight at once: one more than renderers where it is not given, so that files arrive meanwhile")
SVI_OPTION(RENDERERS,  "renderers",   0,   INTEGER, "SVI_RENDERERS",  NULL,      NULL,                 1, 64,
           ON_SERVE, "COUNT", "processes that draw: one for each device where it is not given")
SVI_OPTION(ACKS,       "acks",        0,   CHOICE,  "SVI_ACKS",       NULL,      "late",               0, 0,
           ON_SERVE, "late|early", "when a task leaves the broker: when its job has ended, or, as Celery does, when it begins")
SVI_OPTION(RESULTS,    "result-backend", 0, TEXT,   "SVI_RESULT_BACKEND", "CELERY_RESULT_BACKEND", NULL, 0, 0,
           ON_SERVE, "URL|none", "the Redis in which results are stored: the broker where that is one")
SVI_OPTION(RESULT_OPTIONS, "result-options", 0, TEXT, "SVI_RESULT_OPTIONS", NULL, NULL,              0, 0,
           ON_SERVE, "JSON", "Celery's result_backend_transport_options, where the platform sets any: global_keyprefix")
SVI_OPTION(RESULT_EXPIRES, "result-expires", 0, SECONDS, "SVI_RESULT_EXPIRES", NULL, "86400",        0, 1e9,
           ON_SERVE, "SECONDS", "how long results are kept; 0: for ever")
SVI_OPTION(WITHOUT_EVENTS, "without-heartbeat", 0, SWITCH, "SVI_WITHOUT_HEARTBEAT", NULL, NULL,     0, 0,
           ON_SERVE, NULL, "send no events: Flower does not see the node then")
SVI_OPTION(METRICS,    "metrics",     0,   TEXT,    "SVI_METRICS",    NULL,      NULL,                 0, 0,
           ON_SERVE, "ADDRESS:PORT", "where to tell Prometheus what was done, at /metrics, and others how the service is, at /healthz and /readyz; nowhere where it is not given")
SVI_OPTION(LOG_LEVEL,  "loglevel",    'l', CHOICE,  "SVI_LOG_LEVEL",  NULL,      NULL,                 0, 0,
           ON_SERVE, "error|warning|info|debug", "which lines are written")
SVI_OPTION(DEVICE,     "device",      0,   TEXT,    "SVI_DEVICE",     NULL,      NULL,                 0, 0,
           DRAWING | ON_DEVICES | ON_BENCH | ON_INFO, "gpu|cpu|INDEX|NAME", "the OpenCL device; without it the one that promises most; all: of serve, a renderer for each")
SVI_OPTION(STFT,       "stft",        0,   CHOICE,  "SVI_STFT",       NULL,      "auto",               0, 0,
           DRAWING, "auto|clfft|fused", "the engine of the Fourier transforms")
SVI_OPTION(CACHE,      "cache",       0,   TEXT,    "SVI_CACHE",      NULL,      NULL,                 0, 0,
           DRAWING | ON_DEVICES | ON_BENCH | ON_INFO, "DIR", "the folder for compiled device programs: svi-worker below $XDG_CACHE_HOME or ~/.cache")
SVI_OPTION(WORK,       "work",        0,   TEXT,    "SVI_WORK",       NULL,      NULL,                 0, 0,
           WORKING | ON_BENCH, "DIR", "the folder below which each job gets one of its own: work in the cache")
SVI_OPTION(SOFT_LIMIT, "soft-limit",  0,   SECONDS, "SVI_SOFT_LIMIT", NULL,      "600",                1, 86400,
           WORKING, "SECONDS", "the time after which a job is asked to stop")
SVI_OPTION(HARD_LIMIT, "hard-limit",  0,   SECONDS, "SVI_HARD_LIMIT", NULL,      "900",                1, 86400,
           WORKING, "SECONDS", "the time after which a job's renderer is killed")
SVI_OPTION(MAX_INPUT,  "max-input",   0,   SIZE,    "SVI_MAX_INPUT",  NULL,      "64G",                1, 1e15,
           WORKING, "BYTES", "the most that the files of one job may hold together")
SVI_OPTION(DOWNLOADS,  "downloads",   0,   INTEGER, "SVI_DOWNLOADS",  NULL,      "4",                  1, 64,
           WORKING, "COUNT", "how many files of a job are fetched side by side")
SVI_OPTION(MAX_UPLOAD, "max-upload",  0,   SIZE,    "SVI_MAX_UPLOAD", NULL,      "16G",                1, 1e15,
           ON_PLATFORM, "BYTES", "the most that one request to the platform may hold")
SVI_OPTION(QUIET,      "quiet",       'q', SWITCH,  "SVI_QUIET",      NULL,      NULL,                 0, 0,
           EVERYWHERE, NULL, "only errors, no progress bar")
SVI_OPTION(VERBOSE,    "verbose",     'v', SWITCH,  "SVI_VERBOSE",    NULL,      NULL,                 0, 0,
           EVERYWHERE, NULL, "everything that happens, and the causes of errors")
SVI_OPTION(LOG_FORMAT, "log-format",  0,   CHOICE,  "SVI_LOG_FORMAT", NULL,      "text",               0, 0,
           EVERYWHERE, "text|json", "the shape of log lines on standard error")
SVI_OPTION(HELP,       "help",        'h', SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           EVERYWHERE, NULL, "print this help")
SVI_OPTION(MAN,        "man",         0,   SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           EVERYWHERE, NULL, "print the manual page, for man -l")
SVI_OPTION(VERSION,    "version",     'V', SWITCH,  NULL,             NULL,      NULL,                 0, 0,
           EVERYWHERE, NULL, "print the version, the commit and the libraries in use")

#undef EVERYWHERE
#undef DRAWING
#undef WORKING
#undef ASKING
/* clang-format on */
