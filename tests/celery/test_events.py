"""Events as a monitor receives them: the node's life, and a task's."""
import base64
import json
import os
import time

import fleet

NODE = "svi@a"


class Events(fleet.Tests):
    every_celery = True
    needs_control = True

    @classmethod
    def set_up_fleet(cls):
        cls.events = cls.fleet.events()
        cls.addClassCleanup(cls.events.stop)
        cls.node = cls.fleet.serve(NODE)

    def test_heartbeats(self):
        beat = self.events.wait_for_node(NODE)
        self.assertEqual((beat["freq"], beat["pid"], beat["active"]), (2.0, self.node.pid, 0))
        self.assertLess(abs(beat["timestamp"] - time.time()), 60)
        self.assertEqual(beat["sw_sys"], os.uname().sysname)
        self.assertEqual(len(beat["loadavg"]), 3)

        def two():
            return [event for event in list(self.events.seen) if event["type"] == "worker-heartbeat"][1:]
        later = fleet.wait_for(two, "a second heartbeat")[0]
        self.assertTrue(1.5 < later["timestamp"] - beat["timestamp"] < 4, (beat, later))
        self.assertGreater(later["clock"], beat["clock"])

    def test_success(self):
        self.events.wait_for_node(NODE)
        job, result = self.fleet.submit()
        done = self.events.wait_for_task(result.id, "task-succeeded")
        self.assertEqual(self.events.kinds(result.id), ["task-received", "task-started", "task-succeeded"])
        self.assertEqual((done["result"], done["hostname"]), ("None", NODE))
        self.assertTrue(0 < done["runtime"] < fleet.PATIENCE_S)
        received = self.events.wait_for_task(result.id, "task-received")
        self.assertEqual((received["name"], received["retries"], received["eta"]), ("jobs.tasks.submit_job", 0, None))
        self.assertTrue(received["args"].startswith(f"({job}, "), received["args"])
        self.fleet.platform.wait_for_status(job, "completed")

    def test_failure(self):
        self.events.wait_for_node(NODE)
        _, result = self.fleet.submit({"fftSize": 7})
        failed = self.events.wait_for_task(result.id, "task-failed")
        self.assertTrue(failed["exception"].startswith("ValueError("), failed)
        self.assertIn("traceback", failed)
        self.assertEqual(self.events.kinds(result.id), ["task-received", "task-started", "task-failed"])

    def test_retry(self):
        self.events.wait_for_node(NODE)
        with self.fleet.door.spoil("/job-metadata/", times=10**6) as rule:
            job, result = self.fleet.submit()
            self.events.wait_for_task(result.id, "task-retried")
            rule["times"] = 0
        self.events.wait_for_task(result.id, "task-succeeded")
        kinds = self.events.kinds(result.id)
        self.assertEqual(sorted(kinds[:3]), ["task-received", "task-retried", "task-started"])
        self.assertEqual(kinds[-1], "task-succeeded")
        self.fleet.platform.wait_for_status(job, "completed")

    def test_switched_off_and_on(self):
        self.events.wait_for_node(NODE)
        self.assertEqual(self.fleet.ask("disable_events", NODE), {"ok": "task events disabled"})
        job, silent = self.fleet.submit()
        self.fleet.platform.wait_for_status(job, "completed")
        fleet.wait_for(lambda: not self.fleet.active(NODE), "the task's end")
        self.assertEqual(self.fleet.ask("enable_events", NODE), {"ok": "task events enabled"})
        self.assertEqual(self.fleet.ask("enable_events", NODE), {"ok": "task events already enabled"})
        _, told = self.fleet.submit()
        self.events.wait_for_task(told.id, "task-succeeded")
        self.assertEqual(self.events.kinds(silent.id), [])

    def test_online_and_offline(self):
        other = self.fleet.serve("svi@leaving")
        self.events.wait_for_node("svi@leaving", "worker-online")
        other.stop()
        self.events.wait_for_node("svi@leaving", "worker-offline")

    def test_state_of_celery(self):
        """The state that monitors keep understands everything."""
        job, result = self.fleet.submit()
        self.events.wait_for_task(result.id, "task-succeeded")
        state = self.fleet.app.events.State()
        for event in list(self.events.seen):
            state.event(dict(event))
        self.assertTrue(state.workers[NODE].alive)
        task = state.tasks[result.id]
        self.assertEqual((task.state, task.worker.hostname, task.name), ("SUCCESS", NODE, "jobs.tasks.submit_job"))
        self.fleet.platform.wait_for_status(job, "completed")


class Unheard(fleet.Tests):
    """Over a folder a task's events are not made before somebody listens. The listener is a row in a table, and reads files: older
    versions of kombu cannot."""
    brokers = ("folder",)

    @classmethod
    def set_up_fleet(cls):
        cls.fleet.serve(NODE)

    def files(self, ending):
        folder = self.fleet.broker.folder
        return [os.path.join(found, name) for found, _, names in os.walk(folder) for name in names if name.endswith(ending)]

    def done(self):
        """A task that the node has told all about that it will ever tell."""
        _, result = self.fleet.submit()
        fleet.wait_for(lambda: not self.files(".large_jobs.msg"), "the task's end")
        return result.id

    def heard(self):
        events = []
        for path in sorted(self.files(".listener.msg")):
            with open(path, encoding="utf-8") as message:
                body = json.loads(base64.b64decode(json.load(message)["body"]))
            events += body if isinstance(body, list) else [body]
        return [(event["type"], event["uuid"]) for event in events if event["type"].startswith("task-") and event["hostname"] == NODE]

    def test_told_once_somebody_listens(self):
        self.done()
        with open(os.path.join(self.fleet.broker.options["control_folder"], "celeryev.exchange"), "w", encoding="utf-8") as table:
            json.dump([["#", "", "listener"]], table)
        told = self.done()
        fleet.wait_for(lambda: ("task-succeeded", told) in self.heard(), "the end of the task that is listened to")
        self.assertEqual(self.heard(), [(kind, told) for kind in ("task-received", "task-started", "task-succeeded")])


if __name__ == "__main__":
    fleet.main()
