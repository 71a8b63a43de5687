"""A whole system on the loopback, for tests: broker, embedded platform, workers of ours and of Python's, Flower.

Everything is started on free ports with its data in a temporary folder, and stopped again, also where the test dies. Nothing here
waits for a time: `wait_for` waits for a condition, with a deadline.

A test file describes tests once, in classes that derive from `Tests`, and ends with `main(...)`: the broker to test on is the
argument (redis, amqp, folder), and what this machine lacks makes the exit code 77. SVI_TEST_CELERY_PYTHON names a Python with
another Celery, perhaps with Flower: the same tests run with it, too.
"""
import atexit
import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import uuid
import warnings

from brokers import BROKERS, PASSWORD, Redis
from door import Door
from processes import ENVIRONMENT, PATIENCE_S, Absent, Process, find_program, free_port, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


# ---- the platform ----

class Platform:
    def __init__(self, program, folder, *options, environment=None):
        self.data = os.path.join(folder, "platform")
        self.program = program
        self.process = Process("platform", [program, "platform", "--data", self.data, "--listen", "127.0.0.1:0", *options], folder,
                               environment)
        said = self.process.wait_for_line(r"listening on (http://127\.0\.0\.1:(\d+))")
        self.url, self.port = said.group(1), int(said.group(2))
        self.token = self.add_user("ann")

    def add_user(self, name):
        added = subprocess.run([self.program, "platform", "add-user", name, "--data", self.data], check=True,
                               stdout=subprocess.PIPE, universal_newlines=True)
        return added.stdout.strip()

    def call(self, path, fields=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET" if fields is None else "POST", path, None if fields is None else json.dumps(fields),
                               {"Authorization": f"Token {token or self.token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status >= 300:
                raise AssertionError(f"{path}: {answer.status} {body[:500]}")
            return json.loads(body)
        finally:
            connection.close()

    def add_job(self, kind="periodogram", config=None, samples=4096):
        """A job with a recording of its own; its number. Nobody is told of it."""
        boundary = uuid.uuid4().hex
        recording = bytes((7 * i) % 256 for i in range(256)) * (samples * 2 // 256)
        parts = [("type", None, kind.encode()), ("config", None, json.dumps(dict({"fftSize": 256}, **(config or {}))).encode()),
                 ("file", "tone_100M_1000k.cu8", recording)]
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            + (f'; filename="{file}"\r\nContent-Type: application/octet-stream'.encode() if file else b"")
            + b"\r\n\r\n" + content + b"\r\n" for name, file, content in parts) + f"--{boundary}--\r\n".encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("POST", "/api/jobs/submit-job/", body, {
                "Authorization": f"Token {self.token}", "Content-Type": f"multipart/form-data; boundary={boundary}"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 300:
            raise AssertionError(f"submit-job: {answer.status} {said}")
        return said["job_id"]

    def job(self, job):
        return self.call(f"/api/jobs/job-metadata/{job}/")["data"]

    def status(self, job):
        return self.job(job)["status"]

    def wait_for_status(self, job, status, patience_s=PATIENCE_S):
        last = None

        def reached():
            nonlocal last
            last = self.job(job)
            return last["status"] == status
        try:
            wait_for(reached, f"job {job} to be {status}", patience_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {last}") from None
        return last


# ---- what monitors see ----

class Events:
    """All events from now on, as a monitor receives them."""

    def __init__(self, app):
        self.seen = []
        self.connection = app.connection_for_read()
        self.receiver = app.events.Receiver(self.connection, handlers={"*": self.seen.append})
        self.thread = threading.Thread(target=self._capture, daemon=True)
        self.thread.start()

    def _capture(self):
        with contextlib.suppress(Exception):
            # A fleet that is stopped takes the connection away.
            self.receiver.capture(limit=None, timeout=None, wakeup=False)

    def wait_for_node(self, node, kind="worker-heartbeat"):
        return wait_for(lambda: next((event for event in list(self.seen) if event["type"] == kind and event["hostname"] == node),
                                     None), f"{kind} of {node}")

    def of_task(self, task):
        return [event for event in list(self.seen) if event.get("uuid") == task]

    def wait_for_task(self, task, kind):
        return wait_for(lambda: next((event for event in self.of_task(task) if event["type"] == kind), None),
                        f"{kind} of {task}")

    def kinds(self, task, node=None):
        """What was told of a task by the node, or by all workers."""
        return [event["type"] for event in self.of_task(task)
                if event["type"] != "task-sent" and node in (None, event["hostname"])]

    def stop(self):
        self.receiver.should_stop = True
        self.thread.join(PATIENCE_S)
        self.connection.release()


# ---- all together ----

class Fleet:
    """A broker, a store of results, a platform; workers as they are asked for. feeding: whether the platform queues what is
    submitted to it."""

    def __init__(self, broker="redis", platform_options=(), broker_options=None, feeding=False):
        self.program = os.environ.get("SVI_TEST_PROGRAM") or find_program("svi-worker")
        self.folder = tempfile.mkdtemp(prefix="fleet-", dir=os.environ.get("SVI_TEST_SCRATCH"))
        self.parts = []
        atexit.register(self.stop)
        try:
            self._start(broker, platform_options, broker_options or {}, feeding)
        except BaseException:
            self.stop()
            raise

    def _start(self, broker, platform_options, broker_options, feeding):
        try:
            import celery
            import redis  # for its results
        except ImportError as reason:
            raise Absent(f"{sys.executable} has no Celery with Redis: {reason}") from None
        self.broker = self._add(BROKERS[broker](self.folder))
        self.broker.options = dict(self.broker.options, **broker_options)
        # Results are in the broker where it is a Redis; the folder is served without results.
        self.results = self.broker if broker == "redis" else self._add(Redis(self.folder)) if broker == "amqp" else None
        self.platform = Platform(self.program, self.folder, *platform_options,
                                 environment={"SVI_BROKER": self.broker.url} if feeding else None)
        self._add(self.platform.process)
        self.door = Door(self.platform.port)
        self.environment = {
            "CELERY_BROKER_URL": self.broker.url,
            "CELERY_RESULT_BACKEND": self.results.url if self.results else "",
            "SVI_TEST_BROKER_OPTIONS": json.dumps(self.broker.options),
            "API_URL": self.door.url,
            "PYTHONPATH": HERE,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.app = self._application()

    def _add(self, part):
        self.parts.append(part)
        return part

    def _application(self):
        sys.dont_write_bytecode = True
        os.environ.update(self.environment)
        # Each fleet has an application of its own: Celery keeps connections by application.
        sys.modules.pop("app", None)
        import app
        return app.app

    @property
    def task(self):
        return self.app.tasks["jobs.tasks.submit_job"]

    @property
    def redis(self):
        """A client of the Redis that holds the results, and perhaps the queue."""
        import redis
        return redis.Redis(port=self.results.port, password=PASSWORD)

    # -- workers --

    def serve(self, node="svi@a", *options, environment=None, wait=True):
        """svi-worker serve, ready to work."""
        work = os.path.join(self.folder, "work-" + node)
        command = [self.program, "serve", "-n", node, "-l", "debug", "--work", work, *options]
        if self.broker.name == "folder":
            command += ["--result-backend", "none"]
        variables = {"CELERY_BROKER_URL": self.broker.url, "API_URL": self.door.url}
        if self.results:
            variables["CELERY_RESULT_BACKEND"] = self.results.url
        if self.broker.options:
            variables["SVI_BROKER_OPTIONS"] = json.dumps(self.broker.options)
        process = self._add(Process(node, command, self.folder, dict(variables, **(environment or {}))))
        if wait:
            process.wait_for_line(rf"{re.escape(node)} ready\.")
        return process

    def python_worker(self, node="py@a", queues="large_jobs", concurrency=1, *options):
        """Celery's own worker on the same queue, ready to work."""
        command = [sys.executable, "-m", "celery", "-A", "app", "worker", "-n", node, "-Q", queues, "-c", str(concurrency),
                   "-l", "info", "--without-gossip", *options]
        process = self._add(Process(node, command, self.folder, self.environment))
        process.wait_for_line(r"ready\.")
        return process

    def celery(self, *arguments, patience_s=PATIENCE_S):
        """celery -A app ARGUMENTS, as on a command line; what it prints, and its exit code."""
        done = subprocess.run([sys.executable, "-m", "celery", "-A", "app", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=dict(ENVIRONMENT, **self.environment), timeout=patience_s, check=False,
                              universal_newlines=True)
        return done.stdout, done.returncode

    def flower(self):
        if subprocess.run([sys.executable, "-c", "import flower"], stderr=subprocess.DEVNULL, check=False).returncode:
            raise Absent(f"{sys.executable} has no Flower")
        port = free_port()
        process = self._add(Process("flower", [sys.executable, "-m", "celery", "-A", "app", "flower", f"--port={port}",
                                               "--address=127.0.0.1"],
                                    self.folder, dict(self.environment, FLOWER_UNAUTHENTICATED_API="true")))
        process.wait_for_line("Connected to")
        process.url = f"http://127.0.0.1:{port}"
        return process

    # -- remote control --

    def ask(self, method, node="svi@a", **arguments):
        """What the node answers to a method of `inspect` or `control`."""
        replies = self.app.control.broadcast(method, arguments=arguments, destination=[node], reply=True, timeout=5, limit=1)
        return replies[0][node] if replies else None

    def active(self, node="svi@a"):
        """The numbers of the jobs that the node says it is working on."""
        return [task["args"][0] for task in self.ask("active", node) or []]

    def events(self):
        return Events(self.app)

    # -- jobs --

    def submit(self, config=None, kind="periodogram", samples=4096, **options):
        """A job of the platform and its task in the queue, as the web application makes them; number and AsyncResult."""
        job = self.platform.add_job(kind, config, samples)
        return job, self.task.apply_async((job, self.platform.token, config), **options)

    def logs(self):
        return [os.path.join(self.folder, name) for name in os.listdir(self.folder) if name.endswith(".log")]

    def stop(self):
        atexit.unregister(self.stop)
        if hasattr(self, "door"):
            self.door.close()
        for part in reversed(self.parts):
            part.stop()
        self.parts = []
        if hasattr(self, "app"):
            with contextlib.suppress(Exception):
                self.app.close()
            import kombu.pools
            kombu.pools.reset()
            # The next platform must not queue its jobs here.
            for name in self.environment:
                os.environ.pop(name, None)
        if not os.environ.get("SVI_TEST_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)


# ---- tests ----

class Tests(unittest.TestCase):
    """Tests that share a fleet. `brokers`: those that they are for; `options` as of Fleet."""
    brokers = ("redis", "amqp", "folder")
    broker = None  # set by main
    options = {}
    needs_control = False  # remote control, which kombu's folder has since 5.3
    every_celery = False  # what is to be seen with each Celery that there is, and not with any
    longMessage = True

    @classmethod
    def setUpClass(cls):
        if cls.broker not in cls.brokers:
            raise unittest.SkipTest(f"not on a {cls.broker}")
        if cls.broker == "folder" and cls.needs_control:
            import kombu
            if kombu.VERSION[:2] < (5, 3):
                raise unittest.SkipTest(f"kombu {kombu.__version__} has no remote control over a folder")
        cls.fleet = Fleet(cls.broker, **cls.options)
        cls.addClassCleanup(cls.fleet.stop)
        cls.set_up_fleet()

    @classmethod
    def set_up_fleet(cls):
        """Starts the workers of all tests of the class."""

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self._show_logs()

    def _show_logs(self):
        """Of a test that failed: what everybody said at last."""
        fleet = getattr(self, "fleet", None)
        for path in fleet.logs() if fleet else []:
            with open(path, encoding="utf-8", errors="replace") as log:
                print(f"---- {os.path.basename(path)}\n{log.read()[-6000:]}", file=sys.stderr)


class _Result(unittest.TextTestResult):
    """Absent things skip a test."""

    def addError(self, test, err):
        if issubclass(err[0], Absent):
            self.addSkip(test, str(err[1]))
        else:
            super().addError(test, err)


def _run_with(python):
    """The exit code of the same tests with another Python."""
    return subprocess.run([python, *sys.argv], env={key: value for key, value in ENVIRONMENT.items()
                                                    if key != "SVI_TEST_CELERY_PYTHON"}, check=False).returncode


def main():
    """Runs the tests of the calling file: FILE BROKER [TEST…]."""
    warnings.simplefilter("ignore")
    Tests.broker = sys.argv[1]
    program = unittest.main(argv=[sys.argv[0], *sys.argv[2:]], exit=False, verbosity=2,
                            testRunner=unittest.TextTestRunner(verbosity=2, resultclass=_Result, warnings="ignore"))
    result = program.result
    # A class that is skipped as a whole is no test, and its tests were not counted.
    done = result.testsRun - len({test.id() for test, _ in result.skipped if isinstance(test, unittest.TestCase)})
    for _, reason in result.skipped:
        print(f"SKIP: {reason}")
    code = 1 if not result.wasSuccessful() else 0 if done > 0 else SKIPPED
    other = os.environ.get("SVI_TEST_CELERY_PYTHON")
    if other and (code == SKIPPED or (code == 0 and any(tests.every_celery for tests in Tests.__subclasses__()))):
        again = _run_with(other)
        code = again if again not in (0, SKIPPED) else min(code, again)
    # Threads of the door and of Celery's pools are not worth waiting for.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
