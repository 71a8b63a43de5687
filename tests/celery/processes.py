"""Programs that tests start, and waiting for what they do: for a condition with a deadline, never for a time."""
import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import time

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
