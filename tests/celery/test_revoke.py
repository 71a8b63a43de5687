"""Jobs that are ended before their end: revoked while they wait or run, or beyond a limit of time."""
import signal
import time
import uuid

import fleet

NODE = "svi@a"


class Revoke(fleet.Tests):
    needs_control = True

    @classmethod
    def set_up_fleet(cls):
        cls.node = cls.fleet.serve(NODE, "-c", "1", "--renderers", "1")
        cls.events = cls.fleet.events()
        cls.addClassCleanup(cls.events.stop)
        cls.events.wait_for_node(NODE)

    def check_result(self, result, exception, *words):
        """What AsyncResult.get raises."""
        if not self.fleet.results:
            return
        with self.assertRaises(Exception) as caught:
            result.get(timeout=fleet.PATIENCE_S)
        self.assertEqual(type(caught.exception).__name__, exception)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def check_next_job(self):
        job, _ = self.fleet.submit()
        self.fleet.platform.wait_for_status(job, "completed")

    def wait_until_idle(self):
        fleet.wait_for(lambda: not self.fleet.active(NODE), "nothing to be active")

    def test_waiting(self):
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            blocker, _ = self.fleet.submit()
            wait_until_held()
            job, result = self.fleet.submit()
            reply = self.fleet.ask("revoke", NODE, task_id=result.id, terminate=False, signal="SIGTERM")
            self.assertEqual(reply, {"ok": f"tasks {{'{result.id}'}} flagged as revoked"})
            self.assertIn(result.id, self.fleet.ask("revoked", NODE))
            # It waits for its turn in the queue: nobody knows of it there.
            self.assertEqual(self.fleet.active(NODE), [blocker])
        self.fleet.platform.wait_for_status(blocker, "completed")
        self.check_result(result, "TaskRevokedError", "revoked")
        event = self.events.wait_for_task(result.id, "task-revoked")
        self.assertEqual((event["terminated"], event["expired"]), (False, False))
        self.assertEqual(self.events.kinds(result.id), ["task-revoked"])
        self.fleet.platform.wait_for_status(job, "failed")

    def check_terminated(self, name, number):
        with self.fleet.door.hold("/job-file/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            begin = time.monotonic()
            reply = self.fleet.ask("revoke", NODE, task_id=result.id, terminate=True, signal=name)
            self.assertEqual(reply, {"ok": f"terminate: {result.id}"})
            # The platform's guard of memory looks for it a second after SIGTERM, and kills it then.
            self.assertNotIn(job, self.fleet.active(NODE))
            if self.broker != "folder":  # which kombu looks into once a second
                self.assertLess(time.monotonic() - begin, 1)
            self.check_result(result, "TaskRevokedError", "terminated")
            said = self.fleet.platform.wait_for_status(job, "failed")
            self.assertIn(f"signal {int(number)}", said["error"])
        event = self.events.wait_for_task(result.id, "task-revoked")
        self.assertEqual((event["terminated"], event["signum"], event["expired"]), (True, int(number), False))
        self.assertEqual(self.events.kinds(result.id), ["task-received", "task-started", "task-revoked"])
        self.check_next_job()

    def test_running_with_sigterm(self):
        self.check_terminated("SIGTERM", signal.SIGTERM)

    def test_running_with_sigkill(self):
        self.check_terminated("SIGKILL", signal.SIGKILL)

    def test_running_with_names_of_signals(self):
        for name, number in (("INT", signal.SIGINT), ("SIGUSR1", signal.SIGUSR1), (None, signal.SIGTERM)):
            with self.subTest(name=name):
                self.check_terminated(name, number)

    def test_before_it_runs(self):
        """The platform has not answered to `running` yet."""
        with self.fleet.door.hold("/update-job-status/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            self.fleet.ask("revoke", NODE, task_id=result.id, terminate=True, signal="SIGTERM")
            self.check_result(result, "TaskRevokedError", "terminated")
            wait_until_held(2)
        said = self.fleet.platform.wait_for_status(job, "failed")
        self.assertIn("signal 15", said["error"])
        self.check_next_job()

    def test_while_the_device_computes(self):
        job, result = self.fleet.submit({"fftSize": 65536, "hopSize": 100}, "spectrogram", samples=1 << 22)
        fleet.wait_for(lambda: job in self.fleet.active(NODE), "the job to run")
        self.events.wait_for_task(result.id, "task-started")
        self.fleet.ask("revoke", NODE, task_id=result.id, terminate=True, signal="SIGKILL")
        self.check_result(result, "TaskRevokedError", "terminated")
        self.fleet.platform.wait_for_status(job, "failed", patience_s=10)
        self.check_next_job()

    def test_running_without_terminate(self):
        with self.fleet.door.hold("/job-file/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            self.fleet.ask("revoke", NODE, task_id=result.id, terminate=False, signal="SIGTERM")
            self.assertEqual(self.fleet.active(NODE), [job])
        self.fleet.platform.wait_for_status(job, "completed")
        if self.fleet.results:
            self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))

    def test_finished(self):
        job, result = self.fleet.submit()
        self.fleet.platform.wait_for_status(job, "completed")
        self.wait_until_idle()
        self.fleet.ask("revoke", NODE, task_id=result.id, terminate=True, signal="SIGKILL")
        self.check_next_job()
        self.assertEqual(self.fleet.platform.status(job), "completed")
        if self.fleet.results:
            self.assertEqual(result.state, "SUCCESS")

    def test_unknown(self):
        unknown = str(uuid.uuid4())
        self.assertEqual(self.fleet.ask("revoke", NODE, task_id=unknown, terminate=True, signal="SIGTERM"),
                         {"ok": "terminate: tasks unknown"})
        self.assertIn(unknown, self.fleet.ask("revoked", NODE))

    def test_several_at_once(self):
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            blocker, _ = self.fleet.submit()
            wait_until_held()
            waiting = [self.fleet.submit() for _ in range(3)]
            self.fleet.app.control.revoke([result.id for _, result in waiting])
            fleet.wait_for(lambda: waiting[-1][1].id in self.fleet.ask("revoked", NODE), "the node to know")
        self.fleet.platform.wait_for_status(blocker, "completed")
        for job, result in waiting:
            self.fleet.platform.wait_for_status(job, "failed")
            self.check_result(result, "TaskRevokedError", "revoked")

    # -- limits of time --

    def test_soft_limit(self):
        with self.fleet.door.hold("/job-file/"):
            job, result = self.fleet.submit(soft_time_limit=1, time_limit=60)
            said = self.fleet.platform.wait_for_status(job, "failed")
            self.assertIn("soft time limit", said["error"])
            self.check_result(result, "SoftTimeLimitExceeded")
        self.assertEqual(self.events.wait_for_task(result.id, "task-failed")["exception"], "SoftTimeLimitExceeded()")
        self.check_next_job()

    def test_hard_limit(self):
        with self.fleet.door.hold("/job-file/"):
            job, result = self.fleet.submit(soft_time_limit=60, time_limit=1)
            said = self.fleet.platform.wait_for_status(job, "failed")
            self.assertIn("time limit", said["error"])
            self.check_result(result, "TimeLimitExceeded", "1")
        self.events.wait_for_task(result.id, "task-failed")
        self.check_next_job()

    def test_soft_limit_while_the_device_computes(self):
        job, result = self.fleet.submit({"fftSize": 65536, "hopSize": 100}, "spectrogram", samples=1 << 23, soft_time_limit=1)
        said = self.fleet.platform.wait_for_status(job, "failed")
        self.assertIn("soft time limit", said["error"])
        self.check_result(result, "SoftTimeLimitExceeded")
        self.check_next_job()


if __name__ == "__main__":
    fleet.main()
