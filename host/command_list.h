/* command_list.h - the commands. Include with SVI_COMMAND defined.
 *
 * name: enum svi_command, and svi_command_<function>. operands: as usage shows them; least, most: how many. log: lines up to this
 * level are written unless --quiet or --verbose is given. hidden: for the program itself, not for people. */
/* clang-format off */
/*          NAME      function  word        operands              least most      log      hidden  summary */
SVI_COMMAND(RENDER,   render,   "render",   "FILE...",            1,    INT_MAX,  WARNING, false,
            "draws local recordings: no platform, no network")
SVI_COMMAND(RUN,      run,      "run",      "JOB_ID",             1,    1,        WARNING,   false,
            "works on one job of the platform now")
SVI_COMMAND(SERVE,    serve,    "serve",    "",                   0,    0,        INFO,    false,
            "takes jobs from a Celery broker until told to stop; the service")
SVI_COMMAND(INFO,     info,     "info",     "FILE...",            1,    INT_MAX,  WARNING, false,
            "says what a recording is: format, type, rate, center, length, gaps; or how a picture was made")
SVI_COMMAND(DEVICES,  devices,  "devices",  "",                   0,    0,        WARNING, false,
            "lists OpenCL devices, the one that would be chosen, and why")
SVI_COMMAND(PLATFORM, platform, "platform", "[add-user NAME | add-capture USER FILE...]", 0, INT_MAX, INFO, false,
            "the embedded platform: the platform's HTTP API for one machine, on SQLite and a folder")
SVI_COMMAND(SUBMIT,   submit,   "submit",   "[FILE...]",          0,    INT_MAX,  WARNING, false,
            "gives a job to a platform, one for each type")
SVI_COMMAND(DEMO,     demo,     "demo",     "",                   0,    0,        WARNING, false,
            "embedded platform and worker: one job of each type through real HTTP, on made-up recordings that stay beside the pictures")
SVI_COMMAND(BENCH,    bench,    "bench",    "[--compare BEFORE.json AFTER.json]", 0, 2, WARNING, false,
            "measures transforms and whole pictures on this machine")
SVI_COMMAND(RENDERER, renderer, "renderer", "",                   0,    0,        WARNING, true,
            "the child process that draws; started by the program itself (docs/renderer-protocol.md)")
/* clang-format on */
