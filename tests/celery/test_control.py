"""Remote control: `celery inspect`, `celery control`, `celery status`, and the platform's own question for its running jobs."""
import concurrent.futures
import time

import fleet

NODE = "svi@a"


class Control(fleet.Tests):
    every_celery = True
    needs_control = True

    @classmethod
    def set_up_fleet(cls):
        cls.node = cls.fleet.serve(NODE, "-c", "2")

    def ask(self, method, **arguments):
        return self.fleet.ask(method, NODE, **arguments)

    # -- what is answered --

    def test_every_inspection_of_the_command_line(self):
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            commands = (["ping"], ["active"], ["reserved"], ["scheduled"], ["registered"], ["stats"], ["active_queues"],
                        ["revoked"], ["conf"], ["query_task", result.id], ["clock"], ["report"])
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda command: self.fleet.celery("inspect", "-d", NODE, "-t", "2", *command), commands))
            for command, (said, code) in zip(commands, answers):
                with self.subTest(command=command[0]):
                    self.assertEqual(code, 0, said)
                    self.assertIn(NODE, said)
                    if command[0] in ("active", "query_task"):
                        self.assertIn(result.id, said)
        self.fleet.platform.wait_for_status(job, "completed")

    def test_status(self):
        said, code = self.fleet.celery("status")
        self.assertEqual(code, 0, said)
        self.assertIn(f"{NODE}: OK", said)

    def test_zombie_check(self):
        """As the platform asks: every running job within a second, its number as a number, until its last status is posted."""
        with self.fleet.door.hold("/update-job-status/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            self.check_running(job, result)
        self.fleet.platform.wait_for_status(job, "completed")
        with self.fleet.door.hold("/save-job-data/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            self.check_running(job, result)
        self.fleet.platform.wait_for_status(job, "completed")
        fleet.wait_for(lambda: job not in self.fleet.active(NODE), "the job to be active no more")

    def check_running(self, job, result):
        replies = self.fleet.app.control.inspect().active()
        mine = [task for tasks in replies.values() for task in tasks if task["name"] == "jobs.tasks.submit_job"
                and task.get("args") and task["args"][0] == job]
        self.assertEqual(len(mine), 1, replies)
        task = mine[0]
        self.assertEqual((task["id"], task["type"], task["hostname"]), (result.id, "jobs.tasks.submit_job", NODE))
        self.assertEqual((task["acknowledged"], task["delivery_info"]["routing_key"]), (False, "large_jobs"))
        self.assertLess(abs(task["time_start"] - time.time()), 600)

    def test_scheduled_reserved_and_queried(self):
        job, result = self.fleet.submit(countdown=600)
        entry = fleet.wait_for(lambda: self.ask("scheduled"), "the task to be scheduled")[0]
        self.assertEqual(entry["request"]["id"], result.id)
        self.assertEqual(entry["request"]["args"][0], job)
        self.assertTrue(entry["eta"].startswith("20"))
        state, task = self.ask("query_task", ids=[result.id, "unknown"])[result.id]
        # Celery itself does not find a task here that waits for its time.
        self.assertEqual((state, task["id"]), ("scheduled", result.id))
        self.assertEqual(list(self.ask("query_task", ids=["unknown"])), [])
        self.fleet.app.control.revoke(result.id)
        self.fleet.platform.wait_for_status(job, "failed")

    def test_stats(self):
        stats = self.ask("stats")
        self.assertEqual(stats["pid"], self.node.pid)
        self.assertEqual(stats["pool"]["max-concurrency"], 2)
        self.assertEqual(stats["broker"]["transport"], {"redis": "redis", "amqp": "amqp", "folder": "filesystem"}[self.broker])
        self.assertIsInstance(stats["clock"], str)

    def test_conf(self):
        conf = self.ask("conf", with_defaults=False)
        self.assertEqual((conf["task_soft_time_limit"], conf["task_time_limit"], conf["worker_concurrency"]), (600, 900, 2))
        self.assertIn("broker_url", conf)

    def test_registered_and_queues(self):
        self.assertEqual(self.ask("registered"), ["jobs.tasks.submit_job"])
        self.assertEqual([queue["name"] for queue in self.ask("active_queues")], ["large_jobs"])

    def test_what_is_not_known(self):
        self.assertEqual(self.ask("frobnicate"), {"error": "KeyError('frobnicate')"})
        self.assertIn("TypeError", self.ask("active_queues", a=1)["error"])
        self.assertIn("error", self.ask("autoscale", max=3, min=1))

    # -- who is meant --

    def test_destinations(self):
        control = self.fleet.app.control
        self.assertEqual(control.inspect(pattern="svi@*", matcher="glob").ping(), {NODE: {"ok": "pong"}})
        self.assertIsNone(control.inspect(destination=["svi@other"]).ping())
        self.assertIsNone(control.inspect(pattern="py@*", matcher="glob").ping())

    # -- what is obeyed --

    def test_queues_come_and_go(self):
        self.assertIn("ok", self.ask("add_consumer", queue="more", exchange=None, exchange_type="direct", routing_key=None))
        self.assertEqual(sorted(queue["name"] for queue in self.ask("active_queues")), ["large_jobs", "more"])
        self.check_completed(*self.fleet.submit(queue="more"))
        self.assertIn("ok", self.ask("cancel_consumer", queue="more"))
        self.assertEqual([queue["name"] for queue in self.ask("active_queues")], ["large_jobs"])
        self.check_completed(*self.fleet.submit())

    def test_pool_grows_and_shrinks(self):
        self.assertEqual(self.ask("pool_grow", n=1), {"ok": "pool will grow"})
        self.assertEqual(self.ask("stats")["pool"]["max-concurrency"], 3)
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            jobs = [self.fleet.submit() for _ in range(3)]
            wait_until_held(3)
            self.assertEqual(sorted(self.fleet.active(NODE)), [job for job, _ in jobs])
        for job in jobs:
            self.check_completed(*job)
        self.assertEqual(self.ask("pool_shrink", n=1), {"ok": "pool will shrink"})
        self.assertEqual(self.ask("stats")["pool"]["max-concurrency"], 2)

    def test_limits_of_time_and_rate(self):
        task = "jobs.tasks.submit_job"
        self.assertEqual(self.ask("time_limit", task_name=task, hard=900, soft=600), {"ok": "time limits set successfully"})
        self.assertEqual(self.ask("rate_limit", task_name=task, rate_limit="10/m"), {"ok": "new rate limit set successfully"})
        self.assertEqual(self.ask("rate_limit", task_name=task, rate_limit=0), {"ok": "rate limit disabled successfully"})
        self.assertEqual(self.ask("rate_limit", task_name="nope", rate_limit="1/s"), {"error": "unknown task"})

    def check_completed(self, job, result):
        self.fleet.platform.wait_for_status(job, "completed")
        if self.fleet.results:
            self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))


if __name__ == "__main__":
    fleet.main()
