/* status_list.h - every way in which something can fail. Include with SVI_STATUS defined.
 *
 * name: enum svi_status. code: the stable word in {"error": …, "code": …}. exit: the exit code of the program.
 * again: the same attempt may succeed later. */
/*         name               code                  exit again */
SVI_STATUS(OK,                "ok",                 0,  false)
SVI_STATUS(BAD_USAGE,         "bad_usage",          2,  false) /* command line or environment */
SVI_STATUS(BAD_RECORDING,     "bad_recording",      1,  false) /* a file cannot be read as what it claims to be */
SVI_STATUS(BAD_PARAMETER,     "bad_parameter",      1,  false) /* a value in the job's config */
SVI_STATUS(UNKNOWN_TYPE,      "unknown_type",       1,  false) /* no visualization of that name */
SVI_STATUS(IO,                "io_failed",          1,  false) /* a file cannot be opened, read or written */
SVI_STATUS(NO_ROOM,           "no_room",            75, true)  /* a disk is full, or too many files are open; another node may have room */
SVI_STATUS(NO_DEVICE,         "no_device",          3,  true)  /* no OpenCL device, or none that matches; another node may have one */
SVI_STATUS(DEVICE_FAILED,     "device_failed",      75, true)  /* an OpenCL call failed */
SVI_STATUS(OUT_OF_MEMORY,     "out_of_memory",      75, true)  /* of the host or of the device */
SVI_STATUS(NO_JOB_INFO,       "no_job_information", 1,  false) /* the platform did not say what to do */
SVI_STATUS(FETCH_FAILED,      "fetch_failed",       1,  false) /* a file of the job did not arrive */
SVI_STATUS(POST_FAILED,       "post_failed",        1,  false) /* a result was not accepted */
SVI_STATUS(UNREACHABLE,       "platform_unreachable", 75, true) /* no answer, or only 5xx, from the platform */
SVI_STATUS(UNAUTHORIZED,      "unauthorized",       1,  false) /* the platform refused the token */
SVI_STATUS(NOT_FOUND,         "not_found",          1,  false) /* the platform knows no such job, file or result */
SVI_STATUS(BAD_ANSWER,        "bad_answer",         1,  false) /* the platform answered against its contract */
SVI_STATUS(TIME_LIMIT,        "time_limit",         1,  false) /* soft or hard */
SVI_STATUS(CANCELLED,         "cancelled",          1,  false) /* told to stop */
SVI_STATUS(RENDERER_DIED,     "renderer_died",      75, true)  /* crash, kill or silence of the child process */
SVI_STATUS(JOB_FAILED,        "job_failed",         1,  false) /* a job given to a platform ended so; the message is the job's */
SVI_STATUS(BUG,               "internal_error",     1,  false) /* cannot happen */
