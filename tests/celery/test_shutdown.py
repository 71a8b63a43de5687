"""Nodes that are told to leave, and what becomes of their jobs."""
import signal

import fleet

WAITING = "svi@other"


class Shutdown(fleet.Tests):
    def start(self, *options, node="svi@a"):
        """A node with one lane, which does not outlive the test."""
        process = self.fleet.serve(node, "-c", "1", *options)
        self.addCleanup(process.kill)
        return process

    def check_leaves_warm(self, tell, exit_code=0):
        """One job runs, one waits: the first one ends, the second is another's."""
        node = self.start()
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            second, second_result = self.fleet.submit()
            third, _ = self.fleet.submit()
            tell(node)
            node.wait_for_line("shutting down")
            if self.has_control():
                for _ in range(3):
                    self.assertEqual(self.fleet.active(), [job])
            self.assertTrue(node.running())
        self.assertEqual(node.wait(), exit_code, node.log()[-2000:])
        self.assertEqual(self.fleet.platform.status(job), "completed")
        if self.fleet.results:
            self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
        self.assertEqual(self.fleet.platform.status(second), "submitted")
        self.check_served_by_another([second, third])

    def check_served_by_another(self, jobs):
        """Every one of them is completed, in this order."""
        begin = len(self.fleet.door.seen)
        other = self.start(node=WAITING)
        for job in jobs:
            self.fleet.platform.wait_for_status(job, "completed")
        begun = [int(path.rstrip("/").rsplit("/", 1)[1]) for _, path, _ in self.fleet.door.seen[begin:] if "/job-metadata/" in path]
        # A job that was in somebody's hands before is asked for twice.
        self.assertEqual([job for job in dict.fromkeys(begun) if job in jobs], jobs)
        self.assertEqual(other.stop(), 0)

    def has_control(self):
        import kombu
        return self.broker != "folder" or kombu.VERSION[:2] >= (5, 3)

    def test_sigterm(self):
        self.check_leaves_warm(lambda node: node.signal(signal.SIGTERM))

    def test_sigint(self):
        self.check_leaves_warm(lambda node: node.signal(signal.SIGINT))

    def test_shutdown_command(self):
        if not self.has_control():
            self.skipTest("kombu's folder has no remote control before 5.3")
        self.check_leaves_warm(lambda _: self.fleet.app.control.shutdown(destination=["svi@a"]))

    def check_leaves_cold(self, *signals, options=()):
        """The job that runs is handed back, untouched, and goes first at the next node."""
        node = self.start(*options)
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            second, _ = self.fleet.submit()
            for number in signals:
                node.signal(number)
                node.wait_for_line("shutting down")
            self.assertEqual(node.wait(), 1)
            self.assertEqual(self.fleet.platform.status(job), "running")
            if self.fleet.results:
                self.assertEqual(result.state, "PENDING")
        self.check_served_by_another([job, second])

    def test_sigquit(self):
        self.check_leaves_cold(signal.SIGQUIT)

    def test_sigterm_twice(self):
        self.check_leaves_cold(signal.SIGTERM, signal.SIGTERM)

    def test_sigquit_with_early_acks(self):
        """What the broker has forgotten already is queued anew: behind the others, where the broker knows no other place."""
        node = self.start("--acks", "early")
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, _ = self.fleet.submit()
            wait_until_held()
            node.signal(signal.SIGQUIT)
            self.assertEqual(node.wait(), 1)
        self.check_served_by_another([job])

    def test_sighup_changes_nothing(self):
        node = self.start()
        node.signal(signal.SIGHUP)
        node.wait_for_line("SIGHUP reloads nothing")
        job, _ = self.fleet.submit()
        self.fleet.platform.wait_for_status(job, "completed")
        self.assertEqual(node.stop(), 0)

    def test_scheduled_tasks_are_handed_back(self):
        node = self.start()
        job, _ = self.fleet.submit(countdown=3)
        node.wait_for_line(f"received: job {job}")
        self.assertEqual(node.stop(), 0)
        self.check_served_by_another([job])

    def test_killed_node_goes_on_with_its_own(self):
        """kill -9: the same node, started again, has its job at once, without waiting for the broker to give it up."""
        node = self.start()
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, _ = self.fleet.submit()
            wait_until_held()
            node.kill()
        node.start_again()
        self.fleet.platform.wait_for_status(job, "completed")
        self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    fleet.main()
