"""Tasks as an unmodified Celery application publishes them, and what its clients learn of their end."""
import datetime
import uuid

import fleet


class Tasks(fleet.Tests):
    every_celery = True
    @classmethod
    def set_up_fleet(cls):
        cls.node = cls.fleet.serve("svi@a", "-c", "1")
        cls.addClassCleanup(cls.check_end_of_node)

    @classmethod
    def check_end_of_node(cls):
        """What sanitizers have to say, they say at last."""
        code, log = cls.node.stop(), cls.node.log()
        if code or "Sanitizer" in log:
            raise AssertionError(f"the node ended with {code}:\n{log[-5000:]}")

    def check_completed(self, job, result):
        self.assertTrue(self.fleet.platform.wait_for_status(job, "completed")["results_id"])
        if self.fleet.results:
            self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))

    def check_raises(self, exception, result):
        if self.fleet.results:
            with self.assertRaises(exception) as caught:
                result.get(timeout=fleet.PATIENCE_S)
            return str(caught.exception)
        return None

    def meta(self, result):
        """The result as it is stored."""
        return self.fleet.app.backend.get_task_meta(result.id)

    def test_by_position(self):
        job = self.fleet.platform.add_job()
        self.check_completed(job, self.fleet.task.delay(job, self.fleet.platform.token, {"fftSize": 256}))

    def test_config_null(self):
        job = self.fleet.platform.add_job()
        self.check_completed(job, self.fleet.task.delay(job, self.fleet.platform.token, None))

    def test_by_name_on_a_connection_of_its_own(self):
        job = self.fleet.platform.add_job()
        with self.fleet.app.connection_for_write() as connection:
            result = self.fleet.task.apply_async(
                args=[job, self.fleet.platform.token], kwargs={"config": {"dimensions": {"width": 400, "height": 300}, "é": "ü€😀"}},
                connection=connection, link_error=self.fleet.app.signature("jobs.tasks.error_handler"))
        self.check_completed(job, result)

    def test_only_the_headers_that_must_be(self):
        job, task = self.fleet.platform.add_job(), str(uuid.uuid4())
        with self.fleet.app.connection_for_write() as connection:
            connection.Producer().publish([[job, self.fleet.platform.token], {}, {}], exchange="", routing_key="large_jobs",
                                          serializer="json", headers={"task": "jobs.tasks.submit_job", "id": task})
        self.check_completed(job, self.fleet.app.AsyncResult(task))

    def test_result_as_python_stores_it(self):
        self.needs_results()
        job, result = self.fleet.submit()
        result.get(timeout=fleet.PATIENCE_S)
        meta = self.meta(result)
        self.assertEqual(meta["status"], "SUCCESS")
        self.assertEqual((meta["result"], meta["traceback"], meta["children"], meta["retries"]), (None, None, [], 0))
        self.assertEqual((meta["name"], meta["worker"], meta["queue"]), ("jobs.tasks.submit_job", "svi@a", "large_jobs"))
        self.assertEqual(meta["args"][0], job)
        self.assertEqual(meta["task_id"], result.id)
        done = result.date_done
        if isinstance(done, str):
            done = datetime.datetime.fromisoformat(done)
        age = datetime.datetime.now(datetime.timezone.utc) - done.replace(tzinfo=done.tzinfo or datetime.timezone.utc)
        self.assertLess(abs(age.total_seconds()), 60)
        self.assertTrue(0 < self.fleet.redis.ttl(f"celery-task-meta-{result.id}") <= 86400)

    def test_bad_parameter_raises_value_error(self):
        job, result = self.fleet.submit({"fftSize": 7})
        said = self.fleet.platform.wait_for_status(job, "failed")
        message = self.check_raises(ValueError, result)
        if self.fleet.results:
            self.assertIn("fftSize", message)
            self.assertEqual(said["error"], message)
            self.assertEqual(result.state, "FAILURE")

    def test_a_job_that_is_not_there(self):
        result = self.fleet.task.delay(999999, self.fleet.platform.token, None)
        self.check_raises(Exception, result)
        self.fleet_is_alive()

    def test_ignored_result_is_not_stored(self):
        self.needs_results()
        job, result = self.fleet.submit(ignore_result=True)
        self.fleet.platform.wait_for_status(job, "completed")
        # A later job's result is there: this one's would be, too.
        self.fleet.submit()[1].get(timeout=fleet.PATIENCE_S)
        self.assertIsNone(self.fleet.redis.get(f"celery-task-meta-{result.id}"))

    def test_unknown_task(self):
        result = self.fleet.app.send_task("jobs.tasks.nope", (1,), queue="large_jobs")
        if self.fleet.results:
            with self.assertRaises(Exception) as caught:
                result.get(timeout=fleet.PATIENCE_S)
            self.assertEqual(type(caught.exception).__name__, "NotRegistered")
        self.fleet_is_alive()

    def test_eta(self):
        begin = datetime.datetime.now(datetime.timezone.utc)
        job, result = self.fleet.submit(countdown=2)
        # A lane is free for others meanwhile.
        self.check_completed(*self.fleet.submit())
        self.assertEqual(self.fleet.platform.status(job), "submitted")
        self.check_completed(job, result)
        self.assertGreaterEqual((datetime.datetime.now(datetime.timezone.utc) - begin).total_seconds(), 2)

    def test_eta_with_another_offset(self):
        east = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        job, result = self.fleet.submit(eta=datetime.datetime.now(east) - datetime.timedelta(seconds=1))
        self.check_completed(job, result)

    def submit_expired(self):
        """RabbitMQ drops what has expired unless a node is ready for it at that very moment: then another is sent."""
        for tries_left in reversed(range(3 if self.broker == "amqp" else 1)):
            job, result = self.fleet.submit(expires=datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1))
            try:
                self.fleet.platform.wait_for_status(job, "failed", 10 if tries_left else fleet.PATIENCE_S)
                return result
            except AssertionError:
                if not tries_left:
                    raise

    def test_expired(self):
        result = self.submit_expired()
        if self.fleet.results:
            self.assertIn("expired", self.check_raises(self.revoked_error(), result))
            self.assertEqual(result.state, "REVOKED")

    def test_what_waits_runs_in_order(self):
        """One lane: three jobs that were queued while it was busy. Redis serves the priority 0 first, AMQP knows none here."""
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            blocker = self.fleet.submit()
            wait_until_held()
            low, high = self.fleet.submit(priority=9), self.fleet.submit(priority=0)
            middle = self.fleet.submit(priority=5)
        for job, result in (blocker, low, high, middle):
            self.check_completed(job, result)
        wanted = [high[0], middle[0], low[0]] if self.broker == "redis" else [low[0], high[0], middle[0]]
        self.assertEqual(self.order_of(wanted), wanted)

    def order_of(self, jobs):
        """The jobs as they were begun."""
        begun = [int(path.rstrip("/").rsplit("/", 1)[1]) for _, path, _ in self.fleet.door.seen if "/job-metadata/" in path]
        return sorted(jobs, key=begun.index)

    def test_platform_that_answers_503_once_more(self):
        """A retry of Celery's kind: the same task again, and `running` in between."""
        with self.fleet.door.spoil("/job-metadata/", times=10**6) as rule:
            job, result = self.fleet.submit()
            if self.fleet.results:
                fleet.wait_for(lambda: result.state == "RETRY", "a retry")
            else:
                self.node.wait_for_line("retry in")
            self.assertEqual(self.fleet.platform.status(job), "running")
            rule["times"] = 0
        self.check_completed(job, result)
        if self.fleet.results:
            self.assertGreaterEqual(self.meta(result)["retries"], 1)

    def needs_results(self):
        if not self.fleet.results:
            self.skipTest("no results over a folder")

    def revoked_error(self):
        from celery.exceptions import TaskRevokedError
        return TaskRevokedError

    def fleet_is_alive(self):
        self.check_completed(*self.fleet.submit())


if __name__ == "__main__":
    fleet.main()
