"""Workers of ours and of Python's on one queue."""
import fleet

NODE, PYTHON = "svi@a", "py@a"


class Peers(fleet.Tests):
    every_celery = True
    brokers = ("redis", "amqp")

    @classmethod
    def set_up_fleet(cls):
        cls.ours = cls.fleet.serve(NODE, "-c", "1")
        cls.python = cls.fleet.python_worker(PYTHON)
        cls.events = cls.fleet.events()
        cls.addClassCleanup(cls.events.stop)
        cls.events.wait_for_node(NODE)
        cls.events.wait_for_node(PYTHON)

    def only(self, node):
        """From now on, the queue is served by this node alone."""
        for other in (NODE, PYTHON):
            if other != node:
                self.assertIn("ok", self.fleet.ask("cancel_consumer", other, queue="large_jobs"))
        if node:
            self.assertIn("ok", self.fleet.ask("add_consumer", node, queue="large_jobs"))

    def all(self):
        for node in (NODE, PYTHON):
            self.assertIn("ok", self.fleet.ask("add_consumer", node, queue="large_jobs"))

    def worker_of(self, result):
        return self.fleet.app.backend.get_task_meta(result.id)["worker"]

    def test_both_are_seen(self):
        self.assertEqual(self.fleet.app.control.inspect().ping(), {NODE: {"ok": "pong"}, PYTHON: {"ok": "pong"}})

    def test_each_has_its_share(self):
        self.all()
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            # Python holds one more than it works on.
            jobs = [self.fleet.submit() for _ in range(3)]
            wait_until_held(2)
            self.assertEqual((len(self.fleet.active(NODE)), len(self.fleet.active(PYTHON))), (1, 1))
        jobs += [self.fleet.submit() for _ in range(20)]
        for job, result in jobs:
            self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
            self.assertEqual(self.fleet.platform.status(job), "completed")
        self.assertEqual({self.worker_of(result) for _, result in jobs}, {NODE, PYTHON})
        for _, result in jobs:
            self.assertEqual([event["type"] for event in self.events.of_task(result.id)].count("task-started"), 1)

    def test_our_retry_is_executed_by_python(self):
        self.only(NODE)
        with self.fleet.door.spoil("/job-metadata/", times=10**6) as rule:
            job, result = self.fleet.submit()
            fleet.wait_for(lambda: job in self.fleet.active(NODE), "the first attempt")
            self.only(None)
            fleet.wait_for(lambda: result.state == "RETRY", "a retry")
            rule["times"] = 0
        self.only(PYTHON)
        self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
        self.fleet.platform.wait_for_status(job, "completed")
        meta = self.fleet.app.backend.get_task_meta(result.id)
        self.assertEqual((meta["worker"], meta["retries"], meta["parent_id"]), (PYTHON, 1, result.id))

    def test_retry_of_python_is_executed_by_us(self):
        self.only(PYTHON)
        with self.fleet.door.spoil("/save-job-data/", times=1):
            with self.fleet.door.hold("/job-metadata/") as wait_until_held:
                job, result = self.fleet.submit()
                wait_until_held()
                self.assertEqual(self.fleet.active(PYTHON), [job])
                self.only(None)
            fleet.wait_for(lambda: result.state == "RETRY", "a retry of Python's")
        self.only(NODE)
        self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
        self.fleet.platform.wait_for_status(job, "completed")
        meta = self.fleet.app.backend.get_task_meta(result.id)
        self.assertEqual((meta["worker"], meta["retries"]), (NODE, 1))

    def test_python_learns_what_is_revoked(self):
        """hello: the answer's numbers are what Python's collection of revoked ids takes."""
        _, result = self.fleet.submit(countdown=600)
        self.fleet.app.control.revoke(result.id)
        fleet.wait_for(lambda: result.id in self.fleet.ask("revoked", NODE), "our node to know")
        later = self.fleet.python_worker("py@later", queues="nothing")
        # Ready is what it says before it hears.
        fleet.wait_for(lambda: result.id in (self.fleet.ask("revoked", "py@later") or []), "the later one to know")
        self.assertNotIn("Traceback", later.log())
        later.stop()
        ours = self.fleet.serve("svi@later", "-Q", "nothing")
        self.assertIn(result.id, self.fleet.ask("revoked", "svi@later"))
        ours.stop()

    def test_name_that_is_taken(self):
        again = self.fleet.serve(NODE, wait=False)
        self.assertEqual(again.wait(), 2)
        self.assertIn(f"There is a node {NODE} already", again.log())


if __name__ == "__main__":
    fleet.main()
