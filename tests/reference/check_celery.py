"""Reads what celery_specimens writes with Celery's own code: its messages, requests, events, results, exceptions, revoked ids.

    python3 tests/reference/check_celery.py PROGRAM
Exits 77 where this Python has no celery.
"""
import json
import subprocess
import sys

try:
    import celery
    import celery.exceptions
    from billiard.exceptions import SoftTimeLimitExceeded  # noqa: F401, loaded so that its name is found
    from celery import Celery
    from celery.events.receiver import EventReceiver
    from celery.events.state import State
    from celery.utils.collections import LimitedSet
    from celery.worker.request import Request
except ImportError as fault:
    print(f"SKIP: {fault}")
    sys.exit(77)

TOKEN = "s3cretT0kenThatNobodyMaySee"
app = Celery("svi", broker="memory://", backend="cache+memory://")
app.conf.task_protocol = 2


@app.task(name="jobs.tasks.submit_job")
def submit_job(job, token, config=None):
    pass


app.finalize()
channel = app.connection().channel()
receiver = EventReceiver(app.connection(), app=app)
state = State()
seen = {}


def envelope(text):
    raw = json.loads(text)
    raw["properties"].setdefault("delivery_tag", "1")
    raw["properties"].setdefault("delivery_info", {"exchange": "", "routing_key": "large_jobs"})
    return channel.Message(raw, channel=channel)


def check_task(line, retries):
    message = envelope(line["text"])
    request = Request(message, app=app, task=submit_job, hostname="celery@host1", eventer=None)
    args, kwargs, embed = message.decode()
    assert args == [42, TOKEN, {"width": 10, "title": "Größe"}] and kwargs == {}, args
    assert set(embed) == {"callbacks", "errbacks", "chain", "chord"}
    assert request.id == request.root_id == line["about"] and request.correlation_id == line["about"]
    assert tuple(request.time_limits) == (900, 600)
    assert message.headers["retries"] == retries
    assert request.parent_id == (line["about"] if retries else None)
    assert TOKEN not in request.argsrepr
    assert request.eta is None if not retries else abs(request.eta.timestamp() - 1795461423.25) < 1e-6


def check_event(line):
    body = envelope(line["text"]).decode()
    for event in body if isinstance(body, list) else [body]:
        assert TOKEN not in json.dumps(event)
        state.event(receiver.event_from_message(event)[1])
        if event["type"].startswith("task-"):
            task = state.tasks[event["uuid"]]
            seen[event["type"]] = task.state
            assert task.worker.hostname == "svi@host1"
            if event["type"] == "task-received":
                assert task.name == "jobs.tasks.submit_job" and task.args.startswith("(42, ")
            if event["type"] == "task-failed":
                assert task.exception == "ValueError('boom é')"


def check_exception(line):
    meta = app.backend.meta_from_decoded(json.loads(json.dumps(line["result"])))
    exception = meta["result"]
    assert TOKEN not in json.dumps(line["result"])
    assert isinstance(exception, BaseException), exception
    known = type(exception)
    assert known.__module__ == line["result"]["result"]["exc_module"]
    assert getattr(sys.modules[known.__module__], known.__name__) is known, known
    shown = repr(exception)
    # Two of Celery's have a repr of their own.
    assert shown == line["about"] or known.__name__ in ("NotRegistered", "TimeLimitExceeded", "SoftTimeLimitExceeded"), shown
    assert list(exception.args) == line["result"]["result"]["exc_message"]


def check_result(line):
    result = line["result"]
    meta = app.backend.meta_from_decoded(json.loads(json.dumps(result)))
    assert TOKEN not in json.dumps(result)
    if meta["status"] == "SUCCESS":
        assert meta["result"] is None and meta["args"][0] == 42 and meta["queue"] == "large_jobs"
    if meta["status"] in ("FAILURE", "RETRY"):
        assert isinstance(meta["result"], ConnectionError)
    if meta["status"] == "STARTED":
        assert meta["result"] == {"pid": 7, "hostname": "svi@host1"}
    seen[meta["status"]] = True


def check_revoked(line):
    ids = LimitedSet(maxlen=10, expires=10800)
    ids.update(line["told"])
    assert sorted(ids) == ["a", "b"]


lines = [json.loads(line) for line in subprocess.run(
    [sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines()]
for one in lines:
    kind = one["kind"]
    if kind in ("task", "retry"):
        check_task(one, int(kind == "retry"))
    elif kind == "repr":
        assert repr(one["value"]) == one["about"], (repr(one["value"]), one["about"])
    else:
        {"event": check_event, "exception": check_exception, "result": check_result, "revoked": check_revoked}[kind](one)

assert seen["task-received"] == "RECEIVED" and seen["task-started"] == "STARTED", seen
assert {"task-succeeded", "task-failed", "task-retried", "task-revoked", "task-rejected"} <= set(seen), seen
assert {"STARTED", "SUCCESS", "FAILURE", "RETRY"} <= set(seen), seen
worker = state.workers["svi@host1"]
assert (worker.sw_ident, worker.processed, worker.freq) == ("svi-worker", 3, 2.0)
print(f"{len(lines)} specimens read by celery {celery.__version__}")
