"""A node answers and begins at once, whatever it is at, and without work takes next to no time of a core.

Seconds are compared here, so nothing else is to run beside these tests.
"""
import os
import subprocess
import sys
import time

import fleet

NODE = "svi@a"
IDLE_S = float(os.environ.get("SVI_TEST_IDLE_S", "20"))


def cpu_s(pid):
    """What the process and its renderers have used."""
    ticks = 0
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as children:
            for child in children.read().split():
                ticks += cpu_s(int(child)) * os.sysconf("SC_CLK_TCK")
    return ticks / os.sysconf("SC_CLK_TCK")


class Idle(fleet.Tests):
    @classmethod
    def set_up_fleet(cls):
        cls.node = cls.fleet.serve(NODE)
        job, _ = cls.fleet.submit()
        cls.fleet.platform.wait_for_status(job, "completed")

    def test_share_of_a_core(self):
        begin, used = time.monotonic(), cpu_s(self.node.pid)
        # Time itself is what is measured here.
        fleet.wait_for(lambda: time.monotonic() - begin >= IDLE_S, "the time to pass", IDLE_S + 10)
        share = (cpu_s(self.node.pid) - used) / (time.monotonic() - begin)
        print(f"{share:.3%} of a core over {IDLE_S:g} s")
        self.assertLess(share, 0.005)

    def test_claimed_at_once(self):
        delays = []
        for _ in range(11):
            job = self.fleet.platform.add_job()
            seen = len(self.fleet.door.seen)
            begin = time.monotonic()
            self.fleet.task.delay(job, self.fleet.platform.token, None)
            fleet.wait_for(lambda seen=seen: len(self.fleet.door.seen) > seen, "the first call of the job")
            delays.append(time.monotonic() - begin)
            self.fleet.platform.wait_for_status(job, "completed")
        delays.sort()
        print(f"from `delay` to `running`: median {delays[5]:.3f} s, longest {delays[-1]:.3f} s")
        # The machine may be busy with other things; most of the time it is not.
        self.assertLess(delays[5], 0.3)


class Busy(fleet.Tests):
    every_celery = True
    needs_control = True

    @classmethod
    def set_up_fleet(cls):
        cls.fleet.serve(NODE, "-c", "2")

    def test_active_while_the_device_is_busy(self):
        """All cores at work, of the device and of others: the job is seen within a second, and answers take a fraction of one."""
        hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
        try:
            job, result = self.fleet.submit({"fftSize": 16384, "hopSize": 100, "width": 20}, "spectrogram", samples=1 << 22)
            begin = time.monotonic()
            fleet.wait_for(lambda: self.fleet.platform.status(job) == "running", "the job to run")
            seen = []
            while self.fleet.platform.status(job) == "running" and len(seen) < 20:
                asked = time.monotonic()
                jobs = self.fleet.active(NODE)
                seen.append((time.monotonic() - asked, job in jobs))
                if len(seen) == 1:
                    self.assertLess(time.monotonic() - begin, 5)
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        delays = sorted(delay for delay, _ in seen)
        print(f"{len(seen)} answers with all cores busy: median {delays[len(delays) // 2]:.3f} s, longest {delays[-1]:.3f} s")
        # The last one may have been asked after the job's end.
        self.assertTrue(all(active for _, active in seen[:-1]), seen)
        if self.broker != "folder":  # which kombu looks into once a second
            self.assertLess(delays[len(delays) // 2], 0.2)
        self.fleet.app.control.revoke(result.id, terminate=True)
        fleet.wait_for(lambda: self.fleet.platform.status(job) in ("completed", "failed"), "the job's end")


if __name__ == "__main__":
    fleet.main()
