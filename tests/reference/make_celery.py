"""Writes tests/data/celery/VERSION/*.json: messages as Celery itself publishes them, with the settings of the platform.

Needs celery; run once with each version that is to be kept:
    python3 tests/reference/make_celery.py tests/data/celery
Every message stands in the file as a broker of kombu's virtual transports carries it. Process and host are made up.
"""
import json
import pathlib
import sys
from datetime import datetime, timezone

import celery
import kombu.transport.memory
from celery import Celery, chain, chord, group

TOKEN = "s3cretT0kenThatNobodyMaySee"
caught = []


def catch(_channel, _name, message, *_more, **_options):
    caught.append(message)


kombu.transport.memory.Channel._put = catch
kombu.transport.memory.Channel._put_fanout = catch

app = Celery("svi", broker="memory://", backend="cache+memory://")
app.conf.update(
    task_routes={"jobs.tasks.submit_job": {"queue": "large_jobs"}}, task_serializer="json", accept_content=["json"],
    task_soft_time_limit=600, task_time_limit=900, result_extended=True, task_send_sent_event=False)


@app.task(name="jobs.tasks.submit_job", soft_time_limit=600, time_limit=900)
def submit_job(job, token, config=None):
    pass


@app.task(name="jobs.tasks.error_handler")
def error_handler(request, exc, traceback):
    pass


@app.task(name="jobs.tasks.nope")
def nope():
    pass


def publish(name, call):
    caught.clear()
    call()
    message = json.loads(json.dumps(caught[0]))
    if "origin" in message["headers"]:
        message["headers"]["origin"] = "gen10804@host1"
    (folder / f"{name}.json").write_text(json.dumps(message) + "\n")


def ask(name, call):
    def limited():
        try:
            call(app.control.inspect(timeout=0.01) if name.startswith("inspect") else app.control)
        except Exception:  # nobody answers
            if not caught:
                raise
    publish(name, limited)


folder = pathlib.Path(sys.argv[1]) / celery.__version__
folder.mkdir(parents=True, exist_ok=True)
config = {"width": 10, "height": 10.5, "fftSize": 1024, "title": "Größe 𝄞"}
later = datetime(2026, 11, 23, 19, 17, 3, 73804, tzinfo=timezone.utc)

publish("delay", lambda: submit_job.delay(42, TOKEN, config))
publish("no_config", lambda: submit_job.delay(43, TOKEN, None))
publish("by_name", lambda: submit_job.apply_async(
    args=[44, TOKEN], kwargs={"config": {"dimensions": "2d", "again": TOKEN}}, link_error=error_handler.s()))
publish("later", lambda: submit_job.apply_async(
    args=[45, TOKEN, config], eta=later, expires=later.replace(hour=20), priority=6, ignore_result=True, retries=1,
    shadow="shown", time_limit=30, soft_time_limit=40))
publish("no_limits", lambda: app.send_task("jobs.tasks.submit_job", args=[46, TOKEN, {}]))
publish("zlib", lambda: submit_job.apply_async(args=[47, TOKEN, config], compression="zlib"))
publish("bzip2", lambda: submit_job.apply_async(args=[48, TOKEN, config], compression="bzip2"))
publish("pickle", lambda: submit_job.apply_async(args=[49, TOKEN, config], serializer="pickle"))
publish("nan", lambda: submit_job.delay(50, TOKEN, {"vmin": float("nan"), "vmax": float("-inf"), "title": "NaN Infinity"}))
publish("chain", lambda: chain(submit_job.s(51, TOKEN), submit_job.s())())
publish("group", lambda: group(submit_job.s(52, TOKEN), submit_job.s(53, TOKEN))())
publish("link", lambda: submit_job.apply_async(args=[54, TOKEN], link=submit_job.s()))
publish("unknown", lambda: nope.apply_async(queue="large_jobs"))
publish("few", lambda: app.send_task("jobs.tasks.submit_job", args=[55]))
publish("text_id", lambda: submit_job.delay("56", TOKEN, config))
old = Celery("old", broker="memory://")
old.conf.update(task_protocol=1, task_serializer="json")
publish("protocol_1", lambda: old.send_task("jobs.tasks.submit_job", args=[57, TOKEN, config], queue="large_jobs"))

ask("inspect_ping", lambda i: i.ping())
ask("inspect_active", lambda i: i.active())
ask("inspect_query", lambda i: i.query_task("a", "b"))
ask("revoke", lambda c: c.revoke("e7f4d44b", terminate=True, signal="SIGKILL"))
ask("revoke_some", lambda c: c.broadcast("revoke", arguments={"task_id": ["a", "b"]}, destination=["svi@host1"]))
ask("enable_events", lambda c: c.enable_events())
ask("by_glob", lambda c: c.broadcast("ping", pattern="svi@*", matcher="glob"))
ask("by_pcre", lambda c: c.broadcast("ping", pattern=r"svi@host\d", matcher="pcre"))
ask("for_others", lambda c: c.broadcast("shutdown", destination=["celery@host2"]))
