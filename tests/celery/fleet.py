"""A whole system on the loopback, for tests: broker, embedded platform, workers of ours and of Python's, Flower.

Everything is started on free ports with its data in a temporary folder, and stopped again, also where the test dies. Nothing here
waits for a time: `wait_for` waits for a condition, with a deadline.

A test file describes tests once, in classes that derive from `Tests`, and ends with `main(...)`: the broker to test on is the
argument (redis, amqp, folder), and what this machine lacks makes the exit code 77. SVI_TEST_CELERY_PYTHON names a Python with
another Celery, perhaps with Flower: the same tests run with it, too.
"""
import atexit
import contextlib
import ctypes
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
SKIPPED = 77
# Stand in every URL and in every task of every test: a log that shows one of them is a fault wherever it comes from.
PASSWORD = "s3cret-Passw0rd.Nobody~Sees"
PATIENCE_S = 60


# What this process was started with: fleets add their addresses to its own environment, for the application in it.
ENVIRONMENT = dict(os.environ)


class Absent(Exception):
    """What a test needs is not on this machine."""


def wait_for(condition, what, patience_s=PATIENCE_S):
    """The first true value of the condition."""
    until = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"waited {patience_s} s in vain for {what}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_program(*names):
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise Absent(f"there is no {names[0]} on this machine")


# ---- processes ----

_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


class Process:
    """A program with its output in a file."""

    def __init__(self, name, command, folder, environment=None, log="log"):
        self.name, self.command = name, command
        self.log_path = os.path.join(folder, f"{name}.{log}")
        self.environment = dict(ENVIRONMENT, **(environment or {}))
        self._begin()

    def _begin(self):
        with open(self.log_path, "ab") as log:
            # Of the log of a process that is started again, only what is new is waited for.
            self.log_begin = log.tell()
            self.popen = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                                          start_new_session=True, preexec_fn=_die_with_parent)

    @property
    def pid(self):
        return self.popen.pid

    def log(self):
        with open(self.log_path, "rb") as log:
            log.seek(self.log_begin)
            return log.read().decode(errors="replace")

    def running(self):
        return self.popen.poll() is None

    def wait_for_line(self, text, patience_s=PATIENCE_S):
        def seen():
            found = re.search(text, self.log())
            if not found and not self.running():
                raise AssertionError(f"{self.name} has ended with {self.popen.returncode}:\n{self.log()[-3000:]}")
            return found
        return wait_for(seen, f"{text!r} of {self.name}", patience_s)

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, patience_s=PATIENCE_S):
        """The exit code."""
        return self.popen.wait(patience_s)

    def kill(self):
        """As a machine dies: the process and all its children at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, patience_s=PATIENCE_S):
        if self.running():
            self.popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(patience_s)
        self.kill()
        return self.popen.returncode

    def start_again(self):
        """The same command with the same data, after `stop` or `kill`."""
        self._begin()


# ---- brokers: each has a url, Celery's transport options, and can be stopped and started again with its data ----

class Redis:
    name = "redis"

    def __init__(self, folder):
        self.port = free_port()
        self.folder = os.path.join(folder, f"redis-{self.port}")
        os.makedirs(self.folder)
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self.options = {}
        # The password in a file: it is what tests look for in lists of processes.
        configuration = os.path.join(self.folder, "redis.conf")
        with open(configuration, "w", encoding="utf-8") as out:
            out.write(f'bind 127.0.0.1\nport {self.port}\nrequirepass "{PASSWORD}"\ndir "{self.folder}"\nsave ""\nappendonly yes\n'
                      "appendfsync always\n")
        self.process = Process(f"redis-{self.port}", [find_program("redis-server"), configuration], folder)
        self.wait_until_ready()

    def wait_until_ready(self):
        self.process.wait_for_line("Ready to accept connections")

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def start_again(self):
        self.process.start_again()
        self.wait_until_ready()


class RabbitMQ:
    name = "amqp"

    def __init__(self, folder):
        if not os.path.exists(RABBITMQ):
            raise Absent(f"there is no {RABBITMQ} on this machine")
        self.port = free_port()
        self.folder = os.path.join(folder, f"rabbitmq-{self.port}")
        os.makedirs(self.folder)
        self.url = f"amqp://svi:{PASSWORD}@127.0.0.1:{self.port}//"
        self.options = {}
        with open(os.path.join(self.folder, "rabbitmq.conf"), "w", encoding="utf-8") as out:
            out.write(f"listeners.tcp.default = 127.0.0.1:{self.port}\ndefault_user = svi\ndefault_pass = {PASSWORD}\n"
                      "log.console = true\nlog.console.level = info\nlog.file = false\n")
        with open(os.path.join(self.folder, "plugins"), "w", encoding="utf-8") as out:
            out.write("[].\n")
        self.epmd_port = free_port()
        self.environment = {
            "HOME": self.folder,
            "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"svi{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": os.path.join(self.folder, "mnesia"),
            "RABBITMQ_LOG_BASE": self.folder,
            "RABBITMQ_CONFIG_FILE": os.path.join(self.folder, "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_ADVANCED_CONFIG_FILE": os.path.join(self.folder, "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": os.path.join(self.folder, "plugins"),
            "RABBITMQ_PID_FILE": os.path.join(self.folder, "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        }
        self.process = Process(f"rabbitmq-{self.port}", [RABBITMQ], folder, self.environment)
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self):
        self.process.wait_for_line("Server startup complete", 120)

    def control(self, *words):
        subprocess.run([RABBITMQ.replace("-server", "ctl"), "-q", *words], check=True, env=dict(ENVIRONMENT, **self.environment))

    def stop(self):
        self.process.stop()
        self._stop_names()

    def kill(self):
        self.process.kill()

    def start_again(self):
        self.process.start_again()
        self.wait_until_ready()

    def _stop_names(self):
        """Erlang leaves its name server behind, in a session of its own."""
        epmd = shutil.which("epmd")
        if epmd:
            subprocess.run([epmd, "-port", str(self.epmd_port), "-kill"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=False, env=dict(ENVIRONMENT, ERL_EPMD_PORT=str(self.epmd_port)))


class Folder:
    name = "folder"

    def __init__(self, folder):
        self.folder = os.path.join(folder, "broker")
        control = os.path.join(self.folder, "control")
        os.makedirs(control)
        self.url = f"filesystem://{self.folder}"
        self.options = {"data_folder_in": self.folder, "data_folder_out": self.folder, "control_folder": control}

    def stop(self):
        pass


BROKERS = {broker.name: broker for broker in (Redis, RabbitMQ, Folder)}


# ---- a door before the platform ----

class Door:
    """Passes requests on to the platform, unless it is told to hold or to spoil some. The place where tests stop a job."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.lock = threading.Condition()
        self.held, self.spoiled, self.seen = [], [], []
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Otherwise an answer waits for the acknowledgement of its header.
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *_):
                pass

            def _pass_on(self):
                door.pass_on(self)

            do_GET = do_POST = do_HEAD = _pass_on

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                """A worker that is killed leaves its connection."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def pass_on(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        with self.lock:
            self.seen.append((request.command, request.path, body))
            for rule in self.spoiled:
                if rule["times"] and re.search(rule["path"], request.path) and rule["body"] in body:
                    rule["times"] -= 1
                    self._answer(request, rule["status"], [], b'{"detail": "spoiled"}')
                    return
            for rule in [rule for rule in self.held if re.search(rule["path"], request.path)]:
                rule["count"] += 1
                self.lock.notify_all()
                self.lock.wait_for(lambda rule=rule: rule not in self.held)
        upstream = http.client.HTTPConnection("127.0.0.1", self.target_port, timeout=60)
        headers = {key: value for key, value in request.headers.items() if key.lower() not in ("connection", "expect")}
        try:
            upstream.request(request.command, request.path, body or None, headers)
            answer = upstream.getresponse()
            self._answer(request, answer.status, answer.getheaders(), answer.read())
        finally:
            upstream.close()

    @staticmethod
    def _answer(request, status, headers, body):
        request.send_response_only(status)
        for key, value in headers:
            if key.lower() not in ("connection", "content-length", "transfer-encoding"):
                request.send_header(key, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
        request.wfile.flush()

    @contextlib.contextmanager
    def hold(self, path):
        """Requests whose path matches are held until the block ends. Gives a function that waits until a number are held."""
        rule = {"path": path, "count": 0, "id": uuid.uuid4()}
        with self.lock:
            self.held.append(rule)

        def wait_until_held(count=1, patience_s=PATIENCE_S):
            with self.lock:
                if not self.lock.wait_for(lambda: rule["count"] >= count, patience_s):
                    raise AssertionError(f"waited {patience_s} s in vain for {count} requests of {path}, not {rule['count']}")
        try:
            yield wait_until_held
        finally:
            with self.lock:
                self.held.remove(rule)
                self.lock.notify_all()

    @contextlib.contextmanager
    def spoil(self, path, times, status=503, body=b""):
        """The next requests whose path and body match are answered with an error, and go no further."""
        rule = {"path": path, "times": times, "status": status, "body": body}
        with self.lock:
            self.spoiled.append(rule)
        try:
            yield rule
        finally:
            with self.lock:
                self.spoiled.remove(rule)

    def close(self):
        with self.lock:
            self.held.clear()
            self.lock.notify_all()
        self.server.shutdown()
        self.server.server_close()


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
