"""What a node tells Prometheus of itself, against what it was given to do; read by Prometheus's own client, where Python has it."""
import http.client
import re

import fleet

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    text_string_to_metric_families = None

NODE = "svi@a"


class Metrics(fleet.Tests):
    every_celery = True

    @classmethod
    def set_up_fleet(cls):
        cls.node = cls.fleet.serve(NODE, "-c", "1", "--metrics", "127.0.0.1:0")
        cls.port = int(cls.node.wait_for_line(r"metrics are told at http://127\.0\.0\.1:(\d+)/metrics").group(1))

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=fleet.PATIENCE_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def samples(self):
        status, text = self.get("/metrics")
        self.assertEqual(status, 200)
        if text_string_to_metric_families:
            found = {}
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    found[sample.name + "".join(sorted(sample.labels.values()))] = sample.value
            return found
        lines = (re.match(r'([a-z_]+)(?:\{(.*)\})? (\S+)$', line) for line in text.splitlines() if not line.startswith("#"))
        return {match[1] + "".join(sorted(re.findall(r'"(.*?)"', match[2] or ""))): float(match[3]) for match in lines}

    def check_grown(self, before, **grown):
        def difference():
            now = self.samples()
            return {name: now["svi_worker_" + name] - before["svi_worker_" + name] for name in grown}
        fleet.wait_for(lambda: difference() == grown, f"{grown}, not {difference()}")

    def test_jobs_are_counted(self):
        before = self.samples()
        for _ in range(2):
            job, _ = self.fleet.submit()
            self.fleet.platform.wait_for_status(job, "completed")
        self.check_grown(before, tasks_received_total=2, jobs_totalcompleted=2, jobs_totalfailed=0, job_seconds_count=2,
                         pictures_total=2, renderer_deaths_total=0)
        now = self.samples()
        for stage in ("fetch", "draw", "post"):
            name = "svi_worker_stage_seconds_total" + stage
            self.assertGreater(now[name], before[name])
        self.assertGreaterEqual(now["svi_worker_fetched_bytes_total"] - before["svi_worker_fetched_bytes_total"], 2 * 4096)
        self.assertGreaterEqual(now["svi_worker_job_seconds_sum"], before["svi_worker_job_seconds_sum"])

    def test_failures_are_counted(self):
        before = self.samples()
        job, _ = self.fleet.submit({"fftSize": -1})
        self.fleet.platform.wait_for_status(job, "failed")
        self.check_grown(before, jobs_totalfailed=1, jobs_totalcompleted=0, pictures_total=0)

    def test_what_is_at_work_and_what_was_revoked(self):
        if self.broker == "folder":
            self.skipTest("kombu's folder has remote control since 5.3 alone")
        before = self.samples()
        with self.fleet.door.hold("/job-file/") as wait_until_held:
            running, _ = self.fleet.submit()
            wait_until_held()
            fleet.wait_for(lambda: self.samples()["svi_worker_jobs_active"] == 1, "the job to be seen")
            revoked, result = self.fleet.submit()
            self.fleet.ask("revoke", NODE, task_id=result.id, terminate=False, signal="SIGTERM")
        for each, status in ((running, "completed"), (revoked, "failed")):
            self.fleet.platform.wait_for_status(each, status)
        self.check_grown(before, jobs_totalrevoked=1, jobs_totalcompleted=1)
        fleet.wait_for(lambda: self.samples()["svi_worker_jobs_active"] == 0, "no job to be seen")

    def test_node_is_ready(self):
        self.assertEqual(self.get("/readyz"), (200, "ready\n"))
        self.assertEqual(self.get("/healthz"), (200, "ok\n"))
        now = self.samples()
        self.assertEqual((now["svi_worker_broker_connected"], now["svi_worker_lanes"]), (1, 1))

    def test_nothing_secret_is_told(self):
        for path in ("/metrics", "/healthz", "/readyz", "/x"):
            _, text = self.get(path)
            for secret in (fleet.PASSWORD, self.fleet.platform.token):
                self.assertNotIn(secret, text)


if __name__ == "__main__":
    fleet.main()
