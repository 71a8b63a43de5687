"""A whole system of svi-worker alone: platform, nodes and user, with nothing between them but the broker."""
import os
import subprocess

import fleet


class Whole(fleet.Tests):
    options = {"feeding": True}

    @classmethod
    def set_up_fleet(cls):
        cls.nodes = [cls.fleet.serve("svi@a"), cls.fleet.serve("svi@b")]
        cls.recording = os.path.join(cls.fleet.folder, "tone_100M_1000k.cu8")
        with open(cls.recording, "wb") as out:
            out.write(bytes(range(256)) * 64)

    def submit(self, *options, **variables):
        done = subprocess.run([self.fleet.program, "submit", "--api-url", self.fleet.platform.url, *options, self.recording],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, check=False,
                              timeout=fleet.PATIENCE_S,
                              env=dict(fleet.ENVIRONMENT, SVI_TOKEN=self.fleet.platform.token, **variables))
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_what_is_submitted_is_drawn(self):
        pictures = os.path.join(self.fleet.folder, "pictures")
        said = self.submit("--type", "waterfall", "--type", "periodogram", "--set", "fftSize=256", "-o", pictures)
        self.assertEqual(said.count("completed"), 2)
        for name in ("waterfall.png", "periodogram.json"):
            self.assertGreater(os.path.getsize(os.path.join(pictures, name)), 100)

    def test_jobs_are_shared(self):
        with self.fleet.door.hold("/job-metadata/") as wait_until_held:
            for _ in range(4):
                self.submit("--type", "periodogram")
            # Two lanes each.
            wait_until_held(4)
            for node in self.nodes:
                self.assertEqual(node.log().count(" received: job "), 2)

    def test_submit_queues_where_the_platform_does_not(self):
        """A second task for a job that the platform has queued already: it is done once in effect."""
        said = self.submit("--type", "periodogram", "--set", "fftSize=256", "--wait", SVI_BROKER=self.fleet.broker.url)
        self.assertIn("completed", said)


if __name__ == "__main__":
    fleet.main()
