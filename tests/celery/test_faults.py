"""What breaks while jobs run: workers, renderers, brokers, connections, the platform, the disk, the clock. Whatever does, every job
is completed, once, with its result.

Sizes are those of continuous integration; SVI_TEST_FAULTS=full is the whole of it, SVI_TEST_SEED repeats the moments of a run.
"""
import contextlib
import os
import random
import signal
import sys
import time

import fleet
from fleet import Absent, Tests, wait_for
from ledger import Ledger
from proxy import Proxy

FULL = os.environ.get("SVI_TEST_FAULTS") == "full"
SEED = int(os.environ.get("SVI_TEST_SEED") or time.time_ns() % 1000000)
SMALL = {"fftSize": 64, "width": 3, "height": 2}
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def sized(small, full):
    return full if FULL else small


class Faults(Tests):
    """Workers talk to the platform without a door between, and keep what they compiled in one folder."""

    def setUp(self):
        self.random = random.Random(SEED)
        self.ledger = Ledger(self.fleet.platform)
        self.jobs = []
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.kill()

    def serve(self, node, *options, door=False, **variables):
        variables.setdefault("SVI_CACHE", os.path.join(self.fleet.folder, "cache"))
        variables.setdefault("API_URL", self.fleet.door.url if door else self.fleet.platform.url)
        process = self.fleet.serve(node, *options, environment=variables, wait=False)
        self.processes.append(process)
        process.node = node
        self.wait_until_ready(process)
        return process

    @staticmethod
    def wait_until_ready(process):
        process.wait_for_line(rf"{process.node} ready\.")

    def submit(self, count=1, **options):
        for _ in range(count):
            job, _ = self.fleet.submit(SMALL, **options)
            self.jobs.append(job)

    def wait_for_all(self, patience_s=120):
        try:
            wait_for(lambda: self.ledger.ended(self.jobs) == len(self.jobs), "the end of all jobs", patience_s)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.ledger.faults(self.jobs)[:20]}") from None

    def check_all(self, patience_s=120):
        self.wait_for_all(patience_s)
        self.assertEqual(self.ledger.faults(self.jobs), [])

    def warm_up(self):
        """The first job of a machine waits for its compiler."""
        self.submit()
        self.wait_for_all(300)

    def report(self, text):
        print(f"{self.id()} on {self.broker}: {text}", flush=True)


class Killed(Faults):
    """kill -9, as of a machine that loses its power: the worker and its renderer at once."""

    def test_a_worker_is_killed_at_random_moments(self):
        kills, jobs = sized((5, 20), (50, 200))
        self.report(f"seed {SEED}, {kills} kills, {jobs} jobs")
        self.serve("svi@steady", "-c", "1")
        self.warm_up()
        victim = self.serve("svi@victim", "-c", "3")
        died_with = 0
        for i in range(kills):
            self.submit(jobs * (i + 1) // kills - jobs * i // kills)
            before = self.ledger.ended(self.jobs)
            time.sleep(self.random.uniform(0, 0.4))
            died_with += len(self.jobs) - self.ledger.ended(self.jobs) > 0
            victim.kill()
            self.assertGreaterEqual(self.ledger.ended(self.jobs), before)
            victim.start_again()
            self.wait_until_ready(victim)
        self.check_all()
        self.report(f"{died_with} of {kills} kills hit a worker with jobs under way")


class Twice(Faults):
    """A publisher in doubt sends a task twice, under one id."""

    def test_a_task_that_comes_twice_is_worked_on_once(self):
        worker = self.serve("svi@a", "-c", "3", door=True)
        self.warm_up()
        with self.fleet.door.hold("save-job-data") as wait_until_held:
            self.submit(task_id="the-same")
            wait_until_held()
            self.fleet.task.apply_async((self.jobs[-1], self.fleet.platform.token, None), task_id="the-same")
            worker.wait_for_line("came again while job")
        self.check_all()
        self.submit()
        self.check_all()


class Renderers(Faults):
    def test_renderers_are_killed_in_the_middle_of_jobs(self):
        worker = self.serve("svi@a", "-c", "3", "--renderers", "2")
        self.warm_up()
        hits = 0
        for _ in range(sized(3, 20)):
            self.submit(6)
            time.sleep(self.random.uniform(0, 0.2))
            for pid in self.renderers_of(worker):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    hits += 1
            self.check_all()
        self.assertGreater(hits, 0)

    @staticmethod
    def renderers_of(worker):
        with contextlib.suppress(FileNotFoundError):
            children = set()
            for task in os.listdir(f"/proc/{worker.pid}/task"):
                with open(f"/proc/{worker.pid}/task/{task}/children", encoding="ascii") as listed:
                    children.update(map(int, listed.read().split()))
            return children
        return set()


class BrokerGone(Faults):
    """The broker is stopped, or dies, in the middle of a job."""
    brokers = ("redis", "amqp")
    # A task that RabbitMQ has not confirmed it may forget.
    options = {"broker_options": {"confirm_publish": True}}

    def go(self, end, patience_s=0):
        self.serve("svi@a", "-c", "1", door=True)
        self.warm_up()
        with self.fleet.door.hold("save-job-data") as wait_until_held:
            self.submit(3)
            wait_until_held()
            end()
            # The job's own results leave while there is no broker.
        wait_for(lambda: self.ledger.ended(self.jobs) >= 2, "the job that was under way")
        time.sleep(patience_s)
        self.fleet.broker.start_again()
        self.submit()
        self.check_all()

    def test_the_broker_is_stopped(self):
        self.go(self.fleet.broker.stop)

    def test_the_broker_dies(self):
        self.go(self.fleet.broker.kill)


class BrokerFull(Faults):
    """RabbitMQ is short of memory, and takes nothing, when a task is to be tried once more."""
    brokers = ("amqp",)

    def test_what_runs_is_not_given_back_to_the_queue(self):
        worker = self.serve("svi@a", "-c", "2", door=True)
        self.warm_up()
        with self.fleet.door.hold("save-job-data") as wait_until_saving:
            self.submit()
            wait_until_saving()
            with contextlib.ExitStack() as spoiled:
                with self.fleet.door.hold("job-metadata") as wait_until_asked:
                    self.submit()
                    wait_until_asked()
                    self.fleet.broker.control("set_vm_memory_high_watermark", "0.000001")
                    spoiled.enter_context(self.fleet.door.spoil("job-file", 100))
                worker.wait_for_line("not everything can be told to amqp")
        wait_for(lambda: self.ledger.ended(self.jobs) == 2, "the job that was under way")
        self.fleet.broker.control("set_vm_memory_high_watermark", "0.9")
        self.check_all()
        self.assertNotIn("lost the broker", worker.log())


class Cut(Faults):
    """A connection that is cut at each piece of what is said on it, half of the piece on its way."""
    brokers = ("redis", "amqp")

    def test_the_connection_is_cut_at_every_piece(self):
        proxy = Proxy(self.fleet.broker.port)
        self.addCleanup(proxy.close)
        url = self.fleet.broker.url.replace(f":{self.fleet.broker.port}", f":{proxy.port}")
        self.serve("svi@a", "-c", "1", CELERY_BROKER_URL=url)
        self.warm_up()
        for piece in range(1, sized(13, 60)):
            cuts = proxy.cuts
            proxy.cut_after(piece)
            self.submit()
            self.wait_for_all()
            wait_for(lambda cuts=cuts: proxy.cuts > cuts, f"the cut at piece {piece}")
        self.submit()
        self.check_all()


class Emptied(Faults):
    brokers = ("redis",)

    def test_redis_is_emptied_while_jobs_run_and_wait(self):
        """What waits is gone, as with every worker of Celery's; what runs ends, and the next job is served."""
        self.serve("svi@a", "-c", "1", door=True)
        self.warm_up()
        with self.fleet.door.hold("save-job-data") as wait_until_held:
            self.submit()
            wait_until_held()
            lost, _ = self.fleet.submit(SMALL)
            self.fleet.redis.flushall()
        self.check_all()
        self.submit()
        self.check_all()
        self.assertNotIn(self.fleet.platform.status(lost), ("completed", "failed"))
        wait_for(lambda: self.fleet.app.control.ping(timeout=1.5), "an answer of the node", 90)


class PlatformGone(Faults):
    """The platform is killed while jobs run and wait; a while later it is there again."""
    options = {"platform_options": ("--listen", f"127.0.0.1:{fleet.free_port()}")}

    def go(self, down_s):
        self.serve("svi@a", "-c", "2", door=True)
        self.warm_up()
        with self.fleet.door.hold("save-job-data|job-metadata") as wait_until_held:
            self.submit(sized(4, 20))
            wait_until_held(2)
            self.fleet.platform.process.kill()
        time.sleep(down_s)
        self.fleet.platform.process.start_again()
        self.fleet.platform.process.wait_for_line("listening on")
        self.check_all(240)

    def test_the_platform_is_away_for_a_moment(self):
        self.go(1)

    def test_the_platform_is_away_for_longer_than_all_retries(self):
        self.go(sized(12, 90))


class Disk(Faults):
    def test_a_work_folder_that_cannot_be_fails_jobs_and_no_more(self):
        self.serve("svi@a", "-c", "1")
        self.warm_up()
        work = os.path.join(self.fleet.folder, "work-svi@a")
        os.rename(work, work + "-before")
        with open(work, "w", encoding="ascii"):
            pass
        job, _ = self.fleet.submit(SMALL)
        failed = self.fleet.platform.wait_for_status(job, "failed")
        self.assertNotIn(self.fleet.folder, str(failed))
        os.unlink(work)
        self.submit(2)
        self.check_all()


class Asleep(Faults):
    """A worker that is stopped for longer than its lease lasts, and wakes up with the job that another has completed meanwhile."""
    brokers = ("redis",)
    options = {"broker_options": {"visibility_timeout": 3}}

    def test_a_worker_sleeps_past_its_lease(self):
        sleeper = self.serve("svi@sleeper", "-c", "1", door=True)
        self.warm_up()
        with self.fleet.door.hold("save-job-data") as wait_until_held:
            self.submit()
            wait_until_held()
            os.kill(sleeper.pid, signal.SIGSTOP)
            self.serve("svi@awake", "-c", "1")
            self.wait_for_all(200)
        os.kill(sleeper.pid, signal.SIGCONT)
        sleeper.wait_for_line("another worker has completed the job|task .* came again|is no longer held")
        self.submit(4)
        self.check_all()


class Clock(Faults):
    """The clock of the worker's machine is set, forwards and back."""

    def test_the_clock_jumps(self):
        if not os.path.exists(FAKETIME):
            raise Absent("there is no libfaketime on this machine")
        setting = os.path.join(self.fleet.folder, "clock")

        def set_clock(text):
            with open(setting + ".new", "w", encoding="ascii") as out:
                out.write(text + "\n")
            os.rename(setting + ".new", setting)
        set_clock("+0")
        self.serve("svi@steady", "-c", "1")
        self.warm_up()
        self.serve("svi@jumper", "-c", "2", LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=setting, FAKETIME_NO_CACHE="1",
                   FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_RESET="1")
        for jump in ("+2h", "-2h", "+0", "-40d", "+400d", "+0"):
            self.submit(sized(2, 6))
            set_clock(jump)
            self.submit(sized(2, 6))
            self.check_all()


class Many(Faults):
    def test_many_jobs_wait_at_once(self):
        count = sized(150, 10000)
        for _ in range(count):
            self.submit()
        begin_s = time.monotonic()
        worker = self.serve("svi@a", "-c", "3", "--renderers", "2")
        self.warm_up()
        wait_for(lambda: self.ledger.ended(self.jobs) > count // 10, "a tenth of the jobs", 300)
        early = self.resident_kib(worker)
        self.check_all(sized(300, 3600))
        late = self.resident_kib(worker)
        self.report(f"{count / (time.monotonic() - begin_s):.1f} jobs a second; {early} KiB after a tenth, {late} KiB at the end")
        self.assertLess(late, early + 4096)

    @staticmethod
    def resident_kib(worker):
        with open(f"/proc/{worker.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class Mixed(Faults):
    brokers = ("redis", "amqp")

    def test_two_of_ours_and_one_of_pythons_share_a_queue(self):
        count = sized(60, 1000)
        for node in ("svi@a", "svi@b"):
            self.serve(node, "-c", "2")
        self.warm_up()
        self.processes.append(self.fleet.python_worker("py@a", concurrency=1))
        begin_s = time.monotonic()
        self.submit(count)
        self.check_all(sized(120, 1200))
        took_s = time.monotonic() - begin_s
        pythons = sum("json_data_id" not in self.ledger.statuses(job)[-1][1] for job in self.jobs)
        self.report(f"{count} jobs in {took_s:.1f} s, {count / took_s:.1f} a second; {pythons} of them by Python")
        self.assertGreater(pythons, 0)
        self.assertLess(pythons, count)


if __name__ == "__main__":
    print(f"seed {SEED}", file=sys.stderr)
    fleet.main()
