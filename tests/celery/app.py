"""A Celery application like the platform's: its task, route, limits, retries and settings. What stands in its place there is a web
application; where brokers and platform are comes from the environment, as in its containers.

CELERY_BROKER_URL, CELERY_RESULT_BACKEND, SVI_TEST_BROKER_OPTIONS (JSON), API_URL
"""
import json
import os
import urllib.error
import urllib.request

from celery import Celery

TASK = "jobs.tasks.submit_job"
QUEUE = "large_jobs"


def settings():
    return {
        "broker_url": os.environ.get("CELERY_BROKER_URL", "memory://"),
        "result_backend": os.environ.get("CELERY_RESULT_BACKEND") or None,
        "broker_transport_options": json.loads(os.environ.get("SVI_TEST_BROKER_OPTIONS", "{}")),
        "broker_connection_retry_on_startup": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "timezone": "UTC",
        "task_routes": {TASK: {"queue": QUEUE}},
        "task_soft_time_limit": 600,
        "task_time_limit": 900,
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        "result_extended": True,
        "result_expires": 86400,
        "worker_hijack_root_logger": False,
    }


app = Celery("jobs")
app.conf.update(settings())


def call(token, path, fields=None):
    """One call of the job API; fields: what is posted, as JSON."""
    request = urllib.request.Request(
        os.environ["API_URL"] + path, method="GET" if fields is None else "POST",
        data=None if fields is None else json.dumps(fields).encode(),
        headers={"Authorization": f"Token {token}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        # Celery stores exceptions, and this one holds an open connection.
        raise RuntimeError(f"{path} answers {error.code}") from None


# shared: whether applications that are made later get the task, too.
@app.task(name=TASK, shared=False, autoretry_for=(Exception,), max_retries=2, retry_backoff=True, retry_backoff_max=600,
          retry_jitter=True, soft_time_limit=600, time_limit=900)
def submit_job(job_id, token, config=None):
    call(token, "/api/jobs/update-job-status/", {"job": job_id, "status": "running"})
    job = call(token, f"/api/jobs/job-metadata/{job_id}/")["data"]
    saved = call(token, f"/api/jobs/save-job-data/{job_id}/", {"json_data": {"worker": "python", "type": job["type"]}})
    call(token, "/api/jobs/update-job-status/",
         {"job": job_id, "status": "completed", "info": {"results_id": saved["data"]["json_data_id"]}})


@app.task(name="jobs.tasks.error_handler", shared=False)
def error_handler(request, exc, traceback):
    """What the platform hangs on some of its tasks as link_error."""
