"""What Flower's HTTP API tells of our node."""
import json
import urllib.request

import fleet

NODE = "svi@a"


class Flower(fleet.Tests):
    # Flower opens its broker by the URL alone.
    brokers = ("redis", "amqp")

    @classmethod
    def set_up_fleet(cls):
        cls.flower = cls.fleet.flower()
        cls.fleet.serve(NODE)

    def get(self, path):
        with urllib.request.urlopen(self.flower.url + path, timeout=fleet.PATIENCE_S) as answer:
            return json.load(answer)

    def test_node_is_online(self):
        fleet.wait_for(lambda: self.get("/api/workers?status=true").get(NODE), "the node to be online")

    def test_node_is_inspected(self):
        fleet.wait_for(lambda: self.get("/api/workers?status=true").get(NODE), "the node to be online")
        worker = self.get(f"/api/workers?refresh=true&workername={NODE}")[NODE]
        self.assertEqual(worker["registered"], ["jobs.tasks.submit_job"])
        self.assertEqual([queue["name"] for queue in worker["active_queues"]], ["large_jobs"])
        self.assertIn("pool", worker["stats"])
        self.assertIn("broker_url", worker["conf"])
        with urllib.request.urlopen(f"{self.flower.url}/worker/{NODE}", timeout=fleet.PATIENCE_S) as page:
            self.assertIn(NODE, page.read().decode())

    def test_task_from_received_to_its_end(self):
        fleet.wait_for(lambda: self.get("/api/workers?status=true").get(NODE), "the node to be online")
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            job, result = self.fleet.submit()
            wait_until_held()
            fleet.wait_for(lambda: self.state(result) == "STARTED", "Flower to see it started")
        fleet.wait_for(lambda: self.state(result) == "SUCCESS", "Flower to see its success")
        task = self.get("/api/tasks")[result.id]
        self.assertEqual((task["worker"], task["name"]), (NODE, "jobs.tasks.submit_job"))
        self.assertTrue(task["received"] <= task["started"] <= task["succeeded"])
        self.fleet.platform.wait_for_status(job, "completed")

    def test_failed_task(self):
        fleet.wait_for(lambda: self.get("/api/workers?status=true").get(NODE), "the node to be online")
        _, result = self.fleet.submit({"fftSize": 7})
        fleet.wait_for(lambda: self.state(result) == "FAILURE", "Flower to see its failure")
        self.assertIn("ValueError", self.get("/api/tasks")[result.id]["exception"])

    def state(self, result):
        return self.get("/api/tasks").get(result.id, {}).get("state")


if __name__ == "__main__":
    fleet.main()
