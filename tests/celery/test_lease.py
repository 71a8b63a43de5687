"""What a node holds on Redis: its peers take it over when the node is gone, and never before. All names with a prefix."""
import time

import fleet

VISIBILITY_S = 2


class Lease(fleet.Tests):
    brokers = ("redis",)
    options = {"broker_options": {"global_keyprefix": "svi:", "visibility_timeout": VISIBILITY_S}}

    def lease(self):
        """When the one message that is held was last renewed; 0: none is."""
        held = self.fleet.redis.zrange("svi:unacked_index", 0, -1, withscores=True)
        return held[0][1] if held else 0

    def test_kept_while_the_node_lives(self):
        node = self.fleet.serve("svi@a", "-c", "1")
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            begin = time.time()
            fleet.wait_for(lambda: self.lease() > begin + VISIBILITY_S + 1, "the lease to be renewed")
            # Both look for what has been left behind: a worker at its start, a client that waits for replies.
            python = self.fleet.python_worker("py@a")
            self.assertEqual(self.fleet.active("svi@a"), [job])
            self.assertEqual(self.fleet.redis.hlen("svi:unacked"), 1)
            self.assertNotIn(result.id, python.log())
        self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
        self.assertEqual(self.fleet.app.backend.get_task_meta(result.id)["worker"], "svi@a")
        python.stop()
        node.stop()

    def test_given_up_when_the_node_is_killed(self):
        node = self.fleet.serve("svi@a", "-c", "1")
        with self.fleet.door.hold("/update-job-status/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            node.kill()
        last = self.lease()
        self.assertTrue(last)
        fleet.wait_for(lambda: time.time() > last + VISIBILITY_S, "the lease to end")
        python = self.fleet.python_worker("py@a")
        self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
        self.assertEqual(self.fleet.app.backend.get_task_meta(result.id)["worker"], "py@a")
        self.fleet.platform.wait_for_status(job, "completed")
        python.stop()

    def test_names_have_the_prefix(self):
        node = self.fleet.serve("svi@a", "-c", "1")
        self.assertEqual(self.fleet.app.control.inspect(destination=["svi@a"]).ping(), {"svi@a": {"ok": "pong"}})
        job, result = self.fleet.submit()
        self.assertIsNone(result.get(timeout=fleet.PATIENCE_S))
        names = [key.decode() for key in self.fleet.redis.scan_iter("*")]
        self.assertEqual([name for name in names if not name.startswith(("svi:", "celery-task-meta-"))], [])
        self.fleet.platform.wait_for_status(job, "completed")
        node.stop()


if __name__ == "__main__":
    fleet.main()
